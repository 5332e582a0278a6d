/** Systems: constants and suprema are what they say, and rollouts what can be computed otherwise.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "env/world.h"
#include "systems.h"

enum { MOST = 8 };

static ig_comparison compare(const ig_system *system, double gamma, size_t horizon, double limit)
{
    const ig_comparison_options options = {
        .gamma = gamma, .horizon = horizon, .limit = limit, .longest = 1000000};
    ig_comparison c;
    ig_error error = {0};
    if (ig_compare(system, &options, NULL, &c, &error)) {
        fail_msg("%s", error.text);
    }
    return c;
}

/** On the chain the gap is the bound, and the two errors alone add up to it. */
static void test_chain_equality(void **state)
{
    (void)state;
    static const double gammas[] = {0.5, 0.9, 0.99}, kappas[] = {0.3, 0.9, 0.95, 1.2};
    for (uint64_t seed = 0; seed < 60; seed++) {
        const double gamma = gammas[seed % 3], kappa = kappas[seed / 3 % 4];
        const size_t horizon = kappa > 1 ? 30 : 0;
        ig_system_options o = options_of(1, 1, gamma, kappa);
        ig_system *chain = make(ig_chain_create, &o, seed);
        ig_coefficients c;
        ig_bound b;
        assert_int_equal(horizon ? ig_lemma1_finite(gamma, &chain->lipschitz, horizon, &c, NULL)
                                 : ig_lemma1(gamma, &chain->lipschitz, &c, NULL),
                         IG_OK);
        assert_int_equal(ig_bound_of(&c, chain->eps_rew, chain->eps_dyn, &b, NULL), IG_OK);
        ig_comparison pair = compare(chain, gamma, horizon, 1e-12 * b.total);
        check_close(fabs(pair.gap), b.total, 1e-11);
        check_close(pair.J_hat - pair.J, pair.gap, 1e-9);
        check_close(fabs(pair.gap_dynamics), b.dynamics, 1e-9);
        check_close(fabs(pair.gap_reward), b.reward, 1e-9);
        check_close(pair.seen_dyn, chain->eps_dyn, 1e-15);
        assert_true(pair.tail <= 1e-12 * b.total && (horizon == 0 || pair.steps == horizon));
        ig_system_destroy(&chain);
    }
}

/** Reward of the closed loop at s, a quadratic form. */
static double closed_reward(const ig_system *q, const double *s)
{
    double a[MOST];
    q->maps->act(q, s, a);
    return q->maps->reward(q, s, a);
}

/** The return from the matrices of the closed loop: s_t = M^t s_0 and rewards s'Fs. */
static double lqg_return(const ig_system *q, double gamma)
{
    const size_t n = q->state;
    double loop[MOST * MOST], form[MOST * MOST], s[MOST], next[MOST], total = 0, weight = 1;
    for (size_t j = 0; j < n; j++) {
        double one[MOST] = {0}, a[MOST];
        one[j] = 1;
        q->maps->act(q, one, a);
        q->maps->step(q, one, a, next);
        for (size_t i = 0; i < n; i++) {
            double other[MOST] = {0}, sum[MOST] = {0};
            other[i] = 1;
            sum[i] += 1;
            sum[j] += 1;
            loop[i * n + j] = next[i];
            form[i * n + j] =
                (closed_reward(q, sum) - closed_reward(q, one) - closed_reward(q, other)) / 2;
        }
    }
    memcpy(s, q->start, n * sizeof *s);
    for (int t = 0; t < 5000; t++, weight *= gamma) {
        memset(next, 0, sizeof next);
        for (size_t i = 0; i < n; i++) {
            total += weight * s[i] * ig_dot(form + i * n, s, n);
        }
        ig_add_product(loop, n, n, s, next);
        memcpy(s, next, sizeof s);
    }
    return total;
}

static void test_lqg_return(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        ig_system_options o = options_of(2 + seed % 3, 2, 0.95, 0.7);
        ig_system *q = make(ig_lqg_create, &o, seed);
        ig_comparison pair = compare(q, 0.95, 0, 1e-13);
        check_close(pair.J, lqg_return(q, 0.95), 1e-10);
        check_close(pair.J_hat - pair.J, pair.gap, 1e-9);
        assert_true(pair.reach > 0.5 && pair.reach <= 1 && pair.J < 0);
        assert_true(pair.seen_dyn <= q->eps_dyn && pair.seen_rew <= q->eps_rew);
        ig_system_destroy(&q);
    }
}

