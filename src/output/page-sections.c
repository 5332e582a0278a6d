/** What the page tells beside figures and tables. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "output/figure.h"
#include "output/html.h"
#include "output/page.h"

enum { FAILURES = 500, POINTS = 500, TIME = 32 };

static void put_tile(const char *class, const char *name, const char *number, FILE *stream)
{
    fprintf(stream, "<div%s%s%s><dt>%s</dt><dd>%s</dd></div>\n", class[0] ? " class=\"" : "", class,
            class[0] ? "\"" : "", name, number);
}

static void put_count(const char *class, const char *name, size_t count, FILE *stream)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", count);
    put_tile(class, name, text, stream);
}

void ig_page_head(const ig_report *report, const char *version, FILE *stream)
{
    double seconds = 0;
    char hours[32];
    for (size_t t = 0; t < report->rows.n_tasks; t++) {
        bool ran = report->rows.state[t] != IG_STATE_EMPTY && isfinite(report->rows.seconds[t]);
        seconds += ran ? report->rows.seconds[t] : 0;
    }
    snprintf(hours, sizeof hours, "%.3g", seconds / 3600);
    fputs("<header>\n<h1>", stream);
    ig_html_text(report->rows.experiment->title, stream);
    fputs("</h1>\n<p class=\"soft\">Experiment ", stream);
    ig_html_text(report->rows.experiment->schema.experiment, stream);
    fputs(", configuration <span class=\"mono\">", stream);
    ig_html_text(ig_config_hash(report->rows.config), stream);
    fputs("</span>; made by ", stream);
    ig_html_text(version, stream);
    fputs("</p>\n<nav>", stream);
    if (ig_report_has_figures(report)) {
        fputs("<a href=\"#figures\">Figures</a>", stream);
    }
    fputs(
        "<a href=\"#tables\">Tables</a><a href=\"#incomplete\">Failed and missing</a>"
        "<a href=\"#provenance\">Provenance</a><a href=\"#configuration\">Configuration</a></nav>\n"
        "<dl class=\"tiles\">\n",
        stream);
    put_count(report->rows.done == report->rows.n_tasks ? "good" : "", "tasks done",
              report->rows.done, stream);
    put_count(report->rows.failed ? "bad" : "", "failed", report->rows.failed, stream);
    put_count(report->rows.missing ? "bad" : "", "missing", report->rows.missing, stream);
    put_count("", "grid points", ig_grid_n_points(report->rows.grid), stream);
    put_count("", "seeds", ig_grid_n_seeds(report->rows.grid), stream);
    put_tile("", "core-hours", hours, stream);
    fputs("</dl>\n</header>\n", stream);
}

static void put_label(const ig_report *report, size_t point, ig_sheet *sheet)
{
    char label[IG_LABEL];
    ig_grid_label(report->rows.grid, point, label, sizeof label);
    ig_sheet_cell(sheet, "%s", label);
}

static ig_status fill_failures(const ig_report *report, ig_sheet *sheet, ig_error *error)
{
    ig_failure *failures = NULL;
    const size_t n_seeds = ig_grid_n_seeds(report->rows.grid);
    size_t n = 0;
    ig_status status = ig_rows_failures(&report->rows, FAILURES, &failures, &n, error);
    ig_sheet_init(sheet, "failures", "Failed rows");
    ig_sheet_column_add(sheet, "grid point", false);
    ig_sheet_column_add(sheet, "seed", true);
    ig_sheet_column_add(sheet, "reason", false);
    ig_sheet_column_add(sheet, "file", false);
    for (size_t i = 0; i < n; i++) {
        const size_t task = failures[i].task;
        put_label(report, task / n_seeds, sheet);
        ig_sheet_cell(sheet, "%llu",
                      (unsigned long long)ig_config_seed(report->rows.config, task % n_seeds));
        ig_sheet_cell(sheet, "%s", failures[i].reason);
        ig_sheet_cell(sheet, "%s", report->rows.paths[report->rows.source[task]]);
    }
    if (report->rows.failed > n) {
        ig_sheet_note(sheet, "%zu more rows failed.", report->rows.failed - n);
    }
    free(failures);
    return status;
}

/** Grid points that are not whole. */
static void fill_missing(const ig_report *report, ig_sheet *sheet)
{
    size_t more = 0;
    ig_sheet_init(sheet, "missing", "Grid points that are not whole");
    ig_sheet_column_add(sheet, "grid point", false);
    ig_sheet_column_add(sheet, "done", true);
    ig_sheet_column_add(sheet, "failed", true);
    ig_sheet_column_add(sheet, "missing", true);
    for (size_t p = 0; p < ig_grid_n_points(report->rows.grid); p++) {
        const ig_states states = ig_rows_states(&report->rows, p);
        if (states.failed + states.missing == 0) {
            continue;
        }
        if (ig_sheet_rows(sheet) == POINTS) {
            more++;
            continue;
        }
        put_label(report, p, sheet);
        ig_sheet_count(sheet, states.done);
        ig_sheet_count(sheet, states.failed);
        ig_sheet_count(sheet, states.missing);
    }
    if (more) {
        ig_sheet_note(sheet, "%zu more grid points are not whole.", more);
    }
}

/** Put a sheet that was filled with this `status` on the page, if it is whole, and clear it. */
static ig_status show(ig_sheet *sheet, ig_status status, FILE *stream, ig_error *error)
{
    if (!status && sheet->status) {
        status = ig_error_set(error, sheet->status, "no memory for a table");
    }
    if (!status) {
        ig_sheet_html(sheet, stream);
    }
    ig_sheet_clear(sheet);
    return status;
}

