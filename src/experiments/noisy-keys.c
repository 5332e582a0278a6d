#include "experiments/noisy-keys.h"

#include <stdio.h>

const char *const ig_noisy_discounts[] = {"paper", "exact", NULL};
const char *const ig_noisy_biases[] = {"none", "constant", "state", NULL};
const char *const ig_noisy_baselines[] = {"none", "mean", "value", NULL};
const char *const ig_noisy_gains[] = {"paper", "scaled", NULL};

ig_noisy_options ig_noisy_options_of(const ig_point *point)
{
    return (ig_noisy_options){
        .state = (int)ig_point_integer(point, "dims.state"),
        .action = (int)ig_point_integer(point, "dims.action"),
        .hidden = (int)ig_point_integer(point, "dims.hidden"),
        .policy_hidden = (int)ig_point_integer(point, "dims.policy"),
        .gain = (ig_teacher_gain)ig_point_choice(point, "teacher_gain", NULL),
        .std = ig_point_real(point, "std"),
        .gamma = ig_point_real(point, "gamma"),
        .steps = (size_t)ig_point_integer(point, "horizon"),
        .baseline = (ig_noisy_baseline)ig_point_choice(point, "baseline", NULL),
    };
}

void ig_noisy_check(const ig_point *point, const ig_noisy_options *options, ig_place *place,
                    ig_diagnostics *diagnostics)
{
    const size_t batch = ig_noisy_batch(options->trajectories);
    if (options->baseline == IG_NOISY_BASELINE_VALUE && (size_t)options->state + 1 > batch) {
        char allowed[80];
        snprintf(allowed, sizeof allowed, "below the %zu trajectories of a batch", batch);
        ig_refuse(point, "dims.state", "baseline", place, allowed, diagnostics);
    }
}

double ig_noisy_step_cost(const ig_noisy_options *options)
{
    const double s = options->state, a = options->action, h = options->hidden;
    const double policy = options->policy_hidden > 0 ? options->policy_hidden * (s + a) : s * a;
    const double gradients = (options->wanted[0] ? 1 : 0) + (options->wanted[1] ? 1 : 0);
    const double parts =
        1 + (options->noise ? 1 : 0) + (options->bias != IG_REWARD_BIAS_NONE ? 1 : 0);
    /* Networks, normal numbers, and for each gradient a pass through the policy. */
    return 2 * h * (2 * s + 2 * a + 1) + 30 * (a + 1) + gradients * parts * (60 + 6 * policy);
}
