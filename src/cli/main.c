/** The program imagrid. Called as imagrid-NAME it is its command NAME. */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "base/signals.h"
#include "base/text.h"
#include "cli/command.h"
#include "config/diagnostics.h"
#include "h5/library.h"
#include "imagrid/plugin.h"
#include "program/keeper.h"
#include "run/output.h"
#include "run/run.h"
#include "store/store.h"

static const ig_command *const commands[] = {
    &ig_command_run,    &ig_command_check,  &ig_command_list,  &ig_command_estimate,
    &ig_command_doctor, &ig_command_status, &ig_command_retry, &ig_command_salvage,
    &ig_command_merge,  &ig_command_plan,   &ig_command_data,
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

/** The command of this name, or NULL. */
static const ig_command *find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(name, commands[i]->name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static void print_help(FILE *stream)
{
    fputs("usage: imagrid COMMAND ...\n\n", stream);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        fprintf(stream, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    }
    fputs(
        "\nSee `imagrid COMMAND --help` for a command; `imagrid --version` prints the versions of\n"
        "imagrid and its libraries.\n"
        "\n"
        "examples:\n"
        "  mpirun -n 2 imagrid run configs/quick/scaling.yaml -o quick.h5\n"
        "  imagrid status quick.h5\n"
        "  imagrid merge quick.h5 --figures figures\n",
        stream);
}

static void print_versions(void)
{
    char libraries[IG_LIBRARIES_TEXT];
    printf("%s\n%s\nplugin interface %d\n", ig_version_text(),
           ig_libraries_text(libraries, sizeof libraries), IG_PLUGIN_ABI);
}

/** Answer a WORD that is no command: of the ranks of one program only the first does. */
static int answer(const char *word)
{
    if (ig_launched_rank() > 0) {
        return 0;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        print_versions();
        return 0;
    }
    if (word[0]) {
        char quoted[IG_QUOTE_TEXT];
        ig_suggestion suggestion = {.word = word};
        for (size_t i = 0; i < N_COMMANDS; i++) {
            ig_suggest_offer(&suggestion, commands[i]->name);
        }
        fprintf(stderr, "imagrid: unknown command '%s'", ig_text_quote(word, quoted));
        if (suggestion.best) {
            fprintf(stderr, "; did you mean %s?", suggestion.best);
        }
        fputc('\n', stderr);
    }
    print_help(stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static const char prefix[] = "imagrid-";
    const char *base = argc > 0 ? basename(argv[0]) : "";
    const bool alias = strncmp(base, prefix, strlen(prefix)) == 0 && find(base + strlen(prefix));
    const ig_command *command = alias      ? find(base + strlen(prefix))
                                : argc > 1 ? find(argv[1])
                                           : NULL;
    char program[32] = "imagrid";
    int code;
    if (ig_keeper_main(argc, argv, &code)) {
        return code;
    }
    ig_stdio_open();
    ig_signals_prepare();
    if (command) {
        snprintf(program, sizeof program, "imagrid%c%s", alias ? '-' : ' ', command->name);
        argc -= !alias;
        argv += !alias;
        argv[0] = program;
    }
    if (!ig_h5_init()) {
        fprintf(stderr, "%s: HDF5 cannot be initialised\n", program);
        code = EXIT_FAILURE;
    } else {
        code = command ? command->main(argc, argv) : answer(argc > 1 ? argv[1] : "");
    }
    return ig_stdio_finish(alias ? program : "imagrid", code);
}
