/** Laws of the experiment's columns: which grid points one is fitted to, and what it says. */
#include "results/analyses.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "base/try.h"

const char *ig_laws_axis(const ig_rows *rows, const ig_laws *laws)
{
    const char *path = laws->laws[0].fit->axis;
    for (size_t i = 1; i < laws->n; i++) {
        if (strcmp(laws->laws[i].fit->axis, path) != 0) {
            return "axis";
        }
    }
    return ig_key_name(&rows->experiment->schema.keys[ig_config_key(rows->config, path)]);
}

static ig_estimate published_of(const ig_rows *rows, const ig_fit *fit)
{
    ig_estimate published = ig_no_estimate;
    published.value = ig_rows_annotation(rows, fit->published);
    if (fit->published_interval) {
        size_t key = ig_config_key(rows->config, fit->published_interval);
        const ig_value *value = ig_config_value(rows->config, key, 0);
        published.low = value->interval[0];
        published.high = value->interval[1];
    }
    return published;
}

/** Whether a grid point is one of those that the fit is about. */
static bool belongs(const ig_rows *rows, const ig_fit *fit, size_t point)
{
    return !fit->only_key ||
           strcmp(ig_value_text(
                      ig_grid_value(rows->grid, point, ig_config_key(rows->config, fit->only_key))),
                  fit->only_value) == 0;
}

static ig_status take_point(const ig_rows *rows, size_t point, ig_law *law, ig_error *error)
{
    const ig_states states = ig_rows_states(rows, point);
    TRY(IG_GROW(law->points, law->n_points + 1, error));
    law->points[law->n_points++] = point;
    law->n += states.done;
    law->failed += states.failed;
    law->missing += states.missing;
    return IG_OK;
}

/** The law that a user or else the fit itself asks for. */
static ig_law_choice asked_of(const ig_fit *fit, const char *asked)
{
    const char *word = asked ? asked : fit->law;
    ig_law_choice choice = IG_LAW_AUTO;
    for (int i = 0; word && i < IG_LAW_CHOICES; i++) {
        choice = strcmp(word, ig_law_choices[i]) == 0 ? (ig_law_choice)i : choice;
    }
    return choice;
}

ig_status ig_fit_keys_apart(const ig_rows *rows, const ig_fit *fit, bool *apart, ig_error *error)
{
    TRY(ig_keys_apart(rows->config, ig_config_key(rows->config, fit->axis), apart, error));
    if (fit->only_key) {
        apart[ig_config_key(rows->config, fit->only_key)] = false;
    }
    return IG_OK;
}

/** Append the laws of a fit, one for each combination of the other axes. */
static ig_status group_points(const ig_rows *rows, const ig_fit *fit, const char *asked,
                              ig_laws *laws, ig_error *error)
{
    const size_t axis = ig_config_key(rows->config, fit->axis);
    size_t column, n_groups, n = 0;
    AUTO_FREE size_t *points = NULL, *group = NULL;
    AUTO_FREE bool *apart = NULL;
    TRY(ig_rows_find_column(rows, fit->column, "a fit", &column, error));
    TRY(IG_ALLOC(points, rows->n_points, error));
    TRY(IG_ALLOC(group, rows->n_points, error));
    TRY(IG_ALLOC(apart, rows->experiment->schema.n_keys, error));
    TRY(ig_fit_keys_apart(rows, fit, apart, error));
    for (size_t p = 0; p < rows->n_points; p++) {
        points[n] = p;
        n += belongs(rows, fit, p);
    }
    TRY(ig_rows_group(rows, apart, points, n, group, &n_groups, error));
    TRY(IG_GROW(laws->laws, laws->n + n_groups, error));
    ig_law *first = &laws->laws[laws->n];
    for (size_t i = 0; i < n_groups; i++) {
        first[i] = (ig_law){.fit = fit,
                            .column = column,
                            .axis = axis,
                            .choice = asked_of(fit, asked),
                            .law = ig_no_power_law,
                            .whole = ig_no_power_law,
                            .published = published_of(rows, fit)};
        laws->n++;
    }
    for (size_t i = 0; i < n; i++) {
        TRY(take_point(rows, points[i], &first[group[i]], error));
    }
    for (size_t i = 0; i < n_groups && first[i].points; i++) {
        ig_keys_label(rows->grid, apart, NULL, first[i].points[0], first[i].label);
    }
    return IG_OK;
}

static size_t n_done(const ig_rows *rows, size_t point)
{
    return ig_rows_states(rows, point).done;
}

