#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"

static const char help[] =
    "usage: imagrid check CONFIG.yaml [options]\n"
    "\n"
    "Checks a configuration and lists every fault as file:line:column: key: what, allowed.\n"
    "Nothing is computed or written.\n"
    "\n"
    "      --plugin FILE  load experiments from a shared object\n"
    "  -h, --help\n"
    "\n"
    "example:\n"
    "  imagrid check configs/paper/scaling.yaml\n"
    "\n"
    "exit codes: 0 valid; 2 faults\n";

int ig_command_check(int argc, char **argv)
{
    const char *path;
    ig_plugin_files files = {0};
    ig_setup setup;
    int code = ig_single_operand(argc, argv, help, "configuration file", &files, &path);
    if (code < 0 && (code = ig_setup_read(path, &files, &setup)) == 0) {
        char shown[IG_SANITIZED_TEXT];
        printf("%s: valid, experiment %s, %zu tasks, config hash %s\n",
               ig_text_sanitized(path, shown), ig_config_schema(setup.config)->experiment,
               ig_grid_n_tasks(setup.grid), ig_config_hash(setup.config));
        ig_setup_clear(&setup);
    }
    return code;
}
