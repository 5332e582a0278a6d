#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor/probe.h"

const char *ig_lock_kind_name(ig_lock_kind kind)
{
    return kind == IG_FLOCK ? "flock" : "fcntl locks";
}

int ig_lock_try(ig_lock_kind kind, int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int failed = kind == IG_FLOCK ? flock(fd, LOCK_EX | LOCK_NB) : fcntl(fd, F_SETLK, &whole);
    /* POSIX lets fcntl say either. */
    return failed == 0 ? 0 : errno == EACCES ? EAGAIN : errno;
}

/** What another process gets when it tries: 0, an errno, or -1 where there is no other process. */
static int second_process(ig_lock_kind kind, const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        int result = fd < 0 ? errno : ig_lock_try(kind, fd);
        _exit(result);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}

static void refused(ig_findings *findings, const char *name, bool needed, int errnum)
{
    ig_findings_add(findings, needed ? IG_UNFIT : IG_NOTE, name, "not available (%s); %s",
                    strerror(errnum),
                    needed ? "rows cannot be written without them on this file system"
                           : "imagrid needs none: its own lock is a file made with O_EXCL");
    ig_findings_set(findings, ig_probe_locking_off);
}

static void probe(ig_lock_kind kind, const char *path, bool needed, ig_findings *findings)
{
    const char *name = ig_lock_kind_name(kind);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        ig_findings_add(findings, IG_UNFIT, name, "no file can be made: %s", strerror(errno));
        return;
    }
    int mine = ig_lock_try(kind, fd), held = 0, after = 0;
    if (mine != 0) {
        close(fd);
        refused(findings, name, needed, mine);
        return;
    }
    held = second_process(kind, path);
    close(fd);
    after = second_process(kind, path);
    if (held == EAGAIN && after == 0) {
        ig_findings_add(findings, IG_GOOD, name, "work, and a second process meets them");
    } else if (held == 0) {
        ig_findings_add(findings, needed ? IG_UNFIT : IG_NOTE, name,
                        "can be taken, but a second process takes the same one");
    } else if (held < 0 || after < 0) {
        ig_findings_add(findings, IG_NOTE, name, "no second process to try them with");
    } else {
        refused(findings, name, needed, held != EAGAIN ? held : after);
    }
}

void ig_probe_locks(const ig_scratch *scratch, bool needed, ig_findings *findings)
{
    char path[IG_SCRATCH_NAME];
    ig_scratch_file(scratch, "lock", path);
    for (int kind = 0; kind < IG_LOCK_KINDS; kind++) {
        probe((ig_lock_kind)kind, path, needed && kind == IG_FCNTL, findings);
        unlink(path);
    }
}
