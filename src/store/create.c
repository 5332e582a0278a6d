/** A new result file, under its final name only when it is whole and durable. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/contents.h"
#include "store/file.h"
#include "store/seal.h"

/* Generous: HDF5's headers, heaps and reference lists. */
enum { FIXED_OVERHEAD = 64 << 10, DATASET_OVERHEAD = 4 << 10 };

static uint64_t plan_size(const ig_plan *plan)
{
    uint64_t size = plan->n * (uint64_t)DATASET_OVERHEAD;
    for (size_t i = 0; i < plan->n; i++) {
        size += ig_variable_size(&plan->variables[i]);
    }
    return size;
}

static uint64_t file_size(const ig_grid *grid, const ig_plan *root, const ig_plan *starts)
{
    return FIXED_OVERHEAD + plan_size(root) + plan_size(starts) +
           2 * strlen(ig_config_resolved(ig_grid_config(grid)));
}

ig_status ig_store_size(const ig_grid *grid, const ig_layout *layout, uint64_t *size,
                        ig_error *error)
{
    ig_plan *root = NULL, *starts = NULL;
    ig_status status = ig_plan_root(grid, layout, &root, error);
    if (!status) {
        status = ig_plan_starts(true, &starts, error);
    }
    if (!status) {
        *size = file_size(grid, root, starts);
    }
    ig_plan_destroy(&starts);
    ig_plan_destroy(&root);
    return status;
}

/** Everything into the new, empty file; durable. */
static ig_status fill_file(int fd, const ig_contents *contents, ig_error *error)
{
    int headers = -1;
    ig_status status = ig_contents_headers(contents, &headers, error);
    if (!status) {
        status = ig_contents_write(contents, headers, fd, error);
    }
    if (!status) {
        status = ig_seal_write(fd, contents->root, contents->starts, error);
    }
    if (!status && fsync(fd) != 0) {
        status = ig_file_error(error, errno, "cannot be made durable");
    }
    if (headers >= 0) {
        close(headers);
    }
    return status;
}

static ig_status write_file(const char *partial, const ig_contents *contents, ig_error *error)
{
    /* A killed creation may have left one; whoever creates holds the lock of the final name. */
    int fd = -1;
    ig_status status = ig_file_new(AT_FDCWD, partial, &fd, error);
    if (status) {
        return status;
    }
    status = fill_file(fd, contents, error);
    /* Network file systems may find out only now that a quota is used up. */
    if (close(fd) != 0 && !status) {
        status = ig_file_error(error, errno, "cannot be closed");
    }
    if (status) {
        unlink(partial);
    }
    return status;
}

ig_status ig_store_create(const char *path, const ig_experiment *experiment, const ig_grid *grid,
                          const ig_layout *layout, const ig_provenance *provenance, ig_error *error)
{
    ig_contents contents = {experiment, grid, layout, provenance, NULL, NULL};
    char *partial = ig_file_beside(path, ".partial");
    ig_status status = IG_OK;
    if (!partial) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for a path");
        goto done;
    }
    status = ig_plan_root(grid, layout, &contents.root, error);
    if (!status) {
        status = ig_plan_starts(provenance->plugin, &contents.starts, error);
    }
    if (!status) {
        status = ig_file_check_space(path, file_size(grid, contents.root, contents.starts), error);
    }
    if (!status) {
        status = write_file(partial, &contents, error);
    }
    if (!status) {
        status = ig_file_place(partial, path, error);
        if (status) {
            unlink(partial);
        }
    }
    if (status) {
        ig_error_context(error, "%s cannot be created", path);
    }
done:
    ig_plan_destroy(&contents.starts);
    ig_plan_destroy(&contents.root);
    free(partial);
    return status;
}
