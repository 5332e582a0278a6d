/** Curves: which grid points belong to a line, their medians when whole seeds are resampled, table
 *  and figure. Optima and predictions are in optima.c. */
#include "results/claim-curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "base/try.h"
#include "results/claims.h"
#include "results/merge.h"

/* Grouping: from grid points to lines and panels. */

typedef enum role { ROLE_NONE, ROLE_PANEL, ROLE_LINE } role;

/** Grid points of a curve, sorted so that those of one line stand together, by x. */
typedef struct grouping {
    const ig_rows *rows;
    ig_curve_lines *lines;
    role *roles;   /**< of every key; owned */
    size_t *order; /**< n grid points; owned */
    size_t n;
} grouping;

static void grouping_clear(grouping *g)
{
    free(g->roles);
    free(g->order);
}

static size_t n_keys(const grouping *g)
{
    return g->rows->experiment->schema.n_keys;
}

static const char *text_at(const grouping *g, size_t point, size_t key)
{
    return ig_grid_value(g->rows->grid, point, key)->text;
}

static double x_at(const grouping *g, size_t point)
{
    return ig_grid_value(g->rows->grid, point, g->lines->x)->real;
}

/** Order of two grid points by the keys of a role. */
static int compare_role(const grouping *g, role wanted, size_t a, size_t b)
{
    int order = 0;
    for (size_t key = 0; !order && key < n_keys(g); key++) {
        if (g->roles[key] == wanted) {
            order = strcmp(text_at(g, a, key), text_at(g, b, key));
        }
    }
    return order;
}

static int compare_lines(const grouping *g, size_t a, size_t b)
{
    int order = compare_role(g, ROLE_PANEL, a, b);
    return order ? order : compare_role(g, ROLE_LINE, a, b);
}

static int compare_points(const void *a, const void *b, void *context)
{
    const grouping *g = context;
    const size_t p = *(const size_t *)a, q = *(const size_t *)b;
    int order = compare_lines(g, p, q);
    const double x = x_at(g, p), y = x_at(g, q);
    order = order ? order : (x > y) - (x < y);
    return order ? order : (p > q) - (p < q);
}

static bool is_listed(const grouping *g, const char *const *paths, size_t key)
{
    return ig_is_listed(paths, g->rows->experiment->schema.keys[key].path);
}

static bool varies(const grouping *g, size_t key)
{
    for (size_t i = 1; i < g->n; i++) {
        if (strcmp(text_at(g, g->order[i], key), text_at(g, g->order[0], key)) != 0) {
            return true;
        }
    }
    return false;
}

/** Which keys tell lines apart: the listed ones, and others only where they must. */
enum extent { EXTENT_LISTED, EXTENT_OTHERS, EXTENT_WITH_X };

/** Keys in the zip group of x advance with it and come last. */
static void assign_roles(grouping *g, enum extent extent)
{
    const ig_config *config = g->rows->config;
    const ig_curve *curve = g->lines->curve;
    for (size_t key = 0; key < n_keys(g); key++) {
        g->roles[key] = ROLE_NONE;
        if (key == g->lines->x || !varies(g, key)) {
            continue;
        }
        if (is_listed(g, curve->panels, key)) {
            g->roles[key] = ROLE_PANEL;
        } else if (is_listed(g, curve->lines, key) || extent == EXTENT_WITH_X ||
                   (extent == EXTENT_OTHERS && !ig_key_advances_with(config, key, g->lines->x))) {
            g->roles[key] = ROLE_LINE;
        }
    }
}

static bool has_twice(const grouping *g)
{
    for (size_t i = 1; i < g->n; i++) {
        if (x_at(g, g->order[i]) == x_at(g, g->order[i - 1]) &&
            compare_lines(g, g->order[i], g->order[i - 1]) == 0) {
            return true;
        }
    }
    return false;
}

