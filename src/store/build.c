#include "store/build.h"

#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/h5.h"

/* Attributes and links up to these numbers stay in the object header: two kinds of B-trees and a
 * heap less that a damaged disk or another program's reader could stumble over. */
enum { COMPACT_LINKS = 4096, COMPACT_ATTRIBUTES = 128 };

enum { CHUNK = 4096, DEFLATE = 6 }; /* rows of a compressed chunk; zlib's level */

hid_t ig_build_properties(hid_t class)
{
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t p = H5Pcreate(class);
    if (p < 0) {
        return -1;
    }
    if (H5Pset_obj_track_times(p, false) < 0 || H5Pset_attr_creation_order(p, order) < 0 ||
        H5Pset_attr_phase_change(p, COMPACT_ATTRIBUTES, COMPACT_ATTRIBUTES) < 0 ||
        (class != H5P_DATASET_CREATE &&
         (H5Pset_link_creation_order(p, order) < 0 ||
          H5Pset_link_phase_change(p, COMPACT_LINKS, COMPACT_LINKS) < 0))) {
        H5Pclose(p);
        return -1;
    }
    return p;
}

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
static bool is_compressed(const ig_plan *plan, const ig_variable *v)
{
    return plan->compressed && v->role != IG_ROLE_BARE;
}

static hid_t dataset_properties(const ig_variable *v, bool compressed)
{
    unsigned char fill[8];
    hid_t p = ig_build_properties(H5P_DATASET_CREATE);
    ig_stored_fill(v->type, fill);
    if (p >= 0 && ((compressed ? set_compressed(p, v) : set_contiguous(p)) < 0 ||
                   H5Pset_fill_value(p, ig_stored_type(v->type), fill) < 0)) {
        H5Pclose(p);
        return -1;
    }
    return p;
}

static ig_status create(hid_t location, ig_variable *v, bool compressed, hid_t *dataset,
                        ig_error *error)
{
    const char *name = ig_variable_name(v);
    hsize_t shape[2] = {v->shape[0], v->shape[1]};
    ig_status status = IG_OK;
    hid_t made = -1, space = H5Screate_simple((int)v->n_axes, shape, NULL),
          properties = dataset_properties(v, compressed);
    if (space < 0 || properties < 0) {
        status = ig_h5_error(error, IG_ERR_MEMORY, "dataset %s", name);
        goto done;
    }
    made = H5Dcreate2(location, name, ig_stored_type(v->type), space, H5P_DEFAULT, properties,
                      H5P_DEFAULT);
    if (made < 0) {
        status = ig_h5_error(error, IG_ERR_IO, "dataset %s", name);
        goto done;
    }
    haddr_t offset = H5Dget_offset(made);
    if (offset == HADDR_UNDEF && !compressed) {
        status = ig_h5_error(error, IG_ERR_IO, "dataset %s has no place in the file", name);
        H5Dclose(made);
        goto done;
    }
    v->offset = offset;
    *dataset = made;
done:
    if (properties >= 0) {
        H5Pclose(properties);
    }
    if (space >= 0) {
        H5Sclose(space);
    }
    return status;
}

/** What CF asks of a flag variable. */
static ig_status describe_state(hid_t dataset, ig_error *error)
{
    const int8_t values[] = {IG_STATE_EMPTY, IG_STATE_DONE, IG_STATE_FAILED};
    ig_status status =
        ig_h5_set_numbers(dataset, "flag_values", H5T_STD_I8LE, sizeof values, values, error);
    return status ? status : ig_h5_set_text(dataset, "flag_meanings", "empty done failed", error);
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
    ig_status status = IG_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !status; i++) {
        if (texts[i].text) {
            status = ig_h5_set_text(dataset, texts[i].name, texts[i].text, error);
        }
    }
    unsigned char fill[8], zero[8] = {0};
    ig_stored_fill(v->type, fill);
    if (!status && rows && memcmp(fill, zero, sizeof fill) != 0) {
        status = ig_h5_set_numbers(dataset, "_FillValue", ig_stored_type(v->type), 1, fill, error);
    }
    if (!status && rows && strcmp(ig_variable_name(v), IG_STORE_STATE) == 0) {
        status = describe_state(dataset, error);
    }
    return status;
}

/** Make a scale of a dimension, or tie a variable to its dimensions' scales. */
static ig_status scale(const hid_t *datasets, const ig_plan *plan, size_t i, ig_error *error)
{
    const ig_variable *v = &plan->variables[i];
    char bare[80];
    if (v->scale) {
        /* netCDF-4 knows a dimension without values by this very text. */
        snprintf(bare, sizeof bare, "This is a netCDF dimension but not a netCDF variable.%10zu",
                 v->shape[0]);
        const char *name = v->role == IG_ROLE_BARE ? bare : ig_variable_name(v);
        if (H5DSset_scale(datasets[i], name) < 0) {
            return ig_h5_error(error, IG_ERR_IO, "dimension scale %s", ig_variable_name(v));
        }
        return IG_OK;
    }
    for (size_t axis = 0; axis < v->n_axes; axis++) {
        if (H5DSattach_scale(datasets[i], datasets[v->axes[axis]], (unsigned)axis) < 0) {
            return ig_h5_error(error, IG_ERR_IO, "dimension scale of %s", ig_variable_name(v));
        }
    }
    return IG_OK;
}

ig_status ig_build(hid_t location, ig_plan *plan, const char *coordinates, ig_error *error)
{
    ig_status status = IG_OK;
    size_t made = 0;
    hid_t *datasets = malloc(plan->n * sizeof *datasets);
    if (!datasets) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory to make %zu datasets", plan->n);
    }
    for (size_t i = 0; i < plan->n && !status; i++) {
        ig_variable *v = &plan->variables[i];
        status = create(location, v, is_compressed(plan, v), &datasets[i], error);
        if (status) {
            break;
        }
        made++;
        status = describe(datasets[i], &plan->variables[i], coordinates, error);
        if (!status) {
            status = scale(datasets, plan, i, error);
        }
    }
    for (size_t i = 0; i < made; i++) {
        if (H5Dclose(datasets[i]) < 0 && !status) {
            status =
                ig_h5_error(error, IG_ERR_IO, "dataset %s", ig_variable_name(&plan->variables[i]));
        }
    }
    free(datasets);
    return status;
}
