#include "theory/laws.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/try.h"
#include "theory/learning.h"

const char *const ig_law_choices[IG_LAW_CHOICES] = {"auto", "power", "floor"};

/** A floor that makes up less than this of the error at the largest N does not matter there. */
#define SMALL_PART 0.1
/** Scatter of single trainings that is assumed where nothing shows it. */
#define ASSUMED_SCATTER 0.05
/** Exponents of laws with a floor, and floors over what still falls at the largest N. */
#define EXPONENT_MAX 4.0
#define LOG_R_MAX    14.0

double ig_learning_law_at(const ig_learning_law *law, double n)
{
    return law->floor + exp(log(law->amplitude) - law->exponent * log(n));
}

/* The data. */

static bool is_positive(double value)
{
    return isfinite(value) && value > 0;
}

static ig_status check_point(const ig_learning_data *d, size_t i, ig_error *error)
{
    const double x = d->x[i];
    if (!is_positive(x) || (i > 0 && x <= d->x[i - 1])) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "sample count %g is not positive, or does not ascend", x);
    }
    if (d->y ? d->first[i + 1] <= d->first[i] : d->count[i] == 0) {
        return ig_error_set(error, IG_ERR_USAGE, "sample count %g has no results", x);
    }
    if (!d->y) {
        return is_positive(d->mean[i])
                   ? IG_OK
                   : ig_error_set(error, IG_ERR_NUMERIC, "result %g at %g samples is not positive",
                                  d->mean[i], x);
    }
    for (size_t k = d->first[i]; k < d->first[i + 1]; k++) {
        if (!is_positive(d->y[k])) {
            return ig_error_set(error, IG_ERR_NUMERIC, "result %g at %g samples is not positive",
                                d->y[k], x);
        }
    }
    return IG_OK;
}

static ig_status check_data(const ig_learning_data *d, ig_error *error)
{
    if (d->n < 2) {
        return ig_error_set(error, IG_ERR_USAGE, "a law needs two sample counts, not %zu", d->n);
    }
    for (size_t i = 0; i < d->n; i++) {
        TRY(check_point(d, i, error));
    }
    return IG_OK;
}

void ig_learning_table_clear(ig_learning_table *t)
{
    free(t->log_x);
    free(t->z);
    free(t->mean);
    free(t->count);
    *t = (ig_learning_table){0};
}

static void place_axis(const ig_learning_data *d, ig_learning_table *t)
{
    double sum = 0, squares = 0;
    t->log_max = log(d->x[t->n - 1]);
    for (size_t i = 0; i < t->n; i++) {
        t->log_x[i] = log(d->x[i]) - t->log_max;
        sum += t->log_x[i];
    }
    const double center = sum / (double)t->n;
    for (size_t i = 0; i < t->n; i++) {
        t->z[i] = t->log_x[i] - center;
        squares += t->z[i] * t->z[i];
    }
    t->z_length = sqrt(squares);
    t->log_center = center + t->log_max;
    for (size_t i = 0; i < t->n; i++) {
        t->z[i] /= t->z_length;
    }
}

/** The measurement of a seed at N_i; 0 where there is none. */
static double find_seed(const ig_learning_data *d, size_t i, size_t seed)
{
    for (size_t k = d->first[i]; k < d->first[i + 1]; k++) {
        if (d->seed[k] == seed) {
            return d->y[k];
        }
    }
    return 0;
}

/** Logarithms of the seeds that are there at every N, [seed * n + i]; returns how many. */
static size_t gather_whole(const ig_learning_data *d, double *log_y)
{
    size_t n = 0;
    for (size_t k = d->first[0]; k < d->first[1]; k++) {
        bool whole = true;
        for (size_t i = 0; i < d->n && whole; i++) {
            const double y = find_seed(d, i, d->seed[k]);
            whole = y > 0;
            log_y[n * d->n + i] = whole ? log(y) : 0;
        }
        n += whole;
    }
    return n;
}

/** Two-way table of whole seeds: what is left of each logarithm without the means of its N and of
 *  its seed, along z and beside it. */
