/** The figures of the page: drawn for it, read back and put in as data. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/try.h"
#include "output/figure.h"
#include "output/html.h"
#include "output/page.h"
#include "store/file.h"

/** What a script calls its figure, malloc'd: the text in quotes behind `title_text = `, else the
 *  name of the picture. NULL without memory. */
static char *find_title(const char *script, const char *picture)
{
    static const char before[] = "title_text = '";
    const char *at = strstr(script, before);
    size_t length = at ? strcspn(at + strlen(before), "\n") : 0;
    /* The line ends with the closing quote; there are none inside. */
    return length > 0 ? strndup(at + strlen(before), length - 1) : strdup(picture);
}

static ig_status read_title(const ig_folder *folder, const char *picture, char **title,
                            ig_error *error)
{
    char *script = NULL, *name = NULL;
    size_t size;
    if (asprintf(&name, "%.*s.gp", (int)strlen(picture) - 4, picture) < 0) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a file name");
    }
    ig_status status = ig_file_bytes(folder, name, &script, &size, error);
    if (!status) {
        *title = find_title(script ? script : "", picture);
        status = *title ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "no memory for a figure");
    }
    free(script);
    free(name);
    return status;
}

static ig_status put_figure(const ig_folder *folder, const char *name, FILE *stream,
                            ig_error *error)
{
    char *svg = NULL, *title = NULL;
    size_t size = 0;
    ig_status status = read_title(folder, name, &title, error);
    if (!status) {
        status = ig_file_bytes(folder, name, &svg, &size, error);
    }
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
        n < 0 ? ig_error_set(error, IG_ERR_IO, "the figures cannot be listed: %s", strerror(errno))
              : IG_OK;
    for (int i = 0; i < n; i++) {
        if (!status) {
            status = put_figure(folder, names[i]->d_name, stream, error);
        }
        free(names[i]);
    }
    free(names);
    return status;
}

static ig_status draw_and_put(const ig_report *report, FILE *stream, ig_error *error)
{
    AUTO(ig_scratch_close) ig_scratch scratch = IG_SCRATCH;
    TRY(ig_scratch_open(&scratch, error));
    TRY(ig_report_draw_all(report, &scratch.folder, error));
    return put_all(&scratch.folder, stream, error);
}

ig_status ig_page_figures(const ig_report *report, FILE *stream, ig_error *error)
{
    ig_error why = {0};
    if (!ig_report_has_figures(report)) {
        return IG_OK;
    }
    fputs("<section id=\"figures\">\n<h2>Figures</h2>\n", stream);
    (void)draw_and_put(report, stream, &why);
    if (why.status) {
        fputs("<p class=\"error\">The figures could not be drawn: ", stream);
        ig_html_text(why.text, stream);
        fputs("</p>\n", stream);
        (void)ig_error_set(error, why.status, "%s", why.text);
    }
    fputs("</section>\n", stream);
    return why.status;
}
