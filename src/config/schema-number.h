/** Keys of type IG_KEY_INTEGER and IG_KEY_REAL. */
#ifndef CORE_SCHEMA_NUMBER_H
#define CORE_SCHEMA_NUMBER_H

#include "config/yaml-tree.h"

enum { IG_FAULT_TEXT = 256 /**< bytes of what is wrong with a value */ };

/** The largest integer the file's readers can hold exactly in a double. */
#define IG_LARGEST_EXACT 9007199254740991.0

/** As ig_value_read, for a number. */
bool ig_number_value_read(const ig_key *key, const ig_node *node, ig_value *value,
                          char fault[IG_FAULT_TEXT]);

/** The value that a number of a series gives the key; integers are rounded to nearest. */
bool ig_number_value(const ig_key *key, double number, ig_value *value, char fault[IG_FAULT_TEXT]);

/** Any finite number, whatever its key. */
bool ig_number_read(const ig_node *node, double *number, char fault[IG_FAULT_TEXT]);

#endif
