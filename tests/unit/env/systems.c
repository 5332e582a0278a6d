#include "systems.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "theory/theory.h"

ig_system_options options_of(size_t state, size_t action, double gamma, double kappa)
{
    return (ig_system_options){
        .state = state,
        .action = action,
        .gamma = gamma,
        .kappa = kappa,
        .policy = {0.2, 1},
        .reward = {0.5, 2},
        .errors = {0.001, 0.1},
    };
}

ig_system *make(create_function *create, const ig_system_options *options, uint64_t seed)
{
    ig_system *system = NULL;
    assert_int_equal(create(options, ig_rng_key_make("test", seed), &system, NULL), IG_OK);
    double kappa;
    assert_int_equal(ig_contraction(options->gamma, &system->lipschitz, &kappa, NULL), IG_OK);
    assert_true(fabs(kappa - options->kappa) < 1e-14);
    return system;
}

void check_close(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected))) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}
