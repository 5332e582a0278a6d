/** From text to a configuration: the experiment, the keys of its document, and the steps that read
 *  them. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "config/diagnostics.h"
#include "config/private.h"
#include "imagrid/experiment.h"

static const char *const common_keys[] = {"experiment", "seeds", "common_random_numbers", "zip",
                                          "parts"};
enum { N_COMMON = sizeof common_keys / sizeof *common_keys };

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

static void find_common(ig_reader *reader)
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

enum { KNOWN_TEXT = 400 };
/** The known keys inside a group, as they would be written there; in a part, the axis keys only. */
static const char *list_known(const ig_reader *r, const char *group, char text[KNOWN_TEXT])
{
    const ig_schema *schema = r->schema;
    *text = '\0';
    for (size_t i = 0; i < N_COMMON && !*group && !r->part; i++) {
        ig_text_list(text, KNOWN_TEXT, common_keys[i]);
    }
    for (size_t k = 0; k < schema->n_keys; k++) {
        const char *path = schema->keys[k].path;
        if (lies_in(path, group) && (schema->keys[k].column || !r->part)) {
            ig_text_list(text, KNOWN_TEXT, path + (*group ? strlen(group) + 1 : 0));
        }
    }
    return text;
}

static void report_unknown(ig_reader *r, const ig_node *key, const char *path, const char *group)
{
    char quoted[IG_QUOTE_TEXT], known[KNOWN_TEXT];
    ig_suggestion suggestion = {.word = path};
    for (size_t k = 0; k < r->schema->n_keys; k++) {
        if (r->schema->keys[k].column || !r->part) {
            ig_suggest_offer(&suggestion, r->schema->keys[k].path);
        }
    }
    for (size_t i = 0; i < N_COMMON && !r->part; i++) {
        ig_suggest_offer(&suggestion, common_keys[i]);
    }
    ig_text_quote(path, quoted);
    if (strcmp(key->text, "<<") == 0) {
        IG_REPORT(r, key, quoted,
                  "merge keys are not supported, allowed: each key written out, or an alias as its "
                  "value");
    } else if (strchr(key->text, ':')) {
        IG_REPORT(r, key, quoted,
                  "unknown key, a space is missing after the colon, allowed: {KEY: VALUE, ...}");
    } else if (suggestion.best) {
        IG_REPORT(r, key, quoted, "unknown key, did you mean %s?", suggestion.best);
    } else {
        IG_REPORT(r, key, quoted, "unknown key, allowed: %s", list_known(r, group, known));
    }
}

size_t ig_reader_find(const ig_schema *schema, const char *path, bool coordinates)
{
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (strcmp(schema->keys[k].path, path) == 0) {
            return k;
        }
    }
    for (size_t k = 0; coordinates && k < schema->n_keys; k++) {
        if (schema->keys[k].column && strcmp(schema->keys[k].column, path) == 0) {
            return k;
        }
    }
    return schema->n_keys;
}

static void take_key(ig_reader *r, size_t k, const ig_node *key, const ig_node *value)
{
    ig_found *found = &(r->part ? r->part->found : r->found)[k];
    const char *path = r->schema->keys[k].path;
    char known[KNOWN_TEXT];
    if (r->part && !r->schema->keys[k].column) {
        IG_REPORT(r, key, path, "not an axis key, allowed in a part: %s", list_known(r, "", known));
    } else if (found->key) {
        IG_REPORT(r, key, path, "duplicate key, first given in line %zu, allowed: once",
                  found->key->line);
    } else {
        *found = (ig_found){key, value};
    }
}

