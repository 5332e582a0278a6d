#include "store/h5.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ig_h5_start(void)
{
    /* Where HDF5 finds MPI at work as it begins it ends within MPI_Finalize. */
    return H5dont_atexit() >= 0 && H5open() >= 0;
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

/** What the error stack says: its innermost message, and the errno some message may name. */
typedef struct cause {
    char text[512];
    int errnum;
} cause;

static herr_t look(unsigned n, const H5E_error2_t *entry, void *data)
{
    (void)n;
    cause *c = data;
    const char *text = entry->desc ? entry->desc : "";
    const char *number = strstr(text, "errno = ");
    if (c->text[0] == '\0') {
        snprintf(c->text, sizeof c->text, "%s", text);
    }
    if (c->errnum == 0 && number) {
        c->errnum = (int)strtol(number + strlen("errno = "), NULL, 10);
    }
    return 0;
}

ig_status ig_h5_error(ig_error *error, ig_status otherwise, const char *format, ...)
{
    cause c = {.text = ""};
    char what[512];
    va_list arguments;
    if (H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, look, &c) < 0) {
        c.errnum = 0;
    }
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (c.errnum > 0) {
        return ig_error_set(error, ig_status_from_errno(c.errnum), "%s: %s", what,
                            strerror(c.errnum));
    }
    return ig_error_set(error, otherwise, "%s: %s", what,
                        c.text[0] ? c.text : "unknown HDF5 error");
}

/** Compressed data may name filters that HDF5 then loads as code. Ours need none but its own. */
static bool load_no_filters(void)
{
    unsigned kinds;
    return H5PLget_loading_state(&kinds) >= 0 &&
           H5PLset_loading_state(kinds & ~(unsigned)H5PL_FILTER_PLUGIN) >= 0;
}

hid_t ig_h5_access(void)
{
    hid_t access = load_no_filters() ? H5Pcreate(H5P_FILE_ACCESS) : -1;
    if (access >= 0 &&
        (H5Pset_file_locking(access, false, true) < 0 ||
         H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST) < 0 ||
         H5Pset_meta_block_size(access, 0) < 0 || H5Pset_small_data_block_size(access, 0) < 0)) {
        H5Pclose(access);
        return -1;
    }
    return access;
}

/** Variable-length UTF-8 text; negative on failure. */
static hid_t text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 &&
        (H5Tset_size(type, H5T_VARIABLE) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)) {
        H5Tclose(type);
        return -1;
    }
    return type;
}

static ig_status set(hid_t object, const char *name, hid_t type, hid_t space, const void *value,
                     ig_error *error)
{
    ig_status status = IG_OK;
    hid_t attribute = -1;
    if (type < 0 || space < 0) {
        status = ig_h5_error(error, IG_ERR_MEMORY, "attribute %s", name);
        goto done;
    }
    attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, value) < 0) {
        status = ig_h5_error(error, IG_ERR_IO, "attribute %s", name);
    }
done:
    if (attribute >= 0 && H5Aclose(attribute) < 0 && !status) {
        status = ig_h5_error(error, IG_ERR_IO, "attribute %s", name);
    }
    return status;
}

ig_status ig_h5_set_text(hid_t object, const char *name, const char *text, ig_error *error)
{
    const char *value = text ? text : "";
    hid_t type = text_type(), space = H5Screate(H5S_SCALAR);
    ig_status status = set(object, name, type, space, &value, error);
    if (space >= 0) {
        H5Sclose(space);
    }
    if (type >= 0) {
        H5Tclose(type);
    }
    return status;
}

ig_status ig_h5_set_numbers(hid_t object, const char *name, hid_t type, size_t n,
                            const void *numbers, ig_error *error)
{
    hsize_t length = n;
    hid_t space = H5Screate_simple(1, &length, NULL);
    ig_status status = set(object, name, type, space, numbers, error);
    if (space >= 0) {
        H5Sclose(space);
    }
    return status;
}

/** The open attribute's one text into `*text`. */
static ig_status get(hid_t attribute, hid_t stored, hid_t space, const char *name, char **text,
                     ig_error *error)
{
    char *value = NULL;
    hid_t type = -1;
    ig_status status = IG_OK;
    if (H5Tget_class(stored) != H5T_STRING || H5Tis_variable_str(stored) <= 0 ||
        H5Sget_simple_extent_npoints(space) != 1) {
        return ig_error_set(error, IG_ERR_FORMAT, "attribute %s is not one text", name);
    }
    type = text_type();
    if (type < 0 || H5Aread(attribute, type, &value) < 0) {
        status = ig_h5_error(error, IG_ERR_FORMAT, "attribute %s", name);
        goto done;
    }
    /* HDF5 stores the empty text as no text at all. */
    *text = strdup(value ? value : "");
    if (!*text) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for attribute %s", name);
    }
done:
    if (value) {
        H5free_memory(value);
    }
    if (type >= 0) {
        H5Tclose(type);
    }
    return status;
}

ig_status ig_h5_get_text(hid_t object, const char *name, char **text, ig_error *error)
{
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) {
        return ig_error_set(error, IG_ERR_FORMAT, "there is no attribute %s", name);
    }
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    ig_status status = type < 0 || space < 0
                           ? ig_h5_error(error, IG_ERR_FORMAT, "attribute %s", name)
                           : get(attribute, type, space, name, text, error);
    if (space >= 0) {
        H5Sclose(space);
    }
    if (type >= 0) {
        H5Tclose(type);
    }
    H5Aclose(attribute);
    return status;
}

hid_t ig_h5_open_dataset(hid_t location, const char *name)
{
    H5L_info_t link;
    bool own = H5Lget_info(location, name, &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_HARD;
    hid_t dataset = own ? H5Dopen2(location, name, H5P_DEFAULT) : -1;
    hid_t properties = dataset < 0 ? -1 : H5Dget_create_plist(dataset);
    if (dataset >= 0 && (properties < 0 || H5Pget_external_count(properties) != 0)) {
        H5Dclose(dataset);
        dataset = -1;
    }
    if (properties >= 0) {
        H5Pclose(properties);
    }
    return dataset;
}
