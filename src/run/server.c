#include <math.h>
#include <signal.h>

#include "base/signals.h"
#include "run/stop.h"
#include "run/worker.h"

/* How often the hook looks for messages, twice as often as a worker's, as the others may wait for
 * it: 0.6 % of rank 0's time. Half as often would make an idle rank wait half a millisecond longer
 * for each chunk. Idle, it sleeps as a worker does, for a time that begins with every message. */
static const double poll_seconds = 0.5e-3;

/* A task that takes much longer than is known of its cost may be hopeless, and others would fit
 * into the time it uses up: it is put aside, and restarted when nothing else is left. After ten
 * times what it should take, which one of 400 exceeds where tasks of a cost scatter by a factor of
 * e, so that little is computed twice; after three times where that is a quarter of all the time
 * left; but not before a tenth of a second. And not once ASIDE tasks have been put aside, as
 * nothing can be predicted then. Where tasks are more than arithmetic, such as programs that take
 * an hour, costs say less of times, and much would be thrown away: there it is after ten times what
 * it should take and a quarter of all the time left. */
enum { ASIDE = 64 };
static const double soonest = 3, latest = 10, share_of_time = 0.25, least_patience = 0.1;

/** What rank 0 knows of another rank. */
typedef struct peer {
    ig_tally tally;
    uint64_t answered; /**< sequence of its last chunk that was sent */
    uint64_t asked;    /**< sequence of its last request; > answered: it waits for an answer */
    bool idle;         /**< it has nothing to compute while it waits */
    bool done;         /**< its last message has arrived */
    bool stop_sent;    /**< its one stop message is out */
    ig_chunk chunk;    /**< sent last */
    double begun;      /**< monotonic clock when it was sent */
    double busy_until; /**< by which it is sure to be computed */
    MPI_Request sending;
} peer;

struct ig_server {
    ig_work *work;
    MPI_Comm comm;
    int ranks;
    peer *peers; /**< by rank; of [0] only the chunk and when it was begun */
    ig_dispatch dispatch;
    ig_tally others; /**< sum of the peers' tallies */
    const ig_limit *limit;
    bool limited;    /**< there is a limit */
    bool computing;  /**< rank 0 is in a chunk */
    bool hopeless;   /**< nobody computes, and nothing that is left can fit */
    bool timed_out;  /**< the limit is the reason to stop */
    ig_pace pace;    /**< used with a limit */
    ig_aside *aside; /**< n_aside tasks: fewer than ASIDE when a chunk is given away whose tasks may
                          be put aside, and every rank has two of those, one that it computes and
                          the next */
    size_t n_aside;
    size_t max_fails;
    ig_progress *progress;
    bool stopping;
    ig_error reason; /**< why, or IG_OK */
    double polled;
    double heard;     /**< monotonic clock when it last had something to do */
    ig_error failure; /**< of MPI in the hook, which can only say "stop" */
};

ig_status ig_server_create(MPI_Comm comm, const ig_schedule *schedule, const ig_limit *limit,
                           ig_server **server, ig_error *error)
{
    AUTO(ig_server_destroy) ig_server *s = NULL;
    TRY(IG_ALLOC(s, 1, error));
    s->comm = comm;
    TRY_MPI(MPI_Comm_size(comm, &s->ranks), error);
    TRY(IG_ALLOC(s->peers, (size_t)s->ranks, error));
    TRY(IG_ALLOC(s->aside, (size_t)s->ranks * 2 * IG_ASIDES + ASIDE, error));
    for (int r = 0; r < s->ranks; r++) {
        s->peers[r].sending = MPI_REQUEST_NULL;
    }
    TRY(ig_dispatch_init(&s->dispatch, schedule, (size_t)s->ranks, error));
    s->limit = limit;
    s->limited = ig_limit_exists(limit);
    ig_pace_start(schedule->cheapest, schedule->costliest, &s->pace);
    *server = ig_take(&s);
    return IG_OK;
}

void ig_server_destroy(ig_server **server)
{
    if (*server) {
        ig_dispatch_clear(&(*server)->dispatch);
        free((*server)->aside);
        free((*server)->peers);
        free(*server);
        *server = NULL;
    }
}

