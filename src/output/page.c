/** The report as one HTML page that needs nothing but itself. */
#include "output/page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/try.h"
#include "output/embedded.h"
#include "output/html.h"
#include "store/file.h"

/* The first lines of every page, by which one is known. Nothing may be loaded from anywhere, and no
 * script may run. */
static const char opening[] =
    "<!doctype html>\n<!-- imagrid report -->\n<html lang=\"en\">\n<head>\n<meta "
    "charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>";

static ig_status put_tables(const ig_report *report, FILE *stream, ig_error *error)
{
    ig_sheets sheets = {0};
    ig_status status = ig_report_sheets(report, &sheets, error);
    fputs("<section id=\"tables\">\n<h2>Tables</h2>\n", stream);
    for (size_t i = 0; i < sheets.n; i++) {
        ig_sheet_html(&sheets.sheets[i], stream);
    }
    fputs("</section>\n", stream);
    ig_sheets_clear(&sheets);
    return status;
}

/** Everything; `*undrawn` gets what kept the figures from being drawn, which stops nothing. */
static ig_status put_page(const ig_report *report, const char *version, FILE *stream,
                          ig_error *undrawn, ig_error *error)
{
    fputs(opening, stream);
    ig_html_text(report->rows.experiment->title, stream);
    fputs("</title>\n<style>\n", stream);
    for (const char *const *line = ig_embedded_page; *line; line++) {
        fputs(*line, stream);
    }
    fputs("</style>\n</head>\n<body>\n", stream);
    ig_page_head(report, version, stream);
    fputs("<main>\n", stream);
    (void)ig_page_figures(report, stream, undrawn);
    ig_status status = put_tables(report, stream, error);
    if (!status) {
        status = ig_page_incomplete(report, stream, error);
    }
    if (!status) {
        status = ig_page_provenance(report, version, stream, error);
    }
    fputs("</main>\n</body>\n</html>\n", stream);
    return status;
}

/** Whether `path` is free, or one of our pages, which may be replaced. */
static ig_status check_target(const char *path, ig_error *error)
{
    static const char mark[] = "<!doctype html>\n<!-- imagrid report -->\n";
    char begin[sizeof mark] = "";
    struct stat info;
    if (lstat(path, &info) != 0) {
        return errno == ENOENT ? IG_OK : ig_file_error(error, errno, "cannot be used");
    }
    /* O_NONBLOCK: a FIFO that has just taken its place must not hang us. */
    int fd =
        S_ISREG(info.st_mode) ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    ssize_t n = fd >= 0 ? read(fd, begin, sizeof mark - 1) : 0;
    if (fd >= 0) {
        close(fd);
    }
    if (n != (ssize_t)sizeof mark - 1 || memcmp(begin, mark, sizeof mark - 1) != 0) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "already exists and is not a report, so it is not overwritten");
    }
    return IG_OK;
}

static ig_status write_partial(const ig_report *report, const char *partial, const char *version,
                               ig_error *undrawn, ig_error *error)
{
    int fd = -1;
    ig_status status = ig_file_new(AT_FDCWD, partial, &fd, error);
    FILE *file = status ? NULL : fdopen(fd, "w");
    if (!status && !file) {
        status = ig_file_error(error, errno, "cannot be made");
        close(fd);
    }
    if (status) {
        return status;
    }
    status = put_page(report, version, file, undrawn, error);
    /* A full disk often shows only when the buffer is flushed. */
    bool failed = fflush(file) != 0 || ferror(file);
    int reason = errno;
    if (fclose(file) != 0 && !failed) {
        failed = true;
        reason = errno;
    }
    if (failed && !status) {
        status = ig_file_error(error, reason, "cannot be written");
    }
    return status;
}

ig_status ig_report_write_page(const ig_report *report, const char *path, const char *version,
                               ig_error *error)
{
    ig_error undrawn = {0};
    char *partial = ig_asprintf(error, "%s.partial", path);
    ig_status status = partial ? check_target(path, error) : IG_ERR_MEMORY;
    if (!status) {
        status = write_partial(report, partial, version, &undrawn, error);
        if (!status) {
            status = ig_file_replace(partial, path, error);
        }
        if (status) {
            unlink(partial);
        }
    }
    if (status) {
        ig_error_context(error, "%s", path);
    } else if (undrawn.status) {
        status = ig_error_set(error, undrawn.status, "%s is without its figures: %s", path,
                              undrawn.text);
    }
    free(partial);
    return status;
}