static void split_whole(ig_learning_table *t, const double *log_y, size_t n_whole)
{
    const double n = (double)t->n, seeds = (double)n_whole;
    double grand = 0;
    for (size_t i = 0; i < t->n; i++) {
        t->mean[i] = gsl_stats_mean(log_y + i, t->n, n_whole);
        t->count[i] = seeds;
        grand += t->mean[i] / n;
    }
    for (size_t s = 0; s < n_whole; s++) {
        const double level = gsl_stats_mean(log_y + s * t->n, 1, t->n) - grand;
        double along = 0, all = 0;
        for (size_t i = 0; i < t->n; i++) {
            const double left = log_y[s * t->n + i] - t->mean[i] - level;
            along += t->z[i] * left;
            all += left * left;
        }
        t->levels += n * level * level;
        t->slopes += along * along;
        t->rest += fmax(all - along * along, 0);
    }
    t->n_whole = n_whole;
    t->n_levels = t->n_slopes = seeds - 1;
    t->n_rest = (n - 2) * (seeds - 1);
    /* With two N the slope is all there is. */
    if (t->n == 2) {
        t->rest = t->slopes;
        t->n_rest = t->n_slopes;
        t->slopes = t->n_slopes = 0;
    }
}

/** Means and scatter at every N by itself. A mean of several with its standard error stands for
 *  log-normal numbers with both. */
static void split_apart(const ig_learning_data *d, double *log_y, ig_learning_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const size_t first = d->y ? d->first[i] : 0;
        const size_t count = d->y ? d->first[i + 1] - first : d->count[i];
        t->count[i] = (double)count;
        if (d->y) {
            for (size_t k = 0; k < count; k++) {
                log_y[k] = log(d->y[first + k]);
            }
            t->mean[i] = gsl_stats_mean(log_y, 1, count);
            t->rest += gsl_stats_tss_m(log_y, 1, count, t->mean[i]);
            t->n_rest += (double)(count - 1);
            continue;
        }
        const double relative = count > 1 && isfinite(d->sem[i]) ? d->sem[i] / d->mean[i] : 0;
        const double variance = log1p((double)count * relative * relative);
        const bool known = variance > 0;
        t->mean[i] = log(d->mean[i]) - variance / 2;
        t->rest += known ? variance * (double)(count - 1) : 0;
        t->n_rest += known ? (double)(count - 1) : 0;
    }
}

ig_status ig_learning_table_make(const ig_learning_data *d, ig_learning_table *t, ig_error *error)
{
    AUTO_FREE double *log_y = NULL;
    size_t n_whole = 0;
    TRY(check_data(d, error));
    t->n = d->n;
    TRY(IG_ALLOC(t->log_x, t->n, error));
    TRY(IG_ALLOC(t->z, t->n, error));
    TRY(IG_ALLOC(t->mean, t->n, error));
    TRY(IG_ALLOC(t->count, t->n, error));
    place_axis(d, t);
    if (d->y) {
        const size_t whole = (d->first[1] - d->first[0] + 1) * d->n;
        TRY(IG_ALLOC(log_y, GSL_MAX(whole, d->first[d->n]), error));
    }
    if (d->y && d->shared && d->seed) {
        n_whole = gather_whole(d, log_y);
    }
    if (n_whole >= 2) {
        split_whole(t, log_y, n_whole);
    } else {
        split_apart(d, log_y, t);
    }
    if (t->n_rest + t->n_slopes <= 0 && t->n <= 3) {
        t->assumed = true;
        t->rest = ASSUMED_SCATTER * ASSUMED_SCATTER;
        t->n_rest = 1;
    }
    return IG_OK;
}

/* Least squares. */

/** Points of a fit: ln(N / N_max), ln y, weights. */
typedef struct points {
    size_t n;
    const double *x, *y, *w;
} points;

static double total_squares(const points *p)
{
    return gsl_stats_wtss(p->w, 1, p->y, 1, p->n);
}

/** A fitted shape: y = level - exponent x, or level + ln(e^(-exponent x) + r). */
typedef struct shape {
    double level, exponent, r, rss;
} shape;

static shape fit_power(const points *p)
{
    shape s = {0};
    double slope, cov00, cov01, cov11;
    gsl_fit_wlinear(p->x, 1, p->w, 1, p->y, 1, p->n, &s.level, &slope, &cov00, &cov01, &cov11,
                    &s.rss);
    s.exponent = -slope;
    return s;
}

