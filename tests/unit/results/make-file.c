#include "make-file.h"

#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <hdf5.h>

/** A file in the making. */
typedef struct maker {
    ig_config *config;
    ig_grid *grid;
    ig_layout *layout;
    size_t n_tasks;
    unsigned char *bytes; /**< n_tasks rows */
    made_row *rows;
    uint32_t *crc;
    char (*failure)[IG_ROW_ERROR];
} maker;

static void configure(maker *m, const char *yaml)
{
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    ig_error error = {0};
    assert_non_null(diagnostics);
    ig_status status = ig_experiment_configure(ig_experiments(), yaml, strlen(yaml), "test.yaml",
                                               &m->config, diagnostics);
    if (status) {
        ig_diagnostics_print(diagnostics, stderr);
    }
    assert_int_equal(status, IG_OK);
    ig_diagnostics_destroy(&diagnostics);
    const ig_experiment *e = ig_experiment_of(m->config);
    assert_int_equal(ig_grid_create(m->config, &m->grid, &error), IG_OK);
    assert_int_equal(ig_layout_create(e->columns, e->n_columns, e->dimensions, e->n_dimensions,
                                      m->config, &m->layout, &error),
                     IG_OK);
    m->n_tasks = ig_grid_n_tasks(m->grid);
}

static void allocate(maker *m)
{
    m->bytes = calloc(m->n_tasks, m->layout->row_size);
    m->rows = calloc(m->n_tasks, sizeof *m->rows);
    m->crc = calloc(m->n_tasks, sizeof *m->crc);
    m->failure = calloc(m->n_tasks, sizeof *m->failure);
    assert_true(m->bytes && m->rows && m->crc && m->failure);
}

static void seal(maker *m, size_t t, made_row made)
{
    const unsigned char *bytes = m->bytes + t * m->layout->row_size;
    if (made.failure) {
        memcpy(m->failure[t], made.failure, strlen(made.failure));
    }
    m->rows[t] = made;
    m->crc[t] = ig_row_crc(m->layout, t, bytes, made.state, m->failure[t]) + made.damaged;
}

static void fill(maker *m, made_row (*row)(size_t task, void *context), void *context)
{
    allocate(m);
    for (size_t t = 0; t < m->n_tasks; t++) {
        ig_row r = {m->layout, m->bytes + t * m->layout->row_size};
        made_row made = row(t, context);
        ig_row_clear(&r);
        if (made.state == IG_STATE_DONE) {
            ig_row_set(&r, "dynamics_mse", made.dynamics);
            ig_row_set(&r, "reward_mse", made.reward);
            ig_row_set(&r, "dynamics_train_mse", made.dynamics);
            ig_row_set(&r, "reward_train_mse", made.reward);
        }
        seal(m, t, made);
    }
}

static void fill_any(maker *m, int8_t (*set)(size_t task, const ig_row *row, void *context),
                     void *context)
{
    allocate(m);
    for (size_t t = 0; t < m->n_tasks; t++) {
        ig_row r = {m->layout, m->bytes + t * m->layout->row_size};
        ig_row_clear(&r);
        for (size_t c = 0; c < m->layout->n_columns; c++) {
            if (!m->layout->columns[c].dimension) {
                ig_row_set(&r, m->layout->columns[c].name, 0);
            }
        }
        seal(m, t, (made_row){.state = set(t, &r, context), .seconds = 1});
    }
}

/** Write a whole dataset from `data`, whose rows are `stride` bytes apart, `width` bytes each. */
static void put(const maker *m, hid_t file, const char *name, hid_t type, const void *data,
                size_t stride, size_t width)
{
    unsigned char *packed = malloc(m->n_tasks * width);
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    assert_non_null(packed);
    assert_true(dataset >= 0);
    for (size_t t = 0; t < m->n_tasks; t++) {
        memcpy(packed + t * width, (const unsigned char *)data + t * stride, width);
    }
    hid_t own = H5Dget_type(dataset);
    assert_true(H5Dwrite(dataset, type < 0 ? own : type, H5S_ALL, H5S_ALL, H5P_DEFAULT, packed) >=
                0);
    H5Tclose(own);
    H5Dclose(dataset);
    free(packed);
}

static void write_rows(const maker *m, const char *path)
{
    static const hid_t of_file = -1;
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    for (size_t c = 0; c < m->layout->n_columns; c++) {
        const ig_column *column = &m->layout->columns[c];
        put(m, file, column->name, of_file, m->bytes + m->layout->offsets[c], m->layout->row_size,
            m->layout->counts[c] * ig_type_size(column->type));
    }
    put(m, file, IG_STORE_STATE, H5T_NATIVE_INT8, &m->rows[0].state, sizeof *m->rows, 1);
    put(m, file, IG_STORE_SECONDS, H5T_NATIVE_DOUBLE, &m->rows[0].seconds, sizeof *m->rows,
        sizeof(double));
    put(m, file, IG_STORE_CRC, H5T_NATIVE_UINT32, m->crc, sizeof *m->crc, sizeof *m->crc);
    put(m, file, IG_STORE_FAILURE, of_file, m->failure, sizeof *m->failure, sizeof *m->failure);
    assert_true(H5Fclose(file) >= 0);
}

static void finish(maker *m, const char *path)
{
    static const ig_provenance provenance = {
        .version = "0", .revision = "test", .compiler = "test", .isa = "portable"};
    ig_error error = {0};
    if (ig_store_create(path, ig_experiment_of(m->config), m->grid, m->layout, &provenance,
                        &error)) {
        fail_msg("%s", error.text);
    }
    write_rows(m, path);
    free(m->bytes);
    free(m->rows);
    free(m->crc);
    free(m->failure);
    ig_layout_destroy(&m->layout);
    ig_grid_destroy(&m->grid);
    ig_config_destroy(&m->config);
}

void make_file(const char *path, const char *yaml, made_row (*row)(size_t task, void *context),
               void *context)
{
    maker m = {0};
    configure(&m, yaml);
    fill(&m, row, context);
    finish(&m, path);
}

void make_any_file(const char *path, const char *yaml,
                   int8_t (*set)(size_t task, const ig_row *row, void *context), void *context)
{
    maker m = {0};
    configure(&m, yaml);
    fill_any(&m, set, context);
    finish(&m, path);
}

char *folder;

int enter_folder(void **state)
{
    (void)state;
    const char *parent = getenv("TMPDIR");
    assert_true(asprintf(&folder, "%s/imagrid-test-XXXXXX", parent ? parent : "/tmp") > 0);
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

int leave_folder(void **state)
{
    (void)state;
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(folder);
    folder = NULL;
    return 0;
}

char *read_file(const char *where, const char *name, size_t *size)
{
    char *path = NULL, *bytes = NULL;
    assert_true(asprintf(&path, "%s/%s", where, name) > 0);
    FILE *file = fopen(path, "r");
    if (!file) {
        fail_msg("%s is missing", path);
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long length = ftell(file);
    rewind(file);
    assert_true(length >= 0);
    bytes = calloc((size_t)length + 1, 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)length, file), (size_t)length);
    fclose(file);
    free(path);
    *size = (size_t)length;
    return bytes;
}

void limit_files(long bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < 0 ? limit.rlim_max : (rlim_t)bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}
