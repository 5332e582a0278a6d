#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "imagrid/store.h"

static const char help[] =
    "usage: imagrid status OUT.h5 [options]\n"
    "\n"
    "Shows what the file holds, by grid point: tasks done, failed and left. Every row that is\n"
    "marked done is read and its checksum compared. Works while a run is writing the file.\n"
    "\n"
    "      --plugin FILE  load experiments from a shared object\n"
    "  -h, --help\n"
    "\n"
    "example:\n"
    "  imagrid status scaling.h5\n"
    "\n"
    "exit codes: 0 shown; 4 the file cannot be read\n";

enum { REASONS = 10 };

/** Characters of the longest label, at least those of a common one. */
static int label_width(const ig_grid *grid)
{
    size_t width = 44;
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        char label[256];
        ig_grid_label(grid, p, label, sizeof label);
        size_t length = strlen(label);
        width = length > width ? length : width;
    }
    return (int)width;
}

static void print_points(const ig_grid *grid, const int8_t *state)
{
    size_t n_seeds = ig_grid_n_seeds(grid);
    int width = label_width(grid);
    printf("%-*s %8s %8s %8s\n", width, "grid point", "done", "failed", "left");
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        size_t count[3] = {0, 0, 0};
        for (size_t seed = 0; seed < n_seeds; seed++) {
            count[state[p * n_seeds + seed]]++;
        }
        char label[256];
        ig_grid_label(grid, p, label, sizeof label);
        printf("%-*s %8zu %8zu %8zu\n", width, label, count[IG_STATE_DONE], count[IG_STATE_FAILED],
               count[IG_STATE_EMPTY]);
    }
}

static ig_status print_failures(ig_store *store, const int8_t *state, size_t failed,
                                ig_error *error)
{
    const ig_grid *grid = ig_store_grid(store);
    size_t shown = 0;
    for (size_t t = 0; t < ig_grid_n_tasks(grid) && shown < REASONS; t++) {
        if (state[t] != IG_STATE_FAILED) {
            continue;
        }
        char reason[IG_ROW_ERROR + 1], label[256];
        ig_status status = ig_store_failure(store, t, reason, error);
        if (status) {
            return status;
        }
        ig_grid_label(grid, t / ig_grid_n_seeds(grid), label, sizeof label);
        printf("failed: %s seed=%llu: %s\n", label,
               (unsigned long long)ig_config_seed(ig_grid_config(grid), t % ig_grid_n_seeds(grid)),
               reason);
        shown++;
    }
    if (failed > shown) {
        printf("... and %zu more failed tasks\n", failed - shown);
    }
    return IG_OK;
}

static ig_status show(const char *path, const ig_plugin_files *files, ig_error *error)
{
    ig_store *store = NULL;
    int8_t *state = NULL;
    ig_store_scan scan;
    ig_plugins *plugins = NULL;
    size_t n = 0;
    ig_status status = ig_plugins_load(files, &plugins, error);
    if (!status) {
        status = ig_store_open(ig_plugins_registry(plugins), path, false, &store, error);
    }
    if (status) {
        goto done;
    }
    n = ig_grid_n_tasks(ig_store_grid(store));
    state = malloc(n);
    status = state ? ig_store_check(store, state, &scan, error)
                   : ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks", n);
    if (!status) {
        printf("%s: %zu done, %zu failed, %zu left of %zu tasks\n", path, scan.done, scan.failed,
               scan.empty, n);
        if (scan.damaged) {
            printf("%zu damaged rows (task %zu first) count as left\n", scan.damaged,
                   scan.first_damaged);
        }
        print_points(ig_store_grid(store), state);
        status = print_failures(store, state, scan.failed, error);
    }
done:
    free(state);
    ig_store_close(&store);
    ig_plugins_unload(&plugins);
    return status;
}

int ig_command_status(int argc, char **argv)
{
    const char *path;
    ig_plugin_files files = {0};
    ig_error error = {0};
    int code = ig_single_operand(argc, argv, help, "result file", &files, &path);
    if (code >= 0) {
        return code;
    }
    if (show(path, &files, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    }
    return ig_status_exit_code(error.status);
}
