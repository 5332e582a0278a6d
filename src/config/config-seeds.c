/** `seeds` and `common_random_numbers`. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/config-reader.h"
#include "config/schema-value.h"
#include "config/series.h"

static const ig_key count_key = {
    .path = "seeds", .type = IG_KEY_INTEGER, .low = 1, .high = IG_CONFIG_TASKS};
static const ig_key seed_key = {
    .path = "seeds", .type = IG_KEY_INTEGER, .low = 0, .high = IG_LARGEST_EXACT};

static void report(ig_reader *r, const ig_node *node, const char *fault)
{
    if (*fault) {
        ig_diagnostics_add(r->diagnostics, r->file, node->line, node->column, "seeds",
                           "%s, allowed: a count from 1 to %d, or a list (or {range: [a, b, "
                           "step]}) of different whole numbers from 0 to %.0f",
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

static void report_repeats(ig_reader *r, placed_seed *seeds, size_t n)
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
            report(r, seeds[i].node, fault);
        }
    }
}

/** Keep the seeds of a list or a series; 0 ... n-1 in order is kept as a count. */
static ig_status keep(ig_reader *r, placed_seed *seeds, size_t n)
{
    bool counting = true;
    uint64_t *kept = calloc(n, sizeof *kept);
    if (!kept) {
        return IG_ERR_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        kept[i] = seeds[i].seed;
        counting = counting && kept[i] == i;
    }
    r->config->n_seeds = n;
    if (counting) {
        free(kept);
    } else {
        r->config->seeds = kept;
    }
    report_repeats(r, seeds, n);
    return IG_OK;
}

/** Seed i of a list or a series. */
static bool read_seed(const ig_node *node, const ig_series *series, size_t i, placed_seed *seed,
                      char fault[IG_FAULT_TEXT])
{
    ig_value value;
    seed->node = series ? node : node->items[i];
    bool good = series ? ig_number_value(&seed_key, ig_series_value(series, i), &value, fault)
                       : ig_value_read(&seed_key, seed->node, &value, fault);
    if (good) {
        seed->seed = (uint64_t)value.integer;
        seed->index = i;
    }
    return good;
}

static ig_status read_many(ig_reader *r, const ig_node *node, const ig_series *series, size_t n)
{
    char fault[IG_FAULT_TEXT];
    if (n == 0) {
        report(r, node, "an empty list");
        return IG_OK;
    }
    r->n_values += n;
    if (r->n_values > IG_CONFIG_VALUES) {
        snprintf(fault, sizeof fault, "%zu seeds are too many for a list of at most %d", n,
                 IG_CONFIG_VALUES);
        report(r, node, fault);
        return IG_OK;
    }
    placed_seed *seeds = calloc(n, sizeof *seeds);
    if (!seeds) {
        return IG_ERR_MEMORY;
    }
    size_t good = 0;
    for (size_t i = 0; i < n; i++) {
        if (read_seed(node, series, i, &seeds[good], fault)) {
            good++;
        } else {
            report(r, seeds[good].node, fault);
        }
    }
    ig_status status = good > 0 ? keep(r, seeds, good) : IG_OK;
    free(seeds);
    return status;
}

static void read_count(ig_reader *r, const ig_node *node)
{
    char fault[IG_FAULT_TEXT];
    ig_value count;
    if (ig_value_read(&count_key, node, &count, fault)) {
        r->config->n_seeds = (size_t)count.integer;
    } else {
        report(r, node, fault);
    }
}

ig_status ig_reader_read_seeds(ig_reader *reader)
{
    const ig_node *node = reader->seeds.value;
    char fault[IG_FAULT_TEXT];
    ig_series series;
    if (!node) {
        report(reader, reader->root, "this key is missing");
        return IG_OK;
    }
    switch (node->kind) {
    case IG_NODE_LIST:
        return read_many(reader, node, NULL, node->n_items);
    case IG_NODE_MAPPING:
        if (ig_series_read(node, &series, fault)) {
            return read_many(reader, node, &series, series.n);
        }
        report(reader, node, fault);
        return IG_OK;
    case IG_NODE_SCALAR:
        read_count(reader, node);
        return IG_OK;
    case IG_NODE_BROKEN:
        return IG_OK;
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
        ig_diagnostics_add(reader->diagnostics, reader->file, node->line, node->column,
                           "common_random_numbers", "\"%s\" is neither, allowed: true or false",
                           scalar ? ig_text_quote(node->text, quoted) : "a list or mapping");
    }
}
