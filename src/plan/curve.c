#include "plan/curve.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"

static ig_redraws choose_redraws(const ig_anchors *a)
{
    bool repeated = a->y != NULL, errors = true;
    for (size_t i = 0; i < a->n; i++) {
        repeated = repeated && a->first[i + 1] - a->first[i] >= 2;
        errors = errors && isfinite(a->sem[i]);
    }
    if (repeated) {
        return IG_REDRAW_SEEDS;
    }
    if (errors && !a->y) {
        return IG_REDRAW_MEANS;
    }
    return a->n > 2 ? IG_REDRAW_RESIDUALS : IG_REDRAW_NONE;
}

ig_status ig_learning_curve_fit(const ig_anchors *anchors, const char *name, size_t draws,
                                ig_rng *rng, ig_learning_curve *curve, ig_error *error)
{
    const ig_bootstrap how = {draws, IG_INTERVAL_PERCENTILE};
    ig_law_draws redrawn = {0};
    ig_power_law law;
    if (anchors->n < 2) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "%s: a power law needs measurements at two different N, not %zu", name,
                            anchors->n);
    }
    ig_learning_curve c = {.n_anchors = anchors->n,
                           .n_low = anchors->x[0],
                           .n_high = anchors->x[anchors->n - 1],
                           .method = choose_redraws(anchors)};
    if (ig_power_law_fit(anchors, c.method, &how, rng, &law, &redrawn, error)) {
        return ig_error_context(error, "%s", name);
    }
    if (law.amplitude <= 0) {
        ig_law_draws_clear(&redrawn);
        return ig_error_set(error, IG_ERR_NUMERIC, "%s: the fit overflows (exponent %g)", name,
                            law.exponent);
    }
    snprintf(c.name, sizeof c.name, "%s", name);
    c.amplitude = law.amplitude;
    c.exponent = law.exponent;
    c.exponent_low = law.exponent_low;
    c.exponent_high = law.exponent_high;
    c.r2 = law.r2;
    c.tail = ig_anchors_tail(anchors);
    c.n_draws = redrawn.n;
    c.draw_exponent = redrawn.exponent;
    c.draw_log_amplitude = redrawn.log_amplitude;
    *curve = c;
    return IG_OK;
}

void ig_learning_curve_clear(ig_learning_curve *curve)
{
    free(curve->draw_exponent);
    free(curve->draw_log_amplitude);
    memset(curve, 0, sizeof *curve);
}

void ig_learning_curve_take_root(ig_learning_curve *curve)
{
    curve->amplitude = sqrt(curve->amplitude);
    curve->exponent /= 2;
    curve->exponent_low /= 2;
    curve->exponent_high /= 2;
    curve->tail /= 2;
    for (size_t i = 0; i < curve->n_draws; i++) {
        curve->draw_exponent[i] /= 2;
        curve->draw_log_amplitude[i] /= 2;
    }
}
