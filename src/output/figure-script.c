/** The gnuplot script of the fits, and what all scripts are made of. */
#include <math.h>
#include <string.h>

#include "output/embedded.h"
#include "output/figure.h"
#include "output/files.h"

/* A gnuplot string in single quotes: nothing in it is special but the quote. That would have to be
 * doubled, which gnuplot 5.4 does not understand at the start of a string and beside another one:
 * printed, an apostrophe looks better anyway. */
void ig_figure_put_quoted(FILE *file, const char *text)
{
    fputc('\'', file);
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("\u2019", file);
        } else {
            fputc((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text, file);
        }
    }
    fputc('\'', file);
}

void ig_figure_put_variable(FILE *file, const char *name, const char *text)
{
    fprintf(file, "%s = ", name);
    ig_figure_put_quoted(file, text);
    fputc('\n', file);
}

void ig_figure_put_lines(FILE *file, const char *const *lines)
{
    for (; *lines; lines++) {
        fputs(*lines, file);
    }
}

void ig_figure_put_common(FILE *file, const char *footer, const char *log_axes)
{
    ig_figure_put_variable(file, "footer_text", footer);
    ig_figure_put_variable(file, "log_axes", log_axes);
    fputc('\n', file);
    ig_figure_put_lines(file, ig_embedded_common);
    fputc('\n', file);
}
