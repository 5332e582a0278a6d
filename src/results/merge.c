#include "results/merge.h"

#include "base/try.h"

void ig_note_intervals(ig_table *table, const ig_bootstrap *how, const char *what)
{
    ig_table_note(table, "95 %% intervals: bootstrap%s, %zu resamples of %s.",
                  how->interval == IG_INTERVAL_BCA ? ", bias-corrected and accelerated (BCa)"
                                                   : " percentiles",
                  how->resamples, what);
}

ig_status ig_merge(const ig_registry *registry, const char *const *paths, size_t n_paths,
                   const ig_merge_request *request, ig_merged *merged, ig_error *error)
{
    AUTO(ig_merged_clear) ig_merged m = {0};
    TRY(ig_rows_read(registry, paths, n_paths, &request->how, &m.rows, error));
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
