/** The table of keys. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/check.h"

enum { MOST_KEYS = 256, LONGEST_PATH = 120, LONGEST_CHOICE = 40 };

static ig_status refuse(const ig_key *key, const char *what, ig_error *error)
{
    return ig_error_set(error, IG_ERR_USAGE, "key %s: %s", key->path, what);
}

/** Dotted: parts of letters, digits, underscores and hyphens, each begun by a letter. */
static bool is_path(const char *path)
{
    if (!ig_check_is_word(path, "._-", LONGEST_PATH)) {
        return false;
    }
    for (;;) {
        if (!isalpha((unsigned char)*path)) {
            return false;
        }
        path = strchr(path, '.');
        if (!path) {
            return true;
        }
        path++;
    }
}

/** Whether `path` is `other` or a mapping that holds it. */
static bool holds(const char *path, const char *other)
{
    size_t n = strlen(path);
    return strncmp(path, other, n) == 0 && (other[n] == '.' || other[n] == '\0');
}

static ig_status check_path(const ig_schema *schema, size_t k, ig_error *error)
{
    static const char *const common[] = {"experiment", "seeds", "common_random_numbers", "zip",
                                         "parts"};
    const char *path = schema->keys[k].path;
    if (!is_path(path)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "key %zu: a path is made of letters, digits, _ and -, with dots "
                            "between its parts",
                            k);
    }
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        if (holds(common[i], path)) {
            return refuse(&schema->keys[k], "every experiment has a key of that name", error);
        }
    }
    for (size_t j = 0; j < k; j++) {
        if (holds(schema->keys[j].path, path) || holds(path, schema->keys[j].path)) {
            return ig_error_set(error, IG_ERR_USAGE, "keys %s and %s cannot both be",
                                schema->keys[j].path, path);
        }
    }
    return IG_OK;
}

static ig_status check_choices(const ig_key *key, ig_error *error)
{
    if (!key->choices || !key->choices[0]) {
        return refuse(key, "a key of type IG_KEY_CHOICE needs choices", error);
    }
    for (const char *const *choice = key->choices; *choice; choice++) {
        size_t length = strcspn(*choice, "=");
        char name[LONGEST_CHOICE + 1] = "";
        snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : 0), *choice);
        if (!ig_check_is_word(name, "_.+-", LONGEST_CHOICE) ||
            ((*choice)[length] && (*choice)[length + 1])) {
            return refuse(key, "a choice is made of letters, digits and _ . + -", error);
        }
        if (ig_check_is_in(choice + 1, *choice)) {
            return refuse(key, "two choices of one name", error);
        }
    }
    return IG_OK;
}

static ig_status check_range(const ig_key *key, ig_error *error)
{
    const double exact = key->type == IG_KEY_INTEGER ? 0x1p53 : HUGE_VAL;
    if (!isfinite(key->low) || !isfinite(key->high) || key->low > key->high || key->low < -exact ||
        key->high > exact) {
        return refuse(key, "low and high are no range", error);
    }
    return IG_OK;
}

/** The default must read as a user's value would. */
static ig_status check_default(const ig_schema *schema, const ig_key *key, ig_error *error)
{
    const ig_schema alone = {schema->experiment, key, 1};
    const ig_schema *schemas[] = {&alone};
    ig_config *config = NULL;
    char *text = NULL;
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    int size = asprintf(&text, "experiment: %s\nseeds: 1\n%s: %s\n", schema->experiment, key->path,
                        key->default_text);
    ig_status status = diagnostics && size > 0 ? ig_config_parse(text, (size_t)size, key->path,
                                                                 schemas, 1, &config, diagnostics)
                                               : IG_ERR_MEMORY;
    if (status) {
        size_t n = diagnostics ? ig_diagnostics_count(diagnostics) : 0;
        status = ig_error_set(error, status == IG_ERR_MEMORY ? status : IG_ERR_USAGE,
                              "key %s: the default '%s' is wrong: %s", key->path, key->default_text,
                              n > 0 ? ig_diagnostics_text(diagnostics, 0) : "no memory");
    }
    ig_config_destroy(&config);
    ig_diagnostics_destroy(&diagnostics);
    free(size > 0 ? text : NULL);
    return status;
}

static ig_status check_key(const ig_schema *schema, const ig_key *key, ig_error *error)
{
    ig_status status = IG_OK;
    if (!ig_check_is_line(key->long_name) || !ig_check_is_line(key->units)) {
        return refuse(key, "units and long_name must say something (units \"1\" for numbers)",
                      error);
    }
    if (key->column && key->annotation) {
        return refuse(key, "an annotation changes no result, so it is no axis", error);
    }
    switch (key->type) {
    case IG_KEY_CHOICE:
        status = check_choices(key, error);
        break;
    case IG_KEY_INTEGER:
    case IG_KEY_REAL:
    case IG_KEY_INTERVAL:
        status = check_range(key, error);
        break;
    default:
        return refuse(key, "its type is none", error);
    }
    return status || !key->default_text ? status : check_default(schema, key, error);
}

ig_status ig_check_keys(const ig_schema *schema, ig_error *error)
{
    ig_status status = IG_OK;
    if (schema->n_keys > MOST_KEYS || (schema->n_keys > 0 && !schema->keys)) {
        return ig_error_set(error, IG_ERR_USAGE, "%zu keys are too many, or their table is missing",
                            schema->n_keys);
    }
    for (size_t k = 0; k < schema->n_keys && !status; k++) {
        status = check_path(schema, k, error);
        if (!status) {
            status = check_key(schema, &schema->keys[k], error);
        }
    }
    return status;
}
