#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/process.h"
#include "base/signals.h"
#include "base/try.h"

ig_status ig_file_error(ig_error *error, int errnum, const char *what)
{
    char text[IG_ERRNO_TEXT];
    return ig_error_set(error, ig_status_from_errno(errnum), "%s: %s", what,
                        ig_errno_text(errnum, text));
}

ig_status ig_file_creation_error(ig_error *error, int errnum)
{
    const char *what = errnum == ENOENT    ? "its directory does not exist"
                       : errnum == ENOTDIR ? "a part of its path is a file, not a directory"
                       : errnum == EROFS   ? "its file system is mounted read-only"
                       : errnum == EACCES || errnum == EPERM
                           ? "its directory allows you no new files"
                           : "it cannot be created";
    return ig_file_error(error, errnum, what);
}

ig_status ig_file_read(int fd, uint64_t offset, void *bytes, size_t size, ig_error *error)
{
    char *to = bytes;
    while (size > 0) {
        ssize_t got = pread(fd, to, size, (off_t)offset);
        if (got < 0 && errno != EINTR) {
            return ig_file_error(error, errno, "read failed");
        }
        if (got == 0) {
            return ig_error_set(error, IG_ERR_FORMAT, "the file is truncated");
        }
        if (got > 0) {
            to += got;
            offset += (uint64_t)got;
            size -= (size_t)got;
        }
    }
    return IG_OK;
}

void ig_file_read_lenient(int fd, uint64_t offset, void *bytes, size_t size)
{
    enum { PAGE = 4096 }; /* what a bad block of a disk takes with it */
    char *to = bytes;
    memset(bytes, 0, size);
    while (size > 0) {
        const ssize_t got = pread(fd, to, size, (off_t)offset);
        if (got == 0 || (got < 0 && errno == EINVAL)) {
            return;
        }
        size_t step = got > 0 ? (size_t)got : 0;
        if (got < 0 && errno != EINTR) {
            const size_t page = PAGE - offset % PAGE;
            step = page < size ? page : size;
            memset(to, 0, step);
        }
        to += step;
        offset += step;
        size -= step;
    }
}

ig_status ig_file_write(int fd, uint64_t offset, const void *bytes, size_t size, ig_error *error)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t put = pwrite(fd, from, size, (off_t)offset);
        if (put < 0 && errno != EINTR) {
            return ig_file_error(error, errno, "write failed");
        }
        if (put > 0) {
            from += put;
            offset += (uint64_t)put;
            size -= (size_t)put;
        }
    }
    return IG_OK;
}

ig_status ig_file_length(int fd, uint64_t *length, ig_error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return ig_file_error(error, errno, "its length cannot be read");
    }
    *length = (uint64_t)info.st_size;
    return IG_OK;
}

ig_status ig_file_new(int folder, const char *name, int *fd, ig_error *error)
{
    struct stat info;
    /* Where nothing can be removed nothing may be there: the creation says what is wrong. */
    if (unlinkat(folder, name, 0) != 0 && errno != ENOENT) {
        const int failed = errno;
        if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
            return ig_file_error(error, failed, "an older file of this name cannot be removed");
        }
    }
    ig_temporary_add(folder, name);
    int made = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                      (mode_t)IG_FILE_MODE);
    if (made < 0) {
        const int failed = errno;
        ig_temporary_drop(folder, name);
        return ig_file_creation_error(error, failed);
    }
    *fd = made;
    return IG_OK;
}

void ig_file_discard(int folder, const char *name)
{
    unlinkat(folder, name, 0);
    ig_temporary_drop(folder, name);
}

/** Whether nobody else can put another file in the place of ours: the next to open it, HDF5, goes
 *  by its name. */
static bool keeps_names(const char *folder)
{
    struct stat info;
    return stat(folder, &info) == 0 &&
           ((info.st_mode & (S_IWGRP | S_IWOTH)) == 0 || (info.st_mode & S_ISVTX) != 0);
}

