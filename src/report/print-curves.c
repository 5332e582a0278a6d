/** The tables of the curves for people: at most 100 columns wide. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/curves.h"

enum { LABEL_WIDTH = 28, CELL = 64, INTERVAL_WIDTH = 24 };

/** A label that is too long for its column has a line of its own. */
static void print_label(const char *label, FILE *stream)
{
    bool fits = strlen(label) <= LABEL_WIDTH;
    fprintf(stream, "%-*s%s%*s", LABEL_WIDTH, label, fits ? "" : "\n", fits ? 0 : LABEL_WIDTH, "");
}

/** Nothing stands behind the last column. */
static int interval_width(const ig_report_curve *c)
{
    return c->curve->reference ? INTERVAL_WIDTH : 0;
}

/** "[low, high]"; returns `text`. */
static const char *interval_text(double low, double high, char text[CELL])
{
    snprintf(text, CELL, "[%.4g, %.4g]", low, high);
    return text;
}

static const char *name_of(const ig_report_line *line)
{
    return line->label[0] ? line->label : "all";
}

static void print_line(const ig_report *report, const ig_report_curve *c,
                       const ig_report_line *line, FILE *stream)
{
    const size_t n_seeds = ig_grid_n_seeds(report->grid);
    for (size_t i = 0; i < line->n_points; i++) {
        const ig_curve_point *p = &line->points[i];
        char interval[CELL];
        print_label(i == 0 ? name_of(line) : "", stream);
        fprintf(stream, " %9.6g %5zu%c", p->x, p->n, p->n < n_seeds ? '!' : ' ');
        if (p->n == 0) {
            fputs(" nothing finished\n", stream);
            continue;
        }
        fprintf(stream, "%10.4g%c %-*s", p->median,
                c->curve->predicted && p->x == line->optimum.best ? '*' : ' ', interval_width(c),
                interval_text(p->low, p->high, interval));
        if (c->curve->reference) {
            fprintf(stream, " %10.4g", p->reference);
        }
        fputc('\n', stream);
    }
}

static void print_points(const ig_report *report, const ig_report_curve *c, FILE *stream)
{
    bool fewer = false;
    for (size_t i = 0; i < c->n_lines; i++) {
        const ig_report_line *line = &c->lines[i];
        if (i == 0 || line->panel != line[-1].panel) {
            const char *panel = c->panels[line->panel].text;
            fprintf(stream, "%s%s%s%-*s %9s %5s  %9s  %-*s%s\n", i ? "\n" : "", panel,
                    panel[0] ? ":\n" : "", LABEL_WIDTH, "line", "x", "seeds", "median",
                    interval_width(c), "95 % of the median",
                    c->curve->reference ? " reference" : "");
        }
        print_line(report, c, line, stream);
        for (size_t k = 0; k < line->n_points; k++) {
            fewer = fewer || line->points[k].n < ig_grid_n_seeds(report->grid);
        }
    }
    if (c->curve->predicted) {
        fputs("* least of its line.", stream);
    }
    if (fewer) {
        fprintf(stream, "%s! fewer than the %zu seeds.", c->curve->predicted ? " " : "",
                ig_grid_n_seeds(report->grid));
    }
    fputs(c->curve->predicted || fewer ? "\n" : "", stream);
}

static void print_optimum(const ig_report_curve *c, const ig_report_line *line, FILE *stream)
{
    const ig_optimum *o = &line->optimum;
    const char *panel = c->panels[line->panel].text;
    char label[2 * IG_REPORT_LABEL + 2], best[CELL], least[CELL];
    snprintf(label, sizeof label, "%s%s%s", panel, panel[0] && line->label[0] ? ", " : "",
             panel[0] && !line->label[0] ? "" : name_of(line));
    print_label(label, stream);
    if (line->seeds == 0) {
        fputs(" nothing finished\n", stream);
        return;
    }
    fprintf(stream, " %9.6g  %-20s %5.2f %10.4g %s\n", o->best,
            interval_text(o->best_low, o->best_high, best), o->share, o->least,
            interval_text(o->least_low, o->least_high, least));
    if (o->ties > 1) {
        fprintf(stream, "  %zu x have this median; the smallest is told\n", o->ties);
    }
    if (o->end) {
        fprintf(stream, "  the %s x measured: the least may lie beyond\n",
                o->end < 0 ? "first" : "last");
    }
    for (size_t k = 0; k < c->n_predicted; k++) {
        const ig_prediction *p = &line->predictions[k];
        char name[CELL];
        snprintf(name, sizeof name, "  %s", c->curve->predicted[k]);
        print_label(name, stream);
        fprintf(stream, " %9.4g%c %-20s %5s %10.4g %+.3g %%, %s\n", p->median,
                "< >"[p->outside + 1], interval_text(p->q1, p->q3, best), "", p->measured,
                100 * p->excess, p->near ? "near" : "not near");
    }
}

static void print_optima(const ig_report_curve *c, FILE *stream)
{
    bool outside = false;
    fprintf(stream, "\n%-*s %9s  %-20s %5s %10s %s\n", LABEL_WIDTH, "where it is least", "best x",
            "95 %", "share", "least", "95 %");
    if (c->n_predicted) {
        fprintf(stream, "%-*s %9s  %-20s %5s %10s %s\n", LABEL_WIDTH, "  predicted by", "median x",
                "quartiles", "", "there", "above the least");
    }
    for (size_t i = 0; i < c->n_lines; i++) {
        print_optimum(c, &c->lines[i], stream);
        for (size_t k = 0; k < c->n_predicted; k++) {
            outside = outside || c->lines[i].predictions[k].outside;
        }
    }
    fputs("share: of the resamples that have their least at the best x.\n", stream);
    if (outside) {
        fputs("< > below or above all x measured: taken at the nearest of them.\n", stream);
    }
    for (size_t k = 0; k < c->n_predicted; k++) {
        size_t near, n;
        ig_curve_count_near(c, k, &near, &n);
        fprintf(stream, "%s: near, within %.3g %% of the least, on %zu of %zu lines.\n",
                c->curve->predicted[k], 100 * c->curve->tolerance, near, n);
    }
}

void ig_curve_print(const ig_report *report, const ig_report_curve *curve, FILE *stream)
{
    const ig_column *measured = ig_report_column(report, curve->measured);
    fprintf(stream, "\n%s: %s\n", curve->curve->name, curve->curve->title);
    fprintf(stream, "  %s: %s\n  x: %s\n", measured->name, measured->long_name, curve->curve->x);
    if (curve->curve->reference) {
        fprintf(stream, "  reference: %s\n", ig_report_column(report, curve->reference)->long_name);
    }
    if (curve->n_lines == 0) {
        fputs("  no grid point belongs to it\n", stream);
        return;
    }
    print_points(report, curve, stream);
    if (curve->curve->predicted) {
        print_optima(curve, stream);
    }
}
