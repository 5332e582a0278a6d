#include "cli/command.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/signals.h"
#include "base/text.h"
#include "base/try.h"
#include "run/run.h"
#include "run/schedule.h"
#include "run/stop.h"

/* ---- how far a run is ---- */

/** Columns of the file, n_tasks each, owned. */
typedef struct columns {
    double *state, *start, *seconds;
} columns;

static void columns_clear(columns *c)
{
    free(c->state);
    free(c->start);
    free(c->seconds);
}

static ig_status columns_read(ig_store *store, columns *c, ig_error *error)
{
    const size_t n = ig_grid_n_tasks(ig_store_grid(store));
    TRY(IG_ALLOC(c->state, n, error));
    TRY(IG_ALLOC(c->start, n, error));
    TRY(IG_ALLOC(c->seconds, n, error));
    /* A row's times are written before its state: what is marked has them. */
    TRY(ig_store_read(store, IG_STORE_STATE, c->state, error));
    TRY(ig_store_read(store, IG_STORE_START, c->start, error));
    return ig_store_read(store, IG_STORE_SECONDS, c->seconds, error);
}

static ig_status read_last_start(ig_store *store, ig_snapshot *s, ig_error *error)
{
    AUTO_FREE ig_session_record *starts = NULL;
    size_t n = 0;
    TRY(IG_ALLOC(starts, IG_STORE_SESSIONS, error));
    TRY(ig_store_sessions(store, starts, &n, error));
    if (n > 0) {
        s->start = starts[n - 1];
        s->running = isnan(s->start.end);
    }
    return IG_OK;
}

static void count_state(ig_counts *counts, int state)
{
    counts->done += state == IG_STATE_DONE;
    counts->failed += state == IG_STATE_FAILED;
    counts->left += state == IG_STATE_EMPTY;
}

/** What the file is for: the whole grid, or the shard of the last session. */
static ig_shard shard_of(const ig_session_record *last)
{
    const bool part = last->shards > 1 && last->shard >= 0;
    return (ig_shard){part ? (size_t)last->shard : 0, part ? (size_t)last->shards : 1};
}

static void count_all(const ig_store *store, const columns *c, double now, ig_snapshot *s)
{
    const ig_experiment *experiment = ig_store_experiment(store);
    const ig_grid *grid = ig_store_grid(store);
    const size_t n_seeds = ig_grid_n_seeds(grid);
    const ig_shard shard = shard_of(&s->start);
    double total = 0, finished = 0, recent = 0, last = (double)NAN, cost = 0;
    size_t n_recent = 0;
    for (size_t t = 0; t < ig_grid_n_tasks(grid); t++) {
        if (t % n_seeds == 0) {
            const ig_point point = {grid, t / n_seeds};
            cost = experiment->cost(&point);
        }
        if (!ig_shard_holds(shard, t)) {
            continue;
        }
        const int state = (int)c->state[t];
        const double end = c->start[t] + c->seconds[t];
        s->n_tasks++;
        count_state(&s->counts, state);
        count_state(&s->points[t / n_seeds], state);
        total += cost;
        if (state != IG_STATE_EMPTY) {
            finished += cost;
            last = fmax(last, end);
            recent += end >= s->start.begin ? cost : 0;
            n_recent += end >= s->start.begin;
        }
    }
    const double elapsed = now - s->start.begin;
    s->share = total > 0 ? finished / total : 1;
    s->quiet = fmax(now - last, 0);
    s->rate = n_recent > 0 && elapsed > 0 ? (double)n_recent / elapsed : (double)NAN;
    s->left = recent > 0 && elapsed > 0 ? (total - finished) * elapsed / recent : (double)NAN;
}

ig_status ig_snapshot_take(ig_store *store, double now, ig_snapshot *snapshot, ig_error *error)
{
    AUTO(columns_clear) columns c = {0};
    AUTO(ig_snapshot_clear) ig_snapshot s = {0};
    TRY(IG_ALLOC(s.points, ig_grid_n_points(ig_store_grid(store)), error));
    TRY(columns_read(store, &c, error));
    TRY(read_last_start(store, &s, error));
    count_all(store, &c, now, &s);
    *snapshot = s;
    s.points = NULL;
    return IG_OK;
}

