/** How the keys' values make one grid: parts, zip groups, and what takes all keys together. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "config/diagnostics.h"
#include "config/private.h"

/** Report a wrong form of `parts` or `zip`. */
static void report_form(ig_reader *r, const ig_node *node, const char *key, const char *what)
{
    if (node->kind != IG_NODE_BROKEN) {
        IG_REPORT(r, node, key, "%s, allowed: %s", what,
                  *key == 'p' ? "a list of mappings of axis keys, such as [{n: [1, 2]}, {n: 3}]"
                              : "a list of groups of axis keys, such as [[train.epochs, "
                                "train.minibatch]]");
    }
}

/* Parts: the grid as a union of products. Their keys become one zip group that lists all their
 * combinations, so that nothing beyond the reader knows of parts. */

bool ig_reader_in_parts(const ig_reader *reader, size_t k)
{
    for (size_t p = 0; p < reader->n_parts; p++) {
        if (reader->part_list[p].found[k].value) {
            return true;
        }
    }
    return false;
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
        report_form(reader, list, "parts",
                    list->kind == IG_NODE_LIST ? "an empty list" : "not a list");
        return IG_OK;
    }
    TRY(IG_ALLOC(reader->part_list, list->n_items, NULL));
    for (size_t i = 0; i < list->n_items; i++) {
        const ig_node *node = list->items[i];
        if (node->kind != IG_NODE_MAPPING) {
            report_form(reader, node, "parts", "not a mapping");
            continue;
        }
        ig_found *found;
        TRY(IG_ALLOC(found, reader->schema->n_keys, NULL));
        ig_part *part = &reader->part_list[reader->n_parts++];
        *part = (ig_part){node, found};
        reader->part = part;
        ig_reader_find_keys(reader, node);
        reader->part = NULL;
    }
    return IG_OK;
}

/** The values of the parts' keys, one setting per part and key of the schema. */
typedef struct pieces {
    const ig_reader *reader;
    ig_setting *own; /**< [part * n_keys + key], owned; empty where the part leaves the key out */
    size_t total;    /**< combinations in all parts */
    ig_placed **combined; /**< by key, owned: its values over all combinations */
} pieces;

static void clear_pieces(pieces *s)
{
    const size_t n_keys = s->reader->schema->n_keys;
    for (size_t i = 0; s->own && i < s->reader->n_parts * n_keys; i++) {
        free(s->own[i].values);
    }
    for (size_t k = 0; s->combined && k < n_keys; k++) {
        free(s->combined[k]);
    }
    free(s->own);
    free(s->combined);
}

/** What key k is in a part: its own values, or the file's. */
static const ig_setting *setting_in(const pieces *s, size_t part, size_t k)
{
    const ig_reader *r = s->reader;
    bool own = r->part_list[part].found[k].value != NULL;
    return own ? &s->own[part * r->schema->n_keys + k] : &r->config->settings[k];
}

/** Read one part's values, each through the key's own setting. */
static ig_status read_part(ig_reader *r, pieces *s, size_t part)
{
    for (size_t k = 0; k < r->schema->n_keys; k++) {
        const ig_node *node = r->part_list[part].found[k].value;
        if (!node) {
            continue;
        }
        ig_setting kept = r->config->settings[k];
        r->config->settings[k] = (ig_setting){.zip_group = -1};
        ig_status status = ig_reader_read_key(r, node, k);
        s->own[part * r->schema->n_keys + k] = r->config->settings[k];
        r->config->settings[k] = kept;
        TRY(status);
    }
    return IG_OK;
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
                IG_REPORT(r, r->part_list[p].node, r->schema->keys[k].path,
                          "missing in this part, allowed: in every part or beside `parts`");
                r->faulty[k] = true;
            }
            if (r->faulty[k]) {
                return false;
            }
            /* Both factors are at most IG_CONFIG_VALUES: no overflow before the test. */
            product *= n;
            if ((s->total + product) * n_keys > IG_CONFIG_VALUES) {
                report_form(r, r->part_list[p].node, "parts", "too many combinations");
                return false;
            }
        }
        s->total += product;
    }
    return true;
}

