#include "config-value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const oddities[] = {"",
                                       "~",
                                       "null",
                                       ".inf",
                                       "-.inf",
                                       ".nan",
                                       "1e999",
                                       "1e-999",
                                       "-0",
                                       "0x10",
                                       "010",
                                       "1_000",
                                       "1__0",
                                       "'1'",
                                       "\"1\"",
                                       "\"\\0\"",
                                       "\"\\x1b\"",
                                       "!!int 1",
                                       "!a",
                                       "*a",
                                       "&a 1",
                                       "&a [1]",
                                       "[]",
                                       "{}",
                                       "[[1]]",
                                       "{a: 1}",
                                       "{fixed: 3}",
                                       "{fixed: -1}",
                                       "<<",
                                       "true",
                                       "#",
                                       "|\n  1",
                                       ">\n  1",
                                       "? 1",
                                       "- 1",
                                       "9007199254740993",
                                       "-9223372036854775808",
                                       "1e18",
                                       "9223372036854775807",
                                       "2147483648",
                                       "{range: [0, 1, 0]}",
                                       "{linspace: [1, 1, 2]}",
                                       "\xff",
                                       "\xc3\xa9",
                                       "\t",
                                       "[1, 1]",
                                       "[1, 2",
                                       "{x",
                                       "\"",
                                       "%YAML 1.1",
                                       "---",
                                       "..."};

static const char *const words[] = {
    "qpos", "a b",  "\"a, b\"", "'it''s'",     "\"\\\"\\\\\"", "1",           "1e3", "true",
    "\"\"", "~",    "a.b/c",    "caf\xc3\xa9", "\"\\u2028\"",  "\"\\ufeff\"", "[",   "0x10",
    "-",    "a: b", "#a"};

static void append(char text[CONFIG_LINE], const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, CONFIG_LINE - used, "%s", more);
}

static void append_number(char text[CONFIG_LINE], double number)
{
    char word[40];
    snprintf(word, sizeof word, "%.*g", fabs(number) < 1e15 ? 15 : 17, number);
    append(text, word);
}

/** A number in the key's range, often at its ends, now and then beyond. */
static double number_for(dice *d, const ig_key *key)
{
    const double small[] = {0, 1, 2, 3, 4, 8, 0.5, 0.9, 1e-3, 1e3, 1e-300, 1e300, -1, 0.1};
    double low = key ? fmax(key->low, -1e6) : 0, high = key ? fmin(key->high, 1e6) : 100,
           part = (double)dice_below(d, 1001) / 1000,
           number = small[dice_below(d, sizeof small / sizeof *small)];
    switch (dice_below(d, 8)) {
    case 0:
        number = key ? key->low : 0;
        break;
    case 1:
        number = key ? key->high : 1;
        break;
    case 2:
        number = low + part * part * part * (high - low);
        break;
    case 3:
        number = nextafter(key ? key->low : 0, -(double)INFINITY);
        break;
    default:
        break;
    }
    const bool whole = key && (key->type == IG_KEY_INTEGER || key->type == IG_KEY_SIZES);
    return whole ? nearbyint(number) : number;
}

static void append_scalar(dice *d, const ig_key *key, char text[CONFIG_LINE])
{
    if (dice_below(d, 16) == 0) {
        append(text, config_oddity(d));
    } else if (key && key->default_text && dice_below(d, 4) == 0) {
        append(text, key->default_text);
    } else if (key && key->type == IG_KEY_CHOICE) {
        size_t n = 0;
        while (key->choices[n]) {
            n++;
        }
        const char *choice = key->choices[dice_below(d, n)];
        size_t length = strcspn(choice, "=");
        char word[100];
        snprintf(word, sizeof word, choice[length] ? "{%.*s: %d}" : "%.*s", (int)length, choice,
                 (int)dice_below(d, 4));
        append(text, word);
    } else if (key && key->type == IG_KEY_BOOLEAN) {
        append(text, dice_below(d, 2) ? "true" : "false");
    } else if (key && (key->type == IG_KEY_TEXT || key->type == IG_KEY_FILE)) {
        append(text, words[dice_below(d, sizeof words / sizeof *words)]);
    } else if (key && (key->type == IG_KEY_TEXTS || key->type == IG_KEY_SIZES)) {
        append(text, "[");
        for (size_t i = 0, n = dice_below(d, 4); i < n; i++) {
            append(text, i ? ", " : "");
            if (key->type == IG_KEY_SIZES) {
                append_number(text, number_for(d, key));
            } else {
                append(text, words[dice_below(d, sizeof words / sizeof *words)]);
            }
        }
        append(text, "]");
    } else if (key && key->type == IG_KEY_INTERVAL) {
        append(text, "[");
        append_number(text, number_for(d, key));
        append(text, ", ");
        append_number(text, number_for(d, key));
        append(text, "]");
    } else {
        append_number(text, number_for(d, key));
    }
}

