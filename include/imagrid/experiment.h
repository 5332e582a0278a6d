/** What an experiment is: one struct, in imagrid's own table or in a plugin
 *  (imagrid/plugin.h).
 *
 *  Run, store and merge know no experiment by name: they work from this struct.
 *
 *  Titles and labels of figures may be NULL: they are then made of the experiment's title and of
 * the long names and units of keys and columns. */
#ifndef IMAGRID_EXPERIMENT_H
#define IMAGRID_EXPERIMENT_H

#include "imagrid/compute.h"
#include "imagrid/grid.h"
#include "imagrid/row.h"
#include "imagrid/table.h"

/** Where a rank computes its tasks. */
typedef struct ig_site {
    int rank;                    /**< of the run; 0 in `estimate` */
    int local_rank, local_ranks; /**< among the ranks of its node */
    const char *logs;            /**< folder for what tasks print (`--logs`); NULL: nowhere */
} ig_site;

/** What a rank should have for its tasks. */
typedef struct ig_needs {
    size_t cores; /**< that it, and what it starts, may run on; at least 1 */
    size_t gpus;  /**< of a node, which its ranks share; 0: none are needed */
    double grace; /**< seconds until a task has ended that is told to stop; 0: at once */
} ig_needs;

/** Who hears how far a task has come. */
typedef struct ig_listener {
    void (*progress)(void *context, double share); /**< share in [0, 1]; may be called often */
    void *context;
} ig_listener;

/** What a task is given to work with. */
typedef struct ig_task {
    ig_point point;
    uint64_t seed;
    ig_rng_key key;        /**< all of the task's randomness starts here */
    ig_isa isa;            /**< instruction set of the kernels; never IG_ISA_AUTO */
    const ig_yield *yield; /**< to be called every few milliseconds; may be NULL */
    const void *shared;    /**< what the experiment's `load` has put there, read-only and the same
                                for all tasks; NULL where it has none */
    size_t shared_bytes;
    /* Only for experiments with `begin`, whose ranks are more than arithmetic: */
    size_t number;               /**< of the task in the grid */
    const ig_site *site;         /**< never NULL */
    void *own;                   /**< what this rank's `begin` made */
    const ig_listener *listener; /**< NULL: nobody listens */
} ig_task;

/** Rows that analyses turn into tables. */
typedef struct ig_rows ig_rows;

/** How a column falls along an axis, once for every combination of the other axes: the power law
 *  column = A * axis^-exponent by ordinary least squares of ln(mean over seeds) on ln(axis), as the
 *  paper has it, and laws with a floor beside it (docs/laws.md). */
typedef struct ig_fit {
    const char *column;             /**< result column, positive */
    const char *axis;               /**< path of an axis key, positive */
    const char *exponent;           /**< name of the exponent, e.g. "alpha" */
    const char *amplitude;          /**< name of A, e.g. "A_d" */
    const char *published;          /**< path of a REAL annotation key to print beside, or NULL */
    const char *published_interval; /**< path of an INTERVAL annotation key, or NULL */
    const char *law; /**< "power", "floor" (the column levels off) or "auto", the data say which;
                          NULL: auto */
    const char *outputs;  /**< path of an INTEGER key: the column is a mean over so many outputs;
                               NULL: it is not */
    const char *only_key; /**< CHOICE key: only grid points with this value; or NULL */
    const char *only_value;
    /** Summarised columns: how much the return changes per unit of the column, and the same in
     *  perturbed models; either may be NULL. A summary hands their range over the seeds at the
     *  largest axis value to imagrid plan. */
    const char *sensitivity, *sensitivity_perturbed;
    const char *kind; /**< what `imagrid plan` takes it for: "dynamics", "reward" or "", nothing;
                           NULL: the one with the amplitude A_d or A_r */
} ig_fit;

/** Several groups of a ratio taken together, with what the paper reports of them. */
typedef struct ig_pool {
    const char *name;
    const char *const *values;    /**< of the ratio's first `by` key, NULL-terminated */
    const char *published_median; /**< paths of REAL annotation keys to print beside, or NULL */
    const char *published_maximum;
    bool drawn; /**< has a curve in the figure */
} ig_pool;

enum { IG_RATIO_BESIDE = 4 };

/** A claim that a column of ratios is at most 1 on every single row. Rows are grouped by the values
 *  of the `by` keys; every group is checked, and its quartiles and extremes are reported. */
