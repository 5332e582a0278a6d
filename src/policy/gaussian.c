#include "imagrid/policy.h"

#include <string.h>

ig_mlp_shape ig_gaussian_shape(const ig_gaussian *policy)
{
    return (ig_mlp_shape){policy->state, policy->hidden, policy->action};
}

size_t ig_gaussian_size(const ig_gaussian *policy)
{
    return ig_mlp_size(ig_gaussian_shape(policy));
}

void ig_world_clear(ig_world *world)
{
    if (world->destroy) {
        world->destroy(world->context);
    }
    memset(world, 0, sizeof *world);
}
