/** What was measured of one kind. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "base/try.h"
#include "plan/plan.h"

const char *const ig_kind_names[IG_KINDS] = {"dynamics", "reward"};
const char *const ig_kind_samples[IG_KINDS] = {"transitions", "reward labels"};

ig_status ig_measured_init(size_t n, size_t n_values, bool seeds, ig_measured *measured,
                           ig_error *error)
{
    AUTO(ig_measured_clear)
    ig_measured m = {.n = n, .outputs = (double)NAN, .in_file = (double)NAN};
    TRY(IG_ALLOC(m.x, n, error));
    TRY(IG_ALLOC(m.mean, n, error));
    TRY(IG_ALLOC(m.sem, n, error));
    TRY(IG_ALLOC(m.count, n, error));
    if (n_values > 0) {
        TRY(IG_ALLOC(m.y, n_values, error));
        TRY(IG_ALLOC(m.first, n + 1, error));
    }
    if (seeds) {
        TRY(IG_ALLOC(m.seed, n_values, error));
    }
    *measured = m;
    m = (ig_measured){0}; /* NOLINT(clang-analyzer-deadcode.DeadStores): cleared at the end */
    return IG_OK;
}

void ig_measured_clear(ig_measured *measured)
{
    free(measured->x);
    free(measured->mean);
    free(measured->sem);
    free(measured->count);
    free(measured->y);
    free(measured->first);
    free(measured->seed);
    *measured = (ig_measured){0};
}

void ig_measured_describe(ig_measured *m)
{
    for (size_t i = 0; i < m->n; i++) {
        const double *y = m->y + m->first[i];
        const size_t n = m->count[i] = m->first[i + 1] - m->first[i];
        m->mean[i] = gsl_stats_mean(y, 1, n);
        m->sem[i] = n > 1 ? gsl_stats_sd(y, 1, n) / sqrt((double)n) : (double)NAN;
    }
}

static bool has_seed(const ig_measured *m, size_t i, size_t seed)
{
    for (size_t k = m->first[i]; k < m->first[i + 1]; k++) {
        if (m->seed[k] == seed) {
            return true;
        }
    }
    return false;
}

bool ig_measured_has_same_seeds(const ig_measured *m)
{
    if (!m->seed || m->n == 0 || m->count[0] < 2) {
        return false;
    }
    for (size_t i = 1; i < m->n; i++) {
        if (m->count[i] != m->count[0]) {
            return false;
        }
        for (size_t k = m->first[0]; k < m->first[1]; k++) {
            if (!has_seed(m, i, m->seed[k])) {
                return false;
            }
        }
    }
    return true;
}

void ig_measured_take_root(ig_measured *m, double outputs)
{
    if (m->y) {
        for (size_t k = 0; k < m->first[m->n]; k++) {
            m->y[k] = sqrt(outputs * m->y[k]);
        }
        ig_measured_describe(m);
        return;
    }
    for (size_t i = 0; i < m->n; i++) {
        const double root = sqrt(outputs * m->mean[i]);
        m->sem[i] *= outputs / (2 * root);
        m->mean[i] = root;
    }
}

ig_learning_data ig_measured_data(const ig_measured *m)
{
    return (ig_learning_data){
        m->n, m->x, m->mean, m->sem, m->count, m->y, m->first, m->seed, m->shared && m->seed};
}
