/** The lock beside a result file: one owner at a time, however owners die. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers.h"
#include "store/internal.h"

typedef struct workspace {
    char folder[TEST_PATH], path[TEST_PATH], lock[TEST_PATH];
} workspace;

static int enter(void **state)
{
    workspace *r = calloc(1, sizeof *r);
    if (!r || scratch_make(r->folder)) {
        return -1;
    }
    scratch_path(r->folder, "out.h5", r->path);
    scratch_path(r->folder, "out.h5.lock", r->lock);
    *state = r;
    return 0;
}

static int leave(void **state)
{
    workspace *r = *state;
    scratch_remove(r->folder);
    free(r);
    return 0;
}

static void write_lock(const workspace *r, const ig_lock_owner *owner)
{
    char text[IG_OWNER_TEXT];
    ig_lock_owner_print(owner, text);
    assert_int_equal(file_save(r->lock, (const unsigned char *)text, strlen(text)), 0);
}

static void taken_and_given_back(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_lock *lock = NULL, *second = NULL;
    size_t size = 0;
    ig_lock_owner owner;
    assert_int_equal(setenv("SLURM_JOB_ID", "4711", 1), 0);
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_OK);
    unsigned char *text = file_load(r->lock, &size);
    assert_non_null(text);
    text[size] = '\0';
    assert_true(ig_lock_owner_parse((const char *)text, &owner));
    assert_int_equal(owner.pid, getpid());
    assert_true(owner.start > 0);
    assert_string_equal(owner.job, "4711");
    assert_false(ig_lock_owner_dead(&owner));
    free(text);
    assert_int_equal(ig_lock_acquire(r->path, false, &second, &error), IG_ERR_LOCKED);
    assert_null(second);
    char pid[32];
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(error.text, pid));
    assert_non_null(strstr(error.text, owner.host));
    assert_non_null(strstr(error.text, "4711"));
    assert_non_null(strstr(error.text, "alive"));
    assert_null(strstr(error.text, "--steal-lock"));
    assert_int_equal(ig_lock_acquire(r->path, true, &second, &error), IG_ERR_LOCKED);
    ig_lock_release(&lock);
    assert_null(lock);
    ig_lock_release(&lock);
    ig_lock_release(NULL);
    assert_int_equal(scratch_count(r->folder), 0);
    assert_int_equal(unsetenv("SLURM_JOB_ID"), 0);
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, NULL), IG_OK);
    ig_lock_release(&lock);
}

static void a_killed_owner_is_succeeded_at_once(void **state)
{
    workspace *r = *state;
    for (int i = 0; i < 20; i++) {
        int ready[2], status = 0;
        char byte = 0;
        ig_lock *lock = NULL;
        ig_error error = {0};
        assert_int_equal(pipe(ready), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            bool got = ig_lock_acquire(r->path, false, &lock, NULL) == IG_OK;
            if (write(ready[1], got ? "y" : "n", 1) != 1) {
                _exit(1);
            }
            pause();
            _exit(0);
        }
        assert_int_equal(read(ready[0], &byte, 1), 1);
        assert_int_equal(byte, 'y');
        assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_ERR_LOCKED);
        assert_int_equal(kill(child, SIGKILL), 0);
        if (i % 2) {
            assert_int_equal(waitpid(child, &status, 0), child);
        } else {
            /* Dead, but not yet waited for: it is still in /proc. */
            siginfo_t info;
            assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
        }
        assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_OK);
        ig_lock_release(&lock);
        if (i % 2 == 0) {
            assert_int_equal(waitpid(child, &status, 0), child);
        }
        close(ready[0]);
        close(ready[1]);
    }
}

static void stale_texts(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_lock *lock = NULL;
    ig_lock_owner self, owner;
    ig_lock_owner_self(&self);
    /* A process number in use again by a younger process (this one). */
    owner = self;
    owner.start--;
    write_lock(r, &owner);
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_OK);
    ig_lock_release(&lock);
    /* A process of this host before it was started anew. */
    owner = self;
    snprintf(owner.boot, sizeof owner.boot, "before");
    write_lock(r, &owner);
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_OK);
    ig_lock_release(&lock);
    /* Killed before it could sign; garbage. */
    const char *const texts[] = {"", "\n\n\n", "host \npid x\n", "\xff\xfe\0\x01"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(file_save(r->lock, (const unsigned char *)texts[i], strlen(texts[i])), 0);
        assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_OK);
        ig_lock_release(&lock);
    }
    /* This very process, though nobody holds the flock: a file system without it. */
    write_lock(r, &self);
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_ERR_LOCKED);
    assert_int_equal(scratch_count(r->folder), 1);
}

