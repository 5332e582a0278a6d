/** What the files of the experiment `dataset` share. */
#ifndef IMAGRID_EXPERIMENTS_DATASET_H
#define IMAGRID_EXPERIMENTS_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/data.h"
#include "imagrid/experiment.h"
#include "imagrid/nn.h"

/* Splits and draws: pure functions over a table of episodes (dataset-split.c). */

/** What a row may be used for. */
typedef enum ig_sample_kind {
    IG_SAMPLE_TRANSITION, /**< its next state is known */
    IG_SAMPLE_LABEL,      /**< it has a reward: every row */
    IG_SAMPLE_KINDS
} ig_sample_kind;

/** Which episodes are held out. Owned; start with {0}. */
typedef struct ig_split {
    const ig_data_episode *episodes; /**< not owned */
    size_t n_episodes;
    bool *held_out; /**< of every episode */
    size_t n_held_out;
    size_t held[IG_SAMPLE_KINDS]; /**< rows of held-out episodes */
    size_t rest[IG_SAMPLE_KINDS]; /**< rows of the others, which are for training */
} ig_split;

/** Hold out `share` of the episodes, rounded, at least one and at most all but one, drawn from
 *  `rng`. same[e] is the first episode with the content of episode e, NULL: all differ. Episodes
 *  of one content are on the same side, so that nothing that is held out is trained on;
 *  there may then be a few more of them held out. IG_ERR_CONFIG where fewer than two contents
 *  are there; IG_ERR_MEMORY. */
ig_status ig_split_make(const ig_data_episode *episodes, size_t n, const uint32_t *same,
                        double share, ig_rng *rng, ig_split *split, ig_error *error);
void ig_split_clear(ig_split *split);

/** All rows of a side that can be used so, in order: held[kind] or rest[kind] of them. Malloc'd. */
ig_status ig_split_rows(const ig_split *split, bool held_out, ig_sample_kind kind, uint32_t **rows,
                        ig_error *error);

/** How samples are drawn. */
typedef enum ig_draw {
    IG_DRAW_ROWS,    /**< row by row, without replacement */
    IG_DRAW_EPISODES /**< whole episodes in random order, each from its beginning */
} ig_draw;

/** The first n of a random order of the training rows: fewer samples of the same `rng` are the
 *  beginning of more. Malloc'd. IG_ERR_USAGE for more than rest[kind]; IG_ERR_MEMORY. */
ig_status ig_split_draw(const ig_split *split, ig_sample_kind kind, ig_draw draw, size_t n,
                        ig_rng rng, uint32_t **rows, ig_error *error);

/* What the ranks of a node share: the rows, and what is said once of the whole file
 * (dataset-file.c). */

/** Numbers of a column of rows over the whole file; targets over the rows that have them. */
typedef struct ig_dataset_column {
    double mean, sd; /**< sd: 0 where all numbers are equal */
    double low, high;
} ig_dataset_column;

/** Beginning of the block. Places are bytes from there. Rows are [s | a | target | r], the target
 *  being s' - s or s'. */
typedef struct ig_dataset {
    uint64_t bytes;
    uint64_t data;       /**< ig_data_block, whose rows have targets in place of next states */
    uint64_t columns;    /**< ig_dataset_column[width] */
    uint64_t same;       /**< uint32_t[n_episodes]: first episode of equal content */
    uint64_t twin;       /**< uint32_t[n_rows]: first row of equal content */
    uint64_t discrete;   /**< 1: actions are choices */
    uint64_t difference; /**< 1: targets are s' - s */
} ig_dataset;

static inline const ig_data_block *ig_dataset_data(const ig_dataset *dataset)
{
    return (const ig_data_block *)(const void *)((const char *)dataset + dataset->data);
}

static inline const ig_dataset_column *ig_dataset_columns(const ig_dataset *dataset)
{
    return (const ig_dataset_column *)(const void *)((const char *)dataset + dataset->columns);
}

static inline const uint32_t *ig_dataset_same(const ig_dataset *dataset)
{
    return (const uint32_t *)(const void *)((const char *)dataset + dataset->same);
}

static inline const uint32_t *ig_dataset_twin(const ig_dataset *dataset)
{
    return (const uint32_t *)(const void *)((const char *)dataset + dataset->twin);
}

/** The hooks of ig_experiment. */
ig_status ig_dataset_bytes(const ig_grid *grid, size_t *bytes, ig_diagnostics *diagnostics,
                           ig_error *error);
ig_status ig_dataset_load(const ig_grid *grid, void *memory, size_t bytes, ig_error *error);

/** The split of a seed, the same for every grid point. As ig_split_make. */
ig_status ig_dataset_split(const ig_data_episode *episodes, size_t n, const uint32_t *same,
                           double share, uint64_t seed, ig_split *split, ig_error *error);

/** Groups: first[i] is the least index of an equal key. `n` at most UINT32_MAX. IG_ERR_MEMORY. */
ig_status ig_dataset_equals(const uint64_t *keys, size_t n, uint32_t *first, ig_error *error);

/* A task (dataset-task.c, dataset-return.c). */

/** Values of the key `labels`. */
typedef enum ig_labels { IG_LABELS_GIVEN, IG_LABELS_ZERO, IG_LABELS_SHUFFLED } ig_labels;

/** The parameters of one task, read from the grid point once. */
typedef struct ig_dataset_task {
    const ig_task *task;
    const ig_dataset *file;
    const ig_data_block *data;
    const ig_dataset_column *columns;
    size_t n; /**< transitions, and labels */
    double share;
    ig_draw draw;
    ig_labels labels;
    bool standardise;
    ig_network student; /**< inputs and outputs unset */
    ig_training schedule;
    float learning_rate;
    ig_network policy; /**< likewise */
    uint64_t policy_updates;
    bool sampled;         /**< actions have the noise of the data */
    size_t steps, starts; /**< of open loops */
    size_t horizon, trajectories, directions;
    double gamma, step;
    size_t state, action, width;
} ig_dataset_task;

