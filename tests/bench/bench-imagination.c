/* Imagined steps a second: rollout in the student world, policy gradient, value baseline, for the
 * paper's shapes, K = 256 and H = 50, beside the machine's multiply-add peak.
 *     bench-imagination                every instruction set, and where the time goes
 *     bench-imagination --seconds BASELINE   only our seconds for one iteration of training with
 *                                      baseline none or value */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fma-peak.h"
#include "imagrid/env.h"
#include "imagrid/policy.h"

enum { STATE = 12, ACTION = 4, INPUTS = STATE + ACTION, HIDDEN = 64, K = 256, H = 50 };

/* Multiply-adds of one step that the method needs: both students and the policy forward; the
 * policy forward and backward; the value network forward, and forward and backward once more. */
static const double rollout_work =
    (INPUTS + STATE) * HIDDEN + (INPUTS + 1) * HIDDEN + (STATE + ACTION) * HIDDEN;
static const double gradient_work = (2 * STATE + 3 * ACTION) * HIDDEN;
static const double value_work = (STATE + 2) * HIDDEN + (2 * (STATE + 1) + 3) * HIDDEN;

typedef struct problem {
    ig_gaussian policy;
    ig_world world;
    ig_trajectories t;
    ig_reinforce *reinforce;
    float *networks[2], *weights, *gradient;
    ig_rng_key key;
} problem;

static void must(bool good)
{
    if (!good) {
        fprintf(stderr, "bench-imagination: no memory\n");
        exit(1);
    }
}

static float *linear(ig_mlp_shape shape, ig_rng_key key, uint64_t part)
{
    float *parameters = malloc(ig_mlp_size(shape) * sizeof *parameters);
    must(parameters);
    ig_rng rng = ig_rng_start(key, IG_STREAM_INIT, part);
    ig_mlp_init_linear(shape, &rng, parameters);
    return parameters;
}

static problem make(ig_isa isa)
{
    problem p = {.key = ig_rng_key_make("bench", 0), .policy = {STATE, HIDDEN, ACTION, 0.3f, NULL}};
    p.policy.parameters = linear(ig_gaussian_shape(&p.policy), p.key, 0);
    p.networks[0] = linear((ig_mlp_shape){INPUTS, HIDDEN, STATE}, p.key, 1);
    p.networks[1] = linear((ig_mlp_shape){INPUTS, HIDDEN, 1}, p.key, 2);
    p.weights = malloc((size_t)K * H * sizeof *p.weights);
    p.gradient = malloc(ig_gaussian_size(&p.policy) * sizeof *p.gradient);
    must(p.weights && p.gradient);
    ig_student student = {STATE, ACTION, HIDDEN, HIDDEN, p.networks[0], p.networks[1]};
    must(!ig_world_student(isa, &student, IG_SQUASH_NONE, &p.world, NULL));
    must(!ig_trajectories_init(K, H, STATE, ACTION, &p.t, NULL));
    must(!ig_reinforce_create(isa, &p.policy, K, H, &p.reinforce, NULL));
    return p;
}

static void clear(problem *p)
{
    ig_reinforce_destroy(&p->reinforce);
    ig_trajectories_clear(&p->t);
    ig_world_clear(&p->world);
    free(p->gradient);
    free(p->weights);
    free(p->networks[0]);
    free(p->networks[1]);
    free(p->policy.parameters);
}

static void roll(problem *p)
{
    must(!ig_reinforce_rollout(p->reinforce, &p->policy, &p->world, p->key, IG_STREAM_NOISE, 0,
                               false, &p->t, NULL, NULL));
}

static void whole_gradient(problem *p)
{
    ig_reinforce_returns(K, H, H, 0.99, IG_DISCOUNT_EXACT, p->t.rewards, p->weights);
    ig_reinforce_gradient(p->reinforce, &p->policy, &p->t, 0, K, H, p->weights, p->gradient);
}

static void single_gradients(problem *p)
{
    for (size_t k = 0; k < K; k++) {
        ig_reinforce_gradient(p->reinforce, &p->policy, &p->t, k, k + 1, H, p->weights,
                              p->gradient);
    }
}

/** Best of several short runs, for one call. */
static double seconds_of(void (*run)(problem *p), problem *p)
{
    double best = 1e30;
    for (int i = 0; i < 10; i++) {
        double begin = bench_seconds();
        for (int j = 0; j < 20; j++) {
            run(p);
        }
        double seconds = (bench_seconds() - begin) / 20;
        best = seconds < best ? seconds : best;
    }
    return best;
}

/** Seconds of one iteration of ig_policy_train. */
static double training_seconds(ig_isa isa, ig_baseline baseline)
{
    ig_policy_train_options options = {
        .iterations = 100,
        .trajectories = K,
        .steps = H,
        .discount = 0.99,
        .learning_rate = 1e-3f,
        .baseline = baseline,
        .value = {.hidden = HIDDEN, .epochs = 1, .minibatch = 256, .learning_rate = 1e-3f},
        .isa = isa};
    double best = 1e30;
    for (int i = 0; i < 3; i++) {
        problem p = make(isa);
        double begin = bench_seconds();
        must(!ig_policy_train(&options, &p.world, p.key, &p.policy, NULL, NULL, NULL));
        double seconds = (bench_seconds() - begin) / options.iterations;
        best = seconds < best ? seconds : best;
        clear(&p);
    }
    return best;
}

static void print_rate(const char *what, double seconds, double work, double peak)
{
    double steps = (double)K * H / seconds, rate = 2 * work * steps;
    printf("  %-38s %8.3f ms %7.1f ns/step %6.2f M steps/s %7.1f GF/s %5.1f %%\n", what,
           1e3 * seconds, 1e9 / steps, steps / 1e6, rate / 1e9, 100 * rate / peak);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seconds") == 0) {
        bool value = strcmp(argv[2], "value") == 0;
        printf("%.6f\n",
               training_seconds(ig_isa_detect(), value ? IG_BASELINE_VALUE : IG_BASELINE_NONE));
        return 0;
    }
    printf("One iteration of K = %d trajectories of H = %d steps; share of the multiply-add peak\n",
           K, H);
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        double peak = bench_peak(isa), both = rollout_work + gradient_work;
        problem p = make(isa);
        printf("%s, peak %.1f GF/s\n", ig_isa_name(isa), peak / 1e9);
        print_rate("rollout", seconds_of(roll, &p), rollout_work, peak);
        print_rate("returns and gradient", seconds_of(whole_gradient, &p), gradient_work, peak);
        print_rate("every trajectory's gradient by itself", seconds_of(single_gradients, &p),
                   gradient_work, peak);
        print_rate("training, no baseline", training_seconds(isa, IG_BASELINE_NONE), both, peak);
        print_rate("training, value baseline", training_seconds(isa, IG_BASELINE_VALUE),
                   both + value_work, peak);
        clear(&p);
    }
    return 0;
}
