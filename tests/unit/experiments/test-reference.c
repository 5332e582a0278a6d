/* configs/reference/EXPERIMENT.yaml names every key of every experiment in the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "imagrid/experiment.h"

static void every_key_is_there(void **state)
{
    (void)state;
    const ig_experiment *const *experiments = ig_experiments()->experiments;
    assert_true(ig_experiments()->n > 0);
    for (size_t e = 0; e < ig_experiments()->n; e++) {
        const ig_schema *schema = &experiments[e]->schema;
        char path[512], *bytes = NULL;
        size_t size = 0;
        ig_config *config = NULL;
        ig_diagnostics *diagnostics = ig_diagnostics_create();
        snprintf(path, sizeof path, "%s/%s.yaml", getenv("IMAGRID_CONFIGS"), schema->experiment);
        assert_int_equal(ig_config_read_file(path, &bytes, &size, diagnostics), IG_OK);
        assert_int_equal(
            ig_experiment_configure(ig_experiments(), bytes, size, path, &config, diagnostics),
            IG_OK);
        assert_string_equal(ig_config_schema(config)->experiment, schema->experiment);
        for (size_t k = 0; k < schema->n_keys; k++) {
            if (!ig_config_given(config, ig_config_key(config, schema->keys[k].path))) {
                fail_msg("%s does not name %s", path, schema->keys[k].path);
            }
        }
        ig_config_destroy(&config);
        ig_diagnostics_destroy(&diagnostics);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_key_is_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
