#include "program/child.h"

#include <sched.h>
#include <stdlib.h>

int ig_child_cores(void)
{
    cpu_set_t cores;
    return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

void ig_ended_clear(ig_ended *ended)
{
    free(ended->line);
    free(ended->tail);
    *ended = (ig_ended){0};
}
