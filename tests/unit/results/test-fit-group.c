/** Which grid points one power law is fitted to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "make-file.h"
#include "results/report.h"

static made_row a_row(size_t task, void *context)
{
    (void)context;
    double error = 1 / (1 + (double)task);
    return (made_row){.state = IG_STATE_DONE, .dynamics = error, .reward = error, .seconds = 1};
}

static ig_report *report_of(const char *yaml)
{
    char path[256], text[512];
    const char *paths = path;
    ig_report *report = NULL;
    ig_error error = {0};
    snprintf(path, sizeof path, "%s/out.h5", folder);
    snprintf(text, sizeof text, "experiment: scaling\nseeds: 3\n%s", yaml);
    remove(path);
    make_file(path, text, a_row, NULL);
    if (ig_report_create(ig_experiments(), &paths, 1, 10, &report, &error)) {
        fail_msg("%s", error.text);
    }
    return report;
}

/** `parts` can give one axis value several values of another key: these points differ by more than
 *  the axis, and one line through them would say nothing. */
static void test_parts(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *labels[4];
        size_t points[3];
    } cases[] = {
        {"parts:\n"
         "  - {anchors: [100, 1000, 10000], policy: uniform}\n"
         "  - {anchors: [100, 1000], policy: sinusoid}\n",
         {"policy=uniform", "policy=sinusoid", NULL},
         {3, 2}},
        {"parts:\n"
         "  - {anchors: 100, train.minibatch: 8}\n"
         "  - {anchors: [1000, 10000], train.minibatch: 32}\n",
         {"", NULL},
         {3}},
        {"policy: [uniform, sinusoid]\n"
         "parts:\n"
         "  - anchors: [100, 1000]\n"
         "  - anchors: 10000\n",
         {"policy=uniform", "policy=sinusoid", NULL},
         {3, 3}},
        {"anchors: [100, 100, 1000]\n"
         "train: {epochs: [1, 2, 2]}\n"
         "zip: [[anchors, train.epochs]]\n",
         {"train.epochs=1", "train.epochs=2", NULL},
         {1, 2}},
        {"anchors: [100, 1000]\n"
         "policy: [uniform, sinusoid]\n"
         "train: {epochs: [1, 2]}\n"
         "zip: [[anchors, train.epochs]]\n",
         {"policy=uniform", "policy=sinusoid", NULL},
         {2, 2}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ig_report *report = report_of(cases[i].yaml);
        size_t n = 0;
        for (; cases[i].labels[n]; n++) {
            assert_true(n < report->laws.n);
            assert_string_equal(report->laws.laws[n].label, cases[i].labels[n]);
            assert_int_equal(report->laws.laws[n].n_points, cases[i].points[n]);
        }
        /* As many again for the second exponent. */
        assert_int_equal(report->laws.n, 2 * n);
        ig_report_destroy(&report);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_parts, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
