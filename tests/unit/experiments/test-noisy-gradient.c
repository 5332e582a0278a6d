/** Replicates of noisy gradients and their reference, against sums by hand and against differences
 * of returns. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "experiments/noise.h"

enum { S = 3, A = 2, WIDTH = S + 1, P = A * WIDTH, K = 3, H = 4, N = 5 };

static const double gamma_ = 0.8, std_ = 0.7, bias_size = 1.5;

static ig_noisy_options options_of(int policy_hidden, ig_reward_bias bias, ig_isa isa)
{
    return (ig_noisy_options){.state = S,
                              .action = A,
                              .hidden = 7,
                              .gain = IG_TEACHER_SCALED,
                              .policy_hidden = policy_hidden,
                              .std = std_,
                              .gamma = gamma_,
                              .steps = H,
                              .trajectories = K,
                              .bias = bias,
                              .bias_size = bias_size,
                              .noise = true,
                              .wanted = {true, true},
                              .isa = isa};
}

/** The same MDP and policy, made by hand. */
typedef struct by_hand {
    ig_world world;
    ig_gaussian policy;
    float parameters[P];
    ig_reinforce *reinforce;
    ig_trajectories all; /**< n trajectories */
} by_hand;

static void by_hand_init(ig_rng_key key, ig_isa isa, size_t n, by_hand *h)
{
    ig_teacher teacher;
    ig_rng rng = ig_rng_start(key, IG_STREAM_INIT, 0);
    *h = (by_hand){.policy = {.state = S, .action = A, .std = (float)std_}};
    h->policy.parameters = h->parameters;
    ig_mlp_init_linear(ig_gaussian_shape(&h->policy), &rng, h->parameters);
    assert_int_equal(ig_teacher_init(S, A, 7, key, &teacher, NULL), IG_OK);
    ig_teacher_apply_gain(&teacher, IG_TEACHER_SCALED);
    assert_int_equal(ig_world_teacher(isa, &teacher, IG_SQUASH_NONE, &h->world, NULL), IG_OK);
    ig_teacher_clear(&teacher);
    assert_int_equal(ig_reinforce_create(isa, &h->policy, n, H, &h->reinforce, NULL), IG_OK);
    assert_int_equal(ig_trajectories_init(n, H, S, A, &h->all, NULL), IG_OK);
}

static void by_hand_roll(by_hand *h, ig_rng_key key, ig_stream stream)
{
    assert_int_equal(ig_reinforce_rollout(h->reinforce, &h->policy, &h->world, key, stream, 0,
                                          false, &h->all, NULL, NULL),
                     IG_OK);
}

static void by_hand_clear(by_hand *h)
{
    ig_trajectories_clear(&h->all);
    ig_reinforce_destroy(&h->reinforce);
    ig_world_clear(&h->world);
}

/** Derivative p of log pi at step t of trajectory k. */
static double score(const by_hand *h, size_t t, size_t k, size_t p)
{
    const float *s = h->all.states + (t * h->all.n + k) * S;
    const float *a = h->all.actions + (t * h->all.n + k) * A;
    const bool bias = p >= A * S;
    const size_t j = bias ? p - A * S : p / S;
    double mu = (double)h->parameters[A * S + j];
    for (size_t i = 0; i < S; i++) {
        mu += (double)h->parameters[j * S + i] * (double)s[i];
    }
    return ((double)a[j] - mu) / (std_ * std_) * (bias ? 1 : (double)s[p % S]);
}

/** What is observed of a part at step t of trajectory k. */
static double observed(const by_hand *h, ig_rng_key key, ig_part part, ig_isa isa, size_t t,
                       size_t k)
{
    float u[S + A + 1], eta[H];
    ig_rng rng = ig_rng_start(key, IG_STREAM_NOISE, k);
    if (part == IG_PART_REWARD) {
        return (double)h->all.rewards[t * h->all.n + k];
    }
    if (part == IG_PART_NOISE) {
        ig_normals(isa, &rng, H, eta);
        return (double)eta[t];
    }
    rng = ig_rng_start(key, IG_STREAM_TEACHER, 2);
    ig_normals(isa, &rng, S + A + 1, u);
    double sum = (double)u[S + A];
    for (size_t i = 0; i < S; i++) {
        sum += (double)u[i] * (double)h->all.states[(t * h->all.n + k) * S + i];
    }
    for (size_t j = 0; j < A; j++) {
        sum += (double)u[S + j] * (double)h->all.actions[(t * h->all.n + k) * A + j];
    }
    return bias_size * tanh(sum);
}

