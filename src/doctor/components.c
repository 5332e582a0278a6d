#include "doctor/components.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Whether `name` of `length` is a word of the list. */
static bool listed(const char *names, const char *name, size_t length)
{
    for (const char *at = names; (at = strstr(at, name)); at++) {
        if ((at == names || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

void ig_components_find(const char *maps, const char *framework, char *names, size_t size)
{
    char prefix[64];
    int length = snprintf(prefix, sizeof prefix, "/mca_%s_", framework);
    size_t used = 0;
    names[0] = '\0';
    for (const char *at = maps; (at = strstr(at, prefix));) {
        at += length;
        char name[64];
        size_t n = strcspn(at, ".\n");
        if (strncmp(at + n, ".so", 3) != 0 || n >= sizeof name) {
            continue;
        }
        memcpy(name, at, n);
        name[n] = '\0';
        if (!listed(names, name, n) && used + n + 2 <= size) {
            used += (size_t)snprintf(names + used, size - used, "%s%s", used ? " " : "", name);
        }
    }
}

void ig_components_loaded(const char *framework, char *names, size_t size)
{
    char *text = NULL;
    size_t room = 0;
    FILE *file = fopen("/proc/self/maps", "r");
    names[0] = '\0';
    if (file && getdelim(&text, &room, '\0', file) > 0) {
        ig_components_find(text, framework, names, size);
    }
    if (file) {
        fclose(file);
    }
    free(text);
}

void ig_components_mpi_io(char *name, size_t size)
{
    char io[256], fs[256];
    ig_components_loaded("io", io, sizeof io);
    ig_components_loaded("fs", fs, sizeof fs);
    name[0] = '\0';
    if (fs[0]) {
        snprintf(name, size, "ompio");
        return;
    }
    const char *romio = strstr(io, "romio");
    if (romio) {
        snprintf(name, size, "%.*s", (int)strcspn(romio, " "), romio);
    }
}

const char *ig_components_romio(void)
{
#ifdef OMPI_MAJOR_VERSION
    return OMPI_MAJOR_VERSION >= 5 ? "romio341" : OMPI_MAJOR_VERSION == 4 ? "romio321" : "romio314";
#else
    return NULL;
#endif
}
