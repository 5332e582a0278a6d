/** The reader of result files, as status, retry, the next session of a run, merge and plan use it.
 * An input is a list of edits of a real file of one of the experiments: what the footer covers must
 * be rejected, what it does not cover (rows and sessions) must be read whatever it says, and what
 * is given a new footer must be understood or rejected. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hdf5.h>

#include "base/try.h"
#include "cli/command.h"
#include "output/output.h"
#include "plan/plan.h"
#include "result-file.h"
#include "run/output.h"
#include "scratch.h"
#include "target.h"

enum { FILES = 16, RESAMPLES = 10 };
/* The second byte of the head: the way that the file goes, one at a time as opening takes long...
 */
enum { READ, STATUS, RETRY, RESUME, MERGE, TABLES, SUMMARY, REUSE, WAYS };
/* ...and what else is different. */
enum {
    BOTH = 8 /**< merged with the file as it was */,
    ELABORATE = 16,
    WRONG_HASH = 32,
    SAVED = 64
};

static result_file files[FILES];
static size_t n_files;
static FILE *nowhere;
static char summary_name[4096], folder_name[4096], page_name[4096];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *variable = getenv("IMAGRID_FUZZ_RESULT");
    char *list = strdup(variable ? variable : ""), *rest = list;
    for (char *path; list && (path = strsep(&rest, ":")) && n_files < FILES; n_files++) {
        if (!result_open(path, &files[n_files])) {
            exit(1);
        }
    }
    free(list);
    snprintf(summary_name, sizeof summary_name, "%s-summary.h5", scratch_name());
    snprintf(page_name, sizeof page_name, "%s.html", scratch_name());
    snprintf(folder_name, sizeof folder_name, "%s-tables", scratch_name());
    nowhere = fopen("/dev/null", "w");
    /* The commands print what they find, and no gnuplot is to be found. */
    if (!nowhere || setenv("PATH", "/nowhere", 1) != 0 || !freopen("/dev/null", "w", stdout)) {
        exit(1);
    }
    return 0;
}

/** Read everything there is; whether it could be opened. */
static bool read_all(ig_store_scan *scan)
{
    ig_error error = {0};
    ig_store *store = NULL;
    static ig_session_record starts[IG_STORE_SESSIONS];
    size_t n_starts;
    if (ig_store_open(ig_experiments(), scratch_name(), false, &store, &error) != IG_OK) {
        if (!error.text[0]) {
            abort();
        }
        return false;
    }
    size_t n = ig_grid_n_tasks(ig_store_grid(store));
    int8_t *state = malloc(n);
    unsigned char *row = malloc(ig_store_layout(store)->row_size);
    char reason[IG_ROW_ERROR + 1];
    if (!state || !row || ig_store_check(store, state, scan, &error) != IG_OK ||
        scan->done + scan->failed + scan->empty != n || scan->damaged > scan->empty) {
        abort();
    }
    for (size_t t = 0; t < n; t++) {
        if (ig_store_row(store, t, row, &error) != IG_OK ||
            ig_store_failure(store, t, reason, &error) != IG_OK || state[t] < 0 ||
            state[t] > IG_STATE_FAILED) {
            abort();
        }
    }
    if (ig_store_sessions(store, starts, &n_starts, &error) != IG_OK ||
        n_starts > IG_STORE_SESSIONS) {
        abort();
    }
    free(row);
    free(state);
    ig_store_close(&store);
    return true;
}

/** A command on the file; whether it succeeded. */
static bool command(const ig_command *c)
{
    char first[16], path[4096];
    char *argv[] = {first, path, NULL};
    snprintf(first, sizeof first, "%s", c->name);
    snprintf(path, sizeof path, "%s", scratch_name());
    return c->main(2, argv) == 0;
}

/** What `imagrid status --watch` shows, whatever the rows say of times. */
static void watch(void)
{
    ig_error error = {0};
    ig_store *store = NULL;
    ig_snapshot s;
    if (ig_store_open(ig_experiments(), scratch_name(), false, &store, &error) != IG_OK) {
        return;
    }
    if (ig_snapshot_take(store, 2e9, &s, &error) != IG_OK || !(s.share >= 0) || s.share > 1 ||
        s.counts.done + s.counts.failed + s.counts.left > s.n_tasks) {
        abort();
    }
    ig_snapshot_clear(&s);
    ig_store_close(&store);
}

