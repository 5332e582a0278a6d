#include "run/schedule.h"

#include <stdlib.h>

static const double chunk_seconds = 0.02;
enum { CHUNK_LIMIT = 65536, SHARE = 4, AHEAD = 2 };

typedef struct priced_point {
    size_t point;
    double cost;
} priced_point;

static int dearest_first(const void *a, const void *b)
{
    const priced_point *x = a, *y = b;
    if (x->cost != y->cost) {
        return x->cost > y->cost ? -1 : 1;
    }
    return x->point < y->point ? -1 : x->point > y->point;
}

/** Grid points with their costs, dearest first; the caller's to free, NULL without memory. */
static priced_point *price(const ig_experiment *experiment, const ig_grid *grid)
{
    size_t n = ig_grid_n_points(grid);
    priced_point *points = malloc(n * sizeof *points);
    if (!points) {
        return NULL;
    }
    for (size_t p = 0; p < n; p++) {
        points[p] = (priced_point){p, experiment->cost(&(ig_point){grid, p})};
    }
    qsort(points, n, sizeof *points, dearest_first);
    return points;
}

ig_status ig_schedule_create(const ig_experiment *experiment, const ig_grid *grid,
                             const int8_t *state, ig_shard shard, ig_schedule **schedule,
                             ig_error *error)
{
    size_t n_tasks = ig_grid_n_tasks(grid), n_seeds = ig_grid_n_seeds(grid);
    priced_point *points = price(experiment, grid);
    ig_schedule *s = calloc(1, sizeof *s);
    if (s) {
        s->tasks = malloc(n_tasks * sizeof *s->tasks);
        s->cost = malloc(n_tasks * sizeof *s->cost);
    }
    if (!points || !s || !s->tasks || !s->cost) {
        free(points);
        ig_schedule_destroy(&s);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory to schedule %zu tasks", n_tasks);
    }
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        for (size_t seed = 0; seed < n_seeds; seed++) {
            size_t task = points[p].point * n_seeds + seed;
            if (!ig_shard_holds(shard, task)) {
                continue;
            }
            s->all++;
            s->total += points[p].cost;
            if (state[task] == IG_STATE_EMPTY) {
                s->tasks[s->n] = task;
                s->cost[s->n++] = points[p].cost;
                s->left += points[p].cost;
            }
        }
    }
    free(points);
    *schedule = s;
    return IG_OK;
}

void ig_schedule_destroy(ig_schedule **schedule)
{
    if (*schedule) {
        free((*schedule)->tasks);
        free((*schedule)->cost);
        free(*schedule);
        *schedule = NULL;
    }
}

ig_dispatch ig_dispatch_start(const ig_schedule *schedule, size_t ranks)
{
    return (ig_dispatch){schedule, ranks, 0, schedule->n, schedule->left};
}

size_t ig_dispatch_take(ig_dispatch *dispatch, double rate, size_t *first)
{
    const ig_schedule *s = dispatch->schedule;
    double share = dispatch->left / (double)(SHARE * dispatch->ranks);
    double target = rate * chunk_seconds < share ? rate * chunk_seconds : share;
    double taken = 0;
    size_t count = 0;
    *first = dispatch->next;
    while (dispatch->next < dispatch->end && count < CHUNK_LIMIT) {
        double cost = s->cost[dispatch->next];
        if (count > 0 && taken + cost > target) {
            break;
        }
        taken += cost;
        dispatch->next++;
        count++;
    }
    dispatch->left -= taken;
    return count;
}

size_t ig_dispatch_take_cheapest(ig_dispatch *dispatch, size_t *first)
{
    if (dispatch->next == dispatch->end) {
        return 0;
    }
    *first = --dispatch->end;
    dispatch->left -= dispatch->schedule->cost[dispatch->end];
    return 1;
}

void ig_dispatch_skip(ig_dispatch *dispatch, double cost)
{
    const ig_schedule *s = dispatch->schedule;
    while (dispatch->next < dispatch->end && s->cost[dispatch->next] > cost) {
        dispatch->left -= s->cost[dispatch->next++];
    }
}

bool ig_dispatch_ahead(const ig_dispatch *dispatch)
{
    return dispatch->end - dispatch->next >= AHEAD * dispatch->ranks;
}
