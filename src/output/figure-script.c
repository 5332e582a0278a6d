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

/** The Greek letter a name spells out, or the name. */
static const char *symbol(const char *name)
{
    static const char *const letters[][2] = {
        {"alpha", "α"}, {"beta", "β"},  {"gamma", "γ"},  {"delta", "δ"}, {"eta", "η"},
        {"theta", "θ"}, {"kappa", "κ"}, {"lambda", "λ"}, {"mu", "μ"},    {"nu", "ν"},
    };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (strcmp(name, letters[i][0]) == 0) {
            return letters[i][1];
        }
    }
    return name;
}

/** "dynamics_mse: α = 0.110 [0.099, 0.121], published 0.11 [0.09, 0.13]". */
static void write_legend(const ig_report *report, FILE *file, size_t i)
{
    const ig_report_fit *f = &report->laws.laws[i];
    const ig_published published = f->published;
    char law[128] = "no fit", theirs[128] = "", interval[64] = "", text[768];
    if (f->fitted) {
        snprintf(law, sizeof law, "%s = %.3f [%.3f, %.3f]", symbol(f->fit->exponent),
                 f->law.exponent, f->law.exponent_low, f->law.exponent_high);
    }
    if (!isnan(published.low)) {
        snprintf(interval, sizeof interval, " [%.4g, %.4g]", published.low, published.high);
    }
    if (!isnan(published.value)) {
        snprintf(theirs, sizeof theirs, ", published %.4g%s", published.value, interval);
    }
    snprintf(text, sizeof text, "%s%s%s: %s%s", f->fit->column, f->label[0] ? " " : "", f->label,
             law, theirs);
    fprintf(file, "legend[%zu] = ", i + 1);
    ig_figure_put_quoted(file, text);
    fputc('\n', file);
}

void ig_figure_put_range(FILE *file, const char *axis, double low, double high)
{
    char text[IG_NUMBER_TEXT];
    bool drawn = low > 0 && isfinite(high) && low <= high;
    /* A little air, and a range that is never empty. */
    double air = drawn ? fmax(pow(high / low, 0.05), 1.05) : 1;
    fprintf(file, "%s_low = %s\n", axis, ig_number_text(drawn ? low / air : 1, text));
    fprintf(file, "%s_high = %s\n", axis, ig_number_text(drawn ? high * air : 10, text));
}

void ig_figure_write_script(const ig_report *report, FILE *file, ig_extent *extent)
{
    const ig_summary *summary = &report->rows.experiment->summary;
    bool published = false;
    char footer[IG_FOOTER];
    ig_figure_put_variable(file, "figure", summary->figure);
    ig_figure_put_variable(file, "title_text", summary->figure_title);
    ig_figure_put_variable(file, "x_text", summary->x_label);
    ig_figure_put_variable(file, "y_text", summary->y_label);
    ig_figure_put_range(file, "x", extent->x_low, extent->x_high);
    ig_figure_put_range(file, "y", extent->y_low, extent->y_high);
    fprintf(file, "n_fits = %zu\narray legend[%zu]\n", report->laws.n, report->laws.n);
    for (size_t i = 0; i < report->laws.n; i++) {
        write_legend(report, file, i);
        published = published || !isnan(report->laws.laws[i].published.value);
    }
    ig_figure_put_variable(file, "published_text",
                           published ? "published exponents, drawn through the first points" : "");
    ig_figure_put_common(file, ig_rows_footer(&report->rows, footer), "x y");
    ig_figure_put_lines(file, ig_embedded_loglog_fits);
}