typedef struct ig_ratio {
    const char *column;      /**< a summarised column */
    const char *checked;     /**< summarised column that must be at most 1 where it is not `column`,
                                such     as the lower end of its confidence interval; or NULL */
    double slack;            /**< what rounding may add to 1 */
    const char *const *by;   /**< paths of axis keys, NULL-terminated, at least one */
    const char *const *only; /**< values of by[0] the claim is about; NULL: all */
    const char *const *attained; /**< values of by[0] for which theory says that the ratio is 1: it
                                      must also be at least 1 - slack; NULL: none */
    const ig_pool *pools;        /**< take the place of a group with the same single value */
    size_t n_pools;
    const char *const *beside; /**< at most IG_RATIO_BESIDE summarised columns whose quartiles are
                                    reported as well, or NULL */
    const char *figure;        /**< file name of its figure without suffix; NULL: none */
    const char *figure_title;
    const char *x_label, *y_label; /**< with units */
    const char *against; /**< path of a REAL axis key: the figure shows quartiles and maxima of the
                              groups against it; NULL: the share of rows up to each ratio (ECDF) of
                              the drawn pools */
} ig_ratio;

enum { IG_AGREEMENT_GROUPS = 64 };

/** Rows taken together in a table of agreement, and what the paper reports of them. */
typedef struct ig_agreement_group {
    const char *name;             /**< without commas and quotes */
    const char *const *first;     /**< values of the agreement's by[0], NULL-terminated */
    const char *second;           /**< value of by[1] */
    const char *figure;           /**< figure the rows are drawn in, without suffix; or NULL */
    const char *published_median; /**< paths of REAL annotation keys to print beside, or NULL */
    const char *published_p;
} ig_agreement_group;

/** How well a predicted ratio agrees with the realized one: residuals l = ln(predicted / realized),
 *  rank correlation, and a sign test of whether the prediction lies above. Rows are tasks. */
typedef struct ig_agreement {
    const char *predicted, *realized, *residual; /**< summarised columns */
    const char *excluded;             /**< summarised column: rows that have 1 are left out */
    const char *by[2];                /**< paths of two CHOICE keys that are axes */
    const ig_agreement_group *groups; /**< those of one figure stand together */
    size_t n_groups;                  /**< at most IG_AGREEMENT_GROUPS */
    const char *figure_title, *x_label, *y_label; /**< with units */
} ig_agreement;

/** A column against an axis, beside what theory says of it, and where it is least. Grid points that
 *  share the keys of `panels` and `lines` belong to one line; other keys that vary separate lines
 *  as well, unless they advance with x in a zip group. Every line has, at each value of x, the
 *  median over the seeds with its 95 % bootstrap interval (seeds are resampled as wholes: the same
 *  seeds at every x), the median of `reference`, and n. */
typedef struct ig_curve {
    const char *name;                      /**< of table and figure, without suffix */
    const char *title, *x_label, *y_label; /**< with units */
    const char *x;                         /**< path of a REAL or INTEGER axis key */
    bool log_x, log_y;
    const char *const *panels; /**< paths of axis keys: one panel per combination; or NULL */
    const char *const *lines;  /**< paths of axis keys: one line per combination; or NULL */
    const char *only_key;      /**< CHOICE key: only grid points with this value; or NULL */
    const char *only_value;
    const char *measured;        /**< summarised column, drawn with its interval */
    const char *reference;       /**< summarised column drawn as a line without marks; or NULL */
    const char *reference_title; /**< what it is, for the legend */
    /** Where `measured` is least along x: found for every resample of the seeds, so that the best x
     *  has an interval; reported beside the medians of these summarised columns, which hold
     * predicted best x. NULL: the curve has no table of optima. NULL-terminated otherwise, may be
     * empty. */
    const char *const *predicted;
    double tolerance; /**< a prediction counts as near when `measured` there (interpolated in x, or
                           ln x) lies at most tolerance * |its least| above its least */
} ig_curve;

/** A column with a dimension against that dimension's coordinate: the median over the seeds with
 * its 95 % bootstrap interval, for each grid point a line in its band where log_x, points with bars
 * otherwise. Where a row ends early, the others go on. */
typedef struct ig_profile {
    const char *name;                      /**< of table and figure, without suffix */
    const char *title, *x_label, *y_label; /**< with units */
    const char *column;                    /**< result column with a dimension */
    bool log_x, log_y;    /**< log_x: the table shows 1, 2, 5, 10, 20 ...; files have all */
    const char *only_key; /**< CHOICE key: only grid points with this value; or NULL */
    const char *only_value;
    const char *largest; /**< path of an axis key of numbers: only its largest value; or NULL */
} ig_profile;

