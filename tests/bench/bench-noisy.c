/* Gradients of noisy and biased rewards, as `reward_noise` makes them: trajectories a second, from
 * the start state to the parts of a gradient (rewards, noise, bias) for each K = 16 of them.
 *     bench-noisy                       every instruction set, two shapes
 *     bench-noisy --rate small|paper    only our trajectories a second */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "experiments/noise.h"

enum { K = 16, REPLICATES = 256 };

static const struct shape {
    const char *name;
    int state, action, hidden;
    size_t steps;
} shapes[] = {{"small", 4, 2, 16, 10}, {"paper", 12, 4, 64, 50}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void must(bool good)
{
    if (!good) {
        fprintf(stderr, "bench-noisy: no memory\n");
        exit(1);
    }
}

static void add(void *context, const ig_replicate *replicate)
{
    ig_moments *moments = context;
    for (int part = 0; part < IG_PARTS; part++) {
        ig_moments_add(&moments[part], replicate->part[IG_DISCOUNT_EXACT][part]);
    }
}

/** Best of several short runs. */
static double rate_of(ig_isa isa, const struct shape *shape)
{
    const ig_noisy_options options = {.state = shape->state,
                                      .action = shape->action,
                                      .hidden = shape->hidden,
                                      .std = 0.5,
                                      .gamma = 0.9,
                                      .steps = shape->steps,
                                      .trajectories = K,
                                      .bias = IG_REWARD_BIAS_STATE,
                                      .bias_size = 1,
                                      .noise = true,
                                      .wanted = {false, true},
                                      .isa = isa};
    ig_moments moments[IG_PARTS] = {{0}};
    ig_noisy *noisy = NULL;
    ig_replicates replicates = {.add = add, .context = moments};
    double best = 0;
    must(!ig_noisy_create(&options, ig_rng_key_make("bench", 0), &noisy, NULL));
    for (int part = 0; part < IG_PARTS; part++) {
        must(!ig_moments_init(ig_noisy_size(noisy), &moments[part], NULL));
    }
    for (int i = 0; i < 10; i++) {
        double begin = bench_seconds();
        must(!ig_noisy_sample(noisy, IG_STREAM_DATA, 0, REPLICATES, &replicates, NULL, NULL));
        double rate = (double)K * REPLICATES / (bench_seconds() - begin);
        best = rate > best ? rate : best;
    }
    for (int part = 0; part < IG_PARTS; part++) {
        ig_moments_clear(&moments[part]);
    }
    ig_noisy_destroy(&noisy);
    return best;
}

int main(int argc, char **argv)
{
    for (int i = 0; i < SHAPES; i++) {
        const struct shape *s = &shapes[i];
        if (argc == 3 && strcmp(argv[1], "--rate") == 0 && strcmp(argv[2], s->name) == 0) {
            printf("%.6g\n", rate_of(ig_isa_detect(), s));
            return 0;
        }
        for (ig_isa isa = IG_ISA_PORTABLE; argc == 1 && isa != IG_ISA_AUTO;
             isa = ig_isa_next(isa)) {
            const double rate = rate_of(isa, s);
            printf("%-6s %2d/%d/%-3d H = %-3zu %-9s %10.0f trajectories/s %8.1f ns a step\n",
                   s->name, s->state, s->action, s->hidden, s->steps, ig_isa_name(isa), rate,
                   1e9 / rate / (double)s->steps);
        }
    }
    if (argc != 1) {
        fprintf(stderr, "usage: bench-noisy [--rate small|paper]\n");
        return 2;
    }
    return 0;
}