static ig_status sort_points(grouping *g, ig_error *error)
{
    const ig_rows *rows = g->rows;
    const ig_curve *curve = g->lines->curve;
    TRY(IG_ALLOC(g->roles, n_keys(g), error));
    TRY(IG_ALLOC(g->order, rows->n_points, error));
    for (size_t p = 0; p < rows->n_points; p++) {
        if (!curve->only_key || strcmp(text_at(g, p, ig_config_key(rows->config, curve->only_key)),
                                       curve->only_value) == 0) {
            g->order[g->n++] = p;
        }
    }
    bool twice = true;
    for (int extent = EXTENT_LISTED; twice && extent <= EXTENT_WITH_X; extent++) {
        assign_roles(g, (enum extent)extent);
        qsort_r(g->order, g->n, sizeof *g->order, compare_points, g);
        twice = has_twice(g);
    }
    return IG_OK;
}

static size_t put_key(const grouping *g, size_t point, size_t key, char *text, size_t used)
{
    if (used >= IG_LABEL) {
        return used;
    }
    int n = snprintf(text + used, IG_LABEL - used, "%s%s=%s", used ? " " : "",
                     g->rows->experiment->schema.keys[key].path, text_at(g, point, key));
    return used + (n > 0 ? (size_t)n : 0);
}

/** "gamma=0.9 horizon=10": the listed keys that vary on this curve, then those that
 *  nobody listed. */
static void put_label(const grouping *g, size_t point, role wanted, char *text)
{
    const ig_config *config = g->rows->config;
    const ig_curve *curve = g->lines->curve;
    const char *const *listed = wanted == ROLE_PANEL ? curve->panels : curve->lines;
    size_t used = 0;
    text[0] = '\0';
    for (const char *const *path = listed; path && *path; path++) {
        const size_t key = ig_config_key(config, *path);
        used = g->roles[key] == wanted ? put_key(g, point, key, text, used) : used;
    }
    for (size_t key = 0; key < n_keys(g); key++) {
        if (g->roles[key] == wanted && !is_listed(g, listed, key)) {
            used = put_key(g, point, key, text, used);
        }
    }
}

/** The line order[begin] ... order[end - 1]. */
static ig_status add_line(grouping *g, size_t begin, size_t end, ig_error *error)
{
    ig_curve_lines *c = g->lines;
    TRY(IG_GROW(c->lines, c->n_lines + 1, error));
    ig_curve_line *line = &c->lines[c->n_lines];
    *line = (ig_curve_line){.n_points = end - begin, .first = g->order[begin]};
    TRY(IG_ALLOC(line->points, line->n_points, error));
    c->n_lines++;
    for (size_t i = 0; i < line->n_points; i++) {
        const size_t point = g->order[begin + i];
        line->points[i] = (ig_curve_point){.point = point, .x = x_at(g, point)};
        line->first = point < line->first ? point : line->first;
    }
    put_label(g, line->first, ROLE_LINE, line->label);
    return IG_OK;
}

static int by_first(const void *a, const void *b)
{
    const ig_curve_line *p = a, *q = b;
    return (p->first > q->first) - (p->first < q->first);
}

static int by_panel(const void *a, const void *b)
{
    const ig_curve_line *p = a, *q = b;
    return p->panel == q->panel ? by_first(a, b) : p->panel < q->panel ? -1 : 1;
}

/** Give every line its panel and style; both lists are in the order of the grid. */
static ig_status arrange(grouping *g, ig_error *error)
{
    ig_curve_lines *c = g->lines;
    AUTO_FREE size_t *begins = NULL;
    TRY(IG_ALLOC(begins, c->n_lines, error));
    TRY(IG_ALLOC(c->panels, c->n_lines, error));
    TRY(IG_ALLOC(c->styles, c->n_lines, error));
    qsort(c->lines, c->n_lines, sizeof *c->lines, by_first);
    for (size_t i = 0; i < c->n_lines; i++) {
        ig_curve_line *line = &c->lines[i];
        while (line->panel < c->n_panels &&
               compare_role(g, ROLE_PANEL, begins[line->panel], line->first) != 0) {
            line->panel++;
        }
        if (line->panel == c->n_panels) {
            begins[c->n_panels] = line->first;
            put_label(g, line->first, ROLE_PANEL, c->panels[c->n_panels++].text);
        }
        while (line->style < c->n_styles && strcmp(c->styles[line->style].text, line->label) != 0) {
            line->style++;
        }
        if (line->style == c->n_styles) {
            c->styles[c->n_styles++] = *(const ig_curve_label *)line->label;
        }
    }
    qsort(c->lines, c->n_lines, sizeof *c->lines, by_panel);
    return IG_OK;
}

