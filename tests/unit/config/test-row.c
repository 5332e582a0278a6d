#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc32c.h"
#include "imagrid/row.h"

static size_t five(const ig_config *config)
{
    (void)config;
    return 5;
}

static size_t endless(const ig_config *config)
{
    (void)config;
    return SIZE_MAX / 8;
}

static const ig_dimension dimensions[] = {{.name = "epoch", .length = five},
                                          {.name = "endless", .length = endless}};
static const ig_column columns[] = {
    {.name = "a", .type = IG_F32},
    {.name = "curve", .type = IG_F32, .dimension = "epoch", .ragged = true},
    {.name = "whole", .type = IG_F32, .dimension = "epoch"},
    {.name = "d", .type = IG_F64},
    {.name = "i", .type = IG_I32},
    {.name = "l", .type = IG_I64},
    {.name = "huge", .type = IG_F64, .dimension = "endless"},
};
enum { N_COLUMNS = 6 };

typedef struct fixture {
    ig_layout *layout;
    ig_row row;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    if (!f || ig_layout_create(columns, N_COLUMNS, dimensions, 1, NULL, &f->layout, NULL)) {
        return -1;
    }
    f->row = (ig_row){f->layout, malloc(f->layout->row_size)};
    memset(f->row.bytes, 0xa5, f->layout->row_size);
    ig_row_clear(&f->row);
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

static void fill(const ig_row *row)
{
    ig_row_set(row, "a", 1);
    ig_row_set(row, "d", 1e300);
    ig_row_set(row, "i", -7);
    ig_row_set(row, "l", 1e15);
    for (size_t k = 0; k < 5; k++) {
        ig_row_f32(row, "curve")[k] = ig_row_f32(row, "whole")[k] = (float)k;
    }
}

static void places(void **state)
{
    const ig_layout *layout = ((fixture *)*state)->layout;
    static const size_t offsets[] = {0, 8, 32, 56, 64, 72};
    for (size_t c = 0; c < N_COLUMNS; c++) {
        assert_int_equal(layout->offsets[c], offsets[c]);
        assert_int_equal(layout->counts[c], c == 1 || c == 2 ? 5 : 1);
        assert_int_equal(ig_layout_column(layout, columns[c].name), c);
    }
    assert_int_equal(layout->row_size, 80);
    assert_int_equal(layout->lengths[0], 5);
    assert_int_equal(ig_type_size(IG_F32), 4);
    assert_int_equal(ig_type_size(IG_I64), 8);
}

static void overlong_column(void **state)
{
    (void)state;
    ig_layout *layout = NULL;
    ig_error error = {0};
    assert_int_equal(ig_layout_create(columns, N_COLUMNS + 1, dimensions, 2, NULL, &layout, &error),
                     IG_ERR_MEMORY);
    assert_null(layout);
    assert_non_null(strstr(error.text, "huge"));
    assert_int_equal(ig_layout_create(NULL, 0, NULL, 0, NULL, &layout, &error), IG_OK);
    assert_int_equal(layout->row_size, 0);
    ig_layout_destroy(&layout);
}

static void clear_fills(void **state)
{
    const fixture *f = *state;
    const unsigned char *b = f->row.bytes;
    float a;
    int32_t i;
    int64_t l;
    memcpy(&a, b, sizeof a);
    memcpy(&i, b + 64, sizeof i);
    memcpy(&l, b + 72, sizeof l);
    assert_true(isnan(a) && isnan(ig_row_f32(&f->row, "curve")[4]));
    assert_true(i == INT32_MIN && l == INT64_MIN);
    static const unsigned char zeros[4];
    assert_memory_equal(b + 4, zeros, 4);
    assert_memory_equal(b + 28, zeros, 4);
    assert_memory_equal(b + 68, zeros, 4);
}

static void converts(void **state)
{
    const fixture *f = *state;
    fill(&f->row);
    int32_t i;
    int64_t l;
    double d;
    memcpy(&d, f->row.bytes + 56, sizeof d);
    memcpy(&i, f->row.bytes + 64, sizeof i);
    memcpy(&l, f->row.bytes + 72, sizeof l);
    assert_true(d == 1e300 && i == -7 && l == 1000000000000000);
}

static void expect_fault(const ig_row *row, const char *name)
{
    ig_error error = {0};
    assert_int_equal(ig_row_check(row, &error), IG_ERR_NUMERIC);
    assert_non_null(strstr(error.text, name));
}

static void check_finds(void **state)
{
    const ig_row *row = &((fixture *)*state)->row;
    expect_fault(row, "column a ");
    fill(row);
    assert_int_equal(ig_row_check(row, NULL), IG_OK);
    static const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    static const char *const scalars[] = {"a", "d", "i", "l"};
    for (size_t s = 0; s < 4; s++) {
        for (size_t k = 0; k < 3; k++) {
            ig_row_set(row, scalars[s], bad[k]);
            char name[16] = "column ";
            expect_fault(row, strcat(name, scalars[s]));
            fill(row);
        }
    }
    ig_row_set(row, "a", 1e39);
    expect_fault(row, "column a is infinite");
    fill(row);
    ig_row_set(row, "i", 2147483648.0);
    expect_fault(row, "column i ");
    fill(row);
    ig_row_set(row, "l", 0x1p63);
    expect_fault(row, "column l ");
    fill(row);
    ig_row_f32(row, "whole")[4] = NAN;
    expect_fault(row, "column whole, value 5 of 5");
}

static void ragged_ends(void **state)
{
    const ig_row *row = &((fixture *)*state)->row;
    fill(row);
    float *curve = ig_row_f32(row, "curve");
    for (size_t k = 4; k >= 1; k--) {
        curve[k] = NAN;
        assert_int_equal(ig_row_check(row, NULL), IG_OK);
    }
    curve[3] = 1;
    expect_fault(row, "after the end");
    curve[3] = NAN;
    curve[0] = NAN;
    expect_fault(row, "column curve, value 5 of 5, is not a number: the computation diverged");
    curve[0] = INFINITY;
    expect_fault(row, "infinite");
}

/** One run of numbers, wherever it stands. */
static void ragged_beginnings(void **state)
{
    const ig_row *row = &((fixture *)*state)->row;
    fill(row);
    float *curve = ig_row_f32(row, "curve");
    for (size_t k = 0; k < 4; k++) {
        curve[k] = NAN;
        assert_int_equal(ig_row_check(row, NULL), IG_OK);
    }
    curve[0] = 1;
    expect_fault(row, "column curve, value 5 of 5, is a number after the end");
    curve[0] = NAN;
    curve[2] = 1;
    curve[4] = NAN;
    assert_int_equal(ig_row_check(row, NULL), IG_OK);
}

/* Bit by bit, as the polynomial is defined. */
static uint32_t slow_crc(uint32_t crc, const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < size; i++) {
        crc ^= b[i];
        for (int k = 0; k < 8; k++) {
            crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78U : 0);
        }
    }
    return crc;
}

