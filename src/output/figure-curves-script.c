/** The variables of the curves' gnuplot script. */
#include <math.h>
#include <stdio.h>

#include "output/embedded.h"
#include "output/figure-curves.h"
#include "output/figure.h"
#include "output/files.h"

static void put_number(FILE *file, const char *name, double number)
{
    char text[IG_NUMBER_TEXT];
    fprintf(file, "%s = %s\n", name, isnan(number) ? "NaN" : ig_number_text(number, text));
}

static void put_element(FILE *file, const char *array, size_t i, double number)
{
    char name[64];
    snprintf(name, sizeof name, "%s[%zu]", array, i);
    put_number(file, name, number);
}

static void put_text_element(FILE *file, const char *array, size_t i, const char *text)
{
    char name[64];
    snprintf(name, sizeof name, "%s[%zu]", array, i);
    ig_figure_put_variable(file, name, text);
}

/** Texts and counts; arrays of gnuplot have at least one element. */
static void write_texts(const ig_curve_page *page, FILE *file)
{
    const ig_report_curve *c = page->curve;
    const ig_curve *curve = c->curve;
    ig_figure_put_variable(file, "figure", page->name);
    ig_figure_put_variable(file, "title_text", curve->title);
    ig_figure_put_variable(file, "x_text", curve->x_label);
    ig_figure_put_variable(file, "y_text", curve->y_label);
    ig_figure_put_variable(file, "reference_text",
                           !curve->reference        ? ""
                           : curve->reference_title ? curve->reference_title
                                                    : curve->reference);
    fprintf(file, "log_x = %d\nlog_y = %d\noptima = %d\n", curve->log_x, curve->log_y,
            curve->predicted != NULL);
    put_number(file, "x_low", page->x.low);
    put_number(file, "x_high", page->x.high);
    fprintf(file, "n_predicted = %zu\narray predicted_text[%zu]\n", c->n_predicted,
            c->n_predicted + 1);
    for (size_t k = 0; k <= c->n_predicted; k++) {
        put_text_element(file, "predicted_text", k + 1,
                         curve->predicted && k < c->n_predicted ? curve->predicted[k] : "");
    }
    fprintf(file, "n_styles = %zu\narray legend[%zu]\n", c->n_styles, c->n_styles);
    for (size_t s = 0; s < c->n_styles; s++) {
        bool used = false;
        for (size_t l = page->begin; l < page->end; l++) {
            used = used || c->lines[l].style == s;
        }
        const char *text = c->styles[s].text[0] ? c->styles[s].text : curve->measured;
        put_text_element(file, "legend", s + 1, used ? text : "");
    }
}

/** Where each panel's lines stand in the data, from 1, and its range. */
static void write_panels(const ig_curve_page *page, FILE *file)
{
    size_t line = page->begin;
    fprintf(file, "n_panels = %zu\narray panel_text[%zu]\narray first[%zu]\narray last[%zu]\n",
            page->n, page->n, page->n, page->n);
    fprintf(file, "array y_low[%zu]\narray y_high[%zu]\n", page->n, page->n);
    for (size_t i = 0; i < page->n; i++) {
        put_text_element(file, "panel_text", i + 1, page->curve->panels[page->first + i].text);
        fprintf(file, "first[%zu] = %zu\n", i + 1, line - page->begin + 1);
        while (line < page->end && page->curve->lines[line].panel == page->first + i) {
            line++;
        }
        fprintf(file, "last[%zu] = %zu\n", i + 1, line - page->begin);
        put_element(file, "y_low", i + 1, page->y[i].low);
        put_element(file, "y_high", i + 1, page->y[i].high);
    }
}

/** A prediction that lies outside is drawn just within the edge it lies beyond. */
static double inside(const ig_curve_page *page, double x)
{
    const double low = page->x.low, high = page->x.high, edge = 0.01;
    if (isnan(x)) {
        return x;
    }
    if (page->curve->curve->log_x) {
        const double factor = pow(high / low, edge);
        return fmin(fmax(x, low * factor), high / factor);
    }
    return fmin(fmax(x, low + edge * (high - low)), high - edge * (high - low));
}

static void write_lines(const ig_curve_page *page, FILE *file)
{
    const ig_report_curve *c = page->curve;
    const size_t n = page->end - page->begin;
    fprintf(file, "array style[%zu]\narray best_x[%zu]\narray best_y[%zu]\narray predicted[%zu]\n",
            n, n, n, n * c->n_predicted + 1);
    for (size_t i = 0; i < n; i++) {
        const ig_report_line *line = &c->lines[page->begin + i];
        const bool shown = ig_curve_shown(c->curve->log_x, line->optimum.best) &&
                           ig_curve_shown(c->curve->log_y, line->optimum.least);
        fprintf(file, "style[%zu] = %zu\n", i + 1, line->style + 1);
        put_element(file, "best_x", i + 1, shown ? line->optimum.best : (double)NAN);
        put_element(file, "best_y", i + 1, shown ? line->optimum.least : (double)NAN);
        for (size_t k = 0; k < c->n_predicted; k++) {
            put_element(file, "predicted", i * c->n_predicted + k + 1,
                        inside(page, line->predictions[k].median));
        }
    }
}

void ig_curve_write_script(const ig_curve_page *page, FILE *file)
{
    write_texts(page, file);
    write_panels(page, file);
    write_lines(page, file);
    ig_figure_put_common(file, page->footer, "");
    ig_figure_put_lines(file, ig_embedded_curves);
}
