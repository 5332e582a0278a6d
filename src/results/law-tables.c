/** Tables of laws: what the posterior says, hindcasts, and the power laws as the paper fits them.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "results/analyses.h"

/** Tables for people with a line for each law. */
typedef struct view {
    const ig_rows *rows;
    const ig_laws *laws;
    bool grouped; /**< laws differ by their groups */
    bool whole;   /**< grid points share random numbers: there are intervals of whole seeds */
    bool studied; /**< some have a posterior */
} view;

/** Who a line is about: column and, where there are several, group. */
static void put_names(const view *v, ig_table *table)
{
    static const ig_table_column names[] = {IG_HEADING("column", IG_CELL_TEXT),
                                            IG_HEADING("group", IG_CELL_TEXT)};
    ig_table_columns(table, names, v->grouped ? 2 : 1);
}

static void put_name_cells(const view *v, const ig_law *law, ig_table *table)
{
    ig_table_text(table, "%s", law->fit->column);
    if (v->grouped) {
        ig_table_text(table, "%s", law->label);
    }
}

static void put_typical(const ig_law_interval *i, ig_table *table)
{
    ig_table_reals(table, 3, i->median, i->low, i->high);
}

/** A line for a law with or without a floor, or for either. */
static void put_law(const view *v, const ig_law *law, ig_law_choice which, ig_table *table)
{
    static const char *const names[IG_LAW_CHOICES] = {"either", "power", "floor"};
    const ig_law_study *s = &law->study;
    const ig_law_typical *typical = &s->typical[which];
    const ig_law_fit *fit = which == IG_LAW_FLOOR ? &s->fits.floor : &s->fits.power;
    const double none = (double)NAN;
    put_name_cells(v, law, table);
    ig_table_text(table, "%s%s", names[which], which == s->law ? " *" : "");
    put_typical(&typical->exponent, table);
    put_typical(&typical->amplitude, table);
    if (which == IG_LAW_POWER) {
        ig_table_reals(table, 3, none, none, none);
    } else {
        put_typical(&typical->floor, table);
    }
    ig_table_real(table, which == IG_LAW_AUTO ? none : fit->lack);
}

/** What was decided and why, for each fit. */
static void note_laws(const view *v, ig_table *table)
{
    bool assumed = false, shared = false;
    for (size_t i = 0; i < v->laws->n; i++) {
        const ig_law *l = &v->laws->laws[i];
        if (l->study.made) {
            ig_table_note(table, "%s%s%s: %s.", l->fit->column, l->label[0] ? ", " : "", l->label,
                          l->study.reason);
            assumed = assumed || l->study.assumed;
            shared = shared || l->study.n_whole > 0;
        }
    }
    ig_table_note(
        table,
        "*: the law in use. Typical training: geometric mean over seeds; medians and 95 %% "
        "intervals of the posterior%s; lack: p-value of what the law misses against the "
        "scatter of the seeds.",
        shared ? ", seeds as wholes as they share random numbers" : "");
    if (assumed) {
        ig_table_note(table, "Note: nothing shows how single trainings scatter; 5 %% was assumed.");
    }
}

static void add_laws(const view *v, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        IG_HEADING("law", IG_CELL_TEXT),
        {.heading = "exponent [95 %]", .show = IG_SHOW_ESTIMATE},
        {0},
        {0},
        {.heading = "amplitude [95 %]", .show = IG_SHOW_ESTIMATE},
        {0},
        {0},
        {.heading = "floor [95 %]", .show = IG_SHOW_ESTIMATE},
        {0},
        {0},
        {.heading = "lack"}};
    const ig_laws *laws = v->laws;
    ig_table *table =
        ig_tables_add(tables, "typical-laws",
                      "Laws of the typical training, column = floor + amplitude * (%s)^-exponent",
                      ig_laws_axis(v->rows, laws));
    put_names(v, table);
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < laws->n; i++) {
        const ig_law *l = &laws->laws[i];
        if (!l->study.made) {
            continue;
        }
        put_law(v, l, IG_LAW_POWER, table);
        put_law(v, l, IG_LAW_FLOOR, table);
        if (l->study.law == IG_LAW_AUTO) {
            put_law(v, l, IG_LAW_AUTO, table);
        }
    }
    note_laws(v, table);
}

