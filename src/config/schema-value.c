#include "config/schema-value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "config/schema-choice.h"
#include "config/schema-number.h"

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
        return ig_number_value_read(key, node, value, fault);
    case IG_KEY_CHOICE:
        return ig_choice_read(key, node, value, fault);
    case IG_KEY_INTERVAL:
        return read_interval(key, node, value, fault);
    }
    return false;
}
