/** From events to nodes. */
#include "config/yaml-build.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void report(ig_builder *b, const yaml_mark_t *mark, const char *text)
{
    ig_diagnostics_add(b->diagnostics, b->file, mark->line + 1, mark->column + 1, NULL, "%s", text);
}

/** Room for one more pointer in an array of `n`. */
static bool reserve(ig_node ***array, size_t n, size_t *capacity)
{
    if (n < *capacity) {
        return true;
    }
    size_t wanted = *capacity ? 2 * *capacity : 4;
    ig_node **larger = realloc(*array, wanted * sizeof *larger);
    if (larger) {
        *array = larger;
        *capacity = wanted;
    }
    return larger != NULL;
}

/** A new node, owned by the tree and put into the innermost open list or mapping. */
static ig_status add_node(ig_builder *b, ig_node_kind kind, const yaml_mark_t *mark,
                          ig_node **added)
{
    ig_tree *tree = b->tree;
    ig_node *parent = b->depth > 0 ? b->open[b->depth - 1] : NULL;
    if (!reserve(&tree->nodes, tree->n_nodes, &tree->capacity) ||
        (parent && !reserve(&parent->items, parent->n_items, &parent->capacity))) {
        return IG_ERR_MEMORY;
    }
    ig_node *node = calloc(1, sizeof *node);
    if (!node) {
        return IG_ERR_MEMORY;
    }
    *node =
        (ig_node){.kind = kind, .line = mark->line + 1, .column = mark->column + 1, .expanded = 1};
    tree->nodes[tree->n_nodes++] = node;
    if (parent) {
        parent->items[parent->n_items++] = node;
    } else {
        tree->root = node;
    }
    *added = node;
    return IG_OK;
}

/** Count `more` nodes against the limit. */
static ig_status count_nodes(ig_builder *b, const yaml_mark_t *mark, size_t more)
{
    b->expanded += more;
    if (b->expanded <= IG_TREE_NODES) {
        return IG_OK;
    }
    char text[160];
    snprintf(text, sizeof text,
             "too many values once aliases are expanded, allowed: at most %d in a file",
             IG_TREE_NODES);
    report(b, mark, text);
    return IG_ERR_CONFIG;
}

static ig_status check_depth(ig_builder *b, const yaml_mark_t *mark, size_t depth)
{
    if (depth <= IG_TREE_DEPTH) {
        return IG_OK;
    }
    char text[96];
    snprintf(text, sizeof text, "nested too deeply, allowed: at most %d levels", IG_TREE_DEPTH);
    report(b, mark, text);
    return IG_ERR_CONFIG;
}

static void check_tag(ig_builder *b, const yaml_mark_t *mark, const yaml_char_t *tag)
{
    if (tag) {
        char quoted[IG_QUOTE_TEXT];
        ig_diagnostics_add(b->diagnostics, b->file, mark->line + 1, mark->column + 1, NULL,
                           "the tag %s is not used here, allowed: the value alone",
                           ig_text_quote((const char *)tag, quoted));
    }
}

static ig_status add_anchor(ig_builder *b, const yaml_mark_t *mark, const yaml_char_t *name,
                            ig_node *node)
{
    if (!name) {
        return IG_OK;
    }
    if (b->n_anchors == IG_TREE_ANCHORS) {
        char text[96];
        snprintf(text, sizeof text, "too many anchors, allowed: at most %d", IG_TREE_ANCHORS);
        report(b, mark, text);
        return IG_ERR_CONFIG;
    }
    char *copy = strdup((const char *)name);
    if (!copy) {
        return IG_ERR_MEMORY;
    }
    b->anchors[b->n_anchors++] = (ig_anchor){copy, node};
    return IG_OK;
}

