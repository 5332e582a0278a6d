/* A plugin with one fault, chosen when it is compiled; FAULT 0 has none. */
#include <stddef.h>

#include "imagrid/plugin.h"

enum {
    NONE,
    ABI_VERSION,
    LATER, /* built with later headers, and uses what they added */
    NO_SYMBOL,
    MISSING_FUNCTION,
    NO_NAME,
    NO_EXPERIMENTS,
    MISSING_EXPERIMENT,
    TAKEN_NAME,
    NO_COLUMNS,
    TWO_COLUMNS,
    BAD_PATH,
    BAD_COST,
    NO_LENGTH,
    CHANGED,   /* the same version, another file */
    VERSION_2, /* another version */
    OTHER_KEYS,
    FEWER_COLUMNS,
    SLOW,
    EARLIER, /* built with earlier headers, whose structs were shorter */
    OWN_TABLE,
    MOODY, /* every other seed would take for ever, at the same cost */
};

/* So that no two of them are the same file. */
extern const int faulty_number;
const int faulty_number = FAULT;

static const ig_key keys[] = {
    {.path = "n",
     .column = "n",
     .type = IG_KEY_INTEGER,
     .low = 1,
     .high = 1e9,
     .units = "1",
     .long_name = "a number"},
    {.path = "other",
     .type = IG_KEY_REAL,
     .default_text = FAULT == OTHER_KEYS ? "0.25" : "0.5",
     .high = 1,
     .units = "1",
     .long_name = "another number"},
};

static size_t length(const ig_config *config)
{
    (void)config;
    return FAULT == NO_LENGTH ? 0 : 3;
}

static const ig_dimension dimensions[] = {
    {.name = "step", .length = length, .first = 1, .units = "1", .long_name = "steps"},
};

static const ig_column columns[] = {
    {.name = "half", .type = IG_F64, .units = "1", .long_name = "n / 2"},
    {.name = FAULT == TWO_COLUMNS ? "half" : "third",
     .type = IG_F64,
     .units = "1",
     .long_name = "n / 3"},
};

static double cost(const ig_point *point)
{
    return FAULT == BAD_COST ? -1 : FAULT == MOODY ? 1 : (double)ig_point_integer(point, "n");
}

/* The linker of a shared object does not mind; the program that loads it has no such function. */
void ig_there_is_no_such_function(void);

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    double n = (double)ig_point_integer(&task->point, "n");
    ig_status status = IG_OK;
    (void)error;
    const bool endless = FAULT == MOODY && task->seed % 2 == 1;
    for (int i = 0; (endless || (FAULT == SLOW && i < 20000)) && !status; i++) {
        ig_rng rng = ig_rng_start(task->key, IG_STREAM_NOISE, (uint64_t)i);
        for (int k = 0; k < 1000; k++) {
            ig_rng_normal(&rng);
        }
        status = ig_yield_now(task->yield);
    }
    ig_row_set(row, "half", n / 2);
    if (FAULT != FEWER_COLUMNS) {
        ig_row_set(row, "third", n / 3);
    }
#if FAULT == 4
    ig_there_is_no_such_function();
#endif
    return status;
}

static const char *const summarised[] = {"half", NULL};
static const ig_fit fits[] = {
    {.column = "half",
     .axis = FAULT == BAD_PATH ? "m" : "n",
     .exponent = "alpha",
     .amplitude = "A"},
};

static const ig_fits laws = {.fits = fits, .n_fits = 1, .figure = "half"};

