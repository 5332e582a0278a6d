/** Keys of type IG_KEY_CHOICE: a name, or {name: INTEGER} where the table says "name=". */
#ifndef CORE_SCHEMA_CHOICE_H
#define CORE_SCHEMA_CHOICE_H

#include "config/schema-number.h"

/** As ig_value_allowed, for a choice. */
void ig_choice_allowed(const ig_key *key, char text[IG_FAULT_TEXT]);

/** As ig_value_read, for a choice; the node is not broken. */
bool ig_choice_read(const ig_key *key, const ig_node *node, ig_value *value,
                    char fault[IG_FAULT_TEXT]);

#endif
