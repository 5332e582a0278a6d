/** What is known of every grid point: statistics, and differences from other points. */
#include "results/analyses.h"

#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "config/where.h"

/* Notes and cells that the tables of several analyses share. */

void ig_note_intervals(ig_table *table, const ig_bootstrap *how, const char *what)
{
    ig_table_note(table, "95 %% intervals: bootstrap%s, %zu resamples of %s.",
                  how->interval == IG_INTERVAL_BCA ? ", bias-corrected and accelerated (BCa)"
                                                   : " percentiles",
                  how->resamples, what);
}

void ig_put_interval(const ig_estimate *estimate, ig_table *table)
{
    ig_table_reals(table, 2, estimate->low, estimate->high);
}

void ig_put_estimate(const ig_estimate *estimate, ig_table *table)
{
    ig_table_real(table, estimate->value);
    ig_put_interval(estimate, table);
}

void ig_put_point(const ig_rows *rows, size_t point, ig_table *table)
{
    char label[IG_LABEL];
    ig_grid_label(rows->grid, point, label, sizeof label);
    ig_table_text(table, "%s", label);
}

void ig_put_states(const ig_states *states, ig_table *table)
{
    ig_table_counts(table, 3, states->done, states->failed, states->missing);
}

/** Grid points that have the baseline's value find no baseline, and neither do those whose other
 *  axes no such point shares. */
static ig_status find_baselines(const ig_rows *rows, const ig_where *where, ig_differences *d,
                                ig_error *error)
{
    AUTO_FREE size_t *candidates = NULL;
    AUTO_FREE bool *apart = NULL;
    size_t n = 0, found = 0;
    TRY(IG_ALLOC(candidates, rows->n_points, error));
    TRY(IG_ALLOC(apart, rows->experiment->schema.n_keys, error));
    TRY(ig_keys_apart(rows->config, where->key, apart, error));
    for (size_t p = 0; p < rows->n_points; p++) {
        d->baseline[p] = SIZE_MAX;
        if (ig_where_holds(where, 1, rows->grid, p)) {
            candidates[n++] = p;
        }
    }
    for (size_t p = 0; p < rows->n_points; p++) {
        for (size_t i = 0; i < n && !ig_where_holds(where, 1, rows->grid, p); i++) {
            if (ig_rows_alike(rows, apart, p, candidates[i])) {
                d->baseline[p] = candidates[i];
                found++;
                break;
            }
        }
    }
    return found > 0 ? IG_OK
                     : ig_error_set(error, IG_ERR_USAGE,
                                    "--compare: no grid point differs from one with %s in that "
                                    "key alone",
                                    d->name);
}

/** Statistics of one column's differences at one grid point; `values` has room for the seeds. */
static ig_status compute_cell(const ig_rows *rows, size_t column, size_t point, double *values,
                              ig_differences *d, ig_error *error)
{
    const size_t base = d->baseline[point], cell = column * rows->n_points + point;
    size_t n = 0;
    for (size_t s = 0; base != SIZE_MAX && s < rows->n_seeds; s++) {
        const size_t here = point * rows->n_seeds + s, there = base * rows->n_seeds + s;
        if (rows->state[here] == IG_STATE_DONE && rows->state[there] == IG_STATE_DONE) {
            values[n] = ig_rows_value(rows, column, here) - ig_rows_value(rows, column, there);
            d->above[cell] += values[n++] > 0;
        }
    }
    d->lost[point] = rows->n_seeds - n;
    return ig_rows_describe(rows, IG_BLOCK_DIFFERENCES, cell, values, n, &d->statistics[cell],
                            error);
}

