/** From text to a configuration, step by step. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/config-reader.h"
#include "config/suggest.h"

static void list_experiments(const ig_schema *const *schemas, size_t n, char *text, size_t size)
{
    *text = '\0';
    for (size_t i = 0; i < n; i++) {
        ig_text_list(text, size, schemas[i]->experiment);
    }
}

/** Report an `experiment` that names none of the schemas. */
static void report_experiment(ig_reader *r, const ig_schema *const *schemas, size_t n)
{
    const ig_node *node = r->experiment.value;
    char known[400], quoted[IG_QUOTE_TEXT];
    list_experiments(schemas, n, known, sizeof known);
    if (!node) {
        ig_diagnostics_add(r->diagnostics, r->file, r->root->line, r->root->column, "experiment",
                           "this key is missing, allowed: %s", known);
    } else if (node->kind == IG_NODE_LIST || node->kind == IG_NODE_MAPPING) {
        ig_diagnostics_add(r->diagnostics, r->file, node->line, node->column, "experiment",
                           "not a name, allowed: %s", known);
    } else if (node->kind == IG_NODE_SCALAR) {
        ig_suggestion suggestion = {.word = node->text};
        for (size_t i = 0; i < n; i++) {
            ig_suggest_offer(&suggestion, schemas[i]->experiment);
        }
        ig_diagnostics_add(
            r->diagnostics, r->file, node->line, node->column, "experiment",
            "unknown experiment \"%s\"%s%s%s, allowed: %s", ig_text_quote(node->text, quoted),
            suggestion.best ? ", did you mean " : "", suggestion.best ? suggestion.best : "",
            suggestion.best ? "?" : "", known);
    }
}

static void choose_schema(ig_reader *r, const ig_schema *const *schemas, size_t n)
{
    const ig_node *node = r->experiment.value;
    for (size_t i = 0; node && node->kind == IG_NODE_SCALAR && i < n; i++) {
        if (strcmp(schemas[i]->experiment, node->text) == 0) {
            r->schema = schemas[i];
            r->config->schema = schemas[i];
            return;
        }
    }
    report_experiment(r, schemas, n);
}

/** Everything that depends on the experiment's table of keys. */
static ig_status read_schema_keys(ig_reader *r)
{
    size_t n = r->schema->n_keys;
    r->config->settings = calloc(n + 1, sizeof *r->config->settings);
    r->found = calloc(n + 1, sizeof *r->found);
    r->faulty = calloc(n + 1, sizeof *r->faulty);
    if (!r->config->settings || !r->found || !r->faulty) {
        return IG_ERR_MEMORY;
    }
    for (size_t k = 0; k < n; k++) {
        r->config->settings[k].zip_group = -1;
    }
    ig_reader_find_keys(r);
    ig_status status = ig_reader_find_parts(r);
    if (!status) {
        status = ig_reader_read_keys(r);
    }
    if (!status) {
        status = ig_reader_read_parts(r);
    }
    if (!status) {
        ig_reader_read_zip(r);
        status = ig_reader_check_repeats(r);
    }
    if (!status) {
        ig_reader_check_size(r);
    }
    return status;
}

static ig_status read_document(ig_reader *r, const ig_schema *const *schemas, size_t n_schemas)
{
    if (r->root->kind != IG_NODE_MAPPING) {
        if (r->root->kind != IG_NODE_BROKEN) {
            ig_diagnostics_add(r->diagnostics, r->file, r->root->line, r->root->column, NULL,
                               "%s where a mapping is due, allowed: `key: value` lines such as "
                               "`experiment: NAME`",
                               r->root->kind == IG_NODE_LIST ? "a list" : "a single value");
        }
        return IG_OK;
    }
    ig_reader_find_common(r);
    choose_schema(r, schemas, n_schemas);
    ig_reader_read_common(r);
    ig_status status = ig_reader_read_seeds(r);
    if (!status && r->schema) {
        status = read_schema_keys(r);
    }
    return status;
}

/** Resolve a configuration without faults; its text must be one that can be read again. */
static ig_status finish(ig_reader *r)
{
    ig_status status = ig_config_resolve(r->config);
    if (!status && strlen(r->config->resolved) > IG_TREE_BYTES) {
        ig_diagnostics_add(r->diagnostics, r->file, r->root->line, r->root->column, NULL,
                           "%zu bytes once all values are written out, allowed: at most %d",
                           strlen(r->config->resolved), IG_TREE_BYTES);
        status = IG_ERR_CONFIG;
    }
    return status;
}

ig_status ig_config_parse(const char *bytes, size_t size, const char *file,
                          const ig_schema *const *schemas, size_t n_schemas, ig_config **config,
                          ig_diagnostics *diagnostics)
{
    size_t faults_before = ig_diagnostics_count(diagnostics);
    ig_tree *tree = NULL;
    ig_reader reader = {.file = file, .diagnostics = diagnostics};
    ig_config *made = calloc(1, sizeof *made);
    ig_status status = made ? IG_OK : IG_ERR_MEMORY;
    if (!status) {
        reader.config = made;
        made->file = strdup(file);
        status = made->file ? ig_tree_parse(bytes, size, file, &tree, diagnostics) : IG_ERR_MEMORY;
    }
    if (!status) {
        reader.root = ig_tree_root(tree);
        status = read_document(&reader, schemas, n_schemas);
    }
    if (!status && ig_diagnostics_count(diagnostics) > faults_before) {
        status = IG_ERR_CONFIG;
    }
    if (!status) {
        status = finish(&reader);
    }
    if (!status) {
        *config = made;
        made = NULL;
    }
    ig_reader_clear_parts(&reader);
    free(reader.faulty);
    free(reader.found);
    ig_config_destroy(&made);
    ig_tree_destroy(&tree);
    return status;
}
