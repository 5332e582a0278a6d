#include "experiments/shared-object.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_at(int fd, void *bytes, size_t size, uint64_t offset)
{
    return offset <= INT64_MAX && pread(fd, bytes, size, (off_t)offset) == (ssize_t)size;
}

static bool is_ours(const ElfW(Ehdr) * header)
{
    const unsigned char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == class &&
           header->e_type == ET_DYN && header->e_phentsize == sizeof(ElfW(Phdr));
}

ig_status ig_shared_object_check(int fd, ig_error *error)
{
    struct stat info;
    ElfW(Ehdr) header;
    if (fstat(fd, &info) != 0 || !read_at(fd, &header, sizeof header, 0) || !is_ours(&header)) {
        return ig_error_set(error, IG_ERR_USAGE, "is not a shared object of this machine");
    }
    for (uint64_t i = 0; i < header.e_phnum; i++) {
        ElfW(Phdr) part;
        bool there = read_at(fd, &part, sizeof part, header.e_phoff + i * sizeof part);
        if (!there || part.p_filesz > (uint64_t)info.st_size ||
            part.p_offset > (uint64_t)info.st_size - part.p_filesz) {
            return ig_error_set(error, IG_ERR_USAGE, "is a shared object that was cut short");
        }
    }
    return IG_OK;
}
