#include "cli/estimate-print.h"

#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "base/text.h"
#include "run/progress.h"

enum { DURATION = 32 };

void ig_estimate_print_timing(const ig_timing *timing, const ig_schedule *schedule,
                              const ig_grid *grid, ig_isa isa)
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
        printf(
            "the dearest tasks did not fit the limit: their time is extrapolated; --measure %.0f "
            "would reach them\n",
            ceil(2 * ig_timing_seconds(timing, timing->classes[0].cost)));
    }
    if (timing->failed > 0) {
        char shown[IG_SANITIZED_TEXT];
        printf("%zu of the timed tasks failed, the first: %s\n", timing->failed,
               ig_text_sanitized(timing->failure.text, shown));
    }
}

void ig_estimate_print_head(const ig_forecast *forecast)
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

void ig_estimate_print_line(const ig_forecast *forecast, const ig_simulation *s)
{
    char makespan[DURATION];
    double lasts = s->makespan + forecast->startup;
    printf("%8zu %14s %12.4g %14.4g %9.2f %% %12.4g  %s\n", s->ranks,
           ig_duration(lasts, makespan, sizeof makespan), lasts, s->bound,
           100 * ig_simulation_efficiency(s, forecast->startup), (double)s->ranks * lasts / 3600,
           limit_of(s));
}

/** One sentence about a count. */
static void print_count(const ig_forecast *forecast, const ig_simulation *s, const char *about)
{
    char makespan[DURATION];
    printf("%s %zu rank%s, %s, efficiency %.1f %%\n", about, s->ranks, s->ranks == 1 ? "" : "s",
           ig_duration(s->makespan + forecast->startup, makespan, sizeof makespan),
           100 * ig_simulation_efficiency(s, forecast->startup));
}

/** No count ends within the walltime: several jobs, one after the other. */
static void print_jobs(const ig_forecast *forecast, const ig_simulation *s, double walltime)
{
    char text[IG_DURATION_TEXT], longest[DURATION];
    ig_duration_slurm(walltime, text);
    double useful = walltime - 60;
    if (!(1.25 * s->longest < useful)) {
        printf("no job of %s is long enough: the longest task alone takes %s\n", text,
               ig_duration(s->longest, longest, sizeof longest));
        return;
    }
    printf("no number of ranks ends within %s; a run goes on where it stopped, so submit it about "
           "%.0f times:\n",
           text, ceil(1.25 * (s->makespan + forecast->startup) / useful));
}

void ig_estimate_print_advice(const ig_forecast *forecast, const ig_advice *advice, double walltime)
{
    bool limited = isfinite(walltime), fits = !limited || advice->fits;
    const ig_simulation *chosen = limited && fits ? &advice->walltime : &advice->efficient;
    char request[IG_DURATION_TEXT];
    printf("\n");
    print_count(forecast, &advice->efficient, "efficient (90 %) up to");
    print_count(forecast, &advice->useful, "more do not help than");
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
