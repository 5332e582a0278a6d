/** From YAML text to a tree, by libyaml's events.
 *
 *  Its document API would do for correct files. It stops at the first unknown anchor, rejects an
 *  anchor that is defined anew, forgets where an alias stands and whether a tag was written, and
 *  bounds neither depth nor size while it reads. */
#include "config/private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"

struct ig_tree {
    ig_node *root;
    ig_node **nodes; /* every node once, owned */
    size_t n_nodes, capacity;
};

typedef struct anchor {
    char *name; /* owned */
    ig_node *node;
} anchor;

/** The state between two events. */
typedef struct builder {
    ig_tree *tree;
    const char *file;
    const char *bytes; /* behind a byte-order mark of `mark` bytes */
    size_t size, mark;
    ig_diagnostics *diagnostics;
    ig_node *open[IG_TREE_DEPTH]; /* lists and mappings not yet closed, outermost first */
    size_t depth;
    size_t expanded; /* nodes so far, aliases followed */
    size_t documents;
    anchor anchors[IG_TREE_ANCHORS];
    size_t n_anchors;
} builder;

/** Report a fault at a mark of libyaml's. */
#define REPORT(b, mark, ...)                                                                       \
    ig_diagnostics_add((b)->diagnostics, (b)->file, (mark)->line + 1, (mark)->column + 1, NULL,    \
                       __VA_ARGS__)

/** Make room for one more pointer in an array of n. */
static ig_status reserve(ig_node ***array, size_t n, size_t *capacity)
{
    if (n == *capacity) {
        const size_t wanted = *capacity ? 2 * *capacity : 4;
        TRY(IG_GROW(*array, wanted, NULL));
        *capacity = wanted;
    }
    return IG_OK;
}

