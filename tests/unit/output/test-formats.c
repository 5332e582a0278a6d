/** Tables in every format: what people and files see of a table, and that nothing in a text that
 *  comes from a file becomes markup, a command or another cell. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "make-file.h"
#include "output/output.h"
#include "output/private.h"
#include "shown.h"

#define HOSTILE "</td><script>alert('x')</script> & \"q\" \\input{x} 50% _a_ #1 $y$ \xff\x01"

static const double none = (double)NAN;

static void add_hostile(ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {.heading = "na_me", .type = IG_CELL_TEXT},
        {.heading = "value"},
        {.heading = "95 %", .show = IG_SHOW_INTERVAL},
        {.name = "high"},
    };
    ig_table *table = ig_tables_add(tables, "a b/c", "Title %s", HOSTILE);
    ig_table_columns(table, columns, 4);
    ig_table_text(table, "%s", HOSTILE);
    ig_table_reals(table, 3, -1.5e-7, -2.0, 3e10);
    ig_table_text(table, "b-2");
    ig_table_reals(table, 3, none, none, none);
    ig_table_note(table, "note <%d>", 1);
}

static const ig_table_column parts[] = {
    {"group", "group", "rows described", .type = IG_CELL_TEXT},
    {"n", NULL, "finished rows", "1", .type = IG_CELL_COUNT},
    {"offset", "offset", "where it starts", .type = IG_CELL_INTEGER, .axis = true},
    {"median", "median", "median of the rows", "m", "Eq. 3", .stored = "middle"},
};

/** Two tables of one file with another table between. */
static void add_parts(ig_tables *tables)
{
    static const ig_table_column beside[] = {{.heading = "x"}};
    for (int i = 0; i < 2; i++) {
        ig_table *table = ig_tables_add(tables, i ? "second" : "first", "Part %d", i);
        table->file = "parts";
        table->dimension = "part";
        table->prefix = "part_";
        ig_table_columns(table, parts, 4);
        ig_table_text(table, "%s", i ? "plain" : "a,\"b\"\r\n\xff");
        ig_table_count(table, i ? 0 : 7);
        ig_table_integer(table, i ? -3 : 4);
        ig_table_real(table, i ? none : 0.1 + 0.2);
        ig_table_note(table, "The same note.");
        if (i == 0) {
            ig_table *other = ig_tables_add(tables, "beside", "For people");
            ig_table_columns(other, beside, 1);
            ig_table_real(other, 1);
            other->detail = true;
        }
    }
}

static char *html_of(const ig_table *table)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(ig_output_html(table, stream, NULL), IG_OK);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void test_latex(void **state)
{
    (void)state;
    AUTO(ig_tables_clear) ig_tables tables = {0};
    ig_error error = {0};
    size_t size;
    add_hostile(&tables);
    assert_int_equal(ig_output_latex(&tables, folder, &error), IG_OK);
    AUTO_FREE char *text = read_file(folder, "a-b-c.tex", &size);
    expect(text, "\\begin{tabular}{lrl}\n\\toprule\nna\\_me & value & 95 \\% \\\\\n\\midrule\n",
           true);
    expect(text, "\\textless{}/td\\textgreater{}\\textless{}script", true);
    expect(text,
           "\\& \\textquotedbl{}q\\textquotedbl{} \\textbackslash{}input\\{x\\} 50\\% \\_a\\_ "
           "\\#1 \\$y\\$",
           true);
    expect(text, " & $-$1.5$\\times 10^{-7}$ & [$-$2, 3$\\times 10^{10}$] \\\\\n", true);
    expect(text, "b-2 & - & - \\\\\n\\bottomrule", true);
    /* Nothing of a hostile title leaves its comment. */
    assert_int_equal(strncmp(text, "% Title </td>", 13), 0);
    expect(text, "\n\\input", false);
}

