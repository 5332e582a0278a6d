#include <math.h>

#include "env/world.h"

ig_status ig_world_teacher(ig_isa isa, const ig_teacher *teacher, ig_squash squash, ig_world *world,
                           ig_error *error)
{
    ig_student networks = {.state = teacher->state,
                           .action = teacher->action,
                           .dynamics_hidden = teacher->hidden,
                           .reward_hidden = teacher->hidden,
                           .dynamics = teacher->dynamics,
                           .reward = teacher->reward};
    ig_world_outputs outputs = {.tanh_state = true,
                                .reward_scale = 1 / sqrtf((float)teacher->hidden)};
    return ig_world_networks(isa, &networks, outputs, squash, world, error);
}
