#include "inject.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum origin { OTHER, PROGRAM, HELPER, HDF5 } origin;

/** Code of one library. */
typedef struct stretch {
    uintptr_t begin, end, base;
    origin origin;
} stretch;

enum { STRETCHES = 64 };
static stretch stretches[STRETCHES];
static size_t n_stretches;

static bool active, since;
static inject_kind wanted;
static bool from_hdf5;
static long at = -1;
static uintmax_t site;
static atomic_bool failing;
static int number = EIO, report = -1;
static atomic_long calls;

static origin origin_of(const char *path)
{
    static const char *const helpers[] = {"libyaml", "libgsl.", "libxxhash"};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (!*path) {
        return PROGRAM;
    }
    for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
        if (strncmp(name, helpers[i], strlen(helpers[i])) == 0) {
            return HELPER;
        }
    }
    return strncmp(name, "libhdf5", 7) == 0 ? HDF5 : OTHER;
}

static int note_stretches(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    origin of = origin_of(info->dlpi_name);
    for (size_t i = 0; i < info->dlpi_phnum && of != OTHER && n_stretches < STRETCHES; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
            uintptr_t begin = info->dlpi_addr + part->p_vaddr;
            stretches[n_stretches++] = (stretch){begin, begin + part->p_memsz, info->dlpi_addr, of};
        }
    }
    return 0;
}

static const stretch *find_stretch(const void *address)
{
    for (size_t i = 0; i < n_stretches; i++) {
        if ((uintptr_t)address >= stretches[i].begin && (uintptr_t)address < stretches[i].end) {
            return &stretches[i];
        }
    }
    return NULL;
}

static bool is(const char *name, const char *value)
{
    const char *text = getenv(name);
    return text && strcmp(text, value) == 0;
}

/** The programs that are started from ours, and the launcher, are none of our business. */
__attribute__((constructor)) static void begin(void)
{
    static const char *const kinds[] = {"memory", "mpi", "hdf5", "files"};
    const char *openmpi = getenv("OMPI_COMM_WORLD_RANK");
    const char *text = openmpi ? openmpi : getenv("PMI_RANK");
    if (strncmp(program_invocation_short_name, "imagrid", 7) != 0 ||
        !is("INJECT_RANK", text ? text : "0")) {
        return;
    }
    for (int i = 0; i < 4; i++) {
        if (is("INJECT_KIND", kinds[i])) {
            wanted = (inject_kind)i;
            active = true;
        }
    }
    from_hdf5 = is("INJECT_CALLER", "hdf5");
    since = getenv("INJECT_SINCE") != NULL;
    at = (text = getenv("INJECT_AT")) ? strtol(text, NULL, 10) : -1;
    site = (text = getenv("INJECT_SITE")) ? strtoumax(text, NULL, 16) : 0;
    number = (text = getenv("INJECT_ERRNO")) ? (int)strtol(text, NULL, 10) : EIO;
    dl_iterate_phdr(note_stretches, NULL);
    text = getenv("INJECT_REPORT");
    report = text ? open(text, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
}

static void tell(const char *name, uintmax_t from)
{
    char line[128];
    int length = snprintf(line, sizeof line, "%s %jx\n", name, from);
    if (report >= 0 && length > 0 && write(report, line, (size_t)length) < 0) {
        close(report);
        report = -1;
    }
}

bool inject_fails(inject_kind kind, const char *name, const void *caller)
{
    if (!active || kind != wanted) {
        return false;
    }
    const stretch *place = find_stretch(caller);
    if (!place || (from_hdf5 != (place->origin == HDF5)) ||
        (place->origin == HELPER && kind != INJECT_MEMORY)) {
        return false;
    }
    uintmax_t from = (uintptr_t)caller - place->base;
    bool now = at >= 0 && from == site && atomic_fetch_add(&calls, 1) == at;
    if (at < 0 || now) {
        tell(name, from);
    }
    if (now && since) {
        atomic_store(&failing, true);
    }
    if (now || atomic_load(&failing)) {
        errno = kind == INJECT_MEMORY ? ENOMEM : number;
        return true;
    }
    return false;
}

void inject_find(void *function, const char *name)
{
    void *found;
    memcpy(&found, function, sizeof found);
    if (!found) {
        found = dlsym(RTLD_NEXT, name);
        if (!found) {
            fprintf(stderr, "inject: no %s\n", name);
            abort();
        }
        memcpy(function, &found, sizeof found);
    }
}
