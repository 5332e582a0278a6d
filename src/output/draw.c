/** Figures, drawn by gnuplot where nobody else can interfere and then brought to their directory.
 */
#include "output/private.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/signals.h"
#include "base/try.h"
#include "output/embedded.h"
#include "output/output.h"

static const char *const pictures[] = {"png", "svg", "pdf"};
enum { N_PICTURES = sizeof pictures / sizeof *pictures };

/** What an axis shows. */
typedef struct range {
    double low, high;
    bool log;
} range;

/** Panels first ... first + n - 1 of a figure, drawn as one picture. */
typedef struct page {
    const ig_figure *figure;
    char *name; /**< of its files, without suffix; owned */
    size_t first, n;
    range x[IG_FIGURE_PANELS], y[IG_FIGURE_PANELS];
} page;

static void page_clear(page *p)
{
    free(p->name);
}

static bool has_place(const range *axis, double number)
{
    return isfinite(number) && (!axis->log || number > 0);
}

/* Ranges. */

static void include(range *r, double number)
{
    if (has_place(r, number)) {
        r->low = fmin(r->low, number);
        r->high = fmax(r->high, number);
    }
}

static void include_all(range *r, const double *numbers, size_t n)
{
    for (size_t i = 0; numbers && i < n; i++) {
        include(r, numbers[i]);
    }
}

/** What the data of a panel cover; low > high where there are none. */
static void measure(const ig_panel *panel, range *x, range *y)
{
    const range nothing = {(double)INFINITY, -(double)INFINITY, false};
    *x = *y = nothing;
    x->log = panel->x.log;
    y->log = panel->y.log;
    for (size_t i = 0; i < panel->n; i++) {
        const ig_figure_series *s = &panel->series[i];
        /* Vertical lines move into the axis, and levels have no x. */
        if (s->kind != IG_SERIES_VERTICAL && s->kind != IG_SERIES_LEVEL) {
            include_all(x, s->x, s->n);
        }
        include_all(y, s->y, s->n);
        include_all(y, s->low, s->n);
        include_all(y, s->high, s->n);
    }
}

static void unite(range *a, const range *b)
{
    a->low = fmin(a->low, b->low);
    a->high = fmax(a->high, b->high);
}

static void set_range(const ig_figure_axis *axis, range *r)
{
    ig_figure_axis shown = *axis;
    ig_axis_range(&shown, r->low, r->high);
    r->low = isnan(axis->low) ? shown.low : axis->low;
    r->high = isnan(axis->high) ? shown.high : axis->high;
}

static void find_ranges(page *p)
{
    const ig_panel *panels = p->figure->panels + p->first;
    range x[IG_FIGURE_PANELS];
    for (size_t i = 0; i < p->n; i++) {
        measure(&panels[i], &x[i], &p->y[i]);
        if (p->figure->square) {
            unite(&x[i], &p->y[i]);
            unite(&p->y[i], &x[i]);
        }
    }
    for (size_t i = 0; i < p->n; i++) {
        p->x[i] = x[i];
        /* Panels against the same quantity show the same part of it. */
        for (size_t k = 0; k < p->n; k++) {
            if (x[i].log == x[k].log && strcmp(panels[i].x.label, panels[k].x.label) == 0) {
                unite(&p->x[i], &x[k]);
            }
        }
        set_range(&panels[i].x, &p->x[i]);
        set_range(&panels[i].y, &p->y[i]);
    }
}

/* Data. */

/** A block of data in the making. */
typedef struct block {
    FILE *file;
    size_t n;    /**< points written */
    bool broken; /**< a line ends here and goes on with the next point */
} block;

static void put_point(block *b, double x, double y, double low, double high)
{
    const double numbers[] = {x, y, low, high};
    fputs(b->broken && b->n > 0 ? "\n" : "", b->file);
    b->broken = false;
    for (size_t i = 0; i < 4; i++) {
        char text[IG_NUMBER_TEXT];
        fprintf(b->file, "%s%c", ig_number_text(numbers[i], text), i < 3 ? ' ' : '\n');
    }
    b->n++;
}

static void put_stroke(block *b, double x0, double y0, double x1, double y1)
{
    b->broken = true;
    put_point(b, x0, y0, y0, y0);
    put_point(b, x1, y1, y1, y1);
}

/** A number that lies outside comes to lie just within the edge it lies beyond. */
static double inside(const range *axis, double number)
{
    const double low = axis->low, high = axis->high, edge = 0.01;
    if (axis->log) {
        const double factor = pow(high / low, edge);
        return fmin(fmax(number, low * factor), high / factor);
    }
    return fmin(fmax(number, low + edge * (high - low)), high - edge * (high - low));
}

