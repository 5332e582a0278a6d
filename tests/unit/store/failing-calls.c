#include "failing-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long left = -1; /* calls until one fails; negative: none does */
static const char *failed;

void calls_fail_at(long k)
{
    left = k;
    failed = NULL;
}

int calls_behave(const char **name)
{
    left = -1;
    *name = failed ? failed : "none";
    return failed != NULL;
}

int calls_failed_in_hdf5(void)
{
    return failed && strncmp(failed, "H5", 2) == 0;
}

/** Whether the call `name` fails now; leaves the reason where its library leaves it. */
static int fails(const char *name)
{
    int now = left == 0;
    left -= left >= 0;
    if (now) {
        failed = name;
        errno = EIO;
        if (calls_failed_in_hdf5()) {
            H5Epush2(H5E_DEFAULT, __FILE__, name, __LINE__, H5E_ERR_CLS, H5E_IO, H5E_WRITEERROR,
                     "file write failed: errno = %d, error message = 'none'", ENOSPC);
        }
    }
    return now;
}

/* A call that does nothing when it fails. */
#define WRAP(type, name, parameters, arguments)                                                    \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails(#name) ? (type)-1 : __real_##name arguments;                                  \
    }

/* A call that lets its object go even when it fails. */
#define WRAP_CLOSE(type, name, handle)                                                             \
    type __real_##name(handle object);                                                             \
    type __wrap_##name(handle object);                                                             \
    type __wrap_##name(handle object)                                                              \
    {                                                                                              \
        type result = __real_##name(object);                                                       \
        return fails(#name) ? (type)-1 : result;                                                   \
    }

WRAP(hid_t, H5Acreate2, (hid_t o, const char *n, hid_t t, hid_t s, hid_t c, hid_t a),
     (o, n, t, s, c, a))
WRAP(hid_t, H5Aopen, (hid_t o, const char *n, hid_t p), (o, n, p))
WRAP(herr_t, H5Aread, (hid_t a, hid_t t, void *b), (a, t, b))
WRAP(herr_t, H5Awrite, (hid_t a, hid_t t, const void *b), (a, t, b))
WRAP(hid_t, H5Aget_type, (hid_t a), (a))
WRAP(hid_t, H5Aget_space, (hid_t a), (a))
WRAP(hid_t, H5Dcreate2, (hid_t o, const char *n, hid_t t, hid_t s, hid_t l, hid_t c, hid_t a),
     (o, n, t, s, l, c, a))
WRAP(hid_t, H5Dopen2, (hid_t o, const char *n, hid_t p), (o, n, p))
WRAP(haddr_t, H5Dget_offset, (hid_t d), (d))
WRAP(hid_t, H5Dget_type, (hid_t d), (d))
WRAP(hid_t, H5Dget_space, (hid_t d), (d))
WRAP(hid_t, H5Dget_create_plist, (hid_t d), (d))
WRAP(hid_t, H5Fcreate, (const char *n, unsigned f, hid_t c, hid_t a), (n, f, c, a))
WRAP(hid_t, H5Fopen, (const char *n, unsigned f, hid_t a), (n, f, a))
WRAP(herr_t, H5Fflush, (hid_t o, H5F_scope_t s), (o, s))
WRAP(hid_t, H5Gcreate2, (hid_t o, const char *n, hid_t l, hid_t c, hid_t a), (o, n, l, c, a))
WRAP(hid_t, H5Gopen2, (hid_t o, const char *n, hid_t a), (o, n, a))
WRAP(hid_t, H5Pcreate, (hid_t c), (c))
WRAP(herr_t, H5Pset_layout, (hid_t p, H5D_layout_t l), (p, l))
WRAP(herr_t, H5Pset_obj_track_times, (hid_t p, hbool_t t), (p, t))
WRAP(herr_t, H5Pset_libver_bounds, (hid_t p, H5F_libver_t l, H5F_libver_t h), (p, l, h))
WRAP(herr_t, H5Rcreate, (void *r, hid_t o, const char *n, H5R_type_t t, hid_t s), (r, o, n, t, s))
WRAP(hid_t, H5Screate, (H5S_class_t c), (c))
WRAP(hid_t, H5Screate_simple, (int n, const hsize_t *d, const hsize_t *m), (n, d, m))
WRAP(hid_t, H5Tcopy, (hid_t t), (t))
WRAP(hid_t, H5Tcreate, (H5T_class_t c, size_t n), (c, n))
WRAP(herr_t, H5Tinsert, (hid_t t, const char *n, size_t o, hid_t m), (t, n, o, m))
WRAP(hid_t, H5Tvlen_create, (hid_t t), (t))
WRAP(herr_t, H5Tset_size, (hid_t t, size_t n), (t, n))
WRAP_CLOSE(herr_t, H5Aclose, hid_t)
WRAP_CLOSE(herr_t, H5Dclose, hid_t)
WRAP_CLOSE(herr_t, H5Fclose, hid_t)
WRAP_CLOSE(herr_t, H5Gclose, hid_t)

/* The names that 64-bit file offsets give them. */
WRAP(ssize_t, pread64, (int fd, void *b, size_t n, off64_t at), (fd, b, n, at))
WRAP(ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t at), (fd, b, n, at))
WRAP(int, fstat64, (int fd, struct stat64 *info), (fd, info))
WRAP(int, fsync, (int fd), (fd))
WRAP(int, renameat2, (int a, const char *from, int b, const char *to, unsigned f),
     (a, from, b, to, f))
WRAP_CLOSE(int, close, int)

int __real_openat64(int folder, const char *path, int flags, ...);
int __wrap_openat64(int folder, const char *path, int flags, ...);

int __wrap_openat64(int folder, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    unsigned mode = flags & O_CREAT ? va_arg(arguments, unsigned) : 0;
    va_end(arguments);
    return fails("openat64") ? -1 : __real_openat64(folder, path, flags, mode);
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);

int __wrap_open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    unsigned mode = flags & O_CREAT ? va_arg(arguments, unsigned) : 0;
    va_end(arguments);
    return fails("open64") ? -1 : __real_open64(path, flags, mode);
}
