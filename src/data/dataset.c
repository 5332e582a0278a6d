/** One dataset of somebody's file: what it must be, and reading rows of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "data/private.h"
#include "h5/guard.h"

/* Memory for one row of chunks, so that each is decompressed once. */
#define CACHE_MAX ((size_t)1 << 30)

/* Numbers that are converted at a time. */
enum { CONVERTED = 1 << 17 };

static const char repack[] = "copy the file with h5py, or with h5repack -f GZIP=4";

/** The kind of a link whose groups above are known to be in the file. */
static ig_data_kind kind_of_link(hid_t location, const char *path)
{
    H5L_info_t link;
    const htri_t there = H5Lexists(location, path, H5P_DEFAULT);
    /* What cannot be looked at is something, so that nobody goes on without it. */
    if (there <= 0 || H5Lget_info(location, path, &link, H5P_DEFAULT) < 0) {
        return there == 0 ? IG_DATA_NOTHING : IG_DATA_OTHER;
    }
    if (link.type != H5L_TYPE_HARD) {
        return IG_DATA_LINK;
    }
    AUTO_HID object = H5Oopen(location, path, H5P_DEFAULT);
    const H5I_type_t type = object < 0 ? H5I_BADID : H5Iget_type(object);
    return type == H5I_GROUP ? IG_DATA_GROUP : type == H5I_DATASET ? IG_DATA_SET : IG_DATA_OTHER;
}

ig_data_kind ig_data_kind_of(hid_t location, const char *path)
{
    char start[IG_DATA_PATH];
    const size_t length = strlen(path);
    if (length == 0 || length >= sizeof start || path[0] == '/') {
        return IG_DATA_NOTHING;
    }
    ig_data_kind kind = IG_DATA_GROUP;
    for (size_t i = 0; i < length && kind == IG_DATA_GROUP; i++) {
        if (path[i] == '/') {
            snprintf(start, sizeof start, "%.*s", (int)i, path);
            kind = kind_of_link(location, start);
        }
    }
    return kind == IG_DATA_GROUP  ? kind_of_link(location, path)
           : kind == IG_DATA_LINK ? IG_DATA_LINK
                                  : IG_DATA_NOTHING;
}

/** "float32", "int64, big-endian"; what it is instead where it is no number. */
static void name_type(hid_t type, char text[IG_DATA_TYPE])
{
    static const char *const others[] = {
        [H5T_STRING] = "text",        [H5T_BITFIELD] = "bits",
        [H5T_OPAQUE] = "opaque data", [H5T_COMPOUND] = "records of several fields",
        [H5T_REFERENCE] = "links",    [H5T_VLEN] = "lists of varying length",
        [H5T_ARRAY] = "arrays",
    };
    const H5T_class_t class = H5Tget_class(type);
    const size_t bits = 8 * H5Tget_size(type);
    const bool big = H5Tget_order(type) == H5T_ORDER_BE && bits > 8;
    if (class == H5T_INTEGER) {
        snprintf(text, IG_DATA_TYPE, "%sint%zu%s", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "",
                 bits, big ? ", big-endian" : "");
    } else if (class == H5T_FLOAT) {
        snprintf(text, IG_DATA_TYPE, "float%zu%s", bits, big ? ", big-endian" : "");
    } else if (class == H5T_ENUM) {
        snprintf(text, IG_DATA_TYPE, "%s", H5Tget_nmembers(type) == 2 ? "bool" : "enum");
    } else {
        const size_t n = sizeof others / sizeof *others;
        snprintf(text, IG_DATA_TYPE, "%s",
                 class >= 0 && (size_t) class < n && others[class] ? others[class]
                                                                   : "an unknown type");
    }
}

static ig_status check_type(ig_data_set *set, ig_error *error)
{
    AUTO_HID type = H5Dget_type(set->id);
    if (type < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "%s: its type cannot be read", set->name);
    }
    const H5T_class_t class = H5Tget_class(type);
    set->whole = class == H5T_INTEGER || class == H5T_ENUM;
    name_type(type, set->type);
    return set->whole || class == H5T_FLOAT
               ? IG_OK
               : ig_error_set(error, IG_ERR_CONFIG, "%s holds %s, not numbers", set->name,
                              set->type);
}

/** Numbers must be in this file, and compressed by what this HDF5 has. */
static ig_status check_storage(const ig_data_set *set, hid_t properties, ig_error *error)
{
    if (H5Pget_layout(properties) == H5D_VIRTUAL || H5Pget_external_count(properties) > 0) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "%s has its numbers in other files, which are not opened: %s",
                            set->name, repack);
    }
    const int n = H5Pget_nfilters(properties);
    for (int i = 0; i < n; i++) {
        unsigned flags, config;
        size_t n_values = 0;
        char name[IG_QUOTE_TEXT] = "", quoted[IG_QUOTE_TEXT];
        const H5Z_filter_t filter = H5Pget_filter2(properties, (unsigned)i, &flags, &n_values, NULL,
                                                   sizeof name, name, &config);
        if (filter < 0 || H5Zfilter_avail(filter) <= 0) {
            name[sizeof name - 1] = '\0';
            return ig_error_set(error, IG_ERR_CONFIG,
                                "%s is compressed with %s (filter %d), which cannot be read here: "
                                "copy the file with h5py and compression=\"gzip\"",
                                set->name, name[0] ? ig_text_quote(name, quoted) : "something",
                                (int)filter);
        }
    }
    return n < 0 ? ig_h5_error(error, IG_ERR_FORMAT, "%s: its filters cannot be read", set->name)
                 : IG_OK;
}

