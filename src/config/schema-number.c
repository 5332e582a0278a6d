#include "config/schema-number.h"

#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "base/text.h"

static const char *kind_name(const ig_node *node)
{
    return node->kind == IG_NODE_LIST ? "a list" : "a mapping";
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

bool ig_number_value_read(const ig_key *key, const ig_node *node, ig_value *value,
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

bool ig_number_value(const ig_key *key, double number, ig_value *value, char fault[IG_FAULT_TEXT])
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
