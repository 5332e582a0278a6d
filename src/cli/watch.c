#include "cli/watch.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/snapshot.h"
#include "run/progress.h"
#include "run/stop.h"

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

/** One line of the picture, cut to the terminal's width: a wrapped one could not be overwritten. */
static void put_line(const char *text, int width, FILE *stream)
{
    fprintf(stream, "%.*s\033[K\n", width, text);
}

static void put_points(const ig_snapshot *s, const ig_grid *grid, size_t room, int width,
                       FILE *stream)
{
    const size_t n = ig_grid_n_points(grid), shown = n <= room ? n : room > 0 ? room - 1 : 0;
    char text[LINE], label[256];
    for (size_t p = 0; p < shown; p++) {
        const ig_counts *c = &s->points[p];
        ig_grid_label(grid, p, label, sizeof label);
        snprintf(text, sizeof text, "%-*s %8zu %8zu %8zu", LABEL, label, c->done, c->failed,
                 c->left);
        put_line(text, width, stream);
    }
    if (shown < n && room > 0) {
        snprintf(text, sizeof text, "... %zu more grid points", n - shown);
        put_line(text, width, stream);
    }
}

/** Draw over the picture before, which had `*lines` lines. */
static void draw(const char *path, const ig_snapshot *s, const ig_grid *grid, size_t *lines,
                 FILE *stream)
{
    const struct winsize window = window_size();
    const int width = window.ws_col - 1;
    /* The last line stays free for the cursor; three lines are not grid points. */
    const size_t room = (size_t)window.ws_row - 4, n = ig_grid_n_points(grid);
    char text[LINE], head[LINE], shown[IG_SANITIZED_TEXT];
    if (*lines > 0) {
        fprintf(stream, "\033[%zuA", *lines);
    }
    put_line(ig_text_sanitized(path, shown), width, stream);
    compose(s, text);
    put_line(text, width, stream);
    snprintf(head, sizeof head, "%-*s %8s %8s %8s", LABEL, "grid point", "done", "failed", "left");
    put_line(head, width, stream);
    put_points(s, grid, room, width, stream);
    fputs("\033[J", stream);
    *lines = 3 + (n < room ? n : room);
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

/** One look at the file. */
static ig_status look(const ig_registry *registry, const char *path, bool terminal, size_t *lines,
                      bool *whole, ig_error *error)
{
    const double now = ig_clock_utc();
    ig_store *store = NULL;
    ig_snapshot s = {0};
    ig_status status = ig_store_open(registry, path, false, &store, error);
    if (!status) {
        status = ig_snapshot_take(store, now, &s, error);
    }
    if (!status) {
        *whole = s.counts.left == 0;
        if (terminal) {
            draw(path, &s, ig_store_grid(store), lines, stdout);
        } else {
            print_plain(&s, now, stdout);
        }
        if (fflush(stdout) != 0) {
            status = ig_error_set(error, IG_ERR_IO, "cannot write to standard output");
        }
    }
    ig_snapshot_clear(&s);
    ig_store_close(&store);
    return status;
}

ig_status ig_watch(const ig_registry *registry, const char *path, double seconds, bool *whole,
                   ig_error *error)
{
    const bool terminal = isatty(STDOUT_FILENO);
    const struct timespec pause = {(time_t)seconds, (long)(1e9 * (seconds - floor(seconds)))};
    size_t lines = 0;
    *whole = false;
    ig_status status = ig_signals_install(error);
    while (!status && !ig_signals_caught()) {
        status = look(registry, path, terminal, &lines, whole, error);
        if (status || *whole || ig_signals_caught()) {
            break;
        }
        /* A signal ends the pause. */
        nanosleep(&pause, NULL);
    }
    return status;
}
