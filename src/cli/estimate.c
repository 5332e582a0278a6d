#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "base/try.h"
#include "cli/command.h"
#include "run/estimate.h"
#include "run/progress.h"

static const char help[] =
    "usage: imagrid estimate CONFIG.yaml [--ranks N,...] [--walltime TIME] [options]\n"
    "\n"
    "Times a few real tasks on this machine, simulates the scheduler for each number of ranks,\n"
    "and says how long a run will take, how well it uses its ranks, how many are worth having,\n"
    "and what to put into a Slurm script. Starts no MPI and writes nothing.\n"
    "\n"
    "  --ranks LIST        numbers of ranks, 1 to 100000 each [1,4,16,64,256,1024]\n"
    "  --walltime TIME     longest job the queue takes: 2h, 90m, 1-12:00:00, seconds\n"
    "  --measure TIME      time to spend on measuring [10s]\n"
    "  --startup TIME      added for starting and ending a run [0.5s]\n"
    "  --spread            let tasks of one cost vary as much as the timed ones did\n"
    "  --isa NAME          portable, avx2, avx512 or auto (the best of this machine)\n"
    "  --plugin FILE       load experiments from a shared object\n"
    "  -h, --help\n"
    "\n"
    "examples:\n"
    "  imagrid estimate configs/paper/scaling.yaml --ranks 1,64,512\n"
    "  imagrid estimate configs/paper/scaling.yaml --walltime 10m --measure 1m\n"
    "\n"
    "exit codes: 0 estimated; 2 bad usage or configuration, or no task ended while measuring\n";

enum { RANKS = 64 };

typedef struct options {
    const char *config;
    ig_plugin_files plugins;
    size_t ranks[RANKS], n_ranks;
    double walltime, measure, startup;
    bool spread;
    ig_isa isa;
} options;

static ig_status parse_ranks(const char *text, options *o, ig_error *error)
{
    o->n_ranks = 0;
    for (;;) {
        size_t length = strspn(text, "0123456789");
        unsigned long ranks = strtoul(text, NULL, 10);
        if (length < 1 || length > 9 || ranks < 1 || ranks > IG_RANKS_LIMIT) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "--ranks takes numbers from 1 to %d with commas between them",
                                IG_RANKS_LIMIT);
        }
        if (o->n_ranks == RANKS) {
            return ig_error_set(error, IG_ERR_USAGE, "--ranks takes at most %d numbers", RANKS);
        }
        o->ranks[o->n_ranks++] = ranks;
        text += length;
        if (!*text) {
            return IG_OK;
        }
        if (*text++ != ',') {
            text = "";
        }
    }
}

static void parse_time(const char *option, double *seconds, ig_error *error)
{
    if (ig_duration_parse(optarg, seconds, error)) {
        ig_error_context(error, "%s", option);
    }
}

enum { LIST = 256, WALLTIME, MEASURE, STARTUP, SPREAD, ISA };

/** One option of this command's own; false for another. */
static bool take(int option, options *o, ig_error *error)
{
    switch (option) {
    case LIST:
        parse_ranks(optarg, o, error);
        return true;
    case WALLTIME:
        parse_time("--walltime", &o->walltime, error);
        return true;
    case MEASURE:
        parse_time("--measure", &o->measure, error);
        return true;
    case STARTUP:
        /* Zero is not a duration elsewhere, but a fair thing to ask for here. */
        o->startup = 0;
        if (strcmp(optarg, "0") != 0) {
            parse_time("--startup", &o->startup, error);
        }
        return true;
    case SPREAD:
        o->spread = true;
        return true;
    case ISA:
        ig_isa_parse(optarg, &o->isa, error);
        return true;
    default:
        return false;
    }
}

