/** The value or values of each key. */
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "config/config-reader.h"
#include "config/schema-value.h"
#include "config/series.h"

/** Report a value that is wrong in itself. */
static void report(ig_reader *r, const ig_node *node, size_t k, const char *fault)
{
    char allowed[IG_FAULT_TEXT];
    r->faulty[k] = true;
    if (*fault) {
        ig_diagnostics_add(r->diagnostics, r->file, node->line, node->column,
                           r->schema->keys[k].path, "%s, allowed: %s", fault,
                           ig_value_allowed(&r->schema->keys[k], allowed));
    }
}

/** Report a wrong form, and name the forms the key can take. */
static void report_form(ig_reader *r, const ig_node *node, size_t k, const char *fault)
{
    const ig_key *key = &r->schema->keys[k];
    char wide[2 * IG_FAULT_TEXT];
    if (!key->column || !*fault) {
        report(r, node, k, fault);
        return;
    }
    char allowed[IG_FAULT_TEXT];
    bool numeric = key->type == IG_KEY_INTEGER || key->type == IG_KEY_REAL;
    snprintf(wide, sizeof wide, "%s, or a list of different ones%s%s",
             ig_value_allowed(key, allowed), numeric ? ", or " : "",
             numeric ? ig_series_allowed : "");
    r->faulty[k] = true;
    ig_diagnostics_add(r->diagnostics, r->file, node->line, node->column, key->path,
                       "%s, allowed: %s", fault, wide);
}

/** Make room for n values. False: there are too many in all, which is reported once. */
static bool admit(ig_reader *r, const ig_node *node, size_t k, size_t n)
{
    bool had_room = r->n_values <= IG_CONFIG_VALUES;
    r->n_values += n;
    if (r->n_values <= IG_CONFIG_VALUES) {
        return true;
    }
    r->faulty[k] = true;
    if (had_room) {
        ig_diagnostics_add(r->diagnostics, r->file, node->line, node->column,
                           r->schema->keys[k].path,
                           "%zu values so far, allowed: at most %d on all axes together",
                           r->n_values, IG_CONFIG_VALUES);
    }
    return false;
}

static ig_status make_room(ig_setting *setting, size_t n)
{
    setting->values = calloc(n, sizeof *setting->values);
    return setting->values ? IG_OK : IG_ERR_MEMORY;
}

static void place(ig_setting *setting, const ig_node *node, const ig_value *value)
{
    setting->values[setting->n++] = (ig_placed){*value, node->line, node->column};
}

static ig_status read_list(ig_reader *r, const ig_node *list, size_t k)
{
    ig_setting *setting = &r->config->settings[k];
    char fault[IG_FAULT_TEXT];
    if (list->n_items == 0) {
        report_form(r, list, k, "an empty list");
        return IG_OK;
    }
    if (!admit(r, list, k, list->n_items)) {
        return IG_OK;
    }
    ig_status status = make_room(setting, list->n_items);
    for (size_t i = 0; !status && i < list->n_items; i++) {
        ig_value value;
        if (ig_value_read(&r->schema->keys[k], list->items[i], &value, fault)) {
            place(setting, list->items[i], &value);
        } else {
            report(r, list->items[i], k, fault);
        }
    }
    return status;
}

static ig_status read_series(ig_reader *r, const ig_node *mapping, size_t k)
{
    ig_setting *setting = &r->config->settings[k];
    char fault[IG_FAULT_TEXT];
    ig_series series;
    if (!ig_series_read(mapping, &series, fault)) {
        report_form(r, mapping, k, fault);
        return IG_OK;
    }
    if (!admit(r, mapping, k, series.n)) {
        return IG_OK;
    }
    ig_status status = make_room(setting, series.n);
    for (size_t i = 0; !status && i < series.n; i++) {
        ig_value value;
        double number = ig_series_value(&series, i);
        if (!ig_number_value(&r->schema->keys[k], number, &value, fault)) {
            /* One message is enough: the values beyond are wrong for the same reason. */
            report(r, mapping, k, fault);
            break;
        }
        place(setting, mapping, &value);
    }
    return status;
}

static ig_status read_single(ig_reader *r, const ig_node *node, size_t k)
{
    char fault[IG_FAULT_TEXT];
    ig_value value;
    if (!ig_value_read(&r->schema->keys[k], node, &value, fault)) {
        report(r, node, k, fault);
        return IG_OK;
    }
    ig_status status = make_room(&r->config->settings[k], 1);
    if (!status) {
        place(&r->config->settings[k], node, &value);
    }
    return status;
}

/** Whether a node is a list of values; an interval is itself a list. */
static bool is_axis_list(const ig_key *key, const ig_node *node)
{
    return node->kind == IG_NODE_LIST &&
           (key->type != IG_KEY_INTERVAL ||
            (node->n_items > 0 && node->items[0]->kind == IG_NODE_LIST));
}

ig_status ig_reader_read_key(ig_reader *reader, const ig_node *node, size_t k)
{
    ig_reader *r = reader;
    const ig_key *key = &r->schema->keys[k];
    bool list = is_axis_list(key, node);
    bool series =
        node->kind == IG_NODE_MAPPING && (key->type == IG_KEY_INTEGER || key->type == IG_KEY_REAL);
    if (!key->column && (list || series)) {
        report(r, node, k, list ? "a list, but this key is no axis" : "a mapping");
        return IG_OK;
    }
    return list     ? read_list(r, node, k)
           : series ? read_series(r, node, k)
                    : read_single(r, node, k);
}

/** The default is written as in the YAML; one that does not read is a fault of the table. */
static ig_status read_default(ig_reader *r, size_t k)
{
    const ig_key *key = &r->schema->keys[k];
    ig_tree *tree = NULL;
    /* Defaults are few, and a user's long lists must not make one of them fail. */
    size_t given = r->n_values;
    r->n_values = 0;
    ig_status status =
        ig_tree_parse(key->default_text, strlen(key->default_text), r->file, &tree, r->diagnostics);
    if (!status) {
        status = ig_reader_read_key(r, ig_tree_root(tree), k);
    }
    if (status == IG_ERR_CONFIG || r->faulty[k]) {
        ig_bug("the default \"%s\" of key %s is wrong", key->default_text, key->path);
    }
    for (size_t i = 0; i < r->config->settings[k].n; i++) {
        r->config->settings[k].values[i].line = 0;
        r->config->settings[k].values[i].column = 0;
    }
    r->n_values += given;
    ig_tree_destroy(&tree);
    return status;
}

ig_status ig_reader_read_keys(ig_reader *reader)
{
    ig_status status = IG_OK;
    for (size_t k = 0; !status && k < reader->schema->n_keys; k++) {
        const ig_node *node = reader->found[k].value;
        bool in_parts = ig_reader_in_parts(reader, k);
        reader->config->settings[k].given = node || in_parts;
        if (node) {
            status = ig_reader_read_key(reader, node, k);
        } else if (reader->schema->keys[k].default_text) {
            status = read_default(reader, k);
        } else if (!in_parts) {
            report_form(reader, reader->root, k, "this key is missing");
        }
    }
    return status;
}