static ig_status group_points(ig_curve_lines *lines, ig_error *error)
{
    AUTO(grouping_clear) grouping g = {.rows = lines->rows, .lines = lines};
    TRY(sort_points(&g, error));
    for (size_t begin = 0, end; begin < g.n; begin = end) {
        for (end = begin + 1; end < g.n && !compare_lines(&g, g.order[begin], g.order[end]);) {
            end++;
        }
        TRY(add_line(&g, begin, end, error));
    }
    return lines->n_lines > 0 ? arrange(&g, error) : IG_OK;
}

/* Numbers: medians along a line, the same resampled seeds at every x. */

/** A line being computed, with scratch. */
typedef struct work {
    const ig_curve_lines *curve;
    ig_curve_line *line;
    size_t n_x, n_seeds, resamples;
    double *values;  /**< [x * n_seeds + seed], NaN where there is no row; owned as the others */
    size_t *order;   /**< [x * n_seeds + k]: seeds by ascending value, points[x].n of them */
    size_t *pool;    /**< n_pool seeds with a value at any x */
    uint32_t *drawn; /**< how often each seed was drawn */
    double *medians; /**< [x * resamples + r] */
    double *least, *best;
    double *by_seed; /**< one number of every seed */
    double *by_x;    /**< one number of every x */
    size_t n_pool;
} work;

static void work_clear(work *w)
{
    free(w->values);
    free(w->order);
    free(w->pool);
    free(w->drawn);
    free(w->medians);
    free(w->least);
    free(w->best);
    free(w->by_seed);
    free(w->by_x);
}

static ig_status work_init(work *w, ig_error *error)
{
    TRY(IG_ALLOC(w->values, w->n_x * w->n_seeds, error));
    TRY(IG_ALLOC(w->order, w->n_x * w->n_seeds, error));
    TRY(IG_ALLOC(w->pool, w->n_seeds, error));
    TRY(IG_ALLOC(w->drawn, w->n_seeds, error));
    TRY(IG_ALLOC(w->medians, w->n_x * w->resamples, error));
    TRY(IG_ALLOC(w->least, w->resamples, error));
    TRY(IG_ALLOC(w->best, w->resamples, error));
    TRY(IG_ALLOC(w->by_seed, w->n_seeds, error));
    return IG_ALLOC(w->by_x, w->n_x, error);
}

/** Value of a column at a line's point for a seed; NaN without a finished row. */
static double value_at(const ig_rows *rows, size_t column, const ig_curve_point *point, size_t seed)
{
    const size_t task = point->point * rows->n_seeds + seed;
    return rows->state[task] == IG_STATE_DONE ? ig_rows_value(rows, column, task) : (double)NAN;
}

/** Describe the points, sort each one's seeds and note which seeds have a row anywhere. */
static void sort_values(work *w)
{
    const ig_curve_lines *c = w->curve;
    const ig_rows *rows = c->rows;
    for (size_t x = 0; x < w->n_x; x++) {
        ig_curve_point *p = &w->line->points[x];
        double *values = w->values + x * w->n_seeds;
        size_t *order = w->order + x * w->n_seeds, *seeds = w->pool;
        const ig_statistics *s = ig_rows_statistics(rows, c->measured, p->point);
        p->median = s->median;
        p->low = p->high = p->reference = (double)NAN;
        if (c->reference < rows->n_columns) {
            p->reference = ig_rows_statistics(rows, c->reference, p->point)->median;
        }
        for (size_t seed = 0; seed < w->n_seeds; seed++) {
            values[seed] = value_at(rows, c->measured, p, seed);
            if (!isnan(values[seed])) {
                w->by_seed[p->n] = values[seed];
                seeds[p->n++] = seed;
                w->drawn[seed] = 1;
            }
        }
        gsl_sort_index(order, w->by_seed, 1, p->n);
        for (size_t k = 0; k < p->n; k++) {
            order[k] = seeds[order[k]];
        }
    }
    for (size_t seed = 0; seed < w->n_seeds; seed++) {
        if (w->drawn[seed]) {
            w->pool[w->n_pool++] = seed;
        }
    }
    w->line->seeds = w->n_pool;
}

