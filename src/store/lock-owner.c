#include "store/lock-owner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/** Whether the owner belongs to the Slurm job we are in, to a start of it before a requeue. */
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
