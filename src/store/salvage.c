/** A new file with what is left of a damaged one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/signals.h"
#include "base/try.h"
#include "store/file.h"
#include "store/internal.h"

enum { BLOCK = 1 << 20 }; /* bytes at hand */

/** Copy the values of those tasks that count. All others keep their fill values. */
static ig_status copy_dataset(const ig_store *from, const ig_store *to, const ig_variable *v,
                              const int8_t *state, ig_error *error)
{
    const ig_variable *there = ig_datasets_find(from->root, ig_variable_name(v));
    const size_t width = ig_stored_size(v->type) * v->shape[1],
                 step = width < BLOCK ? BLOCK / width : 1;
    const bool failure = strcmp(ig_variable_name(v), IG_STORE_FAILURE) == 0;
    AUTO_FREE char *old = NULL, *new = NULL;
    TRY(IG_ALLOC(old, step * width, error));
    TRY(IG_ALLOC(new, step * width, error));
    for (size_t first = 0; first < from->n_tasks; first += step) {
        const size_t left = from->n_tasks - first, n = left < step ? left : step;
        TRY(ig_store_read_rows(from, there, first, n, old, error));
        TRY(ig_store_read_rows(to, v, first, n, new, error));
        for (size_t i = 0; i < n; i++) {
            const int8_t here = state[first + i];
            /* A done row has no failure text; what stands there may be damaged. */
            if (here == IG_STATE_FAILED || (here == IG_STATE_DONE && !failure)) {
                memcpy(new + i *width, old + i * width, width);
            }
        }
        TRY(ig_store_write_rows(to, v, first, n, new, error));
    }
    return IG_OK;
}

/** The rows, their states last. */
static ig_status copy_rows(const ig_store *from, const ig_store *to, const int8_t *state,
                           ig_error *error)
{
    const ig_variable *marks = ig_store_variable(to, IG_STORE_STATE);
    for (size_t i = 0; i < to->root->n; i++) {
        const ig_variable *v = &to->root->variables[i];
        const ig_variable *there = ig_datasets_find(from->root, ig_variable_name(v));
        if (v->role == IG_ROLE_ROWS && v != marks && !there->missing) {
            TRY(copy_dataset(from, to, v, state, error));
        }
    }
    TRY(ig_store_sync(to, error));
    return ig_store_write_rows(to, marks, 0, to->n_tasks, state, error);
}

ig_status ig_store_plausible_sessions(const ig_store *store, size_t *n, ig_error *error)
{
    static const double earliest = 1e9, latest = 1e10; /* 2001 and 2286 */
    const ig_variable *begin = ig_datasets_find(store->sessions, "begin");
    double times[IG_STORE_SESSIONS];
    TRY(ig_store_read_rows(store, begin, 0, IG_STORE_SESSIONS, times, error));
    *n = 0;
    while (*n < IG_STORE_SESSIONS && times[*n] > earliest && times[*n] < latest) {
        ++*n;
    }
    return IG_OK;
}

static ig_status copy_sessions(ig_store *from, const ig_store *to, ig_error *error)
{
    size_t n = 0;
    TRY(ig_store_plausible_sessions(from, &n, error));
    for (size_t i = 0; i < to->sessions->n && n > 0; i++) {
        const ig_variable *v = &to->sessions->variables[i],
                          *there = ig_datasets_find(from->sessions, ig_variable_name(v));
        AUTO_FREE char *bytes = NULL;
        if (v->role != IG_ROLE_ROWS || v->missing || !there || there->missing) {
            continue;
        }
        TRY(IG_ALLOC(bytes, (size_t)ig_variable_size(v), error));
        TRY(ig_store_read_rows(from, there, 0, n, bytes, error));
        TRY(ig_store_write_rows(to, v, 0, n, bytes, error));
    }
    return ig_store_sync(to, error);
}

/** Create and fill the file, under a name of its own. */
static ig_status make(ig_store *from, const ig_registry *registry, const char *path,
                      ig_store_scan *scan, ig_error *error)
{
    const ig_provenance provenance = ig_store_provenance(from);
    AUTO(ig_store_close) ig_store *to = NULL;
    AUTO_FREE int8_t *state = NULL;
    ig_store_scan written;
    TRY(IG_ALLOC(state, from->n_tasks, error));
    TRY(ig_store_check(from, state, scan, error));
    if (scan->done + scan->failed == 0) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "%s: no row of it can be saved: restore a copy, or run into a new file",
                            from->path);
    }
    TRY(ig_store_create(path, from->experiment, from->grid, from->layout, &provenance, error));
    TRY(ig_store_open(registry, path, true, &to, error));
    TRY(copy_rows(from, to, state, error));
    TRY(copy_sessions(from, to, error));
    TRY(ig_store_check(to, state, &written, error));
    return written.done == scan->done && written.failed == scan->failed
               ? IG_OK
               : ig_error_set(error, IG_ERR_IO, "%s: rows do not read back as they were written",
                              path);
}

ig_status ig_store_salvage(ig_store *store, const ig_registry *registry, const char *to,
                           ig_store_scan *scan, ig_error *error)
{
    struct stat info;
    ig_error ignored = {0};
    const bool there = lstat(to, &info) == 0;
    if (!there && errno != ENOENT) {
        const ig_status status = ig_file_error(error, errno, "cannot be examined");
        ig_error_context(error, "%s", to);
        return status;
    }
    if (there) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "%s already exists, and salvage writes new files only: choose another "
                            "name",
                            to);
    }
    AUTO_FREE char *partial = ig_asprintf(error, "%s.salvage", to);
    if (!partial) {
        return IG_ERR_MEMORY;
    }
    if (unlink(partial) != 0 && errno != ENOENT) {
        const ig_status status =
            ig_file_error(error, errno, "an older file of this name cannot be removed");
        ig_error_context(error, "%s", partial);
        return status;
    }
    ig_temporary_add(AT_FDCWD, partial);
    ig_status status = make(store, registry, partial, scan, error);
    if (!status && ig_file_place(partial, to, &ignored)) {
        status = ig_error_set(error, ignored.status, "%s: %s", to, ignored.text);
    }
    if (status) {
        ig_file_discard(AT_FDCWD, partial);
    }
    return status;
}
