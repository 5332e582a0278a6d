#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "cli/command.h"
#include "output/output.h"
#include "plan/plan.h"

/** A number from `low`, or above it where that is not allowed itself, and below `high`. */
static ig_status parse_number(const char *text, double low, bool low_allowed, double high,
                              double *number, ig_error *error)
{
    ig_number parsed;
    const ig_number_kind kind = ig_number_parse(text, &parsed);
    char quoted[IG_QUOTE_TEXT], range[64] = "";
    if ((kind == IG_NUMBER_FINITE || kind == IG_NUMBER_WHOLE) &&
        (parsed.real > low || (low_allowed && parsed.real >= low)) && parsed.real < high) {
        *number = parsed.real;
        return IG_OK;
    }
    if (isfinite(high)) {
        snprintf(range, sizeof range, " and below %g", high);
    }
    return ig_error_set(error, IG_ERR_USAGE, "'%s' is not a number %s %g%s",
                        ig_text_quote(text, quoted), low_allowed ? "from" : "above", low, range);
}

/** `n` numbers separated by commas, each from 0. */
static ig_status parse_list(const char *text, size_t n, double *numbers, ig_error *error)
{
    char copy[256], *rest = copy, *part;
    double parsed[3];
    size_t found = 0;
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy) {
        return ig_error_set(error, IG_ERR_USAGE, "too long");
    }
    while ((part = strsep(&rest, ","))) {
        if (found < n) {
            TRY(parse_number(part, 0, true, HUGE_VAL, &parsed[found], error));
        }
        found++;
    }
    if (found != n) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "expected %zu numbers separated by commas, got %zu", n, found);
    }
    memcpy(numbers, parsed, n * sizeof *numbers);
    return IG_OK;
}

/** "FROM:TO", or one number for both; from 0. */
static ig_status parse_range(char *text, double ends[2], ig_error *error)
{
    char *to = strchr(text, ':');
    if (to) {
        *to++ = '\0';
    }
    TRY(parse_number(text, 0, true, HUGE_VAL, &ends[0], error));
    ends[1] = ends[0];
    if (to) {
        TRY(parse_number(to, 0, true, HUGE_VAL, &ends[1], error));
    }
    return ends[0] <= ends[1]
               ? IG_OK
               : ig_error_set(error, IG_ERR_USAGE, "the range %g:%g ends before it begins", ends[0],
                              ends[1]);
}

ig_status ig_take_positive(const char *text, void *value, ig_error *error)
{
    return parse_number(text, 0, false, HUGE_VAL, value, error);
}

ig_status ig_take_price(const char *text, void *value, ig_error *error)
{
    return parse_number(text, 0, true, HUGE_VAL, value, error);
}

static ig_status take_gamma(const char *text, void *value, ig_error *error)
{
    return parse_number(text, 0, false, 1, value, error);
}

static ig_status take_lipschitz(const char *text, void *value, ig_error *error)
{
    return parse_list(text, 3, value, error);
}

static ig_status take_sensitivity(const char *text, void *value, ig_error *error)
{
    char copy[256];
    double ends[4];
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy) {
        return ig_error_set(error, IG_ERR_USAGE, "too long");
    }
    char *second = strchr(copy, ',');
    if (!second || strchr(second + 1, ',')) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "expected two numbers or ranges separated by a comma, such as 12,9.5 "
                            "or 10:300,1:40");
    }
    *second++ = '\0';
    TRY(parse_range(copy, ends, error));
    TRY(parse_range(second, ends + 2, error));
    memcpy(value, ends, sizeof ends);
    return IG_OK;
}

/** A whole number of samples; more than a double can count is no help to anybody. */
ig_status ig_take_samples(const char *text, void *value, ig_error *error)
{
    double n;
    TRY(parse_number(text, 0, true, 1e15, &n, error));
    if (n != floor(n)) {
        return ig_error_set(error, IG_ERR_USAGE, "'%s' is not a whole number", text);
    }
    *(double *)value = n;
    return IG_OK;
}

