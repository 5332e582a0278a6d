#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "program/result.h"

static size_t three(const ig_config *config)
{
    (void)config;
    return 3;
}

static const ig_dimension dimensions[] = {{.name = "i", .length = three}};
static const ig_column columns[] = {
    {.name = "own", .type = IG_F64}, /* not the program's */
    {.name = "loss", .type = IG_F64},
    {.name = "small", .type = IG_F32},
    {.name = "steps", .type = IG_I32},
    {.name = "total", .type = IG_I64},
    {.name = "curve", .type = IG_F64, .dimension = "i"},
    {.name = "open", .type = IG_F32, .dimension = "i", .ragged = true},
};
enum { FIRST = 1, N = 6 };

#define REST ", \"small\": 1, \"steps\": 2, \"total\": 3, \"curve\": [1, 2, 3], \"open\": [4]}"

typedef struct fixture {
    ig_layout *layout;
    ig_row row;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_int_equal(ig_layout_create(columns, FIRST + N, dimensions, 1, NULL, &f->layout, NULL),
                     IG_OK);
    f->row = (ig_row){f->layout, calloc(1, f->layout->row_size)};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    free(f->row.bytes);
    ig_layout_destroy(&f->layout);
    free(f);
    return 0;
}

static ig_status read_text(fixture *f, const char *text, ig_error *error)
{
    /* Not zero-terminated: what comes from a file is not. */
    const size_t size = strlen(text);
    char *bytes = malloc(size + !size);
    memcpy(bytes, text, size);
    ig_row_clear(&f->row);
    const ig_status status = ig_result_read(bytes, size, "the file", &f->row, FIRST, N, error);
    free(bytes);
    return status;
}

static double number(const fixture *f, size_t c, size_t i)
{
    const unsigned char *from =
        f->row.bytes + f->layout->offsets[c] + i * ig_type_size(columns[c].type);
    float f32;
    double f64;
    int32_t i32;
    int64_t i64;
    switch (columns[c].type) {
    case IG_F32:
        memcpy(&f32, from, sizeof f32);
        return (double)f32;
    case IG_F64:
        memcpy(&f64, from, sizeof f64);
        return f64;
    case IG_I32:
        memcpy(&i32, from, sizeof i32);
        return i32;
    case IG_I64:
    case IG_TEXT:
        break;
    }
    memcpy(&i64, from, sizeof i64);
    return (double)i64;
}

static void test_reads(void **state)
{
    fixture *f = *state;
    ig_error error = {0};
    assert_int_equal(read_text(f, " {\"loss\": 0.25" REST "\n", &error), IG_OK);
    assert_true(number(f, 1, 0) == 0.25 && number(f, 2, 0) == 1 && number(f, 3, 0) == 2);
    assert_true(number(f, 4, 0) == 3 && number(f, 5, 2) == 3 && number(f, 6, 0) == 4);
    assert_true(isnan(number(f, 0, 0)) && isnan(number(f, 6, 1)));
    assert_int_equal(read_text(f,
                               "{\"loss\": 7, \"small\": -1e38, \"steps\": 2.0, \"total\": "
                               "-9007199254740993, \"curve\": [1e300, 2, -3.5], \"open\": [1, 2, "
                               "3]}",
                               &error),
                     IG_OK);
    int64_t total;
    memcpy(&total, f->row.bytes + f->layout->offsets[4], sizeof total);
    /* Beyond what a double holds exactly. */
    assert_true(total == -9007199254740993);
    assert_true(number(f, 1, 0) == 7 && number(f, 3, 0) == 2);
}

static void test_wrong(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "the file is empty"},
        {" \n", "the file is empty"},
        {"loss: 3", "not a JSON object (line 1, column"},
        {"{\"loss\": 1", "not a JSON object"},
        {"{\"loss\": 1" REST " {}", "end of file expected"},
        {"[1, 2]", "is a list, not a JSON object"},
        {"{\"loss\": NaN" REST, "has NaN"},
        {"{\"loss\": -Infinity" REST, "has Infinity"},
        {"{\"loss\": null" REST, "loss in the file is null, not a number"},
        {"{\"loss\": \"1\"" REST, "loss in the file is a text"},
        {"{\"loss\": true" REST, "loss in the file is true or false"},
        {"{\"loss\": [1]" REST, "loss in the file is a list, not a single number"},
        {"{\"loss\": 1e999" REST, "not a JSON object"},
        {"{\"loss\": 1, \"loss\": 2" REST, "twice"},
        {"{\"lost\": 1, \"loss\": 2" REST, "\"lost\", which is not a declared column"},
        {"{\"own\": 1, \"loss\": 2" REST, "\"own\", which is not a declared column"},
        {"{\"loss\": 2, \"small\": 1}", "has no steps"},
        {"{\"loss\": 2, \"small\": 1e39, \"steps\": 2, \"total\": 3, \"curve\": [1, 2, 3], "
         "\"open\": [4]}",
         "beyond float32"},
        {"{\"loss\": 2, \"small\": 1, \"steps\": 2.5, \"total\": 3, \"curve\": [1, 2, 3], \"open\":"
         " [4]}",
         "steps in the file is 2.5, not a whole number"},
        {"{\"loss\": 2, \"small\": 1, \"steps\": 3000000000, \"total\": 3, \"curve\": [1, 2, 3], "
         "\"open\": [4]}",
         "beyond the integers"},
        {"{\"loss\": 2, \"small\": 1, \"steps\": 2, \"total\": 3, \"curve\": [1, 2], \"open\": [4]"
         "}",
         "curve in the file has 2 numbers, declared are 3"},
        {"{\"loss\": 2, \"small\": 1, \"steps\": 2, \"total\": 3, \"curve\": 1, \"open\": [4]}",
         "curve in the file is a number, not a list of 3"},
        {"{\"loss\": 2, \"small\": 1, \"steps\": 2, \"total\": 3, \"curve\": [1, null, 3], "
         "\"open\": [4]}",
         "curve[1] in the file is null"},
        {"{\"loss\": 2, \"small\": 1, \"steps\": 2, \"total\": 3, \"curve\": [1, 2, 3], \"open\": "
         "[1, 2, 3, 4]}",
         "open in the file has 4 numbers, declared are 1 to 3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ig_error error = {0};
        assert_int_equal(read_text(*state, cases[i].text, &error), IG_ERR_NUMERIC);
        if (!strstr(error.text, cases[i].part)) {
            fail_msg("%s: %s", cases[i].text, error.text);
        }
    }
}

/** A word in quotes is no number: the message is about what is wrong. */
static void test_quoted_words(void **state)
{
    ig_error error = {0};
    assert_int_equal(read_text(*state, "{\"loss\": \"NaN\"" REST, &error), IG_ERR_NUMERIC);
    assert_non_null(strstr(error.text, "is a text"));
}

static void test_progress(void **state)
{
    (void)state;
    double share = -1;
    assert_true(ig_result_progress("{\"progress\": 0.4}", &share));
    assert_true(share == 0.4);
    assert_true(ig_result_progress(" {\"progress\": 1} ", &share) && share == 1);
    assert_false(ig_result_progress("{\"progress\": 1.5}", &share));
    assert_false(ig_result_progress("{\"progress\": 0.4, \"loss\": 1}", &share));
    assert_false(ig_result_progress("{\"progress\": \"0.4\"}", &share));
    assert_false(ig_result_progress("\"progress\"", &share));
    assert_false(ig_result_progress("progress 0.4", &share));
    assert_false(ig_result_progress("", &share));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_quoted_words, set_up, tear_down),
        cmocka_unit_test(test_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