/** Value number k (from 0, in ascending order) of the resample at x. */
static double order_statistic(const work *w, size_t x, size_t k)
{
    const size_t *order = w->order + x * w->n_seeds;
    size_t i = 0;
    for (size_t below = w->drawn[order[0]]; below <= k; below += w->drawn[order[i]]) {
        i++;
    }
    return w->values[x * w->n_seeds + order[i]];
}

/** NaN where none of the seeds drawn has a row. */
static double median_at(const work *w, size_t x)
{
    const size_t *order = w->order + x * w->n_seeds;
    size_t n = 0;
    for (size_t k = 0; k < w->line->points[x].n; k++) {
        n += w->drawn[order[k]];
    }
    if (n == 0) {
        return (double)NAN;
    }
    return order_statistic(w, x, (n - 1) / 2) / 2 + order_statistic(w, x, n / 2) / 2;
}

/** Every resample draws as many seeds as have a row anywhere, with replacement, once for all x. */
static void resample(work *w, ig_rng *rng)
{
    for (size_t r = 0; r < w->resamples; r++) {
        memset(w->drawn, 0, w->n_seeds * sizeof *w->drawn);
        for (size_t i = 0; i < w->n_pool; i++) {
            w->drawn[w->pool[ig_rng_below(rng, w->n_pool)]]++;
        }
        for (size_t x = 0; x < w->n_x; x++) {
            w->medians[x * w->resamples + r] = median_at(w, x);
        }
    }
}

/** Intervals from the resamples that have a median there; sorts them. */
static void set_intervals(work *w)
{
    for (size_t x = 0; x < w->n_x; x++) {
        ig_curve_point *p = &w->line->points[x];
        double *here = w->medians + x * w->resamples;
        size_t n = 0;
        for (size_t r = 0; r < w->resamples; r++) {
            if (!isnan(here[r])) {
                here[n++] = here[r];
            }
        }
        if (n > 0) {
            ig_interval_95(here, n, &p->low, &p->high);
        }
    }
}

/** Rows of a seed may differ in what they predict: the seed has their median. */
static ig_prediction predict(work *w, size_t column)
{
    size_t n = 0;
    for (size_t seed = 0; seed < w->n_seeds; seed++) {
        size_t n_rows = 0;
        for (size_t x = 0; x < w->n_x; x++) {
            w->by_x[n_rows] = value_at(w->curve->rows, column, &w->line->points[x], seed);
            n_rows += isnan(w->by_x[n_rows]) ? 0 : 1;
        }
        if (n_rows > 0) {
            w->by_seed[n++] = ig_spread_of(w->by_x, n_rows).median;
        }
    }
    return ig_curve_predict(w->line, w->curve->curve, w->by_seed, n);
}

static ig_status compute_line(const ig_curve_lines *c, ig_curve_line *line, ig_rng rng,
                              ig_error *error)
{
    AUTO(work_clear)
    work w = {.curve = c,
              .line = line,
              .n_x = line->n_points,
              .n_seeds = c->rows->n_seeds,
              .resamples = c->rows->how.resamples};
    TRY(work_init(&w, error));
    TRY(IG_ALLOC(line->predictions, c->n_predicted, error));
    sort_values(&w);
    resample(&w, &rng);
    line->optimum = ig_curve_optimum(line, w.medians, w.resamples, w.least, w.best);
    set_intervals(&w);
    for (size_t k = 0; k < c->n_predicted; k++) {
        line->predictions[k] = predict(&w, c->predicted[k]);
    }
    return IG_OK;
}

