/** Every allocation of the readers failing, one after the other: the right status, no crash in
 *  either process, and (under a leak checker) nothing leaked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"

static long left = -1; /* allocations until one fails; negative: none does */

static bool fails(void)
{
    const bool now = left == 0;
    left -= left >= 0;
    return now;
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
    return fails() ? NULL : __real_reallocarray(old, n, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

static ig_status use(const ig_data_options *options, ig_error *error)
{
    ig_data *data = NULL;
    ig_data_summary summary = {0};
    ig_status status = ig_data_open(path, options, &data, error);
    status = status ? status : ig_data_summarise(data, &summary, error);
    ig_data_summary_clear(&summary);
    ig_data_close(&data);
    return status;
}

static void fail_each(const ig_data_options *options)
{
    ig_status status = IG_ERR_MEMORY;
    size_t n = 0;
    for (; status; n++) {
        ig_error error = {0};
        left = (long)n;
        status = use(options, &error);
        left = -1;
        assert_true(status == IG_OK || status == IG_ERR_MEMORY);
        assert_true(n < 1000);
    }
    assert_true(n > 5);
}

static void test_rows(void **state)
{
    (void)state;
    const double len[] = {3, 2, 1}, offset[] = {0, 3, 5};
    const char *const name = "observations";
    const ig_data_options options = {.format = IG_DATA_FLAT,
                                     .observations = &name,
                                     .n_observations = 1,
                                     .ep_offset = "offset",
                                     .ep_len = "len"};
    const hid_t file = make_file();
    put_d4rl(file, true);
    put(file, "len", H5T_STD_I32LE, 3, 0, len);
    put(file, "offset", H5T_STD_I32LE, 3, 0, offset);
    close_file(file);
    fail_each(&options);
}

static void test_groups(void **state)
{
    (void)state;
    const ig_data_options options = {.filter = "train"};
    const char train[][8] = {"demo_11", "demo_9"};
    const hid_t file = make_file();
    put_robomimic(file, true);
    put_texts(file, "mask/train", 2, train);
    close_file(file);
    fail_each(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
