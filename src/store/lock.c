/** Exclusive use of a result file.
 *
 *  The lock file's name is taken with O_EXCL and its owner keeps an flock on it. The flock goes
 *  with the process, however that dies, and so decides between processes of one host; the text
 *  decides where flock does not reach: between hosts of a network file system. A name may be
 *  removed while somebody waits to lock the file that had it, so whoever gets the flock checks that
 *  the name still leads to this very file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/try.h"
#include "store/file.h"
#include "store/internal.h"
#include "store/store.h"

/* More than two runs that meet over a lock ever need; only a crowd of runs uses them up. */
enum { ATTEMPTS = 100 };

static const char suffix[] = ".lock"; /* of its name */

struct ig_lock {
    char *path; /**< of the lock file */
    int fd;
};

/** First `size` - 1 bytes of a small file of the kernel's, zero-terminated; empty without it. */
static void read_small(const char *path, char *text, size_t size)
{
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        got = read(fd, text, size - 1);
        close(fd);
    }
    text[got > 0 ? got : 0] = '\0';
}

/** Printable characters of one word; whatever else a file holds must not reach a terminal. */
static void copy_word(const char *from, char *to, size_t size)
{
    size_t n = 0;
    while (n + 1 < size && from[n] > ' ' && from[n] < 0x7f) {
        to[n] = from[n];
        n++;
    }
    to[n] = '\0';
}

/** Start of process `pid` in ticks since boot; 0 where there is none, or only its exit status. */
static unsigned long long start_of(long pid)
{
    enum { FIELDS_TO_START = 20 }; /* from the state, field 3 of proc(5), to field 22 */
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    read_small(path, text, sizeof text);
    /* The name in parentheses may hold anything, parentheses too. */
    const char *at = strrchr(text, ')');
    if (!at || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X') {
        return 0;
    }
    at++;
    for (int field = 1; field < FIELDS_TO_START && at; field++) {
        at = strchr(at + 1, ' ');
    }
    return at ? strtoull(at, NULL, 10) : 0;
}

static void boot_id(char boot[IG_OWNER_BOOT])
{
    char text[IG_OWNER_BOOT];
    read_small("/proc/sys/kernel/random/boot_id", text, sizeof text);
    copy_word(text, boot, IG_OWNER_BOOT);
}

static void host_name(char host[IG_OWNER_HOST])
{
    char text[IG_OWNER_HOST] = "unknown";
    if (gethostname(text, sizeof text - 1) != 0) {
        snprintf(text, sizeof text, "unknown");
    }
    copy_word(text, host, IG_OWNER_HOST);
}

void ig_lock_owner_self(ig_lock_owner *owner)
{
    const char *job = getenv("SLURM_JOB_ID"), *restart = getenv("SLURM_RESTART_COUNT");
    memset(owner, 0, sizeof *owner);
    host_name(owner->host);
    boot_id(owner->boot);
    owner->pid = (long)getpid();
    owner->start = start_of(owner->pid);
    copy_word(job ? job : "", owner->job, sizeof owner->job);
    owner->restart = restart ? strtol(restart, NULL, 10) : 0;
}

void ig_lock_owner_print(const ig_lock_owner *owner, char text[IG_OWNER_TEXT])
{
    snprintf(text, IG_OWNER_TEXT, "host %s\nboot %s\npid %ld\nstart %llu\nrestart %ld\njob %s\n",
             owner->host, owner->boot, owner->pid, owner->start, owner->restart, owner->job);
}

bool ig_lock_owner_parse(const char *text, ig_lock_owner *owner)
{
    ig_lock_owner o = {.pid = 0};
    for (const char *line = text; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "host ", 5) == 0) {
            copy_word(line + 5, o.host, sizeof o.host);
        } else if (strncmp(line, "boot ", 5) == 0) {
            copy_word(line + 5, o.boot, sizeof o.boot);
        } else if (strncmp(line, "pid ", 4) == 0) {
            o.pid = strtol(line + 4, NULL, 10);
        } else if (strncmp(line, "start ", 6) == 0) {
            o.start = strtoull(line + 6, NULL, 10);
        } else if (strncmp(line, "restart ", 8) == 0) {
            o.restart = strtol(line + 8, NULL, 10);
        } else if (strncmp(line, "job ", 4) == 0) {
            copy_word(line + 4, o.job, sizeof o.job);
        }
    }
    *owner = o;
    return o.host[0] != '\0' && o.pid > 0;
}

static bool of_this_host(const ig_lock_owner *owner)
{
    char host[IG_OWNER_HOST];
    host_name(host);
    return strcmp(host, owner->host) == 0;
}