/** After `imagrid retry` no failed task is left, and nothing else has changed. */
static void retry(void)
{
    ig_store_scan before, after;
    if (read_all(&before) && (!command(&ig_command_retry) || !read_all(&after) ||
                              after.failed != 0 || after.done != before.done)) {
        abort();
    }
}

/** What `imagrid run` does with the file before and after the work, for a configuration. */
static ig_status resume(const ig_config *config, ig_store_scan *scan)
{
    const ig_experiment *e = ig_experiment_of(config);
    ig_error error = {0};
    ig_grid *grid = NULL;
    ig_layout *layout = NULL;
    ig_output output = {0};
    if (ig_grid_create(config, &grid, &error) != IG_OK ||
        ig_layout_create(e->columns, e->n_columns, e->dimensions, e->n_dimensions, config, &layout,
                         &error) != IG_OK) {
        abort();
    }
    const ig_output_request request = {
        .registry = ig_experiments(),
        .path = scratch_name(),
        .config = config,
        .grid = grid,
        .layout = layout,
        .isa = IG_ISA_AVX512,
        .quiet = true,
        .session = {.begin = 1e9, .ranks = 1, .shards = 1, .hosts = "fuzz:1"}};
    ig_status status = ig_output_open(&request, &output, &error);
    if (status && !error.text[0]) {
        abort();
    }
    if (!status) {
        status = ig_output_finish(&output, 0, scan, &error);
    }
    ig_layout_destroy(&layout);
    ig_grid_destroy(&grid);
    return status;
}

/** A run with the file's own configuration goes on where it can follow the instruction set; one
 *  with another configuration is refused. */
static void start_again(const result_file *f)
{
    ig_error error = {0};
    ig_store *store = NULL;
    ig_store_scan before, after;
    if (!read_all(&before)) {
        return;
    }
    if (ig_store_open(ig_experiments(), scratch_name(), false, &store, &error) != IG_OK) {
        abort();
    }
    const ig_config *own = ig_store_config(store), *was = ig_store_config(f->store);
    ig_status status = resume(own, &after);
    if (status == IG_OK
            ? after.done != before.done || after.damaged > 0
            : status != IG_ERR_MISMATCH && (status != IG_ERR_FORMAT || before.damaged == 0)) {
        abort();
    }
    if (strcmp(ig_config_hash(own), ig_config_hash(was)) != 0 &&
        resume(was, &after) != IG_ERR_MISMATCH) {
        abort();
    }
    ig_store_close(&store);
}

/** What --reuse asks of the file for each instruction set of a run. */
static void reuse(const result_file *f)
{
    ig_error error = {0};
    ig_store *old = NULL;
    if (ig_store_open(ig_experiments(), scratch_name(), false, &old, &error) != IG_OK) {
        return;
    }
    const ig_identity there = ig_store_identity(old);
    for (ig_isa isa = IG_ISA_PORTABLE; isa <= IG_ISA_SVE512; isa++) {
        const ig_identity here = ig_identity_of_run(ig_experiments(), ig_store_config(f->store),
                                                    isa, ig_store_identity(f->store).inputs);
        ig_status status = ig_identity_match(&there, &here, IG_IDENTITY_ROWS, NULL, &error);
        if (status && !error.text[0]) {
            abort();
        }
    }
    ig_store_close(&old);
}

static void want(ig_status status, const ig_error *error)
{
    if (status) {
        fprintf(stderr, "%s\n", error->text);
        abort();
    }
}

static void write_tables(const ig_merged *merged)
{
    ig_error error = {0};
    want(ig_output_csv(&merged->tables, folder_name, &error), &error);
    want(ig_output_latex(&merged->tables, folder_name, &error), &error);
}

/** The page, without figures, as there is no gnuplot; reasons of failures are text in it. */
static void write_page(const ig_merged *merged)
{
    static const char raw[] = "<b>&amp;";
    ig_error error = {0};
    size_t size = 0;
    ig_status status = ig_output_page(merged, "fuzz", page_name, &error);
    want(status == IG_ERR_IO ? IG_OK : status, &error);
    uint8_t *page = scratch_load(page_name, &size);
    if (memmem(page, size, raw, sizeof raw - 1)) {
        abort();
    }
    free(page);
}

