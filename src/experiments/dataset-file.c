/** The file of a configuration of `dataset`: whether it suits it, and its rows in the memory that
 *  the ranks of a node share. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/try.h"
#include "experiments/dataset.h"
#include "experiments/table.h"

enum { INPUTS_MAX = 4096 };

/* Errors of fewer held-out episodes, or transitions, scatter too much to be trusted. */
enum { FEW_EPISODES = 10, FEW_TRANSITIONS = 200 };

static const char *text_or_null(const ig_point *p, const char *path)
{
    const char *text = ig_point_text(p, path);
    return text[0] ? text : NULL;
}

static ig_status open_file(const ig_grid *grid, ig_data **data, ig_error *error)
{
    const ig_point p = {grid, 0};
    ig_data_options o = {
        .format = (ig_data_format)ig_point_choice(&p, "format", NULL),
        .actions_discrete = (ig_data_discrete)ig_point_choice(&p, "actions_discrete", NULL),
        .filter = text_or_null(&p, "filter"),
        .episode_length = (size_t)ig_point_integer(&p, "episode_length"),
        .actions = text_or_null(&p, "actions"),
        .rewards = text_or_null(&p, "rewards"),
        .next_observations = text_or_null(&p, "next_observations"),
        .terminals = text_or_null(&p, "terminals"),
        .timeouts = text_or_null(&p, "timeouts"),
        .episode_ends = text_or_null(&p, "episode_ends"),
        .ep_len = text_or_null(&p, "ep_len"),
        .ep_offset = text_or_null(&p, "ep_offset"),
    };
    o.observations = ig_point_texts(&p, "observations", &o.n_observations);
    return ig_data_open(ig_config_path(ig_grid_config(grid), "file"), &o, data, error);
}

static uint64_t align(uint64_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static ig_dataset places_of(const ig_data *data)
{
    const ig_data_info *info = ig_data_describe(data);
    ig_dataset d = {.columns = align(sizeof(ig_dataset)), .discrete = info->discrete};
    d.same = d.columns + align(ig_data_width(data) * sizeof(ig_dataset_column));
    d.twin = d.same + align(info->n_episodes * sizeof(uint32_t));
    d.data = d.twin + align(info->n_rows * sizeof(uint32_t));
    d.bytes = d.data + ig_data_bytes(data);
    return d;
}

ig_status ig_dataset_split(const ig_data_episode *episodes, size_t n, const uint32_t *same,
                           double share, uint64_t seed, ig_split *split, ig_error *error)
{
    /* Grid points that draw their own random numbers are still measured by the same episodes. */
    ig_rng rng = ig_rng_start(ig_rng_key_make("dataset", seed), IG_STREAM_HOLDOUT, 0);
    return ig_split_make(episodes, n, same, share, &rng, split, error);
}

/** What the splits of all seeds have at least. */
typedef struct least {
    size_t rest, transitions, episodes;
    uint64_t rest_seed, held_seed; /**< that have it */
} least;

static ig_status find_least(const ig_grid *grid, const ig_data_episode *episodes, size_t n,
                            const uint32_t *same, least *found, ig_error *error)
{
    const ig_config *config = ig_grid_config(grid);
    const double share = ig_point_real(&(ig_point){grid, 0}, "holdout.episodes");
    *found = (least){.rest = SIZE_MAX, .transitions = SIZE_MAX, .episodes = SIZE_MAX};
    for (size_t i = 0; i < ig_grid_n_seeds(grid); i++) {
        AUTO(ig_split_clear) ig_split s = {0};
        const uint64_t seed = ig_config_seed(config, i);
        TRY(ig_dataset_split(episodes, n, same, share, seed, &s, error));
        const size_t rest = s.rest[IG_SAMPLE_TRANSITION], held = s.held[IG_SAMPLE_TRANSITION];
        if (rest < found->rest) {
            found->rest = rest;
            found->rest_seed = seed;
        }
        if (held < found->transitions) {
            found->transitions = held;
            found->episodes = s.n_held_out;
            found->held_seed = seed;
        }
    }
    return IG_OK;
}

/** Every N of the grid that is larger than what there is, with the largest that is possible. */
static void reject_anchors(const ig_grid *grid, const least *l, size_t n_rows,
                           ig_diagnostics *diagnostics)
{
    const ig_config *config = ig_grid_config(grid);
    const size_t key = ig_config_key(config, "anchors");
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        const ig_value *value = ig_config_value(config, key, i);
        size_t line, column;
        if (value->integer <= 0 || (uint64_t)value->integer <= l->rest) {
            continue;
        }
        ig_config_position(config, key, i, &line, &column);
        ig_diagnostics_add(diagnostics, ig_config_file(config), line, column, "anchors",
                           "%s is more than the file has: of its %zu rows %zu give a transition "
                           "for training with seed %llu, the others are held out or the last of "
                           "their episode; allowed: at most %zu",
                           value->text, n_rows, l->rest, (unsigned long long)l->rest_seed, l->rest);
    }
}

