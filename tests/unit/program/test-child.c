/* Programs as children: whatever they do, their end is told as it was, and nothing of them is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/try.h"
#include "program/child.h"
#include "program/keeper.h"
#include "program/private.h"

static char folder[] = "/tmp/imagrid-child-XXXXXX";
static ig_keeper *keeper;

/** `script` by /bin/sh, in `folder`. */
static ig_status run_with(const char *script, ig_child child, const ig_yield *yield,
                          ig_ended *ended, ig_error *error)
{
    char shell[] = "/bin/sh", option[] = "-c";
    AUTO_FREE char *words = ig_strdup(script, NULL);
    char *arguments[] = {shell, option, words, NULL};
    AUTO_FREE char **environment = NULL;
    assert_int_equal(ig_child_environment(NULL, &environment, error), IG_OK);
    child.arguments = child.arguments ? child.arguments : arguments;
    child.environment = environment;
    child.folder = child.folder ? child.folder : folder;
    child.line_max = child.line_max ? child.line_max : 1000;
    child.tail_max = child.tail_max ? child.tail_max : 1000;
    return ig_child_run(keeper, &child, yield, ended, error);
}

static const ig_child patient = {.timeout = (double)INFINITY, .grace = 0.1};
static const ig_child hasty = {.timeout = 0.3, .grace = 0.1};

/** It must end as told, with this last line (NULL: any). */
static void expect(const char *script, ig_child child, ig_end end, int code, const char *line)
{
    ig_error error = {0};
    ig_ended ended = {0};
    assert_int_equal(run_with(script, child, NULL, &ended, &error), IG_OK);
    assert_int_equal(ended.end, end);
    assert_int_equal(ended.code, code);
    if (line) {
        assert_string_equal(ended.line, line);
    }
    ig_ended_clear(&ended);
}

static void at_folder(const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", folder, name);
}

/** Wait until no process of the numbers in file "pids" is left, and as many as `n` were noted. */
static void expect_none_left(int n)
{
    char path[128];
    int noted = 0, pid;
    at_folder("pids", path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fscanf(file, "%d", &pid) == 1) {
        const struct timespec pause = {.tv_nsec = 1000000};
        for (int i = 0; i < 5000 && kill(pid, 0) == 0; i++) {
            nanosleep(&pause, NULL);
        }
        assert_int_equal(kill(pid, 0), -1);
        noted++;
    }
    fclose(file);
    unlink(path);
    assert_int_equal(noted, n);
}

static void test_ends(void **state)
{
    (void)state;
    expect("exit 7", patient, IG_END_EXIT, 7, "");
    expect("echo a; echo; echo ' b'; echo; printf ' \\t\\n'", patient, IG_END_EXIT, 0, " b");
    expect("printf 'x\\ny'", patient, IG_END_EXIT, 0, "y");
    expect("kill -9 $$", patient, IG_END_SIGNAL, SIGKILL, "");
    expect("kill -SEGV $$", patient, IG_END_SIGNAL, SIGSEGV, "");
    expect("read x || echo empty", patient, IG_END_EXIT, 0, "empty");
    /* Sleeps longer than the wait that reads no pipes. */
    expect("echo a; sleep 0.05; echo b", patient, IG_END_EXIT, 0, "b");
}

static void test_no_start(void **state)
{
    (void)state;
    char none[] = "/nowhere", dir[] = "/", text[128];
    char *arguments[] = {none, NULL};
    ig_child child = patient;
    child.arguments = arguments;
    expect("", child, IG_END_NO_START, ENOENT, "");
    arguments[0] = dir;
    expect("", child, IG_END_NO_START, EACCES, "");
    at_folder("text", text);
    const int fd = open(text, O_WRONLY | O_CREAT, 0755);
    assert_int_equal(write(fd, "text", 4), 4);
    close(fd);
    arguments[0] = text;
    expect("", child, IG_END_NO_START, ENOEXEC, "");
    child = patient;
    child.folder = "/nowhere";
    expect("", child, IG_END_NO_FOLDER, ENOENT, "");
    expect("echo again", patient, IG_END_EXIT, 0, "again");
}

/* A mask, a disposition or a descriptor that leaks from the rank. */
static void test_inherits_nothing(void **state)
{
    (void)state;
    int leak[2];
    assert_int_equal(pipe(leak), 0);
    signal(SIGUSR1, SIG_IGN);
    expect("for f in /proc/$$/fd/*; do n=${n}${f##*/}; done; echo $n", patient, IG_END_EXIT, 0,
           "0123"); /* 3 is the list's own */
    /* Signals 1 to 28: the C library ignores some of its own. */
    expect("cat /proc/self/status | sed -n 's/^Sig[BIC].*\\(.......\\)$/\\1/p' | tr -d '\\n'",
           patient, IG_END_EXIT, 0, "000000000000000000000");
    signal(SIGUSR1, SIG_DFL);
    close(leak[0]);
    close(leak[1]);
    expect("exec 1>&-; echo nowhere 2> /dev/null; sleep 0.05; exit 3", patient, IG_END_EXIT, 3, "");
    char path[128];
    ig_child child = patient;
    at_folder("", path);
    child.folder = path;
    expect("pwd", child, IG_END_EXIT, 0, folder);
}

