/** The one way to leave a function early: a failed call ends it, what it owns is released by scope.
 *
 *      ig_status ig_example(size_t n, double **out, ig_error *error)
 *      {
 *          AUTO_FREE double *values = NULL;
 *          TRY(IG_ALLOC(values, n, error));
 *          TRY(fill(values, n, error));
 *          *out = ig_take(&values);
 *          return IG_OK;
 *      }
 *
 *  Only for variables of a function. What a struct owns is released by its clear or destroy. */
#ifndef BASE_TRY_H
#define BASE_TRY_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "imagrid/error.h"

/** Return the status of a call that failed. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        const ig_status try_status = (call);                                                       \
        if (try_status) {                                                                          \
            return try_status;                                                                     \
        }                                                                                          \
    } while (0)

/** Call `release(&variable)` where the variable's scope ends, however it ends. */
#define AUTO(release) __attribute__((cleanup(release)))
/** free() a pointer where its scope ends; it starts as NULL. */
#define AUTO_FREE AUTO(ig_free_pointer)

static inline void ig_free_pointer(void *pointer)
{
    free(*(void **)pointer);
}

/** Close a descriptor where its scope ends, unless it is < 0. */
#define AUTO_CLOSE AUTO(ig_close_descriptor)

static inline void ig_close_descriptor(const int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

/** Hand a pointer on: what it pointed to, and NULL stays behind, so that its scope frees nothing.
 */
#define ig_take(pointer)                                                                           \
    __extension__({                                                                                \
        __typeof__(*(pointer)) taken = *(pointer);                                                 \
        *(pointer) = NULL;                                                                         \
        taken;                                                                                     \
    })

/** n elements of `size` bytes, zeroed; never NULL but where memory is short, which is recorded as
 *  "out of memory (SIZE bytes)". `error` may be NULL. free() it. */
void *ig_alloc(size_t n, size_t size, ig_error *error);
/** As realloc for n elements of `size` bytes; the old block stays where memory is short. */
void *ig_realloc(void *old, size_t n, size_t size, ig_error *error);
/** A copy of a text. free() it. */
char *ig_strdup(const char *text, ig_error *error);
/** A new text as printf writes it. free() it. */
char *ig_asprintf(ig_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Point `pointer` to n zeroed elements of its type: IG_OK or IG_ERR_MEMORY. */
#define IG_ALLOC(pointer, n, error)                                                                \
    (((pointer) = ig_alloc((n), sizeof *(pointer), (error))) ? IG_OK : IG_ERR_MEMORY)
/** Let `pointer` have n elements; the new ones are not zeroed: IG_OK or IG_ERR_MEMORY, the old
 * block kept. */
#define IG_GROW(pointer, n, error)                                                                 \
    __extension__({                                                                                \
        void *grown = ig_realloc((pointer), (n), sizeof *(pointer), (error));                      \
        if (grown) {                                                                               \
            (pointer) = grown;                                                                     \
        }                                                                                          \
        const ig_status grow_status = grown ? IG_OK : IG_ERR_MEMORY;                               \
        grow_status;                                                                               \
    })

#endif
