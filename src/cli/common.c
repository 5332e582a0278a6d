#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"

int ig_usage_error(const char *command, const char *format, ...)
{
    va_list arguments;
    char text[1024];
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ig_text_sanitize(text);
    fprintf(stderr, "imagrid %s: %s\ntry: imagrid %s --help\n", command, text, command);
    return 2;
}

int ig_common_option(int option, const char *command, const char *help, ig_plugin_files *files)
{
    ig_error error = {0};
    switch (option) {
    case IG_OPTION_PLUGIN:
        return ig_plugin_files_add(files, optarg, &error)
                   ? ig_usage_error(command, "%s", error.text)
                   : -1;
    case 'h':
        fputs(help, stdout);
        return 0;
    case 'V':
        puts(ig_version_text());
        return 0;
    default:
        return ig_usage_error(command, "unknown option or missing argument");
    }
}

int ig_single_operand(int argc, char **argv, const char *help, const char *what,
                      ig_plugin_files *files, const char **operand)
{
    static const struct option options[] = {{"plugin", required_argument, NULL, IG_OPTION_PLUGIN},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    int option, code = -1;
    while (code < 0 && (option = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
        code = ig_common_option(option, argv[0], help, files);
    }
    if (code >= 0) {
        return code;
    }
    if (argc - optind != 1) {
        return ig_usage_error(argv[0], "expected one %s, got %d", what, argc - optind);
    }
    *operand = argv[optind];
    return -1;
}

int ig_setup_read(const char *path, const ig_plugin_files *files, ig_setup *setup)
{
    ig_setup s = {0};
    ig_error error = {0};
    char *bytes = NULL;
    size_t size = 0;
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    ig_status status = diagnostics ? IG_OK : ig_error_set(&error, IG_ERR_MEMORY, "no memory");
    if (!status) {
        status = ig_plugins_load(files, &s.plugins, &error);
    }
    if (!status) {
        status = ig_config_read_file(path, &bytes, &size, diagnostics);
    }
    if (!status) {
        status = ig_experiment_configure(ig_plugins_registry(s.plugins), bytes, size, path,
                                         &s.config, diagnostics);
    }
    if (!status) {
        status = ig_grid_create(s.config, &s.grid, &error);
    }
    if (!status) {
        const ig_experiment *e = ig_experiment_of(s.config);
        status = ig_layout_create(e->columns, e->n_columns, e->dimensions, e->n_dimensions,
                                  s.config, &s.layout, &error);
    }
    if (diagnostics) {
        ig_diagnostics_print(diagnostics, stderr);
    }
    if (error.status || status == IG_ERR_MEMORY) {
        fprintf(stderr, "imagrid: %s\n", error.status ? error.text : "no memory");
    }
    ig_diagnostics_destroy(&diagnostics);
    free(bytes);
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

const char *ig_size_text(double bytes, char *text, size_t size)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t u = 0;
    while (bytes >= 1000 && u + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        u++;
    }
    snprintf(text, size, u == 0 ? "%.0f %s" : "%.3g %s", bytes, units[u]);
    return text;
}