static void test_html(void **state)
{
    (void)state;
    AUTO(ig_tables_clear) ig_tables tables = {0};
    add_hostile(&tables);
    AUTO_FREE char *text = html_of(tables.tables[0]);
    expect(text, "<script", false);
    expect(text, "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot; ",
           true);
    expect(text, "$y$ \xEF\xBF\xBD <", true);
    expect(text, "<figure id=\"a-b-c\">", true);
    expect(text, "<td class=\"n\">-1.5e-07</td>", true);
    expect(text, "<li>note &lt;1&gt;</li>", true);
}

static void test_text(void **state)
{
    (void)state;
    static const ig_table_column columns[] = {{.heading = "label", .type = IG_CELL_TEXT},
                                              {.heading = "n", .type = IG_CELL_COUNT},
                                              {.heading = "rows", .type = IG_CELL_TEXT},
                                              {.heading = "end", .type = IG_CELL_TEXT}};
    static const char *const labels[] = {"\xCE\xB1", "a label that is too long for its column"};
    AUTO(ig_tables_clear) ig_tables tables = {0};
    ig_table *table = ig_tables_add(&tables, "s", "T");
    ig_table_columns(table, columns, 4);
    for (size_t i = 0; i < 2; i++) {
        ig_table_text(table, "%s", labels[i]);
        ig_table_count(table, 5 + 100 * i);
        ig_table_text(table, "%zu/8", 1 + 10 * i);
        ig_table_text(table, "x");
    }
    AUTO_FREE char *text = shown(&tables);
    assert_string_equal(text, "\nT\nlabel    n  rows  end\n\xCE\xB1        5   1/8  x\n"
                              "a label that is too long for its column\n       105  11/8  x\n");
}

