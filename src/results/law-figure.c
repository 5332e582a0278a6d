/** The log-log figure of laws: typical errors, the laws in use with their bands, floors. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/moments.h"
#include "base/text.h"
#include "base/try.h"
#include "results/analyses.h"

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

/** "dynamics_mse: α = 0.47 [0.30, 0.63], floor 0.094 [0.08, 0.10]". */
static void name_points(ig_panel *panel, ig_figure_series *points, const ig_law *l)
{
    static const char *const kinds[IG_LAW_CHOICES] = {" with a floor or without", "", ""};
    const ig_law_study *s = &l->study;
    char fitted[128] = "no fit", floor[96] = "", published[64] = "";
    if (s->made) {
        const ig_law_typical *t = &s->typical[s->law];
        snprintf(fitted, sizeof fitted, "%s = %.3f [%.3f, %.3f]%s", symbol(l->fit->exponent),
                 t->exponent.median, t->exponent.low, t->exponent.high, kinds[s->law]);
        if (s->law == IG_LAW_FLOOR) {
            snprintf(floor, sizeof floor, ", floor %.3g [%.3g, %.3g]", t->floor.median,
                     t->floor.low, t->floor.high);
        }
    }
    if (!isnan(l->published.value)) {
        snprintf(published, sizeof published, ", published %.4g", l->published.value);
    }
    ig_series_title(panel, points, "%s%s%s: %s%s%s", l->fit->column, l->label[0] ? " " : "",
                    l->label, fitted, floor, published);
}

/** The mean of the logarithms at a grid point and its standard error; NaN without results. */
static double typical_of(const ig_rows *rows, const ig_law *l, size_t point, double *error)
{
    ig_moment m = {0};
    for (size_t seed = 0; seed < rows->n_seeds; seed++) {
        const size_t task = point * rows->n_seeds + seed;
        if (rows->state[task] == IG_STATE_DONE) {
            ig_moment_add(&m, log(ig_rows_value(rows, l->column, task)));
        }
    }
    *error = m.n > 1 ? ig_moment_error(&m) : 0;
    return m.n > 0 ? m.mean : (double)NAN;
}

/** Geometric means with their standard errors. */
static ig_figure_series *draw_points(const ig_rows *rows, const ig_law *l, int style,
                                     ig_panel *panel)
{
    ig_figure_series *s = ig_panel_series(panel, IG_SERIES_POINTS, l->n_points, true, style, 0);
    for (size_t i = 0; i < s->n; i++) {
        double bar;
        const double mean = typical_of(rows, l, l->points[i], &bar);
        s->x[i] = ig_grid_value(rows->grid, l->points[i], l->axis)->real;
        s->y[i] = exp(mean);
        s->low[i] = exp(mean - bar);
        s->high[i] = exp(mean + bar);
    }
    return s;
}

static void draw_band(const ig_law *l, int style, ig_panel *panel)
{
    const ig_law_typical *t = &l->study.typical[l->study.law];
    ig_figure_series *s = ig_panel_series(panel, IG_SERIES_BAND, IG_LAW_BAND, false, style, 0);
    for (size_t k = 0; k < s->n; k++) {
        s->x[k] = t->x[k];
        s->low[k] = t->error[k].low;
        s->high[k] = t->error[k].high;
    }
}

static void draw_line(const ig_law *l, ig_law_choice which, int style, int dash, ig_panel *panel)
{
    const ig_law_typical *t = &l->study.typical[which];
    ig_figure_series *s = ig_panel_series(panel, IG_SERIES_LINE, IG_LAW_BAND, false, style, dash);
    for (size_t k = 0; k < s->n; k++) {
        s->x[k] = t->x[k];
        s->y[k] = t->error[k].median;
    }
}

/** The amplitude with which the published line starts at the point of the smallest x. */
static double published_amplitude(const ig_rows *rows, const ig_law *l)
{
    double x0 = (double)INFINITY, y0 = (double)NAN;
    for (size_t i = 0; i < l->n_points; i++) {
        double bar;
        const double x = ig_grid_value(rows->grid, l->points[i], l->axis)->real;
        const double y = typical_of(rows, l, l->points[i], &bar);
        if (isfinite(y) && x < x0) {
            x0 = x;
            y0 = exp(y);
        }
    }
    return y0 / ig_power_law_at(1, l->published.value, x0);
}

