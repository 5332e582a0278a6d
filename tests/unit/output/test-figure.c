/** The figure: its files, gnuplot's run, and what happens without gnuplot. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "make-file.h"
#include "output/gnuplot.h"
#include "results/report.h"

static const char yaml[] = "experiment: scaling\n"
                           "seeds: 3\n"
                           "anchors: [100, 1000, 10000]\n"
                           "train: {epochs: 1}\n";

typedef struct fixture {
    char *path;
    ig_report *report;
} fixture;

static made_row row(size_t task, void *context)
{
    (void)context;
    double x = pow(10, 2 + (double)(task / 3));
    double spread = 1 + 0.1 * (double)(task % 3);
    return (made_row){IG_STATE_DONE, spread * pow(x, -0.1), spread * 60 / x, 1, false, NULL};
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    char file[512];
    ig_error error = {0};
    assert_non_null(f);
    enter_folder(state);
    f->path = strdup(getenv("PATH"));
    snprintf(file, sizeof file, "%s/a.h5", folder);
    make_file(file, yaml, row, NULL);
    const char *const paths[] = {file};
    assert_int_equal(ig_report_create(ig_experiments(), paths, 1, 100, &f->report, &error), IG_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    setenv("PATH", f->path, 1);
    ig_report_destroy(&f->report);
    free(f->path);
    free(f);
    return leave_folder(state);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)); text += strlen(part)) {
        n++;
    }
    return n;
}

static void test_without_gnuplot(void **state)
{
    fixture *f = *state;
    ig_error error = {0};
    size_t size;
    setenv("PATH", folder, 1);
    assert_int_equal(ig_report_draw(f->report, folder, &error), IG_ERR_IO);
    assert_non_null(strstr(error.text, "gnuplot-nox"));
    assert_non_null(strstr(error.text, folder));
    char *points = read_file(folder, "figure1-points.dat", &size);
    char *lines = read_file(folder, "figure1-lines.dat", &size);
    char *script = read_file(folder, "figure1.gp", &size);
    assert_int_equal(count(points, "\n\n\n"), 2);
    assert_int_equal(count(points, "\n"), 2 * (2 + 3 + 2));
    assert_int_equal(count(lines, "\n"), 2 * (2 + IG_REPORT_BAND + 2));
    assert_non_null(strstr(points, "\n1000 0."));
    assert_non_null(strstr(script, "legend[2] = 'reward_mse: β = 1.000 ["));
    assert_non_null(strstr(script, "published 0.96 [0.93, 0.99]'"));
    assert_non_null(strstr(script, "set terminal svg"));
    free(points);
    free(lines);
    free(script);
}

static void test_failing_gnuplot(void **state)
{
    fixture *f = *state;
    char name[512];
    ig_error error = {0};
    snprintf(name, sizeof name, "%s/gnuplot", folder);
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs("#!/bin/sh\nexit 3\n", file);
    fclose(file);
    assert_int_equal(chmod(name, 0755), 0);
    setenv("PATH", folder, 1);
    assert_int_equal(ig_report_draw(f->report, folder, &error), IG_ERR_IO);
    assert_non_null(strstr(error.text, "gnuplot failed"));
}

static void test_picture(void **state)
{
    fixture *f = *state;
    char other[512];
    ig_error error = {0};
    size_t size;
    snprintf(other, sizeof other, "%s/it's a folder", folder);
    if (ig_report_draw(f->report, other, &error) && strstr(error.text, "gnuplot-nox")) {
        skip();
    }
    assert_string_equal(error.text, "");
    char *png = read_file(other, "figure1.png", &size);
    assert_true(size > 10000 && memcmp(png, "\x89PNG", 4) == 0);
    char *svg = read_file(other, "figure1.svg", &size);
    assert_true(strncmp(svg, "<?xml", 5) == 0 && strstr(svg, "</svg>"));
    assert_non_null(strstr(svg, "training transitions N"));
    assert_non_null(strstr(svg, "published exponents"));
    free(png);
    free(svg);
}

static void test_folder_trouble(void **state)
{
    fixture *f = *state;
    char name[512];
    ig_error error = {0};
    snprintf(name, sizeof name, "%s/a.h5/below", folder);
    assert_int_equal(ig_report_draw(f->report, name, &error), IG_ERR_IO);
    snprintf(name, sizeof name, "%s/full", folder);
    limit_files(200);
    ig_status status = ig_report_draw(f->report, name, &error);
    limit_files(-1);
    assert_int_equal(status, IG_ERR_IO);
    assert_non_null(strstr(error.text, "cannot write"));
    assert_int_equal(rmdir(name), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without_gnuplot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing_gnuplot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_picture, setup, teardown),
        cmocka_unit_test_setup_teardown(test_folder_trouble, setup, teardown),
    };
    return cmocka_run_group_tests_name("figure", tests, NULL, NULL);
}