ig_status ig_differences_compute(const ig_rows *rows, const char *baseline,
                                 ig_differences *differences, ig_error *error)
{
    AUTO(ig_differences_clear) ig_differences d = {0};
    AUTO_FREE double *values = NULL;
    const size_t n_cells = rows->n_columns * rows->n_points;
    ig_where where;
    TRY(ig_where_parse("--compare", baseline, rows->grid, &where, error));
    snprintf(d.name, sizeof d.name, "%s=%s", ig_key_name(&rows->experiment->schema.keys[where.key]),
             ig_value_text(where.value));
    TRY(IG_ALLOC(values, rows->n_seeds, error));
    TRY(IG_ALLOC(d.baseline, rows->n_points, error));
    TRY(IG_ALLOC(d.lost, rows->n_points, error));
    TRY(IG_ALLOC(d.above, n_cells, error));
    TRY(IG_ALLOC(d.statistics, n_cells, error));
    TRY(find_baselines(rows, &where, &d, error));
    for (size_t cell = 0; cell < n_cells; cell++) {
        TRY(compute_cell(rows, cell / rows->n_points, cell % rows->n_points, values, &d, error));
    }
    *differences = d;
    d = (ig_differences){0};
    return IG_OK;
}

void ig_differences_clear(ig_differences *differences)
{
    free(differences->baseline);
    free(differences->lost);
    free(differences->above);
    free(differences->statistics);
    *differences = (ig_differences){0};
}

static ig_cell_type type_of(const ig_key *key)
{
    return key->type == IG_KEY_INTEGER ? IG_CELL_INTEGER
           : key->type == IG_KEY_REAL  ? IG_CELL_REAL
                                       : IG_CELL_TEXT;
}

/** Columns of the keys that may be axes, for files. */
static void put_axis_columns(const ig_rows *rows, ig_table *table)
{
    const ig_schema *schema = &rows->experiment->schema;
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_key *key = &schema->keys[k];
        const ig_cell_type type = type_of(key);
        const ig_table_column column = {.name = key->column,
                                        .long_name = key->long_name,
                                        .units = type == IG_CELL_TEXT ? NULL : key->units,
                                        .type = type,
                                        .axis = true};
        ig_table_columns(table, &column, key->column != NULL);
    }
}

static void put_axes(const ig_rows *rows, size_t point, ig_table *table)
{
    const ig_schema *schema = &rows->experiment->schema;
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_value *value = ig_grid_value(rows->grid, point, k);
        const ig_cell_type type = type_of(&schema->keys[k]);
        if (!schema->keys[k].column) {
            continue;
        }
        if (type == IG_CELL_INTEGER) {
            ig_table_integer(table, value->integer);
        } else if (type == IG_CELL_REAL) {
            ig_table_real(table, value->real);
        } else {
            ig_table_text(table, "%s", ig_value_text(value));
        }
    }
}

/** A statistic with the ends of its interval. */
#define WITH_INTERVAL(name_, heading_, what_)                                                      \
    {name_, heading_, what_ " over the finished seeds", .show = IG_SHOW_PLAIN},                    \
        INTERVAL(name_, what_)
#define INTERVAL(name_, what_)                                                                     \
    {name_ "_low", "95 %", "lower end, 95 % bootstrap interval of the " what_,                     \
     .show = IG_SHOW_INTERVAL},                                                                    \
    {                                                                                              \
        name_ "_high", NULL, "upper end, 95 % bootstrap interval of the " what_,                   \
            .show = IG_SHOW_PLAIN                                                                  \
    }

/** The numbers of ig_statistics in files and for people. */
static const ig_table_column statistics_columns[] = {
    {"mean", "mean", "mean over the finished seeds", .show = IG_SHOW_PLAIN},
    {"sem", NULL, "standard error of the mean", .show = IG_SHOW_PLAIN},
    INTERVAL("mean", "mean"),
    WITH_INTERVAL("median", "median", "median"),
    WITH_INTERVAL("iqm", "IQM", "interquartile mean"),
};
enum { N_STATISTICS = sizeof statistics_columns / sizeof *statistics_columns };

