/** Text files of a report: in place when they are whole, write errors never lost. */
#ifndef IMAGRID_REPORT_TEXT_FILE_H
#define IMAGRID_REPORT_TEXT_FILE_H

#include <stdio.h>

#include "output/folder.h"

enum { IG_NUMBER_TEXT = 32 };

/** Begin NAME in a folder, as NAME.partial. A file or link that has the name stays until
 *  ig_text_close replaces it; what a link leads to is never touched. */
ig_status ig_text_open(const ig_folder *folder, const char *name, FILE **file, ig_error *error);

/** End what ig_text_open began, NULL being fine: it gets its name if `so_far` is IG_OK and every
 *  write succeeded, and is removed otherwise. Returns `so_far` unless that is IG_OK. */
ig_status ig_text_close(FILE **file, const ig_folder *folder, const char *name, ig_status so_far,
                        ig_error *error);

/** The shortest decimal number that reads back to the same double; "nan", "inf", "-inf". */
const char *ig_number_text(double number, char text[IG_NUMBER_TEXT]);

#endif
