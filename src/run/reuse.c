#include "run/reuse.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/try.h"
#include "store/writer.h"

/** What identifies a grid point, beside the experiment: a hash of all keys that change results. */
typedef struct point_hash {
    XXH128_hash_t hash;
    size_t point;
} point_hash;

static int by_hash(const void *a, const void *b)
{
    return XXH128_cmp(&((const point_hash *)a)->hash, &((const point_hash *)b)->hash);
}

static point_hash hash_point(const ig_grid *grid, size_t point)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    point_hash id = {.point = point};
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (!schema->keys[k].annotation) {
            const char *path = schema->keys[k].path, *text = ig_grid_value(grid, point, k)->text;
            id.hash = XXH3_128bits_withSeed(path, strlen(path), id.hash.low64 ^ id.hash.high64);
            id.hash = XXH3_128bits_withSeed(text, strlen(text), id.hash.low64 ^ id.hash.high64);
        }
    }
    return id;
}

/** Grid points by hash; the caller's to free. */
static ig_status hash_points(const ig_grid *grid, point_hash **points, ig_error *error)
{
    const size_t n = ig_grid_n_points(grid);
    point_hash *all = NULL;
    TRY(IG_ALLOC(all, n, error));
    for (size_t p = 0; p < n; p++) {
        all[p] = hash_point(grid, p);
    }
    qsort(all, n, sizeof *all, by_hash);
    *points = all;
    return IG_OK;
}

/** Index of each seed of `grid` among the seeds of `old`, SIZE_MAX where it is not there; the
 *  caller's to free. */
static ig_status match_seeds(const ig_grid *grid, const ig_grid *old, size_t **seeds,
                             ig_error *error)
{
    const ig_config *here = ig_grid_config(grid), *there = ig_grid_config(old);
    const size_t n = ig_grid_n_seeds(grid), n_there = ig_config_n_seeds(there);
    size_t *match = NULL;
    TRY(IG_ALLOC(match, n, error));
    for (size_t i = 0; i < n; i++) {
        uint64_t seed = ig_config_seed(here, i);
        match[i] = SIZE_MAX;
        /* Most grids count their seeds from 0. */
        for (size_t k = 0, j = i; k < n_there && match[i] == SIZE_MAX; k++, j++) {
            if (ig_config_seed(there, j % n_there) == seed) {
                match[i] = j % n_there;
            }
        }
    }
    *seeds = match;
    return IG_OK;
}

/** One row from the old layout to the new one. False if it does not fit: a column that is missing,
 *  or a curve with more numbers than the new file has room for. */
static bool convert(const ig_layout *from, const unsigned char *old, const ig_row *row)
{
    ig_row_clear(row);
    for (size_t c = 0; c < row->layout->n_columns; c++) {
        const ig_column *column = &row->layout->columns[c];
        size_t o = 0;
        while (o < from->n_columns && strcmp(from->columns[o].name, column->name) != 0) {
            o++;
        }
        if (o == from->n_columns || from->columns[o].type != column->type) {
            return false;
        }
        size_t size = ig_type_size(column->type), there = from->counts[o],
               here = row->layout->counts[c], both = there < here ? there : here;
        if (there != here && !column->ragged) {
            return false;
        }
        const unsigned char *bytes = old + from->offsets[o];
        memcpy(row->bytes + row->layout->offsets[c], bytes, both * size);
        for (size_t i = both; i < there; i++) {
            /* What is cut off must be the filling behind a shorter curve: NaN, all bits but one. */
            float number;
            memcpy(&number, bytes + i * size, sizeof number);
            if (column->type != IG_F32 || number == number) {
                return false;
            }
        }
    }
    return true;
}

/** The old file's rows as they are copied. */
typedef struct source {
    ig_store *store;
    int8_t *state;
    double *rank, *start, *seconds;
    unsigned char *bytes;
} source;

static void source_clear(source *s)
{
    free(s->state);
    free(s->rank);
    free(s->start);
    free(s->seconds);
    free(s->bytes);
}

