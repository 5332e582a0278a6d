#include "output/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char ig_merge_help[] =
    "usage: imagrid-merge OUT.h5... [options]\n"
    "\n"
    "Combines the rows of one or more result files of one configuration, each task once, and\n"
    "prints statistics over the seeds, fitted power laws, whether claimed bounds hold on every\n"
    "row, and the published figures beside them.\n"
    "Files may be incomplete: what is missing is said.\n"
    "\n"
    "output:\n"
    "  -o, --output FILE       write all tables as FILE (HDF5, reads like netCDF-4)\n"
    "      --report FILE.html  write one page with every figure and table, failed rows, starts "
    "and\n"
    "                          configuration; it needs nothing but itself\n"
    "      --csv DIR           write DIR/statistics.csv and the experiment's other tables\n"
    "      --latex DIR         write every table as DIR/NAME.tex (booktabs)\n"
    "      --figures DIR       draw the figures as PNG, SVG and PDF, with data and scripts\n"
    "  -q, --quiet             no tables on the terminal\n"
    "\n"
    "statistics:\n"
    "      --compare KEY=VALUE\n"
    "                          differences of every grid point from the one with this value, seed\n"
    "                          by seed, with paired bootstrap intervals\n"
    "      --interval KIND     percentile (default) or bca: bias-corrected and accelerated\n"
    "      --resamples N       bootstrap resamples, 2 ... 10000000 (default 10000)\n"
    "\n"
    "      --plugin FILE       load experiments from a shared object\n"
    "  -h, --help              this text\n"
    "  -V, --version           versions\n"
    "\n"
    "examples:\n"
    "  imagrid-merge scaling.h5\n"
    "  imagrid-merge part-*.h5 -o summary.h5 --report report.html\n"
    "  imagrid-merge scaling.h5 --compare policy=uniform --interval bca --latex tables\n"
    "\n"
    "exit codes: 0 done; 2 wrong arguments or files of different configurations; 3 tasks are\n"
    "missing or failed (the rest is summarised); 4 a file cannot be read or written\n";

static ig_status parse_resamples(const char *text, size_t *resamples, ig_error *error)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end || errno || number < 2 || number > 10000000) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "--resamples is a number from 2 to 10000000, not %.64s", text);
    }
    *resamples = (size_t)number;
    return IG_OK;
}

static ig_status parse_interval(const char *text, ig_interval *interval, ig_error *error)
{
    if (strcmp(text, "percentile") != 0 && strcmp(text, "bca") != 0) {
        return ig_error_set(error, IG_ERR_USAGE, "--interval is percentile or bca, not %.64s",
                            text);
    }
    *interval = text[0] == 'b' ? IG_INTERVAL_BCA : IG_INTERVAL_PERCENTILE;
    return IG_OK;
}

enum { CSV = 256, FIGURES, LATEX, REPORT, COMPARE, INTERVAL, RESAMPLES, PLUGIN };

static ig_status take(int option, const char *argument, ig_merge_options *o, ig_error *error)
{
    switch (option) {
    case 'o':
        o->output = argument;
        break;
    case CSV:
        o->csv = argument;
        break;
    case FIGURES:
        o->figures = argument;
        break;
    case LATEX:
        o->latex = argument;
        break;
    case REPORT:
        o->page = argument;
        break;
    case COMPARE:
        o->report.compare = argument;
        break;
    case INTERVAL:
        return parse_interval(argument, &o->report.interval, error);
    case RESAMPLES:
        return parse_resamples(argument, &o->report.resamples, error);
    case PLUGIN:
        return ig_plugin_files_add(&o->plugins, argument, error);
    case 'q':
        o->quiet = true;
        break;
    case 'h':
        o->help = true;
        break;
    case 'V':
        o->version = true;
        break;
    default:
        return ig_error_set(error, IG_ERR_USAGE, "see the message above");
    }
    return IG_OK;
}

ig_status ig_merge_options_parse(int argc, char **argv, ig_merge_options *options, ig_error *error)
{
    static const struct option known[] = {
        {"output", required_argument, NULL, 'o'},
        {"csv", required_argument, NULL, CSV},
        {"figures", required_argument, NULL, FIGURES},
        {"latex", required_argument, NULL, LATEX},
        {"report", required_argument, NULL, REPORT},
        {"compare", required_argument, NULL, COMPARE},
        {"interval", required_argument, NULL, INTERVAL},
        {"resamples", required_argument, NULL, RESAMPLES},
        {"plugin", required_argument, NULL, PLUGIN},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    ig_merge_options o = {.report.resamples = IG_RESAMPLES};
    ig_status status = IG_OK;
    int option;
    while (!status && (option = getopt_long(argc, argv, "o:qhV", known, NULL)) != -1) {
        status = take(option, optarg, &o, error);
        if (o.help || o.version) {
            break;
        }
    }
    if (!status && !o.help && !o.version && optind >= argc) {
        status = ig_error_set(error, IG_ERR_USAGE, "which result files?");
    }
    if (!status) {
        o.first = optind;
        *options = o;
    }
    return status;
}