ig_status ig_file_scratch(char path[IG_SCRATCH_PATH], int *fd, ig_error *error)
{
    const char *const folders[] = {"/dev/shm", getenv("TMPDIR"), "/tmp"};
    int failed = ENOENT;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (folders[i] && keeps_names(folders[i]) &&
            snprintf(path, IG_SCRATCH_PATH, "%s/imagrid-XXXXXX", folders[i]) < IG_SCRATCH_PATH) {
            int made = mkostemp(path, O_CLOEXEC);
            if (made >= 0) {
                *fd = made;
                return IG_OK;
            }
            failed = errno;
        }
    }
    return ig_file_error(error, failed, "cannot create a scratch file");
}

/** The folder of `path`, malloc'd. */
static ig_status folder_of(const char *path, char **folder, ig_error *error)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path) {
        *folder = ig_strdup(slash ? "/" : ".", error);
    } else {
        *folder = ig_asprintf(error, "%.*s", (int)(slash - path), path);
    }
    return *folder ? IG_OK : IG_ERR_MEMORY;
}

/** The folder of `path`, open; before anything in it is changed, so that only fsync is left to fail
 *  afterwards. */
static ig_status open_folder_of(const char *path, int *fd, ig_error *error)
{
    AUTO_FREE char *folder = NULL;
    TRY(folder_of(path, &folder, error));
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd < 0 ? ig_file_error(error, errno, "the directory cannot be opened") : IG_OK;
}

static ig_status sync_folder(int fd, ig_error *error)
{
    /* EINVAL: file systems without a meaning for it, where nothing better can be done. */
    return fsync(fd) != 0 && errno != EINVAL
               ? ig_file_error(error, errno, "fsync of the directory failed")
               : IG_OK;
}

ig_status ig_file_place(const char *from, const char *to, ig_error *error)
{
    AUTO(ig_file_close) int folder = -1;
    TRY(open_folder_of(to, &folder, error));
    int failed = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0 ? errno : 0;
    if (failed == EINVAL || failed == ENOSYS) {
        /* NFS and others know no such flag; a link never replaces either. */
        failed = link(from, to) != 0 ? errno : 0;
        if (!failed && unlink(from) != 0) {
            failed = errno;
        }
    }
    if (failed) {
        return ig_file_error(error, failed, "rename failed");
    }
    ig_temporary_drop(AT_FDCWD, from);
    return sync_folder(folder, error);
}

ig_status ig_file_replace(const char *from, const char *to, ig_error *error)
{
    AUTO(ig_file_close) int folder = -1;
    TRY(open_folder_of(to, &folder, error));
    if (rename(from, to) != 0) {
        return ig_file_error(error, errno, "rename failed");
    }
    ig_temporary_drop(AT_FDCWD, from);
    return sync_folder(folder, error);
}

ig_status ig_file_check_space(const char *path, uint64_t need, ig_error *error)
{
    struct statvfs fs;
    AUTO_FREE char *folder = NULL;
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < need) {
        return ig_error_set(error, IG_ERR_SPACE,
                            "needs %.6g MB, files are limited to %.6g MB (ulimit -f)",
                            (double)need / 1e6, (double)limit.rlim_cur / 1e6);
    }
    TRY(folder_of(path, &folder, error));
    if (statvfs(folder, &fs) != 0) {
        return ig_file_creation_error(error, errno);
    }
    /* Some file systems of user space tell no size at all. */
    if (fs.f_blocks > 0 && fs.f_bavail < need / fs.f_frsize + 1) {
        return ig_error_set(error, IG_ERR_SPACE, "needs %.6g MB, the file system has %.6g MB free",
                            (double)need / 1e6, (double)fs.f_bavail * (double)fs.f_frsize / 1e6);
    }
    return IG_OK;
}

void ig_file_close(const int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}
