/** The tables of summary.h5 that are not in output/outputs.h. */
#ifndef OUTPUT_SUMMARY_TABLES_H
#define OUTPUT_SUMMARY_TABLES_H

#include "output/table.h"
#include "results/report.h"

/** Grid points: axes, counts of tasks, statistics. IG_ERR_MEMORY. */
ig_status ig_summary_points(const ig_report *report, ig_table *table, ig_error *error);

/** Fits; needs at least one. IG_ERR_MEMORY. */
ig_status ig_summary_fits(const ig_report *report, ig_table *table, ig_error *error);

/** Groups of the ratios; needs at least one. IG_ERR_MEMORY. */
ig_status ig_summary_ratios(const ig_report *report, ig_table *table, ig_error *error);

#endif
