#include "run/signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

/* A handler has no other way to reach the program. */
static volatile sig_atomic_t caught;

static void note(int signal_number)
{
    caught = signal_number;
}

ig_status ig_signals_install(ig_error *error)
{
    static const int stops[] = {SIGTERM, SIGINT, SIGUSR1, SIGHUP};
    struct sigaction before;
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        if (sigaction(stops[i], NULL, &before) == 0 && stops[i] == SIGHUP &&
            before.sa_handler == SIG_IGN) {
            continue;
        }
        if (sigaction(stops[i], &action, NULL)) {
            return ig_error_set(error, IG_ERR_IO, "sigaction: %s", strerror(errno));
        }
    }
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        return ig_error_set(error, IG_ERR_IO, "signal: %s", strerror(errno));
    }
    return IG_OK;
}

int ig_signals_caught(void)
{
    return caught;
}

ig_status ig_signals_error(ig_error *error)
{
    return ig_error_set(error, IG_ERR_STOPPED, "stopped by signal %d (%s)", (int)caught,
                        strsignal(caught));
}