void ig_server_learn(ig_server *server, double cost, double seconds)
{
    ig_pace_note_earlier(&server->pace, cost, seconds);
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

/** Learn from what a rank has finished since it reported last, one chunk or a part of it. */
static void learn(ig_server *s, const ig_tally *before, const ig_tally *now)
{
    const double n = (double)(now->done - before->done), cost = now->work - before->work;
    if (now->failed == before->failed && n > 0 && cost > 0) {
        ig_pace_note(&s->pace, n, cost, now->seconds - before->seconds);
    }
}

/** What a rank has finished by now, as it reports. */
static void note_tally(ig_server *s, int r, ig_tally now)
{
    ig_tally *before = &s->peers[r].tally;
    learn(s, before, &now);
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

/** Whether nobody will get another chunk. Under a limit a task in flight may still be put aside. */
static bool exhausted(const ig_server *s)
{
    return s->stopping || s->hopeless || (!s->limited && s->dispatch.n == 0);
}

static double time_left(const ig_server *s)
{
    return ig_limit_left(s->limit, ig_instant_now());
}

/** A task that was put aside and may still fit, as it had less time than is left: its index, or
 *  n_aside. */
static size_t find_aside(const ig_server *s, double left)
{
    size_t i = 0;
    while (i < s->n_aside && s->aside[i].given >= left) {
        i++;
    }
    return i;
}

static void put_aside(ig_server *s, const ig_aside *aside, size_t n)
{
    for (size_t i = 0; i < n && aside[i].given > 0; i++) {
        s->aside[s->n_aside++] = aside[i];
        ig_pace_note_longer(&s->pace, s->work->schedule->cost[aside[i].position], aside[i].given);
    }
}

/** How long each task may take that was taken with `left` seconds left: any time where its cost
 *  says nothing, or where there is nothing else to do. */
static double patience(ig_server *s, size_t position, double left)
{
    const double cost = s->work->schedule->cost[position];
    const double most = ig_pace_predict(&s->pace, cost).most;
    double usual = ig_pace_mean(&s->pace, cost);
    if (isinf(usual) && most <= left) {
        usual = most;
    }
    if (s->dispatch.n == 0 || s->n_aside >= ASIDE) {
        return (double)INFINITY;
    }
    const double few = share_of_time * left, most_usual = latest * usual;
    return fmax(least_patience, s->work->with.experiment->begin
                                    ? fmax(most_usual, few)
                                    : fmin(most_usual, fmax(soonest * usual, few)));
}

static ig_chunk take_in_time(ig_server *s, double left)
{
    ig_chunk c = {.patience = (double)INFINITY};
    size_t first = 0;
    c.count = ig_dispatch_take_in_time(&s->dispatch, &s->pace, left, rate(s), &first);
    c.first = first;
    if (c.count > 0) {
        c.patience = patience(s, first, left);
    }
    const size_t again = c.count > 0 ? s->n_aside : find_aside(s, left);
    if (again < s->n_aside) {
        c = (ig_chunk){s->aside[again].position, 1, (double)INFINITY};
        s->aside[again] = s->aside[--s->n_aside];
    }
    return c;
}

/** The next chunk for a rank that is busy for `busy` seconds; count 0 when there is none now. */
static ig_chunk take(ig_server *s, double busy)
{
    ig_chunk c = {.patience = (double)INFINITY};
    size_t first = 0;
    if (!exhausted(s) && s->limited) {
        return take_in_time(s, time_left(s) - busy);
    }
    if (!exhausted(s)) {
        c.count = ig_dispatch_take(&s->dispatch, rate(s), (double)INFINITY, &first);
        c.first = first;
    }
    return c;
}

/** Whether there is a task that is sure to fit even behind others that take `busy` seconds. */
static bool sure_to_fit(ig_server *s, double busy)
{
    return s->dispatch.n > 0 &&
           ig_dispatch_cheapest(&s->dispatch) <= ig_pace_within(&s->pace, time_left(s) - busy);
}

/** Remember when a rank will be done with this chunk. */
static void expect(ig_server *s, int r, ig_chunk chunk, double busy)
{
    peer *p = &s->peers[r];
    p->chunk = chunk;
    p->begun = ig_clock_monotonic();
    if (s->limited && chunk.count > 0) {
        const double cost = s->work->schedule->cost[chunk.first];
        p->busy_until =
            p->begun + busy + (double)chunk.count * ig_pace_predict(&s->pace, cost).most;
    }
}

/** Answer a waiting rank unless it had better wait: until it is idle, or until more is known of
 *  what may still fit. */
static ig_status answer(ig_server *s, int r, ig_error *error)
{
    peer *p = &s->peers[r];
    const bool due =
        p->asked > p->answered && (p->idle || exhausted(s) || ig_dispatch_ahead(&s->dispatch));
    if (!due) {
        return IG_OK;
    }
    const double busy = s->limited && !p->idle ? fmax(0, p->busy_until - ig_clock_monotonic()) : 0;
    if (s->limited && !p->idle && !exhausted(s) && !sure_to_fit(s, busy)) {
        return IG_OK;
    }
    const ig_chunk chunk = take(s, busy);
    if (chunk.count == 0 && !exhausted(s)) {
        return IG_OK;
    }
    TRY_MPI(MPI_Wait(&p->sending, MPI_STATUS_IGNORE), error);
    expect(s, r, chunk, busy);
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
    put_aside(s, request.aside, IG_ASIDES);
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

/** Whether every rank waits for a chunk, so that nothing more will be learned. */
static bool all_idle(const ig_server *s)
{
    for (int r = 1; r < s->ranks; r++) {
        const peer *p = &s->peers[r];
        if (!p->idle || p->asked == p->answered) {
            return false;
        }
    }
    return !s->computing;
}

/** Stop the run if there is a reason to. */
static ig_status look_for_reasons(ig_server *s, ig_error *error)
{
    ig_error reason = {0};
    const double left = s->limited ? time_left(s) : (double)INFINITY;
    const size_t failed = total(s).failed;
    s->hopeless = s->hopeless || (s->limited && all_idle(s) && find_aside(s, left) == s->n_aside &&
                                  ig_dispatch_hopeless(&s->dispatch, &s->pace, left));
    if (ig_signals_caught()) {
        ig_signals_error(&reason);
    } else if (failed > s->max_fails) {
        ig_error_set(&reason, IG_ERR_NUMERIC, "stopped: %zu tasks have failed, %zu are allowed",
                     failed, s->max_fails);
    } else if (left <= 0) {
        char name[2 * IG_LIMIT_TEXT];
        s->timed_out = s->timed_out || !s->stopping;
        ig_error_set(&reason, IG_ERR_STOPPED, "stopped by the time limit, %s",
                     ig_limit_name(s->limit, ig_instant_now(), name));
    }
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
        s->heard = ig_clock_monotonic();
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
    ig_work_show(s->work, now);
    return attend(s, &s->failure) || s->stopping || ig_work_impatient(s->work, now) ? IG_ERR_STOPPED
                                                                                    : IG_OK;
}

/** Compute like everybody else until nothing is left to take. */
static ig_status compute(ig_server *s, ig_error *error)
{
    const ig_yield yield = {server_yield, s};
    while (!exhausted(s)) {
        const ig_chunk chunk = take(s, 0);
        ig_error reason = {0};
        if (chunk.count == 0) {
            TRY(attend(s, error));
            ig_idle(s->heard);
            continue;
        }
        const ig_tally before = s->work->tally;
        expect(s, 0, chunk, 0);
        s->computing = true;
        const ig_status mine = ig_work_run(s->work, chunk, &yield, &reason);
        s->computing = false;
        s->heard = ig_clock_monotonic();
        learn(s, &before, &s->work->tally);
        put_aside(s, s->work->aside, s->work->n_aside);
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
        ig_idle(s->heard);
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

/** Of the tasks that were begun and not finished, the longest time that one of this cost was given;
 *  0 where none was. Only where no rank has finished any, so that each is in its last chunk. */
static double tried(const ig_server *s, double cost)
{
    double longest = 0;
    for (int r = 0; r < s->ranks; r++) {
        const peer *p = &s->peers[r];
        if (p->chunk.count > 0 && s->work->schedule->cost[p->chunk.first] <= cost) {
            longest = fmax(longest, ig_clock_monotonic() - p->begun);
        }
    }
    for (size_t i = 0; i < s->n_aside; i++) {
        if (s->work->schedule->cost[s->aside[i].position] <= cost) {
            longest = fmax(longest, s->aside[i].given);
        }
    }
    return longest;
}

/** The cheapest task that was not finished. */
static double cheapest_left(ig_server *s)
{
    double cheapest = ig_dispatch_cheapest(&s->dispatch);
    for (int r = 0; r < s->ranks; r++) {
        const ig_chunk c = s->peers[r].chunk;
        if (c.count > 0) {
            const double cost = s->work->schedule->cost[c.first + c.count - 1];
            cheapest = cheapest > 0 ? fmin(cheapest, cost) : cost;
        }
    }
    for (size_t i = 0; i < s->n_aside; i++) {
        const double cost = s->work->schedule->cost[s->aside[i].position];
        cheapest = cheapest > 0 ? fmin(cheapest, cost) : cost;
    }
    return cheapest;
}

/* Nothing was finished; where what is known leaves more open than this factor, it is not told as
 * a number but as a bound. */
static const double vague = 4;

/** Not one task was finished in all the time: what it would have taken. */
static ig_status no_progress(ig_server *s, const ig_error *reason, ig_error *error)
{
    char spent[32], text[32];
    const double cost = cheapest_left(s), given = tried(s, cost);
    const ig_range range = ig_pace_predict(&s->pace, cost);
    const char *word = "more than";
    double seconds = given;
    if (range.most < vague * range.least && sqrt(range.least * range.most) > given) {
        word = "about";
        seconds = sqrt(range.least * range.most);
    } else if (range.least > given) {
        seconds = range.least;
    }
    ig_duration(ig_clock_monotonic() - s->limit->begin, spent, sizeof spent);
    if (seconds > 0) {
        return ig_error_set(error, IG_ERR_TIME,
                            "%s: no task %s in %s; the shortest that is left needs %s %s",
                            reason->text, given > 0 ? "finished" : "was begun", spent, word,
                            ig_duration(seconds, text, sizeof text));
    }
    return ig_error_set(error, IG_ERR_TIME, "%s: no task was begun, the start alone took %s",
                        reason->text, spent);
}

/** Whether a signal was the batch system's warning of the end, and not somebody's wish: in a job
 * one of those that are for warnings, or any in the later half of the time. */
static bool warned_of_end(const ig_server *s)
{
    const int number = ig_signals_caught();
    return (isfinite(s->limit->job) && (number == SIGUSR1 || number == SIGUSR2)) ||
           ig_clock_monotonic() - s->limit->begin >= time_left(s);
}

/** How a run ended that did not finish all its tasks. */
static ig_status judge(ig_server *s, const ig_tally *tally, ig_error *error)
{
    ig_error reason = s->reason;
    const size_t left = s->work->schedule->n - tally->done - tally->failed;
    const bool by_limit = s->timed_out || (!reason.status && s->hopeless);
    if (!reason.status && s->hopeless) {
        char name[2 * IG_LIMIT_TEXT];
        ig_error_set(&reason, IG_ERR_STOPPED, "stopped by the time limit, %s",
                     ig_limit_name(s->limit, ig_instant_now(), name));
    }
    if (!reason.status) {
        return ig_error_set(error, IG_ERR_MPI, "tasks were handed out and lost");
    }
    const bool late = ig_signals_caught() && s->limited && warned_of_end(s);
    if (tally->done + tally->failed == 0 && reason.status == IG_ERR_STOPPED && (by_limit || late)) {
        return no_progress(s, &reason, error);
    }
    *error = reason;
    if (by_limit) {
        ig_error_set(error, IG_ERR_STOPPED, "%s: %zu task%s left", reason.text, left,
                     left == 1 ? " is" : "s are");
    }
    return error->status;
}

ig_status ig_serve(ig_server *server, ig_work *work, size_t max_fails, ig_progress *progress,
                   ig_tally *tally, ig_error *error)
{
    ig_server *s = server;
    s->work = work;
    s->heard = ig_clock_monotonic();
    s->max_fails = max_fails;
    s->progress = progress;
    const ig_status status = serve_all(s, error);
    *tally = total(s);
    TRY(status);
    if (tally->done + tally->failed < work->schedule->n) {
        return judge(s, tally, error);
    }
    /* A reason to stop that came when all was done is none. */
    if (s->reason.status && s->reason.status != IG_ERR_STOPPED) {
        *error = s->reason;
        return s->reason.status;
    }
    return IG_OK;
}