/** Take the keys of one mapping; groups open further ones, at most as deep as the tree. */
static void find_in(ig_reader *r, const ig_node *mapping, const char *group)
{
    for (size_t i = 0; i < mapping->n_items; i += 2) {
        const ig_node *key = mapping->items[i], *value = mapping->items[i + 1];
        char path[IG_PATH_TEXT], known[KNOWN_TEXT];
        snprintf(path, sizeof path, "%s%s%s", group, *group ? "." : "", key->text);
        if (!*group && !r->part && common_slot(r, key->text)) {
            continue;
        }
        size_t k = ig_reader_find(r->schema, path, r->part != NULL);
        if (k < r->schema->n_keys) {
            take_key(r, k, key, value);
        } else if (!is_group(r->schema, path) || !*key->text) {
            report_unknown(r, key, path, group);
        } else if (value->kind == IG_NODE_MAPPING) {
            find_in(r, value, path);
        } else if (value->kind != IG_NODE_BROKEN) {
            IG_REPORT(r, value, path,
                      "%s where a mapping is expected, allowed: {KEY: VALUE, ...} with the keys %s",
                      value->kind == IG_NODE_LIST ? "a list" : "a single value",
                      list_known(r, path, known));
        }
    }
}

void ig_reader_find_keys(ig_reader *reader, const ig_node *mapping)
{
    find_in(reader, mapping, "");
}

/** Report an `experiment` that names none of the schemas. */
static void report_experiment(ig_reader *r, const ig_schema *const *schemas, size_t n)
{
    const ig_node *node = r->experiment.value;
    char known[KNOWN_TEXT] = "", quoted[IG_QUOTE_TEXT], hint[IG_HINT_TEXT];
    for (size_t i = 0; i < n; i++) {
        ig_text_list(known, sizeof known, schemas[i]->experiment);
    }
    if (!node) {
        IG_REPORT(r, r->root, "experiment", "this key is missing, allowed: %s", known);
    } else if (node->kind == IG_NODE_LIST || node->kind == IG_NODE_MAPPING) {
        IG_REPORT(r, node, "experiment", "not a name, allowed: %s", known);
    } else if (node->kind == IG_NODE_SCALAR) {
        ig_suggestion suggestion = {.word = node->text};
        for (size_t i = 0; i < n; i++) {
            ig_suggest_offer(&suggestion, schemas[i]->experiment);
        }
        IG_REPORT(r, node, "experiment", "unknown experiment \"%s\"%s, allowed: %s",
                  ig_text_quote(node->text, quoted), ig_suggest_hint(&suggestion, hint), known);
    }
}

/** What `experiment` may name. */
typedef struct known_schemas {
    const ig_schema *const *list;
    size_t n;
    const ig_registry *registry; /**< whose schemas these are, or NULL */
} known_schemas;

/** Take a schema, or what its experiment makes of the document. */
static ig_status take_schema(ig_reader *r, const known_schemas *s, size_t i)
{
    const ig_experiment *e = s->registry ? s->registry->experiments[i] : NULL;
    r->schema = s->list[i];
    if (e && e->declare) {
        TRY(e->declare(e, r->root, r->file, &r->config->pool, &e, r->diagnostics));
        r->schema = &e->schema;
    }
    r->config->schema = r->schema;
    return IG_OK;
}

static ig_status choose_schema(ig_reader *r, const known_schemas *s)
{
    const ig_node *node = r->experiment.value;
    for (size_t i = 0; node && node->kind == IG_NODE_SCALAR && i < s->n; i++) {
        if (strcmp(s->list[i]->experiment, node->text) == 0) {
            return take_schema(r, s, i);
        }
    }
    report_experiment(r, s->list, s->n);
    return IG_OK;
}

/** Everything that depends on the experiment's table of keys. */
static ig_status read_schema_keys(ig_reader *r)
{
    const size_t n = r->schema->n_keys;
    TRY(IG_ALLOC(r->config->settings, n, NULL));
    TRY(IG_ALLOC(r->found, n, NULL));
    TRY(IG_ALLOC(r->faulty, n, NULL));
    for (size_t k = 0; k < n; k++) {
        r->config->settings[k].zip_group = -1;
    }
    ig_reader_find_keys(r, r->root);
    TRY(ig_reader_find_parts(r));
    TRY(ig_reader_read_keys(r));
    TRY(ig_reader_read_parts(r));
    ig_reader_read_zip(r);
    TRY(ig_reader_check_repeats(r));
    ig_reader_check_size(r);
    return IG_OK;
}