static bool runs(const ig_lock_owner *owner)
{
    char boot[IG_OWNER_BOOT];
    boot_id(boot);
    unsigned long long start = start_of(owner->pid);
    return strcmp(boot, owner->boot) == 0 && start != 0 && start == owner->start;
}

/** Whether the owner belongs to the Slurm job we are in, to a session of it before a requeue. */
static bool requeued(const ig_lock_owner *owner)
{
    ig_lock_owner self;
    ig_lock_owner_self(&self);
    return self.job[0] && strcmp(self.job, owner->job) == 0 && owner->restart < self.restart;
}

bool ig_lock_owner_dead(const ig_lock_owner *owner)
{
    return of_this_host(owner) ? !runs(owner) : requeued(owner);
}

bool ig_lock_owner_here(const ig_lock_owner *owner)
{
    return of_this_host(owner) && runs(owner);
}

/** What an attempt came to. */
typedef enum outcome { GOT, AGAIN, FAILED } outcome;

/** Whether the name leads to the open file. */
static bool named(int fd, const char *path)
{
    struct stat open_one, named_one;
    return fstat(fd, &open_one) == 0 && lstat(path, &named_one) == 0 &&
           open_one.st_dev == named_one.st_dev && open_one.st_ino == named_one.st_ino;
}

/** Put this process's text into the file. */
static ig_status sign(int fd, ig_error *error)
{
    ig_lock_owner self;
    char text[IG_OWNER_TEXT];
    ig_lock_owner_self(&self);
    ig_lock_owner_print(&self, text);
    if (ftruncate(fd, 0) != 0) {
        return ig_file_error(error, errno, "write failed");
    }
    return ig_file_write(fd, 0, text, strlen(text), error);
}

/** Read who signed the file; false for nobody. */
static bool read_owner(int fd, ig_lock_owner *owner)
{
    char text[IG_OWNER_TEXT];
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    return ig_lock_owner_parse(text, owner);
}

static outcome reject(const char *path, const ig_lock_owner *owner, ig_error *error)
{
    if (owner->pid > 0) {
        ig_error_set(
            error, IG_ERR_LOCKED, "%s: in use by process %ld on host %s%s%s%s", path, owner->pid,
            owner->host, owner->job[0] ? ", Slurm job " : "", owner->job,
            ig_lock_owner_here(owner)
                ? ", which is alive"
                : "; if that run is certainly dead, `imagrid run --steal-lock` takes the file "
                  "over");
    } else {
        ig_error_set(error, IG_ERR_LOCKED,
                     "%s: in use by a run that is just starting; if there is none, --steal-lock "
                     "takes the file over",
                     path);
    }
    return FAILED;
}

static outcome fail(const char *path, int errnum, ig_error *error)
{
    ig_file_error(error, errnum, "the lock file cannot be used");
    ig_error_context(error, "%s", path);
    return FAILED;
}

/** The lock cannot be made: nor could the file that it is for. */
static outcome fail_to_create(const char *path, int errnum, ig_error *error)
{
    ig_file_creation_error(error, errnum);
    ig_error_context(error, "%.*s", (int)(strlen(path) - strlen(suffix)), path);
    return FAILED;
}

/** Take a file that was just made, or whose owner is gone. We have its flock, unless the file
 * system knows none. */
static outcome take(int fd, const char *path, ig_error *error)
{
    if (!named(fd, path)) {
        return AGAIN;
    }
    if (sign(fd, error)) {
        ig_error_context(error, "%s", path);
        unlink(path);
        return FAILED;
    }
    return GOT;
}

/** Whether the open file is one that only we can have made as a lock. A file with a second name may
 *  be anybody's, put here in advance to be emptied. */
static bool only_a_lock(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink <= 1;
}

/** Whether the owner is gone: it is a process that does not run, or of the Slurm job `over` (NULL
 * for none) on a host that cannot be asked. */
static bool gone(const ig_lock_owner *owner, const char *over)
{
    ig_lock_owner self;
    ig_lock_owner_self(&self);
    return ig_lock_owner_dead(owner) ||
           (over && strcmp(owner->job, over) == 0 && strcmp(owner->host, self.host) != 0);
}

