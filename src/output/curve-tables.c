/** Curves and optima as CSV and for summary.h5: one list of fields for both. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "output/csv.h"
#include "output/files.h"
#include "output/outputs.h"

enum { TEXTS = 4, NUMBERS = 17 };

/** A line of either table; texts are not owned. */
typedef struct record {
    const char *texts[TEXTS];
    double numbers[NUMBERS];
} record;

typedef struct field {
    const char *name, *long_name;
} field;

/** A table of records; `n` of them, owned. */
typedef struct table {
    const char *dimension, *prefix; /**< in summary.h5 */
    const field *texts, *numbers;
    size_t n_texts, n_numbers;
    record *records;
    size_t n;
} table;

static const field point_texts[] = {
    {"name", "curve"},
    {"panel", "values of the keys that choose the panel"},
    {"line", "values of the other keys that vary"},
};
static const field point_numbers[] = {
    {"x", "value of the key on the horizontal axis"},
    {"grid_point", "number of the grid point, from 0"},
    {"n", "finished seeds"},
    {"median", "median over the finished seeds"},
    {"median_low", "lower end, 95 % bootstrap interval of the median, seeds paired along the line"},
    {"median_high", "upper end of that interval"},
    {"reference", "median of the reference column"},
};
static const field optimum_texts[] = {
    {"name", "curve"},
    {"panel", "values of the keys that choose the panel"},
    {"line", "values of the other keys that vary"},
    {"predicted", "column that predicts the best x; empty where there is none"},
};
static const field optimum_numbers[] = {
    {"n", "different seeds with a finished row on the line"},
    {"best", "x at which the median is least; the smallest such x"},
    {"best_low", "lower end, 95 % bootstrap interval of the best x"},
    {"best_high", "upper end of that interval"},
    {"best_share", "share of the resamples whose median is least at the best x"},
    {"best_ties", "number of x with the least median"},
    {"best_end", "-1: the best x is the first with results, 1: the last, 0: neither"},
    {"least", "median at the best x"},
    {"least_low", "lower end, 95 % bootstrap interval of the least median"},
    {"least_high", "upper end of that interval"},
    {"predicted_x", "median of the predicted x over the seeds"},
    {"predicted_q1", "their first quartile"},
    {"predicted_q3", "their third quartile"},
    {"predicted_outside", "-1: predicted below the x measured, 1: above, 0: neither"},
    {"predicted_there", "median at the predicted x, between its neighbours"},
    {"predicted_excess", "(median at the predicted x - least) / |least|"},
    {"predicted_near", "1: the excess is within the tolerance, 0: it is not"},
};

static size_t lines_of(const ig_report_curve *c)
{
    return c->n_predicted > 0 ? c->n_predicted : 1;
}

size_t ig_curves_n_points(const ig_report *report)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n_curves; i++) {
        for (size_t l = 0; l < report->curves[i].n_lines; l++) {
            n += report->curves[i].lines[l].n_points;
        }
    }
    return n;
}

size_t ig_curves_n_optima(const ig_report *report)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n_curves; i++) {
        const ig_report_curve *c = &report->curves[i];
        n += c->curve->predicted ? c->n_lines * lines_of(c) : 0;
    }
    return n;
}

static record start(const ig_report_curve *c, const ig_report_line *line)
{
    return (record){.texts = {c->curve->name, c->panels[line->panel].text, line->label, ""}};
}

static void add_points(const ig_report_curve *c, const ig_report_line *line, table *t)
{
    for (size_t i = 0; i < line->n_points; i++) {
        const ig_curve_point *p = &line->points[i];
        const double numbers[] = {p->x,   (double)p->point, (double)p->n, p->median,
                                  p->low, p->high,          p->reference};
        record *r = &t->records[t->n++];
        *r = start(c, line);
        for (size_t k = 0; k < t->n_numbers; k++) {
            r->numbers[k] = numbers[k];
        }
    }
}

static void add_optima(const ig_report_curve *c, const ig_report_line *line, table *t)
{
    const ig_optimum *o = &line->optimum;
    const double nan = (double)NAN;
    for (size_t i = 0; c->curve->predicted && i < lines_of(c); i++) {
        const bool has = i < c->n_predicted;
        const ig_prediction *p = &line->predictions[i];
        const bool judged = has && line->seeds > 0;
        const double numbers[] = {
            (double)line->seeds,
            o->best,
            o->best_low,
            o->best_high,
            o->share,
            (double)o->ties,
            o->end,
            o->least,
            o->least_low,
            o->least_high,
            has ? p->median : nan,
            has ? p->q1 : nan,
            has ? p->q3 : nan,
            judged ? p->outside : nan,
            has ? p->measured : nan,
            has ? p->excess : nan,
            judged ? p->near : nan,
        };
        record *r = &t->records[t->n++];
        *r = start(c, line);
        r->texts[3] = has ? c->curve->predicted[i] : "";
        for (size_t k = 0; k < t->n_numbers; k++) {
            r->numbers[k] = numbers[k];
        }
    }
}

