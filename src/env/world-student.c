#include "env/world.h"

ig_status ig_world_student(ig_isa isa, const ig_student *student, ig_squash squash, ig_world *world,
                           ig_error *error)
{
    ig_world_outputs outputs = {.tanh_state = false, .reward_scale = 1};
    return ig_world_networks(isa, student, outputs, squash, world, error);
}
