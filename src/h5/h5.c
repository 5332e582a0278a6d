#include "h5/h5.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h5/library.h"

/* Attributes and links up to these numbers stay in the object header: two kinds of B-trees and a
 * heap less that a damaged disk or another program's reader could stumble over. */
enum { COMPACT_LINKS = 4096, COMPACT_ATTRIBUTES = 128 };

bool ig_h5_init(void)
{
    /* Where HDF5 finds MPI at work as it begins it ends within MPI_Finalize. */
    return H5dont_atexit() >= 0 && H5open() >= 0;
}

const char *ig_h5_version(char text[32])
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, 32, "%u.%u.%u", major, minor, release);
    return text;
}

ig_h5_report ig_h5_mute(void)
{
    ig_h5_report report = {NULL, NULL};
    if (H5Eget_auto2(H5E_DEFAULT, &report.function, &report.data) < 0 ||
        H5Eset_auto2(H5E_DEFAULT, NULL, NULL) < 0) {
        /* Then HDF5 prints: ugly, but nothing is lost. */
        return report;
    }
    return report;
}

void ig_h5_restore(ig_h5_report report)
{
    if (H5Eset_auto2(H5E_DEFAULT, report.function, report.data) < 0) {
        /* HDF5 then stays silent; every failure is reported through our own messages. */
        return;
    }
}

int ig_h5_close(hid_t *handle)
{
    static const struct {
        H5I_type_t type;
        herr_t (*close)(hid_t);
    } kinds[] = {{H5I_FILE, H5Fclose},       {H5I_GROUP, H5Gclose},     {H5I_DATASET, H5Dclose},
                 {H5I_ATTR, H5Aclose},       {H5I_DATASPACE, H5Sclose}, {H5I_DATATYPE, H5Tclose},
                 {H5I_GENPROP_LST, H5Pclose}};
    const hid_t id = *handle;
    const H5I_type_t type = id < 0 ? H5I_BADID : H5Iget_type(id);
    *handle = -1;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (type == kinds[i].type) {
            return kinds[i].close(id);
        }
    }
    return 0;
}

ig_status ig_h5_closed(hid_t *handle, const char *what, ig_error *error)
{
    return ig_h5_close(handle) < 0 ? ig_h5_error(error, IG_ERR_IO, "%s", what) : IG_OK;
}

/** Take the innermost message of the error stack. */
static herr_t take_cause(unsigned n, const H5E_error2_t *entry, void *text)
{
    (void)n;
    snprintf(text, IG_ERROR_TEXT, "%s", entry->desc ? entry->desc : "");
    return 1; /* no further ones */
}

ig_status ig_h5_error(ig_error *error, ig_status status, const char *format, ...)
{
    char what[512], cause[IG_ERROR_TEXT] = "";
    va_list arguments;
    if (H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_cause, cause) < 0 || !cause[0]) {
        snprintf(cause, sizeof cause, "unknown HDF5 error");
    }
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return ig_error_set(error, status, "%s: %s", what, cause);
}

/** Compressed data may name filters that HDF5 then loads as code. Ours need none but its own. */
static bool load_no_filters(void)
{
    unsigned kinds;
    return H5PLget_loading_state(&kinds) >= 0 &&
           H5PLset_loading_state(kinds & ~(unsigned)H5PL_FILTER_PLUGIN) >= 0;
}

/** Locks of the file system say nothing that our own do not, and fail on many. */
static bool lock_no_files(hid_t access)
{
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
    return H5Pset_file_locking(access, false, true) >= 0;
#else
    return access >= 0 && setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1) == 0;
#endif
}

hid_t ig_h5_access(void)
{
    hid_t access = load_no_filters() ? H5Pcreate(H5P_FILE_ACCESS) : -1;
    if (access >= 0 &&
        (!lock_no_files(access) ||
         H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST) < 0 ||
         H5Pset_meta_block_size(access, 0) < 0 || H5Pset_small_data_block_size(access, 0) < 0)) {
        ig_h5_close(&access);
    }
    return access;
}

hid_t ig_h5_properties(hid_t class)
{
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t p = H5Pcreate(class);
    if (p >= 0 &&
        (H5Pset_obj_track_times(p, false) < 0 || H5Pset_attr_creation_order(p, order) < 0 ||
         H5Pset_attr_phase_change(p, COMPACT_ATTRIBUTES, COMPACT_ATTRIBUTES) < 0 ||
         (class != H5P_DATASET_CREATE &&
          (H5Pset_link_creation_order(p, order) < 0 ||
           H5Pset_link_phase_change(p, COMPACT_LINKS, COMPACT_LINKS) < 0)))) {
        ig_h5_close(&p);
    }
    return p;
}

ig_status ig_h5_create_group(hid_t file, const char *name, hid_t *group, ig_error *error)
{
    AUTO_HID properties = ig_h5_properties(H5P_GROUP_CREATE);
    *group = properties < 0 ? -1 : H5Gcreate2(file, name, H5P_DEFAULT, properties, H5P_DEFAULT);
    return *group < 0 ? ig_h5_error(error, IG_ERR_IO, "group %s", name) : IG_OK;
}

