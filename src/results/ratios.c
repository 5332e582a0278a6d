/** Ratios that theory bounds by 1: every finished row is checked, groups of rows are described. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "results/analyses.h"

enum { VIOLATIONS_LISTED = 10 };

/** Smallest ratio that a logarithmic axis shows, six decades below the bound: a few rows whose
 *  ratio is all but 0 would otherwise push the others together. They enter from the edge. */
static const double smallest_shown = 1e-6;

/** Rows that are described together. */
typedef struct group {
    char label[IG_LABEL]; /**< "lqg", "tanh dims.state=8", or the pool's name */
    const ig_pool *pool;  /**< or NULL */
    bool pooled;          /**< rows of this group stand in others as well */
    bool must_attain;     /**< theory says the ratio is 1 */
    size_t *tasks;        /**< finished tasks in grid order, n of them; owned */
    size_t n;
    size_t failed, missing; /**< tasks that would belong here */
    size_t holds, attains;  /**< rows that are at most 1; at least 1, up to the slack */
    ig_spread spread;
    ig_estimate median;
    double published_median, published_maximum; /**< of the pool; NaN without */
    ig_spread beside[IG_RATIO_BESIDE];
} group;

/** One ratio with its groups. */
typedef struct analysis {
    const ig_rows *rows;
    const ig_ratio *ratio;
    size_t column, checked; /**< indices of columns: the ratio; what must be at most 1 */
    size_t beside[IG_RATIO_BESIDE], n_beside;
    group *groups; /**< in grid order, then pools; owned */
    size_t n_groups;
    size_t n, holds;                                    /**< finished rows, each counted once */
    size_t must_attain, attains;                        /**< of those for which theory says 1 */
    size_t violations[VIOLATIONS_LISTED], n_violations; /**< first tasks that break a claim */
    double *values; /**< scratch: one number of every task; owned */
} analysis;

static void analysis_clear(analysis *a)
{
    for (size_t i = 0; i < a->n_groups; i++) {
        free(a->groups[i].tasks);
    }
    free(a->groups);
    free(a->values);
}

bool ig_ratio_holds(const ig_ratio *ratio, double value)
{
    return value <= 1 + ratio->slack;
}

bool ig_ratio_attains(const ig_ratio *ratio, double value)
{
    return value >= 1 - ratio->slack;
}

bool ig_ratio_must_attain(const ig_ratio *ratio, const char *first_value)
{
    return ig_is_listed(ratio->attained, first_value);
}

/** Text of the ratio's first key at a grid point. */
static const char *first_value(const analysis *a, size_t point)
{
    const size_t key = ig_config_key(a->rows->config, a->ratio->by[0]);
    return ig_value_text(ig_grid_value(a->rows->grid, point, key));
}

/** "lqg" or "tanh dims.state=8". */
static void label_point(const analysis *a, size_t point, char label[IG_LABEL])
{
    size_t used = 0;
    for (size_t i = 0; a->ratio->by[i] && used < IG_LABEL; i++) {
        const size_t key = ig_config_key(a->rows->config, a->ratio->by[i]);
        const char *text = ig_value_text(ig_grid_value(a->rows->grid, point, key));
        int n = snprintf(label + used, IG_LABEL - used, "%s%s%s%s", i ? " " : "",
                         i ? a->ratio->by[i] : "", i ? "=" : "", text);
        used += n > 0 ? (size_t)n : 0;
    }
}

static group *find_group(const analysis *a, const char *label)
{
    for (size_t i = 0; i < a->n_groups; i++) {
        if (strcmp(a->groups[i].label, label) == 0) {
            return &a->groups[i];
        }
    }
    return NULL;
}

static ig_status add_group(analysis *a, const char *label, group **added, ig_error *error)
{
    TRY(IG_GROW(a->groups, a->n_groups + 1, error));
    *added = &a->groups[a->n_groups++];
    **added = (group){0};
    snprintf((*added)->label, IG_LABEL, "%s", label);
    return IG_OK;
}

/** A pool of this single value, which then stands for the group of that value. */
static const ig_pool *single_pool(const ig_ratio *ratio, const char *value)
{
    for (size_t i = 0; !ratio->by[1] && i < ratio->n_pools; i++) {
        const char *const *values = ratio->pools[i].values;
        if (values[0] && !values[1] && strcmp(values[0], value) == 0) {
            return &ratio->pools[i];
        }
    }
    return NULL;
}

