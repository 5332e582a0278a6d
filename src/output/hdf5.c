/** Tables as an HDF5 file that reads as netCDF-4, put in place in one step. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/try.h"
#include "output/output.h"
#include "output/private.h"
#include "store/datasets.h"
#include "store/file.h"

enum { GROWTH = 1 << 20 }; /* bytes by which a file in memory grows */

/** Characters of the longest text of a column, at least 1. */
static size_t width_of(const ig_group *group, size_t c)
{
    size_t width = 1;
    for (size_t i = 0; i < group->n; i++) {
        const ig_table *table = group->tables[i];
        const size_t column = ig_group_column(group, i, c);
        for (size_t r = 0; r < ig_table_rows(table); r++) {
            const size_t length = strlen(ig_table_at(table, r, column)->text);
            width = length > width ? length : width;
        }
    }
    return width;
}

/** The scale for texts of `width` characters, made where it is not there yet; its index. */
static size_t text_scale(ig_datasets *list, const char *dimension, size_t width)
{
    for (size_t i = 1; i < list->n && list->variables[i].scale; i++) {
        if (list->variables[i].shape[0] == width) {
            return i;
        }
    }
    ig_variable v = {.type = IG_STORED_F32, .role = IG_ROLE_BARE, .scale = true, .n_axes = 1};
    snprintf(v.own, sizeof v.own, "%s_string%zu", dimension, width);
    v.axes[0] = list->n;
    v.shape[0] = width;
    v.shape[1] = 1;
    list->variables[list->n] = v;
    return list->n++;
}

static ig_stored stored_of(ig_cell_type type)
{
    return type == IG_CELL_TEXT      ? IG_STORED_CHAR
           : type == IG_CELL_COUNT   ? IG_STORED_U64
           : type == IG_CELL_INTEGER ? IG_STORED_I64
                                     : IG_STORED_F64;
}

/** A group of tables on its way into the file. */
typedef struct datasets {
    const ig_group *group;
    const ig_table *first; /**< of the group: what all its tables have in common */
    char **names;          /**< by column; NULL for people's; owned */
    size_t *widths;        /**< by column: characters of a text, else 1; owned */
    ig_datasets *list;     /**< owned */
    char *coordinates;     /**< "anchor policy", the names of the axes; owned */
} datasets;

static void datasets_clear(datasets *d)
{
    for (size_t c = 0; d->names && c < d->first->n_columns; c++) {
        free(d->names[c]);
    }
    free(d->names);
    free(d->widths);
    free(d->coordinates);
    ig_datasets_destroy(&d->list);
}

static ig_status name_columns(datasets *d, ig_error *error)
{
    const ig_table *first = d->first;
    const char *prefix = first->prefix ? first->prefix : "";
    TRY(IG_ALLOC(d->names, first->n_columns, error));
    TRY(IG_ALLOC(d->widths, first->n_columns, error));
    d->coordinates = ig_strdup("", error);
    for (size_t c = 0; c < first->n_columns && d->coordinates; c++) {
        const ig_table_column *column = &first->columns[c];
        if (!column->name && !column->stored) {
            continue;
        }
        d->names[c] = column->stored ? ig_strdup(column->stored, error)
                                     : ig_asprintf(error, "%s%s", prefix, column->name);
        d->widths[c] = column->type == IG_CELL_TEXT ? width_of(d->group, c) : 1;
        if (!d->names[c]) {
            return IG_ERR_MEMORY;
        }
        if (column->axis) {
            AUTO_FREE char *before = ig_take(&d->coordinates);
            d->coordinates =
                ig_asprintf(error, "%s%s%s", before, before[0] ? " " : "", d->names[c]);
        }
    }
    return d->coordinates ? IG_OK : IG_ERR_MEMORY;
}

/** The datasets of the group; the list borrows the table's texts. */
static ig_status list_group(datasets *d, ig_error *error)
{
    const ig_table *first = d->first;
    TRY(IG_ALLOC(d->list, 1, error));
    TRY(IG_ALLOC(d->list->variables, 1 + 2 * first->n_columns, error));
    d->list->compressed = true;
    d->list->variables[d->list->n++] = (ig_variable){.name = first->dimension,
                                                     .type = IG_STORED_F32,
                                                     .role = IG_ROLE_BARE,
                                                     .scale = true,
                                                     .n_axes = 1,
                                                     .shape = {d->group->n_rows, 1}};
    /* Scales come first, as axes are named by index. */
    for (size_t c = 0; c < first->n_columns; c++) {
        if (d->names[c] && first->columns[c].type == IG_CELL_TEXT) {
            text_scale(d->list, first->dimension, d->widths[c]);
        }
    }
    for (size_t c = 0; c < first->n_columns; c++) {
        const ig_table_column *column = &first->columns[c];
        const bool text = column->type == IG_CELL_TEXT;
        if (!d->names[c]) {
            continue;
        }
        ig_variable v = {
            .name = d->names[c],
            .type = stored_of(column->type),
            .role = column->axis ? IG_ROLE_AXIS : IG_ROLE_ROWS,
            .n_axes = text ? 2 : 1,
            .shape = {d->group->n_rows, d->widths[c]},
            .units = column->units,
            .long_name = column->long_name,
            .equation = column->equation,
        };
        v.axes[1] = text ? text_scale(d->list, first->dimension, d->widths[c]) : 0;
        d->list->variables[d->list->n++] = v;
    }
    return IG_OK;
}

