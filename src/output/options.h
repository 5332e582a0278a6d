/** The command line of imagrid-merge. */
#ifndef IMAGRID_REPORT_OPTIONS_H
#define IMAGRID_REPORT_OPTIONS_H

#include <stdbool.h>

#include "experiments/plugins.h"
#include "results/report.h"

typedef struct ig_merge_options {
    const char *output, *csv, *latex, *figures, *page; /**< NULL: not wanted */
    ig_report_options report;
    ig_plugin_files plugins;
    bool quiet;
    bool help, version; /**< asked for instead */
    int first;          /**< argv[first] is the first result file */
} ig_merge_options;

/** IG_ERR_USAGE with what is wrong. */
ig_status ig_merge_options_parse(int argc, char **argv, ig_merge_options *options, ig_error *error);

extern const char ig_merge_help[];

#endif
