/* An experiment whose ranks keep something between their tasks, whose tasks leave texts behind and
 * tell how far they are. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imagrid/plugin.h"

enum { WIDTH = 24 };

static const ig_key keys[] = {
    {.path = "n",
     .column = "n",
     .type = IG_KEY_INTEGER,
     .low = 0,
     .high = 1000,
     .units = "1",
     .long_name = "how often a task waits"},
    {.path = "milliseconds",
     .type = IG_KEY_INTEGER,
     .default_text = "0",
     .low = 0,
     .high = 1000,
     .units = "1",
     .long_name = "each time",
     .annotation = true},
    {.path = "refuse",
     .type = IG_KEY_INTEGER,
     .default_text = "-1",
     .low = -1,
     .high = 100,
     .units = "1",
     .long_name = "rank that does not begin",
     .annotation = true},
    {.path = "late",
     .type = IG_KEY_INTEGER,
     .default_text = "-1",
     .low = -1,
     .high = 1000,
     .units = "1",
     .long_name = "seed whose tasks take forty times as long",
     .annotation = true},
    {.path = "cores",
     .type = IG_KEY_INTEGER,
     .default_text = "1",
     .low = 1,
     .high = 64,
     .units = "1",
     .long_name = "cores of a rank",
     .annotation = true},
    {.path = "program",
     .type = IG_KEY_FILES,
     .default_text = "[]",
     .high = 20,
     .units = "1",
     .long_name = "files that may change"},
    {.path = "fail",
     .type = IG_KEY_INTEGER,
     .default_text = "-1",
     .low = -1,
     .high = 1000,
     .units = "1",
     .long_name = "n whose tasks fail",
     .annotation = true},
};

static const ig_column columns[] = {
    {.name = "number", .type = IG_F64, .units = "1", .long_name = "number of the task"},
    {.name = "said",
     .type = IG_TEXT,
     .units = "1",
     .long_name = "what the task said",
     .width = WIDTH},
    {.name = "half", .type = IG_F32, .units = "1", .long_name = "half of it"},
};

/** What a rank keeps. */
typedef struct place {
    int rank, local_rank, local_ranks;
    size_t tasks;
} place;

static ig_status begin(const ig_grid *grid, const ig_site *site, void **own, ig_error *error)
{
    const ig_config *config = ig_grid_config(grid);
    if (ig_config_value(config, ig_config_key(config, "refuse"), 0)->integer == site->rank) {
        return ig_error_set(error, IG_ERR_IO, "nothing is begun here");
    }
    place *p = malloc(sizeof *p);
    if (!p) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    }
    *p = (place){site->rank, site->local_rank, site->local_ranks, 0};
    *own = p;
    fprintf(stderr, "began %d: %d of %d, logs %s\n", site->rank, site->local_rank,
            site->local_ranks, site->logs ? site->logs : "nowhere");
    return IG_OK;
}

static void end(void *own)
{
    const place *p = own;
    fprintf(stderr, "ended %d after %zu\n", p->rank, p->tasks);
    free(own);
}

static double cost(const ig_point *point)
{
    return 1 + (double)ig_point_integer(point, "n");
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    const ig_config *config = ig_grid_config(task->point.grid);
    const int64_t n = ig_point_integer(&task->point, "n"),
                  milliseconds =
                      ig_config_value(config, ig_config_key(config, "milliseconds"), 0)->integer;
    const bool late =
        (uint64_t)ig_config_value(config, ig_config_key(config, "late"), 0)->integer == task->seed;
    place *p = task->own;
    char text[64];
    p->tasks++;
    /* Longer than the column: the end stays, from the beginning of a character. */
    snprintf(text, sizeof text, "task %zu <b>\n\xc3\xa4\xc3\xa4\xff\x1b[31mlast %s", task->number,
             n % 2 ? "odd" : "even");
    ig_row_set_text(row, "said", text);
    ig_row_set(row, "number", (double)task->number);
    for (int64_t i = 0; i < (late ? 40 * n : n); i++) {
        const ig_status status = ig_yield_now(task->yield);
        if (status) {
            return status;
        }
        if (task->listener) {
            task->listener->progress(task->listener->context, (double)i / (double)n);
        }
        usleep((useconds_t)(1000 * milliseconds));
    }
    if (ig_config_value(config, ig_config_key(config, "fail"), 0)->integer == n) {
        return ig_error_set(error, IG_ERR_NUMERIC, "it was told to fail");
    }
    ig_row_set(row, "half", (double)task->number / 2);
    return IG_OK;
}

static ig_needs needs(const ig_config *config)
{
    const size_t cores =
        (size_t)ig_config_value(config, ig_config_key(config, "cores"), 0)->integer;
    return (ig_needs){.cores = cores, .gpus = cores > 1 ? 2 : 0, .grace = cores > 1 ? 2 : 0};
}

static const char *const summarised[] = {"number", NULL};

static const ig_experiment teller = {
    .schema = {"teller", keys, sizeof keys / sizeof *keys},
    .title = "Tasks that tell",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .cost = cost,
    .run = run,
    .summary = {.columns = summarised},
    .begin = begin,
    .end = end,
    .reports_progress = true,
    .accepts_changed_inputs = true,
    .needs = needs,
};
static const ig_experiment *const experiments[] = {&teller};
const ig_plugin ig_plugin_v2 = {IG_PLUGIN_HEADER, "teller", "1", experiments, 1};
