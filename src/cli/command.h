/** The commands of `imagrid`: each is one struct that describes it, and a function that parses its
 *  arguments with that and returns the exit code. What --help prints, and so the manual pages and
 *  completions, is made from the same struct. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdint.h>

#include "experiments/plugins.h"
#include "imagrid/compute.h"
#include "store/store.h"

/** One option. A command's array of them ends in IG_OPTIONS_END. */
typedef struct ig_option {
    const char *name;     /**< long name; NULL: `help` is a heading of what follows */
    char letter;          /**< short name, or 0 */
    const char *argument; /**< its name in --help, or NULL for none. "[NAME]" is optional: behind
                               '=', or the next word where that is a number */
    /** Store the argument (NULL where there is none) in the value. IG_ERR_USAGE with the reason,
     * which needs not name the option. */
    ig_status (*take)(const char *text, void *value, ig_error *error);
    size_t offset; /**< of the value in the struct that the command fills */
    const char *help;
} ig_option;

typedef struct ig_command {
    const char *name, *summary; /**< as in `imagrid --help` */
    const char *usage;          /**< a line each way to call it */
    const char *about;
    const char *operand; /**< what its operands are, for "no ... given"; NULL: it takes none */
    size_t operands_min, operands_max;
    const ig_option *options;
    /** What the values must be together, once all options are parsed; may be NULL. */
    ig_status (*check)(const void *values, ig_error *error);
    const char *examples;   /**< lines that a person could copy */
    const char *exit_codes; /**< a line each, "0 done" */
    /** argv[0] is what messages call the program: "imagrid NAME", or "imagrid-NAME". */
    int (*main)(int argc, char **argv);
} ig_command;

extern const ig_command ig_command_run, ig_command_check, ig_command_list, ig_command_estimate,
    ig_command_doctor, ig_command_status, ig_command_retry, ig_command_salvage, ig_command_merge,
    ig_command_plan, ig_command_data;

/** Parse argv, options in any order before, between and after operands (after "--" all are
 *  operands), long names as far as they are unique. Options fill `values`; operands go to argv[1]
 *  ... argv[*n_operands]. Returns -1 to go on, else the exit code, after --help, --version or a
 *  message. A silent caller prints nothing and gets 0 instead of the exit code: of the ranks of one
 *  program only the first answers. */
int ig_command_parse(const ig_command *command, int argc, char **argv, bool silent, void *values,
                     size_t *n_operands);

/* What `take` can be. */
ig_status ig_take_flag(const char *text, void *value, ig_error *error);     /**< bool */
ig_status ig_take_text(const char *text, void *value, ig_error *error);     /**< const char * */
ig_status ig_take_duration(const char *text, void *value, ig_error *error); /**< double, seconds */
ig_status ig_take_isa(const char *text, void *value, ig_error *error);      /**< ig_isa */
ig_status ig_take_plugin(const char *text, void *value, ig_error *error);   /**< ig_plugin_files */
/* double: above 0; from 0; a whole number from 0 (plan.c). */
ig_status ig_take_positive(const char *text, void *value, ig_error *error);
ig_status ig_take_price(const char *text, void *value, ig_error *error);
ig_status ig_take_samples(const char *text, void *value, ig_error *error);
/** For a `take` of a whole number within limits. */
ig_status ig_parse_count(const char *text, int64_t low, int64_t high, size_t *count,
                         ig_error *error);

#define IG_OPTION_HEADING(text)                                                                    \
    {                                                                                              \
        NULL, 0, NULL, NULL, 0, text                                                               \
    }
#define IG_OPTION_PLUGIN(type, member)                                                             \
    {                                                                                              \
        "plugin", 0, "FILE.so", ig_take_plugin, offsetof(type, member),                            \
            "load experiments from this shared library; repeatable"                                \
    }
/** --help and --version have no `take`. */
#define IG_OPTIONS_END                                                                             \
    {"help", 'h', NULL, NULL, 0, "print this help"},                                               \
        {"version", 'V', NULL, NULL, 0, "print the version"},                                      \
    {                                                                                              \
        NULL, 0, NULL, NULL, 0, NULL                                                               \
    }

/** A configuration with its grid and layout. */
typedef struct ig_setup {
    ig_plugins *plugins;
    ig_config *config;
    ig_grid *grid;
    ig_layout *layout;
    size_t shared_bytes; /**< of memory that tasks share on each node */
} ig_setup;

/** Load the plugins, read and check a configuration file, printing what is wrong. Returns 0 or the
 *  exit code. */
int ig_setup_read(const char *path, const ig_plugin_files *files, ig_setup *setup);
void ig_setup_clear(ig_setup *setup);

/* How far a run is, from the rows of its file: what `imagrid status --watch` shows. */

/** Counts of tasks by state. */
typedef struct ig_counts {
    size_t done, failed, left;
} ig_counts;

/** The state of a result file: as rows are marked, checksums not verified. */
typedef struct ig_snapshot {
    size_t n_tasks;    /**< of the grid, or of the shard that the last session works on */
    ig_counts counts;  /**< of those */
    ig_counts *points; /**< by grid point; owned */
    double share;      /**< of the predicted work that is finished, 0 ... 1 */
    bool running;      /**< the last session has not recorded its end: it runs, or was killed */
    ig_session_record start; /**< the last one; all zero without any */
    double rate;             /**< tasks a second since it began; NaN where none is finished since */
    double left;  /**< seconds until all is done at the rate of the work so far; NaN unknown */
    double quiet; /**< seconds since a task finished; NaN where none has */
} ig_snapshot;

/** Read an open file at the time `now` (seconds since 1970 UTC). Clear the snapshot. */
ig_status ig_snapshot_take(ig_store *store, double now, ig_snapshot *snapshot, ig_error *error);
void ig_snapshot_clear(ig_snapshot *snapshot);

/** What costs are printed in. */
typedef struct ig_cost_unit {
    const char *name;
    double size;
} ig_cost_unit;

static inline ig_cost_unit ig_cost_unit_of(const ig_experiment *experiment)
{
    return experiment->cost_unit ? (ig_cost_unit){experiment->cost_unit, 1}
                                 : (ig_cost_unit){"GFLOP", 1e9};
}

/* Tasks that are being computed, in files of experiments that report progress. */
enum { IG_UNDER_WAY = 10 };
typedef struct ig_task_under_way {
    size_t task;
    double share; /**< that is done, as it last told */
    double start; /**< seconds since 1970 UTC */
    int rank;
} ig_task_under_way;
typedef struct ig_under_way {
    ig_task_under_way tasks[IG_UNDER_WAY]; /**< n, in the order of their numbers */
    size_t n, more;                        /**< more that have no room */
} ig_under_way;

/** None where the last run was killed, as far as that can be told. */
ig_status ig_under_way_find(ig_store *store, ig_under_way *found, ig_error *error);
/** "under way: n=3 seed=1: 40 %, for 3 min 2 s on rank 1". */
void ig_under_way_line(const ig_grid *grid, const ig_task_under_way *task, double now, char *text,
                       size_t size);
/** All of them, a line each. */
void ig_under_way_print(const ig_under_way *found, const ig_grid *grid, double now);

#endif