/** A series whose points are data; what has no place on its axes is left out and breaks a line. */
static void put_points(block *b, const ig_figure_series *s, const range *x, const range *y)
{
    const double edge = y->log ? y->low : -(double)INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        const bool band = s->kind == IG_SERIES_BAND;
        const double middle = band ? s->high[i] : s->y[i];
        double low = s->low ? s->low[i] : middle, high = s->high ? s->high[i] : middle;
        if (!has_place(x, s->x[i]) || !has_place(y, middle) || (band && isnan(low))) {
            b->broken = true;
            continue;
        }
        low = isnan(low) ? middle : fmax(low, edge);
        high = isnan(high) ? middle : high;
        put_point(b, s->x[i], middle, low, high);
    }
}

static void put_series(block *b, const ig_figure_series *s, const range *x, const range *y)
{
    switch (s->kind) {
    case IG_SERIES_VERTICAL:
        for (size_t i = 0; i < s->n; i++) {
            if (has_place(x, s->x[i])) {
                const double at = inside(x, s->x[i]);
                put_stroke(b, at, y->low, at, y->high);
            }
        }
        break;
    case IG_SERIES_LEVEL:
        for (size_t i = 0; i < s->n; i++) {
            if (has_place(y, s->y[i])) {
                put_stroke(b, x->low, s->y[i], x->high, s->y[i]);
            }
        }
        break;
    case IG_SERIES_DIAGONAL:
        if (fmax(x->low, y->low) < fmin(x->high, y->high)) {
            const double low = fmax(x->low, y->low), high = fmin(x->high, y->high);
            put_stroke(b, low, low, high, high);
        }
        break;
    case IG_SERIES_POINTS:
    case IG_SERIES_LINE:
    case IG_SERIES_BAND:
    case IG_SERIES_STEPS:
    case IG_SERIES_OPTIMUM:
    case IG_SERIES_DIAMOND:
    default:
        put_points(b, s, x, y);
    }
}

/** How the script calls a kind. */
static const char *kind_of(const ig_figure_series *s)
{
    switch (s->kind) {
    case IG_SERIES_POINTS:
        return s->low ? "bars" : "points";
    case IG_SERIES_BAND:
        return "band";
    case IG_SERIES_STEPS:
        return "steps";
    case IG_SERIES_OPTIMUM:
        return "optimum";
    case IG_SERIES_DIAMOND:
        return "diamond";
    case IG_SERIES_LINE:
    case IG_SERIES_VERTICAL:
    case IG_SERIES_LEVEL:
    case IG_SERIES_DIAGONAL:
    default:
        return "line";
    }
}

/* A gnuplot string in single quotes: nothing in it is special but the quote. That would have to be
 * doubled, which gnuplot 5.4 does not understand at the start of a string and beside another one:
 * printed, an apostrophe looks better anyway. */
static void put_quoted(FILE *file, const char *text)
{
    fputc('\'', file);
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("\u2019", file);
        } else {
            fputc(iscntrl((unsigned char)*text) ? ' ' : *text, file);
        }
    }
    fputs("'\n", file);
}

static void put_text(FILE *file, const char *name, const char *text)
{
    fprintf(file, "%s = ", name);
    put_quoted(file, text);
}

static void put_element(FILE *file, const char *array, size_t i, const char *text)
{
    fprintf(file, "%s[%zu] = ", array, i + 1);
    put_quoted(file, text);
}

/** The data, and in the script what each block is; blocks without data cannot be. */
static void put_data(const page *p, FILE *data, FILE *script)
{
    size_t n = 0, n_blocks = 0;
    for (size_t i = 0; i < p->n; i++) {
        const ig_panel *panel = &p->figure->panels[p->first + i];
        for (size_t k = 0; k < panel->n; k++) {
            const ig_figure_series *s = &panel->series[k];
            block b = {.file = data};
            put_series(&b, s, &p->x[i], &p->y[i]);
            if (b.n > 0) {
                fputs("\n\n", data);
                fprintf(script, "series[%zu] = '%zu %s %zu %d %d'\n", ++n, i + 1, kind_of(s),
                        n_blocks++, s->style, s->dash);
            }
        }
    }
    fprintf(script, "n_series = %zu\n", n);
}

/* The script. */

static size_t count_series(const page *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        n += p->figure->panels[p->first + i].n;
    }
    return n;
}

