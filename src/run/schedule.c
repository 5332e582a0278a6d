#include "run/schedule.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/try.h"

/* Rank 0 is busy with a request for 10 us (simulate.c): with chunks of 20 ms it can feed 2000
 * ranks. Half of that would halve the number; with twice, ranks would end up to 40 ms apart, and a
 * killed run would lose that much of every rank's work. */
static const double chunk_seconds = 0.02;
/* A chunk is at most 1/SHARE of a rank's fair share of what is left, which only counts in the last
 * SHARE * 20 ms. With 2, a rank of half the others' speed is busy with such a chunk until they have
 * done all the rest. With 8, ranks ask twice as often: simulated, ten million tasks of a
 * microsecond take 0.5 % longer on 16 ranks and 4 % longer on 64. */
enum { SHARE = 4 };
/* A busy rank is sent its next chunk while there are AHEAD more for every rank. With 1, tasks wait
 * behind busy ranks while others are idle; with 4, ranks begin to wait for answers earlier. Either
 * way 2 % of the makespan at most in simulations with a few tasks a rank, and nothing with many. */
enum { AHEAD = 2 };
/* Tasks of no predicted cost never fill a chunk. */
enum { CHUNK_LIMIT = 65536 };

typedef struct priced_point {
    size_t point;
    double cost;
} priced_point;

static int most_expensive_first(const void *a, const void *b)
{
    const priced_point *x = a, *y = b;
    if (x->cost != y->cost) {
        return x->cost > y->cost ? -1 : 1;
    }
    return x->point < y->point ? -1 : x->point > y->point;
}

/** Grid points with their costs, most expensive first; the caller's to free. */
static ig_status price(const ig_experiment *experiment, const ig_grid *grid, priced_point **points,
                       ig_error *error)
{
    const size_t n = ig_grid_n_points(grid);
    TRY(IG_ALLOC(*points, n, error));
    for (size_t p = 0; p < n; p++) {
        (*points)[p] = (priced_point){p, experiment->cost(&(ig_point){grid, p})};
    }
    qsort(*points, n, sizeof **points, most_expensive_first);
    return IG_OK;
}

ig_status ig_schedule_create(const ig_experiment *experiment, const ig_grid *grid,
                             const int8_t *state, ig_shard shard, ig_schedule **schedule,
                             ig_error *error)
{
    const size_t n_tasks = ig_grid_n_tasks(grid), n_seeds = ig_grid_n_seeds(grid);
    AUTO_FREE priced_point *points = NULL;
    AUTO(ig_schedule_destroy) ig_schedule *s = NULL;
    TRY(price(experiment, grid, &points, error));
    TRY(IG_ALLOC(s, 1, error));
    TRY(IG_ALLOC(s->tasks, n_tasks, error));
    TRY(IG_ALLOC(s->cost, n_tasks, error));
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        for (size_t seed = 0; seed < n_seeds; seed++) {
            const size_t task = points[p].point * n_seeds + seed;
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
    *schedule = ig_take(&s);
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

ig_status ig_compute_task(const ig_experiment *experiment, const ig_grid *grid, size_t task,
                          ig_isa isa, const ig_yield *yield, const ig_row *row, ig_error *error)
{
    const size_t n_seeds = ig_grid_n_seeds(grid);
    const ig_task t = {
        .point = {grid, task / n_seeds},
        .seed = ig_config_seed(ig_grid_config(grid), task % n_seeds),
        .key = ig_grid_rng_key(grid, task),
        .isa = isa,
        .yield = yield,
    };
    ig_row_clear(row);
    TRY(experiment->run(&t, row, error));
    return ig_row_check(row, error);
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

/* More shards than any array of jobs has; keeps the numbers small. */
enum { SHARDS_MAX = 1000000 };

/** Decimal digits and nothing else up to `end`; more than SHARDS_MAX is all the same. */
static bool take_number(const char **text, char end, size_t *number)
{
    const char *c = *text;
    size_t n = 0;
    while (isdigit((unsigned char)*c)) {
        n = n > SHARDS_MAX ? n : 10 * n + (size_t)(*c - '0');
        c++;
    }
    if (c == *text || *c != end) {
        return false;
    }
    *number = n;
    *text = c + (end != '\0');
    return true;
}

ig_status ig_shard_parse(const char *text, ig_shard *shard, ig_error *error)
{
    ig_shard s;
    const char *rest = text;
    if (!take_number(&rest, '/', &s.index) || !take_number(&rest, '\0', &s.count) ||
        s.index >= s.count || s.count > SHARDS_MAX) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "'%s' is not I/N with 0 <= I < N <= %d, such as 0/4", text, SHARDS_MAX);
    }
    *shard = s;
    return IG_OK;
}

bool ig_shard_holds(ig_shard shard, size_t task)
{
    return task % shard.count == shard.index;
}