void ig_snapshot_clear(ig_snapshot *snapshot)
{
    free(snapshot->points);
    *snapshot = (ig_snapshot){0};
}

/* ---- watching ---- */

enum { LABEL = 44, LINE = 512, DURATION = 32 };

/** Lines and columns of the terminal, 24 x 80 where it does not say. */
static struct winsize window_size(void)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row < 4 || size.ws_col < 20) {
        size = (struct winsize){.ws_row = 24, .ws_col = 80};
    }
    return size;
}

/** "35.0 % of work, 42/120 tasks, 1 failed, 77 left; 2.31 tasks/s, ETA 33 s". */
static void compose(const ig_snapshot *s, char text[LINE])
{
    char duration[DURATION];
    int used = snprintf(text, LINE, "%5.1f %% of work, %zu/%zu tasks, %zu failed, %zu left",
                        100 * s->share, s->counts.done + s->counts.failed, s->n_tasks,
                        s->counts.failed, s->counts.left);
    char *rest = text + used;
    const size_t size = LINE - (size_t)used;
    if (s->counts.left == 0) {
        snprintf(rest, size, "; finished");
    } else if (!s->running) {
        snprintf(rest, size, "; not running");
    } else if (isnan(s->rate)) {
        snprintf(rest, size, "; no task finished since the start");
    } else {
        snprintf(rest, size, "; %.3g tasks/s, ETA %s", s->rate,
                 ig_duration(s->left, duration, sizeof duration));
        /* A run that was killed looks like one that is slow. */
        if (s->quiet > 60 && s->quiet > 10 / s->rate) {
            used = (int)strlen(text);
            snprintf(text + used, LINE - (size_t)used, ", nothing new for %s",
                     ig_duration(s->quiet, duration, sizeof duration));
        }
    }
}

/** One line of the display, cut to the terminal's width: a wrapped one could not be overwritten. */
static void put_line(const char *text, int width, FILE *stream)
{
    fprintf(stream, "%.*s\033[K\n", width, text);
}

static void put_points(const ig_snapshot *s, const ig_grid *grid, size_t lines_max, int width,
                       FILE *stream)
{
    const size_t n = ig_grid_n_points(grid), shown = n <= lines_max  ? n
                                                     : lines_max > 0 ? lines_max - 1
                                                                     : 0;
    char text[LINE], label[256];
    for (size_t p = 0; p < shown; p++) {
        const ig_counts *c = &s->points[p];
        ig_grid_label(grid, p, label, sizeof label);
        snprintf(text, sizeof text, "%-*s %8zu %8zu %8zu", LABEL, label, c->done, c->failed,
                 c->left);
        put_line(text, width, stream);
    }
    if (shown < n && lines_max > 0) {
        snprintf(text, sizeof text, "... %zu more grid points", n - shown);
        put_line(text, width, stream);
    }
}

/** Redraw over the previous display, which had `*lines` lines. */
static void draw(const char *path, const ig_snapshot *s, const ig_under_way *under_way,
                 const ig_grid *grid, double now, size_t *lines)
{
    FILE *stream = stdout;
    const struct winsize window = window_size();
    const int width = window.ws_col - 1;
    /* The last line stays free for the cursor; three lines are not grid points. */
    const size_t room = (size_t)window.ws_row - 4, n = ig_grid_n_points(grid),
                 shown_tasks = under_way->n < room / 2 ? under_way->n : room / 2,
                 lines_max = room - shown_tasks;
    char text[LINE], head[LINE], shown[IG_SANITIZED_TEXT];
    if (*lines > 0) {
        fprintf(stream, "\033[%zuA", *lines);
    }
    put_line(ig_text_sanitized(path, shown), width, stream);
    compose(s, text);
    put_line(text, width, stream);
    snprintf(head, sizeof head, "%-*s %8s %8s %8s", LABEL, "grid point", "done", "failed", "left");
    put_line(head, width, stream);
    put_points(s, grid, lines_max, width, stream);
    for (size_t i = 0; i < shown_tasks; i++) {
        ig_under_way_line(grid, &under_way->tasks[i], now, text, sizeof text);
        put_line(text, width, stream);
    }
    fputs("\033[J", stream);
    *lines = 3 + (n < lines_max ? n : lines_max) + shown_tasks;
}

