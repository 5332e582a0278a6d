#include "program/result.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"

/** What is being read, for messages. */
typedef struct reader {
    const char *where;
    const ig_row *row;
    ig_error *error;
} reader;

#define WRONG(r, ...) ig_error_set((r)->error, IG_ERR_NUMERIC, __VA_ARGS__)

static void free_json(json_t **json)
{
    json_decref(*json);
}

static const char *kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        return "null";
    }
    return "something else";
}

/** Whether a word that JSON does not have stands in the text outside of quotes. */
static bool has_word(const char *bytes, size_t size, const char *word)
{
    bool quoted = false;
    const size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++) {
        if (quoted && bytes[i] == '\\') {
            i++;
        } else if (bytes[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && memcmp(bytes + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

/** A text that jansson cannot read. */
static ig_status report_syntax(const reader *r, const char *bytes, size_t size,
                               const json_error_t *fault)
{
    static const char *const words[] = {"NaN", "Infinity"};
    char message[IG_SANITIZED_TEXT];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (has_word(bytes, size, words[i])) {
            return WRONG(r, "%s has %s, which is neither JSON nor a result", r->where, words[i]);
        }
    }
    ig_text_sanitized(fault->text, message);
    if (json_error_code(fault) == json_error_duplicate_key) {
        return WRONG(r, "%s gives a column twice: %s", r->where, message);
    }
    return WRONG(r, "%s is not a JSON object (line %d, column %d: %s)", r->where, fault->line,
                 fault->column, message);
}

/** The name of a column type's numbers. */
static bool is_integer(ig_type type)
{
    return type == IG_I32 || type == IG_I64;
}

/** One number of a column as a double, and as an integer where the column is of these. */
static ig_status read_number(const reader *r, const ig_column *column, const json_t *value,
                             const char *place, double *real, int64_t *integer)
{
    char number[IG_NUMBER_TEXT];
    if (!json_is_number(value)) {
        return WRONG(r, "%s%s in %s is %s, not a number", column->name, place, r->where,
                     kind_of(value));
    }
    *real = json_number_value(value);
    *integer = json_is_integer(value) ? json_integer_value(value) : 0;
    ig_number_format(*real, number);
    if (is_integer(column->type)) {
        const double limit = column->type == IG_I32 ? 0x1p31 : 0x1p63;
        if (json_is_real(value) && *real != trunc(*real)) {
            return WRONG(r, "%s%s in %s is %s, not a whole number as declared", column->name, place,
                         r->where, number);
        }
        /* The smallest integer stands for an unset one. */
        if (!(*real > -limit && *real < limit)) {
            return WRONG(r, "%s%s in %s is %s, beyond the integers of this column", column->name,
                         place, r->where, number);
        }
        *integer = json_is_integer(value) ? *integer : (int64_t)*real;
    }
    if (column->type == IG_F32 && fabs(*real) > (double)0x1.fffffep127f) {
        return WRONG(r, "%s%s in %s is %s, beyond float32", column->name, place, r->where, number);
    }
    return IG_OK;
}

/** Write number i of column c. */
static void put(const ig_row *row, size_t c, size_t i, double real, int64_t integer)
{
    const ig_layout *layout = row->layout;
    const ig_type type = layout->columns[c].type;
    unsigned char *to = row->bytes + layout->offsets[c] + i * ig_type_size(type);
    const float f32 = (float)real;
    const int32_t i32 = (int32_t)integer;
    switch (type) {
    case IG_F32:
        memcpy(to, &f32, sizeof f32);
        break;
    case IG_F64:
        memcpy(to, &real, sizeof real);
        break;
    case IG_I32:
        memcpy(to, &i32, sizeof i32);
        break;
    case IG_I64:
        memcpy(to, &integer, sizeof integer);
        break;
    case IG_TEXT:
        break;
    }
}

static ig_status read_list(const reader *r, size_t c, const json_t *list)
{
    const ig_column *column = &r->row->layout->columns[c];
    const size_t count = r->row->layout->counts[c], n = json_array_size(list);
    if (!json_is_array(list)) {
        return WRONG(r, "%s in %s is %s, not a list of %zu numbers as declared", column->name,
                     r->where, kind_of(list), count);
    }
    if (n > count || (n < count && !column->ragged) || n == 0) {
        return WRONG(r, "%s in %s has %zu numbers, declared are %s%zu", column->name, r->where, n,
                     column->ragged ? "1 to " : "", count);
    }
    for (size_t i = 0; i < n; i++) {
        char place[32];
        double real;
        int64_t integer;
        snprintf(place, sizeof place, "[%zu]", i);
        TRY(read_number(r, column, json_array_get(list, i), place, &real, &integer));
        put(r->row, c, i, real, integer);
    }
    return IG_OK;
}

static ig_status read_column(const reader *r, size_t c, const json_t *object)
{
    const ig_column *column = &r->row->layout->columns[c];
    const json_t *value = json_object_get(object, column->name);
    double real;
    int64_t integer;
    if (!value) {
        return WRONG(r, "%s has no %s, which is a declared column", r->where, column->name);
    }
    if (column->dimension) {
        return read_list(r, c, value);
    }
    if (json_is_array(value)) {
        return WRONG(r, "%s in %s is a list, not a single number as declared", column->name,
                     r->where);
    }
    TRY(read_number(r, column, value, "", &real, &integer));
    put(r->row, c, 0, real, integer);
    return IG_OK;
}

/** Whatever the object has must be declared: a misspelled name would be lost without a word. */
static ig_status check_known(const reader *r, json_t *object, size_t first, size_t n)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        size_t c = first;
        while (c < first + n && strcmp(r->row->layout->columns[c].name, name) != 0) {
            c++;
        }
        if (c == first + n) {
            char quoted[IG_QUOTE_TEXT];
            return WRONG(r, "%s has \"%s\", which is not a declared column", r->where,
                         ig_text_quote(name, quoted));
        }
    }
    return IG_OK;
}

ig_status ig_result_read(const char *bytes, size_t size, const char *where, const ig_row *row,
                         size_t first, size_t n, ig_error *error)
{
    const reader r = {where, row, error};
    json_error_t fault;
    size_t blank = 0;
    while (blank < size && strchr(" \t\r\n", bytes[blank])) {
        blank++;
    }
    if (blank == size) {
        return WRONG(&r, "%s is empty", where);
    }
    AUTO(free_json) json_t *object = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &fault);
    if (!object) {
        return report_syntax(&r, bytes, size, &fault);
    }
    if (!json_is_object(object)) {
        return WRONG(&r, "%s is %s, not a JSON object of columns", where, kind_of(object));
    }
    TRY(check_known(&r, object, first, n));
    for (size_t c = first; c < first + n; c++) {
        TRY(read_column(&r, c, object));
    }
    return IG_OK;
}

bool ig_result_progress(const char *line, double *share)
{
    json_error_t fault;
    if (!strstr(line, "\"progress\"")) {
        return false;
    }
    AUTO(free_json) json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &fault);
    const json_t *value = json_object_get(object, "progress");
    if (!json_is_number(value) || json_object_size(object) != 1) {
        return false;
    }
    const double number = json_number_value(value);
    *share = number;
    return number >= 0 && number <= 1;
}
