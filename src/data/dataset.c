/** One dataset of somebody's file: what it must be, and reading rows of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "data/private.h"
#include "h5/guard.h"

/* Memory for one row of chunks, so that each is decompressed once; what HDF5 takes by itself. */
#define CACHE_MAX ((size_t)1 << 30)
enum { CACHE_USUAL = 1 << 20 };

/* Numbers that are converted at a time. */
enum { CONVERTED = 1 << 17 };

static const char repack[] = "copy the file with h5py, or with h5repack -f GZIP=4";

/** Look at a link whose groups above are known to be in the file. */
static ig_status look_at_link(hid_t location, const char *path, ig_data_kind *kind, ig_error *error)
{
    H5L_info_t link;
    const htri_t there = H5Lexists(location, path, H5P_DEFAULT);
    if (there < 0 || (there > 0 && H5Lget_info(location, path, &link, H5P_DEFAULT) < 0)) {
        return ig_h5_error(error, IG_ERR_FORMAT, "damaged: a link cannot be read");
    }
    if (there == 0 || link.type != H5L_TYPE_HARD) {
        *kind = there == 0 ? IG_DATA_NOTHING : IG_DATA_LINK;
        return IG_OK;
    }
    AUTO_HID object = H5Oopen(location, path, H5P_DEFAULT);
    const H5I_type_t type = object < 0 ? H5I_BADID : H5Iget_type(object);
    *kind = type == H5I_GROUP ? IG_DATA_GROUP : type == H5I_DATASET ? IG_DATA_SET : IG_DATA_OTHER;
    return type == H5I_BADID
               ? ig_h5_error(error, IG_ERR_FORMAT, "damaged: an object cannot be read")
               : IG_OK;
}

ig_status ig_data_look(hid_t location, const char *path, ig_data_kind *kind, ig_error *error)
{
    char start[IG_DATA_PATH];
    const size_t length = strlen(path);
    *kind = IG_DATA_NOTHING;
    if (length == 0 || length >= sizeof start || path[0] == '/') {
        return IG_OK;
    }
    for (size_t i = 0; i < length; i++) {
        if (path[i] == '/') {
            snprintf(start, sizeof start, "%.*s", (int)i, path);
            TRY(look_at_link(location, start, kind, error));
            if (*kind != IG_DATA_GROUP) {
                *kind = *kind == IG_DATA_LINK ? IG_DATA_LINK : IG_DATA_NOTHING;
                return IG_OK;
            }
        }
    }
    return look_at_link(location, path, kind, error);
}

ig_status ig_data_open_group(hid_t location, const char *path, const char *name, hid_t *group,
                             ig_error *error)
{
    *group = H5Gopen2(location, path, H5P_DEFAULT);
    return *group < 0 ? ig_h5_error(error, IG_ERR_FORMAT, "group %s cannot be opened", name)
                      : IG_OK;
}

/** What a type is that holds no numbers. */
static const char *name_other(H5T_class_t kind)
{
    static const struct {
        H5T_class_t kind;
        const char *name;
    } others[] = {
        {H5T_STRING, "text"},
        {H5T_COMPOUND, "records of several fields"},
        {H5T_VLEN, "lists of varying length"},
        {H5T_ARRAY, "arrays"},
        {H5T_REFERENCE, "references"},
        {H5T_OPAQUE, "opaque data"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (kind == others[i].kind) {
            return others[i].name;
        }
    }
    return "values of an unknown type";
}

/** "float32", "int64, big-endian". */
static void name_number(hid_t type, H5T_class_t kind, char text[IG_DATA_TYPE])
{
    const size_t bits = 8 * H5Tget_size(type);
    const bool big = H5Tget_order(type) == H5T_ORDER_BE && bits > 8;
    const bool without_sign = kind == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_NONE;
    snprintf(text, IG_DATA_TYPE, "%s%s%zu%s", without_sign ? "u" : "",
             kind == H5T_FLOAT ? "float" : "int", bits, big ? ", big-endian" : "");
}

static ig_status check_type(ig_data_set *set, ig_error *error)
{
    AUTO_HID type = H5Dget_type(set->id);
    const H5T_class_t kind = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    if (kind == H5T_NO_CLASS) {
        return ig_h5_error(error, IG_ERR_FORMAT, "%s: its type cannot be read", set->name);
    }
    set->whole = kind == H5T_INTEGER || kind == H5T_ENUM;
    set->size = H5Tget_size(type);
    if (!set->whole && kind != H5T_FLOAT) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s holds %s, not numbers", set->name,
                            name_other(kind));
    }
    if (kind == H5T_ENUM) {
        snprintf(set->type, sizeof set->type, H5Tget_nmembers(type) == 2 ? "bool" : "enum");
    } else {
        name_number(type, kind, set->type);
    }
    return IG_OK;
}

