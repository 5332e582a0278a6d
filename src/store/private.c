#include "store/private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file.h"

enum { TRIES = 100 };

/** Number of entries, which are removed if wanted; -1 with errno. Reads by the system call, which
 *  allocates nothing. */
static int go_through(int fd, bool removing)
{
    _Alignas(struct dirent64) char entries[4096];
    ssize_t size;
    int n = 0;
    lseek(fd, 0, SEEK_SET);
    while ((size = getdents64(fd, entries, sizeof entries)) > 0) {
        for (ssize_t at = 0; at < size;) {
            const struct dirent64 *entry = (const void *)(entries + at);
            at += entry->d_reclen;
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
                continue;
            }
            n++;
            if (removing) {
                unlinkat(fd, entry->d_name, 0);
            }
        }
    }
    return size < 0 ? -1 : n;
}

static ig_status make(int parent, const char *prefix, char name[IG_PRIVATE_NAME], ig_error *error)
{
    for (int i = 0; i < TRIES; i++) {
        uint64_t word;
        if (getrandom(&word, sizeof word, 0) != (ssize_t)sizeof word) {
            return ig_file_error(error, errno, "no random name");
        }
        snprintf(name, IG_PRIVATE_NAME, "%.40s%016" PRIx64, prefix, word);
        if (mkdirat(parent, name, 0700) == 0) {
            return IG_OK;
        }
        if (errno != EEXIST) {
            return ig_file_error(error, errno, "no folder can be made");
        }
    }
    return ig_file_error(error, EEXIST, "no folder can be made");
}

ig_status ig_private_make(int parent, const char *prefix, char name[IG_PRIVATE_NAME], int *fd,
                          ig_error *error)
{
    ig_status status = make(parent, prefix, name, error);
    if (status) {
        return status;
    }
    int opened = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    /* Another folder in its place, with things that ig_private_empty would remove? */
    int n = opened < 0 ? -1 : go_through(opened, false);
    if (n != 0) {
        status = n < 0 ? ig_file_error(error, errno, "the new folder cannot be opened")
                       : ig_error_set(error, IG_ERR_IO, "the new folder is not empty");
        if (opened >= 0) {
            close(opened);
        }
        unlinkat(parent, name, AT_REMOVEDIR);
        return status;
    }
    *fd = opened;
    return IG_OK;
}

void ig_private_empty(int fd)
{
    go_through(fd, true);
}
