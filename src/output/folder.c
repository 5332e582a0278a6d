#include "output/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file.h"
#include "store/private.h"

static ig_status make_one(const char *path, ig_error *error)
{
    struct stat info;
    if (mkdir(path, IG_FOLDER_MODE) == 0) {
        return IG_OK;
    }
    int reason = errno;
    if (reason == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return IG_OK;
    }
    return ig_error_set(error, ig_status_from_errno(reason), "%s: cannot make this folder: %s",
                        path, strerror(reason));
}

static ig_status make_all(const char *path, ig_error *error)
{
    char *copy = strdup(path);
    if (!copy || !path[0]) {
        free(copy);
        return ig_error_set(error, copy ? IG_ERR_USAGE : IG_ERR_MEMORY, "no folder name");
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

ig_status ig_folder_open(const char *path, ig_folder *folder, ig_error *error)
{
    ig_status status = make_all(path, error);
    if (status) {
        return status;
    }
    /* It need not be readable. */
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        ig_file_error(error, errno, "this folder cannot be opened");
        return ig_error_context(error, "%s", path);
    }
    *folder = (ig_folder){fd, path, true};
    return IG_OK;
}

void ig_folder_close(ig_folder *folder)
{
    if (folder->fd >= 0) {
        close(folder->fd);
    }
    folder->fd = -1;
}

/** Whether nobody else can write in it: where it was made, the system may keep no modes, and in a
 *  folder that others can write to another one may stand in its place already. */
static ig_status check_private(int fd, ig_error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return ig_file_error(error, errno, "the new folder cannot be examined");
    }
    return info.st_uid == geteuid() && (info.st_mode & (S_IRWXG | S_IRWXO)) == 0
               ? IG_OK
               : ig_error_set(error, IG_ERR_IO,
                              "others can write in a folder made there: set TMPDIR to another");
}

ig_status ig_folder_scratch(ig_folder_work *work, void *context, ig_error *error)
{
    const char *given = getenv("TMPDIR"), *parent = given && given[0] ? given : "/tmp";
    char name[IG_PRIVATE_NAME];
    ig_folder folder = {-1, "the figures", false};
    int above = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    ig_status status = above < 0
                           ? ig_file_error(error, errno, "this folder cannot be opened")
                           : ig_private_make(above, "imagrid-figures-", name, &folder.fd, error);
    const bool made = !status;
    if (made) {
        status = check_private(folder.fd, error);
    }
    if (status) {
        ig_error_context(error, "%s", parent);
    } else {
        status = work(context, &folder, error);
    }
    if (made) {
        ig_private_empty(folder.fd);
        unlinkat(above, name, AT_REMOVEDIR);
    }
    ig_folder_close(&folder);
    if (above >= 0) {
        close(above);
    }
    return status;
}
