/** The rows of several result files of one configuration, each task taken once, and what every
 *  analysis asks of them. */
#ifndef RESULTS_ROWS_H
#define RESULTS_ROWS_H

#include "imagrid/experiment.h"
#include "results/figure.h"
#include "results/statistics.h"
#include "store/store.h"

enum {
    IG_LABEL = 256 /**< bytes of a label of grid points, "policy=uniform teacher=per_seed" */
};

/** A session of a run, noted in file number `source`. */
typedef struct ig_session {
    ig_session_record record;
    uint32_t source;
} ig_session;

/** Combined rows. Owned; arrays have n_tasks elements unless noted. A task's grid point is
 *  task / n_seeds. */
struct ig_rows {
    const ig_registry *registry;
    ig_store *store; /**< the first file: owns the configuration and the grid */
    const ig_experiment *experiment;
    const ig_config *config;
    const ig_grid *grid;
    char **paths; /**< n_paths, sorted, so that the order they were given in changes nothing */
    size_t n_paths;
    size_t n_tasks, n_points, n_seeds;
    const char *const *columns; /**< names of the summarised columns, NULL-terminated; not owned */
    size_t n_columns;
    int8_t *state;        /**< IG_STATE_*, damaged rows empty */
    uint32_t *crc;        /**< of done and failed rows */
    uint32_t *source;     /**< index of the file a done or failed row was taken from */
    double *seconds;      /**< wall time of the task */
    double *values;       /**< [column * n_tasks + task] */
    size_t damaged;       /**< damaged rows met, in all files */
    ig_session *sessions; /**< n_sessions, noted in all files; owned */
    size_t n_sessions;
    size_t n_changed; /**< of them, computed with other input files than their file was made with */
    size_t done, failed, missing; /**< tasks */
    ig_bootstrap how;             /**< of every bootstrap */
    ig_statistics *statistics;    /**< [column * n_points + point] over the finished seeds */
};

/** Read and combine files. Their identities must agree; a task done in several files is taken once
 *  and must have the same CRC in all, else IG_ERR_MISMATCH. Damaged rows count as missing. Also
 *  computes the statistics of every summarised column at every grid point.
 *  IG_ERR_USAGE without files or with fewer than two resamples. */
ig_status ig_rows_read(const ig_registry *registry, const char *const *paths, size_t n_paths,
                       const ig_bootstrap *how, ig_rows *rows, ig_error *error);
void ig_rows_clear(ig_rows *rows);

/** Value of a summarised column in a finished task. */
static inline double ig_rows_value(const ig_rows *rows, size_t column, size_t task)
{
    return rows->values[column * rows->n_tasks + task];
}

/** A column with a dimension, `*length` numbers a task, [task * length + position], malloc'd; those
 *  of tasks that are not finished mean nothing. Reads the files again. IG_ERR_USAGE for another
 *  column; IG_ERR_MEMORY; as ig_store_open. */
ig_status ig_rows_array(const ig_rows *rows, const char *column, float **values, size_t *length,
                        ig_error *error);

/** Statistics of a column at a grid point. */
static inline const ig_statistics *ig_rows_statistics(const ig_rows *rows, size_t column,
                                                      size_t point)
{
    return &rows->statistics[column * rows->n_points + point];
}

/** The definition of a summarised column. */
const ig_column *ig_rows_column(const ig_rows *rows, size_t column);
/** Index of a summarised column; IG_ERR_USAGE where there is none, with what wants it in the
 *  message. */
ig_status ig_rows_find_column(const ig_rows *rows, const char *name, const char *wanted_by,
                              size_t *column, ig_error *error);
/** What a REAL annotation key says, such as a published number; NaN for a NULL path. */
double ig_rows_annotation(const ig_rows *rows, const char *path);

/** Whether two grid points have the same texts of those keys that `apart` has (one truth per key of
 *  the schema). */
bool ig_rows_alike(const ig_rows *rows, const bool *apart, size_t a, size_t b);

/** Put n ascending grid points into groups of those that are alike: group[i] is the number of
 *  points[i]'s, from 0 in the order of their first points. */
