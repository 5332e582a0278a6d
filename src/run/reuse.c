#include "run/reuse.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "experiments/plugins.h"
#include "run/writer.h"

/** What identifies a grid point, beside the experiment: a hash of all keys that change results. */
typedef struct identity {
    XXH128_hash_t hash;
    size_t point;
} identity;

static int by_hash(const void *a, const void *b)
{
    return XXH128_cmp(&((const identity *)a)->hash, &((const identity *)b)->hash);
}

static identity identify(const ig_grid *grid, size_t point)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    identity id = {.point = point};
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (!schema->keys[k].annotation) {
            const char *path = schema->keys[k].path, *text = ig_grid_value(grid, point, k)->text;
            id.hash = XXH3_128bits_withSeed(path, strlen(path), id.hash.low64 ^ id.hash.high64);
            id.hash = XXH3_128bits_withSeed(text, strlen(text), id.hash.low64 ^ id.hash.high64);
        }
    }
    return id;
}

/** Grid points by hash; the caller's to free, NULL without memory. */
static identity *identify_all(const ig_grid *grid)
{
    size_t n = ig_grid_n_points(grid);
    identity *all = malloc(n * sizeof *all);
    for (size_t p = 0; all && p < n; p++) {
        all[p] = identify(grid, p);
    }
    if (all) {
        qsort(all, n, sizeof *all, by_hash);
    }
    return all;
}

/** Index of each of the n seeds of `grid` among the seeds of `old`, SIZE_MAX where it is not there.
 */
static size_t *match_seeds(const ig_grid *grid, size_t n, const ig_grid *old)
{
    const ig_config *here = ig_grid_config(grid), *there = ig_grid_config(old);
    size_t n_there = ig_config_n_seeds(there);
    size_t *match = malloc(n * sizeof *match);
    for (size_t i = 0; match && i < n; i++) {
        uint64_t seed = ig_config_seed(here, i);
        match[i] = SIZE_MAX;
        /* Most grids count their seeds from 0. */
        for (size_t k = 0, j = i; k < n_there && match[i] == SIZE_MAX; k++, j++) {
            if (ig_config_seed(there, j % n_there) == seed) {
                match[i] = j % n_there;
            }
        }
    }
    return match;
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
    size_t n = ig_grid_n_tasks(ig_store_grid(store));
    ig_store_scan scan;
    *s = (source){store,
                  malloc(n),
                  malloc(n * sizeof(double)),
                  malloc(n * sizeof(double)),
                  malloc(n * sizeof(double)),
                  calloc(1, ig_store_layout(store)->row_size)};
    if (!s->state || !s->rank || !s->start || !s->seconds || !s->bytes) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory to reuse %zu tasks", n);
    }
    ig_status status = ig_store_check(store, s->state, &scan, error);
    if (!status) {
        status = ig_store_read(store, IG_STORE_RANK, s->rank, error);
    }
    if (!status) {
        status = ig_store_read(store, IG_STORE_START, s->start, error);
    }
    return status ? status : ig_store_read(store, IG_STORE_SECONDS, s->seconds, error);
}

/** Take over task `there` of the source as task `here`, if its row fits. */
static ig_status copy_row(source *s, size_t there, ig_writer *writer, const ig_row *row,
                          size_t here, int8_t *state, size_t *taken, ig_error *error)
{
    ig_status status = ig_store_row(s->store, there, s->bytes, error);
    if (status || !convert(ig_store_layout(s->store), s->bytes, row)) {
        return status;
    }
    ig_outcome outcome = {.task = here,
                          .state = IG_STATE_DONE,
                          .bytes = row->bytes,
                          .failure = "",
                          .rank = (int32_t)s->rank[there],
                          .start = s->start[there],
                          .seconds = s->seconds[there]};
    status = ig_writer_put(writer, &outcome, error);
    if (!status) {
        state[here] = IG_STATE_DONE;
        ++*taken;
    }
    return status;
}

static ig_status copy_rows(source *s, ig_writer *writer, const ig_grid *grid, const ig_row *row,
                           int8_t *state, size_t *taken, ig_error *error)
{
    const ig_grid *old = ig_store_grid(s->store);
    size_t n_seeds = ig_grid_n_seeds(grid), n_old = ig_grid_n_seeds(old);
    identity *points = identify_all(old);
    size_t *seeds = match_seeds(grid, n_seeds, old);
    ig_status status =
        points && seeds ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "no memory to compare grids");
    for (size_t p = 0; p < ig_grid_n_points(grid) && !status; p++) {
        identity wanted = identify(grid, p);
        const identity *found =
            bsearch(&wanted, points, ig_grid_n_points(old), sizeof *points, by_hash);
        for (size_t i = 0; found && i < n_seeds && !status; i++) {
            if (seeds[i] == SIZE_MAX) {
                continue;
            }
            size_t here = p * n_seeds + i, there = found->point * n_old + seeds[i];
            if (state[here] != IG_STATE_DONE && s->state[there] == IG_STATE_DONE) {
                status = copy_row(s, there, writer, row, here, state, taken, error);
            }
        }
    }
    free(points);
    free(seeds);
    return status;
}

ig_status ig_reuse_open(const ig_registry *registry, const char *path,
                        const ig_experiment *experiment, ig_isa isa, ig_store **old, bool *changed,
                        ig_error *error)
{
    ig_store *store = NULL;
    ig_status status = ig_store_open(registry, path, false, &store, error);
    if (status) {
        return status;
    }
    const char *theirs = ig_store_attribute(store, "isa");
    if (ig_store_experiment(store) != experiment) {
        status = ig_error_set(error, IG_ERR_MISMATCH, "%s holds experiment %s, not %s", path,
                              ig_store_experiment(store)->schema.experiment,
                              experiment->schema.experiment);
    } else if (!theirs || strcmp(theirs, ig_isa_name(isa)) != 0) {
        status = ig_error_set(error, IG_ERR_MISMATCH,
                              "%s was made with instruction set '%s', this run uses '%s': choose "
                              "with --isa",
                              path, theirs ? theirs : "", ig_isa_name(isa));
    } else if (ig_origin_match(ig_store_attribute(store, "plugin"),
                               ig_registry_origin(registry, experiment), changed, error)) {
        status = ig_error_context(error, "%s", path);
    }
    if (status) {
        ig_store_close(&store);
        return status;
    }
    *old = store;
    return IG_OK;
}

ig_status ig_reuse_rows(const ig_registry *registry, ig_store *old, const char *path,
                        const ig_grid *grid, const ig_layout *layout, int8_t *state, size_t *taken,
                        ig_error *error)
{
    source s = {0};
    ig_row row = {layout, NULL};
    ig_writer *writer = NULL;
    ig_status status = IG_OK;
    *taken = 0;
    if (ig_config_common_random_numbers(ig_store_config(old)) !=
        ig_config_common_random_numbers(ig_grid_config(grid))) {
        return IG_OK;
    }
    status = source_init(&s, old, error);
    if (!status && !(row.bytes = malloc(layout->row_size))) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for a row");
    }
    if (!status) {
        status = ig_writer_open(registry, path, MPI_COMM_SELF, layout, &writer, error);
    }
    if (!status) {
        status = copy_rows(&s, writer, grid, &row, state, taken, error);
        ig_error trouble = {0};
        if (ig_writer_close(&writer, &trouble) && !status) {
            *error = trouble;
            status = trouble.status;
        }
    }
    free(row.bytes);
    source_clear(&s);
    return status;
}
