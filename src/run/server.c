#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "run/agree.h"
#include "run/clock.h"
#include "run/signals.h"
#include "run/worker.h"

/* How often the hook looks for messages, twice as often as a worker's, as the others wait for it;
 * and how long idleness sleeps. */
static const double poll_seconds = 0.5e-3;
enum { IDLE_MICROSECONDS = 50 };

/** What rank 0 knows of another rank. */
typedef struct peer {
    ig_tally tally;
    uint64_t answered; /**< sequence of its last chunk that was sent */
    uint64_t asked;    /**< sequence of its last request; > answered: it waits for an answer */
    bool idle;         /**< it has nothing to compute while it waits */
    bool gone;         /**< its farewell is in */
    bool told;         /**< its one stop message is out */
    ig_chunk chunk;    /**< being sent */
    MPI_Request sending;
} peer;

typedef struct server {
    ig_work *work;
    MPI_Comm comm;
    int ranks;
    peer *peers; /**< by rank; [0] is unused */
    ig_dispatch dispatch;
    ig_tally others; /**< sum of the peers' tallies */
    size_t max_fails;
    ig_progress *progress;
    bool stopping;
    ig_error reason; /**< why, or IG_OK */
    double polled;
    ig_error failure; /**< of MPI in the hook, which can only say "stop" */
} server;

/** Everything finished so far, by this rank and the others as far as they have told. */
static ig_tally total(const server *s)
{
    ig_tally sum = s->others;
    sum.done += s->work->tally.done;
    sum.failed += s->work->tally.failed;
    sum.work += s->work->tally.work;
    sum.seconds += s->work->tally.seconds;
    return sum;
}

/** What a rank has finished by now, as it tells. */
static void note_tally(server *s, int r, ig_tally now)
{
    ig_tally *before = &s->peers[r].tally;
    s->others.done += now.done - before->done;
    s->others.failed += now.failed - before->failed;
    s->others.work += now.work - before->work;
    s->others.seconds += now.seconds - before->seconds;
    *before = now;
}

/** Operations per second of one rank, 0 while unknown. */
static double rate(const server *s)
{
    ig_tally sum = total(s);
    return sum.seconds > 0 ? sum.work / sum.seconds : 0;
}

/** End the run early: nothing more is handed out and everybody is told. The first reason stays. */
static ig_status stop(server *s, const ig_error *reason, ig_error *error)
{
    if (s->stopping) {
        return IG_OK;
    }
    s->stopping = true;
    s->reason = *reason;
    ig_status status = IG_OK;
    for (int r = 1; r < s->ranks && !status; r++) {
        status =
            ig_mpi_check(MPI_Send(NULL, 0, MPI_BYTE, r, IG_TAG_STOP, s->comm), "MPI_Send", error);
        s->peers[r].told = true;
    }
    return status;
}

static bool exhausted(const server *s)
{
    return s->stopping || s->dispatch.next == s->dispatch.end;
}

/** The next chunk; count 0 when there is no more. */
static ig_chunk take(server *s)
{
    size_t first = 0, count = 0;
    double speed = rate(s);
    if (!s->stopping && speed <= 0 && isfinite(s->work->deadline)) {
        count = ig_dispatch_take_cheapest(&s->dispatch, &first);
    } else if (!s->stopping) {
        count = ig_dispatch_take(&s->dispatch, speed, &first);
    }
    return (ig_chunk){first, count};
}

/** Answer a waiting rank unless it had better wait until it is idle. */
static ig_status answer(server *s, int r, ig_error *error)
{
    peer *p = &s->peers[r];
    bool due =
        p->asked > p->answered && (p->idle || exhausted(s) || ig_dispatch_ahead(&s->dispatch));
    if (!due) {
        return IG_OK;
    }
    ig_status status = ig_mpi_check(MPI_Wait(&p->sending, MPI_STATUS_IGNORE), "MPI_Wait", error);
    if (status) {
        return status;
    }
    p->chunk = take(s);
    p->answered = p->asked;
    return ig_mpi_check(
        MPI_Isend(&p->chunk, sizeof p->chunk, MPI_BYTE, r, IG_TAG_CHUNK, s->comm, &p->sending),
        "MPI_Isend", error);
}

static ig_status receive_request(server *s, int r, ig_error *error)
{
    ig_request request;
    ig_status status = ig_mpi_check(
        MPI_Recv(&request, sizeof request, MPI_BYTE, r, IG_TAG_REQUEST, s->comm, MPI_STATUS_IGNORE),
        "MPI_Recv", error);
    if (!status) {
        note_tally(s, r, request.tally);
        s->peers[r].asked = request.sequence;
        s->peers[r].idle = request.idle;
    }
    return status;
}

static ig_status receive_farewell(server *s, int r, ig_error *error)
{
    ig_farewell farewell;
    ig_status status = ig_mpi_check(MPI_Recv(&farewell, sizeof farewell, MPI_BYTE, r,
                                             IG_TAG_FAREWELL, s->comm, MPI_STATUS_IGNORE),
                                    "MPI_Recv", error);
    if (status) {
        return status;
    }
    note_tally(s, r, farewell.tally);
    s->peers[r].gone = true;
    if (farewell.error.status) {
        ig_error_context(&farewell.error, "rank %d", r);
        status = stop(s, &farewell.error, error);
    }
    return status;
}

