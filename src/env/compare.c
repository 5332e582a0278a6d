#include "env/world.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

enum { STEPS_PER_YIELD = 1024 }; /* below a millisecond in small systems */
/* Room for rounding in comparisons with numbers that are met with equality. */
#define ROUNDING 1e-9

/** A sum that keeps what rounding would lose (Neumaier). */
typedef struct sum {
    double total, rest;
} sum;

static void add(sum *s, double number)
{
    double total = s->total + number;
    s->rest +=
        fabs(s->total) >= fabs(number) ? (s->total - total) + number : (number - total) + s->total;
    s->total = total;
}

static double value(const sum *s)
{
    return s->total + s->rest;
}

/** A rollout at one step: n numbers of state and next, m of action. */
typedef struct rollout {
    double *s, *a, *next;
} rollout;

/** Everything a comparison works with. */
typedef struct workspace {
    double *numbers; /**< owned */
    rollout truth, model;
    double *d_next, *noise;
} workspace;

static ig_status workspace_init(const ig_system *system, workspace *w, ig_error *error)
{
    const size_t n = system->state, m = system->action;
    TRY(IG_ALLOC(w->numbers, 6 * n + 2 * m, error));
    double *at = w->numbers;
    w->truth = (rollout){at, at + n, at + n + m};
    at += 2 * n + m;
    w->model = (rollout){at, at + n, at + n + m};
    at += 2 * n + m;
    w->d_next = at;
    w->noise = at + n;
    memcpy(w->truth.s, system->start, n * sizeof(double));
    memcpy(w->model.s, system->start, n * sizeof(double));
    return IG_OK;
}

static void workspace_clear(workspace *w)
{
    free(w->numbers);
}

/** Choose the rollout's action and see that (s, a) lies in the domain. */
static ig_status act(const ig_system *system, const rollout *r, const char *name, size_t t,
                     ig_comparison *c, ig_error *error)
{
    system->maps->act(system, r->s, r->a);
    if (isinf(system->radius)) {
        return IG_OK;
    }
    double reach =
        hypot(ig_norm(r->s, system->state), ig_norm(r->a, system->action)) / system->radius;
    if (!(reach <= 1 + ROUNDING)) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "the %s rollout leaves the operating ball at step %zu: %.6g of its "
                            "radius",
                            name, t, reach);
    }
    c->reach = fmax(c->reach, reach);
    return IG_OK;
}

static ig_status note_errors(const ig_system *system, double dyn, double rew, ig_comparison *c,
                             ig_error *error)
{
    c->seen_dyn = fmax(c->seen_dyn, dyn);
    c->seen_rew = fmax(c->seen_rew, fabs(rew));
    if (c->seen_dyn > system->eps_dyn * (1 + ROUNDING) ||
        c->seen_rew > system->eps_rew * (1 + ROUNDING)) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "model errors %.17g and %.17g exceed their suprema %.17g and %.17g",
                            c->seen_dyn, c->seen_rew, system->eps_dyn, system->eps_rew);
    }
    return IG_OK;
}

/** Add noise to the next state; with `rng`, new numbers. */
static void disturb(const ig_system *system, double size, ig_rng *rng, double *noise, double *next)
{
    if (rng) {
        ig_draw_normal(rng, system->state, noise);
    }
    for (size_t i = 0; i < system->state; i++) {
        next[i] += size * noise[i];
    }
}

static void advance(rollout *r)
{
    double *s = r->s;
    r->s = r->next;
    r->next = s;
}

/** The sums of one comparison. */
typedef struct sums {
    sum J, J_hat, gap, gap_dynamics, gap_reward;
} sums;

/** Step t of both rollouts; `weight` is gamma^t. */
static ig_status step(const ig_system *system, const ig_comparison_options *o, workspace *w,
                      size_t t, double weight, sums *total, ig_comparison *c, ig_error *error)
{
    const ig_system_maps *maps = system->maps;
    rollout *truth = &w->truth, *model = &w->model;
    TRY(act(system, truth, "true", t, c, error));
    TRY(act(system, model, "learned", t, c, error));
    double reward = maps->reward(system, truth->s, truth->a);
    double off_path = maps->error(system, truth->s, truth->a, w->d_next);
    double moved = maps->reward(system, model->s, model->a);
    double on_path = maps->error(system, model->s, model->a, w->d_next);
    add(&total->J, weight * reward);
    add(&total->J_hat, weight * (moved + on_path));
    add(&total->gap, weight * (moved - reward + on_path));
    add(&total->gap_dynamics, weight * (moved - reward));
    add(&total->gap_reward, weight * off_path);
    TRY(note_errors(system, ig_norm(w->d_next, system->state), on_path, c, error));
    maps->step(system, truth->s, truth->a, truth->next);
    maps->step(system, model->s, model->a, model->next);
    for (size_t i = 0; i < system->state; i++) {
        model->next[i] += w->d_next[i];
    }
    if (o->noise > 0) {
        disturb(system, o->noise, o->truth, w->noise, truth->next);
        disturb(system, o->noise, o->model, w->noise, model->next);
    }
    advance(truth);
    advance(model);
    return IG_OK;
}

/** Whether t rewards are all that is to be summed. */
static bool finished(const ig_system *system, const ig_comparison_options *o, size_t t,
                     double *tail)
{
    *tail = o->horizon ? 0 : system->maps->tail(system, o->gamma, t);
    return o->horizon ? t >= o->horizon : *tail <= o->limit;
}

ig_status ig_compare(const ig_system *system, const ig_comparison_options *options,
                     const ig_yield *yield, ig_comparison *comparison, ig_error *error)
{
    AUTO(workspace_clear) workspace w = {0};
    sums total = {0};
    ig_comparison c = {0};
    double weight = 1;
    size_t t = 0;
    TRY(workspace_init(system, &w, error));
    for (; !finished(system, options, t, &c.tail); t++) {
        if (!options->horizon && t >= options->longest) {
            return ig_error_set(error, IG_ERR_NUMERIC,
                                "after %zu rewards the rest may still add %g to the gap", t,
                                c.tail);
        }
        if (t % STEPS_PER_YIELD == 0) {
            TRY(ig_yield_or_stop(yield, error));
        }
        TRY(step(system, options, &w, t, weight, &total, &c, error));
        weight *= options->gamma;
    }
    if (!isfinite(value(&total.gap))) {
        return ig_error_set(error, IG_ERR_NUMERIC, "the rollouts overflow within %zu steps", t);
    }
    c.J = value(&total.J);
    c.J_hat = value(&total.J_hat);
    c.gap = value(&total.gap);
    c.gap_dynamics = value(&total.gap_dynamics);
    c.gap_reward = value(&total.gap_reward);
    c.steps = t;
    *comparison = c;
    return IG_OK;
}
