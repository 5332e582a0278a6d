#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "imagrid/grid.h"
#include "sample.h"

typedef struct built {
    sample s;
    ig_grid *grid;
} built;

static built build(const char *text)
{
    built b = {.s = sample_good(text)};
    ig_error error = {0};
    assert_int_equal(ig_grid_create(b.s.config, &b.grid, &error), IG_OK);
    assert_ptr_equal(ig_grid_config(b.grid), b.s.config);
    return b;
}

static void clear(built *b)
{
    ig_grid_destroy(&b->grid);
    sample_clear(&b->s);
}

static void expect_label(const built *b, size_t point, const char *expected)
{
    char text[200];
    ig_grid_label(b->grid, point, text, sizeof text);
    assert_string_equal(text, expected);
}

static void single_point(void **state)
{
    (void)state;
    built b = build("experiment: sample\nseeds: 3\nn: 5\n");
    assert_int_equal(ig_grid_n_points(b.grid), 1);
    assert_int_equal(ig_grid_n_seeds(b.grid), 3);
    assert_int_equal(ig_grid_n_tasks(b.grid), 3);
    expect_label(&b, 0, "all");
    clear(&b);
    assert_null(b.grid);
}

static void last_axis_runs_fastest(void **state)
{
    (void)state;
    built b = build("experiment: sample\nseeds: 2\nmode: [slow, {fixed: 4}]\nn: [10, 20, 30]\n"
                    "train: {rate: [1, 0.5]}\n");
    assert_int_equal(ig_grid_n_points(b.grid), 12);
    assert_int_equal(ig_grid_n_tasks(b.grid), 24);
    expect_label(&b, 0, "n=10 mode=slow train.rate=1");
    expect_label(&b, 1, "n=10 mode=slow train.rate=0.5");
    expect_label(&b, 2, "n=10 mode=fixed=4 train.rate=1");
    expect_label(&b, 4, "n=20 mode=slow train.rate=1");
    expect_label(&b, 11, "n=30 mode=fixed=4 train.rate=0.5");
    ig_point point = {b.grid, 6};
    int64_t argument = 0;
    assert_int_equal(ig_point_integer(&point, "n"), 20);
    assert_int_equal(ig_point_integer(&point, "holdout"), 5000);
    assert_true(ig_point_real(&point, "train.rate") == 1);
    assert_int_equal(ig_point_choice(&point, "mode", &argument), 2);
    assert_int_equal(argument, 4);
    assert_int_equal(ig_point_choice(&(ig_point){b.grid, 0}, "mode", NULL), 0);
    clear(&b);
}

static void zipped_axes_advance_together(void **state)
{
    (void)state;
    /* The group stands where its first key, n, stands: slower than train.epochs. */
    built b = build("experiment: sample\nseeds: 1\nn: [1, 2, 3]\ntrain: {epochs: [7, 8], rate: "
                    "[0.1, 0.1, 0.3]}\nzip: [[train.rate, n]]\n");
    static const char *const labels[] = {
        "n=1 train.epochs=7 train.rate=0.1", "n=1 train.epochs=8 train.rate=0.1",
        "n=2 train.epochs=7 train.rate=0.1", "n=2 train.epochs=8 train.rate=0.1",
        "n=3 train.epochs=7 train.rate=0.3", "n=3 train.epochs=8 train.rate=0.3"};
    assert_int_equal(ig_grid_n_points(b.grid), 6);
    for (size_t p = 0; p < 6; p++) {
        expect_label(&b, p, labels[p]);
    }
    clear(&b);
}

static void labels_are_cut(void **state)
{
    (void)state;
    built b = build("experiment: sample\nseeds: 1\nn: [10, 20]\ntrain.epochs: [7, 8]\n");
    const char *whole = "n=10 train.epochs=7";
    for (size_t size = 0; size < 30; size++) {
        char text[32];
        memset(text, '#', sizeof text);
        ig_grid_label(b.grid, 0, text, size);
        assert_int_equal(text[size], '#');
        if (size > 0) {
            assert_int_equal(strlen(text), size - 1 < strlen(whole) ? size - 1 : strlen(whole));
            assert_memory_equal(text, whole, strlen(text));
        }
    }
    clear(&b);
}