static ig_status make_table(const ig_report *report, bool optima, table *t, ig_error *error)
{
    *t = (table){.dimension = optima ? "optimum" : "curve_point",
                 .prefix = optima ? "optimum_" : "curve_",
                 .texts = optima ? optimum_texts : point_texts,
                 .numbers = optima ? optimum_numbers : point_numbers,
                 .n_texts = optima ? TEXTS : TEXTS - 1,
                 .n_numbers = optima ? NUMBERS : sizeof point_numbers / sizeof *point_numbers};
    size_t n = optima ? ig_curves_n_optima(report) : ig_curves_n_points(report);
    t->records = calloc(n + 1, sizeof *t->records);
    if (!t->records) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu lines of a table", n);
    }
    for (size_t i = 0; i < report->n_curves; i++) {
        const ig_report_curve *c = &report->curves[i];
        for (size_t l = 0; l < c->n_lines; l++) {
            (optima ? add_optima : add_points)(c, &c->lines[l], t);
        }
    }
    return IG_OK;
}

static void put_csv(const table *t, FILE *file)
{
    for (size_t k = 0; k < t->n_texts; k++) {
        ig_csv_put_text(file, k == 0, k == 0 ? "curve" : t->texts[k].name);
    }
    for (size_t k = 0; k < t->n_numbers; k++) {
        ig_csv_put_text(file, false, t->numbers[k].name);
    }
    ig_csv_end_line(file);
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < t->n_texts; k++) {
            ig_csv_put_text(file, k == 0, t->records[i].texts[k]);
        }
        for (size_t k = 0; k < t->n_numbers; k++) {
            ig_csv_put_number(file, t->records[i].numbers[k]);
        }
        ig_csv_end_line(file);
    }
}

static ig_status write_csv(const ig_report *report, bool optima, const ig_folder *folder,
                           const char *name, ig_error *error)
{
    FILE *file = NULL;
    table t;
    ig_status status = make_table(report, optima, &t, error);
    if (!status) {
        status = ig_text_open(folder, name, &file, error);
    }
    if (!status) {
        put_csv(&t, file);
        status = ig_text_close(&file, folder, name, IG_OK, error);
    }
    free(t.records);
    return status;
}

ig_status ig_curves_write_csv(const ig_report *report, const ig_folder *folder, ig_error *error)
{
    ig_status status = write_csv(report, false, folder, "curves.csv", error);
    bool optima = false;
    for (size_t i = 0; i < report->n_curves; i++) {
        optima = optima || report->curves[i].curve->predicted;
    }
    return status || !optima ? status : write_csv(report, true, folder, "optima.csv", error);
}

static void name_last(const table *t, const field *about, ig_table *out)
{
    if (!out->status) {
        ig_table_column *column = &out->columns[out->n - 1];
        snprintf(column->name, sizeof column->name, "%s%s", t->prefix, about->name);
        snprintf(column->long_name, sizeof column->long_name, "%s", about->long_name);
    }
}

static ig_status fill(const table *t, ig_table *out, ig_error *error)
{
    const char **texts = calloc(t->n + 1, sizeof *texts);
    ig_table_init(out, t->dimension, t->n);
    for (size_t k = 0; texts && k < t->n_texts; k++) {
        for (size_t i = 0; i < t->n; i++) {
            texts[i] = t->records[i].texts[k];
        }
        ig_table_add_texts(out, t->texts[k].name, t->texts[k].long_name, texts);
        name_last(t, &t->texts[k], out);
    }
    for (size_t k = 0; k < t->n_numbers; k++) {
        ig_table_column *column = ig_table_add(out, IG_STORED_F64, 1, NULL, NULL);
        for (size_t i = 0; column && i < t->n; i++) {
            ((double *)column->values)[i] = t->records[i].numbers[k];
        }
        name_last(t, &t->numbers[k], out);
    }
    const bool failed = !texts || out->status;
    free(texts);
    if (failed) {
        ig_table_clear(out);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the summary");
    }
    return IG_OK;
}

static ig_status make_summary(const ig_report *report, bool optima, ig_table *out, ig_error *error)
{
    table t;
    ig_status status = make_table(report, optima, &t, error);
    if (!status) {
        status = fill(&t, out, error);
    }
    free(t.records);
    return status;
}

ig_status ig_curves_point_table(const ig_report *report, ig_table *out, ig_error *error)
{
    return make_summary(report, false, out, error);
}

ig_status ig_curves_optimum_table(const ig_report *report, ig_table *out, ig_error *error)
{
    return make_summary(report, true, out, error);
}
