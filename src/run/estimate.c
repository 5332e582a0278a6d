#include "run/estimate.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "base/try.h"
#include "run/stop.h"

/* Tasks of one cost differ by 2 to 5 % (shipped grids): five give the mean to 2 %, where timing of
 * different costs is what is left to learn. Short tasks go on for 0.3 s, beyond what one
 * interruption of the process takes. */
enum { ENOUGH_SAMPLES = 5 };
static const double enough_seconds = 0.3;
/* A task under way when the limit is reached may take half as long again, as otherwise all its time
 * was for nothing. */
static const double overrun = 1.5;

/** Where there are too many classes the first at or below each of these costs is taken. */
static double target(const ig_schedule *schedule, size_t step)
{
    double highest = schedule->cost[0], cheapest = schedule->cost[schedule->n - 1];
    return step + 1 == IG_TIMED_CLASSES
               ? cheapest
               : highest * pow(cheapest / highest, (double)step / (IG_TIMED_CLASSES - 1));
}

void ig_timing_start(const ig_schedule *schedule, ig_timing *timing)
{
    const double *cost = schedule->cost;
    size_t n_all = 0, step = 0;
    for (size_t i = 0; i < schedule->n; i++) {
        n_all += i == 0 || cost[i] != cost[i - 1];
    }
    *timing = (ig_timing){.n_all = n_all};
    for (size_t i = 0, end; i < schedule->n; i = end) {
        end = i + 1;
        while (end < schedule->n && cost[end] == cost[i]) {
            end++;
        }
        if (n_all <= IG_TIMED_CLASSES || cost[i] <= target(schedule, step)) {
            timing->classes[timing->n_classes++] =
                (ig_timed_class){.cost = cost[i], .first = i, .count = end - i};
        }
        while (step + 1 < IG_TIMED_CLASSES && target(schedule, step) >= cost[i]) {
            step++;
        }
    }
}

double ig_timed_mean(const ig_timed_class *timed)
{
    return gsl_stats_mean(timed->sample, 1, timed->n);
}

double ig_timing_seconds(const ig_timing *timing, double cost)
{
    const ig_timed_class *above = NULL, *below = NULL;
    for (size_t i = 0; i < timing->n_classes; i++) {
        const ig_timed_class *c = &timing->classes[i];
        if (c->n > 0 && c->cost >= cost) {
            above = c;
        } else if (c->n > 0 && !below) {
            below = c;
        }
    }
    double high = above ? ig_timed_mean(above) / above->cost : 0;
    double low = below ? ig_timed_mean(below) / below->cost : 0;
    if (!above || !below) {
        return cost * (above ? high : low);
    }
    double share = log(cost / below->cost) / log(above->cost / below->cost);
    return cost * (low + share * (high - low));
}

double ig_timing_spread(const ig_timing *timing)
{
    double squares = 0;
    size_t freedom = 0;
    for (size_t i = 0; i < timing->n_classes; i++) {
        const ig_timed_class *c = &timing->classes[i];
        double logs[IG_TIMED_SAMPLES];
        for (size_t k = 0; k < c->n; k++) {
            logs[k] = log(c->sample[k]);
        }
        if (c->n >= 2) {
            squares += gsl_stats_tss(logs, 1, c->n);
            freedom += c->n - 1;
        }
    }
    return freedom > 0 ? sqrt(squares / (double)freedom) : 0;
}

/** What timing one task needs. */
typedef struct stopwatch {
    const ig_computing *with;
    const ig_schedule *schedule;
    ig_row row;
    double begin, limit;
    ig_timing *timing;
} stopwatch;

static ig_status out_of_time(void *context)
{
    const stopwatch *w = context;
    bool over = ig_clock_monotonic() - w->begin > overrun * w->limit;
    return over ? IG_ERR_STOPPED : IG_OK;
}

/** Time one task of a class; IG_ERR_STOPPED when it was interrupted. */
static ig_status time_one(stopwatch *w, ig_timed_class *timed)
{
    /* Multiples of the golden section: spread over the class however many there will be. */
    double place = (double)timed->n * 0.6180339887498949;
    size_t position = timed->first + (size_t)((place - floor(place)) * (double)timed->count);
    ig_yield yield = {out_of_time, w};
    ig_error reason = {0};
    double start = ig_clock_monotonic();
    ig_status status =
        ig_compute_task(w->with, w->schedule->tasks[position], &yield, &w->row, &reason);
    double now = ig_clock_monotonic();
    w->timing->spent = now - w->begin;
    if (status == IG_ERR_STOPPED) {
        return status;
    }
    timed->sample[timed->n++] = fmax(now - start, 1e-9);
    if (status && w->timing->failed++ == 0) {
        w->timing->failure = reason;
    }
    return IG_OK;
}