static void another_hosts_lock_needs_stealing(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_lock *lock = NULL, *second = NULL;
    ig_lock_owner owner;
    ig_lock_owner_self(&owner);
    snprintf(owner.host, sizeof owner.host, "elsewhere");
    owner.pid = 999999999;
    write_lock(r, &owner);
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_ERR_LOCKED);
    assert_non_null(strstr(error.text, "elsewhere"));
    assert_non_null(strstr(error.text, "--steal-lock"));
    assert_int_equal(ig_lock_acquire(r->path, true, &lock, &error), IG_OK);
    assert_int_equal(ig_lock_acquire(r->path, false, &second, &error), IG_ERR_LOCKED);
    ig_lock_release(&lock);
    assert_int_equal(scratch_count(r->folder), 0);
}

/** After a requeue the job may run on other nodes than before. */
static void a_requeued_job_succeeds_itself(void **state)
{
    workspace *r = *state;
    ig_lock *lock = NULL;
    ig_lock_owner owner;
    const struct {
        const char *job, *restart; /* of the owner; ours are 4711 and 2 */
        ig_status expected;
    } cases[] = {{"4711", "", IG_OK},          {"4711", "1", IG_OK},
                 {"4711", "2", IG_ERR_LOCKED}, {"4711", "3", IG_ERR_LOCKED},
                 {"4712", "1", IG_ERR_LOCKED}, {"", "", IG_ERR_LOCKED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(setenv("SLURM_JOB_ID", cases[i].job, 1), 0);
        assert_int_equal(setenv("SLURM_RESTART_COUNT", cases[i].restart, 1), 0);
        ig_lock_owner_self(&owner);
        snprintf(owner.host, sizeof owner.host, "elsewhere");
        write_lock(r, &owner);
        assert_int_equal(setenv("SLURM_JOB_ID", "4711", 1), 0);
        assert_int_equal(setenv("SLURM_RESTART_COUNT", "2", 1), 0);
        assert_int_equal(ig_lock_acquire(r->path, false, &lock, NULL), cases[i].expected);
        ig_lock_release(&lock);
    }
    /* Outside of Slurm an owner without a job is nobody special. */
    assert_int_equal(unsetenv("SLURM_JOB_ID"), 0);
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, NULL), IG_ERR_LOCKED);
    assert_int_equal(unsetenv("SLURM_RESTART_COUNT"), 0);
}

/** A job that is over has no process on a host that we cannot ask; here the process tells. */
static void a_job_that_is_over_is_succeeded(void **state)
{
    workspace *r = *state;
    ig_lock *lock = NULL;
    ig_lock_owner owner;
    char job[IG_STORE_JOB] = "untouched";
    assert_false(ig_lock_job(r->path, job));
    assert_string_equal(job, "untouched");
    ig_lock_owner_self(&owner);
    snprintf(owner.job, sizeof owner.job, "4711");
    write_lock(r, &owner);
    assert_int_equal(ig_lock_succeed(r->path, "4711", &lock, NULL), IG_ERR_LOCKED);
    snprintf(owner.host, sizeof owner.host, "elsewhere");
    write_lock(r, &owner);
    assert_true(ig_lock_job(r->path, job));
    assert_string_equal(job, "4711");
    assert_int_equal(ig_lock_succeed(r->path, "471", &lock, NULL), IG_ERR_LOCKED);
    /* Whoever holds the flock lives, whatever Slurm says. */
    int fd = open(r->lock, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(ig_lock_succeed(r->path, "4711", &lock, NULL), IG_ERR_LOCKED);
    assert_int_equal(close(fd), 0);
    assert_int_equal(ig_lock_succeed(r->path, "4711", &lock, NULL), IG_OK);
    ig_lock_release(&lock);
    owner.job[0] = '\0';
    write_lock(r, &owner);
    assert_false(ig_lock_job(r->path, job));
    assert_int_equal(ig_lock_succeed(r->path, "4711", &lock, NULL), IG_ERR_LOCKED);
}

static void a_stolen_lock_is_the_thiefs_to_remove(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_lock *owner = NULL, *thief = NULL, *third = NULL;
    ig_lock_owner far;
    assert_int_equal(ig_lock_acquire(r->path, false, &owner, &error), IG_OK);
    /* Held, and by another host as far as the text tells. */
    ig_lock_owner_self(&far);
    snprintf(far.host, sizeof far.host, "elsewhere");
    write_lock(r, &far);
    assert_int_equal(ig_lock_acquire(r->path, true, &thief, &error), IG_OK);
    ig_lock_release(&owner);
    assert_int_equal(scratch_count(r->folder), 1);
    assert_int_equal(ig_lock_acquire(r->path, false, &third, &error), IG_ERR_LOCKED);
    ig_lock_release(&thief);
    assert_int_equal(scratch_count(r->folder), 0);
}

static void links_lead_to_the_same_lock(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_lock *lock = NULL, *second = NULL;
    char link[TEST_PATH];
    scratch_path(r->folder, "link.h5", link);
    assert_int_equal(file_save(r->path, (const unsigned char *)"rows", 4), 0);
    assert_int_equal(symlink(r->path, link), 0);
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_OK);
    assert_int_equal(ig_lock_acquire(link, false, &second, &error), IG_ERR_LOCKED);
    ig_lock_release(&lock);
    assert_int_equal(ig_lock_acquire(link, false, &second, &error), IG_OK);
    ig_lock_release(&second);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(unlink(r->path), 0);
}

