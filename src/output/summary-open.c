#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/summary.h"
#include "store/file.h"
#include "store/h5.h"
#include "store/seal.h"

static ig_status check_seal(const char *path, ig_error *error)
{
    /* O_NONBLOCK: a FIFO of that name must not hang us. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return ig_file_error(error, errno, "cannot be opened");
    }
    ig_status status = ig_seal_check(fd, error);
    close(fd);
    return status;
}

static ig_status check_kind(hid_t file, ig_error *error)
{
    char *kind = NULL;
    ig_error ignored = {0};
    ig_status status = ig_h5_get_text(file, "kind", &kind, &ignored);
    if (status == IG_ERR_MEMORY) {
        *error = ignored;
    } else if (status || strcmp(kind, IG_SUMMARY_KIND) != 0) {
        status = H5Aexists(file, "config_hash") > 0
                     ? ig_error_set(error, IG_ERR_FORMAT,
                                    "is a result file: make a summary of it with imagrid-merge -o")
                     : ig_error_set(error, IG_ERR_FORMAT, "is no summary of imagrid-merge");
    }
    free(kind);
    return status;
}

ig_status ig_summary_open(const char *path, hid_t *file, ig_error *error)
{
    ig_status status = check_seal(path, error);
    if (status) {
        return status;
    }
    hid_t access = ig_h5_access();
    hid_t opened = access < 0 ? -1 : H5Fopen(path, H5F_ACC_RDONLY, access);
    status = opened < 0 ? ig_h5_error(error, IG_ERR_FORMAT, "cannot be opened")
                        : check_kind(opened, error);
    if (access >= 0) {
        H5Pclose(access);
    }
    if (status && opened >= 0) {
        H5Fclose(opened);
    } else if (!status) {
        *file = opened;
    }
    return status;
}
