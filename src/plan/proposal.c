/** From options to a proposal: measurements, curves, purchase, and whether it is worth following.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "plan/plan.h"

/* Half and half that loses less than this part is as good for all purposes. */
static const double PRACTICAL = 0.01;

/** Those of the options, or else of the summary. */
static ig_status find_sensitivities(ig_proposal *p, const ig_measured measured[IG_KINDS],
                                    ig_error *error)
{
    const ig_plan_options *o = p->options;
    const ig_measured *d = &measured[IG_DYNAMICS], *r = &measured[IG_REWARD];
    memcpy(p->sensitivity, o->sensitivity, sizeof p->sensitivity);
    if (o->by_lipschitz || !isnan(o->sensitivity[0])) {
        return IG_OK;
    }
    if (d->sensitivity_seeds == 0 || r->sensitivity_seeds == 0) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "%s does not say how much the return changes with the errors: give "
                            "exactly one of --lipschitz and --sensitivity",
                            o->fits);
    }
    for (int kind = 0; kind < IG_KINDS; kind++) {
        const double *range = measured[kind].sensitivity;
        if (!(range[0] > 0)) {
            return ig_error_set(error, IG_ERR_NUMERIC,
                                "%s: the return %s respond to %s errors (sensitivities from %g to "
                                "%g), so their price cannot be weighed: see what the data are, or "
                                "give --sensitivity",
                                o->fits, range[1] > 0 ? "does not always" : "does not",
                                ig_kind_names[kind], range[0], range[1]);
        }
        memcpy(p->sensitivity + 2 * (size_t)kind, range, sizeof measured[kind].sensitivity);
    }
    p->sensitivity_seeds =
        d->sensitivity_seeds < r->sensitivity_seeds ? d->sensitivity_seeds : r->sensitivity_seeds;
    p->sensitivity_at = d->sensitivity_at;
    return IG_OK;
}

/** C_d and C_r of Lemma 1, or the sensitivities that stand in for them. */
static ig_status set_weights(ig_proposal *p, ig_error *error)
{
    const ig_plan_options *o = p->options;
    p->kappa = (double)NAN;
    p->order.range[IG_DYNAMICS] = p->order.range[IG_REWARD] = 1;
    if (!o->by_lipschitz) {
        for (int kind = 0; kind < IG_KINDS; kind++) {
            const double *ends = &p->sensitivity[2 * (size_t)kind];
            p->order.weight[kind] = ends[0] == ends[1] ? ends[0] : sqrt(ends[0]) * sqrt(ends[1]);
            p->order.range[kind] = ends[0] == ends[1] ? 1 : sqrt(ends[1] / ends[0]);
        }
        return IG_OK;
    }
    const ig_lipschitz lipschitz = {o->lipschitz[0], o->lipschitz[1], o->lipschitz[2]};
    ig_coefficients weights = {0};
    TRY(ig_contraction(o->gamma, &lipschitz, &p->kappa, error));
    if (p->kappa >= 1) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "kappa = gamma L_f (1 + L_pi) = %.4g is not below 1, so Lemma 1 gives "
                            "no bound (learned networks hardly ever have one): measure "
                            "sensitivities and use --sensitivity",
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
    memcpy(p->order.owned, o->owned, sizeof p->order.owned);
    p->order.labels_within = !o->labels_apart;
    p->order.for_target = !isnan(o->target);
    p->order.limit = p->order.for_target ? o->target : o->budget;
}

static ig_status set_shared(const ig_plan_options *o, ig_measured *m, ig_error *error)
{
    if (o->shared == IG_SAY_YES && !m->seed) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "--seeds shared: it is not known which seed %s was measured with",
                            m->name);
    }
    m->shared = o->shared == IG_SAY_NOTHING ? m->shared : o->shared == IG_SAY_YES;
    return IG_OK;
}

/** Errors as the bound means them: no mean squares, and not the mean of several outputs. */
static void take_root(const ig_plan_options *o, int kind, ig_measured *m, ig_learning_curve *curve)
{
    const double said = kind == IG_DYNAMICS && !isnan(o->outputs) ? o->outputs : m->outputs;
    const double outputs = kind == IG_REWARD || isnan(said) ? 1 : said;
    if (o->root == IG_SAY_YES || (o->root == IG_SAY_NOTHING && m->mean_square)) {
        ig_measured_take_root(m, outputs);
        curve->rooted = true;
        curve->outputs = outputs;
    }
}