/** How people see numbers. */
static void test_show(void **state)
{
    (void)state;
    static const struct {
        ig_show show;
        double low, middle, high;
        const char *text;
    } cases[] = {{IG_SHOW_PLAIN, 0.123456, 0, 0, "0.1235"},
                 {IG_SHOW_FIXED, 2, 0, 0, "2.0000"},
                 {IG_SHOW_SHORT, 0.123456789, 0, 0, "0.123457"},
                 {IG_SHOW_LONG, 1 - 1e-12, 0, 0, "0.999999999999"},
                 {IG_SHOW_QUOTIENT, 1.2345, 0, 0, "1.23"},
                 {IG_SHOW_QUOTIENT, (double)INFINITY, 0, 0, "-"},
                 {IG_SHOW_PERCENT, -0.015, 0, 0, "-1.5 %"},
                 {IG_SHOW_PERCENT, (double)NAN, 0, 0, "-"},
                 {IG_SHOW_INTERVAL, 0.5, 1e-9, 0, "[0.5, 1e-09]"},
                 {IG_SHOW_INTERVAL, (double)NAN, (double)NAN, 0, "-"},
                 {IG_SHOW_FIXED_INTERVAL, 0.5, 0.25, 0, "[0.5000, 0.2500]"},
                 {IG_SHOW_ESTIMATE, 1, 2, 3, "1 [2, 3]"},
                 {IG_SHOW_ESTIMATE, 1, (double)NAN, (double)NAN, "1"},
                 {IG_SHOW_ESTIMATE, (double)NAN, (double)NAN, (double)NAN, "-"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const ig_table_column columns[] = {
            {.heading = "h", .show = cases[i].show}, {.name = "a"}, {.name = "b"}};
        AUTO(ig_tables_clear) ig_tables tables = {0};
        char expected[64];
        ig_table *table = ig_tables_add(&tables, "t", "T");
        ig_table_columns(table, columns, 3);
        ig_table_reals(table, 3, cases[i].low, cases[i].middle, cases[i].high);
        AUTO_FREE char *text = html_of(table);
        snprintf(expected, sizeof expected, ">%s</th></tr>", cases[i].text);
        expect(text, expected, true);
    }
}

/** A note that the next table repeats is printed once; tables for reference are left out. */
static void test_notes(void **state)
{
    (void)state;
    AUTO(ig_tables_clear) ig_tables tables = {0};
    add_parts(&tables);
    AUTO_FREE char *text = shown(&tables);
    expect(text, "For people", false);
    const char *note = strstr(text, "The same note.");
    assert_non_null(note);
    assert_null(strstr(note + 1, "The same note."));
    assert_true(note > strstr(text, "Part 1"));
}

static void test_csv(void **state)
{
    (void)state;
    AUTO(ig_tables_clear) ig_tables tables = {0};
    ig_error error = {0};
    size_t size;
    add_parts(&tables);
    assert_int_equal(ig_output_csv(&tables, folder, &error), IG_OK);
    AUTO_FREE char *text = read_file(folder, "parts.csv", &size);
    assert_string_equal(text, "group,n,offset,median\r\n"
                              "\"a,\"\"b\"\"\r\n\xff\",7,4,0.30000000000000004\r\n"
                              "plain,0,-3,nan\r\n");
    char path[512];
    snprintf(path, sizeof path, "%s/beside.csv", folder);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void test_json(void **state)
{
    (void)state;
    AUTO(ig_tables_clear) ig_tables tables = {0};
    AUTO(ig_facts_clear) ig_facts facts = {0};
    ig_error error = {0};
    size_t size;
    char path[512];
    add_parts(&tables);
    assert_int_equal(ig_facts_text(&facts, "title", "\xe2\x82\xac\x9b\x7f", &error), IG_OK);
    assert_int_equal(ig_facts_text(&facts, "nothing", NULL, &error), IG_OK);
    assert_int_equal(ig_facts_number(&facts, "resamples", 100, &error), IG_OK);
    snprintf(path, sizeof path, "%s/t.json", folder);
    assert_int_equal(ig_output_json(&tables, &facts, path, &error), IG_OK);
    /* Again, over itself. */
    assert_int_equal(ig_output_json(&tables, &facts, path, &error), IG_OK);
    AUTO_FREE char *text = read_file(folder, "t.json", &size);
    for (const char *c = text; *c; c++) {
        assert_in_range(*c, '\n', '~');
    }
    json_t *root = json_loads(text, 0, NULL), *table, *about;
    const char *group, *second, *title, *units, *equation;
    json_int_t n, no_rows, start, offset, resamples;
    double median;
    assert_int_equal(json_unpack(root, "{s:o, s:{s:s, s:I}, s:{s:o}}", "parts", &table,
                                 "provenance", "title", &title, "resamples", &resamples, "columns",
                                 "parts", &about),
                     0);
    assert_string_equal(title, "\xe2\x82\xac\xef\xbf\xbd\x7f");
    assert_int_equal(resamples, 100);
    assert_int_equal(json_unpack(table, "{s:[s,s!], s:[I,I!], s:[I,I!], s:[F,n!]}", "group", &group,
                                 &second, "n", &n, &no_rows, "offset", &start, &offset, "median",
                                 &median),
                     0);
    assert_string_equal(group, "a,\"b\"\r\n\xef\xbf\xbd");
    assert_string_equal(second, "plain");
    assert_true(n == 7 && no_rows == 0 && start == 4 && offset == -3 && median == 0.1 + 0.2);
    assert_int_equal(
        json_unpack(about, "{s:{s:s, s:s}}", "median", "units", &units, "equation", &equation), 0);
    assert_string_equal(units, "m");
    assert_string_equal(equation, "Eq. 3");
    json_decref(root);
    /* A file that is not one of ours stays. */
    FILE *other = fopen(path, "w");
    assert_non_null(other);
    fputs("{\"mine\": 1}", other);
    fclose(other);
    assert_int_equal(ig_output_json(&tables, &facts, path, &error), IG_ERR_USAGE);
}

static void test_hdf5(void **state)
{
    (void)state;
    AUTO(ig_tables_clear) ig_tables tables = {0};
    AUTO(ig_facts_clear) ig_facts facts = {0};
    AUTO_FREE char *texts = NULL, *title = NULL;
    AUTO_FREE double *n_rows = NULL, *middle = NULL;
    ig_error error = {0};
    ig_summary_file *file = NULL;
    size_t n = 0, width = 0;
    char path[512];
    add_parts(&tables);
    assert_int_equal(ig_facts_text(&facts, "title", "T", &error), IG_OK);
    snprintf(path, sizeof path, "%s/t.h5", folder);
    assert_int_equal(ig_output_hdf5(&tables, &facts, path, &error), IG_OK);
    assert_int_equal(ig_summary_open(path, &file, &error), IG_OK);
    assert_int_equal(ig_summary_fact(file, "title", &title, &error), IG_OK);
    assert_string_equal(title, "T");
    assert_int_equal(ig_summary_texts(file, "part_group", &n, &width, &texts, &error), IG_OK);
    assert_int_equal(n, 2);
    assert_string_equal(texts, "a,\"b\"\r\n\xff");
    assert_string_equal(texts + width, "plain");
    assert_int_equal(ig_summary_numbers(file, "part_n", &n, &n_rows, &error), IG_OK);
    assert_true(n_rows[0] == 7 && n_rows[1] == 0);
    assert_int_equal(ig_summary_numbers(file, "middle", &n, &middle, &error), IG_OK);
    assert_true(middle[0] == 0.1 + 0.2 && isnan(middle[1]));
    ig_summary_close(&file);
}

/** An axis with the name of a statistic. */
static void test_equal_names(void **state)
{
    (void)state;
    static const ig_table_column columns[] = {{.name = "n", .type = IG_CELL_TEXT},
                                              {.name = "n", .type = IG_CELL_COUNT}};
    AUTO(ig_tables_clear) ig_tables tables = {0};
    ig_facts facts = {0};
    ig_error error = {0};
    size_t size;
    char path[512];
    for (size_t i = 0; i < 2; i++) {
        ig_table *table = ig_tables_add(&tables, "t", "T");
        table->file = "t";
        table->hidden = true;
        ig_table_columns(table, columns, 2);
        ig_table_text(table, "axis");
        ig_table_count(table, i);
    }
    snprintf(path, sizeof path, "%s/t.json", folder);
    assert_int_equal(ig_output_csv(&tables, folder, &error), IG_OK);
    assert_int_equal(ig_output_json(&tables, &facts, path, &error), IG_OK);
    AUTO_FREE char *csv = read_file(folder, "t.csv", &size);
    AUTO_FREE char *json = read_file(folder, "t.json", &size);
    assert_string_equal(csv, "n,n\r\naxis,0\r\naxis,1\r\n");
    expect(json, "\"t\": {\"n\": [\"axis\", \"axis\"], \"n.1\": [0, 1]}", true);
}

static char *encoded(const char *bytes, size_t n, bool base64)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    if (base64) {
        ig_html_base64((const unsigned char *)bytes, n, stream);
    } else {
        ig_html_text(bytes, stream);
    }
    fclose(stream);
    return text;
}

static void test_encodings(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *text;
        bool base64;
    } cases[] = {{"", "", true},
                 {"f", "Zg==", true},
                 {"fo", "Zm8=", true},
                 {"foo", "Zm9v", true},
                 {"foob\xff\xfe", "Zm9vYv/+", true},
                 {"a\tb\nc\rd\x7f", "a\tb\nc d ", false},
                 {"\xE2\x82\xAC", "\xE2\x82\xAC", false},
                 {"\xC0\xBC", "\xEF\xBF\xBD\xEF\xBF\xBD", false},
                 {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", false},
                 {"\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD", false},
                 {"\xF0\x9F\x98\x80\xF5", "\xF0\x9F\x98\x80\xEF\xBF\xBD", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = encoded(cases[i].bytes, strlen(cases[i].bytes), cases[i].base64);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_latex, enter_folder, leave_folder),
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_notes),
        cmocka_unit_test_setup_teardown(test_csv, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_json, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_hdf5, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_equal_names, enter_folder, leave_folder),
        cmocka_unit_test(test_encodings),
    };
    return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