static void draw_published(const ig_rows *rows, const ig_law *l, int style, ig_panel *panel)
{
    const ig_law_typical *t = &l->study.typical[IG_LAW_POWER];
    const double amplitude = published_amplitude(rows, l);
    ig_figure_series *s = ig_panel_series(panel, IG_SERIES_LINE, IG_LAW_BAND, false, style, 1);
    for (size_t k = 0; k < s->n; k++) {
        s->x[k] = t->x[k];
        s->y[k] = ig_power_law_at(amplitude, l->published.value, t->x[k]);
    }
}

/** The law in use; where the data cannot tell, both, and the floor where there is one. */
static void draw_law(const ig_law *l, int style, ig_panel *panel)
{
    const ig_law_study *s = &l->study;
    if (s->law != IG_LAW_FLOOR) {
        draw_line(l, IG_LAW_POWER, style, 0, panel);
    }
    if (s->law != IG_LAW_POWER) {
        draw_line(l, IG_LAW_FLOOR, style, s->law == IG_LAW_AUTO ? 2 : 0, panel);
    }
    if (s->law == IG_LAW_FLOOR) {
        ig_figure_series *level = ig_panel_series(panel, IG_SERIES_LINE, 2, false, style, 3);
        const ig_law_typical *t = &s->typical[IG_LAW_FLOOR];
        for (size_t k = 0; k < level->n; k++) {
            level->x[k] = t->x[k ? IG_LAW_BAND - 1 : 0];
            level->y[k] = t->floor.median;
        }
    }
}

/** What the marks mean that some law has. */
static void explain(const ig_laws *laws, bool apart, ig_panel *panel)
{
    bool published = false, floor = false, both = false;
    for (size_t i = 0; i < laws->n; i++) {
        const ig_law *l = &laws->laws[i];
        const bool made = l->study.made;
        published = published || (!apart && made && !isnan(l->published.value));
        floor = floor || (made && l->study.law == IG_LAW_FLOOR);
        both = both || (made && l->study.law == IG_LAW_AUTO);
    }
    ig_panel_explain(panel, IG_SERIES_BAND, IG_STYLE_GREY, 0,
                     "geometric means and standard errors; shading: 95 %% band of the law");
    if (floor) {
        ig_panel_explain(panel, IG_SERIES_LINE, IG_STYLE_GREY, 3, "floor");
    }
    if (both) {
        ig_panel_explain(panel, IG_SERIES_LINE, IG_STYLE_GREY, 2,
                         "law with a floor, which the data do not exclude");
    }
    if (published) {
        ig_panel_explain(panel, IG_SERIES_LINE, IG_STYLE_GREY, 1,
                         "published exponents, drawn through the first points");
    }
}

/** Laws of one panel. */
typedef struct group {
    const ig_rows *rows;
    const ig_law **laws; /**< n of them, owned */
    size_t n;
    bool
        *rest; /**< keys that tell them apart, owned; NULL: the entries of the key say everything */
} group;

static void group_clear(group *g)
{
    free(g->laws);
    free(g->rest);
}

static void name_law(const group *g, ig_panel *panel, ig_figure_series *points, const ig_law *l)
{
    char label[IG_LABEL];
    if (!g->rest) {
        name_points(panel, points, l);
        return;
    }
    ig_keys_label(g->rows->grid, g->rest, NULL, l->points[0], label);
    ig_series_title(panel, points, "%s", label);
}

static void draw_group(const group *g, ig_panel *panel)
{
    panel->x.log = panel->y.log = true;
    /* What hides least lies lowest. */
    for (size_t i = 0; i < g->n; i++) {
        if (g->laws[i]->study.made) {
            draw_band(g->laws[i], (int)i, panel);
        }
    }
    for (size_t i = 0; i < g->n; i++) {
        const ig_law *l = g->laws[i];
        if (!g->rest && l->study.made && !isnan(l->published.value)) {
            draw_published(g->rows, l, (int)i, panel);
        }
        if (l->study.made) {
            draw_law(l, (int)i, panel);
        }
    }
    for (size_t i = 0; i < g->n; i++) {
        name_law(g, panel, draw_points(g->rows, g->laws[i], (int)i, panel), g->laws[i]);
    }
}

