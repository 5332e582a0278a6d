#include "results/analyses.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/try.h"
#include "experiments/plugins.h"

/** What has been counted over the analyses of a kind: bootstraps have cells by these numbers. */
typedef struct counters {
    size_t ratio_groups, curves, profiles;
} counters;

static ig_status analyse_one(const ig_analysis *a, const ig_merge_request *request, counters *n,
                             ig_merged *m, ig_error *error)
{
    const ig_rows *rows = &m->rows;
    switch (a->kind) {
    case IG_ANALYSIS_LAWS:
        return ig_laws_analyse(rows, a->spec, request->law, &m->tables, &m->figures, error);
    case IG_ANALYSIS_RATIO:
        return ig_ratio_analyse(rows, a->spec, &n->ratio_groups, &m->tables, &m->figures, error);
    case IG_ANALYSIS_AGREEMENT:
        return ig_agreement_analyse(rows, a->spec, &m->tables, &m->figures, error);
    case IG_ANALYSIS_CURVE:
        return ig_curve_analyse(rows, a->spec, n->curves++, &m->tables, &m->figures, error);
    case IG_ANALYSIS_PROFILE:
        return ig_profile_analyse(rows, a->spec, n->profiles++, &m->tables, &m->figures, error);
    case IG_ANALYSIS_TABLE:
        return ((const ig_own_table *)a->spec)->make(rows, &m->tables, error);
    default:
        return ig_error_set(error, IG_ERR_USAGE, "an analysis of an unknown kind");
    }
}

/** Every analysis that the experiment asks for, in its order. */
static ig_status analyse_all(ig_merged *m, const ig_merge_request *request, ig_error *error)
{
    const ig_summary *summary = &m->rows.experiment->summary;
    counters n = {0};
    for (size_t i = 0; i < summary->n_analyses; i++) {
        TRY(analyse_one(&summary->analyses[i], request, &n, m, error));
    }
    return IG_OK;
}

/** Rows of a table of what is missing; the rest is counted below it. */
enum { ROWS_MAX = 500 };

static void add_missing(const ig_rows *rows, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        IG_HEADING("grid point", IG_CELL_TEXT), IG_HEADING("done", IG_CELL_COUNT),
        IG_HEADING("failed", IG_CELL_COUNT), IG_HEADING("missing", IG_CELL_COUNT)};
    ig_table *table = ig_tables_add(tables, "missing", "Incomplete grid points");
    size_t more = 0;
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t p = 0; p < rows->n_points; p++) {
        const ig_states states = ig_rows_states(rows, p);
        if (states.failed + states.missing == 0) {
            continue;
        }
        if (ig_table_rows(table) == ROWS_MAX) {
            more++;
            continue;
        }
        ig_put_point(rows, p, table);
        ig_put_states(&states, table);
    }
    if (more) {
        ig_table_note(table, "%zu more grid points are incomplete.", more);
    }
}

/** What failed tasks left behind in words: several lines each, for which a table has no room. */
static void add_texts(const ig_rows *rows, const ig_failures *failures, ig_tables *tables)
{
    static const ig_table_column columns[] = {IG_HEADING("grid point", IG_CELL_TEXT),
                                              IG_HEADING("seed", IG_CELL_COUNT),
                                              IG_HEADING("text", IG_CELL_TEXT)};
    ig_table *table = ig_tables_add(tables, "texts", "What failed tasks left behind");
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    table->hidden = true;
    for (size_t i = 0; i < failures->n; i++) {
        const ig_failure *f = &failures->list[i];
        if (f->text && f->text[0]) {
            ig_put_point(rows, f->task / rows->n_seeds, table);
            ig_table_count(table, ig_config_seed(rows->config, f->task % rows->n_seeds));
            ig_table_text(table, "%s", f->text);
        }
    }
}

static ig_status add_failures(const ig_rows *rows, ig_tables *tables, ig_error *error)
{
    static const ig_table_column columns[] = {
        IG_HEADING("grid point", IG_CELL_TEXT), IG_HEADING("seed", IG_CELL_COUNT),
        IG_HEADING("reason", IG_CELL_TEXT), IG_HEADING("file", IG_CELL_TEXT)};
    AUTO(ig_failures_clear) ig_failures failures = {0};
    TRY(ig_rows_failures(rows, ROWS_MAX, &failures, error));
    ig_table *table = ig_tables_add(tables, "failures", "Failed rows");
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < failures.n; i++) {
        const size_t task = failures.list[i].task;
        ig_put_point(rows, task / rows->n_seeds, table);
        ig_table_count(table, ig_config_seed(rows->config, task % rows->n_seeds));
        ig_table_text(table, "%s", failures.list[i].reason);
        ig_table_text(table, "%s", rows->paths[rows->source[task]]);
    }
    if (rows->failed > failures.n) {
        ig_table_note(table, "%zu more rows failed.", rows->failed - failures.n);
    }
    add_texts(rows, &failures, tables);
    return IG_OK;
}

