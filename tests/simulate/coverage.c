#include "coverage.h"

#include <math.h>

#include "base/try.h"

const design designs[DESIGNS] = {
    {"3 x 2", 3, 2, {1e3, 3e3, 1e4}},
    {"4 x 3", 4, 3, {1e3, 3e3, 1e4, 3e4}},
    {"5 x 5", 5, 5, {1e3, 3e3, 1e4, 3e4, 1e5}},
    {"7 x 20", 7, 20, {2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5}},
};

const truth truths[TRUTHS] = {{"power", 0}, {"floor", 1}, {"low floor", 0.1}};

const char *const covered_names[COVERED] = {"exponent", "floor",        "3 N",
                                            "30 N",     "one training", "hindcast"};

static double center_of(const design *d)
{
    double sum = 0;
    for (size_t i = 0; i < d->n; i++) {
        sum += log(d->x[i]);
    }
    return sum / (double)d->n;
}

void coverage_measure(const coverage_case *c, ig_rng *rng, coverage_sample *s)
{
    const design *d = c->design;
    double level[SEEDS_MAX], slope[SEEDS_MAX];
    const double center = center_of(d);
    s->law = (ig_learning_law){.amplitude = 10, .exponent = 0.2 + 0.7 * ig_rng_uniform(rng)};
    s->law.floor = c->truth->floor * ig_learning_law_at(&s->law, d->x[d->n - 1]);
    for (size_t k = 0; k < d->seeds; k++) {
        level[k] = c->level * ig_rng_normal(rng);
        slope[k] = c->slope * ig_rng_normal(rng);
    }
    for (size_t i = 0, at = 0; i < d->n; i++) {
        s->first[i] = at;
        for (size_t k = 0; k < d->seeds; k++, at++) {
            const double luck = level[k] + slope[k] * (log(d->x[i]) - center);
            s->y[at] =
                ig_learning_law_at(&s->law, d->x[i]) * exp(luck + c->scatter * ig_rng_normal(rng));
            s->seed[at] = k;
        }
    }
    s->first[d->n] = d->n * d->seeds;
}

ig_learning_data coverage_data(const coverage_case *c, const coverage_sample *s)
{
    const design *d = c->design;
    return (ig_learning_data){
        .n = d->n, .x = d->x, .y = s->y, .first = s->first, .seed = s->seed, .shared = c->shared};
}

static void count(coverage *r, int what, const ig_law_interval *i, double value, bool logarithms)
{
    const double slack = 1e-12 * fabs(value);
    r->inside[what] += i->low <= value + slack && i->high >= value - slack;
    r->width[what] += logarithms ? log(i->high / i->low) : i->high - i->low;
}

static ig_status one(const coverage_case *c, const coverage_sample *s, size_t n_draws, ig_rng *rng,
                     coverage *r, ig_error *error)
{
    AUTO(ig_learning_draws_clear) ig_learning_draws draws = {0};
    const design *d = c->design;
    const ig_learning_data data = coverage_data(c, s);
    const double x = d->x[d->n - 1];
    char reason[IG_LAW_REASON_TEXT];
    ig_law_fits fits;
    ig_law_interval i;
    ig_hindcast hindcast;
    AUTO_FREE double *errors = NULL;
    TRY(IG_ALLOC(errors, n_draws, error));
    TRY(ig_learning_fit(&data, &fits, error));
    TRY(ig_learning_draw(&data, IG_LAW_AUTO, n_draws, rng, &draws, error));
    TRY(ig_learning_interval(&draws, draws.exponent, &i, error));
    count(r, EXPONENT, &i, s->law.exponent, false);
    TRY(ig_learning_interval(&draws, draws.floor, &i, error));
    count(r, FLOOR, &i, s->law.floor, false);
    TRY(ig_learning_error_at(&draws, 3 * x, &i, error));
    count(r, AT_3, &i, ig_learning_law_at(&s->law, 3 * x), true);
    TRY(ig_learning_error_at(&draws, 30 * x, &i, error));
    count(r, AT_30, &i, ig_learning_law_at(&s->law, 30 * x), true);
    for (size_t k = 0; k < draws.n; k++) {
        const ig_learning_law law = {exp(draws.log_amplitude[k]), draws.exponent[k],
                                     draws.floor[k]};
        errors[k] =
            ig_learning_one_training(&draws, k, 3 * x, ig_learning_law_at(&law, 3 * x), rng);
    }
    i = ig_law_interval_of(errors, draws.n);
    const double off = log(3 * x) - center_of(d),
                 sd = sqrt(c->scatter * c->scatter + c->level * c->level +
                           c->slope * c->slope * off * off);
    count(r, TRAINING, &i, ig_learning_law_at(&s->law, 3 * x) * exp(sd * ig_rng_normal(rng)), true);
    TRY(ig_learning_hindcast(&data, IG_LAW_AUTO, 1, n_draws, rng, &hindcast, error));
    count(r, HINDCAST, &hindcast.predicted, hindcast.measured, true);
    const ig_law_choice verdict = ig_learning_verdict(&fits, &draws, reason);
    const ig_law_choice true_law = c->truth->floor > 0 ? IG_LAW_FLOOR : IG_LAW_POWER;
    r->verdict[verdict]++;
    r->right += verdict == true_law;
    r->wrong += verdict != true_law && verdict != IG_LAW_AUTO;
    return IG_OK;
}

ig_status coverage_run(const coverage_case *c, size_t replicates, size_t n_draws, coverage *result,
                       ig_error *error)
{
    coverage r = {.replicates = replicates};
    for (size_t k = 0; k < replicates; k++) {
        ig_rng rng = ig_rng_start(ig_rng_key_make(c->design->name, k), IG_STREAM_BOOTSTRAP, 0);
        coverage_sample s;
        coverage_measure(c, &rng, &s);
        TRY(one(c, &s, n_draws, &rng, &r, error));
    }
    for (int i = 0; i < COVERED; i++) {
        r.width[i] /= (double)replicates;
    }
    *result = r;
    return IG_OK;
}
