#include "run/timing.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "run/clock.h"
#include "run/compute.h"

/* Enough for a mean; classes of very short tasks go on until they have told something. */
enum { ENOUGH_SAMPLES = 5 };
static const double enough_seconds = 0.3, overrun = 1.5;

/** Where there are too many classes the first at or below each of these costs is taken. */
static double target(const ig_schedule *schedule, size_t step)
{
    double dearest = schedule->cost[0], cheapest = schedule->cost[schedule->n - 1];
    return step + 1 == IG_TIMED_CLASSES
               ? cheapest
               : dearest * pow(cheapest / dearest, (double)step / (IG_TIMED_CLASSES - 1));
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
    const ig_experiment *experiment;
    const ig_grid *grid;
    const ig_schedule *schedule;
    ig_isa isa;
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

/** Time one task of a class; IG_ERR_STOPPED when it was broken off. */
static ig_status time_one(stopwatch *w, ig_timed_class *timed)
{
    /* Multiples of the golden section: spread over the class however many there will be. */
    double place = (double)timed->n * 0.6180339887498949;
    size_t position = timed->first + (size_t)((place - floor(place)) * (double)timed->count);
    ig_yield yield = {out_of_time, w};
    ig_error reason = {0};
    double start = ig_clock_monotonic();
    ig_status status = ig_compute_task(w->experiment, w->grid, w->schedule->tasks[position], w->isa,
                                       &yield, &w->row, &reason);
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

ig_status ig_timing_measure(const ig_experiment *experiment, const ig_grid *grid,
                            const ig_layout *layout, const ig_schedule *schedule, ig_isa isa,
                            double limit, ig_timing *timing, ig_error *error)
{
    ig_timing t;
    stopwatch w = {.experiment = experiment,
                   .grid = grid,
                   .schedule = schedule,
                   .isa = isa,
                   .row = {layout, malloc(layout->row_size)},
                   .begin = ig_clock_monotonic(),
                   .limit = limit,
                   .timing = &t};
    if (!w.row.bytes) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a row of %zu bytes",
                            layout->row_size);
    }
    ig_timing_start(schedule, &t);
    ig_status status = measure(&w, error);
    free(w.row.bytes);
    if (!status) {
        *timing = t;
    }
    return status;
}
