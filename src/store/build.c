/** Making the datasets of a file. */
#include <stdio.h>
#include <string.h>

#include "store/datasets.h"

/* Rows of a compressed chunk: 32 kB of doubles, small enough for a cache and large enough for zlib,
 * whose default level follows. */
enum { CHUNK = 4096, DEFLATE = 6 };

/** In its place at once and never moved, so that ranks may write without a word about metadata. The
 *  values, fill values too, are left to whoever writes the file. */
static herr_t set_contiguous(hid_t p)
{
    return H5Pset_layout(p, H5D_CONTIGUOUS) < 0 || H5Pset_alloc_time(p, H5D_ALLOC_TIME_EARLY) < 0 ||
                   H5Pset_fill_time(p, H5D_FILL_TIME_NEVER) < 0
               ? -1
               : 0;
}

static herr_t set_compressed(hid_t p, const ig_variable *v)
{
    hsize_t chunk[2] = {v->shape[0] < CHUNK ? v->shape[0] : CHUNK, v->shape[1]};
    return H5Pset_chunk(p, (int)v->n_axes, chunk) < 0 || H5Pset_shuffle(p) < 0 ||
                   H5Pset_deflate(p, DEFLATE) < 0 || H5Pset_fletcher32(p) < 0
               ? -1
               : 0;
}

/** A dimension without values is never worth a chunk. */
static bool is_compressed(const ig_datasets *list, const ig_variable *v)
{
    return list->compressed && v->role != IG_ROLE_BARE;
}

static hid_t dataset_properties(const ig_variable *v, bool compressed)
{
    unsigned char fill[8];
    hid_t p = ig_h5_properties(H5P_DATASET_CREATE);
    ig_stored_fill(v->type, fill);
    if (p >= 0 && ((compressed ? set_compressed(p, v) : set_contiguous(p)) < 0 ||
                   H5Pset_fill_value(p, ig_stored_type(v->type), fill) < 0)) {
        ig_h5_close(&p);
    }
    return p;
}

static ig_status create(hid_t location, ig_variable *v, bool compressed, hid_t *dataset,
                        ig_error *error)
{
    const char *name = ig_variable_name(v);
    hsize_t shape[2] = {v->shape[0], v->shape[1]};
    AUTO_HID space = H5Screate_simple((int)v->n_axes, shape, NULL);
    AUTO_HID properties = dataset_properties(v, compressed);
    if (space < 0 || properties < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "dataset %s", name);
    }
    *dataset = H5Dcreate2(location, name, ig_stored_type(v->type), space, H5P_DEFAULT, properties,
                          H5P_DEFAULT);
    if (*dataset < 0) {
        return ig_h5_error(error, IG_ERR_IO, "dataset %s", name);
    }
    haddr_t offset = H5Dget_offset(*dataset);
    if (offset == HADDR_UNDEF && !compressed) {
        return ig_h5_error(error, IG_ERR_IO, "dataset %s has no place in the file", name);
    }
    v->offset = offset;
    return IG_OK;
}

/** What CF asks of a flag variable. */
static ig_status describe_state(hid_t dataset, ig_error *error)
{
    const int8_t values[] = {IG_STATE_EMPTY, IG_STATE_DONE, IG_STATE_FAILED};
    TRY(ig_h5_set_numbers(dataset, "flag_values", H5T_STD_I8LE, sizeof values, values, error));
    return ig_h5_set_text(dataset, "flag_meanings", "empty done failed", error);
}

static ig_status describe(hid_t dataset, const ig_variable *v, const char *coordinates,
                          ig_error *error)
{
    bool rows = v->role == IG_ROLE_ROWS;
    const struct {
        const char *name, *text;
    } texts[] = {
        {"long_name", v->long_name},
        {"units", v->units},
        {"equation", v->equation},
        {"coordinates", rows ? coordinates : NULL},
        {"_Encoding", v->type == IG_STORED_CHAR ? "utf-8" : NULL},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].text) {
            TRY(ig_h5_set_text(dataset, texts[i].name, texts[i].text, error));
        }
    }
    unsigned char fill[8], zero[8] = {0};
    ig_stored_fill(v->type, fill);
    if (rows && memcmp(fill, zero, sizeof fill) != 0) {
        TRY(ig_h5_set_numbers(dataset, "_FillValue", ig_stored_type(v->type), 1, fill, error));
    }
    return rows && strcmp(ig_variable_name(v), IG_STORE_STATE) == 0 ? describe_state(dataset, error)
                                                                    : IG_OK;
}

