#include "plan/options.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

const char ig_plan_help[] =
    "usage: imagrid-plan --fits SUMMARY.h5 | --curve FILE.csv\n"
    "                    --cost-dyn C --cost-rew C --budget B | --target E\n"
    "                    --gamma G --lipschitz L_f,L_r,L_pi | --sensitivity S_f,S_r [options]\n"
    "\n"
    "How many transitions and reward labels to buy, so that the bound on the error of the return,\n"
    "C_d eps_dyn + C_r eps_rew, is least (Theorem 1).\n"
    "\n"
    "how errors fall with data, one of\n"
    "      --fits FILE            a summary that imagrid-merge -o has written\n"
    "      --curve FILE           your own measurements: CSV with the columns kind (dynamics or\n"
    "                             reward), n, error and maybe seed\n"
    "      --group LABEL          which fits of a summary with several (\"policy=uniform\")\n"
    "      --plugin FILE          load the summary's experiment from a shared object\n"
    "      --root                 the errors are mean squares: plan with their square roots\n"
    "what data cost\n"
    "      --cost-dyn C           price of one transition\n"
    "      --cost-rew C           price of one reward label\n"
    "      --budget B             money there is; or\n"
    "      --target E             the bound to be reached: then the cheapest budget is sought\n"
    "what errors do to the return, one of\n"
    "      --lipschitz F,R,P      Lipschitz constants of dynamics, reward and policy (Lemma 1);\n"
    "                             needs --gamma\n"
    "      --sensitivity F,R      change of the return per unit of dynamics and of reward error\n"
    "      --gamma G              discount, 0 < G < 1\n"
    "results\n"
    "      --json                 one JSON object in place of the tables\n"
    "      --figures DIR          draw the bound along the budget line as PNG, SVG, PDF\n"
    "      --resamples N          redraws of the fits, 100 ... 1000000 (default 10000)\n"
    "  -h, --help                 this text\n"
    "  -V, --version              versions\n"
    "\n"
    "examples:\n"
    "  imagrid-plan --fits summary.h5 --cost-dyn 1 --cost-rew 10 --budget 1e6 \\\n"
    "      --gamma 0.9 --lipschitz 0.5,1,0.5\n"
    "  imagrid-plan --curve my-errors.csv --cost-dyn 1 --cost-rew 50 --target 0.5 \\\n"
    "      --sensitivity 12,9.5 --json\n"
    "\n"
    "exit codes: 0 done; 2 wrong arguments or measurements; 4 a file cannot be read or written\n";

/** A number in (low, high) or, where `closed`, in [low, high). */
static ig_status parse_number(const char *option, const char *text, double low, bool closed,
                              double high, double *number, ig_error *error)
{
    ig_number parsed;
    ig_number_kind kind = ig_number_parse(text, &parsed);
    char quoted[IG_QUOTE_TEXT], range[64] = "";
    if ((kind == IG_NUMBER_FINITE || kind == IG_NUMBER_WHOLE) &&
        (parsed.real > low || (closed && parsed.real >= low)) && parsed.real < high) {
        *number = parsed.real;
        return IG_OK;
    }
    if (isfinite(high)) {
        snprintf(range, sizeof range, " and below %g", high);
    }
    return ig_error_set(error, IG_ERR_USAGE, "%s: a number %s %g%s, not '%s'", option,
                        closed ? "from" : "above", low, range, ig_text_quote(text, quoted));
}

/** `n` numbers separated by commas, each from 0. */
static ig_status parse_list(const char *option, const char *text, size_t n, double *numbers,
                            ig_error *error)
{
    char copy[256], *rest = copy, *part;
    size_t found = 0;
    if (strlen(text) >= sizeof copy) {
        return ig_error_set(error, IG_ERR_USAGE, "%s: too long", option);
    }
    strcpy(copy, text);
    while ((part = strsep(&rest, ","))) {
        if (found < n) {
            ig_status status =
                parse_number(option, part, 0, true, (double)INFINITY, &numbers[found], error);
            if (status) {
                return status;
            }
        }
        found++;
    }
    return found == n
               ? IG_OK
               : ig_error_set(error, IG_ERR_USAGE, "%s: %zu numbers separated by commas, not %zu",
                              option, n, found);
}

enum {
    FITS = 256,
    CURVE,
    GROUP,
    ROOT,
    COST_DYN,
    COST_REW,
    BUDGET,
    TARGET,
    LIPSCHITZ,
    SENSITIVITY,
    GAMMA,
    JSON,
    FIGURES,
    RESAMPLES,
    PLUGIN
};

