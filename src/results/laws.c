/** Power laws of the experiment's columns, their tables and figure. */
#include "results/analyses.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "base/try.h"

static ig_estimate published_of(const ig_rows *rows, const ig_fit *fit)
{
    ig_estimate published = ig_no_estimate;
    published.value = ig_rows_annotation(rows, fit->published);
    if (fit->published_interval) {
        size_t key = ig_config_key(rows->config, fit->published_interval);
        const ig_value *value = ig_config_value(rows->config, key, 0);
        published.low = value->interval[0];
        published.high = value->interval[1];
    }
    return published;
}

static ig_status take_point(const ig_rows *rows, size_t point, ig_law *law, ig_error *error)
{
    const ig_states states = ig_rows_states(rows, point);
    TRY(IG_GROW(law->points, law->n_points + 1, error));
    law->points[law->n_points++] = point;
    law->n += states.done;
    law->failed += states.failed;
    law->missing += states.missing;
    return IG_OK;
}

/** Append the laws of a fit, one for each combination of the other axes. */
static ig_status group_points(const ig_rows *rows, const ig_fit *fit, ig_laws *laws,
                              ig_error *error)
{
    const size_t n = rows->n_points, axis = ig_config_key(rows->config, fit->axis);
    size_t column, n_groups;
    AUTO_FREE size_t *points = NULL, *group = NULL;
    AUTO_FREE bool *apart = NULL;
    TRY(ig_rows_find_column(rows, fit->column, "a fit", &column, error));
    TRY(IG_ALLOC(points, n, error));
    TRY(IG_ALLOC(group, n, error));
    TRY(IG_ALLOC(apart, rows->experiment->schema.n_keys, error));
    TRY(ig_keys_apart(rows->config, axis, apart, error));
    for (size_t p = 0; p < n; p++) {
        points[p] = p;
    }
    TRY(ig_rows_group(rows, apart, points, n, group, &n_groups, error));
    TRY(IG_GROW(laws->laws, laws->n + n_groups, error));
    ig_law *first = &laws->laws[laws->n];
    for (size_t i = 0; i < n_groups; i++) {
        first[i] = (ig_law){.fit = fit,
                            .column = column,
                            .axis = axis,
                            .law = ig_no_power_law,
                            .whole = ig_no_power_law,
                            .published = published_of(rows, fit)};
        laws->n++;
    }
    for (size_t p = 0; p < n; p++) {
        TRY(take_point(rows, p, &first[group[p]], error));
    }
    for (size_t i = 0; i < n_groups && first[i].points; i++) {
        ig_keys_label(rows->grid, apart, NULL, first[i].points[0], first[i].label);
    }
    return IG_OK;
}

static size_t n_done(const ig_rows *rows, size_t point)
{
    return ig_rows_states(rows, point).done;
}

/** Which seeds are finished at every grid point of the law that has results; returns how many. */
static size_t find_whole_seeds(const ig_rows *rows, const ig_law *law, bool *whole)
{
    size_t n = 0;
    memset(whole, true, rows->n_seeds);
    for (size_t i = 0; i < law->n_points; i++) {
        const int8_t *state = rows->state + law->points[i] * rows->n_seeds;
        const size_t n_seeds = n_done(rows, law->points[i]) > 0 ? rows->n_seeds : 0;
        for (size_t s = 0; s < n_seeds; s++) {
            whole[s] = whole[s] && state[s] == IG_STATE_DONE;
        }
    }
    for (size_t s = 0; s < rows->n_seeds; s++) {
        n += whole[s];
    }
    return n;
}

/** Results of the law's grid points that have any: of all finished seeds, or of those that `only`
 *  says. The anchors may have no measurements then. */
