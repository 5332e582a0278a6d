#include <math.h>
#include <unistd.h>

#include "base/signals.h"
#include "run/stop.h"
#include "run/worker.h"

/* How often the hook looks for messages, twice as often as a worker's, as the others may wait for
 * it: 0.6 % of rank 0's time. Half as often would make an idle rank wait half a millisecond longer
 * for each chunk. Idle, it sleeps as a worker does. */
static const double poll_seconds = 0.5e-3;
enum { IDLE_MICROSECONDS = 50 };

/** What rank 0 knows of another rank. */
typedef struct peer {
    ig_tally tally;
    uint64_t answered; /**< sequence of its last chunk that was sent */
    uint64_t asked;    /**< sequence of its last request; > answered: it waits for an answer */
    bool idle;         /**< it has nothing to compute while it waits */
    bool done;         /**< its last message has arrived */
    bool stop_sent;    /**< its one stop message is out */
    ig_chunk chunk;    /**< being sent */
    MPI_Request sending;
} peer;

struct ig_server {
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
};

ig_status ig_server_create(MPI_Comm comm, ig_server **server, ig_error *error)
{
    AUTO(ig_server_destroy) ig_server *s = NULL;
    TRY(IG_ALLOC(s, 1, error));
    s->comm = comm;
    TRY_MPI(MPI_Comm_size(comm, &s->ranks), error);
    TRY(IG_ALLOC(s->peers, (size_t)s->ranks, error));
    for (int r = 0; r < s->ranks; r++) {
        s->peers[r].sending = MPI_REQUEST_NULL;
    }
    *server = ig_take(&s);
    return IG_OK;
}

void ig_server_destroy(ig_server **server)
{
    if (*server) {
        free((*server)->peers);
        free(*server);
        *server = NULL;
    }
}

/** Everything finished so far, by this rank and the others as far as they have reported. */
static ig_tally total(const ig_server *s)
{
    ig_tally sum = s->others;
    sum.done += s->work->tally.done;
    sum.failed += s->work->tally.failed;
    sum.work += s->work->tally.work;
    sum.seconds += s->work->tally.seconds;
    return sum;
}

/** What a rank has finished by now, as it reports. */
static void note_tally(ig_server *s, int r, ig_tally now)
{
    ig_tally *before = &s->peers[r].tally;
    s->others.done += now.done - before->done;
    s->others.failed += now.failed - before->failed;
    s->others.work += now.work - before->work;
    s->others.seconds += now.seconds - before->seconds;
    *before = now;
}

/** Operations per second of one rank, 0 while unknown. */
static double rate(const ig_server *s)
{
    const ig_tally sum = total(s);
    return sum.seconds > 0 ? sum.work / sum.seconds : 0;
}

static ig_status send_stop(ig_server *s, int r, ig_error *error)
{
    s->peers[r].stop_sent = true;
    TRY_MPI(MPI_Send(NULL, 0, MPI_BYTE, r, IG_TAG_STOP, s->comm), error);
    return IG_OK;
}

/** End the run early: nothing more is handed out and every rank gets a stop message. The first
 *  reason stays. */
static ig_status stop(ig_server *s, const ig_error *reason, ig_error *error)
{
    if (s->stopping) {
        return IG_OK;
    }
    s->stopping = true;
    s->reason = *reason;
    for (int r = 1; r < s->ranks; r++) {
        TRY(send_stop(s, r, error));
    }
    return IG_OK;
}

static bool exhausted(const ig_server *s)
{
    return s->stopping || s->dispatch.next == s->dispatch.end;
}

/** The next chunk; count 0 when there is no more. */
static ig_chunk take(ig_server *s)
{
    size_t first = 0, count = 0;
    const double speed = rate(s);
    if (!s->stopping && speed <= 0 && isfinite(s->work->deadline)) {
        count = ig_dispatch_take_cheapest(&s->dispatch, &first);
    } else if (!s->stopping) {
        count = ig_dispatch_take(&s->dispatch, speed, &first);
    }
    return (ig_chunk){first, count};
}

/** Answer a waiting rank unless it had better wait until it is idle. */
static ig_status answer(ig_server *s, int r, ig_error *error)
{
    peer *p = &s->peers[r];
    const bool due =
        p->asked > p->answered && (p->idle || exhausted(s) || ig_dispatch_ahead(&s->dispatch));
    if (!due) {
        return IG_OK;
    }
    TRY_MPI(MPI_Wait(&p->sending, MPI_STATUS_IGNORE), error);
    p->chunk = take(s);
    p->answered = p->asked;
    TRY_MPI(MPI_Isend(&p->chunk, sizeof p->chunk, MPI_BYTE, r, IG_TAG_CHUNK, s->comm, &p->sending),
            error);
    return IG_OK;
}

static ig_status receive_request(ig_server *s, int r, ig_error *error)
{
    ig_request request;
    TRY_MPI(
        MPI_Recv(&request, sizeof request, MPI_BYTE, r, IG_TAG_REQUEST, s->comm, MPI_STATUS_IGNORE),
        error);
    note_tally(s, r, request.tally);
    s->peers[r].asked = request.sequence;
    s->peers[r].idle = request.idle;
    return IG_OK;
}

