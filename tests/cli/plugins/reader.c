/* An experiment on a file of bytes, which the tasks of a node share: each adds up some of them. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "imagrid/plugin.h"

static const ig_key keys[] = {
    {.path = "file", .type = IG_KEY_FILE, .low = 1, .units = "1", .long_name = "the bytes"},
    {.path = "second",
     .type = IG_KEY_FILE,
     .default_text = "\"\"",
     .units = "1",
     .long_name = "a file that is only named"},
    {.path = "n",
     .column = "n",
     .type = IG_KEY_INTEGER,
     .low = 1,
     .high = 1e9,
     .units = "1",
     .long_name = "how many bytes are added up"},
    {.path = "names",
     .column = "names",
     .type = IG_KEY_TEXTS,
     .default_text = "[]",
     .high = 3,
     .units = "1",
     .long_name = "texts of any kind"},
    {.path = "hidden",
     .column = "hidden",
     .type = IG_KEY_SIZES,
     .default_text = "[]",
     .low = 1,
     .high = 4096,
     .units = "1",
     .long_name = "sizes of any kind"},
    {.path = "model",
     .column = "model",
     .type = IG_KEY_TEXT,
     .default_text = "plain",
     .low = 1,
     .high = 200,
     .units = "1",
     .long_name = "a text of any kind"},
    {.path = "slow",
     .column = "slow",
     .type = IG_KEY_BOOLEAN,
     .default_text = "false",
     .units = "1",
     .long_name = "whether a task takes a tenth of a second"},
};

static const ig_column columns[] = {
    {.name = "sum", .type = IG_F64, .units = "1", .long_name = "sum of n bytes"},
    {.name = "units", .type = IG_F64, .units = "1", .long_name = "sum of hidden"},
};

static double cost(const ig_point *point)
{
    return (double)ig_point_integer(point, "n");
}

static ig_status shared_bytes(const ig_grid *grid, size_t *bytes, ig_diagnostics *diagnostics,
                              ig_error *error)
{
    const ig_config *config = ig_grid_config(grid);
    const size_t key = ig_config_key(config, "n");
    struct stat info;
    if (stat(ig_config_path(config, "file"), &info) != 0) {
        return ig_error_set(error, IG_ERR_IO, "cannot be examined: %s", strerror(errno));
    }
    if (info.st_size == 13) {
        return ig_error_set(error, IG_ERR_FORMAT, "13 bytes bring bad luck");
    }
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        size_t line, column;
        ig_config_position(config, key, i, &line, &column);
        if (ig_config_value(config, key, i)->integer > info.st_size) {
            ig_diagnostics_add(diagnostics, ig_config_file(config), line, column, "n",
                               "the file has %lld bytes, allowed: at most so many",
                               (long long)info.st_size);
        }
    }
    *bytes = (size_t)info.st_size;
    return IG_OK;
}

static ig_status load(const ig_grid *grid, void *memory, size_t bytes, ig_error *error)
{
    FILE *file = fopen(ig_config_path(ig_grid_config(grid), "file"), "rb");
    const size_t got = file ? fread(memory, 1, bytes, file) : 0;
    if (file) {
        (void)fclose(file);
    }
    if (got != bytes) {
        return ig_error_set(error, IG_ERR_IO, "%zu of %zu bytes could be read", got, bytes);
    }
    return memcmp(memory, "unfit", 5) == 0
               ? ig_error_set(error, IG_ERR_FORMAT, "byte 0 is not what it should be")
               : IG_OK;
}

static double task_bytes(const ig_point *point)
{
    return 1000 * (double)ig_point_integer(point, "n");
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    const unsigned char *bytes = task->shared;
    const size_t n = (size_t)ig_point_integer(&task->point, "n");
    size_t sizes[IG_SIZES_MAX], n_names = 0;
    double sum = 0, units = 0;
    ig_status status = IG_OK;
    if (!bytes || task->shared_bytes < n) {
        return ig_error_set(error, IG_ERR_USAGE, "the bytes are not there");
    }
    for (size_t i = 0; i < n; i++) {
        sum += bytes[(i * 7919 + task->seed) % task->shared_bytes];
    }
    for (size_t i = 0, k = ig_point_sizes(&task->point, "hidden", sizes); i < k; i++) {
        units += (double)sizes[i];
    }
    (void)ig_point_texts(&task->point, "names", &n_names);
    /* The clock must not matter: so many random numbers take a while. */
    for (int i = 0; ig_point_boolean(&task->point, "slow") && i < 2000 && !status; i++) {
        ig_rng rng = ig_rng_start(task->key, IG_STREAM_NOISE, (uint64_t)i);
        for (int k = 0; k < 1000; k++) {
            ig_rng_normal(&rng);
        }
        status = ig_yield_now(task->yield);
    }
    ig_row_set(row, "sum", sum);
    ig_row_set(row, "units", units + 1000 * (double)n_names);
    return status;
}

static const char *const summarised[] = {"sum", NULL};

static const ig_experiment reader = {
    .schema = {"reader", keys, sizeof keys / sizeof *keys},
    .title = "Bytes of a file",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .cost = cost,
    .run = run,
    .summary = {.columns = summarised},
    .shared_bytes = shared_bytes,
    .load = load,
    .task_bytes = task_bytes,
};
static const ig_experiment *const experiments[] = {&reader};
const ig_plugin ig_plugin_v2 = {IG_PLUGIN_HEADER, "reader", "1", experiments, 1};
