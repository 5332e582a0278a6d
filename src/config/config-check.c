/** What takes all keys together. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/config-reader.h"

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
            int order = strcmp(values[p->index].value.text, values[q->index].value.text);
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
    bool zipped = r->config->settings[p->key].zip_group >= 0;
    ig_diagnostics_add(r->diagnostics, r->file, placed->line, placed->column,
                       r->schema->keys[p->key].path, "duplicate value %s, allowed: each %s once",
                       placed->value.text, zipped ? "combination of the zip group" : "value");
}

static ig_status check_axis(ig_reader *r, size_t key)
{
    size_t n = r->config->settings[key].n;
    position *positions = calloc(n, sizeof *positions);
    if (!positions) {
        return IG_ERR_MEMORY;
    }
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
    free(positions);
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
    ig_status status = IG_OK;
    for (size_t k = 0; !status && k < reader->schema->n_keys; k++) {
        if (reader->config->settings[k].n > 1 && leads(reader->config, k) && is_even(reader, k)) {
            status = check_axis(reader, k);
        }
    }
    return status;
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
        ig_diagnostics_add(reader->diagnostics, reader->file, longest->line, longest->column,
                           ig_text_quote(longest->text, quoted),
                           tasks < 1e15 ? "the grid has %.0f tasks (%s), allowed: at most %d"
                                        : "the grid has %.3g tasks (%s), allowed: at most %d",
                           tasks, axes, IG_CONFIG_TASKS);
    }
}