/** Write key k's values over all combinations; the last key of the table runs fastest in each part.
 */
static void spread(const pieces *s, size_t k, ig_placed *values)
{
    const ig_reader *r = s->reader;
    for (size_t p = 0; p < r->n_parts; p++) {
        size_t product = 1, stride = 1;
        for (size_t j = 0; j < r->schema->n_keys; j++) {
            size_t n = ig_reader_in_parts(r, j) ? setting_in(s, p, j)->n : 1;
            product *= n;
            stride = j > k ? stride * n : 1;
        }
        const ig_setting *setting = setting_in(s, p, k);
        for (size_t i = 0; i < product; i++) {
            *values++ = setting->values[i / stride % setting->n];
        }
    }
}

/** Put the combinations in place of the keys' values. */
static ig_status replace(ig_reader *r, pieces *s)
{
    const size_t n_keys = r->schema->n_keys;
    size_t used = 0;
    TRY(IG_ALLOC(s->combined, n_keys, NULL));
    /* All of them before the first is replaced, as each is made from the values of all. */
    for (size_t k = 0; k < n_keys; k++) {
        if (ig_reader_in_parts(r, k)) {
            TRY(IG_ALLOC(s->combined[k], s->total, NULL));
            spread(s, k, s->combined[k]);
            used++;
        }
    }
    for (size_t k = 0; k < n_keys; k++) {
        if (s->combined[k]) {
            ig_setting *setting = &r->config->settings[k];
            free(setting->values);
            setting->values = ig_take(&s->combined[k]);
            setting->n = s->total;
            /* A key alone is an axis like any other. */
            setting->zip_group = used > 1 ? IG_ZIP_OF_PARTS : -1;
        }
    }
    return IG_OK;
}

ig_status ig_reader_read_parts(ig_reader *reader)
{
    if (reader->n_parts == 0) {
        return IG_OK;
    }
    AUTO(clear_pieces) pieces s = {.reader = reader};
    TRY(IG_ALLOC(s.own, reader->n_parts * reader->schema->n_keys, NULL));
    for (size_t p = 0; p < reader->n_parts; p++) {
        TRY(read_part(reader, &s, p));
    }
    return count(reader, &s) && s.total > 0 ? replace(reader, &s) : IG_OK;
}

/* Zip groups: axes that advance together. */

static void report_name(ig_reader *r, const ig_node *node, const char *what)
{
    char quoted[IG_QUOTE_TEXT], hint[IG_HINT_TEXT], axes[400] = "";
    ig_suggestion suggestion = {.word = node->text};
    for (size_t k = 0; k < r->schema->n_keys; k++) {
        const ig_key *key = &r->schema->keys[k];
        if (key->column) {
            ig_text_list(axes, sizeof axes, key->path);
        }
        if (key->column && strcmp(key->path, node->text) != 0) {
            ig_suggest_offer(&suggestion, key->path);
        }
    }
    IG_REPORT(r, node, "zip", "%s \"%s\"%s, allowed: %s", what, ig_text_quote(node->text, quoted),
              ig_suggest_hint(&suggestion, hint), axes);
}

/** Put one named key into group g; returns whether it is there. */
static bool join(ig_reader *r, const ig_node *node, int g)
{
    if (node->kind != IG_NODE_SCALAR) {
        report_form(r, node, "zip", "not the name of a key");
        return false;
    }
    const size_t k = ig_reader_find(r->schema, node->text, true);
    if (k == r->schema->n_keys) {
        report_name(r, node, "unknown key");
        return false;
    }
    const ig_key *key = &r->schema->keys[k];
    ig_setting *setting = &r->config->settings[k];
    if (!key->column) {
        report_name(r, node, "not an axis key");
        return false;
    }
    if (setting->zip_group >= 0) {
        IG_REPORT(r, node, "zip", "%s %s, allowed: each key once in one group", key->path,
                  setting->zip_group == IG_ZIP_OF_PARTS ? "is in `parts` already"
                                                        : "is zipped twice");
        return false;
    }
    setting->zip_group = g;
    return true;
}

