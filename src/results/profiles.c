/** Profiles: a column with a dimension against its coordinate, such as errors against steps. */
#include "results/analyses.h"

#include <math.h>
#include <string.h>

#include "base/try.h"

/** A profile in the making. */
typedef struct work {
    const ig_rows *rows;
    const ig_profile *profile;
    size_t number;
    const ig_dimension *dimension;
    size_t *points; /**< n grid points that belong to it; owned */
    size_t n;
    float *values; /**< [task * length + position]; owned */
    size_t length;
    ig_estimate *medians; /**< [i * length + position]; NaN without rows; owned */
    double *seeds;        /**< scratch for a value of every seed; owned */
    size_t *counts;       /**< of seeds behind a median; owned */
} work;

static void work_clear(work *w)
{
    free(w->points);
    free(w->values);
    free(w->medians);
    free(w->seeds);
    free(w->counts);
}

static double value_of(const work *w, size_t point, size_t key)
{
    return ig_grid_value(w->rows->grid, point, key)->real;
}

/** The grid points that the profile is about. */
static ig_status choose_points(work *w, ig_error *error)
{
    const ig_profile *p = w->profile;
    const ig_config *config = w->rows->config;
    const size_t largest = p->largest ? ig_config_key(config, p->largest) : SIZE_MAX;
    const size_t only = p->only_key ? ig_config_key(config, p->only_key) : SIZE_MAX;
    double most = -(double)INFINITY;
    TRY(IG_ALLOC(w->points, w->rows->n_points, error));
    for (size_t i = 0; i < w->rows->n_points; i++) {
        if (only == SIZE_MAX ||
            strcmp(ig_value_text(ig_grid_value(w->rows->grid, i, only)), p->only_value) == 0) {
            w->points[w->n++] = i;
            most = largest == SIZE_MAX ? most : fmax(most, value_of(w, i, largest));
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (largest == SIZE_MAX || value_of(w, w->points[i], largest) >= most) {
            w->points[kept++] = w->points[i];
        }
    }
    w->n = kept;
    return IG_OK;
}

static const ig_dimension *dimension_of(const work *w)
{
    const ig_experiment *e = w->rows->experiment;
    const char *name = "";
    for (size_t c = 0; c < e->n_columns; c++) {
        name = strcmp(e->columns[c].name, w->profile->column) == 0 ? e->columns[c].dimension : name;
    }
    for (size_t d = 0; d < e->n_dimensions; d++) {
        if (name && strcmp(e->dimensions[d].name, name) == 0) {
            return &e->dimensions[d];
        }
    }
    return NULL;
}

static ig_status compute_median(work *w, size_t i, size_t position, ig_error *error)
{
    const ig_rows *rows = w->rows;
    const size_t first = w->points[i] * rows->n_seeds;
    const uint64_t cell = (uint64_t)w->number << 40 | (w->points[i] * w->length + position);
    ig_statistics statistics;
    size_t n = 0;
    for (size_t t = first; t < first + rows->n_seeds; t++) {
        const double value = (double)w->values[t * w->length + position];
        if (rows->state[t] == IG_STATE_DONE && isfinite(value)) {
            w->seeds[n++] = value;
        }
    }
    TRY(ig_rows_describe(rows, IG_BLOCK_PROFILES, cell, w->seeds, n, &statistics, error));
    w->medians[i * w->length + position] = statistics.median;
    w->counts[i * w->length + position] = n;
    return IG_OK;
}

static ig_status compute(work *w, ig_error *error)
{
    TRY(choose_points(w, error));
    TRY(ig_rows_array(w->rows, w->profile->column, &w->values, &w->length, error));
    w->dimension = dimension_of(w);
    TRY(IG_ALLOC(w->medians, w->n * w->length, error));
    TRY(IG_ALLOC(w->counts, w->n * w->length, error));
    TRY(IG_ALLOC(w->seeds, w->rows->n_seeds, error));
    for (size_t i = 0; i < w->n; i++) {
        for (size_t k = 0; k < w->length; k++) {
            TRY(compute_median(w, i, k, error));
        }
    }
    return IG_OK;
}

/** 1, 2, 5, 10, 20, 50 ... */
static bool is_round(double x)
{
    while (x >= 10) {
        x /= 10;
    }
    return fabs(x - 1) < 1e-9 || fabs(x - 2) < 1e-9 || fabs(x - 5) < 1e-9;
}

static double x_at(const work *w, size_t position)
{
    return w->dimension->first + (double)position;
}

/** For people; files get all positions. */
static void add_view(const work *w, ig_tables *tables)
{
    const ig_profile *p = w->profile;
    const ig_table_column columns[] = {
        IG_HEADING("grid point", IG_CELL_TEXT),
        {.heading = w->dimension->name, .show = IG_SHOW_SHORT},
        IG_HEADING("n", IG_CELL_COUNT),
        {.heading = "median"},
        IG_INTERVAL_HEADING("95 %"),
    };
    char name[IG_LABEL];
    snprintf(name, sizeof name, "profile-%.100s-view", p->name);
    ig_table *table =
        ig_tables_add(tables, name, "%s: %s", p->name, ig_rows_title(w->rows, p->title));
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < w->n * w->length; i++) {
        const size_t position = i % w->length;
        if (w->counts[i] > 0 && (!p->log_x || is_round(x_at(w, position)))) {
            ig_put_point(w->rows, w->points[i / w->length], table);
            ig_table_real(table, x_at(w, position));
            ig_table_count(table, w->counts[i]);
            ig_put_estimate(&w->medians[i], table);
        }
    }
    const ig_experiment *e = w->rows->experiment;
    for (size_t c = 0; c < e->n_columns; c++) {
        if (strcmp(e->columns[c].name, p->column) == 0) {
            ig_table_note(table, "median: of %s, %s", p->column, e->columns[c].long_name);
        }
    }
    ig_note_intervals(table, &w->rows->how, "the seeds");
}

