#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imagrid/error.h"

static void sets_and_adds_context(void **state)
{
    (void)state;
    ig_error error = {0};
    assert_int_equal(ig_error_context(&error, "x"), IG_OK);
    assert_int_equal(ig_error_set(&error, IG_ERR_IO, "file %d", 3), IG_ERR_IO);
    assert_string_equal(error.text, "file 3");
    assert_int_equal(ig_error_context(&error, "task %d", 7), IG_ERR_IO);
    assert_string_equal(error.text, "task 7: file 3");
    assert_int_equal(ig_error_set(&error, IG_ERR_SPACE, "again: %s", error.text), IG_ERR_SPACE);
    assert_string_equal(error.text, "again: task 7: file 3");
}

static void null_is_fine(void **state)
{
    (void)state;
    assert_int_equal(ig_error_set(NULL, IG_ERR_MPI, "x"), IG_ERR_MPI);
    assert_int_equal(ig_error_context(NULL, "x"), IG_OK);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char text[3 * IG_ERROR_TEXT];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ig_error error = {0};
    ig_error_set(&error, IG_ERR_IO, "%s", text);
    assert_int_equal(strlen(error.text), IG_ERROR_TEXT - 1);
    ig_error_context(&error, "bb");
    assert_int_equal(strlen(error.text), IG_ERROR_TEXT - 1);
    assert_memory_equal(error.text, "bb: aaaa", 8);
    ig_error_context(&error, "%s", text);
    assert_int_equal(strlen(error.text), IG_ERROR_TEXT - 1);
}

static void every_status_has_name_and_code(void **state)
{
    (void)state;
    static const int codes[] = {0, 2, 2, 1, 4, 4, 4, 4, 2, 1, 75, 1, 76};
    for (int s = IG_OK; s <= (int)IG_ERR_TIME; s++) {
        const char *name = ig_status_text((ig_status)s);
        assert_non_null(name);
        assert_true(strlen(name) > 1);
        for (int t = IG_OK; t < s; t++) {
            assert_string_not_equal(name, ig_status_text((ig_status)t));
        }
        assert_int_equal(ig_status_exit_code((ig_status)s), codes[s]);
    }
}

static void errno_values(void **state)
{
    (void)state;
    assert_int_equal(ig_status_from_errno(ENOSPC), IG_ERR_SPACE);
    assert_int_equal(ig_status_from_errno(EDQUOT), IG_ERR_SPACE);
    assert_int_equal(ig_status_from_errno(ENOMEM), IG_ERR_MEMORY);
    assert_int_equal(ig_status_from_errno(EACCES), IG_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_and_adds_context), cmocka_unit_test(null_is_fine),
        cmocka_unit_test(long_texts_are_cut),    cmocka_unit_test(every_status_has_name_and_code),
        cmocka_unit_test(errno_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
