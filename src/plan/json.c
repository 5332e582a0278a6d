/** The proposal as one JSON object. */
#include <math.h>

#include "base/text.h"
#include "base/try.h"
#include "output/output.h"
#include "plan/plan.h"

static json_t *real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/** File names need not be UTF-8, JSON must be: other bytes are shown as \xNN. */
static json_t *text_of(const char *text)
{
    char quoted[IG_QUOTE_TEXT];
    json_t *json = text ? json_string(text) : json_null();
    return json ? json : json_string(ig_text_quote(text, quoted));
}

static json_t *estimate_of(const ig_estimate *e)
{
    return json_pack("{s:o, s:o, s:o}", "value", real(e->value), "low", real(e->low), "high",
                     real(e->high));
}

static json_t *range_of(const double ends[2])
{
    return json_pack("[o, o]", real(ends[0]), real(ends[1]));
}

static json_t *inputs_of(const ig_proposal *p)
{
    const ig_plan_options *o = p->options;
    return json_pack(
        "{s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, "
        "s:o, s:b, s:o, s:o, s:I}",
        "fits", text_of(o->fits), "curve", text_of(o->curve), "group", text_of(o->group), "root",
        p->curves[IG_DYNAMICS].rooted || p->curves[IG_REWARD].rooted, "cost_dynamics",
        real(o->cost_dyn), "cost_reward", real(o->cost_rew), "budget", real(o->budget), "target",
        real(o->target), "gamma", real(o->gamma), "L_f", real(o->lipschitz[0]), "L_r",
        real(o->lipschitz[1]), "L_pi", real(o->lipschitz[2]), "kappa", real(p->kappa),
        "weight_dynamics", real(p->order.weight[IG_DYNAMICS]), "weight_reward",
        real(p->order.weight[IG_REWARD]), "law", ig_law_choices[o->law], "owned_transitions",
        real(o->owned[IG_DYNAMICS]), "owned_labels", real(o->owned[IG_REWARD]), "labels_apart",
        o->labels_apart, "S_f", range_of(p->sensitivity), "S_r", range_of(p->sensitivity + 2),
        "sensitivity_seeds", (json_int_t)p->sensitivity_seeds);
}

/** One law: by least squares of the means, as the paper has it, and what the draws say. */
static json_t *one_law(const ig_law_numbers *n, const ig_law_fit *fit)
{
    return json_pack("{s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:o, s:o, s:o}", "amplitude",
                     estimate_of(&n->amplitude), "exponent", estimate_of(&n->exponent), "floor",
                     estimate_of(&n->floor), "least_squares", "amplitude", real(fit->law.amplitude),
                     "exponent", real(fit->law.exponent), "floor", real(fit->law.floor), "r2",
                     real(fit->r2), "aicc", real(fit->aicc), "lack_of_fit_p", real(fit->lack));
}