/** A column's values as the file has them, one behind the other, malloc'd, `*bytes` of them. */
static ig_status pack(const datasets *d, size_t c, unsigned char **values, size_t *bytes,
                      ig_error *error)
{
    const ig_cell_type type = d->first->columns[c].type;
    const size_t size = d->widths[c] * ig_stored_size(stored_of(type));
    *bytes = d->group->n_rows * size;
    TRY(IG_ALLOC(*values, *bytes, error));
    unsigned char *at = *values;
    for (size_t i = 0; i < d->group->n; i++) {
        const ig_table *table = d->group->tables[i];
        const size_t column = ig_group_column(d->group, i, c);
        for (size_t r = 0; r < ig_table_rows(table); r++, at += size) {
            const ig_cell *cell = ig_table_at(table, r, column);
            if (type == IG_CELL_TEXT) {
                memcpy(at, cell->text, strlen(cell->text));
            } else {
                memcpy(at, cell, size);
            }
        }
    }
    return IG_OK;
}

static ig_status write_column(hid_t file, const datasets *d, size_t c, ig_error *error)
{
    AUTO_FREE unsigned char *values = NULL;
    char checksum[IG_CHECKSUM_TEXT];
    size_t bytes = 0;
    TRY(pack(d, c, &values, &bytes, error));
    AUTO_HID dataset = H5Dopen2(file, d->names[c], H5P_DEFAULT);
    if (dataset < 0 || H5Dwrite(dataset, ig_stored_type(stored_of(d->first->columns[c].type)),
                                H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
        return ig_h5_error(error, IG_ERR_IO, "dataset %s", d->names[c]);
    }
    /* The footer is right until another program adds a note; this until it changes the values. */
    TRY(ig_h5_set_text(dataset, IG_CHECKSUM, ig_checksum_text(values, bytes, checksum), error));
    return ig_h5_closed(&dataset, d->names[c], error);
}

static ig_status write_group(hid_t file, const ig_group *group, ig_error *error)
{
    AUTO(datasets_clear) datasets d = {.group = group, .first = group->tables[0]};
    TRY(name_columns(&d, error));
    TRY(list_group(&d, error));
    TRY(ig_h5_build(file, d.list, d.coordinates[0] ? d.coordinates : NULL, error));
    for (size_t c = 0; c < d.first->n_columns; c++) {
        if (d.names[c]) {
            TRY(write_column(file, &d, c, error));
        }
    }
    return IG_OK;
}

/** Write a group of tables into the group of the file that they name, or its root. */
static ig_status write_in_place(hid_t file, const ig_group *group, ig_error *error)
{
    const char *name = group->tables[0]->group;
    if (!name) {
        return write_group(file, group, error);
    }
    AUTO_HID location = H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (location < 0) {
        return ig_h5_error(error, IG_ERR_IO, "group %s", name);
    }
    TRY(write_group(location, group, error));
    return ig_h5_closed(&location, name, error);
}

static ig_status write_facts(hid_t file, const ig_facts *facts, ig_error *error)
{
    TRY(ig_h5_set_text(file, "Conventions", "CF-1.8", error));
    TRY(ig_h5_set_text(file, "kind", IG_SUMMARY_KIND, error));
    for (size_t i = 0; i < facts->n; i++) {
        const ig_fact *f = &facts->facts[i];
        TRY(f->text ? ig_h5_set_text(file, f->name, f->text, error)
                    : ig_h5_set_numbers(file, f->name, H5T_STD_I64LE, 1, &f->number, error));
    }
    return IG_OK;
}

/** The whole file in memory: a full disk then never meets HDF5, whose files cannot be closed after
 *  a failed write. */
static hid_t create_in_memory(const char *name)
{
    AUTO_HID creation = ig_h5_properties(H5P_FILE_CREATE);
    AUTO_HID access = ig_h5_access();
    return creation >= 0 && access >= 0 && H5Pset_fapl_core(access, GROWTH, false) >= 0
               ? H5Fcreate(name, H5F_ACC_EXCL, creation, access)
               : -1;
}

/** The bytes of the open file, malloc'd. */
static ig_status copy_image(hid_t file, unsigned char **bytes, size_t *size, ig_error *error)
{
    AUTO_FREE unsigned char *copy = NULL;
    const ssize_t length =
        H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(file, NULL, 0);
    if (length <= 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "cannot be created");
    }
    TRY(IG_ALLOC(copy, (size_t)length, error));
    if (H5Fget_file_image(file, copy, (size_t)length) != length) {
        return ig_h5_error(error, IG_ERR_MEMORY, "cannot be created");
    }
    *bytes = ig_take(&copy);
    *size = (size_t)length;
    return IG_OK;
}

