/** Types of the file: sizes, HDF5 types and fill values. */
#include <math.h>
#include <string.h>

#include "store/plan.h"

size_t ig_stored_size(ig_stored type)
{
    switch (type) {
    case IG_STORED_CHAR:
    case IG_STORED_I8:
        return 1;
    case IG_STORED_U32:
    case IG_STORED_I32:
    case IG_STORED_F32:
        return 4;
    case IG_STORED_I64:
    case IG_STORED_U64:
    case IG_STORED_F64:
        break;
    }
    return 8;
}

ig_stored ig_stored_of(ig_type type)
{
    switch (type) {
    case IG_F32:
        return IG_STORED_F32;
    case IG_I32:
        return IG_STORED_I32;
    case IG_I64:
        return IG_STORED_I64;
    case IG_F64:
        break;
    }
    return IG_STORED_F64;
}

hid_t ig_stored_type(ig_stored type)
{
    switch (type) {
    case IG_STORED_CHAR:
        return H5T_C_S1;
    case IG_STORED_I8:
        return H5T_STD_I8LE;
    case IG_STORED_U32:
        return H5T_STD_U32LE;
    case IG_STORED_I32:
        return H5T_STD_I32LE;
    case IG_STORED_I64:
        return H5T_STD_I64LE;
    case IG_STORED_U64:
        return H5T_STD_U64LE;
    case IG_STORED_F32:
        return H5T_IEEE_F32LE;
    case IG_STORED_F64:
        break;
    }
    return H5T_IEEE_F64LE;
}

void ig_stored_fill(ig_stored type, unsigned char bytes[8])
{
    const float f32 = NAN;
    const double f64 = (double)NAN;
    const int32_t i32 = INT32_MIN;
    const int64_t i64 = INT64_MIN;
    memset(bytes, 0, 8);
    if (type == IG_STORED_F32) {
        memcpy(bytes, &f32, sizeof f32);
    } else if (type == IG_STORED_F64) {
        memcpy(bytes, &f64, sizeof f64);
    } else if (type == IG_STORED_I32) {
        memcpy(bytes, &i32, sizeof i32);
    } else if (type == IG_STORED_I64) {
        memcpy(bytes, &i64, sizeof i64);
    }
}
