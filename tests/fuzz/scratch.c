#include "scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *scratch_name(void)
{
    const char *name = getenv("IMAGRID_FUZZ_SCRATCH");
    if (!name) {
        fprintf(stderr, "IMAGRID_FUZZ_SCRATCH names no file\n");
        exit(1);
    }
    return name;
}

void scratch_fill(const uint8_t *bytes, size_t size)
{
    static int fd = -1;
    if (fd < 0) {
        fd = open(scratch_name(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size) {
        perror("the scratch file");
        abort();
    }
}

uint8_t *scratch_load(const char *path, size_t *size)
{
    FILE *file = path ? fopen(path, "rb") : NULL;
    uint8_t *bytes = malloc(1 << 22);
    if (!file || !bytes) {
        fprintf(stderr, "no file %s\n", path ? path : "is named");
        exit(1);
    }
    *size = fread(bytes, 1, 1 << 22, file);
    fclose(file);
    return bytes;
}
