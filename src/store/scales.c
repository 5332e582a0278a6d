/** Dimension scales by their attributes (HDF5 Dimension Scale Specification), written step by step
 *  as the high-level library does, which is not installed wherever HDF5 is: what is in a file has
 *  its place by the order of these steps, and a file without its footer is saved by these places.
 */
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

static ig_status refer(hid_t dataset, hobj_ref_t *object, ig_error *error)
{
    return H5Rcreate(object, dataset, ".", H5R_OBJECT, -1) < 0
               ? ig_h5_error(error, IG_ERR_IO, "dimension scales")
               : IG_OK;
}

/** Make the list of a variable's scales with the first of them, or write all into it. */
static ig_status list_scales(hid_t dataset, size_t n_axes, const hvl_t axes[2], size_t axis,
                             ig_error *error)
{
    static const char name[] = "DIMENSION_LIST";
    AUTO_HID type = H5Tvlen_create(H5T_STD_REF_OBJ);
    if (axis == 0) {
        return ig_h5_set_numbers(dataset, name, type, n_axes, axes, error);
    }
    AUTO_HID attribute = H5Aopen(dataset, name, H5P_DEFAULT);
    return attribute < 0 || type < 0 || H5Awrite(attribute, type, axes) < 0
               ? ig_h5_error(error, IG_ERR_IO, "attribute %s", name)
               : ig_h5_closed(&attribute, name, error);
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

/** Give scale `s` the list of its users among the first variables, up to `axis` of variable `last`.
 */
static ig_status list_users(const hid_t *datasets, const ig_datasets *list, size_t s, size_t last,
                            size_t axis, ig_error *error)
{
    static const char name[] = "REFERENCE_LIST";
    AUTO_FREE reference *users = NULL;
    AUTO_HID type = reference_type();
    size_t n = 0;
    TRY(IG_ALLOC(users, 2 * (last + 1), error));
    for (size_t i = 0; i <= last; i++) {
        const ig_variable *v = &list->variables[i];
        for (size_t a = 0; !v->missing && !v->scale && a < v->n_axes; a++) {
            if (v->axes[a] == s && (i < last || a <= axis)) {
                /* Member by member: the padding, which is stored, too, stays zero. */
                TRY(refer(datasets[i], &users[n].dataset, error));
                users[n++].dimension = (int)a;
            }
        }
    }
    if (n > 1 && H5Adelete(datasets[s], name) < 0) {
        return ig_h5_error(error, IG_ERR_IO, "attribute %s", name);
    }
    return ig_h5_set_numbers(datasets[s], name, type, n, users, error);
}

ig_status ig_h5_attach_scales(const hid_t *datasets, const ig_datasets *list, size_t i,
                              ig_error *error)
{
    const ig_variable *v = &list->variables[i];
    hobj_ref_t objects[2];
    hvl_t axes[2] = {{0, NULL}, {0, NULL}};
    for (size_t axis = 0; axis < v->n_axes; axis++) {
        TRY(refer(datasets[v->axes[axis]], &objects[axis], error));
        axes[axis] = (hvl_t){1, &objects[axis]};
        TRY(list_scales(datasets[i], v->n_axes, axes, axis, error));
        TRY(list_users(datasets, list, v->axes[axis], i, axis, error));
    }
    return IG_OK;
}
