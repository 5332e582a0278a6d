/** A table as datasets of an HDF5 group; several may share the group. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/table.h"
#include "store/h5.h"

/** The scale for texts of `width` characters, made where it is not there yet; its index. */
static size_t text_scale(ig_datasets *plan, const char *dimension, size_t width)
{
    for (size_t i = 1; i < plan->n && plan->variables[i].scale; i++) {
        if (plan->variables[i].shape[0] == width) {
            return i;
        }
    }
    ig_variable v = {.type = IG_STORED_F32, .role = IG_ROLE_BARE, .scale = true, .n_axes = 1};
    snprintf(v.own, sizeof v.own, "%s_string%zu", dimension, width);
    v.axes[0] = plan->n;
    v.shape[0] = width;
    v.shape[1] = 1;
    plan->variables[plan->n] = v;
    return plan->n++;
}

static void plan_column(ig_datasets *plan, const ig_table *table, const ig_table_column *column)
{
    bool text = column->type == IG_STORED_CHAR;
    ig_variable v = {
        .name = column->name,
        .type = column->type,
        .role = column->axis ? IG_ROLE_AXIS : IG_ROLE_ROWS,
        .n_axes = text ? 2 : 1,
        .shape = {table->n_rows, column->width},
        .units = column->units,
        .long_name = column->long_name,
        .equation = column->equation,
    };
    v.axes[1] = text ? text_scale(plan, table->dimension, column->width) : 0;
    plan->variables[plan->n++] = v;
}

/** The datasets of a table; the plan borrows the table's texts. */
static ig_status plan_table(const ig_table *table, ig_datasets **plan, ig_error *error)
{
    ig_datasets *p = calloc(1, sizeof *p);
    if (p) {
        p->variables = calloc(1 + 2 * table->n, sizeof *p->variables);
    }
    if (!p || !p->variables) {
        ig_datasets_destroy(&p);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the summary");
    }
    p->compressed = true;
    p->variables[p->n++] = (ig_variable){.name = table->dimension,
                                         .type = IG_STORED_F32,
                                         .role = IG_ROLE_BARE,
                                         .scale = true,
                                         .n_axes = 1,
                                         .shape = {table->n_rows, 1}};
    /* Scales come first, as axes are named by index. */
    for (size_t i = 0; i < table->n; i++) {
        if (table->columns[i].type == IG_STORED_CHAR) {
            text_scale(p, table->dimension, table->columns[i].width);
        }
    }
    for (size_t i = 0; i < table->n; i++) {
        plan_column(p, table, &table->columns[i]);
    }
    *plan = p;
    return IG_OK;
}

static ig_status write_columns(hid_t location, const ig_table *table, ig_error *error)
{
    ig_status status = IG_OK;
    for (size_t i = 0; i < table->n && !status; i++) {
        const ig_table_column *column = &table->columns[i];
        hid_t dataset = H5Dopen2(location, column->name, H5P_DEFAULT);
        if (dataset < 0 || H5Dwrite(dataset, ig_stored_type(column->type), H5S_ALL, H5S_ALL,
                                    H5P_DEFAULT, column->values) < 0) {
            status = ig_h5_error(error, IG_ERR_IO, "dataset %s", column->name);
        }
        if (dataset >= 0 && H5Dclose(dataset) < 0 && !status) {
            status = ig_h5_error(error, IG_ERR_IO, "dataset %s", column->name);
        }
    }
    return status;
}

/** "anchor policy ...": the names of the axis columns, malloc'd. */
static char *coordinates_of(const ig_table *table)
{
    char *text = calloc(table->n + 1, IG_TABLE_TEXT);
    for (size_t i = 0; text && i < table->n; i++) {
        if (table->columns[i].axis) {
            strcat(strcat(text, text[0] ? " " : ""), table->columns[i].name);
        }
    }
    return text;
}

ig_status ig_table_write(hid_t location, const ig_table *table, ig_error *error)
{
    ig_datasets *plan = NULL;
    char *coordinates = coordinates_of(table);
    ig_status status = coordinates
                           ? plan_table(table, &plan, error)
                           : ig_error_set(error, IG_ERR_MEMORY, "no memory for the summary");
    if (!status) {
        status = ig_h5_build(location, plan, coordinates[0] ? coordinates : NULL, error);
    }
    if (!status) {
        status = write_columns(location, table, error);
    }
    ig_datasets_destroy(&plan);
    free(coordinates);
    return status;
}
