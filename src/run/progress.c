#include "run/run.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "run/stop.h"

enum { BAR = 24 };
/* Smooth to the eye; 120 lines an hour in a log. */
static const double terminal_interval = 0.2, plain_interval = 30;

/** mpirun reads the ranks' stderr through a pipe and copies it to its own, so under mpirun the
 *  question is whether the parent's stderr is a terminal. */
static bool reaches_terminal(void)
{
    if (isatty(STDERR_FILENO)) {
        return true;
    }
    if (ig_launched_rank() < 0) {
        return false;
    }
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/%ld/fd/2", (long)getppid());
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0) {
        return false;
    }
    target[length] = '\0';
    return strncmp(target, "/dev/pts/", 9) == 0 || strncmp(target, "/dev/tty", 8) == 0;
}

ig_progress ig_progress_start(size_t n_tasks, double total_work, ig_tally before, bool quiet)
{
    double now = ig_clock_monotonic();
    return (ig_progress){.quiet = quiet,
                         .terminal = reaches_terminal(),
                         .n_tasks = n_tasks,
                         .before = before,
                         .total_work = total_work,
                         .begin = now,
                         .printed = now};
}

const char *ig_duration(double seconds, char *text, size_t size)
{
    if (!(seconds >= 0 && seconds < 1e9)) {
        snprintf(text, size, "unknown");
    } else if (seconds < 9.95) {
        snprintf(text, size, "%.1f s", seconds);
    } else if (seconds < 59.5) {
        snprintf(text, size, "%.0f s", seconds);
    } else if (seconds < 3600) {
        long whole = (long)(seconds + 0.5);
        snprintf(text, size, "%ld min %02ld s", whole / 60, whole % 60);
    } else {
        long minutes = (long)(seconds / 60 + 0.5);
        snprintf(text, size, "%ld h %02ld min", minutes / 60, minutes % 60);
    }
    return text;
}

/** Width of the terminal the line goes to. */
static int columns(const ig_progress *p)
{
    struct winsize window;
    bool known = p->terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0;
    return known && window.ws_col > 0 ? window.ws_col : p->terminal ? 80 : 120;
}

/** The line without its ending; `text` gets it, cut to `size`. */
static void compose(const ig_progress *p, const ig_tally *now, char *text, size_t size)
{
    size_t finished = p->before.done + p->before.failed + now->done + now->failed;
    double work = p->total_work > 0 ? (p->before.work + now->work) / p->total_work : 1;
    double elapsed = ig_clock_monotonic() - p->begin;
    double left = p->total_work - p->before.work - now->work;
    double eta = finished == p->n_tasks ? 0 : now->work > 0 ? left * elapsed / now->work : -1;
    char duration[32], bar[BAR + 1];
    int used = snprintf(
        text, size, "%5.1f %% of work, %zu/%zu tasks, %.3g tasks/s, %zu failed, ETA %s", 100 * work,
        finished, p->n_tasks, elapsed > 0 ? (double)(now->done + now->failed) / elapsed : 0.0,
        p->before.failed + now->failed, ig_duration(eta, duration, sizeof duration));
    /* The bar takes what the terminal has left; a wrapped line could not be overwritten. */
    int room = columns(p) - used - 4, cells = room < BAR ? room : BAR;
    int full = (int)(work * cells);
    if (cells < 4 || size < (size_t)used + BAR + 4) {
        text[columns(p) - 1 < used ? columns(p) - 1 : used] = '\0';
        return;
    }
    full = full < 0 ? 0 : full > cells ? cells : full;
    memset(bar, '.', (size_t)cells);
    memset(bar, '#', (size_t)full);
    memmove(text + cells + 3, text, (size_t)used + 1);
    memcpy(text + 1, bar, (size_t)cells);
    text[0] = '[';
    text[cells + 1] = ']';
    text[cells + 2] = ' ';
}

static void print_line(ig_progress *p, const ig_tally *now, const char *ending)
{
    char text[160];
    compose(p, now, text, sizeof text);
    size_t width = strlen(text), old = p->width > width ? p->width - width : 0;
    /* One write a line: through mpirun, several writes may arrive in pieces. */
    char line[400];
    snprintf(line, sizeof line, "%s%s%*s%s", p->terminal ? "\r" : "", text,
             p->terminal ? (int)old : 0, "", ending);
    fputs(line, stderr);
    fflush(stderr);
    p->width = width;
    p->printed = ig_clock_monotonic();
}

void ig_progress_show(ig_progress *progress, const ig_tally *now)
{
    double interval = progress->terminal ? terminal_interval : plain_interval;
    if (!progress->quiet && ig_clock_monotonic() - progress->printed >= interval) {
        print_line(progress, now, progress->terminal ? "" : "\n");
    }
}

void ig_progress_finish(ig_progress *progress, const ig_tally *now)
{
    if (!progress->quiet) {
        print_line(progress, now, "\n");
    }
}