static ig_status gather(const ig_rows *rows, const ig_law *law, const bool *only, ig_anchors *a,
                        ig_error *error)
{
    size_t used = 0;
    TRY(ig_anchors_init(law->n_points, law->n_points * rows->n_seeds, a, error));
    a->n = 0;
    for (size_t i = 0; i < law->n_points; i++) {
        const size_t p = law->points[i], first = used;
        if (n_done(rows, p) == 0) {
            continue;
        }
        for (size_t seed = 0; seed < rows->n_seeds; seed++) {
            const size_t task = p * rows->n_seeds + seed;
            if (only ? only[seed] : rows->state[task] == IG_STATE_DONE) {
                a->y[used++] = ig_rows_value(rows, law->column, task);
            }
        }
        a->x[a->n] = ig_grid_value(rows->grid, p, law->axis)->real;
        a->mean[a->n] = gsl_stats_mean(a->y + first, 1, used - first);
        a->first[++a->n] = used;
    }
    return IG_OK;
}

/** Fit the anchors; where no power law does, `why` says why, and `law` is as it was. */
static ig_status try_fit(const ig_rows *rows, const ig_anchors *a, ig_redraws redraws, ig_rng rng,
                         ig_power_law *law, ig_law_draws *draws, ig_error *why, ig_error *error)
{
    ig_power_law fitted;
    ig_status status = ig_power_law_fit(a, redraws, &rows->how, &rng, &fitted, draws, why);
    if (status && status != IG_ERR_NUMERIC) {
        return ig_error_set(error, status, "%s", why->text);
    }
    if (!status && !isfinite(fitted.amplitude.se)) {
        status = ig_error_set(why, IG_ERR_NUMERIC, "the fit overflows (exponent %g)",
                              fitted.exponent.value);
    }
    if (!status) {
        *law = fitted;
    }
    return IG_OK;
}

/** The second interval: whole seeds resampled. Too few of them leave the numbers NaN; the table
 *  shows how many there are. */
static ig_status fit_whole_seeds(const ig_rows *rows, size_t number, ig_law *law, ig_error *error)
{
    AUTO(ig_anchors_clear) ig_anchors a = {0};
    AUTO_FREE bool *whole = NULL;
    ig_error why = {0};
    TRY(IG_ALLOC(whole, rows->n_seeds, error));
    law->n_whole = find_whole_seeds(rows, law, whole);
    if (law->n_whole < 2) {
        return IG_OK;
    }
    TRY(gather(rows, law, whole, &a, error));
    return try_fit(rows, &a, IG_REDRAW_WHOLE_SEEDS, ig_rows_rng(rows, IG_BLOCK_WHOLE_SEEDS, number),
                   &law->whole, NULL, &why, error);
}

/** x positions of the line, evenly spaced on the log axis between the outermost anchors. */
static void place_band(const ig_anchors *a, double *x)
{
    double low = (double)INFINITY, high = 0;
    for (size_t i = 0; i < a->n; i++) {
        low = fmin(low, a->x[i]);
        high = fmax(high, a->x[i]);
    }
    for (size_t i = 0; i < IG_LAW_BAND; i++) {
        double t = (double)i / (IG_LAW_BAND - 1);
        x[i] = low * pow(high / low, t);
    }
}

static ig_status fit_law(const ig_rows *rows, size_t number, ig_law *law, ig_error *error)
{
    AUTO(ig_anchors_clear) ig_anchors a = {0};
    AUTO(ig_law_draws_clear) ig_law_draws draws = {0};
    ig_error why = {0};
    TRY(gather(rows, law, NULL, &a, error));
    law->law.n_anchors = a.n;
    TRY(try_fit(rows, &a, IG_REDRAW_SEEDS,
                ig_rows_rng(rows, IG_BLOCK_STATISTICS, rows->n_columns * rows->n_points + number),
                &law->law, &draws, &why, error));
    law->fitted = !why.text[0];
    if (!law->fitted) {
        snprintf(law->reason, sizeof law->reason, "%.*s", IG_LAW_REASON - 1, why.text);
        return IG_OK;
    }
    for (size_t i = 0; i < a.n; i++) {
        law->single += a.first[i + 1] - a.first[i] == 1;
    }
    place_band(&a, law->x);
    TRY(ig_law_draws_band(&draws, law->x, IG_LAW_BAND, law->low, law->high, error));
    return ig_config_common_random_numbers(rows->config) ? fit_whole_seeds(rows, number, law, error)
                                                         : IG_OK;
}

