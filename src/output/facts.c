/** What files say about themselves: where their numbers come from. */
#include <string.h>

#include "base/try.h"
#include "output/output.h"

static ig_status add(ig_facts *facts, ig_fact fact, ig_error *error)
{
    TRY(IG_GROW(facts->facts, facts->n + 1, error));
    facts->facts[facts->n++] = fact;
    return IG_OK;
}

ig_status ig_facts_text(ig_facts *facts, const char *name, const char *text, ig_error *error)
{
    AUTO_FREE char *copy = text ? ig_strdup(text, error) : NULL;
    if (!copy) {
        return text ? IG_ERR_MEMORY : IG_OK;
    }
    TRY(add(facts, (ig_fact){.name = name, .text = copy}, error));
    copy = NULL;
    return IG_OK;
}

ig_status ig_facts_number(ig_facts *facts, const char *name, size_t number, ig_error *error)
{
    return add(facts, (ig_fact){.name = name, .number = (int64_t)number}, error);
}

void ig_facts_clear(ig_facts *facts)
{
    for (size_t i = 0; i < facts->n; i++) {
        free(facts->facts[i].text);
    }
    free(facts->facts);
    *facts = (ig_facts){0};
}

/** The input files' names, one a line, malloc'd; NULL without memory. */
static char *source_files(const ig_rows *rows)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    for (size_t i = 0; stream && i < rows->n_paths; i++) {
        fprintf(stream, "%s%s", i ? "\n" : "", rows->paths[i]);
    }
    if (!stream || fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

ig_status ig_facts_of(const ig_merged *merged, ig_facts *facts, ig_error *error)
{
    const ig_rows *rows = &merged->rows;
    AUTO_FREE char *sources = source_files(rows);
    AUTO(ig_facts_clear) ig_facts made = {0};
    if (!sources) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory for the file names");
    }
    const char *const texts[][2] = {
        {"title", rows->experiment->title},
        {"experiment", rows->experiment->schema.experiment},
        {"config", ig_config_resolved(rows->config)},
        {"config_hash", ig_config_hash(rows->config)},
        {"isa", ig_store_attribute(rows->store, "isa")},
        {"source_files", sources},
        {"interval", rows->how.interval == IG_INTERVAL_BCA ? "bca" : "percentile"},
        {"baseline", merged->baseline ? merged->baseline : ""},
        {"plugin", ig_store_attribute(rows->store, "plugin")},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        TRY(ig_facts_text(&made, texts[i][0], texts[i][1], error));
    }
    TRY(ig_facts_number(&made, "resamples", rows->how.resamples, error));
    *facts = made;
    made = (ig_facts){0};
    return IG_OK;
}
