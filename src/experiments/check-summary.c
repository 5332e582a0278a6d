/** The summary: what it names must be there. */
#include <string.h>

#include "experiments/check.h"

enum { LONGEST_FIGURE = 64 };

static ig_status check_summarised(const ig_experiment *e, ig_error *error)
{
    if (!e->summary.columns || !e->summary.columns[0]) {
        return ig_error_set(error, IG_ERR_USAGE, "summary: it names no column");
    }
    for (const char *const *name = e->summary.columns; *name; name++) {
        const ig_column *column = NULL;
        for (size_t c = 0; c < e->n_columns && !column; c++) {
            column = strcmp(e->columns[c].name, *name) == 0 ? &e->columns[c] : NULL;
        }
        if (!column || column->dimension) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "summary: '%.48s' is not a column of single "
                                "numbers",
                                *name);
        }
        if (ig_check_is_in(name + 1, *name)) {
            return ig_error_set(error, IG_ERR_USAGE, "summary: column %s is there twice", *name);
        }
    }
    return IG_OK;
}

static ig_status check_fit(const ig_experiment *e, const ig_fit *fit, ig_error *error)
{
    const ig_key *axis = ig_check_key(e, fit->axis);
    const char *fault = NULL;
    if (!ig_check_is_summarised(e, fit->column)) {
        return ig_error_set(error, IG_ERR_USAGE, "fit: column '%.48s' is not summarised",
                            fit->column ? fit->column : "");
    }
    if (!axis || !axis->column || (axis->type != IG_KEY_INTEGER && axis->type != IG_KEY_REAL)) {
        fault = "its axis is not the path of an axis key of numbers";
    } else if (!ig_check_is_line(fit->exponent) || !ig_check_is_line(fit->amplitude)) {
        fault = "exponent and amplitude need names";
    } else if (!ig_check_is_published(e, fit->published, IG_KEY_REAL) ||
               !ig_check_is_published(e, fit->published_interval, IG_KEY_INTERVAL)) {
        fault = "published figures are paths of REAL and INTERVAL keys that are no axes";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "fit of %s: %s", fit->column, fault) : IG_OK;
}

static ig_status check_fits(const ig_experiment *e, ig_error *error)
{
    const ig_summary *s = &e->summary;
    ig_status status = IG_OK;
    if (s->n_fits > 0 && !s->fits) {
        return ig_error_set(error, IG_ERR_USAGE, "summary: the table of fits is missing");
    }
    for (size_t i = 0; i < s->n_fits && !status; i++) {
        status = check_fit(e, &s->fits[i], error);
    }
    if (!status && s->n_fits > 0 &&
        (!ig_check_is_word(s->figure, "_-", LONGEST_FIGURE) || !ig_check_is_line(s->figure_title) ||
         !ig_check_is_line(s->x_label) || !ig_check_is_line(s->y_label))) {
        status = ig_error_set(error, IG_ERR_USAGE,
                              "summary: the figure of the fits needs a name for its file, a title "
                              "and labels");
    }
    return status;
}

static ig_status check_ratios(const ig_experiment *e, ig_error *error)
{
    const ig_summary *s = &e->summary;
    ig_status status = IG_OK;
    if (s->n_ratios > 0 && !s->ratios) {
        return ig_error_set(error, IG_ERR_USAGE, "summary: the table of ratios is missing");
    }
    for (size_t i = 0; i < s->n_ratios && !status; i++) {
        status = ig_check_ratio(e, &s->ratios[i], error);
        for (size_t j = 0; j < i && !status; j++) {
            if (strcmp(s->ratios[j].column, s->ratios[i].column) == 0) {
                status = ig_error_set(error, IG_ERR_USAGE, "summary: two ratios of column %s",
                                      s->ratios[i].column);
            }
        }
    }
    return status;
}

static ig_status check_curves(const ig_experiment *e, ig_error *error)
{
    const ig_summary *s = &e->summary;
    ig_status status = IG_OK;
    if (s->n_curves > 0 && !s->curves) {
        return ig_error_set(error, IG_ERR_USAGE, "summary: the table of curves is missing");
    }
    for (size_t i = 0; i < s->n_curves && !status; i++) {
        status = ig_check_curve(e, &s->curves[i], error);
    }
    return status;
}

/** Name of figure number i of fits, ratios, curves and groups of the agreement; NULL for none. */
static const char *figure_at(const ig_summary *s, size_t i)
{
    const size_t first_curve = 1 + s->n_ratios, first_group = first_curve + s->n_curves;
    if (i == 0) {
        return s->n_fits > 0 ? s->figure : NULL;
    }
    return i < first_curve   ? s->ratios[i - 1].figure
           : i < first_group ? s->curves[i - first_curve].name
                             : s->agreement->groups[i - first_group].figure;
}

static ig_status check_figures(const ig_experiment *e, ig_error *error)
{
    const ig_summary *s = &e->summary;
    const size_t first_group = 1 + s->n_ratios + s->n_curves;
    const size_t n = first_group + (s->agreement ? s->agreement->n_groups : 0);
    for (size_t i = 0; i < n; i++) {
        const char *name = figure_at(s, i);
        /* Groups of one figure share its name. */
        for (size_t j = 0; name && j < i && j < first_group; j++) {
            const char *other = figure_at(s, j);
            if (other && strcmp(other, name) == 0) {
                return ig_error_set(error, IG_ERR_USAGE, "summary: two figures are named %s", name);
            }
        }
    }
    return IG_OK;
}

ig_status ig_check_summary(const ig_experiment *e, ig_error *error)
{
    ig_status status = check_summarised(e, error);
    if (!status) {
        status = check_fits(e, error);
    }
    if (!status) {
        status = check_ratios(e, error);
    }
    if (!status) {
        status = check_curves(e, error);
    }
    if (!status && e->summary.agreement) {
        status = ig_check_agreement(e, error);
    }
    return status ? status : check_figures(e, error);
}
