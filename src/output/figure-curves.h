/** A figure of a curve in the making. */
#ifndef IMAGRID_REPORT_FIGURE_CURVES_H
#define IMAGRID_REPORT_FIGURE_CURVES_H

#include "output/outputs.h"

/** What an axis shows. */
typedef struct ig_axis_range {
    double low, high;
} ig_axis_range;

/** One figure: panels first ... first + n - 1 of a curve, with their lines begin ... end - 1. */
typedef struct ig_curve_page {
    const ig_report_curve *curve;
    const char *footer; /**< small, in the corner */
    char *name;         /**< file name without suffix, owned */
    size_t first, n;
    size_t begin, end;
    ig_axis_range x, y[IG_CURVE_PANELS];
} ig_curve_page;

/** Whether an axis has a place for a number. */
bool ig_curve_shown(bool logarithmic, double number);

/** The variables of tools/figures/curves.gp, and the script. */
void ig_curve_write_script(const ig_curve_page *page, FILE *file);

#endif
