/** A person's measurements: what is read, and what is said about faults. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "plan/plan.h"

static char path[] = "/tmp/imagrid-test-csv-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static ig_status read_bytes(const char *bytes, size_t size, ig_measured m[IG_KINDS],
                            ig_diagnostics *d)
{
    ig_error error = {0};
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return ig_measured_read_csv(path, m, d, &error);
}

static void clear(ig_measured m[IG_KINDS])
{
    ig_measured_clear(&m[IG_DYNAMICS]);
    ig_measured_clear(&m[IG_REWARD]);
}

/** Faulty text, and the message without the path. */
static void expect(const char *bytes, size_t size, const char *message)
{
    ig_measured m[IG_KINDS] = {0};
    ig_diagnostics *d = ig_diagnostics_create();
    assert_int_equal(read_bytes(bytes, size, m, d), IG_ERR_CONFIG);
    assert_int_not_equal(ig_diagnostics_count(d), 0);
    assert_string_equal(ig_diagnostics_text(d, 0) + strlen(path), message);
    clear(m);
    ig_diagnostics_destroy(&d);
}

#define GOOD "reward,1,1,0\nreward,2,0.5,0\ndynamics,1,1,0\n"

static void test_reading(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf# mine\r\n\r\n"
                               " n , note,error,\"kind\",seed\r\n"
                               "1e3,x,0.5,dynamics,1\r\n"
                               "  # a remark\n"
                               "100,x,2,dynamics,0\n"
                               "\"100\",,4,dynamics,1\n"
                               "1_000,,0.25,reward,0\n"
                               "10,,.5e1,reward,0";
    ig_measured m[IG_KINDS] = {0};
    ig_diagnostics *d = ig_diagnostics_create();
    ig_status status = read_bytes(text, sizeof text - 1, m, d);
    ig_diagnostics_print(d, stdout);
    assert_int_equal(status, IG_OK);
    const ig_measured *a = &m[IG_DYNAMICS], *b = &m[IG_REWARD];
    assert_int_equal(a->n, 2);
    assert_true(a->x[0] == 100 && a->x[1] == 1000);
    assert_true(a->mean[0] == 3 && a->mean[1] == 0.5);
    assert_true(fabs(a->sem[0] - 1) < 1e-15 && isnan(a->sem[1]));
    assert_int_equal(a->first[1], 2);
    assert_int_equal(a->first[2], 3);
    assert_true(a->seed[1] == 1 && a->seed[2] == 1 && !a->shared && !a->mean_square);
    assert_int_equal(b->n, 2);
    assert_true(b->x[0] == 10 && b->mean[0] == 5 && b->mean[1] == 0.25);
    assert_string_equal(m[IG_REWARD].name, "reward");
    clear(m);
    ig_diagnostics_destroy(&d);
}

/** What spreadsheets write: quoted separators and line ends, doubled quotes, empty rows, capitals,
 *  lines that end with CR alone, semicolons with decimal commas. */
static void test_dialects(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Kind,N,ERROR,note\ndynamics,10,0.5,\"a, b\"\n,,,\ndynamics,20,0.25,\"say "
        "\"\"hi\"\"\nthere\"\n"
        "reward,10,0.5,\nreward,20,0.25,\n",
        "kind,n,error\rdynamics,10,0.5\rdynamics,20,0.25\r\rreward,10,0.5\rreward,20,0.25",
        ("kind;n;error\r\ndynamics;10;0,5\r\ndynamics;20;0,25\r\n;;\r\n"
         "reward;10;0,5\r\nreward;20;0,25\r\n"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ig_measured m[IG_KINDS] = {0};
        ig_diagnostics *d = ig_diagnostics_create();
        ig_status status = read_bytes(texts[i], strlen(texts[i]), m, d);
        ig_diagnostics_print(d, stdout);
        assert_int_equal(status, IG_OK);
        for (int kind = 0; kind < IG_KINDS; kind++) {
            const ig_measured *a = &m[kind];
            assert_int_equal(a->n, 2);
            assert_true(a->x[0] == 10 && a->x[1] == 20 && a->mean[0] == 0.5 && a->mean[1] == 0.25);
        }
        clear(m);
        ig_diagnostics_destroy(&d);
    }
}