static ig_status read_document(ig_reader *r, const known_schemas *s)
{
    if (r->root->kind != IG_NODE_MAPPING) {
        if (r->root->kind != IG_NODE_BROKEN) {
            IG_REPORT(r, r->root, NULL,
                      "%s where a mapping is expected, allowed: `key: value` lines such as "
                      "`experiment: NAME`",
                      r->root->kind == IG_NODE_LIST ? "a list" : "a single value");
        }
        return IG_OK;
    }
    find_common(r);
    TRY(choose_schema(r, s));
    ig_reader_read_common(r);
    TRY(ig_reader_read_seeds(r));
    return r->schema ? read_schema_keys(r) : IG_OK;
}

/** Resolve a configuration without faults; its text must be one that can be read again. */
static ig_status finish(ig_reader *r)
{
    TRY(ig_config_resolve(r->config));
    const size_t size = strlen(r->config->resolved);
    if (size > IG_TREE_BYTES) {
        IG_REPORT(r, r->root, NULL,
                  "%zu bytes once all values are written out, allowed: at most %d", size,
                  IG_TREE_BYTES);
        return IG_ERR_CONFIG;
    }
    return IG_OK;
}

static void clear_reader(ig_reader *reader)
{
    ig_reader_clear_parts(reader);
    free(reader->faulty);
    free(reader->found);
}

static ig_status parse(const char *bytes, size_t size, const char *file, const known_schemas *s,
                       ig_config **config, ig_diagnostics *diagnostics)
{
    const size_t faults_before = ig_diagnostics_count(diagnostics);
    AUTO(ig_tree_destroy) ig_tree *tree = NULL;
    AUTO(ig_config_destroy) ig_config *made = NULL;
    AUTO(clear_reader) ig_reader reader = {.file = file, .diagnostics = diagnostics};
    TRY(IG_ALLOC(made, 1, NULL));
    made->file = ig_strdup(file, NULL);
    if (!made->file) {
        return IG_ERR_MEMORY;
    }
    made->pool.file = made->file;
    TRY(ig_tree_parse(bytes, size, file, &tree, diagnostics));
    reader.config = made;
    reader.root = ig_tree_root(tree);
    TRY(read_document(&reader, s));
    if (ig_diagnostics_count(diagnostics) > faults_before) {
        return IG_ERR_CONFIG;
    }
    TRY(finish(&reader));
    *config = ig_take(&made);
    return IG_OK;
}

ig_status ig_config_parse(const char *bytes, size_t size, const char *file,
                          const ig_schema *const *schemas, size_t n_schemas, ig_config **config,
                          ig_diagnostics *diagnostics)
{
    const known_schemas known = {schemas, n_schemas, NULL};
    return parse(bytes, size, file, &known, config, diagnostics);
}

/* The experiments a program knows. */

_Static_assert(offsetof(ig_experiment, schema) == 0, "ig_experiment_of relies on it");

const char *ig_registry_origin(const ig_registry *registry, const ig_experiment *experiment)
{
    for (size_t i = 0; registry->origins && i < registry->n; i++) {
        if (registry->experiments[i] == experiment) {
            return registry->origins[i];
        }
    }
    return NULL;
}

ig_status ig_registry_parse(const ig_registry *registry, const char *bytes, size_t size,
                            const char *file, ig_config **config, ig_diagnostics *diagnostics)
{
    AUTO_FREE const ig_schema **list = NULL;
    TRY(IG_ALLOC(list, registry->n, NULL));
    for (size_t i = 0; i < registry->n; i++) {
        list[i] = &registry->experiments[i]->schema;
    }
    return parse(bytes, size, file, &(known_schemas){list, registry->n, registry}, config,
                 diagnostics);
}

const void *ig_summary_analysis(const ig_summary *summary, ig_analysis_kind kind, size_t i)
{
    size_t found = 0;
    for (size_t a = 0; a < summary->n_analyses; a++) {
        if (summary->analyses[a].kind == kind && found++ == i) {
            return summary->analyses[a].spec;
        }
    }
    return NULL;
}
