/** Reading a configuration; `imagrid check` and `imagrid list`, which show what it is. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "cli/command.h"
#include "config/inputs.h"
#include "run/memory.h"
#include "run/needs.h"
#include "store/store.h"

static ig_status read_setup(const char *path, const ig_plugin_files *files, ig_setup *s,
                            ig_diagnostics *diagnostics, ig_error *error)
{
    AUTO_FREE char *bytes = NULL;
    size_t size = 0;
    TRY(ig_plugins_load(files, &s->plugins, error));
    TRY(ig_config_read_file(path, &bytes, &size, diagnostics));
    TRY(ig_experiment_configure(ig_plugins_registry(s->plugins), bytes, size, path, &s->config,
                                diagnostics));
    TRY(ig_grid_create(s->config, &s->grid, error));
    const ig_experiment *e = ig_experiment_of(s->config);
    TRY(ig_layout_create(e->columns, e->n_columns, e->dimensions, e->n_dimensions, s->config,
                         &s->layout, error));
    TRY(ig_inputs_read(s->config, false, NULL, diagnostics, error));
    return ig_memory_need(s->grid, &s->shared_bytes, diagnostics, error);
}

int ig_setup_read(const char *path, const ig_plugin_files *files, ig_setup *setup)
{
    ig_setup s = {0};
    ig_error error = {0};
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    const ig_status status =
        diagnostics ? read_setup(path, files, &s, diagnostics, &error) : IG_ERR_MEMORY;
    if (diagnostics) {
        ig_diagnostics_print(diagnostics, stderr);
    }
    if (error.status || status == IG_ERR_MEMORY) {
        fprintf(stderr, "imagrid: %s\n", error.status ? error.text : "out of memory");
    }
    ig_diagnostics_destroy(&diagnostics);
    if (status) {
        ig_setup_clear(&s);
        return ig_status_exit_code(status);
    }
    *setup = s;
    return 0;
}

void ig_setup_clear(ig_setup *setup)
{
    ig_layout_destroy(&setup->layout);
    ig_grid_destroy(&setup->grid);
    ig_config_destroy(&setup->config);
    ig_plugins_unload(&setup->plugins);
}

typedef struct options {
    ig_plugin_files plugins;
} options;

static const ig_option known[] = {IG_OPTION_PLUGIN(options, plugins), IG_OPTIONS_END};

/** Parse the arguments of either command and read the configuration at argv[1]. Returns -1 to go
 *  on, else the exit code. */
static int start(const ig_command *command, int argc, char **argv, ig_setup *setup)
{
    options o = {0};
    size_t n;
    int code = ig_command_parse(command, argc, argv, false, &o, &n);
    if (code < 0) {
        code = ig_setup_read(argv[1], &o.plugins, setup);
        return code ? code : -1;
    }
    return code;
}

/** "3.4 MB"; returns `text`. */
static const char *size_text(double bytes, char text[32])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t u = 0;
    while (bytes >= 1000 && u + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        u++;
    }
    snprintf(text, 32, u == 0 ? "%.0f %s" : "%.3g %s", bytes, units[u]);
    return text;
}

/** What a run needs, as far as the experiment tells. */
static void print_memory(const ig_setup *setup)
{
    char size[32];
    const double of_task = ig_memory_of_task(setup->grid);
    if (setup->shared_bytes > 0) {
        printf("memory: %s on each node, which all its ranks read\n",
               size_text((double)setup->shared_bytes, size));
    }
    if (of_task > 0) {
        printf("memory of a task: at most %s, on each rank\n", size_text(of_task, size));
    }
}

/** How a run is to be started. */
static void print_needs(const ig_setup *setup)
{
    const ig_needs needs = ig_needs_of(setup->config);
    ig_needs_print(&needs, stdout);
}

/** What is in the input files. */
static void print_inputs(const char *text)
{
    char size[32];
    for (ig_input input; ig_inputs_next(&text, &input);) {
        printf("%.*s: %.*s, %s, XXH3-128 %s\n", input.key_length, input.key, input.path_length,
               input.path, size_text((double)input.bytes, size), input.hash);
    }
}

