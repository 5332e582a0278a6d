#include "imagrid/policy.h"

#include <stdlib.h>
#include <string.h>

ig_status ig_trajectories_init(size_t n, size_t steps, int state, int action,
                               ig_trajectories *trajectories, ig_error *error)
{
    ig_trajectories t = {.n = n, .steps = steps, .state = state, .action = action};
    size_t s = (size_t)state * sizeof(float), a = (size_t)action * sizeof(float);
    /* Steps are numbered in 32 bits (the kernels' order of samples), so products cannot overflow.
     */
    if (steps < UINT32_MAX && n <= UINT32_MAX / (steps + 1)) {
        size_t all = n * steps;
        t.states = malloc((all + n) * s);
        t.actions = malloc(all * a);
        t.noise = malloc(all * a);
        t.rewards = malloc(all * sizeof(float));
    }
    if (!t.states || !t.actions || !t.noise || !t.rewards) {
        ig_trajectories_clear(&t);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu trajectories of %zu steps", n,
                            steps);
    }
    *trajectories = t;
    return IG_OK;
}

void ig_trajectories_clear(ig_trajectories *trajectories)
{
    free(trajectories->states);
    free(trajectories->actions);
    free(trajectories->noise);
    free(trajectories->rewards);
    memset(trajectories, 0, sizeof *trajectories);
}