static void warn_of_holdout(const ig_grid *grid, const least *l, ig_diagnostics *diagnostics)
{
    const ig_config *config = ig_grid_config(grid);
    size_t line, column;
    if (l->episodes >= FEW_EPISODES && l->transitions >= FEW_TRANSITIONS) {
        return;
    }
    ig_config_position(config, ig_config_key(config, "holdout.episodes"), 0, &line, &column);
    ig_diagnostics_warn(diagnostics, ig_config_file(config), line, column, "holdout.episodes",
                        "with seed %llu only %zu episode%s with %zu transition%s %s held out: "
                        "errors measured there are good to some %.0f %%",
                        (unsigned long long)l->held_seed, l->episodes, l->episodes == 1 ? "" : "s",
                        l->transitions, l->transitions == 1 ? "" : "s",
                        l->episodes == 1 ? "is" : "are", 100 / sqrt(2 * (double)l->episodes));
}

static ig_status check_holdout(const least *l, ig_error *error)
{
    return l->transitions > 0
               ? IG_OK
               : ig_error_set(
                     error, IG_ERR_CONFIG,
                     "with seed %llu no held-out row has its next state: the %zu episode%s "
                     "held out %s one step; a larger holdout.episodes may help",
                     (unsigned long long)l->held_seed, l->episodes, l->episodes == 1 ? "" : "s",
                     l->episodes == 1 ? "has" : "have");
}

ig_status ig_dataset_bytes(const ig_grid *grid, size_t *bytes, ig_diagnostics *diagnostics,
                           ig_error *error)
{
    AUTO(ig_data_close) ig_data *data = NULL;
    least l;
    TRY(open_file(grid, &data, error));
    const ig_data_info *info = ig_data_describe(data);
    if (info->state + info->action > INPUTS_MAX) {
        return ig_error_set(
            error, IG_ERR_CONFIG,
            "a state of %zu and an action of %zu numbers are more than the %d inputs "
            "of a network; choose observations",
            info->state, info->action, (int)INPUTS_MAX);
    }
    TRY(find_least(grid, info->episodes, info->n_episodes, NULL, &l, error));
    TRY(check_holdout(&l, error));
    reject_anchors(grid, &l, info->n_rows, diagnostics);
    warn_of_holdout(grid, &l, diagnostics);
    *bytes = places_of(data).bytes;
    return IG_OK;
}

/** A key with its place. */
typedef struct keyed {
    uint64_t key;
    uint32_t place;
} keyed;

static int compare_keyed(const void *a, const void *b)
{
    const keyed *p = a, *q = b;
    if (p->key != q->key) {
        return p->key < q->key ? -1 : 1;
    }
    return (p->place > q->place) - (p->place < q->place);
}

ig_status ig_dataset_equals(const uint64_t *keys, size_t n, uint32_t *first, ig_error *error)
{
    AUTO_FREE keyed *sorted = NULL;
    TRY(IG_ALLOC(sorted, n ? n : 1, error));
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (keyed){keys[i], (uint32_t)i};
    }
    qsort(sorted, n, sizeof *sorted, compare_keyed);
    for (size_t i = 0; i < n; i++) {
        const bool begins = i == 0 || sorted[i].key != sorted[i - 1].key;
        first[sorted[i].place] = begins ? sorted[i].place : first[sorted[i - 1].place];
    }
    return IG_OK;
}

/** Which rows, and which episodes, are equal in all their numbers. */
static ig_status find_copies(const ig_data_block *data, uint32_t *same, uint32_t *twin,
                             ig_error *error)
{
    AUTO_FREE uint64_t *of_row = NULL, *of_episode = NULL;
    const ig_data_episode *episodes = ig_data_episodes(data);
    TRY(IG_ALLOC(of_row, data->n_rows, error));
    TRY(IG_ALLOC(of_episode, data->n_episodes, error));
    for (size_t i = 0; i < data->n_rows; i++) {
        of_row[i] = XXH3_64bits(ig_data_row(data, i), data->width * sizeof(float));
    }
    for (size_t e = 0; e < data->n_episodes; e++) {
        of_episode[e] = XXH3_64bits_withSeed(
            of_row + episodes[e].first, episodes[e].length * sizeof *of_row, episodes[e].whole);
    }
    TRY(ig_dataset_equals(of_row, data->n_rows, twin, error));
    return ig_dataset_equals(of_episode, data->n_episodes, same, error);
}

/** s' becomes s' - s. */
static void take_difference(ig_data_block *data)
{
    float *row = (float *)(void *)((char *)data + data->rows);
    for (size_t i = 0; i < data->n_rows; i++, row += data->width) {
        for (size_t k = 0; k < data->state; k++) {
            row[data->state + data->action + k] -= row[k];
        }
    }
}

