#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text.h"
#include "base/try.h"
#include "cli/command.h"
#include "run/estimate.h"
#include "run/memory.h"
#include "run/needs.h"
#include "run/run.h"

enum { RANKS = 64 };

typedef struct options {
    const char *config;
    ig_plugin_files plugins;
    size_t ranks[RANKS], n_ranks;
    double walltime, measure, startup;
    bool spread;
    ig_isa isa;
} options;

static ig_status take_ranks(const char *text, void *value, ig_error *error)
{
    options *o = value;
    o->n_ranks = 0;
    for (;;) {
        size_t length = strspn(text, "0123456789");
        unsigned long ranks = strtoul(text, NULL, 10);
        if (length < 1 || length > 9 || ranks < 1 || ranks > IG_RANKS_LIMIT) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "expected numbers from 1 to %d separated by commas",
                                IG_RANKS_LIMIT);
        }
        if (o->n_ranks == RANKS) {
            return ig_error_set(error, IG_ERR_USAGE, "at most %d numbers", RANKS);
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

static ig_status take_startup(const char *text, void *value, ig_error *error)
{
    /* Zero is not a duration elsewhere, but a fair thing to ask for here. */
    double *seconds = value;
    if (strcmp(text, "0") == 0) {
        *seconds = 0;
        return IG_OK;
    }
    return ig_duration_parse(text, seconds, error);
}

static const ig_option known[] = {
    {"ranks", 0, "LIST", take_ranks, 0,
     "numbers of ranks, 1 to 100000 each, separated by commas [default: 1,4,16,64,256,1024]"},
    {"walltime", 0, "TIME", ig_take_duration, offsetof(options, walltime),
     "longest job the queue allows (90m, 2h, 1-12:00:00, or seconds)"},
    {"measure", 0, "TIME", ig_take_duration, offsetof(options, measure),
     "time to spend on measuring [default: 10s]"},
    {"startup", 0, "TIME", take_startup, offsetof(options, startup),
     "overhead of starting and ending a run [default: 0.5s]"},
    {"spread", 0, NULL, ig_take_flag, offsetof(options, spread),
     "let tasks of equal cost vary as much as the timed ones did"},
    {"isa", 0, "NAME", ig_take_isa, offsetof(options, isa),
     "auto, portable, avx2, avx512, neon, sve256 or sve512: instruction set to use [default: auto, "
     "the best of "
     "this "
     "machine]"},
    IG_OPTION_PLUGIN(options, plugins),
    IG_OPTIONS_END};

enum { DURATION = 32 };

static void print_timing(const ig_timing *timing, const ig_schedule *schedule, const ig_grid *grid,
                         ig_isa isa)
{
    const ig_cost_unit unit = ig_cost_unit_of(ig_experiment_of(ig_grid_config(grid)));
    char speed[64];
    snprintf(speed, sizeof speed, "%s/s", unit.name);
    printf("timed here, %s, in %.1f s; %zu of %zu cost classes:\n", ig_isa_name(isa), timing->spent,
           timing->n_classes, timing->n_all);
    printf("%-36s %9s %11s %7s %12s %9s\n", "first grid point of the class", "tasks", unit.name,
           "timed", "s per task", speed);
    for (size_t i = 0; i < timing->n_classes; i++) {
        const ig_timed_class *c = &timing->classes[i];
        char label[256];
        double seconds = ig_timing_seconds(timing, c->cost);
        ig_grid_label(grid, schedule->tasks[c->first] / ig_grid_n_seeds(grid), label, sizeof label);
        printf("%-36s %9zu %11.4g %7zu %12.4g %9.4g%s\n", label, c->count, c->cost / unit.size,
               c->n, seconds, c->cost / unit.size / seconds, c->n ? "" : "  (not timed)");
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
    printf("\nsimulated, with %.3g s for startup and shutdown:\n", forecast->startup);
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

/** Of a limit, what a request can use of it: Slurm counts in minutes, and rounds up. */
static double whole_minutes(double walltime)
{
    return isfinite(walltime) ? 60 * floor(walltime / 60) : walltime;
}

/** Not even one task fits into the longest job: what a job would have to be. */
static void print_too_short(const ig_forecast *forecast, double longest, double walltime)
{
    char text[IG_DURATION_TEXT], request[IG_DURATION_TEXT], alone[DURATION];
    const size_t n = ig_advice_too_long(forecast, whole_minutes(walltime)),
                 all = forecast->schedule->n;
    printf("\nno job of %s is long enough", ig_duration_slurm(walltime, text));
    if (n < all) {
        printf(" for %zu of the %zu tasks", n, all);
    }
    printf(": the longest task alone takes %s, for which to ask --time=%s (a quarter more, and a "
           "minute to start and to end; Slurm counts in whole minutes)\n",
           ig_duration(longest, alone, sizeof alone),
           ig_duration_slurm(ig_advice_request(forecast, longest), request));
}

/** What to ask Slurm for, beside time and ranks. */
typedef struct wanted {
    double megabytes; /**< of a rank; 0: not known */
    ig_needs needs;
} wanted;

static void print_request(const ig_simulation *s, double seconds, const wanted *w)
{
    char request[IG_DURATION_TEXT];
    printf("#SBATCH --ntasks=%zu\n#SBATCH --cpus-per-task=%zu\n", s->ranks, w->needs.cores);
    if (w->needs.gpus > 0) {
        printf("#SBATCH --gpus-per-node=%zu\n", w->needs.gpus);
    }
    if (w->megabytes > 0) {
        printf("#SBATCH --mem-per-cpu=%.0fM\n", ceil(w->megabytes / (double)w->needs.cores));
    }
    printf("#SBATCH --time=%s\n", ig_duration_slurm(seconds, request));
}

/** False where no job can do it: then there is no request that could work, and none is printed. */
static bool print_advice(const ig_forecast *forecast, const ig_advice *advice, double walltime,
                         const wanted *w)
{
    const bool limited = isfinite(walltime), fits = !limited || advice->fits;
    const ig_simulation *chosen = limited && fits ? &advice->walltime : &advice->efficient;
    char text[IG_DURATION_TEXT];
    printf("\n");
    print_count(forecast, &advice->efficient, "efficient (90 %) up to", ",");
    print_count(forecast, &advice->useful, "no gain beyond", ":");
    if (fits) {
        printf("\nfor %s:\n", limited ? "the fewest ranks that finish within the walltime"
                                      : "the most ranks that are used to 90 %");
        print_request(chosen, ig_advice_request(forecast, chosen->makespan), w);
        return true;
    }
    const double jobs = ig_advice_jobs(forecast, chosen, whole_minutes(walltime));
    if (isinf(jobs)) {
        print_too_short(forecast, chosen->longest, walltime);
        return false;
    }
    printf("\nno number of ranks finishes within %s; a run resumes where it stopped, so submit it "
           "about %.0f times:\n",
           ig_duration_slurm(walltime, text), jobs);
    print_request(chosen, whole_minutes(walltime), w);
    return true;
}

/* Beside what this process took: a quarter, as for the time, and what MPI takes of each rank. In
 * steps that a person can read. */
static const double memory_slack = 1.25, memory_of_mpi = 100, memory_step = 64;

/** Megabytes to ask for each rank, from the most that this process had in use; 0 where that tells
 *  nothing, as the most expensive tasks were not timed. */
static double memory_of_rank(const ig_timing *timing, size_t shared)
{
    struct rusage used;
    if (timing->classes[0].n == 0 || getrusage(RUSAGE_SELF, &used)) {
        return 0;
    }
    struct rusage started = {0};
    /* What it has started and waited for, and what that has: the largest of these processes. */
    getrusage(RUSAGE_CHILDREN, &started);
    const double all = (double)used.ru_maxrss / 1024, common = (double)shared / (1024 * 1024),
                 programs = started.ru_maxrss > 0 ? (double)started.ru_maxrss / 1024 : 0,
                 here = fmax(all - common, 0) + programs;
    printf("memory of this process: %.0f MB at most", all);
    if (programs > 0) {
        printf(", and of the largest that its tasks have started %.0f MB", programs);
    }
    if (common > 0) {
        printf(", of which %.0f MB are there once for all ranks of a node", common);
    }
    printf("\n");
    return memory_step * ceil((memory_slack * here + memory_of_mpi) / memory_step);
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

static ig_status print_simulations(const options *o, const ig_forecast *forecast, const wanted *w,
                                   bool *possible, ig_error *error)
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
    TRY(ig_advice_find(forecast, whole_minutes(o->walltime), &advice, error));
    *possible = print_advice(forecast, &advice, o->walltime, w);
    return IG_OK;
}

/** Time tasks as the only rank of a run. */
static ig_status measure(const options *o, const ig_setup *setup, const ig_schedule *schedule,
                         ig_computing *with, ig_timing *timing, ig_error *error)
{
    if (with->experiment->begin) {
        TRY(with->experiment->begin(setup->grid, with->site, &with->own, error));
    }
    const ig_status status =
        ig_timing_measure(with, setup->layout, schedule, o->measure, timing, error);
    if (with->experiment->begin) {
        with->experiment->end(with->own);
    }
    return status;
}

/** Whether there is a job that can do it goes to `*possible`. */
static ig_status estimate(const options *o, const ig_setup *setup, const ig_memory *memory,
                          bool *possible, ig_error *error)
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
    const ig_site site = {.local_ranks = 1};
    ig_computing with = {
        .experiment = experiment, .grid = setup->grid, .isa = isa, .memory = memory, .site = &site};
    TRY(measure(o, setup, schedule, &with, &timing, error));
    const ig_cost_unit unit = ig_cost_unit_of(experiment);
    printf("%s: %zu tasks, %.4g %s\n", ig_text_sanitized(o->config, shown), n,
           schedule->total / unit.size, unit.name);
    print_timing(&timing, schedule, setup->grid, isa);
    const wanted w = {memory_of_rank(&timing, memory->bytes), ig_needs_of(setup->config)};
    predict(&timing, schedule, o->spread, seconds);
    const ig_forecast forecast = {schedule, seconds, ig_overhead_usual, o->startup};
    TRY(print_simulations(o, &forecast, &w, possible, error));
    if (memory->bytes > 0 && w.megabytes > 0) {
        printf("# and for each node %.0f MB more than its ranks ask for together\n",
               ceil((double)memory->bytes / (1024 * 1024)));
    }
    return IG_OK;
}

/** What the tasks share, for this process alone. */
static ig_status load(const ig_setup *setup, ig_memory *memory, ig_error *error)
{
    AUTO(ig_diagnostics_destroy) ig_diagnostics *diagnostics = ig_diagnostics_create();
    if (!diagnostics) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    }
    const ig_status status =
        ig_memory_load(setup->grid, setup->shared_bytes, false, memory, diagnostics, error);
    ig_diagnostics_print(diagnostics, stderr);
    return status;
}

static int run(int argc, char **argv)
{
    options o = {.ranks = {1, 4, 16, 64, 256, 1024},
                 .n_ranks = 6,
                 .walltime = (double)INFINITY,
                 .measure = 10,
                 .startup = 0.5};
    ig_setup setup;
    ig_memory memory = IG_NO_MEMORY;
    ig_error error = {0};
    size_t n;
    int code = ig_command_parse(&ig_command_estimate, argc, argv, false, &o, &n);
    if (code >= 0) {
        return code;
    }
    o.config = argv[1];
    if ((code = ig_setup_read(o.config, &o.plugins, &setup)) != 0) {
        return code;
    }
    bool possible = true;
    if (load(&setup, &memory, &error) || estimate(&o, &setup, &memory, &possible, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    }
    ig_memory_clear(&memory);
    ig_setup_clear(&setup);
    return possible ? ig_status_exit_code(error.status) : 3;
}

const ig_command ig_command_estimate = {
    .name = "estimate",
    .summary = "time a few tasks, predict makespans, recommend rank counts",
    .usage = "imagrid estimate CONFIG.yaml [--ranks N,...] [--walltime TIME] [options]",
    .about = "Times a few real tasks on this machine, simulates the scheduler for each number of "
             "ranks, and reports how long a run takes, how efficiently it uses its ranks, how many "
             "ranks are worth having, and what to put into a Slurm script. Does not start MPI and "
             "writes nothing.",
    .operand = "configuration file",
    .operands_min = 1,
    .operands_max = 1,
    .options = known,
    .examples = "imagrid estimate configs/paper/scaling.yaml --ranks 1,64,512\n"
                "imagrid estimate configs/paper/scaling.yaml --walltime 10m --measure 1m",
    .exit_codes = "0 estimated\n"
                  "2 invalid usage or configuration, or no task finished while measuring\n"
                  "3 no job of --walltime is long enough for every task",
    .main = run,
};
