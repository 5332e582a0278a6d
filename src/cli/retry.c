#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/command.h"
#include "config/where.h"
#include "run/stop.h"
#include "store/store.h"

static const char help[] =
    "usage: imagrid retry OUT.h5 [--where AXIS=VALUE]... [options]\n"
    "\n"
    "Clears the failed rows of a result file, so that the next run computes them again.\n"
    "\n"
    "      --where AXIS=VALUE  only at grid points where the axis has this value; several\n"
    "                          conditions must all hold\n"
    "      --plugin FILE       load experiments from a shared object\n"
    "  -h, --help\n"
    "\n"
    "examples:\n"
    "  imagrid retry scaling.h5 && mpirun -n 8 imagrid run scaling.yaml -o scaling.h5\n"
    "  imagrid retry scaling.h5 --where anchor=200000\n"
    "\n"
    "exit codes: 0 cleared (or none had failed); 2 wrong arguments; 4 the file cannot be used or "
    "a\n"
    "run holds it\n";

enum { CONDITIONS = 32 };

typedef struct options {
    const char *path;
    const char *where[CONDITIONS];
    size_t n;
    ig_plugin_files plugins;
} options;

/** Returns -1 to go on, else the exit code. */
static int parse(int argc, char **argv, options *o)
{
    static const struct option names[] = {{"where", required_argument, NULL, 'w'},
                                          {"plugin", required_argument, NULL, IG_OPTION_PLUGIN},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    int option, code = -1;
    while (code < 0 && (option = getopt_long(argc, argv, "hV", names, NULL)) != -1) {
        if (option != 'w') {
            code = ig_common_option(option, "retry", help, &o->plugins);
        } else if (o->n == CONDITIONS) {
            code = ig_usage_error("retry", "at most %d conditions", CONDITIONS);
        } else {
            o->where[o->n++] = optarg;
        }
    }
    if (code >= 0) {
        return code;
    }
    if (argc - optind != 1) {
        return ig_usage_error("retry", "expected one result file, got %d", argc - optind);
    }
    o->path = argv[optind];
    return -1;
}

static ig_status parse_conditions(const options *o, const ig_store *store, ig_where *where,
                                  ig_error *error)
{
    ig_status status = IG_OK;
    for (size_t i = 0; i < o->n && !status; i++) {
        status = ig_where_parse("--where", o->where[i], ig_store_grid(store), &where[i], error);
    }
    return status;
}

/** Clear the failed rows that meet the conditions; their number goes to `*cleared`. */
static ig_status clear_failures(ig_store *store, const ig_where *where, size_t n_where,
                                size_t *cleared, ig_error *error)
{
    const ig_grid *grid = ig_store_grid(store);
    size_t n = ig_grid_n_tasks(grid), n_seeds = ig_grid_n_seeds(grid), failed = 0;
    int8_t *state = malloc(n);
    size_t *tasks = malloc(n * sizeof *tasks);
    ig_store_scan scan;
    ig_status status = state && tasks
                           ? ig_store_check(store, state, &scan, error)
                           : ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks", n);
    if (!status) {
        for (size_t t = 0; t < n; t++) {
            if (state[t] == IG_STATE_FAILED && ig_where_holds(where, n_where, grid, t / n_seeds)) {
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

static ig_status retry(const options *o, size_t *cleared, ig_error *error)
{
    ig_lock *lock = NULL;
    ig_store *store = NULL;
    ig_where where[CONDITIONS];
    ig_plugins *plugins = NULL;
    ig_status status = ig_plugins_load(&o->plugins, &plugins, error);
    if (!status) {
        /* For reading first: a lock beside a file that is not ours would be litter. */
        status = ig_store_open(ig_plugins_registry(plugins), o->path, false, &store, error);
    }
    if (!status) {
        status = parse_conditions(o, store, where, error);
    }
    ig_store_close(&store);
    if (!status) {
        status = ig_lock_take(o->path, false, &lock, error);
    }
    if (!status) {
        status = ig_store_open(ig_plugins_registry(plugins), o->path, true, &store, error);
    }
    if (!status) {
        status = parse_conditions(o, store, where, error);
    }
    if (!status) {
        status = clear_failures(store, where, o->n, cleared, error);
    }
    ig_store_close(&store);
    ig_lock_release(&lock);
    ig_plugins_unload(&plugins);
    return status;
}

int ig_command_retry(int argc, char **argv)
{
    options o = {0};
    size_t cleared = 0;
    ig_error error = {0};
    int code = parse(argc, argv, &o);
    if (code >= 0) {
        return code;
    }
    if (retry(&o, &cleared, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    } else {
        char shown[IG_SANITIZED_TEXT];
        printf("%s: %zu failed rows cleared\n", ig_text_sanitized(o.path, shown), cleared);
    }
    return ig_status_exit_code(error.status);
}
