/** What a person should know before the money is spent. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "plan/proposal.h"

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
    if (c->r2 < POOR_R2) {
        warn(p, "the %s error is no good power law: R2 = %.3f", name, c->r2);
    }
    if (isfinite(c->tail) && fabs(c->tail - c->exponent) > BENT * c->exponent) {
        warn(p,
             "the %s error %s: over the upper half of the measured N its exponent is %.3g, in the "
             "fit %.3g, so that larger N give %s than the law says",
             name, c->tail < c->exponent ? "levels off" : "falls faster and faster", c->tail,
             c->exponent, c->tail < c->exponent ? "less" : "more");
    }
    if (c->n_anchors < 4) {
        warn(p, "the law of the %s error rests on %zu different N only", name, c->n_anchors);
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
    if (c->exponent_low <= 0) {
        warn(p, "the %s error may not fall with N at all: its exponent lies in [%.3g, %.3g]", name,
             c->exponent_low, c->exponent_high);
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

void ig_proposal_warn(ig_proposal *p)
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
