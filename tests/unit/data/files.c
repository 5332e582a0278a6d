#include "files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

char *path;

const size_t lengths[EPISODES] = {3, 2, 1};
const double states[N * D] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
const double next_states[N * D] = {2, 3, 4, 5, 20, 21, 8, 9, 22, 23, 24, 25};
const double actions[N] = {-1.5, 0, 0.5, 1, -1, 2};
const double rewards[N] = {10, 11, 12, 13, 14, 15};
const double terminals[N] = {0, 0, 1, 0, 0, 0};
const double timeouts[N] = {0, 0, 0, 0, 1, 0};

int make_path(void **state)
{
    (void)state;
    path = strdup("/tmp/imagrid-data-XXXXXX");
    const int fd = path ? mkstemp(path) : -1;
    return fd < 0 || close(fd);
}

int remove_path(void **state)
{
    (void)state;
    const int status = unlink(path);
    free(path);
    return status;
}

hid_t make_file(void)
{
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

void close_file(hid_t file)
{
    assert_true(H5Fclose(file) >= 0);
}

static void create(hid_t file, const char *name, hid_t type, size_t rows, size_t columns,
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
    const hid_t set = H5Dcreate2(file, name, type, space, links, creation, H5P_DEFAULT);
    assert_true(set >= 0);
    assert_true(rows == 0 ||
                H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(links);
    H5Pclose(creation);
}

void put(hid_t file, const char *name, hid_t type, size_t rows, size_t columns,
         const double *values)
{
    create(file, name, type, rows, columns, 0, values);
}

void put_packed(hid_t file, const char *name, hid_t type, size_t rows, size_t columns, size_t chunk,
                const double *values)
{
    create(file, name, type, rows, columns, chunk, values);
}

void put_attribute(hid_t file, const char *name, const char *attribute, int value)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t made = H5Acreate_by_name(file, name, attribute, H5T_STD_I32LE, space, H5P_DEFAULT,
                                         H5P_DEFAULT, H5P_DEFAULT);
    assert_true(made >= 0 && H5Awrite(made, H5T_NATIVE_INT, &value) >= 0);
    H5Aclose(made);
    H5Sclose(space);
}

void put_texts(hid_t file, const char *name, size_t n, const char (*texts)[8])
{
    const hsize_t shape = n;
    const hid_t space = H5Screate_simple(1, &shape, NULL), type = H5Tcopy(H5T_C_S1);
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    assert_true(H5Pset_create_intermediate_group(links, 1) >= 0 && H5Tset_size(type, 8) >= 0);
    const hid_t set = H5Dcreate2(file, name, type, space, links, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) >= 0);
    H5Dclose(set);
    H5Tclose(type);
    H5Sclose(space);
    H5Pclose(links);
}

void put_d4rl(hid_t file, bool next)
{
    put(file, "observations", H5T_IEEE_F32LE, N, D, states);
    put(file, "actions", H5T_IEEE_F32LE, N, 1, actions);
    put(file, "rewards", H5T_IEEE_F32LE, N, 0, rewards);
    put(file, "terminals", H5T_STD_U8LE, N, 1, terminals);
    put(file, "timeouts", H5T_STD_U8LE, N, 0, timeouts);
    if (next) {
        put(file, "next_observations", H5T_IEEE_F32LE, N, D, next_states);
    }
}

static void put_part(hid_t file, const char *group, const char *name, size_t rows, size_t columns,
                     const double *values)
{
    char full[64];
    snprintf(full, sizeof full, "%s/%s", group, name);
    put(file, full, H5T_IEEE_F64LE, rows, columns, values);
}

void put_minari(hid_t file)
{
    for (size_t e = 0, at = 0; e < EPISODES; at += lengths[e++]) {
        char group[32];
        double observations[(N + 1) * D];
        memcpy(observations, states + at * D, lengths[e] * D * sizeof *states);
        memcpy(observations + lengths[e] * D, next_states + (at + lengths[e] - 1) * D,
               D * sizeof *states);
        /* Not in the order of the alphabet: 9, 10, 11. */
        snprintf(group, sizeof group, "episode_%zu", 9 + e);
        put_part(file, group, "observations", lengths[e] + 1, D, observations);
        put_part(file, group, "actions", lengths[e], 1, actions + at);
        put_part(file, group, "rewards", lengths[e], 0, rewards + at);
        put_part(file, group, "terminations", lengths[e], 0, terminals + at);
        put_part(file, group, "truncations", lengths[e], 1, timeouts + at);
    }
}

/** Column c of n states. */
static const double *column(const double *of, size_t n, size_t c, double values[N])
{
    for (size_t i = 0; i < n; i++) {
        values[i] = of[i * D + c];
    }
    return values;
}

void put_robomimic(hid_t file, bool next)
{
    for (size_t e = 0, at = 0; e < EPISODES; at += lengths[e++]) {
        char group[32];
        double values[N];
        const size_t n = lengths[e];
        snprintf(group, sizeof group, "data/demo_%zu", 9 + e);
        for (size_t c = 0; c < D; c++) {
            const char *const keys[2][D] = {{"obs/a", "obs/b"}, {"next_obs/a", "next_obs/b"}};
            put_part(file, group, keys[0][c], n, c, column(states + at * D, n, c, values));
            if (next) {
                put_part(file, group, keys[1][c], n, c, column(next_states + at * D, n, c, values));
            }
        }
        put_part(file, group, "actions", n, 1, actions + at);
        put_part(file, group, "rewards", n, 0, rewards + at);
        put_part(file, group, "dones", n, 0, terminals + at);
        put_attribute(file, group, "num_samples", (int)n);
    }
}

ig_data_block *load(const ig_data_options *options, ig_data **data)
{
    ig_error error = {0};
    if (ig_data_open(path, options, data, &error)) {
        fail_msg("%s", error.text);
    }
    const size_t bytes = ig_data_bytes(*data);
    void *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    if (ig_data_load(*data, memory, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(((ig_data_block *)memory)->bytes, bytes);
    return memory;
}