/** Which seeds are finished at every grid point of the law that has results; returns how many. */
static size_t find_whole_seeds(const ig_rows *rows, const ig_law *law, bool *whole)
{
    size_t n = 0;
    memset(whole, true, rows->n_seeds);
    for (size_t i = 0; i < law->n_points; i++) {
        const int8_t *state = rows->state + law->points[i] * rows->n_seeds;
        const size_t n_seeds = n_done(rows, law->points[i]) > 0 ? rows->n_seeds : 0;
        for (size_t s = 0; s < n_seeds; s++) {
            whole[s] = whole[s] && state[s] == IG_STATE_DONE;
        }
    }
    for (size_t s = 0; s < rows->n_seeds; s++) {
        n += whole[s];
    }
    return n;
}

/** Results of the law's grid points that have any: of all finished seeds, or of those that `only`
 *  says. The anchors may have no measurements then. */
static ig_status gather(const ig_rows *rows, const ig_law *law, const bool *only, ig_anchors *a,
                        ig_error *error)
{
    size_t used = 0;
    TRY(ig_anchors_init(law->n_points, law->n_points * rows->n_seeds, a, error));
    a->n = 0;
    for (size_t i = 0; i < law->n_points; i++) {
        const size_t p = law->points[i], first = used;
        if (n_done(rows, p) == 0) {
            continue;
        }
        for (size_t seed = 0; seed < rows->n_seeds; seed++) {
            const size_t task = p * rows->n_seeds + seed;
            if (only ? only[seed] : rows->state[task] == IG_STATE_DONE) {
                a->y[used++] = ig_rows_value(rows, law->column, task);
            }
        }
        a->x[a->n] = ig_grid_value(rows->grid, p, law->axis)->real;
        a->mean[a->n] = gsl_stats_mean(a->y + first, 1, used - first);
        a->first[++a->n] = used;
    }
    return IG_OK;
}

/** Fit the anchors; where no power law does, `why` says why, and `law` is as it was. */
static ig_status try_fit(const ig_rows *rows, const ig_anchors *a, ig_redraws redraws, ig_rng rng,
                         ig_power_law *law, ig_error *why, ig_error *error)
{
    ig_power_law fitted;
    ig_status status = ig_power_law_fit(a, redraws, &rows->how, &rng, &fitted, why);
    if (status && status != IG_ERR_NUMERIC) {
        return ig_error_set(error, status, "%s", why->text);
    }
    if (!status && !isfinite(fitted.amplitude.se)) {
        status = ig_error_set(why, IG_ERR_NUMERIC, "the fit overflows (exponent %g)",
                              fitted.exponent.value);
    }
    if (!status) {
        *law = fitted;
    }
    return IG_OK;
}

/** The second interval: whole seeds resampled. Too few of them leave the numbers NaN; the table
 *  shows how many there are. */
static ig_status fit_whole_seeds(const ig_rows *rows, size_t number, ig_law *law, ig_error *error)
{
    AUTO(ig_anchors_clear) ig_anchors a = {0};
    AUTO_FREE bool *whole = NULL;
    ig_error why = {0};
    TRY(IG_ALLOC(whole, rows->n_seeds, error));
    law->n_whole = find_whole_seeds(rows, law, whole);
    if (law->n_whole < 2) {
        return IG_OK;
    }
    TRY(gather(rows, law, whole, &a, error));
    return try_fit(rows, &a, IG_REDRAW_WHOLE_SEEDS, ig_rows_rng(rows, IG_BLOCK_WHOLE_SEEDS, number),
                   &law->whole, &why, error);
}

/* The posterior. */

/** The measurements of a law by ascending x, owned. */
typedef struct measurements {
    double *x, *y;
    size_t *first, *seed;
    ig_learning_data data;
} measurements;

static void measurements_clear(measurements *m)
{
    free(m->x);
    free(m->y);
    free(m->first);
    free(m->seed);
}

static double x_of(const ig_rows *rows, const ig_law *law, size_t i)
{
    return ig_grid_value(rows->grid, law->points[i], law->axis)->real;
}

/** Grid points of the law by ascending x. */
static void sort_points(const ig_rows *rows, const ig_law *law, size_t *order)
{
    for (size_t i = 0; i < law->n_points; i++) {
        size_t k = i;
        for (; k > 0 && x_of(rows, law, order[k - 1]) > x_of(rows, law, i); k--) {
            order[k] = order[k - 1];
        }
        order[k] = i;
    }
}