static void count_line(void *context, const char *line)
{
    size_t *n = context;
    n[0]++;
    n[1] += strlen(line);
}

static void test_output(void **state)
{
    (void)state;
    ig_error error = {0};
    ig_ended ended = {0};
    char log[128];
    struct stat at;
    size_t n[2] = {0};
    ig_child child = patient;
    at_folder("log", log);
    child.log = log;
    child.line = count_line;
    child.context = n;
    /* More than both pipes hold, and more than is kept. */
    const char *script = "i=0; while [ $i -lt 4000 ]; do echo 0123456789012345678901234567890; "
                         "echo abcdefghijklmnopqrstuvwxyz$i >&2; i=$((i+1)); done; echo end";
    child.tail_max = 100;
    assert_int_equal(run_with(script, child, NULL, &ended, &error), IG_OK);
    assert_string_equal(ended.line, "end");
    assert_string_equal(ended.tail, "abcdefghijklmnopqrstuvwxyz3997\nabcdefghijklmnopqrstuvwxyz3998"
                                    "\nabcdefghijklmnopqrstuvwxyz3999");
    assert_int_equal(n[0], 4001);
    assert_int_equal(n[1], 4000 * 31 + 3);
    assert_int_equal(stat(log, &at), 0);
    assert_int_equal(at.st_size, 4000 * 32 + 4 + 4000 * 27 + 10 + 180 + 2700 + 12000);
    assert_int_equal(ended.log_errno, 0);
    /* Appended; and a log that cannot be is told, not in the program's way. */
    assert_int_equal(run_with("echo x", child, NULL, &ended, &error), IG_OK);
    const off_t before = at.st_size;
    assert_int_equal(stat(log, &at), 0);
    assert_int_equal(at.st_size, before + 2);
    child.log = "/nowhere/log";
    assert_int_equal(run_with("echo x", child, NULL, &ended, &error), IG_OK);
    assert_int_equal(ended.log_errno, ENOENT);
    assert_string_equal(ended.line, "x");
    ig_ended_clear(&ended);
    unlink(log);
}

static void test_odd_output(void **state)
{
    (void)state;
    ig_error error = {0};
    ig_ended ended = {0};
    ig_child child = patient;
    size_t n[2] = {0};
    child.line = count_line;
    child.context = n;
    child.line_max = 10;
    assert_int_equal(run_with("echo 0123456789; echo 0123456789x; printf 'a\\0\\377\\n\\001b' >&2",
                              child, NULL, &ended, &error),
                     IG_OK);
    assert_int_equal(n[0], 1);
    assert_true(ended.line_long);
    assert_string_equal(ended.line, "0123456789");
    assert_string_equal(ended.tail, "a??\n?b");
    assert_int_equal(run_with("echo 0123456789x; printf 'a\\0b'", child, NULL, &ended, &error),
                     IG_OK);
    assert_false(ended.line_long);
    assert_string_equal(ended.line, "a?b");
    assert_int_equal(run_with("head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2", child,
                              NULL, &ended, &error),
                     IG_OK);
    assert_true(ended.line_long);
    assert_int_equal(strlen(ended.tail), 1000);
    ig_ended_clear(&ended);
}

/* Each way to stay behind. */
#define ALONE    "setsid sh -c 'trap \"\" TERM; echo $$ >> pids; sleep 60' &"
#define HERE     "(trap '' TERM; sh -c 'echo $PPID >> pids'; sleep 60) &"
#define NOTED(n) "while [ $(cat pids 2> /dev/null | wc -l) -lt " #n " ]; do sleep 0.01; done;"

static void test_leaves_nothing(void **state)
{
    (void)state;
    /* They hold the pipes open. */
    expect(ALONE HERE NOTED(2) "echo done", patient, IG_END_EXIT, 0, "done");
    expect_none_left(2);
    expect(ALONE HERE NOTED(2) "trap '' TERM; while :; do sleep 60; done", hasty, IG_END_TIMEOUT, 0,
           NULL);
    expect_none_left(2);
    expect("echo $$ >> pids; kill -STOP $$", hasty, IG_END_TIMEOUT, 0, "");
    expect_none_left(1);
    /* As fast as one gets away, for a while. */
    expect("echo 'i=$1; [ $i -gt 400 ] && exit; setsid sh run $((i+1)) &' > run; sh run 0 & exit 5",
           patient, IG_END_EXIT, 5, "");
    expect("echo after", patient, IG_END_EXIT, 0, "after");
}

