/** Predicted against realized ratios: residuals l = ln(predicted / realized) by groups of rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/try.h"
#include "results/analyses.h"

/** A group of rows and what it shows; NaN where there are too few rows. */
typedef struct group {
    const ig_agreement_group *about;
    double *predicted, *realized; /**< of the n rows; owned */
    size_t n;                     /**< finished rows, those left out not counted */
    size_t excluded;              /**< finished rows left out */
    size_t failed, missing;       /**< tasks that would belong here */
    ig_estimate median;           /**< of l */
    ig_estimate median_size;      /**< of |l|, from the same resamples of the rows */
    double largest;               /**< of |l| */
    double spearman;              /**< rank correlation of predicted and realized; needs 3 rows */
    size_t above;                 /**< rows with l > 0 */
    double p; /**< one-sided sign test: chance of that many or more above by a fair coin */
    double published_median, published_p;
} group;

typedef struct analysis {
    const ig_rows *rows;
    const ig_agreement *about;
    size_t predicted, realized, residual, excluded; /**< indices of columns */
    group *groups;                                  /**< as many as `about` has; owned */
} analysis;

static void analysis_clear(analysis *a)
{
    for (size_t i = 0; a->groups && i < a->about->n_groups; i++) {
        free(a->groups[i].predicted);
        free(a->groups[i].realized);
    }
    free(a->groups);
}

/** Text of a key at a task's grid point. */
static const char *text_at(const ig_rows *rows, const char *path, size_t task)
{
    const size_t key = ig_config_key(rows->config, path);
    return ig_value_text(ig_grid_value(rows->grid, task / rows->n_seeds, key));
}

static bool belongs(const analysis *a, const ig_agreement_group *about, size_t task)
{
    return strcmp(text_at(a->rows, a->about->by[1], task), about->second) == 0 &&
           ig_is_listed(about->first, text_at(a->rows, a->about->by[0], task));
}

/** Collect the group's rows; l[] gets their residuals. */
static ig_status gather(const analysis *a, group *g, double *l, ig_error *error)
{
    const ig_rows *rows = a->rows;
    TRY(IG_ALLOC(g->predicted, rows->n_tasks, error));
    TRY(IG_ALLOC(g->realized, rows->n_tasks, error));
    for (size_t task = 0; task < rows->n_tasks; task++) {
        if (!belongs(a, g->about, task)) {
            continue;
        }
        if (rows->state[task] != IG_STATE_DONE) {
            g->failed += rows->state[task] == IG_STATE_FAILED;
            g->missing += rows->state[task] == IG_STATE_EMPTY;
            continue;
        }
        if (ig_rows_value(rows, a->excluded, task) != 0) {
            g->excluded++;
            continue;
        }
        l[g->n] = ig_rows_value(rows, a->residual, task);
        g->predicted[g->n] = ig_rows_value(rows, a->predicted, task);
        g->realized[g->n] = ig_rows_value(rows, a->realized, task);
        g->n++;
    }
    return IG_OK;
}

/** Chance that at least `above` of n fair coins show heads; ties are no evidence and not counted.
 */
static double sign_test(size_t above, size_t n)
{
    return above == 0 ? 1 : gsl_cdf_binomial_Q((unsigned)above - 1, 0.5, (unsigned)n);
}

