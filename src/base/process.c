#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build-info.h"

void ig_stdio_open(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
}

int ig_stdio_finish(const char *program, int code)
{
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == 0) {
        fprintf(stderr, "%s: standard output: %s\n", program, strerror(errno));
        return 4;
    }
    return code;
}

void ig_bug(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("imagrid: bug: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}

double ig_physical_memory(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (double)pages * (double)size : (double)INFINITY;
}

const char *ig_version_text(void)
{
    return "imagrid " IG_VERSION " (" IG_REVISION ")";
}

ig_build ig_build_info(void)
{
    return (ig_build){IG_VERSION, IG_REVISION, IG_COMPILER, IG_FLAGS};
}
