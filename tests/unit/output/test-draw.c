/** Figures: their data and scripts, gnuplot's run over them, and what happens without gnuplot. */
#include <math.h>
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
#include "output/output.h"
#include "output/private.h"
#include "shown.h"

static const double none = (double)NAN;

/** A figure with n panels, each with every kind of series. */
static void add_figure(ig_figures *figures, const char *name, const char *title, size_t n, bool log)
{
    static const ig_series_kind kinds[] = {IG_SERIES_BAND,    IG_SERIES_LINE,     IG_SERIES_STEPS,
                                           IG_SERIES_POINTS,  IG_SERIES_POINTS,   IG_SERIES_OPTIMUM,
                                           IG_SERIES_DIAMOND, IG_SERIES_VERTICAL, IG_SERIES_LEVEL};
    enum { KINDS = sizeof kinds / sizeof *kinds, POINTS = 4 };
    ig_figure *figure = ig_figures_add(figures, name, title, "made by hand");
    for (size_t p = 0; p < n; p++) {
        ig_panel *panel = ig_figure_panel(figure, n > 1 ? "a panel" : "", "distance x", "height y");
        panel->x.log = panel->y.log = log;
        for (size_t k = 0; k < KINDS; k++) {
            ig_figure_series *s =
                ig_panel_series(panel, kinds[k], POINTS, k == 4, (int)k - 2, (int)k % 6);
            ig_series_title(panel, s, "kind %zu", k);
            for (size_t i = 0; i < s->n; i++) {
                const double y = i == 1 ? none : (double)(k + i + 1);
                s->x[i] = (double)i; /* 0 has no place on a logarithmic axis */
                if (s->y) {
                    s->y[i] = y;
                }
                if (s->low) {
                    s->low[i] = y - 20;
                    s->high[i] = y + 1;
                }
            }
        }
        ig_panel_explain(panel, IG_SERIES_DIAGONAL, IG_STYLE_GREY, 1, "x = y");
    }
}

static char *old_path;

static int setup(void **state)
{
    enter_folder(state);
    old_path = strdup(getenv("PATH"));
    return 0;
}

static int teardown(void **state)
{
    setenv("PATH", old_path, 1);
    free(old_path);
    return leave_folder(state);
}

static const char *in(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof *paths, "%s/%s", folder, name);
    return path;
}

/** Draws, without gnuplot. */
static void draw_data(const ig_figures *figures)
{
    ig_error error = {0};
    setenv("PATH", folder, 1);
    assert_int_equal(ig_output_draw(figures, folder, &error), IG_ERR_IO);
    assert_non_null(strstr(error.text, "gnuplot-nox"));
    assert_non_null(strstr(error.text, folder));
}

static void test_without_gnuplot(void **state)
{
    (void)state;
    AUTO(ig_figures_clear) ig_figures figures = {0};
    size_t size;
    add_figure(&figures, "f", "A figure", 1, true);
    draw_data(&figures);
    AUTO_FREE char *data = read_file(folder, "f.dat", &size);
    AUTO_FREE char *script = read_file(folder, "f.gp", &size);
    /* x = 0 has no place, y = NaN breaks a line, and a bar ends at the edge. */
    expect(data, "2 4 4 4\n3 5 5 5\n\n\n", true);
    expect(data, "\n0 ", false);
    expect(data, " -", false);
    expect(data, "nan", false);
    expect(script, "key_text[2] = 'kind 1'", true);
    expect(script, "x_scale[1] = 'log'", true);
    expect(script, "footer_text = 'made by hand'", true);
    expect(script, "set terminal svg", true);
    assert_int_not_equal(access(in("f.svg"), F_OK), 0);
}

/** No text ends its string: gnuplot would run what follows. */
static void test_quoting(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"Lemma 1's", "title_text = 'Lemma 1\u2019s'\n"},
        {"'; system(\"touch x\") #", "title_text = '\u2019; system(\"touch x\") #'\n"},
        {"''", "title_text = '\u2019\u2019'\n"},
        {"a\nb\x7f", "title_text = 'a b '\n"},
        {"`touch x` @m \\", "title_text = '`touch x` @m \\'\n"},
    };
    size_t size;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        AUTO(ig_figures_clear) ig_figures figures = {0};
        add_figure(&figures, "f", texts[i][0], 1, false);
        draw_data(&figures);
        AUTO_FREE char *script = read_file(folder, "f.gp", &size);
        expect(script, texts[i][1], true);
    }
}

static void test_failing_gnuplot(void **state)
{
    (void)state;
    AUTO(ig_figures_clear) ig_figures figures = {0};
    ig_error error = {0};
    add_figure(&figures, "f", "A figure", 1, false);
    FILE *file = fopen(in("gnuplot"), "w");
    assert_non_null(file);
    fputs("#!/bin/sh\necho half > f.svg\nexit 3\n", file);
    fclose(file);
    assert_int_equal(chmod(in("gnuplot"), 0755), 0);
    /* What an earlier drawing has left would be taken for new. */
    file = fopen(in("f.svg"), "w");
    assert_non_null(file);
    fclose(file);
    setenv("PATH", folder, 1);
    assert_int_equal(ig_output_draw(&figures, folder, &error), IG_ERR_IO);
    expect(error.text, "gnuplot failed", true);
    assert_int_equal(access(in("f.gp"), F_OK), 0);
    assert_int_not_equal(access(in("f.svg"), F_OK), 0);
}

