#include "results/merge.h"

#include "base/try.h"
#include "results/claims.h"

void ig_note_intervals(ig_table *table, const ig_bootstrap *how, const char *what)
{
    ig_table_note(table, "95 %% intervals: bootstrap%s, %zu resamples of %s.",
                  how->interval == IG_INTERVAL_BCA ? ", bias-corrected and accelerated (BCa)"
                                                   : " percentiles",
                  how->resamples, what);
}

/** What theory claims of the rows. */
static ig_status analyse_claims(ig_merged *m, ig_error *error)
{
    const ig_summary *summary = &m->rows.experiment->summary;
    size_t cell = 0;
    for (size_t i = 0; i < summary->n_ratios; i++) {
        TRY(ig_ratio_analyse(&m->rows, &summary->ratios[i], &cell, &m->tables, &m->figures, error));
    }
    if (summary->agreement) {
        TRY(ig_agreement_analyse(&m->rows, summary->agreement, &m->tables, &m->figures, error));
    }
    for (size_t i = 0; i < summary->n_curves; i++) {
        TRY(ig_curve_analyse(&m->rows, &summary->curves[i], i, &m->tables, &m->figures, error));
    }
    return IG_OK;
}

ig_status ig_merge(const ig_registry *registry, const char *const *paths, size_t n_paths,
                   const ig_merge_request *request, ig_merged *merged, ig_error *error)
{
    AUTO(ig_merged_clear) ig_merged m = {0};
    TRY(ig_rows_read(registry, paths, n_paths, &request->how, &m.rows, error));
    TRY(analyse_claims(&m, error));
    TRY(ig_tables_status(&m.tables, error));
    TRY(ig_tables_status(&m.incomplete, error));
    TRY(ig_figures_status(&m.figures, error));
    *merged = m;
    m = (ig_merged){0};
    return IG_OK;
}

void ig_merged_clear(ig_merged *merged)
{
    ig_tables_clear(&merged->tables);
    ig_tables_clear(&merged->incomplete);
    ig_figures_clear(&merged->figures);
    ig_rows_clear(&merged->rows);
}
