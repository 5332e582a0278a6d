#include "program/executable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "base/try.h"

/** Why a path cannot be executed, NULL where it can. */
static const char *obstacle(const char *path, char reason[IG_ERRNO_TEXT])
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return ig_errno_text(errno, reason);
    }
    if (!S_ISREG(info.st_mode)) {
        return S_ISDIR(info.st_mode) ? "a folder" : "not a regular file";
    }
    return access(path, X_OK) == 0 ? NULL : "not executable (chmod +x)";
}

/** `*path` is taken where the file can be executed. */
static ig_status take(char **candidate, char **path, ig_error *error)
{
    char reason[IG_ERRNO_TEXT];
    const char *why = obstacle(*candidate, reason);
    if (why) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s: %s", *candidate, why);
    }
    /* As it is named: behind a link (busybox, a virtual environment) the name has a meaning. */
    *path = ig_take(candidate);
    return IG_OK;
}

static ig_status join(const char *folder, size_t length, const char *name, char **path,
                      ig_error *error)
{
    *path = ig_asprintf(error, "%.*s/%s", (int)(length ? length : 1), length ? folder : ".", name);
    return *path ? IG_OK : IG_ERR_MEMORY;
}

/** From a relative path to one that stays right in another folder. */
static ig_status make_absolute(char **path, ig_error *error)
{
    if (**path == '/') {
        return IG_OK;
    }
    AUTO_FREE char *here = getcwd(NULL, 0);
    char *absolute = here ? ig_asprintf(error, "%s/%s", here, *path) : NULL;
    if (!absolute) {
        return ig_error_set(error, IG_ERR_IO, "the current folder cannot be read");
    }
    free(*path);
    *path = absolute;
    return IG_OK;
}

static ig_status search(const char *name, char **path, ig_error *error)
{
    const char *rest = getenv("PATH");
    for (rest = rest ? rest : "/usr/bin:/bin"; rest;) {
        const size_t length = strcspn(rest, ":");
        AUTO_FREE char *candidate = NULL;
        ig_error ignored = {0};
        TRY(join(rest, length, name, &candidate, error));
        TRY(make_absolute(&candidate, error));
        if (take(&candidate, path, &ignored) == IG_OK) {
            return IG_OK;
        }
        rest = rest[length] ? rest + length + 1 : NULL;
    }
    return ig_error_set(error, IG_ERR_CONFIG, "%s: no such program in $PATH", name);
}

ig_status ig_executable_find(const char *name, const char *folder, char **path, ig_error *error)
{
    AUTO_FREE char *candidate = NULL;
    if (!*name) {
        return ig_error_set(error, IG_ERR_CONFIG, "an empty name of a program");
    }
    if (!strchr(name, '/')) {
        return search(name, path, error);
    }
    if (*name == '/') {
        candidate = ig_strdup(name, error);
        TRY(candidate ? IG_OK : IG_ERR_MEMORY);
    } else {
        TRY(join(folder, strlen(folder), name, &candidate, error));
        TRY(make_absolute(&candidate, error));
    }
    return take(&candidate, path, error);
}