/** Whether two laws are of one column and have one value of the key. */
static bool alike(const ig_rows *rows, size_t key, const ig_law *a, const ig_law *b)
{
    return a->column == b->column &&
           strcmp(ig_value_text(ig_grid_value(rows->grid, a->points[0], key)),
                  ig_value_text(ig_grid_value(rows->grid, b->points[0], key))) == 0;
}

/** One panel for each column and value of the first key that tells laws apart; what else does is in
 *  the figure's key, the numbers are in the tables, and published ones are of one setting only. */
static ig_status draw_apart(const ig_rows *rows, const ig_fits *spec, const ig_laws *laws,
                            ig_figure *figure, ig_error *error)
{
    const ig_schema *schema = ig_config_schema(rows->config);
    AUTO(group_clear) group g = {.rows = rows};
    ig_panel *panel = NULL;
    size_t key = 0;
    TRY(IG_ALLOC(g.laws, laws->n, error));
    TRY(IG_ALLOC(g.rest, schema->n_keys, error));
    TRY(ig_fit_keys_apart(rows, laws->laws[0].fit, g.rest, error));
    while (key + 1 < schema->n_keys && !g.rest[key]) {
        key++;
    }
    g.rest[key] = false;
    for (size_t i = 0; i < laws->n; i++) {
        const ig_law *first = &laws->laws[i];
        bool drawn = false;
        for (size_t k = 0; k < i; k++) {
            drawn = drawn || alike(rows, key, &laws->laws[k], first);
        }
        g.n = 0;
        for (size_t k = i; k < laws->n && !drawn; k++) {
            if (alike(rows, key, &laws->laws[k], first)) {
                g.laws[g.n++] = &laws->laws[k];
            }
        }
        if (g.n > 0) {
            char title[IG_LABEL];
            snprintf(title, sizeof title, "%.80s, %.80s=%s", first->fit->column,
                     ig_key_name(&schema->keys[key]),
                     ig_value_text(ig_grid_value(rows->grid, first->points[0], key)));
            panel = ig_rows_panel(rows, figure, title, spec->x_label, spec->fits[0].axis,
                                  spec->y_label, first->fit->column);
            draw_group(&g, panel);
        }
    }
    explain(laws, true, panel);
    return IG_OK;
}

/** What the values are where the experiment does not say: the column's own label (NULL), or the
 * names of all columns. */
static const char *values_label(const ig_fits *spec, char names[IG_LABEL])
{
    bool same = true;
    *names = '\0';
    for (size_t i = 0; i < spec->n_fits; i++) {
        same = same && strcmp(spec->fits[i].column, spec->fits[0].column) == 0;
        ig_text_list(names, IG_LABEL, spec->fits[i].column);
    }
    return spec->y_label || same ? spec->y_label : names;
}

enum { TOGETHER = 4 }; /* laws that one panel shows clearly */

ig_status ig_laws_figure(const ig_rows *rows, const ig_fits *spec, const ig_laws *laws,
                         ig_figures *figures, ig_error *error)
{
    ig_figure *figure = ig_rows_figure(rows, spec->figure, spec->figure_title, figures);
    if (laws->n > TOGETHER && laws->laws[0].label[0]) {
        return draw_apart(rows, spec, laws, figure, error);
    }
    AUTO(group_clear) group all = {.rows = rows, .n = laws->n};
    TRY(IG_ALLOC(all.laws, laws->n, error));
    for (size_t i = 0; i < laws->n; i++) {
        all.laws[i] = &laws->laws[i];
    }
    char names[IG_LABEL];
    ig_panel *panel = ig_rows_panel(rows, figure, "", spec->x_label, spec->fits[0].axis,
                                    values_label(spec, names), spec->fits[0].column);
    draw_group(&all, panel);
    explain(laws, false, panel);
    return IG_OK;
}