static ig_status find_columns(ig_curve_lines *c, ig_error *error)
{
    const ig_curve *curve = c->curve;
    size_t n = 0;
    while (curve->predicted && curve->predicted[n]) {
        n++;
    }
    c->x = ig_config_key(c->rows->config, curve->x);
    c->reference = c->rows->n_columns;
    TRY(IG_ALLOC(c->predicted, n, error));
    TRY(ig_rows_find_column(c->rows, curve->measured, curve->name, &c->measured, error));
    if (curve->reference) {
        TRY(ig_rows_find_column(c->rows, curve->reference, curve->name, &c->reference, error));
    }
    for (; c->n_predicted < n; c->n_predicted++) {
        TRY(ig_rows_find_column(c->rows, curve->predicted[c->n_predicted], curve->name,
                                &c->predicted[c->n_predicted], error));
    }
    return IG_OK;
}

ig_status ig_curve_compute(const ig_rows *rows, const ig_curve *curve, size_t number,
                           ig_curve_lines *lines, ig_error *error)
{
    *lines = (ig_curve_lines){.rows = rows, .curve = curve};
    TRY(find_columns(lines, error));
    TRY(group_points(lines, error));
    for (size_t l = 0; l < lines->n_lines; l++) {
        /* Room for 2^32 lines, so that a further curve moves no other's random numbers. */
        const uint64_t cell = (uint64_t)number << 32 | l;
        TRY(compute_line(lines, &lines->lines[l], ig_rows_rng(rows, IG_BLOCK_CURVES, cell), error));
    }
    return IG_OK;
}

void ig_curve_lines_clear(ig_curve_lines *lines)
{
    for (size_t l = 0; l < lines->n_lines; l++) {
        free(lines->lines[l].points);
        free(lines->lines[l].predictions);
    }
    free(lines->lines);
    free(lines->panels);
    free(lines->styles);
    free(lines->predicted);
    *lines = (ig_curve_lines){0};
}

/* The table of points. */

ig_table *ig_curve_table(const ig_curve_lines *c, const char *suffix, const char *what,
                         ig_tables *tables)
{
    char name[IG_LABEL];
    snprintf(name, sizeof name, "curve-%s%s", c->curve->name, suffix);
    return ig_tables_add(tables, name, "%s: %s", c->curve->name, what);
}

void ig_curve_put_keys(const ig_curve_lines *c, const ig_curve_line *line, ig_table *table)
{
    ig_table_text(table, "%s", c->curve->name);
    ig_table_text(table, "%s", c->panels[line->panel].text);
    ig_table_text(table, "%s", line->label);
}

void ig_curve_put_label(const ig_curve_lines *c, const ig_curve_line *line, ig_table *table)
{
    const char *panel = c->panels[line->panel].text;
    if (panel[0] || line->label[0]) {
        ig_table_text(table, "%s%s%s", panel, panel[0] && line->label[0] ? ", " : "", line->label);
    } else {
        ig_table_text(table, "all");
    }
}

void ig_curve_note_intervals(const ig_curve_lines *c, ig_table *table)
{
    const ig_bootstrap how = {c->rows->how.resamples, IG_INTERVAL_PERCENTILE};
    ig_note_intervals(table, &how, "whole seeds, the same at every x");
}

static void put_point(const ig_curve_lines *c, const ig_curve_line *line, const ig_curve_point *p,
                      ig_table *table)
{
    const ig_states states = ig_rows_states(c->rows, p->point);
    const bool least = c->curve->predicted && p->n > 0 && p->x == line->optimum.best;
    ig_curve_put_keys(c, line, table);
    ig_curve_put_label(c, line, table);
    ig_table_reals(table, 3, p->x, (double)p->point, (double)p->n);
    ig_table_counts(table, 2, states.failed, states.missing);
    ig_table_reals(table, 3, p->median, p->low, p->high);
    ig_table_text(table, "%s", least ? "least" : "");
    ig_table_real(table, p->reference);
}