/** "2026-05-11 12:00:00"; "-" for NaN. */
static void put_time(double seconds, ig_table *table)
{
    struct tm parts;
    char text[32];
    time_t whole = isfinite(seconds) && fabs(seconds) < 1e11 ? (time_t)seconds : 0;
    const bool known = whole && gmtime_r(&whole, &parts) &&
                       strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts) > 0;
    ig_table_text(table, "%s", known ? text : "-");
}

/* With the number of sessions, and "s" where there are several. */
#define CHANGED                                                                                    \
    "rows come from different versions of the program: %zu session%s had other input files than "  \
    "the result file was made with"

static void add_sessions(const ig_rows *rows, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        IG_HEADING("file", IG_CELL_TEXT),      IG_HEADING("begin (UTC)", IG_CELL_TEXT),
        IG_HEADING("end (UTC)", IG_CELL_TEXT), IG_HEADING("ranks", IG_CELL_INTEGER),
        IG_HEADING("shard", IG_CELL_TEXT),     IG_HEADING("exit code", IG_CELL_TEXT),
        IG_HEADING("hosts", IG_CELL_TEXT),     IG_HEADING("job", IG_CELL_TEXT),
        IG_HEADING("imagrid", IG_CELL_TEXT),   IG_HEADING("isa", IG_CELL_TEXT)};
    ig_table *table = ig_tables_add(tables, "sessions", "Sessions");
    ig_table_columns(table, columns, sizeof columns / sizeof *columns);
    bool open = false;
    for (size_t i = 0; i < rows->n_sessions; i++) {
        const ig_session_record *s = &rows->sessions[i].record;
        open = open || s->exit_code < 0;
        ig_table_text(table, "%s", rows->paths[rows->sessions[i].source]);
        put_time(s->begin, table);
        put_time(s->end, table);
        ig_table_integer(table, s->ranks);
        ig_table_text(table, "%d/%d", (int)s->shard, (int)s->shards);
        if (s->exit_code < 0) {
            ig_table_text(table, "no end noted");
        } else {
            ig_table_text(table, "%d", (int)s->exit_code);
        }
        ig_table_text(table, "%s", s->hosts);
        ig_table_text(table, "%s", s->job[0] ? s->job : "-");
        ig_table_text(table, "%s", s->version[0] ? s->version : "-");
        ig_table_text(table, "%s", s->isa[0] ? s->isa : "-");
    }
    if (open) {
        ig_table_note(table, "no end noted: the run goes on, or was killed.");
    }
    if (rows->n_changed > 0) {
        ig_table_note(table, CHANGED, rows->n_changed, rows->n_changed == 1 ? "" : "s");
    }
}

/** Whether the statistics of the grid points are for people first, not for reference. */
static bool shows_points(const ig_summary *summary)
{
    for (size_t i = 0; i < summary->n_analyses; i++) {
        if (!ig_kind_of(summary->analyses[i].kind)->after_points) {
            return false;
        }
    }
    return true;
}

/** Every analysis, in the order in which people should read them. */
static ig_status analyse(ig_merged *m, const ig_merge_request *request, ig_error *error)
{
    const char *compare = request->compare;
    AUTO(ig_differences_clear) ig_differences differences = {0};
    const bool points = shows_points(&m->rows.experiment->summary);
    if (compare) {
        TRY(ig_differences_compute(&m->rows, compare, &differences, error));
        m->baseline = ig_strdup(differences.name, error);
        if (!m->baseline) {
            return IG_ERR_MEMORY;
        }
    }
    if (points) {
        ig_statistics_tables(&m->rows, false, &m->tables);
    }
    TRY(analyse_all(m, request, error));
    if (compare) {
        ig_differences_tables(&m->rows, &differences, &m->tables);
    }
    if (!points) {
        ig_statistics_tables(&m->rows, true, &m->tables);
    }
    ig_points_table(&m->rows, compare ? &differences : NULL, &m->tables);
    add_missing(&m->rows, &m->incomplete);
    TRY(add_failures(&m->rows, &m->incomplete, error));
    add_sessions(&m->rows, &m->sessions);
    TRY(ig_tables_status(&m->tables, error));
    TRY(ig_tables_status(&m->incomplete, error));
    TRY(ig_tables_status(&m->sessions, error));
    return ig_figures_status(&m->figures, error);
}

