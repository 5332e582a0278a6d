/** What the files of the experiments share: their list, the rows of key and column tables, and the
 *  rejection of values that are incompatible. Each experiment is defined in the file of its name.
 */
#ifndef IMAGRID_EXPERIMENTS_TABLE_H
#define IMAGRID_EXPERIMENTS_TABLE_H

#include "imagrid/experiment.h"

extern const ig_experiment ig_experiment_scaling;
extern const ig_experiment ig_experiment_allocation;
extern const ig_experiment ig_experiment_calibration;
extern const ig_experiment ig_experiment_curvature;
extern const ig_experiment ig_experiment_reward_noise;
extern const ig_experiment ig_experiment_fidelity;
extern const ig_experiment ig_experiment_imagination;
extern const ig_experiment ig_experiment_dataset;
extern const ig_experiment ig_experiment_program;

/* Rows of a key table, all of pure numbers. column: the axis key's coordinate, or NULL; a published
 * figure changes no result. */
#define KEY(path, column, type, text, low, high, choices, long_name, annotation, later)            \
    {                                                                                              \
        path, column, type, text, low, high, choices, "1", long_name, annotation, later            \
    }
#define KEY_INTEGER(path, column, text, low, high, long_name)                                      \
    KEY(path, column, IG_KEY_INTEGER, text, low, high, NULL, long_name, false, false)
#define KEY_REAL(path, column, text, low, high, long_name)                                         \
    KEY(path, column, IG_KEY_REAL, text, low, high, NULL, long_name, false, false)
#define KEY_INTERVAL(path, column, text, low, high, long_name)                                     \
    KEY(path, column, IG_KEY_INTERVAL, text, low, high, NULL, long_name, false, false)
#define KEY_CHOICE(path, column, text, choices, long_name)                                         \
    KEY(path, column, IG_KEY_CHOICE, text, 0, 0, choices, long_name, false, false)
#define KEY_BOOLEAN(path, column, text, long_name)                                                 \
    KEY(path, column, IG_KEY_BOOLEAN, text, 0, 0, NULL, long_name, false, false)
#define KEY_TEXT(path, column, text, low, high, long_name)                                         \
    KEY(path, column, IG_KEY_TEXT, text, low, high, NULL, long_name, false, false)
#define KEY_TEXTS(path, column, text, low, high, long_name)                                        \
    KEY(path, column, IG_KEY_TEXTS, text, low, high, NULL, long_name, false, false)
#define KEY_SIZES(path, column, text, low, high, long_name)                                        \
    KEY(path, column, IG_KEY_SIZES, text, low, high, NULL, long_name, false, false)
#define KEY_FILE(path, text, long_name)                                                            \
    KEY(path, NULL, IG_KEY_FILE, text, 1, 0, NULL, long_name, false, false)
#define PUBLISHED_REAL(path, text, low, high, long_name)                                           \
    KEY(path, NULL, IG_KEY_REAL, text, low, high, NULL, long_name, true, false)
#define PUBLISHED_INTERVAL(path, text, low, high, long_name)                                       \
    KEY(path, NULL, IG_KEY_INTERVAL, text, low, high, NULL, long_name, true, false)
/* Keys that came after files without them (ig_key.later). */
#define LATER_INTEGER(path, column, text, low, high, long_name)                                    \
    KEY(path, column, IG_KEY_INTEGER, text, low, high, NULL, long_name, false, true)
#define LATER_CHOICE(path, column, text, choices, long_name)                                       \
    KEY(path, column, IG_KEY_CHOICE, text, 0, 0, choices, long_name, false, true)
/* Columns of pure numbers, one a row; a plain one is float64. */
#define COLUMN_OF(type, name, long_name, equation)                                                 \
    {                                                                                              \
        name, type, NULL, "1", long_name, equation, false, 0                                       \
    }
#define COLUMN(name, long_name, equation)     COLUMN_OF(IG_F64, name, long_name, equation)
#define COLUMN_I64(name, long_name, equation) COLUMN_OF(IG_I64, name, long_name, equation)
#define COLUMN_I32(name, long_name, equation) COLUMN_OF(IG_I32, name, long_name, equation)

/** The largest value of an integer key in the grid: the length of a dimension whose rows may be
 *  shorter. */
size_t ig_key_largest(const ig_config *config, const char *path);

/** The results version of a configuration by the policy that gathers data, whose values are in the
 *  order of ig_reference_policy: 2 where one is `tanh_feedback`, whose tanh was the C library's in
 *  version 1, else 1. */
uint32_t ig_version_of_gathering(const ig_config *config, const char *path);

/** Where the last message was placed: values of one list that stand together get one message. */
typedef struct ig_place {
    size_t line, column;
} ig_place;

/** Report that the value of `path` is incompatible with that of `with`, unless it stands where
 *  `last` says, which is moved there. `allowed` says what would be right. */
void ig_reject(const ig_point *point, const char *path, const char *with, ig_place *last,
               const char *allowed, ig_diagnostics *diagnostics);

#endif