static ig_status describe(const analysis *a, size_t number, ig_error *error)
{
    const ig_rows *rows = a->rows;
    group *g = &a->groups[number];
    size_t different = 0;
    ig_statistics of_l, of_size;
    AUTO_FREE double *block = NULL;
    TRY(IG_ALLOC(block, 4 * rows->n_tasks, error));
    double *l = block, *size = l + rows->n_tasks, *ranks = size + rows->n_tasks;
    *g = (group){.about = &a->about->groups[number],
                 .largest = (double)NAN,
                 .spearman = (double)NAN,
                 .p = (double)NAN};
    g->published_median = ig_rows_annotation(rows, g->about->published_median);
    g->published_p = ig_rows_annotation(rows, g->about->published_p);
    TRY(gather(a, g, l, error));
    for (size_t i = 0; i < g->n; i++) {
        size[i] = fabs(l[i]);
        g->above += l[i] > 0;
        different += l[i] != 0;
    }
    if (g->n > 2) {
        g->spearman = gsl_stats_spearman(g->predicted, 1, g->realized, 1, g->n, ranks);
    }
    if (g->n > 0) {
        g->largest = ig_spread_of(size, g->n).maximum;
        g->p = sign_test(g->above, different);
    }
    /* The same draws serve both medians. */
    TRY(ig_rows_describe(rows, IG_BLOCK_AGREEMENT, number, l, g->n, &of_l, error));
    TRY(ig_rows_describe(rows, IG_BLOCK_AGREEMENT, number, size, g->n, &of_size, error));
    g->median = of_l.median;
    g->median_size = of_size.median;
    return IG_OK;
}

static void add_sizes(const analysis *a, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        IG_HEADING("group", IG_CELL_TEXT),
        IG_HEADING("n", IG_CELL_COUNT),
        IG_HEADING("fail", IG_CELL_COUNT),
        IG_HEADING("miss", IG_CELL_COUNT),
        IG_HEADING("at end", IG_CELL_COUNT),
        {.heading = "median |l|"},
        IG_INTERVAL_HEADING("95 %"),
        {.heading = "published"},
        {.heading = "ours/pub.", .show = IG_SHOW_QUOTIENT},
        {.heading = "max |l|"},
        {.heading = "Spearman"},
    };
    ig_table *table = ig_tables_add(tables, "agreement", "Residuals l = ln(%s / %s)",
                                    a->about->predicted, a->about->realized);
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < a->about->n_groups; i++) {
        const group *g = &a->groups[i];
        ig_table_text(table, "%s", g->about->name);
        ig_table_counts(table, 4, g->n, g->failed, g->missing, g->excluded);
        ig_put_estimate(&g->median_size, table);
        ig_table_reals(table, 4, g->published_median, g->median_size.value / g->published_median,
                       g->largest, g->spearman);
    }
    ig_table_note(table, "at end: rows left out because the best lies at an end of the search; "
                         "ours/pub.: our number over the published.");
}

static void add_signs(const analysis *a, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        IG_HEADING("group", IG_CELL_TEXT), IG_HEADING("n", IG_CELL_COUNT),
        {.heading = "median l"},           IG_INTERVAL_HEADING("95 %"),
        IG_HEADING("above", IG_CELL_TEXT), {.heading = "p"},
        {.heading = "published p"},
    };
    ig_table *table = ig_tables_add(tables, "agreement-signs", "Signs of the residuals l");
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < a->about->n_groups; i++) {
        const group *g = &a->groups[i];
        ig_table_text(table, "%s", g->about->name);
        ig_table_count(table, g->n);
        ig_put_estimate(&g->median, table);
        ig_table_text(table, "%zu/%zu", g->above, g->n);
        ig_table_reals(table, 2, g->p, g->published_p);
    }
    ig_note_intervals(table, &a->rows->how, "the rows");
    ig_table_note(table, "above: rows with l > 0; p: one-sided sign test of that.");
}