/** Go through the list of chunks, so that a damaged one shows where nothing else has happened yet.
 */
static ig_status check_chunks(const ig_data_set *set, hid_t properties, ig_error *error)
{
    hsize_t n = 0;
    AUTO_HID space = H5Dget_space(set->id);
    return H5Pget_layout(properties) == H5D_CHUNKED &&
                   (space < 0 || H5Dget_num_chunks(set->id, space, &n) < 0)
               ? ig_h5_error(error, IG_ERR_FORMAT, "%s is damaged", set->name)
               : IG_OK;
}

static ig_status check_shape(ig_data_set *set, ig_error *error)
{
    AUTO_HID space = H5Dget_space(set->id);
    const int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (rank < 1 || rank > IG_DATA_RANK || H5Sget_simple_extent_dims(space, set->shape, NULL) < 0) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s has %d axes, not a row a step", set->name,
                            rank < 0 ? 0 : rank);
    }
    hsize_t columns = 1;
    for (int i = 1; i < rank; i++) {
        /* Sizes from the file: the product must not overflow before it is judged. */
        columns = set->shape[i] > IG_DATA_COLUMNS ? IG_DATA_COLUMNS + 1 : columns * set->shape[i];
        columns = columns > IG_DATA_COLUMNS ? IG_DATA_COLUMNS + 1 : columns;
    }
    set->rank = rank;
    set->columns = (size_t)columns;
    if (set->shape[0] > IG_DATA_ROWS) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s has %llu rows, of which %zu can be read",
                            set->name, (unsigned long long)set->shape[0], IG_DATA_ROWS);
    }
    set->rows = (size_t)set->shape[0];
    return IG_OK;
}

/** Bytes of the chunks that one row meets; 0 where there are none. */
static size_t chunk_row(const ig_data_set *set, hid_t properties, size_t size)
{
    hsize_t chunk[IG_DATA_RANK];
    if (H5Pget_layout(properties) != H5D_CHUNKED ||
        H5Pget_chunk(properties, IG_DATA_RANK, chunk) != set->rank || chunk[0] == 0) {
        return 0;
    }
    double bytes = (double)size * (double)chunk[0];
    for (int i = 1; i < set->rank; i++) {
        const double lengths = ceil((double)set->shape[i] / (double)(chunk[i] ? chunk[i] : 1));
        bytes *= lengths * (double)chunk[i];
    }
    return bytes < (double)CACHE_MAX ? (size_t)bytes : CACHE_MAX;
}

/** Open it again with memory for a row of chunks where HDF5's usual 1 MB is too small. */
static ig_status enlarge_cache(hid_t location, const char *path, ig_data_set *set, hid_t properties,
                               ig_error *error)
{
    AUTO_HID type = H5Dget_type(set->id);
    const size_t bytes = type < 0 ? 0 : chunk_row(set, properties, H5Tget_size(type));
    set->burden = IG_DATA_PIECE + bytes;
    if (bytes <= 1 << 20) {
        return IG_OK;
    }
    AUTO_HID access = H5Pcreate(H5P_DATASET_ACCESS);
    if (access < 0 || H5Pset_chunk_cache(access, H5D_CHUNK_CACHE_NSLOTS_DEFAULT, bytes, 1.0) < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "%s", set->name);
    }
    ig_h5_close(&set->id);
    set->id = H5Dopen2(location, path, access);
    return set->id < 0 ? ig_h5_error(error, IG_ERR_FORMAT, "%s cannot be opened", set->name)
                       : IG_OK;
}

static ig_status check_link(hid_t location, const char *path, const char *name, ig_error *error)
{
    switch (ig_data_kind_of(location, path)) {
    case IG_DATA_SET:
        return IG_OK;
    case IG_DATA_NOTHING:
        return ig_error_set(error, IG_ERR_CONFIG, "there is no dataset %s", name);
    case IG_DATA_LINK:
        return ig_error_set(error, IG_ERR_CONFIG,
                            "%s is a link to elsewhere, which is not followed: copy the data into "
                            "the file, as h5py's copy does with expand_external and expand_soft",
                            name);
    case IG_DATA_GROUP:
        return ig_error_set(error, IG_ERR_CONFIG, "%s is a group, not a dataset", name);
    case IG_DATA_OTHER:
    default:
        return ig_error_set(error, IG_ERR_CONFIG, "%s is no dataset", name);
    }
}