/** Report the first two keys of group g with different numbers of values. */
static void check_lengths(ig_reader *r, const ig_node *group, int g)
{
    size_t n_keys = r->schema->n_keys, first = n_keys;
    for (size_t k = 0; k < n_keys; k++) {
        const ig_setting *setting = &r->config->settings[k];
        if (setting->zip_group != g || r->faulty[k]) {
            continue;
        }
        if (first == n_keys) {
            first = k;
        } else if (setting->n != r->config->settings[first].n) {
            IG_REPORT(r, group, "zip",
                      "%s has %zu values and %s has %zu, allowed: lists of equal length",
                      r->schema->keys[first].path, r->config->settings[first].n,
                      r->schema->keys[k].path, setting->n);
            return;
        }
    }
}

static void read_group(ig_reader *r, const ig_node *group, int g)
{
    if (group->kind != IG_NODE_LIST) {
        report_form(r, group, "zip", "not a list of keys");
        return;
    }
    if (group->n_items < 2) {
        report_form(r, group, "zip", "a group of fewer than two keys");
    }
    bool complete = true;
    for (size_t i = 0; i < group->n_items; i++) {
        complete = join(r, group->items[i], g) && complete;
    }
    if (complete) {
        check_lengths(r, group, g);
    }
}

/** Number the groups by their first key in the table, so that the order in which they are written
 *  makes no difference. */
static void renumber(ig_config *config)
{
    size_t n_keys = config->schema->n_keys;
    int next = 0;
    /* Groups already renumbered are negative. */
    for (size_t k = 0; k < n_keys; k++) {
        int old = config->settings[k].zip_group;
        if (old < 0) {
            continue;
        }
        for (size_t j = k; j < n_keys; j++) {
            if (config->settings[j].zip_group == old) {
                config->settings[j].zip_group = -2 - next;
            }
        }
        next++;
    }
    for (size_t k = 0; k < n_keys; k++) {
        int made = config->settings[k].zip_group;
        config->settings[k].zip_group = made <= -2 ? -2 - made : -1;
    }
    config->n_zip_groups = next;
}

static void read_groups(ig_reader *reader)
{
    const ig_node *node = reader->zip.value;
    if (!node) {
        return;
    }
    if (node->kind != IG_NODE_LIST) {
        report_form(reader, node, "zip",
                    node->kind == IG_NODE_SCALAR ? "a single value" : "a mapping");
        return;
    }
    if (node->n_items > 0 && node->items[0]->kind == IG_NODE_SCALAR) {
        report_form(reader, node->items[0], "zip", "a key outside a group");
        return;
    }
    for (size_t i = 0; i < node->n_items; i++) {
        read_group(reader, node->items[i], (int)i);
    }
}

void ig_reader_read_zip(ig_reader *reader)
{
    read_groups(reader);
    renumber(reader->config);
}

/* All keys together. */

/** Whether key k stands for an axis: the first key of its zip group, or in none. */
static bool leads(const ig_config *config, size_t k)
{
    int group = config->settings[k].zip_group;
    for (size_t j = 0; group >= 0 && j < k; j++) {
        if (config->settings[j].zip_group == group) {
            return false;
        }
    }
    return true;
}

/** An axis position with its values: those of one key, or of a whole zip group. */
typedef struct position {
    const ig_config *config;
    size_t key, index;
} position;

static int compare_values(const position *p, const position *q)
{
    const ig_config *c = p->config;
    int group = c->settings[p->key].zip_group;
    for (size_t k = p->key; k < c->schema->n_keys; k++) {
        if (k == p->key || (group >= 0 && c->settings[k].zip_group == group)) {
            const ig_placed *values = c->settings[k].values;
            int order = strcmp(ig_value_text(&values[p->index].value),
                               ig_value_text(&values[q->index].value));
            if (order) {
                return order;
            }
        }
    }
    return 0;
}