/** The best level for an exponent and r. */
static shape fit_level(const points *p, double exponent, double r)
{
    shape s = {.exponent = exponent, .r = r};
    double all = 0;
    for (size_t i = 0; i < p->n; i++) {
        all += p->w[i];
        s.level += p->w[i] * (p->y[i] - log(exp(-exponent * p->x[i]) + r));
    }
    s.level /= all;
    for (size_t i = 0; i < p->n; i++) {
        s.rss += p->w[i] * gsl_pow_2(p->y[i] - s.level - log(exp(-exponent * p->x[i]) + r));
    }
    return s;
}

/** Numbers without bounds for an exponent in 0 ... EXPONENT_MAX and ln r in -+LOG_R_MAX. */
static double bounded(double free, double low, double high)
{
    return low + (high - low) / (1 + exp(-free));
}
static double unbounded(double value, double low, double high)
{
    return log((value - low) / (high - value));
}

static int residuals(const gsl_vector *at, void *context, gsl_vector *out)
{
    const points *p = context;
    const double exponent = bounded(gsl_vector_get(at, 0), 0, EXPONENT_MAX);
    const double r = exp(bounded(gsl_vector_get(at, 1), -LOG_R_MAX, LOG_R_MAX));
    const shape s = fit_level(p, exponent, r);
    for (size_t i = 0; i < p->n; i++) {
        const double off = s.level + log(exp(-exponent * p->x[i]) + r) - p->y[i];
        gsl_vector_set(out, i, sqrt(p->w[i]) * off);
    }
    return GSL_SUCCESS;
}

/** Levenberg-Marquardt from one start, the level projected out; `best` stays where that is better.
 */
static ig_status improve(const points *p, shape *best, ig_error *error)
{
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_workspace *w =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, p->n, 2);
    if (!w) {
        gsl_set_error_handler(handler);
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    }
    points copy = *p;
    double start[] = {unbounded(best->exponent, 0, EXPONENT_MAX),
                      unbounded(log(best->r), -LOG_R_MAX, LOG_R_MAX)};
    const gsl_vector_view at = gsl_vector_view_array(start, 2);
    gsl_multifit_nlinear_fdf f = {0};
    f.f = residuals;
    f.n = p->n;
    f.p = 2;
    f.params = &copy;
    int info;
    gsl_multifit_nlinear_init(&at.vector, &f, w);
    gsl_multifit_nlinear_driver(200, 1e-12, 1e-12, 0, NULL, NULL, &info, w);
    const gsl_vector *end = gsl_multifit_nlinear_position(w);
    const shape s = fit_level(p, bounded(gsl_vector_get(end, 0), 0, EXPONENT_MAX),
                              exp(bounded(gsl_vector_get(end, 1), -LOG_R_MAX, LOG_R_MAX)));
    gsl_multifit_nlinear_free(w);
    gsl_set_error_handler(handler);
    if (s.rss < best->rss) {
        *best = s;
    }
    return IG_OK;
}

enum { GRID = 24, STARTS = 3 };

/** The best law with a floor: from the best nodes of a grid, one for each third of the exponents,
 *  as there may be several minima. Where none is better than the power law, that is the answer; a
 *  curve that does not fall is a constant. */
static ig_status fit_floor(const points *p, const shape *power, shape *best, ig_error *error)
{
    *best = *power;
    if (power->exponent <= 0) {
        *best = (shape){.rss = total_squares(p)};
        best->level = gsl_stats_wmean(p->w, 1, p->y, 1, p->n);
    }
    for (int third = 0; p->n > 2 && third < STARTS; third++) {
        shape start = {.rss = (double)INFINITY};
        for (int i = 0; i < GRID; i++) {
            const double exponent = EXPONENT_MAX * (third + (i + 0.5) / GRID) / STARTS;
            for (int k = 0; k < 2 * GRID; k++) {
                const shape s = fit_level(p, exponent, exp(LOG_R_MAX * ((k + 0.5) / GRID - 1)));
                start = s.rss < start.rss ? s : start;
            }
        }
        TRY(improve(p, &start, error));
        /* A gain of rounding is no reason for a floor. */
        if (start.rss < best->rss * (1 - 1e-9) - 1e-24) {
            *best = start;
        }
    }
    return IG_OK;
}

static ig_learning_law law_of(const shape *s, double log_max)
{
    return (ig_learning_law){.amplitude = exp(s->level + s->exponent * log_max),
                             .exponent = s->exponent,
                             .floor = s->r > 0 ? s->r * exp(s->level) : 0};
}

