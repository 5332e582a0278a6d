#include "run/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "run/provenance.h"
#include "run/ranks.h"
#include "run/reuse.h"
#include "run/stop.h"

/** The older files, open. */
typedef struct older {
    ig_store **stores;
    size_t n;
} older;

static void older_clear(older *o)
{
    for (size_t i = 0; i < o->n; i++) {
        ig_store_close(&o->stores[i]);
    }
    free(o->stores);
}

static ig_status older_open(const ig_output_request *q, older *o, ig_error *error)
{
    TRY(IG_ALLOC(o->stores, q->n_reuse, error));
    for (; o->n < q->n_reuse; o->n++) {
        TRY(ig_store_open(q->registry, q->reuse[o->n], false, &o->stores[o->n], error));
    }
    return IG_OK;
}

/** Compute with the instruction set that a file's rows have, unless the user asked for one. */
static ig_status adopt_isa(const ig_output_request *q, const ig_store *store, ig_isa *isa,
                           ig_error *error)
{
    const char *recorded = ig_store_identity(store).isa;
    ig_isa theirs = IG_ISA_AUTO;
    if (q->pinned) {
        return IG_OK;
    }
    if (ig_isa_parse(recorded, &theirs, error) || ig_isa_check(theirs, error)) {
        ig_error_context(error, "%s was computed with instruction set '%s'", ig_store_path(store),
                         recorded);
        error->status = IG_ERR_MISMATCH;
        return IG_ERR_MISMATCH;
    }
    if (theirs == IG_ISA_AUTO || theirs > q->isa) {
        return ig_error_set(error, IG_ERR_MISMATCH,
                            "%s was computed with instruction set %s, which not every rank has",
                            ig_store_path(store), recorded);
    }
    *isa = theirs;
    return IG_OK;
}

/** Whether the rows of a file may stand with this run's; what the user should know of it. */
static ig_status match(const ig_output_request *q, const ig_store *store, ig_isa isa,
                       ig_identity_use use, ig_error *error)
{
    const ig_identity there = ig_store_identity(store),
                      here = ig_identity_of_run(q->registry, q->config, isa);
    const ig_build build = ig_build_info();
    const char *version = ig_store_attribute(store, "imagrid_version");
    bool rebuilt = false;
    char shown[IG_SANITIZED_TEXT], by[IG_SANITIZED_TEXT];
    TRY(ig_identity_match(&there, &here, use, &rebuilt, error));
    if (rebuilt && !q->quiet) {
        fprintf(stderr,
                "imagrid: the plugin was rebuilt since %s was created; its version is the same, so "
                "its rows are kept\n",
                ig_text_sanitized(there.name, shown));
    }
    if (strcmp(version, build.version) != 0 && !q->quiet) {
        fprintf(stderr,
                "imagrid: %s was created by imagrid %s, this is %s; the results version is the "
                "same, so its rows are kept\n",
                ig_text_sanitized(there.name, shown), ig_text_sanitized(version, by),
                build.version);
    }
    return IG_OK;
}

/** Record this session, with what computes its rows. */
static ig_status begin_session(const ig_output_request *q, ig_store *store, ig_isa isa,
                               size_t *slot, ig_error *error)
{
    const ig_identity identity = ig_identity_of_run(q->registry, q->config, isa);
    const ig_build build = ig_build_info();
    ig_session_record session = q->session;
    session.results_version = (int32_t)identity.results_version;
    snprintf(session.version, sizeof session.version, "%s (%s)", build.version, build.revision);
    snprintf(session.isa, sizeof session.isa, "%s", identity.isa);
    snprintf(session.plugin, sizeof session.plugin, "%s", identity.origin ? identity.origin : "");
    return ig_store_session_begin(store, &session, slot, error);
}

/** The file as it is at PATH, NULL where there is none; it decides the instruction set. */
static ig_status open_there(const ig_output_request *q, ig_output *o, ig_store **store,
                            ig_error *error)
{
    struct stat info;
    o->isa = q->isa;
    o->resumed = lstat(q->path, &info) == 0 || errno != ENOENT;
    if (!o->resumed) {
        return IG_OK;
    }
    TRY(ig_store_open(q->registry, q->path, true, store, error));
    TRY(adopt_isa(q, *store, &o->isa, error));
    return match(q, *store, o->isa, IG_IDENTITY_TASKS, error);
}

static ig_status create(const ig_output_request *q, const ig_output *o, ig_store **store,
                        ig_error *error)
{
    char libraries[IG_LIBRARIES_TEXT];
    const ig_experiment *experiment = ig_experiment_of(q->config);
    ig_provenance provenance = ig_provenance_collect(o->isa, libraries);
    provenance.plugin = ig_registry_origin(q->registry, experiment);
    TRY(ig_store_create(q->path, experiment, q->grid, q->layout, &provenance, error));
    return ig_store_open(q->registry, q->path, true, store, error);
}

