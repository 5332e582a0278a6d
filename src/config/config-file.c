/** Reading a configuration file whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/yaml-tree.h"

static const char allowed[] = "a readable YAML file of at most 1 MiB";

static ig_status refuse(ig_diagnostics *diagnostics, const char *path, const char *what)
{
    ig_diagnostics_add(diagnostics, path, 0, 0, NULL, "%s, allowed: %s", what, allowed);
    return IG_ERR_CONFIG;
}

static ig_status refuse_errno(ig_diagnostics *diagnostics, const char *path, const char *verb)
{
    char reason[128], what[192];
    /* The GNU form: the result need not be the buffer. */
    snprintf(what, sizeof what, "cannot be %s: %s", verb, strerror_r(errno, reason, sizeof reason));
    return refuse(diagnostics, path, what);
}

static const char *file_kind(mode_t mode)
{
    return S_ISDIR(mode)    ? "this is a directory"
           : S_ISFIFO(mode) ? "this is a pipe"
           : S_ISSOCK(mode) ? "this is a socket"
                            : "this is a device";
}

/** Read until the end, or until one byte more than is allowed; returns what was read, or -1. */
static ssize_t read_all(int file, char *bytes, size_t room)
{
    size_t used = 0;
    while (used < room) {
        ssize_t got = read(file, bytes + used, room - used);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        used += (size_t)got;
    }
    return (ssize_t)used;
}

static ig_status read_open_file(int file, const char *path, char **bytes, size_t *size,
                                ig_diagnostics *diagnostics)
{
    struct stat info;
    if (fstat(file, &info) < 0) {
        return refuse_errno(diagnostics, path, "examined");
    }
    if (!S_ISREG(info.st_mode)) {
        return refuse(diagnostics, path, file_kind(info.st_mode));
    }
    if (info.st_size > IG_TREE_BYTES) {
        return refuse(diagnostics, path, "the file is too large");
    }
    /* The size just seen may change, and is 0 for files the kernel makes up: read to the end. */
    size_t room = IG_TREE_BYTES + 1;
    char *buffer = malloc(room + 1);
    if (!buffer) {
        return IG_ERR_MEMORY;
    }
    ssize_t used = read_all(file, buffer, room);
    if (used < 0 || used > IG_TREE_BYTES) {
        ig_status status = used < 0 ? refuse_errno(diagnostics, path, "read")
                                    : refuse(diagnostics, path, "the file is too large");
        free(buffer);
        return status;
    }
    buffer[used] = '\0';
    char *fitted = realloc(buffer, (size_t)used + 1);
    *bytes = fitted ? fitted : buffer;
    *size = (size_t)used;
    return IG_OK;
}

ig_status ig_config_read_file(const char *path, char **bytes, size_t *size,
                              ig_diagnostics *diagnostics)
{
    /* Without O_NONBLOCK a pipe nobody writes to would hold the open for ever. */
    int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0) {
        return refuse_errno(diagnostics, path, "opened");
    }
    ig_status status = read_open_file(file, path, bytes, size, diagnostics);
    close(file);
    return status;
}