static bool fits(const stopwatch *w, const ig_timed_class *timed)
{
    return w->timing->spent + ig_timing_seconds(w->timing, timed->cost) <= w->limit;
}

/** Which class most deserves another sample: the one with most work per sample. NULL for none. */
static ig_timed_class *most_wanted(const stopwatch *w)
{
    ig_timed_class *wanted = NULL;
    double most = 0;
    for (size_t i = 0; i < w->timing->n_classes; i++) {
        ig_timed_class *c = &w->timing->classes[i];
        double known = c->n ? ig_timed_mean(c) * (double)c->n : 0;
        bool enough =
            c->n >= IG_TIMED_SAMPLES || (c->n >= ENOUGH_SAMPLES && known >= enough_seconds);
        double weight = c->cost * (double)c->count / (double)(c->n + 1);
        if (c->n > 0 && !enough && weight > most && fits(w, c)) {
            wanted = c;
            most = weight;
        }
    }
    return wanted;
}

/** Time one task of a class that is expected to fit; IG_ERR_STOPPED when it did not. */
static ig_status try_one(stopwatch *w, ig_timed_class *timed)
{
    return fits(w, timed) ? time_one(w, timed) : IG_OK;
}

static ig_status measure(stopwatch *w, ig_error *error)
{
    ig_timing *t = w->timing;
    size_t last = t->n_classes - 1;
    if (time_one(w, &t->classes[last])) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "the cheapest task took longer than %.3g s, measure for longer",
                            overrun * w->limit);
    }
    ig_status status = last > 0 ? try_one(w, &t->classes[0]) : IG_OK;
    for (size_t i = last; i > 1 && !status; i--) {
        status = try_one(w, &t->classes[i - 1]);
    }
    ig_timed_class *wanted;
    while (!status && (wanted = most_wanted(w))) {
        status = time_one(w, wanted);
    }
    return IG_OK;
}

ig_status ig_timing_measure(const ig_computing *with, const ig_layout *layout,
                            const ig_schedule *schedule, double limit, ig_timing *timing,
                            ig_error *error)
{
    ig_timing t;
    AUTO_FREE unsigned char *bytes = NULL;
    TRY(IG_ALLOC(bytes, layout->row_size, error));
    stopwatch w = {.with = with,
                   .schedule = schedule,
                   .row = {layout, bytes},
                   .begin = ig_clock_monotonic(),
                   .limit = limit,
                   .timing = &t};
    ig_timing_start(schedule, &t);
    TRY(measure(&w, error));
    *timing = t;
    return IG_OK;
}

/* Definitions, which the output states. */
static const double efficient = 0.9, near_best = 1.05;
/* What to ask the queue for beyond the prediction. A quarter: the job's nodes are others than the
 * one that was timed, busier or slower. With an eighth, more jobs are stopped by their time limit
 * shortly before the end and need a second one; with a half, backfilling schedulers let the job
 * wait longer. A minute: starting many ranks, the 30 s kept for closing (stop.c); also Slurm's unit
 * of time. */
static const double slack = 1.25, slack_seconds = 60;
/* To what factor a count is found; a simulation of millions of tasks takes a second. */
static const double fine = 1.02, coarse = 1.1;
enum { MANY_TASKS = 1000000 };

/** A property of a count of ranks that holds from some count on. */
typedef struct search {
    const ig_forecast *forecast;
    double walltime, best; /**< limit of the request; shortest makespan */
    bool (*reached)(const struct search *search, const ig_simulation *simulation);
} search;

static bool inefficient(const search *s, const ig_simulation *simulation)
{
    return ig_simulation_efficiency(simulation, s->forecast->startup) < efficient;
}

static bool close_to_best(const search *s, const ig_simulation *simulation)
{
    return simulation->makespan <= near_best * s->best;
}

static bool within_walltime(const search *s, const ig_simulation *simulation)
{
    return ig_advice_request(s->forecast, simulation->makespan) <= s->walltime;
}

double ig_advice_request(const ig_forecast *forecast, double seconds)
{
    return 60 * ceil((slack * (seconds + forecast->startup) + slack_seconds) / 60);
}