static int by_values(const void *a, const void *b)
{
    const position *p = a, *q = b;
    int order = compare_values(p, q);
    return order ? order : (p->index > q->index) - (p->index < q->index);
}

static const ig_placed *placed_at(const position *p)
{
    return &p->config->settings[p->key].values[p->index];
}

static void report_repeat(ig_reader *r, const position *p)
{
    const ig_placed *placed = placed_at(p);
    char quoted[IG_QUOTE_TEXT];
    bool zipped = r->config->settings[p->key].zip_group >= 0;
    IG_REPORT(r, placed, r->schema->keys[p->key].path, "duplicate value %s, allowed: each %s once",
              ig_text_quote(ig_value_text(&placed->value), quoted),
              zipped ? "combination of the zip group" : "value");
}

static ig_status check_axis(ig_reader *r, size_t key)
{
    size_t n = r->config->settings[key].n;
    AUTO_FREE position *positions = NULL;
    TRY(IG_ALLOC(positions, n, NULL));
    for (size_t i = 0; i < n; i++) {
        positions[i] = (position){r->config, key, i};
    }
    qsort(positions, n, sizeof *positions, by_values);
    bool series = false;
    for (size_t i = 1; i < n && !series; i++) {
        if (compare_values(&positions[i - 1], &positions[i]) == 0) {
            report_repeat(r, &positions[i]);
            /* One message for all the values of a series, which stand at one place. */
            const ig_placed *a = placed_at(&positions[i - 1]), *b = placed_at(&positions[i]);
            series = a->line == b->line && a->column == b->column;
        }
    }
    return IG_OK;
}

/** Whether the keys of key k's axis all have the same number of values, as they should. */
static bool is_even(const ig_reader *r, size_t k)
{
    const ig_setting *settings = r->config->settings;
    for (size_t j = 0; settings[k].zip_group >= 0 && j < r->schema->n_keys; j++) {
        if (settings[j].zip_group == settings[k].zip_group &&
            (settings[j].n != settings[k].n || r->faulty[j])) {
            return false;
        }
    }
    return true;
}

ig_status ig_reader_check_repeats(ig_reader *reader)
{
    for (size_t k = 0; k < reader->schema->n_keys; k++) {
        if (reader->config->settings[k].n > 1 && leads(reader->config, k) && is_even(reader, k)) {
            TRY(check_axis(reader, k));
        }
    }
    return IG_OK;
}

void ig_reader_check_size(ig_reader *reader)
{
    const ig_config *config = reader->config;
    /* In doubles: what overflows is infinite, and too many as well. */
    double tasks = (double)config->n_seeds;
    const ig_node *longest = reader->seeds.key;
    size_t most = 0;
    char axes[300];
    snprintf(axes, sizeof axes, "seeds %zu", config->n_seeds);
    for (size_t k = 0; k < reader->schema->n_keys; k++) {
        size_t n = config->settings[k].n;
        if (n < 2 || !leads(config, k)) {
            continue;
        }
        char axis[IG_PATH_TEXT + 32];
        snprintf(axis, sizeof axis, "%s %zu", reader->schema->keys[k].path, n);
        ig_text_list(axes, sizeof axes, axis);
        tasks *= (double)n;
        if (n > most && reader->found[k].key) {
            most = n;
            longest = reader->found[k].key;
        }
    }
    if (tasks > IG_CONFIG_TASKS && longest) {
        char quoted[IG_QUOTE_TEXT];
        IG_REPORT(reader, longest, ig_text_quote(longest->text, quoted),
                  tasks < 1e15 ? "the grid has %.0f tasks (%s), allowed: at most %d"
                               : "the grid has %.3g tasks (%s), allowed: at most %d",
                  tasks, axes, IG_CONFIG_TASKS);
    }
}
