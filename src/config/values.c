/** The value or values of each key, of `seeds` and of `common_random_numbers`. */
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "config/private.h"

/** Report a value that is wrong in itself. */
static void report(ig_reader *r, const ig_node *node, size_t k, const char *fault)
{
    char allowed[IG_FAULT_TEXT];
    r->faulty[k] = true;
    if (*fault) {
        IG_REPORT(r, node, r->schema->keys[k].path, "%s, allowed: %s", fault,
                  ig_value_allowed(&r->schema->keys[k], allowed));
    }
}

/** Report a wrong form, and name the forms the key can take. */
static void report_form(ig_reader *r, const ig_node *node, size_t k, const char *fault)
{
    const ig_key *key = &r->schema->keys[k];
    if (!key->column || !*fault) {
        report(r, node, k, fault);
        return;
    }
    char allowed[IG_FAULT_TEXT];
    bool numeric = key->type == IG_KEY_INTEGER || key->type == IG_KEY_REAL;
    r->faulty[k] = true;
    IG_REPORT(r, node, key->path, "%s, allowed: %s, or a list of distinct ones%s%s", fault,
              ig_value_allowed(key, allowed), numeric ? ", or " : "",
              numeric ? ig_series_allowed : "");
}

/** Prepare a key for n values. False: there are too many in all, which is reported once. */
static bool admit(ig_reader *r, const ig_node *node, size_t k, size_t n)
{
    bool had_room = r->n_values <= IG_CONFIG_VALUES;
    r->n_values += n;
    if (r->n_values <= IG_CONFIG_VALUES) {
        return true;
    }
    r->faulty[k] = true;
    if (had_room) {
        IG_REPORT(r, node, r->schema->keys[k].path,
                  "%zu values so far, allowed: at most %d on all axes together", r->n_values,
                  IG_CONFIG_VALUES);
    }
    return false;
}

static void place(ig_setting *setting, const ig_node *node, const ig_value *value)
{
    setting->values[setting->n++] = (ig_placed){*value, node->line, node->column};
}

static ig_status read_list(ig_reader *r, const ig_node *list, size_t k)
{
    ig_setting *setting = &r->config->settings[k];
    if (list->n_items == 0) {
        report_form(r, list, k, "an empty list");
        return IG_OK;
    }
    if (!admit(r, list, k, list->n_items)) {
        return IG_OK;
    }
    TRY(IG_ALLOC(setting->values, list->n_items, NULL));
    for (size_t i = 0; i < list->n_items; i++) {
        char fault[IG_FAULT_TEXT];
        ig_value value;
        if (ig_value_read(&r->schema->keys[k], list->items[i], &r->config->pool, &value, fault)) {
            place(setting, list->items[i], &value);
        } else {
            report(r, list->items[i], k, fault);
        }
    }
    return IG_OK;
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
    TRY(IG_ALLOC(setting->values, series.n, NULL));
    for (size_t i = 0; i < series.n; i++) {
        ig_value value;
        if (!ig_series_value(&r->schema->keys[k], &series, i, &value, fault)) {
            /* One message is enough: the values beyond are wrong for the same reason. */
            report(r, mapping, k, fault);
            break;
        }
        place(setting, mapping, &value);
    }
    return IG_OK;
}

static ig_status read_single(ig_reader *r, const ig_node *node, size_t k)
{
    char fault[IG_FAULT_TEXT];
    ig_value value;
    if (!ig_value_read(&r->schema->keys[k], node, &r->config->pool, &value, fault)) {
        report(r, node, k, fault);
        return IG_OK;
    }
    TRY(IG_ALLOC(r->config->settings[k].values, 1, NULL));
    place(&r->config->settings[k], node, &value);
    return IG_OK;
}

/** Whether a node is a list of values, where values may be lists themselves. */
static bool is_axis_list(const ig_key *key, const ig_node *node)
{
    return node->kind == IG_NODE_LIST && key->type != IG_KEY_TREE &&
           (!ig_key_is_list(key) || (node->n_items > 0 && node->items[0]->kind == IG_NODE_LIST));
}

