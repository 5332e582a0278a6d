/** Tasks that ranks are computing, as experiments note that tell how far their tasks are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/try.h"
#include "cli/command.h"
#include "run/run.h"

/** Columns of the file, n_tasks each, owned. */
typedef struct columns {
    double *state, *progress, *start, *rank;
} columns;

static void columns_clear(columns *c)
{
    free(c->state);
    free(c->progress);
    free(c->start);
    free(c->rank);
}

static ig_status columns_read(ig_store *store, columns *c, ig_error *error)
{
    const size_t n = ig_grid_n_tasks(ig_store_grid(store));
    TRY(IG_ALLOC(c->progress, n, error));
    TRY(IG_ALLOC(c->state, n, error));
    TRY(IG_ALLOC(c->start, n, error));
    TRY(IG_ALLOC(c->rank, n, error));
    TRY(ig_store_read(store, IG_STORE_PROGRESS, c->progress, error));
    TRY(ig_store_read(store, IG_STORE_START, c->start, error));
    TRY(ig_store_read(store, IG_STORE_RANK, c->rank, error));
    /* Last: a task that ends meanwhile is not under way. */
    return ig_store_read(store, IG_STORE_STATE, c->state, error);
}

ig_status ig_under_way_find(ig_store *store, ig_under_way *found, ig_error *error)
{
    AUTO(columns_clear) columns c = {0};
    const size_t n = ig_grid_n_tasks(ig_store_grid(store));
    *found = (ig_under_way){0};
    /* What a killed run noted says nothing any more. */
    if (!ig_store_experiment(store)->reports_progress || !ig_lock_held(ig_store_path(store))) {
        return IG_OK;
    }
    const ig_status status = columns_read(store, &c, error);
    if (status) {
        /* A file of an earlier version has no such column. */
        return status == IG_ERR_USAGE ? IG_OK : status;
    }
    for (size_t t = 0; t < n; t++) {
        if (c.state[t] != IG_STATE_EMPTY || !isfinite(c.progress[t])) {
            continue;
        }
        if (found->n < IG_UNDER_WAY) {
            found->tasks[found->n] =
                (ig_task_under_way){t, c.progress[t], c.start[t], (int)c.rank[t]};
            found->n++;
        } else {
            found->more++;
        }
    }
    return IG_OK;
}

void ig_under_way_line(const ig_grid *grid, const ig_task_under_way *task, double now, char *text,
                       size_t size)
{
    const size_t n_seeds = ig_grid_n_seeds(grid);
    char label[256], duration[32];
    ig_grid_label(grid, task->task / n_seeds, label, sizeof label);
    snprintf(text, size, "under way: %s seed=%llu: %.0f %%, for %s on rank %d", label,
             (unsigned long long)ig_config_seed(ig_grid_config(grid), task->task % n_seeds),
             100 * task->share, ig_duration(fmax(now - task->start, 0), duration, sizeof duration),
             task->rank);
}

void ig_under_way_print(const ig_under_way *found, const ig_grid *grid, double now)
{
    char text[512];
    for (size_t i = 0; i < found->n; i++) {
        ig_under_way_line(grid, &found->tasks[i], now, text, sizeof text);
        puts(text);
    }
    if (found->more > 0) {
        printf("... and %zu more tasks under way\n", found->more);
    }
}
