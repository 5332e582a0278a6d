#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/try.h"
#include "h5/guard.h"
#include "output/output.h"
#include "store/datasets.h"
#include "store/file.h"

/* The walk that tells each object's kind as H5O_info_t, by HDF5's version. */
#if H5_VERSION_GE(1, 12, 0)
#define visit_objects H5Ovisit3
#else
#define visit_objects H5Ovisit2
#endif

/* What a dataset of a summary has at most: a damaged length must not ask for all memory. */
enum { ROWS_MAX = 100000000, WIDTH_MAX = 100000, VALUES_MAX = 1000000000 };

struct ig_summary_file {
    hid_t file;
    ig_h5_report muted; /**< how HDF5 reported before */
};

static ig_status check_checksum(const char *path, bool *right, ig_error *error)
{
    /* O_NONBLOCK: a FIFO of that name must not hang us. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return ig_file_error(error, errno, "cannot be opened");
    }
    const ig_status status = ig_footer_check(fd, right, error);
    close(fd);
    return status;
}

static ig_status check_kind(hid_t file, ig_error *error)
{
    AUTO_FREE char *kind = NULL;
    const htri_t has_kind = H5Aexists(file, "kind"), has_rows = H5Aexists(file, "row_columns");
    if (has_kind < 0 || has_rows < 0) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "damaged: the attributes of its root group cannot be read");
    }
    if (has_rows > 0) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "is a result file: make a summary of it with imagrid merge -o");
    }
    TRY(has_kind ? ig_h5_get_text(file, "kind", &kind, error) : IG_OK);
    return kind && strcmp(kind, IG_SUMMARY_KIND) == 0
               ? IG_OK
               : ig_error_set(error, IG_ERR_FORMAT,
                              "is an HDF5 file of another program, no summary of imagrid merge");
}

/** Where the reading of datasets stopped. */
typedef struct fault {
    char name[IG_QUOTE_TEXT];
    bool edited; /**< it can be read, but its checksum is wrong */
} fault;

/** Whether a dataset has no checksum of imagrid's, or these values have it. */
static bool holds_checksum(hid_t dataset, const void *values, size_t size)
{
    AUTO_FREE char *noted = NULL;
    char checksum[IG_CHECKSUM_TEXT];
    const htri_t there = H5Aexists(dataset, IG_CHECKSUM);
    return there == 0 ||
           (there > 0 && ig_h5_get_text(dataset, IG_CHECKSUM, &noted, NULL) == IG_OK &&
            strcmp(noted, ig_checksum_text(values, size, checksum)) == 0);
}

/** Read a dataset and check that its checksums are right: HDF5's and imagrid's. */
static herr_t read_one(hid_t root, const char *name, const H5O_info_t *info, void *found)
{
    fault *f = found;
    if (info->type != H5O_TYPE_DATASET) {
        return 0;
    }
    ig_guard_step(0);
    ig_text_quote(name, f->name);
    AUTO_HID dataset = ig_h5_open_dataset(root, name);
    AUTO_HID type = dataset < 0 ? -1 : H5Dget_type(dataset);
    AUTO_HID space = dataset < 0 ? -1 : H5Dget_space(dataset);
    const hssize_t n = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    const size_t size = type < 0 ? 0 : H5Tget_size(type);
    AUTO_FREE char *values = NULL;
    if (dataset < 0 || n < 0 || n > VALUES_MAX || size == 0 || size > WIDTH_MAX ||
        IG_ALLOC(values, (size_t)n * size + 1, NULL) ||
        H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
        return -1;
    }
    f->edited = !holds_checksum(dataset, values, (size_t)n * size);
    return f->edited ? -1 : 0;
}

/** Read all of a file whose footer is not right, for the summary that it must be. */
static ig_status read_all(void *path, ig_error *error)
{
    fault f = {"", false};
    AUTO_HID access = ig_h5_access();
    AUTO_HID file = access < 0 ? -1 : H5Fopen(path, H5F_ACC_RDONLY, access);
    if (file < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "damaged: HDF5 cannot open it");
    }
    TRY(check_kind(file, error));
    if (visit_objects(file, H5_INDEX_NAME, H5_ITER_NATIVE, read_one, &f, H5O_INFO_BASIC) < 0) {
        return f.edited ? ig_error_set(error, IG_ERR_FORMAT,
                                       "damaged: %s was edited by another program, or damaged (its "
                                       "checksum is wrong)",
                                       f.name)
                        : ig_error_set(error, IG_ERR_FORMAT, "damaged: %s cannot be read",
                                       f.name[0] ? f.name : "its list of datasets");
    }
    return IG_OK;
}

static ig_status open_checked(const char *path, ig_summary_file **file, ig_error *error)
{
    AUTO(ig_summary_close) ig_summary_file *f = NULL;
    AUTO_FREE char *name = ig_strdup(path, error);
    bool right = false;
    if (!name) {
        return IG_ERR_MEMORY;
    }
    TRY(check_checksum(path, &right, error));
    TRY(IG_ALLOC(f, 1, error));
    *f = (ig_summary_file){.file = -1, .muted = ig_h5_mute()};
    TRY(right ? IG_OK : ig_guarded(read_all, name, error));
    AUTO_HID access = ig_h5_access();
    f->file = access < 0 ? -1 : H5Fopen(path, H5F_ACC_RDONLY, access);
    if (f->file < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "cannot be opened");
    }
    TRY(check_kind(f->file, error));
    *file = ig_take(&f);
    return IG_OK;
}

ig_status ig_summary_open(const char *path, ig_summary_file **file, ig_error *error)
{
    ig_error cause = {0};
    const ig_status status = open_checked(path, file, &cause);
    return status ? ig_error_set(error, status, "%s%s", cause.text,
                                 strncmp(cause.text, "damaged", strlen("damaged")) == 0
                                     ? ": make it again with imagrid merge -o"
                                     : "")
                  : IG_OK;
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
