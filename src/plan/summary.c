/** The measurements of a merged summary, which says everything itself. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "output/output.h"
#include "plan/plan.h"

/** Names of the two amplitudes, by which fits are found in summaries that do not say their kind. */
static const char *const amplitudes[IG_KINDS] = {"A_d", "A_r"};

enum { AMPLITUDE, COLUMN, GROUP, PROBLEM, N_TEXTS };
static const char *const text_names[N_TEXTS] = {"amplitude_name", "fit_column", "fit_group",
                                                "fit_problem"};
enum { FIT, X, COUNT, MEAN, SEM, N_NUMBERS };
static const char *const number_names[N_NUMBERS] = {
    "fit_points/fit", "fit_points/x", "fit_points/n", "fit_points/mean", "fit_points/sem"};

enum { M_FIT, M_X, M_SEED, M_VALUE, N_SINGLE };
static const char *const single_names[N_SINGLE] = {"fit_measurements/fit", "fit_measurements/x",
                                                   "fit_measurements/seed",
                                                   "fit_measurements/value"};

/** Samples in the file of transitions that was learned from, the same at all grid points. */
static const char *const file_names[IG_KINDS] = {"file_transitions_median", "file_labels_median"};

enum { S_LOW, S_HIGH, S_X, S_SEEDS, N_SENSITIVE };
static const char *const sensitive_names[N_SENSITIVE] = {
    "fit_sensitivity_low", "fit_sensitivity_high", "fit_sensitivity_x", "fit_sensitivity_seeds"};

/** Everything of the file that the planner looks at: the tables of fits, of their points and of
 *  single measurements, which older summaries lack. */
typedef struct source {
    ig_summary_file *file;
    const char *group; /**< asked for, or NULL */
    size_t n_fits, n_points;
    char *texts[N_TEXTS];
    size_t widths[N_TEXTS];
    char *kinds; /**< n_fits texts of kind_width bytes, or NULL */
    size_t kind_width;
    double *exponent;
    double *numbers[N_NUMBERS]; /**< n_points each */
    size_t n_single;
    double *single[N_SINGLE];         /**< n_single each */
    double *shared, *outputs;         /**< n_fits each, or NULL */
    double *sensitivity[N_SENSITIVE]; /**< likewise */
    size_t n_grid_points;
    double *in_file[IG_KINDS]; /**< n_grid_points each, or NULL */
} source;

static void source_clear(source *s)
{
    for (int i = 0; i < N_TEXTS; i++) {
        free(s->texts[i]);
    }
    for (int i = 0; i < N_NUMBERS; i++) {
        free(s->numbers[i]);
    }
    for (int i = 0; i < N_SINGLE; i++) {
        free(s->single[i]);
    }
    free(s->kinds);
    free(s->exponent);
    free(s->shared);
    free(s->outputs);
    for (int i = 0; i < N_SENSITIVE; i++) {
        free(s->sensitivity[i]);
    }
    for (int i = 0; i < IG_KINDS; i++) {
        free(s->in_file[i]);
    }
    ig_summary_close(&s->file);
}

static const char *text_of(const source *s, int which, size_t fit)
{
    return s->texts[which] + fit * s->widths[which];
}

/** `*n` numbers that not every summary has. */
static ig_status read_newer(const source *s, const char *name, size_t *n, double **numbers,
                            ig_error *error)
{
    bool there;
    TRY(ig_summary_has(s->file, name, &there, error));
    return there ? ig_summary_numbers(s->file, name, n, numbers, error) : IG_OK;
}

static ig_status read_measurements(source *s, ig_error *error)
{
    bool there;
    TRY(read_newer(s, "fit_shared", &s->n_fits, &s->shared, error));
    TRY(read_newer(s, "fit_outputs", &s->n_fits, &s->outputs, error));
    for (int i = 0; i < N_SENSITIVE; i++) {
        TRY(read_newer(s, sensitive_names[i], &s->n_fits, &s->sensitivity[i], error));
    }
    for (int i = 0; i < IG_KINDS; i++) {
        TRY(read_newer(s, file_names[i], &s->n_grid_points, &s->in_file[i], error));
    }
    TRY(ig_summary_has(s->file, "fit_measurements", &there, error));
    for (int i = 0; there && i < N_SINGLE; i++) {
        TRY(ig_summary_numbers(s->file, single_names[i], &s->n_single, &s->single[i], error));
    }
    return IG_OK;
}