ig_status ig_laws_fit(const ig_rows *rows, const ig_fits *spec, ig_laws *laws, ig_error *error)
{
    AUTO(ig_laws_clear) ig_laws made = {0};
    for (size_t i = 0; i < spec->n_fits; i++) {
        TRY(group_points(rows, &spec->fits[i], &made, error));
    }
    for (size_t i = 0; i < made.n; i++) {
        TRY(fit_law(rows, i, &made.laws[i], error));
    }
    *laws = made;
    made = (ig_laws){0};
    return IG_OK;
}

void ig_laws_clear(ig_laws *laws)
{
    for (size_t i = 0; i < laws->n; i++) {
        free(laws->laws[i].points);
    }
    free(laws->laws);
    *laws = (ig_laws){0};
}

/** Tables for people with a line for each law. */
typedef struct view {
    const ig_rows *rows;
    const ig_laws *laws;
    bool grouped; /**< laws differ by their groups */
    bool whole;   /**< grid points share random numbers: there are intervals of whole seeds */
} view;

/** Columns up to the fitted number's intervals; `interval` shows them. */
static void put_columns(const view *v, ig_table *table, const char *name, ig_show number,
                        ig_show interval)
{
    const ig_table_column names[] = {IG_HEADING(name, IG_CELL_TEXT),
                                     IG_HEADING("column", IG_CELL_TEXT)};
    static const ig_table_column group = IG_HEADING("group", IG_CELL_TEXT);
    static const ig_table_column states[] = {IG_HEADING("n", IG_CELL_COUNT),
                                             IG_HEADING("fail", IG_CELL_COUNT),
                                             IG_HEADING("miss", IG_CELL_COUNT)};
    const ig_table_column numbers[] = {{.heading = "value", .show = number},
                                       {.heading = "SE", .show = number},
                                       {.heading = "95 % stratified", .show = interval},
                                       {0}},
                          whole[] = {{.heading = "95 % whole seeds", .show = interval}, {0}};
    ig_table_columns(table, names, 2);
    ig_table_columns(table, &group, v->grouped);
    ig_table_columns(table, states, 3);
    ig_table_columns(table, numbers, 4);
    ig_table_columns(table, whole, v->whole ? 2 : 0);
}

static void put_fitted(const ig_estimate *e, ig_table *table)
{
    ig_table_reals(table, 4, e->value, e->se, e->low, e->high);
}

/** Cells of these columns. */
static void put_cells(const view *v, const ig_law *law, const char *name, const ig_estimate *fitted,
                      const ig_estimate *whole, ig_table *table)
{
    ig_table_text(table, "%s", name);
    ig_table_text(table, "%s", law->fit->column);
    if (v->grouped) {
        ig_table_text(table, "%s", law->label);
    }
    ig_table_counts(table, 3, law->n, law->failed, law->missing);
    put_fitted(fitted, table);
    if (v->whole) {
        ig_put_interval(whole, table);
    }
}

/** In plain words how a fit compares with the published figure. */
static void note_verdict(const ig_law *law, ig_table *table)
{
    const ig_estimate *published = &law->published;
    const double value = published->value;
    const double low = law->law.exponent.low, high = law->law.exponent.high;
    const char *comma = law->label[0] ? ", " : "", *overlap = "";
    if (!law->fitted) {
        ig_table_note(table, "%s%s%s: no fit: %s", law->fit->exponent, comma, law->label,
                      law->reason);
        return;
    }
    if (isnan(value)) {
        return;
    }
    if (!isnan(published->low)) {
        overlap = low <= published->high && published->low <= high
                      ? "; the two intervals overlap"
                      : "; the two intervals do not overlap";
    }
    if (value >= low && value <= high) {
        ig_table_note(table,
                      "%s%s%s: the published %.4g lies inside our stratified 95 %% interval%s.",
                      law->fit->exponent, comma, law->label, value, overlap);
    } else {
        ig_table_note(table,
                      "%s%s%s: the published %.4g lies outside our stratified 95 %% interval, by "
                      "%.2g%s.",
                      law->fit->exponent, comma, law->label, value,
                      value < low ? low - value : value - high, overlap);
    }
}

