/** A YAML document as a bounded tree of nodes that know where they stand. */
#ifndef CONFIG_YAML_TREE_H
#define CONFIG_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "imagrid/config.h"

enum {
    IG_TREE_BYTES = 1 << 20,
    IG_TREE_DEPTH = 32,     /**< nested lists and mappings, aliases followed */
    IG_TREE_NODES = 100000, /**< scalars, lists and mappings, aliases followed */
    IG_TREE_ANCHORS = 1000
};

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

typedef struct ig_tree ig_tree;

/** Read one document. Faults that leave the rest readable (a key given twice, an unknown anchor)
 *  are added to `diagnostics` and the tree is made without them; others give IG_ERR_CONFIG.
 *  IG_ERR_MEMORY. On failure *tree is untouched. */
ig_status ig_tree_parse(const char *bytes, size_t size, const char *file, ig_tree **tree,
                        ig_diagnostics *diagnostics);
void ig_tree_destroy(ig_tree **tree);
/** The document's node, owned by the tree as all nodes are. */
const ig_node *ig_tree_root(const ig_tree *tree);

#endif
