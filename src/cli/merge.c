#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/process.h"
#include "base/try.h"
#include "cli/command.h"
#include "output/output.h"
#include "plan/plan.h"

enum { EXIT_INCOMPLETE = 3 };

typedef struct options {
    const char *output, *csv, *json, *latex, *figures, *page; /**< NULL: not wanted */
    ig_merge_request request;
    ig_plugin_files plugins;
    ig_plan_options plan; /**< with a budget: what to buy is a part of the report */
    bool quiet;
} options;

static ig_status take_interval(const char *text, void *value, ig_error *error)
{
    ig_interval *interval = value;
    if (strcmp(text, "percentile") != 0 && strcmp(text, "bca") != 0) {
        return ig_error_set(error, IG_ERR_USAGE, "'%.64s' is not percentile or bca", text);
    }
    *interval = text[0] == 'b' ? IG_INTERVAL_BCA : IG_INTERVAL_PERCENTILE;
    return IG_OK;
}

static ig_status take_resamples(const char *text, void *value, ig_error *error)
{
    return ig_parse_count(text, 2, 10000000, value, error);
}

static ig_status take_law(const char *text, void *value, ig_error *error)
{
    const char **law = value;
    for (int i = 0; i < IG_LAW_CHOICES; i++) {
        if (strcmp(text, ig_law_choices[i]) == 0) {
            *law = ig_law_choices[i];
            return IG_OK;
        }
    }
    return ig_error_set(error, IG_ERR_USAGE, "'%.64s' is not power, floor or auto", text);
}

static const ig_option known[] = {
    IG_OPTION_HEADING("output:"),
    {"output", 'o', "SUMMARY.h5", ig_take_text, offsetof(options, output),
     "write all tables to an HDF5 file, readable as netCDF-4; input of `imagrid plan`"},
    {"report", 0, "FILE.html", ig_take_text, offsetof(options, page),
     "write a self-contained page with all figures and tables, failed rows, sessions and "
     "configuration"},
    {"csv", 0, "DIR", ig_take_text, offsetof(options, csv), "write every table as DIR/NAME.csv"},
    {"json", 0, "FILE.json", ig_take_text, offsetof(options, json),
     "write the same tables as one JSON object"},
    {"latex", 0, "DIR", ig_take_text, offsetof(options, latex),
     "write every table as DIR/NAME.tex (booktabs)"},
    {"figures", 0, "DIR", ig_take_text, offsetof(options, figures),
     "draw the figures as PNG, SVG and PDF, with their data and gnuplot scripts"},
    {"quiet", 'q', NULL, ig_take_flag, offsetof(options, quiet), "print no tables"},
    IG_OPTION_HEADING("statistics:"),
    {"compare", 0, "KEY=VALUE", ig_take_text, offsetof(options, request.compare),
     "differences of every grid point from the one with this value of the key (or of its "
     "coordinate in the file), seed by seed, with paired bootstrap intervals"},
    {"interval", 0, "KIND", take_interval, offsetof(options, request.how.interval),
     "percentile or bca (bias-corrected and accelerated) [default: percentile]"},
    {"law", 0, "LAW", take_law, offsetof(options, request.law),
     "law of every fit: power, floor (errors level off), or auto, which lets the data say "
     "[default: "
     "what the experiment says, else auto]"},
    {"resamples", 0, "N", take_resamples, offsetof(options, request.how.resamples),
     "bootstrap resamples, 2 to 10000000 [default: 10000]"},
    IG_OPTION_HEADING(
        "what to buy, as a part of the report; needs --output (imagrid plan has more):"),
    {"budget", 0, "B", ig_take_positive, offsetof(options, plan.budget), "total budget to divide"},
    {"cost-dyn", 0, "C", ig_take_price, offsetof(options, plan.cost_dyn), "cost of one transition"},
    {"cost-rew", 0, "C", ig_take_price, offsetof(options, plan.cost_rew),
     "cost of one reward label"},
    {"have-dyn", 0, "N", ig_take_samples, offsetof(options, plan.owned[IG_DYNAMICS]),
     "transitions that are there already"},
    {"have-rew", 0, "N", ig_take_samples, offsetof(options, plan.owned[IG_REWARD]),
     "reward labels that are there already"},
    IG_OPTION_HEADING("general:"),
    IG_OPTION_PLUGIN(options, plugins),
    IG_OPTIONS_END};

/** Where standard output cannot be written, main says so at the end: the files are written all the
 *  same. */
static ig_status print(const ig_merged *merged, ig_error *error)
{
    ig_merged_print_counts(merged, stdout);
    TRY(ig_output_text(&merged->tables, stdout, error));
    ig_merged_print_state(merged, stdout);
    fflush(stdout);
    return IG_OK;
}