/** What a reader of the interval should know. */
static void note_caveats(const ig_law *law, ig_table *table)
{
    if (law->single) {
        ig_table_note(table,
                      "Note: %s rests on %zu axis values with one seed only; its interval cannot "
                      "see their spread.",
                      law->fit->exponent, law->single);
    }
    if (law->fitted && law->law.n_anchors < law->n_points) {
        ig_table_note(table, "Note: %s rests on %zu of %zu axis values, the rest has no results.",
                      law->fit->exponent, law->law.n_anchors, law->n_points);
    }
}

static void add_exponents(const view *v, ig_tables *tables)
{
    static const ig_table_column published[] = {{.heading = "published", .show = IG_SHOW_ESTIMATE},
                                                {0},
                                                {0},
                                                {.heading = "ours/pub.", .show = IG_SHOW_QUOTIENT}};
    const ig_laws *laws = v->laws;
    ig_table *table = ig_tables_add(
        tables, "fits", "Power laws, column = amplitude * (%s)^-exponent", laws->laws[0].fit->axis);
    put_columns(v, table, "exponent", IG_SHOW_FIXED, IG_SHOW_FIXED_INTERVAL);
    ig_table_columns(table, published, 4);
    for (size_t i = 0; i < laws->n; i++) {
        const ig_law *l = &laws->laws[i];
        put_cells(v, l, l->fit->exponent, &l->law.exponent, &l->whole.exponent, table);
        ig_put_estimate(&l->published, table);
        ig_table_real(table, l->law.exponent.value / l->published.value);
    }
    for (size_t i = 0; i < laws->n; i++) {
        note_verdict(&laws->laws[i], table);
    }
    for (size_t i = 0; i < laws->n; i++) {
        note_caveats(&laws->laws[i], table);
    }
    ig_table_note(table, "n: finished tasks of the fit; ours/pub.: our number over the published.");
}

static void note_intervals(const view *v, ig_table *table)
{
    size_t min = SIZE_MAX, max = 0;
    char seeds[64];
    ig_note_intervals(table, &v->rows->how, "the seeds");
    if (!v->whole) {
        return;
    }
    for (size_t i = 0; i < v->laws->n; i++) {
        const size_t n = v->laws->laws[i].n_whole;
        min = n < min ? n : min;
        max = n > max ? n : max;
    }
    if (min == max) {
        snprintf(seeds, sizeof seeds, "%zu", min);
    } else {
        snprintf(seeds, sizeof seeds, "%zu to %zu", min, max);
    }
    ig_table_note(table,
                  "stratified: seeds are resampled within each axis value by itself; whole seeds: "
                  "a seed is taken with all its axis values, which share its random numbers (%s "
                  "seeds are finished at all of them).",
                  seeds);
}

static void add_amplitudes(const view *v, ig_tables *tables)
{
    static const ig_table_column r2 = {.heading = "R2", .show = IG_SHOW_FIXED};
    ig_table *table = ig_tables_add(tables, "amplitudes", "Amplitudes of the power laws");
    put_columns(v, table, "amplitude", IG_SHOW_PLAIN, IG_SHOW_INTERVAL);
    ig_table_columns(table, &r2, 1);
    for (size_t i = 0; i < v->laws->n; i++) {
        const ig_law *l = &v->laws->laws[i];
        put_cells(v, l, l->fit->amplitude, &l->law.amplitude, &l->whole.amplitude, table);
        ig_table_real(table, l->law.r2);
    }
    note_intervals(v, table);
}

