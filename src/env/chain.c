/** The one-dimensional chain on which Lemma 1 is an equality. */
#include <math.h>

#include "env/system.h"

typedef struct chain {
    ig_system system;
    double sign; /**< of both errors: opposite ones would cancel */
} chain;

static double sign_of(const ig_system *system)
{
    return ((const chain *)system)->sign;
}

static void act(const ig_system *system, const double *s, double *a)
{
    a[0] = system->lipschitz.policy * s[0];
}

static void step(const ig_system *system, const double *s, const double *a, double *next)
{
    next[0] = system->lipschitz.dynamics * (s[0] + a[0]);
}

static double reward(const ig_system *system, const double *s, const double *a)
{
    return system->lipschitz.reward * (s[0] + a[0]);
}

static double error_of(const ig_system *system, const double *s, const double *a, double *d_next)
{
    (void)s;
    (void)a;
    d_next[0] = sign_of(system) * system->eps_dyn;
    return sign_of(system) * system->eps_rew;
}

/** Linear maps and constant errors: the sum can be written down. It happens to be the lemma's own
 *  tail, for every inequality of it is an equality here. */
static double tail(const ig_system *system, double gamma, size_t steps)
{
    ig_coefficients c = {0, 0};
    if (ig_lemma1_tail(gamma, &system->lipschitz, steps, &c, NULL)) {
        return (double)INFINITY;
    }
    return c.reward * system->eps_rew + c.dynamics * system->eps_dyn;
}

static const ig_system_maps maps = {act, step, reward, error_of, tail};

ig_status ig_chain_create(const ig_system_options *options, ig_rng_key key, ig_system **system,
                          ig_error *error)
{
    double *numbers = NULL;
    if (options->state != 1 || options->action != 1) {
        return ig_error_set(error, IG_ERR_USAGE, "the aligned chain has one state and one action");
    }
    ig_system *made = ig_system_alloc(&maps, options, sizeof(chain), 0, &numbers);
    if (!made) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a system");
    }
    ig_draws draws = ig_system_draws(key);
    ig_system_draw_constants(options, &draws, made);
    ((chain *)made)->sign = ig_rng_uniform(&draws.model) < 0.5 ? -1 : 1;
    made->start[0] = ig_uniform_in(&draws.start, -1, 1);
    *system = made;
    return IG_OK;
}
