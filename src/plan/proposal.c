/** Learning curves of what was measured, and the proposal made of them. */
#include "plan/plan.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "theory/theory.h"

/* Learning curves. */

/** C_d and C_r of Lemma 1, or the sensitivities that stand in for them. */
static ig_status set_weights(ig_proposal *p, ig_error *error)
{
    const ig_plan_options *o = p->options;
    p->kappa = (double)NAN;
    if (!o->by_lipschitz) {
        p->order.weight[IG_DYNAMICS] = o->sensitivity[0];
        p->order.weight[IG_REWARD] = o->sensitivity[1];
        return IG_OK;
    }
    const ig_lipschitz lipschitz = {o->lipschitz[0], o->lipschitz[1], o->lipschitz[2]};
    ig_coefficients weights = {0};
    TRY(ig_contraction(o->gamma, &lipschitz, &p->kappa, error));
    if (p->kappa >= 1) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "kappa = gamma L_f (1 + L_pi) = %.4g is not below 1, so Lemma 1 gives "
                            "no bound: measure sensitivities and use --sensitivity",
                            p->kappa);
    }
    TRY(ig_lemma1(o->gamma, &lipschitz, &weights, error));
    p->order.weight[IG_DYNAMICS] = weights.dynamics;
    p->order.weight[IG_REWARD] = weights.reward;
    return IG_OK;
}

static void set_order(ig_proposal *p)
{
    const ig_plan_options *o = p->options;
    p->order.cost[IG_DYNAMICS] = o->cost_dyn;
    p->order.cost[IG_REWARD] = o->cost_rew;
    p->order.for_target = !isnan(o->target);
    p->order.limit = p->order.for_target ? o->target : o->budget;
}

static ig_status fit_curves(ig_proposal *p, const ig_measured *measured, ig_error *error)
{
    for (int kind = 0; kind < IG_KINDS; kind++) {
        ig_rng rng =
            ig_rng_start(ig_rng_key_make("imagrid-plan", 0), IG_STREAM_BOOTSTRAP, (uint64_t)kind);
        TRY(ig_learning_curve_fit(&measured->anchors[kind], measured->names[kind],
                                  p->options->resamples, &rng, &p->curves[kind], error));
        if (p->options->root) {
            ig_learning_curve_take_root(&p->curves[kind]);
        }
    }
    return IG_OK;
}

/* Below this share of explained variance a power law is no good description. */
static const double POOR_R2 = 0.9;
/* The upper half of the anchors may have an exponent that differs by this part. */
static const double BENT = 0.25;

static void warn(ig_proposal *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void warn(ig_proposal *p, const char *format, ...)
{
    if (p->n_warnings < IG_WARNINGS) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(p->warnings[p->n_warnings++], IG_WARNING_TEXT, format, arguments);
        va_end(arguments);
    }
}

static void warn_range(ig_proposal *p, int kind)
{
    static const char *const what[IG_KINDS] = {"transitions", "reward labels"};
    const ig_learning_curve *c = &p->curves[kind];
    double n = p->purchase.count[kind].value;
    if (n > c->n_high) {
        warn(p,
             "%.15g %s are %.3g times the most that were measured (%.15g): the %s error there is "
             "extrapolated",
             n, what[kind], n / c->n_high, c->n_high, ig_kind_names[kind]);
    } else if (n < c->n_low) {
        warn(p,
             "%.15g %s are fewer than the least that were measured (%.15g): the %s error there is "
             "extrapolated",
             n, what[kind], c->n_low, ig_kind_names[kind]);
    }
    if (n == 1) {
        warn(p, "one of the %s is the least that can be bought: they are hardly worth their price",
             what[kind]);
    }
}

