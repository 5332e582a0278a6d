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
#include "output/drawing.h"
#include "output/figure.h"
#include "output/files.h"

static const char *in(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof *paths, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
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
    put("victim", "theirs");
    put("second", "theirs");
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
    put("a.csv", "older");
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

/** What a drawing sees of the folder it draws in. */
static ig_status look(const void *what, const ig_folder *scratch, ig_error *error)
{
    ig_status *wanted = (ig_status *)(uintptr_t)what;
    struct stat info;
    FILE *file = NULL;
    assert_int_equal(fstat(scratch->fd, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    assert_string_equal(scratch->path, folder);
    assert_int_equal(ig_text_open(scratch, "f.gp", &file, error), IG_OK);
    fputs("ours", file);
    assert_int_equal(ig_text_close(&file, scratch, "f.gp", IG_OK, error), IG_OK);
    return *wanted;
}

static void test_drawing(void **state)
{
    (void)state;
    ig_error error = {0};
    ig_status wanted[] = {IG_OK, IG_ERR_NUMERIC};
    char *old = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
    put("victim", "theirs");
    assert_int_equal(mkdir(in("tmp"), 0777), 0);
    assert_int_equal(setenv("TMPDIR", in("tmp"), 1), 0);
    for (size_t i = 0; i < 2; i++) {
        unlink(in("f.gp"));
        assert_int_equal(symlink(in("victim"), in("f.gp")), 0);
        put("f.svg", "of older data");
        assert_int_equal(ig_drawing_make(folder, look, &wanted[i], &error), wanted[i]);
        expect("f.gp", "ours");
        assert_int_not_equal(access(in("f.svg"), F_OK), 0);
    }
    expect("victim", "theirs");
    /* Nothing is left of the scratch folder. */
    assert_int_equal(rmdir(in("tmp")), 0);
    assert_int_equal(ig_drawing_make(folder, look, &wanted[0], &error), IG_ERR_IO);
    assert_non_null(strstr(error.text, "/tmp: "));
    if (old) {
        setenv("TMPDIR", old, 1);
    } else {
        unsetenv("TMPDIR");
    }
    free(old);
}

/** No text ends its string: gnuplot would run what follows. */
static void test_quoting(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"plain", "'plain'"},
        {"Lemma 1's", "'Lemma 1\u2019s'"},
        {"'; system(\"touch x\") #", "'\u2019; system(\"touch x\") #'"},
        {"''", "'\u2019\u2019'"},
        {"a\nb\x7f", "'a b '"},
        {"`touch x` @m \\", "'`touch x` @m \\'"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);
        assert_non_null(stream);
        ig_figure_put_quoted(stream, texts[i][0]);
        assert_int_equal(fclose(stream), 0);
        assert_string_equal(text, texts[i][1]);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_links_are_replaced, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_trouble, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_modes, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_drawing, enter_folder, leave_folder),
        cmocka_unit_test(test_quoting),
    };
    return cmocka_run_group_tests_name("text-file", tests, NULL, NULL);
}