static void print_plain(const ig_snapshot *s, double now, FILE *stream)
{
    char text[LINE], when[DURATION] = "";
    const time_t seconds = (time_t)now;
    struct tm parts;
    if (gmtime_r(&seconds, &parts)) {
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    compose(s, text);
    fprintf(stream, "%s %s\n", when, text);
}

/** Read the file and display it once; `*complete` when no task is left. */
static ig_status show_once(const ig_registry *registry, const char *path, bool terminal,
                           size_t *lines, bool *complete, ig_error *error)
{
    const double now = ig_clock_utc();
    AUTO(ig_store_close) ig_store *store = NULL;
    AUTO(ig_snapshot_clear) ig_snapshot s = {0};
    TRY(ig_store_open(registry, path, false, &store, error));
    TRY(ig_snapshot_take(store, now, &s, error));
    ig_under_way under_way;
    TRY(ig_under_way_find(store, &under_way, error));
    *complete = s.counts.left == 0;
    if (terminal) {
        draw(path, &s, &under_way, ig_store_grid(store), now, lines);
    } else {
        print_plain(&s, now, stdout);
        ig_under_way_print(&under_way, ig_store_grid(store), now);
    }
    return fflush(stdout) == 0 ? IG_OK
                               : ig_error_set(error, IG_ERR_IO, "cannot write to standard output");
}

/** Show how far the run is, every `seconds`, until every task is finished (`*complete` becomes
 * true) or a signal asks for the end (false). The file is opened, read and closed each time, and
 * never written. On a terminal the display is redrawn in place, elsewhere a line is printed each
 * time. */
static ig_status watch(const ig_registry *registry, const char *path, double seconds,
                       bool *complete, ig_error *error)
{
    const bool terminal = isatty(STDOUT_FILENO);
    const struct timespec pause = {(time_t)seconds, (long)(1e9 * (seconds - floor(seconds)))};
    size_t lines = 0;
    *complete = false;
    TRY(ig_signals_install(error));
    while (!ig_signals_caught()) {
        TRY(show_once(registry, path, terminal, &lines, complete, error));
        if (*complete || ig_signals_caught()) {
            break;
        }
        /* A signal ends the pause. */
        nanosleep(&pause, NULL);
    }
    return IG_OK;
}

/* ---- the table ---- */

enum { REASONS = 10, TAIL_LINES = 5 };

/** Characters of the longest label, at least those of a common one. */
static int label_width(const ig_grid *grid)
{
    size_t width = 44;
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        char label[256];
        ig_grid_label(grid, p, label, sizeof label);
        size_t length = strlen(label);
        width = length > width ? length : width;
    }
    return (int)width;
}

static void print_points(const ig_grid *grid, const int8_t *state)
{
    size_t n_seeds = ig_grid_n_seeds(grid);
    int width = label_width(grid);
    printf("%-*s %8s %8s %8s\n", width, "grid point", "done", "failed", "left");
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        size_t count[3] = {0, 0, 0};
        for (size_t seed = 0; seed < n_seeds; seed++) {
            count[state[p * n_seeds + seed]]++;
        }
        char label[256];
        ig_grid_label(grid, p, label, sizeof label);
        printf("%-*s %8zu %8zu %8zu\n", width, label, count[IG_STATE_DONE], count[IG_STATE_FAILED],
               count[IG_STATE_EMPTY]);
    }
}

/** The last lines of what a failed task left behind, indented. */
static void print_tail(char *text)
{
    char *end = text + strlen(text);
    size_t lines = 0;
    while (end > text && (end[-1] == '\n' || end[-1] == '\r')) {
        *--end = '\0';
    }
    char *first = end;
    while (first > text && (first[-1] != '\n' || ++lines < TAIL_LINES)) {
        first--;
    }
    while (*first) {
        const size_t length = strcspn(first, "\n");
        const bool last = first[length] == '\0';
        first[length] = '\0';
        ig_text_sanitize(first);
        printf("    %s\n", first);
        first += length + !last;
    }
}