/** Returns -1 to go on, else the exit code. */
static int parse(int argc, char **argv, options *o)
{
    static const struct option names[] = {{"ranks", required_argument, NULL, LIST},
                                          {"walltime", required_argument, NULL, WALLTIME},
                                          {"measure", required_argument, NULL, MEASURE},
                                          {"startup", required_argument, NULL, STARTUP},
                                          {"spread", no_argument, NULL, SPREAD},
                                          {"isa", required_argument, NULL, ISA},
                                          {"plugin", required_argument, NULL, IG_OPTION_PLUGIN},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    ig_error error = {0};
    int option, code = -1;
    while (code < 0 && (option = getopt_long(argc, argv, "hV", names, NULL)) != -1) {
        if (!take(option, o, &error)) {
            code = ig_common_option(option, "estimate", help, &o->plugins);
        } else if (error.status) {
            code = ig_usage_error("estimate", "%s", error.text);
        }
    }
    if (code < 0 && argc - optind != 1) {
        code = ig_usage_error("estimate", "expected exactly one configuration file");
    }
    o->config = argv[optind];
    return code;
}

enum { DURATION = 32 };

static void print_timing(const ig_timing *timing, const ig_schedule *schedule, const ig_grid *grid,
                         ig_isa isa)
{
    printf("timed here, %s, in %.1f s; %zu of %zu cost classes:\n", ig_isa_name(isa), timing->spent,
           timing->n_classes, timing->n_all);
    printf("%-36s %9s %11s %7s %12s %9s\n", "first grid point of the class", "tasks", "GFLOP",
           "timed", "s a task", "GFLOP/s");
    for (size_t i = 0; i < timing->n_classes; i++) {
        const ig_timed_class *c = &timing->classes[i];
        char label[256];
        double seconds = ig_timing_seconds(timing, c->cost);
        ig_grid_label(grid, schedule->tasks[c->first] / ig_grid_n_seeds(grid), label, sizeof label);
        printf("%-36s %9zu %11.4g %7zu %12.4g %9.4g%s\n", label, c->count, c->cost / 1e9, c->n,
               seconds, c->cost / 1e9 / seconds, c->n ? "" : "  (not timed)");
    }
    printf("tasks of one class differ by %.1f %%\n", 100 * ig_timing_spread(timing));
    if (timing->classes[0].n == 0) {
        printf("the most expensive tasks did not fit the limit: their time is extrapolated; "
               "--measure %.0f would reach them\n",
               ceil(2 * ig_timing_seconds(timing, timing->classes[0].cost)));
    }
    if (timing->failed > 0) {
        char shown[IG_SANITIZED_TEXT];
        printf("%zu of the timed tasks failed, the first: %s\n", timing->failed,
               ig_text_sanitized(timing->failure.text, shown));
    }
}

static void print_head(const ig_forecast *forecast)
{
    printf("\nsimulated, with %.3g s for starting and ending:\n", forecast->startup);
    printf("%8s %14s %12s %14s %11s %12s  %s\n", "ranks", "makespan", "seconds", "lower bound",
           "efficiency", "core-hours", "limited by");
}

/** What keeps the makespan from being shorter. */
static const char *limit_of(const ig_simulation *s)
{
    if (s->serving > s->bound) {
        return "answers of rank 0";
    }
    return s->longest < s->bound ? "total / ranks" : "longest task";
}

static void print_line(const ig_forecast *forecast, const ig_simulation *s)
{
    char makespan[DURATION];
    double lasts = s->makespan + forecast->startup;
    printf("%8zu %14s %12.4g %14.4g %9.2f %% %12.4g  %s\n", s->ranks,
           ig_duration(lasts, makespan, sizeof makespan), lasts, s->bound,
           100 * ig_simulation_efficiency(s, forecast->startup), (double)s->ranks * lasts / 3600,
           limit_of(s));
}

/** One sentence about a count: `before` it, and `after` it. */
static void print_count(const ig_forecast *forecast, const ig_simulation *s, const char *before,
                        const char *after)
{
    char makespan[DURATION];
    printf("%s %zu rank%s%s %s, efficiency %.1f %%\n", before, s->ranks, s->ranks == 1 ? "" : "s",
           after, ig_duration(s->makespan + forecast->startup, makespan, sizeof makespan),
           100 * ig_simulation_efficiency(s, forecast->startup));
}

/** No count ends within the walltime: several jobs, one after the other. */
static void print_jobs(const ig_forecast *forecast, const ig_simulation *s, double walltime)
{
    char text[IG_DURATION_TEXT], longest[DURATION];
    const double jobs = ig_advice_jobs(forecast, s, walltime);
    ig_duration_slurm(walltime, text);
    if (isinf(jobs)) {
        printf("no job of %s is long enough: the longest task alone takes %s\n", text,
               ig_duration(s->longest, longest, sizeof longest));
        return;
    }
    printf("no number of ranks ends within %s; a run resumes where it stopped, so submit it about "
           "%.0f times:\n",
           text, jobs);
}

static void print_advice(const ig_forecast *forecast, const ig_advice *advice, double walltime)
{
    bool limited = isfinite(walltime), fits = !limited || advice->fits;
    const ig_simulation *chosen = limited && fits ? &advice->walltime : &advice->efficient;
    char request[IG_DURATION_TEXT];
    printf("\n");
    print_count(forecast, &advice->efficient, "efficient (90 %) up to", ",");
    print_count(forecast, &advice->useful, "more than", " do not help:");
    if (fits) {
        printf("\nfor %s:\n", limited ? "the fewest ranks that end within the walltime"
                                      : "the most ranks that are used to 90 %");
    } else {
        printf("\n");
        print_jobs(forecast, chosen, walltime);
    }
    ig_duration_slurm(fits ? ig_advice_request(forecast, chosen) : walltime, request);
    printf("#SBATCH --ntasks=%zu\n#SBATCH --cpus-per-task=1\n#SBATCH --time=%s\n", chosen->ranks,
           request);
}

/** Predicted seconds of every position of the schedule; with a spread, log-normal about the mean.
 */
static void predict(const ig_timing *timing, const ig_schedule *schedule, bool spread,
                    double *seconds)
{
    double sigma = spread ? ig_timing_spread(timing) : 0, one = 0;
    ig_rng rng = ig_rng_start(ig_rng_key_make("estimate", 0), IG_STREAM_NOISE, 0);
    for (size_t i = 0; i < schedule->n; i++) {
        if (i == 0 || schedule->cost[i] != schedule->cost[i - 1]) {
            one = ig_timing_seconds(timing, schedule->cost[i]);
        }
        seconds[i] = sigma > 0 ? one * exp(sigma * ig_rng_normal(&rng) - sigma * sigma / 2) : one;
    }
}

static ig_status print_simulations(const options *o, const ig_forecast *forecast, ig_error *error)
{
    print_head(forecast);
    for (size_t i = 0; i < o->n_ranks; i++) {
        ig_simulation simulation;
        TRY(ig_simulate(forecast->schedule, forecast->seconds, o->ranks[i], &forecast->overhead,
                        &simulation, error));
        print_line(forecast, &simulation);
    }
    fflush(stdout);
    ig_advice advice;
    TRY(ig_advice_find(forecast, o->walltime, &advice, error));
    print_advice(forecast, &advice, o->walltime);
    return IG_OK;
}

static ig_status estimate(const options *o, const ig_setup *setup, ig_error *error)
{
    const ig_experiment *experiment = ig_experiment_of(setup->config);
    const size_t n = ig_grid_n_tasks(setup->grid);
    const ig_isa isa = o->isa == IG_ISA_AUTO ? ig_isa_detect() : o->isa;
    const ig_shard whole_grid = {0, 1};
    AUTO_FREE int8_t *state = NULL;
    AUTO_FREE double *seconds = NULL;
    AUTO(ig_schedule_destroy) ig_schedule *schedule = NULL;
    ig_timing timing;
    char shown[IG_SANITIZED_TEXT];
    TRY(IG_ALLOC(state, n, error));
    TRY(IG_ALLOC(seconds, n, error));
    TRY(ig_schedule_create(experiment, setup->grid, state, whole_grid, &schedule, error));
    TRY(ig_timing_measure(experiment, setup->grid, setup->layout, schedule, isa, o->measure,
                          &timing, error));
    printf("%s: %zu tasks, %.4g GFLOP\n", ig_text_sanitized(o->config, shown), n,
           schedule->total / 1e9);
    print_timing(&timing, schedule, setup->grid, isa);
    predict(&timing, schedule, o->spread, seconds);
    const ig_forecast forecast = {schedule, seconds, ig_overhead_usual, o->startup};
    return print_simulations(o, &forecast, error);
}

int ig_command_estimate(int argc, char **argv)
{
    options o = {.ranks = {1, 4, 16, 64, 256, 1024},
                 .n_ranks = 6,
                 .walltime = (double)INFINITY,
                 .measure = 10,
                 .startup = 0.5};
    ig_setup setup;
    ig_error error = {0};
    int code = parse(argc, argv, &o);
    if (code >= 0 || (code = ig_setup_read(o.config, &o.plugins, &setup)) != 0) {
        return code;
    }
    if (estimate(&o, &setup, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    }
    ig_setup_clear(&setup);
    return ig_status_exit_code(error.status);
}