/** The points for people, curves.csv and dimension `curve_point`. */
static void add_points(const ig_curve_lines *c, ig_tables *tables)
{
    const ig_table_column columns[] = {
        {.name = "curve", .long_name = "curve", .type = IG_CELL_TEXT, .stored = "curve_name"},
        {.name = "panel",
         .long_name = "values of the keys that choose the panel",
         .type = IG_CELL_TEXT},
        {.name = "line", .long_name = "values of the other keys that vary", .type = IG_CELL_TEXT},
        {.heading = "line", .type = IG_CELL_TEXT},
        {.name = "x",
         .heading = c->curve->x,
         .long_name = "value of the key on the horizontal axis",
         .show = IG_SHOW_SHORT},
        {.name = "grid_point", .long_name = "number of the grid point, from 0"},
        {.name = "n", .heading = "n", .long_name = "finished seeds", .show = IG_SHOW_SHORT},
        {.heading = "fail", .type = IG_CELL_COUNT},
        {.heading = "miss", .type = IG_CELL_COUNT},
        {.name = "median", .heading = "median", .long_name = "median over the finished seeds"},
        {.name = "median_low",
         .heading = "95 %",
         .long_name =
             "lower end, 95 % bootstrap interval of the median, seeds paired along the line",
         .show = IG_SHOW_INTERVAL},
        {.name = "median_high", .long_name = "upper end of that interval"},
        {.heading = c->curve->predicted ? "" : NULL, .type = IG_CELL_TEXT},
        {.name = "reference",
         .heading = c->curve->reference ? "reference" : NULL,
         .long_name = "median of the reference column"},
    };
    const ig_column *measured = ig_rows_column(c->rows, c->measured);
    ig_table *table = ig_curve_table(c, "", ig_rows_title(c->rows, c->curve->title), tables);
    table->file = "curves";
    table->dimension = "curve_point";
    table->prefix = "curve_";
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t l = 0; l < c->n_lines; l++) {
        for (size_t i = 0; i < c->lines[l].n_points; i++) {
            put_point(c, &c->lines[l], &c->lines[l].points[i], table);
        }
    }
    ig_table_note(table, "median: of %s, %s", measured->name, measured->long_name);
    if (c->curve->reference) {
        ig_table_note(table, "reference: %s", ig_rows_column(c->rows, c->reference)->long_name);
    }
    if (c->n_lines == 0) {
        ig_table_note(table, "No grid point belongs to it.");
    }
    ig_curve_note_intervals(c, table);
}

/* The figure: a panel each for the lines that share the panels' keys. */

enum { DASH_REFERENCE = 1, DASH_PREDICTED = 2, N_DASHES = 4 };

static int dash_of(size_t predicted)
{
    return DASH_PREDICTED + (int)(predicted % N_DASHES);
}

/** What a panel's lines look like; every kind of series for all lines, so that marks lie above
 *  lines. */
typedef struct canvas {
    const ig_curve_lines *curve;
    ig_figure *figure;
    ig_panel *panel;
} canvas;

static void draw_predictions(const canvas *v, const ig_curve_line *line)
{
    for (size_t k = 0; k < v->curve->n_predicted; k++) {
        const ig_numbers x = {.n = 1, .x = &line->predictions[k].median};
        ig_panel_copy(v->figure, v->panel, IG_SERIES_VERTICAL, x, (int)line->style, dash_of(k));
    }
}

static ig_numbers numbers_of(const ig_curve_line *line)
{
    const ig_curve_point *p = line->points;
    return (ig_numbers){line->n_points, sizeof *p, &p->x, &p->median, NULL, NULL};
}

static void draw_reference(const canvas *v, const ig_curve_line *line)
{
    ig_numbers numbers = numbers_of(line);
    numbers.y = &line->points->reference;
    if (v->curve->curve->reference) {
        ig_panel_copy(v->figure, v->panel, IG_SERIES_LINE, numbers, (int)line->style,
                      DASH_REFERENCE);
    }
}