ig_status ig_merge(const ig_registry *registry, const char *const *paths, size_t n_paths,
                   const ig_merge_request *request, ig_merged *merged, ig_error *error)
{
    AUTO(ig_merged_clear) ig_merged m = {0};
    TRY(ig_rows_read(registry, paths, n_paths, &request->how, &m.rows, error));
    TRY(analyse(&m, request, error));
    *merged = m;
    m = (ig_merged){0};
    return IG_OK;
}

void ig_merged_clear(ig_merged *merged)
{
    ig_tables_clear(&merged->tables);
    ig_tables_clear(&merged->incomplete);
    ig_tables_clear(&merged->sessions);
    ig_figures_clear(&merged->figures);
    free(merged->baseline);
    ig_rows_clear(&merged->rows);
    *merged = (ig_merged){0};
}

void ig_merged_print_counts(const ig_merged *merged, FILE *stream)
{
    const ig_rows *rows = &merged->rows;
    fprintf(stream, "%s: %s\n", rows->experiment->schema.experiment, rows->experiment->title);
    fprintf(stream, "%zu of %zu tasks done, %zu failed, %zu missing (%zu %s, %zu seeds, %zu %s)\n",
            rows->done, rows->n_tasks, rows->failed, rows->missing, rows->n_points,
            rows->n_points == 1 ? "grid point" : "grid points", rows->n_seeds, rows->n_paths,
            rows->n_paths == 1 ? "file" : "files");
    if (rows->n_changed > 0) {
        fprintf(stream, CHANGED "\n", rows->n_changed, rows->n_changed == 1 ? "" : "s");
    }
}

static void print_time(const ig_rows *rows, FILE *stream)
{
    const ig_work work = ig_rows_work(rows);
    int32_t low = INT32_MAX, high = 0;
    if (work.n == 0) {
        return;
    }
    fprintf(stream, "\nTime: %.3g core-hours in %zu tasks (mean %.3g s, longest %.3g s)",
            work.seconds / 3600, work.n, work.seconds / (double)work.n, work.longest);
    for (size_t i = 0; i < rows->n_sessions; i++) {
        const int32_t ranks = rows->sessions[i].record.ranks;
        low = ranks < low ? ranks : low;
        high = ranks > high ? ranks : high;
    }
    if (rows->n_sessions > 0) {
        fprintf(stream, "; %zu %s with ", rows->n_sessions,
                rows->n_sessions == 1 ? "session" : "sessions");
        if (low < high) {
            fprintf(stream, "%d to ", (int)low);
        }
        fprintf(stream, "%d %s", (int)high, high == 1 ? "rank" : "ranks");
    }
    fputs(".\n", stream);
}

/** Listed one by one on a terminal. */
enum { LINES_MAX = 10 };

static void print_missing(const ig_rows *rows, FILE *stream)
{
    size_t points = 0;
    for (size_t p = 0; rows->missing && p < rows->n_points; p++) {
        const size_t missing = ig_rows_states(rows, p).missing;
        if (missing == 0 || points++ >= LINES_MAX) {
            continue;
        }
        char label[IG_LABEL];
        ig_grid_label(rows->grid, p, label, sizeof label);
        fprintf(stream, "missing: %s: %zu of %zu seeds\n", label, missing, rows->n_seeds);
    }
    if (points > LINES_MAX) {
        fprintf(stream, "missing: %zu more grid points\n", points - LINES_MAX);
    }
    if (rows->damaged) {
        fprintf(stream, "damaged: %zu rows do not match their checksums and were not used\n",
                rows->damaged);
    }
}

static void print_failed(const ig_merged *merged, FILE *stream)
{
    const ig_table *failures = ig_tables_find(&merged->incomplete, "failures");
    const size_t n = ig_table_rows(failures), shown = n < LINES_MAX ? n : LINES_MAX;
    for (size_t i = 0; i < shown; i++) {
        fprintf(stream, "failed: %s seed=%llu: %s\n", ig_table_at(failures, i, 0)->text,
                (unsigned long long)ig_table_at(failures, i, 1)->count,
                ig_table_at(failures, i, 2)->text);
    }
    if (merged->rows.failed > shown) {
        fprintf(stream, "failed: %zu more tasks\n", merged->rows.failed - shown);
    }
}

void ig_merged_print_state(const ig_merged *merged, FILE *stream)
{
    print_time(&merged->rows, stream);
    print_missing(&merged->rows, stream);
    print_failed(merged, stream);
}
