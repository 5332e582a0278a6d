/** A new result file, under its final name only when it is whole and durable.
 *
 *  HDF5 makes the metadata in memory (/dev/shm), with every dataset in its place but without the
 *  values, whose bytes are holes; then metadata and values go to the disk by plain calls. HDF5
 * never writes to the disk itself: when it cannot write there (disk full, quota, broken)
 * version 1.10 can neither close the file nor end the process without a crash. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/signals.h"
#include "config/inputs.h"
#include "store/datasets.h"
#include "store/file.h"
#include "store/internal.h"

/* For the space check: what HDF5's headers, heaps and reference lists take in a file and for each
 * dataset, twice what was measured. */
enum { FIXED_OVERHEAD = 64 << 10, DATASET_OVERHEAD = 4 << 10 };
enum { BUFFER = 1 << 20 }; /* bytes; more than any one value has */

const char *const ig_root_names[IG_ROOT_TEXTS] = {
    "Conventions",   "title",       "experiment", "config",    "config_hash", "imagrid_version",
    "revision",      "compiler",    "flags",      "libraries", "isa",         "row_columns",
    IG_STORE_ORIGIN, IG_STORE_READS};

/** What a new file is made from. */
typedef struct contents {
    const ig_experiment *experiment;
    const ig_grid *grid;
    const ig_layout *layout;
    const ig_provenance *provenance;
    ig_datasets *root, *sessions; /**< get the offsets */
    const char *config;           /**< as an earlier file has it; NULL: the resolved one */
} contents;

static void contents_clear(contents *c)
{
    ig_datasets_destroy(&c->sessions);
    ig_datasets_destroy(&c->root);
}

/** The names, separated by blanks; malloc'd. */
static ig_status join(const char *const *names, size_t n, char **text, ig_error *error)
{
    size_t size = 1;
    for (size_t i = 0; i < n; i++) {
        size += strlen(names[i]) + 1;
    }
    TRY(IG_ALLOC(*text, size, error));
    char *end = *text;
    for (size_t i = 0; i < n; i++) {
        end = stpcpy(stpcpy(end, i == 0 ? "" : " "), names[i]);
    }
    return IG_OK;
}

/** Texts that name variables: axes and seed in `*coordinates`, the columns that make up a row in
 *  its order in `*columns`; malloc'd. */
static ig_status name_variables(const contents *c, char **coordinates, char **columns,
                                ig_error *error)
{
    size_t n = 0, n_columns = c->layout->n_columns;
    /* Every column is a variable of the list, so there is room for either list. */
    AUTO_FREE const char **names = NULL;
    TRY(IG_ALLOC(names, c->root->n, error));
    for (size_t i = 0; i < c->root->n; i++) {
        ig_role role = c->root->variables[i].role;
        if (!c->root->variables[i].missing && (role == IG_ROLE_AXIS || role == IG_ROLE_SEED)) {
            names[n++] = ig_variable_name(&c->root->variables[i]);
        }
    }
    TRY(join(names, n, coordinates, error));
    for (size_t i = 0; i < n_columns; i++) {
        names[i] = c->layout->columns[i].name;
    }
    return join(names, n_columns, columns, error);
}

static ig_status write_attributes(hid_t file, const contents *c, const char *row_columns,
                                  ig_error *error)
{
    const ig_config *config = ig_grid_config(c->grid);
    const ig_provenance *p = c->provenance;
    const char *const texts[IG_ROOT_TEXTS] = {"CF-1.8",
                                              c->experiment->title,
                                              c->experiment->schema.experiment,
                                              c->config ? c->config : ig_config_resolved(config),
                                              ig_config_hash(config),
                                              p->version,
                                              p->revision,
                                              p->compiler,
                                              p->flags,
                                              p->libraries,
                                              p->isa,
                                              row_columns,
                                              p->plugin,
                                              p->inputs};
    const int32_t format = IG_FORMAT_VERSION,
                  results = (int32_t)(p->results_version ? p->results_version
                                                         : ig_results_version(config));
    for (size_t i = 0; i < IG_ROOT_TEXTS; i++) {
        if (i < IG_ROOT_NEEDED || texts[i]) {
            TRY(ig_h5_set_text(file, ig_root_names[i], texts[i], error));
        }
    }
    if (results > 0) {
        TRY(ig_h5_set_numbers(file, IG_STORE_RESULTS, H5T_STD_I32LE, 1, &results, error));
    }
    return ig_h5_set_numbers(file, "format_version", H5T_STD_I32LE, 1, &format, error);
}

static ig_status write_root(hid_t file, const contents *c, ig_error *error)
{
    AUTO_FREE char *coordinates = NULL;
    AUTO_FREE char *columns = NULL;
    TRY(name_variables(c, &coordinates, &columns, error));
    TRY(write_attributes(file, c, columns, error));
    return ig_h5_build(file, c->root, coordinates, error);
}

