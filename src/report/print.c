/** The tables for people: at most 100 columns wide. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/agreement.h"
#include "report/curves.h"
#include "report/ratios.h"

enum { LABEL_WIDTH = 20, POINTS_LISTED = 10, INTERVAL_TEXT = 64 };

static void print_count(const ig_report *report, FILE *stream)
{
    fprintf(stream, "%s: %s\n", report->experiment->schema.experiment, report->experiment->title);
    fprintf(stream, "%zu of %zu tasks done, %zu failed, %zu missing (%zu %s, %zu seeds, %zu %s)\n",
            report->done, report->rows.n_tasks, report->failed, report->missing,
            ig_grid_n_points(report->grid),
            ig_grid_n_points(report->grid) == 1 ? "grid point" : "grid points",
            ig_grid_n_seeds(report->grid), report->n_paths,
            report->n_paths == 1 ? "file" : "files");
}

/** "[low, high]"; returns `text`. */
static const char *interval_text(double low, double high, char text[INTERVAL_TEXT])
{
    snprintf(text, INTERVAL_TEXT, "[%.4g, %.4g]", low, high);
    return text;
}

static void print_column(const ig_report *report, size_t column, FILE *stream)
{
    const ig_column *c = ig_report_column(report, column);
    fprintf(stream, "\n%s: %s, in units of %s\n", c->name, c->long_name, c->units);
    fprintf(stream, "%-*s %5s %9s %9s %-22s %9s %s\n", LABEL_WIDTH, "grid point", "seeds", "mean",
            "SEM", "95 % of the mean", "median", "95 % of the median");
    for (size_t p = 0; p < ig_grid_n_points(report->grid); p++) {
        const ig_statistics *s = ig_report_at(report, column, p);
        char label[IG_REPORT_LABEL], interval[INTERVAL_TEXT];
        ig_grid_label(report->grid, p, label, sizeof label);
        /* A label that is too long for its column has a line of its own. */
        fprintf(stream, "%-*s%s", LABEL_WIDTH, label, strlen(label) > LABEL_WIDTH ? "\n" : "");
        fprintf(stream, "%*s %5zu", strlen(label) > LABEL_WIDTH ? LABEL_WIDTH : 0, "", s->n);
        if (s->n == 0) {
            fputs("  nothing finished\n", stream);
            continue;
        }
        fprintf(stream, " %9.4g", s->mean);
        if (s->n > 1) {
            fprintf(stream, " %9.3g", s->sem);
        } else {
            fprintf(stream, " %9s", "-");
        }
        fprintf(stream, " %-22s", interval_text(s->mean_low, s->mean_high, interval));
        fprintf(stream, " %9.4g %s\n", s->median,
                interval_text(s->median_low, s->median_high, interval));
    }
}

static void print_published(const ig_report *report, const ig_fit *fit, FILE *stream)
{
    const ig_published published = ig_report_published(report, fit);
    if (isnan(published.value)) {
        fputs("-\n", stream);
        return;
    }
    fprintf(stream, "%.4g", published.value);
    if (!isnan(published.low)) {
        fprintf(stream, " [%.4g, %.4g]", published.low, published.high);
    }
    fputc('\n', stream);
}

/** In plain words how a fit compares with the published figure. */
static void print_verdict(const ig_report *report, const ig_report_fit *f, FILE *stream)
{
    const ig_published published = ig_report_published(report, f->fit);
    const double value = published.value, low = f->law.exponent_low, high = f->law.exponent_high;
    if (!f->fitted || isnan(value)) {
        return;
    }
    fprintf(stream, "%s%s%s:%s", f->fit->exponent, f->label[0] ? ", " : "", f->label,
            f->label[0] ? "\n  " : " ");
    if (value >= low && value <= high) {
        fprintf(stream, "the published %.4g lies inside our 95 %% interval", value);
    } else {
        fprintf(stream, "the published %.4g lies outside our 95 %% interval, by %.2g", value,
                value < low ? low - value : value - high);
    }
    if (!isnan(published.low)) {
        fprintf(stream, "; the two intervals %s",
                low <= published.high && published.low <= high ? "overlap" : "do not overlap");
    }
    fputs(".\n", stream);
}

static void print_fit_row(const ig_report *report, const ig_report_fit *f, FILE *stream)
{
    char interval[64];
    if (f->label[0]) {
        fprintf(stream, "%s:\n", f->label);
    }
    fprintf(stream, "%-9s %-16s ", f->fit->exponent, f->fit->column);
    if (!f->fitted) {
        fprintf(stream, "no fit: %s\n", f->reason);
        return;
    }
    snprintf(interval, sizeof interval, "[%.4f, %.4f]", f->law.exponent_low, f->law.exponent_high);
    fprintf(stream, "%8.4f %7.4f %-18s %9.4g ", f->law.exponent, f->law.exponent_se, interval,
            f->law.amplitude);
    if (isnan(f->law.r2)) {
        fprintf(stream, "%7s  ", "-");
    } else {
        fprintf(stream, "%7.4f  ", f->law.r2);
    }
    print_published(report, f->fit, stream);
}

