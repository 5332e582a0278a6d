#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "cli/command.h"
#include "plan/proposal.h"

static ig_status write_all(const ig_proposal *proposal, ig_error *error)
{
    if (proposal->options->json) {
        ig_proposal_write_json(proposal, stdout);
    } else {
        ig_proposal_print(proposal, stdout);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return ig_error_set(error, IG_ERR_IO, "cannot write to standard output");
    }
    return proposal->options->figures
               ? ig_proposal_draw(proposal, proposal->options->figures, error)
               : IG_OK;
}

/** Bad measurements are bad input, whichever way they show. */
static int exit_code(ig_status status)
{
    return status == IG_ERR_NUMERIC ? ig_status_exit_code(IG_ERR_USAGE)
                                    : ig_status_exit_code(status);
}

static int propose(const char *program, const ig_plan_options *options)
{
    ig_error error = {0};
    ig_proposal proposal = {0};
    ig_plugins *plugins = NULL;
    ig_status status = IG_ERR_MEMORY;
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    if (!diagnostics) {
        fprintf(stderr, "%s: no memory\n", program);
        return exit_code(status);
    }
    status = ig_plugins_load(&options->plugins, &plugins, &error);
    if (!status) {
        status =
            ig_proposal_make(ig_plugins_registry(plugins), options, &proposal, diagnostics, &error);
    }
    if (!status) {
        status = write_all(&proposal, &error);
    }
    if (ig_diagnostics_count(diagnostics) > 0) {
        ig_diagnostics_print(diagnostics, stderr);
    } else if (status) {
        fprintf(stderr, "%s: %s\n", program, error.text);
    }
    ig_proposal_clear(&proposal);
    ig_diagnostics_destroy(&diagnostics);
    ig_plugins_unload(&plugins);
    return exit_code(status);
}

int ig_command_plan(int argc, char **argv)
{
    const char *program = strcmp(argv[0], "plan") == 0 ? "imagrid plan" : "imagrid-plan";
    ig_plan_options options;
    ig_plan_wish wish;
    ig_error error = {0};
    ig_status status = ig_plan_parse(argc, argv, &options, &wish, &error);
    if (status) {
        fprintf(stderr, "%s: %s\ntry: %s --help\n", program, error.text, program);
        return ig_status_exit_code(status);
    }
    if (wish == IG_PLAN_WORK) {
        return propose(program, &options);
    }
    printf("%s%s", wish == IG_PLAN_HELP ? ig_plan_help : ig_version_text(),
           wish == IG_PLAN_HELP ? "" : "\n");
    return EXIT_SUCCESS;
}