static void largest_grid(void **state)
{
    (void)state;
    built b = build("experiment: sample\nseeds: 1000\nn: {range: [1, 10000, 1]}\n");
    assert_int_equal(ig_grid_n_tasks(b.grid), 10000000);
    expect_label(&b, 9999, "n=10000");
    ig_rng_key key = ig_grid_rng_key(b.grid, 9999999);
    assert_int_equal(key.word[1], 999);
    clear(&b);
}

static void expect_key(ig_rng_key key, const char *scope, uint64_t seed)
{
    ig_rng_key expected = ig_rng_key_make(scope, seed);
    assert_true(key.word[0] == expected.word[0] && key.word[1] == expected.word[1]);
}

static void random_keys(void **state)
{
    (void)state;
    built b = build("experiment: sample\nseeds: [11, 5]\nn: [1, 2]\n");
    expect_key(ig_grid_rng_key(b.grid, 0), "sample", 11);
    expect_key(ig_grid_rng_key(b.grid, 3), "sample", 5);
    clear(&b);
    b = build("experiment: sample\nseeds: [11, 5]\nn: [1, 2]\ncommon_random_numbers: false\n"
              "mode: {fixed: 3}\nholdout: 7\n");
    expect_key(ig_grid_rng_key(b.grid, 3),
               "sample;n=2;mode=fixed=3;train.epochs=200;train.rate=0.001;window=[0, 1]", 5);
    ig_rng_key alone = ig_grid_rng_key(b.grid, 2);
    clear(&b);
    /* More values and axes elsewhere change nothing for a task that was there before. */
    b = build("experiment: sample\nseeds: [5, 11]\nn: [9, 2]\ncommon_random_numbers: false\n"
              "mode: [slow, {fixed: 3}]\ntrain.rate: [0.5, 1e-3]\n");
    ig_rng_key again = ig_grid_rng_key(b.grid, 15);
    assert_memory_equal(&again, &alone, sizeof alone);
    clear(&b);
}

/** Where a later key has its default, a task has the numbers it had before there was the key. */
static void random_keys_of_before(void **state)
{
    (void)state;
    built b = build("experiment: other\nseeds: [11, 5]\ncommon_random_numbers: false\n"
                    "late.mode: [slow, quick]\n");
    expect_key(ig_grid_rng_key(b.grid, 1), "other", 5);
    expect_key(ig_grid_rng_key(b.grid, 3), "other;late.mode=quick", 5);
    clear(&b);
}

typedef void misuse(const built *b);

static void wrong_path(const built *b)
{
    (void)ig_point_integer(&(ig_point){b->grid, 0}, "nn");
}

static void wrong_type(const built *b)
{
    (void)ig_point_real(&(ig_point){b->grid, 0}, "n");
}

static void wrong_point(const built *b)
{
    (void)ig_point_integer(&(ig_point){b->grid, 1}, "n");
}

static void wrong_value(const built *b)
{
    (void)ig_config_value(b->s.config, 0, 1);
}

static void wrong_seed(const built *b)
{
    (void)ig_config_seed(b->s.config, 3);
}

/* Faults of the program abort, each in a process of its own. */
static void bugs_abort(void **state)
{
    (void)state;
    static misuse *const misuses[] = {wrong_path, wrong_type, wrong_point, wrong_value, wrong_seed};
    built b = build("experiment: sample\nseeds: 3\nn: 5\n");
    for (size_t i = 0; i < sizeof misuses / sizeof *misuses; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            signal(SIGABRT, SIG_DFL);
            if (!freopen("/dev/null", "w", stderr)) {
                _exit(1);
            }
            misuses[i](&b);
            _exit(0);
        }
        int how;
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
    }
    clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_point),
        cmocka_unit_test(last_axis_runs_fastest),
        cmocka_unit_test(zipped_axes_advance_together),
        cmocka_unit_test(labels_are_cut),
        cmocka_unit_test(largest_grid),
        cmocka_unit_test(random_keys),
        cmocka_unit_test(random_keys_of_before),
        cmocka_unit_test(bugs_abort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