/** "x_low[1] = 0.001" and so on. */
static void put_axis(FILE *script, char name, size_t i, const ig_figure_axis *axis, const range *r)
{
    char low[IG_NUMBER_TEXT], high[IG_NUMBER_TEXT];
    const char *scale = !axis->log ? "linear" : axis->odds ? "odds" : "log";
    fprintf(script, "%c_low[%zu] = %s\n%c_high[%zu] = %s\n%c_scale[%zu] = '%s'\n", name, i + 1,
            ig_number_text(r->low, low), name, i + 1, ig_number_text(r->high, high), name, i + 1,
            scale);
}

static void put_panels(const page *p, FILE *script)
{
    static const char *const arrays[] = {"panel_text", "x_text", "x_low",  "x_high", "x_scale",
                                         "y_text",     "y_low",  "y_high", "y_scale"};
    fprintf(script, "n_panels = %zu\n", p->n);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        fprintf(script, "array %s[%zu]\n", arrays[i], p->n);
    }
    for (size_t i = 0; i < p->n; i++) {
        const ig_panel *panel = &p->figure->panels[p->first + i];
        put_element(script, "panel_text", i, panel->title);
        put_element(script, "x_text", i, panel->x.label);
        put_axis(script, 'x', i, &panel->x, &p->x[i]);
        put_element(script, "y_text", i, panel->y.label);
        put_axis(script, 'y', i, &panel->y, &p->y[i]);
    }
}

/** The key in the making: an entry is a title; series that share it are shown together. */
typedef struct key {
    const char **titles;
    const ig_figure_series **shown;
    size_t n_titles, n_shown;
} key;

static bool is_shown(const key *k, const ig_figure_series *s)
{
    for (size_t i = 0; i < k->n_shown; i++) {
        const ig_figure_series *o = k->shown[i];
        if (strcmp(o->title, s->title) == 0 && strcmp(kind_of(o), kind_of(s)) == 0 &&
            o->style == s->style && o->dash == s->dash) {
            return true;
        }
    }
    return false;
}

static void put_entry(key *k, const ig_figure_series *s, FILE *script)
{
    size_t entry = 0;
    while (entry < k->n_titles && strcmp(k->titles[entry], s->title) != 0) {
        entry++;
    }
    if (entry == k->n_titles) {
        put_element(script, "key_text", entry, s->title);
        k->titles[k->n_titles++] = s->title;
    }
    k->shown[k->n_shown++] = s;
    fprintf(script, "symbol[%zu] = '%zu %s %d %d'\n", k->n_shown, entry + 1, kind_of(s), s->style,
            s->dash);
}

static ig_status put_key(const page *p, size_t n, FILE *script, ig_error *error)
{
    AUTO_FREE const char **titles = NULL;
    AUTO_FREE const ig_figure_series **shown = NULL;
    TRY(IG_ALLOC(titles, n + 1, error));
    TRY(IG_ALLOC(shown, n + 1, error));
    key k = {titles, shown, 0, 0};
    fprintf(script, "array key_text[%zu]\narray symbol[%zu]\n", n + 1, n + 1);
    for (size_t i = 0; i < p->n; i++) {
        const ig_panel *panel = &p->figure->panels[p->first + i];
        for (size_t s = 0; s < panel->n; s++) {
            if (panel->series[s].title && !is_shown(&k, &panel->series[s])) {
                put_entry(&k, &panel->series[s], script);
            }
        }
    }
    fprintf(script, "n_key = %zu\nn_symbols = %zu\n", k.n_titles, k.n_shown);
    return IG_OK;
}

static ig_status put_script(const page *p, FILE *data, FILE *script, ig_error *error)
{
    const ig_figure *figure = p->figure;
    const size_t n = count_series(p);
    put_text(script, "figure", p->name);
    put_text(script, "title_text", figure->title);
    put_text(script, "footer_text", figure->footer);
    fprintf(script, "square = %d\n", figure->square);
    put_panels(p, script);
    fprintf(script, "array series[%zu]\n", n + 1);
    put_data(p, data, script);
    TRY(put_key(p, n, script, error));
    fputc('\n', script);
    for (const char *const *line = ig_embedded_figure; *line; line++) {
        fputs(*line, script);
    }
    return IG_OK;
}

/* gnuplot. */

/* What a child that cannot become gnuplot ends with, as in a shell. */
enum { NOT_STARTED = 126, NOT_FOUND = 127 };

/** The signals that we handle, ignore or hold back end gnuplot as they would without us: half a
 *  picture must not look like one. */
