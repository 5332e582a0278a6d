#include "results/report.h"

#include <math.h>
#include <stdlib.h>

#include "base/try.h"

ig_published ig_report_published(const ig_report *report, const ig_fit *fit)
{
    ig_published published = {ig_rows_annotation(&report->rows, fit->published), (double)NAN,
                              (double)NAN};
    if (fit->published_interval) {
        size_t key = ig_config_key(report->rows.config, fit->published_interval);
        const ig_value *value = ig_config_value(report->rows.config, key, 0);
        published.low = value->interval[0];
        published.high = value->interval[1];
    }
    return published;
}

ig_status ig_report_create_with(const ig_registry *registry, const char *const *paths,
                                size_t n_paths, const ig_report_options *options,
                                ig_report **report, ig_error *error)
{
    const ig_bootstrap how = {options->resamples, options->interval};
    AUTO(ig_report_destroy) ig_report *r = NULL;
    TRY(IG_ALLOC(r, 1, error));
    TRY(ig_rows_read(registry, paths, n_paths, &how, &r->rows, error));
    TRY(ig_rows_failures(&r->rows, IG_REPORT_REASONS, &r->failures, &r->n_failures, error));
    TRY(ig_report_fit_all(r, error));
    TRY(ig_report_judge_all(r, error));
    TRY(ig_report_agree_all(r, error));
    TRY(ig_report_curve_all(r, error));
    if (options->compare) {
        TRY(ig_report_compare(r, options->compare, error));
    }
    *report = ig_take(&r);
    return IG_OK;
}

ig_status ig_report_create(const ig_registry *registry, const char *const *paths, size_t n_paths,
                           size_t resamples, ig_report **report, ig_error *error)
{
    const ig_report_options options = {.resamples = resamples};
    return ig_report_create_with(registry, paths, n_paths, &options, report, error);
}

void ig_report_destroy(ig_report **report)
{
    ig_report *r = *report;
    if (!r) {
        return;
    }
    ig_report_differences_clear(r);
    ig_report_curves_clear(r);
    ig_report_agreement_clear(r);
    ig_report_ratios_clear(r);
    ig_report_fits_clear(r);
    free(r->failures);
    ig_rows_clear(&r->rows);
    free(r);
    *report = NULL;
}

size_t ig_report_missing(const ig_report *report)
{
    return report->rows.missing;
}

size_t ig_report_failed(const ig_report *report)
{
    return report->rows.failed;
}
