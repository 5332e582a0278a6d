#include "results/rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"

/** One file's bookkeeping columns, owned. */
typedef struct incoming {
    int8_t *state;
    double *number; /**< one column at a time */
    ig_session_record *sessions;
} incoming;

static void incoming_clear(incoming *in)
{
    free(in->state);
    free(in->number);
    free(in->sessions);
}

static ig_status conflict(const ig_rows *rows, const ig_store *store, size_t task, ig_error *error)
{
    char label[IG_LABEL];
    ig_grid_label(rows->grid, task / rows->n_seeds, label, sizeof label);
    return ig_error_set(
        error, IG_ERR_MISMATCH,
        "%s: task %zu (%s seed=%llu) has other results than in %s (checksum there %08x): "
        "were the files made on different machines or by different versions?",
        ig_store_path(store), task, label,
        (unsigned long long)ig_config_seed(ig_store_config(store), task % rows->n_seeds),
        rows->paths[rows->source[task]], (unsigned)rows->crc[task]);
}

/** Decide which of the file's tasks are taken: done ones, and failed ones that no file has done.
 *  in->state of the others becomes empty. */
static ig_status choose(ig_rows *rows, const ig_store *store, uint32_t source, incoming *in,
                        ig_error *error)
{
    for (size_t t = 0; t < rows->n_tasks; t++) {
        uint32_t crc = (uint32_t)in->number[t];
        bool done = in->state[t] == IG_STATE_DONE;
        if (done && rows->state[t] == IG_STATE_DONE && rows->crc[t] != crc) {
            return conflict(rows, store, t, error);
        }
        if (in->state[t] == IG_STATE_EMPTY || rows->state[t] == IG_STATE_DONE ||
            (!done && rows->state[t] == IG_STATE_FAILED)) {
            in->state[t] = IG_STATE_EMPTY;
            continue;
        }
        rows->state[t] = in->state[t];
        rows->crc[t] = crc;
        rows->source[t] = source;
    }
    return IG_OK;
}

static ig_status take_column(const ig_rows *rows, ig_store *store, const incoming *in,
                             const char *column, double *into, ig_error *error)
{
    TRY(ig_store_read(store, column, in->number, error));
    for (size_t t = 0; t < rows->n_tasks; t++) {
        if (in->state[t] != IG_STATE_EMPTY) {
            into[t] = in->number[t];
        }
    }
    return IG_OK;
}

static ig_status note_sessions(ig_rows *rows, ig_store *store, uint32_t source, incoming *in,
                               ig_error *error)
{
    size_t n = 0;
    TRY(ig_store_sessions(store, in->sessions, &n, error));
    TRY(IG_GROW(rows->sessions, rows->n_sessions + n, error));
    for (size_t i = 0; i < n; i++) {
        rows->sessions[rows->n_sessions++] = (ig_session){in->sessions[i], source};
    }
    return IG_OK;
}

