#include "results/agreement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "results/statistics.h"

/** Where the columns of the agreement are among those of the report. */
typedef struct places {
    size_t predicted, realized, residual, excluded;
} places;

static ig_status find_places(const ig_report *report, places *at, ig_error *error)
{
    const ig_agreement *about = report->rows.experiment->summary.agreement;
    const struct {
        const char *name;
        size_t *column;
    } wanted[] = {{about->predicted, &at->predicted},
                  {about->realized, &at->realized},
                  {about->residual, &at->residual},
                  {about->excluded, &at->excluded}};
    ig_status status = IG_OK;
    for (size_t i = 0; !status && i < sizeof wanted / sizeof *wanted; i++) {
        status = ig_rows_find_column(&report->rows, wanted[i].name, "the agreement",
                                     wanted[i].column, error);
    }
    return status;
}

static double value_at(const ig_report *report, size_t column, size_t task)
{
    return report->rows.values[column * report->rows.n_tasks + task];
}

/** Text of a key at a task's grid point. */
static const char *text_at(const ig_report *report, const char *path, size_t task)
{
    size_t key = ig_config_key(report->rows.config, path);
    return ig_grid_value(report->rows.grid, task / ig_grid_n_seeds(report->rows.grid), key)->text;
}

static bool belongs(const ig_report *report, const ig_agreement_group *group, size_t task)
{
    const ig_agreement *about = report->rows.experiment->summary.agreement;
    if (strcmp(text_at(report, about->by[1], task), group->second) != 0) {
        return false;
    }
    for (const char *const *value = group->first; *value; value++) {
        if (strcmp(text_at(report, about->by[0], task), *value) == 0) {
            return true;
        }
    }
    return false;
}

/** Rows of a group by columns: l, |l|, predicted, realized, and room for ranks. */
typedef struct rows {
    size_t n, excluded, failed, missing;
    double *l, *size, *predicted, *realized, *work;
} rows;

static ig_status gather(const ig_report *report, const ig_agreement_group *group, rows *r,
                        ig_error *error)
{
    const size_t n = report->rows.n_tasks;
    places at;
    ig_status status = find_places(report, &at, error);
    if (status) {
        return status;
    }
    double *block = calloc(6 * n + 1, sizeof *block);
    if (!block) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the rows of a group");
    }
    *r = (rows){0, 0, 0, 0, block, block + n, block + 2 * n, block + 3 * n, block + 4 * n};
    for (size_t task = 0; task < n; task++) {
        if (!belongs(report, group, task)) {
            continue;
        }
        if (report->rows.state[task] != IG_STATE_DONE) {
            r->failed += report->rows.state[task] == IG_STATE_FAILED;
            r->missing += report->rows.state[task] == IG_STATE_EMPTY;
            continue;
        }
        if (value_at(report, at.excluded, task) != 0) {
            r->excluded++;
            continue;
        }
        r->l[r->n] = value_at(report, at.residual, task);
        r->size[r->n] = fabs(r->l[r->n]);
        r->predicted[r->n] = value_at(report, at.predicted, task);
        r->realized[r->n] = value_at(report, at.realized, task);
        r->n++;
    }
    return IG_OK;
}

/** Chance that at least `above` of n fair coins show heads; ties are no evidence and not counted.
 */
static double sign_test(size_t above, size_t n)
{
    return above == 0 ? 1 : gsl_cdf_binomial_Q((unsigned)above - 1, 0.5, (unsigned)n);
}

/** Intervals of the medians of l and of |l|; the same draws serve both. */
static ig_status bootstrap(const ig_report *report, size_t group, const rows *r,
                           ig_agreement_row *row, ig_error *error)
{
    ig_statistics l = ig_no_statistics, size = ig_no_statistics;
    ig_rng rng = ig_rows_rng(&report->rows, IG_BLOCK_AGREEMENT, group), again = rng;
    ig_status status = IG_OK;
    if (r->n > 0) {
        status = ig_statistics_bootstrap(r->l, r->n, &report->rows.how, &rng, &l, error);
    }
    if (!status && r->n > 0) {
        status = ig_statistics_bootstrap(r->size, r->n, &report->rows.how, &again, &size, error);
    }
    row->median_low = l.median_low;
    row->median_high = l.median_high;
    row->median_size_low = size.median_low;
    row->median_size_high = size.median_high;
    return status;
}

static ig_status describe(const ig_report *report, size_t number, ig_agreement_row *row,
                          ig_error *error)
{
    const ig_agreement_group *group = &report->rows.experiment->summary.agreement->groups[number];
    const double nan = (double)NAN;
    rows r;
    ig_status status = gather(report, group, &r, error);
    if (status) {
        return status;
    }
    ig_agreement_row out = {.n = r.n,
                            .excluded = r.excluded,
                            .failed = r.failed,
                            .missing = r.missing,
                            .median = nan,
                            .median_size = nan,
                            .largest = nan,
                            .spearman = nan,
                            .p = nan,
                            .published_median =
                                ig_rows_annotation(&report->rows, group->published_median),
                            .published_p = ig_rows_annotation(&report->rows, group->published_p)};
    size_t different = 0;
    for (size_t i = 0; i < r.n; i++) {
        out.above += r.l[i] > 0;
        different += r.l[i] != 0;
    }
    if (r.n > 2) {
        out.spearman = gsl_stats_spearman(r.predicted, 1, r.realized, 1, r.n, r.work);
    }
    if (r.n > 0) {
        gsl_sort(r.l, 1, r.n);
        gsl_sort(r.size, 1, r.n);
        out.median = gsl_stats_median_from_sorted_data(r.l, 1, r.n);
        out.median_size = gsl_stats_median_from_sorted_data(r.size, 1, r.n);
        out.largest = r.size[r.n - 1];
        out.p = sign_test(out.above, different);
    }
    status = bootstrap(report, number, &r, &out, error);
    free(r.l);
    if (!status) {
        *row = out;
    }
    return status;
}

ig_status ig_report_agree_all(ig_report *report, ig_error *error)
{
    const ig_agreement *about = report->rows.experiment->summary.agreement;
    ig_status status = IG_OK;
    if (!about) {
        return IG_OK;
    }
    report->agreement = calloc(about->n_groups + 1, sizeof *report->agreement);
    if (!report->agreement) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu groups", about->n_groups);
    }
    for (size_t i = 0; !status && i < about->n_groups; i++) {
        status = describe(report, i, &report->agreement[i], error);
    }
    return status;
}

void ig_report_agreement_clear(ig_report *report)
{
    free(report->agreement);
    report->agreement = NULL;
}

ig_status ig_agreement_pairs(const ig_report *report, const ig_agreement_group *group,
                             double **pairs, size_t *n, ig_error *error)
{
    rows r;
    ig_status status = gather(report, group, &r, error);
    if (status) {
        return status;
    }
    /* l and |l| are not needed here: the pairs go where they were. */
    for (size_t i = 0; i < r.n; i++) {
        r.l[2 * i] = r.predicted[i];
        r.l[2 * i + 1] = r.realized[i];
    }
    *pairs = r.l;
    *n = r.n;
    return IG_OK;
}