static void warn_fit(ig_proposal *p, int kind)
{
    const ig_learning_curve *c = &p->curves[kind];
    const char *name = ig_kind_names[kind];
    const ig_estimate *exponent = &c->law.exponent;
    if (c->law.r2 < POOR_R2) {
        warn(p, "the %s error does not follow a power law well: R2 = %.3f", name, c->law.r2);
    }
    if (isfinite(c->tail) && fabs(c->tail - exponent->value) > BENT * exponent->value) {
        warn(p,
             "the %s error %s: over the upper half of the measured N its exponent is %.3g, in the "
             "fit %.3g, so that larger N give %s than the law says",
             name, c->tail < exponent->value ? "levels off" : "falls faster and faster", c->tail,
             exponent->value, c->tail < exponent->value ? "less" : "more");
    }
    if (c->law.n_anchors < 4) {
        warn(p, "the law of the %s error rests on %zu different N only", name, c->law.n_anchors);
    }
    if (c->method == IG_REDRAW_NONE) {
        warn(p, "two single measurements of the %s error: there are no intervals", name);
    }
    if (c->method == IG_REDRAW_RESIDUALS) {
        warn(p,
             "the %s error was measured once at some N: the intervals rest on the scatter about "
             "the line",
             name);
    }
    if (exponent->low <= 0) {
        warn(p, "the %s error may not fall with N at all: its exponent lies in [%.3g, %.3g]", name,
             exponent->low, exponent->high);
    }
}

static bool is_mean_square(const ig_learning_curve *curve)
{
    size_t length = strlen(curve->name);
    return length >= 4 && strcmp(curve->name + length - 4, "_mse") == 0;
}

/** Theorem 1 speaks of the largest error that occurs anywhere. */
static void warn_meaning(ig_proposal *p)
{
    const ig_learning_curve *d = &p->curves[IG_DYNAMICS], *r = &p->curves[IG_REWARD];
    if (p->options->root) {
        warn(p, "root mean square errors stand in for the largest errors, which the bound asks "
                "for: take it as a measure of what data are worth, not as a guarantee");
    } else if (is_mean_square(d) || is_mean_square(r)) {
        warn(p, "mean squared errors stand in for the largest errors, which the bound asks for, as "
                "in the paper; --root plans with their square roots, which have the errors' units");
    }
}

static void warn_sensitivity(ig_proposal *p)
{
    const ig_plan_options *o = p->options;
    double most = 1 / (1 - o->gamma);
    if (!o->by_lipschitz && o->sensitivity[1] > most * (1 + 1e-9)) {
        warn(p, "S_r = %.4g is more than 1/(1 - gamma) = %.4g, which no reward error can exceed",
             o->sensitivity[1], most);
    }
}

/** What a person should know before the money is spent: extrapolation, poor fits, errors that are
 * not worst-case errors. */
static void add_warnings(ig_proposal *p)
{
    p->n_warnings = 0;
    for (int kind = 0; kind < IG_KINDS; kind++) {
        warn_range(p, kind);
    }
    for (int kind = 0; kind < IG_KINDS; kind++) {
        warn_fit(p, kind);
    }
    warn_meaning(p);
    warn_sensitivity(p);
    if (p->purchase.unreached > 0) {
        warn(p, "in %zu of %zu redraws of the fits %s", p->purchase.unreached, p->purchase.n_draws,
             p->order.for_target ? "no budget reaches the target"
                                 : "the laws leave the range of numbers");
    }
}

static ig_status propose(ig_proposal *p, ig_diagnostics *diagnostics, ig_error *error)
{
    const ig_plan_options *o = p->options;
    AUTO(ig_measured_clear) ig_measured measured = {0};
    TRY(set_weights(p, error));
    set_order(p);
    TRY(o->fits ? ig_measured_read_summary(o->fits, o->group, &measured, error)
                : ig_measured_read_csv(o->curve, &measured, diagnostics, error));
    TRY(fit_curves(p, &measured, error));
    TRY(ig_purchase_make(p->curves, &p->order, &p->purchase, error));
    add_warnings(p);
    return IG_OK;
}

ig_status ig_proposal_make(const ig_plan_options *options, ig_proposal *proposal,
                           ig_diagnostics *diagnostics, ig_error *error)
{
    AUTO(ig_proposal_clear) ig_proposal p = {.options = options};
    TRY(propose(&p, diagnostics, error));
    *proposal = p;
    p = (ig_proposal){0};
    return IG_OK;
}

void ig_proposal_clear(ig_proposal *proposal)
{
    for (int kind = 0; kind < IG_KINDS; kind++) {
        ig_learning_curve_clear(&proposal->curves[kind]);
    }
}