/** AICc of n logarithms with k fitted numbers. */
static double aicc(double rss, double n, double k)
{
    return n > k + 1 ? n * log(fmax(rss, 1e-300) / n) + 2 * k * n / (n - k - 1) : (double)INFINITY;
}

/** How good a law with k numbers is: `mean` of the fit to ln(mean), `typical` to the logarithms. */
static ig_law_fit judge(const ig_learning_table *t, const points *p, const shape *mean,
                        const shape *typical, size_t k)
{
    ig_law_fit f = {.law = law_of(mean, t->log_max),
                    .typical = law_of(typical, t->log_max),
                    .r2 = (double)NAN,
                    .lack = (double)NAN};
    const double tss = gsl_stats_tss(p->y, 1, p->n), scatter = t->assumed ? 0 : t->rest;
    const double freedom = t->assumed ? 0 : t->n_rest;
    if (t->n > k && tss > 0) {
        f.r2 = 1 - mean->rss / tss;
    }
    if (t->n > k && freedom > 0 && scatter > 0) {
        const double spare = (double)(t->n - k);
        f.lack = gsl_cdf_fdist_Q(typical->rss / spare / (scatter / freedom), spare, freedom);
    }
    f.aicc = aicc(typical->rss + scatter, freedom + (double)t->n, (double)k);
    return f;
}

static double tail_of(const points *p)
{
    const size_t half = (p->n + 1) / 2;
    const points upper = {half, p->x + p->n - half, p->y + p->n - half, p->w};
    return p->n < 4 ? (double)NAN : fit_power(&upper).exponent;
}

static double mean_at(const ig_learning_data *d, size_t i)
{
    return d->y ? gsl_stats_mean(d->y + d->first[i], 1, d->first[i + 1] - d->first[i]) : d->mean[i];
}

ig_status ig_learning_fit(const ig_learning_data *data, ig_law_fits *fits, ig_error *error)
{
    AUTO(ig_learning_table_clear) ig_learning_table t = {0};
    AUTO_FREE double *ones = NULL, *log_mean = NULL;
    TRY(ig_learning_table_make(data, &t, error));
    TRY(IG_ALLOC(ones, t.n, error));
    TRY(IG_ALLOC(log_mean, t.n, error));
    for (size_t i = 0; i < t.n; i++) {
        ones[i] = 1;
        log_mean[i] = log(mean_at(data, i));
    }
    const points means = {t.n, t.log_x, log_mean, ones}, logs = {t.n, t.log_x, t.mean, t.count};
    const shape power[] = {fit_power(&means), fit_power(&logs)};
    shape floors[2];
    TRY(fit_floor(&means, &power[0], &floors[0], error));
    TRY(fit_floor(&logs, &power[1], &floors[1], error));
    fits->power = judge(&t, &means, &power[0], &power[1], 2);
    fits->floor = judge(&t, &means, &floors[0], &floors[1], 3);
    fits->tail = tail_of(&means);
    if (!isfinite(fits->power.law.amplitude) || !isfinite(fits->power.typical.amplitude)) {
        return ig_error_set(error, IG_ERR_NUMERIC, "the fit overflows (exponent %g)",
                            fits->power.law.exponent);
    }
    return IG_OK;
}

/* The posterior. */

ig_status ig_learning_draw(const ig_learning_data *data, ig_law_choice choice, size_t n_draws,
                           ig_rng *rng, ig_learning_draws *draws, ig_error *error)
{
    AUTO(ig_learning_table_clear) ig_learning_table t = {0};
    TRY(ig_learning_table_make(data, &t, error));
    return ig_learning_table_draw(&t, choice, false, n_draws, rng, draws, error);
}

ig_law_interval ig_law_interval_of(double *values, size_t n)
{
    gsl_sort(values, 1, n);
    return (ig_law_interval){.median = gsl_stats_median_from_sorted_data(values, 1, n),
                             .low = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.025),
                             .high = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.975)};
}

ig_status ig_learning_interval(const ig_learning_draws *draws, const double *values,
                               ig_law_interval *interval, ig_error *error)
{
    AUTO_FREE double *sorted = NULL;
    TRY(IG_ALLOC(sorted, draws->n, error));
    memcpy(sorted, values, draws->n * sizeof *values);
    *interval = ig_law_interval_of(sorted, draws->n);
    return IG_OK;
}

