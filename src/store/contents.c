#include "store/contents.h"

#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/build.h"
#include "store/file.h"
#include "store/h5.h"
#include "store/seal.h"

const char *const ig_root_names[IG_ROOT_TEXTS] = {
    "Conventions", "title", "experiment", "config", "config_hash", "imagrid_version", "revision",
    "compiler",    "flags", "libraries",  "isa",    "row_columns", IG_STORE_ORIGIN};

/** The names, separated by blanks; malloc'd. */
static char *join(const char *const *names, size_t n)
{
    size_t size = 1;
    for (size_t i = 0; i < n; i++) {
        size += strlen(names[i]) + 1;
    }
    char *text = calloc(size, 1), *end = text;
    for (size_t i = 0; text && i < n; i++) {
        end = stpcpy(stpcpy(end, i == 0 ? "" : " "), names[i]);
    }
    return text;
}

/** Texts that name variables: axes and seed in `*coordinates`, the columns that make up a row in
 *  its order in `*columns`; malloc'd, NULL without memory. */
static void name_variables(const ig_contents *c, char **coordinates, char **columns)
{
    size_t n = 0, n_columns = c->layout->n_columns;
    /* Every column is a variable of the plan, so there is room for either list. */
    const char **names = malloc(c->root->n * sizeof *names);
    if (!names) {
        return;
    }
    for (size_t i = 0; i < c->root->n; i++) {
        ig_role role = c->root->variables[i].role;
        if (role == IG_ROLE_AXIS || role == IG_ROLE_SEED) {
            names[n++] = ig_variable_name(&c->root->variables[i]);
        }
    }
    *coordinates = join(names, n);
    for (size_t i = 0; i < n_columns; i++) {
        names[i] = c->layout->columns[i].name;
    }
    *columns = join(names, n_columns);
    free(names);
}

static ig_status write_attributes(hid_t file, const ig_contents *c, const char *row_columns,
                                  ig_error *error)
{
    const ig_config *config = ig_grid_config(c->grid);
    const ig_provenance *p = c->provenance;
    const char *const texts[IG_ROOT_TEXTS] = {"CF-1.8",
                                              c->experiment->title,
                                              c->experiment->schema.experiment,
                                              ig_config_resolved(config),
                                              ig_config_hash(config),
                                              p->version,
                                              p->revision,
                                              p->compiler,
                                              p->flags,
                                              p->libraries,
                                              p->isa,
                                              row_columns,
                                              p->plugin};
    const int32_t version = IG_FORMAT_VERSION;
    ig_status status = IG_OK;
    const size_t n = p->plugin ? IG_ROOT_TEXTS : IG_ROOT_TEXTS - 1;
    for (size_t i = 0; i < n && !status; i++) {
        status = ig_h5_set_text(file, ig_root_names[i], texts[i], error);
    }
    return status ? status
                  : ig_h5_set_numbers(file, "format_version", H5T_STD_I32LE, 1, &version, error);
}

static ig_status write_root(hid_t file, const ig_contents *c, ig_error *error)
{
    char *coordinates = NULL, *columns = NULL;
    name_variables(c, &coordinates, &columns);
    ig_status status = coordinates && columns
                           ? write_attributes(file, c, columns, error)
                           : ig_error_set(error, IG_ERR_MEMORY, "no memory for names");
    if (!status) {
        status = ig_build(file, c->root, coordinates, error);
    }
    free(columns);
    free(coordinates);
    return status;
}

/** The dataset of the seal: its place is taken only when it is first written, after everything else
 *  has one, so that it ends the file. `*end` is where. */
