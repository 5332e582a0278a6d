#include "output/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output/drawing.h"
#include "output/pdf-date.h"

/** Start gnuplot in the folder, its standard input and error being nowhere; returns an errno. */
static int start(const ig_folder *folder, const char *script, pid_t *child)
{
    char name[] = "gnuplot", defaults[] = "-d";
    char *copy = strdup(script);
    posix_spawn_file_actions_t actions;
    int failed = copy ? posix_spawn_file_actions_init(&actions) : ENOMEM;
    if (failed) {
        goto done;
    }
    char *arguments[] = {name, defaults, copy, NULL};
    failed = posix_spawn_file_actions_addfchdir_np(&actions, folder->fd);
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

/** What happened, and where a person can see why. */
static ig_status refuse(const ig_folder *folder, const char *script, const char *what,
                        const char *then, ig_error *error)
{
    return folder->path ? ig_error_set(error, IG_ERR_IO,
                                       "%s; script and data are in %s: run `gnuplot %s` there %s",
                                       what, folder->path, script, then)
                        : ig_error_set(error, IG_ERR_IO, "%s", what);
}

static ig_status run(const ig_folder *folder, const char *script, ig_error *error)
{
    pid_t child = -1;
    int state = 0;
    int failed = start(folder, script, &child);
    if (failed == ENOENT) {
        return refuse(folder, script, "gnuplot is not installed (Debian package gnuplot-nox)",
                      "later", error);
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
        return refuse(folder, script, "gnuplot failed", "to see why", error);
    }
    return ig_pdf_clear_date(folder, script, error);
}

ig_status ig_gnuplot_run(const ig_folder *folder, const char *script, ig_error *error)
{
    ig_status status = run(folder, script, error);
    if (status) {
        /* Half a picture would be taken for a whole one. */
        ig_drawing_remove(folder, script, NULL);
    }
    return status;
}
