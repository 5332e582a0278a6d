#include "core/schema-value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "core/suggest.h"
#include "core/text.h"

static const char *kind_name(const ig_node *node)
{
    return node->kind == IG_NODE_LIST ? "a list" : "a mapping";
}

/** Length of a choice's name, and whether it takes an integer ("fixed="). */
static size_t choice_name(const char *choice, bool *takes_integer)
{
    size_t length = strlen(choice);
    *takes_integer = length > 0 && choice[length - 1] == '=';
    return length - *takes_integer;
}

static void allowed_choices(const ig_key *key, char text[IG_FAULT_TEXT])
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

const char *ig_value_allowed(const ig_key *key, char text[IG_FAULT_TEXT])
{
    char low[IG_NUMBER_TEXT], high[IG_NUMBER_TEXT];
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
        allowed_choices(key, text);
        break;
    case IG_KEY_INTERVAL:
        snprintf(text, IG_FAULT_TEXT, "[LOW, HIGH], two numbers from %s to %s in rising order", low,
                 high);
        break;
    }
    return text;
}

/** A scalar that is to be a number; IG_NUMBER_FINITE or IG_NUMBER_WHOLE, or a fault. */
static bool read_number(const ig_node *node, ig_number *number, ig_number_kind *kind,
                        char fault[IG_FAULT_TEXT])
{
    if (node->kind == IG_NODE_BROKEN) {
        *fault = '\0';
        return false;
    }
    if (node->kind != IG_NODE_SCALAR) {
        snprintf(fault, IG_FAULT_TEXT, "%s is no single number", kind_name(node));
        return false;
    }
    char quoted[IG_QUOTE_TEXT];
    ig_text_quote(node->text, quoted);
    if (node->plain && !*node->text) {
        snprintf(fault, IG_FAULT_TEXT, "no value is given");
        return false;
    }
    *kind = ig_number_parse(node->text, number);
    switch (*kind) {
    case IG_NUMBER_FINITE:
    case IG_NUMBER_WHOLE:
        if (!node->plain) {
            snprintf(fault, IG_FAULT_TEXT, "\"%s\" is text because of its quotes", quoted);
        }
        return node->plain;
    case IG_NUMBER_NONE:
        snprintf(fault, IG_FAULT_TEXT, "\"%s\" is not a number", quoted);
        break;
    case IG_NUMBER_INFINITE:
        snprintf(fault, IG_FAULT_TEXT, "%s is not finite", quoted);
        break;
    case IG_NUMBER_HUGE:
        snprintf(fault, IG_FAULT_TEXT, "%s is too large for a double", quoted);
        break;
    case IG_NUMBER_TINY:
        snprintf(fault, IG_FAULT_TEXT, "%s is too close to zero for a double", quoted);
        break;
    case IG_NUMBER_OCTAL:
        snprintf(fault, IG_FAULT_TEXT, "%s begins with a zero, which YAML may read as octal",
                 quoted);
        break;
    }
    return false;
}

bool ig_number_read(const ig_node *node, double *number, char fault[IG_FAULT_TEXT])
{
    ig_number read;
    ig_number_kind kind;
    if (!read_number(node, &read, &kind, fault)) {
        return false;
    }
    *number = read.real;
    return true;
}

static bool in_range(const ig_key *key, double number, const char *text, char fault[IG_FAULT_TEXT])
{
    if (number < key->low || number > key->high) {
        snprintf(fault, IG_FAULT_TEXT, "%s is too %s", text, number < key->low ? "small" : "large");
        return false;
    }
    return true;
}

static void set_integer(int64_t integer, ig_value *value)
{
    *value = (ig_value){.integer = integer, .real = (double)integer};
    snprintf(value->text, sizeof value->text, "%lld", (long long)integer);
}

static void set_real(double real, ig_value *value)
{
    *value = (ig_value){.integer = -1, .real = real + 0.0};
    char text[IG_NUMBER_TEXT];
    ig_number_format(real, text);
    snprintf(value->text, sizeof value->text, "%s", text);
}

static bool read_numeric(const ig_key *key, const ig_node *node, ig_value *value,
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
        bool whole = number.real >= 0x1p53 || number.real <= -0x1p53;
        snprintf(fault, IG_FAULT_TEXT, "%s is %s", quoted,
                 whole ? "too large to be exact" : "not a whole number");
        return false;
    }
    set_integer(number.integer, value);
    return true;
}

bool ig_value_from_number(const ig_key *key, double number, ig_value *value,
                          char fault[IG_FAULT_TEXT])
{
    double wanted = key->type == IG_KEY_INTEGER ? nearbyint(number) : number;
    char text[IG_NUMBER_TEXT];
    ig_number_format(wanted, text);
    if (!in_range(key, wanted, text, fault)) {
        return false;
    }
    if (key->type == IG_KEY_INTEGER) {
        set_integer((int64_t)wanted, value);
    } else {
        set_real(wanted, value);
    }
    return true;
}

