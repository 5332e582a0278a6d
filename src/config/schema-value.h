/** One YAML node as one value of a key. */
#ifndef CORE_SCHEMA_VALUE_H
#define CORE_SCHEMA_VALUE_H

#include "config/schema-number.h"

/** "a whole number from 1 to 100": what a single value of the key may be. Returns `text`. */
const char *ig_value_allowed(const ig_key *key, char text[IG_FAULT_TEXT]);

/** Read one value. False: `fault` says what is wrong, or is empty where that was reported already;
 *  *value is untouched. */
bool ig_value_read(const ig_key *key, const ig_node *node, ig_value *value,
                   char fault[IG_FAULT_TEXT]);

#endif
