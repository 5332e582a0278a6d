#include "config/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/diagnostics.h"

/* Numbers. */

/** A scalar that is to be a number: IG_NUMBER_FINITE or IG_NUMBER_WHOLE, or a fault. */
static bool read_number(const ig_node *node, ig_number *number, ig_number_kind *kind,
                        char fault[IG_FAULT_TEXT])
{
    char quoted[IG_QUOTE_TEXT];
    if (node->kind == IG_NODE_BROKEN) {
        return IG_REPORTED(fault);
    }
    if (node->kind != IG_NODE_SCALAR) {
        return IG_WRONG(fault, "%s is not a single number",
                        node->kind == IG_NODE_LIST ? "a list" : "a mapping");
    }
    if (node->plain && !*node->text) {
        return IG_WRONG(fault, "no value is given");
    }
    ig_text_quote(node->text, quoted);
    *kind = ig_number_parse(node->text, number);
    switch (*kind) {
    case IG_NUMBER_FINITE:
    case IG_NUMBER_WHOLE:
        return node->plain || IG_WRONG(fault, "\"%s\" is text because of its quotes", quoted);
    case IG_NUMBER_NONE:
        return IG_WRONG(fault, "\"%s\" is not a number", quoted);
    case IG_NUMBER_INFINITE:
        return IG_WRONG(fault, "%s is not finite", quoted);
    case IG_NUMBER_HUGE:
        return IG_WRONG(fault, "%s is too large for a double", quoted);
    case IG_NUMBER_TINY:
        return IG_WRONG(fault, "%s is too close to zero for a double", quoted);
    case IG_NUMBER_OCTAL:
        return IG_WRONG(fault, "%s begins with a zero, which YAML may read as octal", quoted);
    }
    return false;
}

static bool in_range(const ig_key *key, double number, const char *text, char fault[IG_FAULT_TEXT])
{
    return (number >= key->low && number <= key->high) ||
           IG_WRONG(fault, "%s is too %s", text, number < key->low ? "small" : "large");
}

static void set_integer(int64_t integer, ig_value *value)
{
    *value = (ig_value){.integer = integer, .real = (double)integer};
    snprintf(value->text, sizeof value->text, "%lld", (long long)integer);
}

static void set_real(double real, ig_value *value)
{
    char text[IG_NUMBER_TEXT];
    *value = (ig_value){.integer = -1, .real = real + 0.0};
    ig_number_format(real, text);
    snprintf(value->text, sizeof value->text, "%s", text);
}

static bool read_number_value(const ig_key *key, const ig_node *node, ig_value *value,
                              char fault[IG_FAULT_TEXT])
{
    ig_number number;
    ig_number_kind kind;
    char quoted[IG_QUOTE_TEXT];
    if (!read_number(node, &number, &kind, fault) ||
        !in_range(key, number.real, ig_text_quote(node->text, quoted), fault)) {
        return false;
    }
    if (key->type == IG_KEY_REAL) {
        set_real(number.real, value);
        return true;
    }
    if (kind != IG_NUMBER_WHOLE) {
        return IG_WRONG(fault, "%s is %s", quoted,
                        fabs(number.real) >= 0x1p53 ? "too large to be exact"
                                                    : "not a whole number");
    }
    set_integer(number.integer, value);
    return true;
}

static bool read_interval(const ig_key *key, const ig_node *node, ig_value *value,
                          char fault[IG_FAULT_TEXT])
{
    if (node->kind != IG_NODE_LIST || node->n_items != 2) {
        return IG_WRONG(fault, "%s",
                        node->kind == IG_NODE_LIST ? "not two numbers"
                                                   : "not a list of two numbers");
    }
    ig_key end = *key;
    end.type = IG_KEY_REAL;
    ig_value ends[2];
    for (size_t i = 0; i < 2; i++) {
        if (!read_number_value(&end, node->items[i], &ends[i], fault)) {
            return false;
        }
    }
    if (ends[0].real > ends[1].real) {
        return IG_WRONG(fault, "the interval is reversed, %s is above %s", ends[0].text,
                        ends[1].text);
    }
    *value = (ig_value){.integer = -1, .interval = {ends[0].real, ends[1].real}};
    snprintf(value->text, sizeof value->text, "[%.24s, %.24s]", ends[0].text, ends[1].text);
    return true;
}

bool ig_key_is_list(const ig_key *key)
{
    return key->type == IG_KEY_INTERVAL || key->type == IG_KEY_TEXTS || key->type == IG_KEY_SIZES ||
           key->type == IG_KEY_FILES;
}