/** Take what file number `source` adds. */
static ig_status add_file(ig_rows *rows, ig_store *store, uint32_t source, ig_error *error)
{
    ig_store_scan scan = {0};
    AUTO(incoming_clear) incoming in = {0};
    TRY(IG_ALLOC(in.state, rows->n_tasks, error));
    TRY(IG_ALLOC(in.number, rows->n_tasks, error));
    TRY(IG_ALLOC(in.sessions, IG_STORE_SESSIONS, error));
    TRY(ig_store_check(store, in.state, &scan, error));
    rows->damaged += scan.damaged;
    TRY(ig_store_read(store, IG_STORE_CRC, in.number, error));
    TRY(choose(rows, store, source, &in, error));
    TRY(take_column(rows, store, &in, IG_STORE_SECONDS, rows->seconds, error));
    for (size_t c = 0; c < rows->n_columns; c++) {
        TRY(take_column(rows, store, &in, rows->columns[c], rows->values + c * rows->n_tasks,
                        error));
    }
    size_t changed = 0;
    TRY(ig_store_changed_inputs(store, &changed, error));
    rows->n_changed += changed;
    return note_sessions(rows, store, source, &in, error);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static ig_status copy_paths(ig_rows *rows, const char *const *paths, size_t n, ig_error *error)
{
    if (n == 0 || n > UINT32_MAX || rows->how.resamples < 2) {
        return ig_error_set(error, IG_ERR_USAGE, "merging needs a file and two resamples");
    }
    TRY(IG_ALLOC(rows->paths, n, error));
    for (; rows->n_paths < n; rows->n_paths++) {
        char *copy = ig_strdup(paths[rows->n_paths], error);
        if (!copy) {
            return IG_ERR_MEMORY;
        }
        rows->paths[rows->n_paths] = copy;
    }
    qsort(rows->paths, n, sizeof *rows->paths, compare_paths);
    return IG_OK;
}

static ig_status open_first(ig_rows *rows, ig_error *error)
{
    TRY(ig_store_open(rows->registry, rows->paths[0], false, &rows->store, error));
    rows->experiment = ig_store_experiment(rows->store);
    rows->config = ig_store_config(rows->store);
    rows->grid = ig_store_grid(rows->store);
    rows->n_tasks = ig_grid_n_tasks(rows->grid);
    rows->n_points = ig_grid_n_points(rows->grid);
    rows->n_seeds = ig_grid_n_seeds(rows->grid);
    rows->columns = rows->experiment->summary.columns;
    while (rows->columns[rows->n_columns]) {
        rows->n_columns++;
    }
    TRY(IG_ALLOC(rows->state, rows->n_tasks, error));
    TRY(IG_ALLOC(rows->crc, rows->n_tasks, error));
    TRY(IG_ALLOC(rows->source, rows->n_tasks, error));
    TRY(IG_ALLOC(rows->seconds, rows->n_tasks, error));
    return IG_ALLOC(rows->values, rows->n_tasks * rows->n_columns, error);
}

static ig_status read_all(ig_rows *rows, ig_error *error)
{
    const ig_identity first = ig_store_identity(rows->store);
    TRY(add_file(rows, rows->store, 0, error));
    for (size_t i = 1; i < rows->n_paths; i++) {
        AUTO(ig_store_close) ig_store *store = NULL;
        TRY(ig_store_open(rows->registry, rows->paths[i], false, &store, error));
        const ig_identity here = ig_store_identity(store);
        TRY(ig_identity_match(&here, &first, IG_IDENTITY_TASKS, NULL, error));
        TRY(add_file(rows, store, (uint32_t)i, error));
    }
    for (size_t t = 0; t < rows->n_tasks; t++) {
        rows->done += rows->state[t] == IG_STATE_DONE;
        rows->failed += rows->state[t] == IG_STATE_FAILED;
        rows->missing += rows->state[t] == IG_STATE_EMPTY;
    }
    return IG_OK;
}

/** Statistics of one column at one grid point; `values` has room for the seeds. */
static ig_status compute_cell(ig_rows *rows, size_t column, size_t point, double *values,
                              ig_error *error)
{
    const size_t cell = column * rows->n_points + point, first = point * rows->n_seeds;
    size_t n = 0;
    for (size_t task = first; task < first + rows->n_seeds; task++) {
        if (rows->state[task] == IG_STATE_DONE) {
            values[n++] = ig_rows_value(rows, column, task);
        }
    }
    return ig_rows_describe(rows, IG_BLOCK_STATISTICS, cell, values, n, &rows->statistics[cell],
                            error)
               ? ig_error_context(error, "%s at grid point %zu", rows->columns[column], point)
               : IG_OK;
}

static ig_status compute_statistics(ig_rows *rows, ig_error *error)
{
    AUTO_FREE double *values = NULL;
    TRY(IG_ALLOC(values, rows->n_seeds, error));
    TRY(IG_ALLOC(rows->statistics, rows->n_columns * rows->n_points, error));
    for (size_t c = 0; c < rows->n_columns; c++) {
        for (size_t p = 0; p < rows->n_points; p++) {
            TRY(compute_cell(rows, c, p, values, error));
        }
    }
    return IG_OK;
}

ig_status ig_rows_read(const ig_registry *registry, const char *const *paths, size_t n_paths,
                       const ig_bootstrap *how, ig_rows *rows, ig_error *error)
{
    AUTO(ig_rows_clear) ig_rows r = {.registry = registry, .how = *how};
    TRY(copy_paths(&r, paths, n_paths, error));
    TRY(open_first(&r, error));
    TRY(read_all(&r, error));
    TRY(compute_statistics(&r, error));
    *rows = r;
    r = (ig_rows){0};
    return IG_OK;
}

void ig_rows_clear(ig_rows *rows)
{
    for (size_t i = 0; i < rows->n_paths; i++) {
        free(rows->paths[i]);
    }
    free(rows->paths);
    free(rows->state);
    free(rows->crc);
    free(rows->source);
    free(rows->seconds);
    free(rows->values);
    free(rows->statistics);
    free(rows->sessions);
    ig_store_close(&rows->store);
    *rows = (ig_rows){0};
}

const ig_column *ig_rows_column(const ig_rows *rows, size_t column)
{
    const ig_layout *layout = ig_store_layout(rows->store);
    return &layout->columns[ig_layout_column(layout, rows->columns[column])];
}

/** Index of a summarised column; n_columns where there is none. */
static size_t find_column(const ig_rows *rows, const char *name)
{
    size_t c = 0;
    while (c < rows->n_columns && strcmp(rows->columns[c], name) != 0) {
        c++;
    }
    return c;
}

ig_status ig_rows_find_column(const ig_rows *rows, const char *name, const char *wanted_by,
                              size_t *column, ig_error *error)
{
    const size_t found = find_column(rows, name);
    if (found == rows->n_columns) {
        return ig_error_set(error, IG_ERR_USAGE, "column %s of %s is not summarised", name,
                            wanted_by);
    }
    *column = found;
    return IG_OK;
}

double ig_rows_annotation(const ig_rows *rows, const char *path)
{
    return path ? ig_config_value(rows->config, ig_config_key(rows->config, path), 0)->real
                : (double)NAN;
}

/** Order of two grid points by the keys that tell them apart. */
static int compare_points(const ig_rows *rows, const bool *apart, size_t a, size_t b)
{
    int order = 0;
    for (size_t key = 0; !order && key < rows->experiment->schema.n_keys; key++) {
        if (apart[key]) {
            order = strcmp(ig_value_text(ig_grid_value(rows->grid, a, key)),
                           ig_value_text(ig_grid_value(rows->grid, b, key)));
        }
    }
    return order;
}

bool ig_rows_alike(const ig_rows *rows, const bool *apart, size_t a, size_t b)
{
    return compare_points(rows, apart, a, b) == 0;
}

typedef struct grouping {
    const ig_rows *rows;
    const bool *apart;
    const size_t *points;
} grouping;

static int compare_grouped(const void *a, const void *b, void *context)
{
    const grouping *g = context;
    const size_t i = *(const size_t *)a, k = *(const size_t *)b;
    const int order = compare_points(g->rows, g->apart, g->points[i], g->points[k]);
    return order ? order : (i > k) - (i < k);
}

ig_status ig_rows_group(const ig_rows *rows, const bool *apart, const size_t *points, size_t n,
                        size_t *group, size_t *n_groups, ig_error *error)
{
    grouping g = {rows, apart, points};
    AUTO_FREE size_t *order = NULL, *first = NULL;
    TRY(IG_ALLOC(order, n, error));
    TRY(IG_ALLOC(first, n, error));
    for (size_t i = 0; i < n; i++) {
        order[i] = i;
    }
    qsort_r(order, n, sizeof *order, compare_grouped, &g);
    /* Alike points stand together now, the first of them in front. */
    for (size_t i = 0; i < n; i++) {
        const bool begins =
            i == 0 || !ig_rows_alike(rows, apart, points[order[i]], points[order[i - 1]]);
        first[order[i]] = begins ? order[i] : first[order[i - 1]];
    }
    *n_groups = 0;
    for (size_t i = 0; i < n; i++) {
        group[i] = first[i] == i ? (*n_groups)++ : group[first[i]];
    }
    return IG_OK;
}

ig_states ig_rows_states(const ig_rows *rows, size_t point)
{
    const int8_t *state = rows->state + point * rows->n_seeds;
    ig_states states = {0};
    for (size_t s = 0; s < rows->n_seeds; s++) {
        states.done += state[s] == IG_STATE_DONE;
        states.failed += state[s] == IG_STATE_FAILED;
        states.missing += state[s] == IG_STATE_EMPTY;
    }
    return states;
}

ig_work ig_rows_work(const ig_rows *rows)
{
    ig_work work = {0};
    for (size_t t = 0; t < rows->n_tasks; t++) {
        if (rows->state[t] != IG_STATE_EMPTY && isfinite(rows->seconds[t])) {
            work.seconds += rows->seconds[t];
            work.longest = fmax(work.longest, rows->seconds[t]);
            work.n++;
        }
    }
    return work;
}

/** The first column of text, NULL where there is none. */
static const char *text_column(const ig_rows *rows)
{
    const ig_layout *layout = ig_store_layout(rows->store);
    for (size_t c = 0; c < layout->n_columns; c++) {
        if (layout->columns[c].type == IG_TEXT) {
            return layout->columns[c].name;
        }
    }
    return NULL;
}

/** Reasons and texts of those failures that stand in file number `source`. */
static ig_status read_reasons(const ig_rows *rows, uint32_t source, ig_failure *failures, size_t n,
                              ig_error *error)
{
    AUTO(ig_store_close) ig_store *store = NULL;
    const char *column = text_column(rows);
    for (size_t i = 0; i < n; i++) {
        if (rows->source[failures[i].task] != source) {
            continue;
        }
        if (!store) {
            TRY(ig_store_open(rows->registry, rows->paths[source], false, &store, error));
        }
        TRY(ig_store_failure(store, failures[i].task, failures[i].reason, error));
        if (column) {
            TRY(ig_store_text(store, column, failures[i].task, &failures[i].text, error));
        }
    }
    return IG_OK;
}

ig_status ig_rows_failures(const ig_rows *rows, size_t max, ig_failures *failures, ig_error *error)
{
    AUTO(ig_failures_clear) ig_failures found = {0};
    TRY(IG_ALLOC(found.list, max, error));
    for (size_t t = 0; found.n < max && t < rows->n_tasks; t++) {
        if (rows->state[t] == IG_STATE_FAILED) {
            found.list[found.n++].task = t;
        }
    }
    for (size_t source = 0; found.n > 0 && source < rows->n_paths; source++) {
        TRY(read_reasons(rows, (uint32_t)source, found.list, found.n, error));
    }
    *failures = found;
    found.list = NULL;
    found.n = 0;
    return IG_OK;
}

void ig_failures_clear(ig_failures *failures)
{
    for (size_t i = 0; i < failures->n; i++) {
        free(failures->list[i].text);
    }
    free(failures->list);
    *failures = (ig_failures){0};
}

/** Those of the tasks that stand in file number `source`. */
static ig_status read_array(const ig_rows *rows, uint32_t source, const char *column, size_t length,
                            float *values, ig_error *error)
{
    AUTO(ig_store_close) ig_store *store = NULL;
    for (size_t t = 0; t < rows->n_tasks; t++) {
        if (rows->state[t] != IG_STATE_DONE || rows->source[t] != source) {
            continue;
        }
        if (!store) {
            TRY(ig_store_open(rows->registry, rows->paths[source], false, &store, error));
        }
        TRY(ig_store_read_array(store, column, t, 1, values + t * length, error));
    }
    return IG_OK;
}

ig_status ig_rows_array(const ig_rows *rows, const char *column, float **values, size_t *length,
                        ig_error *error)
{
    const ig_layout *layout = ig_store_layout(rows->store);
    AUTO_FREE float *read = NULL;
    size_t n = 0;
    for (size_t c = 0; c < layout->n_columns; c++) {
        const bool found =
            layout->columns[c].dimension && strcmp(layout->columns[c].name, column) == 0;
        n = found ? layout->counts[c] : n;
    }
    if (n == 0) {
        return ig_error_set(error, IG_ERR_USAGE, "%s is no column of several numbers per task",
                            column);
    }
    TRY(IG_ALLOC(read, rows->n_tasks * n, error));
    for (size_t source = 0; source < rows->n_paths; source++) {
        TRY(read_array(rows, (uint32_t)source, column, n, read, error));
    }
    *values = ig_take(&read);
    *length = n;
    return IG_OK;
}

ig_rng ig_rows_rng(const ig_rows *rows, ig_rows_block block, uint64_t cell)
{
    ig_rng_key key = ig_rng_key_make(rows->experiment->schema.experiment, 0);
    return ig_rng_start(key, IG_STREAM_BOOTSTRAP, (uint64_t)block << 56 | cell);
}

ig_status ig_rows_describe(const ig_rows *rows, ig_rows_block block, uint64_t cell,
                           const double *values, size_t n, ig_statistics *statistics,
                           ig_error *error)
{
    ig_rng rng = ig_rows_rng(rows, block, cell);
    if (n == 0) {
        *statistics = ig_no_statistics;
        return IG_OK;
    }
    return ig_statistics_bootstrap(values, n, &rows->how, &rng, statistics, error);
}

bool ig_key_advances_with(const ig_config *config, size_t key, size_t axis)
{
    int zip = ig_config_zip_group(config, key);
    return key == axis || (zip >= 0 && zip == ig_config_zip_group(config, axis));
}

/** Entries of a zip group in the order of the axis' values. */
typedef struct entries {
    const ig_config *config;
    size_t axis;
} entries;

static const char *text_at(const entries *e, size_t key, size_t entry)
{
    return ig_value_text(ig_config_value(e->config, key, entry));
}

static int compare_entries(const void *a, const void *b, void *context)
{
    const entries *e = context;
    return strcmp(text_at(e, e->axis, *(const size_t *)a), text_at(e, e->axis, *(const size_t *)b));
}

/** Whether every value of the axis goes with one value of the key, which is of its zip group;
 *  `order` holds the entries, sorted. */
static bool is_tied(const entries *e, size_t key, const size_t *order)
{
    for (size_t i = 1; i < ig_config_count(e->config, e->axis); i++) {
        size_t here = order[i], before = order[i - 1];
        if (strcmp(text_at(e, e->axis, here), text_at(e, e->axis, before)) == 0 &&
            strcmp(text_at(e, key, here), text_at(e, key, before)) != 0) {
            return false;
        }
    }
    return true;
}

ig_status ig_keys_apart(const ig_config *config, size_t axis, bool *apart, ig_error *error)
{
    entries e = {config, axis};
    const size_t n = ig_config_count(config, axis);
    AUTO_FREE size_t *order = NULL;
    TRY(IG_ALLOC(order, n, error));
    for (size_t i = 0; i < n; i++) {
        order[i] = i;
    }
    qsort_r(order, n, sizeof *order, compare_entries, &e);
    for (size_t key = 0; key < ig_config_schema(config)->n_keys; key++) {
        apart[key] = key != axis && ig_config_count(config, key) > 1 &&
                     !(ig_key_advances_with(config, key, axis) && is_tied(&e, key, order));
    }
    return IG_OK;
}

static size_t put_key(const ig_grid *grid, size_t key, size_t point, char *text, size_t used)
{
    const ig_schema *schema = ig_config_schema(ig_grid_config(grid));
    if (used >= IG_LABEL) {
        return used;
    }
    int n =
        snprintf(text + used, IG_LABEL - used, "%s%s=%s", used ? " " : "",
                 ig_key_name(&schema->keys[key]), ig_value_text(ig_grid_value(grid, point, key)));
    return used + (n > 0 ? (size_t)n : 0);
}

void ig_keys_label(const ig_grid *grid, const bool *apart, const char *const *first, size_t point,
                   char text[IG_LABEL])
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    size_t used = 0;
    text[0] = '\0';
    for (const char *const *path = first; path && *path; path++) {
        const size_t key = ig_config_key(config, *path);
        used = apart[key] ? put_key(grid, key, point, text, used) : used;
    }
    for (size_t key = 0; key < schema->n_keys; key++) {
        if (apart[key] && !ig_is_listed(first, schema->keys[key].path)) {
            used = put_key(grid, key, point, text, used);
        }
    }
}

