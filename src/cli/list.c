#include <stdio.h>

#include "cli/command.h"
#include "store/store.h"

static const char help[] =
    "usage: imagrid list CONFIG.yaml [options]\n"
    "\n"
    "Shows the grid: its points, the tasks and the predicted arithmetic of each, the size of\n"
    "the result file, and the configuration with all defaults filled in.\n"
    "\n"
    "      --plugin FILE  load experiments from a shared object\n"
    "  -h, --help\n"
    "\n"
    "example:\n"
    "  imagrid list configs/quick/scaling.yaml\n"
    "\n"
    "exit codes: 0 listed; 2 the configuration has faults\n";

enum { LISTED = 50 };

static void print_points(const ig_experiment *experiment, const ig_grid *grid)
{
    size_t n = ig_grid_n_points(grid), n_seeds = ig_grid_n_seeds(grid);
    double total = 0;
    for (size_t p = 0; p < n; p++) {
        total += experiment->cost(&(ig_point){grid, p}) * (double)n_seeds;
    }
    printf("%-44s %8s %14s %10s\n", "grid point", "tasks", "GFLOP a task", "share");
    for (size_t p = 0; p < n && p < LISTED; p++) {
        char label[256];
        double cost = experiment->cost(&(ig_point){grid, p});
        ig_grid_label(grid, p, label, sizeof label);
        printf("%-44s %8zu %14.4g %8.2f %%\n", label, n_seeds, cost / 1e9,
               100 * cost * (double)n_seeds / total);
    }
    if (n > LISTED) {
        printf("... and %zu more grid points\n", n - LISTED);
    }
    printf("%-44s %8zu %14.4g GFLOP in all\n", "", ig_grid_n_tasks(grid), total / 1e9);
}

static ig_status print_all(const ig_setup *setup, ig_error *error)
{
    const ig_experiment *experiment = ig_experiment_of(setup->config);
    uint64_t bytes = 0;
    char size[32];
    ig_status status = ig_store_size(setup->grid, setup->layout, &bytes, error);
    if (!status) {
        printf("%s\n\n", experiment->title);
        print_points(experiment, setup->grid);
        printf("result file: at most %s\n\n# resolved configuration, hash %s\n%s",
               ig_size_text((double)bytes, size, sizeof size), ig_config_hash(setup->config),
               ig_config_resolved(setup->config));
    }
    return status;
}

int ig_command_list(int argc, char **argv)
{
    const char *path;
    ig_plugin_files files = {0};
    ig_setup setup;
    ig_error error = {0};
    int code = ig_single_operand(argc, argv, help, "configuration file", &files, &path);
    if (code >= 0 || (code = ig_setup_read(path, &files, &setup)) != 0) {
        return code;
    }
    if (print_all(&setup, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    }
    ig_setup_clear(&setup);
    return ig_status_exit_code(error.status);
}