static ig_status print_texts(ig_store *store, size_t task, ig_error *error)
{
    const ig_layout *layout = ig_store_layout(store);
    for (size_t c = 0; c < layout->n_columns; c++) {
        AUTO_FREE char *text = NULL;
        if (layout->columns[c].type == IG_TEXT) {
            TRY(ig_store_text(store, layout->columns[c].name, task, &text, error));
            print_tail(text);
        }
    }
    return IG_OK;
}

static ig_status print_failures(ig_store *store, const int8_t *state, size_t failed,
                                ig_error *error)
{
    const ig_grid *grid = ig_store_grid(store);
    size_t shown = 0;
    for (size_t t = 0; t < ig_grid_n_tasks(grid) && shown < REASONS; t++) {
        if (state[t] != IG_STATE_FAILED) {
            continue;
        }
        char reason[IG_ROW_ERROR + 1], label[256];
        TRY(ig_store_failure(store, t, reason, error));
        ig_grid_label(grid, t / ig_grid_n_seeds(grid), label, sizeof label);
        printf("failed: %s seed=%llu: %s\n", label,
               (unsigned long long)ig_config_seed(ig_grid_config(grid), t % ig_grid_n_seeds(grid)),
               reason);
        TRY(print_texts(store, t, error));
        shown++;
    }
    if (failed > shown) {
        printf("... and %zu more failed tasks\n", failed - shown);
    }
    return IG_OK;
}

static ig_status print_changes(ig_store *store, ig_error *error)
{
    size_t changed = 0;
    TRY(ig_store_changed_inputs(store, &changed, error));
    if (changed) {
        printf("rows come from different versions of the program: %zu session%s had other input "
               "files than the file was made with\n",
               changed, changed == 1 ? "" : "s");
    }
    return IG_OK;
}

static ig_status show_rows(ig_store *store, const char *what, ig_error *error)
{
    AUTO_FREE int8_t *state = NULL;
    char shown[IG_SANITIZED_TEXT];
    ig_store_scan scan;
    const size_t n = ig_grid_n_tasks(ig_store_grid(store));
    TRY(IG_ALLOC(state, n, error));
    TRY(ig_store_check(store, state, &scan, error));
    printf("%s: %s%zu done, %zu failed, %zu left of %zu tasks\n",
           ig_text_sanitized(ig_store_path(store), shown), what, scan.done, scan.failed, scan.empty,
           n);
    if (scan.damaged) {
        printf("%zu damaged rows (task %zu first) count as left\n", scan.damaged,
               scan.first_damaged);
    }
    TRY(print_changes(store, error));
    print_points(ig_store_grid(store), state);
    ig_under_way under_way;
    TRY(ig_under_way_find(store, &under_way, error));
    ig_under_way_print(&under_way, ig_store_grid(store), ig_clock_utc());
    return print_failures(store, state, scan.failed, error);
}

static ig_status show(const ig_registry *registry, const char *path, ig_error *error)
{
    AUTO(ig_store_close) ig_store *store = NULL;
    ig_error ignored = {0};
    const ig_status status = ig_store_open(registry, path, false, &store, error);
    if (!status) {
        TRY(show_rows(store, "", error));
        if (ig_store_changed(store)) {
            puts("changed by another program since it was made; configuration, coordinates and "
                 "rows are unharmed");
        }
    } else if (status == IG_ERR_FORMAT &&
               ig_store_rescue(registry, path, NULL, &store, &ignored) == IG_OK) {
        show_rows(store, "can be saved: ", &ignored);
    }
    return status;
}

/* ---- whether it is whole ---- */

/** One line, and an exit code as that of a run that ended so: 0 where all tasks are done, 3 where
 *  some failed, 75 where some are left. */