/** A lock file that was there already, open as `fd`. */
static outcome take_over(int fd, const char *path, bool steal, const char *over, ig_error *error)
{
    ig_lock_owner owner;
    bool flocked = flock(fd, LOCK_EX | LOCK_NB) == 0;
    bool held = !flocked && errno == EWOULDBLOCK;
    bool signed_by = read_owner(fd, &owner);
    if (!named(fd, path)) {
        return AGAIN;
    }
    if (flocked && (!signed_by || gone(&owner, over) || (steal && !ig_lock_owner_here(&owner)))) {
        if (only_a_lock(fd)) {
            return take(fd, path, error);
        }
        steal = true;
    }
    if (!flocked && !held && signed_by && gone(&owner, over)) {
        steal = true;
    }
    /* Of a live process on this host we know that it is at work: that is never stolen. */
    if (!steal || (signed_by && ig_lock_owner_here(&owner))) {
        return reject(path, &owner, error);
    }
    /* The owner keeps the file it locked; the name goes to us. */
    if (unlink(path) != 0 && errno != ENOENT) {
        return fail(path, errno, error);
    }
    return AGAIN;
}

static outcome attempt(const char *path, bool steal, const char *over, int *fd, ig_error *error)
{
    const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    *fd = open(path, flags | O_CREAT | O_EXCL, 0644); /* a group has no use for writing it */
    if (*fd >= 0) {
        /* Lost to somebody who saw the file unsigned: the next attempt meets them as the owner. */
        bool lost = flock(*fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        return lost ? AGAIN : take(*fd, path, error);
    }
    if (errno != EEXIST) {
        return fail_to_create(path, errno, error);
    }
    *fd = open(path, flags);
    if (*fd < 0) {
        return errno == ENOENT ? AGAIN : fail(path, errno, error);
    }
    return take_over(*fd, path, steal, over, error);
}

/** Name of the lock file: one for one file, by whatever link it is reached. The caller's to free.
 */
static char *lock_name(const char *path, ig_error *error)
{
    AUTO_FREE char *real = realpath(path, NULL);
    return ig_asprintf(error, "%s%s", real ? real : path, suffix);
}

static ig_status acquire(const char *path, bool steal, const char *over, ig_lock **lock,
                         ig_error *error)
{
    ig_error cause = {0};
    outcome result = AGAIN;
    AUTO_FREE ig_lock *l = NULL;
    TRY(IG_ALLOC(l, 1, error));
    AUTO_FREE char *name = lock_name(path, error);
    AUTO(ig_file_close) int fd = -1;
    if (!name) {
        return IG_ERR_MEMORY;
    }
    for (int i = 0; i < ATTEMPTS && result == AGAIN; i++) {
        ig_file_close(&fd);
        /* Only what was there at first is stolen, not the lock of another thief who was faster. */
        result = attempt(name, steal && i == 0, over, &fd, &cause);
    }
    if (result == AGAIN) {
        return ig_error_set(error, IG_ERR_LOCKED, "%s: too many runs compete for this file", name);
    }
    if (result == FAILED) {
        return ig_error_set(error, cause.status, "%s", cause.text);
    }
    *l = (ig_lock){ig_take(&name), fd};
    fd = -1;
    *lock = ig_take(&l);
    return IG_OK;
}

ig_status ig_lock_acquire(const char *path, bool steal, ig_lock **lock, ig_error *error)
{
    return acquire(path, steal, NULL, lock, error);
}

ig_status ig_lock_succeed(const char *path, const char *job, ig_lock **lock, ig_error *error)
{
    return acquire(path, false, job, lock, error);
}

/** The owner of a file's lock; false where there is none. */
static bool find_owner(const char *path, ig_lock_owner *owner)
{
    AUTO_FREE char *name = lock_name(path, NULL);
    AUTO(ig_file_close)
    int fd = name ? open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) : -1;
    return fd >= 0 && read_owner(fd, owner);
}

bool ig_lock_held(const char *path)
{
    ig_lock_owner owner = {.pid = 0};
    return find_owner(path, &owner) && !ig_lock_owner_dead(&owner);
}

bool ig_lock_job(const char *path, char job[IG_STORE_JOB])
{
    ig_lock_owner owner = {.pid = 0};
    if (!find_owner(path, &owner) || !owner.job[0]) {
        return false;
    }
    snprintf(job, IG_STORE_JOB, "%s", owner.job);
    return true;
}

const char *ig_lock_path(const ig_lock *lock)
{
    return lock->path;
}

void ig_lock_release(ig_lock **lock)
{
    if (!lock || !*lock) {
        return;
    }
    /* Still locked while the name goes; a stolen name is the thief's to remove. */
    if (named((*lock)->fd, (*lock)->path)) {
        unlink((*lock)->path);
    }
    close((*lock)->fd);
    free((*lock)->path);
    free(*lock);
    *lock = NULL;
}
