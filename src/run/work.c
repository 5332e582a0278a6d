#include "run/work.h"

#include <math.h>
#include <stdlib.h>

#include "run/clock.h"
#include "run/compute.h"

ig_status ig_work_init(ig_work *work, const ig_layout *layout, ig_error *error)
{
    work->row = (ig_row){layout, malloc(layout->row_size)};
    if (!work->row.bytes) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a row of %zu bytes",
                            layout->row_size);
    }
    return IG_OK;
}

void ig_work_clear(ig_work *work)
{
    free(work->row.bytes);
    work->row.bytes = NULL;
}

static ig_status run_one(ig_work *work, size_t position, const ig_yield *yield, ig_error *error)
{
    size_t task = work->schedule->tasks[position];
    ig_error reason = {0};
    ig_outcome outcome = {.task = task,
                          .state = IG_STATE_DONE,
                          .bytes = work->row.bytes,
                          .failure = "",
                          .rank = work->rank,
                          .start = ig_clock_utc()};
    double begin = ig_clock_monotonic();
    ig_status status =
        ig_compute_task(work->experiment, work->grid, task, work->isa, yield, &work->row, &reason);
    outcome.seconds = ig_clock_monotonic() - begin;
    if (status == IG_ERR_STOPPED) {
        return ig_error_set(error, status, "stopped in task %zu", task);
    }
    if (status) {
        /* Half-computed numbers must not look like results. */
        ig_row_clear(&work->row);
        outcome.state = IG_STATE_FAILED;
        outcome.failure = reason.text;
    }
    ig_status written = ig_writer_put(work->writer, &outcome, error);
    if (written) {
        return ig_error_context(error, "task %zu", task);
    }
    work->tally.done += status == IG_OK;
    work->tally.failed += status != IG_OK;
    work->tally.work += work->schedule->cost[position];
    work->tally.seconds += outcome.seconds;
    return IG_OK;
}

double ig_work_left(const ig_work *work, double rate)
{
    double seconds = work->deadline - ig_clock_monotonic();
    if (seconds <= 0) {
        return -1;
    }
    /* A task may well take a little longer than its like. */
    return rate > 0 ? seconds * rate / 1.1 : (double)INFINITY;
}

static bool fits(const ig_work *work, size_t position)
{
    const ig_tally *t = &work->tally;
    return work->schedule->cost[position] <=
           ig_work_left(work, t->seconds > 0 ? t->work / t->seconds : 0);
}

static ig_status run_all(ig_work *work, size_t first, size_t count, const ig_yield *yield,
                         ig_error *error)
{
    for (size_t i = 0; i < count; i++) {
        ig_status status = fits(work, first + i) ? run_one(work, first + i, yield, error) : IG_OK;
        if (!status && (status = ig_yield_now(yield))) {
            ig_error_set(error, status, "stopped between tasks");
        }
        if (status) {
            return status;
        }
    }
    return IG_OK;
}

ig_status ig_work_run(ig_work *work, size_t first, size_t count, const ig_yield *yield,
                      ig_error *error)
{
    ig_status status = run_all(work, first, count, yield, error);
    ig_error trouble = {0};
    ig_status written = ig_writer_flush(work->writer, &trouble);
    /* A file that cannot be written outweighs whatever else ended the work. */
    if (written) {
        *error = trouble;
        status = written;
    }
    return status;
}