double ig_advice_jobs(const ig_forecast *forecast, const ig_simulation *simulation, double walltime)
{
    /* Every job starts and ends, not only one. */
    const double useful = walltime - slack_seconds - slack * forecast->startup;
    return ig_advice_request(forecast, simulation->longest) <= walltime && useful > 0
               ? ceil(slack * simulation->makespan / useful)
               : (double)INFINITY;
}

size_t ig_advice_too_long(const ig_forecast *forecast, double walltime)
{
    size_t n = 0;
    for (size_t i = 0; i < forecast->schedule->n; i++) {
        n += ig_advice_request(forecast, forecast->seconds[i]) > walltime;
    }
    return n;
}

static ig_status simulate(const ig_forecast *forecast, size_t ranks, ig_simulation *result,
                          ig_error *error)
{
    return ig_simulate(forecast->schedule, forecast->seconds, ranks, &forecast->overhead, result,
                       error);
}

/** Narrow down where the property begins: it does not hold at `below`, it does at `above`. Both
 * move towards each other. */
static ig_status bisect(const search *s, ig_simulation *below, ig_simulation *above,
                        ig_error *error)
{
    const double precision = s->forecast->schedule->n > MANY_TASKS ? coarse : fine;
    while (above->ranks > below->ranks + 1 &&
           (double)above->ranks > precision * (double)below->ranks) {
        size_t middle = (size_t)sqrt((double)below->ranks * (double)above->ranks);
        middle += middle == below->ranks;
        ig_simulation simulation;
        TRY(simulate(s->forecast, middle, &simulation, error));
        *(s->reached(s, &simulation) ? above : below) = simulation;
    }
    return IG_OK;
}

/** The fewest ranks, at least `low`, that have the property, which `last` has: `low` is doubled
 * until it has it too, and what is between is bisected. */
static ig_status find_fewest(const search *s, double low, const ig_simulation *last,
                             ig_simulation *fewest, ig_error *error)
{
    ig_simulation below = {0}, above = *last;
    for (size_t ranks = low < 1 ? 1 : (size_t)low; ranks < last->ranks; ranks *= 2) {
        ig_simulation simulation;
        TRY(simulate(s->forecast, ranks, &simulation, error));
        if (s->reached(s, &simulation)) {
            above = simulation;
            break;
        }
        below = simulation;
    }
    if (below.ranks > 0) {
        TRY(bisect(s, &below, &above, error));
    }
    *fewest = above;
    return IG_OK;
}

/** The most ranks, at most `high` >= 1, that have lost the property, or 1: from above, because
 *  counts that divide the tasks evenly are efficient where smaller ones are not. */
static ig_status find_most(const search *s, size_t high, ig_simulation *most, ig_error *error)
{
    ig_simulation above, below;
    TRY(simulate(s->forecast, high, &above, error));
    if (!s->reached(s, &above) || high == 1) {
        *most = above;
        return IG_OK;
    }
    for (;;) {
        high = (high + 1) / 2;
        TRY(simulate(s->forecast, high, &below, error));
        if (high == 1 || !s->reached(s, &below)) {
            break;
        }
        above = below;
    }
    if (!s->reached(s, &below)) {
        TRY(bisect(s, &below, &above, error));
    }
    *most = below;
    return IG_OK;
}

ig_status ig_advice_find(const ig_forecast *forecast, double walltime, ig_advice *advice,
                         ig_error *error)
{
    const size_t n = forecast->schedule->n;
    ig_simulation last;
    ig_advice a;
    TRY(simulate(forecast, n < IG_RANKS_LIMIT ? n : IG_RANKS_LIMIT, &last, error));
    /* No count below busy / makespan can have that makespan, and none above busy / (efficiency *
     * longest) that efficiency. */
    search s = {forecast, walltime, last.makespan, close_to_best};
    TRY(find_fewest(&s, last.busy / (near_best * last.makespan), &last, &a.useful, error));
    const double most = last.busy / (efficient * (last.longest + forecast->startup));
    s.reached = inefficient;
    TRY(find_most(&s, (size_t)fmax(1, fmin(most, (double)last.ranks)), &a.efficient, error));
    s.reached = within_walltime;
    a.fits = within_walltime(&s, &last);
    a.walltime = last;
    if (a.fits) {
        TRY(find_fewest(&s, last.busy / walltime, &last, &a.walltime, error));
    }
    *advice = a;
    return IG_OK;
}