/** What a reader of the interval should know. */
static void print_caveats(const ig_report_fit *f, FILE *stream)
{
    if (f->single) {
        fprintf(stream,
                "Note: %s rests on %zu axis values with one seed only; its interval cannot see "
                "their spread.\n",
                f->fit->exponent, f->single);
    }
    if (f->fitted && f->law.n_anchors < f->n_points) {
        fprintf(stream, "Note: %s rests on %zu of %zu axis values, the rest has no results.\n",
                f->fit->exponent, f->law.n_anchors, f->n_points);
    }
}

static void print_fits(const ig_report *report, FILE *stream)
{
    if (report->n_fits == 0) {
        return;
    }
    fprintf(stream, "\nPower laws, column = amplitude * (%s)^-exponent\n",
            report->fits[0].fit->axis);
    fprintf(stream, "%-9s %-16s %8s %7s %-18s %9s %7s  %s\n", "exponent", "column", "value", "SE",
            "95 % interval", "amplitude", "R2", "published");
    for (size_t i = 0; i < report->n_fits; i++) {
        print_fit_row(report, &report->fits[i], stream);
    }
    fputc('\n', stream);
    for (size_t i = 0; i < report->n_fits; i++) {
        print_verdict(report, &report->fits[i], stream);
    }
    for (size_t i = 0; i < report->n_fits; i++) {
        print_caveats(&report->fits[i], stream);
    }
}

static void print_missing(const ig_report *report, FILE *stream)
{
    size_t n_seeds = ig_grid_n_seeds(report->grid), listed = 0, points = 0;
    for (size_t p = 0; report->missing && p < ig_grid_n_points(report->grid); p++) {
        size_t missing = 0;
        for (size_t s = 0; s < n_seeds; s++) {
            missing += report->rows.state[p * n_seeds + s] == IG_STATE_EMPTY;
        }
        points += missing > 0;
        if (missing && listed < POINTS_LISTED) {
            char label[IG_REPORT_LABEL];
            ig_grid_label(report->grid, p, label, sizeof label);
            fprintf(stream, "missing: %s: %zu of %zu seeds\n", label, missing, n_seeds);
            listed++;
        }
    }
    if (points > listed) {
        fprintf(stream, "missing: %zu more grid points\n", points - listed);
    }
    if (report->rows.damaged) {
        fprintf(stream, "damaged: %zu rows do not match their checksums and were not used\n",
                report->rows.damaged);
    }
}

static void print_failed(const ig_report *report, FILE *stream)
{
    size_t n_seeds = ig_grid_n_seeds(report->grid);
    for (size_t i = 0; i < report->n_failures; i++) {
        const ig_report_failure *f = &report->failures[i];
        char label[IG_REPORT_LABEL];
        ig_grid_label(report->grid, f->task / n_seeds, label, sizeof label);
        fprintf(stream, "failed: %s seed=%llu: %s\n", label,
                (unsigned long long)ig_config_seed(report->config, f->task % n_seeds), f->reason);
    }
    if (report->failed > report->n_failures) {
        fprintf(stream, "failed: %zu more tasks\n", report->failed - report->n_failures);
    }
}

static void print_time(const ig_report *report, FILE *stream)
{
    double total = 0, longest = 0;
    size_t n = 0;
    for (size_t t = 0; t < report->rows.n_tasks; t++) {
        double seconds = report->rows.seconds[t];
        if (report->rows.state[t] != IG_STATE_EMPTY && isfinite(seconds)) {
            total += seconds;
            longest = fmax(longest, seconds);
            n++;
        }
    }
    if (n == 0) {
        return;
    }
    fprintf(stream, "\nTime: %.3g core-hours in %zu tasks (mean %.3g s, longest %.3g s)",
            total / 3600, n, total / (double)n, longest);
    if (report->rows.starts) {
        fprintf(stream, "; %zu %s", report->rows.starts,
                report->rows.starts == 1 ? "start" : "starts");
        if (report->rows.ranks_low == report->rows.ranks_high) {
            fprintf(stream, " with %d ranks", (int)report->rows.ranks_low);
        } else {
            fprintf(stream, " with %d to %d ranks", (int)report->rows.ranks_low,
                    (int)report->rows.ranks_high);
        }
    }
    fputs(".\n", stream);
}

void ig_report_print(const ig_report *report, FILE *stream)
{
    print_count(report, stream);
    const bool points =
        report->n_ratios == 0 && report->n_curves == 0 && !report->experiment->summary.agreement;
    for (size_t i = 0; i < report->n_ratios; i++) {
        ig_ratio_print(report, &report->ratios[i], stream);
    }
    ig_agreement_print(report, stream);
    for (size_t i = 0; i < report->n_curves; i++) {
        ig_curve_print(report, &report->curves[i], stream);
    }
    for (size_t c = 0; points && c < report->rows.n_columns; c++) {
        print_column(report, c, stream);
    }
    if (points || report->n_curves > 0) {
        fprintf(stream, "\n95 %% intervals: bootstrap percentiles, %zu resamples of the seeds.\n",
                report->resamples);
    }
    print_fits(report, stream);
    print_time(report, stream);
    print_missing(report, stream);
    print_failed(report, stream);
}
