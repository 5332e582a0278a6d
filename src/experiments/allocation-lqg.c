/** Group `lqg` of `allocation`: learning curves of identified systems and what errors do to their
 *  returns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_fit.h>
#include <gsl/gsl_statistics_double.h>

#include "base/try.h"
#include "env/lqg.h"
#include "experiments/allocation.h"

enum { ANCHORS = 64 /**< at most, as the key says */ };

struct ig_allocation_lqg {
    ig_system *system;
    ig_lqg_model truth;
    double k[IG_LQG_ACTION * IG_LQG_STATE];
    double gamma, J;
    size_t n_directions;
    ig_lqg_model *directions; /**< unit-scaled, owned */
};

/** Mean over the directions of |J(changed) - J|: one unlucky direction decides nothing. */
static double gap(const ig_allocation_lqg *l, double dyn, double rew)
{
    double sum = 0;
    for (size_t i = 0; i < l->n_directions; i++) {
        const ig_lqg_model *d = &l->directions[i];
        sum += fabs(ig_lqg_return(l->system, &l->truth, l->k, l->gamma, d, dyn, d, rew) - l->J);
    }
    sum /= (double)l->n_directions;
    return isfinite(sum) ? sum : (double)INFINITY;
}

static double gap_dynamics(double size, void *context)
{
    return gap(context, size, 0);
}

static double gap_reward(double size, void *context)
{
    return gap(context, 0, size);
}

/** The random numbers of system i are its own, whatever grid points share otherwise: both kinds of
 *  weights then meet the same systems. */
static ig_rng_key key_of(const ig_task *task)
{
    char scope[64];
    snprintf(scope, sizeof scope, "allocation;system=%lld",
             (long long)ig_point_integer(&task->point, "system"));
    return ig_rng_key_make(scope, task->seed);
}

static ig_status create_system(const ig_point *p, ig_rng_key key, ig_allocation_lqg *l,
                               ig_error *error)
{
    double kappa[2];
    ig_system_options o = {.state = (size_t)ig_point_integer(p, "lqg.state"),
                           .action = (size_t)ig_point_integer(p, "lqg.action"),
                           .gamma = ig_point_real(p, "gamma"),
                           .errors = {1, 1}};
    ig_rng rng = ig_rng_start(key, IG_STREAM_TEACHER, 1);
    ig_point_interval(p, "lqg.kappa", kappa);
    ig_point_interval(p, "lqg.policy", o.policy);
    ig_point_interval(p, "lqg.reward", o.reward);
    o.kappa = ig_uniform_in(&rng, kappa[0], kappa[1]);
    TRY(ig_lqg_create(&o, key, &l->system, error));
    ig_lqg_matrices(l->system, &l->truth, l->k);
    l->gamma = o.gamma;
    l->J = ig_lqg_return(l->system, &l->truth, l->k, l->gamma, NULL, 0, NULL, 0);
    return IG_OK;
}

static ig_status draw_directions(const ig_point *p, ig_rng_key key, ig_allocation_lqg *l,
                                 ig_error *error)
{
    const ig_system *s = l->system;
    ig_rng rng = ig_rng_start(key, IG_STREAM_INIT, 1);
    l->n_directions = (size_t)ig_point_integer(p, "lqg.directions");
    TRY(IG_ALLOC(l->directions, l->n_directions, error));
    for (size_t i = 0; i < l->n_directions; i++) {
        TRY(ig_lqg_draw_unit(s->state, s->action, s->radius, &rng, &l->directions[i], error));
    }
    return IG_OK;
}

/** Mean sup errors of `replicates` identifications from n samples. */
static ig_status measure(const ig_task *task, const ig_allocation_lqg *l, size_t n, ig_rng *rng,
                         double *eps_dyn, double *eps_rew, ig_error *error)
{
    const ig_system *s = l->system;
    const int64_t replicates = ig_point_integer(&task->point, "lqg.replicates");
    const double noise = ig_point_real(&task->point, "lqg.noise");
    *eps_dyn = *eps_rew = 0;
    for (int64_t i = 0; i < replicates; i++) {
        ig_lqg_model difference;
        double dyn = 0, rew = 0;
        TRY(ig_yield_or_stop(task->yield, error));
        TRY(ig_lqg_identify(s, n, noise, rng, &l->truth, &difference, error));
        TRY(ig_lqg_sup(&difference, s->state, s->action, s->radius, &dyn, &rew, error));
        *eps_dyn += dyn / (double)replicates;
        *eps_rew += rew / (double)replicates;
    }
    return IG_OK;
}

static void fit(const double *log_n, const double *log_eps, size_t n, ig_allocation_kind *law,
                double *r2)
{
    double intercept, slope, cov00, cov01, cov11, rss;
    gsl_fit_linear(log_n, 1, log_eps, 1, n, &intercept, &slope, &cov00, &cov01, &cov11, &rss);
    law->amplitude = exp(intercept);
    law->exponent = -slope;
    *r2 = 1 - rss / gsl_stats_tss(log_eps, 1, n);
}

static ig_status learn(const ig_task *task, ig_rng_key key, const ig_allocation_lqg *l,
                       ig_allocation_case *c, ig_error *error)
{
    double log_n[ANCHORS], log_dyn[ANCHORS], log_rew[ANCHORS], samples[2];
    const size_t anchors = (size_t)ig_point_integer(&task->point, "lqg.anchors");
    ig_point_interval(&task->point, "lqg.samples", samples);
    for (size_t i = 0; i < anchors; i++) {
        double t = (double)i / (double)(anchors - 1);
        double n = rint(samples[0] * pow(samples[1] / samples[0], t)), dyn = 0, rew = 0;
        ig_rng rng = ig_rng_start(key, IG_STREAM_NOISE, i);
        TRY(measure(task, l, (size_t)n, &rng, &dyn, &rew, error));
        log_n[i] = log(n);
        log_dyn[i] = log(dyn);
        log_rew[i] = log(rew);
    }
    fit(log_n, log_dyn, anchors, &c->problem.dyn, &c->r2_dyn);
    fit(log_n, log_rew, anchors, &c->problem.rew, &c->r2_rew);
    return IG_OK;
}

ig_status ig_allocation_lqg_create(const ig_task *task, ig_allocation_case *what,
                                   ig_allocation_lqg **memory, ig_error *error)
{
    const ig_rng_key key = key_of(task);
    AUTO(ig_allocation_lqg_destroy) ig_allocation_lqg *l = NULL;
    TRY(IG_ALLOC(l, 1, error));
    TRY(create_system(&task->point, key, l, error));
    TRY(draw_directions(&task->point, key, l, error));
    TRY(learn(task, key, l, what, error));
    what->gamma = l->gamma;
    what->lipschitz = l->system->lipschitz;
    what->steepest = (double)NAN;
    what->dynamics = (ig_response){gap_dynamics, l};
    what->reward = (ig_response){gap_reward, l};
    *memory = ig_take(&l);
    return IG_OK;
}

void ig_allocation_lqg_destroy(ig_allocation_lqg **memory)
{
    if (*memory) {
        ig_system_destroy(&(*memory)->system);
        free((*memory)->directions);
        free(*memory);
        *memory = NULL;
    }
}
