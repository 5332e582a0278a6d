#include "run/worker.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/signals.h"
#include "run/stop.h"

/* How often the hook looks for a stop message: a look takes 3 us, 0.3 % of the time; twice as often
 * would double that, half as often delay a stop by a millisecond. */
static const double poll_seconds = 1e-3;
/* An idle rank sleeps between looks for a sixteenth of the time it has waited, so that what it
 * waits for is at most so much later: at least 50 us, short beside any chunk (20 ms); at most 5 ms,
 * when it takes 0.3 % of its core from programs or ranks that compute there. */
static const double idle_share = 1.0 / 16, idle_least = 50e-6, idle_most = 5e-3;

void ig_idle(double since)
{
    const double waited = ig_clock_monotonic() - since;
    usleep((useconds_t)(1e6 * fmin(fmax(idle_share * waited, idle_least), idle_most)));
}
/* A task's progress is for people to look at. */
static const double progress_seconds = 1;

/** Note how far the task in hand is. It is no result: where that cannot be written, its row cannot
 *  either, and that is told. */
static void note_progress(ig_work *work, double monotonic, double share)
{
    ig_error ignored = {0};
    work->told = monotonic;
    (void)ig_writer_progress(work->writer, work->task, (float)share, work->rank, work->start,
                             &ignored);
}

static void hear_progress(void *context, double share)
{
    ig_work *work = context;
    const double now = ig_clock_monotonic();
    if (!(now - work->told < progress_seconds)) {
        note_progress(work, now, fmin(fmax(share, 0), 1));
    }
}

void ig_work_show(ig_work *work, double monotonic)
{
    if (work->with.listener && isnan(work->told) && monotonic - work->begun > progress_seconds) {
        note_progress(work, monotonic, 0);
    }
}

ig_status ig_work_init(ig_work *work, const ig_layout *layout, ig_error *error)
{
    work->row.layout = layout;
    work->listener = (ig_listener){hear_progress, work};
    work->with.listener = work->with.experiment->reports_progress ? &work->listener : NULL;
    return IG_ALLOC(work->row.bytes, layout->row_size, error);
}

void ig_work_clear(ig_work *work)
{
    free(work->row.bytes);
    work->row.bytes = NULL;
}

static ig_status run_one(ig_work *work, size_t position, const ig_yield *yield, ig_error *error)
{
    const size_t task = work->schedule->tasks[position];
    ig_error reason = {0};
    ig_outcome outcome = {.task = task,
                          .state = IG_STATE_DONE,
                          .bytes = work->row.bytes,
                          .failure = "",
                          .rank = work->rank,
                          .start = ig_clock_utc()};
    work->task = task;
    work->start = outcome.start;
    work->told = (double)NAN;
    work->begun = ig_clock_monotonic();
    const ig_status status = ig_compute_task(&work->with, task, yield, &work->row, &reason);
    outcome.seconds = ig_clock_monotonic() - work->begun;
    const bool impatient = ig_work_impatient(work, ig_clock_monotonic());
    work->begun = (double)INFINITY;
    if (status == IG_ERR_STOPPED && !isnan(work->told)) {
        note_progress(work, work->told, (double)NAN);
    }
    if (status == IG_ERR_STOPPED && impatient) {
        work->aside[work->n_aside++] = (ig_aside){position, outcome.seconds};
        return IG_OK;
    }
    if (status == IG_ERR_STOPPED) {
        return ig_error_set(error, status, "stopped in task %zu", task);
    }
    if (status) {
        /* Half-computed numbers must not look like results. */
        ig_row_clear_numbers(&work->row);
        outcome.state = IG_STATE_FAILED;
        outcome.failure = reason.text;
    }
    if (ig_writer_put(work->writer, &outcome, error)) {
        return ig_error_context(error, "task %zu", task);
    }
    work->tally.done += status == IG_OK;
    work->tally.failed += status != IG_OK;
    work->tally.work += work->schedule->cost[position];
    work->tally.seconds += outcome.seconds;
    return IG_OK;
}

bool ig_work_impatient(const ig_work *work, double monotonic)
{
    return work->n_aside < IG_ASIDES && monotonic - work->begun > work->patience;
}

static ig_status run_all(ig_work *work, ig_chunk chunk, const ig_yield *yield, ig_error *error)
{
    for (size_t i = chunk.first; i < chunk.first + chunk.count; i++) {
        TRY(run_one(work, i, yield, error));
        const ig_status status = ig_yield_now(yield);
        if (status) {
            return ig_error_set(error, status, "stopped between tasks");
        }
    }
    return IG_OK;
}

ig_status ig_work_run(ig_work *work, ig_chunk chunk, const ig_yield *yield, ig_error *error)
{
    work->patience = chunk.patience;
    work->n_aside = 0;
    const ig_status status = run_all(work, chunk, yield, error);
    ig_error flush_error = {0};
    const ig_status flushed = ig_writer_flush(work->writer, &flush_error);
    /* A file that cannot be written outweighs whatever else ended the work. */
    if (flushed) {
        *error = flush_error;
    }
    return flushed ? flushed : status;
}

