#include "cli/snapshot.h"

#include <math.h>
#include <stdlib.h>

#include "run/shard.h"

/** Columns of the file, n_tasks each, owned. */
typedef struct columns {
    double *state, *start, *seconds;
} columns;

static void columns_clear(columns *c)
{
    free(c->state);
    free(c->start);
    free(c->seconds);
}

static ig_status columns_read(ig_store *store, columns *c, ig_error *error)
{
    const size_t n = ig_grid_n_tasks(ig_store_grid(store));
    c->state = calloc(n, sizeof *c->state);
    c->start = calloc(n, sizeof *c->start);
    c->seconds = calloc(n, sizeof *c->seconds);
    if (!c->state || !c->start || !c->seconds) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks", n);
    }
    /* A row's times are written before its state: what is marked has them. */
    ig_status status = ig_store_read(store, IG_STORE_STATE, c->state, error);
    if (!status) {
        status = ig_store_read(store, IG_STORE_START, c->start, error);
    }
    if (!status) {
        status = ig_store_read(store, IG_STORE_SECONDS, c->seconds, error);
    }
    return status;
}

static ig_status read_last_start(ig_store *store, ig_snapshot *s, ig_error *error)
{
    size_t n = 0;
    ig_start *starts = calloc(IG_STORE_STARTS, sizeof *starts);
    ig_status status =
        starts ? ig_store_starts(store, starts, &n, error)
               : ig_error_set(error, IG_ERR_MEMORY, "no memory for the starts of a file");
    if (!status && n > 0) {
        s->start = starts[n - 1];
        s->running = isnan(s->start.end);
    }
    free(starts);
    return status;
}

static void count_state(ig_counts *counts, int state)
{
    counts->done += state == IG_STATE_DONE;
    counts->failed += state == IG_STATE_FAILED;
    counts->left += state == IG_STATE_EMPTY;
}

static void count_all(const ig_store *store, const columns *c, double now, ig_snapshot *s)
{
    const ig_experiment *experiment = ig_store_experiment(store);
    const ig_grid *grid = ig_store_grid(store);
    const size_t n_seeds = ig_grid_n_seeds(grid);
    const bool part = s->start.shards > 1 && s->start.shard >= 0;
    const ig_shard shard = {part ? (size_t)s->start.shard : 0, part ? (size_t)s->start.shards : 1};
    double total = 0, finished = 0, recent = 0, last = (double)NAN, cost = 0;
    size_t n_recent = 0;
    for (size_t t = 0; t < ig_grid_n_tasks(grid); t++) {
        if (t % n_seeds == 0) {
            const ig_point point = {grid, t / n_seeds};
            cost = experiment->cost(&point);
        }
        if (!ig_shard_holds(shard, t)) {
            continue;
        }
        const int state = (int)c->state[t];
        const double end = c->start[t] + c->seconds[t];
        s->n_tasks++;
        count_state(&s->counts, state);
        count_state(&s->points[t / n_seeds], state);
        total += cost;
        if (state != IG_STATE_EMPTY) {
            finished += cost;
            last = fmax(last, end);
            recent += end >= s->start.begin ? cost : 0;
            n_recent += end >= s->start.begin;
        }
    }
    const double elapsed = now - s->start.begin;
    s->share = total > 0 ? finished / total : 1;
    s->quiet = fmax(now - last, 0);
    s->rate = n_recent > 0 && elapsed > 0 ? (double)n_recent / elapsed : (double)NAN;
    s->left = recent > 0 && elapsed > 0 ? (total - finished) * elapsed / recent : (double)NAN;
}

ig_status ig_snapshot_take(ig_store *store, double now, ig_snapshot *snapshot, ig_error *error)
{
    columns c = {0};
    ig_snapshot s = {.points = calloc(ig_grid_n_points(ig_store_grid(store)), sizeof *s.points)};
    ig_status status = s.points ? columns_read(store, &c, error)
                                : ig_error_set(error, IG_ERR_MEMORY, "no memory for the grid");
    if (!status) {
        status = read_last_start(store, &s, error);
    }
    if (!status) {
        count_all(store, &c, now, &s);
        *snapshot = s;
    } else {
        free(s.points);
    }
    columns_clear(&c);
    return status;
}

void ig_snapshot_clear(ig_snapshot *snapshot)
{
    free(snapshot->points);
    *snapshot = (ig_snapshot){0};
}