static int check(int argc, char **argv)
{
    ig_setup setup = {0};
    char shown[IG_SANITIZED_TEXT];
    int code = start(&ig_command_check, argc, argv, &setup);
    if (code >= 0) {
        return code;
    }
    AUTO(ig_diagnostics_destroy) ig_diagnostics *diagnostics = ig_diagnostics_create();
    AUTO_FREE char *inputs = NULL;
    ig_error error = {0};
    const ig_status status = diagnostics
                                 ? ig_inputs_read(setup.config, true, &inputs, diagnostics, &error)
                                 : ig_error_set(&error, IG_ERR_MEMORY, "out of memory");
    if (status) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    } else {
        printf("%s: valid, experiment %s, %zu tasks, config hash %s\n",
               ig_text_sanitized(argv[1], shown), ig_config_schema(setup.config)->experiment,
               ig_grid_n_tasks(setup.grid), ig_config_hash(setup.config));
        print_inputs(inputs);
        print_memory(&setup);
        print_needs(&setup);
    }
    ig_setup_clear(&setup);
    return ig_status_exit_code(status);
}

const ig_command ig_command_check = {
    .name = "check",
    .summary = "validate a configuration",
    .usage = "imagrid check CONFIG.yaml [options]",
    .about =
        "Validates a configuration and reports every error as FILE:LINE:COLUMN: KEY: what is "
        "wrong, what is allowed. Reads the input files, and shows what is in them as the result "
        "file will record it. Computes and writes nothing.",
    .operand = "configuration file",
    .operands_min = 1,
    .operands_max = 1,
    .options = known,
    .examples = "imagrid check configs/paper/scaling.yaml",
    .exit_codes = "0 valid\n"
                  "2 invalid",
    .main = check,
};

enum { LISTED = 50 };

static void print_points(const ig_experiment *experiment, const ig_grid *grid)
{
    size_t n = ig_grid_n_points(grid), n_seeds = ig_grid_n_seeds(grid);
    const ig_cost_unit unit = ig_cost_unit_of(experiment);
    char heading[64];
    double total = 0;
    for (size_t p = 0; p < n; p++) {
        total += experiment->cost(&(ig_point){grid, p}) * (double)n_seeds;
    }
    snprintf(heading, sizeof heading, "%s/task", unit.name);
    printf("%-44s %8s %14s %10s\n", "grid point", "tasks", heading, "share");
    for (size_t p = 0; p < n && p < LISTED; p++) {
        char label[256];
        double cost = experiment->cost(&(ig_point){grid, p});
        ig_grid_label(grid, p, label, sizeof label);
        printf("%-44s %8zu %14.4g %8.2f %%\n", label, n_seeds, cost / unit.size,
               100 * cost * (double)n_seeds / total);
    }
    if (n > LISTED) {
        printf("... and %zu more grid points\n", n - LISTED);
    }
    printf("%-44s %8zu %14.4g %s in total\n", "", ig_grid_n_tasks(grid), total / unit.size,
           unit.name);
}

static ig_status print_all(const ig_setup *setup, ig_error *error)
{
    const ig_experiment *experiment = ig_experiment_of(setup->config);
    uint64_t bytes = 0;
    char size[32];
    TRY(ig_store_size(setup->grid, setup->layout, &bytes, error));
    printf("%s\n\n", experiment->title);
    print_points(experiment, setup->grid);
    printf("result file: at most %s\n", size_text((double)bytes, size));
    print_memory(setup);
    print_needs(setup);
    printf("\n# resolved configuration, hash %s\n%s", ig_config_hash(setup->config),
           ig_config_resolved(setup->config));
    return IG_OK;
}

static int list(int argc, char **argv)
{
    ig_setup setup = {0};
    ig_error error = {0};
    int code = start(&ig_command_list, argc, argv, &setup);
    if (code >= 0) {
        return code;
    }
    if (print_all(&setup, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    }
    ig_setup_clear(&setup);
    return ig_status_exit_code(error.status);
}

const ig_command ig_command_list = {
    .name = "list",
    .summary = "show the grid of a configuration",
    .usage = "imagrid list CONFIG.yaml [options]",
    .about = "Shows the grid points with the number of tasks and their predicted cost, the size "
             "of the result file, and the configuration with all defaults filled in.",
    .operand = "configuration file",
    .operands_min = 1,
    .operands_max = 1,
    .options = known,
    .examples = "imagrid list configs/quick/scaling.yaml",
    .exit_codes = "0 listed\n"
                  "2 invalid configuration",
    .main = list,
};
