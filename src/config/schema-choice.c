#include "config/schema-choice.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/suggest.h"

/** Length of a choice's name, and whether it takes an integer ("fixed="). */
static size_t choice_name(const char *choice, bool *takes_integer)
{
    size_t length = strlen(choice);
    *takes_integer = length > 0 && choice[length - 1] == '=';
    return length - *takes_integer;
}

void ig_choice_allowed(const ig_key *key, char text[IG_FAULT_TEXT])
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
        if (!ig_number_value_read(&argument, node->items[1], &integer, inner)) {
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

bool ig_choice_read(const ig_key *key, const ig_node *node, ig_value *value,
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