static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } faults[] = {
        {"", ": no header line"},
        {"\n# nothing\n", ":2:1: no header line"},
        {"kind,n\n", ":1:1: error: no such column; the first line names the columns kind, n, error "
                     "and maybe seed, separated by commas"},
        {"kind\tn\terror\n",
         ":1:1: kind: no such column; the first line names the columns kind, n, "
         "error and maybe seed, separated by commas"},
        {"kind,n,error\nreward,\"1,000\",1\n",
         ":2:8: n: a positive number without thousands separators, not '1,000'"},
        {"note,kind,n,error\n\"a\nb\",rewards,1,1\n",
         ":3:4: kind: dynamics or reward, not 'rewards'"},
        {"kind,n,error\n\"reward\"s,1,1\n", ":2:1: a line that is too long or not text"},
        {"kind,n,error,n\n", ":1:14: n: named twice in the header"},
        {"kind,n,error\nreward,1\n", ":2:1: 2 fields where the header has 3"},
        {"kind,n,error\nreward,1,1,1\n", ":2:1: 4 fields where the header has 3"},
        {"kind,n,error\nrewards,1,1\n", ":2:1: kind: dynamics or reward, not 'rewards'"},
        {"kind,n,error\nreward,many,1\n", ":2:8: n: a positive number, not 'many'"},
        {"kind,n,error\nreward,0,1\n", ":2:8: n: a positive number, not '0'"},
        {"kind,n,error\nreward,0.5,1\n", ":2:8: n: at least one sample, not '0.5'"},
        {"kind,n,error\nreward,1e999,1\n", ":2:8: n: a positive number, not '1e999'"},
        {"kind,n,error\nreward,1,nan\n", ":2:10: error: a positive number, not 'nan'"},
        {"kind,n,error\nreward,1,\n", ":2:10: error: a positive number, not ''"},
        {"kind,n,error\nreward,1,-1\n", ":2:10: error: a positive number, not '-1'"},
        {"kind,n,error\nreward,1,0x10\n", ":2:10: error: a positive number, not '0x10'"},
        {"kind,n,error,seed\nreward,1,1,-1\n",
         ":2:12: seed: a whole number of at least 0, not '-1'"},
        {"kind,n,error,seed\nreward,1,1,x\n", ":2:12: seed: a whole number of at least 0, not 'x'"},
        {"kind,n,error,seed\n" GOOD "dynamics,5,1,0\ndynamics,5,2,0\n",
         ":6:1: seed: dynamics with n = 5 and seed 0 is in line 5 already"},
        {"kind,n,error,seed\n" GOOD,
         ": dynamics: a law needs measurements at two different n, not 1"},
        {"kind,n,error\ndynamics,1,1\ndynamics,2,1\n",
         ": reward: a law needs measurements at two different n, not 0"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        expect(faults[i].text, strlen(faults[i].text), faults[i].message);
    }
}

static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    static const char zero[] = "kind,n,error\nrew\0ard,1,1\n",
                      last[] = "kind,n,error\nreward,1,1\0",
                      filled[] = "kind,n,error\nreward,1,1\0\xff",
                      remark[] = "kind,n,error\n# a\0 b\nreward,1,1\n";
    static char line[10000];
    expect(zero, sizeof zero - 1, ":2:1: a line that is too long or not text");
    expect(last, sizeof last - 1, ":2:1: a line that is too long or not text");
    expect(filled, sizeof filled - 1, ":2:1: a line that is too long or not text");
    expect(remark, sizeof remark - 1, ":2:1: a zero byte: this is not text");
    memset(line, ',', sizeof line);
    expect(line, sizeof line, ":1:1: more than 64 columns");
    expect(line, 100, ":1:1: more than 64 columns");
    memset(line, 'x', sizeof line);
    expect(line, sizeof line, ":1:1: a line that is too long or not text");
    expect(line, 256, ":1:1: a line that is too long or not text");
}

/** Damage a good file byte by byte: an answer or a message, never a crash. */
static void test_mutations(void **state)
{
    (void)state;
    static const char good[] = "kind,n,error,seed\n" GOOD "dynamics,20,.25,1\n";
    for (size_t i = 0; i + 1 < sizeof good; i++) {
        static const char bytes[] = {0, ',', '\n', '"', '9', (char)0xff};
        for (size_t k = 0; k < sizeof bytes; k++) {
            char copy[sizeof good];
            ig_measured m[IG_KINDS] = {0};
            ig_diagnostics *d = ig_diagnostics_create();
            memcpy(copy, good, sizeof good);
            copy[i] = bytes[k];
            ig_status status = read_bytes(copy, sizeof good - 1, m, d);
            assert_true(status == IG_OK || ig_diagnostics_count(d) > 0);
            clear(m);
            ig_diagnostics_destroy(&d);
        }
    }
}

static void test_no_file(void **state)
{
    (void)state;
    ig_measured m[IG_KINDS] = {0};
    ig_error error = {0};
    ig_diagnostics *d = ig_diagnostics_create();
    assert_int_equal(ig_measured_read_csv("/nowhere/at-all.csv", m, d, &error), IG_ERR_IO);
    assert_int_equal(ig_measured_read_csv("/", m, d, &error), IG_ERR_IO);
    assert_int_equal(ig_diagnostics_count(d), 0);
    ig_diagnostics_destroy(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading),   cmocka_unit_test(test_dialects),
        cmocka_unit_test(test_faults),    cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_mutations), cmocka_unit_test(test_no_file),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