/** Typical errors at N = x. */
static void errors_at(const ig_learning_draws *d, double x, double *errors)
{
    const double log_x = log(x);
    for (size_t k = 0; k < d->n; k++) {
        errors[k] = d->floor[k] + exp(d->log_amplitude[k] - d->exponent[k] * log_x);
    }
}

ig_status ig_learning_error_at(const ig_learning_draws *draws, double x, ig_law_interval *interval,
                               ig_error *error)
{
    AUTO_FREE double *errors = NULL;
    TRY(IG_ALLOC(errors, draws->n, error));
    errors_at(draws, x, errors);
    *interval = ig_law_interval_of(errors, draws->n);
    return IG_OK;
}

double ig_learning_one_training(const ig_learning_draws *d, size_t k, double x, double typical,
                                ig_rng *rng)
{
    const double away = isfinite(x) ? log(x) - d->log_center : 0;
    return typical * exp(hypot(d->scatter[k], d->slope[k] * away) * ig_rng_normal(rng));
}

ig_law_choice ig_learning_verdict(const ig_law_fits *fits, const ig_learning_draws *draws,
                                  char reason[IG_LAW_REASON_TEXT])
{
    const double gain = fits->power.aicc - fits->floor.aicc;
    const bool known = isfinite(gain);
    const bool floor_likes = known && gain > 0, power_likes = known && gain <= 0;
    char by[80] = "there are too few measurements for AICc";
    if (known) {
        snprintf(by, sizeof by, "AICc prefers %s by %.3g", gain > 0 ? "a floor" : "no floor",
                 fabs(gain));
    }
    if (floor_likes && draws->p_no_floor < 0.025) {
        snprintf(reason, IG_LAW_REASON_TEXT,
                 "a floor: its 95 %% interval excludes 0 (probability of no floor %.2g), and %s",
                 draws->p_no_floor, by);
        return IG_LAW_FLOOR;
    }
    if (power_likes && draws->floor_part < SMALL_PART) {
        snprintf(reason, IG_LAW_REASON_TEXT,
                 "a power law: a floor would be at most %.2g of the error at the largest N (97.5 "
                 "%%), and %s",
                 draws->floor_part, by);
        return IG_LAW_POWER;
    }
    snprintf(reason, IG_LAW_REASON_TEXT,
             "the data cannot tell them apart: the probability of no floor is %.2g, a floor may be "
             "%.2g of the error at the largest N (97.5 %%), and %s",
             draws->p_no_floor, draws->floor_part, by);
    return IG_LAW_AUTO;
}

/* Hindcast. */

size_t ig_learning_n_hindcasts(size_t n)
{
    return n < 3 ? 0 : n < 5 ? 1 : IG_HINDCASTS;
}

ig_status ig_learning_hindcast(const ig_learning_data *data, ig_law_choice choice, size_t leave,
                               size_t n_draws, ig_rng *rng, ig_hindcast *hindcast, ig_error *error)
{
    AUTO(ig_learning_table_clear) ig_learning_table all = {0}, left = {0};
    AUTO(ig_learning_draws_clear) ig_learning_draws draws = {0};
    AUTO_FREE double *errors = NULL;
    ig_learning_data less = *data;
    if (data->n < leave + 2) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "a law needs two sample counts; %zu without the %zu largest are too "
                            "few",
                            data->n, leave);
    }
    less.n -= leave;
    TRY(ig_learning_table_make(data, &all, error));
    TRY(ig_learning_table_make(&less, &left, error));
    /* Only if the same seeds are left are they the same luck. */
    const bool same = left.n_whole > 0 && left.n_whole == all.n_whole;
    TRY(ig_learning_table_draw(&left, choice, same, n_draws, rng, &draws, error));
    TRY(IG_ALLOC(errors, n_draws, error));
    const double x = data->x[data->n - 1], count = all.count[all.n - 1];
    errors_at(&draws, x, errors);
    for (size_t k = 0; k < n_draws; k++) {
        errors[k] *= exp(draws.scatter[k] / sqrt(count) * ig_rng_normal(rng));
    }
    *hindcast = (ig_hindcast){.x = x, .measured = exp(all.mean[all.n - 1])};
    hindcast->predicted = ig_law_interval_of(errors, n_draws);
    hindcast->off = hindcast->predicted.median / hindcast->measured - 1;
    hindcast->inside = hindcast->measured >= hindcast->predicted.low &&
                       hindcast->measured <= hindcast->predicted.high;
    return IG_OK;
}
