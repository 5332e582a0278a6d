/** What a person should know before the money is spent: extrapolation, poor fits, errors that are
 *  not worst-case errors. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "plan/plan.h"

/* p-value below which a law misses the means by more than their scatter explains. */
static const double LACK = 0.01;
/* Below this share of explained variance a law is no good description. */
static const double POOR_R2 = 0.9;
/* Errors whose exponent may be as small as this may not fall at all. */
static const double FLAT = 0.05;
/* Difference of AICc from which on a law counts as better. */
static const double BETTER = 2;

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
    const ig_learning_curve *c = &p->curves[kind];
    const double n = p->purchase.count[kind].value, all = p->order.owned[kind] + n;
    const char *with = p->order.owned[kind] > 0 ? ", with those that are owned," : "";
    if (isinf(n)) {
        warn(p, "%s are free and nothing limits them: the %s error is taken down to its floor",
             ig_kind_samples[kind], ig_kind_names[kind]);
    } else if (all > c->n_high) {
        warn(p,
             "%.15g %s%s are %.3g times the most that were measured (%.15g): the %s error there is "
             "extrapolated",
             all, ig_kind_samples[kind], with, all / c->n_high, c->n_high, ig_kind_names[kind]);
    } else if (all < c->n_low) {
        warn(p,
             "%.15g %s%s are fewer than the least that were measured (%.15g): the %s error there "
             "is extrapolated",
             all, ig_kind_samples[kind], with, c->n_low, ig_kind_names[kind]);
    }
    if (n == 1 && p->order.owned[kind] <= 0) {
        warn(p, "one of the %s is the least that can be bought: they are hardly worth their price",
             ig_kind_samples[kind]);
    }
}

/** A plan that buys what is there already. */
static void warn_owned(ig_proposal *p, const ig_measured measured[IG_KINDS])
{
    static const char *const options[IG_KINDS] = {"--have-dyn", "--have-rew"};
    for (int kind = 0; kind < IG_KINDS; kind++) {
        const double there = measured[kind].in_file;
        if (there > 0 && p->order.owned[kind] <= 0) {
            warn(p,
                 "the plan is made as if you had no %s; the file that was learned from has %.15g: "
                 "where they are yours, say %s %.15g",
                 ig_kind_samples[kind], there, options[kind], there);
        }
    }
}

/** What the law misses, and a floor that was not asked for. */
static void warn_law(ig_proposal *p, int kind)
{
    const ig_learning_curve *c = &p->curves[kind];
    const char *name = ig_kind_names[kind];
    const ig_law_fits *f = &c->fits;
    const bool power = c->used == IG_LAW_POWER;
    const double lack = power ? f->power.lack : f->floor.lack;
    const double r2 = power ? f->power.r2 : f->floor.r2;
    if (lack < LACK) {
        warn(p,
             "%s misses the measured %s errors by more than their scatter explains (p = %.2g): the "
             "intervals are wider for it, and a law of another form may go elsewhere",
             power ? "a power law" : "a law with a floor", name, lack);
    }
    if (r2 < POOR_R2 || (isnan(r2) && f->power.r2 < POOR_R2)) {
        warn(p, "the %s error does not follow a law well: R2 = %.3f", name,
             isnan(r2) ? f->power.r2 : r2);
    }
    if (c->asked == IG_LAW_POWER && f->floor.aicc < f->power.aicc - BETTER) {
        warn(p,
             "the %s error levels off: a law with a floor of %.4g fits better, and a power law "
             "promises too much of larger N (--law auto)",
             name, f->floor.typical.floor);
    }
}

