/** The two parts ranks play: rank 0 hands out chunks and computes between answers, the others ask
 *  and compute. No rank is given up to be a master. */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H

#include "run/limit.h"
#include "run/ranks.h"
#include "run/run.h"
#include "run/schedule.h"
#include "store/store.h"

/* Messages: plain structs sent as bytes between equal programs. */
enum { IG_TAG_REQUEST = 1, IG_TAG_CHUNK, IG_TAG_DONE, IG_TAG_STOP };

/** A task that took longer than it was given; it was dropped to do others first. */
typedef struct ig_aside {
    uint64_t position; /**< in the schedule */
    double given;      /**< seconds it had; 0: there is no such task */
} ig_aside;

/* Of one chunk; the tasks behind may take any time. */
enum { IG_ASIDES = 4 };

/** Worker to rank 0: the chunk numbered `sequence` is wanted; sent when the chunk before it begins
 *  and, if there was no answer by its end, again with `idle` set. */
typedef struct ig_request {
    uint64_t sequence;
    int32_t idle;
    ig_aside aside[IG_ASIDES]; /**< what this rank has put aside since it asked last */
    ig_tally tally;            /**< all this rank has finished so far */
} ig_request;

/** Rank 0 to a worker: positions of the schedule; count 0: there is no more. */
typedef struct ig_chunk {
    uint64_t first, count;
    double patience; /**< seconds after which a task is put aside; INFINITY: never */
} ig_chunk;

/** Worker to rank 0, its last message. It leaves once it has also had the one IG_TAG_STOP message
 *  that rank 0 sends every worker, early to make it stop or late to let it leave. */
typedef struct ig_done_message {
    ig_tally tally;
    ig_error error; /**< IG_OK, or what ended this rank's work before there was no more */
} ig_done_message;

/** Sleep between two looks for messages, where there was none since `since` (monotonic clock). */
void ig_idle(double since);

/** What a rank needs to compute tasks and write their rows. Everything is borrowed except the row.
 */
typedef struct ig_work {
    ig_computing with;
    const ig_schedule *schedule;
    ig_writer *writer;
    int rank;
    ig_row row; /**< scratch for one task, owned */
    ig_tally tally;
    double begun;              /**< monotonic clock when the task in hand began */
    double patience;           /**< seconds it may take; INFINITY: any time */
    ig_aside aside[IG_ASIDES]; /**< put aside in the chunk computed last */
    size_t n_aside;
    size_t task;          /**< the one in hand */
    double start;         /**< seconds since 1970 UTC when it began */
    double told;          /**< monotonic clock when its progress was last noted; NaN: never */
    ig_listener listener; /**< of its progress */
} ig_work;

ig_status ig_work_init(ig_work *work, const ig_layout *layout, ig_error *error);
void ig_work_clear(ig_work *work);

/** For the hook: note in the file that a task is under way which takes longer than a second. */
void ig_work_show(ig_work *work, double monotonic);

/** Whether the task in hand has had all the time it was given: then the hook must say "stop". */
bool ig_work_impatient(const ig_work *work, double monotonic);

/** Compute the tasks of a chunk, positions of the schedule; all finished rows are in the file on
 *  return, unless the status is the writer's. A task that fails becomes a failed row, one that took
 *  too long is put aside, and neither is an error here. Otherwise IG_ERR_STOPPED when the hook says
 *  so: the task in flight is dropped. Otherwise what the writer says. */
ig_status ig_work_run(ig_work *work, ig_chunk chunk, const ig_yield *yield, ig_error *error);

/** Ranks other than 0: work until rank 0 has no more or somebody stops the run. IG_OK,
 *  IG_ERR_STOPPED, what ended this rank's work, or IG_ERR_MPI. Collective with ig_serve. */
ig_status ig_worker_run(ig_work *work, MPI_Comm comm, ig_error *error);

/** What rank 0 knows of the run while it serves; created before the work, so that nothing is
 *  allocated once the others wait for answers. The schedule and the limit must outlive it. */
typedef struct ig_server ig_server;
ig_status ig_server_create(MPI_Comm comm, const ig_schedule *schedule, const ig_limit *limit,
                           ig_server **server, ig_error *error);
void ig_server_destroy(ig_server **server);

/** Before the work: a task of this cost took so long in an earlier session. */
void ig_server_learn(ig_server *server, double cost, double seconds);

/** Rank 0, once per server: hand out the schedule, compute, collect. `tally` gets what all ranks
 *  finished; when more than `max_fails` tasks have failed the run is stopped. Under a limit, tasks
 *  are handed out as ig_dispatch_take_in_time has it, and the run ends when it is reached, or when
 *  nothing that is left can fit.
 *
 *  IG_OK when every task is finished; IG_ERR_STOPPED when a signal or the limit ended the run;
 *  IG_ERR_TIME when the limit did, or a signal that warned of it, and not one task was finished:
 * the message says how long the shortest takes, as far as is known. IG_ERR_NUMERIC when failures
 * ended it; otherwise the first error of any rank. */
ig_status ig_serve(ig_server *server, ig_work *work, size_t max_fails, ig_progress *progress,
                   ig_tally *tally, ig_error *error);

#endif