/** Variable-length UTF-8 text; negative on failure. */
static hid_t text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 &&
        (H5Tset_size(type, H5T_VARIABLE) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)) {
        ig_h5_close(&type);
    }
    return type;
}

static ig_status set(hid_t object, const char *name, hid_t type, hid_t space, const void *value,
                     ig_error *error)
{
    if (type < 0 || space < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "attribute %s", name);
    }
    AUTO_HID attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, value) < 0) {
        return ig_h5_error(error, IG_ERR_IO, "attribute %s", name);
    }
    return ig_h5_closed(&attribute, name, error);
}

ig_status ig_h5_set_text(hid_t object, const char *name, const char *text, ig_error *error)
{
    const char *value = text ? text : "";
    AUTO_HID type = text_type();
    AUTO_HID space = H5Screate(H5S_SCALAR);
    return set(object, name, type, space, &value, error);
}

ig_status ig_h5_set_fixed_text(hid_t object, const char *name, const char *text, ig_error *error)
{
    AUTO_HID type = H5Tcopy(H5T_C_S1);
    AUTO_HID space = H5Screate(H5S_SCALAR);
    if (type < 0 || H5Tset_size(type, strlen(text) + 1) < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "attribute %s", name);
    }
    return set(object, name, type, space, text, error);
}

ig_status ig_h5_set_numbers(hid_t object, const char *name, hid_t type, size_t n,
                            const void *numbers, ig_error *error)
{
    hsize_t length = n;
    AUTO_HID space = H5Screate_simple(1, &length, NULL);
    return set(object, name, type, space, numbers, error);
}

ig_status ig_h5_get_text(hid_t object, const char *name, char **text, ig_error *error)
{
    AUTO_HID attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) {
        return ig_error_set(error, IG_ERR_FORMAT, "there is no attribute %s", name);
    }
    AUTO_HID stored = H5Aget_type(attribute);
    AUTO_HID space = H5Aget_space(attribute);
    AUTO_HID type = text_type();
    if (stored < 0 || space < 0 || type < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "attribute %s", name);
    }
    if (H5Tget_class(stored) != H5T_STRING || H5Tis_variable_str(stored) <= 0 ||
        H5Sget_simple_extent_npoints(space) != 1) {
        return ig_error_set(error, IG_ERR_FORMAT, "attribute %s is not one text", name);
    }
    char *value = NULL;
    if (H5Aread(attribute, type, &value) < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "attribute %s", name);
    }
    /* HDF5 stores the empty text as no text at all. */
    char *copy = ig_strdup(value ? value : "", error);
    if (value) {
        H5free_memory(value);
    }
    if (!copy) {
        return IG_ERR_MEMORY;
    }
    *text = copy;
    return IG_OK;
}

ig_status ig_h5_get_integer(hid_t object, const char *name, int64_t *number, ig_error *error)
{
    const htri_t there = H5Aexists(object, name);
    if (there <= 0) {
        return there < 0 ? ig_h5_error(error, IG_ERR_FORMAT, "attribute %s", name) : IG_OK;
    }
    AUTO_HID attribute = H5Aopen(object, name, H5P_DEFAULT);
    AUTO_HID type = attribute < 0 ? -1 : H5Aget_type(attribute);
    AUTO_HID space = attribute < 0 ? -1 : H5Aget_space(attribute);
    int64_t value = 0;
    if (type < 0 || space < 0 || H5Tget_class(type) != H5T_INTEGER ||
        H5Sget_simple_extent_npoints(space) != 1 ||
        H5Aread(attribute, H5T_NATIVE_INT64, &value) < 0) {
        return ig_error_set(error, IG_ERR_FORMAT, "attribute %s is not one integer", name);
    }
    *number = value;
    return IG_OK;
}

hid_t ig_h5_open_dataset(hid_t location, const char *name)
{
    H5L_info_t link;
    char group[64] = "";
    const char *slash = strchr(name, '/');
    if (slash) {
        snprintf(group, sizeof group, "%.*s", (int)(slash - name), name);
    }
    const bool inside = !slash || (H5Lget_info(location, group, &link, H5P_DEFAULT) >= 0 &&
                                   link.type == H5L_TYPE_HARD);
    const bool own = inside && H5Lget_info(location, name, &link, H5P_DEFAULT) >= 0 &&
                     link.type == H5L_TYPE_HARD;
    hid_t dataset = own ? H5Dopen2(location, name, H5P_DEFAULT) : -1;
    AUTO_HID properties = dataset < 0 ? -1 : H5Dget_create_plist(dataset);
    if (dataset >= 0 && (properties < 0 || H5Pget_external_count(properties) != 0)) {
        ig_h5_close(&dataset);
    }
    return dataset;
}