/** A new node, owned by the tree and put into the innermost open list or mapping. */
static ig_status add_node(builder *b, ig_node_kind kind, const yaml_mark_t *mark, ig_node **added)
{
    ig_tree *tree = b->tree;
    ig_node *node = NULL, *parent = b->depth > 0 ? b->open[b->depth - 1] : NULL;
    TRY(reserve(&tree->nodes, tree->n_nodes, &tree->capacity));
    if (parent) {
        TRY(reserve(&parent->items, parent->n_items, &parent->capacity));
    }
    TRY(IG_ALLOC(node, 1, NULL));
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

/** Count `more` nodes, which reach `depth` levels, against the limits. */
static ig_status check_bounds(builder *b, const yaml_mark_t *mark, size_t more, size_t depth)
{
    b->expanded += more;
    if (b->expanded > IG_TREE_NODES) {
        REPORT(b, mark, "too many values once aliases are expanded, allowed: at most %d in a file",
               IG_TREE_NODES);
        return IG_ERR_CONFIG;
    }
    if (depth > IG_TREE_DEPTH) {
        REPORT(b, mark, "nested too deeply, allowed: at most %d levels", IG_TREE_DEPTH);
        return IG_ERR_CONFIG;
    }
    return IG_OK;
}

static ig_status add_anchor(builder *b, const yaml_mark_t *mark, const char *name, ig_node *node)
{
    if (b->n_anchors == IG_TREE_ANCHORS) {
        REPORT(b, mark, "too many anchors, allowed: at most %d", IG_TREE_ANCHORS);
        return IG_ERR_CONFIG;
    }
    char *copy = ig_strdup(name, NULL);
    if (!copy) {
        return IG_ERR_MEMORY;
    }
    b->anchors[b->n_anchors++] = (anchor){copy, node};
    return IG_OK;
}

/** A new node with what may stand before it; anchor and tag may be NULL. */
static ig_status begin_node(builder *b, const yaml_mark_t *mark, ig_node_kind kind,
                            const yaml_char_t *name, const yaml_char_t *tag, ig_node **node)
{
    TRY(check_bounds(b, mark, 1, b->depth + (kind != IG_NODE_SCALAR)));
    TRY(add_node(b, kind, mark, node));
    if (name) {
        TRY(add_anchor(b, mark, (const char *)name, *node));
    }
    if (tag) {
        char quoted[IG_QUOTE_TEXT];
        REPORT(b, mark, "the tag %s is not supported, allowed: the value alone",
               ig_text_quote((const char *)tag, quoted));
    }
    return IG_OK;
}

static ig_status add_scalar(builder *b, const yaml_event_t *e)
{
    const char *value = (const char *)e->data.scalar.value;
    ig_node *node;
    TRY(begin_node(b, &e->start_mark, IG_NODE_SCALAR, e->data.scalar.anchor, e->data.scalar.tag,
                   &node));
    node->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = ig_strdup(value, NULL);
    if (!node->text) {
        return IG_ERR_MEMORY;
    }
    if (strlen(value) != e->data.scalar.length) {
        REPORT(b, &e->start_mark, "a null byte in a string, allowed: printable text");
        node->kind = IG_NODE_BROKEN;
    }
    return IG_OK;
}

static ig_status open_node(builder *b, const yaml_event_t *e, ig_node_kind kind)
{
    const bool list = kind == IG_NODE_LIST;
    ig_node *node;
    TRY(begin_node(b, &e->start_mark, kind,
                   list ? e->data.sequence_start.anchor : e->data.mapping_start.anchor,
                   list ? e->data.sequence_start.tag : e->data.mapping_start.tag, &node));
    b->open[b->depth++] = node;
    return IG_OK;
}

typedef struct pair {
    ig_node *key, *value;
    size_t index; /* among the pairs of the mapping */
} pair;

static int by_index(const void *a, const void *b)
{
    const pair *p = a, *q = b;
    return (p->index > q->index) - (p->index < q->index);
}

static int by_text(const void *a, const void *b)
{
    const pair *p = a, *q = b;
    const int order = strcmp(p->key->text, q->key->text);
    return order ? order : by_index(a, b);
}

/** Copy the pairs whose key is a scalar, reporting the others; returns their number. */
static size_t take_scalars(builder *b, const ig_node *mapping, pair *pairs)
{
    size_t n = 0;
    for (size_t i = 0; i + 1 < mapping->n_items; i += 2) {
        ig_node *key = mapping->items[i];
        if (key->kind == IG_NODE_SCALAR) {
            pairs[n] = (pair){key, mapping->items[i + 1], n};
            n++;
        } else if (key->kind != IG_NODE_BROKEN) {
            ig_diagnostics_add(b->diagnostics, b->file, key->line, key->column, NULL,
                               "a list or mapping as a key, allowed: a name");
        }
    }
    return n;
}

/** Drop all but the first of equal neighbours; returns how many are left. */
static size_t drop_repeats(builder *b, pair *pairs, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const ig_node *first = kept > 0 ? pairs[kept - 1].key : NULL, *key = pairs[i].key;
        if (first && strcmp(first->text, key->text) == 0) {
            char quoted[IG_QUOTE_TEXT];
            ig_diagnostics_add(
                b->diagnostics, b->file, key->line, key->column, ig_text_quote(key->text, quoted),
                "duplicate key, first given in line %zu, allowed: once", first->line);
        } else {
            pairs[kept++] = pairs[i];
        }
    }
    return kept;
}

/** Report keys that are no scalars and keys given twice, and drop them. Sorted, as a mapping may
 *  have a hundred thousand keys. */
static ig_status check_keys(builder *b, ig_node *mapping)
{
    AUTO_FREE pair *pairs = NULL;
    TRY(IG_ALLOC(pairs, mapping->n_items / 2, NULL));
    size_t n = take_scalars(b, mapping, pairs);
    qsort(pairs, n, sizeof *pairs, by_text);
    n = drop_repeats(b, pairs, n);
    qsort(pairs, n, sizeof *pairs, by_index);
    for (size_t i = 0; i < n; i++) {
        mapping->items[2 * i] = pairs[i].key;
        mapping->items[2 * i + 1] = pairs[i].value;
    }
    mapping->n_items = 2 * n;
    return IG_OK;
}