static bool read_sizes(const ig_key *key, const ig_node *node, ig_value *value,
                       char fault[IG_FAULT_TEXT])
{
    ig_value v = {.integer = -1, .text = "["};
    ig_key size = *key;
    size.type = IG_KEY_INTEGER;
    if (node->kind != IG_NODE_LIST) {
        return IG_WRONG(fault, "not a list");
    }
    if (node->n_items > IG_SIZES_MAX) {
        return IG_WRONG(fault, "%zu numbers", node->n_items);
    }
    for (size_t i = 0; i < node->n_items; i++) {
        ig_value one;
        if (!read_number_value(&size, node->items[i], &one, fault)) {
            return false;
        }
        const size_t used = strlen(v.text);
        snprintf(v.text + used, sizeof v.text - used, "%s%s", i ? ", " : "", one.text);
        v.sizes[v.n++] = one.integer;
    }
    const size_t used = strlen(v.text);
    snprintf(v.text + used, sizeof v.text - used, "]");
    *value = v;
    return true;
}

/* Choices: a name, or {name: INTEGER} where the table says "name=". */

/** Length of a choice's name, and whether it takes an integer ("fixed="). */
static size_t choice_name(const char *choice, bool *takes_integer)
{
    size_t length = strlen(choice);
    *takes_integer = length > 0 && choice[length - 1] == '=';
    return length - *takes_integer;
}

static bool read_name(const ig_key *key, const ig_node *node, ig_value *value,
                      char fault[IG_FAULT_TEXT])
{
    char quoted[IG_QUOTE_TEXT], hint[IG_HINT_TEXT];
    ig_suggestion suggestion = {.word = node->text};
    for (int i = 0; key->choices[i]; i++) {
        bool takes_integer;
        size_t length = choice_name(key->choices[i], &takes_integer);
        if (strlen(node->text) == length && strncmp(node->text, key->choices[i], length) == 0) {
            if (takes_integer) {
                return IG_WRONG(fault, "%s needs an integer", node->text);
            }
            *value = (ig_value){.integer = -1, .choice = i};
            snprintf(value->text, sizeof value->text, "%s", key->choices[i]);
            return true;
        }
        if (!takes_integer) {
            ig_suggest_offer(&suggestion, key->choices[i]);
        }
    }
    return IG_WRONG(fault, "unknown choice \"%s\"%s", ig_text_quote(node->text, quoted),
                    ig_suggest_hint(&suggestion, hint));
}

/** {name: INTEGER} */
static bool read_parametrised(const ig_key *key, const ig_node *node, ig_value *value,
                              char fault[IG_FAULT_TEXT])
{
    static const ig_key argument = {.type = IG_KEY_INTEGER, .low = 0, .high = IG_LARGEST_EXACT};
    if (node->n_items != 2) {
        return IG_WRONG(fault, "a mapping of %zu keys is not a choice", node->n_items / 2);
    }
    const char *name = node->items[0]->text;
    char quoted[IG_QUOTE_TEXT];
    for (int i = 0; key->choices[i]; i++) {
        bool takes_integer;
        size_t length = choice_name(key->choices[i], &takes_integer);
        if (!takes_integer || strlen(name) != length ||
            strncmp(name, key->choices[i], length) != 0) {
            continue;
        }
        char inner[IG_FAULT_TEXT];
        ig_value integer;
        if (!read_number_value(&argument, node->items[1], &integer, inner)) {
            return *inner ? IG_WRONG(fault, "%.40s: %.150s (an INTEGER is at least 0)", name, inner)
                          : IG_REPORTED(fault);
        }
        *value = (ig_value){.integer = integer.integer, .choice = i};
        snprintf(value->text, sizeof value->text, "%s%lld", key->choices[i],
                 (long long)integer.integer);
        return true;
    }
    return IG_WRONG(fault, "unknown choice {%s: ...}", ig_text_quote(name, quoted));
}

static bool read_choice(const ig_key *key, const ig_node *node, ig_value *value,
                        char fault[IG_FAULT_TEXT])
{
    if (node->kind == IG_NODE_MAPPING) {
        return read_parametrised(key, node, value, fault);
    }
    if (node->kind == IG_NODE_LIST) {
        return IG_WRONG(fault, "a list is not a single choice");
    }
    if (node->plain && !*node->text) {
        return IG_WRONG(fault, "no value is given");
    }
    return read_name(key, node, value, fault);
}