/** The other law by the least squares that gave the power laws. */
static void add_squares(const view *v, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {.heading = "exponent"},
        {.heading = "amplitude"},
        {.heading = "floor"},
        {.heading = "R2", .show = IG_SHOW_FIXED},
        {.heading = "R2 of the power law", .show = IG_SHOW_FIXED}};
    ig_table *table =
        ig_tables_add(tables, "floor-fits", "Laws with a floor by the same least squares");
    put_names(v, table);
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < v->laws->n; i++) {
        const ig_law *l = &v->laws->laws[i];
        const ig_law_fit *fit = &l->study.fits.floor;
        if (l->study.made) {
            put_name_cells(v, l, table);
            ig_table_reals(table, 5, fit->law.exponent, fit->law.amplitude, fit->law.floor, fit->r2,
                           l->law.r2);
        }
    }
}

/** Hindcasts are for people and files; empty where no law has enough N. */
static void add_hindcasts(const view *v, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        IG_COUNT("fit", "number of the fit, from 0"),
        {"without", "without the largest", "how many of the largest axis values were left out",
         .units = "1", .type = IG_CELL_COUNT},
        {"x", "at", "largest axis value, which is predicted", .units = "1", .show = IG_SHOW_SHORT},
        {"predicted", "predicted [95 %]", "prediction, median", .show = IG_SHOW_ESTIMATE},
        {"predicted_low", NULL, "lower end of the 95 % interval of what is measured there",
         .units = NULL},
        {"predicted_high", NULL, "upper end of the 95 % interval of what is measured there",
         .units = NULL},
        {"measured", "measured", "geometric mean over the seeds", .units = NULL},
        {"off", "error", "predicted / measured - 1", .units = "1", .show = IG_SHOW_PERCENT},
        {"inside", NULL, "1: the interval holds what was measured", .units = "1",
         .type = IG_CELL_COUNT},
        IG_HEADING("inside", IG_CELL_TEXT),
    };
    ig_table *table = ig_tables_add(tables, "hindcast",
                                    "Hindcast: the largest axis value, from the smaller ones");
    table->file = "hindcasts";
    table->dimension = "fit_hindcast";
    table->group = "fit_hindcasts";
    put_names(v, table);
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < v->laws->n; i++) {
        const ig_law *l = &v->laws->laws[i];
        for (size_t k = 0; k < l->study.n_hindcasts; k++) {
            const ig_hindcast *h = &l->study.hindcasts[k];
            put_name_cells(v, l, table);
            ig_table_counts(table, 2, i, k + 1);
            ig_table_reals(table, 6, h->x, h->predicted.median, h->predicted.low, h->predicted.high,
                           h->measured, h->off);
            ig_table_count(table, h->inside);
            ig_table_text(table, "%s", h->inside ? "yes" : "no");
        }
    }
    ig_table_note(table, "So far off would the same law have been a step ago.");
}

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

/** Whether any of the laws has a number to compare with. */
static bool is_published(const ig_laws *laws)
{
    for (size_t i = 0; i < laws->n; i++) {
        if (!isnan(laws->laws[i].published.value)) {
            return true;
        }
    }
    return false;
}

