/** Where each column lies in a row. */
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "imagrid/row.h"

size_t ig_type_size(ig_type type)
{
    switch (type) {
    case IG_F32:
    case IG_I32:
        return 4;
    case IG_F64:
    case IG_I64:
        return 8;
    }
    ig_bug("type %d of a column is not in the list", (int)type);
}

size_t ig_layout_column(const ig_layout *layout, const char *name)
{
    for (size_t c = 0; c < layout->n_columns; c++) {
        if (strcmp(layout->columns[c].name, name) == 0) {
            return c;
        }
    }
    ig_bug("no column is named %s", name);
}

/** Numbers per row of a column. */
static size_t column_count(const ig_layout *layout, const ig_column *column)
{
    if (!column->dimension) {
        return 1;
    }
    for (size_t d = 0; d < layout->n_dimensions; d++) {
        if (strcmp(layout->dimensions[d].name, column->dimension) == 0) {
            return layout->lengths[d];
        }
    }
    ig_bug("column %s has dimension %s, which is not in the list", column->name, column->dimension);
}

static ig_status place_columns(ig_layout *layout, ig_error *error)
{
    for (size_t c = 0; c < layout->n_columns; c++) {
        const ig_column *column = &layout->columns[c];
        size_t count = column_count(layout, column), size = ig_type_size(column->type);
        /* Rows are held in memory, and their checksums and file offsets use 63-bit sums. */
        if (count > (SIZE_MAX / 4 - layout->row_size) / size) {
            return ig_error_set(error, IG_ERR_MEMORY, "column %s is too long: %zu numbers a task",
                                column->name, count);
        }
        layout->counts[c] = count;
        layout->offsets[c] = layout->row_size;
        layout->row_size += (count * size + 7) / 8 * 8;
    }
    return IG_OK;
}

/** One number more than asked for, since a table may be empty. */
static size_t *sizes(size_t n)
{
    return calloc(n + 1, sizeof(size_t));
}

ig_status ig_layout_create(const ig_column *columns, size_t n_columns,
                           const ig_dimension *dimensions, size_t n_dimensions,
                           const ig_config *config, ig_layout **layout, ig_error *error)
{
    ig_status status = IG_OK;
    ig_layout *l = calloc(1, sizeof *l);
    if (l) {
        *l = (ig_layout){
            columns,          n_columns,        dimensions, n_dimensions, sizes(n_dimensions),
            sizes(n_columns), sizes(n_columns), 0};
    }
    if (!l || !l->lengths || !l->offsets || !l->counts) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for the layout of %zu columns",
                              n_columns);
        goto failed;
    }
    for (size_t d = 0; d < n_dimensions; d++) {
        l->lengths[d] = dimensions[d].length(config);
        if (l->lengths[d] == 0) {
            ig_bug("dimension %s has length 0", dimensions[d].name);
        }
    }
    status = place_columns(l, error);
    if (status) {
        goto failed;
    }
    *layout = l;
    return IG_OK;
failed:
    ig_layout_destroy(&l);
    return status;
}

void ig_layout_destroy(ig_layout **layout)
{
    if (layout && *layout) {
        free((*layout)->counts);
        free((*layout)->offsets);
        free((*layout)->lengths);
        free(*layout);
        *layout = NULL;
    }
}
