/** Draws of learning laws from their posterior.
 *
 *  With r = rho / N_max^-a, the part of the floor over the part that still falls at the largest N,
 * a law has the shape s_i = ln((N_i / N_max)^-a + r). Given a and r the level drops out by least
 *  squares, and the variance of the noise by Jeffreys' prior. What is left are at most four
 * numbers: a and r on a grid whose nodes crowd where the posterior has its mass, q (how much the
 * law misses beside the noise of the means) and v (how much more seeds differ along the slope than
 * elsewhere) on a few nodes each. */
#include "theory/learning.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/try.h"

/* The prior, tuned by simulation (docs/laws.md). */
#define NO_FLOOR       0.2  /**< probability of no floor */
#define PART_EVEN      0.5  /**< weight of floors that are even over their part of the error */
#define PRUDENCE       0.85 /**< a degree of freedom counts as this many: intervals are 8 % wider */
#define EXPONENT_MAX   4.0  /**< exponents beyond it are not considered */
#define EXPONENT_LARGE 1.5  /**< they are about equally likely up to here, and rarer beyond */
#define LOG_R_LOW      (-2.5 * M_LN10)
#define LOG_R_HIGH     (2 * M_LN10) /**< or the range of ln N, if that is more */
#define NO_MISS        0.7          /**< probability that the law misses nothing */
#define NO_SLOPES      0.5          /**< probability that seeds have the same exponent */

enum {
    COLUMNS = 36,     /**< values of r */
    NODES = 36,       /**< values of a for each of them */
    PASSES = 4,       /**< of which all but the last place the nodes */
    ROUGH_NODES = 24, /**< the same where only the columns are being placed */
    ROUGH_PASSES = 3,
    PASSES_MAX = 12,  /**< where data are nearly exact */
    FLOOR_PASSES = 3, /**< over the columns, of which all but the last place them */
    N_MISS = 11,      /**< values of q: 0, and from 0.3 by factors of 3 */
    N_SLOPE = 7,      /**< values of v: 1, and 1 + the same */
    N_STATES = N_MISS * N_SLOPE
};

/** Nodes of one number, ascending, with what is known of each. */
typedef struct nodes {
    size_t n;
    double at[NODES], edge[NODES + 1]; /**< cells reach from edge to edge */
    double log_weight[NODES];          /**< of a cell; its width is in it */
    double below[NODES + 1];           /**< cumulated, 0 ... 1 */
    double log_mass;                   /**< of all cells */
} nodes;

/** The grid. */
typedef struct posterior {
    const ig_learning_table *table;
    double nu; /**< degrees of freedom of the noise */
    double q[N_MISS], log_q[N_MISS], v[N_SLOPE], log_v[N_SLOPE]; /**< values and prior */
    size_t n_slope;                                              /**< values of v in use */
    double *weight;                                              /**< [n * N_MISS]: of each mean */
    double *off;                                                 /**< n: scratch */
    double penalty[N_STATES]; /**< logarithms of prior and determinant, [miss * N_SLOPE + slope] */
    double mass[N_STATES];    /**< scratch: logarithms, then parts */
    double level[N_MISS], rss[N_STATES];
    nodes power, floors, columns[COLUMNS];
} posterior;

static void posterior_clear(posterior **p)
{
    if (*p) {
        free((*p)->weight);
        free((*p)->off);
        free(*p);
    }
}

/** Prior of q, and of v - 1: zero, or squares of half-Cauchy numbers of scale 1 otherwise. */
static void place_states(double none, size_t n, double *value, double *log_prior)
{
    double sum = 0;
    value[0] = 0;
    for (size_t i = 1; i < n; i++) {
        value[i] = 0.3 * pow(3.0, (double)(i - 1));
        log_prior[i] = sqrt(value[i]) / (1 + value[i]);
        sum += log_prior[i];
    }
    log_prior[0] = log(none);
    for (size_t i = 1; i < n; i++) {
        log_prior[i] = log(log_prior[i] / sum * (1 - none));
    }
}

