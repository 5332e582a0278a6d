#include "output/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "base/signals.h"
#include "base/try.h"
#include "store/file.h"

static ig_status make_one(const char *path, ig_error *error)
{
    struct stat info;
    char text[IG_ERRNO_TEXT];
    if (mkdir(path, IG_FOLDER_MODE) == 0) {
        return IG_OK;
    }
    const int reason = errno;
    if (reason == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return IG_OK;
    }
    return ig_error_set(error, ig_status_from_errno(reason), "%s: cannot create this directory: %s",
                        path, ig_errno_text(reason, text));
}

static ig_status make_all(const char *path, ig_error *error)
{
    if (!path[0]) {
        return ig_error_set(error, IG_ERR_USAGE, "the name of a directory is empty");
    }
    AUTO_FREE char *copy = ig_strdup(path, error);
    if (!copy) {
        return IG_ERR_MEMORY;
    }
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        TRY(make_one(copy, error));
        *slash = '/';
    }
    return make_one(copy, error);
}

ig_status ig_folder_open(const char *path, ig_folder *folder, ig_error *error)
{
    TRY(make_all(path, error));
    /* It need not be readable. */
    const int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        ig_file_error(error, errno, "this directory cannot be opened");
        return ig_error_context(error, "%s", path);
    }
    *folder = (ig_folder){fd, path};
    return IG_OK;
}

void ig_folder_close(ig_folder *folder)
{
    if (folder->fd >= 0) {
        close(folder->fd);
    }
    folder->fd = -1;
}

/** Make a folder in `parent` and open it; a signal that ends the program removes it. */
static ig_status make_scratch(const char *parent, char *path, int *fd, ig_error *error)
{
    if (!mkdtemp(path)) {
        ig_file_error(error, errno, "cannot create a directory here");
        return ig_error_context(error, "%s", parent);
    }
    /* Whoever may rename it cannot put anything into it: what goes by the descriptor stays ours. */
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0) {
        ig_file_error(error, errno, "the new directory cannot be opened");
        rmdir(path);
        return ig_error_context(error, "%s", parent);
    }
    ig_temporary_add_folder(*fd, path);
    return IG_OK;
}

static ig_status open_scratch(const char *parent, ig_scratch *scratch, ig_error *error)
{
    int fd = -1;
    AUTO_FREE char *path = ig_asprintf(error, "%s/imagrid-XXXXXX", parent);
    if (!path) {
        return IG_ERR_MEMORY;
    }
    ig_signals_hold();
    const ig_status status = make_scratch(parent, path, &fd, error);
    ig_signals_release();
    TRY(status);
    *scratch = (ig_scratch){.folder = {.fd = fd}, .path = ig_take(&path)};
    return IG_OK;
}

ig_status ig_scratch_open(ig_scratch *scratch, ig_error *error)
{
    static const char usual[] = "/tmp";
    static bool warned;
    const char *given = getenv("TMPDIR");
    if (given && given[0]) {
        if (!open_scratch(given, scratch, error)) {
            return IG_OK;
        }
        if (!warned) {
            fprintf(stderr, "imagrid: TMPDIR: %s; using %s\n", error->text, usual);
        }
        warned = true;
        *error = (ig_error){0};
    }
    return open_scratch(usual, scratch, error);
}

void ig_scratch_close(ig_scratch *scratch)
{
    DIR *listing = scratch->folder.fd >= 0 ? fdopendir(scratch->folder.fd) : NULL;
    if (listing) {
        for (const struct dirent *entry; (entry = readdir(listing));) {
            unlinkat(dirfd(listing), entry->d_name, 0);
        }
        closedir(listing);
    } else {
        ig_folder_close(&scratch->folder);
    }
    if (scratch->path) {
        rmdir(scratch->path);
        ig_temporary_drop(-1, scratch->path);
    }
    free(scratch->path);
    *scratch = IG_SCRATCH;
}

static const char *partial_of(const char *name, char partial[PATH_MAX])
{
    snprintf(partial, PATH_MAX, "%s.partial", name);
    return partial;
}

/** What happened to NAME; a folder without a path is the one that names start from. */
static ig_status blame(const ig_folder *folder, const char *name, int reason, ig_error *error)
{
    const bool inside = folder->path;
    char text[IG_ERRNO_TEXT];
    return ig_error_set(error, ig_status_from_errno(reason), "%s%s%s: cannot write: %s",
                        inside ? folder->path : "", inside ? "/" : "", name,
                        ig_errno_text(reason, text));
}

