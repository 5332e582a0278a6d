/** Files of episodes that other people made: HDF5 in the layouts of D4RL, Minari and robomimic, or
 *  under names of one's own. What is in such a file, and its rows in one block of memory.
 *
 *      ig_data_options options = {.format = IG_DATA_AUTO};
 *      ig_data *data = NULL;
 *      TRY(ig_data_open("hopper.hdf5", &options, &data, error));
 *      void *memory = ...;                        // ig_data_bytes(data), aligned to 64
 *      TRY(ig_data_load(data, memory, error));
 *      const ig_data_block *block = memory;
 *      const float *row = ig_data_row(block, 7);  // s, a, s', r
 *
 *  Messages begin with the file's path. Statuses: IG_ERR_IO where it cannot be opened or read,
 *  IG_ERR_FORMAT where it is no HDF5 file or is damaged, IG_ERR_CONFIG where its content cannot be
 *  used, IG_ERR_MEMORY. Nothing here is collective. */
#ifndef DATA_DATA_H
#define DATA_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imagrid/error.h"
#include "imagrid/table.h"

/** How episodes are laid out in the file. */
typedef enum ig_data_format {
    IG_DATA_AUTO,      /**< whichever it is */
    IG_DATA_D4RL,      /**< datasets of the root, with a row a step */
    IG_DATA_MINARI,    /**< groups episode_K, with one observation more than steps */
    IG_DATA_ROBOMIMIC, /**< groups data/demo_K */
    IG_DATA_FLAT       /**< datasets with a row a step, whose names the options give */
} ig_data_format;
/** "auto", "d4rl", ..., NULL: choices of a key. */
extern const char *const ig_data_formats[];

/** Whether actions are numbers of choices, each of which becomes a column of zeros and ones. */
typedef enum ig_data_discrete {
    IG_DATA_DISCRETE_AUTO, /**< where they are one column of integers from 0 */
    IG_DATA_DISCRETE_YES,
    IG_DATA_DISCRETE_NO
} ig_data_discrete;
/** "auto", "yes", "no", NULL: choices of a key. */
extern const char *const ig_data_discretes[];

/** What to read. All zero is what most files need. Texts NULL: not given. */
typedef struct ig_data_options {
    ig_data_format format;
    ig_data_discrete actions_discrete;
    /** Observations that make a state, in this order: keys of a dictionary ("a/b" of one within
     *  another; Minari, robomimic) or names of datasets (flat). None: all that there are in
     *  alphabetical order; "observations". */
    const char *const *observations;
    size_t n_observations;
    const char *filter; /**< robomimic: only the episodes that mask/FILTER lists */
    /** An episode ends after so many rows, where nothing ended it before; 0: it does not. For files
     *  that do not mark time-outs (D4RL, flat). */
    size_t episode_length;
    /* Flat: names of datasets. Those not given are what the members are called, where the file has
     * them. Wherever anything says so an episode ends. */
    const char *actions, *rewards; /**< NULL: "actions", "rewards" */
    const char *next_observations; /**< NULL: the state of the next row of the episode */
    const char *terminals;         /**< 1 where an episode ends as its task does */
    const char *timeouts;          /**< 1 where it is cut short */
    const char *episode_ends;      /**< 1 where it ends either way; or a number an episode: the row
                                        behind its last one */
    const char *ep_len;            /**< rows of each episode */
    const char *ep_offset;         /**< first row of each episode ("ep_offset"); NULL: the episodes
                                              follow each other */
} ig_data_options;

/** How an episode ends. */
typedef enum ig_data_end {
    IG_DATA_TERMINAL, /**< its task ended: no state follows that matters */
    IG_DATA_TIMEOUT,  /**< a limit of time cut it short */
    IG_DATA_OPEN      /**< the data end, without a mark */
} ig_data_end;

/** One episode: rows first ... first + length - 1. */
typedef struct ig_data_episode {
    uint64_t first;
    uint64_t length; /**< at least 1 */
    uint64_t number; /**< K of episode_K and demo_K; else from 0 */
    uint32_t end;    /**< ig_data_end */
    uint32_t whole;  /**< 1: its last row gives a transition, too; 0: its next state is not there */
} ig_data_episode;

enum { IG_DATA_NAME = 128, IG_DATA_TYPE = 40 };
/** A dataset that is read, with columns columns of `type` a row. */
typedef struct ig_data_field {
    char name[IG_DATA_NAME]; /**< within the file, or within the group of an episode; printable */
    char type[IG_DATA_TYPE]; /**< as in NumPy: "float32", "int64", "bool"; "float64, big-endian" */
    size_t columns;
} ig_data_field;