static void test_pictures(void **state)
{
    (void)state;
    AUTO(ig_figures_clear) ig_figures figures = {0};
    ig_error error = {0};
    size_t size;
    add_figure(&figures, "one", "One panel", 1, true);
    add_figure(&figures, "four", "Four panels", 4, false);
    add_figure(&figures, "many", "Two pictures", IG_FIGURE_PANELS + 1, true);
    ig_figure_panel(ig_figures_add(&figures, "empty", "", ""), "", "", "");
    figures.figures[0]->square = true;
    figures.figures[0]->panels[0].x.odds = true;
    const char *other = in("it's a folder");
    if (ig_output_draw(&figures, other, &error) && strstr(error.text, "gnuplot-nox")) {
        skip();
    }
    assert_string_equal(error.text, "");
    static const char *const names[] = {"one", "four", "many", "many-2", "empty"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s.png", names[i]);
        AUTO_FREE char *png = read_file(other, name, &size);
        assert_true(size > 1000 && memcmp(png, "\x89PNG", 4) == 0);
        snprintf(name, sizeof name, "%s.svg", names[i]);
        AUTO_FREE char *svg = read_file(other, name, &size);
        assert_true(strncmp(svg, "<?xml", 5) == 0 && strstr(svg, "</svg>"));
        if (i < 4) {
            expect(svg, "distance x", true);
            expect(svg, "kind 8", true);
        }
    }
    AUTO_FREE char *square = read_file(other, "one.svg", &size);
    expect(square, "1 : 1", true);
}

/** Ranges that are whole numbers, such as -1 to 1 around numbers that are all 0. Mutation: gnuplot
 * divides them as whole numbers, and fails. */
static void test_whole_ranges(void **state)
{
    (void)state;
    AUTO(ig_figures_clear) ig_figures figures = {0};
    ig_error error = {0};
    size_t size;
    ig_panel *panel = ig_figure_panel(ig_figures_add(&figures, "zeros", "", ""), "", "", "");
    ig_figure_series *s = ig_panel_series(panel, IG_SERIES_LINE, 2, false, 0, 0);
    s->x[1] = 1;
    panel = ig_figure_panel(figures.figures[0], "", "", "");
    panel->x.log = panel->y.log = true;
    panel->x.low = panel->y.low = 3;
    panel->x.high = panel->y.high = 5;
    s = ig_panel_series(panel, IG_SERIES_LINE, 1, false, 0, 0);
    s->x[0] = s->y[0] = 4;
    if (ig_output_draw(&figures, in("here"), &error) && strstr(error.text, "gnuplot-nox")) {
        skip();
    }
    assert_string_equal(error.text, "");
    AUTO_FREE char *svg = read_file(in("here"), "zeros.svg", &size);
    expect(svg, "</svg>", true);
}

/** Links of others are replaced, what they lead to is not touched. */
static void test_links(void **state)
{
    (void)state;
    AUTO(ig_figures_clear) ig_figures figures = {0};
    size_t size;
    add_figure(&figures, "f", "A figure", 1, true);
    FILE *file = fopen(in("victim"), "w");
    assert_non_null(file);
    fputs("theirs", file);
    fclose(file);
    assert_int_equal(symlink(in("victim"), in("f.gp")), 0);
    assert_int_equal(symlink(in("victim"), in("f.dat")), 0);
    draw_data(&figures);
    AUTO_FREE char *victim = read_file(folder, "victim", &size);
    assert_string_equal(victim, "theirs");
    AUTO_FREE char *script = read_file(folder, "f.gp", &size);
    expect(script, "figure = 'f'", true);
}

static void test_folder_trouble(void **state)
{
    (void)state;
    AUTO(ig_figures_clear) ig_figures figures = {0};
    ig_error error = {0};
    char name[512];
    add_figure(&figures, "f", "A figure", 1, true);
    FILE *file = fopen(in("a"), "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(ig_output_draw(&figures, in("a/below"), &error), IG_ERR_IO);
    snprintf(name, sizeof name, "%s", in("full"));
    limit_files(200);
    ig_status status = ig_output_draw(&figures, name, &error);
    limit_files(-1);
    assert_int_equal(status, IG_ERR_IO);
    expect(error.text, "cannot write", true);
    assert_int_equal(rmdir(name), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without_gnuplot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_quoting, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing_gnuplot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pictures, setup, teardown),
        cmocka_unit_test_setup_teardown(test_whole_ranges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_links, setup, teardown),
        cmocka_unit_test_setup_teardown(test_folder_trouble, setup, teardown),
    };
    return cmocka_run_group_tests_name("draw", tests, NULL, NULL);
}