/** Coordinate p of a part of replicate i: the definition of the estimator. */
static double part_by_hand(const by_hand *h, ig_rng_key key, ig_isa isa, size_t i, int discount,
                           ig_part part, size_t p)
{
    double sum = 0;
    for (size_t k = i * K; k < (i + 1) * K; k++) {
        for (size_t t = 0; t < H; t++) {
            const double from = discount == IG_DISCOUNT_EXACT ? 0 : (double)t;
            for (size_t u = t; u < H; u++) {
                sum += score(h, t, k, p) * pow(gamma_, (double)u - from) *
                       observed(h, key, part, isa, u, k) / K;
            }
        }
    }
    return sum;
}

/** What replicates bring. */
typedef struct brought {
    double part[N][IG_DISCOUNTS][IG_PARTS][P];
    size_t n;
} brought;

static void bring(void *context, const ig_replicate *replicate)
{
    brought *b = context;
    assert_true(b->n < N);
    for (int j = 0; j < IG_DISCOUNTS * IG_PARTS; j++) {
        const double *from = replicate->part[j / IG_PARTS][j % IG_PARTS];
        assert_non_null(from);
        memcpy(b->part[b->n][j / IG_PARTS][j % IG_PARTS], from, P * sizeof *from);
    }
    b->n++;
}

static void check_isa(ig_isa isa)
{
    static brought b;
    const ig_rng_key key = ig_rng_key_make("test", 5);
    const ig_noisy_options options = options_of(0, IG_REWARD_BIAS_STATE, isa);
    ig_noisy *noisy = NULL;
    by_hand h;
    ig_replicates replicates = {.add = bring, .context = &b};
    b.n = 0;
    by_hand_init(key, isa, N * K, &h);
    by_hand_roll(&h, key, IG_STREAM_DATA);
    assert_int_equal(ig_noisy_create(&options, key, &noisy, NULL), IG_OK);
    assert_int_equal(ig_noisy_size(noisy), P);
    assert_int_equal(ig_noisy_sample(noisy, IG_STREAM_DATA, 0, N, &replicates, NULL, NULL), IG_OK);
    assert_int_equal(b.n, N);
    for (size_t i = 0; i < N * IG_DISCOUNTS * IG_PARTS * P; i++) {
        const size_t p = i % P, part = i / P % IG_PARTS, d = i / P / IG_PARTS % IG_DISCOUNTS;
        const size_t r = i / P / IG_PARTS / IG_DISCOUNTS;
        const double expected = part_by_hand(&h, key, isa, r, (int)d, (ig_part)part, p);
        if (!(fabs(b.part[r][d][part][p] - expected) < 2e-5 * (1 + fabs(expected)))) {
            fail_msg("replicate %zu discount %zu part %zu coordinate %zu: %.9g instead of %.9g", r,
                     d, part, p, b.part[r][d][part][p], expected);
        }
    }
    assert_int_equal((int)replicates.noise_mean.n, N * K);
    by_hand_clear(&h);
    ig_noisy_destroy(&noisy);
    assert_null(noisy);
}

static void test_replicates(void **state)
{
    (void)state;
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        check_isa(isa);
    }
}

static void keep_sum(void *context, const ig_replicate *replicate)
{
    double *sum = context;
    for (int d = 0; d < IG_DISCOUNTS; d++) {
        for (int part = 0; part < IG_PARTS; part++) {
            sum[d] += replicate->part[d][part] ? replicate->part[d][part][0] : 0;
        }
    }
}

/** Replicates do not depend on how many are asked for at once. */
static void test_batches(void **state)
{
    (void)state;
    const ig_rng_key key = ig_rng_key_make("test", 6);
    for (int hidden = 0; hidden <= 5; hidden += 5) {
        const ig_noisy_options options =
            options_of(hidden, IG_REWARD_BIAS_CONSTANT, ig_isa_detect());
        double whole[IG_DISCOUNTS] = {0}, halves[IG_DISCOUNTS] = {0};
        ig_noisy *noisy = NULL;
        ig_replicates all = {.add = keep_sum, .context = whole};
        ig_replicates some = {.add = keep_sum, .context = halves};
        assert_int_equal(ig_noisy_create(&options, key, &noisy, NULL), IG_OK);
        assert_int_equal(ig_noisy_sample(noisy, IG_STREAM_DATA, 0, 300, &all, NULL, NULL), IG_OK);
        assert_int_equal(ig_noisy_sample(noisy, IG_STREAM_DATA, 0, 100, &some, NULL, NULL), IG_OK);
        assert_int_equal(ig_noisy_sample(noisy, IG_STREAM_DATA, 100 * K, 200, &some, NULL, NULL),
                         IG_OK);
        for (int d = 0; d < IG_DISCOUNTS; d++) {
            assert_true(whole[d] == halves[d] && whole[d] != 0);
        }
        assert_true(fabs(all.noise_mean.mean - some.noise_mean.mean) < 1e-12);
        ig_noisy_destroy(&noisy);
    }
}

