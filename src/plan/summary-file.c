#include "plan/summary-file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "output/summary.h"
#include "store/h5.h"

/** Lengths of both axes; false where the rank is another. */
static bool shape_of(hid_t dataset, int rank, hsize_t shape[2])
{
    hid_t space = H5Dget_space(dataset);
    bool ok = space >= 0 && H5Sget_simple_extent_ndims(space) == rank &&
              H5Sget_simple_extent_dims(space, shape, NULL) == rank;
    if (space >= 0) {
        H5Sclose(space);
    }
    return ok && shape[0] > 0 && shape[0] < 100000000 && (rank == 1 || shape[1] < 100000);
}

ig_status ig_summary_numbers(hid_t file, const char *name, size_t *n, double **numbers,
                             ig_error *error)
{
    hsize_t shape[2] = {0, 0};
    ig_status status = IG_OK;
    double *read = NULL;
    hid_t dataset = ig_h5_open_dataset(file, name);
    if (dataset < 0 || !shape_of(dataset, 1, shape) || (*n && shape[0] != *n)) {
        status = ig_error_set(error, IG_ERR_FORMAT, "has no column %s as a summary has it", name);
        goto done;
    }
    read = calloc((size_t)shape[0], sizeof *read);
    if (!read) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for column %s", name);
        goto done;
    }
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, read) < 0) {
        status = ig_h5_error(error, IG_ERR_FORMAT, "column %s is damaged", name);
        goto done;
    }
    *n = (size_t)shape[0];
    *numbers = read;
    read = NULL;
done:
    free(read);
    if (dataset >= 0) {
        H5Dclose(dataset);
    }
    return status;
}

ig_status ig_summary_texts(hid_t file, const char *name, size_t *n, size_t *width, char **texts,
                           ig_error *error)
{
    hsize_t shape[2] = {0, 0};
    ig_status status = IG_OK;
    char *packed = NULL, *read = NULL;
    hid_t dataset = ig_h5_open_dataset(file, name);
    if (dataset < 0 || !shape_of(dataset, 2, shape) || (*n && shape[0] != *n)) {
        status = ig_error_set(error, IG_ERR_FORMAT, "has no column %s as a summary has it", name);
        goto done;
    }
    size_t rows = (size_t)shape[0], length = (size_t)shape[1];
    packed = calloc(rows, length + 1);
    read = calloc(rows, length + 1);
    if (!packed || !read) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for column %s", name);
        goto done;
    }
    if (H5Dread(dataset, ig_stored_type(IG_STORED_CHAR), H5S_ALL, H5S_ALL, H5P_DEFAULT, packed) <
        0) {
        status = ig_h5_error(error, IG_ERR_FORMAT, "column %s is damaged", name);
        goto done;
    }
    for (size_t i = 0; i < rows; i++) {
        memcpy(read + i * (length + 1), packed + i * length, length);
    }
    *n = rows;
    *width = length + 1;
    *texts = read;
    read = NULL;
done:
    free(packed);
    free(read);
    if (dataset >= 0) {
        H5Dclose(dataset);
    }
    return status;
}