static ig_status measure(const ig_rows *rows, const ig_law *law, measurements *m, ig_error *error)
{
    AUTO_FREE size_t *order = NULL;
    size_t n = 0, used = 0;
    TRY(IG_ALLOC(order, law->n_points, error));
    TRY(IG_ALLOC(m->x, law->n_points, error));
    TRY(IG_ALLOC(m->first, law->n_points + 1, error));
    TRY(IG_ALLOC(m->y, law->n, error));
    TRY(IG_ALLOC(m->seed, law->n, error));
    sort_points(rows, law, order);
    for (size_t i = 0; i < law->n_points; i++) {
        const double x = x_of(rows, law, order[i]);
        for (size_t seed = 0; seed < rows->n_seeds; seed++) {
            const size_t task = law->points[order[i]] * rows->n_seeds + seed;
            if (rows->state[task] != IG_STATE_DONE) {
                continue;
            }
            if (n == 0 || m->x[n - 1] < x) {
                m->first[n] = used;
                m->x[n++] = x;
            }
            m->y[used] = ig_rows_value(rows, law->column, task);
            m->seed[used++] = seed;
        }
        m->first[n] = used;
    }
    m->data = (ig_learning_data){.n = n,
                                 .x = m->x,
                                 .y = m->y,
                                 .first = m->first,
                                 .seed = m->seed,
                                 .shared = ig_config_common_random_numbers(rows->config)};
    return IG_OK;
}

/** Random numbers of a law's posteriors. */
static ig_rng posterior_rng(const ig_rows *rows, size_t number, size_t part)
{
    return ig_rows_rng(rows, IG_BLOCK_POSTERIOR, number * 8 + part);
}

static size_t n_draws(const ig_rows *rows)
{
    return rows->how.resamples < IG_LAW_DRAWS ? rows->how.resamples : IG_LAW_DRAWS;
}

static ig_status describe(const ig_learning_draws *d, ig_law_typical *typical, ig_error *error)
{
    AUTO_FREE double *amplitude = NULL;
    TRY(IG_ALLOC(amplitude, d->n, error));
    for (size_t k = 0; k < d->n; k++) {
        amplitude[k] = exp(d->log_amplitude[k]);
    }
    typical->amplitude = ig_law_interval_of(amplitude, d->n);
    TRY(ig_learning_interval(d, d->exponent, &typical->exponent, error));
    return ig_learning_interval(d, d->floor, &typical->floor, error);
}

/** The line of a law and its band, evenly spaced on the log axis from the first anchor to beyond
 *  the last. */
static ig_status draw_band(const ig_learning_data *data, const ig_learning_draws *draws,
                           ig_law_typical *typical, ig_error *error)
{
    const double low = data->x[0], high = IG_LAW_BEYOND * data->x[data->n - 1];
    for (size_t i = 0; i < IG_LAW_BAND; i++) {
        typical->x[i] = low * pow(high / low, (double)i / (IG_LAW_BAND - 1));
        TRY(ig_learning_error_at(draws, typical->x[i], &typical->error[i], error));
    }
    return IG_OK;
}

static ig_status draw_laws_of(const ig_rows *rows, size_t number, const measurements *m,
                              ig_law_study *study, ig_law_choice asked, ig_error *error)
{
    for (int i = 0; i < IG_LAW_CHOICES; i++) {
        AUTO(ig_learning_draws_clear) ig_learning_draws draws = {0};
        ig_rng rng = posterior_rng(rows, number, (size_t)i);
        TRY(ig_learning_draw(&m->data, (ig_law_choice)i, n_draws(rows), &rng, &draws, error));
        TRY(describe(&draws, &study->typical[i], error));
        TRY(draw_band(&m->data, &draws, &study->typical[i], error));
        if (i == IG_LAW_AUTO) {
            study->p_no_floor = draws.p_no_floor;
            study->floor_part = draws.floor_part;
            study->n_whole = draws.n_whole;
            study->assumed = draws.assumed;
            study->law = ig_learning_verdict(&study->fits, &draws, study->reason);
        }
    }
    study->law = asked == IG_LAW_AUTO ? study->law : asked;
    return IG_OK;
}

static ig_status hindcast(const ig_rows *rows, size_t number, const measurements *m, ig_law *law,
                          ig_error *error)
{
    ig_law_study *study = &law->study;
    for (size_t leave = 1; leave <= ig_learning_n_hindcasts(m->data.n); leave++) {
        ig_rng rng = posterior_rng(rows, number, IG_LAW_CHOICES + leave);
        TRY(ig_learning_hindcast(&m->data, law->choice, leave, n_draws(rows), &rng,
                                 &study->hindcasts[leave - 1], error));
        study->n_hindcasts = leave;
    }
    return IG_OK;
}

/** Both laws with and without a floor of the measurements that the power law was fitted to. */
static ig_status study_law(const ig_rows *rows, size_t number, ig_law *law, ig_error *error)
{
    AUTO(measurements_clear) measurements m = {0};
    TRY(measure(rows, law, &m, error));
    TRY(ig_learning_fit(&m.data, &law->study.fits, error));
    TRY(draw_laws_of(rows, number, &m, &law->study, law->choice, error));
    TRY(hindcast(rows, number, &m, law, error));
    law->study.made = true;
    return IG_OK;
}