static void list_choices(const ig_key *key, char text[IG_FAULT_TEXT])
{
    char list[IG_FAULT_TEXT - 16] = "";
    for (const char *const *choice = key->choices; *choice; choice++) {
        bool takes_integer;
        int length = (int)choice_name(*choice, &takes_integer);
        char one[80];
        snprintf(one, sizeof one, takes_integer ? "{%.*s: INTEGER}" : "%.*s", length, *choice);
        ig_text_list(list, sizeof list, one);
    }
    snprintf(text, IG_FAULT_TEXT, "%s%s", key->choices[1] ? "one of " : "", list);
}

/* Any key. */

const char *ig_value_allowed(const ig_key *key, char text[IG_FAULT_TEXT])
{
    char low[IG_NUMBER_TEXT], high[IG_NUMBER_TEXT];
    const double one = fmin(fmax(64, key->low), key->high);
    ig_number_format(key->low, low);
    ig_number_format(key->high, high);
    /* Counts read better in full than as 1e+15. */
    if (key->type == IG_KEY_INTEGER && fabs(key->low) < 0x1p63 && fabs(key->high) < 0x1p63) {
        snprintf(low, sizeof low, "%.0f", key->low);
        snprintf(high, sizeof high, "%.0f", key->high);
    }
    switch (key->type) {
    case IG_KEY_INTEGER:
        snprintf(text, IG_FAULT_TEXT, "a whole number from %s to %s", low, high);
        break;
    case IG_KEY_REAL:
        snprintf(text, IG_FAULT_TEXT, "a number from %s to %s", low, high);
        break;
    case IG_KEY_CHOICE:
        list_choices(key, text);
        break;
    case IG_KEY_INTERVAL:
        snprintf(text, IG_FAULT_TEXT, "[LOW, HIGH], two numbers from %s to %s in ascending order",
                 low, high);
        break;
    case IG_KEY_BOOLEAN:
        snprintf(text, IG_FAULT_TEXT, "true or false");
        break;
    case IG_KEY_TEXT:
        snprintf(text, IG_FAULT_TEXT, "a text of %s to %s bytes", low, high);
        break;
    case IG_KEY_TEXTS:
        snprintf(text, IG_FAULT_TEXT, "a list of %s to %s texts, such as [one, \"number two\"]",
                 low, high);
        break;
    case IG_KEY_SIZES:
        snprintf(text, IG_FAULT_TEXT,
                 "a list of 0 to %d whole numbers from %.0f to %.0f, such as [%.0f, %.0f]",
                 IG_SIZES_MAX, key->low, key->high, one, one);
        break;
    case IG_KEY_FILE:
        snprintf(text, IG_FAULT_TEXT,
                 "the path of a file, from the folder of this one unless it begins with /");
        break;
    case IG_KEY_FILES:
        snprintf(text, IG_FAULT_TEXT,
                 "a list of paths, from the folder of this file unless they begin with /");
        break;
    case IG_KEY_TREE:
        snprintf(text, IG_FAULT_TEXT, "printable text");
        break;
    }
    return text;
}

const char *ig_key_name(const ig_key *key)
{
    static const char axes[] = "axes.";
    return key->column && strncmp(key->path, axes, strlen(axes)) == 0 ? key->column : key->path;
}

bool ig_value_is_default(const ig_key *key, const ig_value *value)
{
    const char *text = ig_value_text(value);
    /* Of a text that is no word the default has quotes; only the empty one needs them. */
    return strcmp(*text ? text : "\"\"", key->default_text) == 0;
}

bool ig_value_read(const ig_key *key, const ig_node *node, ig_memory_pool *pool, ig_value *value,
                   char fault[IG_FAULT_TEXT])
{
    if (node->kind == IG_NODE_BROKEN) {
        return IG_REPORTED(fault);
    }
    switch (key->type) {
    case IG_KEY_INTEGER:
    case IG_KEY_REAL:
        return read_number_value(key, node, value, fault);
    case IG_KEY_CHOICE:
        return read_choice(key, node, value, fault);
    case IG_KEY_INTERVAL:
        return read_interval(key, node, value, fault);
    case IG_KEY_SIZES:
        return read_sizes(key, node, value, fault);
    case IG_KEY_BOOLEAN:
        return ig_boolean_read(node, value, fault);
    case IG_KEY_TEXT:
    case IG_KEY_FILE:
        return ig_text_read(key, node, pool, value, fault);
    case IG_KEY_TEXTS:
    case IG_KEY_FILES:
        return ig_texts_read(key, node, pool, value, fault);
    case IG_KEY_TREE:
        return ig_tree_read(key, node, pool, value, fault);
    }
    return false;
}

/* Series. */

enum { LINSPACE, LOGSPACE, RANGE, FORMS };
static const char *const forms[FORMS] = {"linspace", "logspace", "range"};

