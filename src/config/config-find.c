/** Finding the keys in the document. */
#include <string.h>

#include "base/text.h"
#include "config/config-reader.h"
#include "config/suggest.h"

static const char *const common_keys[] = {"experiment", "seeds", "common_random_numbers", "zip",
                                          "parts"};
enum { N_COMMON = sizeof common_keys / sizeof *common_keys, NONE = -1 };

static ig_found *common_slot(ig_reader *r, const char *name)
{
    ig_found *const slots[N_COMMON] = {&r->experiment, &r->seeds, &r->common_random_numbers,
                                       &r->zip, &r->parts};
    for (size_t i = 0; i < N_COMMON; i++) {
        if (strcmp(common_keys[i], name) == 0) {
            return slots[i];
        }
    }
    return NULL;
}

void ig_reader_find_common(ig_reader *reader)
{
    const ig_node *root = reader->root;
    for (size_t i = 0; i < root->n_items; i += 2) {
        ig_found *slot = common_slot(reader, root->items[i]->text);
        if (slot) {
            *slot = (ig_found){root->items[i], root->items[i + 1]};
        }
    }
}

/** Whether a path lies inside the mapping `group` ("" for the whole document). */
static bool lies_in(const char *path, const char *group)
{
    size_t length = strlen(group);
    return length == 0 || (strncmp(path, group, length) == 0 && path[length] == '.');
}

static bool is_group(const ig_schema *schema, const char *path)
{
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (lies_in(schema->keys[k].path, path)) {
            return true;
        }
    }
    return false;
}

/** The known keys inside a group, as they would be written there; in a part, the axis keys only. */
static void list_known(const ig_reader *r, const char *group, char *text, size_t size)
{
    const ig_schema *schema = r->schema;
    bool in_part = r->part != NULL;
    *text = '\0';
    for (size_t i = 0; i < N_COMMON && !*group && !in_part; i++) {
        ig_text_list(text, size, common_keys[i]);
    }
    for (size_t k = 0; k < schema->n_keys; k++) {
        const char *path = schema->keys[k].path;
        if (lies_in(path, group) && (schema->keys[k].column || !in_part)) {
            ig_text_list(text, size, path + (*group ? strlen(group) + 1 : 0));
        }
    }
}

static void report_unknown(ig_reader *r, const ig_node *key, const char *path, const char *group)
{
    char quoted[IG_QUOTE_TEXT], known[400];
    ig_text_quote(path, quoted);
    if (strcmp(key->text, "<<") == 0) {
        ig_diagnostics_add(r->diagnostics, r->file, key->line, key->column, quoted,
                           "merge keys are not read, allowed: each key written out, or an alias "
                           "as its value");
        return;
    }
    ig_suggestion suggestion = {.word = path};
    for (size_t k = 0; k < r->schema->n_keys; k++) {
        if (r->schema->keys[k].column || !r->part) {
            ig_suggest_offer(&suggestion, r->schema->keys[k].path);
        }
    }
    for (size_t i = 0; i < N_COMMON && !r->part; i++) {
        ig_suggest_offer(&suggestion, common_keys[i]);
    }
    if (suggestion.best) {
        ig_diagnostics_add(r->diagnostics, r->file, key->line, key->column, quoted,
                           "unknown key, did you mean %s?", suggestion.best);
    } else {
        list_known(r, group, known, sizeof known);
        ig_diagnostics_add(r->diagnostics, r->file, key->line, key->column, quoted,
                           "unknown key, allowed: %s", known);
    }
}

static int find_key(const ig_schema *schema, const char *path)
{
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (strcmp(schema->keys[k].path, path) == 0) {
            return (int)k;
        }
    }
    return NONE;
}

static void take_key(ig_reader *r, int k, const ig_node *key, const ig_node *value)
{
    ig_found *found = r->part ? r->part->found : r->found;
    const ig_node *first = found[k].key;
    if (first) {
        ig_diagnostics_add(r->diagnostics, r->file, key->line, key->column, r->schema->keys[k].path,
                           "duplicate key, first given in line %zu, allowed: once", first->line);
        return;
    }
    found[k] = (ig_found){key, value};
}

/** Take the keys of one mapping; groups open further ones, at most as deep as the tree. */
static void find_in(ig_reader *r, const ig_node *mapping, const char *group)
{
    for (size_t i = 0; i < mapping->n_items; i += 2) {
        const ig_node *key = mapping->items[i], *value = mapping->items[i + 1];
        char path[IG_PATH_TEXT];
        snprintf(path, sizeof path, "%s%s%s", group, *group ? "." : "", key->text);
        if (!*group && !r->part && common_slot(r, key->text)) {
            continue;
        }
        int k = find_key(r->schema, path);
        if (k != NONE && r->part && !r->schema->keys[k].column) {
            char known[400];
            list_known(r, "", known, sizeof known);
            ig_diagnostics_add(r->diagnostics, r->file, key->line, key->column, path,
                               "no axis, allowed in a part: %s", known);
        } else if (k != NONE) {
            take_key(r, k, key, value);
        } else if (!is_group(r->schema, path) || !*key->text) {
            report_unknown(r, key, path, group);
        } else if (value->kind == IG_NODE_MAPPING) {
            find_in(r, value, path);
        } else if (value->kind != IG_NODE_BROKEN) {
            char known[400];
            list_known(r, path, known, sizeof known);
            ig_diagnostics_add(r->diagnostics, r->file, value->line, value->column, path,
                               "%s where a mapping is due, allowed: {KEY: VALUE, ...} with the "
                               "keys %s",
                               value->kind == IG_NODE_LIST ? "a list" : "a single value", known);
        }
    }
}

void ig_reader_find_keys(ig_reader *reader)
{
    find_in(reader, reader->root, "");
}

void ig_reader_find_part_keys(ig_reader *reader, ig_part *part)
{
    reader->part = part;
    find_in(reader, part->node, "");
    reader->part = NULL;
}

bool ig_reader_in_parts(const ig_reader *reader, size_t k)
{
    for (size_t p = 0; p < reader->n_parts; p++) {
        if (reader->part_list[p].found[k].value) {
            return true;
        }
    }
    return false;
}