static ig_status take_outputs(const char *text, void *value, ig_error *error)
{
    size_t n = 0;
    TRY(ig_parse_count(text, 1, 1000000000, &n, error));
    *(double *)value = (double)n;
    return IG_OK;
}

static ig_status take_draws(const char *text, void *value, ig_error *error)
{
    return ig_parse_count(text, 100, 1000000, value, error);
}

static ig_status take_law(const char *text, void *value, ig_error *error)
{
    for (int law = IG_LAW_AUTO; law <= IG_LAW_FLOOR; law++) {
        if (strcmp(text, ig_law_choices[law]) == 0) {
            *(ig_law_choice *)value = (ig_law_choice)law;
            return IG_OK;
        }
    }
    char quoted[IG_QUOTE_TEXT];
    return ig_error_set(error, IG_ERR_USAGE, "auto, power or floor, not '%s'",
                        ig_text_quote(text, quoted));
}

static ig_status take_seeds(const char *text, void *value, ig_error *error)
{
    const bool shared = strcmp(text, "shared") == 0;
    if (!shared && strcmp(text, "apart") != 0) {
        char quoted[IG_QUOTE_TEXT];
        return ig_error_set(error, IG_ERR_USAGE, "shared or apart, not '%s'",
                            ig_text_quote(text, quoted));
    }
    *(ig_say *)value = shared ? IG_SAY_YES : IG_SAY_NO;
    return IG_OK;
}

static ig_status take_root(const char *text, void *value, ig_error *error)
{
    (void)text;
    (void)error;
    *(ig_say *)value = IG_SAY_YES;
    return IG_OK;
}

static ig_status take_no_root(const char *text, void *value, ig_error *error)
{
    (void)text;
    (void)error;
    *(ig_say *)value = IG_SAY_NO;
    return IG_OK;
}

