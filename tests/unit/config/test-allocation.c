/** Every allocation of the core fails once: IG_ERR_MEMORY, nothing leaked, outputs untouched.
 *  The linker sends the library's calls here (--wrap). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/grid.h"
#include "imagrid/row.h"
#include "sample.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
char *__real_strdup(const char *text);
FILE *__real_open_memstream(char **text, size_t *size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);
char *__wrap_strdup(const char *text);
FILE *__wrap_open_memstream(char **text, size_t *size);

/* Allocations until the one that fails; 0: none does. */
static size_t countdown;

static int fails(void)
{
    if (countdown > 0 && --countdown == 0) {
        errno = ENOMEM;
        return 1;
    }
    return 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
    return fails() ? NULL : __real_reallocarray(old, n, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

FILE *__wrap_open_memstream(char **text, size_t *size)
{
    return fails() ? NULL : __real_open_memstream(text, size);
}

/** One use of the core. */
typedef ig_status attempt(void *context);

/** Make allocation 1, 2, ... fail until all succeed; returns how many failed. */
static size_t fail_each(attempt *try, void *context, ig_status in_the_end)
{
    for (size_t k = 1;; k++) {
        countdown = k;
        ig_status status = try(context);
        bool reached = countdown == 0;
        countdown = 0;
        if (!reached) {
            assert_int_equal(status, in_the_end);
            return k - 1;
        }
        assert_int_equal(status, IG_ERR_MEMORY);
    }
}

static ig_status try_parse(void *context)
{
    ig_config *config = NULL;
    ig_status status = IG_ERR_MEMORY;
    ig_diagnostics *d = ig_diagnostics_create();
    if (d) {
        const char *text = context;
        status =
            ig_config_parse(text, strlen(text), "a", sample_schemas, SAMPLE_SCHEMAS, &config, d);
        assert_true(status != IG_ERR_MEMORY || !config);
    }
    ig_config_destroy(&config);
    ig_diagnostics_destroy(&d);
    return status;
}

static void parsing(void **state)
{
    (void)state;
    char text[2000];
    assert_true(fail_each(try_parse, strcpy(text, sample_rich), IG_OK) > 100);
    assert_true(fail_each(try_parse, strcpy(text, sample_parted), IG_OK) > 100);
    assert_true(fail_each(try_parse, strcpy(text, sample_typed), IG_OK) > 100);
    strcpy(text, "experiment: sample\nseeds: [1, 1]\nn: [1, 1, *x]\na: &x 1\na: 2\n[]: 3\n");
    assert_true(fail_each(try_parse, text, IG_ERR_CONFIG) > 20);
}

static ig_status try_file(void *context)
{
    char *bytes = NULL;
    size_t size;
    ig_diagnostics *d = ig_diagnostics_create();
    ig_status status = IG_ERR_MEMORY;
    if (d) {
        status = ig_config_read_file(context, &bytes, &size, d);
        free(bytes);
    }
    ig_diagnostics_destroy(&d);
    return status;
}

static void reading(void **state)
{
    (void)state;
    char path[] = "/proc/self/status";
    for (size_t k = 1; k <= 3; k++) {
        countdown = k;
        assert_int_equal(try_file(path), IG_ERR_MEMORY);
        assert_int_equal(countdown, 0);
    }
}

static ig_status try_grid(void *context)
{
    ig_grid *grid = NULL;
    ig_error error = {0};
    ig_status status = ig_grid_create(context, &grid, &error);
    assert_int_equal(error.status, status);
    assert_true((status == IG_OK) == (grid != NULL));
    ig_grid_destroy(&grid);
    return status;
}

static size_t four(const ig_config *config)
{
    (void)config;
    return 4;
}

static ig_status try_layout(void *context)
{
    static const ig_dimension dimension = {.name = "d", .length = four};
    static const ig_column columns[] = {{.name = "a", .type = IG_F64},
                                        {.name = "b", .type = IG_F32, .dimension = "d"}};
    ig_layout *layout = NULL;
    ig_error error = {0};
    ig_status status = ig_layout_create(columns, 2, &dimension, 1, context, &layout, &error);
    assert_int_equal(error.status, status);
    assert_true((status == IG_OK) == (layout != NULL));
    ig_layout_destroy(&layout);
    return status;
}

static ig_status try_difference(void *context)
{
    ig_config *const *pair = context;
    char text[2000];
    ig_config_difference(pair[0], pair[1], text, sizeof text);
    assert_non_null(strstr(text, "there, "));
    return strstr(text, "out of memory") ? IG_ERR_MEMORY : IG_OK;
}

static void using(void **state)
{
    (void)state;
    sample a = sample_good(sample_rich), b = sample_good("{experiment: sample, seeds: 1, n: 1}");
    assert_int_equal(fail_each(try_grid, a.config, IG_OK), 2);
    assert_int_equal(fail_each(try_layout, a.config, IG_OK), 4);
    ig_config *pair[] = {a.config, b.config};
    assert_true(fail_each(try_difference, pair, IG_OK) > 10);
    sample_clear(&a);
    sample_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parsing), cmocka_unit_test(reading),
                                       cmocka_unit_test(using)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