/** A number of the fitted law in files. */
#define LAW(name_, long_name_)                                                                     \
    {                                                                                              \
        .name = (name_), .long_name = (long_name_), .units = "1",                                  \
        .equation = "column = amplitude * axis^-exponent; Eq. 3"                                   \
    }
/** What is known of a fitted number: NAME_se, NAME_low, NAME_high. */
#define LAW_SPREAD(name_, what_, how_)                                                             \
    LAW(name_ "_se", "bootstrap standard error of the " what_ how_),                               \
        LAW(name_ "_low", "lower end, 95 % bootstrap interval of the " what_ how_),                \
        LAW(name_ "_high", "upper end, 95 % bootstrap interval of the " what_ how_)
/** Columns whose names say too little in summary.h5. */
#define STORED(name_, stored_, long_name_)                                                         \
    {                                                                                              \
        .name = (name_), .long_name = (long_name_), .type = IG_CELL_TEXT, .stored = (stored_)      \
    }
#define STORED_COUNT(name_, stored_, long_name_)                                                   \
    {                                                                                              \
        .name = (name_), .long_name = (long_name_), .units = "1", .type = IG_CELL_COUNT,           \
        .stored = (stored_)                                                                        \
    }
static const ig_table_column file_columns[] = {
    IG_TEXT("exponent_name", "name of the exponent"),
    IG_TEXT("amplitude_name", "name of the amplitude"),
    STORED("column", "fit_column", "fitted result column"),
    STORED("axis", "fit_axis", "key on the horizontal axis"),
    STORED("group", "fit_group", "values of the other axes that vary"),
    STORED(NULL, "fit_problem", "why no power law could be fitted; empty where one was"),
    LAW("exponent", "exponent of the fitted power law"),
    LAW_SPREAD("exponent", "exponent", ""),
    LAW("amplitude", "amplitude of the fitted power law"),
    LAW_SPREAD("amplitude", "amplitude", ""),
    LAW("r2", "share of the variance of ln(mean) that the line explains"),
    IG_COUNT("n_anchors", "axis values with finished seeds"),
    IG_REAL("published", "published exponent"),
    IG_REAL("published_low", "lower end of the published 95 % interval of the exponent"),
    IG_REAL("published_high", "upper end of the published 95 % interval of the exponent"),
    STORED_COUNT("n", "fit_n", "finished tasks of the fit"),
    STORED_COUNT("failed", "fit_failed", "failed tasks of the fit"),
    STORED_COUNT("missing", "fit_missing", "missing tasks of the fit"),
    IG_COUNT("n_whole_seeds", "seeds that are finished at every axis value with results"),
    LAW_SPREAD("whole_exponent", "exponent", ", whole seeds resampled"),
    LAW_SPREAD("whole_amplitude", "amplitude", ", whole seeds resampled"),
};

/** Every number, for files. */
static void add_numbers(const ig_laws *laws, ig_tables *tables)
{
    ig_table *table = ig_tables_add(tables, "laws", "Power laws");
    table->file = "fits";
    table->dimension = "fit";
    table->hidden = true;
    ig_table_columns(table, file_columns, sizeof file_columns / sizeof *file_columns);
    for (size_t i = 0; i < laws->n; i++) {
        const ig_law *l = &laws->laws[i];
        const ig_power_law *p = &l->law, *w = &l->whole;
        const char *const texts[] = {l->fit->exponent, l->fit->amplitude, l->fit->column,
                                     l->fit->axis,     l->label,          l->reason};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            ig_table_text(table, "%s", texts[k]);
        }
        put_fitted(&p->exponent, table);
        put_fitted(&p->amplitude, table);
        ig_table_real(table, p->r2);
        ig_table_count(table, p->n_anchors);
        ig_put_estimate(&l->published, table);
        ig_table_counts(table, 4, l->n, l->failed, l->missing, l->n_whole);
        ig_table_reals(table, 6, w->exponent.se, w->exponent.low, w->exponent.high, w->amplitude.se,
                       w->amplitude.low, w->amplitude.high);
    }
}