static ig_status read_tables(source *s, ig_error *error)
{
    bool laws, points, kinds;
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
    TRY(ig_summary_has(s->file, "fit_kind", &kinds, error));
    if (kinds) {
        TRY(ig_summary_texts(s->file, "fit_kind", &s->n_fits, &s->kind_width, &s->kinds, error));
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
    return read_measurements(s, error);
}

static bool is_of_kind(const source *s, size_t fit, int kind)
{
    return s->kinds ? strcmp(s->kinds + fit * s->kind_width, ig_kind_names[kind]) == 0
                    : strcmp(text_of(s, AMPLITUDE, fit), amplitudes[kind]) == 0;
}

/** The fit of a kind in the group asked for. */
static ig_status find_fit(const source *s, int kind, size_t *fit, ig_error *error)
{
    size_t found = 0, groups = 0;
    char known[512] = "";
    for (size_t i = 0; i < s->n_fits; i++) {
        if (!is_of_kind(s, i, kind)) {
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
        return ig_error_set(error, IG_ERR_USAGE,
                            "holds no fit of the %s error (kind %s, or amplitude "
                            "%s)",
                            ig_kind_names[kind], ig_kind_names[kind], amplitudes[kind]);
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

/** Insert one N; they are few, and stand in the order of the configuration. */
static void insert(ig_measured *m, const source *s, size_t point)
{
    const double x = s->numbers[X][point];
    size_t i = m->n++;
    for (; i > 0 && m->x[i - 1] > x; i--) {
        m->x[i] = m->x[i - 1];
        m->mean[i] = m->mean[i - 1];
        m->sem[i] = m->sem[i - 1];
        m->count[i] = m->count[i - 1];
    }
    m->x[i] = x;
    m->mean[i] = s->numbers[MEAN][point];
    m->sem[i] = s->numbers[SEM][point];
    m->count[i] = (size_t)s->numbers[COUNT][point];
}

/** Means and standard errors of the fit's points. */
static ig_status gather(const source *s, size_t fit, ig_measured *m, ig_error *error)
{
    TRY(ig_measured_init(s->n_points, 0, false, m, error));
    m->n = 0;
    for (size_t i = 0; i < s->n_points; i++) {
        const double x = s->numbers[X][i], mean = s->numbers[MEAN][i], n = s->numbers[COUNT][i];
        if (s->numbers[FIT][i] != (double)fit) {
            continue;
        }
        if (!(x > 0) || !isfinite(x) || !(mean > 0) || !isfinite(mean) || !(n >= 1) ||
            !(n < 1e15)) {
            return ig_error_set(error, IG_ERR_FORMAT, "has a mean of %g of %g at %g in %s", mean, n,
                                x, text_of(s, COLUMN, fit));
        }
        insert(m, s, i);
    }
    return IG_OK;
}

/** Whether there are single measurements of the fit. */
static bool has_measurements(const source *s, size_t fit)
{
    for (size_t i = 0; i < s->n_single; i++) {
        if (s->single[M_FIT][i] == (double)fit) {
            return true;
        }
    }
    return false;
}

/** The measurements behind the means, in the same order of N. */
static ig_status gather_measurements(const source *s, size_t fit, ig_measured *m, ig_error *error)
{
    ig_measured all = {0};
    size_t n = 0;
    TRY(ig_measured_init(m->n, s->n_single, true, &all, error));
    for (size_t k = 0; k < m->n; k++) {
        all.x[k] = m->x[k];
        for (size_t i = 0; i < s->n_single; i++) {
            const double value = s->single[M_VALUE][i], seed = s->single[M_SEED][i];
            if (s->single[M_FIT][i] != (double)fit || s->single[M_X][i] != m->x[k]) {
                continue;
            }
            if (!(value > 0) || !isfinite(value) || !(seed >= 0) || !(seed < 1e15)) {
                ig_measured_clear(&all);
                return ig_error_set(error, IG_ERR_FORMAT, "has a %s of %g with seed %g",
                                    text_of(s, COLUMN, fit), value, seed);
            }
            all.y[n] = value;
            all.seed[n++] = (size_t)seed;
        }
        all.first[k + 1] = n;
        if (n == all.first[k]) {
            ig_measured_clear(&all);
            return ig_error_set(error, IG_ERR_FORMAT, "has no %s at %g", text_of(s, COLUMN, fit),
                                m->x[k]);
        }
    }
    ig_measured_describe(&all);
    all.shared = s->shared && s->shared[fit] == 1;
    ig_measured_clear(m);
    *m = all;
    return IG_OK;
}

/** The line through the means is the fit: if not, something of the file is not what it seems. */
static ig_status check_exponent(const source *s, size_t fit, const ig_measured *m, ig_error *error)
{
    const ig_learning_data data = ig_measured_data(m);
    const double stated = s->exponent[fit];
    ig_law_fits fits;
    TRY(ig_learning_fit(&data, &fits, error));
    const double found = fits.power.law.exponent;
    return fabs(found - stated) > 1e-9 * (1 + fabs(found))
               ? ig_error_set(error, IG_ERR_FORMAT,
                              "says that the exponent of %s is %.6g, but its means give %.6g",
                              m->name, stated, found)
               : IG_OK;
}

/** What the summary says of the return's response to this error. */
static ig_status read_sensitivity(const source *s, size_t fit, ig_measured *m, ig_error *error)
{
    double numbers[N_SENSITIVE];
    for (int i = 0; i < N_SENSITIVE; i++) {
        numbers[i] = s->sensitivity[i] ? s->sensitivity[i][fit] : (double)NAN;
    }
    if (!(numbers[S_SEEDS] >= 1)) {
        return IG_OK;
    }
    if (!(numbers[S_LOW] >= 0) || !(numbers[S_HIGH] >= numbers[S_LOW]) ||
        !isfinite(numbers[S_HIGH]) || !isfinite(numbers[S_X]) || !(numbers[S_SEEDS] < 1e15)) {
        return ig_error_set(error, IG_ERR_FORMAT, "has a sensitivity of %g to %g to %s",
                            numbers[S_LOW], numbers[S_HIGH], m->name);
    }
    m->sensitivity[0] = numbers[S_LOW];
    m->sensitivity[1] = numbers[S_HIGH];
    m->sensitivity_at = numbers[S_X];
    m->sensitivity_seeds = (size_t)numbers[S_SEEDS];
    return IG_OK;
}

static ig_status read_kind(const source *s, int kind, ig_measured *m, ig_error *error)
{
    size_t fit = 0;
    TRY(find_fit(s, kind, &fit, error));
    TRY(gather(s, fit, m, error));
    if (has_measurements(s, fit)) {
        TRY(gather_measurements(s, fit, m, error));
    }
    if (s->outputs && s->outputs[fit] >= 1) {
        m->outputs = s->outputs[fit];
    }
    snprintf(m->name, sizeof m->name, "%s", text_of(s, COLUMN, fit));
    const size_t length = strlen(m->name);
    m->mean_square = length >= 4 && strcmp(m->name + length - 4, "_mse") == 0;
    for (size_t i = 0; s->in_file[kind] && i < s->n_grid_points; i++) {
        m->in_file = fmax(m->in_file, s->in_file[kind][i]); /* NaN where nothing is finished */
    }
    TRY(read_sensitivity(s, fit, m, error));
    return check_exponent(s, fit, m, error);
}

static ig_status read_all(source *s, const char *path, ig_measured measured[IG_KINDS],
                          ig_error *error)
{
    TRY(ig_summary_open(path, &s->file, error));
    TRY(read_tables(s, error));
    for (int kind = 0; kind < IG_KINDS; kind++) {
        TRY(read_kind(s, kind, &measured[kind], error));
    }
    return IG_OK;
}

ig_status ig_measured_read_summary(const char *path, const char *group,
                                   ig_measured measured[IG_KINDS], ig_error *error)
{
    AUTO(source_clear) source s = {.group = group};
    return read_all(&s, path, measured, error) ? ig_error_context(error, "%s", path) : IG_OK;
}
