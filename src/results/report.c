#include "results/report.h"

#include <stdlib.h>

#include "base/try.h"

ig_status ig_report_create_with(const ig_registry *registry, const char *const *paths,
                                size_t n_paths, const ig_report_options *options,
                                ig_report **report, ig_error *error)
{
    const ig_bootstrap how = {options->resamples, options->interval};
    AUTO(ig_report_destroy) ig_report *r = NULL;
    TRY(IG_ALLOC(r, 1, error));
    TRY(ig_rows_read(registry, paths, n_paths, &how, &r->rows, error));
    TRY(ig_rows_failures(&r->rows, IG_REPORT_REASONS, &r->failures, &r->n_failures, error));
    TRY(ig_laws_fit(&r->rows, &r->laws, error));
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
    ig_laws_clear(&r->laws);
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
