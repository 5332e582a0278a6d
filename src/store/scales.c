/** Dimension scales by their attributes (HDF5 Dimension Scale Specification), as the high-level
 *  library writes them, which is not installed wherever HDF5 is. */
#include "store/datasets.h"

/** An entry of REFERENCE_LIST: a dataset, and its dimension that the scale belongs to. */
typedef struct reference {
    hobj_ref_t dataset;
    int dimension;
} reference;

ig_status ig_h5_set_scale(hid_t dataset, const char *name, ig_error *error)
{
    TRY(ig_h5_set_fixed_text(dataset, "CLASS", "DIMENSION_SCALE", error));
    return ig_h5_set_fixed_text(dataset, "NAME", name, error);
}

/** Negative on failure. */
static hid_t reference_type(void)
{
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(reference));
    if (type >= 0 &&
        (H5Tinsert(type, "dataset", offsetof(reference, dataset), H5T_STD_REF_OBJ) < 0 ||
         H5Tinsert(type, "dimension", offsetof(reference, dimension), H5T_NATIVE_INT) < 0)) {
        ig_h5_close(&type);
    }
    return type;
}

/** Tell scale `s` who uses it; `found` has room for two entries a variable. */
static ig_status list_references(const hid_t *datasets, const ig_datasets *list,
                                 const hobj_ref_t *objects, size_t s, reference *found,
                                 ig_error *error)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const ig_variable *v = &list->variables[i];
        for (size_t axis = 0; !v->missing && !v->scale && axis < v->n_axes; axis++) {
            if (v->axes[axis] == s) {
                /* Member by member: the padding, which is stored, too, stays zero. */
                found[n].dataset = objects[i];
                found[n++].dimension = (int)axis;
            }
        }
    }
    if (n == 0) {
        return IG_OK;
    }
    AUTO_HID type = reference_type();
    return ig_h5_set_numbers(datasets[s], "REFERENCE_LIST", type, n, found, error);
}

ig_status ig_h5_attach_scales(hid_t location, const hid_t *datasets, const ig_datasets *list,
                              ig_error *error)
{
    AUTO_FREE hobj_ref_t *objects = NULL;
    AUTO_FREE reference *found = NULL;
    AUTO_HID several = H5Tvlen_create(H5T_STD_REF_OBJ);
    TRY(IG_ALLOC(objects, list->n, error));
    TRY(IG_ALLOC(found, 2 * list->n, error));
    for (size_t i = 0; i < list->n; i++) {
        const ig_variable *v = &list->variables[i];
        if (!v->missing &&
            H5Rcreate(&objects[i], location, ig_variable_name(v), H5R_OBJECT, -1) < 0) {
            return ig_h5_error(error, IG_ERR_IO, "reference to %s", ig_variable_name(v));
        }
    }
    for (size_t i = 0; i < list->n; i++) {
        const ig_variable *v = &list->variables[i];
        if (v->missing) {
            continue;
        }
        if (v->scale) {
            TRY(list_references(datasets, list, objects, i, found, error));
            continue;
        }
        const hvl_t axes[2] = {{1, &objects[v->axes[0]]}, {1, &objects[v->axes[1]]}};
        TRY(ig_h5_set_numbers(datasets[i], "DIMENSION_LIST", several, v->n_axes, axes, error));
    }
    return IG_OK;
}
