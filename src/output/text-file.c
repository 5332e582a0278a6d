#include "output/text-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/file.h"

static const char *partial_of(const char *name, char partial[NAME_MAX + 1])
{
    snprintf(partial, NAME_MAX + 1, "%s.partial", name);
    return partial;
}

static ig_status refuse(const ig_folder *folder, const char *name, int reason, ig_error *error)
{
    return ig_error_set(error, ig_status_from_errno(reason), "%s/%s: cannot write: %s",
                        folder->path, name, strerror(reason));
}

ig_status ig_text_open(const ig_folder *folder, const char *name, FILE **file, ig_error *error)
{
    char partial[NAME_MAX + 1];
    int fd = -1;
    ig_status status = ig_file_new(folder->fd, partial_of(name, partial), &fd, error);
    if (status) {
        ig_error_context(error, "%s/%s", folder->path, name);
        return status;
    }
    FILE *f = fdopen(fd, "w");
    if (!f) {
        status = refuse(folder, name, errno, error);
        close(fd);
        unlinkat(folder->fd, partial, 0);
        return status;
    }
    *file = f;
    return IG_OK;
}

ig_status ig_text_close(FILE **file, const ig_folder *folder, const char *name, ig_status so_far,
                        ig_error *error)
{
    char partial[NAME_MAX + 1];
    if (!*file) {
        return so_far;
    }
    /* A full disk often shows only when the buffer is flushed. */
    int failed = fflush(*file) != 0 || ferror(*file);
    int reason = errno;
    if (fclose(*file) != 0 && !failed) {
        failed = 1;
        reason = errno;
    }
    *file = NULL;
    partial_of(name, partial);
    if (!so_far && !failed && renameat(folder->fd, partial, folder->fd, name) != 0) {
        failed = 1;
        reason = errno;
    }
    if (so_far || failed) {
        unlinkat(folder->fd, partial, 0);
    }
    return so_far ? so_far : failed ? refuse(folder, name, reason, error) : IG_OK;
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