static ig_status draw(const ig_merged *merged, const char *directory, ig_error *error)
{
    return merged->figures.n > 0 ? ig_output_draw(&merged->figures, directory, error)
                                 : ig_error_set(error, IG_ERR_USAGE, "experiment %s has no figure",
                                                merged->rows.experiment->schema.experiment);
}

static ig_status check(const void *values, ig_error *error)
{
    const options *o = values;
    const ig_plan_options *p = &o->plan;
    const bool any = !isnan(p->budget) || !isnan(p->cost_dyn) || !isnan(p->cost_rew) ||
                     p->owned[IG_DYNAMICS] > 0 || p->owned[IG_REWARD] > 0;
    const char *fault = NULL;
    if (any && (isnan(p->budget) || isnan(p->cost_dyn) || isnan(p->cost_rew) || !o->output)) {
        fault = "what to buy needs --output, --budget, --cost-dyn and --cost-rew";
    } else if (p->owned[IG_REWARD] > p->owned[IG_DYNAMICS]) {
        fault = "--have-rew is more than --have-dyn, but a label belongs to a transition";
    } else if (p->cost_dyn == 0 && p->cost_rew == 0) {
        fault = "both kinds are free: there is nothing to divide";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "%s", fault) : IG_OK;
}

static ig_status write_all(ig_merged *merged, options *o, ig_error *error)
{
    AUTO(ig_facts_clear) ig_facts facts = {0};
    TRY(ig_facts_of(merged, &facts, error));
    if (o->output || o->csv || o->json || o->latex || o->page || o->figures) {
        signal(SIGPIPE, SIG_IGN);
    }
    if (isnan(o->plan.budget)) {
        TRY(o->quiet ? IG_OK : print(merged, error));
        TRY(o->output ? ig_output_hdf5(&merged->tables, &facts, o->output, error) : IG_OK);
    } else {
        /* The plan is made of the summary, as `imagrid plan` would. */
        o->plan.fits = o->output;
        TRY(ig_output_hdf5(&merged->tables, &facts, o->output, error));
        TRY(ig_plan_append(&o->plan, &merged->tables, &merged->figures, error));
        TRY(o->quiet ? IG_OK : print(merged, error));
    }
    TRY(o->csv ? ig_output_csv(&merged->tables, o->csv, error) : IG_OK);
    TRY(o->json ? ig_output_json(&merged->tables, &facts, o->json, error) : IG_OK);
    TRY(o->latex ? ig_output_latex(&merged->tables, o->latex, error) : IG_OK);
    TRY(o->page ? ig_output_page(merged, ig_version_text(), o->page, error) : IG_OK);
    return o->figures ? draw(merged, o->figures, error) : IG_OK;
}

/** Merge n files; `*complete` when every task is done. */
static ig_status combine(const char *const *paths, size_t n, options *o, bool *complete,
                         ig_error *error)
{
    AUTO(ig_plugins_unload) ig_plugins *plugins = NULL;
    AUTO(ig_merged_clear) ig_merged merged = {0};
    TRY(ig_plugins_load(&o->plugins, &plugins, error));
    TRY(ig_merge(ig_plugins_registry(plugins), paths, n, &o->request, &merged, error));
    TRY(write_all(&merged, o, error));
    *complete = merged.rows.missing + merged.rows.failed == 0;
    return IG_OK;
}

static int merge(int argc, char **argv)
{
    options o = {.request.how.resamples = IG_RESAMPLES, .plan = ig_plan_options_none()};
    ig_error error = {0};
    bool complete = false;
    size_t n;
    const int code = ig_command_parse(&ig_command_merge, argc, argv, false, &o, &n);
    if (code >= 0) {
        return code;
    }
    if (combine((const char *const *)argv + 1, n, &o, &complete, &error)) {
        fprintf(stderr, "%s: %s\n", argv[0], error.text);
        return ig_status_exit_code(error.status);
    }
    return complete ? 0 : EXIT_INCOMPLETE;
}

const ig_command ig_command_merge = {
    .name = "merge",
    .summary = "combine result files into tables, fits and figures",
    .usage = "imagrid merge OUT.h5... [options]",
    .about = "Combines the rows of one or more result files of the same configuration, each task "
             "once, and prints statistics over seeds, fitted power laws, whether the claimed "
             "bounds hold on every row, and the published values next to them. Files may be "
             "incomplete: what is missing is reported.",
    .operand = "input files",
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .options = known,
    .check = check,
    .examples = "imagrid merge scaling.h5\n"
                "imagrid merge part-*.h5 -o summary.h5 --report report.html\n"
                "imagrid merge scaling.h5 --compare policy=uniform --interval bca --latex tex",
    .exit_codes = "0 done\n"
                  "2 invalid arguments, or files of different configurations\n"
                  "3 tasks are missing or failed (the rest is summarised)\n"
                  "4 a file cannot be read or written",
    .main = merge,
};