ig_status ig_reader_read_key(ig_reader *reader, const ig_node *node, size_t k)
{
    ig_reader *r = reader;
    const ig_key *key = &r->schema->keys[k];
    bool list = is_axis_list(key, node);
    bool series =
        node->kind == IG_NODE_MAPPING && (key->type == IG_KEY_INTEGER || key->type == IG_KEY_REAL);
    if (!key->column && (list || series)) {
        report(r, node, k, list ? "a list, but this key is not an axis" : "a mapping");
        return IG_OK;
    }
    TRY(list ? read_list(r, node, k) : series ? read_series(r, node, k) : read_single(r, node, k));
    return r->config->pool.failed ? IG_ERR_MEMORY : IG_OK;
}

/** The default is written as in the YAML; one that does not read is a fault of the table. */
static ig_status read_default(ig_reader *r, size_t k)
{
    const ig_key *key = &r->schema->keys[k];
    AUTO(ig_tree_destroy) ig_tree *tree = NULL;
    /* Defaults are few, and a user's long lists must not make one of them fail. */
    const size_t given = r->n_values;
    r->n_values = 0;
    ig_status status =
        ig_tree_parse(key->default_text, strlen(key->default_text), r->file, &tree, r->diagnostics);
    if (!status) {
        status = ig_reader_read_key(r, ig_tree_root(tree), k);
    }
    if (status == IG_ERR_CONFIG || (!status && r->faulty[k])) {
        ig_bug("the default \"%s\" of key %s is wrong", key->default_text, key->path);
    }
    for (size_t i = 0; i < r->config->settings[k].n; i++) {
        r->config->settings[k].values[i].line = 0;
        r->config->settings[k].values[i].column = 0;
    }
    r->n_values += given;
    return status;
}

ig_status ig_reader_read_keys(ig_reader *reader)
{
    for (size_t k = 0; k < reader->schema->n_keys; k++) {
        const ig_node *node = reader->found[k].value;
        bool in_parts = ig_reader_in_parts(reader, k);
        reader->config->settings[k].given = node || in_parts;
        if (node) {
            TRY(ig_reader_read_key(reader, node, k));
        } else if (reader->schema->keys[k].default_text) {
            TRY(read_default(reader, k));
        } else if (!in_parts) {
            report_form(reader, reader->root, k, "this key is missing");
        }
    }
    return IG_OK;
}

/* Seeds. */

static const ig_key count_key = {
    .path = "seeds", .type = IG_KEY_INTEGER, .low = 1, .high = IG_CONFIG_TASKS};
static const ig_key seed_key = {
    .path = "seeds", .type = IG_KEY_INTEGER, .low = 0, .high = IG_LARGEST_EXACT};

static void report_seeds(ig_reader *r, const ig_node *node, const char *fault)
{
    if (*fault) {
        IG_REPORT(r, node, "seeds",
                  "%s, allowed: a count from 1 to %d, or a list (or {range: [a, b, step]}) of "
                  "distinct whole numbers from 0 to %.0f",
                  fault, IG_CONFIG_TASKS, IG_LARGEST_EXACT);
    }
}

/** A seed and where it stands, for finding the ones given twice. */
typedef struct placed_seed {
    uint64_t seed;
    size_t index;
    const ig_node *node;
} placed_seed;

static int by_seed(const void *a, const void *b)
{
    const placed_seed *p = a, *q = b;
    int order = (p->seed > q->seed) - (p->seed < q->seed);
    return order ? order : (p->index > q->index) - (p->index < q->index);
}