static ig_status write_seal(hid_t file, hid_t group, hsize_t n_words, haddr_t *end, ig_error *error)
{
    uint64_t *zeros = calloc(n_words, sizeof *zeros);
    hid_t properties = ig_build_properties(H5P_DATASET_CREATE), dataset = -1,
          space = H5Screate_simple(1, &n_words, NULL);
    ig_status status = IG_OK;
    if (!zeros || properties < 0 || space < 0) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for the seal");
        goto done;
    }
    if (H5Pset_layout(properties, H5D_CONTIGUOUS) < 0 ||
        H5Pset_alloc_time(properties, H5D_ALLOC_TIME_LATE) < 0 ||
        (dataset = H5Dcreate2(group, IG_STORE_SEAL, H5T_STD_U64LE, space, H5P_DEFAULT, properties,
                              H5P_DEFAULT)) < 0 ||
        H5DSset_scale(dataset, IG_STORE_SEAL) < 0) {
        status = ig_h5_error(error, IG_ERR_IO, "dataset %s", IG_STORE_SEAL);
        goto done;
    }
    status = ig_h5_set_text(dataset, "long_name",
                            "places of what may change, and checksum of the rest", error);
    if (!status && (H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 ||
                    H5Dwrite(dataset, H5T_STD_U64LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros) < 0)) {
        status = ig_h5_error(error, IG_ERR_IO, "dataset %s", IG_STORE_SEAL);
    }
    const haddr_t offset = status ? HADDR_UNDEF : H5Dget_offset(dataset);
    if (offset != HADDR_UNDEF) {
        *end = offset + n_words * sizeof *zeros;
    } else if (!status) {
        status = ig_h5_error(error, IG_ERR_IO, "the place of dataset %s", IG_STORE_SEAL);
    }
done:
    if (dataset >= 0 && H5Dclose(dataset) < 0 && !status) {
        status = ig_h5_error(error, IG_ERR_IO, "dataset %s", IG_STORE_SEAL);
    }
    if (space >= 0) {
        H5Sclose(space);
    }
    if (properties >= 0) {
        H5Pclose(properties);
    }
    free(zeros);
    return status;
}

static ig_status write_provenance(hid_t file, const ig_contents *c, haddr_t *end, ig_error *error)
{
    hid_t group = -1, properties = ig_build_properties(H5P_GROUP_CREATE);
    if (properties >= 0) {
        group = H5Gcreate2(file, IG_STORE_GROUP, H5P_DEFAULT, properties, H5P_DEFAULT);
    }
    ig_status status = group < 0 ? ig_h5_error(error, IG_ERR_IO, "group %s", IG_STORE_GROUP)
                                 : ig_h5_set_text(group, "title", "starts of the run", error);
    if (!status) {
        status = ig_build(group, c->starts, NULL, error);
    }
    if (!status) {
        status = write_seal(file, group, ig_seal_words(c->root, c->starts), end, error);
    }
    if (group >= 0 && H5Gclose(group) < 0 && !status) {
        status = ig_h5_error(error, IG_ERR_IO, "group %s", IG_STORE_GROUP);
    }
    if (properties >= 0) {
        H5Pclose(properties);
    }
    return status;
}

/** HDF5 wants a name; it is gone as soon as the file is open, so that nothing can be left behind.
 */
static ig_status create_file(hid_t *file, int *fd, ig_error *error)
{
    char path[IG_SCRATCH_PATH];
    ig_status status = ig_file_scratch(path, fd, error);
    if (status) {
        return status;
    }
    hid_t access = ig_h5_access(), properties = ig_build_properties(H5P_FILE_CREATE);
    if (access < 0 || properties < 0) {
        status = ig_h5_error(error, IG_ERR_MEMORY, "HDF5");
    } else {
        *file = H5Fcreate(path, H5F_ACC_TRUNC, properties, access);
        if (*file < 0) {
            status = ig_h5_error(error, IG_ERR_IO, "%s", path);
        }
    }
    unlink(path);
    if (properties >= 0) {
        H5Pclose(properties);
    }
    if (access >= 0) {
        H5Pclose(access);
    }
    return status;
}

/** The seal is found from the file's end. */
static ig_status check_end(int fd, haddr_t end, ig_error *error)
{
    uint64_t length = 0;
    ig_status status = ig_file_length(fd, &length, error);
    return status || length == end
               ? status
               : ig_error_set(error, IG_ERR_IO, "HDF5 put something after the seal");
}

ig_status ig_contents_headers(const ig_contents *contents, int *fd, ig_error *error)
{
    hid_t file = -1;
    haddr_t end = 0;
    int scratch = -1;
    ig_h5_report report = ig_h5_mute();
    ig_status status = create_file(&file, &scratch, error);
    if (!status) {
        status = write_root(file, contents, error);
    }
    if (!status) {
        status = write_provenance(file, contents, &end, error);
    }
    if (file >= 0 && H5Fclose(file) < 0 && !status) {
        status = ig_h5_error(error, IG_ERR_IO, "the headers");
    }
    ig_h5_restore(report);
    if (!status) {
        status = check_end(scratch, end, error);
    }
    if (!status) {
        *fd = scratch;
    } else if (scratch >= 0) {
        close(scratch);
    }
    return status;
}