static const ig_option known[] = {
    IG_OPTION_HEADING("learning curves, --fits or --curve:"),
    {"fits", 0, "SUMMARY.h5", ig_take_text, offsetof(ig_plan_options, fits),
     "a summary written by `imagrid merge -o`: its fits with the amplitudes A_d and A_r"},
    {"curve", 0, "FILE.csv", ig_take_text, offsetof(ig_plan_options, curve),
     "your own measurements: CSV with the columns kind (dynamics or reward), n, error and "
     "optionally seed"},
    {"group", 0, "LABEL", ig_take_text, offsetof(ig_plan_options, group),
     "which fits to use if the summary holds several, e.g. \"policy=uniform\""},
    {"law", 0, "LAW", take_law, offsetof(ig_plan_options, law),
     "power: errors fall to nothing; floor: to a floor; auto: either, as the data say [default: "
     "auto]"},
    {"seeds", 0, "HOW", take_seeds, offsetof(ig_plan_options, shared),
     "shared: equal seeds at different N share random numbers; apart: they do not [default: shared "
     "where all N have the same seeds]"},
    {"root", 0, NULL, take_root, offsetof(ig_plan_options, root),
     "the errors are mean squares: plan with their square roots [default for columns of a summary "
     "that are]"},
    {"no-root", 0, NULL, take_no_root, offsetof(ig_plan_options, root),
     "plan with mean squares as if they were errors, as the paper does"},
    {"outputs", 0, "N", take_outputs, offsetof(ig_plan_options, outputs),
     "the dynamics' mean squares are means over N outputs: their root is that of N times them "
     "[default: what the summary says, else 1]"},
    {"plugin", 0, "FILE.so", ig_take_plugin, offsetof(ig_plan_options, plugins),
     "accepted but not loaded: a summary holds all that a plan needs"},
    IG_OPTION_HEADING("costs, and --budget or --target:"),
    {"cost-dyn", 0, "C", ig_take_price, offsetof(ig_plan_options, cost_dyn),
     "cost of one transition; 0: they are free"},
    {"cost-rew", 0, "C", ig_take_price, offsetof(ig_plan_options, cost_rew),
     "cost of one reward label; 0: they are free"},
    {"budget", 0, "B", ig_take_positive, offsetof(ig_plan_options, budget),
     "total budget to divide"},
    {"target", 0, "E", ig_take_positive, offsetof(ig_plan_options, target),
     "bound to reach: find the smallest budget that does"},
    {"have-dyn", 0, "N", ig_take_samples, offsetof(ig_plan_options, owned[IG_DYNAMICS]),
     "transitions that are there already: they count and cost nothing"},
    {"have-rew", 0, "N", ig_take_samples, offsetof(ig_plan_options, owned[IG_REWARD]),
     "reward labels that are there already"},
    {"labels-apart", 0, NULL, ig_take_flag, offsetof(ig_plan_options, labels_apart),
     "labels need no transition of their own: there may be more of them than transitions"},
    {"labels-on-owned", 0, NULL, ig_take_flag, offsetof(ig_plan_options, labels_on_owned),
     "labels are of transitions, those that are there or those that are bought: never more labels "
     "than transitions [default]"},
    IG_OPTION_HEADING("effect of errors on the return, --sensitivity or --lipschitz:"),
    {"sensitivity", 0, "F,R", take_sensitivity, offsetof(ig_plan_options, sensitivity),
     "change of the return per unit of dynamics error and of reward error, measured; each may be a "
     "range such as 10:300, which goes into the intervals [default: what the summary says]"},
    {"lipschitz", 0, "F,R,P", take_lipschitz, offsetof(ig_plan_options, lipschitz),
     "Lipschitz constants of dynamics, reward and policy (Lemma 1); needs --gamma; of no use for "
     "learned networks"},
    {"gamma", 0, "G", take_gamma, offsetof(ig_plan_options, gamma), "discount factor, 0 < G < 1"},
    IG_OPTION_HEADING("results:"),
    {"json", 0, NULL, ig_take_flag, offsetof(ig_plan_options, json),
     "print one JSON object instead of tables"},
    {"figures", 0, "DIR", ig_take_text, offsetof(ig_plan_options, figures),
     "draw the bound along the budget line as PNG, SVG and PDF"},
    {"resamples", 0, "N", take_draws, offsetof(ig_plan_options, draws),
     "draws of the laws that the data allow, 100 to 1000000 [default: 10000]"},
    IG_OPTIONS_END};

/** What must be given, and what excludes what. */
static ig_status check(const void *values, ig_error *error)
{
    const ig_plan_options *o = values;
    const bool lipschitz = !isnan(o->lipschitz[0]), sensitivity = !isnan(o->sensitivity[0]);
    const char *fault = NULL;
    if (!o->fits == !o->curve) {
        fault = "give exactly one of --fits SUMMARY.h5 and --curve FILE.csv";
    } else if (o->group && !o->fits) {
        fault = "--group selects among the fits of a summary: it needs --fits";
    } else if (isnan(o->cost_dyn) || isnan(o->cost_rew)) {
        fault = "--cost-dyn and --cost-rew are required";
    } else if (isnan(o->budget) == isnan(o->target)) {
        fault = "give exactly one of --budget and --target";
    } else if (lipschitz ? sensitivity : !sensitivity && !o->fits) {
        fault = "give exactly one of --lipschitz and --sensitivity";
    } else if (lipschitz && isnan(o->gamma)) {
        fault = "--lipschitz needs --gamma";
    } else if (o->cost_dyn == 0 && o->cost_rew == 0) {
        fault = "both kinds are free: there is nothing to divide";
    } else if (o->figures && (o->cost_dyn == 0 || o->cost_rew == 0)) {
        fault = "--figures draws the bound along the budget line, and with a kind that is free "
                "there is none";
    } else if (!o->labels_apart && o->owned[IG_REWARD] > o->owned[IG_DYNAMICS]) {
        fault = "--have-rew is more than --have-dyn, but a label belongs to a transition; "
                "--labels-apart says that they do not";
    } else if (o->labels_apart && o->labels_on_owned) {
        fault = "--labels-apart and --labels-on-owned exclude each other";
    } else if (sensitivity && !(o->sensitivity[0] > 0 && o->sensitivity[2] > 0)) {
        fault = "--sensitivity: both must be positive, or there is nothing to divide";
    } else if (lipschitz && !(o->lipschitz[1] > 0)) {
        fault = "--lipschitz: with L_r = 0 dynamics errors do not matter: buy reward labels only";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "%s", fault) : IG_OK;
}