bool ig_is_listed(const char *const *list, const char *text)
{
    while (list && *list && strcmp(*list, text) != 0) {
        list++;
    }
    return list && *list;
}

const char *ig_rows_title(const ig_rows *rows, const char *given)
{
    return given ? given : rows->experiment->title;
}

ig_figure *ig_rows_figure(const ig_rows *rows, const char *name, const char *title,
                          ig_figures *figures)
{
    const char *version = ig_store_attribute(rows->store, "imagrid_version");
    char footer[96];
    snprintf(footer, sizeof footer, "config %.8s, imagrid %.64s", ig_config_hash(rows->config),
             version ? version : "?");
    return ig_figures_add(figures, name, ig_rows_title(rows, title), footer);
}

static const char *label(const ig_rows *rows, const char *given, const char *name,
                         char text[IG_LABEL])
{
    const ig_schema *schema = &rows->experiment->schema;
    const char *long_name = name, *units = "1";
    const size_t column = find_column(rows, name);
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (strcmp(schema->keys[k].path, name) == 0) {
            long_name = schema->keys[k].long_name;
            units = schema->keys[k].units;
        }
    }
    if (column < rows->n_columns) {
        long_name = ig_rows_column(rows, column)->long_name;
        units = ig_rows_column(rows, column)->units;
    }
    if (given || strcmp(units, "1") == 0) {
        return given ? given : long_name;
    }
    snprintf(text, IG_LABEL, "%s (%s)", long_name, units);
    return text;
}

ig_panel *ig_rows_panel(const ig_rows *rows, ig_figure *figure, const char *title,
                        const char *x_label, const char *x_name, const char *y_label,
                        const char *y_name)
{
    char x[IG_LABEL], y[IG_LABEL];
    return ig_figure_panel(figure, title, label(rows, x_label, x_name, x),
                           label(rows, y_label, y_name, y));
}

/* What an analysis of one's own sees. */

size_t ig_rows_n_points(const ig_rows *rows)
{
    return rows->n_points;
}

size_t ig_rows_n_seeds(const ig_rows *rows)
{
    return rows->n_seeds;
}

ig_point ig_rows_point(const ig_rows *rows, size_t point)
{
    return (ig_point){rows->grid, point};
}

bool ig_rows_done(const ig_rows *rows, size_t task)
{
    return rows->state[task] == IG_STATE_DONE;
}

const double *ig_rows_values(const ig_rows *rows, const char *column)
{
    const size_t c = find_column(rows, column);
    return c < rows->n_columns ? rows->values + c * rows->n_tasks : NULL;
}