/** Laws fall by what they are; measurements need not. */
static ig_status check_falls(const ig_learning_curve *curve, int kind, ig_error *error)
{
    const double exponent = curve->fits.power.typical.exponent;
    return exponent > 0
               ? IG_OK
               : ig_error_set(error, IG_ERR_NUMERIC,
                              "the %s error does not fall with N (exponent %.3g), so no budget "
                              "helps: measure it at more and larger N",
                              ig_kind_names[kind], exponent == 0 ? 0 : exponent);
}

static ig_status fit_curves(ig_proposal *p, ig_measured measured[IG_KINDS], ig_error *error)
{
    const ig_plan_options *o = p->options;
    for (int kind = 0; kind < IG_KINDS; kind++) {
        ig_rng rng =
            ig_rng_start(ig_rng_key_make("imagrid-plan", 0), IG_STREAM_BOOTSTRAP, (uint64_t)kind);
        ig_learning_curve how = {.outputs = 1};
        TRY(set_shared(o, &measured[kind], error));
        take_root(o, kind, &measured[kind], &how);
        TRY(ig_learning_curve_fit(&measured[kind], o->law, o->draws, &rng, &p->curves[kind],
                                  error));
        p->curves[kind].rooted = how.rooted;
        p->curves[kind].outputs = how.outputs;
        TRY(check_falls(&p->curves[kind], kind, error));
    }
    return IG_OK;
}

/** Is the division worth more than half and half, as far as can be told? */
static void judge(ig_proposal *p)
{
    const ig_purchase *b = &p->purchase;
    const ig_comparison *even = &b->rivals[IG_EVEN];
    const ig_estimate *loss = &even->loss;
    const char *half = even->moved ? "half and half, as near to it as labels have transitions,"
                                   : "half of the money for each kind";
    char *text = p->verdict;
    const size_t size = sizeof p->verdict;
    if (!(b->best.cost > 0)) {
        snprintf(text, size, "What is owned is enough: buy nothing.");
    } else if (p->order.cost[IG_DYNAMICS] == 0 || p->order.cost[IG_REWARD] == 0) {
        snprintf(text, size, "All of the money goes to the kind that has a price.");
    } else if (isnan(loss->value)) {
        snprintf(text, size, "Half of the money for each kind does not buy one of each.");
    } else if (loss->low <= 0) {
        snprintf(text, size,
                 "Within the uncertainty %s is as good: its bound is %.3g %% higher [%.2g, %.2g].",
                 half, 100 * loss->value, 100 * loss->low, 100 * loss->high);
    } else if (loss->high < PRACTICAL) {
        snprintf(text, size,
                 "For practical purposes %s is as good: its bound is only %.3g %% higher [%.2g, "
                 "%.2g].",
                 half, 100 * loss->value, 100 * loss->low, 100 * loss->high);
    } else {
        snprintf(text, size, "This division beats %s, whose bound is %.3g %% higher [%.3g, %.3g].",
                 half, 100 * loss->value, 100 * loss->low, 100 * loss->high);
    }
}

static void clear_measured(ig_measured (*measured)[IG_KINDS])
{
    for (int kind = 0; kind < IG_KINDS; kind++) {
        ig_measured_clear(&(*measured)[kind]);
    }
}

static ig_status propose(ig_proposal *p, ig_diagnostics *diagnostics, ig_error *error)
{
    const ig_plan_options *o = p->options;
    AUTO(clear_measured) ig_measured measured[IG_KINDS] = {0};
    ig_rng rng = ig_rng_start(ig_rng_key_make("imagrid-plan", 0), IG_STREAM_BOOTSTRAP, IG_KINDS);
    TRY(o->fits ? ig_measured_read_summary(o->fits, o->group, measured, error)
                : ig_measured_read_csv(o->curve, measured, diagnostics, error));
    TRY(find_sensitivities(p, measured, error));
    TRY(set_weights(p, error));
    set_order(p);
    TRY(fit_curves(p, measured, error));
    TRY(ig_purchase_make(p->curves, &p->order, &rng, &p->purchase, error));
    TRY(ig_next_find(p->curves, &p->order, &p->purchase, p->next, &p->n_next, &p->dearer, error));
    judge(p);
    ig_proposal_warn(p, measured);
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