/** A summary, the same as JSON, and a purchase planned from it. */
static void write_summary(const ig_merged *merged)
{
    ig_error error = {0};
    ig_measured measured[IG_KINDS] = {0};
    AUTO(ig_facts_clear) ig_facts facts = {0};
    want(ig_facts_of(merged, &facts, &error), &error);
    want(ig_output_hdf5(&merged->tables, &facts, summary_name, &error), &error);
    ig_status status = ig_measured_read_summary(summary_name, NULL, measured, &error);
    if (status && !error.text[0]) {
        abort();
    }
    ig_measured_clear(&measured[IG_DYNAMICS]);
    ig_measured_clear(&measured[IG_REWARD]);
    unlink(summary_name);
    want(ig_output_json(&merged->tables, &facts, summary_name, &error), &error);
    unlink(summary_name);
}

/** The first value of the last key that varies, to compare with. */
static const char *baseline_of(const ig_config *config, char text[200])
{
    const ig_schema *schema = ig_config_schema(config);
    *text = '\0';
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (schema->keys[k].column && ig_config_count(config, k) > 1) {
            snprintf(text, 200, "%s=%s", schema->keys[k].path,
                     ig_value_text(ig_config_value(config, k, 0)));
        }
    }
    return *text ? text : NULL;
}

static void merge(const result_file *f, uint8_t ways)
{
    ig_error error = {0};
    AUTO(ig_merged_clear) ig_merged merged = {0};
    char text[200];
    bool elaborate = ways & ELABORATE;
    const ig_merge_request request = {
        .how = {RESAMPLES, elaborate ? IG_INTERVAL_BCA : IG_INTERVAL_PERCENTILE},
        .compare = elaborate ? baseline_of(ig_store_config(f->store), text) : NULL};
    const char *paths[] = {scratch_name(), f->path};
    ig_status status =
        ig_merge(ig_experiments(), paths, ways & BOTH ? 2 : 1, &request, &merged, &error);
    if (status && !error.text[0]) {
        abort();
    }
    if (!status) {
        ig_merged_print_counts(&merged, nowhere);
        want(ig_output_text(&merged.tables, nowhere, &error), &error);
        ig_merged_print_state(&merged, nowhere);
    }
    if (!status && ways % WAYS == TABLES) {
        write_tables(&merged);
        if (ways & SAVED) {
            write_page(&merged);
        }
    }
    /* HDF5 takes ten times as long for it as all the rest does. */
    if (!status && ways % WAYS == SUMMARY && ways & SAVED) {
        write_summary(&merged);
    }
}

/** What is left of the file when nothing but rows and texts is believed. */
static void rescue(bool save)
{
    ig_error error = {0};
    ig_store *store = NULL;
    ig_store_scan scan;
    if (ig_store_rescue(ig_experiments(), scratch_name(), NULL, &store, &error) != IG_OK) {
        if (!error.text[0]) {
            abort();
        }
        return;
    }
    const size_t n = ig_grid_n_tasks(ig_store_grid(store));
    int8_t *state = malloc(n);
    if (!state || ig_store_check(store, state, &scan, &error) != IG_OK ||
        scan.done + scan.failed + scan.empty != n) {
        abort();
    }
    if (save && scan.done + scan.failed > 0) {
        unlink(summary_name);
        want(ig_store_salvage(store, ig_experiments(), summary_name, &scan, &error), &error);
        unlink(summary_name);
    }
    free(state);
    ig_store_close(&store);
}

static void go(const result_file *f, uint8_t ways)
{
    ig_store_scan scan;
    switch (ways % WAYS) {
    case STATUS:
        command(&ig_command_status);
        watch();
        break;
    case RETRY:
        retry();
        break;
    case RESUME:
        start_again(f);
        break;
    case MERGE:
    case TABLES:
    case SUMMARY:
        merge(f, ways);
        break;
    case REUSE:
        reuse(f);
        break;
    default:
        read_all(&scan);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    result_file *f = &files[edits_head(data, size, 0) % n_files];
    uint8_t ways = edits_head(data, size, 1);
    ig_store_scan scan;
    result_restore(f);
    for (size_t i = 0; i < edits_count(data, size); i++) {
        edit e = edits_at(data, i);
        result_edit(f, &e);
    }
    result_mend(f, !(ways & WRONG_HASH));
    scratch_fill(f->bytes, f->size);
    if (f->cut && read_all(&scan)) {
        abort();
    }
    rescue(ways % WAYS == RETRY && (ways & SAVED));
    go(f, ways);
    if (H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) != 0) {
        abort();
    }
    return 0;
}
