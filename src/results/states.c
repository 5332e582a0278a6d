/** Which tasks are there, which failed and why. */
#include <stdlib.h>

#include "results/report.h"

ig_report_states ig_report_states_of(const ig_report *report, size_t point)
{
    const size_t n_seeds = ig_grid_n_seeds(report->grid);
    const int8_t *state = report->rows.state + point * n_seeds;
    ig_report_states states = {0};
    for (size_t s = 0; s < n_seeds; s++) {
        states.done += state[s] == IG_STATE_DONE;
        states.failed += state[s] == IG_STATE_FAILED;
        states.missing += state[s] == IG_STATE_EMPTY;
    }
    return states;
}

/** Reasons of those failures that stand in file number `source`. */
static ig_status read_reasons(const ig_report *report, uint32_t source, ig_report_failure *failures,
                              size_t n, ig_error *error)
{
    ig_store *store = NULL;
    ig_status status = IG_OK;
    for (size_t i = 0; !status && i < n; i++) {
        if (report->rows.source[failures[i].task] != source) {
            continue;
        }
        if (!store) {
            status = ig_store_open(report->registry, report->paths[source], false, &store, error);
        }
        if (!status) {
            status = ig_store_failure(store, failures[i].task, failures[i].reason, error);
        }
    }
    ig_store_close(&store);
    return status;
}

ig_status ig_report_failures(const ig_report *report, size_t most, ig_report_failure **failures,
                             size_t *n, ig_error *error)
{
    ig_report_failure *found = calloc(most + 1, sizeof *found);
    size_t n_found = 0;
    ig_status status = IG_OK;
    if (!found) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu failures", most);
    }
    for (size_t t = 0; n_found < most && t < report->rows.n_tasks; t++) {
        if (report->rows.state[t] == IG_STATE_FAILED) {
            found[n_found++].task = t;
        }
    }
    for (size_t source = 0; !status && n_found > 0 && source < report->n_paths; source++) {
        status = read_reasons(report, (uint32_t)source, found, n_found, error);
    }
    if (status) {
        free(found);
        return status;
    }
    *failures = found;
    *n = n_found;
    return IG_OK;
}
