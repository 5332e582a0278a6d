/** The program imagrid; under the names imagrid-merge and imagrid-plan it is its commands of that
 * name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"
#include "imagrid/plugin.h"
#include "run/provenance.h"
#include "store/h5.h"

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *what;
} commands[] = {
    {"run", ig_command_run, "start or resume a grid, under mpirun or alone"},
    {"check", ig_command_check, "validate a configuration"},
    {"list", ig_command_list, "show the grid of a configuration"},
    {"estimate", ig_command_estimate, "time a few tasks, predict makespans, advise rank counts"},
    {"doctor", ig_command_doctor, "find out whether a directory and the ranks are fit for runs"},
    {"status", ig_command_status, "show what a result file holds"},
    {"retry", ig_command_retry, "clear failed rows so that `run` computes them again"},
    {"merge", ig_command_merge, "combine result files into tables, fits and figures"},
    {"plan", ig_command_plan, "how many transitions and reward labels to buy"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *stream)
{
    fputs("usage: imagrid COMMAND ...\n\n", stream);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        fprintf(stream, "  %-9s %s\n", commands[i].name, commands[i].what);
    }
    fputs("\nimagrid COMMAND --help explains one; imagrid --version names versions.\n"
          "\n"
          "examples:\n"
          "  mpirun -n 2 imagrid run configs/quick/scaling.yaml -o quick.h5\n"
          "  imagrid status quick.h5\n"
          "  imagrid merge quick.h5 --figures figures\n",
          stream);
}

static int run_command(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return commands[i].main(argc - 1, argv + 1);
        }
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        char libraries[IG_LIBRARIES_TEXT];
        printf("%s\n%s\nplugin interface %d\n", ig_version_text(),
               ig_libraries_text(libraries, sizeof libraries), IG_PLUGIN_ABI_VERSION);
        return 0;
    }
    if (name[0]) {
        char shown[IG_SANITIZED_TEXT];
        fprintf(stderr, "imagrid: unknown command '%s'\n", ig_text_sanitized(name, shown));
    }
    print_help(stderr);
    return 2;
}

int main(int argc, char **argv)
{
    const char *program = argc > 0 ? basename(argv[0]) : "imagrid";
    int code = EXIT_FAILURE;
    ig_stdio_open();
    if (!ig_h5_start()) {
        fprintf(stderr, "%s: HDF5 cannot be started\n", program);
    } else if (strcmp(program, "imagrid-merge") == 0) {
        code = ig_command_merge(argc, argv);
    } else if (strcmp(program, "imagrid-plan") == 0) {
        code = ig_command_plan(argc, argv);
    } else {
        code = run_command(argc, argv);
    }
    return ig_stdio_finish(program, code);
}