static void checksum(void **state)
{
    const fixture *f = *state;
    unsigned char nine[] = "123456789";
    assert_int_equal(~slow_crc(UINT32_MAX, nine, 9), 0xe3069283U);
    assert_int_equal(ig_crc32c(0, nine, 9), 0xe3069283U);
    fill(&f->row);
    char failure[IG_ROW_ERROR] = "why";
    uint64_t task = 0x0102030405060708;
    int8_t done = 1;
    uint32_t expected = slow_crc(UINT32_MAX, &task, sizeof task);
    expected = slow_crc(expected, f->row.bytes, f->layout->row_size);
    expected = slow_crc(expected, &done, 1);
    expected = ~slow_crc(expected, failure, sizeof failure);
    assert_int_equal(ig_row_crc(f->layout, task, f->row.bytes, 1, failure), expected);
    assert_int_not_equal(ig_row_crc(f->layout, task + 1, f->row.bytes, 1, failure), expected);
    assert_int_not_equal(ig_row_crc(f->layout, task, f->row.bytes, 2, failure), expected);
    failure[IG_ROW_ERROR - 1] = 1;
    assert_int_not_equal(ig_row_crc(f->layout, task, f->row.bytes, 1, failure), expected);
    failure[IG_ROW_ERROR - 1] = 0;
    f->row.bytes[79] ^= 1;
    assert_int_not_equal(ig_row_crc(f->layout, task, f->row.bytes, 1, failure), expected);
}

/** What does not fit is cut from the front, between characters; what is no character is replaced.
 */
static void texts(void **state)
{
    (void)state;
    static const ig_column text_columns[] = {{.name = "said", .type = IG_TEXT, .width = 5},
                                             {.name = "b", .type = IG_I32}};
    static const char *const cases[][2] = {
        {"", ""},
        {"abcde", "abcde"},
        {"abcdef", "bcdef"},
        {"x\xc3\xa4y\xc3\xa4z", "y\xc3\xa4z"}, /* the first two-byte character would be cut */
        {"\xc3\xa4\xc3\xa4z", "\xc3\xa4\xc3\xa4z"},
        {"ab\xff\xc3", "ab??"},
        {"\xf0\x9f\x98\x80zz", "zz"},
    };
    ig_layout *layout = NULL;
    ig_error error = {0};
    unsigned char bytes[16];
    assert_int_equal(ig_layout_create(text_columns, 2, NULL, 0, NULL, &layout, &error), IG_OK);
    assert_int_equal(layout->row_size, sizeof bytes);
    const ig_row row = {layout, bytes};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[5] = "";
        memcpy(expected, cases[i][1], strlen(cases[i][1]));
        ig_row_clear(&row);
        ig_row_set_text(&row, "said", "abcde");
        ig_row_set_text(&row, "said", cases[i][0]);
        ig_row_set(&row, "b", 7);
        assert_int_equal(ig_row_check(&row, &error), IG_OK);
        assert_memory_equal(bytes, expected, sizeof expected);
        /* A failed row keeps it. */
        ig_row_clear_numbers(&row);
        assert_memory_equal(bytes, expected, sizeof expected);
        assert_int_equal(ig_row_check(&row, &error), IG_ERR_NUMERIC);
    }
    ig_layout_destroy(&layout);
}

#define WITH_ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ROW(places),
        WITH_ROW(overlong_column),
        WITH_ROW(clear_fills),
        WITH_ROW(converts),
        WITH_ROW(check_finds),
        WITH_ROW(ragged_ends),
        WITH_ROW(ragged_beginnings),
        WITH_ROW(checksum),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