static ig_status write_provenance(hid_t file, const contents *c, haddr_t *end, ig_error *error)
{
    AUTO_HID group = -1;
    TRY(ig_h5_create_group(file, IG_STORE_GROUP, &group, error));
    TRY(ig_h5_set_text(group, "title", "sessions of the run", error));
    TRY(ig_h5_build(group, c->sessions, NULL, error));
    TRY(ig_h5_add_footer(file, group, ig_footer_words(c->root, c->sessions), end, error));
    return ig_h5_closed(&group, IG_STORE_GROUP, error);
}

static ig_status create_unnamed(hid_t *file, int *fd, ig_error *error)
{
    char path[IG_SCRATCH_PATH];
    TRY(ig_file_scratch(path, fd, error));
    AUTO_HID access = ig_h5_access();
    AUTO_HID properties = ig_h5_properties(H5P_FILE_CREATE);
    ig_status status = IG_OK;
    if (access < 0 || properties < 0) {
        status = ig_h5_error(error, IG_ERR_MEMORY, "HDF5");
    } else {
        *file = H5Fcreate(path, H5F_ACC_TRUNC, properties, access);
        if (*file < 0) {
            status = ig_h5_error(error, IG_ERR_IO, "%s", path);
        }
    }
    unlink(path);
    return status;
}

/** HDF5 wants a name; it is gone as soon as the file is open, and no signal comes before, so that
 *  nothing can be left behind. */
static ig_status create_scratch(hid_t *file, int *fd, ig_error *error)
{
    ig_signals_hold();
    const ig_status status = create_unnamed(file, fd, error);
    ig_signals_release();
    return status;
}

/** Let HDF5 make the metadata in a scratch file, `*fd`, which the caller closes whatever comes. */
static ig_status make_metadata(const contents *c, int *fd, ig_error *error)
{
    haddr_t end = 0;
    uint64_t length = 0;
    IG_H5_MUTED;
    AUTO_HID file = -1;
    TRY(create_scratch(&file, fd, error));
    TRY(write_root(file, c, error));
    TRY(write_provenance(file, c, &end, error));
    TRY(ig_h5_closed(&file, "the metadata", error));
    TRY(ig_file_length(*fd, &length, error));
    /* The footer is found from the file's end. */
    return length == end ? IG_OK
                         : ig_error_set(error, IG_ERR_IO, "HDF5 wrote something after the footer");
}

void ig_variable_values(const ig_variable *v, const ig_grid *grid, size_t first, size_t n,
                        unsigned char *to)
{
    size_t n_seeds = ig_grid_n_seeds(grid), width = ig_stored_size(v->type) * v->shape[1];
    memset(to, 0, n * width);
    for (size_t i = first; i < first + n; i++, to += width) {
        int64_t integer = (int64_t)i;
        double real = v->first + (double)i;
        const void *from = v->role == IG_ROLE_COUNT ? (const void *)&real : &integer;
        if (v->role == IG_ROLE_SEED) {
            integer = (int64_t)ig_config_seed(ig_grid_config(grid), i % n_seeds);
        } else if (v->role == IG_ROLE_AXIS) {
            const ig_value *value = ig_grid_value(grid, i / n_seeds, v->key);
            if (v->type == IG_STORED_CHAR) {
                const char *text = ig_value_text(value);
                memcpy(to, text, strnlen(text, width));
                continue;
            }
            from = v->type == IG_STORED_F64 ? (const void *)&value->real : &value->integer;
        }
        memcpy(to, from, width);
    }
}

/** n fill values. */
static void make_fill(ig_stored type, size_t n, unsigned char *to)
{
    unsigned char fill[8];
    size_t size = ig_stored_size(type);
    ig_stored_fill(type, fill);
    for (size_t i = 0; i < n; i++) {
        memcpy(to + i * size, fill, size);
    }
}

static ig_status write_values(const ig_variable *v, const ig_grid *grid, int fd,
                              unsigned char *buffer, ig_error *error)
{
    bool fill = v->role == IG_ROLE_ROWS || v->role == IG_ROLE_BARE;
    size_t size = ig_stored_size(v->type), width = fill ? size : size * v->shape[1];
    size_t length = fill ? v->shape[0] * v->shape[1] : v->shape[0], step = BUFFER / width;
    for (size_t first = 0; first < length; first += step) {
        size_t n = length - first < step ? length - first : step;
        if (fill) {
            make_fill(v->type, n, buffer);
        } else {
            ig_variable_values(v, grid, first, n, buffer);
        }
        TRY(ig_file_write(fd, v->offset + (uint64_t)first * width, buffer, n * width, error));
    }
    return IG_OK;
}

static ig_status copy(int from, int to, uint64_t begin, uint64_t end, unsigned char *buffer,
                      ig_error *error)
{
    for (uint64_t at = begin; at < end; at += BUFFER) {
        size_t n = end - at < BUFFER ? (size_t)(end - at) : BUFFER;
        TRY(ig_file_read(from, at, buffer, n, error));
        TRY(ig_file_write(to, at, buffer, n, error));
    }
    return IG_OK;
}

static int compare(const void *a, const void *b)
{
    const ig_variable *const *x = a, *const *y = b;
    return ((*x)->offset > (*y)->offset) - ((*x)->offset < (*y)->offset);
}

