/** The tables of summary.h5 that are not in report/outputs.h, and reading it. */
#ifndef IMAGRID_REPORT_SUMMARY_H
#define IMAGRID_REPORT_SUMMARY_H

#include <hdf5.h>

#include "output/table.h"
#include "results/report.h"

/** What the root attribute `kind` of a summary says. */
#define IG_SUMMARY_KIND "imagrid summary"

/** Grid points: axes, counts of tasks, statistics. IG_ERR_MEMORY. */
ig_status ig_summary_points(const ig_report *report, ig_table *table, ig_error *error);

/** Fits; needs at least one. IG_ERR_MEMORY. */
ig_status ig_summary_fits(const ig_report *report, ig_table *table, ig_error *error);

/** Groups of the ratios; needs at least one. IG_ERR_MEMORY. */
ig_status ig_summary_ratios(const ig_report *report, ig_table *table, ig_error *error);

/** Open a summary for reading; its seal is checked first, because HDF5's parser is not safe on
 *  damaged files. IG_ERR_FORMAT where the file is no summary (with the way out for a result file)
 * or damaged, IG_ERR_IO where it cannot be read. Close with H5Fclose. */
ig_status ig_summary_open(const char *path, hid_t *file, ig_error *error);

#endif
