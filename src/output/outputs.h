/** The tables and figures of the kinds of results, each made once for every output. */
#ifndef IMAGRID_REPORT_OUTPUTS_H
#define IMAGRID_REPORT_OUTPUTS_H

#include "output/files.h"
#include "output/table.h"
#include "results/curves.h"
#include "results/ratios.h"

/** FOLDER/agreement.csv. */
ig_status ig_agreement_write_csv(const ig_report *report, const ig_folder *folder, ig_error *error);
/** The table for summary.h5, dimension `agreement`. */
ig_status ig_agreement_table(const ig_report *report, ig_table *table, ig_error *error);
/** One log-log scatter for each figure that groups name. */
ig_status ig_agreement_draw(const ig_report *report, const ig_folder *folder, ig_error *error);

/** FOLDER/curves.csv and, where a curve has a table of optima, FOLDER/optima.csv. */
ig_status ig_curves_write_csv(const ig_report *report, const ig_folder *folder, ig_error *error);
/** The tables for summary.h5, with their numbers of rows; tables need at least one. */
size_t ig_curves_n_points(const ig_report *report);
size_t ig_curves_n_optima(const ig_report *report);
ig_status ig_curves_point_table(const ig_report *report, ig_table *out, ig_error *error);
ig_status ig_curves_optimum_table(const ig_report *report, ig_table *out, ig_error *error);

enum { IG_CURVE_PANELS = 12 }; /**< of one figure; further ones go to NAME-2, NAME-3, ... */
/** The curve's figures. Where gnuplot fails no picture stays. */
ig_status ig_curve_draw(const ig_report *report, const ig_report_curve *curve,
                        const ig_folder *folder, ig_error *error);

/** One line of the table of ratios: a group of a ratio, or of a column beside it. */
enum { IG_RATIO_NUMBERS = 11 };
typedef struct ig_ratio_line {
    const char *column, *group;
    size_t n, failed, missing;
    double numbers[IG_RATIO_NUMBERS]; /**< in the order of ig_ratio_fields; NaN where none */
} ig_ratio_line;
typedef struct ig_ratio_field {
    const char *name, *long_name;
} ig_ratio_field;
extern const ig_ratio_field ig_ratio_fields[IG_RATIO_NUMBERS];
size_t ig_ratio_n_lines(const ig_report *report);
ig_ratio_line ig_ratio_line_at(const ig_report *report, size_t i);

/** The ratio's figure, where it has one: data, script, gnuplot's run. */
ig_status ig_ratio_draw(const ig_report *report, const struct ig_report_ratio *ratio,
                        const ig_folder *folder, ig_error *error);

#endif
