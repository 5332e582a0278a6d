#include "plan/proposal.h"

#include <math.h>
#include <string.h>

#include "base/try.h"
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
    ig_proposal_warn(p);
    return IG_OK;
}

ig_status ig_proposal_make(const ig_plan_options *options, ig_proposal *proposal,
                           ig_diagnostics *diagnostics, ig_error *error)
{
    ig_proposal p = {.options = options};
    const ig_status status = propose(&p, diagnostics, error);
    if (status) {
        ig_proposal_clear(&p);
        return status;
    }
    *proposal = p;
    return IG_OK;
}

void ig_proposal_clear(ig_proposal *proposal)
{
    for (int kind = 0; kind < IG_KINDS; kind++) {
        ig_learning_curve_clear(&proposal->curves[kind]);
    }
}
