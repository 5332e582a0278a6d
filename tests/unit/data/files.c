#include "files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

hid_t make_file(const char *path)
{
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

void close_file(hid_t file)
{
    assert_true(H5Fclose(file) >= 0);
}

static void create(hid_t file, const char *path, hid_t type, size_t rows, size_t columns,
                   size_t chunk, const double *values)
{
    const hsize_t shape[2] = {rows, columns}, chunks[2] = {chunk, columns};
    const int rank = columns ? 2 : 1;
    const hid_t space = H5Screate_simple(rank, shape, NULL);
    const hid_t links = H5Pcreate(H5P_LINK_CREATE), creation = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_create_intermediate_group(links, 1) >= 0);
    if (chunk) {
        assert_true(H5Pset_chunk(creation, rank, chunks) >= 0);
        assert_true(H5Pset_shuffle(creation) >= 0 && H5Pset_deflate(creation, 4) >= 0);
    }
    const hid_t set = H5Dcreate2(file, path, type, space, links, creation, H5P_DEFAULT);
    assert_true(set >= 0);
    assert_true(rows == 0 ||
                H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(links);
    H5Pclose(creation);
}

void put(hid_t file, const char *path, hid_t type, size_t rows, size_t columns,
         const double *values)
{
    create(file, path, type, rows, columns, 0, values);
}

void put_packed(hid_t file, const char *path, hid_t type, size_t rows, size_t columns, size_t chunk,
                const double *values)
{
    create(file, path, type, rows, columns, chunk, values);
}