static void put_statistics(const ig_statistics *s, ig_table *table)
{
    ig_table_reals(table, 2, s->mean.value, s->mean.se);
    ig_put_interval(&s->mean, table);
    ig_put_estimate(&s->median, table);
    ig_put_estimate(&s->iqm, table);
}

/** A table "FILE-COLUMN", one of those that make up FILE.csv, titled "COLUMN: WHAT, in UNITS", with
 *  three counts of every grid point. */
static ig_table *start(const ig_rows *rows, const char *file, size_t number, const char *what,
                       bool paired, const ig_table_column counts[3], ig_tables *tables)
{
    static const ig_table_column name_column = IG_WORDS("column", "result column");
    static const ig_table_column baseline = IG_WORDS("baseline", "grid point compared with");
    static const ig_table_column point = IG_HEADING("grid point", IG_CELL_TEXT);
    const ig_column *column = ig_rows_column(rows, number);
    const bool pure = !column->units || strcmp(column->units, "1") == 0;
    char name[IG_LABEL];
    snprintf(name, sizeof name, "%s-%s", file, column->name);
    ig_table *table = ig_tables_add(tables, name, "%s: %s%s%s", column->name, what,
                                    pure ? "" : ", in ", pure ? "" : column->units);
    table->file = file;
    ig_table_columns(table, &name_column, 1);
    put_axis_columns(rows, table);
    ig_table_columns(table, &baseline, paired);
    ig_table_columns(table, &point, 1);
    ig_table_columns(table, counts, 3);
    ig_table_columns(table, statistics_columns, N_STATISTICS);
    return table;
}

static void add_statistics(const ig_rows *rows, size_t column, bool detail, ig_tables *tables)
{
    static const ig_table_column states[] = {
        {"n", "n", "finished seeds", .type = IG_CELL_COUNT},
        {"failed", "fail", "failed seeds", .type = IG_CELL_COUNT},
        {"missing", "miss", "missing seeds", .type = IG_CELL_COUNT}};
    const ig_column *c = ig_rows_column(rows, column);
    ig_table *table = start(rows, "statistics", column, c->long_name, false, states, tables);
    table->detail = detail;
    for (size_t p = 0; p < rows->n_points; p++) {
        const ig_states of_point = ig_rows_states(rows, p);
        ig_table_text(table, "%s", c->name);
        put_axes(rows, p, table);
        ig_put_point(rows, p, table);
        ig_put_states(&of_point, table);
        put_statistics(ig_rows_statistics(rows, column, p), table);
    }
    ig_note_intervals(table, &rows->how, "the seeds");
    ig_table_note(table, "n: finished seeds; IQM: interquartile mean, the mean without the lowest "
                         "and the highest quarter of the seeds.");
}

void ig_statistics_tables(const ig_rows *rows, bool detail, ig_tables *tables)
{
    for (size_t c = 0; c < rows->n_columns; c++) {
        add_statistics(rows, c, detail, tables);
    }
}

static void put_pair(const ig_rows *rows, const ig_differences *d, size_t column, size_t point,
                     ig_table *table)
{
    const size_t cell = column * rows->n_points + point;
    ig_table_text(table, "%s", rows->columns[column]);
    put_axes(rows, point, table);
    ig_put_point(rows, d->baseline[point], table);
    ig_put_point(rows, point, table);
    ig_table_counts(table, 3, d->statistics[cell].n, d->lost[point], d->above[cell]);
    put_statistics(&d->statistics[cell], table);
}