/** Power laws, drawn together in one log-log figure. */
typedef struct ig_fits {
    const ig_fit *fits;
    size_t n_fits;
    const char *figure; /**< file name of the figure without suffix, e.g. "figure1"; NULL: none */
    const char *figure_title, *x_label, *y_label;
} ig_fits;

/** Tables of an experiment's own. `make` gets the rows as the functions below show them and appends
 * tables; those with a `file` name go to FILE.csv and to the JSON object, those with a `dimension`
 * to summary.h5. The same rows must give the same tables. */
typedef struct ig_own_table {
    ig_status (*make)(const ig_rows *rows, ig_tables *tables, ig_error *error);
} ig_own_table;

/** What merge can make of rows; an analysis is one of these with its struct. */
typedef enum ig_analysis_kind {
    IG_ANALYSIS_LAWS = 1,      /**< ig_fits; at most one */
    IG_ANALYSIS_RATIO = 2,     /**< ig_ratio */
    IG_ANALYSIS_AGREEMENT = 3, /**< ig_agreement; at most one */
    IG_ANALYSIS_CURVE = 4,     /**< ig_curve */
    IG_ANALYSIS_TABLE = 5,     /**< ig_own_table */
    IG_ANALYSIS_PROFILE = 6    /**< ig_profile */
} ig_analysis_kind;

typedef struct ig_analysis {
    ig_analysis_kind kind;
    uint32_t size;    /**< of the struct, as the experiment was compiled with it */
    const void *spec; /**< the struct of this kind */
} ig_analysis;

/** {IG_ANALYSIS_RATIO, sizeof(ig_ratio), &ratio} of IG_ANALYSE(RATIO, &ratio). */
#define IG_ANALYSE(KIND, spec)                                                                     \
    {                                                                                              \
        IG_ANALYSIS_##KIND, sizeof *(spec), (spec)                                                 \
    }

/** What merge makes of the rows: statistics of `columns` by grid point, then the analyses in this
 *  order. With analyses other than laws and own tables the statistics of the grid points
 *  go to the files only, as there are many grid points. */
typedef struct ig_summary {
    const char *const *columns; /**< NULL-terminated names of scalar columns */
    const ig_analysis *analyses;
    size_t n_analyses;
} ig_summary;

/** The struct of the `i`-th analysis of a kind, counted from 0; NULL where there are fewer. */
const void *ig_summary_analysis(const ig_summary *summary, ig_analysis_kind kind, size_t i);

struct ig_node;        /* config/tree.h */
struct ig_memory_pool; /* config/tree.h */

