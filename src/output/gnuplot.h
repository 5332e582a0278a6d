/** gnuplot, run without a shell. */
#ifndef IMAGRID_REPORT_GNUPLOT_H
#define IMAGRID_REPORT_GNUPLOT_H

#include "output/files.h"

/** Run `gnuplot SCRIPT` in a folder and wait for it; the PDF picture gets a fixed date. IG_ERR_IO
 *  with the way out in the message where gnuplot is missing or fails, without pictures then; its
 * own messages go nowhere. */
ig_status ig_gnuplot_run(const ig_folder *folder, const char *script, ig_error *error);

#endif
