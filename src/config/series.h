/** {linspace: [a, b, n]}, {logspace: [a, b, n]} and {range: [a, b, step]}. */
#ifndef CORE_SERIES_H
#define CORE_SERIES_H

#include "config/schema-number.h"

enum { IG_SERIES_LONGEST = 30000 };

typedef struct ig_series {
    int form;
    double first, last, step;
    size_t n; /**< values, at least 1 */
} ig_series;

/** What a series may look like, for messages. */
extern const char ig_series_allowed[];

/** Read the mapping. False: `fault` says what is wrong. */
bool ig_series_read(const ig_node *mapping, ig_series *series, char fault[IG_FAULT_TEXT]);

/** Value i < n, rounded to 15 significant digits so that 0.1 + 2 * 0.1 is 0.3. */
double ig_series_value(const ig_series *series, size_t i);

#endif
