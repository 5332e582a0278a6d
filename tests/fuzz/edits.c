#include "edits.h"

#include <float.h>
#include <math.h>
#include <string.h>

uint8_t edits_head(const uint8_t *data, size_t size, size_t i)
{
    return i < size ? data[i] : 0;
}

size_t edits_count(const uint8_t *data, size_t size)
{
    (void)data;
    return size < EDITS_HEAD ? 0 : (size - EDITS_HEAD) / EDIT_BYTES;
}

edit edits_at(const uint8_t *data, size_t i)
{
    const uint8_t *bytes = data + EDITS_HEAD + i * EDIT_BYTES;
    edit e = {.kind = bytes[0], .value = bytes[1]};
    memcpy(&e.which, bytes + 2, sizeof e.which);
    memcpy(&e.place, bytes + 4, sizeof e.place);
    return e;
}

double edits_number(uint8_t value)
{
    static const double numbers[] = {0,
                                     -0.0,
                                     1,
                                     -1,
                                     2,
                                     0.5,
                                     1e-3,
                                     1e3,
                                     1e-9,
                                     1e9,
                                     -1e9,
                                     1e-30,
                                     1e30,
                                     1e-38,
                                     3e38,
                                     -3e38,
                                     4e38,
                                     1e-300,
                                     1e300,
                                     -1e300,
                                     DBL_MAX,
                                     -DBL_MAX,
                                     DBL_MIN,
                                     5e-324,
                                     -5e-324,
                                     0x1p31,
                                     0x1p32,
                                     0x1p53,
                                     0x1p63,
                                     -0x1p63,
                                     0x1p64,
                                     256,
                                     257,
                                     (double)NAN,
                                     (double)INFINITY,
                                     -(double)INFINITY};
    enum { N = sizeof numbers / sizeof *numbers };
    return value < N ? numbers[value] : (value - 128.0) / 16;
}
