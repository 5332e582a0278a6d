/** The columns that a configuration of `program` declares. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "experiments/check.h"
#include "experiments/program-declare.h"
#include "experiments/table.h"

enum { LENGTH_MAX = 10000000, LINE_MAX_BYTES = 200, OWN_COLUMNS = 2 };

static const char *const type_choices[] = {"float64", "float32", "int64", "int32", NULL};
static const ig_type types[] = {IG_F64, IG_F32, IG_I64, IG_I32};

enum { UNITS, LONG_NAME, LENGTH, RAGGED, TYPE, N_MEMBERS };
static const ig_key member_keys[N_MEMBERS] = {
    [UNITS] = KEY_TEXT("units", NULL, "\"1\"", 1, LINE_MAX_BYTES, "units"),
    [LONG_NAME] = KEY_TEXT("long_name", NULL, "\"\"", 1, LINE_MAX_BYTES, "what it is"),
    [LENGTH] = KEY_INTEGER("length", NULL, "0", 1, LENGTH_MAX, "numbers a task"),
    [RAGGED] = KEY_BOOLEAN("ragged", NULL, "false", "rows may be shorter"),
    [TYPE] = KEY_CHOICE("type", NULL, "float64", type_choices, "type of its numbers"),
};

/** The dimension of a column of several numbers; its name is the column's with "_index". */
static const char *add_dimension(ig_declaration *d, const ig_column *column, int64_t length,
                                 ig_dimension *dimensions)
{
    ig_experiment *e = &d->program->experiment;
    const char *name = ig_memory_pool_text(d->pool, "%s_index", column->name);
    dimensions[e->n_dimensions++] =
        (ig_dimension){.name = name,
                       .first = 1,
                       .units = "1",
                       .long_name = ig_memory_pool_text(d->pool, "place in %s", column->name),
                       .fixed = (size_t)length};
    return name;
}

/** Whether an axis or a dimension has the name already, which is reported. */
static bool is_taken(const ig_declaration *d, const ig_node *name)
{
    const ig_experiment *e = &d->program->experiment;
    if (ig_declare_axis(d, name->text)) {
        ig_declare_report(d, name, "columns", name->text,
                          "an axis has this name, allowed: another name");
        return true;
    }
    for (size_t i = 0; i < e->n_dimensions; i++) {
        if (strcmp(e->dimensions[i].name, name->text) == 0) {
            ig_declare_report(d, name, "columns", name->text,
                              "the places of another column have this name, allowed: another name");
            return true;
        }
    }
    return false;
}

static void add_column(ig_declaration *d, const ig_node *name, const ig_node *members,
                       ig_column *columns, ig_dimension *dimensions)
{
    char path[IG_FAULT_TEXT], quoted[IG_QUOTE_TEXT];
    ig_member m[N_MEMBERS];
    snprintf(path, sizeof path, "columns.%s", ig_text_quote(name->text, quoted));
    const bool good = ig_declare_members(d, members, path, member_keys, N_MEMBERS, m);
    if (!ig_declare_name(d, name, "columns") || is_taken(d, name)) {
        return;
    }
    ig_column c = {.name = ig_memory_pool_text(d->pool, "%s", name->text),
                   .units = m[UNITS].node ? m[UNITS].value.string : "1"};
    c.type = m[TYPE].node ? types[m[TYPE].value.choice] : IG_F64;
    c.long_name = m[LONG_NAME].node ? m[LONG_NAME].value.string : c.name;
    c.ragged = m[RAGGED].node && m[RAGGED].value.integer != 0;
    if (d->pool->failed) {
        return;
    }
    if (m[LENGTH].node) {
        c.dimension = add_dimension(d, &c, m[LENGTH].value.integer, dimensions);
    }
    if (good && c.ragged && !c.dimension) {
        ig_declare_report(d, m[RAGGED].node, path, "ragged",
                          "true without a length, allowed: true beside `length`, the most numbers "
                          "that a task has");
    } else if (good && c.ragged && c.type != IG_F64 && c.type != IG_F32) {
        ig_declare_report(d, m[RAGGED].node, path, "ragged",
                          "true for whole numbers, allowed: true for float64 and float32");
    }
    d->column_names[d->program->n_declared] = name;
    columns[d->program->n_declared++] = c;
    d->program->experiment.n_columns = d->program->n_declared;
}

/** `retries` and, unless nothing is to be kept, `stderr` behind the declared ones. */
static void add_own_columns(ig_declaration *d, ig_column *columns)
{
    ig_experiment *e = &d->program->experiment;
    ig_value tail = {0};
    ig_declare_value(d, "output_tail", &tail);
    columns[e->n_columns++] =
        (ig_column)COLUMN_I32("retries", "times that the task was run again", NULL);
    if (tail.integer > 0) {
        columns[e->n_columns++] = (ig_column){.name = "stderr",
                                              .type = IG_TEXT,
                                              .units = "1",
                                              .long_name = "end of a failed task's standard error",
                                              .width = (size_t)tail.integer};
    }
}

/** Columns of single numbers have statistics; without any, the retries have. */
static void choose_summarised(ig_declaration *d)
{
    ig_experiment *e = &d->program->experiment;
    const char **names = ig_memory_pool_take(d->pool, e->n_columns + 1, sizeof *names);
    size_t n = 0;
    for (size_t c = 0; names && c < d->program->n_declared; c++) {
        if (!e->columns[c].dimension) {
            names[n++] = e->columns[c].name;
        }
    }
    if (names && n == 0) {
        names[n] = "retries";
    }
    e->summary.columns = names;
}

/** The mapping `columns`, NULL where it is wrong, which is reported, or missing. */
static const ig_node *columns_node(const ig_declaration *d)
{
    const ig_node *node = ig_declare_find(d, "columns");
    const bool mapping = node && node->kind == IG_NODE_MAPPING;
    if (!node || node->kind == IG_NODE_BROKEN) {
        return NULL;
    }
    if (!mapping || node->n_items == 0) {
        ig_declare_report(d, node, "columns", NULL,
                          "%s, allowed: {NAME: {}, ...}, a column for each number or list of "
                          "numbers of the program's result",
                          mapping                      ? "no columns"
                          : node->kind == IG_NODE_LIST ? "a list"
                          : ig_node_is_empty(node)     ? "no columns"
                                                       : "a single value");
        return NULL;
    }
    if (node->n_items / 2 > IG_CHECK_COLUMNS_MAX - OWN_COLUMNS) {
        ig_declare_report(d, node, "columns", NULL, "%zu columns, allowed: at most %d",
                          node->n_items / 2, IG_CHECK_COLUMNS_MAX - OWN_COLUMNS);
        return NULL;
    }
    return node;
}

void ig_declare_columns(ig_declaration *d)
{
    const ig_node *node = columns_node(d);
    const size_t n = node ? node->n_items / 2 : 0;
    ig_experiment *e = &d->program->experiment;
    ig_column *columns = ig_memory_pool_take(d->pool, n + OWN_COLUMNS, sizeof *columns);
    ig_dimension *dimensions = ig_memory_pool_take(d->pool, n, sizeof *dimensions);
    d->column_names = ig_memory_pool_take(d->pool, n, sizeof *d->column_names);
    if (d->pool->failed) {
        return;
    }
    e->columns = columns;
    e->n_columns = 0;
    e->dimensions = dimensions;
    e->n_dimensions = 0;
    for (size_t i = 0; i < n && !d->pool->failed; i++) {
        add_column(d, node->items[2 * i], node->items[2 * i + 1], columns, dimensions);
    }
    add_own_columns(d, columns);
    choose_summarised(d);
}
