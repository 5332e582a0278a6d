#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/signals.h"
#include "base/text.h"
#include "base/try.h"
#include "cli/command.h"
#include "config/where.h"
#include "run/stop.h"
#include "store/store.h"

enum { CONDITIONS = 32 };

typedef struct options {
    const char *path;
    const char *where[CONDITIONS];
    size_t n;
    ig_plugin_files plugins;
} options;

static ig_status take_where(const char *text, void *value, ig_error *error)
{
    options *o = value;
    if (o->n == CONDITIONS) {
        return ig_error_set(error, IG_ERR_USAGE, "at most %d conditions", CONDITIONS);
    }
    o->where[o->n++] = text;
    return IG_OK;
}

static const ig_option known[] = {
    {"where", 0, "AXIS=VALUE", take_where, 0,
     "only at grid points where the axis, named by its key or its coordinate in the file, has this "
     "value; repeatable, all conditions must hold"},
    IG_OPTION_PLUGIN(options, plugins),
    IG_OPTIONS_END};

static ig_status parse_conditions(const options *o, const ig_store *store, ig_where *where,
                                  ig_error *error)
{
    for (size_t i = 0; i < o->n; i++) {
        TRY(ig_where_parse("--where", o->where[i], ig_store_grid(store), &where[i], error));
    }
    return IG_OK;
}

/** Clear the failed rows that meet the conditions; their number goes to `*cleared`. */
static ig_status clear_failures(ig_store *store, const ig_where *where, size_t n_where,
                                size_t *cleared, ig_error *error)
{
    const ig_grid *grid = ig_store_grid(store);
    const size_t n = ig_grid_n_tasks(grid), n_seeds = ig_grid_n_seeds(grid);
    AUTO_FREE int8_t *state = NULL;
    AUTO_FREE size_t *tasks = NULL;
    size_t failed = 0;
    ig_store_scan scan;
    TRY(IG_ALLOC(state, n, error));
    TRY(IG_ALLOC(tasks, n, error));
    TRY(ig_store_check(store, state, &scan, error));
    for (size_t t = 0; t < n; t++) {
        if (state[t] == IG_STATE_FAILED && ig_where_holds(where, n_where, grid, t / n_seeds)) {
            tasks[failed++] = t;
        }
    }
    TRY(ig_store_clear(store, tasks, failed, error));
    *cleared = failed;
    return IG_OK;
}

/** Nobody else writes here, so that a signal that ends the program may remove the lock. */
static ig_status take_lock(const char *path, ig_lock **lock, ig_error *error)
{
    ig_signals_hold();
    const ig_status status = ig_lock_take(path, false, lock, error);
    if (!status) {
        ig_temporary_add(AT_FDCWD, ig_lock_path(*lock));
    }
    ig_signals_release();
    return status;
}

static void drop_lock(ig_lock **lock)
{
    if (*lock) {
        ig_temporary_drop(AT_FDCWD, ig_lock_path(*lock));
    }
    ig_lock_release(lock);
}

static ig_status clear(const options *o, size_t *cleared, ig_error *error)
{
    AUTO(ig_plugins_unload) ig_plugins *plugins = NULL;
    AUTO(drop_lock) ig_lock *lock = NULL;
    AUTO(ig_store_close) ig_store *store = NULL;
    ig_where where[CONDITIONS];
    TRY(ig_plugins_load(&o->plugins, &plugins, error));
    /* For reading first: a lock beside a file that is not ours would be litter. */
    TRY(ig_store_open(ig_plugins_registry(plugins), o->path, false, &store, error));
    TRY(parse_conditions(o, store, where, error));
    ig_store_close(&store);
    TRY(take_lock(o->path, &lock, error));
    TRY(ig_store_open(ig_plugins_registry(plugins), o->path, true, &store, error));
    TRY(parse_conditions(o, store, where, error));
    return clear_failures(store, where, o->n, cleared, error);
}

static int retry(int argc, char **argv)
{
    options o = {0};
    size_t n, cleared = 0;
    ig_error error = {0};
    const int code = ig_command_parse(&ig_command_retry, argc, argv, false, &o, &n);
    if (code >= 0) {
        return code;
    }
    o.path = argv[1];
    if (clear(&o, &cleared, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    } else {
        char shown[IG_SANITIZED_TEXT];
        printf("%s: %zu failed rows cleared\n", ig_text_sanitized(o.path, shown), cleared);
    }
    return ig_status_exit_code(error.status);
}

const ig_command ig_command_retry = {
    .name = "retry",
    .summary = "clear failed rows so that `run` computes them again",
    .usage = "imagrid retry OUT.h5 [--where AXIS=VALUE]... [options]",
    .about = "Clears the failed rows of a result file, so that the next run computes them again.",
    .operand = "result file",
    .operands_min = 1,
    .operands_max = 1,
    .options = known,
    .examples = "imagrid retry out.h5 && mpirun -n 8 imagrid run scaling.yaml -o out.h5\n"
                "imagrid retry out.h5 --where anchors=200000",
    .exit_codes = "0 cleared, or none had failed\n"
                  "2 invalid arguments\n"
                  "4 the file cannot be used, or a run holds its lock",
    .main = retry,
};