static bool read_name(const ig_key *key, const ig_node *node, ig_value *value,
                      char fault[IG_FAULT_TEXT])
{
    char quoted[IG_QUOTE_TEXT];
    ig_suggestion suggestion = {.word = node->text};
    for (int i = 0; key->choices[i]; i++) {
        bool takes_integer;
        size_t length = choice_name(key->choices[i], &takes_integer);
        if (strlen(node->text) == length && strncmp(node->text, key->choices[i], length) == 0) {
            if (takes_integer) {
                snprintf(fault, IG_FAULT_TEXT, "%s needs an integer", node->text);
                return false;
            }
            *value = (ig_value){.integer = -1, .choice = i};
            snprintf(value->text, sizeof value->text, "%s", key->choices[i]);
            return true;
        }
        if (!takes_integer) {
            ig_suggest_offer(&suggestion, key->choices[i]);
        }
    }
    snprintf(fault, IG_FAULT_TEXT, "unknown choice \"%s\"%s%s%s", ig_text_quote(node->text, quoted),
             suggestion.best ? ", did you mean " : "", suggestion.best ? suggestion.best : "",
             suggestion.best ? "?" : "");
    return false;
}

/** {name: INTEGER} */
static bool read_parametrised(const ig_key *key, const ig_node *node, ig_value *value,
                              char fault[IG_FAULT_TEXT])
{
    static const ig_key argument = {.type = IG_KEY_INTEGER, .low = 0, .high = IG_LARGEST_EXACT};
    if (node->n_items != 2) {
        snprintf(fault, IG_FAULT_TEXT, "a mapping of %zu keys is no choice", node->n_items / 2);
        return false;
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
        if (!ig_value_read(&argument, node->items[1], &integer, inner)) {
            *fault = '\0';
            if (*inner) {
                snprintf(fault, IG_FAULT_TEXT, "%.40s: %.150s (an INTEGER is at least 0)", name,
                         inner);
            }
            return false;
        }
        *value = (ig_value){.integer = integer.integer, .choice = i};
        snprintf(value->text, sizeof value->text, "%s%lld", key->choices[i],
                 (long long)integer.integer);
        return true;
    }
    snprintf(fault, IG_FAULT_TEXT, "unknown choice {%s: ...}", ig_text_quote(name, quoted));
    return false;
}

static bool read_choice(const ig_key *key, const ig_node *node, ig_value *value,
                        char fault[IG_FAULT_TEXT])
{
    if (node->kind == IG_NODE_MAPPING) {
        return read_parametrised(key, node, value, fault);
    }
    if (node->kind == IG_NODE_LIST) {
        snprintf(fault, IG_FAULT_TEXT, "a list is no single choice");
        return false;
    }
    if (node->plain && !*node->text) {
        snprintf(fault, IG_FAULT_TEXT, "no value is given");
        return false;
    }
    return read_name(key, node, value, fault);
}

static bool read_interval(const ig_key *key, const ig_node *node, ig_value *value,
                          char fault[IG_FAULT_TEXT])
{
    if (node->kind != IG_NODE_LIST || node->n_items != 2) {
        snprintf(fault, IG_FAULT_TEXT, "%s",
                 node->kind == IG_NODE_LIST ? "not two numbers" : "not a list of two numbers");
        return false;
    }
    ig_key end = *key;
    end.type = IG_KEY_REAL;
    ig_value ends[2];
    for (size_t i = 0; i < 2; i++) {
        if (!ig_value_read(&end, node->items[i], &ends[i], fault)) {
            return false;
        }
    }
    if (ends[0].real > ends[1].real) {
        snprintf(fault, IG_FAULT_TEXT, "the interval is reversed, %s is above %s", ends[0].text,
                 ends[1].text);
        return false;
    }
    *value = (ig_value){.integer = -1, .interval = {ends[0].real, ends[1].real}};
    snprintf(value->text, sizeof value->text, "[%.24s, %.24s]", ends[0].text, ends[1].text);
    return true;
}

bool ig_value_read(const ig_key *key, const ig_node *node, ig_value *value,
                   char fault[IG_FAULT_TEXT])
{
    if (node->kind == IG_NODE_BROKEN) {
        *fault = '\0';
        return false;
    }
    switch (key->type) {
    case IG_KEY_INTEGER:
    case IG_KEY_REAL:
        return read_numeric(key, node, value, fault);
    case IG_KEY_CHOICE:
        return read_choice(key, node, value, fault);
    case IG_KEY_INTERVAL:
        return read_interval(key, node, value, fault);
    }
    return false;
}