const char ig_series_allowed[] =
    "{linspace: [a, b, n]}, {logspace: [a, b, n]} or {range: [a, b, step]}";

static bool read_spaced(double n, ig_series *s, char fault[IG_FAULT_TEXT])
{
    if (!(n >= 2 && n <= IG_SERIES_MAX) || n > floor(n)) {
        return IG_WRONG(fault, "%s: n is %g and must be a whole number from 2 to %d",
                        forms[s->form], n, IG_SERIES_MAX);
    }
    if (s->form == LOGSPACE && !(s->first > 0 && s->last > 0)) {
        return IG_WRONG(
            fault,
            "logspace: a is %g and b is %g, both must be above 0 (the values themselves, "
            "not exponents)",
            s->first, s->last);
    }
    s->n = (size_t)n;
    s->step = s->form == LOGSPACE ? (log10(s->last) - log10(s->first)) / (n - 1)
                                  : (s->last - s->first) / (n - 1);
    return isfinite(s->step) || IG_WRONG(fault, "linspace: a and b are too far apart");
}

static bool read_range(double step, ig_series *s, char fault[IG_FAULT_TEXT])
{
    if (!(fabs(step) > 0)) {
        return IG_WRONG(fault, "range: the step must not be 0");
    }
    const double steps = (s->last - s->first) / step;
    if (steps < 0) {
        return IG_WRONG(fault, "range: a step of %g leads away from b: reverse its sign", step);
    }
    /* Some slack, so that rounding does not lose the end of 0.1, 0.2, ...: the relative rounding
     * error of 30 000 steps is below 1e-11. */
    const double n = floor(steps + 1e-9) + 1;
    if (!(n <= IG_SERIES_MAX)) {
        return IG_WRONG(fault, "range: %g values exceed the limit of %d", n, IG_SERIES_MAX);
    }
    s->step = step;
    s->n = (size_t)n;
    return true;
}

/** Index of the form named by the mapping's only key, FORMS for none. */
static int find_form(const ig_node *mapping)
{
    int form = 0;
    while (form < FORMS &&
           (mapping->n_items != 2 || strcmp(mapping->items[0]->text, forms[form]) != 0)) {
        form++;
    }
    return form;
}

bool ig_series_read(const ig_node *mapping, ig_series *series, char fault[IG_FAULT_TEXT])
{
    const int form = find_form(mapping);
    if (form == FORMS) {
        char quoted[IG_QUOTE_TEXT];
        return mapping->n_items == 2 ? IG_WRONG(fault, "a mapping with the key %s",
                                                ig_text_quote(mapping->items[0]->text, quoted))
                                     : IG_WRONG(fault, "a mapping with not exactly one key");
    }
    const ig_node *list = mapping->items[1];
    if (list->kind == IG_NODE_BROKEN) {
        return IG_REPORTED(fault);
    }
    if (list->kind != IG_NODE_LIST || list->n_items != 3) {
        return IG_WRONG(fault, "%s takes a list of three numbers", forms[form]);
    }
    ig_number numbers[3];
    for (size_t i = 0; i < 3; i++) {
        char inner[IG_FAULT_TEXT];
        ig_number_kind kind;
        if (!read_number(list->items[i], &numbers[i], &kind, inner)) {
            return *inner ? IG_WRONG(fault, "%s: %.200s", forms[form], inner) : IG_REPORTED(fault);
        }
    }
    ig_series s = {.form = form, .first = numbers[0].real, .last = numbers[1].real};
    if (!(form == RANGE ? read_range : read_spaced)(numbers[2].real, &s, fault)) {
        return false;
    }
    *series = s;
    return true;
}

bool ig_series_value(const ig_key *key, const ig_series *series, size_t i, ig_value *value,
                     char fault[IG_FAULT_TEXT])
{
    double number = series->first + (double)i * series->step;
    if (i == 0) {
        number = series->first;
    } else if (series->form != RANGE && i == series->n - 1) {
        number = series->last;
    } else if (series->form == LOGSPACE) {
        number = pow(10, log10(series->first) + (double)i * series->step);
    }
    char text[40];
    snprintf(text, sizeof text, "%.15g", number);
    number = strtod(text, NULL);
    if (key->type == IG_KEY_INTEGER) {
        number = nearbyint(number);
    }
    ig_number_format(number, text);
    if (!in_range(key, number, text, fault)) {
        return false;
    }
    if (key->type == IG_KEY_INTEGER) {
        set_integer((int64_t)number, value);
    } else {
        set_real(number, value);
    }
    return true;
}
