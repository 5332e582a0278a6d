/** The zip groups: axes that advance together. */
#include <string.h>

#include "base/text.h"
#include "config/config-reader.h"
#include "config/suggest.h"

static const char form[] = "a list of groups of axis keys, such as [[train.epochs, "
                           "train.minibatch]]";

static void report(ig_reader *r, const ig_node *node, const char *what)
{
    if (node->kind != IG_NODE_BROKEN) {
        ig_diagnostics_add(r->diagnostics, r->file, node->line, node->column, "zip",
                           "%s, allowed: %s", what, form);
    }
}

static void list_axes(const ig_schema *schema, char *text, size_t size)
{
    *text = '\0';
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (schema->keys[k].column) {
            ig_text_list(text, size, schema->keys[k].path);
        }
    }
}

static void report_name(ig_reader *r, const ig_node *node, const char *what)
{
    char quoted[IG_QUOTE_TEXT], axes[400];
    ig_suggestion suggestion = {.word = node->text};
    for (size_t k = 0; k < r->schema->n_keys; k++) {
        if (r->schema->keys[k].column && strcmp(r->schema->keys[k].path, node->text) != 0) {
            ig_suggest_offer(&suggestion, r->schema->keys[k].path);
        }
    }
    list_axes(r->schema, axes, sizeof axes);
    ig_diagnostics_add(r->diagnostics, r->file, node->line, node->column, "zip",
                       "%s \"%s\"%s%s%s, allowed: %s", what, ig_text_quote(node->text, quoted),
                       suggestion.best ? ", did you mean " : "",
                       suggestion.best ? suggestion.best : "", suggestion.best ? "?" : "", axes);
}

/** Put one named key into group g; returns whether it is there. */
static bool join(ig_reader *r, const ig_node *node, int g)
{
    if (node->kind != IG_NODE_SCALAR) {
        report(r, node, "not the name of a key");
        return false;
    }
    for (size_t k = 0; k < r->schema->n_keys; k++) {
        const ig_key *key = &r->schema->keys[k];
        ig_setting *setting = &r->config->settings[k];
        if (strcmp(key->path, node->text) != 0) {
            continue;
        }
        if (!key->column) {
            report_name(r, node, "a key that is no axis");
            return false;
        }
        if (setting->zip_group >= 0) {
            ig_diagnostics_add(r->diagnostics, r->file, node->line, node->column, "zip",
                               "%s %s, allowed: each key once in one group", key->path,
                               setting->zip_group == IG_ZIP_OF_PARTS ? "stands in `parts` already"
                                                                     : "is zipped twice");
            return false;
        }
        setting->zip_group = g;
        return true;
    }
    report_name(r, node, "unknown key");
    return false;
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
            ig_diagnostics_add(r->diagnostics, r->file, group->line, group->column, "zip",
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
        report(r, group, "not a list of keys");
        return;
    }
    if (group->n_items < 2) {
        report(r, group, "a group of less than two keys");
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
    /* Groups already renumbered are told from the others by being negative. */
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
        report(reader, node, node->kind == IG_NODE_SCALAR ? "a single value" : "a mapping");
        return;
    }
    if (node->n_items > 0 && node->items[0]->kind == IG_NODE_SCALAR) {
        report(reader, node->items[0], "a key outside a group");
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