static json_t *hindcasts_of(const ig_learning_curve *c)
{
    json_t *all = json_array();
    for (size_t i = 0; all && i < c->n_hindcasts; i++) {
        const ig_hindcast *h = &c->hindcasts[i];
        json_t *one =
            json_pack("{s:I, s:o, s:{s:o, s:o, s:o}, s:o, s:o, s:b}", "left_out", (json_int_t)i + 1,
                      "n", real(h->x), "predicted", "value", real(h->predicted.median), "low",
                      real(h->predicted.low), "high", real(h->predicted.high), "measured",
                      real(h->measured), "off", real(h->off), "inside", h->inside);
        if (json_array_append_new(all, one)) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static json_t *law_of(const ig_learning_curve *c)
{
    const ig_law_fit *fit = c->used == IG_LAW_FLOOR ? &c->fits.floor : &c->fits.power;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:b, "
        "s:b, s:o, s:o}",
        "measured", text_of(c->name), "amplitude", real(c->all.amplitude.value), "exponent",
        estimate_of(&c->all.exponent), "r2", real(fit->r2), "exponent_upper_half",
        real(c->fits.tail), "anchors", (json_int_t)c->n_anchors, "n_low", real(c->n_low), "n_high",
        real(c->n_high), "floor", estimate_of(&c->all.floor), "law", ig_law_choices[c->used],
        "reason", c->reason[0] ? text_of(c->reason) : json_null(), "p_no_floor",
        real(c->draws.p_no_floor), "power_law", one_law(&c->power, &c->fits.power), "floor_law",
        one_law(&c->floor, &c->fits.floor), "root", c->rooted, "seeds_shared", c->shared, "outputs",
        real(c->outputs), "hindcast", hindcasts_of(c));
}

static json_t *purchase_of(const ig_purchase *b)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:o, s:o}", "transitions",
        estimate_of(&b->count[IG_DYNAMICS]), "reward_labels", estimate_of(&b->count[IG_REWARD]),
        "share_dynamics", estimate_of(&b->share[IG_DYNAMICS]), "share_reward",
        estimate_of(&b->share[IG_REWARD]), "cost", estimate_of(&b->spent), "dynamics_error",
        estimate_of(&b->error[IG_DYNAMICS]), "reward_error", estimate_of(&b->error[IG_REWARD]),
        "bound", estimate_of(&b->bound), "regret_97_5", real(b->regret), "one_training",
        "dynamics_error", estimate_of(&b->one_error[IG_DYNAMICS]), "reward_error",
        estimate_of(&b->one_error[IG_REWARD]), "bound", estimate_of(&b->one_bound), "floor",
        estimate_of(&b->floor), "owned_bound", real(b->owned_bound));
}

static json_t *rival_of(const ig_comparison *c)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:b}", "transitions", real(c->split.n_dyn),
                     "reward_labels", real(c->split.n_rew), "bound", real(c->bound.value), "loss",
                     estimate_of(&c->loss), "label_each", c->moved);
}

static json_t *next_of(const ig_proposal *p)
{
    json_t *all = json_array();
    for (size_t i = 0; all && i < p->n_next; i++) {
        const ig_next *n = &p->next[i];
        json_t *one = json_pack("{s:s, s:o, s:I, s:o, s:o}", "kind", ig_kind_names[n->kind], "n",
                                real(n->n), "trainings", (json_int_t)n->trainings, "price",
                                real(n->price), "narrower", real(n->narrower));
        if (json_array_append_new(all, one)) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static void release(json_t **json)
{
    json_decref(*json);
}

ig_status ig_proposal_json(const ig_proposal *proposal, FILE *stream, ig_error *error)
{
    const ig_proposal *p = proposal;
    const ig_purchase *b = &p->purchase;
    AUTO(release)
    json_t *warnings = json_array();
    for (size_t i = 0; i < p->n_warnings; i++) {
        if (json_array_append_new(warnings, text_of(p->warnings[i]))) {
            return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
        }
    }
    AUTO(release)
    json_t *all =
        json_pack("{s:o, s:{s:o, s:o}, s:o, s:o, s:o, s:o, s:s, s:o, s:I, s:O}", "inputs",
                  inputs_of(p), "laws", ig_kind_names[IG_DYNAMICS], law_of(&p->curves[IG_DYNAMICS]),
                  ig_kind_names[IG_REWARD], law_of(&p->curves[IG_REWARD]), "purchase",
                  purchase_of(b), "even_split", rival_of(&b->rivals[IG_EVEN]), "all_transitions",
                  rival_of(&b->rivals[IG_ALL_DYNAMICS]), "all_labels",
                  rival_of(&b->rivals[IG_ALL_REWARD]), "verdict", p->verdict, "measure_next",
                  next_of(p), "redraws", (json_int_t)b->n_draws, "warnings", warnings);
    return ig_json_write(all, JSON_INDENT(2), stream, error);
}
