#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor/probe.h"

enum { RACERS = 8 };

/** Make a file that must not exist; 0 or an errno. */
static int make(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno;
    }
    close(fd);
    return 0;
}

/** Several processes make the same file at once; returns how many succeeded, -1 without any. */
static int race(const char *path)
{
    pid_t child[RACERS];
    int started = 0, winners = 0;
    for (; started < RACERS; started++) {
        child[started] = fork();
        if (child[started] == 0) {
            _exit(make(path) == 0 ? 0 : 1);
        }
        if (child[started] < 0) {
            break;
        }
    }
    for (int i = 0; i < started; i++) {
        int status = 1;
        winners += waitpid(child[i], &status, 0) == child[i] && WIFEXITED(status) &&
                   WEXITSTATUS(status) == 0;
    }
    return started > 0 ? winners : -1;
}

static void probe_creation(const ig_scratch *scratch, ig_findings *findings)
{
    char path[IG_SCRATCH_NAME];
    ig_scratch_file(scratch, "exclusive", path);
    int first = make(path), second = make(path);
    unlink(path);
    int winners = race(path);
    unlink(path);
    if (first != 0) {
        ig_findings_add(findings, IG_UNFIT, "creation", "no file can be made: %s", strerror(first));
    } else if (second != EEXIST || winners > 1) {
        ig_findings_add(findings, IG_UNFIT, "creation",
                        "O_EXCL lets a file be made twice: two runs could use one result file");
    } else {
        ig_findings_add(findings, IG_GOOD, "creation",
                        "O_EXCL: of %d processes at once one made the file", RACERS);
    }
}

/** As result files get their name: by rename, else by a second link. */
static void probe_rename(const ig_scratch *scratch, ig_findings *findings)
{
    char from[IG_SCRATCH_NAME], to[IG_SCRATCH_NAME];
    ig_scratch_file(scratch, "rename-from", from);
    ig_scratch_file(scratch, "rename-to", to);
    int made = make(from) == 0 && make(to) == 0 ? 0 : EIO;
    int taken = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
    unlink(to);
    int moved = 0;
    if (taken == EEXIST) {
        moved = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
    }
    if (made == 0 && taken == EEXIST && moved == 0) {
        ig_findings_add(findings, IG_GOOD, "rename", "replaces nothing when told so");
    } else if (taken == 0 || made != 0) {
        ig_findings_add(findings, IG_UNFIT, "rename", "replaces a file although told not to");
    } else if (link(from, to) == 0) {
        ig_findings_add(findings, IG_GOOD, "rename",
                        "cannot be told to replace nothing; links can, and are used");
    } else {
        ig_findings_add(findings, IG_UNFIT, "rename",
                        "neither rename (%s) nor link (%s) gives a new name without replacing",
                        strerror(taken == EEXIST ? moved : taken), strerror(errno));
    }
    unlink(from);
    unlink(to);
}

void ig_probe_names(const ig_scratch *scratch, ig_findings *findings)
{
    probe_creation(scratch, findings);
    probe_rename(scratch, findings);
}