static void places_that_cannot_be_locked(void **state)
{
    workspace *r = *state;
    ig_error error = {0};
    ig_lock *lock = NULL;
    char other[TEST_PATH];
    assert_int_equal(
        ig_lock_acquire(scratch_path(r->folder, "no/out.h5", other), false, &lock, &error),
        IG_ERR_IO);
    /* A link put there by somebody else is not followed. */
    scratch_path(r->folder, "victim", other);
    assert_int_equal(file_save(other, (const unsigned char *)"safe", 4), 0);
    assert_int_equal(symlink(other, r->lock), 0);
    assert_int_equal(ig_lock_acquire(r->path, true, &lock, &error), IG_ERR_IO);
    struct stat info;
    assert_int_equal(stat(other, &info), 0);
    assert_int_equal(info.st_size, 4);
    assert_int_equal(unlink(r->lock), 0);
    /* Nor is a file emptied that has another name as well. */
    assert_int_equal(link(other, r->lock), 0);
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_OK);
    ig_lock_release(&lock);
    assert_int_equal(stat(other, &info), 0);
    assert_int_equal(info.st_size, 4);
    assert_int_equal(mkfifo(r->lock, 0666), 0);
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, &error), IG_OK);
    ig_lock_release(&lock);
    assert_int_equal(mkdir(r->lock, 0755), 0);
    assert_int_equal(ig_lock_acquire(r->path, true, &lock, &error), IG_ERR_IO);
    assert_null(lock);
}

/** Shared between the racing processes. */
typedef struct race {
    int inside, worst, won;
} race;

static void run_racer(const workspace *r, race *shared, unsigned seed)
{
    for (int won = 0; won < 10;) {
        ig_lock *lock = NULL;
        if (ig_lock_acquire(r->path, false, &lock, NULL) != IG_OK) {
            continue;
        }
        won++;
        int now = __atomic_add_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST);
        if (now > 1) {
            __atomic_store_n(&shared->worst, now, __ATOMIC_SEQ_CST);
        }
        __atomic_add_fetch(&shared->won, 1, __ATOMIC_SEQ_CST);
        if (rand_r(&seed) % 4 == 0) {
            usleep((useconds_t)(rand_r(&seed) % 300));
        }
        __atomic_sub_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST);
        if (rand_r(&seed) % 16 == 0) {
            raise(SIGKILL);
        }
        ig_lock_release(&lock);
    }
    _exit(0);
}

/** Many processes at once, some of which are killed while they hold the lock. */
static void one_at_a_time(void **state)
{
    enum { RACERS = 24 };
    workspace *r = *state;
    race *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    for (unsigned round = 0; round < 4; round++) {
        pid_t children[RACERS];
        for (unsigned i = 0; i < RACERS; i++) {
            children[i] = fork();
            assert_true(children[i] >= 0);
            if (children[i] == 0) {
                run_racer(r, shared, round * RACERS + i);
            }
        }
        for (unsigned i = 0; i < RACERS; i++) {
            int status = 0;
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        }
    }
    assert_int_equal(shared->worst, 0);
    assert_int_equal(shared->inside, 0);
    assert_true(shared->won >= 4 * RACERS);
    ig_lock *lock = NULL;
    assert_int_equal(ig_lock_acquire(r->path, false, &lock, NULL), IG_OK);
    ig_lock_release(&lock);
    munmap(shared, sizeof *shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(taken_and_given_back, enter, leave),
        cmocka_unit_test_setup_teardown(a_killed_owner_is_succeeded_at_once, enter, leave),
        cmocka_unit_test_setup_teardown(stale_texts, enter, leave),
        cmocka_unit_test_setup_teardown(another_hosts_lock_needs_stealing, enter, leave),
        cmocka_unit_test_setup_teardown(a_requeued_job_succeeds_itself, enter, leave),
        cmocka_unit_test_setup_teardown(a_job_that_is_over_is_succeeded, enter, leave),
        cmocka_unit_test_setup_teardown(a_stolen_lock_is_the_thiefs_to_remove, enter, leave),
        cmocka_unit_test_setup_teardown(links_lead_to_the_same_lock, enter, leave),
        cmocka_unit_test_setup_teardown(places_that_cannot_be_locked, enter, leave),
        cmocka_unit_test_setup_teardown(one_at_a_time, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
