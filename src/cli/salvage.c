#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "cli/command.h"
#include "config/diagnostics.h"

typedef struct options {
    const char *path, *output, *config;
    ig_plugin_files plugins;
} options;

static const ig_option known[] = {
    {"output", 'o', "NEW.h5", ig_take_text, offsetof(options, output),
     "result file to create; required"},
    {"config", 0, "CONFIG.yaml", ig_take_text, offsetof(options, config),
     "the configuration that the file was made with, where the file's own did not survive"},
    IG_OPTION_PLUGIN(options, plugins),
    IG_OPTIONS_END};

static ig_status check(const void *values, ig_error *error)
{
    const options *o = values;
    return o->output && o->output[0]
               ? IG_OK
               : ig_error_set(error, IG_ERR_USAGE, "no output file: use -o NEW.h5");
}

/** The text of the configuration; NULL where none is given. */
static ig_status read_config(const options *o, char **text, ig_error *error)
{
    size_t size = 0;
    if (!o->config) {
        return IG_OK;
    }
    AUTO(ig_diagnostics_destroy) ig_diagnostics *diagnostics = ig_diagnostics_create();
    const ig_status status =
        diagnostics ? ig_config_read_file(o->config, text, &size, diagnostics) : IG_ERR_MEMORY;
    return status ? ig_error_set(error, status, "%s",
                                 diagnostics && ig_diagnostics_count(diagnostics)
                                     ? ig_diagnostics_text(diagnostics, 0)
                                     : "out of memory")
                  : IG_OK;
}

/** Open the file as it is, or what is left of it. */
static ig_status open_either(const options *o, const ig_registry *registry, ig_store **store,
                             ig_error *error)
{
    AUTO_FREE char *config = NULL;
    ig_error damage = {0};
    TRY(read_config(o, &config, error));
    const ig_status status = ig_store_open(registry, o->path, false, store, &damage);
    if (!status || status != IG_ERR_FORMAT) {
        return status ? ig_error_set(error, status, "%s", damage.text) : IG_OK;
    }
    const ig_status rescued = ig_store_rescue(registry, o->path, config, store, error);
    return rescued == IG_ERR_USAGE ? ig_error_set(error, status, "%s", damage.text) : rescued;
}

static void report(const options *o, const ig_store *store, const ig_store_scan *scan)
{
    char from[IG_SANITIZED_TEXT], to[IG_SANITIZED_TEXT], given[IG_SANITIZED_TEXT];
    const size_t n = ig_grid_n_tasks(ig_store_grid(store));
    ig_text_sanitized(o->path, from);
    ig_text_sanitized(o->output, to);
    printf("%s: %zu done and %zu failed rows of %zu tasks, %zu left\n", to, scan->done,
           scan->failed, n, scan->empty);
    if (scan->damaged) {
        printf("%zu rows were damaged (task %zu first) and count as left\n", scan->damaged,
               scan->first_damaged);
    }
    if (!ig_store_confirmed(store)) {
        printf("nothing left in %s confirms that %s is the configuration of its rows\n", from,
               ig_text_sanitized(o->config, given));
    }
    printf("`imagrid run CONFIG.yaml -o %s` resumes it; %s is unchanged\n", to, from);
}

static ig_status work(const options *o, ig_error *error)
{
    AUTO(ig_plugins_unload) ig_plugins *plugins = NULL;
    AUTO(ig_store_close) ig_store *store = NULL;
    ig_store_scan scan;
    TRY(ig_plugins_load(&o->plugins, &plugins, error));
    const ig_registry *registry = ig_plugins_registry(plugins);
    TRY(open_either(o, registry, &store, error));
    TRY(ig_store_salvage(store, registry, o->output, &scan, error));
    report(o, store, &scan);
    return IG_OK;
}

static int salvage(int argc, char **argv)
{
    options o = {0};
    ig_error error = {0};
    size_t n;
    const int code = ig_command_parse(&ig_command_salvage, argc, argv, false, &o, &n);
    if (code >= 0) {
        return code;
    }
    o.path = argv[1];
    if (work(&o, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    }
    return ig_status_exit_code(error.status);
}

const ig_command ig_command_salvage = {
    .name = "salvage",
    .summary = "save the rows of a damaged result file",
    .usage = "imagrid salvage BAD.h5 -o NEW.h5 [--config CONFIG.yaml] [options]",
    .about = "Makes a new result file with every row of a damaged one whose checksum holds, byte "
             "for byte; a run into the new file computes the others. Needs neither HDF5's header "
             "nor its list of datasets: the configuration and the places of the rows are found "
             "otherwise. The damaged file is only read.",
    .operand = "damaged result file",
    .operands_min = 1,
    .operands_max = 1,
    .options = known,
    .check = check,
    .examples = "imagrid salvage scaling.h5 -o saved.h5\n"
                "imagrid salvage scaling.h5 -o saved.h5 --config scaling.yaml",
    .exit_codes = "0 the new file is there, with the rows that could be saved\n"
                  "2 invalid arguments, or the file was made with another configuration\n"
                  "4 nothing can be saved, or the new file cannot be written",
    .main = salvage,
};