static void ordinary_signals(void)
{
    sigset_t none;
    for (int n = 1; n < NSIG; n++) {
        struct sigaction now;
        if (sigaction(n, NULL, &now) == 0 &&
            (now.sa_handler != SIG_IGN || n == SIGXFSZ || n == SIGPIPE)) {
            signal(n, SIG_DFL);
        }
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/** Become gnuplot in the folder, standard input and error being nowhere: it warns about panels
 *  without data, which is no fault; what matters is how it ends. It is run without a shell, and
 *  reads no start-up files (-d). */
static _Noreturn void become_gnuplot(const ig_folder *folder, char *script)
{
    char name[] = "gnuplot", defaults[] = "-d";
    char *arguments[] = {name, defaults, script, NULL};
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    ordinary_signals();
    /* The variable makes Cairo leave the streams of a PDF file as they are: one has the date. */
    if (nowhere >= 0 && dup2(nowhere, STDIN_FILENO) >= 0 && dup2(nowhere, STDERR_FILENO) >= 0 &&
        fchdir(folder->fd) == 0 && setenv("CAIRO_DEBUG_PDF", "1", 1) == 0) {
        execvp(name, arguments);
    }
    _exit(errno == ENOENT ? NOT_FOUND : NOT_STARTED);
}

/** What happened, and where a person can see why. */
static ig_status report(const ig_folder *folder, const char *script, const char *what,
                        const char *then, ig_error *error)
{
    return folder->path ? ig_error_set(error, IG_ERR_IO,
                                       "%s; script and data are in %s: run `gnuplot %s` there %s",
                                       what, folder->path, script, then)
                        : ig_error_set(error, IG_ERR_IO, "%s", what);
}

static ig_status wait_for(pid_t child, int *state, ig_error *error)
{
    while (waitpid(child, state, 0) < 0) {
        if (errno != EINTR) {
            return ig_error_set(error, IG_ERR_IO, "cannot wait for gnuplot: %s", strerror(errno));
        }
    }
    return IG_OK;
}

static ig_status run(const ig_folder *folder, char *script, ig_error *error)
{
    int state = 0;
    ig_signals_hold();
    const pid_t child = fork();
    if (child == 0) {
        become_gnuplot(folder, script);
    }
    const int failed = child < 0 ? errno : 0;
    ig_temporary_child(failed ? 0 : child);
    ig_signals_release();
    if (failed) {
        char text[IG_ERRNO_TEXT];
        return ig_error_set(error, ig_status_from_errno(failed), "cannot start gnuplot: %s",
                            ig_errno_text(failed, text));
    }
    const ig_status waited = wait_for(child, &state, error);
    ig_temporary_child(0);
    TRY(waited);
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0) {
        return IG_OK;
    }
    const int code = WIFEXITED(state) ? WEXITSTATUS(state) : 0;
    return code == NOT_FOUND
               ? report(folder, script, "gnuplot is not installed (Debian package gnuplot-nox)",
                        "later", error)
               : report(folder, script,
                        code == NOT_STARTED ? "gnuplot cannot be started" : "gnuplot failed",
                        "to see why", error);
}

/** Place of the digits of the creation date in a PDF file, or -1. */
static long find_date(FILE *file)
{
    static const char before[] = "/CreationDate (D:";
    size_t matched = 0;
    int c;
    while (matched < sizeof before - 1 && (c = getc(file)) != EOF) {
        /* The first character stands nowhere else in the pattern. */
        matched = c == before[matched] ? matched + 1 : c == before[0];
    }
    return matched == sizeof before - 1 ? ftell(file) : -1;
}

/** Overwrite the creation date of a PDF file with another of the same length, so that the same data
 *  give the same bytes. Nothing is done where there is no such file or date. */
static ig_status clear_date(const ig_folder *folder, const char *name, ig_error *error)
{
    static const char date[] = "20000101000000";
    const int fd = openat(folder->fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r+") : NULL;
    const long at = file ? find_date(file) : -1;
    bool failed = at >= 0 && (fseek(file, at, SEEK_SET) != 0 || fputs(date, file) == EOF);
    if (file && fclose(file) != 0) {
        failed = true;
    }
    return failed ? ig_error_set(error, ig_status_from_errno(errno), "%s: cannot write: %s", name,
                                 strerror(errno))
                  : IG_OK;
}

/* Files. */

static char *file_of(const char *stem, const char *suffix, ig_error *error)
{
    return ig_asprintf(error, "%s.%s", stem, suffix);
}

/** Remove the pictures NAME.png, .svg and .pdf: half a picture, or an older one, would be taken for
 *  the one that was asked for. */
static void remove_pictures(const ig_folder *folder, const char *name)
{
    for (size_t i = 0; i < N_PICTURES; i++) {
        AUTO_FREE char *file = file_of(name, pictures[i], NULL);
        if (file) {
            unlinkat(folder->fd, file, 0);
        }
    }
}

static ig_status write_page(const page *p, const ig_folder *folder, ig_error *error)
{
    AUTO_FREE char *data_name = file_of(p->name, "dat", error),
                   *script_name = file_of(p->name, "gp", error);
    FILE *data = NULL, *script = NULL;
    if (!data_name || !script_name) {
        return IG_ERR_MEMORY;
    }
    TRY(ig_text_open(folder, data_name, &data, error));
    ig_status status = ig_text_open(folder, script_name, &script, error);
    if (!status) {
        status = put_script(p, data, script, error);
    }
    status = ig_text_close(&script, folder, script_name, status, error);
    return ig_text_close(&data, folder, data_name, status, error);
}

static ig_status draw_page(const page *p, const ig_folder *folder, ig_error *error)
{
    AUTO_FREE char *script = file_of(p->name, "gp", error), *pdf = file_of(p->name, "pdf", error);
    if (!script || !pdf) {
        return IG_ERR_MEMORY;
    }
    TRY(write_page(p, folder, error));
    ig_status status = run(folder, script, error);
    if (!status) {
        status = clear_date(folder, pdf, error);
    }
    if (status) {
        remove_pictures(folder, p->name);
    }
    return status;
}

size_t ig_figure_pages(const ig_figure *figure)
{
    return (figure->n + IG_FIGURE_PANELS - 1) / IG_FIGURE_PANELS;
}

char *ig_figure_file(const ig_figure *figure, size_t number, const char *suffix, ig_error *error)
{
    return number == 0 ? ig_asprintf(error, "%s%s", figure->name, suffix)
                       : ig_asprintf(error, "%s-%zu%s", figure->name, number + 1, suffix);
}

ig_status ig_draw(const ig_figures *figures, const ig_folder *folder, ig_error *error)
{
    for (size_t i = 0; i < figures->n; i++) {
        const ig_figure *figure = figures->figures[i];
        for (size_t k = 0; k < ig_figure_pages(figure); k++) {
            const size_t first = k * IG_FIGURE_PANELS, rest = figure->n - first;
            AUTO(page_clear)
            page p = {.figure = figure,
                      .first = first,
                      .n = rest < IG_FIGURE_PANELS ? rest : IG_FIGURE_PANELS};
            p.name = ig_figure_file(figure, k, "", error);
            if (!p.name) {
                return IG_ERR_MEMORY;
            }
            find_ranges(&p);
            TRY(draw_page(&p, folder, error));
        }
    }
    return IG_OK;
}

/** Bring what was drawn; what an earlier drawing of that name has left goes. */
static ig_status bring(const ig_folder *from, const ig_figure *figure, const ig_folder *to,
                       ig_error *error)
{
    static const char *const suffixes[] = {".dat", ".gp", ".png", ".svg", ".pdf"};
    for (size_t k = 0; k < ig_figure_pages(figure); k++) {
        AUTO_FREE char *script = ig_figure_file(figure, k, ".gp", error);
        if (!script) {
            return IG_ERR_MEMORY;
        }
        const bool made = faccessat(from->fd, script, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        for (size_t i = 0; made && i < sizeof suffixes / sizeof *suffixes; i++) {
            AUTO_FREE char *name = ig_figure_file(figure, k, suffixes[i], error);
            if (!name) {
                return IG_ERR_MEMORY;
            }
            if (faccessat(from->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
                TRY(ig_file_copy(from, name, to, error));
            } else {
                unlinkat(to->fd, name, 0);
            }
        }
    }
    return IG_OK;
}

ig_status ig_output_draw(const ig_figures *figures, const char *directory, ig_error *error)
{
    AUTO(ig_folder_close) ig_folder to = {.fd = -1};
    AUTO(ig_scratch_close) ig_scratch scratch = IG_SCRATCH;
    TRY(ig_folder_open(directory, &to, error));
    TRY(ig_scratch_open(&scratch, error));
    scratch.folder.path = directory;
    const ig_status status = ig_draw(figures, &scratch.folder, error);
    ig_error trouble = {0};
    for (size_t i = 0; i < figures->n; i++) {
        const ig_status brought =
            bring(&scratch.folder, figures->figures[i], &to, status ? &trouble : error);
        if (brought) {
            return status ? status : brought;
        }
    }
    return status;
}
