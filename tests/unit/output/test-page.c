/** Sheets as text, HTML and LaTeX, and the page: everything that comes from files is escaped, and
 *  the same report gives the same bytes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "make-file.h"
#include "output/html.h"
#include "output/sheet.h"
#include "results/report.h"

enum { SEEDS = 4 };

static const char yaml[] = "experiment: scaling\n"
                           "seeds: 4\n"
                           "anchors: [100, 1000, 10000]\n"
                           "train: {epochs: 1}\n";
#define HOSTILE "</td><script>alert('x')</script> & \"q\" \\input{x} 50% _a_ #1 $y$ \xff\x01"

static made_row row(size_t task, void *context)
{
    (void)context;
    if (task == 1) {
        return (made_row){.state = IG_STATE_FAILED, .failure = HOSTILE, .seconds = 1};
    }
    if (task == 2) {
        return (made_row){.state = IG_STATE_EMPTY};
    }
    double x = 1 + (double)(task / SEEDS), spread = 1 + 0.1 * (double)(task % SEEDS);
    return (made_row){IG_STATE_DONE, spread / x, spread / x / x, 1, false, NULL};
}

static ig_report *report_of(const char *name, const char *compare)
{
    char path[512];
    ig_report *report = NULL;
    ig_error error = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    make_file(path, yaml, row, NULL);
    const char *const paths[] = {path};
    const ig_report_options options = {100, IG_INTERVAL_BCA, compare};
    if (ig_report_create_with(ig_experiments(), paths, 1, &options, &report, &error)) {
        fail_msg("%s", error.text);
    }
    return report;
}

static char *shown(const ig_sheet *sheet, void (*show)(const ig_sheet *, FILE *))
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    show(sheet, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void expect(const char *text, const char *part, bool wanted)
{
    if ((strstr(text, part) != NULL) != wanted) {
        fail_msg("'%s' is %sin:\n%s", part, wanted ? "not " : "", text);
    }
}

static void make_sheet(ig_sheet *sheet)
{
    ig_sheet_init(sheet, "a b/c", "Title %s", HOSTILE);
    ig_sheet_column_add(sheet, "na_me", false);
    ig_sheet_column_add(sheet, "value", true);
    ig_sheet_column_add(sheet, "95 %", false);
    ig_sheet_cell(sheet, "%s", HOSTILE);
    ig_sheet_number(sheet, -1.5e-7);
    ig_sheet_interval(sheet, -2, 3e10);
    ig_sheet_cell(sheet, "b-2");
    ig_sheet_number(sheet, (double)NAN);
    ig_sheet_interval(sheet, (double)NAN, (double)NAN);
    ig_sheet_note(sheet, "note <%d>", 1);
    assert_int_equal(sheet->status, IG_OK);
    assert_string_equal(sheet->name, "a-b-c");
}

static void test_latex(void **state)
{
    (void)state;
    ig_sheet sheet;
    make_sheet(&sheet);
    char *text = shown(&sheet, ig_sheet_latex);
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
    free(text);
    ig_sheet_clear(&sheet);
}

static void test_html(void **state)
{
    (void)state;
    ig_sheet sheet;
    make_sheet(&sheet);
    char *text = shown(&sheet, ig_sheet_html);
    expect(text, "<script", false);
    expect(text, "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot; ",
           true);
    expect(text, "$y$ \xEF\xBF\xBD <", true);
    expect(text, "<figure id=\"a-b-c\">", true);
    expect(text, "<td class=\"n\">-1.5e-07</td>", true);
    expect(text, "<li>note &lt;1&gt;</li>", true);
    free(text);
    ig_sheet_clear(&sheet);
}

static void test_text(void **state)
{
    (void)state;
    ig_sheet sheet;
    ig_sheet_init(&sheet, "s", "T");
    ig_sheet_column_add(&sheet, "label", false);
    ig_sheet_column_add(&sheet, "n", true);
    ig_sheet_column_add(&sheet, "end", false);
    const char *const labels[] = {"\xCE\xB1", "a label that is too long for its column"};
    for (size_t i = 0; i < 2; i++) {
        ig_sheet_cell(&sheet, "%s", labels[i]);
        ig_sheet_count(&sheet, 5 + 100 * i);
        ig_sheet_cell(&sheet, "x");
    }
    char *text = shown(&sheet, ig_sheet_print);
    assert_string_equal(text, "\nT\nlabel    n  end\n\xCE\xB1        5  x\n"
                              "a label that is too long for its column\n       105  x\n");
    free(text);
    ig_sheet_clear(&sheet);
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

static void test_page(void **state)
{
    (void)state;
    /* The name of the file is hostile as well. */
    ig_report *report = report_of("<img src=x onerror=alert(1)>.h5", "anchors=1000");
    char path[512];
    ig_error error = {0};
    size_t size, again;
    snprintf(path, sizeof path, "%s/page.html", folder);
    ig_status status = ig_report_write_page(report, path, "imagrid <test>", &error);
    bool undrawn = status == IG_ERR_IO && strstr(error.text, "gnuplot-nox");
    if (status && !undrawn) {
        fail_msg("%s", error.text);
    }
    char *page = read_file(folder, "page.html", &size);
    assert_int_equal(strlen(page), size);
    static const char *const there[] = {
        "<!doctype html>\n",
        "default-src 'none'",
        "imagrid &lt;test&gt;",
        "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot;",
        "&lt;img src=x onerror=alert(1)&gt;.h5",
        "id=\"fits\"",
        "id=\"amplitudes\"",
        "id=\"statistics-reward_mse\"",
        "id=\"differences-reward_mse\"",
        "id=\"starts\"",
        "Grid points that are not whole",
        "anchors: [100, 1000, 10000]",
        "bias-corrected"};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        expect(page, there[i], true);
    }
    expect(page, "data:image/svg+xml;base64,", !undrawn);
    static const char *const absent[] = {"<script", "<img src=x", "http:", "https:", "<link"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        expect(page, absent[i], false);
    }
    /* A page is replaced by the same bytes. */
    assert_int_equal(ig_report_write_page(report, path, "imagrid <test>", &error), status);
    char *second = read_file(folder, "page.html", &again);
    assert_int_equal(again, size);
    assert_memory_equal(page, second, size);
    free(page);
    free(second);
    ig_report_destroy(&report);
}