static ig_status print(const ig_proposal *proposal, ig_error *error)
{
    AUTO(ig_tables_clear) ig_tables tables = {0};
    if (proposal->options->json) {
        return ig_proposal_json(proposal, stdout, error);
    }
    TRY(ig_proposal_tables(proposal, &tables, error));
    return ig_output_text(&tables, stdout, error);
}

static ig_status propose(const ig_plan_options *options, ig_diagnostics *diagnostics,
                         ig_error *error)
{
    AUTO(ig_proposal_clear) ig_proposal proposal = {0};
    AUTO(ig_figures_clear) ig_figures figures = {0};
    TRY(ig_proposal_make(options, &proposal, diagnostics, error));
    if (options->figures) {
        signal(SIGPIPE, SIG_IGN);
    }
    TRY(print(&proposal, error));
    /* Where that cannot be written, main says so: the figures are drawn all the same. */
    fflush(stdout);
    if (!options->figures) {
        return IG_OK;
    }
    TRY(ig_proposal_figure(&proposal, &figures, error));
    return ig_output_draw(&figures, options->figures, error);
}

static int plan(int argc, char **argv)
{
    ig_plan_options o = ig_plan_options_none();
    ig_error error = {0};
    size_t n;
    const int code = ig_command_parse(&ig_command_plan, argc, argv, false, &o, &n);
    if (code >= 0) {
        return code;
    }
    o.by_lipschitz = !isnan(o.lipschitz[0]);
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    const ig_status status = diagnostics ? propose(&o, diagnostics, &error)
                                         : ig_error_set(&error, IG_ERR_MEMORY, "out of memory");
    if (diagnostics && ig_diagnostics_count(diagnostics) > 0) {
        ig_diagnostics_print(diagnostics, stderr);
    } else if (status) {
        fprintf(stderr, "%s: %s\n", argv[0], error.text);
    }
    ig_diagnostics_destroy(&diagnostics);
    /* Bad measurements are bad input, whichever way they show. */
    return ig_status_exit_code(status == IG_ERR_NUMERIC ? IG_ERR_USAGE : status);
}

const ig_command ig_command_plan = {
    .name = "plan",
    .summary = "compute how many transitions and reward labels to buy",
    .usage = "imagrid plan (--fits SUMMARY.h5 | --curve FILE.csv)\n"
             "             --cost-dyn C --cost-rew C (--budget B | --target E)\n"
             "             [--sensitivity F,R | --gamma G --lipschitz F,R,P] [options]",
    .about = "Computes how many transitions and reward labels to buy to minimise the bound on the "
             "error of the return, C_d eps_dyn + C_r eps_rew (Theorem 1), with errors that may "
             "level off, how certain that is, and whether half and half is as good.",
    .options = known,
    .check = check,
    .examples = "imagrid plan --fits summary.h5 --cost-dyn 1 --cost-rew 10 --budget 1e6 \\\n"
                "    --sensitivity 10:300,1:10 --have-dyn 50000\n"
                "imagrid plan --curve my-errors.csv --cost-dyn 1 --cost-rew 50 --target 0.5 \\\n"
                "    --sensitivity 12,9.5 --json",
    .exit_codes = "0 done\n"
                  "2 invalid arguments, measurements that allow no plan, a target out of reach\n"
                  "4 a file cannot be read or written",
    .main = plan,
};
