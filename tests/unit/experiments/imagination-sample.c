/** Small tasks of `imagination` for tests. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagination-sample.h"

const char sample_quick[] = "policy: {iterations: 5, trajectories: 8}\n"
                            "holdout: 100\n"
                            "train.epochs: 3\n"
                            "horizon: 6\n"
                            "seeds: 2\n";
const char sample_regulators[] = "environment: lqg\n"
                                 "students: least_squares\n"
                                 "data: ball\n"
                                 "dims: {state: 4, action: 2}\n"
                                 "lqg: {gain: 1, ridge: 1e-9}\n";

static const char base[] = "experiment: imagination\n"
                           "evaluation.trajectories: 16\n"
                           "sensitivity: {directions: 2, trajectories: 4}\n";

ig_status sample_parse(const char *more, const char *still, sample_grid *g, ig_diagnostics *d)
{
    char text[2048];
    int size = snprintf(text, sizeof text, "%s%s%s", base, more, still);
    assert_true(size < (int)sizeof text);
    memset(g, 0, sizeof *g);
    return ig_experiment_configure(ig_experiments(), text, (size_t)size, "test.yaml", &g->config,
                                   d);
}

sample_grid sample_make(const char *more, const char *still)
{
    sample_grid g;
    ig_diagnostics *d = ig_diagnostics_create();
    if (sample_parse(more, still, &g, d)) {
        fail_msg("%s", ig_diagnostics_text(d, 0));
    }
    ig_diagnostics_destroy(&d);
    g.experiment = ig_experiment_of(g.config);
    assert_int_equal(ig_grid_create(g.config, &g.grid, NULL), IG_OK);
    assert_int_equal(ig_layout_create(g.experiment->columns, g.experiment->n_columns,
                                      g.experiment->dimensions, g.experiment->n_dimensions,
                                      g.config, &g.layout, NULL),
                     IG_OK);
    return g;
}

void sample_clear(sample_grid *g)
{
    ig_layout_destroy(&g->layout);
    ig_grid_destroy(&g->grid);
    ig_config_destroy(&g->config);
}

ig_task sample_task(const sample_grid *g, size_t task, const ig_yield *yield)
{
    const size_t seeds = ig_grid_n_seeds(g->grid);
    return (ig_task){.point = {g->grid, task / seeds},
                     .seed = ig_config_seed(g->config, task % seeds),
                     .key = ig_grid_rng_key(g->grid, task),
                     .isa = ig_isa_detect(),
                     .yield = yield};
}

/** The row is the caller's to free. */
ig_row sample_run(const sample_grid *g, size_t task, const ig_yield *yield, ig_status wanted,
                  ig_error *error)
{
    ig_row row = {g->layout, calloc(1, g->layout->row_size)};
    const ig_task it = sample_task(g, task, yield);
    assert_non_null(row.bytes);
    ig_row_clear(&row);
    ig_status status = g->experiment->run(&it, &row, error);
    if (!status) {
        status = ig_row_check(&row, error);
    }
    if (status != wanted) {
        fail_msg("task %zu ended with %d instead of %d: %s", task, (int)status, (int)wanted,
                 error->text);
    }
    return row;
}

double sample_number(const ig_row *row, const char *column)
{
    const size_t c = ig_layout_column(row->layout, column);
    const unsigned char *from = row->bytes + row->layout->offsets[c];
    double value;
    int64_t integer;
    memcpy(&value, from, sizeof value);
    memcpy(&integer, from, sizeof integer);
    return row->layout->columns[c].type == IG_I64 ? (double)integer : value;
}