static ig_status reuse_all(const ig_output_request *q, const older *old, ig_output *o,
                           ig_error *error)
{
    for (size_t i = 0; i < old->n; i++) {
        size_t taken = 0;
        char shown[IG_SANITIZED_TEXT];
        TRY(ig_reuse_rows(q->registry, old->stores[i], q->path, q->grid, q->layout, o->state,
                          &taken, error));
        o->found.done += taken;
        if (!q->quiet) {
            fprintf(stderr, "imagrid: %zu finished tasks taken over from %s\n", taken,
                    ig_text_sanitized(q->reuse[i], shown));
        }
    }
    return IG_OK;
}

/** Everything that is named is opened and matched before anything is made. */
static ig_status open_all(const ig_output_request *q, ig_output *o, ig_error *error)
{
    AUTO(older_clear) older old = {0};
    AUTO(ig_store_close) ig_store *store = NULL;
    struct stat info;
    TRY(ig_lock_take(q->path, q->steal_lock, &o->lock, error));
    TRY(IG_ALLOC(o->state, ig_grid_n_tasks(q->grid), error));
    TRY(open_there(q, o, &store, error));
    TRY(older_open(q, &old, error));
    if (!store && old.n > 0) {
        TRY(adopt_isa(q, old.stores[0], &o->isa, error));
    }
    for (size_t i = 0; i < old.n; i++) {
        TRY(match(q, old.stores[i], o->isa, IG_IDENTITY_ROWS, error));
    }
    if (store) {
        TRY(ig_store_check(store, o->state, &o->found, error));
    } else {
        TRY(create(q, o, &store, error));
    }
    TRY(begin_session(q, store, o->isa, &o->slot, error));
    if (stat(q->path, &info) == 0) {
        o->device = info.st_dev;
        o->inode = info.st_ino;
    }
    return reuse_all(q, &old, o, error);
}

ig_status ig_output_open(const ig_output_request *request, ig_output *output, ig_error *error)
{
    ig_output o = {.registry = request->registry, .path = request->path};
    ig_status status = open_all(request, &o, error);
    if (status) {
        ig_output_clear(&o);
        return status;
    }
    *output = o;
    return IG_OK;
}

/** Rank 0's places reach everybody. */
static ig_status share_places(const ig_registry *registry, const char *path, MPI_Comm comm,
                              const ig_layout *layout, const ig_identity *rows, uint64_t *places,
                              ig_error *error)
{
    int rank = 0;
    TRY_MPI(MPI_Comm_rank(comm, &rank), error);
    const ig_status found =
        rank == 0 ? ig_places_find(registry, path, layout, rows, IG_IDENTITY_TASKS, places, error)
                  : IG_OK;
    TRY(ig_agree(comm, found, error));
    TRY_MPI(MPI_Bcast(places, (int)(ig_places_words(layout) * sizeof *places), MPI_BYTE, 0, comm),
            error);
    return IG_OK;
}

ig_status ig_output_writer(const ig_registry *registry, const char *path, MPI_Comm comm,
                           const ig_layout *layout, const ig_identity *rows, ig_writer **writer,
                           ig_error *error)
{
    AUTO_FREE uint64_t *places = NULL;
    ig_writer *w = NULL;
    TRY(ig_agree(comm, IG_ALLOC(places, ig_places_words(layout), error), error));
    TRY(share_places(registry, path, comm, layout, rows, places, error));
    const ig_status status = ig_agree(comm, ig_writer_open(path, layout, places, &w, error), error);
    if (status) {
        ig_writer_close(&w, NULL);
        return status;
    }
    *writer = w;
    return IG_OK;
}

ig_status ig_output_writer_close(MPI_Comm comm, ig_writer **writer, ig_error *error)
{
    return *writer ? ig_agree(comm, ig_writer_close(writer, error), error) : IG_OK;
}

/** Whether the path still leads to the file this run has written. */
static ig_status same_file(const ig_output *output, ig_error *error)
{
    struct stat info;
    return stat(output->path, &info) == 0 && info.st_dev == output->device &&
                   info.st_ino == output->inode
               ? IG_OK
               : ig_error_set(error, IG_ERR_IO,
                              "%s was removed or replaced during the run; the rows went with it",
                              output->path);
}

static ig_status check_all(ig_output *output, ig_store **store, ig_store_scan *scan,
                           ig_error *error)
{
    TRY(same_file(output, error));
    TRY(ig_store_open(output->registry, output->path, true, store, error));
    TRY(ig_store_check(*store, output->state, scan, error));
    return scan->damaged == 0
               ? IG_OK
               : ig_error_set(error, IG_ERR_FORMAT,
                              "%s: %zu rows do not read back as they were written, task %zu first; "
                              "start the run again to compute them again",
                              output->path, scan->damaged, scan->first_damaged);
}

ig_status ig_output_finish(ig_output *output, int exit_code, ig_store_scan *scan, ig_error *error)
{
    AUTO(ig_store_close) ig_store *store = NULL;
    ig_status status = check_all(output, &store, scan, error);
    if (store) {
        ig_error trouble = {0};
        ig_status recorded =
            ig_store_session_end(store, output->slot, ig_clock_utc(),
                                 status ? ig_status_exit_code(status) : exit_code, &trouble);
        if (!status && recorded) {
            *error = trouble;
            status = recorded;
        }
    }
    ig_output_clear(output);
    return status;
}

void ig_output_clear(ig_output *output)
{
    free(output->state);
    output->state = NULL;
    ig_lock_release(&output->lock);
}