ig_status ig_page_incomplete(const ig_report *report, FILE *stream, ig_error *error)
{
    ig_sheet sheet = {0};
    ig_status status = IG_OK;
    fputs("<section id=\"incomplete\">\n<h2>Failed and missing</h2>\n", stream);
    if (report->rows.failed + report->rows.missing == 0) {
        fputs("<p>Every task of the grid is done.</p>\n", stream);
    } else {
        fill_missing(report, &sheet);
        status = show(&sheet, IG_OK, stream, error);
    }
    if (!status && report->rows.failed > 0) {
        status = show(&sheet, fill_failures(report, &sheet, error), stream, error);
    }
    if (report->rows.damaged) {
        fprintf(stream,
                "<p class=\"error\">%zu rows do not match their checksums and were not "
                "used.</p>\n",
                report->rows.damaged);
    }
    fputs("</section>\n", stream);
    return status;
}

/** "2026-05-11 12:00:00"; "-" for NaN. */
static const char *time_text(double seconds, char text[TIME])
{
    struct tm parts;
    time_t whole = isfinite(seconds) && fabs(seconds) < 1e11 ? (time_t)seconds : 0;
    if (!whole || !gmtime_r(&whole, &parts) ||
        strftime(text, TIME, "%Y-%m-%d %H:%M:%S", &parts) == 0) {
        snprintf(text, TIME, "-");
    }
    return text;
}

static void put_start(const char *path, const ig_session_record *start, ig_sheet *sheet)
{
    char text[TIME];
    ig_sheet_cell(sheet, "%s", path);
    ig_sheet_cell(sheet, "%s", time_text(start->begin, text));
    ig_sheet_cell(sheet, "%s", time_text(start->end, text));
    ig_sheet_cell(sheet, "%d", (int)start->ranks);
    ig_sheet_cell(sheet, "%d/%d", (int)start->shard, (int)start->shards);
    if (start->exit_code < 0) {
        ig_sheet_cell(sheet, "no end noted");
    } else {
        ig_sheet_cell(sheet, "%d", (int)start->exit_code);
    }
    ig_sheet_cell(sheet, "%s", start->hosts);
    ig_sheet_cell(sheet, "%s", start->job[0] ? start->job : "-");
}

/** Starts noted in every file. */
static ig_status fill_starts(const ig_report *report, ig_sheet *sheet, ig_error *error)
{
    static const char *const heads[] = {"file",  "begin (UTC)", "end (UTC)", "ranks",
                                        "shard", "exit code",   "hosts",     "job"};
    ig_session_record *starts = calloc(IG_STORE_SESSIONS, sizeof *starts);
    ig_status status =
        starts ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "no memory for the starts");
    ig_sheet_init(sheet, "starts", "Starts of runs");
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        ig_sheet_column_add(sheet, heads[i], i == 3);
    }
    for (size_t f = 0; !status && f < report->rows.n_paths; f++) {
        ig_store *store = NULL;
        size_t n = 0;
        status = ig_store_open(report->rows.registry, report->rows.paths[f], false, &store, error);
        if (!status) {
            status = ig_store_sessions(store, starts, &n, error);
        }
        for (size_t i = 0; !status && i < n; i++) {
            put_start(report->rows.paths[f], &starts[i], sheet);
        }
        ig_store_close(&store);
    }
    ig_sheet_note(sheet, "no end noted: the run goes on, or was killed.");
    free(starts);
    return status;
}

static void put_fact(const char *name, const char *text, FILE *stream)
{
    fprintf(stream, "<dt>%s</dt><dd>", name);
    ig_html_text(text && text[0] ? text : "-", stream);
    fputs("</dd>\n", stream);
}

static void put_facts(const ig_report *report, const char *version, FILE *stream)
{
    static const char *const attributes[][2] = {
        {"imagrid_version", "Version that ran"},
        {"revision", "Revision"},
        {"compiler", "Compiler"},
        {"flags", "Flags"},
        {"libraries", "Libraries"},
        {"isa", "Instruction set"},
    };
    fputs("<dl class=\"facts\">\n", stream);
    for (size_t i = 0; i < report->rows.n_paths; i++) {
        put_fact(i ? "" : "Files", report->rows.paths[i], stream);
    }
    put_fact("Configuration hash", ig_config_hash(report->rows.config), stream);
    put_fact("Version that merged", version, stream);
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        put_fact(attributes[i][1], ig_store_attribute(report->rows.store, attributes[i][0]),
                 stream);
    }
    fprintf(stream, "<dt>Intervals</dt><dd>bootstrap, %s, %zu resamples</dd>\n</dl>\n",
            report->rows.how.interval == IG_INTERVAL_BCA ? "BCa" : "percentiles",
            report->rows.how.resamples);
}

ig_status ig_page_provenance(const ig_report *report, const char *version, FILE *stream,
                             ig_error *error)
{
    ig_sheet sheet = {0};
    fputs("<section id=\"provenance\">\n<h2>Provenance</h2>\n", stream);
    put_facts(report, version, stream);
    ig_status status = show(&sheet, fill_starts(report, &sheet, error), stream, error);
    fputs("</section>\n<section id=\"configuration\">\n<h2>Configuration, with all defaults filled "
          "in</h2>\n<pre tabindex=\"0\">",
          stream);
    ig_html_text(ig_config_resolved(report->rows.config), stream);
    fputs("</pre>\n</section>\n", stream);
    return status;
}