/** A closed loop that may expand leaves the ball in some systems, which is an error, with its step.
 */
static void test_domain_is_checked(void **state)
{
    (void)state;
    size_t left = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        ig_system_options o = options_of(2, 2, 0.5, 0.99);
        ig_system *q = make(ig_lqg_create, &o, seed);
        const ig_comparison_options options = {.gamma = 0.5, .limit = 1e-12, .longest = 1000};
        ig_comparison c;
        ig_error error = {0};
        ig_status status = ig_compare(q, &options, NULL, &c, &error);
        assert_true(status == IG_OK || status == IG_ERR_NUMERIC);
        if (status) {
            assert_non_null(strstr(error.text, "rollout leaves the operating ball at step "));
            left++;
        }
        ig_system_destroy(&q);
    }
    assert_true(left > 5 && left < 40);
}

static ig_status stop_now(void *context)
{
    (void)context;
    return IG_ERR_STOPPED;
}

static void test_endings(void **state)
{
    (void)state;
    ig_system_options o = options_of(3, 2, 0.9, 0.5);
    ig_system *g = make(ig_generic_create, &o, 0), *none = NULL;
    ig_comparison c = {.steps = 77};
    ig_error error = {0};
    ig_comparison_options options = {.gamma = 0.9, .limit = 1e-12, .longest = 20};
    assert_int_equal(ig_compare(g, &options, NULL, &c, &error), IG_ERR_NUMERIC);
    assert_non_null(strstr(error.text, "after 20 rewards"));
    options.longest = 1000;
    assert_int_equal(ig_compare(g, &options, &(ig_yield){stop_now, NULL}, &c, NULL),
                     IG_ERR_STOPPED);
    ig_system_destroy(&g);
    /* An error above its supremum is a fault of the system. */
    ig_system *q = make(ig_lqg_create, &o, 0);
    q->eps_rew *= 0.01;
    assert_int_equal(ig_compare(q, &options, NULL, &c, &error), IG_ERR_NUMERIC);
    assert_non_null(strstr(error.text, "exceed"));
    ig_system_destroy(&q);
    ig_system_options wild = options_of(1, 1, 0.5, 0.999);
    ig_system *chain = make(ig_chain_create, &wild, 0);
    options = (ig_comparison_options){.gamma = 0.5, .limit = 1e-12, .longest = 1000000};
    assert_int_equal(ig_compare(chain, &options, NULL, &c, &error), IG_ERR_NUMERIC);
    assert_non_null(strstr(error.text, "overflow"));
    ig_system_destroy(&chain);
    assert_int_equal(c.steps, 77);
    assert_int_equal(ig_chain_create(&o, ig_rng_key_make("test", 0), &none, NULL), IG_ERR_USAGE);
    assert_null(none);
}

/** Noise that both rollouts share cancels on the chain; noise of their own does not. */
static void test_noise(void **state)
{
    (void)state;
    ig_system_options o = options_of(1, 1, 0.9, 0.6);
    ig_system *chain = make(ig_chain_create, &o, 5);
    ig_comparison quiet = compare(chain, 0.9, 0, 1e-12), shared, apart;
    ig_rng truth = ig_rng_start(ig_rng_key_make("test", 5), IG_STREAM_NOISE, 0), again = truth;
    ig_rng model = ig_rng_start(ig_rng_key_make("test", 5), IG_STREAM_NOISE, 1);
    ig_comparison_options options = {
        .gamma = 0.9, .limit = 1e-12, .longest = 1000, .noise = 0.3, .truth = &truth};
    assert_int_equal(ig_compare(chain, &options, NULL, &shared, NULL), IG_OK);
    check_close(shared.gap, quiet.gap, 1e-9);
    assert_true(fabs(shared.J - quiet.J) > 1e-3);
    options.truth = &again;
    options.model = &model;
    assert_int_equal(ig_compare(chain, &options, NULL, &apart, NULL), IG_OK);
    assert_true(apart.J == shared.J && fabs(apart.gap - quiet.gap) > 1e-3);
    ig_system_destroy(&chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain_equality),
        cmocka_unit_test(test_lqg_return),
        cmocka_unit_test(test_domain_is_checked),
        cmocka_unit_test(test_endings),
        cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
