/** Copying few numbers. */
#ifndef IMAGRID_NN_COPY_H
#define IMAGRID_NN_COPY_H

#include <stddef.h>
#include <string.h>

/** Copy n numbers, of which there are few, such as a state or an action: the call of memcpy for a
 *  length that is not known to the compiler takes longer than the copy. */
static inline void ig_copy_few(size_t n, const float *from, float *to)
{
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        memcpy(to + i, from + i, 4 * sizeof *to);
        /* Otherwise compilers find that the loop is a memcpy. */
        __asm__ volatile("");
    }
    if (n & 2) {
        memcpy(to + i, from + i, 2 * sizeof *to);
        i += 2;
    }
    if (n & 1) {
        to[i] = from[i];
    }
}

#endif
