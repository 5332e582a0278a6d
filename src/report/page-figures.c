/** The figures of the page: drawn for it, read back and put in as data. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/html.h"
#include "report/page.h"
#include "report/text-file.h"

/** Whole file, malloc'd and zero-terminated. */
static ig_status read_whole(const char *directory, const char *name, char **bytes, size_t *size,
                            ig_error *error)
{
    char *path = ig_path_join(directory, name), *text = NULL;
    FILE *file = path ? fopen(path, "re") : NULL, *copy = file ? open_memstream(&text, size) : NULL;
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
    }
    free(path);
    if (failed) {
        free(text);
        return ig_error_set(error, IG_ERR_IO, "%s: cannot be read", name);
    }
    *bytes = text;
    return IG_OK;
}

/** What the script of a figure calls it, malloc'd: the text in quotes behind `title_text = `. */
static char *title_of(const char *directory, const char *picture)
{
    static const char before[] = "title_text = '";
    char *script = NULL, *title = NULL, *name = NULL;
    size_t size;
    if (asprintf(&name, "%.*s.gp", (int)strlen(picture) - 4, picture) >= 0 &&
        read_whole(directory, name, &script, &size, NULL) == IG_OK && script) {
        const char *at = strstr(script, before);
        size_t length = at ? strcspn(at + strlen(before), "\n") : 0;
        /* The line ends with the closing quote; quotes inside are doubled. */
        title = length > 0 ? strndup(at + strlen(before), length - 1) : NULL;
    }
    for (char *from = title, *to = title; from && (*to = *from); to++) {
        from += from[0] == '\'' && from[1] == '\'' ? 2 : 1;
    }
    free(script);
    free(name);
    return title ? title : strdup(picture);
}

static ig_status put_figure(const char *directory, const char *name, FILE *stream, ig_error *error)
{
    char *svg = NULL, *title = title_of(directory, name);
    size_t size = 0;
    ig_status status = title ? read_whole(directory, name, &svg, &size, error)
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

static ig_status put_all(const char *directory, FILE *stream, ig_error *error)
{
    struct dirent **names = NULL;
    int n = scandir(directory, &names, is_svg, alphasort);
    ig_status status =
        n < 0 ? ig_error_set(error, IG_ERR_IO, "%s: %s", directory, strerror(errno)) : IG_OK;
    for (int i = 0; i < n; i++) {
        if (!status) {
            status = put_figure(directory, names[i]->d_name, stream, error);
        }
        free(names[i]);
    }
    free(names);
    return status;
}

/** Remove a folder that holds plain files only. */
static void remove_folder(const char *directory)
{
    DIR *folder = opendir(directory);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (entry->d_type != DT_DIR) {
            unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    if (folder) {
        closedir(folder);
    }
    rmdir(directory);
}

ig_status ig_page_figures(const ig_report *report, FILE *stream, ig_error *error)
{
    const char *parent = getenv("TMPDIR");
    char *directory = NULL;
    ig_error why = {0};
    if (!ig_report_has_figures(report)) {
        return IG_OK;
    }
    if (asprintf(&directory, "%s/imagrid-figures-XXXXXX", parent && parent[0] ? parent : "/tmp") <
        0) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a file name");
    }
    fputs("<section id=\"figures\">\n<h2>Figures</h2>\n", stream);
    if (!mkdtemp(directory)) {
        (void)ig_error_set(&why, IG_ERR_IO, "%s: %s", directory, strerror(errno));
    } else {
        if (!ig_report_draw(report, directory, &why)) {
            (void)put_all(directory, stream, &why);
        }
        remove_folder(directory);
    }
    if (why.status) {
        fputs("<p class=\"error\">The figures could not be drawn: ", stream);
        ig_html_text(why.text, stream);
        fputs("</p>\n", stream);
        (void)ig_error_set(error, why.status, "%s", why.text);
    }
    fputs("</section>\n", stream);
    free(directory);
    return why.status;
}