/* Half of the programs that save their state at SIGTERM are children of a shell that ends at once.
 */
static void test_grace(void **state)
{
    (void)state;
    ig_child child = {.timeout = 0.2, .grace = 20};
    char path[128];
    expect("(trap 'sleep 0.1; : > saved; exit' TERM; while :; do sleep 0.01; done) & wait", child,
           IG_END_TIMEOUT, 0, "");
    at_folder("saved", path);
    assert_int_equal(unlink(path), 0);
    /* One that is stopped can save, too. */
    expect("trap ': > saved; exit' TERM; kill -STOP $$", child, IG_END_TIMEOUT, 0, "");
    assert_int_equal(unlink(path), 0);
}

static ig_status stop_later(void *context)
{
    int *calls = context;
    ++*calls;
    return *calls > 3 ? IG_ERR_STOPPED : IG_OK;
}

/** Stop when three processes of the program have noted their numbers. */
static ig_status stop_when_noted(void *context)
{
    char path[128];
    int noted = 0, c;
    (void)context;
    at_folder("pids", path);
    FILE *file = fopen(path, "r");
    while (file && (c = getc(file)) != EOF) {
        noted += c == '\n';
    }
    if (file) {
        fclose(file);
    }
    return noted == 3 ? IG_ERR_STOPPED : IG_OK;
}

static void test_stop(void **state)
{
    (void)state;
    ig_error error = {0};
    ig_ended ended = {0};
    int calls = 2;
    const ig_yield noted = {stop_when_noted, NULL}, yield = {stop_later, &calls};
    assert_int_equal(run_with(ALONE HERE
                              "trap '' TERM; echo $$ >> pids; while :; do sleep 60; done",
                              patient, &noted, &ended, &error),
                     IG_ERR_STOPPED);
    expect_none_left(3);
    /* The batch system's signal reaches the program first. */
    assert_int_equal(run_with("kill -TERM $$", patient, &yield, &ended, &error), IG_ERR_STOPPED);
    /* It has ended: the answer that crosses the stop is none to the next. */
    calls = -1000;
    assert_int_equal(run_with("echo over", patient, &yield, &ended, &error), IG_OK);
    assert_string_equal(ended.line, "over");
    ig_ended_clear(&ended);
}

/** The process that runs the programs. */
static pid_t find_keeper(void)
{
    pid_t children[8];
    assert_int_equal(ig_children_list(getpid(), children, 8), 1);
    return children[0];
}

static void test_keeper_killed(void **state)
{
    (void)state;
    expect(ALONE HERE "echo $$ >> pids;" NOTED(3) "kill -9 $PPID; sleep 60", patient, IG_END_LOST,
           0, NULL);
    expect_none_left(3);
    expect("echo again", patient, IG_END_EXIT, 0, "again");
    siginfo_t killed;
    const pid_t now = find_keeper();
    kill(now, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)now, &killed, WEXITED | WNOWAIT), 0);
    expect("echo between", patient, IG_END_EXIT, 0, "between");
    /* What ends others does not end it. */
    kill(find_keeper(), SIGTERM);
    kill(find_keeper(), SIGINT);
    expect("echo untouched", patient, IG_END_EXIT, 0, "untouched");
}

/** Wait up to a minute for a file of at least so many bytes; 0: until nothing of that name is left.
 */
static void await(const char *path, off_t bytes)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    struct stat at = {0};
    for (int i = 0; i < 12000; i++) {
        const bool there = stat(path, &at) == 0;
        if (bytes > 0 ? there && at.st_size >= bytes : !there) {
            return;
        }
        nanosleep(&pause, NULL);
    }
    fail_msg("%s: waited in vain", path);
}

static void test_rank_killed(void **state)
{
    (void)state;
    char scratch[128], path[128];
    at_folder("scratch", scratch);
    at_folder("pids", path);
    assert_int_equal(mkdir(scratch, 0700), 0);
    const pid_t rank = fork();
    if (rank == 0) {
        ig_error error = {0};
        ig_ended ended = {0};
        ig_child child = patient;
        keeper = NULL;
        child.scratch = scratch;
        if (ig_keeper_start(&keeper, &error) == IG_OK) {
            run_with("mkdir -p scratch/a/b; : > scratch/a/f; " ALONE HERE NOTED(
                         2) "trap '' TERM; echo $$ >> pids; while :; do sleep 60; done",
                     child, NULL, &ended, &error);
        }
        _exit(1);
    }
    await(path, 9);
    const struct timespec more = {.tv_nsec = 200000000};
    nanosleep(&more, NULL);
    kill(rank, SIGKILL);
    waitpid(rank, NULL, 0);
    expect_none_left(3);
    await(scratch, 0);
}