static void warn_measurements(ig_proposal *p, int kind)
{
    const ig_learning_curve *c = &p->curves[kind];
    const char *name = ig_kind_names[kind];
    const ig_estimate *exponent = &c->all.exponent;
    if (c->n_anchors < 4) {
        warn(p, "the law of the %s error rests on %zu different N only", name, c->n_anchors);
    }
    if (c->draws.assumed) {
        warn(p, "nothing shows how the %s error scatters between trainings: 5 %% were assumed",
             name);
    } else if (c->count_high == 1) {
        warn(p,
             "the %s error was measured once at each N: the intervals rest on the scatter about "
             "the law",
             name);
    }
    if (exponent->low < FLAT) {
        warn(p,
             "the %s error may not fall with N at all: the exponent of its law lies in "
             "[%.3g, %.3g]",
             name, exponent->low, exponent->high);
    }
    for (size_t i = 0; i < c->n_hindcasts; i++) {
        if (!c->hindcasts[i].inside) {
            warn(p,
                 "without its %s the %s error at N = %.15g would have been predicted wrongly, by "
                 "%.3g %%, outside the interval of the prediction",
                 i == 0 ? "largest N" : "two largest N", name, c->hindcasts[i].x,
                 100 * c->hindcasts[i].off);
        }
    }
}

/** Theorem 1 speaks of the largest error that occurs anywhere. */
static void warn_meaning(ig_proposal *p, const ig_measured measured[IG_KINDS])
{
    const ig_learning_curve *c = p->curves;
    const ig_measured *d = &measured[IG_DYNAMICS];
    if (c[IG_DYNAMICS].rooted || c[IG_REWARD].rooted) {
        warn(p, "root mean square errors stand in for the largest errors, which the bound asks "
                "for: take it as a measure of what data are worth, not as a guarantee");
    } else if (d->mean_square || measured[IG_REWARD].mean_square) {
        warn(p, "mean squared errors stand in for the largest errors, which the bound asks for, as "
                "in the paper; without --no-root the plan is made with their square roots, which "
                "have the errors' units");
    }
    if (c[IG_DYNAMICS].rooted && isnan(d->outputs) && isnan(p->options->outputs)) {
        warn(p,
             "it is not known over how many outputs %s is a mean: with --outputs N the root is "
             "the norm that the bound means, sqrt(N) times larger",
             c[IG_DYNAMICS].name);
    }
}

/** Options that do not belong to errors like these. */
static void warn_units(ig_proposal *p, const ig_measured measured[IG_KINDS])
{
    const ig_plan_options *o = p->options;
    const ig_learning_curve *dynamics = &p->curves[IG_DYNAMICS];
    if (o->by_lipschitz && measured[IG_DYNAMICS].sensitivity_seeds > 0) {
        warn(p,
             "%s is in a unit of its own, not that of Lipschitz constants: its bound is no bound; "
             "without --lipschitz the plan takes the summary's sensitivities, which belong to it",
             dynamics->name);
    }
    if (!isnan(o->outputs) && !dynamics->rooted) {
        warn(p, "--outputs changes nothing: no root is taken of %s", dynamics->name);
    }
}

static void warn_sensitivity(ig_proposal *p)
{
    const ig_plan_options *o = p->options;
    const double most = 1 / (1 - o->gamma);
    /* Those of a summary may be in other units than its rewards. */
    if (!o->by_lipschitz && !p->sensitivity_seeds && o->sensitivity[3] > most * (1 + 1e-9)) {
        warn(p, "S_r = %.4g is more than 1/(1 - gamma) = %.4g, which no reward error can exceed",
             o->sensitivity[3], most);
    }
}

void ig_proposal_warn(ig_proposal *proposal, const ig_measured measured[IG_KINDS])
{
    ig_proposal *p = proposal;
    const ig_purchase *b = &p->purchase;
    p->n_warnings = 0;
    if (b->unreached > 0) {
        warn(p, "in %.2g %% of the draws %s", 100 * (double)b->unreached / (double)b->n_draws,
             p->order.for_target ? "the floors alone are above the target: no money reaches it"
                                 : "the laws leave the range of numbers");
    }
    warn_owned(p, measured);
    for (int kind = 0; kind < IG_KINDS; kind++) {
        warn_range(p, kind);
    }
    for (int kind = 0; kind < IG_KINDS; kind++) {
        warn_law(p, kind);
        warn_measurements(p, kind);
    }
    warn_meaning(p, measured);
    warn_units(p, measured);
    warn_sensitivity(p);
}
