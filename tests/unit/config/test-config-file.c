/** Reading files of every kind. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "imagrid/config.h"

static char folder[] = "imagrid-test-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    return chdir("..") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void make_file(const char *name, size_t size)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++) {
        fputc('a' + (int)(i % 26), file);
    }
    assert_int_equal(fclose(file), 0);
}

static void expect_read(const char *name, size_t expected)
{
    ig_diagnostics *d = ig_diagnostics_create();
    char *bytes = NULL;
    size_t size = 0;
    assert_int_equal(ig_config_read_file(name, &bytes, &size, d), IG_OK);
    assert_int_equal(ig_diagnostics_count(d), 0);
    assert_int_equal(size, expected);
    assert_int_equal(bytes[size], '\0');
    assert_int_equal(strlen(bytes), size);
    free(bytes);
    ig_diagnostics_destroy(&d);
}

static void expect_rejected(const char *name, const char *what)
{
    ig_diagnostics *d = ig_diagnostics_create();
    char mark, *bytes = &mark;
    size_t size = 77;
    assert_int_equal(ig_config_read_file(name, &bytes, &size, d), IG_ERR_CONFIG);
    assert_ptr_equal(bytes, &mark);
    assert_int_equal(size, 77);
    assert_int_equal(ig_diagnostics_count(d), 1);
    char expected[300];
    snprintf(expected, sizeof expected, "%s: %s, allowed: a readable YAML file of at most 1 MiB",
             name, what);
    assert_string_equal(ig_diagnostics_text(d, 0), expected);
    ig_diagnostics_destroy(&d);
}

static void sizes(void **state)
{
    (void)state;
    static const size_t good[] = {0, 1, 4096, 1048575, 1048576};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        make_file("f", good[i]);
        expect_read("f", good[i]);
    }
    make_file("f", 1048577);
    expect_rejected("f", "the file is too large");
    assert_int_equal(truncate("f", (off_t)1 << 40), 0);
    expect_rejected("f", "the file is too large");
    assert_int_equal(unlink("f"), 0);
}

static void kinds(void **state)
{
    (void)state;
    expect_rejected("missing", "cannot be opened: No such file or directory");
    expect_rejected(".", "this is a directory");
    expect_rejected("/dev/zero", "this is a device");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    alarm(10);
    expect_rejected("pipe", "this is a pipe");
    alarm(0);
    assert_int_equal(unlink("pipe"), 0);
    make_file("real", 10);
    assert_int_equal(symlink("real", "link"), 0);
    expect_read("link", 10);
    assert_int_equal(unlink("real"), 0);
    expect_rejected("link", "cannot be opened: No such file or directory");
    assert_int_equal(unlink("link"), 0);
}

/* Files the kernel makes up have size 0 and something in them. */
static void made_up_files(void **state)
{
    (void)state;
    ig_diagnostics *d = ig_diagnostics_create();
    char *bytes = NULL;
    size_t size = 0;
    assert_int_equal(ig_config_read_file("/proc/self/status", &bytes, &size, d), IG_OK);
    assert_memory_equal(bytes, "Name:", 5);
    free(bytes);
    ig_diagnostics_destroy(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sizes), cmocka_unit_test(kinds),
                                       cmocka_unit_test(made_up_files)};
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
