/** Keys that `reward_noise` and `fidelity` share. */
#ifndef IMAGRID_EXPERIMENTS_NOISY_KEYS_H
#define IMAGRID_EXPERIMENTS_NOISY_KEYS_H

#include "experiments/noisy-gradient.h"
#include "experiments/refuse.h"

/** In the order of ig_discount_state, ig_reward_bias, ig_noisy_baseline and ig_teacher_gain. */
extern const char *const ig_noisy_discounts[];
extern const char *const ig_noisy_biases[];
extern const char *const ig_noisy_baselines[];
extern const char *const ig_noisy_gains[];

/** dims.*, teacher_gain, std, gamma, horizon, baseline. The rest is left at zero: K 0, no bias, no
 *  part wanted. */
ig_noisy_options ig_noisy_options_of(const ig_point *point);

/** Refuse what these keys and the number of trajectories, `options`, do not allow together: a
 *  baseline that is affine in more states than a batch has trajectories. */
void ig_noisy_check(const ig_point *point, const ig_noisy_options *options, ig_place *place,
                    ig_diagnostics *diagnostics);

/** Floating-point operations of one step of one trajectory, with everything made of it. */
double ig_noisy_step_cost(const ig_noisy_options *options);

#endif
