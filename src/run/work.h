/** Computing tasks on this rank and writing their rows: what rank 0 and the others have in common.
 */
#ifndef IMAGRID_RUNNER_WORK_H
#define IMAGRID_RUNNER_WORK_H

#include "run/messages.h"
#include "run/schedule.h"
#include "run/writer.h"

/** What a rank needs to compute tasks. Everything is borrowed except the row. */
typedef struct ig_work {
    const ig_experiment *experiment;
    const ig_grid *grid;
    const ig_schedule *schedule;
    ig_writer *writer;
    ig_isa isa;
    double deadline; /**< monotonic clock at which everything must be over; INFINITY: never */
    int rank;
    ig_row row; /**< scratch for one task, owned */
    ig_tally tally;
} ig_work;

ig_status ig_work_init(ig_work *work, const ig_layout *layout, ig_error *error);
void ig_work_clear(ig_work *work);

/** Floating-point operations that can be done before the deadline at `rate` operations a second;
 *  INFINITY while the rate is unknown (0), -1 after the deadline. */
double ig_work_left(const ig_work *work, double rate);

/** Compute the tasks at positions first ... first + count - 1 of the schedule; all finished rows
 * are in the file on return, unless the status is the writer's. A task that fails becomes a failed
 * row and is no error here. Tasks that do not fit before the deadline are left out. IG_ERR_STOPPED
 * when the hook says so: the task in flight is dropped. Otherwise what the writer says. */
ig_status ig_work_run(ig_work *work, size_t first, size_t count, const ig_yield *yield,
                      ig_error *error);

#endif
