#include "test-experiment.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {"plain", "fixed=", NULL};
static const ig_key keys[] = {
    {.path = "n",
     .column = "n",
     .type = IG_KEY_INTEGER,
     .low = 1,
     .high = 1e9,
     .units = "1",
     .long_name = "a whole number"},
    {.path = "fit.rate",
     .column = "rate",
     .type = IG_KEY_REAL,
     .default_text = "0.5",
     .low = 0,
     .high = 1,
     .units = "s-1",
     .long_name = "a real number"},
    {.path = "kind",
     .column = "kind",
     .type = IG_KEY_CHOICE,
     .default_text = "plain",
     .choices = kinds,
     .units = "1",
     .long_name = "a choice"},
    {.path = "epochs",
     .type = IG_KEY_INTEGER,
     .default_text = "4",
     .low = 1,
     .high = 1e6,
     .units = "1",
     .long_name = "length of the curves"},
    {.path = "published",
     .type = IG_KEY_REAL,
     .default_text = "1.5",
     .low = 0,
     .high = 10,
     .units = "1",
     .long_name = "a figure of somebody else's",
     .annotation = true},
};

static size_t epochs(const ig_config *config)
{
    return (size_t)ig_config_value(config, ig_config_key(config, "epochs"), 0)->integer;
}

static const ig_dimension dimensions[] = {
    {.name = "epoch", .length = epochs, .first = 1, .units = "1", .long_name = "epochs finished"},
};

static const ig_column columns[] = {
    {.name = "error", .type = IG_F64, .units = "m", .long_name = "an error", .equation = "Eq. 1"},
    {.name = "curve",
     .type = IG_F32,
     .dimension = "epoch",
     .units = "1",
     .long_name = "its curve",
     .ragged = true},
    {.name = "steps", .type = IG_I32, .units = "1", .long_name = "steps taken"},
    {.name = "draws", .type = IG_I64, .units = "1", .long_name = "numbers drawn"},
};

static void check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    (void)grid;
    (void)diagnostics;
}

static double cost(const ig_point *point)
{
    return (double)ig_point_integer(point, "n");
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    (void)error;
    test_compute(row, (size_t)task->seed);
    return IG_OK;
}

static const ig_experiment experiment = {
    .schema = {"probe", keys, sizeof keys / sizeof *keys},
    .title = "A probe for the tests",
    .dimensions = dimensions,
    .n_dimensions = sizeof dimensions / sizeof *dimensions,
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = check,
    .cost = cost,
    .run = run,
};
static const ig_experiment *const table[] = {&experiment};

static const ig_registry registry = {table, NULL, 1};

const ig_registry *ig_experiments(void)
{
    return &registry;
}

const char test_yaml[] = "experiment: probe\n"
                         "seeds: [5, 7, 11]\n"
                         "n: [10, 2000]\n"
                         "fit: {rate: [0.25, 0.75]}\n"
                         "kind: [plain, {fixed: 12}]\n"
                         "epochs: 4\n";

const ig_provenance test_provenance = {.version = "0.0.1",
                                       .revision = "abc",
                                       .compiler = "some compiler",
                                       .flags = NULL,
                                       .libraries = "HDF5 1, MPI 2",
                                       .isa = "portable"};

int fixture_init(fixture *f, const char *yaml)
{
    ig_error error = {0};
    const ig_schema *schemas[] = {&experiment.schema};
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    memset(f, 0, sizeof *f);
    if (!diagnostics) {
        return -1;
    }
    ig_status status =
        ig_config_parse(yaml, strlen(yaml), "test.yaml", schemas, 1, &f->config, diagnostics);
    ig_diagnostics_print(diagnostics, stderr);
    ig_diagnostics_destroy(&diagnostics);
    if (!status) {
        status = ig_grid_create(f->config, &f->grid, &error);
    }
    if (!status) {
        status = ig_layout_create(columns, experiment.n_columns, dimensions,
                                  experiment.n_dimensions, f->config, &f->layout, &error);
    }
    f->experiment = &experiment;
    if (status) {
        fprintf(stderr, "fixture: %s\n", error.text);
        fixture_clear(f);
        return -1;
    }
    return 0;
}

void fixture_clear(fixture *f)
{
    ig_layout_destroy(&f->layout);
    ig_grid_destroy(&f->grid);
    ig_config_destroy(&f->config);
}

void test_compute(const ig_row *row, size_t task)
{
    size_t c = ig_layout_column(row->layout, "curve"), n = row->layout->counts[c];
    ig_row_clear(row);
    ig_row_set(row, "error", 1.0 / (double)(task + 1));
    ig_row_set(row, "steps", (double)(3 * task));
    ig_row_set(row, "draws", 1e10 + (double)task);
    /* Odd tasks are one epoch shorter. */
    for (size_t e = 0; e + (task % 2) < n; e++) {
        ig_row_f32(row, "curve")[e] = (float)(task * 100 + e);
    }
}
