/** A task of the experiment `program`. */
#include "experiments/program.h"

#include <stddef.h>

ig_status ig_program_begin(const ig_grid *grid, const ig_site *site, void **own, ig_error *error)
{
    (void)grid;
    (void)site;
    (void)error;
    *own = NULL;
    return IG_OK;
}

ig_status ig_program_run(const ig_task *task, const ig_row *row, ig_error *error)
{
    (void)task;
    (void)row;
    return ig_error_set(error, IG_ERR_NUMERIC, "programs cannot be run yet");
}

void ig_program_end(void *own)
{
    (void)own;
}
