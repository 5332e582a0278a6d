#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "cli/command.h"
#include "output/options.h"
#include "results/report.h"

enum { EXIT_INCOMPLETE = 3 };

static ig_status print(const ig_report *report, ig_error *error)
{
    ig_status status = ig_report_print(report, stdout, error);
    if (!status && (fflush(stdout) != 0 || ferror(stdout))) {
        status = ig_error_set(error, IG_ERR_IO, "cannot write the tables to standard output");
    }
    return status;
}

static ig_status write_all(const ig_report *report, const ig_merge_options *o, ig_error *error)
{
    ig_status status = o->quiet ? IG_OK : print(report, error);
    if (!status && o->output) {
        status = ig_report_write(report, o->output, error);
    }
    if (!status && o->csv) {
        status = ig_report_write_csv(report, o->csv, error);
    }
    if (!status && o->latex) {
        status = ig_report_write_latex(report, o->latex, error);
    }
    if (!status && o->page) {
        status = ig_report_write_page(report, o->page, ig_version_text(), error);
    }
    if (!status && o->figures) {
        status = ig_report_draw(report, o->figures, error);
    }
    return status;
}

static int merge(const char *program, int argc, char **argv, const ig_merge_options *o)
{
    ig_plugins *plugins = NULL;
    ig_report *report = NULL;
    ig_error error = {0};
    const char *const *paths = (const char *const *)argv + o->first;
    ig_status status = ig_plugins_load(&o->plugins, &plugins, &error);
    if (!status) {
        status = ig_report_create_with(ig_plugins_registry(plugins), paths,
                                       (size_t)(argc - o->first), &o->report, &report, &error);
    }
    if (!status) {
        status = write_all(report, o, &error);
    }
    int code = ig_status_exit_code(status);
    if (status) {
        fprintf(stderr, "%s: %s\n", program, error.text);
    } else if (ig_report_missing(report) || ig_report_failed(report)) {
        code = EXIT_INCOMPLETE;
    }
    ig_report_destroy(&report);
    ig_plugins_unload(&plugins);
    return code;
}

int ig_command_merge(int argc, char **argv)
{
    const char *program = strcmp(argv[0], "merge") == 0 ? "imagrid merge" : "imagrid-merge";
    ig_merge_options o;
    ig_error error = {0};
    ig_status status = ig_merge_options_parse(argc, argv, &o, &error);
    if (status) {
        fprintf(stderr, "%s: %s\ntry: %s --help\n", program, error.text, program);
        return ig_status_exit_code(status);
    }
    if (o.help || o.version) {
        fputs(o.help ? ig_merge_help : ig_version_text(), stdout);
        fputs(o.help ? "" : "\n", stdout);
        return EXIT_SUCCESS;
    }
    return merge(program, argc, argv, &o);
}
