/** The subcommands of `imagrid`. Each parses its own arguments and returns the exit code. */
#ifndef IMAGRID_COMMANDS_COMMAND_H
#define IMAGRID_COMMANDS_COMMAND_H

#include "experiments/plugins.h"

/** argv[0] is the subcommand's name. */
int ig_command_run(int argc, char **argv);
int ig_command_check(int argc, char **argv);
int ig_command_list(int argc, char **argv);
int ig_command_estimate(int argc, char **argv);
int ig_command_doctor(int argc, char **argv);
int ig_command_status(int argc, char **argv);
int ig_command_retry(int argc, char **argv);
int ig_command_merge(int argc, char **argv);
int ig_command_plan(int argc, char **argv);

/** Say what is wrong with the arguments and where help is; returns 2. */
int ig_usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** What getopt_long gives for --plugin. */
enum { IG_OPTION_PLUGIN = 1000 };

/** Do what an option asks for that commands share: --plugin, --help, --version; anything else is a
 *  usage error. Returns -1 to go on, else the exit code. */
int ig_common_option(int option, const char *command, const char *help, ig_plugin_files *files);

/** Parse the arguments of a command whose only options are --plugin, --help and --version: exactly
 *  one operand, returned in `*operand`, described by `what`. Returns -1 to go on, else the exit
 *  code. */
int ig_single_operand(int argc, char **argv, const char *help, const char *what,
                      ig_plugin_files *files, const char **operand);

/** A configuration with its grid and layout. */
typedef struct ig_setup {
    ig_plugins *plugins;
    ig_config *config;
    ig_grid *grid;
    ig_layout *layout;
} ig_setup;

/** Load the plugins, read and check a configuration file, printing what is wrong. Returns 0 or the
 *  exit code. */
int ig_setup_read(const char *path, const ig_plugin_files *files, ig_setup *setup);
void ig_setup_clear(ig_setup *setup);

/** "3.4 MB"; returns `text`. */
const char *ig_size_text(double bytes, char *text, size_t size);

#endif
