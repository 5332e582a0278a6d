#include "run/worker.h"

#include <unistd.h>

#include "run/agree.h"
#include "run/clock.h"
#include "run/signals.h"

/* How often the hook looks for messages, and how long an idle rank sleeps between looks: short
 * beside any task worth sending, long enough that ranks sharing a core do not take it from others.
 */
static const double poll_seconds = 1e-3;
enum { IDLE_MICROSECONDS = 50 };

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
    ig_status status = ig_mpi_check(MPI_Iprobe(0, IG_TAG_STOP, w->comm, &there, MPI_STATUS_IGNORE),
                                    "MPI_Iprobe", error);
    if (!status && there) {
        status =
            ig_mpi_check(MPI_Recv(NULL, 0, MPI_BYTE, 0, IG_TAG_STOP, w->comm, MPI_STATUS_IGNORE),
                         "MPI_Recv", error);
        w->stopped = true;
    }
    return status;
}

static ig_status worker_yield(void *context)
{
    worker *w = context;
    double now = ig_clock_monotonic();
    if (now - w->polled < poll_seconds) {
        return IG_OK;
    }
    w->polled = now;
    if (!w->stopped && look_for_stop(w, &w->failure)) {
        return IG_ERR_STOPPED;
    }
    return w->stopped || ig_signals_caught() ? IG_ERR_STOPPED : IG_OK;
}

static ig_status ask(worker *w, bool idle, ig_error *error)
{
    ig_request request = {w->sequence, idle, w->work->tally};
    return ig_mpi_check(MPI_Send(&request, sizeof request, MPI_BYTE, 0, IG_TAG_REQUEST, w->comm),
                        "MPI_Send", error);
}

/** Ask for the next chunk; `idle` when there is nothing to do meanwhile. */
static ig_status ask_next(worker *w, bool idle, ig_error *error)
{
    w->sequence++;
    ig_status status = ig_mpi_check(
        MPI_Irecv(&w->chunk, sizeof w->chunk, MPI_BYTE, 0, IG_TAG_CHUNK, w->comm, &w->arrival),
        "MPI_Irecv", error);
    return status ? status : ask(w, idle, error);
}

/** Wait for the chunk asked for last; tells rank 0 that this rank now waits if it has to. */
static ig_status await_chunk(worker *w, ig_chunk *chunk, ig_error *error)
{
    bool asked = false;
    for (;;) {
        int arrived = 0;
        ig_status status =
            ig_mpi_check(MPI_Test(&w->arrival, &arrived, MPI_STATUS_IGNORE), "MPI_Test", error);
        if (status || arrived) {
            *chunk = w->chunk;
            return status;
        }
        if (!asked && (status = ask(w, true, error))) {
            return status;
        }
        asked = true;
        usleep(IDLE_MICROSECONDS);
    }
}

/** Last word to rank 0, the error being what ended this rank's work, then wait for its leave. */
static ig_status leave(worker *w, ig_error *error)
{
    ig_farewell farewell = {.tally = w->work->tally, .error = *error};
    ig_status status =
        ig_mpi_check(MPI_Send(&farewell, sizeof farewell, MPI_BYTE, 0, IG_TAG_FAREWELL, w->comm),
                     "MPI_Send", error);
    while (!status && !w->stopped) {
        status = look_for_stop(w, error);
        usleep(IDLE_MICROSECONDS);
    }
    return status ? status : farewell.error.status;
}

/** Compute one chunk; what ended this rank's work goes to `*reason`. */
static ig_status compute(worker *w, ig_chunk chunk, ig_error *reason, ig_error *error)
{
    ig_yield yield = {worker_yield, w};
    if (ig_work_run(w->work, chunk.first, chunk.count, &yield, reason) == IG_ERR_STOPPED &&
        ig_signals_caught()) {
        ig_signals_error(reason);
    }
    if (w->failure.status) {
        *error = w->failure;
    }
    return w->failure.status;
}

ig_status ig_worker_run(ig_work *work, MPI_Comm comm, ig_error *error)
{
    worker w = {.work = work, .comm = comm, .arrival = MPI_REQUEST_NULL};
    ig_chunk now = {0, 0};
    ig_error reason = {0};
    ig_status status = ask_next(&w, true, error);
    if (!status) {
        status = await_chunk(&w, &now, error);
    }
    while (!status && !reason.status && now.count > 0) {
        status = ask_next(&w, false, error);
        if (!status) {
            status = compute(&w, now, &reason, error);
        }
        if (!status) {
            status = await_chunk(&w, &now, error);
        }
    }
    if (status) {
        return status;
    }
    status = leave(&w, &reason);
    if (status) {
        *error = reason;
    }
    return status;
}