typedef struct ig_experiment {
    ig_schema schema;  /**< name and keys; stays the first member, see ig_experiment_of */
    const char *title; /**< one line for `imagrid list` and the file's title attribute */
    const ig_dimension *dimensions;
    size_t n_dimensions;
    const ig_column *columns;
    size_t n_columns;
    /** Faults that no single key shows (a pool larger than memory...), each added to `diagnostics`
     *  with its position; or NULL. */
    void (*check)(const ig_grid *grid, ig_diagnostics *diagnostics);
    /** Predicted arithmetic of one task at this grid point, in floating-point operations; > 0.
     *  Only ratios matter: the most expensive tasks start first, and progress is counted in it. */
    double (*cost)(const ig_point *point);
    /** Compute one task: set every column of `row`. A pure function of `task` (yield aside).
     *  IG_ERR_STOPPED when the yield hook says so; any other error makes a failed row. */
    ig_status (*run)(const ig_task *task, const ig_row *row, ig_error *error);
    /** Raised by one whenever the numbers that `run` computes change, so that old and new rows
     * are never combined; 0 counts as 1. A plugin may leave it 0: its own version does the
     * same. */
    uint32_t results_version;
    ig_summary summary; /**< stays as it is; further members come behind it */
    /** Memory that all tasks of a node read, such as a person's data: both hooks or none.
     *
     *  `shared_bytes` says how much this grid needs, from a look at the input files
     * (ig_config_path) that costs little: `check`, `list` and `estimate` ask it, too. Values of the
     * configuration that do not suit the files go to `diagnostics` with their position, as in
     * `check`; what is wrong with a file is IG_ERR_CONFIG with the reason, to which the caller adds
     * the position of the key of type IG_KEY_FILE. *bytes 0: nothing is shared.
     *
     *  `load` fills so many zeroed bytes, aligned to a page, with the same bytes wherever the files
     *  are the same. One rank of each node calls it, before the result file is made; the others see
     *  the block at another address, so that it holds offsets and no pointers. An error ends the
     * run with nothing on disk changed. Called before `load`: the runner has found every input file
     *  readable, and the same on all nodes. */
    ig_status (*shared_bytes)(const ig_grid *grid, size_t *bytes, ig_diagnostics *diagnostics,
                              ig_error *error);
    ig_status (*load)(const ig_grid *grid, void *memory, size_t bytes, ig_error *error);
    /** Bytes that one rank allocates for a task at this grid point, beside what is shared; for
     *  `list`, `check` and `estimate`. NULL: not known. */
    double (*task_bytes)(const ig_point *point);
    /** What a rank keeps between its tasks, such as a process beside it: both hooks or none.
     *  `begin` is called once on every rank before its first task, not collectively, after the
     *  result file is there; an error ends the run. `end` once after the last one. */
    ig_status (*begin)(const ig_grid *grid, const ig_site *site, void **own, ig_error *error);
    void (*end)(void *own);
    /** Tasks report progress: the result file has a column for it. */
    bool reports_progress;
    /** The input files are a program: with `--accept-changed-program` rows of different versions of
     *  it may stand in one file, which then says so. */
    bool accepts_changed_inputs;
    ig_needs (*needs)(const ig_config *config); /**< NULL: a core */
    /** Where the keys and columns depend on what the configuration says: make the experiment that
     * it is read with, a copy of this one with its own key and column tables, its memory from
     *  `memory`, which lives as long as the configuration. What is wrong goes to `diagnostics`;
     *  the caller goes on reading with what was made, so that all faults are found at once.
     *  Not for plugins. IG_ERR_MEMORY, with *made untouched. */
    ig_status (*declare)(const struct ig_experiment *self, const struct ig_node *document,
                         const char *file, struct ig_memory_pool *memory,
                         const struct ig_experiment **made, ig_diagnostics *diagnostics);
    const char *cost_unit; /**< what `cost` counts; NULL: floating-point operations */
    /** Where a change of the numbers concerns some configurations only: the results version of
     *  this one. NULL: `results_version`. */
    uint32_t (*results_version_of)(const ig_config *config);
} ig_experiment;

/** The experiments that a program knows: its own and those of the plugins its user named. Plain
 *  data that is passed along; must outlive every config, store and report made with it. */
typedef struct ig_registry {
    const ig_experiment *const *experiments; /**< n, all with different names */
    const char *const *origins; /**< for each the identity of its plugin, NULL where it is the
                                     program's own; NULL: all are */
    size_t n;
} ig_registry;

/** The program's own experiments. */
const ig_registry *ig_experiments(void);
/** Identity of the plugin an experiment comes from, NULL for the program's own. */
const char *ig_registry_origin(const ig_registry *registry, const ig_experiment *experiment);
/** ig_config_parse with the schemas of the registry. */
ig_status ig_registry_parse(const ig_registry *registry, const char *bytes, size_t size,
                            const char *file, ig_config **config, ig_diagnostics *diagnostics);
/** ig_registry_parse and, where nothing was found, the experiment's own check: every fault of one
 *  of the two is in `diagnostics`. IG_ERR_CONFIG or IG_ERR_MEMORY. */
ig_status ig_experiment_configure(const ig_registry *registry, const char *bytes, size_t size,
                                  const char *file, ig_config **config,
                                  ig_diagnostics *diagnostics);

/** The experiment of a config that was parsed with a registry: the struct its schema begins. */
static inline const ig_experiment *ig_experiment_of(const ig_config *config)
{
    return (const ig_experiment *)(const void *)ig_config_schema(config);
}

/* Rows as an experiment's own analysis sees them (ig_own_table). */

size_t ig_rows_n_points(const ig_rows *rows);
size_t ig_rows_n_seeds(const ig_rows *rows);
/** A grid point, 0 ... n_points - 1, for ig_point_integer and its like (imagrid/grid.h). */
ig_point ig_rows_point(const ig_rows *rows, size_t point);
/** Whether a task, [point * n_seeds + seed], is finished. */
bool ig_rows_done(const ig_rows *rows, size_t task);
/** Values of a summarised column, [point * n_seeds + seed]; those of tasks that are not finished
 *  mean nothing. NULL where the column is not summarised. Owned by the rows. */
const double *ig_rows_values(const ig_rows *rows, const char *column);

#endif