static const struct option known[] = {
    {"fits", required_argument, NULL, FITS},
    {"curve", required_argument, NULL, CURVE},
    {"group", required_argument, NULL, GROUP},
    {"root", no_argument, NULL, ROOT},
    {"cost-dyn", required_argument, NULL, COST_DYN},
    {"cost-rew", required_argument, NULL, COST_REW},
    {"budget", required_argument, NULL, BUDGET},
    {"target", required_argument, NULL, TARGET},
    {"lipschitz", required_argument, NULL, LIPSCHITZ},
    {"sensitivity", required_argument, NULL, SENSITIVITY},
    {"gamma", required_argument, NULL, GAMMA},
    {"json", no_argument, NULL, JSON},
    {"figures", required_argument, NULL, FIGURES},
    {"resamples", required_argument, NULL, RESAMPLES},
    {"plugin", required_argument, NULL, PLUGIN},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static ig_status parse_one(int option, const char *text, ig_plan_options *o, ig_error *error)
{
    const double inf = (double)INFINITY;
    double number = 0;
    ig_status status = IG_OK;
    switch (option) {
    case FITS:
        o->fits = text;
        break;
    case CURVE:
        o->curve = text;
        break;
    case GROUP:
        o->group = text;
        break;
    case ROOT:
        o->root = true;
        break;
    case COST_DYN:
        return parse_number("--cost-dyn", text, 0, false, inf, &o->cost_dyn, error);
    case COST_REW:
        return parse_number("--cost-rew", text, 0, false, inf, &o->cost_rew, error);
    case BUDGET:
        return parse_number("--budget", text, 0, false, inf, &o->budget, error);
    case TARGET:
        return parse_number("--target", text, 0, false, inf, &o->target, error);
    case GAMMA:
        return parse_number("--gamma", text, 0, false, 1, &o->gamma, error);
    case LIPSCHITZ:
        return parse_list("--lipschitz", text, 3, o->lipschitz, error);
    case SENSITIVITY:
        return parse_list("--sensitivity", text, 2, o->sensitivity, error);
    case PLUGIN:
        return ig_plugin_files_add(&o->plugins, text, error);
    case JSON:
        o->json = true;
        break;
    case FIGURES:
        o->figures = text;
        break;
    case RESAMPLES:
        status = parse_number("--resamples", text, 100, true, 1e6 + 1, &number, error);
        if (!status && number != floor(number)) {
            return ig_error_set(error, IG_ERR_USAGE, "--resamples: a whole number");
        }
        o->resamples = (size_t)number;
        break;
    default:
        return ig_error_set(error, IG_ERR_USAGE, "see the message above");
    }
    return status;
}

/** What must be there, and what excludes what. */
static ig_status check(ig_plan_options *o, ig_error *error)
{
    bool lipschitz = !isnan(o->lipschitz[0]), sensitivity = !isnan(o->sensitivity[0]);
    const char *fault = NULL;
    o->by_lipschitz = lipschitz;
    if (!o->fits == !o->curve) {
        fault = "give one of --fits SUMMARY.h5 and --curve FILE.csv";
    } else if (o->group && !o->fits) {
        fault = "--group chooses among the fits of a summary; it needs --fits";
    } else if (isnan(o->cost_dyn) || isnan(o->cost_rew)) {
        fault = "give both prices, --cost-dyn and --cost-rew";
    } else if (isnan(o->budget) == isnan(o->target)) {
        fault = "give one of --budget and --target";
    } else if (lipschitz == sensitivity) {
        fault = "give one of --lipschitz L_f,L_r,L_pi and --sensitivity S_f,S_r";
    } else if (lipschitz && isnan(o->gamma)) {
        fault = "--lipschitz needs --gamma";
    } else if (sensitivity && !(o->sensitivity[0] > 0 && o->sensitivity[1] > 0)) {
        fault = "--sensitivity: both must be above 0, or there is nothing to divide";
    } else if (lipschitz && !(o->lipschitz[1] > 0)) {
        fault = "--lipschitz: with L_r = 0 dynamics errors do no harm: buy reward labels only";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "%s", fault) : IG_OK;
}

ig_status ig_plan_parse(int argc, char **argv, ig_plan_options *options, ig_plan_wish *wish,
                        ig_error *error)
{
    const double nan = (double)NAN;
    ig_plan_options o = {.cost_dyn = nan,
                         .cost_rew = nan,
                         .budget = nan,
                         .target = nan,
                         .gamma = nan,
                         .lipschitz = {nan, nan, nan},
                         .sensitivity = {nan, nan},
                         .resamples = 10000};
    int option;
    *wish = IG_PLAN_WORK;
    while ((option = getopt_long(argc, argv, "hV", known, NULL)) != -1) {
        if (option == 'h' || option == 'V') {
            *wish = option == 'h' ? IG_PLAN_HELP : IG_PLAN_VERSION;
            return IG_OK;
        }
        ig_status status = parse_one(option, optarg, &o, error);
        if (status) {
            return status;
        }
    }
    if (optind < argc) {
        char quoted[IG_QUOTE_TEXT];
        return ig_error_set(error, IG_ERR_USAGE, "what is '%s'? files follow --fits or --curve",
                            ig_text_quote(argv[optind], quoted));
    }
    ig_status status = check(&o, error);
    if (!status) {
        *options = o;
    }
    return status;
}
