/** A plan as a part of a report. */
#include <math.h>
#include <stdlib.h>

#include "base/try.h"
#include "plan/plan.h"

ig_plan_options ig_plan_options_none(void)
{
    const double nan = (double)NAN;
    return (ig_plan_options){.cost_dyn = nan,
                             .cost_rew = nan,
                             .budget = nan,
                             .target = nan,
                             .gamma = nan,
                             .lipschitz = {nan, nan, nan},
                             .sensitivity = {nan, nan, nan, nan},
                             .outputs = nan,
                             .draws = 10000};
}

/** The report has tables of the same names. */
static ig_status rename_from(ig_tables *tables, size_t first, ig_error *error)
{
    for (size_t i = first; i < tables->n; i++) {
        char *name = ig_asprintf(error, "plan-%s", tables->tables[i]->name);
        if (!name) {
            return IG_ERR_MEMORY;
        }
        free(tables->tables[i]->name);
        tables->tables[i]->name = name;
    }
    return IG_OK;
}

ig_status ig_plan_append(const ig_plan_options *options, ig_tables *tables, ig_figures *figures,
                         ig_error *error)
{
    AUTO(ig_proposal_clear) ig_proposal proposal = {0};
    ig_error reason = {0};
    const size_t first = tables->n;
    const ig_status status = ig_proposal_make(options, &proposal, NULL, &reason);
    if (status == IG_ERR_MEMORY) {
        return ig_error_set(error, status, "%s", reason.text);
    }
    if (status) {
        ig_table_note(ig_tables_add(tables, "plan", "What to buy"), "There is no plan: %s",
                      reason.text);
        return ig_tables_status(tables, error);
    }
    TRY(ig_proposal_tables(&proposal, tables, error));
    TRY(rename_from(tables, first, error));
    return options->cost_dyn > 0 && options->cost_rew > 0
               ? ig_proposal_figure(&proposal, figures, error)
               : IG_OK;
}
