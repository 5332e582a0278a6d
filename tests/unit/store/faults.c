/* No header declares these calls here: with 64-bit file offsets the C library's headers turn some
 * of the names into others. Types are those of 64-bit Linux, where all file offsets are long. */
#include "faults.h"

#include <errno.h>
#include <sys/syscall.h>

struct iovec;

long syscall(long number, ...);
long write(int fd, const void *bytes, unsigned long size);
long writev(int fd, const struct iovec *parts, int n);
long pwrite(int fd, const void *bytes, unsigned long size, long offset);
long pwrite64(int fd, const void *bytes, unsigned long size, long offset);
long pwritev(int fd, const struct iovec *parts, int n, long offset);
long pwritev64(int fd, const struct iovec *parts, int n, long offset);

static int fails(int fd)
{
    int fault = fault_of_write(fd);
    if (fault) {
        errno = fault;
    }
    return fault != 0;
}

long write(int fd, const void *bytes, unsigned long size)
{
    return fails(fd) ? -1 : syscall(SYS_write, fd, bytes, size);
}

long writev(int fd, const struct iovec *parts, int n)
{
    return fails(fd) ? -1 : syscall(SYS_writev, fd, parts, n);
}

long pwrite(int fd, const void *bytes, unsigned long size, long offset)
{
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, offset);
}

long pwrite64(int fd, const void *bytes, unsigned long size, long offset)
{
    return pwrite(fd, bytes, size, offset);
}

long pwritev(int fd, const struct iovec *parts, int n, long offset)
{
    return fails(fd) ? -1 : syscall(SYS_pwritev, fd, parts, n, offset, 0L);
}

long pwritev64(int fd, const struct iovec *parts, int n, long offset)
{
    return pwritev(fd, parts, n, offset);
}
