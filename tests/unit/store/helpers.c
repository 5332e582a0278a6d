#include "helpers.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/datasets.h"
#include "store/internal.h"

int scratch_make(char folder[TEST_PATH])
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, TEST_PATH, "%s/imagrid-test-XXXXXX", base && *base ? base : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

const char *scratch_path(const char *folder, const char *name, char path[TEST_PATH])
{
    int n = snprintf(path, TEST_PATH, "%s/%s", folder, name);
    return n < TEST_PATH ? path : NULL;
}

/** Call unlink (or rmdir) on every entry, or only count them. */
static int walk(const char *folder, bool remove_them)
{
    int n = 0;
    DIR *entries = opendir(folder);
    if (!entries) {
        return -1;
    }
    for (struct dirent *e = readdir(entries); e; e = readdir(entries)) {
        char path[TEST_PATH];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        n++;
        if (remove_them && scratch_path(folder, e->d_name, path) && remove(path) != 0) {
            perror(path);
        }
    }
    closedir(entries);
    return n;
}

int scratch_count(const char *folder)
{
    return walk(folder, false);
}

void scratch_remove(const char *folder)
{
    walk(folder, true);
    rmdir(folder);
}

unsigned char *file_load(const char *path, size_t *size)
{
    unsigned char *bytes = NULL;
    FILE *file = fopen(path, "rb");
    long length = -1;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        length = ftell(file);
    }
    if (length >= 0 && (bytes = malloc((size_t)length + 1))) {
        rewind(file);
        *size = fread(bytes, 1, (size_t)length, file);
    }
    if (file) {
        fclose(file);
    }
    return bytes;
}

int file_save(const char *path, const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file) {
        return -1;
    }
    size_t put = fwrite(bytes, 1, size, file);
    return fclose(file) == 0 && put == size ? 0 : -1;
}

ig_status put_row(ig_store *store, size_t task, int8_t state, const char *reason, ig_error *error)
{
    const ig_layout *layout = ig_store_layout(store);
    char failure[IG_ROW_ERROR];
    ig_row row = {layout, malloc(layout->row_size)};
    ig_status status = IG_OK;
    if (!row.bytes) {
        return IG_ERR_MEMORY;
    }
    test_compute(&row, task);
    if (state == IG_STATE_FAILED) {
        ig_row_clear(&row);
    }
    ig_stored_text(reason, strlen(reason), failure, sizeof failure);
    for (size_t c = 0; c < layout->n_columns && !status; c++) {
        status = ig_store_write_rows(store, ig_store_variable(store, layout->columns[c].name), task,
                                     1, row.bytes + layout->offsets[c], error);
    }
    uint32_t crc = ig_row_crc(layout, task, row.bytes, state, failure);
    const struct {
        const char *name;
        const void *bytes;
    } books[] = {{IG_STORE_FAILURE, failure}, {IG_STORE_CRC, &crc}, {IG_STORE_STATE, &state}};
    for (size_t i = 0; i < sizeof books / sizeof *books && !status; i++) {
        status = ig_store_write_rows(store, ig_store_variable(store, books[i].name), task, 1,
                                     books[i].bytes, error);
    }
    free(row.bytes);
    return status;
}

bool make_file(const char *path, const fixture *f)
{
    ig_error error = {0};
    ig_store *store = NULL;
    ig_status status =
        ig_store_create(path, f->experiment, f->grid, f->layout, &test_provenance, &error);
    if (!status) {
        status = ig_store_open(ig_experiments(), path, true, &store, &error);
    }
    for (size_t t = 0; !status && t < ig_grid_n_tasks(f->grid); t++) {
        if (t % 5 != 4) {
            bool failed = t % 7 == 6;
            status = put_row(store, t, failed ? IG_STATE_FAILED : IG_STATE_DONE,
                             failed ? "diverged" : "", &error);
        }
    }
    ig_store_close(&store);
    if (status) {
        fprintf(stderr, "make_file: %s\n", error.text);
    }
    return status == IG_OK;
}
