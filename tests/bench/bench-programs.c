/* What starting a program costs: N times the same one, without anything around it, or as a child of
 * a rank. usage: bench-programs spawn|child N PROGRAM... */
#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program/child.h"
#include "program/keeper.h"

static int fail(const char *what)
{
    fprintf(stderr, "bench-programs: %s\n", what);
    return EXIT_FAILURE;
}

static int spawn(long n, char **arguments)
{
    for (long i = 0; i < n; i++) {
        pid_t child;
        int status;
        const int errnum = posix_spawn(&child, arguments[0], NULL, NULL, arguments, environ);
        if (errnum || waitpid(child, &status, 0) != child || status != 0) {
            return fail(errnum ? strerror(errnum) : "the program failed");
        }
    }
    return EXIT_SUCCESS;
}

static int run_children(ig_keeper *keeper, long n, const ig_child *child, ig_error *error)
{
    ig_ended ended = {0};
    for (long i = 0; i < n; i++) {
        if (ig_child_run(keeper, child, NULL, &ended, error)) {
            return fail(error->text);
        }
        if (ended.end != IG_END_EXIT || ended.code != 0) {
            ig_ended_clear(&ended);
            return fail("the program failed");
        }
    }
    ig_ended_clear(&ended);
    return EXIT_SUCCESS;
}

static int run_all(long n, char **arguments)
{
    ig_error error = {0};
    ig_keeper *keeper;
    ig_child child = {.arguments = arguments,
                      .folder = "/",
                      .timeout = (double)INFINITY,
                      .line_max = 65536,
                      .tail_max = 4096};
    char **environment;
    if (ig_child_environment(NULL, &environment, &error)) {
        return fail(error.text);
    }
    child.environment = environment;
    int code = ig_keeper_start(&keeper, &error) ? fail(error.text) : EXIT_SUCCESS;
    if (code == EXIT_SUCCESS) {
        code = run_children(keeper, n, &child, &error);
        ig_keeper_stop(&keeper);
    }
    free(environment);
    return code;
}

int main(int argc, char **argv)
{
    int code;
    if (ig_keeper_main(argc, argv, &code)) {
        return code;
    }
    const long n = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
    if (n < 1) {
        return fail("usage: bench-programs spawn|child N PROGRAM...");
    }
    return strcmp(argv[1], "spawn") == 0 ? spawn(n, argv + 3) : run_all(n, argv + 3);
}
