/** The tables of the ratios for people: at most 100 columns wide. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/ratios.h"

enum { LABEL_WIDTH = 19, CELL_WIDTH = 23 };

/** A label that is too long for its column has a line of its own. */
static void print_label(const char *label, FILE *stream)
{
    bool fits = strlen(label) <= LABEL_WIDTH;
    fprintf(stream, "%-*s%s%*s", LABEL_WIDTH, label, fits ? "" : "\n", fits ? 0 : LABEL_WIDTH, "");
}

static void print_group(const ig_report *report, const ig_report_ratio *r, size_t i, FILE *stream)
{
    const ig_report_group *g = &r->groups[i];
    /* Groups stand first in the order of lines of their ratio. */
    size_t before = 0;
    for (const ig_report_ratio *other = report->ratios; other < r; other++) {
        before += other->n_groups * (1 + other->n_beside);
    }
    const ig_ratio_line line = ig_ratio_line_at(report, before + i);
    const double *published = line.numbers + IG_RATIO_NUMBERS - 2;
    print_label(g->label, stream);
    fprintf(stream, " %5zu", g->n);
    if (g->n == 0) {
        fputs("  nothing finished\n", stream);
        return;
    }
    fprintf(stream, " %5zu %9.4g %9.4g %9.4g %-16.13g", g->holds, g->spread.q1, g->spread.median,
            g->spread.q3, g->spread.maximum);
    if (isnan(published[0]) && isnan(published[1])) {
        fputs(" -\n", stream);
        return;
    }
    fprintf(stream, " %.4g, %.4g\n", published[0], published[1]);
}

static void print_wrong(const ig_report *report, const ig_report_ratio *r, FILE *stream)
{
    size_t n_seeds = ig_grid_n_seeds(report->grid);
    for (size_t i = 0; i < r->n_wrong; i++) {
        char label[IG_REPORT_LABEL];
        ig_grid_label(report->grid, r->wrong[i] / n_seeds, label, sizeof label);
        fprintf(stream, "  %s = %.17g at %s seed=%llu\n", report->rows.columns[r->judged],
                ig_ratio_value(report, r->judged, r->wrong[i]), label,
                (unsigned long long)ig_config_seed(report->config, r->wrong[i] % n_seeds));
    }
}

/** In plain words whether the claims hold. */
static void print_verdict(const ig_report *report, const ig_report_ratio *r, FILE *stream)
{
    const char *name = report->rows.columns[r->judged];
    if (r->n == 0) {
        return;
    }
    if (r->holds == r->n) {
        fprintf(stream, "%s <= 1 holds on %zu of %zu rows", name, r->holds, r->n);
    } else {
        fprintf(stream, "%s <= 1 is VIOLATED on %zu of %zu rows", name, r->n - r->holds, r->n);
    }
    fprintf(stream, " (rounding may add %.0e).\n", r->ratio->slack);
    if (r->must_attain > 0) {
        fprintf(stream, "%s = 1, where theory says so, %s on %zu of %zu rows", name,
                r->attains == r->must_attain ? "holds" : "is MISSED",
                r->attains == r->must_attain ? r->attains : r->must_attain - r->attains,
                r->must_attain);
        fprintf(stream, " (to %.0e).\n", r->ratio->slack);
    }
    print_wrong(report, r, stream);
}

/** What is left of a zero after rounding is told as zero; the files have every digit. */
static double shown(double number)
{
    return fabs(number) < 1e-12 ? 0 : number;
}

static void print_beside(const ig_report *report, const ig_report_ratio *r, FILE *stream)
{
    if (r->n_beside == 0) {
        return;
    }
    for (size_t b = 0; b < r->n_beside; b++) {
        const ig_column *c = ig_report_column(report, r->beside[b]);
        fprintf(stream, "%s%s: %s, %s\n", b ? "" : "\n", c->name, c->long_name, c->equation);
    }
    fprintf(stream, "%-*s %5s", LABEL_WIDTH, "median [quartiles]", "rows");
    for (size_t b = 0; b < r->n_beside; b++) {
        fprintf(stream, " %-*s", b + 1 < r->n_beside ? CELL_WIDTH : 0, r->ratio->beside[b]);
    }
    fputc('\n', stream);
    for (size_t i = 0; i < r->n_groups; i++) {
        const ig_report_group *g = &r->groups[i];
        print_label(g->label, stream);
        fprintf(stream, " %5zu", g->n);
        for (size_t b = 0; g->n > 0 && b < r->n_beside; b++) {
            const ig_spread *spread = &g->beside[b];
            char cell[96];
            snprintf(cell, sizeof cell, "%.2g [%.2g, %.2g]", shown(spread->median),
                     shown(spread->q1), shown(spread->q3));
            fprintf(stream, " %-*s", b + 1 < r->n_beside ? CELL_WIDTH : 0, cell);
        }
        fputc('\n', stream);
    }
}

void ig_ratio_print(const ig_report *report, const ig_report_ratio *ratio, FILE *stream)
{
    const ig_column *c = ig_report_column(report, ratio->column);
    fprintf(stream, "\n%s: %s\n%*s  %s\n", c->name, c->long_name, (int)strlen(c->name), "",
            c->equation);
    fprintf(stream, "%-*s %5s %5s %9s %9s %9s %-16s %s\n", LABEL_WIDTH, "group", "rows", "<= 1",
            "quartile", "median", "quartile", "maximum", "published");
    for (size_t i = 0; i < ratio->n_groups; i++) {
        print_group(report, ratio, i, stream);
    }
    print_verdict(report, ratio, stream);
    print_beside(report, ratio, stream);
}