static ig_status judge(const ig_registry *registry, const char *path, int *code, ig_error *error)
{
    AUTO(ig_store_close) ig_store *store = NULL;
    AUTO_FREE int8_t *state = NULL;
    char shown[IG_SANITIZED_TEXT];
    ig_snapshot s = {0};
    ig_store_scan scan;
    TRY(ig_store_open(registry, path, false, &store, error));
    const size_t n = ig_grid_n_tasks(ig_store_grid(store));
    TRY(read_last_start(store, &s, error));
    TRY(IG_ALLOC(state, n, error));
    TRY(ig_store_check(store, state, &scan, error));
    for (size_t t = 0; t < n; t++) {
        if (ig_shard_holds(shard_of(&s.start), t)) {
            count_state(&s.counts, state[t]);
        }
    }
    *code = s.counts.left > 0 ? ig_status_exit_code(IG_ERR_STOPPED) : s.counts.failed > 0 ? 3 : 0;
    printf("%s: %s: %zu done, %zu failed, %zu left\n", ig_text_sanitized(path, shown),
           s.counts.left > 0 ? "not complete" : "complete", s.counts.done, s.counts.failed,
           s.counts.left);
    return IG_OK;
}

/* ---- the command ---- */

typedef struct options {
    const char *path;
    ig_plugin_files plugins;
    bool complete;
    bool watch;
    double seconds;
} options;

static ig_status take_watch(const char *text, void *value, ig_error *error)
{
    options *o = value;
    char *end = NULL;
    o->watch = true;
    if (!text) {
        return IG_OK;
    }
    o->seconds = strtod(text, &end);
    return end != text && !*end && o->seconds >= 0.1 && o->seconds <= 86400
               ? IG_OK
               : ig_error_set(error, IG_ERR_USAGE,
                              "'%.32s' is not a number of seconds from 0.1 to 86400", text);
}

static const ig_option known[] = {
    {"complete", 0, NULL, ig_take_flag, offsetof(options, complete),
     "print one line and exit with 0 only if every task of the grid (or of the file's shard) is "
     "done: for job scripts, as launchers exit with 0 after some failures"},
    {"watch", 0, "[SECONDS]", take_watch, 0,
     "show progress, rate and time left every SECONDS [default: 2] until all tasks are finished "
     "or Ctrl-C: in place on a terminal, as lines elsewhere. The file is only read; checksums are "
     "verified at the end"},
    IG_OPTION_PLUGIN(options, plugins),
    IG_OPTIONS_END};

static ig_status work(const options *o, int *code, ig_error *error)
{
    AUTO(ig_plugins_unload) ig_plugins *plugins = NULL;
    bool complete = true;
    TRY(ig_plugins_load(&o->plugins, &plugins, error));
    const ig_registry *registry = ig_plugins_registry(plugins);
    if (o->watch) {
        TRY(watch(registry, o->path, o->seconds, &complete, error));
    }
    if (o->complete) {
        return judge(registry, o->path, code, error);
    }
    return complete ? show(registry, o->path, error) : IG_OK;
}

static int status(int argc, char **argv)
{
    options o = {.seconds = 2};
    ig_error error = {0};
    size_t n;
    int code = ig_command_parse(&ig_command_status, argc, argv, false, &o, &n);
    if (code >= 0) {
        return code;
    }
    o.path = argv[1];
    code = 0;
    if (work(&o, &code, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
        return ig_status_exit_code(error.status);
    }
    return code;
}

const ig_command ig_command_status = {
    .name = "status",
    .summary = "show what a result file holds",
    .usage = "imagrid status OUT.h5 [--watch [SECONDS] | --complete] [options]",
    .about = "Shows the number of tasks done, failed and left by grid point, and why tasks "
             "failed. Reads every finished row and verifies its checksum. Works while a run is "
             "writing the file.",
    .operand = "result file",
    .operands_min = 1,
    .operands_max = 1,
    .options = known,
    .examples = "imagrid status scaling.h5\n"
                "imagrid status scaling.h5 --watch\n"
                "imagrid status --watch 60 scaling.h5 >> progress.log\n"
                "imagrid status --complete scaling.h5 || sbatch job.sh",
    .exit_codes = "0 shown; with --complete: all tasks are done\n"
                  "2 invalid arguments\n"
                  "3 with --complete: some tasks failed, none is left\n"
                  "4 the file cannot be read, or is damaged (what can be saved is shown)\n"
                  "75 with --complete: tasks are left",
    .main = status,
};