#if FAULT == 20
/** The sum of a column by grid point, and how many rows it has. */
static ig_status make_table(const ig_rows *rows, ig_tables *tables, ig_error *error)
{
    static const ig_table_column table_columns[] = {
        {.name = "n", .heading = "n", .long_name = "a number", .type = IG_CELL_INTEGER},
        {.name = "rows", .heading = "rows", .long_name = "finished rows", .type = IG_CELL_COUNT},
        {.name = "sum", .heading = "sum of halves", .long_name = "sum of n / 2"},
    };
    const size_t n_points = ig_rows_n_points(rows), n_seeds = ig_rows_n_seeds(rows);
    const double *values = ig_rows_values(rows, "half");
    ig_table *table = ig_tables_add(tables, "sums", "Sums of halves");
    if (!values) {
        return ig_error_set(error, IG_ERR_USAGE, "there is no column half");
    }
    table->file = table->dimension = "sums";
    table->prefix = "sums_";
    ig_table_columns(table, table_columns, 3);
    for (size_t p = 0; p < n_points; p++) {
        const ig_point point = ig_rows_point(rows, p);
        double sum = 0;
        size_t n = 0;
        for (size_t s = 0; s < n_seeds; s++) {
            if (ig_rows_done(rows, p * n_seeds + s)) {
                sum += values[p * n_seeds + s];
                n++;
            }
        }
        ig_table_integer(table, ig_point_integer(&point, "n"));
        ig_table_count(table, n);
        ig_table_real(table, sum);
    }
    ig_table_note(table, "A table of the plugin's own.");
    return ig_tables_status(tables, error);
}
static const ig_own_table own = {make_table};
#endif

static const ig_analysis analyses[] = {
    IG_ANALYSE(LAWS, &laws),
#if FAULT == 20
    IG_ANALYSE(TABLE, &own),
#endif
};

/* As it would be compiled with headers that have one member more in ig_experiment. */
typedef struct later_experiment {
    ig_experiment known;
    const char *added;
} later_experiment;

static const later_experiment half = {
    .known = {.schema = {FAULT == TAKEN_NAME ? "scaling" : "half", keys,
                         sizeof keys / sizeof *keys},
              .title = "Halves",
              .dimensions = dimensions,
              .n_dimensions = 1,
              .columns = columns,
              .n_columns = FAULT == NO_COLUMNS      ? 0
                           : FAULT == FEWER_COLUMNS ? 1
                                                    : 2,
              .cost = cost,
              .run = run,
              .summary = {summarised, analyses, sizeof analyses / sizeof *analyses}},
    .added = FAULT == LATER ? "used" : NULL,
};
static const ig_experiment *const experiments[] = {FAULT == MISSING_EXPERIMENT ? NULL
                                                                               : &half.known};

#define VERSION (FAULT == VERSION_2 ? "2" : "1")

#define SIZES(experiment, column)                                                                  \
    {                                                                                              \
        sizeof(ig_plugin), experiment, sizeof(ig_key), sizeof(ig_dimension), column,               \
            sizeof(ig_fit), sizeof(ig_pool), sizeof(ig_agreement_group)                            \
    }

#if FAULT == 1
const ig_plugin ig_plugin_v2 = {{IG_PLUGIN_ABI + 1, {0}}, "faulty", VERSION, experiments, 1};
#elif FAULT == 2
const ig_plugin ig_plugin_v2 = {{IG_PLUGIN_ABI, SIZES(sizeof(later_experiment), sizeof(ig_column))},
                                "faulty",
                                VERSION,
                                experiments,
                                1};
#elif FAULT == 3
extern const ig_plugin ig_plugin_v0;
const ig_plugin ig_plugin_v0 = {IG_PLUGIN_HEADER, "faulty", VERSION, experiments, 1};
#elif FAULT == 19
/* The analyses, which stand at the end, were not known yet. */
const ig_plugin ig_plugin_v2 = {
    {IG_PLUGIN_ABI, SIZES(offsetof(ig_experiment, summary.analyses), sizeof(ig_column))},
    "faulty",
    VERSION,
    experiments,
    1};
#else
const ig_plugin ig_plugin_v2 = {IG_PLUGIN_HEADER, FAULT == NO_NAME ? "my plugin" : "faulty",
                                VERSION, experiments, FAULT == NO_EXPERIMENTS ? 0 : 1};
#endif
