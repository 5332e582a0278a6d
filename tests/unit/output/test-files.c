/** Files of a report in a folder that others can write to as well: links that were put there in
 *  advance lead nowhere, and nobody gets to write what we make. */
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
#include "output/files.h"

static const char *in(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof *paths, "%s/%s", folder, name);
    return path;
}

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(in(name), "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void expect(const char *name, const char *text)
{
    size_t size;
    char *there = read_file(folder, name, &size);
    assert_string_equal(there, text);
    free(there);
}

static ig_status write_one(const char *name, ig_status so_far, ig_error *error)
{
    ig_folder f;
    FILE *file = NULL;
    ig_status status = ig_folder_open(folder, &f, error);
    assert_int_equal(status, IG_OK);
    status = ig_text_open(&f, name, &file, error);
    if (!status) {
        fputs("ours", file);
        status = ig_text_close(&file, &f, name, so_far, error);
    }
    ig_folder_close(&f);
    return status;
}

static void test_links_are_replaced(void **state)
{
    (void)state;
    ig_error error = {0};
    struct stat info;
    write_text("victim", "theirs");
    write_text("second", "theirs");
    assert_int_equal(symlink(in("victim"), in("a.csv")), 0);
    assert_int_equal(symlink(in("victim"), in("a.csv.partial")), 0);
    assert_int_equal(link(in("second"), in("b.csv")), 0);
    assert_int_equal(link(in("second"), in("b.csv.partial")), 0);
    /* One that leads nowhere must not make a file there. */
    assert_int_equal(symlink(in("new"), in("c.csv.partial")), 0);
    assert_int_equal(mkfifo(in("d.csv"), 0666), 0);
    const char *const names[] = {"a.csv", "b.csv", "c.csv", "d.csv"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(write_one(names[i], IG_OK, &error), IG_OK);
        assert_int_equal(lstat(in(names[i]), &info), 0);
        assert_true(S_ISREG(info.st_mode) && info.st_nlink == 1);
        expect(names[i], "ours");
    }
    expect("victim", "theirs");
    expect("second", "theirs");
    assert_int_not_equal(access(in("new"), F_OK), 0);
}

static void test_trouble(void **state)
{
    (void)state;
    ig_error error = {0};
    write_text("a.csv", "older");
    assert_int_equal(write_one("a.csv", IG_ERR_NUMERIC, &error), IG_ERR_NUMERIC);
    expect("a.csv", "older");
    assert_int_not_equal(access(in("a.csv.partial"), F_OK), 0);
    assert_int_equal(mkdir(in("b.csv"), 0700), 0);
    assert_int_equal(write_one("b.csv", IG_OK, &error), IG_ERR_IO);
    assert_non_null(strstr(error.text, "b.csv"));
    assert_int_not_equal(access(in("b.csv.partial"), F_OK), 0);
    assert_int_equal(mkdir(in("c.csv.partial"), 0700), 0);
    assert_int_equal(write_one("c.csv", IG_OK, &error), IG_ERR_IO);
}

static void test_modes(void **state)
{
    (void)state;
    static const mode_t masks[] = {0, 022, 027, 077};
    ig_error error = {0};
    struct stat info;
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        mode_t before = umask(masks[i]);
        ig_folder below;
        char name[512];
        snprintf(name, sizeof name, "%s/%zu", folder, i);
        assert_int_equal(write_one("a.csv", IG_OK, &error), IG_OK);
        assert_int_equal(ig_folder_open(name, &below, &error), IG_OK);
        ig_folder_close(&below);
        umask(before);
        assert_int_equal(stat(in("a.csv"), &info), 0);
        assert_int_equal(info.st_mode & 07777, 0664 & ~masks[i]);
        assert_int_equal(stat(name, &info), 0);
        assert_int_equal(info.st_mode & 07777, 0775 & ~masks[i]);
    }
}

static ig_status put(const void *what, FILE *file, ig_error *error)
{
    (void)error;
    fputs("mark ", file);
    return *(const ig_status *)what;
}

/** A document replaces one of its kind, and nothing else. */
static void test_documents(void **state)
{
    (void)state;
    ig_error error = {0};
    const ig_status fine = IG_OK, broken = IG_ERR_NUMERIC;
    write_text("theirs.json", "something else");
    assert_int_equal(ig_document_write(in("a.json"), "mark", "ours", put, &fine, &error), IG_OK);
    expect("a.json", "mark ");
    write_text("a.json", "mark of old");
    assert_int_equal(ig_document_write(in("a.json"), "mark", "ours", put, &broken, &error),
                     IG_ERR_NUMERIC);
    expect("a.json", "mark of old");
    assert_int_equal(ig_document_write(in("a.json"), "mark", "ours", put, &fine, &error), IG_OK);
    expect("a.json", "mark ");
    assert_int_equal(symlink(in("a.json"), in("link.json")), 0);
    assert_int_equal(mkfifo(in("pipe.json"), 0666), 0);
    static const char *const others[] = {"theirs.json", "link.json", "pipe.json"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(ig_document_write(in(others[i]), "mark", "ours", put, &fine, &error),
                         IG_ERR_USAGE);
        assert_non_null(strstr(error.text, others[i]));
        assert_non_null(strstr(error.text, "is not ours"));
    }
    expect("theirs.json", "something else");
    assert_int_equal(ig_document_write(in("no/a.json"), "mark", "ours", put, &fine, &error),
                     IG_ERR_IO);
}

/** A scratch folder is ours alone, and nothing is left of it. */
static void test_scratch(void **state)
{
    (void)state;
    ig_error error = {0};
    struct stat info;
    FILE *file = NULL;
    ig_scratch scratch = IG_SCRATCH;
    char *old = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
    assert_int_equal(mkdir(in("tmp"), 0777), 0);
    assert_int_equal(setenv("TMPDIR", in("tmp"), 1), 0);
    assert_int_equal(ig_scratch_open(&scratch, &error), IG_OK);
    assert_int_equal(fstat(scratch.folder.fd, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    assert_int_equal(ig_text_open(&scratch.folder, "a", &file, &error), IG_OK);
    assert_int_equal(ig_text_close(&file, &scratch.folder, "a", IG_OK, &error), IG_OK);
    ig_scratch_close(&scratch);
    ig_scratch_close(&scratch);
    assert_int_equal(rmdir(in("tmp")), 0);
    /* Where there is no TMPDIR there is /tmp, and where it is a file. */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ig_scratch_open(&scratch, &error), IG_OK);
        assert_int_equal(strncmp(scratch.path, "/tmp/imagrid-", 13), 0);
        assert_null(strstr(scratch.path + 5, "/"));
        ig_scratch_close(&scratch);
        FILE *plain = fopen(in("tmp"), "w");
        assert_non_null(plain);
        fclose(plain);
    }
    assert_int_equal(unlink(in("tmp")), 0);
    if (old) {
        setenv("TMPDIR", old, 1);
    } else {
        unsetenv("TMPDIR");
    }
    free(old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_links_are_replaced, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_trouble, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_modes, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_documents, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_scratch, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
