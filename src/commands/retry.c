#include <stdio.h>
#include <stdlib.h>

#include "commands/command.h"
#include "imagrid/store.h"

static const char help[] =
    "usage: imagrid retry OUT.h5\n"
    "\n"
    "Clears the failed rows of a result file, so that the next run computes them again.\n"
    "\n"
    "example:\n"
    "  imagrid retry scaling.h5 && mpirun -n 8 imagrid run scaling.yaml -o scaling.h5\n"
    "\n"
    "exit codes: 0 cleared (or none had failed); 4 the file cannot be used or a run holds it\n";

/** Clear all failed rows; their number goes to `*cleared`. */
static ig_status clear_failures(ig_store *store, size_t *cleared, ig_error *error)
{
    size_t n = ig_grid_n_tasks(ig_store_grid(store)), failed = 0;
    int8_t *state = malloc(n);
    size_t *tasks = malloc(n * sizeof *tasks);
    ig_store_scan scan;
    ig_status status = state && tasks
                           ? ig_store_check(store, state, &scan, error)
                           : ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks", n);
    if (!status) {
        for (size_t t = 0; t < n; t++) {
            if (state[t] == IG_STATE_FAILED) {
                tasks[failed++] = t;
            }
        }
        status = ig_store_clear(store, tasks, failed, error);
        *cleared = failed;
    }
    free(state);
    free(tasks);
    return status;
}

static ig_status retry(const char *path, size_t *cleared, ig_error *error)
{
    ig_lock *lock = NULL;
    ig_store *store = NULL;
    /* Opened for reading first: a lock beside a file that is not ours would be litter. */
    ig_status status = ig_store_open(path, false, &store, error);
    ig_store_close(&store);
    if (!status) {
        status = ig_lock_acquire(path, false, &lock, error);
    }
    if (!status) {
        status = ig_store_open(path, true, &store, error);
    }
    if (!status) {
        status = clear_failures(store, cleared, error);
    }
    ig_store_close(&store);
    ig_lock_release(&lock);
    return status;
}

int ig_command_retry(int argc, char **argv)
{
    const char *path;
    size_t cleared = 0;
    ig_error error = {0};
    int code = ig_single_operand(argc, argv, help, "result file", &path);
    if (code >= 0) {
        return code;
    }
    if (retry(path, &cleared, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    } else {
        printf("%s: %zu failed rows cleared\n", path, cleared);
    }
    return ig_status_exit_code(error.status);
}
