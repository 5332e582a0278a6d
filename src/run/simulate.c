#include "run/estimate.h"

#include <math.h>

#include "base/try.h"

/* Measured with Open MPI 4.1 and tasks of a microsecond, rows written together: 0.6 us a row on one
 * rank, 2.5 us on two that share a busy machine; rank 0 needs 7 to 16 us for a look that finds a
 * request. It looks every half millisecond (server.c), if the task at hand lets it. With half or
 * twice of these, the makespan of tasks of a millisecond or more changes by less than 1 % up to 64
 * ranks; what they decide is where `limited by: answers of rank 0` begins. */
const ig_overhead ig_overhead_usual = {.row = 2e-6, .answer = 1e-3, .serve = 10e-6};

/** A chunk and what it takes. */
typedef struct chunk {
    size_t count;
    double work, busy; /**< predicted operations and seconds of its tasks */
} chunk;

/** A rank. A worker has at most one request in the queue. One that rank 0 puts off is forgotten
 *  here: the rank asks again when it is idle. */
typedef struct rank_state {
    chunk now, next;
    double arrives; /**< when `next` is there */
    bool idle;      /**< has nothing to compute */
    bool queued;    /**< a request is in the queue */
    bool answered;  /**< `next` is decided, on its way or there */
} rank_state;

typedef struct event {
    double time;
    size_t rank;
} event;

typedef struct simulator {
    const double *seconds;
    const ig_overhead *overhead;
    ig_dispatch *dispatch;
    size_t ranks;
    rank_state *state; /**< by rank */
    event *heap;       /**< ends of chunks, earliest first, ties by rank */
    size_t n_heap;
    event *queue; /**< requests in the order of arrival, a ring of `ranks` places */
    size_t head, n_queue;
    double served;     /**< when rank 0 has done with the request before */
    double stolen;     /**< from the chunk that rank 0 is computing */
    double work, busy; /**< finished so far, as rank 0 knows */
    ig_simulation *result;
} simulator;

static bool before(event a, event b)
{
    return a.time != b.time ? a.time < b.time : a.rank < b.rank;
}

static void push(simulator *s, event e)
{
    size_t i = s->n_heap++;
    while (i > 0 && before(e, s->heap[(i - 1) / 2])) {
        s->heap[i] = s->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    s->heap[i] = e;
}

static event pop(simulator *s)
{
    event top = s->heap[0], last = s->heap[--s->n_heap];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= s->n_heap) {
            break;
        }
        if (child + 1 < s->n_heap && before(s->heap[child + 1], s->heap[child])) {
            child++;
        }
        if (!before(s->heap[child], last)) {
            break;
        }
        s->heap[i] = s->heap[child];
        i = child;
    }
    s->heap[i] = last;
    return top;
}

/** What rank 0 hands out now. */
static chunk take(simulator *s)
{
    size_t first = 0;
    double rate = s->busy > 0 ? s->work / s->busy : 0;
    chunk c = {ig_dispatch_take(s->dispatch, rate, (double)INFINITY, &first), 0, 0};
    for (size_t i = 0; i < c.count; i++) {
        double seconds = s->seconds[first + i];
        c.work += s->dispatch->schedule->cost[first + i];
        c.busy += seconds;
        s->result->longest = fmax(s->result->longest, seconds);
    }
    s->result->busy += c.busy;
    s->result->chunks += c.count > 0;
    return c;
}

/** Rank r begins a chunk at `time`; of none it has no end. */
static void begin(simulator *s, size_t r, chunk c, double time)
{
    s->state[r].now = c;
    s->state[r].idle = c.count == 0;
    if (c.count > 0) {
        push(s, (event){time + c.busy + (double)c.count * s->overhead->row, r});
    }
}

/** Rank r asks for its next chunk, or says again that it waits. */
static void ask(simulator *s, size_t r, double time)
{
    if (!s->state[r].queued) {
        s->queue[(s->head + s->n_queue++) % s->ranks] = (event){time + s->overhead->answer, r};
        s->state[r].queued = true;
    }
}

/** Worker r, idle since `time` or earlier, takes up the chunk that has been decided for it. */
static void take_up(simulator *s, size_t r, double time)
{
    rank_state *p = &s->state[r];
    double start = fmax(time, p->arrives);
    p->answered = false;
    begin(s, r, p->next, start);
    if (p->now.count > 0) {
        ask(s, r, start);
    }
}

static void finish_chunk(simulator *s, event e)
{
    rank_state *p = &s->state[e.rank];
    if (e.rank == 0 && s->stolen > 0) {
        push(s, (event){e.time + s->stolen, 0});
        s->stolen = 0;
        return;
    }
    s->work += p->now.work;
    s->busy += p->now.busy;
    s->result->makespan = fmax(s->result->makespan, e.time);
    if (e.rank == 0) {
        begin(s, 0, take(s), e.time);
    } else if (p->answered) {
        take_up(s, e.rank, e.time);
    } else {
        p->idle = true;
        ask(s, e.rank, e.time);
    }
}

/** Rank 0 looks at the first request of the queue. */
static void answer(simulator *s, double time)
{
    size_t r = s->queue[s->head].rank;
    rank_state *p = &s->state[r];
    s->head = (s->head + 1) % s->ranks;
    s->n_queue--;
    p->queued = false;
    s->served = time + s->overhead->serve;
    s->result->serving += s->overhead->serve;
    s->stolen += s->state[0].idle ? 0 : s->overhead->serve;
    bool exhausted = s->dispatch->n == 0;
    if (!p->idle && !exhausted && !ig_dispatch_ahead(s->dispatch)) {
        return;
    }
    p->next = take(s);
    p->arrives = s->served;
    p->answered = true;
    if (p->idle) {
        take_up(s, r, s->served);
    }
}

static void work_off(simulator *s)
{
    begin(s, 0, take(s), 0);
    for (size_t r = 1; r < s->ranks; r++) {
        s->state[r].idle = true;
        ask(s, r, 0);
    }
    while (s->n_heap > 0 || s->n_queue > 0) {
        double looks = s->n_queue > 0 ? fmax(s->queue[s->head].time, s->served) : (double)INFINITY;
        if (s->n_heap > 0 && s->heap[0].time <= looks) {
            finish_chunk(s, pop(s));
        } else {
            answer(s, looks);
        }
    }
}

ig_status ig_simulate(const ig_schedule *schedule, const double *seconds, size_t ranks,
                      const ig_overhead *overhead, ig_simulation *result, ig_error *error)
{
    AUTO_FREE rank_state *state = NULL;
    AUTO_FREE event *heap = NULL, *queue = NULL;
    AUTO(ig_dispatch_clear) ig_dispatch dispatch = {0};
    TRY(ig_dispatch_init(&dispatch, schedule, ranks, error));
    TRY(IG_ALLOC(state, ranks, error));
    TRY(IG_ALLOC(heap, ranks, error));
    TRY(IG_ALLOC(queue, ranks, error));
    ig_simulation outcome = {.ranks = ranks};
    simulator s = {.seconds = seconds,
                   .overhead = overhead,
                   .dispatch = &dispatch,
                   .ranks = ranks,
                   .state = state,
                   .heap = heap,
                   .queue = queue,
                   .result = &outcome};
    work_off(&s);
    outcome.bound = fmax(outcome.busy / (double)ranks, outcome.longest);
    *result = outcome;
    return IG_OK;
}

double ig_simulation_efficiency(const ig_simulation *simulation, double startup)
{
    double held = (double)simulation->ranks * (simulation->makespan + startup);
    return held > 0 ? fmin(simulation->busy / held, 1) : 1;
}
