/** The inside of ig_reinforce, shared by rollouts and gradients. */
#ifndef POLICY_REINFORCE_H
#define POLICY_REINFORCE_H

#include "imagrid/policy.h"
#include "nn/mlp.h"

enum {
    IG_TRAJECTORIES = 128, /**< rolled side by side: what one step needs stays in cache */
    IG_YIELD_ROWS = 512    /**< samples between two calls of the hook: tens of microseconds in
                               small networks, a millisecond in large ones */
};

struct ig_reinforce {
    const ig_kernels *kernels;
    ig_isa isa;
    size_t parameters;       /**< P */
    float *loaded;           /**< the parameters that `net` holds, in the public order */
    ig_packed net;           /**< mu */
    float *gradient;         /**< net.size, laid out as the network */
    size_t row;              /**< floats of a gathered state: S, a one, padding of zeros */
    float *rows;             /**< IG_ROWS of them */
    float *a, *y;            /**< IG_ROWS x net.width, IG_ROWS x net.out_width */
    float *noise;            /**< one trajectory's, steps x A */
    uint32_t order[IG_ROWS]; /**< which steps the gathered rows are: t * K + k */
};

/** Make `net` hold this policy. */
void ig_reinforce_load(ig_reinforce *r, const ig_gaussian *policy);

/** Add to r->gradient, after ig_reinforce_load, what ig_reinforce_gradient returns; the hook may
 *  end it early. */
ig_status ig_reinforce_accumulate(ig_reinforce *r, const ig_gaussian *policy,
                                  const ig_trajectories *trajectories, size_t begin, size_t end,
                                  size_t steps, const float *weights, const ig_yield *yield,
                                  ig_error *error);

#endif
