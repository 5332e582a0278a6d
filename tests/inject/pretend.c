/* Preloaded into the programs: a machine of PRETEND_PROCESSORS processors, and a disk that needs
 * PRETEND_FSYNC seconds for each fsync and fdatasync. */
#include <dlfcn.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

static int number(const char *name)
{
    const char *text = getenv(name);
    return text ? (int)strtol(text, NULL, 10) : 0;
}

static void find(void *function, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(function, &found, sizeof found);
}

SHOWN long sysconf(int name)
{
    long (*real)(int);
    const int n = number("PRETEND_PROCESSORS");
    find(&real, "sysconf");
    return n > 0 && (name == _SC_NPROCESSORS_CONF || name == _SC_NPROCESSORS_ONLN) ? n : real(name);
}

SHOWN int get_nprocs(void)
{
    return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

SHOWN int get_nprocs_conf(void)
{
    return (int)sysconf(_SC_NPROCESSORS_CONF);
}

SHOWN int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
    int (*real)(pid_t, size_t, cpu_set_t *);
    const int n = number("PRETEND_PROCESSORS");
    find(&real, "sched_getaffinity");
    const int failed = real(pid, size, set);
    for (int i = 0; i < n && !failed && (size_t)i < 8 * size; i++) {
        CPU_SET_S((size_t)i, size, set);
    }
    return failed;
}

SHOWN int fsync(int fd)
{
    int (*real)(int);
    find(&real, "fsync");
    sleep((unsigned)number("PRETEND_FSYNC"));
    return real(fd);
}

SHOWN int fdatasync(int fd)
{
    int (*real)(int);
    find(&real, "fdatasync");
    sleep((unsigned)number("PRETEND_FSYNC"));
    return real(fd);
}
