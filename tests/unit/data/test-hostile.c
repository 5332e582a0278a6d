/** Files with bytes changed or cut off: each is read, or refused in words; nothing crashes, hangs
 * or asks for all memory. usage: test-data-hostile [EDITS]    changes to each file */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "files.h"

/* Memory that reading a file of a few kB may take. */
static const rlim_t memory_max = (rlim_t)4 << 30;
static size_t edits = 25;

/** Park and Miller's generator. */
static uint64_t next(uint64_t *state)
{
    *state = *state * 48271 % 2147483647;
    return *state;
}

static unsigned char *read_file(size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void write_file(const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/** Read all of the file; whether it could be used. */
static bool try_file(const ig_data_options *options)
{
    ig_error error = {0};
    ig_data *data = NULL;
    ig_data_summary summary = {0};
    ig_status status = ig_data_open(path, options, &data, &error);
    status = status ? status : ig_data_summarise(data, &summary, &error);
    assert_true(status == IG_OK || status == IG_ERR_CONFIG || status == IG_ERR_FORMAT ||
                status == IG_ERR_MEMORY);
    assert_true(status == IG_OK || strncmp(error.text, path, strlen(path)) == 0);
    ig_data_summary_clear(&summary);
    ig_data_close(&data);
    return status == IG_OK;
}

/** Change a run of one to four bytes, mostly in one of the places that are not zero: structure is
 *  there. */
static void edit(unsigned char *bytes, size_t size, uint64_t *state)
{
    static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    size_t at = next(state) % size;
    for (size_t i = 0; i < 1000 && bytes[at] == 0; i++) {
        at = next(state) % size;
    }
    const size_t n = 1 + next(state) % 4;
    for (size_t i = at; i < at + n && i < size; i++) {
        const uint64_t kind = next(state) % 8;
        bytes[i] = kind < 5    ? values[kind]
                   : kind == 5 ? (unsigned char)(bytes[i] + 1)
                               : (unsigned char)next(state);
    }
}

static void check_edits(const ig_data_options *options, uint64_t seed)
{
    size_t size, usable = 0;
    unsigned char *whole = read_file(&size), *changed = malloc(size);
    uint64_t state = seed;
    assert_non_null(changed);
    assert_true(try_file(options));
    for (size_t i = 0; i < edits; i++) {
        memcpy(changed, whole, size);
        edit(changed, size, &state);
        write_file(changed, i % 10 == 9 ? next(&state) % size : size);
        usable += try_file(options);
    }
    assert_true(usable < edits);
    free(whole);
    free(changed);
}

static void put_packed_d4rl(hid_t file)
{
    put_packed(file, "observations", H5T_IEEE_F32LE, N, D, 2, states);
    put_packed(file, "actions", H5T_STD_I64BE, N, 1, 4, terminals);
    put_packed(file, "rewards", H5T_IEEE_F64LE, N, 0, 5, rewards);
    put_packed(file, "terminals", H5T_STD_U8LE, N, 0, 1, terminals);
}

static void test_d4rl(void **state)
{
    (void)state;
    const ig_data_options options = {0};
    const hid_t file = make_file();
    put_packed_d4rl(file);
    close_file(file);
    check_edits(&options, 1);
}

static void test_minari(void **state)
{
    (void)state;
    const ig_data_options options = {0};
    const hid_t file = make_file();
    put_minari(file);
    close_file(file);
    check_edits(&options, 2);
}

static void test_robomimic(void **state)
{
    (void)state;
    const ig_data_options options = {.filter = "train"};
    const char train[][8] = {"demo_11", "demo_9"};
    const hid_t file = make_file();
    put_robomimic(file, true);
    put_texts(file, "mask/train", 2, train);
    close_file(file);
    check_edits(&options, 3);
}

static void test_flat(void **state)
{
    (void)state;
    const double len[] = {3, 3};
    const ig_data_options options = {.ep_len = "len"};
    const hid_t file = make_file();
    put_packed_d4rl(file);
    put(file, "len", H5T_STD_I32LE, 2, 0, len);
    close_file(file);
    check_edits(&options, 4);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_d4rl),
        cmocka_unit_test(test_minari),
        cmocka_unit_test(test_robomimic),
        cmocka_unit_test(test_flat),
    };
    if (argc > 1) {
        edits = strtoull(argv[1], NULL, 10);
    }
    if (getenv("LIMIT_MEMORY")) {
        const struct rlimit limit = {memory_max, memory_max};
        setrlimit(RLIMIT_AS, &limit);
    }
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
