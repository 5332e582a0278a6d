/** How an error falls with data: both laws, their draws, and what they would have foretold. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "plan/plan.h"

/* Stands for infinity among numbers between which percentiles are interpolated. */
static const double ENDLESS = 1e290;

ig_estimate ig_plan_estimate(double *values, size_t n)
{
    ig_estimate e = ig_no_estimate;
    if (n > 0) {
        const ig_law_interval i = ig_law_interval_of(values, n);
        e.value = i.median < ENDLESS ? i.median : (double)INFINITY;
        e.low = i.low < ENDLESS ? i.low : (double)INFINITY;
        e.high = i.high < ENDLESS ? i.high : (double)INFINITY;
    }
    return e;
}

static ig_status describe(const ig_learning_draws *d, ig_law_numbers *numbers, ig_error *error)
{
    const double *const from[] = {d->exponent, d->log_amplitude, d->floor};
    ig_estimate *const to[] = {&numbers->exponent, &numbers->amplitude, &numbers->floor};
    AUTO_FREE double *values = NULL;
    TRY(IG_ALLOC(values, d->n, error));
    for (int i = 0; i < 3; i++) {
        memcpy(values, from[i], d->n * sizeof *values);
        *to[i] = ig_plan_estimate(values, d->n);
    }
    ig_estimate *a = &numbers->amplitude;
    *a = (ig_estimate){exp(a->value), (double)NAN, exp(a->low), exp(a->high)};
    return IG_OK;
}

/** Either law by itself. */
static ig_status describe_alone(const ig_learning_data *data, ig_law_choice law, size_t draws,
                                ig_rng *rng, ig_law_numbers *numbers, ig_error *error)
{
    AUTO(ig_learning_draws_clear) ig_learning_draws d = {0};
    TRY(ig_learning_draw(data, law, draws, rng, &d, error));
    return describe(&d, numbers, error);
}

static ig_status look_back(const ig_learning_data *data, size_t draws, ig_rng *rng,
                           ig_learning_curve *c, ig_error *error)
{
    for (size_t leave = 1; leave <= ig_learning_n_hindcasts(data->n); leave++) {
        TRY(ig_learning_hindcast(data, c->asked, leave, draws, rng, &c->hindcasts[leave - 1],
                                 error));
        c->n_hindcasts = leave;
    }
    return IG_OK;
}

static ig_status fit(const ig_measured *m, size_t draws, ig_rng *rng, ig_learning_curve *c,
                     ig_error *error)
{
    const ig_learning_data data = ig_measured_data(m);
    TRY(ig_learning_fit(&data, &c->fits, error));
    TRY(ig_learning_draw(&data, c->asked, draws, rng, &c->draws, error));
    TRY(describe(&c->draws, &c->all, error));
    TRY(describe_alone(&data, IG_LAW_POWER, draws, rng, &c->power, error));
    TRY(describe_alone(&data, IG_LAW_FLOOR, draws, rng, &c->floor, error));
    if (c->asked == IG_LAW_AUTO) {
        c->used = ig_learning_verdict(&c->fits, &c->draws, c->reason);
    }
    return look_back(&data, draws, rng, c, error);
}

ig_status ig_learning_curve_fit(const ig_measured *measured, ig_law_choice law, size_t draws,
                                ig_rng *rng, ig_learning_curve *curve, ig_error *error)
{
    const ig_measured *m = measured;
    AUTO(ig_learning_curve_clear)
    ig_learning_curve c = {.outputs = 1, .asked = law, .used = law, .n_anchors = m->n};
    if (fit(m, draws, rng, &c, error)) {
        return ig_error_context(error, "%s", m->name);
    }
    snprintf(c.name, sizeof c.name, "%s", m->name);
    c.shared = c.draws.n_whole > 0;
    c.n_low = m->x[0];
    c.n_high = m->x[m->n - 1];
    c.count_low = c.count_high = m->count[0];
    for (size_t i = 1; i < m->n; i++) {
        c.count_low = m->count[i] < c.count_low ? m->count[i] : c.count_low;
        c.count_high = m->count[i] > c.count_high ? m->count[i] : c.count_high;
    }
    *curve = c;
    c = (ig_learning_curve){0};
    return IG_OK;
}

void ig_learning_curve_clear(ig_learning_curve *curve)
{
    ig_learning_draws_clear(&curve->draws);
    *curve = (ig_learning_curve){0};
}
