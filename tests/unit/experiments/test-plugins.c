/* The registry, and origins compared; shared objects themselves are the command line tests'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "experiments/plugins.h"

static void without_files_there_are_ours(void **state)
{
    (void)state;
    ig_plugins *plugins = NULL;
    ig_error error = {0};
    char hashes[IG_PLUGINS][IG_PLUGIN_HASH];
    assert_int_equal(ig_plugins_load(&(ig_plugin_files){{0}, 0}, &plugins, &error), IG_OK);
    const ig_registry *registry = ig_plugins_registry(plugins);
    assert_int_equal(registry->n, ig_experiments()->n);
    for (size_t i = 0; i < registry->n; i++) {
        assert_ptr_equal(registry->experiments[i], ig_experiments()->experiments[i]);
        assert_null(ig_registry_origin(registry, registry->experiments[i]));
    }
    ig_plugins_hashes(plugins, hashes);
    assert_int_equal(hashes[0][0], 0);
    ig_plugins_unload(&plugins);
    assert_null(plugins);
    ig_plugins_unload(&plugins);
}

static void files_are_counted(void **state)
{
    (void)state;
    ig_plugin_files files = {{0}, 0};
    ig_error error = {0};
    for (size_t i = 0; i < IG_PLUGINS; i++) {
        assert_int_equal(ig_plugin_files_add(&files, "x.so", &error), IG_OK);
    }
    assert_int_equal(ig_plugin_files_add(&files, "x.so", &error), IG_ERR_USAGE);
    assert_int_equal(files.n, IG_PLUGINS);
}

static void bad_paths_are_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"", "nowhere.so", "/", "/dev/null", "/proc/self/exe"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        ig_plugins *plugins = NULL;
        ig_error error = {0};
        ig_plugin_files files = {{paths[i]}, 1};
        assert_int_equal(ig_plugins_load(&files, &plugins, &error), IG_ERR_USAGE);
        assert_null(plugins);
        assert_non_null(strstr(error.text, "plugin "));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_files_there_are_ours),
        cmocka_unit_test(files_are_counted),
        cmocka_unit_test(bad_paths_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