static void add_differences(const ig_rows *rows, const ig_differences *d, size_t column,
                            ig_tables *tables)
{
    static const ig_table_column pairs[] = {
        {"n", "pairs", "seeds finished in both grid points", .type = IG_CELL_COUNT},
        {"lost", "lost", "the other seeds", .type = IG_CELL_COUNT},
        {"above", "above", "pairs with a difference > 0", .type = IG_CELL_COUNT}};
    char what[2 * IG_LABEL];
    snprintf(what, sizeof what, "differences from %s, seed by seed", d->name);
    ig_table *table = start(rows, "differences", column, what, true, pairs, tables);
    for (size_t p = 0; p < rows->n_points; p++) {
        if (d->baseline[p] != SIZE_MAX) {
            put_pair(rows, d, column, p, table);
        }
    }
    ig_note_intervals(table, &rows->how, "the pairs");
    ig_table_note(table, "pairs: seeds finished here and at the baseline; lost: the other seeds; "
                         "above: pairs with a difference > 0.");
    ig_table_note(table, "%s",
                  ig_config_common_random_numbers(rows->config)
                      ? "Grid points share each seed's random numbers: what a seed adds to both "
                        "sides cancels."
                      : "Grid points do not share random numbers (common_random_numbers: false): "
                        "pairing cancels nothing here.");
}

void ig_differences_tables(const ig_rows *rows, const ig_differences *differences,
                           ig_tables *tables)
{
    for (size_t c = 0; c < rows->n_columns; c++) {
        add_differences(rows, differences, c, tables);
    }
}

/** Columns of one result column's statistics: names COLUMN_INFIXmean..., long names "mean...OF:
 *  ABOUT", and in front the number of seeds or pairs. */
static void put_wide_columns(const ig_column *about, const char *infix, const char *counted,
                             const char *of, ig_table *table)
{
    char name[IG_LABEL], long_name[2 * IG_LABEL];
    ig_table_column column = {
        .name = name, .long_name = long_name, .units = "1", .type = IG_CELL_COUNT};
    snprintf(name, sizeof name, "%s_%sn", about->name, infix);
    snprintf(long_name, sizeof long_name, "%s: %s", counted, about->long_name);
    ig_table_columns(table, &column, 1);
    column.units = about->units;
    column.equation = about->equation;
    column.type = IG_CELL_REAL;
    for (size_t i = 0; i < N_STATISTICS; i++) {
        snprintf(name, sizeof name, "%s_%s%s", about->name, infix, statistics_columns[i].name);
        snprintf(long_name, sizeof long_name, "%s%s: %s", statistics_columns[i].long_name, of,
                 about->long_name);
        ig_table_columns(table, &column, 1);
    }
}

/** Statistics of all columns at a grid point; cells as ig_rows_statistics has them. */
static void put_wide(const ig_rows *rows, const ig_statistics *cells, size_t point, ig_table *table)
{
    for (size_t c = 0; c < rows->n_columns; c++) {
        const ig_statistics *s = &cells[c * rows->n_points + point];
        ig_table_count(table, s->n);
        put_statistics(s, table);
    }
}

void ig_points_table(const ig_rows *rows, const ig_differences *differences, ig_tables *tables)
{
    static const ig_table_column states[] = {IG_COUNT("done", "finished tasks"),
                                             IG_COUNT("failed", "failed tasks"),
                                             IG_COUNT("missing", "tasks in none of the files")};
    ig_table *table = ig_tables_add(tables, "points", "Grid points");
    table->dimension = "point";
    table->hidden = true;
    put_axis_columns(rows, table);
    ig_table_columns(table, states, 3);
    for (size_t c = 0; c < rows->n_columns; c++) {
        put_wide_columns(ig_rows_column(rows, c), "", "finished seeds", "", table);
    }
    for (size_t c = 0; differences && c < rows->n_columns; c++) {
        put_wide_columns(ig_rows_column(rows, c), "difference_", "pairs of seeds",
                         ", of the difference from the baseline", table);
    }
    for (size_t p = 0; p < rows->n_points; p++) {
        const ig_states of_point = ig_rows_states(rows, p);
        put_axes(rows, p, table);
        ig_put_states(&of_point, table);
        put_wide(rows, rows->statistics, p, table);
        if (differences) {
            put_wide(rows, differences->statistics, p, table);
        }
    }
}
