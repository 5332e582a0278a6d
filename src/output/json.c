/** Tables as one JSON object of column arrays. */
#include "output/output.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "output/files.h"
#include "output/private.h"

/* How every such file begins, by which one is known. */
#define MARK "{\"kind\": \"imagrid tables\""

static void release(json_t **value)
{
    json_decref(*value);
}

/** A text that need not be UTF-8, which JSON must be: other bytes become U+FFFD. */
static json_t *text_of(const char *text)
{
    AUTO_FREE char *clean = NULL;
    size_t size;
    FILE *stream = open_memstream(&clean, &size);
    if (!stream) {
        return NULL;
    }
    for (size_t n; *text; text += n ? n : 1) {
        n = ig_text_character(text);
        fprintf(stream, "%.*s", n ? (int)n : 3, n ? text : "\xEF\xBF\xBD");
    }
    return fclose(stream) == 0 ? json_string(clean) : NULL;
}

static json_t *cell_of(ig_cell_type type, const ig_cell *cell)
{
    switch (type) {
    case IG_CELL_TEXT:
        return text_of(cell->text);
    case IG_CELL_COUNT:
        return json_integer((json_int_t)cell->count);
    case IG_CELL_INTEGER:
        return json_integer(cell->integer);
    case IG_CELL_REAL:
    default:
        return isfinite(cell->real) ? json_real(cell->real) : json_null();
    }
}

static json_t *column_of(const ig_group *group, size_t c)
{
    json_t *values = json_array();
    for (size_t i = 0; i < group->n; i++) {
        const ig_table *table = group->tables[i];
        const size_t column = ig_group_column(group, i, c);
        for (size_t r = 0; r < ig_table_rows(table); r++) {
            const ig_cell *cell = ig_table_at(table, r, column);
            if (json_array_append_new(values, cell_of(table->columns[column].type, cell)) != 0) {
                json_decref(values);
                return NULL;
            }
        }
    }
    return values;
}

/** What a column is: "long_name", and "units" and "equation" where it has them. */
static json_t *about_of(const ig_table_column *column)
{
    json_t *about = json_object();
    const char *const texts[][2] = {
        {"long_name", column->long_name}, {"units", column->units}, {"equation", column->equation}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i][1] && json_object_set_new(about, texts[i][0], text_of(texts[i][1])) != 0) {
            json_decref(about);
            return NULL;
        }
    }
    return about;
}

/** Name of a column: where an axis has the name of a statistic, "n" and "n.1", as pandas has it
 *  when it reads the CSV file. NULL without memory. */
static char *name_of(const ig_table *table, size_t c)
{
    const char *name = table->columns[c].name;
    size_t before = 0;
    for (size_t k = 0; k < c; k++) {
        const char *other = table->columns[k].name;
        before += other && strcmp(other, name) == 0;
    }
    return before ? ig_asprintf(NULL, "%s.%zu", name, before) : ig_strdup(name, NULL);
}

static bool add_group(const ig_group *group, json_t *root, json_t *columns)
{
    const ig_table *first = group->tables[0];
    json_t *table = json_object(), *about = json_object();
    bool ok = json_object_set_new(root, first->file, table) == 0 &&
              json_object_set_new(columns, first->file, about) == 0;
    for (size_t c = 0; ok && c < first->n_columns; c++) {
        if (first->columns[c].name) {
            AUTO_FREE char *name = name_of(first, c);
            ok = name && json_object_set_new(table, name, column_of(group, c)) == 0 &&
                 json_object_set_new(about, name, about_of(&first->columns[c])) == 0;
        }
    }
    return ok;
}

static json_t *facts_of(const ig_facts *facts)
{
    json_t *object = json_object();
    for (size_t i = 0; i < facts->n; i++) {
        const ig_fact *f = &facts->facts[i];
        if (json_object_set_new(object, f->name,
                                f->text ? text_of(f->text) : json_integer(f->number)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/** The one character of ASCII that commands a terminal and that jansson leaves as it is. */
static int put_escaped(const char *text, size_t size, void *stream)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == 0x7f ? fputs("\\u007F", stream) == EOF : putc(text[i], stream) == EOF) {
            return -1;
        }
    }
    return 0;
}

ig_status ig_json_write(const json_t *json, size_t flags, FILE *stream, ig_error *error)
{
    /* 17 digits read back to the same double. What goes wrong with the stream is the caller's to
     * ask. */
    if (json_dump_callback(json, put_escaped, stream,
                           flags | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17)) != 0 &&
        !ferror(stream)) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory for JSON");
    }
    fputc('\n', stream);
    return IG_OK;
}

static ig_status put(const void *what, FILE *file, ig_error *error)
{
    return ig_json_write(what, 0, file, error);
}

ig_status ig_output_json(const ig_tables *tables, const ig_facts *facts, const char *path,
                         ig_error *error)
{
    AUTO(release) json_t *root = json_object();
    json_t *columns = json_object();
    bool ok = json_object_set_new(root, "kind", json_string("imagrid tables")) == 0 &&
              json_object_set_new(root, "provenance", facts_of(facts)) == 0 &&
              json_object_set_new(root, "columns", columns) == 0;
    for (size_t i = 0; ok && i < tables->n; i++) {
        AUTO(ig_group_clear) ig_group group = {0};
        TRY(ig_group_make(tables, i, IG_BY_FILE, &group, error));
        ok = group.n == 0 || add_group(&group, root, columns);
    }
    return ok ? ig_document_write(path, MARK, "a file of merge --json", put, root, error)
              : ig_error_set(error, IG_ERR_MEMORY, "out of memory for JSON");
}