static void add_exponents(const view *v, ig_tables *tables)
{
    static const ig_table_column published[] = {{.heading = "published", .show = IG_SHOW_ESTIMATE},
                                                {0},
                                                {0},
                                                {.heading = "ours/pub.", .show = IG_SHOW_QUOTIENT}};
    const ig_laws *laws = v->laws;
    const bool compare = is_published(laws);
    ig_table *table =
        ig_tables_add(tables, "fits", "Power laws%s, mean over seeds = amplitude * (%s)^-exponent",
                      compare ? " as published" : "", ig_laws_axis(v->rows, laws));
    put_columns(v, table, "exponent", IG_SHOW_FIXED, IG_SHOW_FIXED_INTERVAL);
    ig_table_columns(table, published, compare ? 4 : 0);
    for (size_t i = 0; i < laws->n; i++) {
        const ig_law *l = &laws->laws[i];
        put_cells(v, l, l->fit->exponent, &l->law.exponent, &l->whole.exponent, table);
        if (compare) {
            ig_put_estimate(&l->published, table);
            ig_table_real(table, l->law.exponent.value / l->published.value);
        }
    }
    for (size_t i = 0; i < laws->n; i++) {
        note_verdict(&laws->laws[i], table);
    }
    for (size_t i = 0; i < laws->n; i++) {
        note_caveats(&laws->laws[i], table);
    }
    ig_table_note(table, "n: finished tasks of the fit%s",
                  compare ? "; ours/pub.: our number over the published." : ".");
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
    ig_table *table = ig_tables_add(tables, "amplitudes", "Amplitudes of the power laws%s",
                                    is_published(v->laws) ? " as published" : "");
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
/** Numbers of laws with and without a floor; in summary.h5 behind "fit_". */
#define NEW(name_, long_name_)                                                                     \
    {                                                                                              \
        .name = (name_), .long_name = (long_name_), .units = "1", .stored = "fit_" name_           \
    }
#define NEW_TYPICAL(name_, what_)                                                                  \
    NEW(name_, what_ ", posterior median"),                                                        \
        NEW(name_ "_low", "lower end, 95 % interval of the posterior: " what_),                    \
        NEW(name_ "_high", "upper end, 95 % interval of the posterior: " what_)
#define NEW_LAW(law_, of_)                                                                         \
    NEW_TYPICAL("typical_" law_ "_exponent", "exponent of the typical training" of_),              \
        NEW_TYPICAL("typical_" law_ "_amplitude", "amplitude of the typical training" of_),        \
        NEW_TYPICAL("typical_" law_ "_floor", "floor of the typical training" of_)
static const ig_table_column file_columns[] = {
    IG_WORDS("exponent_name", "name of the exponent"),
    IG_WORDS("amplitude_name", "name of the amplitude"),
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
    STORED("law", "fit_law", "law in use: power, floor, or auto where the data cannot tell"),
    STORED("law_reason", "fit_law_reason", "reason for the law in use"),
    STORED_COUNT("shared", "fit_shared", "1: a seed shares random numbers at all axis values"),
    NEW("outputs", "the fitted column is a mean over so many outputs"),
    NEW("sensitivity", "change of the return per unit of the column: geometric mean of the range"),
    NEW("sensitivity_low",
        "least of it over the seeds, in perturbed models as well (docs/merge.md)"),
    NEW("sensitivity_high", "largest of it"),
    NEW("sensitivity_x", "axis value it was measured at"),
    NEW("sensitivity_seeds", "seeds it was measured with"),
    NEW("p_no_floor", "posterior probability of no floor"),
    NEW("floor_part", "97.5 % of the posterior: floor over error at the largest axis value"),
    NEW("floor_exponent", "exponent of the law with a floor, least squares of ln(mean)"),
    NEW("floor_amplitude", "amplitude of the law with a floor, least squares of ln(mean)"),
    NEW("floor", "floor of the law with a floor, least squares of ln(mean)"),
    NEW("floor_r2", "share of the variance of ln(mean) that the law with a floor explains"),
    NEW("lack_of_fit_p", "p-value of what the power law misses against the scatter of the seeds"),
    NEW("floor_lack_of_fit_p",
        "p-value of what the law with a floor misses against the scatter of the seeds"),
    NEW("aicc", "small-sample AIC of the power law"),
    NEW("floor_aicc", "small-sample AIC of the law with a floor"),
    NEW_LAW("power", ", power law"),
    NEW_LAW("floor", ", law with a floor"),
    NEW_LAW("auto", ", either law"),
    STORED("kind", "fit_kind", "what a plan takes the fit for: dynamics, reward; empty: nothing"),
};

/** Outputs over which the column is a mean; NaN where nothing says it. */
static double outputs_of(const ig_rows *rows, const ig_law *l)
{
    const size_t key = l->fit->outputs ? ig_config_key(rows->config, l->fit->outputs) : SIZE_MAX;
    return key == SIZE_MAX || l->n_points == 0
               ? (double)NAN
               : (double)ig_grid_value(rows->grid, l->points[0], key)->integer;
}

/** What a plan takes a fit for. */
static const char *kind_of(const ig_law *l)
{
    return l->fit->kind                            ? l->fit->kind
           : strcmp(l->fit->amplitude, "A_d") == 0 ? "dynamics"
           : strcmp(l->fit->amplitude, "A_r") == 0 ? "reward"
                                                   : "";
}

/** Cells of the columns of laws with and without a floor. */
static ig_status put_study(const view *v, const ig_law *l, ig_table *table, ig_error *error)
{
    ig_law_sensitivity sensitivity;
    const ig_law_study none = {.p_no_floor = (double)NAN, .floor_part = (double)NAN};
    const ig_law_study *s = l->study.made ? &l->study : &none;
    const ig_law_fit *power = &s->fits.power, *floor = &s->fits.floor;
    const double nan = (double)NAN;
    ig_table_text(table, "%s", s->made ? ig_law_choices[s->law] : "");
    ig_table_text(table, "%s", s->reason);
    ig_table_count(table, v->whole);
    ig_table_real(table, outputs_of(v->rows, l));
    TRY(ig_law_find_sensitivity(v->rows, l, &sensitivity, error));
    ig_table_reals(table, 5, sensitivity.middle, sensitivity.low, sensitivity.high,
                   l->fit->sensitivity ? sensitivity.x : nan,
                   l->fit->sensitivity ? (double)sensitivity.n : nan);
    ig_table_reals(table, 2, s->p_no_floor, s->floor_part);
    if (!s->made) {
        for (int i = 0; i < 8 + 9 * (IG_LAW_CHOICES); i++) {
            ig_table_real(table, nan);
        }
        return IG_OK;
    }
    ig_table_reals(table, 8, floor->law.exponent, floor->law.amplitude, floor->law.floor, floor->r2,
                   power->lack, floor->lack, power->aicc, floor->aicc);
    static const ig_law_choice order[] = {IG_LAW_POWER, IG_LAW_FLOOR, IG_LAW_AUTO};
    for (int i = 0; i < IG_LAW_CHOICES; i++) {
        const ig_law_typical *typical = &s->typical[order[i]];
        put_typical(&typical->exponent, table);
        put_typical(&typical->amplitude, table);
        put_typical(&typical->floor, table);
    }
    return IG_OK;
}

/** Every number, for files. */
static ig_status add_numbers(const view *v, ig_tables *tables, ig_error *error)
{
    const ig_laws *laws = v->laws;
    ig_table *table = ig_tables_add(tables, "laws", "Laws");
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
        TRY(put_study(v, l, table, error));
        ig_table_text(table, "%s", kind_of(l));
    }
    return IG_OK;
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

static const ig_table_column measurement_columns[] = {
    IG_COUNT("fit", "number of the fit, from 0"),
    IG_REAL("x", "value of the key on the horizontal axis"),
    IG_COUNT("seed", "seed"),
    {.name = "value", .long_name = "the fitted column"},
};

/** Single measurements, so that a plan can take seeds as wholes. */
static void add_measurements(const ig_rows *rows, const ig_laws *laws, ig_tables *tables)
{
    ig_table *table = ig_tables_add(tables, "law-measurements", "Measurements of the laws");
    table->dimension = "fit_measurement";
    table->group = "fit_measurements";
    table->hidden = true;
    ig_table_columns(table, measurement_columns,
                     sizeof measurement_columns / sizeof *measurement_columns);
    for (size_t i = 0; i < laws->n; i++) {
        const ig_law *l = &laws->laws[i];
        for (size_t k = 0; k < l->n_points * rows->n_seeds; k++) {
            const size_t point = l->points[k / rows->n_seeds], seed = k % rows->n_seeds;
            const size_t task = point * rows->n_seeds + seed;
            if (rows->state[task] != IG_STATE_DONE) {
                continue;
            }
            ig_table_count(table, i);
            ig_table_real(table, ig_grid_value(rows->grid, point, l->axis)->real);
            ig_table_count(table, ig_config_seed(rows->config, seed));
            ig_table_real(table, ig_rows_value(rows, l->column, task));
        }
    }
}

/** What the law in use says of one more sample: how much of the column it takes away. */
static double slope_at(const ig_law *l, double x)
{
    const ig_law_typical *t = &l->study.typical[l->study.law];
    const double exponent = t->exponent.median;
    return exponent * t->amplitude.median * pow(x, -exponent - 1);
}

/** The reward's fit in the group of the dynamics'; NULL without. */
static const ig_law *partner_of(const ig_laws *laws, const ig_law *l)
{
    for (size_t i = 0; i < laws->n && strcmp(kind_of(l), "dynamics") == 0; i++) {
        const ig_law *other = &laws->laws[i];
        if (strcmp(kind_of(other), "reward") == 0 && strcmp(other->label, l->label) == 0) {
            return other;
        }
    }
    return NULL;
}

/** What a label is worth in transitions, whatever both cost. */
static ig_status note_worth(const view *v, const ig_law *l, ig_table *table, ig_error *error)
{
    const ig_law *other = partner_of(v->laws, l);
    ig_law_sensitivity dynamics, reward;
    if (!other || !other->study.made || !l->study.made || !other->fit->sensitivity) {
        return IG_OK;
    }
    TRY(ig_law_find_sensitivity(v->rows, l, &dynamics, error));
    TRY(ig_law_find_sensitivity(v->rows, other, &reward, error));
    const double transition = dynamics.middle * slope_at(l, dynamics.x);
    const double label = reward.middle * slope_at(other, reward.x);
    if (transition > 0 && label > 0) {
        ig_table_note(
            table,
            "%s%sWith %.6g of each, one more label takes as much off the bound on the "
            "return's error as %.2g more transitions: where it costs less than these, buy "
            "labels first.",
            l->label, l->label[0] ? ": " : "", dynamics.x, label / transition);
    }
    return IG_OK;
}

/** What errors do to the return, for fits that know it. */
static ig_status add_sensitivities(const view *v, ig_tables *tables, ig_error *error)
{
    static const ig_table_column columns[] = {
        {.heading = "at", .show = IG_SHOW_SHORT},
        {.heading = "seeds", .type = IG_CELL_COUNT},
        {.heading = "sensitivity [range]", .show = IG_SHOW_ESTIMATE},
        {0},
        {0},
        {.heading = "error there"},
        {.heading = "its part of the bound"},
        {.heading = "one more sample takes off"},
    };
    ig_table *table = NULL;
    for (size_t i = 0; i < v->laws->n; i++) {
        const ig_law *l = &v->laws->laws[i];
        ig_law_sensitivity s;
        TRY(ig_law_find_sensitivity(v->rows, l, &s, error));
        if (!l->fit->sensitivity || !l->study.made || s.n == 0) {
            continue;
        }
        if (!table) {
            table = ig_tables_add(tables, "sensitivities", "What errors do to the return");
            put_names(v, table);
            ig_table_columns(table, columns, sizeof columns / sizeof *columns);
        }
        const ig_law_typical *t = &l->study.typical[l->study.law];
        const double there = t->floor.median + t->amplitude.median * pow(s.x, -t->exponent.median);
        put_name_cells(v, l, table);
        ig_table_real(table, s.x);
        ig_table_count(table, s.n);
        ig_table_reals(table, 6, s.middle, s.low, s.high, there, s.middle * there,
                       s.middle * slope_at(l, s.x));
    }
    if (!table) {
        return IG_OK;
    }
    for (size_t i = 0; i < v->laws->n; i++) {
        TRY(note_worth(v, &v->laws->laws[i], table, error));
    }
    ig_table_note(
        table,
        "sensitivity: change of the return per unit of the column, at the largest %s, over the "
        "seeds and over models that are off by their own errors: range, and its "
        "geometric mean. imagrid plan takes both from the summary.",
        ig_laws_axis(v->rows, v->laws));
    return IG_OK;
}

ig_status ig_laws_tables(const ig_rows *rows, const ig_laws *laws, ig_tables *tables,
                         ig_error *error)
{
    view v = {.rows = rows, .laws = laws, .whole = ig_config_common_random_numbers(rows->config)};
    size_t hindcasts = 0;
    for (size_t i = 0; i < laws->n; i++) {
        v.grouped = v.grouped || laws->laws[i].label[0];
        hindcasts += laws->laws[i].study.n_hindcasts;
        v.studied = v.studied || laws->laws[i].study.made;
    }
    if (v.studied) {
        add_laws(&v, tables);
    }
    if (hindcasts > 0) {
        add_hindcasts(&v, tables);
    }
    TRY(add_sensitivities(&v, tables, error));
    add_exponents(&v, tables);
    add_amplitudes(&v, tables);
    if (v.studied) {
        add_squares(&v, tables);
    }
    TRY(add_numbers(&v, tables, error));
    add_points(rows, laws, tables);
    add_measurements(rows, laws, tables);
    return IG_OK;
}