/** Stop the run if there is a reason to, and leave out what the time limit leaves no time for. */
static ig_status look_for_reasons(server *s, ig_error *error)
{
    ig_error reason = {0};
    double left = ig_work_left(s->work, rate(s));
    size_t failed = total(s).failed;
    if (ig_signals_caught()) {
        ig_signals_error(&reason);
    } else if (left < 0) {
        ig_error_set(&reason, IG_ERR_STOPPED, "stopped by the time limit");
    } else if (failed > s->max_fails) {
        ig_error_set(&reason, IG_ERR_NUMERIC, "stopped: %zu tasks have failed, %zu are allowed",
                     failed, s->max_fails);
    }
    ig_dispatch_skip(&s->dispatch, left);
    return reason.status ? stop(s, &reason, error) : IG_OK;
}

/** Take in every message that is there, then answer whoever is due. */
static ig_status attend(server *s, ig_error *error)
{
    for (;;) {
        int there = 0;
        MPI_Status from;
        ig_status status = ig_mpi_check(
            MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, s->comm, &there, &from), "MPI_Iprobe", error);
        if (!status && there) {
            status = from.MPI_TAG == IG_TAG_REQUEST ? receive_request(s, from.MPI_SOURCE, error)
                                                    : receive_farewell(s, from.MPI_SOURCE, error);
        }
        if (status) {
            return status;
        }
        if (!there) {
            break;
        }
    }
    ig_status status = look_for_reasons(s, error);
    if (status) {
        return status;
    }
    for (int r = 1; r < s->ranks; r++) {
        status = answer(s, r, error);
        if (status) {
            return status;
        }
    }
    ig_tally now = total(s);
    ig_progress_show(s->progress, &now);
    return IG_OK;
}

static ig_status server_yield(void *context)
{
    server *s = context;
    double now = ig_clock_monotonic();
    if (now - s->polled < poll_seconds) {
        return IG_OK;
    }
    s->polled = now;
    return attend(s, &s->failure) || s->stopping ? IG_ERR_STOPPED : IG_OK;
}

/** Compute like everybody else until nothing is left to take. */
static ig_status compute(server *s, ig_error *error)
{
    ig_yield yield = {server_yield, s};
    while (!exhausted(s)) {
        ig_chunk chunk = take(s);
        ig_error reason = {0};
        ig_status mine = ig_work_run(s->work, chunk.first, chunk.count, &yield, &reason);
        if (s->failure.status) {
            *error = s->failure;
            return s->failure.status;
        }
        ig_status status = mine ? stop(s, &reason, error) : attend(s, error);
        if (status) {
            return status;
        }
    }
    return IG_OK;
}

/** Wait for every farewell and let the ranks go that were not told to stop. */
static ig_status dismiss(server *s, ig_error *error)
{
    int gone = 0;
    while (gone < s->ranks - 1) {
        ig_status status = attend(s, error);
        if (status) {
            return status;
        }
        gone = 0;
        for (int r = 1; r < s->ranks; r++) {
            gone += s->peers[r].gone;
        }
        usleep(IDLE_MICROSECONDS);
    }
    for (int r = 1; r < s->ranks; r++) {
        peer *p = &s->peers[r];
        ig_status status =
            ig_mpi_check(MPI_Wait(&p->sending, MPI_STATUS_IGNORE), "MPI_Wait", error);
        if (!status && !p->told) {
            status = ig_mpi_check(MPI_Send(NULL, 0, MPI_BYTE, r, IG_TAG_STOP, s->comm), "MPI_Send",
                                  error);
        }
        if (status) {
            return status;
        }
    }
    return IG_OK;
}

ig_status ig_serve(ig_work *work, MPI_Comm comm, size_t max_fails, ig_progress *progress,
                   ig_tally *tally, ig_error *error)
{
    server s = {.work = work, .comm = comm, .max_fails = max_fails, .progress = progress};
    ig_status status = ig_mpi_check(MPI_Comm_size(comm, &s.ranks), "MPI_Comm_size", error);
    if (status) {
        return status;
    }
    s.peers = calloc((size_t)s.ranks, sizeof *s.peers);
    if (!s.peers) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %d ranks", s.ranks);
    }
    for (int r = 0; r < s.ranks; r++) {
        s.peers[r].sending = MPI_REQUEST_NULL;
    }
    s.dispatch = ig_dispatch_start(work->schedule, (size_t)s.ranks);
    status = compute(&s, error);
    if (!status) {
        status = dismiss(&s, error);
    }
    *tally = total(&s);
    free(s.peers);
    if (status) {
        return status;
    }
    bool complete = tally->done + tally->failed == work->schedule->n;
    if (s.reason.status && !(complete && s.reason.status == IG_ERR_STOPPED)) {
        *error = s.reason;
        return s.reason.status;
    }
    if (!complete && isfinite(work->deadline)) {
        return ig_error_set(error, IG_ERR_STOPPED,
                            "stopped by the time limit: %zu tasks would not have fitted",
                            work->schedule->n - tally->done - tally->failed);
    }
    return complete ? IG_OK : ig_error_set(error, IG_ERR_MPI, "tasks were handed out and lost");
}