typedef struct ig_data_info {
    ig_data_format format; /**< never auto */
    size_t n_episodes;
    size_t n_rows;          /**< steps: a state and an action each */
    size_t n_transitions;   /**< rows whose next state is known */
    size_t n_labels;        /**< rows with a reward: all of them */
    size_t n_left_out;      /**< rows of the file that belong to no episode (flat) */
    size_t state, action;   /**< columns of a state and, one for each choice, of an action */
    bool discrete;          /**< the actions are choices */
    bool next_observations; /**< next states are stored, not taken from the row that follows */
    bool timeouts;          /**< the file says, or options say, where time ran out */
    const ig_data_field *observations; /**< n_observations, which make a state */
    const ig_data_field *actions;      /**< n_actions, which make an action */
    size_t n_observations, n_actions;
    ig_data_field rewards;
    const ig_data_episode *episodes; /**< n_episodes, in order of their rows */
} ig_data_info;

typedef struct ig_data ig_data;

/** Open a file and find its episodes; marks and choices are read, in pieces, and everything else is
 *  looked at but not read. What could crash HDF5 does so in a process of its own. The options
 *  need not last. Close with ig_data_close. */
ig_status ig_data_open(const char *path, const ig_data_options *options, ig_data **data,
                       ig_error *error);
void ig_data_close(ig_data **data);

/** Valid until the file is closed. */
const ig_data_info *ig_data_describe(const ig_data *data);

/** floats of a row: state s, action a (0 or 1 a column where it is a choice), next state s' (NaN
 *  where it is not known), reward r. 2 state + action + 1. */
size_t ig_data_width(const ig_data *data);

/** Read rows first ... first + n - 1 into n x ig_data_width floats. Besides these, memory of some
 *  16 MB and the file's chunks is needed. A process of its own reads, for HDF5 crashes on some
 *  damaged files. IG_ERR_CONFIG where a number is not finite as float32, with dataset, episode and
 * row. */
ig_status ig_data_read(ig_data *data, size_t first, size_t n, float *rows, ig_error *error);

/* The whole file in one block of memory, which holds no pointer and so may be shared. */

enum { IG_DATA_HAS_TRANSITION = 1, IG_DATA_HAS_LABEL = 2 };

/** Beginning of the block. Places are bytes from there, multiples of 64. */
typedef struct ig_data_block {
    uint64_t bytes; /**< of the whole block */
    uint64_t n_rows, n_episodes, n_transitions, n_labels;
    uint64_t state, action, width;
    uint64_t rows;       /**< float[n_rows][width]: s, a, s', r */
    uint64_t flags;      /**< uint8_t[n_rows]: IG_DATA_HAS_... */
    uint64_t episode_of; /**< uint32_t[n_rows]: index of the row's episode */
    uint64_t episodes;   /**< ig_data_episode[n_episodes] */
} ig_data_block;

/** Bytes of the block of a file. */
size_t ig_data_bytes(const ig_data *data);
/** Fill a block of ig_data_bytes, aligned to 64, reading in pieces. As ig_data_read; after an error
 *  the block is not to be used. */
ig_status ig_data_load(ig_data *data, void *memory, ig_error *error);

static inline const float *ig_data_row(const ig_data_block *block, size_t row)
{
    const char *start = (const char *)block;
    return (const float *)(const void *)(start + block->rows) + row * block->width;
}

static inline unsigned ig_data_flags(const ig_data_block *block, size_t row)
{
    return ((const unsigned char *)block + block->flags)[row];
}

static inline size_t ig_data_episode_of(const ig_data_block *block, size_t row)
{
    const char *start = (const char *)block;
    return ((const uint32_t *)(const void *)(start + block->episode_of))[row];
}

static inline const ig_data_episode *ig_data_episodes(const ig_data_block *block)
{
    const char *start = (const char *)block;
    return (const ig_data_episode *)(const void *)(start + block->episodes);
}

/* What `imagrid data` prints. */

/** Of the numbers of one column. */
typedef struct ig_data_column {
    double low, mean, sd, high; /**< sd: NaN for one row */
} ig_data_column;

enum { IG_DATA_QUANTILES = 7 };
/** 0, 0.05, 0.25, 0.5, 0.75, 0.95, 1. */
extern const double ig_data_quantiles[IG_DATA_QUANTILES];

typedef struct ig_data_summary {
    ig_data_column *columns; /**< state + action + 1: those of s, a and r; owned */
    size_t n_columns;
    size_t n_ends[IG_DATA_OPEN + 1]; /**< episodes by how they end */
    double rewards[IG_DATA_QUANTILES];
    size_t zero_rewards; /**< rows whose reward is 0 */
    size_t duplicates;   /**< rows equal to an earlier one in all their numbers */
} ig_data_summary;

/** Go through the whole file in pieces; besides them 12 bytes a row are needed. As ig_data_read.
 *  Clear it. */
ig_status ig_data_summarise(ig_data *data, ig_data_summary *summary, ig_error *error);
void ig_data_summary_clear(ig_data_summary *summary);
/** Append the tables `file`, `datasets`, `episodes`, `ranges`, `rewards` and `warnings`, which is
 *  for files and stands as notes below the others. IG_ERR_MEMORY. */
ig_status ig_data_tables(const ig_data *data, const ig_data_summary *summary, ig_tables *tables,
                         ig_error *error);

#endif