/** Everything of the likelihood that does not depend on a and r. */
static void weigh_states(posterior *p)
{
    const ig_learning_table *t = p->table;
    double inverse = 0;
    for (size_t i = 0; i < t->n; i++) {
        inverse += 1 / t->count[i];
    }
    for (size_t k = 0; k < N_MISS; k++) {
        double sum = 0, log_det = 0;
        for (size_t i = 0; i < t->n; i++) {
            const double miss = t->count[i] * p->q[k] * inverse / (double)t->n;
            const double weight = t->count[i] / (1 + miss);
            p->weight[k * t->n + i] = weight;
            sum += weight;
            log_det += log1p(miss);
        }
        log_det += log(sum);
        for (size_t s = 0; s < p->n_slope; s++) {
            const double extra = p->n_slope == 1 ? 0
                                                 : t->n_slopes * log(p->v[s]) +
                                                       log((p->v[s] + p->q[k]) / (1 + p->q[k]));
            p->penalty[k * N_SLOPE + s] =
                p->log_q[k] + p->log_v[s] - PRUDENCE * (log_det + extra) / 2;
        }
    }
}

static ig_status posterior_init(const ig_learning_table *t, posterior **made, ig_error *error)
{
    TRY(IG_ALLOC(*made, 1, error));
    posterior *p = *made;
    p->table = t;
    TRY(IG_ALLOC(p->weight, N_MISS * t->n, error));
    TRY(IG_ALLOC(p->off, t->n, error));
    p->nu = PRUDENCE * (t->n_rest + t->n_slopes + (double)(t->n - 1));
    place_states(NO_MISS, N_MISS, p->q, p->log_q);
    place_states(NO_SLOPES, N_SLOPE, p->v, p->log_v);
    for (size_t s = 0; s < N_SLOPE; s++) {
        p->v[s] += 1;
    }
    p->n_slope = t->n_slopes > 0 ? N_SLOPE : 1;
    if (p->n_slope == 1) {
        p->log_v[0] = 0;
    }
    weigh_states(p);
    return IG_OK;
}

/** The posterior at (a, r) of every state, as logarithms in `mass`, with levels and sums of
 *  squares; returns the logarithm of their sum. */
static double look(posterior *p, double a, double r)
{
    const ig_learning_table *t = p->table;
    double along = 0, best = -(double)INFINITY, sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        p->off[i] = t->mean[i] - log(exp(-a * t->log_x[i]) + r);
        along += t->z[i] * p->off[i];
    }
    for (size_t k = 0; k < N_MISS; k++) {
        const double *w = p->weight + k * t->n;
        double all = 0, level = 0, rss = 0;
        for (size_t i = 0; i < t->n; i++) {
            all += w[i];
            level += w[i] * p->off[i];
        }
        p->level[k] = level /= all;
        for (size_t i = 0; i < t->n; i++) {
            rss += w[i] * gsl_pow_2(p->off[i] - level);
        }
        for (size_t s = 0; s < p->n_slope; s++) {
            const size_t state = k * N_SLOPE + s;
            double squares = t->rest + rss;
            if (p->n_slope > 1) {
                const double whole = (double)t->n_whole * along * along;
                squares +=
                    t->slopes / p->v[s] - whole / (1 + p->q[k]) + whole / (p->v[s] + p->q[k]);
            }
            /* Data without any scatter still have rounded digits. */
            p->rss[state] = fmax(squares, 0) + 1e-12 * p->nu;
            p->mass[state] = p->penalty[state] - p->nu / 2 * log(p->rss[state]);
            best = fmax(best, p->mass[state]);
        }
    }
    for (size_t k = 0; k < N_MISS; k++) {
        for (size_t s = 0; s < p->n_slope; s++) {
            sum += exp(p->mass[k * N_SLOPE + s] - best);
        }
    }
    return best + log(sum) - log1p(gsl_pow_4(a / EXPONENT_LARGE));
}

