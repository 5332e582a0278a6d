/** Input files: what is said of them, and what tells them apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/inputs.h"
#include "sample.h"

#define HASH_A "0123456789abcdef0123456789abcdef"
#define HASH_B "fedcba9876543210fedcba9876543210"
/* XXH3-128 of nothing, as xxhsum prints it. */
#define HASH_EMPTY "99aa06d3014798d86001c324468d497f"

static char folder[64];

static int enter(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/imagrid-inputs-XXXXXX");
    return !mkdtemp(folder) || chdir(folder) != 0;
}

static int leave(void **state)
{
    (void)state;
    unlink("a");
    unlink("b");
    unlink("pipe");
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static void put(const char *name, const char *content)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/** The status, with the messages joined in `faults`. */
static ig_status read_inputs(const char *more, char **text, char faults[1000])
{
    char yaml[300];
    ig_error error = {0};
    ig_diagnostics *d = ig_diagnostics_create();
    snprintf(yaml, sizeof yaml, "experiment: typed\nseeds: 1\n%s", more);
    sample s = sample_good(yaml);
    const ig_status status = ig_inputs_read(s.config, text != NULL, text, d, &error);
    faults[0] = '\0';
    for (size_t i = 0; i < ig_diagnostics_count(d); i++) {
        strcat(strcat(faults, ig_diagnostics_text(d, i)), "\n");
    }
    assert_int_equal(error.status, status);
    ig_diagnostics_destroy(&d);
    sample_clear(&s);
    return status;
}

static void what_is_in_them(void **state)
{
    (void)state;
    char *text = NULL, faults[1000], expected[300];
    put("a", "");
    put("b", "x");
    assert_int_equal(read_inputs("file: a\n", &text, faults), IG_OK);
    snprintf(expected, sizeof expected, "file " HASH_EMPTY " 0 %s/a", folder);
    assert_string_equal(text, expected);
    free(text);
    assert_int_equal(read_inputs("file: b\nmore.file: a\n", &text, faults), IG_OK);
    snprintf(expected, sizeof expected, "\nmore.file " HASH_EMPTY " 0 %s/a", folder);
    assert_non_null(strstr(text, expected));
    free(text);
}

static void all_that_is_wrong_is_said(void **state)
{
    (void)state;
    char *text = NULL, faults[1000];
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(read_inputs("file: none\nmore: {file: pipe}\n", &text, faults), IG_ERR_CONFIG);
    assert_null(text);
    assert_non_null(strstr(faults, "a.yaml:3:7: file: none: No such file or directory, allowed: "));
    assert_non_null(strstr(faults, "a.yaml:4:14: more.file: pipe: not a regular file, allowed: "));
    assert_int_equal(read_inputs("file: .\n", NULL, faults), IG_ERR_CONFIG);
    assert_non_null(strstr(faults, "a.yaml:3:7: file: .: a folder, allowed: "));
}

static void match(const char *there, const char *here, ig_status wanted, const char *why)
{
    ig_error error = {0};
    assert_int_equal(
        ig_inputs_match(sample_schemas[2], there, "a.h5", here, "b.h5", "do this", &error), wanted);
    assert_true(!why || strstr(error.text, why));
}

static void contents_count_and_paths_do_not(void **state)
{
    (void)state;
    match(NULL, "", IG_OK, NULL);
    match("file " HASH_A " 5 /x/a b", "file " HASH_A " 5 /y/z", IG_OK, NULL);
    match("file " HASH_A " 5 /x", "file " HASH_B " 5 /x", IG_ERR_MISMATCH,
          "a.h5 has another input file (file) than b.h5: /x, 5 bytes, XXH3-128 " HASH_A
          ", not /x, 5 bytes, XXH3-128 " HASH_B ": do this");
    match("file " HASH_A " 5 /x", "file " HASH_A " 6 /x", IG_ERR_MISMATCH, "6 bytes");
    match("file " HASH_A " 5 /x", NULL, IG_ERR_MISMATCH, "a.h5 has an input file (file) that b.h5");
    match("file " HASH_A " 5 /x", "file cut", IG_ERR_MISMATCH, "that b.h5 does not have");
    match("file " HASH_A " 5 /x\nmore.file " HASH_A " 5 /x",
          "more.file " HASH_B " 5 /x\nfile " HASH_A " 5 /x", IG_ERR_MISMATCH, "(more.file)");
    /* A key whose name another one begins with. */
    match("more.file " HASH_A " 5 /x", "more.file " HASH_A " 5 /x", IG_OK, NULL);
}

static void changes_while_it_is_read(void **state)
{
    (void)state;
    put("a", "one");
    sample s = sample_good("experiment: typed\nseeds: 1\nfile: a\n");
    ig_input_stamp *stamps = calloc(ig_inputs_count(s.config), sizeof *stamps);
    ig_error error = {0};
    assert_non_null(stamps);
    ig_inputs_stamp(s.config, stamps);
    assert_int_equal(ig_inputs_unchanged(s.config, stamps, &error), IG_OK);
    /* Another file of the same length. */
    put("b", "two");
    assert_int_equal(rename("b", "a"), 0);
    assert_int_equal(ig_inputs_unchanged(s.config, stamps, &error), IG_ERR_IO);
    assert_non_null(strstr(error.text, "a was changed while it was read"));
    free(stamps);
    sample_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_them),
        cmocka_unit_test(all_that_is_wrong_is_said),
        cmocka_unit_test(contents_count_and_paths_do_not),
        cmocka_unit_test(changes_while_it_is_read),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
