/** The making of a tree from libyaml's events; private to the yaml-*.c files. */
#ifndef CORE_YAML_BUILD_H
#define CORE_YAML_BUILD_H

#include <yaml.h>

#include "config/yaml-tree.h"

struct ig_tree {
    ig_node *root;
    ig_node **nodes; /* every node once, owned */
    size_t n_nodes, capacity;
};

typedef struct ig_anchor {
    char *name; /* owned */
    ig_node *node;
} ig_anchor;

/** The state between two events. */
typedef struct ig_builder {
    ig_tree *tree;
    const char *file;
    ig_diagnostics *diagnostics;
    ig_node *open[IG_TREE_DEPTH]; /* lists and mappings not yet closed, outermost first */
    size_t depth;
    size_t expanded; /* nodes so far, aliases followed */
    size_t documents;
    ig_anchor anchors[IG_TREE_ANCHORS];
    size_t n_anchors;
} ig_builder;

/** Take one event. IG_ERR_CONFIG (reported) ends the reading, IG_ERR_MEMORY too. */
ig_status ig_builder_event(ig_builder *builder, const yaml_event_t *event);
void ig_builder_clear(ig_builder *builder);

/** Report keys that are no scalars and keys given twice, and drop them. IG_ERR_MEMORY. */
ig_status ig_builder_check_keys(ig_builder *builder, ig_node *mapping);

#endif