static void report_repeated_seeds(ig_reader *r, placed_seed *seeds, size_t n)
{
    qsort(seeds, n, sizeof *seeds, by_seed);
    bool series = false;
    for (size_t i = 1; i < n && !series; i++) {
        if (seeds[i].seed == seeds[i - 1].seed) {
            /* One message for all the seeds of a series, which stand at one place. */
            series = seeds[i].node == seeds[i - 1].node;
            char fault[IG_FAULT_TEXT];
            snprintf(fault, sizeof fault, "seed %llu is given twice",
                     (unsigned long long)seeds[i].seed);
            report_seeds(r, seeds[i].node, fault);
        }
    }
}

/** Keep the seeds of a list or a series; 0 ... n-1 in order is kept as a count. */
static ig_status keep_seeds(ig_reader *r, placed_seed *seeds, size_t n)
{
    bool counting = true;
    AUTO_FREE uint64_t *kept = NULL;
    TRY(IG_ALLOC(kept, n, NULL));
    for (size_t i = 0; i < n; i++) {
        kept[i] = seeds[i].seed;
        counting = counting && kept[i] == i;
    }
    r->config->n_seeds = n;
    r->config->seeds = counting ? NULL : ig_take(&kept);
    report_repeated_seeds(r, seeds, n);
    return IG_OK;
}

/** The n seeds of a list, or of a series where that is not NULL. */
static ig_status read_many(ig_reader *r, const ig_node *node, const ig_series *series, size_t n)
{
    char fault[IG_FAULT_TEXT];
    if (n == 0) {
        report_seeds(r, node, "an empty list");
        return IG_OK;
    }
    r->n_values += n;
    if (r->n_values > IG_CONFIG_VALUES) {
        snprintf(fault, sizeof fault, "%zu seeds are too many for a list of at most %d", n,
                 IG_CONFIG_VALUES);
        report_seeds(r, node, fault);
        return IG_OK;
    }
    AUTO_FREE placed_seed *seeds = NULL;
    TRY(IG_ALLOC(seeds, n, NULL));
    size_t good = 0;
    for (size_t i = 0; i < n; i++) {
        const ig_node *place = series ? node : node->items[i];
        ig_value value;
        if (series ? ig_series_value(&seed_key, series, i, &value, fault)
                   : ig_value_read(&seed_key, place, NULL, &value, fault)) {
            seeds[good++] = (placed_seed){(uint64_t)value.integer, i, place};
        } else {
            report_seeds(r, place, fault);
        }
    }
    return good > 0 ? keep_seeds(r, seeds, good) : IG_OK;
}

ig_status ig_reader_read_seeds(ig_reader *reader)
{
    const ig_node *node = reader->seeds.value;
    char fault[IG_FAULT_TEXT];
    ig_series series;
    ig_value count;
    if (!node) {
        report_seeds(reader, reader->root, "this key is missing");
    } else if (node->kind == IG_NODE_LIST) {
        return read_many(reader, node, NULL, node->n_items);
    } else if (node->kind == IG_NODE_MAPPING && ig_series_read(node, &series, fault)) {
        return read_many(reader, node, &series, series.n);
    } else if (node->kind == IG_NODE_MAPPING ||
               !ig_value_read(&count_key, node, NULL, &count, fault)) {
        report_seeds(reader, node, fault);
    } else {
        reader->config->n_seeds = (size_t)count.integer;
    }
    return IG_OK;
}

void ig_reader_read_common(ig_reader *reader)
{
    const ig_node *node = reader->common_random_numbers.value;
    reader->config->common_random_numbers = true;
    if (!node || node->kind == IG_NODE_BROKEN) {
        return;
    }
    bool scalar = node->kind == IG_NODE_SCALAR;
    if (scalar && strcmp(node->text, "false") == 0) {
        reader->config->common_random_numbers = false;
    } else if (!scalar || strcmp(node->text, "true") != 0) {
        char quoted[IG_QUOTE_TEXT];
        IG_REPORT(reader, node, "common_random_numbers",
                  "\"%s\" is not a boolean, allowed: true or false",
                  scalar ? ig_text_quote(node->text, quoted) : "a list or mapping");
    }
}
