/** Opening and closing a result file, and what it says about itself.
 *
 *  Where the footer's checksum is right, HDF5 reads the file, and attributes and datasets must be
 *  what they should be. Where it is not, the file is damaged, or another program changed it: then
 *  HDF5 reads it in a process of its own first, and whatever imagrid takes from the file outside of
 *  rows must prove itself. The configuration has a hash, the coordinates follow from it, the places
 *  of the rows from checksums of HDF5's and, as everything in a row, from the row's own. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "config/inputs.h"
#include "h5/guard.h"
#include "store/datasets.h"
#include "store/file.h"
#include "store/internal.h"

enum { BLOCK = 1 << 20 }; /* bytes at hand; more than the value of a coordinate has */

static ig_status open_in_hdf5(const char *path, hid_t *file, ig_error *error)
{
    AUTO_HID access = ig_h5_access();
    if (access < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "HDF5");
    }
    *file = H5Fopen(path, H5F_ACC_RDONLY, access);
    return *file < 0 ? ig_h5_error(error, IG_ERR_FORMAT, "damaged: HDF5 cannot open it") : IG_OK;
}

/** Names of the first few links of the root group, for a message. */
static herr_t take_name(hid_t group, const char *name, const H5L_info_t *info, void *text)
{
    enum { LIST = 120 };
    char shown[IG_QUOTE_TEXT];
    (void)group;
    (void)info;
    ig_text_list(text, LIST, ig_text_quote(name, shown));
    return 0;
}

/** Say what an HDF5 file is that is no result file. */
static ig_status describe_other(hid_t file, ig_error *error)
{
    AUTO_FREE char *kind = NULL;
    char names[120] = "";
    if (H5Aexists(file, "kind") > 0 && ig_h5_get_text(file, "kind", &kind, NULL) == IG_OK &&
        strcmp(kind, IG_SUMMARY_KIND) == 0) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "is a summary: `imagrid plan --fits` reads it; `status`, `retry`, "
                            "`merge` and `run` take the result files that it was made from");
    }
    if (H5Literate(file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, take_name, names) < 0) {
        names[0] = '\0';
    }
    return ig_error_set(error, IG_ERR_FORMAT,
                        "is an HDF5 file of another program (it holds %s), not of imagrid",
                        names[0] ? names : "nothing");
}

