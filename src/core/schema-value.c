#include "core/schema-value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "core/schema-choice.h"
#include "core/text.h"

static const char *kind_name(const ig_node *node)
{
    return node->kind == IG_NODE_LIST ? "a list" : "a mapping";
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
        ig_choice_allowed(key, text);
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
        return ig_choice_read(key, node, value, fault);
    case IG_KEY_INTERVAL:
        return read_interval(key, node, value, fault);
    }
    return false;
}
