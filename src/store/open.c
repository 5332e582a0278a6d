/** Opening and closing a result file, and what it says about itself: nothing goes to HDF5 before
 * the footer's checksum is right, and then attributes and datasets must be what they should be. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/file.h"
#include "store/h5.h"
#include "store/internal.h"

static ig_status open_in_hdf5(const char *path, hid_t *file, ig_error *error)
{
    AUTO_HID access = ig_h5_access();
    if (access < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "HDF5");
    }
    *file = H5Fopen(path, H5F_ACC_RDONLY, access);
    return *file < 0 ? ig_h5_error(error, IG_ERR_FORMAT, "HDF5 cannot open it") : IG_OK;
}

/** The root group's attributes. */
static ig_status read_attributes(ig_store *s, ig_error *error)
{
    IG_H5_MUTED;
    AUTO_HID file = -1;
    TRY(open_in_hdf5(s->path, &file, error));
    const htri_t plugin = H5Aexists(file, IG_STORE_ORIGIN);
    if (plugin < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "attribute %s", IG_STORE_ORIGIN);
    }
    for (size_t i = 0; i < IG_ROOT_TEXTS - (plugin == 0); i++) {
        TRY(ig_h5_get_text(file, ig_root_names[i], &s->texts[i], error));
    }
    s->results_version = 1; /* of files that say nothing */
    return ig_h5_get_integer(file, IG_STORE_RESULTS, &s->results_version, error);
}

static bool same_shape(hid_t space, const ig_variable *v)
{
    hsize_t shape[2] = {0, 1};
    return H5Sget_simple_extent_ndims(space) == (int)v->n_axes &&
           H5Sget_simple_extent_dims(space, shape, NULL) >= 0 && shape[0] == v->shape[0] &&
           shape[1] == v->shape[1];
}

/** Type, shape and storage of an open dataset; its offset into the list. */
static ig_status examine(hid_t dataset, ig_variable *v, ig_error *error)
{
    AUTO_HID type = H5Dget_type(dataset);
    AUTO_HID space = H5Dget_space(dataset);
    AUTO_HID properties = H5Dget_create_plist(dataset);
    bool right = type >= 0 && space >= 0 && properties >= 0 &&
                 H5Tequal(type, ig_stored_type(v->type)) > 0 && same_shape(space, v) &&
                 H5Pget_layout(properties) == H5D_CONTIGUOUS;
    haddr_t offset = right ? H5Dget_offset(dataset) : HADDR_UNDEF;
    if (!right || offset == HADDR_UNDEF) {
        return ig_error_set(error, IG_ERR_FORMAT, "dataset %s is not what it should be",
                            ig_variable_name(v));
    }
    v->offset = offset;
    return IG_OK;
}

static ig_status examine_list(hid_t location, ig_datasets *list, ig_error *error)
{
    for (size_t i = 0; i < list->n; i++) {
        ig_variable *v = &list->variables[i];
        const char *name = ig_variable_name(v);
        const htri_t there = v->optional ? H5Lexists(location, name, H5P_DEFAULT) : 1;
        if (there < 0) {
            return ig_h5_error(error, IG_ERR_FORMAT, "dataset %s", name);
        }
        v->missing = there == 0;
        if (v->missing) {
            continue;
        }
        AUTO_HID dataset = ig_h5_open_dataset(location, name);
        if (dataset < 0) {
            return ig_error_set(error, IG_ERR_FORMAT, "there is no dataset %s", name);
        }
        TRY(examine(dataset, v, error));
    }
    return IG_OK;
}

/** Check every dataset of the lists and note their offsets. */
static ig_status examine_datasets(ig_store *s, ig_error *error)
{
    IG_H5_MUTED;
    AUTO_HID file = -1;
    TRY(open_in_hdf5(s->path, &file, error));
    TRY(examine_list(file, s->root, error));
    AUTO_HID group = H5Gopen2(file, IG_STORE_GROUP, H5P_DEFAULT);
    return group < 0 ? ig_error_set(error, IG_ERR_FORMAT, "there is no group %s", IG_STORE_GROUP)
                     : examine_list(group, s->sessions, error);
}

/** A file of a plugin that was not named: its user only has to know which one. */
static ig_status want_experiment(const ig_store *s, const ig_registry *registry, ig_error *error)
{
    const char *name = ig_store_attribute(s, "experiment");
    const char *origin = ig_store_attribute(s, IG_STORE_ORIGIN);
    for (size_t i = 0; i < registry->n; i++) {
        if (strcmp(registry->experiments[i]->schema.experiment, name) == 0) {
            return IG_OK;
        }
    }
    return origin ? ig_error_set(error, IG_ERR_USAGE,
                                 "holds experiment %s of the plugin %s: name it with --plugin",
                                 name, origin)
                  : IG_OK;
}

/** Whether the rows have the columns of the layout, no more and no others: checksums are over all
 *  of them, so that rows with others would seem damaged. */
