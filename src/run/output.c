#include "run/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "experiments/plugins.h"
#include "run/provenance.h"
#include "run/stop.h"

/** The instruction set a resumed file asks for, if this run can follow it. */
static ig_status follow_isa(const ig_store *store, ig_isa isa, bool pinned, ig_isa *chosen,
                            ig_error *error)
{
    const char *recorded = ig_store_attribute(store, "isa");
    ig_isa theirs = IG_ISA_AUTO;
    ig_status status = ig_isa_parse(recorded ? recorded : "", &theirs, error);
    if (!status) {
        status = ig_isa_check(theirs, error);
    }
    if (status) {
        ig_error_context(error, "%s was begun with instruction set '%s'", ig_store_path(store),
                         recorded ? recorded : "");
        error->status = IG_ERR_MISMATCH;
        return IG_ERR_MISMATCH;
    }
    if (!pinned && theirs > isa) {
        return ig_error_set(error, IG_ERR_MISMATCH,
                            "%s was begun with instruction set %s, which not every rank has",
                            ig_store_path(store), recorded);
    }
    if (pinned && theirs != isa) {
        return ig_error_set(error, IG_ERR_MISMATCH,
                            "%s was begun with --isa %s; its bytes would differ with --isa %s",
                            ig_store_path(store), recorded, ig_isa_name(isa));
    }
    *chosen = theirs;
    return IG_OK;
}

static ig_status match_config(const ig_store *store, const ig_config *here, ig_error *error)
{
    const ig_config *there = ig_store_config(store);
    if (strcmp(ig_config_hash(there), ig_config_hash(here)) == 0) {
        return IG_OK;
    }
    char difference[1024];
    ig_config_difference(there, here, difference, sizeof difference);
    return ig_error_set(error, IG_ERR_MISMATCH,
                        "%s was made with another configuration (there, here): %s",
                        ig_store_path(store), difference);
}

/** Rows of two versions of a plugin must not stand side by side. */
static ig_status match_plugin(const ig_store *store, ig_output *output, ig_error *error)
{
    const char *here = ig_registry_origin(output->registry, ig_store_experiment(store));
    if (ig_origin_match(ig_store_attribute(store, "plugin"), here, &output->plugin_changed,
                        error)) {
        return ig_error_context(error, "%s", ig_store_path(store));
    }
    return IG_OK;
}

/** What can be resumed is noted as a new start; the states of its rows go to output->state. */
static ig_status resume(ig_output *output, const ig_grid *grid, ig_isa isa, bool pinned,
                        const ig_start *start, ig_error *error)
{
    ig_store *store = NULL;
    ig_status status = ig_store_open(output->registry, output->path, true, &store, error);
    if (!status) {
        status = match_config(store, ig_grid_config(grid), error);
    }
    if (!status) {
        status = match_plugin(store, output, error);
    }
    if (!status) {
        status = follow_isa(store, isa, pinned, &output->isa, error);
    }
    if (!status) {
        status = ig_store_check(store, output->state, &output->found, error);
    }
    if (!status) {
        status = ig_store_start_begin(store, start, &output->slot, error);
    }
    ig_store_close(&store);
    return status;
}

static ig_status create(ig_output *output, const ig_experiment *experiment, const ig_grid *grid,
                        const ig_layout *layout, ig_isa isa, const ig_start *start, ig_error *error)
{
    char libraries[IG_LIBRARIES_TEXT];
    ig_provenance provenance = ig_provenance_collect(isa, libraries);
    provenance.plugin = ig_registry_origin(output->registry, experiment);
    ig_status status = ig_store_create(output->path, experiment, grid, layout, &provenance, error);
    ig_store *store = NULL;
    if (!status) {
        status = ig_store_open(output->registry, output->path, true, &store, error);
    }
    if (!status) {
        status = ig_store_start_begin(store, start, &output->slot, error);
    }
    ig_store_close(&store);
    output->isa = isa;
    return status;
}

ig_status ig_output_open(const ig_registry *registry, const char *path, bool steal_lock,
                         const ig_experiment *experiment, const ig_grid *grid,
                         const ig_layout *layout, ig_isa isa, bool pinned, const ig_start *start,
                         ig_output *output, ig_error *error)
{
    ig_output o = {.registry = registry, .path = path};
    struct stat info;
    ig_status status = ig_lock_take(path, steal_lock, &o.lock, error);
    if (!status) {
        o.state = calloc(ig_grid_n_tasks(grid), sizeof *o.state);
        status = o.state ? IG_OK
                         : ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks",
                                        ig_grid_n_tasks(grid));
    }
    if (!status) {
        o.resumed = lstat(path, &info) == 0 || errno != ENOENT;
        status = o.resumed ? resume(&o, grid, isa, pinned, start, error)
                           : create(&o, experiment, grid, layout, isa, start, error);
    }
    if (status) {
        ig_output_clear(&o);
        return status;
    }
    if (stat(path, &info) == 0) {
        o.device = info.st_dev;
        o.inode = info.st_ino;
    }
    *output = o;
    return IG_OK;
}

/** Whether the path still leads to the file this run has written. */
static ig_status same_file(const ig_output *output, ig_error *error)
{
    struct stat info;
    if (stat(output->path, &info) == 0 && info.st_dev == output->device &&
        info.st_ino == output->inode) {
        return IG_OK;
    }
    return ig_error_set(error, IG_ERR_IO,
                        "%s was removed or replaced during the run; the rows went with it",
                        output->path);
}

ig_status ig_output_finish(ig_output *output, int exit_code, ig_store_scan *scan, ig_error *error)
{
    ig_store *store = NULL;
    ig_status status = same_file(output, error);
    if (!status) {
        status = ig_store_open(output->registry, output->path, true, &store, error);
    }
    if (!status) {
        status = ig_store_check(store, output->state, scan, error);
    }
    if (!status && scan->damaged) {
        status = ig_error_set(error, IG_ERR_FORMAT,
                              "%s: %zu rows do not read back as they were written, task %zu first; "
                              "start the run again to compute them anew",
                              output->path, scan->damaged, scan->first_damaged);
    }
    if (store) {
        ig_error trouble = {0};
        ig_status noted =
            ig_store_start_end(store, output->slot, ig_clock_utc(),
                               status ? ig_status_exit_code(status) : exit_code, &trouble);
        if (!status && noted) {
            *error = trouble;
            status = noted;
        }
    }
    ig_store_close(&store);
    ig_output_clear(output);
    return status;
}

void ig_output_clear(ig_output *output)
{
    free(output->state);
    output->state = NULL;
    ig_lock_release(&output->lock);
}
