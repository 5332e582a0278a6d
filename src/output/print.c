/** The report for people: counts, tables, what is missing. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "output/sheets.h"

enum { POINTS_LISTED = 10 };

static void print_count(const ig_report *report, FILE *stream)
{
    fprintf(stream, "%s: %s\n", report->rows.experiment->schema.experiment,
            report->rows.experiment->title);
    fprintf(stream, "%zu of %zu tasks done, %zu failed, %zu missing (%zu %s, %zu seeds, %zu %s)\n",
            report->rows.done, report->rows.n_tasks, report->rows.failed, report->rows.missing,
            ig_grid_n_points(report->rows.grid),
            ig_grid_n_points(report->rows.grid) == 1 ? "grid point" : "grid points",
            ig_grid_n_seeds(report->rows.grid), report->rows.n_paths,
            report->rows.n_paths == 1 ? "file" : "files");
}

static void print_missing(const ig_report *report, FILE *stream)
{
    size_t n_seeds = ig_grid_n_seeds(report->rows.grid), listed = 0, points = 0;
    for (size_t p = 0; report->rows.missing && p < ig_grid_n_points(report->rows.grid); p++) {
        size_t missing = 0;
        for (size_t s = 0; s < n_seeds; s++) {
            missing += report->rows.state[p * n_seeds + s] == IG_STATE_EMPTY;
        }
        points += missing > 0;
        if (missing && listed < POINTS_LISTED) {
            char label[IG_LABEL];
            ig_grid_label(report->rows.grid, p, label, sizeof label);
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
    size_t n_seeds = ig_grid_n_seeds(report->rows.grid);
    for (size_t i = 0; i < report->n_failures; i++) {
        const ig_failure *f = &report->failures[i];
        char label[IG_LABEL];
        ig_grid_label(report->rows.grid, f->task / n_seeds, label, sizeof label);
        fprintf(stream, "failed: %s seed=%llu: %s\n", label,
                (unsigned long long)ig_config_seed(report->rows.config, f->task % n_seeds),
                f->reason);
    }
    if (report->rows.failed > report->n_failures) {
        fprintf(stream, "failed: %zu more tasks\n", report->rows.failed - report->n_failures);
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
    int32_t low = INT32_MAX, high = 0;
    for (size_t i = 0; i < report->rows.n_sessions; i++) {
        const int32_t ranks = report->rows.sessions[i].start.ranks;
        low = ranks < low ? ranks : low;
        high = ranks > high ? ranks : high;
    }
    if (report->rows.n_sessions) {
        fprintf(stream, "; %zu %s with ", report->rows.n_sessions,
                report->rows.n_sessions == 1 ? "start" : "starts");
        if (low < high) {
            fprintf(stream, "%d to ", (int)low);
        }
        fprintf(stream, "%d ranks", (int)high);
    }
    fputs(".\n", stream);
}

/** Whether a sheet ends with this note as well. */
static bool has_note(const ig_sheet *sheet, const char *note)
{
    for (size_t i = 0; i < sheet->n_notes; i++) {
        if (strcmp(sheet->notes[i], note) == 0) {
            return true;
        }
    }
    return false;
}

/** A note in lines of at most WIDTH characters where its words allow it. */
static void print_note(const char *text, FILE *stream)
{
    enum { WIDTH = 110 };
    char shown[IG_SANITIZED_TEXT];
    const char *note = ig_text_sanitized(text, shown);
    while (strlen(note) > WIDTH) {
        size_t end = WIDTH;
        while (end > 0 && note[end] != ' ') {
            end--;
        }
        if (end == 0) {
            break;
        }
        fprintf(stream, "%.*s\n", (int)end, note);
        note += end + 1;
    }
    fprintf(stream, "%s\n", note);
}

/** A note that the next table repeats is left to that one. */
static void print_sheets(const ig_sheets *sheets, FILE *stream)
{
    const ig_sheet *shown[2] = {NULL, NULL};
    for (size_t i = 0; i <= sheets->n; i++) {
        if (i < sheets->n && sheets->sheets[i].detail) {
            continue;
        }
        shown[0] = shown[1];
        shown[1] = i < sheets->n ? &sheets->sheets[i] : NULL;
        if (!shown[0]) {
            continue;
        }
        ig_sheet_print(shown[0], stream);
        for (size_t n = 0; n < shown[0]->n_notes; n++) {
            if (!shown[1] || !has_note(shown[1], shown[0]->notes[n])) {
                print_note(shown[0]->notes[n], stream);
            }
        }
    }
}

ig_status ig_report_print(const ig_report *report, FILE *stream, ig_error *error)
{
    ig_sheets sheets = {0};
    ig_status status = ig_report_sheets(report, &sheets, error);
    if (status) {
        return status;
    }
    print_count(report, stream);
    print_sheets(&sheets, stream);
    print_time(report, stream);
    print_missing(report, stream);
    print_failed(report, stream);
    ig_sheets_clear(&sheets);
    return IG_OK;
}