static ig_status fit_law(const ig_rows *rows, size_t number, ig_law *law, ig_error *error)
{
    AUTO(ig_anchors_clear) ig_anchors a = {0};
    ig_error why = {0};
    TRY(gather(rows, law, NULL, &a, error));
    law->law.n_anchors = a.n;
    TRY(try_fit(rows, &a, IG_REDRAW_SEEDS,
                ig_rows_rng(rows, IG_BLOCK_STATISTICS, rows->n_columns * rows->n_points + number),
                &law->law, &why, error));
    law->fitted = !why.text[0];
    if (!law->fitted) {
        snprintf(law->reason, sizeof law->reason, "%.*s", IG_LAW_REASON - 1, why.text);
        return IG_OK;
    }
    for (size_t i = 0; i < a.n; i++) {
        law->single += a.first[i + 1] - a.first[i] == 1;
    }
    TRY(study_law(rows, number, law, error));
    return ig_config_common_random_numbers(rows->config) ? fit_whole_seeds(rows, number, law, error)
                                                         : IG_OK;
}

ig_status ig_laws_fit(const ig_rows *rows, const ig_fits *spec, const char *asked, ig_laws *laws,
                      ig_error *error)
{
    AUTO(ig_laws_clear) ig_laws made = {0};
    for (size_t i = 0; i < spec->n_fits; i++) {
        TRY(group_points(rows, &spec->fits[i], asked, &made, error));
    }
    for (size_t i = 0; i < made.n; i++) {
        TRY(fit_law(rows, i, &made.laws[i], error));
    }
    *laws = made;
    made = (ig_laws){0};
    return IG_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Append the values of a column at the finished seeds of a grid point. */
static ig_status take_values(const ig_rows *rows, size_t point, const char *name, double *values,
                             size_t *n, ig_error *error)
{
    size_t column;
    if (!name) {
        return IG_OK;
    }
    TRY(ig_rows_find_column(rows, name, "a fit's sensitivity", &column, error));
    for (size_t task = point * rows->n_seeds; task < (point + 1) * rows->n_seeds; task++) {
        if (rows->state[task] == IG_STATE_DONE) {
            values[(*n)++] = ig_rows_value(rows, column, task);
        }
    }
    return IG_OK;
}

/** What a quantile of so few values would cut off is known. */
enum { FEW_VALUES = 40 };

ig_status ig_law_find_sensitivity(const ig_rows *rows, const ig_law *law,
                                  ig_law_sensitivity *sensitivity, ig_error *error)
{
    AUTO_FREE double *values = NULL;
    size_t n = 0, point = SIZE_MAX;
    const double nan = (double)NAN;
    *sensitivity = (ig_law_sensitivity){nan, nan, nan, nan, 0};
    for (size_t i = 0; i < law->n_points; i++) {
        const bool later = point == SIZE_MAX || x_of(rows, law, i) > sensitivity->x;
        if (later && ig_rows_states(rows, law->points[i]).done > 0) {
            point = law->points[i];
            sensitivity->x = x_of(rows, law, i);
        }
    }
    if (point == SIZE_MAX || !law->fit->sensitivity) {
        return IG_OK;
    }
    TRY(IG_ALLOC(values, 2 * rows->n_seeds, error));
    TRY(take_values(rows, point, law->fit->sensitivity, values, &n, error));
    sensitivity->n = n;
    TRY(take_values(rows, point, law->fit->sensitivity_perturbed, values, &n, error));
    qsort(values, n, sizeof *values, compare_numbers);
    const double cut = n < FEW_VALUES ? 0 : 0.025;
    sensitivity->low = gsl_stats_quantile_from_sorted_data(values, 1, n, cut);
    sensitivity->high = gsl_stats_quantile_from_sorted_data(values, 1, n, 1 - cut);
    sensitivity->middle = sqrt(sensitivity->low * sensitivity->high);
    return IG_OK;
}

void ig_laws_clear(ig_laws *laws)
{
    for (size_t i = 0; i < laws->n; i++) {
        free(laws->laws[i].points);
    }
    free(laws->laws);
    *laws = (ig_laws){0};
}

ig_status ig_laws_analyse(const ig_rows *rows, const ig_fits *spec, const char *asked,
                          ig_tables *tables, ig_figures *figures, ig_error *error)
{
    AUTO(ig_laws_clear) ig_laws laws = {0};
    TRY(ig_laws_fit(rows, spec, asked, &laws, error));
    if (laws.n == 0) {
        return IG_OK;
    }
    TRY(ig_laws_tables(rows, &laws, tables, error));
    TRY(ig_slopes_tables(rows, &laws, tables, error));
    if (spec->figure) {
        TRY(ig_laws_figure(rows, spec, &laws, figures, error));
    }
    return IG_OK;
}
