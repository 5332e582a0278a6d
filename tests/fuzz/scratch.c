#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int descriptor = -1;

int scratch_file(void)
{
    if (descriptor < 0) {
        descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    }
    return descriptor;
}

const char *scratch_name(void)
{
    static char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", scratch_file());
    return name;
}

void scratch_fill(const uint8_t *bytes, size_t size)
{
    int fd = scratch_file();
    if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size) {
        perror("the scratch file");
        abort();
    }
}

uint8_t *scratch_load(const char *variable, size_t *size)
{
    const char *path = getenv(variable);
    FILE *file = path ? fopen(path, "rb") : NULL;
    uint8_t *bytes = malloc(1 << 22);
    if (!file || !bytes) {
        fprintf(stderr, "%s names no file\n", variable);
        exit(77);
    }
    *size = fread(bytes, 1, 1 << 22, file);
    fclose(file);
    return bytes;
}