/** Medians, as a line or as points with bars. */
static void draw_medians(const canvas *v, const ig_curve_line *line, ig_series_kind kind,
                         ig_numbers numbers)
{
    ig_figure_series *s = ig_panel_copy(v->figure, v->panel, kind, numbers, (int)line->style, 0);
    ig_series_title(v->figure, s, "%s", line->label[0] ? line->label : v->curve->curve->measured);
}

static void draw_line(const canvas *v, const ig_curve_line *line)
{
    draw_medians(v, line, IG_SERIES_LINE, numbers_of(line));
}

static void draw_points(const canvas *v, const ig_curve_line *line)
{
    ig_numbers numbers = numbers_of(line);
    numbers.low = &line->points->low;
    numbers.high = &line->points->high;
    draw_medians(v, line, IG_SERIES_POINTS, numbers);
}

static void draw_optimum(const canvas *v, const ig_curve_line *line)
{
    const ig_numbers place = {.n = 1, .x = &line->optimum.best, .y = &line->optimum.least};
    if (v->curve->curve->predicted) {
        ig_panel_copy(v->figure, v->panel, IG_SERIES_OPTIMUM, place, IG_STYLE_BLACK, 0);
    }
}

/** An entry of the key for what all lines have. */
static void explain(const canvas *v, ig_series_kind kind, int style, int dash, const char *what,
                    const char *name)
{
    const bool bars = kind == IG_SERIES_POINTS;
    ig_figure_series *s = ig_panel_series(v->figure, v->panel, kind, 0, bars, style, dash);
    ig_series_title(v->figure, s, "%s%s", what, name);
}

static void explain_all(const canvas *v)
{
    const ig_curve *curve = v->curve->curve;
    explain(v, IG_SERIES_POINTS, IG_STYLE_GREY, 0, "bars: 95 % interval of the median", "");
    if (curve->reference) {
        explain(v, IG_SERIES_LINE, IG_STYLE_GREY, DASH_REFERENCE, "",
                curve->reference_title ? curve->reference_title : curve->reference);
    }
    if (curve->predicted) {
        explain(v, IG_SERIES_OPTIMUM, IG_STYLE_BLACK, 0, "least of the line", "");
    }
    for (size_t k = 0; k < v->curve->n_predicted; k++) {
        explain(v, IG_SERIES_VERTICAL, IG_STYLE_GREY, dash_of(k),
                "predicted: ", curve->predicted[k]);
    }
}

static void draw(const ig_curve_lines *c, ig_figures *figures)
{
    static void (*const layers[])(const canvas *, const ig_curve_line *) = {
        draw_predictions, draw_reference, draw_line, draw_points, draw_optimum};
    char footer[IG_FOOTER], x[IG_LABEL], y[IG_LABEL];
    if (c->n_panels == 0) {
        return;
    }
    canvas v = {.curve = c,
                .figure =
                    ig_figures_add(figures, c->curve->name, ig_rows_title(c->rows, c->curve->title),
                                   ig_rows_footer(c->rows, footer))};
    for (size_t p = 0; p < c->n_panels; p++) {
        v.panel = ig_figure_panel(v.figure, c->panels[p].text,
                                  ig_rows_label(c->rows, c->curve->x_label, c->curve->x, x),
                                  ig_rows_label(c->rows, c->curve->y_label, c->curve->measured, y));
        v.panel->x.log = c->curve->log_x;
        v.panel->y.log = c->curve->log_y;
        for (size_t k = 0; k < sizeof layers / sizeof *layers; k++) {
            for (size_t l = 0; l < c->n_lines; l++) {
                if (c->lines[l].panel == p) {
                    layers[k](&v, &c->lines[l]);
                }
            }
        }
        explain_all(&v);
    }
}

ig_status ig_curve_analyse(const ig_rows *rows, const ig_curve *curve, size_t number,
                           ig_tables *tables, ig_figures *figures, ig_error *error)
{
    AUTO(ig_curve_lines_clear) ig_curve_lines lines = {0};
    TRY(ig_curve_compute(rows, curve, number, &lines, error));
    add_points(&lines, tables);
    if (curve->predicted) {
        ig_optima_tables(&lines, tables);
    }
    draw(&lines, figures);
    return IG_OK;
}