/* Between the end of a program and the removal of its folder. */
static void test_rank_killed_after_program(void **state)
{
    (void)state;
    char scratch[128];
    int wait_status;
    at_folder("scratch", scratch);
    assert_int_equal(mkdir(scratch, 0700), 0);
    const pid_t rank = fork();
    if (rank == 0) {
        ig_error error = {0};
        ig_ended ended = {0};
        ig_child child = patient;
        keeper = NULL;
        child.scratch = scratch;
        if (ig_keeper_start(&keeper, &error) == IG_OK &&
            run_with(": > scratch/f", child, NULL, &ended, &error) == IG_OK && !ended.code) {
            kill(getpid(), SIGKILL);
        }
        _exit(1);
    }
    waitpid(rank, &wait_status, 0);
    assert_true(WIFSIGNALED(wait_status));
    await(scratch, 0);
}

static void test_environment(void **state)
{
    (void)state;
    ig_error error = {0};
    char one[] = "IMAGRID_TASK=7", two[] = "RANK=0", three[] = "PATH=/elsewhere";
    char *set[] = {one, two, three, NULL};
    static const char *const gone[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK",          "PMI_RANK",
                                       "SLURM_PROCID",         "SLURM_STEP_ID",      "OMPI_MCA_ess",
                                       "OMPI_WORLD_SIZE",      "OMPI_MCA_num_procs", "WORLD_SIZE",
                                       "MASTER_ADDR"};
    static const char *const kept[] = {"OMPI_MCA_btl", "SLURM_JOB_ID", "OMPI_ALLOW_RUN_AS_ROOT"};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        setenv(gone[i], "5", 1);
    }
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        setenv(kept[i], "5", 1);
    }
    setenv("RANK", "5", 1);
    char **environment;
    assert_int_equal(ig_child_environment(set, &environment, &error), IG_OK);
    size_t found = 0;
    for (char **at = environment; *at; at++) {
        for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
            assert_false(strncmp(*at, gone[i], strcspn(*at, "=")) == 0);
        }
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
            found += strncmp(*at, kept[i], strcspn(*at, "=")) == 0;
        }
        assert_false(strncmp(*at, "PATH=", 5) == 0 && strcmp(*at, three) != 0);
        found += strcmp(*at, one) == 0 || strcmp(*at, two) == 0 || strcmp(*at, three) == 0;
        assert_string_not_equal(*at, "RANK=5");
    }
    assert_int_equal(found, 6);
    free(environment);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        unsetenv(gone[i]);
    }
}

static void test_scratch(void **state)
{
    (void)state;
    ig_error error = {0};
    char path[128];
    struct stat at;
    /* Deeper than descriptors are allowed, shut, and with links to what must stay. */
    expect("mkdir scratch stays; : > stays/file; cd scratch; ln -s ../stays link; "
           "i=0; while [ $i -lt 300 ]; do mkdir d; : > f; cd d; i=$((i+1)); done; "
           "mkdir shut; : > shut/f; chmod 0 shut",
           patient, IG_END_EXIT, 0, NULL);
    at_folder("scratch", path);
    assert_int_equal(ig_folder_remove(path, &error), IG_OK);
    assert_int_equal(stat(path, &at), -1);
    assert_int_equal(ig_folder_remove(path, &error), IG_OK);
    at_folder("stays/file", path);
    assert_int_equal(unlink(path), 0);
}

static int set_up(void **state)
{
    (void)state;
    ig_error error = {0};
    return !mkdtemp(folder) || ig_keeper_start(&keeper, &error) != IG_OK;
}

static int tear_down(void **state)
{
    (void)state;
    ig_error error = {0};
    ig_keeper_stop(&keeper);
    /* The keeper of the rank that was killed, which this process has adopted, ends, too. */
    while (waitpid(-1, NULL, 0) > 0) {
    }
    return ig_folder_remove(folder, &error) != IG_OK;
}

int main(int argc, char **argv)
{
    int code;
    if (ig_keeper_main(argc, argv, &code)) {
        return code;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_no_start),
        cmocka_unit_test(test_inherits_nothing),
        cmocka_unit_test(test_output),
        cmocka_unit_test(test_odd_output),
        cmocka_unit_test(test_leaves_nothing),
        cmocka_unit_test(test_grace),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_keeper_killed),
        cmocka_unit_test(test_rank_killed),
        cmocka_unit_test(test_rank_killed_after_program),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_scratch),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
