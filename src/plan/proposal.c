#include "plan/proposal.h"

#include <math.h>
#include <string.h>

#include "theory/lemma1.h"

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
    ig_status status = ig_contraction(o->gamma, &lipschitz, &p->kappa, error);
    if (!status && p->kappa >= 1) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "kappa = gamma L_f (1 + L_pi) = %.4g is not below 1, so Lemma 1 gives "
                            "no bound: measure sensitivities and use --sensitivity",
                            p->kappa);
    }
    if (!status) {
        status = ig_lemma1(o->gamma, &lipschitz, &weights, error);
    }
    if (!status) {
        p->order.weight[IG_DYNAMICS] = weights.dynamics;
        p->order.weight[IG_REWARD] = weights.reward;
    }
    return status;
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
    ig_status status = IG_OK;
    for (int kind = 0; !status && kind < IG_KINDS; kind++) {
        ig_rng rng =
            ig_rng_start(ig_rng_key_make("imagrid-plan", 0), IG_STREAM_BOOTSTRAP, (uint64_t)kind);
        status = ig_learning_curve_fit(&measured->anchors[kind], measured->names[kind],
                                       p->options->resamples, &rng, &p->curves[kind], error);
        if (!status && p->options->root) {
            ig_learning_curve_take_root(&p->curves[kind]);
        }
    }
    return status;
}

ig_status ig_proposal_make(const ig_registry *registry, const ig_plan_options *options,
                           ig_proposal *proposal, ig_diagnostics *diagnostics, ig_error *error)
{
    ig_measured measured = {0};
    ig_proposal p = {.options = options};
    ig_status status = set_weights(&p, error);
    if (status) {
        return status;
    }
    set_order(&p);
    status = options->fits ? ig_measured_read_summary(registry, options->fits, options->group,
                                                      &measured, error)
                           : ig_measured_read_csv(options->curve, &measured, diagnostics, error);
    if (!status) {
        status = fit_curves(&p, &measured, error);
    }
    if (!status) {
        status = ig_purchase_make(p.curves, &p.order, &p.purchase, error);
    }
    ig_measured_clear(&measured);
    if (status) {
        ig_proposal_clear(&p);
        return status;
    }
    ig_proposal_warn(&p);
    *proposal = p;
    return IG_OK;
}

void ig_proposal_clear(ig_proposal *proposal)
{
    for (int kind = 0; kind < IG_KINDS; kind++) {
        ig_learning_curve_clear(&proposal->curves[kind]);
    }
}