/** The root group's attributes. */
static ig_status read_attributes(ig_store *s, ig_error *error)
{
    IG_H5_MUTED;
    AUTO_HID file = -1;
    TRY(open_in_hdf5(s->path, &file, error));
    const htri_t hash = H5Aexists(file, "config_hash"), columns = H5Aexists(file, "row_columns");
    if (hash < 0 || columns < 0) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "damaged: the attributes of its root group cannot be read");
    }
    if (hash == 0 || columns == 0) {
        return describe_other(file, error);
    }
    for (size_t i = 0; i < IG_ROOT_TEXTS; i++) {
        const htri_t there = i < IG_ROOT_NEEDED ? 1 : H5Aexists(file, ig_root_names[i]);
        if (there < 0) {
            return ig_h5_error(error, IG_ERR_FORMAT, "attribute %s", ig_root_names[i]);
        }
        if (there) {
            TRY(ig_h5_get_text(file, ig_root_names[i], &s->texts[i], error));
        }
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

/** Copy values that another program compressed or cut into chunks to the store's spool, where they
 *  have a place. */
static ig_status spool(ig_store *s, hid_t dataset, ig_variable *v, ig_error *error)
{
    char path[IG_SCRATCH_PATH];
    const size_t width = ig_stored_size(v->type) * v->shape[1],
                 step = width < BLOCK ? BLOCK / width : 1;
    AUTO_FREE unsigned char *bytes = NULL;
    AUTO_HID space = H5Dget_space(dataset);
    if (s->spool < 0) {
        TRY(ig_file_scratch(path, &s->spool, error));
        unlink(path);
    }
    TRY(IG_ALLOC(bytes, step * width, error));
    v->spooled = true;
    v->offset = s->spooled;
    for (size_t first = 0; first < v->shape[0]; first += step) {
        const size_t n = v->shape[0] - first < step ? v->shape[0] - first : step;
        const hsize_t start[2] = {first, 0}, count[2] = {n, v->shape[1]};
        ig_guard_step(0);
        AUTO_HID memory = H5Screate_simple((int)v->n_axes, count, NULL);
        if (space < 0 || memory < 0 ||
            H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
            H5Dread(dataset, ig_stored_type(v->type), memory, space, H5P_DEFAULT, bytes) < 0) {
            return ig_h5_error(error, IG_ERR_FORMAT, "dataset %s", ig_variable_name(v));
        }
        TRY(ig_file_write(s->spool, s->spooled, bytes, n * width, error));
        s->spooled += n * width;
    }
    return IG_OK;
}

/** Type, shape and storage of an open dataset; its offset into the list. */
static ig_status examine(ig_store *s, hid_t dataset, ig_variable *v, ig_error *error)
{
    AUTO_HID type = H5Dget_type(dataset);
    AUTO_HID space = H5Dget_space(dataset);
    AUTO_HID properties = H5Dget_create_plist(dataset);
    bool right = type >= 0 && space >= 0 && properties >= 0 &&
                 H5Tequal(type, ig_stored_type(v->type)) > 0 && same_shape(space, v);
    if (right && s->changed && H5Pget_layout(properties) == H5D_CHUNKED) {
        return spool(s, dataset, v, error);
    }
    right = right && H5Pget_layout(properties) == H5D_CONTIGUOUS;
    haddr_t offset = right ? H5Dget_offset(dataset) : HADDR_UNDEF;
    if (!right || offset == HADDR_UNDEF) {
        return ig_error_set(error, IG_ERR_FORMAT, "dataset %s is not what it should be",
                            ig_variable_name(v));
    }
    v->offset = offset;
    return IG_OK;
}

static ig_status examine_list(ig_store *s, hid_t location, ig_datasets *list, ig_error *error)
{
    for (size_t i = 0; i < list->n; i++) {
        ig_variable *v = &list->variables[i];
        const char *name = ig_variable_name(v);
        const htri_t there = v->optional ? H5Lexists(location, name, H5P_DEFAULT) : 1;
        if (there < 0) {
            return ig_h5_error(error, IG_ERR_FORMAT, "dataset %s", name);
        }
        v->missing = there == 0;
        /* netCDF makes dimensions without values in a way of its own. */
        if (v->missing || (s->changed && v->role == IG_ROLE_BARE)) {
            continue;
        }
        AUTO_HID dataset = ig_h5_open_dataset(location, name);
        if (dataset < 0) {
            return ig_error_set(error, IG_ERR_FORMAT, "there is no dataset %s", name);
        }
        TRY(examine(s, dataset, v, error));
    }
    return IG_OK;
}

/** Check every dataset of the lists and note their offsets. */
static ig_status examine_datasets(ig_store *s, ig_error *error)
{
    IG_H5_MUTED;
    AUTO_HID file = -1;
    TRY(open_in_hdf5(s->path, &file, error));
    TRY(examine_list(s, file, s->root, error));
    AUTO_HID group = H5Gopen2(file, IG_STORE_GROUP, H5P_DEFAULT);
    return group < 0 ? ig_error_set(error, IG_ERR_FORMAT, "there is no group %s", IG_STORE_GROUP)
                     : examine_list(s, group, s->sessions, error);
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
    TRY(want_experiment(s, registry, error));
    TRY(ig_store_configure(s, registry, ig_store_attribute(s, "config"), error));
    if (strcmp(ig_config_hash(s->config), ig_store_attribute(s, "config_hash")) != 0) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "its configuration means something else to this version of %s "
                            "(made by imagrid %s)",
                            ig_store_attribute(s, IG_STORE_ORIGIN) ? "the plugin" : "imagrid",
                            ig_store_attribute(s, "imagrid_version"));
    }
    return match_columns(s, error);
}

