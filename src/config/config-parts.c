/** The parts: the grid as a union of products. Their keys become one zip group that lists all their
 *  combinations, so that nothing beyond the reader knows of parts. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/config-reader.h"

static const char form[] = "a list of mappings of axis keys, such as [{n: [1, 2]}, {n: 3}]";

static void report(ig_reader *r, const ig_node *node, const char *what)
{
    if (node->kind != IG_NODE_BROKEN) {
        ig_diagnostics_add(r->diagnostics, r->file, node->line, node->column, "parts",
                           "%s, allowed: %s", what, form);
    }
}

void ig_reader_clear_parts(ig_reader *reader)
{
    for (size_t p = 0; p < reader->n_parts; p++) {
        free(reader->part_list[p].found);
    }
    free(reader->part_list);
    reader->part_list = NULL;
    reader->n_parts = 0;
}

ig_status ig_reader_find_parts(ig_reader *reader)
{
    const ig_node *list = reader->parts.value;
    if (!list) {
        return IG_OK;
    }
    if (list->kind != IG_NODE_LIST || list->n_items == 0) {
        report(reader, list, list->kind == IG_NODE_LIST ? "an empty list" : "not a list");
        return IG_OK;
    }
    reader->part_list = calloc(list->n_items, sizeof *reader->part_list);
    if (!reader->part_list) {
        return IG_ERR_MEMORY;
    }
    for (size_t i = 0; i < list->n_items; i++) {
        const ig_node *node = list->items[i];
        if (node->kind != IG_NODE_MAPPING) {
            report(reader, node, "not a mapping");
            continue;
        }
        ig_found *found = calloc(reader->schema->n_keys + 1, sizeof *found);
        if (!found) {
            return IG_ERR_MEMORY;
        }
        ig_part *part = &reader->part_list[reader->n_parts++];
        *part = (ig_part){node, found};
        ig_reader_find_part_keys(reader, part);
    }
    return IG_OK;
}

/** The values of the parts' keys, one setting per part and key of the schema. */
typedef struct pieces {
    const ig_reader *reader;
    ig_setting *own; /**< [part * n_keys + key], owned; empty where the part leaves the key out */
    size_t total;    /**< combinations in all parts */
} pieces;

/** What key k is in a part: its own values, or the file's. */
static const ig_setting *setting_in(const pieces *s, size_t part, size_t k)
{
    const ig_reader *r = s->reader;
    bool own = r->part_list[part].found[k].value != NULL;
    return own ? &s->own[part * r->schema->n_keys + k] : &r->config->settings[k];
}

/** Read one part's values by way of the key's own setting. */
static ig_status read_part(ig_reader *r, pieces *s, size_t part)
{
    ig_status status = IG_OK;
    for (size_t k = 0; !status && k < r->schema->n_keys; k++) {
        const ig_node *node = r->part_list[part].found[k].value;
        if (!node) {
            continue;
        }
        ig_setting kept = r->config->settings[k];
        r->config->settings[k] = (ig_setting){.zip_group = -1};
        status = ig_reader_read_key(r, node, k);
        s->own[part * r->schema->n_keys + k] = r->config->settings[k];
        r->config->settings[k] = kept;
    }
    return status;
}

/** Count the combinations; false where a fault was or is reported. */
static bool count(ig_reader *r, pieces *s)
{
    size_t n_keys = 0;
    for (size_t k = 0; k < r->schema->n_keys; k++) {
        n_keys += ig_reader_in_parts(r, k);
    }
    for (size_t p = 0; p < r->n_parts; p++) {
        size_t product = 1;
        for (size_t k = 0; k < r->schema->n_keys; k++) {
            size_t n = ig_reader_in_parts(r, k) ? setting_in(s, p, k)->n : 1;
            if (n == 0 && !r->faulty[k]) {
                const ig_node *node = r->part_list[p].node;
                ig_diagnostics_add(
                    r->diagnostics, r->file, node->line, node->column, r->schema->keys[k].path,
                    "missing in this part, allowed: in every part or beside `parts`");
                r->faulty[k] = true;
            }
            if (r->faulty[k]) {
                return false;
            }
            /* Both factors are at most IG_CONFIG_VALUES: no overflow before the test. */
            product *= n;
            if ((s->total + product) * n_keys > IG_CONFIG_VALUES) {
                report(r, r->part_list[p].node, "too many combinations");
                return false;
            }
        }
        s->total += product;
    }
    return true;
}

/** Key k's values over all combinations; the last key of the table runs fastest in each part. */
static ig_placed *spread(const pieces *s, size_t k)
{
    const ig_reader *r = s->reader;
    ig_placed *values = calloc(s->total, sizeof *values);
    size_t at = 0;
    for (size_t p = 0; values && p < r->n_parts; p++) {
        size_t product = 1, stride = 1;
        for (size_t j = 0; j < r->schema->n_keys; j++) {
            size_t n = ig_reader_in_parts(r, j) ? setting_in(s, p, j)->n : 1;
            product *= n;
            stride = j > k ? stride * n : 1;
        }
        const ig_setting *setting = setting_in(s, p, k);
        for (size_t i = 0; i < product; i++) {
            values[at++] = setting->values[i / stride % setting->n];
        }
    }
    return values;
}

/** Put the combinations in place of the keys' values. */
static ig_status replace(ig_reader *r, const pieces *s)
{
    size_t n_keys = r->schema->n_keys, used = 0;
    ig_status status = IG_OK;
    ig_placed **made = calloc(n_keys, sizeof *made);
    for (size_t k = 0; made && !status && k < n_keys; k++) {
        if (ig_reader_in_parts(r, k)) {
            used++;
            made[k] = spread(s, k);
            status = made[k] ? IG_OK : IG_ERR_MEMORY;
        }
    }
    status = made ? status : IG_ERR_MEMORY;
    for (size_t k = 0; made && k < n_keys; k++) {
        ig_setting *setting = &r->config->settings[k];
        if (status) {
            free(made[k]);
        } else if (made[k]) {
            free(setting->values);
            setting->values = made[k];
            setting->n = s->total;
            /* A key alone is an axis like any other. */
            setting->zip_group = used > 1 ? IG_ZIP_OF_PARTS : -1;
        }
    }
    free(made);
    return status;
}

ig_status ig_reader_read_parts(ig_reader *reader)
{
    size_t n = reader->n_parts * reader->schema->n_keys;
    pieces s = {.reader = reader};
    if (reader->n_parts == 0) {
        return IG_OK;
    }
    s.own = calloc(n, sizeof *s.own);
    ig_status status = s.own ? IG_OK : IG_ERR_MEMORY;
    for (size_t p = 0; !status && p < reader->n_parts; p++) {
        status = read_part(reader, &s, p);
    }
    if (!status && count(reader, &s) && s.total > 0) {
        status = replace(reader, &s);
    }
    for (size_t i = 0; s.own && i < n; i++) {
        free(s.own[i].values);
    }
    free(s.own);
    return status;
}
