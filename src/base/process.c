#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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

const char *ig_errno_text(int errnum, char text[IG_ERRNO_TEXT])
{
    static const struct {
        int errnum;
        unsigned limit;
        const char *what, *unit;
        char option;
    } limits[] = {{EFBIG, RLIMIT_FSIZE, "files are", " bytes", 'f'},
                  {EMFILE, RLIMIT_NOFILE, "open files are", "", 'n'},
                  {EAGAIN, RLIMIT_NPROC, "processes are", "", 'u'}};
    struct rlimit limit;
    const int used = snprintf(text, IG_ERRNO_TEXT, "%s", strerror(errnum));
    for (size_t i = 0; i < sizeof limits / sizeof *limits && used < IG_ERRNO_TEXT; i++) {
        if (limits[i].errnum == errnum && getrlimit(limits[i].limit, &limit) == 0 &&
            limit.rlim_cur != RLIM_INFINITY) {
            snprintf(text + used, (size_t)(IG_ERRNO_TEXT - used),
                     ": %s limited to %llu%s (ulimit -%c)", limits[i].what,
                     (unsigned long long)limit.rlim_cur, limits[i].unit, limits[i].option);
        }
    }
    return text;
}

int ig_stdio_finish(const char *program, int code)
{
    if ((fflush(stdout) != 0 || ferror(stdout)) && (code == 0 || code == 3)) {
        char text[IG_ERRNO_TEXT];
        fprintf(stderr, "%s: standard output: %s\n", program, ig_errno_text(errno, text));
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
