/** imagrid-merge: from result files to tables, fits and figures. Thin: options and exit codes. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "imagrid/report.h"
#include "plugin/plugins.h"
#include "runner/provenance.h"

static const char help[] =
    "usage: imagrid-merge OUT.h5... [options]\n"
    "\n"
    "Combines the rows of one or more result files of one configuration, each task once, and\n"
    "prints statistics over the seeds, fitted power laws, whether claimed bounds hold on every\n"
    "row, and the published figures beside them.\n"
    "Files may be incomplete: what is missing is said.\n"
    "\n"
    "  -o, --output FILE    write all tables as FILE (HDF5, reads like netCDF-4)\n"
    "      --csv DIR        write DIR/statistics.csv and the experiment's other tables\n"
    "      --figures DIR    draw the figures as PNG and SVG, with their data and gnuplot scripts\n"
    "      --plugin FILE    load the experiment from a shared object\n"
    "      --resamples N    bootstrap resamples, 2 ... 10000000 (default 10000)\n"
    "  -q, --quiet          no tables\n"
    "  -h, --help           this text\n"
    "  -V, --version        versions\n"
    "\n"
    "examples:\n"
    "  imagrid-merge scaling.h5\n"
    "  imagrid-merge part-*.h5 -o summary.h5 --csv tables --figures figures\n"
    "\n"
    "exit codes: 0 done; 2 wrong arguments or files of different configurations; 3 tasks are\n"
    "missing or failed (the rest is summarised); 4 a file cannot be read or written\n";

enum { EXIT_USAGE = 2, EXIT_INCOMPLETE = 3 };

typedef struct options {
    const char *output, *csv, *figures;
    size_t resamples;
    bool quiet;
    ig_plugin_files plugins;
} options;

static int usage_error(const char *what, const char *argument)
{
    fprintf(stderr, "imagrid-merge: %s%s\ntry: imagrid-merge --help\n", what, argument);
    return EXIT_USAGE;
}

static bool parse_resamples(const char *text, size_t *resamples)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end || errno || number < 2 || number > 10000000) {
        return false;
    }
    *resamples = (size_t)number;
    return true;
}

/** Returns -1 to go on, else the exit code; the files stand from argv[optind]. */
static int parse_options(int argc, char **argv, options *o)
{
    enum { CSV = 256, FIGURES, RESAMPLES, PLUGIN };
    static const struct option known[] = {
        {"output", required_argument, NULL, 'o'},
        {"csv", required_argument, NULL, CSV},
        {"figures", required_argument, NULL, FIGURES},
        {"resamples", required_argument, NULL, RESAMPLES},
        {"plugin", required_argument, NULL, PLUGIN},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    ig_error error = {0};
    int option;
    while ((option = getopt_long(argc, argv, "o:qhV", known, NULL)) != -1) {
        switch (option) {
        case 'o':
            o->output = optarg;
            break;
        case CSV:
            o->csv = optarg;
            break;
        case FIGURES:
            o->figures = optarg;
            break;
        case RESAMPLES:
            if (!parse_resamples(optarg, &o->resamples)) {
                return usage_error("--resamples is a number from 2 to 10000000, not ", optarg);
            }
            break;
        case PLUGIN:
            if (ig_plugin_files_add(&o->plugins, optarg, &error)) {
                return usage_error(error.text, "");
            }
            break;
        case 'q':
            o->quiet = true;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_SUCCESS;
        case 'V':
            puts(ig_version_text());
            return EXIT_SUCCESS;
        default:
            return usage_error("see the message above", "");
        }
    }
    return optind < argc ? -1 : usage_error("which result files?", "");
}

static ig_status write_all(const ig_report *report, const options *o, ig_error *error)
{
    ig_status status = IG_OK;
    if (!o->quiet) {
        ig_report_print(report, stdout);
        if (fflush(stdout) != 0) {
            return ig_error_set(error, IG_ERR_IO, "cannot write the tables to standard output");
        }
    }
    if (o->output) {
        status = ig_report_write(report, o->output, error);
    }
    if (!status && o->csv) {
        status = ig_report_write_csv(report, o->csv, error);
    }
    if (!status && o->figures) {
        status = ig_report_draw(report, o->figures, error);
    }
    return status;
}

int main(int argc, char **argv)
{
    options o = {.resamples = IG_REPORT_RESAMPLES};
    ig_plugins *plugins = NULL;
    ig_report *report = NULL;
    ig_error error = {0};
    int code = parse_options(argc, argv, &o);
    if (code >= 0) {
        return code;
    }
    ig_status status = ig_plugins_load(&o.plugins, &plugins, &error);
    if (!status) {
        status = ig_report_create(ig_plugins_registry(plugins), (const char *const *)argv + optind,
                                  (size_t)(argc - optind), o.resamples, &report, &error);
    }
    if (!status) {
        status = write_all(report, &o, &error);
    }
    code = ig_status_exit_code(status);
    if (status) {
        fprintf(stderr, "imagrid-merge: %s\n", error.text);
    } else if (ig_report_missing(report) || ig_report_failed(report)) {
        code = EXIT_INCOMPLETE;
    }
    ig_report_destroy(&report);
    ig_plugins_unload(&plugins);
    return code;
}