ig_status ig_text_open(const ig_folder *folder, const char *name, FILE **file, ig_error *error)
{
    char partial[PATH_MAX];
    int fd = -1;
    ig_status status = ig_file_new(folder->fd, partial_of(name, partial), &fd, error);
    if (status) {
        ig_error_context(error, "%s%s%s", folder->path ? folder->path : "", folder->path ? "/" : "",
                         name);
        return status;
    }
    *file = fdopen(fd, "w");
    if (!*file) {
        status = blame(folder, name, errno, error);
        close(fd);
        ig_file_discard(folder->fd, partial);
    }
    return status;
}

ig_status ig_text_close(FILE **file, const ig_folder *folder, const char *name, ig_status so_far,
                        ig_error *error)
{
    char partial[PATH_MAX];
    if (!*file) {
        return so_far;
    }
    /* A full disk often shows only when the buffer is flushed. */
    bool failed = fflush(*file) != 0 || ferror(*file);
    int reason = errno;
    if (fclose(*file) != 0 && !failed) {
        failed = true;
        reason = errno;
    }
    *file = NULL;
    partial_of(name, partial);
    if (!so_far && !failed && renameat(folder->fd, partial, folder->fd, name) != 0) {
        failed = true;
        reason = errno;
    }
    if (so_far || failed) {
        ig_file_discard(folder->fd, partial);
    } else {
        ig_temporary_drop(folder->fd, partial);
    }
    return so_far ? so_far : failed ? blame(folder, name, reason, error) : IG_OK;
}

/** Whether `path` is free, or a file of ours, which may be replaced. */
static ig_status check_target(const char *path, const char *mark, const char *kind, ig_error *error)
{
    char begin[64] = "";
    struct stat info;
    if (lstat(path, &info) != 0) {
        return errno == ENOENT ? IG_OK : ig_file_error(error, errno, "cannot be used");
    }
    /* O_NONBLOCK: a FIFO that has just taken its place must not hang us. */
    const int fd =
        S_ISREG(info.st_mode) ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    const ssize_t n = fd >= 0 ? read(fd, begin, sizeof begin) : 0;
    if (fd >= 0) {
        close(fd);
    }
    const size_t length = strlen(mark);
    if (n < (ssize_t)length || memcmp(begin, mark, length) != 0) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "already exists and is not %s, so it is not overwritten", kind);
    }
    return IG_OK;
}

ig_status ig_document_write(const char *path, const char *mark, const char *kind,
                            ig_status (*put)(const void *what, FILE *file, ig_error *error),
                            const void *what, ig_error *error)
{
    static const ig_folder here = {.fd = AT_FDCWD};
    FILE *file = NULL;
    ig_status status = check_target(path, mark, kind, error);
    if (status) {
        ig_error_context(error, "%s", path);
        return status;
    }
    TRY(ig_text_open(&here, path, &file, error));
    status = put(what, file, error);
    if (status) {
        ig_error_context(error, "%s", path);
    }
    return ig_text_close(&file, &here, path, status, error);
}

static FILE *open_for_reading(const ig_folder *folder, const char *name)
{
    const int fd = openat(folder->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (!file && fd >= 0) {
        close(fd);
    }
    return file;
}

ig_status ig_file_bytes(const ig_folder *folder, const char *name, char **bytes, size_t *size,
                        ig_error *error)
{
    char block[1 << 14];
    AUTO_FREE char *text = NULL;
    FILE *file = open_for_reading(folder, name);
    if (!file) {
        ig_file_error(error, errno, "cannot be opened");
        return ig_error_context(error, "%s", name);
    }
    FILE *copy = open_memstream(&text, size);
    size_t n;
    while (copy && (n = fread(block, 1, sizeof block, file)) > 0) {
        fwrite(block, 1, n, copy);
    }
    const bool unread = ferror(file);
    const bool whole = copy && !ferror(copy);
    fclose(file);
    if ((copy && fclose(copy) != 0) || !whole) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory for %s", name);
    }
    if (unread) {
        return ig_error_set(error, IG_ERR_IO, "%s: cannot be read", name);
    }
    *bytes = ig_take(&text);
    return IG_OK;
}

ig_status ig_file_copy(const ig_folder *from, const char *name, const ig_folder *to,
                       ig_error *error)
{
    AUTO_FREE char *bytes = NULL;
    FILE *file = NULL;
    size_t size = 0;
    TRY(ig_file_bytes(from, name, &bytes, &size, error));
    TRY(ig_text_open(to, name, &file, error));
    fwrite(bytes, 1, size, file);
    return ig_text_close(&file, to, name, IG_OK, error);
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
