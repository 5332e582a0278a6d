#include "report/text-file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static ig_status make_one(const char *path, ig_error *error)
{
    struct stat info;
    if (mkdir(path, 0777) == 0) {
        return IG_OK;
    }
    int reason = errno;
    if (reason == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return IG_OK;
    }
    return ig_error_set(error, ig_status_from_errno(reason), "%s: cannot make this folder: %s",
                        path, strerror(reason));
}

ig_status ig_folder_make(const char *path, ig_error *error)
{
    char *copy = strdup(path);
    if (!copy || !path[0]) {
        free(copy);
        return copy ? ig_error_set(error, IG_ERR_USAGE, "no folder name")
                    : ig_error_set(error, IG_ERR_MEMORY, "no memory for a folder name");
    }
    ig_status status = IG_OK;
    for (char *slash = strchr(copy + 1, '/'); slash && !status; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        status = make_one(copy, error);
        *slash = '/';
    }
    if (!status) {
        status = make_one(copy, error);
    }
    free(copy);
    return status;
}

char *ig_path_join(const char *directory, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

ig_status ig_text_open(const char *directory, const char *name, FILE **file, ig_error *error)
{
    char *path = ig_path_join(directory, name);
    if (!path) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a file name");
    }
    ig_status status = IG_OK;
    FILE *f = fopen(path, "we");
    if (!f) {
        status = ig_error_set(error, ig_status_from_errno(errno), "%s: cannot write: %s", path,
                              strerror(errno));
    } else {
        *file = f;
    }
    free(path);
    return status;
}

ig_status ig_text_close(FILE **file, const char *directory, const char *name, ig_error *error)
{
    if (!*file) {
        return IG_OK;
    }
    /* A full disk often shows only when the buffer is flushed. */
    int failed = fflush(*file) != 0 || ferror(*file);
    int reason = errno;
    if (fclose(*file) != 0 && !failed) {
        failed = 1;
        reason = errno;
    }
    *file = NULL;
    if (failed) {
        return ig_error_set(error, ig_status_from_errno(reason), "%s/%s: cannot write: %s",
                            directory, name, strerror(reason));
    }
    return IG_OK;
}

const char *ig_number_text(double number, char text[IG_NUMBER_TEXT])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, IG_NUMBER_TEXT, "%.*g", digits, number);
        if (isnan(number) || strtod(text, NULL) == number) {
            break;
        }
    }
    /* The sign of a NaN says nothing and differs between machines. */
    return isnan(number) ? strcpy(text, "nan") : text;
}