static ig_status source_init(source *s, ig_store *store, ig_error *error)
{
    const size_t n = ig_grid_n_tasks(ig_store_grid(store));
    ig_store_scan scan;
    s->store = store;
    TRY(IG_ALLOC(s->state, n, error));
    TRY(IG_ALLOC(s->rank, n, error));
    TRY(IG_ALLOC(s->start, n, error));
    TRY(IG_ALLOC(s->seconds, n, error));
    TRY(IG_ALLOC(s->bytes, ig_store_layout(store)->row_size, error));
    TRY(ig_store_check(store, s->state, &scan, error));
    TRY(ig_store_read(store, IG_STORE_RANK, s->rank, error));
    TRY(ig_store_read(store, IG_STORE_START, s->start, error));
    return ig_store_read(store, IG_STORE_SECONDS, s->seconds, error);
}

/** Take over task `there` of the source as task `here`, if its row fits. */
static ig_status copy_row(source *s, size_t there, ig_writer *writer, const ig_row *row,
                          size_t here, int8_t *state, size_t *taken, ig_error *error)
{
    TRY(ig_store_row(s->store, there, s->bytes, error));
    if (!convert(ig_store_layout(s->store), s->bytes, row)) {
        return IG_OK;
    }
    ig_outcome outcome = {.task = here,
                          .state = IG_STATE_DONE,
                          .bytes = row->bytes,
                          .failure = "",
                          .rank = (int32_t)s->rank[there],
                          .start = s->start[there],
                          .seconds = s->seconds[there]};
    TRY(ig_writer_put(writer, &outcome, error));
    state[here] = IG_STATE_DONE;
    ++*taken;
    return IG_OK;
}

static ig_status copy_rows(source *s, ig_writer *writer, const ig_grid *grid, const ig_row *row,
                           int8_t *state, size_t *taken, ig_error *error)
{
    const ig_grid *old = ig_store_grid(s->store);
    const size_t n_seeds = ig_grid_n_seeds(grid), n_old = ig_grid_n_seeds(old);
    AUTO_FREE point_hash *points = NULL;
    AUTO_FREE size_t *seeds = NULL;
    TRY(hash_points(old, &points, error));
    TRY(match_seeds(grid, old, &seeds, error));
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        const point_hash wanted = hash_point(grid, p);
        const point_hash *found =
            bsearch(&wanted, points, ig_grid_n_points(old), sizeof *points, by_hash);
        for (size_t i = 0; found && i < n_seeds; i++) {
            if (seeds[i] == SIZE_MAX) {
                continue;
            }
            const size_t here = p * n_seeds + i, there = found->point * n_old + seeds[i];
            if (state[here] != IG_STATE_DONE && s->state[there] == IG_STATE_DONE) {
                TRY(copy_row(s, there, writer, row, here, state, taken, error));
            }
        }
    }
    return IG_OK;
}

static void drop_writer(ig_writer **writer)
{
    ig_writer_close(writer, NULL);
}

ig_status ig_reuse_rows(const ig_registry *registry, ig_store *old, const char *path,
                        const ig_grid *grid, const ig_layout *layout, int8_t *state, size_t *taken,
                        ig_error *error)
{
    AUTO(source_clear) source s = {0};
    AUTO_FREE unsigned char *bytes = NULL;
    AUTO_FREE uint64_t *places = NULL;
    AUTO(drop_writer) ig_writer *writer = NULL;
    const ig_identity rows = ig_store_identity(old);
    *taken = 0;
    TRY(IG_ALLOC(places, ig_places_words(layout), error));
    TRY(ig_places_find(registry, path, layout, &rows, IG_IDENTITY_ROWS, places, error));
    if (ig_config_common_random_numbers(ig_store_config(old)) !=
        ig_config_common_random_numbers(ig_grid_config(grid))) {
        return IG_OK;
    }
    TRY(source_init(&s, old, error));
    TRY(IG_ALLOC(bytes, layout->row_size, error));
    TRY(ig_writer_open(path, layout, places, &writer, error));
    const ig_row row = {layout, bytes};
    TRY(copy_rows(&s, writer, grid, &row, state, taken, error));
    return ig_writer_close(&writer, error);
}