static ig_status add_scalar(ig_builder *b, const yaml_event_t *e)
{
    const char *value = (const char *)e->data.scalar.value;
    size_t length = e->data.scalar.length;
    ig_node *node;
    ig_status status = count_nodes(b, &e->start_mark, 1);
    if (!status) {
        status = add_node(b, IG_NODE_SCALAR, &e->start_mark, &node);
    }
    if (!status) {
        status = add_anchor(b, &e->start_mark, e->data.scalar.anchor, node);
    }
    if (status) {
        return status;
    }
    check_tag(b, &e->start_mark, e->data.scalar.tag);
    node->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = strdup(value);
    if (!node->text) {
        return IG_ERR_MEMORY;
    }
    if (strlen(value) != length) {
        report(b, &e->start_mark, "a zero byte in a text, allowed: printable text");
        node->kind = IG_NODE_BROKEN;
    }
    return IG_OK;
}

static ig_status open_node(ig_builder *b, const yaml_event_t *e, ig_node_kind kind,
                           const yaml_char_t *anchor, const yaml_char_t *tag)
{
    ig_node *node;
    ig_status status = count_nodes(b, &e->start_mark, 1);
    if (!status) {
        status = check_depth(b, &e->start_mark, b->depth + 1);
    }
    if (!status) {
        status = add_node(b, kind, &e->start_mark, &node);
    }
    if (!status) {
        status = add_anchor(b, &e->start_mark, anchor, node);
    }
    if (!status) {
        check_tag(b, &e->start_mark, tag);
        b->open[b->depth++] = node;
    }
    return status;
}

static ig_status close_node(ig_builder *b)
{
    ig_node *node = b->open[--b->depth];
    node->height = 1;
    for (size_t i = 0; i < node->n_items; i++) {
        const ig_node *item = node->items[i];
        node->expanded += item->expanded;
        node->height = item->height + 1 > node->height ? item->height + 1 : node->height;
    }
    return node->kind == IG_NODE_MAPPING ? ig_builder_check_keys(b, node) : IG_OK;
}

/** The node an alias stands for; the newest anchor of a name counts. */
static const ig_node *find_anchor(const ig_builder *b, const char *name)
{
    for (size_t i = b->n_anchors; i > 0; i--) {
        if (strcmp(b->anchors[i - 1].name, name) == 0) {
            return b->anchors[i - 1].node;
        }
    }
    return NULL;
}

static ig_status add_alias(ig_builder *b, const yaml_event_t *e)
{
    const yaml_mark_t *mark = &e->start_mark;
    const char *name = (const char *)e->data.alias.anchor;
    char quoted[IG_QUOTE_TEXT];
    const ig_node *target = find_anchor(b, name);
    if (!target) {
        ig_diagnostics_add(b->diagnostics, b->file, mark->line + 1, mark->column + 1, NULL,
                           "unknown anchor *%s, allowed: one defined before as &%s",
                           ig_text_quote(name, quoted), quoted);
    } else if (target->height == 0 &&
               (target->kind == IG_NODE_LIST || target->kind == IG_NODE_MAPPING)) {
        report(b, mark, "an alias inside its own anchor, allowed: values that end");
        return IG_ERR_CONFIG;
    }
    ig_node *node;
    ig_status status = count_nodes(b, mark, target ? target->expanded : 1);
    if (!status) {
        status = check_depth(b, mark, b->depth + (target ? target->height : 0));
    }
    if (!status) {
        status = add_node(b, IG_NODE_BROKEN, mark, &node);
    }
    if (!status && target) {
        size_t line = node->line, column = node->column;
        *node = *target;
        node->line = line;
        node->column = column;
        node->alias = true;
    }
    return status;
}

ig_status ig_builder_event(ig_builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (builder->documents++ > 0) {
            report(builder, &event->start_mark,
                   "a second document begins here, allowed: one document in a file");
            return IG_ERR_CONFIG;
        }
        return IG_OK;
    case YAML_ALIAS_EVENT:
        return add_alias(builder, event);
    case YAML_SCALAR_EVENT:
        return add_scalar(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(builder, event, IG_NODE_LIST, event->data.sequence_start.anchor,
                         event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return open_node(builder, event, IG_NODE_MAPPING, event->data.mapping_start.anchor,
                         event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_node(builder);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return IG_OK;
    }
    return IG_OK;
}

void ig_builder_clear(ig_builder *builder)
{
    for (size_t i = 0; i < builder->n_anchors; i++) {
        free(builder->anchors[i].name);
    }
    builder->n_anchors = 0;
}