static void append_series(dice *d, const ig_key *key, char text[CONFIG_LINE])
{
    static const char *const forms[] = {"{linspace: [", "{logspace: [", "{range: ["};
    static const double lengths[] = {1, 2, 3, 10, 1000, 30000, 0.5, -1, 0};
    append(text, forms[dice_below(d, 3)]);
    append_number(text, number_for(d, key));
    append(text, ", ");
    append_number(text, number_for(d, key));
    append(text, ", ");
    append_number(text, lengths[dice_below(d, sizeof lengths / sizeof *lengths)]);
    append(text, "]}");
}

static void append_value(dice *d, const ig_key *key, char text[CONFIG_LINE])
{
    size_t form = dice_below(d, 8), n = 1 + dice_below(d, 4);
    if (form == 0) {
        append_series(d, key, text);
        return;
    }
    append(text, form < 4 ? "[" : "");
    for (size_t i = 0; i < (form < 4 ? n : 1); i++) {
        append(text, i ? ", " : "");
        append_scalar(d, key, text);
    }
    append(text, form < 4 ? "]" : "");
}

const char *config_oddity(dice *d)
{
    return oddities[dice_below(d, sizeof oddities / sizeof *oddities)];
}

void config_value(dice *d, const ig_key *key, char text[CONFIG_LINE])
{
    *text = '\0';
    append_value(d, key, text);
}

static const ig_key *any_key(dice *d, const ig_schema *schema)
{
    return &schema->keys[dice_below(d, schema->n_keys)];
}

static void append_pair(dice *d, const ig_schema *schema, char text[CONFIG_LINE])
{
    const ig_key *key = any_key(d, schema);
    append(text, key->path);
    append(text, ": ");
    append_value(d, key, text);
}

static void append_parts(dice *d, const ig_schema *schema, char text[CONFIG_LINE])
{
    append(text, "parts:\n");
    for (size_t i = 0, n = 1 + dice_below(d, 3); i < n; i++) {
        append(text, "  - {");
        for (size_t k = 0, pairs = 1 + dice_below(d, 3); k < pairs; k++) {
            append(text, k ? ", " : "");
            append_pair(d, schema, text);
        }
        append(text, "}\n");
    }
}

static void append_zip(dice *d, const ig_schema *schema, char text[CONFIG_LINE])
{
    append(text, "zip: [");
    for (size_t i = 0, n = 1 + dice_below(d, 2); i < n; i++) {
        append(text, i ? ", [" : "[");
        append(text, any_key(d, schema)->path);
        append(text, ", ");
        append(text, any_key(d, schema)->path);
        append(text, "]");
    }
    append(text, "]\n");
}

void config_line(dice *d, const ig_schema *schema, char text[CONFIG_LINE])
{
    const ig_registry *known = ig_experiments();
    *text = '\0';
    switch (dice_below(d, 16)) {
    case 0:
        append(text, "experiment: ");
        append(text, known->experiments[dice_below(d, known->n)]->schema.experiment);
        break;
    case 1:
        append(text, "seeds: ");
        append_value(d, NULL, text);
        break;
    case 2:
        append(text,
               dice_below(d, 2) ? "common_random_numbers: false" : "common_random_numbers: true");
        break;
    case 3:
        append_zip(d, schema, text);
        return;
    case 4:
    case 5:
        append_parts(d, schema, text);
        return;
    default:
        append_pair(d, schema, text);
        break;
    }
    append(text, "\n");
}
