/** The starts of a run: group `provenance`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "base/text.h"
#include "store/internal.h"
#include "store/padded.h"

static const ig_variable *field(const ig_store *store, const char *name)
{
    const ig_variable *v = ig_plan_find(store->starts, name);
    if (!v) {
        ig_bug("no dataset of the starts is named %s", name);
    }
    return v;
}

/** Files of imagrid's own experiments say nothing of plugins. */
static bool has_field(const ig_store *store, const char *name)
{
    return strcmp(name, IG_STORE_ORIGIN) != 0 || ig_plan_find(store->starts, name);
}

/** Number of starts noted: those before the first without a time. */
static ig_status count_starts(const ig_store *store, size_t *n, ig_error *error)
{
    double begin[IG_STORE_STARTS];
    ig_status status =
        ig_store_read_rows(store, field(store, "begin"), 0, IG_STORE_STARTS, begin, error);
    if (!status) {
        *n = 0;
        while (*n < IG_STORE_STARTS && !isnan(begin[*n])) {
            (*n)++;
        }
    }
    return status;
}

static ig_status put(const ig_store *store, const char *name, size_t slot, const void *bytes,
                     ig_error *error)
{
    return ig_store_write_rows(store, field(store, name), slot, 1, bytes, error);
}

ig_status ig_store_start_begin(ig_store *store, const ig_start *start, size_t *slot,
                               ig_error *error)
{
    const double running = (double)NAN;
    const int32_t no_code = -1;
    char hosts[IG_STORE_HOSTS], job[IG_STORE_JOB], plugin[IG_STORE_PLUGIN];
    /* The time comes last: it is what tells that a row is there. */
    const struct {
        const char *name;
        const void *bytes;
    } fields[] = {{"end", &running},
                  {"exit_code", &no_code},
                  {"ranks", &start->ranks},
                  {"shard", &start->shard},
                  {"shards", &start->shards},
                  {"hosts", hosts},
                  {"job", job},
                  {IG_STORE_ORIGIN, plugin},
                  {"begin", &start->begin}};
    size_t n = 0;
    ig_padded_text(start->hosts, strnlen(start->hosts, sizeof start->hosts), hosts, sizeof hosts);
    ig_padded_text(start->job, strnlen(start->job, sizeof start->job), job, sizeof job);
    ig_padded_text(start->plugin, strnlen(start->plugin, sizeof start->plugin), plugin,
                   sizeof plugin);
    ig_status status = ig_store_want_writable(store, error);
    if (!status) {
        status = count_starts(store, &n, error);
    }
    size_t here = n < IG_STORE_STARTS ? n : IG_STORE_STARTS - 1;
    for (size_t i = 0; i < sizeof fields / sizeof *fields && !status; i++) {
        if (has_field(store, fields[i].name)) {
            status = put(store, fields[i].name, here, fields[i].bytes, error);
        }
    }
    if (!status) {
        status = ig_store_sync(store, error);
    }
    if (!status) {
        *slot = here;
    }
    return status;
}

ig_status ig_store_start_end(ig_store *store, size_t slot, double end, int32_t exit_code,
                             ig_error *error)
{
    ig_status status = ig_store_want_writable(store, error);
    if (!status && slot >= IG_STORE_STARTS) {
        status = ig_error_set(error, IG_ERR_USAGE, "%s has no start %zu", store->path, slot);
    }
    if (!status) {
        status = put(store, "exit_code", slot, &exit_code, error);
    }
    if (!status) {
        status = put(store, "end", slot, &end, error);
    }
    return status ? status : ig_store_sync(store, error);
}

ig_status ig_store_starts(ig_store *store, ig_start *starts, size_t *n, ig_error *error)
{
    size_t found = 0;
    ig_status status = count_starts(store, &found, error);
    for (size_t i = 0; i < found && !status; i++) {
        ig_start s = {0};
        const struct {
            const char *name;
            void *bytes;
        } fields[] = {
            {"begin", &s.begin},         {"end", &s.end},     {"ranks", &s.ranks},
            {"exit_code", &s.exit_code}, {"shard", &s.shard}, {"shards", &s.shards},
            {"hosts", s.hosts},          {"job", s.job},      {IG_STORE_ORIGIN, s.plugin}};
        for (size_t f = 0; f < sizeof fields / sizeof *fields && !status; f++) {
            if (has_field(store, fields[f].name)) {
                status = ig_store_read_rows(store, field(store, fields[f].name), i, 1,
                                            fields[f].bytes, error);
            }
        }
        /* Whatever the file holds, callers get strings that are fit to be shown. */
        s.hosts[IG_STORE_HOSTS - 1] = '\0';
        s.job[IG_STORE_JOB - 1] = '\0';
        s.plugin[IG_STORE_PLUGIN - 1] = '\0';
        ig_text_sanitize(s.hosts);
        ig_text_sanitize(s.job);
        ig_text_sanitize(s.plugin);
        if (!status) {
            starts[i] = s;
        }
    }
    if (!status) {
        *n = found;
    }
    return status;
}
