/** One YAML node as one value of a key. */
#ifndef CORE_SCHEMA_VALUE_H
#define CORE_SCHEMA_VALUE_H

#include "core/yaml-tree.h"

enum { IG_FAULT_TEXT = 256 };

/** The largest integer the file's readers can hold exactly in a double. */
#define IG_LARGEST_EXACT 9007199254740991.0

/** "a whole number from 1 to 100": what a single value of the key may be. Returns `text`. */
const char *ig_value_allowed(const ig_key *key, char text[IG_FAULT_TEXT]);

/** Read one value. False: `fault` says what is wrong, or is empty where that was reported already;
 *  *value is untouched. */
bool ig_value_read(const ig_key *key, const ig_node *node, ig_value *value,
                   char fault[IG_FAULT_TEXT]);

/** The value of an INTEGER or REAL key that a series gives; integers are rounded to nearest. */
bool ig_value_from_number(const ig_key *key, double number, ig_value *value,
                          char fault[IG_FAULT_TEXT]);

/** Any finite number, whatever its key. */
bool ig_number_read(const ig_node *node, double *number, char fault[IG_FAULT_TEXT]);

#endif