static const ig_table_column point_columns[] = {
    IG_COUNT("fit", "number of the fit, from 0"),
    IG_REAL("x", "value of the key on the horizontal axis"),
    IG_COUNT("n", "finished seeds"),
    {.name = "mean", .long_name = "mean of the fitted column over the finished seeds"},
    {.name = "sem", .long_name = "its standard error"},
};

/** What each law was fitted to, so that a plan needs nothing but the summary. */
static void add_points(const ig_rows *rows, const ig_laws *laws, ig_tables *tables)
{
    ig_table *table = ig_tables_add(tables, "law-points", "Points of the power laws");
    table->dimension = "fit_point";
    table->group = "fit_points";
    table->hidden = true;
    ig_table_columns(table, point_columns, sizeof point_columns / sizeof *point_columns);
    for (size_t i = 0; i < laws->n; i++) {
        const ig_law *l = &laws->laws[i];
        for (size_t k = 0; k < l->n_points; k++) {
            const ig_statistics *s = ig_rows_statistics(rows, l->column, l->points[k]);
            if (s->n == 0) {
                continue;
            }
            ig_table_count(table, i);
            ig_table_real(table, ig_grid_value(rows->grid, l->points[k], l->axis)->real);
            ig_table_count(table, s->n);
            ig_table_reals(table, 2, s->mean.value, s->mean.se);
        }
    }
}

/** The Greek letter a name spells out, or the name. */
static const char *symbol(const char *name)
{
    static const char *const letters[][2] = {
        {"alpha", "α"}, {"beta", "β"},  {"gamma", "γ"},  {"delta", "δ"}, {"eta", "η"},
        {"theta", "θ"}, {"kappa", "κ"}, {"lambda", "λ"}, {"mu", "μ"},    {"nu", "ν"},
    };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (strcmp(name, letters[i][0]) == 0) {
            return letters[i][1];
        }
    }
    return name;
}

/** "dynamics_mse: α = 0.110 [0.099, 0.121], published 0.11 [0.09, 0.13]". */
static void name_points(ig_panel *panel, ig_figure_series *points, const ig_law *l)
{
    char fitted[128] = "no fit", published[128] = "", interval[64] = "";
    if (l->fitted) {
        snprintf(fitted, sizeof fitted, "%s = %.3f [%.3f, %.3f]", symbol(l->fit->exponent),
                 l->law.exponent.value, l->law.exponent.low, l->law.exponent.high);
    }
    if (!isnan(l->published.low)) {
        snprintf(interval, sizeof interval, " [%.4g, %.4g]", l->published.low, l->published.high);
    }
    if (!isnan(l->published.value)) {
        snprintf(published, sizeof published, ", published %.4g%s", l->published.value, interval);
    }
    ig_series_title(panel, points, "%s%s%s: %s%s", l->fit->column, l->label[0] ? " " : "", l->label,
                    fitted, published);
}

/** Means with their standard errors. */
static void draw_points(const ig_rows *rows, const ig_law *l, int style, ig_panel *panel)
{
    ig_figure_series *s = ig_panel_series(panel, IG_SERIES_POINTS, l->n_points, true, style, 0);
    for (size_t i = 0; i < s->n; i++) {
        const ig_statistics *here = ig_rows_statistics(rows, l->column, l->points[i]);
        const double bar = here->n > 1 ? here->mean.se : 0;
        s->x[i] = ig_grid_value(rows->grid, l->points[i], l->axis)->real;
        s->y[i] = here->mean.value;
        s->low[i] = here->mean.value - bar;
        s->high[i] = here->mean.value + bar;
    }
    name_points(panel, s, l);
}

