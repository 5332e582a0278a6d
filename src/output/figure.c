/** Figures; here the log-log one of the fits: data files, script and gnuplot's run over them. */
#include "output/figure.h"

#include <math.h>
#include <stdlib.h>

#include "output/drawing.h"
#include "output/files.h"
#include "output/gnuplot.h"
#include "output/outputs.h"
#include "results/power-law.h"

/** Blocks are told apart by two empty lines; an empty block would shift the ones behind it. */
static void end_block(FILE *file, size_t lines, size_t width)
{
    const double nothing[] = {(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
    if (lines == 0) {
        ig_figure_put_numbers(file, nothing, width);
    }
    fputs("\n\n", file);
}

static void write_points(const ig_report *report, FILE *file, ig_extent *e)
{
    for (size_t i = 0; i < report->laws.n; i++) {
        const ig_report_fit *f = &report->laws.laws[i];
        size_t lines = 0;
        fprintf(file, "# %s %s\n# %s mean mean-SEM mean+SEM\n", f->fit->column, f->label,
                f->fit->axis);
        for (size_t p = 0; p < f->n_points; p++) {
            const ig_statistics *s = ig_rows_statistics(&report->rows, f->column, f->points[p]);
            double x = ig_grid_value(report->rows.grid, f->points[p], f->axis)->real;
            double bar = s->n > 1 ? s->sem : 0;
            const double numbers[] = {x, s->mean, s->mean - bar, s->mean + bar};
            /* A logarithmic axis has no place for the others. */
            if (s->n == 0 || x <= 0 || s->mean <= 0) {
                continue;
            }
            ig_figure_put_numbers(file, numbers, 4);
            ig_extent_include(e, x, numbers[2]);
            ig_extent_include(e, x, numbers[3]);
            lines++;
        }
        end_block(file, lines, 4);
    }
}

/** Where the published line starts: the mean at the smallest axis value. */
static void first_point(const ig_report *report, const ig_report_fit *f, double *x, double *y)
{
    *x = (double)INFINITY;
    for (size_t p = 0; p < f->n_points; p++) {
        const ig_statistics *s = ig_rows_statistics(&report->rows, f->column, f->points[p]);
        double here = ig_grid_value(report->rows.grid, f->points[p], f->axis)->real;
        if (s->n > 0 && here < *x) {
            *x = here;
            *y = s->mean;
        }
    }
}

static void write_lines(const ig_report *report, FILE *file, ig_extent *e)
{
    for (size_t i = 0; i < report->laws.n; i++) {
        const ig_report_fit *f = &report->laws.laws[i];
        double published = f->published.value;
        double x0 = 0, y0 = 0;
        fprintf(file, "# %s %s\n# %s line low high published\n", f->fit->column, f->label,
                f->fit->axis);
        first_point(report, f, &x0, &y0);
        for (size_t k = 0; f->fitted && k < IG_REPORT_BAND; k++) {
            const double x = f->x[k];
            const double numbers[] = {x, ig_power_law_at(f->law.amplitude, f->law.exponent, x),
                                      f->low[k], f->high[k],
                                      y0 * ig_power_law_at(1, published, x / x0)};
            ig_figure_put_numbers(file, numbers, 5);
            for (size_t column = 1; column < 5; column++) {
                ig_extent_include(e, x, numbers[column]);
            }
        }
        end_block(file, f->fitted ? IG_REPORT_BAND : 0, 5);
    }
}

typedef void write_function(const ig_report *report, FILE *file, ig_extent *extent);

/** Write NAME, where `name` is the figure's name with a suffix. */
static ig_status write_one(const ig_report *report, const ig_folder *folder, const char *name,
                           write_function *write, ig_extent *extent, ig_error *error)
{
    FILE *file = NULL;
    ig_status status = ig_text_open(folder, name, &file, error);
    if (status) {
        return status;
    }
    write(report, file, extent);
    return ig_text_close(&file, folder, name, IG_OK, error);
}

static ig_status draw_fits(const ig_report *report, const ig_folder *folder, ig_error *error)
{
    /* The script comes last: its ranges are those of the data. */
    static const struct {
        const char *suffix;
        write_function *write;
    } parts[] = {{"-points.dat", write_points},
                 {"-lines.dat", write_lines},
                 {".gp", ig_figure_write_script}};
    enum { N_PARTS = sizeof parts / sizeof *parts };
    const double inf = (double)INFINITY;
    ig_extent extent = {inf, 0, inf, 0};
    ig_status status = IG_OK;
    for (size_t i = 0; !status && i < N_PARTS; i++) {
        char *name = NULL;
        if (asprintf(&name, "%s%s", report->rows.experiment->summary.figure, parts[i].suffix) < 0) {
            return ig_error_set(error, IG_ERR_MEMORY, "no memory for a file name");
        }
        status = write_one(report, folder, name, parts[i].write, &extent, error);
        if (!status && i + 1 == N_PARTS) {
            status = ig_gnuplot_run(folder, name, error);
        }
        free(name);
    }
    return status;
}

bool ig_report_has_figures(const ig_report *report)
{
    const ig_agreement *agreement = report->rows.experiment->summary.agreement;
    bool has = report->laws.n > 0 || report->n_curves > 0;
    for (size_t i = 0; i < report->n_ratios; i++) {
        has = has || report->ratios[i].ratio->figure;
    }
    for (size_t i = 0; agreement && i < agreement->n_groups; i++) {
        has = has || agreement->groups[i].figure;
    }
    return has;
}

ig_status ig_report_draw_all(const void *what, const ig_folder *folder, ig_error *error)
{
    const ig_report *report = what;
    ig_status status = report->laws.n > 0 ? draw_fits(report, folder, error) : IG_OK;
    for (size_t i = 0; !status && i < report->n_ratios; i++) {
        status = ig_ratio_draw(report, &report->ratios[i], folder, error);
    }
    if (!status && report->rows.experiment->summary.agreement) {
        status = ig_agreement_draw(report, folder, error);
    }
    for (size_t i = 0; !status && i < report->n_curves; i++) {
        status = ig_curve_draw(report, &report->curves[i], folder, error);
    }
    return status;
}

ig_status ig_report_draw(const ig_report *report, const char *directory, ig_error *error)
{
    return ig_report_has_figures(report)
               ? ig_drawing_make(directory, ig_report_draw_all, report, error)
               : ig_error_set(error, IG_ERR_USAGE, "experiment %s has no figure",
                              report->rows.experiment->schema.experiment);
}