/** Room for the footer, in a dataset: what HDF5 does not know, a program that opens the file for
 *  writing cuts off. */
static ig_status reserve_footer(hid_t file, haddr_t *end, ig_error *error)
{
    AUTO_HID group = -1;
    TRY(ig_h5_create_group(file, IG_STORE_GROUP, &group, error));
    TRY(ig_h5_add_footer(file, group, ig_footer_words_fixed(), end, error));
    return ig_h5_closed(&group, IG_STORE_GROUP, error);
}

/** Everything the file holds, as its bytes, malloc'd. */
static ig_status make_image(const ig_tables *tables, const ig_facts *facts, const char *name,
                            unsigned char **bytes, size_t *size, ig_error *error)
{
    haddr_t end = 0;
    AUTO_HID file = create_in_memory(name);
    if (file < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "cannot be created");
    }
    TRY(write_facts(file, facts, error));
    for (size_t i = 0; i < tables->n; i++) {
        AUTO(ig_group_clear) ig_group group = {0};
        TRY(ig_group_make(tables, i, IG_BY_DIMENSION, &group, error));
        if (group.n_rows > 0) {
            TRY(write_in_place(file, &group, error));
        }
    }
    TRY(reserve_footer(file, &end, error));
    TRY(copy_image(file, bytes, size, error));
    /* The footer is found from the file's end. */
    return *size == end ? IG_OK
                        : ig_error_set(error, IG_ERR_IO, "HDF5 wrote something after the footer");
}

/** A new file with these bytes, durable; none on failure. */
static ig_status write_new(const char *path, const unsigned char *bytes, size_t size,
                           ig_error *error)
{
    int fd = -1;
    TRY(ig_file_new(AT_FDCWD, path, &fd, error));
    ig_status status = ig_file_write(fd, 0, bytes, size, error);
    if (!status) {
        status = ig_footer_write_fixed(fd, error);
    }
    if (!status && fsync(fd) != 0) {
        status = ig_file_error(error, errno, "fsync failed");
    }
    /* Network file systems may find out only now that a quota is used up. */
    if (close(fd) != 0 && !status) {
        status = ig_file_error(error, errno, "close failed");
    }
    if (status) {
        ig_file_discard(AT_FDCWD, path);
    }
    return status;
}

/** Results of hours of computing must not vanish under a mistyped -o. */
static ig_status check_target(const char *path, ig_error *error)
{
    struct stat info;
    if (lstat(path, &info) != 0) {
        return errno == ENOENT ? IG_OK : ig_file_creation_error(error, errno);
    }
    AUTO(ig_summary_close) ig_summary_file *file = NULL;
    ig_error cause = {0};
    if (S_ISREG(info.st_mode) && ig_summary_open(path, &file, &cause) == IG_OK) {
        return IG_OK;
    }
    return ig_error_set(error, cause.status == IG_ERR_MEMORY ? IG_ERR_MEMORY : IG_ERR_USAGE,
                        "already exists and is not a summary, so it is not overwritten: %s",
                        S_ISREG(info.st_mode) ? cause.text : "not a regular file");
}

static ig_status write_and_place(const ig_tables *tables, const ig_facts *facts, const char *path,
                                 ig_error *error)
{
    AUTO_FREE unsigned char *bytes = NULL;
    AUTO_FREE char *partial = ig_asprintf(error, "%s.partial", path);
    size_t size = 0;
    if (!partial) {
        return IG_ERR_MEMORY;
    }
    TRY(check_target(path, error));
    TRY(make_image(tables, facts, path, &bytes, &size, error));
    TRY(write_new(partial, bytes, size, error));
    const ig_status status = ig_file_replace(partial, path, error);
    if (status) {
        ig_file_discard(AT_FDCWD, partial);
    }
    return status;
}

ig_status ig_output_hdf5(const ig_tables *tables, const ig_facts *facts, const char *path,
                         ig_error *error)
{
    IG_H5_MUTED;
    const ig_status status = write_and_place(tables, facts, path, error);
    if (status) {
        ig_error_context(error, "%s", path);
    }
    return status;
}