static void test_page_trouble(void **state)
{
    (void)state;
    ig_report *report = report_of("a.h5", NULL);
    char path[512], *old_path = strdup(getenv("PATH"));
    ig_error error = {0};
    size_t size;
    /* Results of hours must not vanish under a page. */
    snprintf(path, sizeof path, "%s/a.h5", folder);
    assert_int_equal(ig_report_write_page(report, path, "v", &error), IG_ERR_USAGE);
    snprintf(path, sizeof path, "%s/nowhere/page.html", folder);
    assert_int_equal(ig_report_write_page(report, path, "v", &error), IG_ERR_IO);
    snprintf(path, sizeof path, "%s/p.html", folder);
    limit_files(200);
    ig_status status = ig_report_write_page(report, path, "v", &error);
    limit_files(-1);
    assert_int_equal(status, IG_ERR_IO);
    expect(error.text, "cannot be written", true);
    assert_int_equal(access(path, F_OK), -1);
    /* Without gnuplot the page is whole but for its figures, and says so. */
    setenv("PATH", folder, 1);
    snprintf(path, sizeof path, "%s/q.html", folder);
    assert_int_equal(ig_report_write_page(report, path, "v", &error), IG_ERR_IO);
    setenv("PATH", old_path, 1);
    expect(error.text, "without its figures", true);
    char *page = read_file(folder, "q.html", &size);
    expect(page, "The figures could not be drawn: gnuplot is not installed", true);
    expect(page, "id=\"configuration\"", true);
    free(page);
    free(old_path);
    ig_report_destroy(&report);
}

static void test_latex_files(void **state)
{
    (void)state;
    ig_report *report = report_of("a.h5", "anchors=100");
    ig_error error = {0};
    size_t size;
    char path[512];
    snprintf(path, sizeof path, "%s/tex", folder);
    assert_int_equal(ig_report_write_latex(report, path, &error), IG_OK);
    static const char *const names[] = {
        "tex/fits.tex", "tex/amplitudes.tex", "tex/statistics-dynamics_mse.tex",
        "tex/statistics-reward_mse.tex", "tex/differences-dynamics_mse.tex"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = read_file(folder, names[i], &size);
        expect(text, "\\bottomrule\n\\end{tabular}\n", true);
        free(text);
    }
    char *text = read_file(folder, "tex/statistics-reward_mse.tex", &size);
    expect(text, "anchors=100 & 2 & 1 & 1 & 1.15 & ", true);
    free(text);
    ig_report_destroy(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latex),
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test_setup_teardown(test_page, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_page_trouble, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_latex_files, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
