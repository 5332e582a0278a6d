#include "made-curves.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "make-file.h"

enum { N_CURVES = 3 };

made_curves *make_curves(const char *yaml, curve_row *rows, size_t resamples)
{
    char path[512];
    const char *const paths[] = {path};
    const ig_bootstrap how = {.resamples = resamples};
    const ig_summary *summary = &ig_experiments()->experiments[0]->summary;
    made_curves *made = calloc(1, sizeof *made);
    ig_error error = {0};
    assert_non_null(made);
    make_curve_file(yaml, rows, path);
    ig_status status = ig_rows_read(ig_experiments(), paths, 1, &how, &made->rows, &error);
    for (size_t i = 0; !status && i < N_CURVES; i++) {
        status = ig_curve_compute(&made->rows, ig_summary_analysis(summary, IG_ANALYSIS_CURVE, i),
                                  i, &made->curves[i], &error);
    }
    if (status) {
        fail_msg("%s", error.text);
    }
    for (size_t i = 0; i < N_CURVES; i++) {
        ig_optima_tables(&made->curves[i], &made->optima);
    }
    assert_int_equal(ig_tables_status(&made->optima, NULL), IG_OK);
    return made;
}

void made_curves_destroy(made_curves **made)
{
    for (size_t i = 0; i < N_CURVES; i++) {
        ig_curve_lines_clear(&(*made)->curves[i]);
    }
    ig_tables_clear(&(*made)->optima);
    ig_rows_clear(&(*made)->rows);
    free(*made);
    *made = NULL;
}

void expect_note(const ig_tables *tables, const char *name, const char *note)
{
    const ig_table *table = ig_tables_find(tables, name);
    assert_non_null(table);
    for (size_t i = 0; i < table->n_notes; i++) {
        if (strncmp(table->notes[i], note, strlen(note)) == 0) {
            return;
        }
    }
    fail_msg("table %s has no note '%s'", name, note);
}
