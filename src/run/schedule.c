#include "run/schedule.h"

#include <ctype.h>
#include <math.h>
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
/* Tasks of one chunk cost the first one's half at least. What they take does not fall with their
 * cost for ever, so that thousands that cost next to nothing could take minutes together. */
static const double alike = 0.5;

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
    s->costliest = points[0].cost;
    s->cheapest = points[ig_grid_n_points(grid) - 1].cost;
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

ig_status ig_compute_task(const ig_computing *with, size_t task, const ig_yield *yield,
                          const ig_row *row, ig_error *error)
{
    const size_t n_seeds = ig_grid_n_seeds(with->grid);
    const ig_task t = {
        .point = {with->grid, task / n_seeds},
        .seed = ig_config_seed(ig_grid_config(with->grid), task % n_seeds),
        .key = ig_grid_rng_key(with->grid, task),
        .isa = with->isa,
        .yield = yield,
        .shared = with->memory->at,
        .shared_bytes = with->memory->bytes,
        .number = task,
        .site = with->site,
        .own = with->own,
        .listener = with->listener,
    };
    ig_row_clear(row);
    TRY(with->experiment->run(&t, row, error));
    return ig_row_check(row, error);
}

ig_status ig_dispatch_init(ig_dispatch *dispatch, const ig_schedule *schedule, size_t ranks,
                           ig_error *error)
{
    const double *cost = schedule->cost;
    ig_dispatch d = {
        .schedule = schedule, .ranks = ranks, .n = schedule->n, .left = schedule->left};
    size_t n_classes = 0;
    for (size_t i = 0; i < schedule->n; i++) {
        n_classes += i == 0 || cost[i] != cost[i - 1];
    }
    TRY(IG_ALLOC(d.classes, n_classes, error));
    for (size_t i = 0; i < schedule->n; i++) {
        if (i == 0 || cost[i] != cost[i - 1]) {
            d.classes[d.n_classes] = (ig_cost_class){cost[i], i, i, d.n_classes + 1};
            d.n_classes++;
        }
        d.classes[d.n_classes - 1].end++;
    }
    d.last = n_classes ? n_classes - 1 : 0;
    *dispatch = d;
    return IG_OK;
}

void ig_dispatch_clear(ig_dispatch *dispatch)
{
    free(dispatch->classes);
    dispatch->classes = NULL;
}

static bool empty(const ig_dispatch *d, size_t class)
{
    return d->classes[class].next == d->classes[class].end;
}

/** The first class at or behind this one that has tasks left; n_classes where none has. */
static size_t with_tasks(ig_dispatch *d, size_t class)
{
    size_t found = class;
    while (found < d->n_classes && empty(d, found)) {
        found = d->classes[found].after;
    }
    /* The way is remembered, so that a long one is gone once. */
    while (class < found) {
        const size_t after = d->classes[class].after;
        d->classes[class].after = found;
        class = after;
    }
    return found;
}

/** The first class whose tasks cost at most `most`. */
static size_t class_within(const ig_dispatch *d, double most)
{
    size_t low = 0, high = d->n_classes;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (d->classes[middle].cost <= most) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

size_t ig_dispatch_take(ig_dispatch *dispatch, double rate, double most, size_t *first)
{
    ig_dispatch *d = dispatch;
    const double share = d->left / (double)(SHARE * d->ranks);
    const double target = fmin(rate * chunk_seconds, share);
    size_t class = with_tasks(d, class_within(d, most)), count = 0;
    double taken = 0;
    if (class == d->n_classes) {
        return 0;
    }
    *first = d->classes[class].next;
    const double costliest = d->classes[class].cost;
    while (count < CHUNK_LIMIT) {
        if (empty(d, class) && ++class == d->n_classes) {
            break;
        }
        ig_cost_class *c = &d->classes[class];
        if (c->next == c->end || c->next != *first + count || c->cost < alike * costliest ||
            (count > 0 && taken + c->cost > target)) {
            break;
        }
        taken += c->cost;
        c->next++;
        count++;
    }
    d->n -= count;
    d->left -= taken;
    return count;
}

double ig_dispatch_cheapest(ig_dispatch *dispatch)
{
    if (dispatch->n == 0) {
        return 0;
    }
    while (empty(dispatch, dispatch->last)) {
        dispatch->last--;
    }
    return dispatch->classes[dispatch->last].cost;
}

size_t ig_dispatch_take_in_time(ig_dispatch *dispatch, ig_pace *pace, double left, double rate,
                                size_t *first)
{
    const double cheapest = ig_dispatch_cheapest(dispatch), sure = ig_pace_within(pace, left);
    if (dispatch->n == 0 || left <= 0) {
        return 0;
    }
    if (cheapest <= sure) {
        /* Chunks by what tasks of this cost take: all tasks together may go at another rate. */
        const size_t class = with_tasks(dispatch, class_within(dispatch, sure));
        const double cost = dispatch->classes[class].cost;
        return ig_dispatch_take(dispatch, fmin(rate, cost / ig_pace_predict(pace, cost).most), sure,
                                first);
    }
    return ig_pace_predict(pace, cheapest).least <= left
               ? ig_dispatch_take(dispatch, 0, cheapest, first)
               : 0;
}

bool ig_dispatch_hopeless(ig_dispatch *dispatch, ig_pace *pace, double left)
{
    const double cheapest = ig_dispatch_cheapest(dispatch);
    return dispatch->n == 0 || left <= 0 ||
           (cheapest > ig_pace_within(pace, left) && ig_pace_predict(pace, cheapest).least > left);
}

bool ig_dispatch_ahead(const ig_dispatch *dispatch)
{
    return dispatch->n >= AHEAD * dispatch->ranks;
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
