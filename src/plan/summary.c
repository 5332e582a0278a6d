/** The measurements of a merged summary, which says everything itself. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "output/output.h"
#include "plan/plan.h"

/** Names that an experiment's fits give the two amplitudes. */
static const char *const amplitudes[IG_KINDS] = {"A_d", "A_r"};

enum { AMPLITUDE, COLUMN, GROUP, PROBLEM, N_TEXTS };
static const char *const text_names[N_TEXTS] = {"amplitude_name", "fit_column", "fit_group",
                                                "fit_problem"};
enum { FIT, X, MEAN, SEM, N_NUMBERS };
static const char *const number_names[N_NUMBERS] = {"fit_points/fit", "fit_points/x",
                                                    "fit_points/mean", "fit_points/sem"};

/** Everything of the file that the planner looks at: the tables of fits and of their points. */
typedef struct source {
    ig_summary_file *file;
    const char *group; /**< asked for, or NULL */
    size_t n_fits, n_points;
    char *texts[N_TEXTS];
    size_t widths[N_TEXTS];
    double *exponent;
    double *numbers[N_NUMBERS]; /**< n_points each */
} source;

static void source_clear(source *s)
{
    for (int i = 0; i < N_TEXTS; i++) {
        free(s->texts[i]);
    }
    for (int i = 0; i < N_NUMBERS; i++) {
        free(s->numbers[i]);
    }
    free(s->exponent);
    ig_summary_close(&s->file);
}

static const char *text_of(const source *s, int which, size_t fit)
{
    return s->texts[which] + fit * s->widths[which];
}

static ig_status read_tables(source *s, ig_error *error)
{
    bool laws, points;
    TRY(ig_summary_has(s->file, text_names[AMPLITUDE], &laws, error));
    TRY(ig_summary_has(s->file, "fit_points", &points, error));
    if (!laws) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "holds no fits of power laws, so there is nothing to plan with");
    }
    for (int i = 0; i < N_TEXTS; i++) {
        TRY(ig_summary_texts(s->file, text_names[i], &s->n_fits, &s->widths[i], &s->texts[i],
                             error));
    }
    TRY(ig_summary_numbers(s->file, "exponent", &s->n_fits, &s->exponent, error));
    if (!points) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "comes from an imagrid that did not note the points of its fits: merge "
                            "the result files again");
    }
    for (int i = 0; i < N_NUMBERS; i++) {
        TRY(ig_summary_numbers(s->file, number_names[i], &s->n_points, &s->numbers[i], error));
    }
    return IG_OK;
}

/** The fit of a kind in the group asked for. */
static ig_status find_fit(const source *s, int kind, size_t *fit, ig_error *error)
{
    size_t found = 0, groups = 0;
    char known[512] = "";
    for (size_t i = 0; i < s->n_fits; i++) {
        if (strcmp(text_of(s, AMPLITUDE, i), amplitudes[kind]) != 0) {
            continue;
        }
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s'%s'", used ? ", " : "",
                 text_of(s, GROUP, i));
        groups++;
        if (!s->group || strcmp(text_of(s, GROUP, i), s->group) == 0) {
            *fit = i;
            found++;
        }
    }
    if (groups == 0) {
        return ig_error_set(error, IG_ERR_USAGE, "holds no fit of the %s error (%s)",
                            ig_kind_names[kind], amplitudes[kind]);
    }
    if (found == 0 && groups == 1) {
        return ig_error_set(error, IG_ERR_USAGE, "holds one group of fits only: leave --group out");
    }
    if (found != 1) {
        return ig_error_set(error, IG_ERR_USAGE, "holds %s: choose one with --group from %s",
                            found ? "several groups of fits" : "no such group of fits", known);
    }
    if (text_of(s, PROBLEM, *fit)[0]) {
        return ig_error_set(error, IG_ERR_NUMERIC, "has no fit of the %s error: %s",
                            ig_kind_names[kind], text_of(s, PROBLEM, *fit));
    }
    return IG_OK;
}

/** Insert one anchor; they are few, and stand in the order of the configuration. */
static void insert(ig_anchors *a, double x, double mean, double sem)
{
    size_t i = a->n++;
    for (; i > 0 && a->x[i - 1] > x; i--) {
        a->x[i] = a->x[i - 1];
        a->mean[i] = a->mean[i - 1];
        a->sem[i] = a->sem[i - 1];
    }
    a->x[i] = x;
    a->mean[i] = mean;
    a->sem[i] = sem;
}

/** Means and standard errors of the fit's points. */
static ig_status gather(const source *s, size_t fit, ig_anchors *anchors, ig_error *error)
{
    TRY(ig_anchors_init(s->n_points, 0, anchors, error));
    anchors->n = 0;
    for (size_t i = 0; i < s->n_points; i++) {
        const double x = s->numbers[X][i], mean = s->numbers[MEAN][i];
        if (s->numbers[FIT][i] != (double)fit) {
            continue;
        }
        if (!(x > 0) || !isfinite(x) || !(mean > 0) || !isfinite(mean)) {
            return ig_error_set(error, IG_ERR_FORMAT, "has a mean of %g at %g in %s", mean, x,
                                text_of(s, COLUMN, fit));
        }
        insert(anchors, x, mean, s->numbers[SEM][i]);
    }
    return IG_OK;
}

static ig_status read_kind(const source *s, int kind, ig_measured *measured, ig_error *error)
{
    AUTO(ig_learning_curve_clear) ig_learning_curve curve = {0};
    size_t fit = 0;
    TRY(find_fit(s, kind, &fit, error));
    snprintf(measured->names[kind], IG_CURVE_NAME, "%s", text_of(s, COLUMN, fit));
    TRY(gather(s, fit, &measured->anchors[kind], error));
    /* The line through the means is the fit: if not, something of the file is not what it seems. */
    ig_rng rng = ig_rng_start(ig_rng_key_make("imagrid-plan", 0), IG_STREAM_BOOTSTRAP, 0);
    TRY(ig_learning_curve_fit(&measured->anchors[kind], measured->names[kind], 2, &rng, &curve,
                              error));
    return fabs(curve.law.exponent.value - s->exponent[fit]) >
                   1e-9 * (1 + fabs(curve.law.exponent.value))
               ? ig_error_set(error, IG_ERR_FORMAT,
                              "says that the exponent of %s is %.6g, but its means give %.6g",
                              measured->names[kind], s->exponent[fit], curve.law.exponent.value)
               : IG_OK;
}

static ig_status read_all(source *s, const char *path, ig_measured *measured, ig_error *error)
{
    TRY(ig_summary_open(path, &s->file, error));
    TRY(read_tables(s, error));
    for (int kind = 0; kind < IG_KINDS; kind++) {
        TRY(read_kind(s, kind, measured, error));
    }
    return IG_OK;
}

ig_status ig_measured_read_summary(const char *path, const char *group, ig_measured *measured,
                                   ig_error *error)
{
    AUTO(source_clear) source s = {.group = group};
    return read_all(&s, path, measured, error) ? ig_error_context(error, "%s", path) : IG_OK;
}