/** Append the finished tasks of a grid point. */
static ig_status take_point(const ig_rows *rows, size_t point, group *g, ig_error *error)
{
    const ig_states states = ig_rows_states(rows, point);
    TRY(IG_GROW(g->tasks, g->n + rows->n_seeds, error));
    for (size_t t = point * rows->n_seeds; t < (point + 1) * rows->n_seeds; t++) {
        if (rows->state[t] == IG_STATE_DONE) {
            g->tasks[g->n++] = t;
        }
    }
    g->failed += states.failed;
    g->missing += states.missing;
    return IG_OK;
}

static ig_status group_points(analysis *a, ig_error *error)
{
    for (size_t p = 0; p < a->rows->n_points; p++) {
        const char *value = first_value(a, p);
        char label[IG_LABEL];
        if (a->ratio->only && !ig_is_listed(a->ratio->only, value)) {
            continue;
        }
        label_point(a, p, label);
        group *g = find_group(a, label);
        if (!g) {
            TRY(add_group(a, label, &g, error));
            g->pool = single_pool(a->ratio, value);
            g->must_attain = ig_ratio_must_attain(a->ratio, value);
        }
        TRY(take_point(a->rows, p, g, error));
    }
    return IG_OK;
}

/** Unions of groups; one that the grid has nothing of is left out. */
static ig_status group_pools(analysis *a, ig_error *error)
{
    for (size_t i = 0; i < a->ratio->n_pools; i++) {
        const ig_pool *pool = &a->ratio->pools[i];
        group *g = NULL;
        if (pool->values[0] && single_pool(a->ratio, pool->values[0]) == pool) {
            continue;
        }
        for (size_t p = 0; p < a->rows->n_points; p++) {
            if (!ig_is_listed(pool->values, first_value(a, p))) {
                continue;
            }
            if (!g) {
                TRY(add_group(a, pool->name, &g, error));
                g->pool = pool;
                g->pooled = true;
            }
            TRY(take_point(a->rows, p, g, error));
        }
    }
    return IG_OK;
}

/** Check every row of a group. A NaN can be no row's value, but would not hold. */
static void check(analysis *a, group *g)
{
    for (size_t i = 0; i < g->n; i++) {
        const double value = ig_rows_value(a->rows, a->checked, g->tasks[i]);
        const bool holds = ig_ratio_holds(a->ratio, value);
        const bool attains = ig_ratio_attains(a->ratio, value);
        g->holds += holds;
        g->attains += attains;
        if (!g->pooled && (!holds || (g->must_attain && !attains)) &&
            a->n_violations < VIOLATIONS_LISTED) {
            a->violations[a->n_violations++] = g->tasks[i];
        }
    }
    if (!g->pooled) {
        a->n += g->n;
        a->holds += g->holds;
        a->must_attain += g->must_attain ? g->n : 0;
        a->attains += g->must_attain ? g->attains : 0;
    }
}

/** Describe a column over a group's rows, whose sorted values a->values holds afterwards. */
static ig_spread spread_of(const analysis *a, const group *g, size_t column)
{
    for (size_t i = 0; i < g->n; i++) {
        a->values[i] = ig_rows_value(a->rows, column, g->tasks[i]);
    }
    return ig_spread_of(a->values, g->n);
}

static ig_status describe(const analysis *a, group *g, size_t cell, ig_error *error)
{
    ig_statistics s;
    g->published_median = ig_rows_annotation(a->rows, g->pool ? g->pool->published_median : NULL);
    g->published_maximum = ig_rows_annotation(a->rows, g->pool ? g->pool->published_maximum : NULL);
    for (size_t b = 0; b < a->n_beside; b++) {
        g->beside[b] = spread_of(a, g, a->beside[b]);
    }
    g->spread = spread_of(a, g, a->column);
    TRY(ig_rows_describe(a->rows, IG_BLOCK_RATIOS, cell, a->values, g->n, &s, error));
    g->median = s.median;
    return IG_OK;
}

static ig_status find_columns(analysis *a, ig_error *error)
{
    const ig_ratio *ratio = a->ratio;
    const char *checked = ratio->checked ? ratio->checked : ratio->column;
    TRY(ig_rows_find_column(a->rows, ratio->column, "a ratio", &a->column, error));
    TRY(ig_rows_find_column(a->rows, checked, "a ratio", &a->checked, error));
    for (; ratio->beside && ratio->beside[a->n_beside]; a->n_beside++) {
        if (a->n_beside == IG_RATIO_BESIDE) {
            return ig_error_set(error, IG_ERR_USAGE, "more than %d columns beside %s",
                                IG_RATIO_BESIDE, ratio->column);
        }
        TRY(ig_rows_find_column(a->rows, ratio->beside[a->n_beside], "a ratio",
                                &a->beside[a->n_beside], error));
    }
    return IG_OK;
}

