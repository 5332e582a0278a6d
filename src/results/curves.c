/** Curves: which grid points belong to a line, their medians when whole seeds are resampled, table
 *  and figure. Optima and predictions are in optima.c. */
#include "results/analyses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "base/try.h"

/* Grouping: from grid points to lines and panels. */

/** A grid point with its place. */
typedef struct place {
    size_t point, line;
    double x;
} place;

/** Grid points of a curve. Owned. */
typedef struct grouping {
    const ig_rows *rows;
    ig_curve_lines *lines;
    bool *panel, *line, *both; /**< of every key: tells panels, lines of one, or either apart */
    size_t *points;            /**< n grid points, ascending */
    size_t *group;             /**< n: number of each point's line; scratch */
    place *places;             /**< n: the points by line, then by x */
    size_t n, n_lines;
} grouping;

static void grouping_clear(grouping *g)
{
    free(g->panel);
    free(g->line);
    free(g->both);
    free(g->points);
    free(g->group);
    free(g->places);
}

static ig_status grouping_init(grouping *g, ig_error *error)
{
    const size_t n_keys = g->rows->experiment->schema.n_keys, n_points = g->rows->n_points;
    TRY(IG_ALLOC(g->panel, n_keys, error));
    TRY(IG_ALLOC(g->line, n_keys, error));
    TRY(IG_ALLOC(g->both, n_keys, error));
    TRY(IG_ALLOC(g->points, n_points, error));
    TRY(IG_ALLOC(g->group, n_points, error));
    return IG_ALLOC(g->places, n_points, error);
}

static const char *text_at(const grouping *g, size_t point, size_t key)
{
    return ig_value_text(ig_grid_value(g->rows->grid, point, key));
}

static int by_line_and_x(const void *a, const void *b)
{
    const place *p = a, *q = b;
    if (p->line != q->line) {
        return p->line < q->line ? -1 : 1;
    }
    const int order = (p->x > q->x) - (p->x < q->x);
    return order ? order : (p->point > q->point) - (p->point < q->point);
}

static bool is_listed(const grouping *g, const char *const *paths, size_t key)
{
    return ig_is_listed(paths, g->rows->experiment->schema.keys[key].path);
}

