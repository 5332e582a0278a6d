/* Signals that end a program, in a child each: what it leaves behind, and whose handlers stay. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/signals.h"

static char folder[64];

static int enter(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/imagrid-test-signals-XXXXXX");
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void touch(const char *name)
{
    const int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd >= 0) {
        close(fd);
    }
}

/** How a child ends that does this and then returns. */
static int in_child(void (*work)(void))
{
    int state = 0;
    const pid_t child = fork();
    if (child == 0) {
        work();
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &state, 0), child);
    return WIFSIGNALED(state) ? -WTERMSIG(state) : WEXITSTATUS(state);
}

static void end_with_files(void)
{
    ig_signals_prepare();
    ig_temporary_add(AT_FDCWD, "a.partial");
    touch("a.partial");
    ig_temporary_add(AT_FDCWD, "b.partial");
    touch("b.partial");
    ig_temporary_drop(AT_FDCWD, "b.partial");
    (void)!mkdir("scratch", 0700);
    ig_temporary_add_folder(open("scratch", O_RDONLY | O_DIRECTORY), "scratch");
    for (int i = 0; i < 300; i++) {
        char name[32];
        snprintf(name, sizeof name, "scratch/%d", i);
        touch(name);
    }
    /* More than are noted do no harm. */
    for (int i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "more-%d", i);
        ig_temporary_add(AT_FDCWD, name);
    }
    raise(SIGUSR2);
}

/** What was noted is gone, folders with all that is in them; what was dropped stays. */
static void temporaries(void **state)
{
    (void)state;
    assert_int_equal(in_child(end_with_files), -SIGUSR2);
    assert_int_equal(access("a.partial", F_OK), -1);
    assert_int_equal(access("scratch", F_OK), -1);
    assert_int_equal(unlink("b.partial"), 0);
}

static void finish(int number)
{
    _exit(number == SIGPROF ? 7 : 8);
}

static void end_by_profiler(void)
{
    signal(SIGPROF, finish);
    signal(SIGHUP, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    ig_signals_prepare();
    ig_signals_install(NULL);
    raise(SIGHUP);
    if (ig_signals_caught()) {
        _exit(1);
    }
    raise(SIGUSR1);
    if (ig_signals_caught() != SIGUSR1) {
        _exit(2);
    }
    raise(SIGPROF);
}

static void end_beside_library(void)
{
    signal(SIGHUP, finish);
    ig_signals_prepare();
    ig_signals_install(NULL);
    raise(SIGHUP);
    _exit(ig_signals_caught() == SIGHUP ? 9 : 10);
}

/** A profiler's signal is its own; SIGHUP stays ignored, as under nohup, and SIGUSR1 does not.
 * SIGHUP is not left to a library, as UCX would have it. */
static void others(void **state)
{
    (void)state;
    assert_int_equal(in_child(end_by_profiler), 7);
    /* Under nohup the test itself is one that ignores it. */
    struct sigaction hangup;
    assert_int_equal(sigaction(SIGHUP, NULL, &hangup), 0);
    assert_int_equal(in_child(end_beside_library), hangup.sa_handler == SIG_IGN ? 10 : 9);
}

static void end_by_limit(void)
{
    struct rlimit limit = {100, 100};
    setrlimit(RLIMIT_CPU, &limit);
    ig_signals_install(NULL);
    getrlimit(RLIMIT_CPU, &limit);
    _exit((int)limit.rlim_cur);
}

static void time_limit(void **state)
{
    (void)state;
    assert_int_equal(in_child(end_by_limit), 90);
}

static void write_too_much(void)
{
    const struct rlimit limit = {0, 0};
    setrlimit(RLIMIT_FSIZE, &limit);
    ig_signals_prepare();
    const int fd = open("large", O_WRONLY | O_CREAT, 0600);
    unlink("large");
    _exit(write(fd, "x", 1) == 1 ? 1 : 5);
}

static void file_limit(void **state)
{
    (void)state;
    assert_int_equal(in_child(write_too_much), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(temporaries),
        cmocka_unit_test(others),
        cmocka_unit_test(time_limit),
        cmocka_unit_test(file_limit),
    };
    return cmocka_run_group_tests_name("signals", tests, enter, leave);
}