static const ig_table_column group_columns[] = {IG_HEADING("group", IG_CELL_TEXT),
                                                IG_HEADING("n", IG_CELL_COUNT)};

/** "ratio-NAME-SUFFIX". */
static ig_table *start(const analysis *a, const char *suffix, const char *what, ig_tables *tables)
{
    const ig_column *c = ig_rows_column(a->rows, a->column);
    char name[IG_LABEL];
    snprintf(name, sizeof name, "ratio-%s%s", c->name, suffix);
    ig_table *table = what ? ig_tables_add(tables, name, "%s: %s", c->name, what)
                           : ig_tables_add(tables, name, "%s: %s%s%s", c->name, c->long_name,
                                           c->equation ? "; " : "", c->equation ? c->equation : "");
    return table;
}

static void note_violations(const analysis *a, ig_table *table)
{
    const ig_rows *rows = a->rows;
    for (size_t i = 0; i < a->n_violations; i++) {
        const size_t task = a->violations[i];
        char label[IG_LABEL];
        ig_grid_label(rows->grid, task / rows->n_seeds, label, sizeof label);
        ig_table_note(table, "  %s = %.17g at %s seed=%llu", rows->columns[a->checked],
                      ig_rows_value(rows, a->checked, task), label,
                      (unsigned long long)ig_config_seed(rows->config, task % rows->n_seeds));
    }
}

/** In plain words whether the claims hold. */
static void note_verdict(const analysis *a, ig_table *table)
{
    const char *name = a->rows->columns[a->checked];
    if (a->n == 0) {
        return;
    }
    if (a->holds == a->n) {
        ig_table_note(table, "%s <= 1 holds on %zu of %zu rows (rounding may add %.0e).", name,
                      a->holds, a->n, a->ratio->slack);
    } else {
        ig_table_note(table, "%s <= 1 is VIOLATED on %zu of %zu rows (rounding may add %.0e).",
                      name, a->n - a->holds, a->n, a->ratio->slack);
    }
    if (a->must_attain > 0) {
        const bool attains = a->attains == a->must_attain;
        ig_table_note(table, "%s = 1, where theory says so, %s on %zu of %zu rows (to %.0e).", name,
                      attains ? "holds" : "is MISSED",
                      attains ? a->attains : a->must_attain - a->attains, a->must_attain,
                      a->ratio->slack);
    }
    note_violations(a, table);
}

static void add_checks(const analysis *a, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        IG_HEADING("fail", IG_CELL_COUNT),
        IG_HEADING("miss", IG_CELL_COUNT),
        IG_HEADING("<= 1", IG_CELL_COUNT),
        {.heading = "median"},
        IG_INTERVAL_HEADING("95 %"),
        {.heading = "published"},
        {.heading = "ours/pub.", .show = IG_SHOW_QUOTIENT},
    };
    ig_table *table = start(a, "", NULL, tables);
    ig_table_columns(table, group_columns, 2);
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < a->n_groups; i++) {
        const group *g = &a->groups[i];
        ig_table_text(table, "%s", g->label);
        ig_table_counts(table, 4, g->n, g->failed, g->missing, g->holds);
        ig_put_estimate(&g->median, table);
        ig_table_reals(table, 2, g->published_median, g->median.value / g->published_median);
    }
    note_verdict(a, table);
    ig_note_intervals(table, &a->rows->how, "the rows");
    ig_table_note(
        table,
        "n: finished rows; published: its median; ours/pub.: our number over the published.");
}