static bool varies(const grouping *g, size_t key)
{
    for (size_t i = 1; i < g->n; i++) {
        if (strcmp(text_at(g, g->points[i], key), text_at(g, g->points[0], key)) != 0) {
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
    const size_t x = g->lines->x;
    for (size_t key = 0; key < g->rows->experiment->schema.n_keys; key++) {
        g->both[key] = key != x && varies(g, key);
        g->panel[key] = g->both[key] && is_listed(g, curve->panels, key);
        g->line[key] = g->both[key] && !g->panel[key] &&
                       (is_listed(g, curve->lines, key) || extent == EXTENT_WITH_X ||
                        (extent == EXTENT_OTHERS && !ig_key_advances_with(config, key, x)));
        g->both[key] = g->panel[key] || g->line[key];
    }
}

/** Sort the points into lines; `*twice`: a line has several points at one x. */
static ig_status place_points(grouping *g, bool *twice, ig_error *error)
{
    ig_curve_lines *c = g->lines;
    TRY(ig_rows_group(g->rows, g->both, g->points, g->n, g->group, &g->n_lines, error));
    for (size_t i = 0; i < g->n; i++) {
        const double x = ig_grid_value(g->rows->grid, g->points[i], c->x)->real;
        g->places[i] = (place){g->points[i], g->group[i], x};
    }
    qsort(g->places, g->n, sizeof *g->places, by_line_and_x);
    *twice = false;
    for (size_t i = 1; i < g->n; i++) {
        const place *p = &g->places[i - 1], *q = &g->places[i];
        *twice = *twice || (p->line == q->line && p->x == q->x);
    }
    return IG_OK;
}

static ig_status find_lines(grouping *g, ig_error *error)
{
    const ig_curve *curve = g->lines->curve;
    bool twice = true;
    for (size_t p = 0; p < g->rows->n_points; p++) {
        if (!curve->only_key ||
            strcmp(text_at(g, p, ig_config_key(g->rows->config, curve->only_key)),
                   curve->only_value) == 0) {
            g->points[g->n++] = p;
        }
    }
    for (int extent = EXTENT_LISTED; twice && extent <= EXTENT_WITH_X; extent++) {
        assign_roles(g, (enum extent)extent);
        TRY(place_points(g, &twice, error));
    }
    return IG_OK;
}

/** Give the lines their points, by ascending x. */
static ig_status fill_lines(const grouping *g, ig_error *error)
{
    ig_curve_lines *c = g->lines;
    TRY(IG_ALLOC(c->lines, g->n_lines, error));
    c->n_lines = g->n_lines;
    for (size_t i = 0; i < g->n; i++) {
        const place *p = &g->places[i];
        ig_curve_line *line = &c->lines[p->line];
        const size_t k = line->n_points;
        TRY(IG_GROW(line->points, k + 1, error));
        line->points[k] = (ig_curve_point){.point = p->point, .x = p->x};
        line->first = k == 0 || p->point < line->first ? p->point : line->first;
        line->n_points++;
    }
    return IG_OK;
}

static int by_panel(const void *a, const void *b)
{
    const ig_curve_line *p = a, *q = b;
    if (p->panel != q->panel) {
        return p->panel < q->panel ? -1 : 1;
    }
    return (p->first > q->first) - (p->first < q->first);
}

/** Give every line its panel and style; both lists are in the order of the grid, as the lines are
 *  before they are put panel by panel. */
static ig_status arrange(const grouping *g, ig_error *error)
{
    ig_curve_lines *c = g->lines;
    AUTO_FREE size_t *block = NULL;
    TRY(IG_ALLOC(block, 3 * c->n_lines, error));
    TRY(IG_ALLOC(c->panels, c->n_lines, error));
    TRY(IG_ALLOC(c->styles, c->n_lines, error));
    size_t *first = block, *panel = first + c->n_lines, *style = panel + c->n_lines;
    for (size_t i = 0; i < c->n_lines; i++) {
        first[i] = c->lines[i].first;
    }
    TRY(ig_rows_group(g->rows, g->panel, first, c->n_lines, panel, &c->n_panels, error));
    TRY(ig_rows_group(g->rows, g->line, first, c->n_lines, style, &c->n_styles, error));
    for (size_t i = 0; i < c->n_lines; i++) {
        ig_curve_line *line = &c->lines[i];
        line->panel = panel[i];
        line->style = style[i];
        ig_keys_label(g->rows->grid, g->panel, c->curve->panels, line->first,
                      c->panels[line->panel].text);
        ig_keys_label(g->rows->grid, g->line, c->curve->lines, line->first, line->label);
        strcpy(c->styles[line->style].text, line->label);
    }
    qsort(c->lines, c->n_lines, sizeof *c->lines, by_panel);
    return IG_OK;
}

static ig_status group_points(ig_curve_lines *lines, ig_error *error)
{
    AUTO(grouping_clear) grouping g = {.rows = lines->rows, .lines = lines};
    TRY(grouping_init(&g, error));
    TRY(find_lines(&g, error));
    TRY(fill_lines(&g, error));
    return arrange(&g, error);
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
        p->median = ig_no_estimate;
        p->median.value = s->median.value;
        p->reference = c->reference < rows->n_columns
                           ? ig_rows_statistics(rows, c->reference, p->point)->median.value
                           : (double)NAN;
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
            ig_interval_95(here, n, &p->median.low, &p->median.high);
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
    const bool least = c->curve->predicted && p->n > 0 && p->x == line->optimum.best.value;
    ig_curve_put_keys(c, line, table);
    ig_curve_put_label(c, line, table);
    ig_table_reals(table, 3, p->x, (double)p->point, (double)p->n);
    ig_table_counts(table, 2, states.failed, states.missing);
    ig_put_estimate(&p->median, table);
    ig_table_text(table, "%s", least ? "least" : "");
    ig_table_real(table, p->reference);
}

/** The points for people, curves.csv and dimension `curve_point`. */
static void add_points(const ig_curve_lines *c, ig_tables *tables)
{
    const ig_table_column columns[] = {
        {.name = "curve", .long_name = "curve", .type = IG_CELL_TEXT, .stored = "curve_name"},
        IG_WORDS("panel", "values of the keys that choose the panel"),
        IG_WORDS("line", "values of the other keys that vary"),
        IG_HEADING("line", IG_CELL_TEXT),
        {.name = "x",
         .heading = c->curve->x,
         .long_name = "value of the key on the horizontal axis",
         .show = IG_SHOW_SHORT},
        {.name = "grid_point", .long_name = "number of the grid point, from 0"},
        {.name = "n", .heading = "n", .long_name = "finished seeds", .show = IG_SHOW_SHORT},
        IG_HEADING("fail", IG_CELL_COUNT),
        IG_HEADING("miss", IG_CELL_COUNT),
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

/** A line through something of its points. */
static ig_numbers numbers_of(const ig_curve_line *line, const double *y)
{
    return (ig_numbers){line->n_points, sizeof *line->points, &line->points->x, y, NULL, NULL};
}

/** What a panel's lines look like; every kind of series for all lines, so that marks lie above
 *  lines. */
enum layer {
    LAYER_PREDICTIONS,
    LAYER_REFERENCE,
    LAYER_LINE,
    LAYER_POINTS,
    LAYER_OPTIMUM,
    N_LAYERS
};

static void draw_medians(const ig_curve_lines *c, const ig_curve_line *line, bool bars,
                         ig_panel *panel)
{
    ig_numbers numbers = numbers_of(line, &line->points->median.value);
    if (bars) {
        numbers.low = &line->points->median.low;
        numbers.high = &line->points->median.high;
    }
    ig_figure_series *s = ig_panel_copy(panel, bars ? IG_SERIES_POINTS : IG_SERIES_LINE, numbers,
                                        (int)line->style, 0);
    ig_series_title(panel, s, "%s", line->label[0] ? line->label : c->curve->measured);
}

static void draw_layer(const ig_curve_lines *c, const ig_curve_line *line, int layer,
                       ig_panel *panel)
{
    const ig_optimum *o = &line->optimum;
    const ig_numbers optimum = {.n = 1, .x = &o->best.value, .y = &o->least.value};
    for (size_t k = 0; layer == LAYER_PREDICTIONS && k < c->n_predicted; k++) {
        const ig_numbers x = {.n = 1, .x = &line->predictions[k].median};
        ig_panel_copy(panel, IG_SERIES_VERTICAL, x, (int)line->style, dash_of(k));
    }
    if (layer == LAYER_REFERENCE && c->curve->reference) {
        ig_panel_copy(panel, IG_SERIES_LINE, numbers_of(line, &line->points->reference),
                      (int)line->style, DASH_REFERENCE);
    } else if (layer == LAYER_LINE || layer == LAYER_POINTS) {
        draw_medians(c, line, layer == LAYER_POINTS, panel);
    } else if (layer == LAYER_OPTIMUM && c->curve->predicted) {
        ig_panel_copy(panel, IG_SERIES_OPTIMUM, optimum, IG_STYLE_BLACK, 0);
    }
}

/** Entries of the key for what all lines have. */
static void explain(const ig_curve_lines *c, ig_panel *panel)
{
    const ig_curve *curve = c->curve;
    ig_panel_explain(panel, IG_SERIES_POINTS, IG_STYLE_GREY, 0,
                     "bars: 95 %% interval of the median");
    if (curve->reference) {
        ig_panel_explain(panel, IG_SERIES_LINE, IG_STYLE_GREY, DASH_REFERENCE, "%s",
                         curve->reference_title ? curve->reference_title : curve->reference);
    }
    if (curve->predicted) {
        ig_panel_explain(panel, IG_SERIES_OPTIMUM, IG_STYLE_BLACK, 0, "least of the line");
    }
    for (size_t k = 0; curve->predicted && k < c->n_predicted; k++) {
        ig_panel_explain(panel, IG_SERIES_VERTICAL, IG_STYLE_GREY, dash_of(k), "predicted: %s",
                         curve->predicted[k]);
    }
}

static void draw(const ig_curve_lines *c, ig_figures *figures)
{
    const ig_curve *curve = c->curve;
    if (c->n_panels == 0) {
        return;
    }
    ig_figure *figure = ig_rows_figure(c->rows, curve->name, curve->title, figures);
    for (size_t p = 0; p < c->n_panels; p++) {
        ig_panel *panel = ig_rows_panel(c->rows, figure, c->panels[p].text, curve->x_label,
                                        curve->x, curve->y_label, curve->measured);
        panel->x.log = curve->log_x;
        panel->y.log = curve->log_y;
        for (int layer = 0; layer < N_LAYERS; layer++) {
            for (size_t l = 0; l < c->n_lines; l++) {
                if (c->lines[l].panel == p) {
                    draw_layer(c, &c->lines[l], layer, panel);
                }
            }
        }
        explain(c, panel);
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