static ig_status close_node(builder *b)
{
    if (b->depth == 0) {
        ig_bug("libyaml closes a node that it did not open");
    }
    ig_node *node = b->open[--b->depth];
    node->height = 1;
    for (size_t i = 0; i < node->n_items; i++) {
        const ig_node *item = node->items[i];
        node->expanded += item->expanded;
        node->height = item->height + 1 > node->height ? item->height + 1 : node->height;
    }
    return node->kind == IG_NODE_MAPPING ? check_keys(b, node) : IG_OK;
}

/** The node an alias stands for; the newest anchor of a name counts. */
static const ig_node *find_anchor(const builder *b, const char *name)
{
    for (size_t i = b->n_anchors; i > 0; i--) {
        if (strcmp(b->anchors[i - 1].name, name) == 0) {
            return b->anchors[i - 1].node;
        }
    }
    return NULL;
}

static ig_status add_alias(builder *b, const yaml_event_t *e)
{
    const yaml_mark_t *mark = &e->start_mark;
    const char *name = (const char *)e->data.alias.anchor;
    const ig_node *target = find_anchor(b, name);
    ig_node *node;
    if (!target) {
        char quoted[IG_QUOTE_TEXT];
        REPORT(b, mark, "unknown anchor *%s, allowed: one defined before as &%s",
               ig_text_quote(name, quoted), quoted);
    } else if (target->height == 0 && target->kind != IG_NODE_SCALAR &&
               target->kind != IG_NODE_BROKEN) {
        REPORT(b, mark, "an alias inside its own anchor, allowed: no cycles");
        return IG_ERR_CONFIG;
    }
    TRY(check_bounds(b, mark, target ? target->expanded : 1,
                     b->depth + (target ? target->height : 0)));
    TRY(add_node(b, IG_NODE_BROKEN, mark, &node));
    if (target) {
        const size_t line = node->line, column = node->column;
        *node = *target;
        node->line = line;
        node->column = column;
        node->alias = true;
    }
    return IG_OK;
}

static ig_status take_event(builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->documents++ > 0) {
            REPORT(b, &event->start_mark,
                   "a second document begins here, allowed: one document in a file");
            return IG_ERR_CONFIG;
        }
        return IG_OK;
    case YAML_ALIAS_EVENT:
        return add_alias(b, event);
    case YAML_SCALAR_EVENT:
        return add_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(b, event, IG_NODE_LIST);
    case YAML_MAPPING_START_EVENT:
        return open_node(b, event, IG_NODE_MAPPING);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_node(b);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return IG_OK;
    }
    return IG_OK;
}

