/* The registry, and origins compared; shared objects themselves are the command line tests'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "experiments/plugins.h"

#define HASH_A "00112233445566778899aabbccddeeff"
#define HASH_B "ff112233445566778899aabbccddeeff"

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

static void match(const char *there, const char *here, ig_status wanted, bool wanted_change)
{
    ig_error error = {0};
    bool changed = !wanted_change;
    assert_int_equal(ig_origin_match(there, here, &changed, &error), wanted);
    assert_int_equal(changed, wanted_change);
    assert_int_equal(error.status, wanted);
}

static void origins_match_by_version(void **state)
{
    (void)state;
    match(NULL, NULL, IG_OK, false);
    match("p 1 " HASH_A " /a b/p.so", "p 1 " HASH_A " /c/p.so", IG_OK, false);
    match("p 1 " HASH_A " /a/p.so", "p 1 " HASH_B " /a/p.so", IG_OK, true);
    match("p 1 " HASH_A " /a/p.so", "p 2 " HASH_B " /a/p.so", IG_ERR_MISMATCH, true);
    match("p 1 " HASH_A " /a/p.so", "q 1 " HASH_A " /a/p.so", IG_ERR_MISMATCH, false);
    match(NULL, "p 1 " HASH_A " /a/p.so", IG_ERR_MISMATCH, true);
    match("p 1 " HASH_A " /a/p.so", NULL, IG_ERR_MISMATCH, true);
    match("p", "p 1 " HASH_A " /a/p.so", IG_ERR_MISMATCH, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_files_there_are_ours),
        cmocka_unit_test(files_are_counted),
        cmocka_unit_test(bad_paths_are_refused),
        cmocka_unit_test(origins_match_by_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
