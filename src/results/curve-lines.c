/** Which grid points belong to a line, and which lines to a panel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/curves.h"
#include "results/rows.h"

typedef enum role { ROLE_NONE, ROLE_PANEL, ROLE_LINE } role;

/** Grid points of a curve, sorted so that those of one line stand together, by x. */
typedef struct grouping {
    const ig_report *report;
    ig_report_curve *curve;
    role *roles;   /**< of every key, owned */
    size_t *order; /**< n grid points, owned */
    size_t n;
} grouping;

static const char *text_at(const grouping *g, size_t point, size_t key)
{
    return ig_grid_value(g->report->rows.grid, point, key)->text;
}

static double x_at(const grouping *g, size_t point)
{
    return ig_grid_value(g->report->rows.grid, point, g->curve->x)->real;
}

/** Order of two grid points by the keys of a role. */
static int compare_role(const grouping *g, role wanted, size_t a, size_t b)
{
    int order = 0;
    for (size_t key = 0; !order && key < g->report->rows.experiment->schema.n_keys; key++) {
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

static bool is_listed(const ig_report *report, const char *const *paths, size_t key)
{
    for (; paths && *paths; paths++) {
        if (ig_config_key(report->rows.config, *paths) == key) {
            return true;
        }
    }
    return false;
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
    const ig_report *r = g->report;
    const ig_curve *curve = g->curve->curve;
    for (size_t key = 0; key < r->rows.experiment->schema.n_keys; key++) {
        g->roles[key] = ROLE_NONE;
        if (key == g->curve->x || !varies(g, key)) {
            continue;
        }
        if (is_listed(r, curve->panels, key)) {
            g->roles[key] = ROLE_PANEL;
        } else if (is_listed(r, curve->lines, key) || extent == EXTENT_WITH_X ||
                   (extent == EXTENT_OTHERS &&
                    !ig_key_advances_with(r->rows.config, key, g->curve->x))) {
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
    const ig_report *r = g->report;
    const ig_curve *curve = g->curve->curve;
    const size_t n_points = ig_grid_n_points(r->rows.grid);
    g->roles = calloc(r->rows.experiment->schema.n_keys + 1, sizeof *g->roles);
    g->order = calloc(n_points, sizeof *g->order);
    if (!g->roles || !g->order) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu grid points", n_points);
    }
    for (size_t p = 0; p < n_points; p++) {
        if (!curve->only_key ||
            strcmp(text_at(g, p, ig_config_key(r->rows.config, curve->only_key)),
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
                     g->report->rows.experiment->schema.keys[key].path, text_at(g, point, key));
    return used + (n > 0 ? (size_t)n : 0);
}

/** "gamma=0.9 horizon=10": the listed keys that vary on this curve, then those that
 *  nobody listed. */
static void put_label(const grouping *g, size_t point, role wanted, char *text)
{
    const ig_curve *curve = g->curve->curve;
    const char *const *listed = wanted == ROLE_PANEL ? curve->panels : curve->lines;
    size_t used = 0;
    text[0] = '\0';
    for (const char *const *path = listed; path && *path; path++) {
        size_t key = ig_config_key(g->report->rows.config, *path);
        used = g->roles[key] == wanted ? put_key(g, point, key, text, used) : used;
    }
    for (size_t key = 0; key < g->report->rows.experiment->schema.n_keys; key++) {
        if (g->roles[key] == wanted && !is_listed(g->report, listed, key)) {
            used = put_key(g, point, key, text, used);
        }
    }
}

/** The line order[begin] ... order[end - 1]. */
static ig_status add_line(grouping *g, size_t begin, size_t end, ig_error *error)
{
    ig_report_curve *c = g->curve;
    ig_report_line *lines = realloc(c->lines, (c->n_lines + 1) * sizeof *lines);
    ig_curve_point *points = calloc(end - begin, sizeof *points);
    c->lines = lines ? lines : c->lines;
    if (!lines || !points) {
        free(points);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu lines", c->n_lines + 1);
    }
    ig_report_line *line = &lines[c->n_lines++];
    *line = (ig_report_line){.points = points, .n_points = end - begin, .first = g->order[begin]};
    for (size_t i = 0; i < line->n_points; i++) {
        const size_t point = g->order[begin + i];
        points[i] = (ig_curve_point){.point = point, .x = x_at(g, point)};
        line->first = point < line->first ? point : line->first;
    }
    put_label(g, line->first, ROLE_LINE, line->label);
    return IG_OK;
}

static int by_first(const void *a, const void *b)
{
    const ig_report_line *p = a, *q = b;
    return (p->first > q->first) - (p->first < q->first);
}

static int by_panel(const void *a, const void *b)
{
    const ig_report_line *p = a, *q = b;
    return p->panel == q->panel ? by_first(a, b) : p->panel < q->panel ? -1 : 1;
}

/** Give every line its panel and style; both lists are in the order of the grid. */
static ig_status arrange(grouping *g, ig_error *error)
{
    ig_report_curve *c = g->curve;
    size_t *begins = calloc(c->n_lines + 1, sizeof *begins);
    c->panels = calloc(c->n_lines + 1, sizeof *c->panels);
    c->styles = calloc(c->n_lines + 1, sizeof *c->styles);
    if (!begins || !c->panels || !c->styles) {
        free(begins);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu lines", c->n_lines);
    }
    qsort(c->lines, c->n_lines, sizeof *c->lines, by_first);
    for (size_t i = 0; i < c->n_lines; i++) {
        ig_report_line *line = &c->lines[i];
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
            snprintf(c->styles[c->n_styles++].text, IG_LABEL, "%s", line->label);
        }
    }
    qsort(c->lines, c->n_lines, sizeof *c->lines, by_panel);
    free(begins);
    return IG_OK;
}

ig_status ig_curve_group(const ig_report *report, ig_report_curve *curve, ig_error *error)
{
    grouping g = {.report = report, .curve = curve};
    ig_status status = sort_points(&g, error);
    for (size_t begin = 0, end; !status && begin < g.n; begin = end) {
        for (end = begin + 1; end < g.n && !compare_lines(&g, g.order[begin], g.order[end]);) {
            end++;
        }
        status = add_line(&g, begin, end, error);
    }
    if (!status && curve->n_lines > 0) {
        status = arrange(&g, error);
    }
    free(g.order);
    free(g.roles);
    return status;
}
