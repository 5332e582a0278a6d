#include "policy/reinforce.h"

#include <stdlib.h>
#include <string.h>

ig_status ig_reinforce_create(ig_isa isa, const ig_gaussian *policy, size_t n, size_t steps,
                              ig_reinforce **reinforce, ig_error *error)
{
    (void)n; /* trajectories pass in blocks, so that scratch does not grow with them */
    ig_reinforce *r = calloc(1, sizeof *r);
    if (!r) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for policy gradients");
    }
    r->kernels = ig_kernels_of(isa);
    r->isa = isa;
    r->parameters = ig_gaussian_size(policy);
    size_t lanes = r->kernels->lanes, state = (size_t)policy->state;
    r->row = (state + 1 + lanes - 1) / lanes * lanes;
    ig_status status =
        ig_packed_init(r->kernels, ig_gaussian_shape(policy), policy->parameters, &r->net, error);
    if (!status) {
        r->loaded = ig_floats(r->parameters);
        r->gradient = ig_floats(r->net.size);
        r->rows = ig_floats(IG_ROWS * r->row);
        r->a = ig_floats(IG_ROWS * r->net.width);
        r->y = ig_floats(IG_ROWS * r->net.out_width);
        r->noise = ig_floats(steps * (size_t)policy->action);
        if (!r->loaded || !r->gradient || !r->rows || !r->a || !r->y || !r->noise) {
            status = ig_error_set(error, IG_ERR_MEMORY, "no memory for policy gradients");
        }
    }
    if (status) {
        ig_reinforce_destroy(&r);
        return status;
    }
    memcpy(r->loaded, policy->parameters, r->parameters * sizeof *r->loaded);
    *reinforce = r;
    return IG_OK;
}

void ig_reinforce_destroy(ig_reinforce **reinforce)
{
    ig_reinforce *r = *reinforce;
    if (r) {
        ig_packed_clear(&r->net);
        free(r->loaded);
        free(r->gradient);
        free(r->rows);
        free(r->a);
        free(r->y);
        free(r->noise);
        free(r);
        *reinforce = NULL;
    }
}

void ig_reinforce_load(ig_reinforce *r, const ig_gaussian *policy)
{
    /* The gradients of many small ranges follow each other at the same parameters. */
    size_t bytes = r->parameters * sizeof *r->loaded;
    if (memcmp(r->loaded, policy->parameters, bytes) != 0) {
        memcpy(r->loaded, policy->parameters, bytes);
        ig_packed_load(r->kernels, &r->net, policy->parameters);
    }
}