typedef struct worker {
    ig_work *work;
    MPI_Comm comm;
    uint64_t sequence;   /**< of the chunk asked for last */
    ig_chunk chunk;      /**< where that chunk arrives */
    MPI_Request arrival; /**< of that chunk */
    bool stopped;        /**< the one stop message has arrived */
    double polled;
    ig_error failure; /**< of MPI in the hook, which can only say "stop" */
} worker;

static ig_status look_for_stop(worker *w, ig_error *error)
{
    int there = 0;
    TRY_MPI(MPI_Iprobe(0, IG_TAG_STOP, w->comm, &there, MPI_STATUS_IGNORE), error);
    if (there) {
        w->stopped = true;
        TRY_MPI(MPI_Recv(NULL, 0, MPI_BYTE, 0, IG_TAG_STOP, w->comm, MPI_STATUS_IGNORE), error);
    }
    return IG_OK;
}

static ig_status worker_yield(void *context)
{
    worker *w = context;
    const double now = ig_clock_monotonic();
    if (now - w->polled < poll_seconds) {
        return IG_OK;
    }
    w->polled = now;
    ig_work_show(w->work, now);
    if (!w->stopped && look_for_stop(w, &w->failure)) {
        return IG_ERR_STOPPED;
    }
    return w->stopped || ig_signals_caught() || ig_work_impatient(w->work, now) ? IG_ERR_STOPPED
                                                                                : IG_OK;
}

static ig_status ask(worker *w, bool idle, ig_error *error)
{
    ig_request request = {.sequence = w->sequence, .idle = idle, .tally = w->work->tally};
    memcpy(request.aside, w->work->aside, w->work->n_aside * sizeof *request.aside);
    w->work->n_aside = 0;
    TRY_MPI(MPI_Send(&request, sizeof request, MPI_BYTE, 0, IG_TAG_REQUEST, w->comm), error);
    return IG_OK;
}

/** Ask for the next chunk; `idle` when there is nothing to do meanwhile. */
static ig_status ask_next(worker *w, bool idle, ig_error *error)
{
    w->sequence++;
    TRY_MPI(MPI_Irecv(&w->chunk, sizeof w->chunk, MPI_BYTE, 0, IG_TAG_CHUNK, w->comm, &w->arrival),
            error);
    return ask(w, idle, error);
}

/** Wait for the chunk asked for last; tells rank 0 that this rank now waits if it has to. */
static ig_status await_chunk(worker *w, ig_chunk *chunk, ig_error *error)
{
    bool asked = false;
    const double since = ig_clock_monotonic();
    for (;;) {
        int arrived = 0;
        TRY_MPI(MPI_Test(&w->arrival, &arrived, MPI_STATUS_IGNORE), error);
        if (arrived) {
            *chunk = w->chunk;
            return IG_OK;
        }
        if (!asked) {
            TRY(ask(w, true, error));
            asked = true;
        }
        ig_idle(since);
    }
}

/** Compute one chunk; what ended this rank's work goes to `*reason`. */
static ig_status compute(worker *w, ig_chunk chunk, ig_error *reason, ig_error *error)
{
    const ig_yield yield = {worker_yield, w};
    if (ig_work_run(w->work, chunk, &yield, reason) == IG_ERR_STOPPED && ig_signals_caught()) {
        ig_signals_error(reason);
    }
    if (w->failure.status) {
        *error = w->failure;
    }
    return w->failure.status;
}

/** The last message to rank 0, with what ended this rank's work, then wait until it may leave. */
static ig_status leave(worker *w, const ig_error *reason, ig_error *error)
{
    ig_done_message done = {.tally = w->work->tally, .error = *reason};
    TRY_MPI(MPI_Send(&done, sizeof done, MPI_BYTE, 0, IG_TAG_DONE, w->comm), error);
    const double since = ig_clock_monotonic();
    while (!w->stopped) {
        TRY(look_for_stop(w, error));
        ig_idle(since);
    }
    return IG_OK;
}

ig_status ig_worker_run(ig_work *work, MPI_Comm comm, ig_error *error)
{
    worker w = {.work = work, .comm = comm, .arrival = MPI_REQUEST_NULL};
    ig_chunk now = {0};
    ig_error reason = {0};
    TRY(ask_next(&w, true, error));
    TRY(await_chunk(&w, &now, error));
    while (!reason.status && now.count > 0) {
        TRY(ask_next(&w, false, error));
        TRY(compute(&w, now, &reason, error));
        TRY(await_chunk(&w, &now, error));
    }
    TRY(leave(&w, &reason, error));
    if (reason.status) {
        *error = reason;
    }
    return reason.status;
}
