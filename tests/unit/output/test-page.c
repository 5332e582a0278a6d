/** The page: everything that comes from files is escaped, and the same rows give the same bytes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "make-file.h"
#include "output/output.h"
#include "shown.h"

enum { SEEDS = 4 };

static const char yaml[] = "experiment: scaling\n"
                           "seeds: 4\n"
                           "anchors: [100, 1000, 10000]\n"
                           "train: {epochs: 1}\n";
#define HOSTILE "</td><script>alert('x')</script> & \"q\" \\input{x} 50% _a_ #1 $y$ \xff\x01"

static made_row row(size_t task, void *context)
{
    (void)context;
    if (task == 1) {
        return (made_row){.state = IG_STATE_FAILED, .failure = HOSTILE, .seconds = 1};
    }
    if (task == 2) {
        return (made_row){.state = IG_STATE_EMPTY};
    }
    double x = 1 + (double)(task / SEEDS), spread = 1 + 0.1 * (double)(task % SEEDS);
    return (made_row){IG_STATE_DONE, spread / x, spread / x / x, 1, false, NULL};
}

static ig_merged merged_of(const char *name, const char *compare)
{
    char path[512];
    ig_merged merged = {0};
    ig_error error = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    make_file(path, yaml, row, NULL);
    const char *const paths[] = {path};
    const ig_merge_request request = {.how = {100, IG_INTERVAL_BCA}, .compare = compare};
    if (ig_merge(ig_experiments(), paths, 1, &request, &merged, &error)) {
        fail_msg("%s", error.text);
    }
    return merged;
}

static void test_page(void **state)
{
    (void)state;
    /* The name of the file is hostile as well. */
    AUTO(ig_merged_clear)
    ig_merged merged = merged_of("<img src=x onerror=alert(1)>.h5", "anchors=1000");
    char path[512];
    ig_error error = {0};
    size_t size, again;
    snprintf(path, sizeof path, "%s/page.html", folder);
    ig_status status = ig_output_page(&merged, "imagrid <test>", path, &error);
    bool undrawn = status == IG_ERR_IO && strstr(error.text, "gnuplot-nox");
    if (status && !undrawn) {
        fail_msg("%s", error.text);
    }
    char *page = read_file(folder, "page.html", &size);
    assert_int_equal(strlen(page), size);
    static const char *const there[] = {
        "<!doctype html>\n",
        "default-src 'none'",
        "imagrid &lt;test&gt;",
        "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot;",
        "&lt;img src=x onerror=alert(1)&gt;.h5",
        "id=\"fits\"",
        "id=\"amplitudes\"",
        "id=\"statistics-reward_mse\"",
        "id=\"differences-reward_mse\"",
        "id=\"sessions\"",
        "Incomplete grid points",
        "anchors: [100, 1000, 10000]",
        "bias-corrected"};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        expect(page, there[i], true);
    }
    expect(page, "data:image/svg+xml;base64,", !undrawn);
    static const char *const absent[] = {"<script", "<img src=x", "http:", "https:", "<link"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        expect(page, absent[i], false);
    }
    /* A page is replaced by the same bytes. */
    assert_int_equal(ig_output_page(&merged, "imagrid <test>", path, &error), status);
    char *second = read_file(folder, "page.html", &again);
    assert_int_equal(again, size);
    assert_memory_equal(page, second, size);
    free(page);
    free(second);
}

static void test_page_trouble(void **state)
{
    (void)state;
    AUTO(ig_merged_clear) ig_merged merged = merged_of("a.h5", NULL);
    char path[512], *old_path = strdup(getenv("PATH"));
    ig_error error = {0};
    size_t size;
    /* Results of hours must not vanish under a page. */
    snprintf(path, sizeof path, "%s/a.h5", folder);
    assert_int_equal(ig_output_page(&merged, "v", path, &error), IG_ERR_USAGE);
    snprintf(path, sizeof path, "%s/nowhere/page.html", folder);
    assert_int_equal(ig_output_page(&merged, "v", path, &error), IG_ERR_IO);
    snprintf(path, sizeof path, "%s/p.html", folder);
    limit_files(200);
    ig_status status = ig_output_page(&merged, "v", path, &error);
    limit_files(-1);
    assert_int_equal(status, IG_ERR_IO);
    expect(error.text, "cannot write", true);
    assert_int_equal(access(path, F_OK), -1);
    /* Without gnuplot the page is whole but for its figures, and says so. */
    setenv("PATH", folder, 1);
    snprintf(path, sizeof path, "%s/q.html", folder);
    assert_int_equal(ig_output_page(&merged, "v", path, &error), IG_ERR_IO);
    setenv("PATH", old_path, 1);
    expect(error.text, "without its figures", true);
    char *page = read_file(folder, "q.html", &size);
    expect(page, "The figures could not be drawn: gnuplot is not installed", true);
    expect(page, "id=\"configuration\"", true);
    free(page);
    free(old_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_page, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_page_trouble, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