/** What the keys say; `task` and what is in the file are left unset. */
ig_dataset_task ig_dataset_task_of(const ig_point *point);

/** A network with what its inputs and outputs are in: outputs are shift + sd * y. Owned. Start with
 *  {0}. */
typedef struct ig_learner {
    ig_network network;
    float *parameters;
    float *mean, *scale; /**< inputs + outputs, as ig_view has them */
    double *shift, *sd;  /**< of the outputs */
    ig_mlp *mlp;         /**< made once it is trained */
} ig_learner;
void ig_learner_clear(ig_learner *learner);

/** Train on rows order[0 ... n-1] of a pool of rows of `stride` numbers, whose first numbers are
 *  the inputs and whose targets begin at `target`. `holdout` NULL: without curve. Parameters start
 *  from substream `part` of IG_STREAM_INIT. */
typedef struct ig_lesson {
    ig_network network;
    const float *pool;
    const uint32_t *order;
    size_t n, stride, target;
    const uint32_t *holdout;
    size_t n_holdout;
    const float *holdout_pool;
    ig_training schedule;
    float learning_rate;
    bool standardise;
    uint64_t part;
    float *curve;
} ig_lesson;
ig_status ig_learner_train(const ig_task *task, const ig_lesson *lesson, ig_learner *learner,
                           ig_error *error);
/** Outputs in the targets' units: y[i * O + o] for `batch` inputs x (batch x I); `scratch` has room
 *  for batch * I floats. */
void ig_learner_predict(const ig_learner *learner, size_t batch, const float *x, float *scratch,
                        float *y);

/** Moments over samples of one output. */
typedef struct ig_fit_moments {
    double n, errors;             /**< errors: sum of (guess - truth)^2 */
    double truth, guess;          /**< means */
    double truths, guesses, both; /**< sums of squares and products of what is off the means */
} ig_fit_moments;
/** Equal truths leave no variance at all, whatever they are. */
void ig_fit_moments_add(ig_fit_moments *moments, double truth, double guess);

/** What outputs are compared with: the rows order[0 ... n-1] of a pool, target 0 at column
 *  `target`. */
typedef struct ig_compared {
    const float *pool;
    const uint32_t *order;
    size_t n, stride, target;
} ig_compared;
/** Fill the moments of every output. IG_ERR_MEMORY, IG_ERR_STOPPED. */
ig_status ig_learner_compare(const ig_learner *learner, const ig_compared *what,
                             const ig_yield *yield, ig_fit_moments *moments, ig_error *error);

/** Errors in the standard deviations that the targets have over the whole file. Targets that never
 *  vary do not count. */
typedef struct ig_fit_quality {
    double rmse;        /**< root of the mean over samples and targets */
    double explained;   /**< 1 - mean square error / variance; 0 where nothing varies */
    double correlation; /**< of the first output; 0 where it or the truth is constant */
    size_t vary;        /**< targets that vary */
} ig_fit_quality;
ig_fit_quality ig_fit_quality_of(const ig_fit_moments *moments, const ig_dataset_column *columns,
                                 size_t n);

/** A held-out row from which the episode goes on for `steps` rows that can be used. */
typedef struct ig_start {
    size_t row, steps;
} ig_start;
/** n of them at random, the same for every grid point of a seed, the longest first. Malloc'd. */
ig_status ig_starts_draw(const ig_dataset_task *q, const ig_split *split, ig_sample_kind kind,
                         size_t n, ig_start **starts, ig_error *error);

/** A model of the world. */
typedef struct ig_model {
    const ig_dataset_task *q;
    const ig_learner *dynamics, *reward;
} ig_model;

/** Room for rolling `n` trajectories. Owned; start with {0}. */
typedef struct ig_rolling {
    size_t n;
    float *x;       /**< n x (S + A): states and actions */
    float *scratch; /**< n x (S + A) */
    float *target;  /**< n x S */
    float *reward;  /**< n */
} ig_rolling;
ig_status ig_rolling_init(const ig_dataset_task *q, size_t n, ig_rolling *rolling, ig_error *error);
void ig_rolling_clear(ig_rolling *rolling);

/** From the targets to the next states, kept within the states of the file and as much again on
 *  either side. Returns how many of the n states were outside of those of the file. */
size_t ig_rolling_advance(const ig_dataset_task *q, size_t n, ig_rolling *rolling);

/** Returns and what they respond to. */
typedef struct ig_dataset_returns {
    double imagined, recorded; /**< mean discounted return */
    double policy_explained;
    double outside;          /**< share of the imagined states outside of those of the file */
    double s_f, s_r;         /**< per unit of dynamics_rmse and reward_rmse */
    double check_f;          /**< what half the step changes of s_f, 0 to 1; s_r is linear */
    double moved_f, moved_r; /**< s_f and s_r of the model perturbed by its own errors */
} ig_dataset_returns;
ig_status ig_dataset_respond(const ig_model *model, const ig_split *split, double dynamics_rmse,
                             double reward_rmse, ig_dataset_returns *returns, ig_error *error);

/* What merge shows before and after the laws (dataset-report.c). */
extern const ig_own_table ig_dataset_data_table;
extern const ig_own_table ig_dataset_models_table;
extern const ig_own_table ig_dataset_returns_table;
extern const ig_own_table ig_dataset_controls_table;

ig_status ig_dataset_run(const ig_task *task, const ig_row *row, ig_error *error);

#endif
