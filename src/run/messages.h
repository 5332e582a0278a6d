/** What ranks say to rank 0 and back. Plain structs sent as bytes between equal programs. */
#ifndef IMAGRID_RUNNER_MESSAGES_H
#define IMAGRID_RUNNER_MESSAGES_H

#include <stdint.h>

#include "imagrid/error.h"
#include "run/progress.h"

enum { IG_TAG_REQUEST = 1, IG_TAG_CHUNK, IG_TAG_FAREWELL, IG_TAG_STOP };

/** Worker to rank 0: the chunk numbered `sequence` is wanted; sent when the chunk before it begins
 *  and, if there was no answer by its end, again with `idle` set. */
typedef struct ig_request {
    uint64_t sequence;
    int32_t idle;
    ig_tally tally; /**< all this rank has finished so far */
} ig_request;

/** Rank 0 to a worker: positions of the schedule; count 0: there is no more. */
typedef struct ig_chunk {
    uint64_t first, count;
} ig_chunk;

/** Worker to rank 0, its last word. It leaves once it has also had the one IG_TAG_STOP message that
 *  rank 0 sends every worker, early to make it stop or late to let it go. */
typedef struct ig_farewell {
    ig_tally tally;
    ig_error error; /**< IG_OK, or what ended this rank's work before there was no more */
} ig_farewell;

#endif