static ig_status open_set(hid_t location, const char *path, ig_data_set *set, ig_error *error)
{
    ig_guard_step(0);
    TRY(check_link(location, path, set->name, error));
    set->id = H5Dopen2(location, path, H5P_DEFAULT);
    AUTO_HID properties = set->id < 0 ? -1 : H5Dget_create_plist(set->id);
    if (properties < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "%s cannot be opened", set->name);
    }
    TRY(check_storage(set, properties, error));
    TRY(check_type(set, error));
    TRY(check_shape(set, error));
    TRY(check_chunks(set, properties, error));
    return enlarge_cache(location, path, set, properties, error);
}

ig_status ig_data_set_open(hid_t location, const char *group, const char *path, ig_data_set *set,
                           ig_error *error)
{
    AUTO(ig_data_set_close) ig_data_set opened = {.id = -1};
    snprintf(opened.name, sizeof opened.name, "%s%s%s", group ? group : "", group ? "/" : "", path);
    ig_text_sanitize(opened.name);
    TRY(open_set(location, path, &opened, error));
    *set = opened;
    opened.id = -1;
    return IG_OK;
}

void ig_data_set_close(ig_data_set *set)
{
    ig_h5_close(&set->id);
}

static ig_status read_rows(const ig_data_set *set, hid_t type, size_t first, size_t n, void *values,
                           ig_error *error)
{
    hsize_t start[IG_DATA_RANK] = {first}, count[IG_DATA_RANK];
    memcpy(count, set->shape, sizeof count);
    count[0] = n;
    const hsize_t length = (hsize_t)n * set->columns;
    AUTO_HID there = H5Dget_space(set->id);
    AUTO_HID here = H5Screate_simple(1, &length, NULL);
    AUTO_HID transfer = H5Pcreate(H5P_DATASET_XFER);
    /* Room for numbers that are converted: HDF5's usual 1 MB, zeroed for every read, takes longer
     * than a short episode. */
    const size_t room = (length < CONVERTED ? (size_t)length + 64 : CONVERTED) * sizeof(double);
    if (there < 0 || here < 0 || transfer < 0 || H5Pset_buffer(transfer, room, NULL, NULL) < 0 ||
        H5Sselect_hyperslab(there, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dread(set->id, type, here, there, transfer, values) < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "%s: rows %zu to %zu cannot be read", set->name,
                           first, first + n - 1);
    }
    return IG_OK;
}

ig_status ig_data_set_read(const ig_data_set *set, size_t first, size_t n, float *values,
                           ig_error *error)
{
    return read_rows(set, H5T_NATIVE_FLOAT, first, n, values, error);
}

ig_status ig_data_set_expect(const ig_data_set *set, size_t rows, const char *of, ig_error *error)
{
    return set->rows == rows ? IG_OK
                             : ig_error_set(error, IG_ERR_CONFIG, "%s has %zu rows, but %s has %zu",
                                            set->name, set->rows, of, rows);
}

ig_status ig_data_set_column(const ig_data_set *set, ig_error *error)
{
    char text[IG_DATA_NAME];
    return set->columns == 1
               ? IG_OK
               : ig_error_set(error, IG_ERR_CONFIG, "%s (%s) has other than one number a row",
                              set->name, ig_data_set_text(set, text));
}

ig_status ig_data_set_each(const ig_data_set *set, double low, double high,
                           void (*take)(void *context, size_t row, double value), void *context,
                           ig_error *error)
{
    /* Doubles, because a row's number need not fit into a float. */
    const size_t most = IG_DATA_PIECE / sizeof(double);
    const size_t piece = set->rows < most ? set->rows : most;
    AUTO_FREE double *values = NULL;
    TRY(ig_data_set_column(set, error));
    TRY(IG_ALLOC(values, piece + 1, error));
    for (size_t at = 0, n; at < set->rows; at += n) {
        n = set->rows - at < piece ? set->rows - at : piece;
        ig_guard_step(set->burden);
        TRY(read_rows(set, H5T_NATIVE_DOUBLE, at, n, values, error));
        for (size_t i = 0; i < n; i++) {
            const double value = values[i];
            if (!(value >= low && value <= high) || value != floor(value)) {
                return ig_error_set(error, IG_ERR_CONFIG,
                                    "%s, row %zu: %.15g is not a whole number from %.15g to %.15g",
                                    set->name, at + i, value, low, high);
            }
            take(context, at + i, value);
        }
    }
    return IG_OK;
}

const char *ig_data_set_text(const ig_data_set *set, char text[IG_DATA_NAME])
{
    size_t length = (size_t)snprintf(text, IG_DATA_NAME, "%s, ", set->type);
    for (int i = 0; i < set->rank && length < IG_DATA_NAME; i++) {
        length += (size_t)snprintf(text + length, IG_DATA_NAME - length, "%s%llu", i ? " x " : "",
                                   (unsigned long long)set->shape[i]);
    }
    return text;
}
