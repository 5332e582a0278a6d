#include "config/where.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_value(const ig_value *value, const char *text)
{
    char *end_here, *end_there;
    double here = strtod(text, &end_here), there = strtod(value->text, &end_there);
    bool numbers = *text && !*end_here && !*end_there;
    return numbers ? here == there : strcmp(value->text, text) == 0;
}

/** Append to a list "a, b, c", cut to `size`. */
static void append(char *list, size_t size, const char *name)
{
    size_t used = strlen(list);
    snprintf(list + used, size - used, "%s%s", used ? ", " : "", name);
}

static ig_status refuse_key(const char *option, const char *text, size_t length,
                            const ig_schema *schema, ig_error *error)
{
    char known[1024] = "";
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (schema->keys[k].column) {
            append(known, sizeof known, schema->keys[k].column);
        }
    }
    return ig_error_set(error, IG_ERR_USAGE, "%s: no axis is named '%.*s', there are %s", option,
                        length < 64 ? (int)length : 64, text, known);
}

static ig_status refuse_value(const char *option, const char *text, const ig_config *config,
                              size_t key, ig_error *error)
{
    char known[1024] = "";
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        append(known, sizeof known, ig_config_value(config, key, i)->text);
    }
    return ig_error_set(error, IG_ERR_USAGE, "%s: %s has no value '%.64s', there are %s", option,
                        ig_config_schema(config)->keys[key].column, text, known);
}

ig_status ig_where_parse(const char *option, const char *text, const ig_grid *grid, ig_where *where,
                         ig_error *error)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    size_t length = strcspn(text, "="), key = 0;
    for (; key < schema->n_keys; key++) {
        const ig_key *k = &schema->keys[key];
        if (k->column && ((strncmp(k->path, text, length) == 0 && !k->path[length]) ||
                          (strncmp(k->column, text, length) == 0 && !k->column[length]))) {
            break;
        }
    }
    if (key == schema->n_keys) {
        return refuse_key(option, text, length, schema, error);
    }
    const char *wanted = text[length] ? text + length + 1 : "";
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        const ig_value *value = ig_config_value(config, key, i);
        if (same_value(value, wanted)) {
            *where = (ig_where){key, value};
            return IG_OK;
        }
    }
    return refuse_value(option, wanted, config, key, error);
}

bool ig_where_holds(const ig_where *where, size_t n, const ig_grid *grid, size_t point)
{
    for (size_t i = 0; i < n; i++) {
        /* A zip group may repeat a value, so that pointers do not tell. */
        const ig_value *here = ig_grid_value(grid, point, where[i].key);
        if (strcmp(here->text, where[i].value->text) != 0) {
            return false;
        }
    }
    return true;
}