/** A table that is a part of ratios.csv and of dimension `claim`. */
static ig_table *start_spreads(const analysis *a, const char *suffix, const char *what,
                               ig_tables *tables)
{
    static const ig_table_column columns[] = {
        IG_WORDS("column", "column described"),
        {"group", "group", "rows described", .type = IG_CELL_TEXT},
        {"n", "n", "finished rows", "1", .type = IG_CELL_COUNT},
        IG_COUNT("failed", "failed rows"),
        IG_COUNT("missing", "missing rows"),
        IG_REAL("at_most_one", "rows on which the ratio is at most 1"),
        IG_REAL("attained", "rows on which the ratio is 1, where theory says so"),
        {"minimum", "minimum", "smallest value", "1", .show = IG_SHOW_PLAIN},
        {"q1", "quartile", "first quartile", "1", .show = IG_SHOW_PLAIN},
        {"median", "median", "median", "1", .show = IG_SHOW_PLAIN},
        {"q3", "quartile", "third quartile", "1", .show = IG_SHOW_PLAIN},
        /* How near to 1 the largest comes is the point. */
        {"maximum", "maximum", "largest value", "1", .show = IG_SHOW_LONG},
        IG_REAL("published_median", "published median"),
        {"published_maximum", "published", "published maximum", "1", .show = IG_SHOW_PLAIN},
        {.heading = "ours/pub.", .show = IG_SHOW_QUOTIENT},
        IG_REAL("median_low", "lower end, 95 % bootstrap interval of the median"),
        IG_REAL("median_high", "upper end, 95 % bootstrap interval of the median"),
    };
    ig_table *table = start(a, suffix, what, tables);
    table->file = "ratios";
    table->dimension = "claim";
    table->prefix = "claim_";
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    return table;
}

/** The groups of the ratio, or of a column beside it, which is not checked. */
static void put_spreads(const analysis *a, size_t beside, ig_table *table)
{
    const bool is_ratio = beside == a->n_beside;
    const double nan = (double)NAN;
    for (size_t i = 0; i < a->n_groups; i++) {
        const group *g = &a->groups[i];
        const ig_spread *s = is_ratio ? &g->spread : &g->beside[beside];
        const double published = is_ratio ? g->published_maximum : nan;
        ig_table_text(table, "%s", is_ratio ? a->ratio->column : a->ratio->beside[beside]);
        ig_table_text(table, "%s", g->label);
        ig_table_counts(table, 3, g->n, g->failed, g->missing);
        ig_table_real(table, is_ratio ? (double)g->holds : nan);
        ig_table_real(table, is_ratio && g->must_attain ? (double)g->attains : nan);
        ig_table_reals(table, 5, s->minimum, s->q1, s->median, s->q3, s->maximum);
        ig_table_reals(table, 3, is_ratio ? g->published_median : nan, published,
                       s->maximum / published);
        ig_put_interval(is_ratio ? &g->median : &ig_no_estimate, table);
    }
}

/** The ratio for people and files, the columns beside it for files. */
static void add_spreads(const analysis *a, ig_tables *tables)
{
    ig_table *table = start_spreads(a, "-spread", "quartiles and extremes", tables);
    put_spreads(a, a->n_beside, table);
    ig_table_note(table, "published: its maximum; ours/pub.: our number over the published.");
    table = start_spreads(a, "-beside-spread", "what stands beside it", tables);
    table->hidden = true;
    for (size_t b = 0; b < a->n_beside; b++) {
        put_spreads(a, b, table);
    }
}

/** What is left of a zero after rounding is shown as zero; the files have every digit. */
static double shown(double number)
{
    return fabs(number) < 1e-12 ? 0 : number;
}

/** Columns reported beside the ratio, with two digits, so that four of them fit on a line. */
static void add_beside(const analysis *a, ig_tables *tables)
{
    if (a->n_beside == 0) {
        return;
    }
    ig_table *table = start(a, "-beside", "what stands beside it, median [quartiles]", tables);
    ig_table_columns(table, group_columns, 2);
    for (size_t b = 0; b < a->n_beside; b++) {
        const ig_table_column column = {.heading = a->ratio->beside[b], .type = IG_CELL_TEXT};
        ig_table_columns(table, &column, 1);
    }
    for (size_t i = 0; i < a->n_groups; i++) {
        const group *g = &a->groups[i];
        ig_table_text(table, "%s", g->label);
        ig_table_count(table, g->n);
        for (size_t b = 0; b < a->n_beside; b++) {
            const ig_spread *s = &g->beside[b];
            if (g->n > 0) {
                ig_table_text(table, "%.2g [%.2g, %.2g]", shown(s->median), shown(s->q1),
                              shown(s->q3));
            } else {
                ig_table_text(table, "-");
            }
        }
    }
    for (size_t b = 0; b < a->n_beside; b++) {
        const ig_column *c = ig_rows_column(a->rows, a->beside[b]);
        ig_table_note(table, "%s: %s%s%s", c->name, c->long_name, c->equation ? ", " : "",
                      c->equation ? c->equation : "");
    }
}

/** Without pools that ask for it, every group has its curve. */
static bool is_drawn(const analysis *a, const group *g)
{
    bool chosen = false;
    for (size_t i = 0; i < a->ratio->n_pools; i++) {
        chosen = chosen || a->ratio->pools[i].drawn;
    }
    return g->n > 0 && (a->ratio->against || !chosen ? !g->pooled : g->pool && g->pool->drawn);
}