ig_status ig_rows_group(const ig_rows *rows, const bool *apart, const size_t *points, size_t n,
                        size_t *group, size_t *n_groups, ig_error *error);

/** Tasks by state. */
typedef struct ig_states {
    size_t done, failed, missing;
} ig_states;

/** Tasks of a grid point. */
ig_states ig_rows_states(const ig_rows *rows, size_t point);

/** Wall time of the tasks that ran. */
typedef struct ig_work {
    size_t n; /**< tasks */
    double seconds, longest;
} ig_work;
ig_work ig_rows_work(const ig_rows *rows);

/** A failed task with its reason. */
typedef struct ig_failure {
    size_t task;
    char reason[IG_ROW_ERROR + 1];
    char *text; /**< what its first column of text keeps; NULL where there is none */
} ig_failure;

typedef struct ig_failures {
    ig_failure *list;
    size_t n;
} ig_failures;

/** Tasks that failed, at most `max` of them, in order. Reads the files again. */
ig_status ig_rows_failures(const ig_rows *rows, size_t max, ig_failures *failures, ig_error *error);
void ig_failures_clear(ig_failures *failures);

/** Random numbers of a bootstrap. Every analysis has blocks of cells of its own, so that none
 *  shifts the numbers of another: a report keeps its intervals when a kind of result is added. */
typedef enum ig_rows_block {
    IG_BLOCK_STATISTICS,  /**< [column * n_points + point], then the fits in order */
    IG_BLOCK_WHOLE_SEEDS, /**< fits with whole seeds resampled, in order */
    IG_BLOCK_DIFFERENCES, /**< [column * n_points + point] */
    IG_BLOCK_RATIOS,      /**< groups of all ratios, in order */
    IG_BLOCK_AGREEMENT,   /**< groups of the agreement, in order */
    IG_BLOCK_POSTERIOR,   /**< 8 * fit, then its posteriors and hindcasts */
    IG_BLOCK_PROFILES,    /**< profile * 2^40 + grid point * length + position */
    IG_BLOCK_CURVES = 64  /**< curve * 2^32 + line; the last of all, as it has no end */
} ig_rows_block;
ig_rng ig_rows_rng(const ig_rows *rows, ig_rows_block block, uint64_t cell);

/** Statistics of n values, none without values, with the random numbers of this cell. */
ig_status ig_rows_describe(const ig_rows *rows, ig_rows_block block, uint64_t cell,
                           const double *values, size_t n, ig_statistics *statistics,
                           ig_error *error);

/** The title of a figure: what the experiment gives, else its own. */
const char *ig_rows_title(const ig_rows *rows, const char *given);
/** Append a figure with that title and the footer "config 9d3a9b31, imagrid 0.1.0". */
ig_figure *ig_rows_figure(const ig_rows *rows, const char *name, const char *title,
                          ig_figures *figures);
/** Append a panel. The label of an axis is what the experiment gives, else "LONG NAME (UNITS)" of
 *  the key or the summarised column of its name. */
ig_panel *ig_rows_panel(const ig_rows *rows, ig_figure *figure, const char *title,
                        const char *x_label, const char *x_name, const char *y_label,
                        const char *y_name);

/** Whether a key is the axis or is in its zip group (which `parts` make, too). */
bool ig_key_advances_with(const ig_config *config, size_t key, size_t axis);

/** Which keys tell lines along an axis apart (one truth per key of the schema): those with several
 *  values, except the axis and keys that a zip group ties to it, so that each of its values goes
 *  with one of theirs. Where one axis value goes with several (as `parts` can have it), points
 *  differ by more than the axis. */
ig_status ig_keys_apart(const ig_config *config, size_t axis, bool *apart, ig_error *error);

/** The values of the keys that distinguish groups, at a grid point: "policy=uniform
 * teacher=per_seed"; may be empty. The keys of the list `first`, which may be NULL, come first, in
 * its order. Points of one group have equal labels. */
void ig_keys_label(const ig_grid *grid, const bool *apart, const char *const *first, size_t point,
                   char text[IG_LABEL]);

/** Whether a NULL-terminated list, which may be NULL, has the text. */
bool ig_is_listed(const char *const *list, const char *text);

#endif
