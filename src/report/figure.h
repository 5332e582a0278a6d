/** The parts of the figure's files. */
#ifndef IMAGRID_REPORT_FIGURE_H
#define IMAGRID_REPORT_FIGURE_H

#include "report/internal.h"

/** Smallest and largest positive coordinates drawn; low > high where there are none. */
typedef struct ig_extent {
    double x_low, x_high, y_low, y_high;
} ig_extent;

/** The gnuplot script: this figure's variables, then tools/figures/loglog-fits.gp. */
void ig_figure_write_script(const ig_report *report, FILE *file, ig_extent *extent);

#endif
