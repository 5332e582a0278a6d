#include "run-grid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "results/analyses.h"

static void run_task(run_grid *run, size_t task)
{
    const size_t n_seeds = ig_grid_n_seeds(run->grid);
    const ig_task it = {.point = {run->grid, task / n_seeds},
                        .seed = ig_config_seed(run->config, task % n_seeds),
                        .key = ig_grid_rng_key(run->grid, task),
                        .isa = ig_isa_detect()};
    const ig_row row = {run->layout, run->rows + task * run->layout->row_size};
    ig_error error = {0};
    ig_row_clear(&row);
    if (run->experiment->run(&it, &row, &error) || ig_row_check(&row, &error)) {
        fail_msg("task %zu: %s", task, error.text);
    }
}

void run_grid_init(const char *text, run_grid *run)
{
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    *run = (run_grid){0};
    if (ig_experiment_configure(ig_experiments(), text, strlen(text), "test.yaml", &run->config,
                                diagnostics)) {
        ig_diagnostics_print(diagnostics, stderr);
        fail_msg("the configuration is wrong");
    }
    ig_diagnostics_destroy(&diagnostics);
    run->experiment = ig_experiment_of(run->config);
    assert_int_equal(ig_grid_create(run->config, &run->grid, NULL), IG_OK);
    assert_int_equal(ig_layout_create(run->experiment->columns, run->experiment->n_columns,
                                      run->experiment->dimensions, run->experiment->n_dimensions,
                                      run->config, &run->layout, NULL),
                     IG_OK);
    run->n_tasks = ig_grid_n_tasks(run->grid);
    run->rows = calloc(run->n_tasks, run->layout->row_size);
    assert_non_null(run->rows);
    for (size_t t = 0; t < run->n_tasks; t++) {
        run_task(run, t);
    }
}

void run_grid_clear(run_grid *run)
{
    free(run->rows);
    ig_layout_destroy(&run->layout);
    ig_grid_destroy(&run->grid);
    ig_config_destroy(&run->config);
}

double run_grid_number(const run_grid *run, size_t task, const char *column)
{
    double number;
    const size_t c = ig_layout_column(run->layout, column);
    assert_int_equal(run->layout->columns[c].type, IG_F64);
    memcpy(&number, run->rows + task * run->layout->row_size + run->layout->offsets[c],
           sizeof number);
    return number;
}

const ig_value *run_grid_key(const run_grid *run, size_t task, const char *path)
{
    return ig_grid_value(run->grid, task / ig_grid_n_seeds(run->grid),
                         ig_config_key(run->config, path));
}

/** Whether the claim is about this task. */
static bool concerns(const run_grid *run, const ig_ratio *ratio, size_t task)
{
    const char *value = run_grid_key(run, task, ratio->by[0])->text;
    for (const char *const *only = ratio->only; only; only++) {
        if (!*only) {
            return false;
        }
        if (strcmp(*only, value) == 0) {
            return true;
        }
    }
    return true;
}

size_t run_grid_broken(const run_grid *run, const char *column, double factor)
{
    const ig_summary *summary = &run->experiment->summary;
    size_t broken = 0, found = 0;
    const ig_ratio *ratio;
    for (size_t i = 0; (ratio = ig_summary_analysis(summary, IG_ANALYSIS_RATIO, i)); i++) {
        if (strcmp(ratio->column, column) != 0) {
            continue;
        }
        found++;
        for (size_t t = 0; t < run->n_tasks; t++) {
            double value = run_grid_number(run, t, ratio->checked ? ratio->checked : column);
            broken += concerns(run, ratio, t) && !ig_ratio_holds(ratio, factor * value);
        }
    }
    assert_int_equal(found, 1);
    return broken;
}
