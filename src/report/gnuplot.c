#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/pdf-date.h"

/** Start gnuplot in `directory`, its standard input and error being nowhere; returns an errno. */
static int start(const char *directory, const char *script, pid_t *child)
{
    char name[] = "gnuplot", defaults[] = "-d";
    char *copy = strdup(script);
    posix_spawn_file_actions_t actions;
    int failed = copy ? posix_spawn_file_actions_init(&actions) : ENOMEM;
    if (failed) {
        goto done;
    }
    char *arguments[] = {name, defaults, copy, NULL};
    failed = posix_spawn_file_actions_addchdir_np(&actions, directory);
    if (!failed) {
        failed = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    /* It warns about groups without data, which is no fault; what matters is how it ends. */
    if (!failed) {
        failed =
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    if (!failed) {
        failed = posix_spawnp(child, name, &actions, NULL, arguments, environ);
    }
    posix_spawn_file_actions_destroy(&actions);
done:
    free(copy);
    return failed;
}

ig_status ig_gnuplot_run(const char *directory, const char *script, ig_error *error)
{
    pid_t child = -1;
    int state = 0;
    int failed = start(directory, script, &child);
    if (failed == ENOENT) {
        return ig_error_set(error, IG_ERR_IO,
                            "gnuplot is not installed (Debian package gnuplot-nox); script and "
                            "data are in %s: run `gnuplot %s` there later",
                            directory, script);
    }
    if (failed) {
        return ig_error_set(error, ig_status_from_errno(failed), "cannot start gnuplot: %s",
                            strerror(failed));
    }
    while (waitpid(child, &state, 0) < 0) {
        if (errno != EINTR) {
            return ig_error_set(error, IG_ERR_IO, "lost track of gnuplot: %s", strerror(errno));
        }
    }
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
        return ig_error_set(error, IG_ERR_IO,
                            "gnuplot failed; script and data are in %s: run `gnuplot %s` there to "
                            "see why",
                            directory, script);
    }
    return ig_pdf_clear_date(directory, script, error);
}
