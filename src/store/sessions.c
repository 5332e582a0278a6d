/** The sessions of a run: group `provenance`. */
#include <math.h>
#include <string.h>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "config/inputs.h"
#include "store/internal.h"

/** A column of the sessions and the member of ig_session_record that it holds. */
typedef struct field {
    const char *name;
    size_t offset, text; /**< text: size of a text's member, else 0 */
} field;

/* In the order of writing: the time comes last, it is what tells that a row is there. */
static const field fields[] = {
    {"end", offsetof(ig_session_record, end), 0},
    {"exit_code", offsetof(ig_session_record, exit_code), 0},
    {"ranks", offsetof(ig_session_record, ranks), 0},
    {"shard", offsetof(ig_session_record, shard), 0},
    {"shards", offsetof(ig_session_record, shards), 0},
    {IG_STORE_RESULTS, offsetof(ig_session_record, results_version), 0},
    {"version", offsetof(ig_session_record, version), IG_STORE_VERSION},
    {"isa", offsetof(ig_session_record, isa), IG_STORE_ISA},
    {"hosts", offsetof(ig_session_record, hosts), IG_STORE_HOSTS},
    {"job", offsetof(ig_session_record, job), IG_STORE_JOB},
    {IG_STORE_ORIGIN, offsetof(ig_session_record, plugin), IG_STORE_PLUGIN},
    {IG_STORE_READS, offsetof(ig_session_record, inputs), IG_STORE_INPUTS},
    {"begin", offsetof(ig_session_record, begin), 0},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/** The column, NULL where this file has none: of plugins, or made by an earlier version. */
static const ig_variable *column(const ig_store *store, const char *name)
{
    const ig_variable *v = ig_datasets_find(store->sessions, name);
    return v && !v->missing ? v : NULL;
}

/** A column that every file has. */
static const ig_variable *needed(const ig_store *store, const char *name)
{
    const ig_variable *v = column(store, name);
    if (!v) {
        ig_bug("no dataset of the sessions is named %s", name);
    }
    return v;
}

/** Number of sessions recorded: those before the first without a time. */
static ig_status count_sessions(const ig_store *store, size_t *n, ig_error *error)
{
    double begin[IG_STORE_SESSIONS];
    TRY(ig_store_read_rows(store, needed(store, "begin"), 0, IG_STORE_SESSIONS, begin, error));
    *n = 0;
    while (*n < IG_STORE_SESSIONS && !isnan(begin[*n])) {
        (*n)++;
    }
    return IG_OK;
}

ig_status ig_store_session_begin(ig_store *store, const ig_session_record *session, size_t *slot,
                                 ig_error *error)
{
    ig_session_record s = *session;
    size_t n = 0;
    s.end = (double)NAN;
    s.exit_code = -1;
    TRY(ig_store_want_writable(store, error));
    TRY(count_sessions(store, &n, error));
    const size_t here = n < IG_STORE_SESSIONS ? n : IG_STORE_SESSIONS - 1;
    for (size_t f = 0; f < FIELDS; f++) {
        const ig_variable *v = column(store, fields[f].name);
        const char *bytes = (const char *)&s + fields[f].offset;
        char text[IG_STORE_HOSTS];
        if (fields[f].text) {
            ig_stored_text(bytes, fields[f].text, text, fields[f].text);
            bytes = text;
        }
        if (v) {
            TRY(ig_store_write_rows(store, v, here, 1, bytes, error));
        }
    }
    TRY(ig_store_sync(store, error));
    *slot = here;
    return IG_OK;
}

ig_status ig_store_session_end(ig_store *store, size_t slot, double end, int32_t exit_code,
                               ig_error *error)
{
    TRY(ig_store_want_writable(store, error));
    if (slot >= IG_STORE_SESSIONS) {
        return ig_error_set(error, IG_ERR_USAGE, "%s has no session %zu", store->path, slot);
    }
    TRY(ig_store_write_rows(store, needed(store, "exit_code"), slot, 1, &exit_code, error));
    TRY(ig_store_write_rows(store, needed(store, "end"), slot, 1, &end, error));
    return ig_store_sync(store, error);
}

static ig_status read_session(const ig_store *store, size_t i, ig_session_record *session,
                              ig_error *error)
{
    ig_session_record s = {0};
    for (size_t f = 0; f < FIELDS; f++) {
        const ig_variable *v = column(store, fields[f].name);
        char *bytes = (char *)&s + fields[f].offset;
        if (v) {
            TRY(ig_store_read_rows(store, v, i, 1, bytes, error));
        }
        if (fields[f].text) {
            /* Whatever the file holds, callers get strings that are fit to be shown. */
            bytes[fields[f].text - 1] = '\0';
            ig_text_sanitize(bytes);
        }
    }
    s.results_version = s.results_version > 0 ? s.results_version : 0;
    *session = s;
    return IG_OK;
}

/** "; " to line feeds. */
static void to_lines(char *inputs)
{
    for (char *end = inputs; (end = strstr(end, "; ")) != NULL;) {
        memmove(end + 1, end + 2, strlen(end + 2) + 1);
        *end = '\n';
    }
}

ig_status ig_store_changed_inputs(ig_store *store, size_t *n, ig_error *error)
{
    const char *first = ig_store_attribute(store, IG_STORE_READS);
    size_t found = 0;
    *n = 0;
    if (!first || !store->experiment->accepts_changed_inputs) {
        return IG_OK;
    }
    TRY(count_sessions(store, &found, error));
    for (size_t i = 0; i < found; i++) {
        ig_session_record session;
        TRY(read_session(store, i, &session, error));
        to_lines(session.inputs);
        *n += ig_inputs_differ(ig_config_schema(store->config), first, session.inputs);
    }
    return IG_OK;
}

ig_status ig_store_noted_inputs(ig_store *store, char inputs[IG_STORE_INPUTS], ig_error *error)
{
    const size_t files = ig_inputs_count(store->config);
    size_t n = 0;
    inputs[0] = '\0';
    TRY(count_sessions(store, &n, error));
    /* Later ones may have had other contents. */
    n = store->experiment->accepts_changed_inputs && n > 1 ? 1 : n;
    for (size_t i = 0; i < n && files > 0; i++) {
        ig_session_record session;
        TRY(read_session(store, i, &session, error));
        to_lines(session.inputs);
        /* Of one file its path may have been cut off; several files are told apart by theirs. */
        const bool whole = files == 1 || strlen(session.inputs) + 1 < IG_STORE_INPUTS;
        if (whole && ig_inputs_told(store->config, session.inputs)) {
            memcpy(inputs, session.inputs, IG_STORE_INPUTS);
            return IG_OK;
        }
    }
    return IG_OK;
}

ig_status ig_store_sessions(ig_store *store, ig_session_record *sessions, size_t *n,
                            ig_error *error)
{
    size_t found = 0;
    TRY(count_sessions(store, &found, error));
    for (size_t i = 0; i < found; i++) {
        TRY(read_session(store, i, &sessions[i], error));
    }
    *n = found;
    return IG_OK;
}