/** What is no text at all. Positions are from 1; a column is a character of UTF-8. */
static void report_unreadable(const builder *b, const yaml_parser_t *parser)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < parser->problem_offset && i < b->size; i++) {
        if (b->bytes[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)b->bytes[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    ig_diagnostics_add(b->diagnostics, b->file, line, column, NULL,
                       "not text: %s (byte 0x%02x at offset %zu), allowed: a YAML file in UTF-8 "
                       "without control characters",
                       parser->problem, (unsigned)parser->problem_value & 0xffU,
                       parser->problem_offset + b->mark);
}

/** What line `line` (from 0) has after its `indent` spaces; may be the end of the text. */
static const char *line_text(const builder *b, size_t line, size_t *indent)
{
    size_t i = 0;
    for (; line > 0 && i < b->size; i++) {
        line -= b->bytes[i] == '\n';
    }
    *indent = 0;
    while (i < b->size && b->bytes[i] == ' ') {
        i++;
        ++*indent;
    }
    return b->bytes + i;
}

/** Whether the first colon of a line, after what looks like a key, lacks the space behind it:
 *  `seeds:2`. Its column (from 1) is returned, or 0. */
static size_t glued_colon(const builder *b, size_t line)
{
    size_t indent, length = 0;
    const char *text = line_text(b, line, &indent), *end = b->bytes + b->size;
    while (text + length < end &&
           (isalnum((unsigned char)text[length]) || text[length] == '_' || text[length] == '.')) {
        length++;
    }
    const bool glued = length > 0 && text + length + 1 < end && text[length] == ':' &&
                       !isspace((unsigned char)text[length + 1]);
    return glued ? indent + length + 1 : 0;
}

static void report_syntax(const builder *b, const yaml_parser_t *parser)
{
    const yaml_mark_t *mark = &parser->problem_mark, *context = &parser->context_mark;
    /* Without its space a colon makes no key: libyaml takes the line for a text that goes on in the
     * next line, and complains there. */
    const size_t last = mark->line, before = last > 0 ? last - 1 : 0;
    const size_t first = parser->context && context->line < before ? context->line : before;
    for (size_t back = 0; back <= last - first; back++) {
        const size_t line = last - back, column = glued_colon(b, line);
        if (column > 0) {
            ig_diagnostics_add(b->diagnostics, b->file, line + 1, column, NULL,
                               "not valid YAML: a space is missing after the colon, allowed: `key: "
                               "value` lines");
            return;
        }
    }
    char begun[128] = "";
    if (parser->context && context->line != mark->line) {
        snprintf(begun, sizeof begun, " %s that begins in line %zu", parser->context,
                 context->line + 1);
    } else if (parser->context) {
        snprintf(begun, sizeof begun, " %s", parser->context);
    }
    size_t indent;
    const char *text = line_text(b, mark->line, &indent);
    const bool tab = text < b->bytes + b->size && *text == '\t';
    REPORT(b, mark, "not valid YAML: %s%s, allowed: %s", parser->problem, begun,
           tab ? "indentation by spaces, this line has a tab"
               : "`key: value` lines indented alike, brackets and quotes closed");
}

static ig_status read_events(builder *b)
{
    AUTO(yaml_parser_delete) yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        return IG_ERR_MEMORY;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)b->bytes, b->size);
    for (bool ended = false; !ended;) {
        AUTO(yaml_event_delete) yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            if (parser.error == YAML_MEMORY_ERROR) {
                return IG_ERR_MEMORY;
            }
            (parser.error == YAML_READER_ERROR ? report_unreadable : report_syntax)(b, &parser);
            return IG_ERR_CONFIG;
        }
        TRY(take_event(b, &event));
        ended = event.type == YAML_STREAM_END_EVENT;
    }
    return IG_OK;
}

static void clear_builder(builder *b)
{
    for (size_t i = 0; i < b->n_anchors; i++) {
        free(b->anchors[i].name);
    }
}

ig_status ig_tree_parse(const char *bytes, size_t size, const char *file, ig_tree **tree,
                        ig_diagnostics *diagnostics)
{
    if (size > IG_TREE_BYTES) {
        ig_diagnostics_add(diagnostics, file, 0, 0, NULL, "%zu bytes, allowed: at most %d", size,
                           IG_TREE_BYTES);
        return IG_ERR_CONFIG;
    }
    AUTO(ig_tree_destroy) ig_tree *made = NULL;
    TRY(IG_ALLOC(made, 1, NULL));
    /* libyaml would count it as a column, and take the lines below for less indented ones. */
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    const size_t mark = size >= 3 && memcmp(bytes, byte_order_mark, 3) == 0 ? 3 : 0;
    AUTO(clear_builder)
    builder b = {.tree = made,
                 .file = file,
                 .bytes = bytes + mark,
                 .size = size - mark,
                 .mark = mark,
                 .diagnostics = diagnostics};
    TRY(read_events(&b));
    if (!made->root) {
        ig_diagnostics_add(diagnostics, file, 1, 1, NULL,
                           "the file is empty, allowed: `key: value` lines such as "
                           "`experiment: NAME`");
        return IG_ERR_CONFIG;
    }
    *tree = ig_take(&made);
    return IG_OK;
}

void ig_tree_destroy(ig_tree **tree)
{
    ig_tree *t = tree ? *tree : NULL;
    if (!t) {
        return;
    }
    for (size_t i = 0; i < t->n_nodes; i++) {
        if (!t->nodes[i]->alias) {
            free(t->nodes[i]->text);
            free(t->nodes[i]->items);
        }
        free(t->nodes[i]);
    }
    free(t->nodes);
    free(t);
    *tree = NULL;
}

const ig_node *ig_tree_root(const ig_tree *tree)
{
    return tree->root;
}
