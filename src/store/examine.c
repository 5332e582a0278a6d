#include "store/examine.h"

#include "store/h5.h"

static ig_status open_file(const char *path, hid_t *file, ig_error *error)
{
    ig_status status = IG_OK;
    hid_t access = ig_h5_access();
    if (access < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "HDF5");
    }
    *file = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (*file < 0) {
        status = ig_h5_error(error, IG_ERR_FORMAT, "HDF5 cannot open it");
    }
    H5Pclose(access);
    return status;
}

ig_status ig_examine_texts(const char *path, char *texts[IG_ROOT_TEXTS], ig_error *error)
{
    hid_t file = -1;
    ig_h5_report report = ig_h5_mute();
    ig_status status = open_file(path, &file, error);
    size_t n = IG_ROOT_TEXTS;
    if (!status) {
        htri_t there = H5Aexists(file, IG_STORE_ORIGIN);
        n -= there == 0;
        status =
            there < 0 ? ig_h5_error(error, IG_ERR_FORMAT, "attribute %s", IG_STORE_ORIGIN) : IG_OK;
    }
    for (size_t i = 0; i < n && !status; i++) {
        status = ig_h5_get_text(file, ig_root_names[i], &texts[i], error);
    }
    if (file >= 0) {
        H5Fclose(file);
    }
    ig_h5_restore(report);
    return status;
}

static bool same_shape(hid_t space, const ig_variable *v)
{
    hsize_t shape[2] = {0, 1};
    return H5Sget_simple_extent_ndims(space) == (int)v->n_axes &&
           H5Sget_simple_extent_dims(space, shape, NULL) >= 0 && shape[0] == v->shape[0] &&
           shape[1] == v->shape[1];
}

/** Type, shape and storage of an open dataset; its offset into the plan. */
static ig_status examine(hid_t dataset, ig_variable *v, ig_error *error)
{
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset),
          properties = H5Dget_create_plist(dataset);
    bool right = type >= 0 && space >= 0 && properties >= 0 &&
                 H5Tequal(type, ig_stored_type(v->type)) > 0 && same_shape(space, v) &&
                 H5Pget_layout(properties) == H5D_CONTIGUOUS;
    haddr_t offset = right ? H5Dget_offset(dataset) : HADDR_UNDEF;
    if (properties >= 0) {
        H5Pclose(properties);
    }
    if (space >= 0) {
        H5Sclose(space);
    }
    if (type >= 0) {
        H5Tclose(type);
    }
    if (!right || offset == HADDR_UNDEF) {
        return ig_error_set(error, IG_ERR_FORMAT, "dataset %s is not what it should be",
                            ig_variable_name(v));
    }
    v->offset = offset;
    return IG_OK;
}

static ig_status examine_plan(hid_t location, ig_plan *plan, ig_error *error)
{
    ig_status status = IG_OK;
    for (size_t i = 0; i < plan->n && !status; i++) {
        ig_variable *v = &plan->variables[i];
        hid_t dataset = ig_h5_open_dataset(location, ig_variable_name(v));
        if (dataset < 0) {
            return ig_error_set(error, IG_ERR_FORMAT, "there is no dataset %s",
                                ig_variable_name(v));
        }
        status = examine(dataset, v, error);
        H5Dclose(dataset);
    }
    return status;
}

ig_status ig_examine_datasets(const char *path, ig_plan *root, ig_plan *starts, ig_error *error)
{
    hid_t file = -1, group = -1;
    ig_h5_report report = ig_h5_mute();
    ig_status status = open_file(path, &file, error);
    if (status) {
        goto done;
    }
    status = examine_plan(file, root, error);
    if (status) {
        goto done;
    }
    group = H5Gopen2(file, IG_STORE_GROUP, H5P_DEFAULT);
    status = group < 0 ? ig_error_set(error, IG_ERR_FORMAT, "there is no group %s", IG_STORE_GROUP)
                       : examine_plan(group, starts, error);
done:
    if (group >= 0) {
        H5Gclose(group);
    }
    if (file >= 0) {
        H5Fclose(file);
    }
    ig_h5_restore(report);
    return status;
}