ig_status ig_store_configure(ig_store *s, const ig_registry *registry, const char *text,
                             ig_error *error)
{
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
    s->experiment = ig_experiment_of(s->config);
    TRY(ig_grid_create(s->config, &s->grid, error));
    s->n_tasks = ig_grid_n_tasks(s->grid);
    return ig_layout_create(s->experiment->columns, s->experiment->n_columns,
                            s->experiment->dimensions, s->experiment->n_dimensions, s->config,
                            &s->layout, error);
}

/** Whether the coordinates are what the configuration says. */
static ig_status check_coordinates(const ig_store *s, ig_error *error)
{
    AUTO_FREE unsigned char *there = NULL, *wanted = NULL;
    TRY(IG_ALLOC(there, BLOCK, error));
    TRY(IG_ALLOC(wanted, BLOCK, error));
    for (size_t i = 0; i < s->root->n; i++) {
        const ig_variable *v = &s->root->variables[i];
        if (v->missing || v->role == IG_ROLE_ROWS || v->role == IG_ROLE_BARE) {
            continue;
        }
        const size_t width = ig_stored_size(v->type) * v->shape[1], step = BLOCK / width;
        for (size_t first = 0; first < v->shape[0]; first += step) {
            const size_t n = v->shape[0] - first < step ? v->shape[0] - first : step;
            ig_guard_step(0);
            TRY(ig_store_read_rows(s, v, first, n, there, error));
            ig_variable_values(v, s->grid, first, n, wanted);
            if (memcmp(there, wanted, n * width) != 0) {
                return ig_error_set(error, IG_ERR_FORMAT,
                                    "dataset %s holds other values than the configuration",
                                    ig_variable_name(v));
            }
        }
    }
    return IG_OK;
}

static ig_status open_contents(ig_store *s, const ig_registry *registry, ig_error *error)
{
    TRY(read_attributes(s, error));
    TRY(rebuild(s, registry, error));
    TRY(ig_datasets_root(s->grid, s->layout, &s->root, error));
    TRY(ig_datasets_sessions(ig_store_attribute(s, IG_STORE_ORIGIN), ig_inputs_count(s->config) > 0,
                             &s->sessions, error));
    return examine_datasets(s, error);
}

/** Whether the input files are those that the sessions note, as far as these do. */
static ig_status check_inputs(ig_store *s, ig_error *error)
{
    const char *there = ig_store_attribute(s, IG_STORE_READS);
    char noted[IG_STORE_INPUTS];
    TRY(ig_store_noted_inputs(s, noted, error));
    if (!ig_inputs_told(s->config, there) ||
        (*noted && !s->experiment->accepts_changed_inputs &&
         ig_inputs_match(ig_config_schema(s->config), there, "", noted, "", "", NULL))) {
        return ig_error_set(error, IG_ERR_FORMAT,
                            "attribute %s is not what the sessions of the run have noted",
                            IG_STORE_READS);
    }
    return IG_OK;
}

/** What the child looks at. */
typedef struct look {
    ig_store *store;
    const ig_registry *registry;
} look;

static ig_status look_at(void *context, ig_error *error)
{
    const look *l = context;
    ig_isa isa;
    TRY(open_contents(l->store, l->registry, error));
    TRY(check_coordinates(l->store, error));
    TRY(check_inputs(l->store, error));
    return ig_isa_parse(ig_store_attribute(l->store, "isa"), &isa, error) ? IG_ERR_FORMAT : IG_OK;
}

/** Open a file whose footer is not right. */
static ig_status open_changed(ig_store *s, const ig_registry *registry, ig_error *error)
{
    look l = {s, registry};
    s->changed = true;
    TRY(ig_guarded(look_at, &l, error));
    TRY(open_contents(s, registry, error));
    s->damaged = false;
    return s->spooled == 0 || !s->writable
               ? IG_OK
               : ig_error_set(error, IG_ERR_FORMAT,
                              "another program compressed it or cut it into chunks, so that rows "
                              "cannot be written in place: `imagrid salvage` makes a file of it "
                              "that can be");
}

