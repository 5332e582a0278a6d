/** The parts of the figures' files. */
#ifndef IMAGRID_REPORT_FIGURE_H
#define IMAGRID_REPORT_FIGURE_H

#include "output/files.h"
#include "results/report.h"

/** Whether ig_report_draw has anything to draw. */
bool ig_report_has_figures(const ig_report *report);
/** All figures of an ig_report (`what`) into an open folder, where nobody else can write. */
ig_status ig_report_draw_all(const void *what, const ig_folder *folder, ig_error *error);

/** Smallest and largest positive coordinates drawn; low > high where there are none. */
typedef struct ig_extent {
    double x_low, x_high, y_low, y_high;
} ig_extent;

/** Take in a point; what is not positive and finite has no place on logarithmic axes. */
void ig_extent_include(ig_extent *extent, double x, double y);

/** The gnuplot script: this figure's variables, then tools/figures/loglog-fits.gp. */
void ig_figure_write_script(const ig_report *report, FILE *file, ig_extent *extent);

/** A line of n numbers of a data file. */
void ig_figure_put_numbers(FILE *file, const double *numbers, size_t n);
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
