#include "shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "output/output.h"

ig_merged merge_file(const char *path, size_t resamples)
{
    const ig_merge_request request = {.how = {.resamples = resamples}};
    ig_merged merged = {0};
    ig_error error = {0};
    if (ig_merge(ig_experiments(), &path, 1, &request, &merged, &error)) {
        fail_msg("%s", error.text);
    }
    return merged;
}

char *shown(const ig_tables *tables)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(ig_output_text(tables, stream, NULL), IG_OK);
    fclose(stream);
    return text;
}

char *shown_all(const ig_merged *merged)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    ig_merged_print_counts(merged, stream);
    assert_int_equal(ig_output_text(&merged->tables, stream, NULL), IG_OK);
    ig_merged_print_state(merged, stream);
    fclose(stream);
    return text;
}

const ig_figure_series *series_of(const ig_panel *panel, ig_series_kind kind, size_t i)
{
    for (size_t k = 0; k < panel->n; k++) {
        if (panel->series[k].kind == kind && panel->series[k].n > 0 && i-- == 0) {
            return &panel->series[k];
        }
    }
    return NULL;
}

void expect(const char *text, const char *part, bool wanted)
{
    assert_non_null(text);
    if ((strstr(text, part) != NULL) != wanted) {
        fail_msg("'%s' is %sin:\n%s", part, wanted ? "not " : "", text);
    }
}

void expect_narrow(const char *text)
{
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        assert_in_range(strcspn(line, "\n"), 0, 120);
    }
}
