/** The parts of the figures' files. */
#ifndef IMAGRID_REPORT_FIGURE_H
#define IMAGRID_REPORT_FIGURE_H

#include "output/files.h"

/** A gnuplot string in quotes; `name = STRING`; NAME_low and NAME_high of a logarithmic axis. */
void ig_figure_put_quoted(FILE *file, const char *text);
void ig_figure_put_variable(FILE *file, const char *name, const char *text);
void ig_figure_put_range(FILE *file, const char *axis, double low, double high);
/** The line in the corner, the axes that are logarithmic ("x y"; may be empty) and the lines that
 *  all figures share, tools/figures/common.gp; the figure's variables stand in front. */
void ig_figure_put_common(FILE *file, const char *footer, const char *log_axes);
/** The lines of a script, NULL-terminated. */
void ig_figure_put_lines(FILE *file, const char *const *lines);

#endif