static ig_status receive_done(ig_server *s, int r, ig_error *error)
{
    ig_done_message done;
    TRY_MPI(MPI_Recv(&done, sizeof done, MPI_BYTE, r, IG_TAG_DONE, s->comm, MPI_STATUS_IGNORE),
            error);
    note_tally(s, r, done.tally);
    s->peers[r].done = true;
    if (done.error.status) {
        ig_error_context(&done.error, "rank %d", r);
        TRY(stop(s, &done.error, error));
    }
    return IG_OK;
}

/** Stop the run if there is a reason to, and leave out what the time limit leaves no time for. */
static ig_status look_for_reasons(ig_server *s, ig_error *error)
{
    ig_error reason = {0};
    const double left = ig_work_left(s->work, rate(s));
    const size_t failed = total(s).failed;
    if (ig_signals_caught()) {
        ig_signals_error(&reason);
    } else if (left < 0) {
        char name[2 * IG_LIMIT_TEXT];
        ig_error_set(&reason, IG_ERR_STOPPED, "stopped by the time limit, %s",
                     ig_limit_name(s->work->limit, ig_instant_now(), name));
    } else if (failed > s->max_fails) {
        ig_error_set(&reason, IG_ERR_NUMERIC, "stopped: %zu tasks have failed, %zu are allowed",
                     failed, s->max_fails);
    }
    ig_dispatch_skip(&s->dispatch, left);
    return reason.status ? stop(s, &reason, error) : IG_OK;
}

/** Take in every message that is there, then answer whoever is due. */
static ig_status attend(ig_server *s, ig_error *error)
{
    for (;;) {
        int there = 0;
        MPI_Status from;
        TRY_MPI(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, s->comm, &there, &from), error);
        if (!there) {
            break;
        }
        TRY(from.MPI_TAG == IG_TAG_REQUEST ? receive_request(s, from.MPI_SOURCE, error)
                                           : receive_done(s, from.MPI_SOURCE, error));
    }
    TRY(look_for_reasons(s, error));
    for (int r = 1; r < s->ranks; r++) {
        TRY(answer(s, r, error));
    }
    const ig_tally now = total(s);
    ig_progress_show(s->progress, &now);
    return IG_OK;
}

static ig_status server_yield(void *context)
{
    ig_server *s = context;
    const double now = ig_clock_monotonic();
    if (now - s->polled < poll_seconds) {
        return IG_OK;
    }
    s->polled = now;
    return attend(s, &s->failure) || s->stopping ? IG_ERR_STOPPED : IG_OK;
}

/** Compute like everybody else until nothing is left to take. */
static ig_status compute(ig_server *s, ig_error *error)
{
    const ig_yield yield = {server_yield, s};
    while (!exhausted(s)) {
        const ig_chunk chunk = take(s);
        ig_error reason = {0};
        const ig_status mine = ig_work_run(s->work, chunk.first, chunk.count, &yield, &reason);
        if (s->failure.status) {
            *error = s->failure;
            return s->failure.status;
        }
        TRY(mine ? stop(s, &reason, error) : attend(s, error));
    }
    return IG_OK;
}

/** Wait for every rank's last message and let those leave that were not stopped. */
static ig_status dismiss(ig_server *s, ig_error *error)
{
    for (int done = 0; done < s->ranks - 1;) {
        TRY(attend(s, error));
        done = 0;
        for (int r = 1; r < s->ranks; r++) {
            done += s->peers[r].done;
        }
        usleep(IDLE_MICROSECONDS);
    }
    for (int r = 1; r < s->ranks; r++) {
        TRY_MPI(MPI_Wait(&s->peers[r].sending, MPI_STATUS_IGNORE), error);
        if (!s->peers[r].stop_sent) {
            TRY(send_stop(s, r, error));
        }
    }
    return IG_OK;
}

static ig_status serve_all(ig_server *s, ig_error *error)
{
    TRY(compute(s, error));
    return dismiss(s, error);
}

ig_status ig_serve(ig_server *server, ig_work *work, size_t max_fails, ig_progress *progress,
                   ig_tally *tally, ig_error *error)
{
    ig_server *s = server;
    s->work = work;
    s->max_fails = max_fails;
    s->progress = progress;
    s->dispatch = ig_dispatch_start(work->schedule, (size_t)s->ranks);
    const ig_status status = serve_all(s, error);
    *tally = total(s);
    TRY(status);
    const bool complete = tally->done + tally->failed == work->schedule->n;
    if (s->reason.status && !(complete && s->reason.status == IG_ERR_STOPPED)) {
        *error = s->reason;
        return s->reason.status;
    }
    if (!complete && isfinite(work->deadline)) {
        char name[2 * IG_LIMIT_TEXT];
        return ig_error_set(error, IG_ERR_STOPPED,
                            "stopped by the time limit, %s: %zu tasks would not have fitted",
                            ig_limit_name(work->limit, ig_instant_now(), name),
                            work->schedule->n - tally->done - tally->failed);
    }
    return complete ? IG_OK : ig_error_set(error, IG_ERR_MPI, "tasks were handed out and lost");
}
