#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/watch.h"
#include "store/store.h"

static const char help[] =
    "usage: imagrid status OUT.h5 [--watch [SECONDS]]\n"
    "\n"
    "Shows what the file holds, by grid point: tasks done, failed and left. Every row that is\n"
    "marked done or failed is read and its checksum compared. Works while a run is writing the "
    "file.\n"
    "\n"
    "  --watch [SECONDS]  show progress, rate and the time that is left again and again (every 2\n"
    "                     s) until the grid is whole or Ctrl-C; a picture on a terminal, lines\n"
    "                     elsewhere. The file is only read, its checksums are compared at the end\n"
    "      --plugin FILE  load experiments from a shared object\n"
    "  -h, --help\n"
    "\n"
    "examples:\n"
    "  imagrid status scaling.h5\n"
    "  imagrid status scaling.h5 --watch\n"
    "  imagrid status --watch 60 scaling.h5 >> progress.log\n"
    "\n"
    "exit codes: 0 shown; 2 wrong arguments; 4 the file cannot be read\n";

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
        char shown[IG_SANITIZED_TEXT];
        printf("%s: %zu done, %zu failed, %zu left of %zu tasks\n", ig_text_sanitized(path, shown),
               scan.done, scan.failed, scan.empty, n);
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

typedef struct options {
    const char *path;
    ig_plugin_files plugins;
    bool watch;
    double seconds;
} options;

/** The interval is an argument of its own or behind "="; what is no number is the file. */
static int parse_watch(int argc, char **argv, options *o)
{
    const char *text = optarg;
    char *end = NULL;
    o->watch = true;
    if (!text && optind < argc) {
        strtod(argv[optind], &end);
        text = end != argv[optind] && !*end ? argv[optind++] : NULL;
    }
    if (!text) {
        return -1;
    }
    o->seconds = strtod(text, &end);
    if (end == text || *end || !(o->seconds >= 0.1 && o->seconds <= 86400)) {
        return ig_usage_error("status", "--watch takes 0.1 to 86400 seconds, not %.32s", text);
    }
    return -1;
}

/** Returns -1 to go on, else the exit code. */
static int parse(int argc, char **argv, options *o)
{
    static const struct option names[] = {{"watch", optional_argument, NULL, 'w'},
                                          {"plugin", required_argument, NULL, IG_OPTION_PLUGIN},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    int option, code = -1;
    while (code < 0 && (option = getopt_long(argc, argv, "hV", names, NULL)) != -1) {
        code = option == 'w' ? parse_watch(argc, argv, o)
                             : ig_common_option(option, "status", help, &o->plugins);
    }
    if (code < 0 && argc - optind != 1) {
        return ig_usage_error("status", "expected one result file, got %d", argc - optind);
    }
    o->path = argv[optind];
    return code;
}

static ig_status watch(const options *o, bool *whole, ig_error *error)
{
    ig_plugins *plugins = NULL;
    ig_status status = ig_plugins_load(&o->plugins, &plugins, error);
    if (!status) {
        status = ig_watch(ig_plugins_registry(plugins), o->path, o->seconds, whole, error);
    }
    ig_plugins_unload(&plugins);
    return status;
}

int ig_command_status(int argc, char **argv)
{
    options o = {.seconds = 2};
    ig_error error = {0};
    bool whole = true;
    int code = parse(argc, argv, &o);
    if (code >= 0) {
        return code;
    }
    ig_status status = o.watch ? watch(&o, &whole, &error) : IG_OK;
    if (!status && whole) {
        status = show(o.path, &o.plugins, &error);
    }
    if (status) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    }
    return ig_status_exit_code(status);
}