/** Whether a row has the number of a column. */
static bool has(const ig_data_block *data, size_t row, size_t column)
{
    const size_t target = data->state + data->action;
    return column < target || column + 1 == data->width ||
           (ig_data_flags(data, row) & IG_DATA_HAS_TRANSITION);
}

static void add_row(const ig_data_block *data, size_t i, ig_dataset_column *columns)
{
    const float *row = ig_data_row(data, i);
    for (size_t c = 0; c < data->width; c++) {
        if (has(data, i, c)) {
            columns[c].mean += (double)row[c];
            columns[c].low = fmin(columns[c].low, (double)row[c]);
            columns[c].high = fmax(columns[c].high, (double)row[c]);
        }
    }
}

static void add_squares(const ig_data_block *data, size_t i, ig_dataset_column *columns)
{
    const float *row = ig_data_row(data, i);
    for (size_t c = 0; c < data->width; c++) {
        const double off = (double)row[c] - columns[c].mean;
        columns[c].sd += has(data, i, c) ? off * off : 0;
    }
}

static void describe(const ig_data_block *data, ig_dataset_column *columns)
{
    const size_t target = data->state + data->action;
    for (size_t c = 0; c < data->width; c++) {
        columns[c] = (ig_dataset_column){.low = (double)INFINITY, .high = -(double)INFINITY};
    }
    for (size_t i = 0; i < data->n_rows; i++) {
        add_row(data, i, columns);
    }
    for (size_t c = 0; c < data->width; c++) {
        const bool of_target = c >= target && c + 1 < data->width;
        columns[c].mean /= (double)(of_target ? data->n_transitions : data->n_rows);
    }
    for (size_t i = 0; i < data->n_rows; i++) {
        add_squares(data, i, columns);
    }
    for (size_t c = 0; c < data->width; c++) {
        const bool of_target = c >= target && c + 1 < data->width;
        const double n = (double)(of_target ? data->n_transitions : data->n_rows);
        /* Of equal numbers rounding would leave a little. */
        columns[c].sd = columns[c].low < columns[c].high ? sqrt(columns[c].sd / n) : 0;
    }
}

/** Targets that differ by the rounding of their states only, such as those of a clock, become
 *  equal: standardised they would be noise that counts as much as everything else. */
static void level_rounding(ig_data_block *data, ig_dataset_column *columns)
{
    float *rows = (float *)(void *)((char *)data + data->rows);
    for (size_t k = 0; k < data->state; k++) {
        const ig_dataset_column *state = &columns[k];
        const size_t c = data->state + data->action + k;
        const double largest = fmax(fabs(state->low), fabs(state->high));
        if (columns[c].sd == 0 || columns[c].sd > (double)FLT_EPSILON * largest) {
            continue;
        }
        columns[c].sd = 0;
        for (size_t i = 0; i < data->n_rows; i++) {
            rows[i * data->width + c] =
                has(data, i, c) ? (float)columns[c].mean : rows[i * data->width + c];
        }
    }
}

ig_status ig_dataset_load(const ig_grid *grid, void *memory, size_t bytes, ig_error *error)
{
    AUTO(ig_data_close) ig_data *data = NULL;
    ig_dataset *d = memory;
    least l;
    TRY(open_file(grid, &data, error));
    const ig_dataset places = places_of(data);
    if (places.bytes != bytes) {
        return ig_error_set(error, IG_ERR_IO, "the file was changed while it was read");
    }
    *d = places;
    ig_data_block *block = (ig_data_block *)(void *)((char *)memory + d->data);
    uint32_t *same = (uint32_t *)(void *)((char *)memory + d->same);
    TRY(ig_data_load(data, block, error));
    TRY(find_copies(block, same, (uint32_t *)(void *)((char *)memory + d->twin), error));
    d->difference = ig_point_choice(&(ig_point){grid, 0}, "target", NULL) == 0;
    if (d->difference) {
        take_difference(block);
    }
    ig_dataset_column *columns = (ig_dataset_column *)(void *)((char *)memory + d->columns);
    describe(block, columns);
    level_rounding(block, columns);
    TRY(find_least(grid, ig_data_episodes(block), block->n_episodes, same, &l, error));
    TRY(check_holdout(&l, error));
    const size_t most = ig_key_largest(ig_grid_config(grid), "anchors");
    return most <= l.rest
               ? IG_OK
               : ig_error_set(error, IG_ERR_CONFIG,
                              "anchors: %zu is more than the file has: copies of held-out episodes "
                              "are held out, too, which leaves %zu transitions for training with "
                              "seed %llu; allowed: at most so many",
                              most, l.rest, (unsigned long long)l.rest_seed);
}
