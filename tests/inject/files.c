/** Files, by both names where 64-bit offsets give them a second one. */
#include "inject.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <unistd.h>

#define WRAP(type, failure, name, parameters, arguments)                                           \
    INJECT_WRAP(INJECT_FILES, type, failure, name, parameters, arguments)
#define WRAP_CLOSE(failure, name, parameters, arguments)                                           \
    INJECT_WRAP_CLOSE(INJECT_FILES, int, failure, name, parameters, arguments)
#define WRAP_OPEN(name, parameters, arguments, last)                                               \
    __attribute__((visibility("default"))) int wrapped_##name parameters __asm__(#name);           \
    int wrapped_##name parameters                                                                  \
    {                                                                                              \
        static int(*real) parameters;                                                              \
        inject_find(&real, #name);                                                                 \
        mode_t mode = 0;                                                                           \
        if (flags & (O_CREAT | __O_TMPFILE)) {                                                     \
            va_list more;                                                                          \
            va_start(more, flags);                                                                 \
            mode = (mode_t)va_arg(more, unsigned);                                                 \
            va_end(more);                                                                          \
        }                                                                                          \
        return inject_fails(INJECT_FILES, #name, __builtin_return_address(0)) ? -1                 \
                                                                              : real arguments;    \
    }

WRAP_OPEN(open, (const char *path, int flags, ...), (path, flags, mode), flags)
WRAP_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode), flags)
WRAP_OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode), flags)
WRAP_OPEN(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode), flags)
WRAP(ssize_t, -1, read, (int fd, void *b, size_t n), (fd, b, n))
WRAP(ssize_t, -1, pread, (int fd, void *b, size_t n, off_t at), (fd, b, n, at))
WRAP(ssize_t, -1, pread64, (int fd, void *b, size_t n, off_t at), (fd, b, n, at))
WRAP(ssize_t, -1, write, (int fd, const void *b, size_t n), (fd, b, n))
WRAP(ssize_t, -1, pwrite, (int fd, const void *b, size_t n, off_t at), (fd, b, n, at))
WRAP(ssize_t, -1, pwrite64, (int fd, const void *b, size_t n, off_t at), (fd, b, n, at))
WRAP(int, -1, fsync, (int fd), (fd))
WRAP(int, -1, fdatasync, (int fd), (fd))
WRAP(int, -1, ftruncate, (int fd, off_t n), (fd, n))
WRAP(int, -1, ftruncate64, (int fd, off_t n), (fd, n))
WRAP(int, -1, rename, (const char *from, const char *to), (from, to))
WRAP(int, -1, renameat2, (int a, const char *from, int b, const char *to, unsigned f),
     (a, from, b, to, f))
WRAP(int, -1, link, (const char *from, const char *to), (from, to))
WRAP(int, -1, unlinkat, (int at, const char *path, int flags), (at, path, flags))
WRAP(int, -1, rmdir, (const char *path), (path))
WRAP(int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(char *, NULL, mkdtemp, (char *path), (path))
WRAP(int, -1, mkostemp, (char *path, int flags), (path, flags))
WRAP(int, -1, mkostemp64, (char *path, int flags), (path, flags))
WRAP(char *, NULL, realpath, (const char *path, char *real_path), (path, real_path))
WRAP(int, -1, stat, (const char *path, struct stat *info), (path, info))
WRAP(int, -1, stat64, (const char *path, struct stat *info), (path, info))
WRAP(int, -1, lstat, (const char *path, struct stat *info), (path, info))
WRAP(int, -1, lstat64, (const char *path, struct stat *info), (path, info))
WRAP(int, -1, fstat, (int fd, struct stat *info), (fd, info))
WRAP(int, -1, fstat64, (int fd, struct stat *info), (fd, info))
WRAP(int, -1, statvfs, (const char *path, struct statvfs *fs), (path, fs))
WRAP(int, -1, statvfs64, (const char *path, struct statvfs *fs), (path, fs))
WRAP(int, -1, statfs, (const char *path, struct statfs *fs), (path, fs))
WRAP(int, -1, statfs64, (const char *path, struct statfs *fs), (path, fs))
WRAP(int, -1, fstatfs, (int fd, struct statfs *fs), (fd, fs))
WRAP(int, -1, fstatfs64, (int fd, struct statfs *fs), (fd, fs))
WRAP(int, -1, fallocate64, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n))
WRAP(int, -1, pipe2, (int ends[2], int flags), (ends, flags))
WRAP(int, -1, flock, (int fd, int what), (fd, what))
WRAP(ssize_t, -1, getdelim, (char **line, size_t *n, int end, FILE *file), (line, n, end, file))

__attribute__((visibility("default"))) int wrapped_unlink(const char *path) __asm__("unlink");
int wrapped_unlink(const char *path)
{
    static int (*real)(const char *path);
    inject_find(&real, "unlink");
    bool fails = inject_fails(INJECT_FILES, "unlink", __builtin_return_address(0));
    /* What lies in memory would stay there until the next start of the machine. */
    int result = fails && strncmp(path, "/dev/shm/", 9) != 0 ? -1 : real(path);
    return fails ? -1 : result;
}

WRAP(DIR *, NULL, opendir, (const char *path), (path))
WRAP(FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode))
WRAP(FILE *, NULL, fopen64, (const char *path, const char *mode), (path, mode))
WRAP(FILE *, NULL, fdopen, (int fd, const char *mode), (fd, mode))
WRAP(int, EOF, fflush, (FILE * file), (file))
WRAP_CLOSE(EOF, fclose, (FILE * file), (file))
WRAP_CLOSE(-1, close, (int fd), (fd))