static void draw_band(const ig_law *l, int style, ig_panel *panel)
{
    const ig_numbers band = {IG_LAW_BAND, sizeof *l->x, l->x, NULL, l->low, l->high};
    ig_panel_copy(panel, IG_SERIES_BAND, band, style, 0);
}

static void draw_line(const ig_law *l, double amplitude, double exponent, int style, int dash,
                      ig_panel *panel)
{
    ig_figure_series *s = ig_panel_series(panel, IG_SERIES_LINE, IG_LAW_BAND, false, style, dash);
    for (size_t k = 0; k < s->n; k++) {
        s->x[k] = l->x[k];
        s->y[k] = ig_power_law_at(amplitude, exponent, l->x[k]);
    }
}

/** The amplitude with which the published line starts at the mean of the smallest x. */
static double published_amplitude(const ig_rows *rows, const ig_law *l)
{
    double x0 = (double)INFINITY, y0 = (double)NAN;
    for (size_t i = 0; i < l->n_points; i++) {
        const ig_statistics *here = ig_rows_statistics(rows, l->column, l->points[i]);
        const double x = ig_grid_value(rows->grid, l->points[i], l->axis)->real;
        if (here->n > 0 && x < x0) {
            x0 = x;
            y0 = here->mean.value;
        }
    }
    return y0 / ig_power_law_at(1, l->published.value, x0);
}

static void draw_laws(const ig_rows *rows, const ig_fits *spec, const ig_laws *laws,
                      ig_figures *figures)
{
    bool published = false;
    ig_panel *panel =
        ig_rows_panel(rows, ig_rows_figure(rows, spec->figure, spec->figure_title, figures), "",
                      spec->x_label, spec->fits[0].axis, spec->y_label, spec->fits[0].column);
    panel->x.log = panel->y.log = true;
    /* What hides least lies lowest. */
    for (size_t i = 0; i < laws->n; i++) {
        if (laws->laws[i].fitted) {
            draw_band(&laws->laws[i], (int)i, panel);
        }
    }
    for (size_t i = 0; i < laws->n; i++) {
        const ig_law *l = &laws->laws[i];
        const double theirs = l->published.value;
        published = published || !isnan(theirs);
        if (l->fitted && !isnan(theirs)) {
            draw_line(l, published_amplitude(rows, l), theirs, (int)i, 1, panel);
        }
        if (l->fitted) {
            draw_line(l, l->law.amplitude.value, l->law.exponent.value, (int)i, 0, panel);
        }
    }
    for (size_t i = 0; i < laws->n; i++) {
        draw_points(rows, &laws->laws[i], (int)i, panel);
    }
    ig_panel_explain(panel, IG_SERIES_BAND, IG_STYLE_GREY, 0,
                     "bars: SEM; shading: 95 %% bootstrap band of the fitted line");
    if (published) {
        ig_panel_explain(panel, IG_SERIES_LINE, IG_STYLE_GREY, 1,
                         "published exponents, drawn through the first points");
    }
}

ig_status ig_laws_analyse(const ig_rows *rows, const ig_fits *spec, ig_tables *tables,
                          ig_figures *figures, ig_error *error)
{
    AUTO(ig_laws_clear) ig_laws laws = {0};
    TRY(ig_laws_fit(rows, spec, &laws, error));
    if (laws.n == 0) {
        return IG_OK;
    }
    view v = {.rows = rows, .laws = &laws, .whole = ig_config_common_random_numbers(rows->config)};
    for (size_t i = 0; i < laws.n; i++) {
        v.grouped = v.grouped || laws.laws[i].label[0];
    }
    add_exponents(&v, tables);
    add_amplitudes(&v, tables);
    add_numbers(&laws, tables);
    add_points(rows, &laws, tables);
    TRY(ig_slopes_tables(rows, &laws, tables, error));
    if (spec->figure) {
        draw_laws(rows, spec, &laws, figures);
    }
    return IG_OK;
}
