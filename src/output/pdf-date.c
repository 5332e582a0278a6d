#include "output/pdf-date.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Place of the date's digits in the file, or -1. */
static long find_date(FILE *file)
{
    static const char before[] = "/CreationDate (D:";
    size_t matched = 0;
    int c;
    while (matched < sizeof before - 1 && (c = getc(file)) != EOF) {
        /* The first character stands nowhere else in the pattern. */
        matched = c == before[matched] ? matched + 1 : c == before[0];
    }
    return matched == sizeof before - 1 ? ftell(file) : -1;
}

ig_status ig_pdf_clear_date(const ig_folder *folder, const char *script, ig_error *error)
{
    static const char date[] = "20000101000000";
    const size_t stem = strlen(script) > 3 ? strlen(script) - 3 : 0;
    char *name = NULL;
    ig_status status = IG_OK;
    if (asprintf(&name, "%.*s.pdf", (int)stem, script) < 0) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for a file name");
    }
    int fd = openat(folder->fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r+") : NULL;
    long at = file ? find_date(file) : -1;
    bool failed = at >= 0 && (fseek(file, at, SEEK_SET) != 0 || fputs(date, file) == EOF);
    if (file && fclose(file) != 0) {
        failed = true;
    }
    if (failed) {
        status = ig_error_set(error, ig_status_from_errno(errno), "%s: cannot be written: %s", name,
                              strerror(errno));
    }
    free(name);
    return status;
}
