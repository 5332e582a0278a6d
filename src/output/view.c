#include "output/private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/process.h"
#include "base/try.h"

/** Text of a real and, for intervals and estimates, the cells behind it. */
static char *show_real(ig_show show, const ig_cell *cell, ig_error *error)
{
    const double number = cell->real;
    const bool interval = show == IG_SHOW_INTERVAL || show == IG_SHOW_FIXED_INTERVAL;
    if (isnan(number) && !(interval && !isnan(cell[1].real))) {
        return ig_strdup("-", error);
    }
    switch (show) {
    case IG_SHOW_FIXED:
        return ig_asprintf(error, "%.4f", number);
    case IG_SHOW_SHORT:
        return ig_asprintf(error, "%.6g", number);
    case IG_SHOW_LONG:
        return ig_asprintf(error, "%.13g", number);
    case IG_SHOW_QUOTIENT:
        return isfinite(number) ? ig_asprintf(error, "%.3g", number) : ig_strdup("-", error);
    case IG_SHOW_PERCENT:
        return ig_asprintf(error, "%+.3g %%", 100 * number);
    case IG_SHOW_INTERVAL:
        return ig_asprintf(error, "[%.4g, %.4g]", number, cell[1].real);
    case IG_SHOW_FIXED_INTERVAL:
        return ig_asprintf(error, "[%.4f, %.4f]", number, cell[1].real);
    case IG_SHOW_ESTIMATE:
        return isnan(cell[1].real)
                   ? ig_asprintf(error, "%.4g", number)
                   : ig_asprintf(error, "%.4g [%.4g, %.4g]", number, cell[1].real, cell[2].real);
    case IG_SHOW_PLAIN:
    default:
        return ig_asprintf(error, "%.4g", number);
    }
}

static char *show_cell(const ig_table_column *column, const ig_cell *cell, ig_error *error)
{
    switch (column->type) {
    case IG_CELL_TEXT:
        return ig_strdup(cell->text, error);
    case IG_CELL_COUNT:
        return ig_asprintf(error, "%" PRIu64, cell->count);
    case IG_CELL_INTEGER:
        return ig_asprintf(error, "%" PRId64, cell->integer);
    case IG_CELL_REAL:
    default:
        return show_real(column->show, cell, error);
    }
}

/** "3/8", "-" and "1e-05"; not "[0.1, 0.2]". */
static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789.+-e/") == strlen(text);
}

/** Numbers are aligned to the right, texts that are numbers too, but for the first column's, which
 *  are names. */
static bool is_right(const ig_shown *s, const ig_table_column *column, size_t c)
{
    if (column->type != IG_CELL_TEXT) {
        return column->show != IG_SHOW_INTERVAL && column->show != IG_SHOW_FIXED_INTERVAL &&
               column->show != IG_SHOW_ESTIMATE;
    }
    bool right = c > 0 && s->n_rows > 0;
    for (size_t r = 0; right && r < s->n_rows; r++) {
        right = is_number(s->cells[r * s->n_columns + c]);
    }
    return right;
}

static ig_status make(const ig_table *table, ig_shown *s, ig_error *error)
{
    TRY(IG_ALLOC(s->headings, table->n_columns + 1, error));
    TRY(IG_ALLOC(s->right, table->n_columns + 1, error));
    TRY(IG_ALLOC(s->cells, s->n_rows * table->n_columns + 1, error));
    for (size_t c = 0; c < table->n_columns; c++) {
        if (table->columns[c].heading) {
            s->headings[s->n_columns++] = table->columns[c].heading;
        }
    }
    char **next = s->cells;
    for (size_t r = 0; r < s->n_rows; r++) {
        for (size_t c = 0; c < table->n_columns; c++) {
            if (table->columns[c].heading) {
                *next = show_cell(&table->columns[c], ig_table_at(table, r, c), error);
                if (!*next++) {
                    return IG_ERR_MEMORY;
                }
            }
        }
    }
    for (size_t c = 0, k = 0; c < table->n_columns; c++) {
        if (table->columns[c].heading) {
            s->right[k] = is_right(s, &table->columns[c], k);
            k++;
        }
    }
    return IG_OK;
}

ig_status ig_shown_make(const ig_table *table, ig_shown *shown, ig_error *error)
{
    AUTO(ig_shown_clear) ig_shown s = {.table = table, .n_rows = ig_table_rows(table)};
    TRY(make(table, &s, error));
    *shown = s;
    s = (ig_shown){0};
    return IG_OK;
}

void ig_shown_clear(ig_shown *shown)
{
    for (size_t i = 0; shown->cells && i < shown->n_rows * shown->n_columns; i++) {
        free(shown->cells[i]);
    }
    free(shown->cells);
    free(shown->right);
    free(shown->headings);
    *shown = (ig_shown){0};
}

static const char *name_of(const ig_table *table, ig_grouping by)
{
    return by == IG_BY_FILE ? table->file : table->dimension;
}

static bool belongs(const ig_table *table, ig_grouping by, const char *name)
{
    const char *own = name_of(table, by);
    return own && name && strcmp(own, name) == 0;
}

ig_status ig_group_make(const ig_tables *tables, size_t first, ig_grouping by, ig_group *group,
                        ig_error *error)
{
    const char *name = name_of(tables->tables[first], by);
    AUTO(ig_group_clear) ig_group g = {0};
    bool begins = name;
    for (size_t i = 0; i < first; i++) {
        begins = begins && !belongs(tables->tables[i], by, name);
    }
    TRY(IG_ALLOC(g.tables, tables->n - first, error));
    for (size_t i = first; begins && i < tables->n; i++) {
        if (belongs(tables->tables[i], by, name)) {
            g.tables[g.n++] = tables->tables[i];
            g.n_rows += ig_table_rows(tables->tables[i]);
        }
    }
    *group = g;
    memset(&g, 0, sizeof g);
    return IG_OK;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_column(const ig_table_column *a, const ig_table_column *b)
{
    return same(a->name, b->name) && same(a->stored, b->stored);
}

size_t ig_group_column(const ig_group *group, size_t i, size_t c)
{
    const ig_table *table = group->tables[i], *first = group->tables[0];
    const ig_table_column *wanted = &first->columns[c];
    size_t before = 0, met = 0;
    /* An axis may have the name of a statistic, so that several columns have it. */
    for (size_t k = 0; k < c; k++) {
        before += same_column(&first->columns[k], wanted);
    }
    for (size_t k = 0; k < table->n_columns; k++) {
        if (same_column(&table->columns[k], wanted) && met++ == before &&
            table->columns[k].type == wanted->type) {
            return k;
        }
    }
    ig_bug("table %s lacks a column that others of its file have", table->name);
}

void ig_group_clear(ig_group *group)
{
    free(group->tables);
    *group = (ig_group){0};
}