/** All variables of both lists by offset; malloc'd. */
static ig_status sort_by_offset(const contents *c, const ig_variable ***sorted, ig_error *error)
{
    size_t n = 0;
    const ig_variable **order = NULL;
    TRY(IG_ALLOC(order, c->root->n + c->sessions->n, error));
    for (size_t i = 0; i < c->root->n; i++) {
        order[n++] = &c->root->variables[i];
    }
    for (size_t i = 0; i < c->sessions->n; i++) {
        order[n++] = &c->sessions->variables[i];
    }
    qsort(order, n, sizeof *order, compare);
    *sorted = order;
    return IG_OK;
}

/** Write metadata and values, in the order of the file, to an empty file. */
static ig_status write_contents(const contents *c, int metadata, int fd, ig_error *error)
{
    uint64_t at = 0, size = 0;
    AUTO_FREE unsigned char *buffer = NULL;
    AUTO_FREE const ig_variable **order = NULL;
    TRY(IG_ALLOC(buffer, BUFFER, error));
    TRY(sort_by_offset(c, &order, error));
    for (size_t i = 0; i < c->root->n + c->sessions->n; i++) {
        TRY(copy(metadata, fd, at, order[i]->offset, buffer, error));
        TRY(write_values(order[i], c->grid, fd, buffer, error));
        at = order[i]->offset + ig_variable_size(order[i]);
    }
    TRY(ig_file_length(metadata, &size, error));
    return copy(metadata, fd, at, size, buffer, error);
}

/** Everything into the new, empty file; durable. */
static ig_status fill_file(int fd, const contents *c, ig_error *error)
{
    AUTO(ig_file_close) int metadata = -1;
    TRY(make_metadata(c, &metadata, error));
    TRY(write_contents(c, metadata, fd, error));
    TRY(ig_footer_write(fd, c->root, c->sessions, error));
    return fsync(fd) == 0 ? IG_OK : ig_file_error(error, errno, "fsync failed");
}

static ig_status write_file(const char *partial, const contents *c, ig_error *error)
{
    /* A killed creation may have left one; whoever creates holds the lock of the final name. */
    int fd = -1;
    TRY(ig_file_new(AT_FDCWD, partial, &fd, error));
    ig_status status = fill_file(fd, c, error);
    /* Network file systems may find out only now that a quota is used up. */
    if (close(fd) != 0 && !status) {
        status = ig_file_error(error, errno, "close failed");
    }
    if (status) {
        ig_file_discard(AT_FDCWD, partial);
    }
    return status;
}

ig_status ig_store_lay_out(ig_store *store, bool earlier, ig_error *error)
{
    ig_provenance provenance = ig_store_provenance(store);
    const contents c = {store->experiment,
                        store->grid,
                        store->layout,
                        &provenance,
                        store->root,
                        store->sessions,
                        ig_store_attribute(store, "config")};
    if (earlier) {
        provenance.results_version = -1;
    }
    AUTO(ig_file_close) int metadata = -1;
    return make_metadata(&c, &metadata, error);
}

static uint64_t list_size(const ig_datasets *list)
{
    uint64_t size = list->n * (uint64_t)DATASET_OVERHEAD;
    for (size_t i = 0; i < list->n; i++) {
        size += ig_variable_size(&list->variables[i]);
    }
    return size;
}

static uint64_t file_size(const contents *c)
{
    return FIXED_OVERHEAD + list_size(c->root) + list_size(c->sessions) +
           2 * strlen(ig_config_resolved(ig_grid_config(c->grid)));
}

static ig_status contents_init(contents *c, bool plugin, ig_error *error)
{
    TRY(ig_datasets_root(c->grid, c->layout, &c->root, error));
    return ig_datasets_sessions(plugin, ig_inputs_count(ig_grid_config(c->grid)) > 0, &c->sessions,
                                error);
}

ig_status ig_store_size(const ig_grid *grid, const ig_layout *layout, uint64_t *size,
                        ig_error *error)
{
    AUTO(contents_clear) contents c = {.grid = grid, .layout = layout};
    TRY(contents_init(&c, true, error));
    *size = file_size(&c);
    return IG_OK;
}

static ig_status create(const char *path, contents *c, ig_error *error)
{
    AUTO_FREE char *partial = ig_asprintf(error, "%s.partial", path);
    if (!partial) {
        return IG_ERR_MEMORY;
    }
    TRY(contents_init(c, c->provenance->plugin, error));
    TRY(ig_file_check_space(path, file_size(c), error));
    TRY(write_file(partial, c, error));
    ig_status status = ig_file_place(partial, path, error);
    if (status) {
        ig_file_discard(AT_FDCWD, partial);
    }
    return status;
}

ig_status ig_store_create(const char *path, const ig_experiment *experiment, const ig_grid *grid,
                          const ig_layout *layout, const ig_provenance *provenance, ig_error *error)
{
    AUTO(contents_clear) contents c = {experiment, grid, layout, provenance, NULL, NULL, NULL};
    ig_status status = create(path, &c, error);
    if (status) {
        ig_error_context(error, "%s cannot be created", path);
    }
    return status;
}