static ig_status match_columns(const ig_store *s, ig_error *error)
{
    const char *names = ig_store_attribute(s, "row_columns");
    for (size_t c = 0; c < s->layout->n_columns; c++) {
        const char *name = s->layout->columns[c].name;
        size_t n = strlen(name);
        names += strspn(names, " ");
        if (strncmp(names, name, n) != 0 || (names[n] != ' ' && names[n] != '\0')) {
            return ig_error_set(error, IG_ERR_FORMAT, "its rows have no column %s where %s has one",
                                name, s->experiment->schema.experiment);
        }
        names += n;
    }
    return *names ? ig_error_set(error, IG_ERR_FORMAT, "its rows have additional columns:%s", names)
                  : IG_OK;
}

/** Config, experiment, grid and layout from the config text in the file. The experiment's own check
 *  is left out: it asks whether this machine could run the tasks, not whether the text is right. */
static ig_status rebuild(ig_store *s, const ig_registry *registry, ig_error *error)
{
    const char *text = ig_store_attribute(s, "config");
    TRY(want_experiment(s, registry, error));
    AUTO(ig_diagnostics_destroy) ig_diagnostics *diagnostics = ig_diagnostics_create();
    ig_status status = diagnostics ? ig_registry_parse(registry, text, strlen(text), s->path,
                                                       &s->config, diagnostics)
                                   : IG_ERR_MEMORY;
    if (status == IG_ERR_CONFIG) {
        return ig_error_set(error, IG_ERR_FORMAT, "the configuration it holds is not valid: %s",
                            ig_diagnostics_count(diagnostics) > 0
                                ? ig_diagnostics_text(diagnostics, 0)
                                : "no reason given");
    }
    if (status) {
        return ig_error_set(error, status, "out of memory (its configuration)");
    }
    if (strcmp(ig_config_hash(s->config), ig_store_attribute(s, "config_hash")) != 0) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "its configuration means something else to this version of %s "
                            "(made by imagrid %s)",
                            ig_store_attribute(s, IG_STORE_ORIGIN) ? "the plugin" : "imagrid",
                            ig_store_attribute(s, "imagrid_version"));
    }
    s->experiment = ig_experiment_of(s->config);
    TRY(ig_grid_create(s->config, &s->grid, error));
    s->n_tasks = ig_grid_n_tasks(s->grid);
    TRY(ig_layout_create(s->experiment->columns, s->experiment->n_columns,
                         s->experiment->dimensions, s->experiment->n_dimensions, s->config,
                         &s->layout, error));
    return match_columns(s, error);
}

static ig_status open_file(ig_store *s, const ig_registry *registry, ig_error *error)
{
    /* O_NONBLOCK: a FIFO of that name must not hang us. */
    s->fd = open(s->path, (s->writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (s->fd < 0) {
        return ig_file_error(error, errno, "cannot be opened");
    }
    TRY(ig_footer_check(s->fd, error));
    TRY(read_attributes(s, error));
    TRY(rebuild(s, registry, error));
    TRY(ig_datasets_root(s->grid, s->layout, &s->root, error));
    TRY(ig_datasets_sessions(ig_store_attribute(s, IG_STORE_ORIGIN), &s->sessions, error));
    return examine_datasets(s, error);
}

ig_status ig_store_open(const ig_registry *registry, const char *path, bool writable,
                        ig_store **store, ig_error *error)
{
    AUTO(ig_store_close) ig_store *s = NULL;
    TRY(IG_ALLOC(s, 1, error));
    s->fd = -1;
    s->writable = writable;
    s->path = ig_strdup(path, error);
    if (!s->path) {
        return IG_ERR_MEMORY;
    }
    ig_status status = open_file(s, registry, error);
    if (status) {
        ig_error_context(error, "%s", path);
        return status;
    }
    *store = ig_take(&s);
    return IG_OK;
}

void ig_store_close(ig_store **store)
{
    ig_store *s = *store;
    if (!s) {
        return;
    }
    ig_datasets_destroy(&s->sessions);
    ig_datasets_destroy(&s->root);
    ig_layout_destroy(&s->layout);
    ig_grid_destroy(&s->grid);
    ig_config_destroy(&s->config);
    for (size_t i = 0; i < IG_ROOT_TEXTS; i++) {
        free(s->texts[i]);
    }
    ig_file_close(&s->fd);
    free(s->path);
    free(s);
    *store = NULL;
}

const char *ig_store_path(const ig_store *store)
{
    return store->path;
}

ig_identity ig_store_identity(const ig_store *store)
{
    return (ig_identity){.name = store->path,
                         .config = store->config,
                         .origin = ig_store_attribute(store, IG_STORE_ORIGIN),
                         .results_version = store->results_version,
                         .isa = ig_store_attribute(store, "isa")};
}

const ig_experiment *ig_store_experiment(const ig_store *store)
{
    return store->experiment;
}

const ig_config *ig_store_config(const ig_store *store)
{
    return store->config;
}

const ig_grid *ig_store_grid(const ig_store *store)
{
    return store->grid;
}

const ig_layout *ig_store_layout(const ig_store *store)
{
    return store->layout;
}

const char *ig_store_attribute(const ig_store *store, const char *name)
{
    for (size_t i = 0; i < IG_ROOT_TEXTS; i++) {
        if (strcmp(ig_root_names[i], name) == 0) {
            return store->texts[i];
        }
    }
    return NULL;
}
