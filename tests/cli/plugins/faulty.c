/* A plugin with one fault, chosen when it is compiled; FAULT 0 has none. */
#include "imagrid/plugin.h"

enum {
    NONE,
    ABI_VERSION,
    ABI_SIZE,
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
    return FAULT == BAD_COST ? -1 : (double)ig_point_integer(point, "n");
}

/* The linker of a shared object does not mind; the program that loads it has no such function. */
void ig_there_is_no_such_function(void);

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    double n = (double)ig_point_integer(&task->point, "n");
    ig_status status = IG_OK;
    (void)error;
    for (int i = 0; FAULT == SLOW && i < 20000 && !status; i++) {
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

static const ig_experiment half = {
    .schema = {FAULT == TAKEN_NAME ? "scaling" : "half", keys, sizeof keys / sizeof *keys},
    .title = "Halves",
    .dimensions = dimensions,
    .n_dimensions = 1,
    .columns = columns,
    .n_columns = FAULT == NO_COLUMNS      ? 0
                 : FAULT == FEWER_COLUMNS ? 1
                                          : 2,
    .cost = cost,
    .run = run,
    .summary = {.columns = summarised,
                .fits = fits,
                .n_fits = 1,
                .figure = "half",
                .figure_title = "Halves",
                .x_label = "n",
                .y_label = "half"},
};
static const ig_experiment *const experiments[] = {FAULT == MISSING_EXPERIMENT ? NULL : &half};

#define VERSION (FAULT == VERSION_2 ? "2" : "1")

#if FAULT == 1
const ig_plugin ig_plugin_v1 = {
    {IG_PLUGIN_ABI_VERSION + 1, {0}}, "faulty", VERSION, experiments, 1};
#elif FAULT == 2
const ig_plugin ig_plugin_v1 = {
    {IG_PLUGIN_ABI_VERSION, {sizeof(ig_plugin), 8}}, "faulty", VERSION, experiments, 1};
#elif FAULT == 3
extern const ig_plugin ig_plugin_v0;
const ig_plugin ig_plugin_v0 = {IG_PLUGIN_ABI, "faulty", VERSION, experiments, 1};
#else
const ig_plugin ig_plugin_v1 = {IG_PLUGIN_ABI, FAULT == NO_NAME ? "my plugin" : "faulty", VERSION,
                                experiments, FAULT == NO_EXPERIMENTS ? 0 : 1};
#endif