/** " (published 0.034)", or nothing; returns `text`. */
static const char *published(double number, char text[64])
{
    text[0] = '\0';
    if (isfinite(number)) {
        snprintf(text, 64, " (published %.4g)", number);
    }
    return text;
}

static const char bound_title[] = "ratio 1: the bound is used up";

/** The share of rows up to each ratio (ECDF) of a group, from the axis' low end to beyond the
 * other. */
static void draw_steps(const analysis *a, const group *g, int style, ig_panel *panel)
{
    /* The bound has the first pattern, and dots are too faint for stairs. */
    static const int dashes[] = {0, 2, 4, 5};
    char median[64], maximum[64];
    const ig_spread spread = spread_of(a, g, a->column);
    ig_figure_series *s =
        ig_panel_series(panel, IG_SERIES_STEPS, g->n + 2, false, style, dashes[style % 4]);
    for (size_t i = 1; i + 1 < s->n; i++) {
        s->x[i] = a->values[i - 1];
        s->y[i] = (double)i / (double)g->n;
    }
    if (s->n > 0) {
        s->x[0] = panel->x.low;
        s->x[s->n - 1] = 10 * fmax(1, spread.maximum);
        s->y[s->n - 1] = 1;
    }
    ig_series_title(panel, s, "%s: %zu rows, median %.3g%s, largest %.4g%s", g->label, g->n,
                    spread.median, published(g->published_median, median), spread.maximum,
                    published(g->published_maximum, maximum));
}

/** The ratio 1, and the published medians. */
static void draw_marks(const analysis *a, ig_panel *panel)
{
    static const double one = 1, half = 0.5;
    int style = 0;
    bool any = false;
    ig_figure_series *s =
        ig_panel_copy(panel, IG_SERIES_VERTICAL, (ig_numbers){.n = 1, .x = &one}, IG_STYLE_GREY, 1);
    ig_series_title(panel, s, "%s", bound_title);
    for (size_t i = 0; i < a->n_groups; i++) {
        const group *g = &a->groups[i];
        if (is_drawn(a, g)) {
            const bool has = isfinite(g->published_median);
            const ig_numbers median = {.n = has, .x = &g->published_median, .y = &half};
            ig_panel_copy(panel, IG_SERIES_DIAMOND, median, style++, 0);
            any = any || has;
        }
    }
    if (any) {
        ig_panel_explain(panel, IG_SERIES_DIAMOND, IG_STYLE_GREY, 0, "published medians");
    }
}

/** Shares of rows on a logarithmic axis, where small ratios show, and a linear one, which shows how
 *  near to 1 the large ones come. */
static void draw_shares(const analysis *a, ig_figure *figure)
{
    double low = 1, high = 1;
    for (size_t i = 0; i < a->n_groups; i++) {
        if (is_drawn(a, &a->groups[i])) {
            low = fmin(low, fmax(a->groups[i].spread.minimum, smallest_shown));
            high = fmax(high, a->groups[i].spread.maximum);
        }
    }
    const ig_ratio *r = a->ratio;
    const char *share = r->y_label ? r->y_label : "share of the rows";
    for (int linear = 0; linear < 2; linear++) {
        ig_panel *panel = ig_rows_panel(a->rows, figure, "", r->x_label, r->column,
                                        linear ? "" : share, r->column);
        int style = 0;
        panel->x.log = !linear;
        panel->x.low = linear ? 0 : low;
        panel->x.high = linear ? 1.05 * high : 1.6 * high;
        panel->y.low = 0;
        panel->y.high = 1.02;
        for (size_t i = 0; i < a->n_groups; i++) {
            if (is_drawn(a, &a->groups[i])) {
                draw_steps(a, &a->groups[i], style++, panel);
            }
        }
        draw_marks(a, panel);
    }
}

/** The ratios of a group at one value of the axis. */
typedef struct place {
    double x;
    ig_spread spread;
} place;

/** A ratio with its place on the axis. */
typedef struct placed {
    double x, value;
} placed;

static int by_place(const void *a, const void *b)
{
    const placed *p = a, *q = b;
    return (p->x > q->x) - (p->x < q->x);
}

