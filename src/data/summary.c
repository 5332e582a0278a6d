/** What is in a file, in numbers. */
#include <gsl/gsl_sort_float.h>
#include <gsl/gsl_statistics_float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/moments.h"
#include "data/private.h"

const double ig_data_quantiles[IG_DATA_QUANTILES] = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};

/** Everything that is kept while the rows go by. */
typedef struct counter {
    const ig_data_info *info;
    size_t width;
    ig_moment *moments;      /**< of the columns s, a, r */
    ig_data_column *columns; /**< low and high so far */
    float *rewards;
    uint64_t *hashes;
    float *copy; /**< of a row */
    size_t n;    /**< rows so far */
} counter;

static void add_number(counter *c, size_t column, double number)
{
    ig_data_column *of = &c->columns[column];
    ig_moment_add(&c->moments[column], number);
    of->low = number < of->low ? number : of->low;
    of->high = number > of->high ? number : of->high;
}

static void add_row(counter *c, const float *row)
{
    const size_t before = c->info->state + c->info->action;
    const float reward = row[c->width - 1];
    for (size_t i = 0; i < before; i++) {
        add_number(c, i, (double)row[i]);
    }
    add_number(c, before, (double)reward);
    for (size_t i = 0; i < c->width; i++) {
        c->copy[i] = row[i] + 0.0F; /* the two zeros are equal, and so are their bytes then */
    }
    c->hashes[c->n] = XXH3_64bits(c->copy, c->width * sizeof *row);
    c->rewards[c->n++] = reward;
}

static int by_hash(const void *one, const void *other)
{
    const uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return a < b ? -1 : a > b;
}

static void conclude(counter *c, ig_data_summary *s)
{
    for (size_t i = 0; i < s->n_columns; i++) {
        s->columns[i].mean = c->moments[i].mean;
        s->columns[i].sd = sqrt(ig_moment_variance(&c->moments[i]));
    }
    for (size_t i = 0; i < c->info->n_episodes; i++) {
        s->n_ends[c->info->episodes[i].end]++;
    }
    for (size_t i = 0; i < c->n; i++) {
        s->zero_rewards += c->rewards[i] == 0;
    }
    gsl_sort_float(c->rewards, 1, c->n);
    for (size_t i = 0; i < IG_DATA_QUANTILES; i++) {
        s->rewards[i] =
            gsl_stats_float_quantile_from_sorted_data(c->rewards, 1, c->n, ig_data_quantiles[i]);
    }
    qsort(c->hashes, c->n, sizeof *c->hashes, by_hash);
    for (size_t i = 1; i < c->n; i++) {
        s->duplicates += c->hashes[i] == c->hashes[i - 1];
    }
}

static void add_rows(void *context, size_t first, size_t n, const float *rows)
{
    counter *c = context;
    (void)first;
    for (size_t i = 0; i < n; i++) {
        add_row(c, rows + i * c->width);
    }
}

ig_status ig_data_summarise(ig_data *data, ig_data_summary *summary, ig_error *error)
{
    const ig_data_info *info = ig_data_describe(data);
    AUTO_FREE ig_moment *moments = NULL;
    AUTO_FREE ig_data_column *columns = NULL;
    AUTO_FREE float *rewards = NULL, *copy = NULL;
    AUTO_FREE uint64_t *hashes = NULL;
    ig_data_summary s = {.n_columns = info->state + info->action + 1};
    TRY(IG_ALLOC(moments, s.n_columns, error));
    TRY(IG_ALLOC(columns, s.n_columns, error));
    TRY(IG_ALLOC(rewards, info->n_rows, error));
    TRY(IG_ALLOC(hashes, info->n_rows, error));
    for (size_t i = 0; i < s.n_columns; i++) {
        columns[i] = (ig_data_column){.low = HUGE_VAL, .high = -HUGE_VAL};
    }
    TRY(IG_ALLOC(copy, ig_data_width(data), error));
    counter c = {info, ig_data_width(data), moments, columns, rewards, hashes, copy, 0};
    TRY(ig_data_pass(data, 0, info->n_rows, add_rows, &c, error));
    s.columns = ig_take(&columns);
    conclude(&c, &s);
    *summary = s;
    return IG_OK;
}

void ig_data_summary_clear(ig_data_summary *summary)
{
    free(summary->columns);
    *summary = (ig_data_summary){0};
}
