/** The keys of a mapping: scalars, each once. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/yaml-build.h"

typedef struct pair {
    ig_node *key, *value;
    size_t index; /* among the pairs of the mapping */
} pair;

static int by_text(const void *a, const void *b)
{
    const pair *p = a, *q = b;
    int order = strcmp(p->key->text, q->key->text);
    return order ? order : (p->index > q->index) - (p->index < q->index);
}

static int by_index(const void *a, const void *b)
{
    const pair *p = a, *q = b;
    return (p->index > q->index) - (p->index < q->index);
}

/** Copy the pairs whose key is a scalar, reporting the others; returns their number. */
static size_t take_scalars(ig_builder *b, const ig_node *mapping, pair *pairs)
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
static size_t drop_repeats(ig_builder *b, pair *pairs, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && strcmp(pairs[kept - 1].key->text, pairs[i].key->text) == 0) {
            const ig_node *first = pairs[kept - 1].key, *again = pairs[i].key;
            char quoted[IG_QUOTE_TEXT];
            ig_diagnostics_add(b->diagnostics, b->file, again->line, again->column,
                               ig_text_quote(again->text, quoted),
                               "duplicate key, first given in line %zu, allowed: once",
                               first->line);
        } else {
            pairs[kept++] = pairs[i];
        }
    }
    return kept;
}

ig_status ig_builder_check_keys(ig_builder *builder, ig_node *mapping)
{
    if (mapping->n_items == 0) {
        return IG_OK;
    }
    pair *pairs = calloc(mapping->n_items / 2, sizeof *pairs);
    if (!pairs) {
        return IG_ERR_MEMORY;
    }
    size_t n = take_scalars(builder, mapping, pairs);
    qsort(pairs, n, sizeof *pairs, by_text);
    n = drop_repeats(builder, pairs, n);
    qsort(pairs, n, sizeof *pairs, by_index);
    for (size_t i = 0; i < n; i++) {
        mapping->items[2 * i] = pairs[i].key;
        mapping->items[2 * i + 1] = pairs[i].value;
    }
    mapping->n_items = 2 * n;
    free(pairs);
    return IG_OK;
}