static void add_numbers(const work *w, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        IG_WORDS("name", "profile"),
        IG_COUNT("grid_point", "number of the grid point, from 0"),
        IG_WORDS("label", "its values of the keys that vary"),
        IG_REAL("x", "coordinate of the column's dimension"),
        IG_COUNT("n", "finished seeds that have a value there"),
        IG_REAL("median", "median over these seeds"),
        IG_REAL("median_low", "lower end, 95 % bootstrap interval of the median"),
        IG_REAL("median_high", "upper end of that interval"),
    };
    char name[IG_LABEL];
    snprintf(name, sizeof name, "profile-%.100s", w->profile->name);
    ig_table *table = ig_tables_add(tables, name, "Profiles");
    table->file = "profiles";
    table->dimension = "profile_point";
    table->prefix = "profile_";
    table->hidden = true;
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < w->n * w->length; i++) {
        if (w->counts[i] > 0) {
            ig_table_text(table, "%s", w->profile->name);
            ig_table_count(table, w->points[i / w->length]);
            ig_put_point(w->rows, w->points[i / w->length], table);
            ig_table_real(table, x_at(w, i % w->length));
            ig_table_count(table, w->counts[i]);
            ig_put_estimate(&w->medians[i], table);
        }
    }
}

/** Positions of a line that have a median. */
static size_t n_positions(const work *w, size_t i)
{
    size_t n = 0;
    for (size_t k = 0; k < w->length; k++) {
        n += w->counts[i * w->length + k] > 0;
    }
    return n;
}

static void draw_line(const work *w, size_t i, ig_series_kind kind, ig_panel *panel)
{
    ig_figure_series *s =
        ig_panel_series(panel, kind, n_positions(w, i), kind == IG_SERIES_POINTS, (int)i, 0);
    for (size_t k = 0, at = 0; k < w->length && at < s->n; k++) {
        const ig_estimate *median = &w->medians[i * w->length + k];
        if (w->counts[i * w->length + k] == 0) {
            continue;
        }
        s->x[at] = x_at(w, k);
        if (kind != IG_SERIES_LINE) {
            s->low[at] = median->low;
            s->high[at] = median->high;
        }
        if (kind != IG_SERIES_BAND) {
            s->y[at] = median->value;
        }
        at++;
    }
    if (kind != IG_SERIES_BAND) {
        char label[IG_LABEL];
        ig_grid_label(w->rows->grid, w->points[i], label, sizeof label);
        ig_series_title(panel, s, "%s", label);
    }
}

static void draw(const work *w, ig_figures *figures)
{
    const ig_profile *p = w->profile;
    ig_figure *figure = ig_rows_figure(w->rows, p->name, p->title, figures);
    ig_panel *panel = ig_figure_panel(figure, "", p->x_label ? p->x_label : w->dimension->long_name,
                                      p->y_label ? p->y_label : p->column);
    panel->x.log = p->log_x;
    panel->y.log = p->log_y;
    for (size_t i = 0; p->log_x && i < w->n; i++) {
        draw_line(w, i, IG_SERIES_BAND, panel);
    }
    for (size_t i = 0; i < w->n; i++) {
        draw_line(w, i, p->log_x ? IG_SERIES_LINE : IG_SERIES_POINTS, panel);
    }
    ig_panel_explain(panel, p->log_x ? IG_SERIES_BAND : IG_SERIES_POINTS, IG_STYLE_GREY, 0,
                     "%s: 95 %% interval of the median", p->log_x ? "shading" : "bars");
}

ig_status ig_profile_analyse(const ig_rows *rows, const ig_profile *profile, size_t number,
                             ig_tables *tables, ig_figures *figures, ig_error *error)
{
    AUTO(work_clear) work w = {.rows = rows, .profile = profile, .number = number};
    TRY(compute(&w, error));
    if (!w.dimension) {
        return ig_error_set(error, IG_ERR_USAGE, "column %s of profile %s has no dimension",
                            profile->column, profile->name);
    }
    add_view(&w, tables);
    add_numbers(&w, tables);
    if (w.n > 0) {
        draw(&w, figures);
    }
    return IG_OK;
}