/** Cumulate the cells' weights. */
static void cumulate(nodes *x)
{
    double best = -(double)INFINITY, sum = 0;
    for (size_t i = 0; i < x->n; i++) {
        best = fmax(best, x->log_weight[i]);
    }
    for (size_t i = 0; i < x->n; i++) {
        x->below[i] = sum;
        sum += exp(x->log_weight[i] - best);
    }
    x->below[x->n] = sum;
    for (size_t i = 0; i <= x->n; i++) {
        x->below[i] /= sum;
    }
    x->log_mass = best + log(sum);
}

/** Edges of n equal cells. */
static void spread_nodes(nodes *x, size_t n, double low, double high)
{
    x->n = n;
    for (size_t i = 0; i <= n; i++) {
        x->edge[i] = low + (high - low) * (double)i / (double)n;
    }
}

/** New cells: seven tenths of them share the mass evenly, the others the range. Mass counts in the
 *  neighbours' cells as well, as tails begin there. */
static void crowd_nodes(nodes *x)
{
    const double low = x->edge[0], range = x->edge[x->n] - low;
    double edge[NODES + 1], below[NODES + 1] = {0};
    for (size_t i = 0; i < x->n; i++) {
        const double left = x->below[i > 0 ? i - 1 : 0];
        const double right = x->below[i + 2 <= x->n ? i + 2 : x->n];
        below[i + 1] = below[i] + right - left;
    }
    for (size_t i = 0; i <= x->n; i++) {
        below[i] = 0.7 * below[i] / below[x->n] + 0.3 * (x->edge[i] - low) / range;
    }
    for (size_t i = 1, cell = 0; i < x->n; i++) {
        const double want = (double)i / (double)x->n;
        while (cell + 1 < x->n && below[cell + 1] < want) {
            cell++;
        }
        const double mass = below[cell + 1] - below[cell];
        const double part = fmin(fmax((want - below[cell]) / mass, 0), 1);
        edge[i] = x->edge[cell] + part * (x->edge[cell + 1] - x->edge[cell]);
    }
    memcpy(x->edge + 1, edge + 1, (x->n - 1) * sizeof *edge);
}

/** Whether a cell has so much of the mass that its inside matters. */
static bool is_lumped(const nodes *x)
{
    double most = 0;
    for (size_t i = 0; i < x->n; i++) {
        most = fmax(most, x->below[i + 1] - x->below[i]);
    }
    return most > 0.25;
}

/** The posterior along a for one r, its n nodes placed by itself. */
static void fill_column(posterior *p, double r, size_t n, int passes, nodes *x)
{
    spread_nodes(x, n, 0, EXPONENT_MAX);
    for (int pass = 0; pass < passes || (pass < PASSES_MAX && is_lumped(x)); pass++) {
        if (pass > 0) {
            crowd_nodes(x);
        }
        for (size_t i = 0; i < x->n; i++) {
            x->at[i] = (x->edge[i] + x->edge[i + 1]) / 2;
            x->log_weight[i] = look(p, x->at[i], r) + log(x->edge[i + 1] - x->edge[i]);
        }
        cumulate(x);
    }
}

/** Prior density of ln r > 0: partly even over ln r, partly over the floor's part of the error at
 *  the largest N, r / (1 + r). */
static double prior_of(double r, double range)
{
    return (1 - PART_EVEN) / range + PART_EVEN * r / gsl_pow_2(1 + r);
}

