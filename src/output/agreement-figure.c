/** Scatters of predicted against realized ratios. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output/embedded.h"
#include "output/figure.h"
#include "output/files.h"
#include "output/gnuplot.h"
#include "output/outputs.h"
#include "results/agreement.h"

/** One figure in the making. */
typedef struct scatter {
    const ig_report *report;
    const ig_agreement *about;
    const char *figure;
    double low, high; /**< of all ratios drawn */
} scatter;

static bool is_drawn(const scatter *s, const ig_agreement_group *group)
{
    return group->figure && strcmp(group->figure, s->figure) == 0;
}

static ig_status write_group(scatter *s, const ig_agreement_group *group, FILE *file,
                             ig_error *error)
{
    double *pairs = NULL;
    size_t n = 0;
    ig_status status = ig_agreement_pairs(s->report, group, &pairs, &n, error);
    if (status) {
        return status;
    }
    fprintf(file, "# %s\n# predicted realized\n%s", group->name, n ? "" : "nan nan\n");
    for (size_t i = 0; i < 2 * n; i++) {
        char text[IG_NUMBER_TEXT];
        fprintf(file, "%s%c", ig_number_text(pairs[i], text), i % 2 ? '\n' : ' ');
        s->low = fmin(s->low, pairs[i]);
        s->high = fmax(s->high, pairs[i]);
    }
    fputs("\n\n", file);
    free(pairs);
    return IG_OK;
}

static ig_status write_points(scatter *s, FILE *file, ig_error *error)
{
    ig_status status = IG_OK;
    for (size_t i = 0; !status && i < s->about->n_groups; i++) {
        if (is_drawn(s, &s->about->groups[i])) {
            status = write_group(s, &s->about->groups[i], file, error);
        }
    }
    return status;
}

/** "tanh: n = 9, median |l| = 0.0584". */
static void write_legends(const scatter *s, FILE *file)
{
    size_t n = 0;
    for (size_t i = 0; i < s->about->n_groups; i++) {
        n += is_drawn(s, &s->about->groups[i]);
    }
    fprintf(file, "n_groups = %zu\narray legend[%zu]\n", n, n);
    n = 0;
    for (size_t i = 0; i < s->about->n_groups; i++) {
        const ig_agreement_group *group = &s->about->groups[i];
        const ig_agreement_row *row = &s->report->agreement[i];
        if (!is_drawn(s, group)) {
            continue;
        }
        char text[IG_LABEL], element[32];
        snprintf(text, sizeof text, "%s: n = %zu, median |l| = %.3g", group->name, row->n,
                 row->median_size);
        snprintf(element, sizeof element, "legend[%zu]", ++n);
        ig_figure_put_variable(file, element, text);
    }
}

static ig_status write_script(scatter *s, FILE *file, ig_error *error)
{
    (void)error;
    char text[IG_NUMBER_TEXT], footer[IG_FOOTER];
    bool drawn = s->low > 0 && isfinite(s->high) && s->low <= s->high;
    double air = drawn ? fmax(pow(s->high / s->low, 0.05), 1.2) : 1;
    ig_figure_put_variable(file, "figure", s->figure);
    ig_figure_put_variable(file, "title_text", s->about->figure_title);
    ig_figure_put_variable(file, "x_text", s->about->x_label);
    ig_figure_put_variable(file, "y_text", s->about->y_label);
    fprintf(file, "x_low = %s\ny_low = x_low\n", ig_number_text(drawn ? s->low / air : 0.1, text));
    fprintf(file, "x_high = %s\ny_high = x_high\n",
            ig_number_text(drawn ? s->high * air : 10, text));
    write_legends(s, file);
    ig_figure_put_common(file, ig_rows_footer(&s->report->rows, footer), "x y");
    ig_figure_put_lines(file, ig_embedded_agreement);
    return IG_OK;
}

/** Write FIGURE followed by `suffix`; the script is run as well. */
static ig_status write_one(scatter *s, const ig_folder *folder, const char *suffix,
                           ig_status (*write)(scatter *s, FILE *file, ig_error *error),
                           ig_error *error)
{
    FILE *file = NULL;
    char *name = NULL;
    if (asprintf(&name, "%s%s", s->figure, suffix) < 0) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a file name");
    }
    ig_status status = ig_text_open(folder, name, &file, error);
    if (!status) {
        status = write(s, file, error);
        status = ig_text_close(&file, folder, name, status, error);
    }
    if (!status && write == write_script) {
        status = ig_gnuplot_run(folder, name, error);
    }
    free(name);
    return status;
}

ig_status ig_agreement_draw(const ig_report *report, const ig_folder *folder, ig_error *error)
{
    const ig_agreement *about = report->rows.experiment->summary.agreement;
    const char *last = NULL;
    ig_status status = IG_OK;
    /* Groups of one figure stand together. */
    for (size_t i = 0; !status && i < about->n_groups; i++) {
        const char *figure = about->groups[i].figure;
        if (!figure || (last && strcmp(figure, last) == 0)) {
            continue;
        }
        scatter s = {report, about, figure, (double)INFINITY, 0};
        last = figure;
        status = write_one(&s, folder, "-points.dat", write_points, error);
        if (!status) {
            status = write_one(&s, folder, ".gp", write_script, error);
        }
    }
    return status;
}
