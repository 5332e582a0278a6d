#include "results/figure.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"

/** Where memory is too short; nobody looks at it, as the status of its figure is set. */
static ig_figure nowhere = {.status = IG_ERR_MEMORY};
static ig_panel no_panel;
static ig_figure_series no_series;

static char *copy(ig_figure *figure, const char *text)
{
    char *copied = ig_strdup(text ? text : "", NULL);
    if (!copied) {
        figure->status = IG_ERR_MEMORY;
    }
    return copied;
}

ig_figure *ig_figures_add(ig_figures *figures, const char *name, const char *title,
                          const char *footer)
{
    ig_figure *figure = calloc(1, sizeof *figure);
    if (figures->status || !figure || IG_GROW(figures->figures, figures->n + 1, NULL)) {
        free(figure);
        figures->status = IG_ERR_MEMORY;
        return &nowhere;
    }
    figures->figures[figures->n++] = figure;
    figure->name = copy(figure, name);
    figure->title = copy(figure, title);
    figure->footer = copy(figure, footer);
    return figure;
}

ig_status ig_figures_status(const ig_figures *figures, ig_error *error)
{
    bool failed = figures->status;
    for (size_t i = 0; i < figures->n; i++) {
        failed = failed || figures->figures[i]->status;
    }
    return failed ? ig_error_set(error, IG_ERR_MEMORY, "out of memory for figures") : IG_OK;
}

static void panel_clear(ig_panel *panel)
{
    for (size_t i = 0; i < panel->n; i++) {
        ig_figure_series *s = &panel->series[i];
        free(s->title);
        free(s->x);
        free(s->y);
        free(s->low);
        free(s->high);
    }
    free(panel->series);
    free(panel->title);
    free(panel->x.label);
    free(panel->y.label);
}

void ig_figures_clear(ig_figures *figures)
{
    for (size_t i = 0; i < figures->n; i++) {
        ig_figure *f = figures->figures[i];
        for (size_t p = 0; p < f->n; p++) {
            panel_clear(&f->panels[p]);
        }
        free(f->panels);
        free(f->name);
        free(f->title);
        free(f->footer);
        free(f);
    }
    free(figures->figures);
    *figures = (ig_figures){0};
}

ig_panel *ig_figure_panel(ig_figure *figure, const char *title, const char *x_label,
                          const char *y_label)
{
    const double from_data = (double)NAN;
    if (figure->status || IG_GROW(figure->panels, figure->n + 1, NULL)) {
        figure->status = IG_ERR_MEMORY;
        no_panel = (ig_panel){.figure = figure};
        return &no_panel;
    }
    ig_panel *panel = &figure->panels[figure->n++];
    *panel = (ig_panel){.figure = figure,
                        .x = {.low = from_data, .high = from_data},
                        .y = {.low = from_data, .high = from_data}};
    panel->title = copy(figure, title);
    panel->x.label = copy(figure, x_label);
    panel->y.label = copy(figure, y_label);
    return panel;
}

/** n zeroed numbers where they are `wanted`. */
static double *zeros(ig_figure *figure, bool wanted, size_t n)
{
    double *made = wanted ? ig_alloc(n, sizeof *made, NULL) : NULL;
    if (wanted && !made) {
        figure->status = IG_ERR_MEMORY;
    }
    return made;
}

ig_figure_series *ig_panel_series(ig_panel *panel, ig_series_kind kind, size_t n, bool bars,
                                  int style, int dash)
{
    ig_figure *figure = panel->figure;
    no_series = (ig_figure_series){0};
    if (figure->status || IG_GROW(panel->series, panel->n + 1, NULL)) {
        figure->status = IG_ERR_MEMORY;
        return &no_series;
    }
    const bool ends = bars || kind == IG_SERIES_BAND;
    ig_figure_series *s = &panel->series[panel->n++];
    *s = (ig_figure_series){.kind = kind, .style = style, .dash = dash, .n = n};
    s->x = zeros(figure, true, n);
    s->y = zeros(figure, kind != IG_SERIES_BAND && kind != IG_SERIES_VERTICAL, n);
    s->low = zeros(figure, ends, n);
    s->high = zeros(figure, ends, n);
    s->n = figure->status ? 0 : n;
    return s;
}

static void copy_numbers(const ig_figure_series *s, double *to, const double *from, size_t stride)
{
    for (size_t i = 0; to && from && i < s->n; i++) {
        memcpy(&to[i], (const char *)from + i * stride, sizeof *to);
    }
}

ig_figure_series *ig_panel_copy(ig_panel *panel, ig_series_kind kind, ig_numbers numbers, int style,
                                int dash)
{
    ig_figure_series *s = ig_panel_series(panel, kind, numbers.n, numbers.low, style, dash);
    copy_numbers(s, s->x, numbers.x, numbers.stride);
    copy_numbers(s, s->y, numbers.y, numbers.stride);
    copy_numbers(s, s->low, numbers.low, numbers.stride);
    copy_numbers(s, s->high, numbers.high, numbers.stride);
    return s;
}

void ig_axis_range(ig_figure_axis *axis, double low, double high)
{
    if (low > high) {
        low = 1;
        high = 10;
    }
    /* A range is never empty. */
    if (axis->log) {
        const double air = fmax(pow(high / low, 0.06), 1.05);
        axis->low = low / air;
        axis->high = high * air;
    } else {
        const double air = 0.06 * (high - low);
        const double least = low == 0 ? 1 : 0.1 * fabs(low);
        axis->low = low - (air > 0 ? air : least);
        axis->high = high + (air > 0 ? air : least);
    }
}

static void set_title(ig_panel *panel, ig_figure_series *series, const char *format,
                      va_list arguments) __attribute__((format(printf, 3, 0)));

static void set_title(ig_panel *panel, ig_figure_series *series, const char *format,
                      va_list arguments)
{
    if (panel->figure->status) {
        return;
    }
    free(series->title);
    if (vasprintf(&series->title, format, arguments) < 0) {
        series->title = NULL;
        panel->figure->status = IG_ERR_MEMORY;
    }
}

void ig_series_title(ig_panel *panel, ig_figure_series *series, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_title(panel, series, format, arguments);
    va_end(arguments);
}

void ig_panel_explain(ig_panel *panel, ig_series_kind kind, int style, int dash, const char *format,
                      ...)
{
    const bool bars = kind == IG_SERIES_POINTS;
    va_list arguments;
    va_start(arguments, format);
    set_title(panel, ig_panel_series(panel, kind, 0, bars, style, dash), format, arguments);
    va_end(arguments);
}