/** agreement.csv and dimension `agreement`. */
static void add_records(const analysis *a, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {.name = "group",
         .stored = "agreement_group",
         .long_name = "rows taken together",
         .type = IG_CELL_TEXT},
        IG_COUNT("rows", "finished rows of the group"),
        IG_COUNT("excluded", "rows left out: the best lies at an end of the search"),
        IG_COUNT("above", "rows whose prediction lies above"),
        IG_COUNT("rows_failed", "failed tasks of the group"),
        IG_COUNT("rows_missing", "missing tasks of the group"),
        IG_REAL("residual_median", "median of l = ln(predicted / realized)"),
        IG_REAL("residual_median_size", "median of |l|"),
        IG_REAL("residual_largest", "largest |l|"),
        IG_REAL("spearman", "Spearman rank correlation of predicted and realized ratio"),
        IG_REAL("sign_p", "one-sided p of the sign test of l > 0"),
        IG_REAL("published_residual_median", "published median of |l|"),
        IG_REAL("published_sign_p", "published p of the sign test"),
        IG_REAL("residual_median_low", "lower end, 95 % bootstrap interval of the median of l"),
        IG_REAL("residual_median_high", "upper end, 95 % bootstrap interval of the median of l"),
        IG_REAL("residual_median_size_low",
                "lower end, 95 % bootstrap interval of the median of |l|"),
        IG_REAL("residual_median_size_high",
                "upper end, 95 % bootstrap interval of the median of |l|"),
    };
    ig_table *table = ig_tables_add(tables, "agreement-records", "Agreement");
    table->file = "agreement";
    table->dimension = "agreement";
    table->hidden = true;
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < a->about->n_groups; i++) {
        const group *g = &a->groups[i];
        ig_table_text(table, "%s", g->about->name);
        ig_table_counts(table, 5, g->n, g->excluded, g->above, g->failed, g->missing);
        ig_table_reals(table, 7, g->median.value, g->median_size.value, g->largest, g->spearman,
                       g->p, g->published_median, g->published_p);
        ig_put_interval(&g->median, table);
        ig_put_interval(&g->median_size, table);
    }
}

static bool is_drawn_in(const group *g, const char *figure)
{
    return g->about->figure && strcmp(g->about->figure, figure) == 0;
}

/** Log-log scatter of the groups that name a figure, both axes alike. */
static void draw(const analysis *a, const char *name, ig_figures *figures)
{
    ig_figure *figure = ig_rows_figure(a->rows, name, a->about->figure_title, figures);
    ig_panel *panel = ig_rows_panel(a->rows, figure, "", a->about->x_label, a->about->realized,
                                    a->about->y_label, a->about->predicted);
    int style = 0;
    figure->square = panel->x.log = panel->y.log = true;
    for (size_t i = 0; i < a->about->n_groups; i++) {
        const group *g = &a->groups[i];
        if (!is_drawn_in(g, name)) {
            continue;
        }
        const ig_numbers numbers = {g->n, sizeof(double), g->realized, g->predicted, NULL, NULL};
        ig_figure_series *s = ig_panel_copy(panel, IG_SERIES_POINTS, numbers, style++, 0);
        ig_series_title(panel, s, "%s: n = %zu, median |l| = %.3g", g->about->name, g->n,
                        g->median_size.value);
    }
    ig_panel_explain(panel, IG_SERIES_DIAGONAL, IG_STYLE_GREY, 1, "prediction and reality agree");
}

static void draw_all(const analysis *a, ig_figures *figures)
{
    for (size_t i = 0; i < a->about->n_groups; i++) {
        const char *name = a->about->groups[i].figure;
        size_t first = 0;
        while (name && !is_drawn_in(&a->groups[first], name)) {
            first++;
        }
        if (name && first == i) {
            draw(a, name, figures);
        }
    }
}

ig_status ig_agreement_analyse(const ig_rows *rows, const ig_agreement *agreement,
                               ig_tables *tables, ig_figures *figures, ig_error *error)
{
    static const char wanted_by[] = "the agreement";
    AUTO(analysis_clear) analysis a = {.rows = rows, .about = agreement};
    TRY(ig_rows_find_column(rows, agreement->predicted, wanted_by, &a.predicted, error));
    TRY(ig_rows_find_column(rows, agreement->realized, wanted_by, &a.realized, error));
    TRY(ig_rows_find_column(rows, agreement->residual, wanted_by, &a.residual, error));
    TRY(ig_rows_find_column(rows, agreement->excluded, wanted_by, &a.excluded, error));
    TRY(IG_ALLOC(a.groups, agreement->n_groups, error));
    for (size_t i = 0; i < agreement->n_groups; i++) {
        TRY(describe(&a, i, error));
    }
    add_sizes(&a, tables);
    add_signs(&a, tables);
    add_records(&a, tables);
    draw_all(&a, figures);
    return IG_OK;
}
