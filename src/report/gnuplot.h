/** gnuplot, run without a shell. */
#ifndef IMAGRID_REPORT_GNUPLOT_H
#define IMAGRID_REPORT_GNUPLOT_H

#include "imagrid/error.h"

/** Run `gnuplot SCRIPT` in folder `directory` and wait for it; the PDF picture gets a fixed date.
 *  IG_ERR_IO with the way out in the
 *  message where gnuplot is missing or fails; its own messages go to stderr. */
ig_status ig_gnuplot_run(const char *directory, const char *script, ig_error *error);

#endif
