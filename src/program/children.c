#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program/private.h"

/* ---- who came from whom ---- */

enum { CHILDREN = 256, /**< looked at a time */ PATH_TEXT = 64 };

/** Bytes of a small file, zero-terminated; < 0: it cannot be read. */
static ssize_t read_small(const char *path, char *text, size_t size)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0) {
        close(fd);
    }
    text[got > 0 ? got : 0] = '\0';
    return got;
}

/** The next number of a text, which moves behind it; 0: there is none. */
static pid_t next_number(char **text)
{
    char *end;
    const long number = strtol(*text, &end, 10);
    *text = end;
    return number > 0 ? (pid_t)number : 0;
}

/** Children of one thread. -1: this kernel has no such lists. */
static int list_of_thread(pid_t process, pid_t thread, pid_t *children, size_t max, size_t *n)
{
    char path[PATH_TEXT], text[4096];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", process, thread);
    if (read_small(path, text, sizeof text) < 0) {
        return -1;
    }
    char *at = text;
    for (pid_t child; *n < max && (child = next_number(&at)) > 0;) {
        children[(*n)++] = child;
    }
    return 0;
}

/** The number that a name in /proc is, or 0. */
static pid_t number_of(const char *name)
{
    char *end;
    const long number = isdigit((unsigned char)*name) ? strtol(name, &end, 10) : 0;
    return number > 0 && !*end ? (pid_t)number : 0;
}

static pid_t parent_of(pid_t process)
{
    char path[PATH_TEXT], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    read_small(path, text, sizeof text);
    /* PID (NAME) STATE PARENT; the name may have parentheses of its own. */
    char *name_end = strrchr(text, ')');
    char *at = name_end && strlen(name_end) > 3 ? name_end + 3 : NULL;
    return at ? next_number(&at) : 0;
}

/** Where the kernel has no lists: look at every process. */
static size_t list_by_search(pid_t parent, pid_t *children, size_t max)
{
    DIR *folder = opendir("/proc");
    size_t n = 0;
    for (const struct dirent *entry; folder && n < max && (entry = readdir(folder));) {
        const pid_t process = number_of(entry->d_name);
        if (process && parent_of(process) == parent) {
            children[n++] = process;
        }
    }
    if (folder) {
        closedir(folder);
    }
    return n;
}

size_t ig_children_list(pid_t parent, pid_t *children, size_t max)
{
    char path[PATH_TEXT];
    snprintf(path, sizeof path, "/proc/%d/task", parent);
    DIR *folder = opendir(path);
    size_t n = 0;
    bool lists = true;
    for (const struct dirent *entry; folder && lists && n < max && (entry = readdir(folder));) {
        const pid_t thread = number_of(entry->d_name);
        /* A thread that has ended since has no list either: the first one stays as long as its
         * process. */
        lists =
            !thread || list_of_thread(parent, thread, children, max, &n) == 0 || thread != parent;
    }
    if (folder) {
        closedir(folder);
    }
    return lists ? n : list_by_search(parent, children, max);
}

/* ---- their ends ---- */

static void terminate(pid_t parent, int depth)
{
    enum { DEEPEST = 32 };
    pid_t children[CHILDREN];
    const size_t n = ig_children_list(parent, children, CHILDREN);
    for (size_t i = 0; i < n; i++) {
        /* Before it ends, when its own would be somebody else's. */
        if (depth < DEEPEST) {
            terminate(children[i], depth + 1);
        }
        kill(children[i], SIGTERM);
        kill(children[i], SIGCONT);
    }
}

void ig_children_terminate(pid_t parent)
{
    terminate(parent, 0);
}

static bool is_spared(pid_t process, const pid_t *spared, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (spared[i] == process) {
            return true;
        }
    }
    return false;
}

bool ig_children_kill(const pid_t *spared, size_t n_spared)
{
    const double patience = 5, begin = ig_clock_monotonic();
    struct timespec pause = {.tv_nsec = 50000};
    pid_t children[CHILDREN];
    do {
        const size_t n = ig_children_list(getpid(), children, CHILDREN);
        size_t left = 0;
        for (size_t i = 0; i < n; i++) {
            if (!is_spared(children[i], spared, n_spared)) {
                kill(children[i], SIGKILL);
                left++;
            }
        }
        if (left == 0) {
            return true;
        }
        bool reaped = false;
        for (size_t i = 0; i < n; i++) {
            reaped |= !is_spared(children[i], spared, n_spared) &&
                      waitpid(children[i], NULL, WNOHANG) == children[i];
        }
        if (!reaped) {
            nanosleep(&pause, NULL);
            pause.tv_nsec = pause.tv_nsec < 10000000 ? 2 * pause.tv_nsec : pause.tv_nsec;
        }
    } while (ig_clock_monotonic() - begin < patience);
    return false;
}