/** Say of a file that cannot be opened what of it can be saved, and how. */
static void explain(const ig_store *s, const ig_registry *registry, ig_error *error)
{
    AUTO(ig_store_close) ig_store *rest = NULL;
    AUTO_FREE int8_t *state = NULL;
    ig_store_scan scan;
    ig_error ignored = {0};
    char cause[IG_ERROR_TEXT / 2];
    if (!error) {
        return;
    }
    const bool said = strncmp(error->text, "damaged: ", strlen("damaged: ")) == 0;
    snprintf(cause, sizeof cause, "%.*s", (int)sizeof cause - 1,
             error->text + (said ? strlen("damaged: ") : 0));
    const ig_status status = ig_store_rescue(registry, s->path, NULL, &rest, &ignored);
    if (!status && IG_ALLOC(state, rest->n_tasks, &ignored) == IG_OK &&
        ig_store_check(rest, state, &scan, &ignored) == IG_OK) {
        if (scan.done + scan.failed == 0) {
            ig_error_set(error, IG_ERR_FORMAT,
                         "damaged: %s; no row of it can be saved: restore a copy, or run into a "
                         "new file",
                         cause);
            return;
        }
        ig_error_set(error, IG_ERR_FORMAT,
                     "damaged: %s; %zu of %zu rows can be saved: `imagrid status` shows which, "
                     "`imagrid salvage %s -o NEW.h5` takes them over",
                     cause, scan.done + scan.failed, rest->n_tasks, s->path);
    } else if (status == IG_ERR_CONFIG) {
        ig_error_set(error, IG_ERR_FORMAT,
                     "damaged: %s; its configuration is lost, too: `imagrid salvage %s -o NEW.h5 "
                     "--config CONFIG.yaml` saves the rows that are left",
                     cause, s->path);
    }
}

static ig_status open_file(ig_store *s, const ig_registry *registry, ig_error *error)
{
    /* O_NONBLOCK: a FIFO of that name must not hang us. */
    s->fd = open(s->path, (s->writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (s->fd < 0) {
        return ig_file_error(error, errno,
                             s->writable ? "cannot be opened for writing" : "cannot be opened");
    }
    bool right = false;
    s->damaged = true;
    TRY(ig_footer_check(s->fd, &right, error));
    s->damaged = !right;
    return right ? open_contents(s, registry, error) : open_changed(s, registry, error);
}

ig_status ig_store_open(const ig_registry *registry, const char *path, bool writable,
                        ig_store **store, ig_error *error)
{
    AUTO(ig_store_close) ig_store *s = NULL;
    TRY(IG_ALLOC(s, 1, error));
    s->fd = s->spool = -1;
    s->writable = writable;
    s->path = ig_strdup(path, error);
    if (!s->path) {
        return IG_ERR_MEMORY;
    }
    ig_status status = open_file(s, registry, error);
    if (status) {
        if (status == IG_ERR_FORMAT && s->damaged) {
            explain(s, registry, error);
        }
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
    ig_file_close(&s->spool);
    free(s->path);
    free(s);
    *store = NULL;
}

const char *ig_store_path(const ig_store *store)
{
    return store->path;
}

ig_provenance ig_store_provenance(const ig_store *store)
{
    return (ig_provenance){.version = ig_store_attribute(store, "imagrid_version"),
                           .revision = ig_store_attribute(store, "revision"),
                           .compiler = ig_store_attribute(store, "compiler"),
                           .flags = ig_store_attribute(store, "flags"),
                           .libraries = ig_store_attribute(store, "libraries"),
                           .isa = ig_store_attribute(store, "isa"),
                           .plugin = ig_store_attribute(store, IG_STORE_ORIGIN),
                           .inputs = ig_store_attribute(store, IG_STORE_READS),
                           .results_version = store->results_version};
}

bool ig_store_changed(const ig_store *store)
{
    return store->changed;
}

ig_identity ig_store_identity(const ig_store *store)
{
    return (ig_identity){.name = store->path,
                         .config = store->config,
                         .origin = ig_store_attribute(store, IG_STORE_ORIGIN),
                         .results_version = store->results_version,
                         .isa = ig_store_attribute(store, "isa"),
                         .inputs = ig_store_attribute(store, IG_STORE_READS)};
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