/** Describe the rows of a group at every value of the axis, in ascending order. */
static ig_status find_places(const analysis *a, const group *g, place *places, size_t *n_places,
                             ig_error *error)
{
    const size_t key = ig_config_key(a->rows->config, a->ratio->against);
    AUTO_FREE placed *all = NULL;
    TRY(IG_ALLOC(all, g->n, error));
    for (size_t i = 0; i < g->n; i++) {
        const size_t point = g->tasks[i] / a->rows->n_seeds;
        all[i] = (placed){ig_grid_value(a->rows->grid, point, key)->real,
                          ig_rows_value(a->rows, a->column, g->tasks[i])};
    }
    qsort(all, g->n, sizeof *all, by_place);
    *n_places = 0;
    for (size_t begin = 0, end; begin < g->n; begin = end) {
        size_t n = 0;
        for (end = begin; end < g->n && all[end].x == all[begin].x; end++) {
            a->values[n++] = all[end].value;
        }
        places[(*n_places)++] = (place){all[begin].x, ig_spread_of(a->values, n)};
    }
    return IG_OK;
}

static void draw_places(const group *g, const place *p, size_t n, int style, ig_panel *panel)
{
    const ig_numbers quartiles = {n, sizeof *p, &p->x, NULL, &p->spread.q1, &p->spread.q3};
    const ig_numbers medians = {n, sizeof *p, &p->x, &p->spread.median, NULL, NULL};
    const ig_numbers maxima = {n, sizeof *p, &p->x, &p->spread.maximum, NULL, NULL};
    ig_panel_copy(panel, IG_SERIES_BAND, quartiles, style, 0);
    ig_panel_copy(panel, IG_SERIES_LINE, medians, style, 0);
    ig_figure_series *s = ig_panel_copy(panel, IG_SERIES_POINTS, maxima, style, 0);
    ig_series_title(panel, s, "%s: %zu rows, largest %.4g", g->label, g->n, g->spread.maximum);
}

/** Quartiles, medians and maxima against the axis. */
static ig_status draw_against(const analysis *a, ig_figure *figure, ig_error *error)
{
    AUTO_FREE place *places = NULL;
    TRY(IG_ALLOC(places, a->rows->n_tasks, error));
    const ig_ratio *r = a->ratio;
    ig_panel *panel =
        ig_rows_panel(a->rows, figure, "", r->x_label, r->against, r->y_label, r->column);
    static const double one = 1;
    double low = 1, high = 1;
    int style = 0;
    for (size_t i = 0; i < a->n_groups; i++) {
        size_t n = 0;
        if (!is_drawn(a, &a->groups[i])) {
            continue;
        }
        TRY(find_places(a, &a->groups[i], places, &n, error));
        draw_places(&a->groups[i], places, n, style++, panel);
        for (size_t k = 0; k < n; k++) {
            low = fmin(low, fmax(places[k].spread.q1, smallest_shown));
            high = fmax(high, places[k].spread.maximum);
        }
    }
    panel->y.log = true;
    ig_axis_range(&panel->y, low, high);
    ig_figure_series *s =
        ig_panel_copy(panel, IG_SERIES_LEVEL, (ig_numbers){.n = 1, .y = &one}, IG_STYLE_GREY, 1);
    ig_series_title(panel, s, "%s", bound_title);
    ig_panel_explain(panel, IG_SERIES_LINE, IG_STYLE_GREY, 0,
                     "lines: medians; shading: quartiles; points: maxima");
    return IG_OK;
}

static ig_status draw(const analysis *a, ig_figures *figures, ig_error *error)
{
    if (!a->ratio->figure || a->n == 0) {
        return IG_OK;
    }
    ig_figure *figure = ig_rows_figure(a->rows, a->ratio->figure, a->ratio->figure_title, figures);
    if (a->ratio->against) {
        return draw_against(a, figure, error);
    }
    draw_shares(a, figure);
    return IG_OK;
}

ig_status ig_ratio_analyse(const ig_rows *rows, const ig_ratio *ratio, size_t *cell,
                           ig_tables *tables, ig_figures *figures, ig_error *error)
{
    AUTO(analysis_clear) analysis a = {.rows = rows, .ratio = ratio};
    TRY(IG_ALLOC(a.values, rows->n_tasks, error));
    TRY(find_columns(&a, error));
    TRY(group_points(&a, error));
    TRY(group_pools(&a, error));
    for (size_t i = 0; i < a.n_groups; i++) {
        check(&a, &a.groups[i]);
        TRY(describe(&a, &a.groups[i], (*cell)++, error));
    }
    add_checks(&a, tables);
    add_spreads(&a, tables);
    add_beside(&a, tables);
    return draw(&a, figures, error);
}