static ig_status set_scale(hid_t dataset, const ig_variable *v, ig_error *error)
{
    char bare[80];
    /* netCDF-4 knows a dimension without values by this very text. */
    snprintf(bare, sizeof bare, "This is a netCDF dimension but not a netCDF variable.%10zu",
             v->shape[0]);
    return ig_h5_set_scale(dataset, v->role == IG_ROLE_BARE ? bare : ig_variable_name(v), error);
}

static ig_status build_all(hid_t location, ig_datasets *list, const char *coordinates,
                           hid_t *datasets, ig_error *error)
{
    for (size_t i = 0; i < list->n; i++) {
        ig_variable *v = &list->variables[i];
        if (v->missing) {
            continue;
        }
        TRY(create(location, v, is_compressed(list, v), &datasets[i], error));
        TRY(describe(datasets[i], v, coordinates, error));
        TRY(v->scale ? set_scale(datasets[i], v, error)
                     : ig_h5_attach_scales(datasets, list, i, error));
    }
    return IG_OK;
}

ig_status ig_h5_build(hid_t location, ig_datasets *list, const char *coordinates, ig_error *error)
{
    AUTO_FREE hid_t *datasets = NULL;
    TRY(IG_ALLOC(datasets, list->n, error));
    for (size_t i = 0; i < list->n; i++) {
        datasets[i] = H5I_INVALID_HID;
    }
    ig_status status = build_all(location, list, coordinates, datasets, error);
    for (size_t i = 0; i < list->n; i++) {
        if (ig_h5_close(&datasets[i]) < 0 && !status) {
            status =
                ig_h5_error(error, IG_ERR_IO, "dataset %s", ig_variable_name(&list->variables[i]));
        }
    }
    return status;
}

ig_status ig_h5_add_footer(hid_t file, hid_t group, hsize_t n_words, haddr_t *end, ig_error *error)
{
    AUTO_FREE uint64_t *zeros = NULL;
    TRY(IG_ALLOC(zeros, n_words, error));
    AUTO_HID properties = ig_h5_properties(H5P_DATASET_CREATE);
    AUTO_HID space = H5Screate_simple(1, &n_words, NULL);
    if (properties < 0 || space < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "dataset %s", IG_STORE_FOOTER);
    }
    if (H5Pset_layout(properties, H5D_CONTIGUOUS) < 0 ||
        H5Pset_alloc_time(properties, H5D_ALLOC_TIME_LATE) < 0) {
        return ig_h5_error(error, IG_ERR_IO, "dataset %s", IG_STORE_FOOTER);
    }
    AUTO_HID dataset = H5Dcreate2(group, IG_STORE_FOOTER, H5T_STD_U64LE, space, H5P_DEFAULT,
                                  properties, H5P_DEFAULT);
    if (dataset < 0) {
        return ig_h5_error(error, IG_ERR_IO, "dataset %s", IG_STORE_FOOTER);
    }
    TRY(ig_h5_set_scale(dataset, IG_STORE_FOOTER, error));
    TRY(ig_h5_set_text(dataset, "long_name", "places of what may change, and checksum of the rest",
                       error));
    if (H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 ||
        H5Dwrite(dataset, H5T_STD_U64LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros) < 0) {
        return ig_h5_error(error, IG_ERR_IO, "dataset %s", IG_STORE_FOOTER);
    }
    const haddr_t offset = H5Dget_offset(dataset);
    if (offset == HADDR_UNDEF) {
        return ig_h5_error(error, IG_ERR_IO, "the place of dataset %s", IG_STORE_FOOTER);
    }
    *end = offset + n_words * sizeof *zeros;
    return ig_h5_closed(&dataset, IG_STORE_FOOTER, error);
}