/** Go through the list of chunks, which shows a damaged one where nothing else has happened yet. */
static herr_t count_chunks(const ig_data_set *set, hid_t space)
{
#if H5_VERSION_GE(1, 10, 5)
    hsize_t n = 0;
    return set->chunked ? H5Dget_num_chunks(set->id, space, &n) : 0;
#else
    /* These find the damage as they read. */
    return set->chunked && space < 0 ? -1 : 0;
#endif
}

/** Numbers must be in this file. */
static ig_status check_storage(ig_data_set *set, hid_t properties, ig_error *error)
{
    const H5D_layout_t layout = H5Pget_layout(properties);
    const int external = H5Pget_external_count(properties);
    set->chunked = layout == H5D_CHUNKED;
    if (layout == H5D_VIRTUAL || external > 0) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "%s has its numbers in other files, which are not opened: %s",
                            set->name, repack);
    }
    AUTO_HID space = H5Dget_space(set->id);
    return layout < 0 || external < 0 || space < 0 || count_chunks(set, space) < 0
               ? ig_h5_error(error, IG_ERR_FORMAT, "%s is damaged", set->name)
               : IG_OK;
}

/** They must be compressed by what this HDF5 has. */
static ig_status check_filters(const ig_data_set *set, hid_t properties, ig_error *error)
{
    const int n = H5Pget_nfilters(properties);
    for (int i = 0; i < n; i++) {
        unsigned flags, config;
        size_t n_values = 0;
        char name[IG_QUOTE_TEXT] = "", quoted[IG_QUOTE_TEXT];
        const H5Z_filter_t filter = H5Pget_filter2(properties, (unsigned)i, &flags, &n_values, NULL,
                                                   sizeof name, name, &config);
        const htri_t here = filter < 0 ? -1 : H5Zfilter_avail(filter);
        if (here < 0) {
            return ig_h5_error(error, IG_ERR_FORMAT, "%s: its filters cannot be read", set->name);
        }
        if (here == 0) {
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

static ig_status check_shape(ig_data_set *set, ig_error *error)
{
    AUTO_HID space = H5Dget_space(set->id);
    const int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    const bool fits = rank >= 1 && rank <= IG_DATA_RANK;
    if (rank < 0 || (fits && H5Sget_simple_extent_dims(space, set->shape, NULL) < 0)) {
        return ig_h5_error(error, IG_ERR_FORMAT, "%s: its shape cannot be read", set->name);
    }
    if (!fits) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s has %d axes, not a row a step", set->name,
                            rank);
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

/** Bytes of the chunks that one row meets. */
static size_t chunk_row(const ig_data_set *set, const hsize_t chunk[IG_DATA_RANK])
{
    double bytes = (double)set->size * (double)chunk[0];
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
    hsize_t chunk[IG_DATA_RANK] = {0};
    if (set->chunked && H5Pget_chunk(properties, IG_DATA_RANK, chunk) != set->rank) {
        return ig_h5_error(error, IG_ERR_FORMAT, "%s is damaged", set->name);
    }
    const size_t bytes = set->chunked ? chunk_row(set, chunk) : 0;
    set->burden = IG_DATA_PIECE + bytes;
    if (bytes <= CACHE_USUAL) {
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
    ig_data_kind kind;
    TRY(ig_data_look(location, path, &kind, error));
    switch (kind) {
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
    TRY(check_filters(set, properties, error));
    TRY(check_type(set, error));
    TRY(check_shape(set, error));
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
