/* The plugin interface on 64-bit machines. A plugin that was built with earlier headers of the same
 * interface version must keep working: structs that it makes, or gets whole, have their sizes, and
 * members of the structs that may grow stay where they are. Whoever has to change a number here
 * that is not that of a new member raises IG_PLUGIN_ABI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "imagrid/plugin.h"

static const struct {
    const char *what;
    size_t here, fixed;
} places[] = {
    {"ig_point", sizeof(ig_point), 16},
    {"ig_rng", sizeof(ig_rng), 184},
    {"ig_rng_key", sizeof(ig_rng_key), 16},
    {"ig_row", sizeof(ig_row), 16},
    {"ig_error", sizeof(ig_error), 2052},
    {"ig_yield", sizeof(ig_yield), 16},
    /* Values are the configuration's; nobody else makes or copies arrays of them. */
    {"ig_value.text", offsetof(ig_value, text), 36},
    {"ig_value.string", offsetof(ig_value, string), 104},
    {"ig_schema", sizeof(ig_schema), 24},
    {"ig_analysis", sizeof(ig_analysis), 16},
    {"ig_summary", sizeof(ig_summary), 24},
    {"ig_plugin_header", sizeof(ig_plugin_header), 36},
    {"ig_mlp_shape", sizeof(ig_mlp_shape), 12},
    {"ig_samples", sizeof(ig_samples), 24},
    {"ig_head", sizeof(ig_head), 40},
    {"ig_train_options", sizeof(ig_train_options), 16},
    {"ig_network", sizeof(ig_network), 36},
    {"ig_view", sizeof(ig_view), 56},
    {"ig_training", sizeof(ig_training), 24},
    {"ig_teacher", sizeof(ig_teacher), 32},
    {"ig_rollout_options", sizeof(ig_rollout_options), 24},
    {"ig_world", sizeof(ig_world), 40},
    {"ig_gaussian", sizeof(ig_gaussian), 24},
    {"ig_trajectories", sizeof(ig_trajectories), 56},
    {"ig_policy_train_options", sizeof(ig_policy_train_options), 72},
    {"ig_student", sizeof(ig_student), 32},
    {"ig_table_column", sizeof(ig_table_column), 64},
    {"ig_table", sizeof(ig_table), 112},
    {"ig_task.yield", offsetof(ig_task, yield), 48},
    {"ig_task.shared", offsetof(ig_task, shared), 56},
    {"ig_key.annotation", offsetof(ig_key, annotation), 72},
    {"ig_key.later", offsetof(ig_key, later), 73},
    {"ig_dimension.long_name", offsetof(ig_dimension, long_name), 32},
    {"ig_dimension.fixed", offsetof(ig_dimension, fixed), 40},
    {"ig_column.ragged", offsetof(ig_column, ragged), 48},
    {"ig_fit.published_interval", offsetof(ig_fit, published_interval), 40},
    {"ig_fit.outputs", offsetof(ig_fit, outputs), 56},
    {"ig_fit.sensitivity_perturbed", offsetof(ig_fit, sensitivity_perturbed), 88},
    {"ig_fit.kind", offsetof(ig_fit, kind), 96},
    {"ig_pool.drawn", offsetof(ig_pool, drawn), 32},
    {"ig_agreement_group.published_p", offsetof(ig_agreement_group, published_p), 40},
    {"ig_fits.y_label", offsetof(ig_fits, y_label), 40},
    {"ig_ratio.against", offsetof(ig_ratio, against), 104},
    {"ig_agreement.y_label", offsetof(ig_agreement, y_label), 80},
    {"ig_curve.tolerance", offsetof(ig_curve, tolerance), 112},
    {"ig_own_table.make", offsetof(ig_own_table, make), 0},
    {"ig_experiment.summary", offsetof(ig_experiment, summary), 96},
    {"ig_experiment.shared_bytes", offsetof(ig_experiment, shared_bytes), 120},
    {"ig_experiment.load", offsetof(ig_experiment, load), 128},
    {"ig_experiment.task_bytes", offsetof(ig_experiment, task_bytes), 136},
    {"ig_experiment.begin", offsetof(ig_experiment, begin), 144},
    {"ig_experiment.reports_progress", offsetof(ig_experiment, reports_progress), 160},
    {"ig_experiment.declare", offsetof(ig_experiment, declare), 176},
    {"ig_experiment.cost_unit", offsetof(ig_experiment, cost_unit), 184},
    {"ig_experiment.results_version_of", offsetof(ig_experiment, results_version_of), 192},
    {"ig_plugin.n_experiments", offsetof(ig_plugin, n_experiments), 64},
};

static void nothing_has_moved(void **state)
{
    (void)state;
    assert_int_equal(IG_PLUGIN_ABI, 2);
    for (size_t i = 0; sizeof(void *) == 8 && i < sizeof places / sizeof *places; i++) {
        if (places[i].here != places[i].fixed) {
            fail_msg("%s: %zu, in interface %d it is %zu", places[i].what, places[i].here,
                     (int)IG_PLUGIN_ABI, places[i].fixed);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_has_moved)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
