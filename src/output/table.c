#include "output/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ig_table_init(ig_table *table, const char *dimension, size_t n_rows)
{
    *table = (ig_table){.dimension = dimension, .n_rows = n_rows};
}

void ig_table_clear(ig_table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        free(table->columns[i].values);
    }
    free(table->columns);
    *table = (ig_table){.dimension = table->dimension};
}

ig_table_column *ig_table_add(ig_table *table, ig_stored type, size_t width, const char *units,
                              const char *equation)
{
    if (table->status) {
        return NULL;
    }
    ig_table_column *columns = realloc(table->columns, (table->n + 1) * sizeof *columns);
    void *values = calloc(table->n_rows * width + 1, ig_stored_size(type));
    table->columns = columns ? columns : table->columns;
    if (!columns || !values) {
        free(values);
        table->status = IG_ERR_MEMORY;
        return NULL;
    }
    ig_table_column *column = &columns[table->n++];
    *column = (ig_table_column){
        .units = units, .equation = equation, .type = type, .width = width, .values = values};
    return column;
}

void ig_table_add_texts(ig_table *table, const char *name, const char *long_name,
                        const char *const *texts)
{
    size_t width = 1;
    for (size_t i = 0; i < table->n_rows; i++) {
        size_t length = strlen(texts[i]);
        width = length > width ? length : width;
    }
    ig_table_column *column = ig_table_add(table, IG_STORED_CHAR, width, NULL, NULL);
    if (!column) {
        return;
    }
    snprintf(column->name, sizeof column->name, "%s", name);
    snprintf(column->long_name, sizeof column->long_name, "%s", long_name);
    for (size_t i = 0; i < table->n_rows; i++) {
        memcpy((char *)column->values + i * width, texts[i], strlen(texts[i]));
    }
}
