/** Text files of a report: folders made on the way, write errors never lost. */
#ifndef IMAGRID_REPORT_TEXT_FILE_H
#define IMAGRID_REPORT_TEXT_FILE_H

#include <stdio.h>

#include "imagrid/error.h"

enum { IG_NUMBER_TEXT = 32 };

/** Make a folder and those above it; one that is there is fine. */
ig_status ig_folder_make(const char *path, ig_error *error);

/** "DIRECTORY/NAME", malloc'd; NULL without memory. */
char *ig_path_join(const char *directory, const char *name);

/** Create DIRECTORY/NAME, or empty it. */
ig_status ig_text_open(const char *directory, const char *name, FILE **file, ig_error *error);

/** Close what ig_text_open gave and report any write that failed; NULL is fine. */
ig_status ig_text_close(FILE **file, const char *directory, const char *name, ig_error *error);

/** The shortest decimal number that reads back to the same double; "nan", "inf", "-inf". */
const char *ig_number_text(double number, char text[IG_NUMBER_TEXT]);

#endif
