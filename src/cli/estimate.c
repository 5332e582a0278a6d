#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/estimate-print.h"

static const char help[] =
    "usage: imagrid estimate CONFIG.yaml [--ranks N,...] [--walltime TIME] [options]\n"
    "\n"
    "Times a few real tasks on this machine, simulates the scheduler for each number of ranks,\n"
    "and says how long a run will take, how well it uses its ranks, how many are worth having,\n"
    "and what to put into a Slurm script. Starts no MPI and writes nothing.\n"
    "\n"
    "  --ranks LIST        numbers of ranks, 1 to 100000 each; 1,4,16,64,256,1024 unless told\n"
    "  --walltime TIME     longest job the queue takes: 2h, 90m, 1-12:00:00, seconds\n"
    "  --measure TIME      time to spend on measuring, 10s unless told\n"
    "  --startup TIME      added for starting and ending a run, 0.5s unless told\n"
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

/* Measured with Open MPI 4.1 on one host and a local file system: rows of short tasks are written
 * together and take a microsecond or two, rank 0 looks for requests every half millisecond and
 * computes on for as long again. */
static const ig_friction usual = {.row = 2e-6, .answer = 1e-3, .serve = 10e-6};

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
        /* No length of time, but a fair thing to ask for here. */
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
    ig_advice advice;
    ig_status status = IG_OK;
    ig_estimate_print_head(forecast);
    for (size_t i = 0; i < o->n_ranks && !status; i++) {
        ig_simulation simulation;
        status = ig_simulate(forecast->schedule, forecast->seconds, o->ranks[i],
                             &forecast->friction, &simulation, error);
        if (!status) {
            ig_estimate_print_line(forecast, &simulation);
        }
    }
    fflush(stdout);
    if (!status) {
        status = ig_advice_find(forecast, o->walltime, &advice, error);
    }
    if (!status) {
        ig_estimate_print_advice(forecast, &advice, o->walltime);
    }
    return status;
}

static ig_status estimate(const options *o, const ig_setup *setup, ig_error *error)
{
    const ig_experiment *experiment = ig_experiment_of(setup->config);
    size_t n = ig_grid_n_tasks(setup->grid);
    ig_isa isa = o->isa == IG_ISA_AUTO ? ig_isa_detect() : o->isa;
    int8_t *state = calloc(n, 1);
    double *seconds = malloc(n * sizeof *seconds);
    const ig_shard whole_grid = {0, 1};
    ig_schedule *schedule = NULL;
    ig_timing timing;
    ig_status status =
        state && seconds
            ? ig_schedule_create(experiment, setup->grid, state, whole_grid, &schedule, error)
            : ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks", n);
    free(state);
    if (!status) {
        status = ig_timing_measure(experiment, setup->grid, setup->layout, schedule, isa,
                                   o->measure, &timing, error);
    }
    if (!status) {
        char shown[IG_SANITIZED_TEXT];
        printf("%s: %zu tasks, %.4g GFLOP\n", ig_text_sanitized(o->config, shown), n,
               schedule->total / 1e9);
        ig_estimate_print_timing(&timing, schedule, setup->grid, isa);
        predict(&timing, schedule, o->spread, seconds);
        ig_forecast forecast = {schedule, seconds, usual, o->startup};
        status = print_simulations(o, &forecast, error);
    }
    ig_schedule_destroy(&schedule);
    free(seconds);
    return status;
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
