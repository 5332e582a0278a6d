/** The figures of the page: drawn for it, read back and put in as data. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/figure.h"
#include "report/html.h"
#include "report/page.h"

/** Whole file, malloc'd and zero-terminated. */
static ig_status read_whole(const ig_folder *folder, const char *name, char **bytes, size_t *size,
                            ig_error *error)
{
    char *text = NULL;
    int fd = openat(folder->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL,
         *copy = file ? open_memstream(&text, size) : NULL;
    int c, failed = !copy;
    while (!failed && (c = getc(file)) != EOF) {
        failed = putc(c, copy) == EOF;
    }
    failed = failed || ferror(file);
    if (copy && fclose(copy) != 0) {
        failed = 1;
    }
    if (file) {
        fclose(file);
    } else if (fd >= 0) {
        close(fd);
    }
    if (failed) {
        free(text);
        return ig_error_set(error, IG_ERR_IO, "%s: cannot be read", name);
    }
    *bytes = text;
    return IG_OK;
}

/** What the script of a figure calls it, malloc'd: the text in quotes behind `title_text = `. */
static char *title_of(const ig_folder *folder, const char *picture)
{
    static const char before[] = "title_text = '";
    char *script = NULL, *title = NULL, *name = NULL;
    size_t size;
    if (asprintf(&name, "%.*s.gp", (int)strlen(picture) - 4, picture) >= 0 &&
        read_whole(folder, name, &script, &size, NULL) == IG_OK && script) {
        const char *at = strstr(script, before);
        size_t length = at ? strcspn(at + strlen(before), "\n") : 0;
        /* The line ends with the closing quote; there are none inside. */
        title = length > 0 ? strndup(at + strlen(before), length - 1) : NULL;
    }
    free(script);
    free(name);
    return title ? title : strdup(picture);
}

static ig_status put_figure(const ig_folder *folder, const char *name, FILE *stream,
                            ig_error *error)
{
    char *svg = NULL, *title = title_of(folder, name);
    size_t size = 0;
    ig_status status = title ? read_whole(folder, name, &svg, &size, error)
                             : ig_error_set(error, IG_ERR_MEMORY, "no memory for a figure");
    if (!status) {
        fputs("<figure class=\"picture\">\n<figcaption>", stream);
        ig_html_text(title, stream);
        fputs("</figcaption>\n<div class=\"box drawing\" role=\"region\" tabindex=\"0\" "
              "aria-label=\"",
              stream);
        ig_html_text(title, stream);
        fputs("\"><img alt=\"", stream);
        ig_html_text(title, stream);
        fputs("; the numbers stand in the tables\" src=\"data:image/svg+xml;base64,", stream);
        ig_html_base64((const unsigned char *)svg, size, stream);
        fputs("\"></div>\n</figure>\n", stream);
    }
    free(svg);
    free(title);
    return status;
}

static int is_svg(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".svg") == 0;
}

static ig_status put_all(const ig_folder *folder, FILE *stream, ig_error *error)
{
    struct dirent **names = NULL;
    int n = scandirat(folder->fd, ".", &names, is_svg, alphasort);
    ig_status status =
        n < 0 ? ig_error_set(error, IG_ERR_IO, "%s: %s", folder->path, strerror(errno)) : IG_OK;
    for (int i = 0; i < n; i++) {
        if (!status) {
            status = put_figure(folder, names[i]->d_name, stream, error);
        }
        free(names[i]);
    }
    free(names);
    return status;
}

/** A page being written. */
typedef struct page {
    const ig_report *report;
    FILE *stream;
} page;

static ig_status draw_and_put(void *context, ig_folder *folder, ig_error *error)
{
    const page *p = context;
    ig_status status = ig_report_draw_all(p->report, folder, error);
    return status ? status : put_all(folder, p->stream, error);
}

ig_status ig_page_figures(const ig_report *report, FILE *stream, ig_error *error)
{
    page p = {report, stream};
    ig_error why = {0};
    if (!ig_report_has_figures(report)) {
        return IG_OK;
    }
    fputs("<section id=\"figures\">\n<h2>Figures</h2>\n", stream);
    (void)ig_folder_scratch(draw_and_put, &p, &why);
    if (why.status) {
        fputs("<p class=\"error\">The figures could not be drawn: ", stream);
        ig_html_text(why.text, stream);
        fputs("</p>\n", stream);
        (void)ig_error_set(error, why.status, "%s", why.text);
    }
    fputs("</section>\n", stream);
    return why.status;
}
