#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/try.h"
#include "program/child.h"

/* Each level on the way down takes a descriptor: what lies deeper is moved up to the top first. */
enum { DEEPEST = 64, FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

typedef struct removal {
    int top;        /**< descriptor of the whole, to which deep folders are moved */
    unsigned moved; /**< how many were */
    int errnum;     /**< of the first failure */
    char name[IG_QUOTE_TEXT];
} removal;

static void fail(removal *r, const char *name)
{
    if (!r->errnum && errno != ENOENT) {
        r->errnum = errno;
        ig_text_quote(name, r->name);
    }
}

/** A folder for reading that its program may have made unreadable. */
static int open_folder(int folder, const char *name)
{
    const int fd = openat(folder, name, FOLDER_FLAGS);
    return fd < 0 && errno == EACCES && fchmodat(folder, name, S_IRWXU, 0) == 0
               ? openat(folder, name, FOLDER_FLAGS)
               : fd;
}

static void empty(removal *r, int fd, int depth);

static void remove_entry(removal *r, int folder, const char *name, int depth)
{
    char up[32];
    if (unlinkat(folder, name, 0) == 0) {
        return;
    }
    if (errno != EISDIR && errno != EPERM) {
        fail(r, name);
        return;
    }
    snprintf(up, sizeof up, ".imagrid-%u", r->moved);
    if (depth >= DEEPEST && renameat(folder, name, r->top, up) == 0) {
        r->moved++;
        return;
    }
    const int fd = open_folder(folder, name);
    if (fd < 0) {
        fail(r, name);
        return;
    }
    empty(r, fd, depth + 1);
    if (unlinkat(folder, name, AT_REMOVEDIR) != 0) {
        fail(r, name);
    }
}

/** Remove all that is in a folder, whose descriptor is closed. */
static void empty(removal *r, int fd, int depth)
{
    fchmod(fd, S_IRWXU);
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            remove_entry(r, fd, entry->d_name, depth);
        }
    }
    closedir(folder);
}

ig_status ig_folder_remove(const char *folder, ig_error *error)
{
    removal r = {.top = open_folder(AT_FDCWD, folder)};
    if (r.top < 0) {
        return errno == ENOENT ? IG_OK
                               : ig_error_set(error, IG_ERR_IO, "%s cannot be removed: %s", folder,
                                              strerror(errno));
    }
    unsigned before;
    do {
        before = r.moved;
        empty(&r, openat(r.top, ".", FOLDER_FLAGS), 0);
    } while (r.moved > before);
    close(r.top);
    if (rmdir(folder) == 0 || errno == ENOENT) {
        return IG_OK;
    }
    const int errnum = r.errnum ? r.errnum : errno;
    return ig_error_set(error, IG_ERR_IO, "%s cannot be removed: %s%s%s", folder, r.name,
                        r.errnum ? ": " : "", strerror(errnum));
}
