/** A YAML document as a tree of nodes that know where they stand, and what reads values from them:
 *  for the readers of this directory, and for experiments that declare keys
 * (ig_experiment.declare).
 */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "imagrid/config.h"

typedef enum ig_node_kind {
    IG_NODE_SCALAR,
    IG_NODE_LIST,
    IG_NODE_MAPPING,
    IG_NODE_BROKEN /**< already reported; to be skipped in silence */
} ig_node_kind;

/** A node; an alias is a node of its own that shares text or items with the anchored one. */
typedef struct ig_node {
    ig_node_kind kind;
    size_t line, column;    /**< from 1; of the alias where it is one */
    char *text;             /**< scalar: zero-terminated, without zero bytes inside */
    bool plain;             /**< scalar: written without quotes */
    struct ig_node **items; /**< list: its values; mapping: key, value, key, value, ... with keys
                                 that are different scalars */
    size_t n_items, capacity;
    size_t expanded; /**< nodes from here down, aliases followed */
    size_t height;   /**< levels of lists and mappings from here down */
    bool alias;      /**< text and items belong to the anchored node */
} ig_node;

/** Whether a node is `KEY:` without a value, or `~`. */
bool ig_node_is_empty(const ig_node *node);

/** Memory of what a configuration's values, and the tables it declares, point to: given back with
 *  the configuration. */
typedef struct ig_memory_pool {
    struct ig_memory_block *blocks; /**< owned */
    bool failed;                    /**< memory ran out */
    const char *file;               /**< paths are given from its folder; borrowed, while reading */
} ig_memory_pool;

/** Take over a block of malloc's; NULL, or where memory is short, is noted. Returns it, or NULL. */
void *ig_memory_pool_keep(ig_memory_pool *pool, void *bytes);
/** n zeroed elements of `size` bytes, or NULL, which is noted. */
void *ig_memory_pool_take(ig_memory_pool *pool, size_t n, size_t size);
/** A text as printf writes it, or NULL, which is noted. */
char *ig_memory_pool_text(ig_memory_pool *pool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ig_memory_pool_clear(ig_memory_pool *pool);

enum {
    IG_FAULT_TEXT = 256, /**< bytes of what is wrong with a value */
    IG_SERIES_MAX = 30000
};

/** Write a fault; false, for the caller to return. */
#define IG_WRONG(fault, ...) (snprintf((fault), IG_FAULT_TEXT, __VA_ARGS__), false)
/** An empty fault: it was reported where the node was read. */
#define IG_REPORTED(fault) (*(fault) = '\0', false)

/** The largest integer the file's readers can hold exactly in a double. */
#define IG_LARGEST_EXACT 9007199254740991.0

/** "a whole number from 1 to 100": what a single value of the key may be. Returns `text`. */
const char *ig_value_allowed(const ig_key *key, char text[IG_FAULT_TEXT]);

/** Read one value. False: `fault` says what is wrong, or is empty where that was reported already,
 *  or where memory ran out (pool->failed); *value is untouched. `pool` gets what the value points
 *  to; NULL for numbers. */
bool ig_value_read(const ig_key *key, const ig_node *node, ig_memory_pool *pool, ig_value *value,
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