/** The columns of all r > 0. */
static void fill_floors(posterior *p)
{
    nodes *x = &p->floors;
    const double range = -p->table->log_x[0], high = fmax(LOG_R_HIGH, range);
    spread_nodes(x, COLUMNS, LOG_R_LOW, high);
    bool last = false;
    for (int pass = 0; !last; pass++) {
        last = pass + 1 >= FLOOR_PASSES && (pass + 1 >= PASSES_MAX || !is_lumped(x));
        if (pass > 0) {
            crowd_nodes(x);
        }
        for (size_t i = 0; i < x->n; i++) {
            x->at[i] = (x->edge[i] + x->edge[i + 1]) / 2;
            fill_column(p, exp(x->at[i]), last ? NODES : ROUGH_NODES, last ? PASSES : ROUGH_PASSES,
                        &p->columns[i]);
            x->log_weight[i] = p->columns[i].log_mass + log(x->edge[i + 1] - x->edge[i]) +
                               log(prior_of(exp(x->at[i]), high - LOG_R_LOW));
        }
        cumulate(x);
    }
}

/** A cell by its part of the mass. */
static size_t find_cell(const double *below, size_t n, double want)
{
    size_t low = 0, high = n;
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (below[middle] <= want) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/** The number below which a part of the mass lies. */
static double quantile_of(const nodes *x, double part)
{
    const size_t cell = find_cell(x->below, x->n, part);
    const double mass = x->below[cell + 1] - x->below[cell];
    const double inside = mass > 0 ? (part - x->below[cell]) / mass : 0.5;
    return x->edge[cell] + inside * (x->edge[cell + 1] - x->edge[cell]);
}

/** ln r, and an exponent that goes with it: from the columns to either side, as the exponents move
 *  along with r. */
static double draw_floor(const posterior *p, ig_rng *rng, double *exponent)
{
    const nodes *x = &p->floors;
    const double part = ig_rng_uniform(rng), log_r = quantile_of(x, ig_rng_uniform(rng));
    size_t right = 1;
    while (right + 1 < x->n && x->at[right] < log_r) {
        right++;
    }
    const double low = x->at[right - 1], high = x->at[right];
    const double way = fmin(fmax((log_r - low) / (high - low), 0), 1);
    *exponent = (1 - way) * quantile_of(&p->columns[right - 1], part) +
                way * quantile_of(&p->columns[right], part);
    return log_r;
}

/** One of the states that `look` weighed. */
static size_t draw_state(posterior *p, ig_rng *rng)
{
    double below[N_STATES + 1], best = -(double)INFINITY, sum = 0;
    size_t n = 0;
    size_t state[N_STATES] = {0};
    for (size_t k = 0; k < N_MISS; k++) {
        for (size_t s = 0; s < p->n_slope; s++) {
            state[n++] = k * N_SLOPE + s;
            best = fmax(best, p->mass[state[n - 1]]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        below[i] = sum;
        sum += exp(p->mass[state[i]] - best);
    }
    return state[find_cell(below, n, ig_rng_uniform(rng) * sum)];
}

/* GSL's distributions over our random numbers. */
static unsigned long take_bits(void *rng)
{
    return ig_rng_u64(rng) >> 32;
}
static double take_uniform(void *rng)
{
    return ig_rng_uniform(rng);
}
static const gsl_rng_type stream = {
    .name = "imagrid", .max = UINT32_MAX, .get = take_bits, .get_double = take_uniform};

/** Sum of squares over a chi-squared number: a variance. */
static double draw_variance(double squares, double freedom, ig_rng *rng)
{
    const gsl_rng r = {.type = &stream, .state = rng};
    return squares / fmax(gsl_ran_chisq(&r, freedom), 1e-6);
}

static void draw_one(posterior *p, double no_floor, bool same_seeds, ig_rng *rng, size_t k,
                     ig_learning_draws *d)
{
    const ig_learning_table *t = p->table;
    double r = 0, a;
    if (ig_rng_uniform(rng) < no_floor) {
        a = quantile_of(&p->power, ig_rng_uniform(rng));
    } else {
        r = exp(draw_floor(p, rng, &a));
    }
    look(p, a, r);
    const size_t state = draw_state(p, rng), miss = state / N_SLOPE, slope = state % N_SLOPE;
    const double noise = draw_variance(p->rss[state], p->nu, rng);
    double all = 0, mean_count = 0, levels = 0, between = 0;
    for (size_t i = 0; i < t->n; i++) {
        all += p->weight[miss * t->n + i];
        mean_count += 1 / t->count[i] / (double)t->n;
    }
    const double missed = p->q[miss] * noise * mean_count;
    if (t->n_whole > 0) {
        levels = draw_variance(t->levels, PRUDENCE * t->n_levels, rng);
        between = fmax(levels - noise, 0) / (double)t->n;
    }
    /* What the law misses at the N measured it misses elsewhere as well. */
    const double level =
        p->level[miss] +
        sqrt(noise / all + missed + (same_seeds ? 0 : between / (double)GSL_MAX(t->n_whole, 1))) *
            ig_rng_normal(rng);
    d->exponent[k] = a;
    d->log_amplitude[k] = level + a * t->log_max;
    d->floor[k] = r > 0 ? r * exp(level) : 0;
    d->scatter[k] = sqrt(noise + (same_seeds ? 0 : between));
    d->slope[k] = sqrt((p->v[slope] - 1) * noise) / t->z_length;
}

static ig_status draws_init(size_t n, ig_learning_draws *d, ig_error *error)
{
    d->n = n;
    TRY(IG_ALLOC(d->exponent, n, error));
    TRY(IG_ALLOC(d->log_amplitude, n, error));
    TRY(IG_ALLOC(d->floor, n, error));
    TRY(IG_ALLOC(d->scatter, n, error));
    return IG_ALLOC(d->slope, n, error);
}

ig_status ig_learning_table_draw(const ig_learning_table *table, ig_law_choice choice,
                                 bool same_seeds, size_t n_draws, ig_rng *rng,
                                 ig_learning_draws *draws, ig_error *error)
{
    AUTO(posterior_clear) posterior *p = NULL;
    AUTO(ig_learning_draws_clear) ig_learning_draws made = {0};
    AUTO_FREE double *parts = NULL;
    if (n_draws < 2) {
        return ig_error_set(error, IG_ERR_USAGE, "a posterior needs two draws");
    }
    TRY(posterior_init(table, &p, error));
    TRY(draws_init(n_draws, &made, error));
    TRY(IG_ALLOC(parts, n_draws, error));
    made.p_no_floor = choice == IG_LAW_POWER ? 1 : 0;
    if (choice != IG_LAW_FLOOR) {
        fill_column(p, 0, NODES, PASSES, &p->power);
    }
    if (choice != IG_LAW_POWER) {
        fill_floors(p);
    }
    if (choice == IG_LAW_AUTO) {
        const double odds = (1 - NO_FLOOR) / NO_FLOOR * exp(p->floors.log_mass - p->power.log_mass);
        made.p_no_floor = 1 / (1 + odds);
    }
    for (size_t k = 0; k < n_draws; k++) {
        draw_one(p, made.p_no_floor, same_seeds, rng, k, &made);
        const double falls = exp(made.log_amplitude[k] - made.exponent[k] * table->log_max);
        /* Both are 0 where errors are too small for a double. */
        parts[k] = made.floor[k] > 0 ? made.floor[k] / (made.floor[k] + falls) : 0;
    }
    made.floor_part = ig_law_interval_of(parts, n_draws).high;
    made.log_center = table->log_center;
    made.n_whole = table->n_whole;
    made.assumed = table->assumed;
    *draws = made;
    made = (ig_learning_draws){0};
    return IG_OK;
}

void ig_learning_draws_clear(ig_learning_draws *draws)
{
    free(draws->exponent);
    free(draws->log_amplitude);
    free(draws->floor);
    free(draws->scatter);
    free(draws->slope);
    *draws = (ig_learning_draws){0};
}