/** J_H of every trajectory, n numbers. */
static void returns_of(by_hand *h, ig_rng_key key, double *to)
{
    by_hand_roll(h, key, IG_STREAM_DATA);
    for (size_t k = 0; k < h->all.n; k++) {
        to[k] = 0;
        for (size_t t = 0; t < H; t++) {
            to[k] += pow(gamma_, (double)t) * (double)h->all.rewards[t * h->all.n + k];
        }
    }
}

/** grad J_H from returns with the same random numbers at parameters a step apart: another way to
 * the gradient than scores are. */
static void test_reference_against_differences(void **state)
{
    (void)state;
    enum { TRAJECTORIES = 20000 };
    static double above[TRAJECTORIES], below[TRAJECTORIES];
    const float step = 0.01f;
    const ig_rng_key key = ig_rng_key_make("test", 7);
    const ig_noisy_options options = options_of(0, IG_REWARD_BIAS_NONE, ig_isa_detect());
    ig_noisy *noisy = NULL;
    ig_reference reference;
    by_hand h;
    by_hand_init(key, ig_isa_detect(), TRAJECTORIES, &h);
    assert_int_equal(ig_noisy_create(&options, key, &noisy, NULL), IG_OK);
    assert_int_equal(ig_noisy_refer(noisy, 400000, &reference, NULL, NULL), IG_OK);
    double signal = 0;
    for (size_t p = 0; p < P; p++) {
        ig_moment slope = {0};
        const float kept = h.parameters[p];
        h.parameters[p] = kept + step;
        returns_of(&h, key, above);
        h.parameters[p] = kept - step;
        returns_of(&h, key, below);
        h.parameters[p] = kept;
        for (size_t k = 0; k < TRAJECTORIES; k++) {
            ig_moment_add(&slope, (above[k] - below[k]) / (2 * (double)step));
        }
        const double n = reference.reward.n;
        const double error =
            hypot(ig_moment_error(&slope), sqrt(reference.reward.squares[p] / (n * (n - 1))));
        const double z = (reference.reward.mean[p] - slope.mean) / error;
        signal = fmax(signal, fabs(slope.mean) / error);
        if (!(fabs(z) < 4.5)) {
            fail_msg("coordinate %zu: %g against %g is %g standard errors away", p,
                     reference.reward.mean[p], slope.mean, z);
        }
    }
    /* The comparison says something only where the gradient stands out of its error. */
    assert_true(signal > 20);
    ig_reference_clear(&reference);
    ig_noisy_destroy(&noisy);
    by_hand_clear(&h);
}

static ig_status stop_now(void *context)
{
    int *left = context;
    return --*left < 0 ? IG_ERR_STOPPED : IG_OK;
}

static void ignore(void *context, const ig_replicate *replicate)
{
    (void)context;
    (void)replicate;
}

static void test_stopping(void **state)
{
    (void)state;
    const ig_noisy_options options = options_of(0, IG_REWARD_BIAS_NONE, ig_isa_detect());
    ig_noisy *noisy = NULL;
    int left = 3;
    const ig_yield yield = {stop_now, &left};
    ig_replicates replicates = {.add = ignore};
    ig_reference reference = {0};
    assert_int_equal(ig_noisy_create(&options, ig_rng_key_make("test", 8), &noisy, NULL), IG_OK);
    assert_int_equal(ig_noisy_sample(noisy, IG_STREAM_DATA, 0, 1000000, &replicates, &yield, NULL),
                     IG_ERR_STOPPED);
    left = 0;
    assert_int_equal(ig_noisy_refer(noisy, 100000000, &reference, &yield, NULL), IG_ERR_STOPPED);
    assert_null(reference.reward.mean);
    ig_noisy_destroy(&noisy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replicates),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_reference_against_differences),
        cmocka_unit_test(test_stopping),
    };
    return cmocka_run_group_tests_name("noisy-gradient", tests, NULL, NULL);
}
