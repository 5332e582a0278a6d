#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/try.h"
#include "output/output.h"
#include "store/file.h"
#include "store/h5.h"

/* What a dataset of a summary has at most: a damaged length must not ask for all memory. */
enum { ROWS_MAX = 100000000, WIDTH_MAX = 100000 };

struct ig_summary_file {
    hid_t file;
    ig_h5_report muted; /**< how HDF5 reported before */
};

static ig_status check_checksum(const char *path, ig_error *error)
{
    /* O_NONBLOCK: a FIFO of that name must not hang us. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return ig_file_error(error, errno, "cannot be opened");
    }
    const ig_status status = ig_footer_check(fd, error);
    close(fd);
    return status;
}

static ig_status check_kind(hid_t file, ig_error *error)
{
    AUTO_FREE char *kind = NULL;
    ig_error ignored = {0};
    const ig_status status = ig_h5_get_text(file, "kind", &kind, &ignored);
    if (status == IG_ERR_MEMORY) {
        return ig_error_set(error, status, "%s", ignored.text);
    }
    if (!status && strcmp(kind, IG_SUMMARY_KIND) == 0) {
        return IG_OK;
    }
    return H5Aexists(file, "config_hash") > 0
               ? ig_error_set(error, IG_ERR_FORMAT,
                              "is a result file: make a summary of it with imagrid merge -o")
               : ig_error_set(error, IG_ERR_FORMAT, "is not a summary of imagrid merge");
}

ig_status ig_summary_open(const char *path, ig_summary_file **file, ig_error *error)
{
    AUTO(ig_summary_close) ig_summary_file *f = NULL;
    TRY(check_checksum(path, error));
    TRY(IG_ALLOC(f, 1, error));
    *f = (ig_summary_file){.file = -1, .muted = ig_h5_mute()};
    AUTO_HID access = ig_h5_access();
    f->file = access < 0 ? -1 : H5Fopen(path, H5F_ACC_RDONLY, access);
    if (f->file < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "cannot be opened");
    }
    TRY(check_kind(f->file, error));
    *file = ig_take(&f);
    return IG_OK;
}

void ig_summary_close(ig_summary_file **file)
{
    ig_summary_file *f = *file;
    if (!f) {
        return;
    }
    ig_h5_close(&f->file);
    ig_h5_restore(f->muted);
    free(f);
    *file = NULL;
}

ig_status ig_summary_has(const ig_summary_file *file, const char *name, bool *there,
                         ig_error *error)
{
    const htri_t found = H5Lexists(file->file, name, H5P_DEFAULT);
    *there = found > 0;
    return found < 0 ? ig_h5_error(error, IG_ERR_FORMAT, "cannot look for %s", name) : IG_OK;
}

bool ig_summary_has_fact(const ig_summary_file *file, const char *name)
{
    return H5Aexists(file->file, name) > 0;
}

ig_status ig_summary_fact(const ig_summary_file *file, const char *name, char **text,
                          ig_error *error)
{
    return ig_h5_get_text(file->file, name, text, error);
}

/** Open a dataset of `rank` axes, whose first is `n` unless that is 0; lengths of both. The
 *  caller closes it, also after an error. */
static ig_status open_dataset(const ig_summary_file *file, const char *name, int rank, size_t n,
                              hid_t *dataset, hsize_t shape[2], ig_error *error)
{
    *dataset = ig_h5_open_dataset(file->file, name);
    AUTO_HID space = *dataset < 0 ? -1 : H5Dget_space(*dataset);
    shape[1] = 1;
    const bool read = space >= 0 && H5Sget_simple_extent_ndims(space) == rank &&
                      H5Sget_simple_extent_dims(space, shape, NULL) == rank;
    if (!read || shape[0] == 0 || shape[0] >= ROWS_MAX || shape[1] == 0 || shape[1] >= WIDTH_MAX ||
        (n && shape[0] != n)) {
        return ig_error_set(error, IG_ERR_FORMAT, "has no column %s as a summary has it", name);
    }
    return IG_OK;
}

ig_status ig_summary_numbers(const ig_summary_file *file, const char *name, size_t *n,
                             double **numbers, ig_error *error)
{
    hsize_t shape[2] = {0, 0};
    AUTO_FREE double *read = NULL;
    AUTO_HID dataset = -1;
    TRY(open_dataset(file, name, 1, *n, &dataset, shape, error));
    TRY(IG_ALLOC(read, (size_t)shape[0], error));
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, read) < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "column %s is damaged", name);
    }
    *n = (size_t)shape[0];
    *numbers = ig_take(&read);
    return IG_OK;
}

ig_status ig_summary_texts(const ig_summary_file *file, const char *name, size_t *n, size_t *width,
                           char **texts, ig_error *error)
{
    hsize_t shape[2] = {0, 0};
    AUTO_FREE char *packed = NULL, *read = NULL;
    AUTO_HID dataset = -1;
    TRY(open_dataset(file, name, 2, *n, &dataset, shape, error));
    const size_t rows = (size_t)shape[0], length = (size_t)shape[1];
    TRY(IG_ALLOC(packed, rows * (length + 1), error));
    TRY(IG_ALLOC(read, rows * (length + 1), error));
    if (H5Dread(dataset, ig_stored_type(IG_STORED_CHAR), H5S_ALL, H5S_ALL, H5P_DEFAULT, packed) <
        0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "column %s is damaged", name);
    }
    for (size_t i = 0; i < rows; i++) {
        memcpy(read + i * (length + 1), packed + i * length, length);
    }
    *n = rows;
    *width = length + 1;
    *texts = ig_take(&read);
    return IG_OK;
}
