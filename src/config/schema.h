/** YAML nodes as the values of keys. */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/yaml-tree.h"

enum {
    IG_FAULT_TEXT = 256, /**< bytes of what is wrong with a value */
    IG_SERIES_MAX = 30000
};

/** The largest integer the file's readers can hold exactly in a double. */
#define IG_LARGEST_EXACT 9007199254740991.0

/** "a whole number from 1 to 100": what a single value of the key may be. Returns `text`. */
const char *ig_value_allowed(const ig_key *key, char text[IG_FAULT_TEXT]);

/** Read one value. False: `fault` says what is wrong, or is empty where that was reported already;
 *  *value is untouched. */
bool ig_value_read(const ig_key *key, const ig_node *node, ig_value *value,
                   char fault[IG_FAULT_TEXT]);

/** {linspace: [a, b, n]}, {logspace: [a, b, n]} or {range: [a, b, step]}. */
typedef struct ig_series {
    int form;
    double first, last, step;
    size_t n; /**< values, at least 1 */
} ig_series;

/** What a series may look like, for messages. */
extern const char ig_series_allowed[];

/** Read the mapping. False: `fault` says what is wrong, as above. */
bool ig_series_read(const ig_node *mapping, ig_series *series, char fault[IG_FAULT_TEXT]);
/** Value i < n of a series for a key: rounded to 15 significant digits, so that 0.1 + 2 * 0.1 is
 *  0.3, and for an integer key to the nearest integer. False: `fault` says what is wrong. */
bool ig_series_value(const ig_key *key, const ig_series *series, size_t i, ig_value *value,
                     char fault[IG_FAULT_TEXT]);

#endif
