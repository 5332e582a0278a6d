/** Status codes and the message object that collects context on the way up. */
#ifndef IMAGRID_ERROR_H
#define IMAGRID_ERROR_H

#include <errno.h>

/** What went wrong; zero is success. Every fallible function returns one of these. */
typedef enum ig_status {
    IG_OK = 0,
    IG_ERR_USAGE,    /**< an argument on the command line or of a call is wrong */
    IG_ERR_CONFIG,   /**< the configuration is wrong; the diagnostics say where */
    IG_ERR_MEMORY,   /**< an allocation failed */
    IG_ERR_IO,       /**< a file could not be opened, read, written or renamed */
    IG_ERR_SPACE,    /**< the file system is full or a quota is used up */
    IG_ERR_FORMAT,   /**< a file is not ours, is truncated or is damaged */
    IG_ERR_LOCKED,   /**< another run holds the output file */
    IG_ERR_MISMATCH, /**< rows of two files, or of a file and a run, may not stand together */
    IG_ERR_NUMERIC,  /**< a result is not finite */
    IG_ERR_STOPPED,  /**< the yield hook asked the task to stop; nothing is wrong */
    IG_ERR_MPI,      /**< an MPI call failed */
    IG_ERR_TIME      /**< the time limit is too short for any task that is left */
} ig_status;

enum { IG_ERROR_TEXT = 2048 };

/** A status with its message. Owned by the caller; start with `ig_error error = {0};`. */
typedef struct ig_error {
    ig_status status;
    char text[IG_ERROR_TEXT]; /**< zero-terminated; truncated, never overrun */
} ig_error;

/** Record `status` with a printf-style message, replacing what was there; `error` may be NULL.
 *  Its value is `status`, so that a failing function can `return ig_error_set(...)`: a macro, since
 * a compiler or analyser that reads one file sees then that a failure recorded is one returned. */
#define ig_error_set(error, status, ...)                                                           \
    __extension__({                                                                                \
        const ig_status ig_status_set = (status);                                                  \
        ig_error_record((error), ig_status_set, __VA_ARGS__);                                      \
        ig_status_set;                                                                             \
    })
void ig_error_record(ig_error *error, ig_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Put "context: " in front of the message, e.g. a file or a task; `error` may be NULL.
 *  Returns the status already recorded (IG_OK for NULL). */
ig_status ig_error_context(ig_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** IG_ERR_SPACE for ENOSPC and EDQUOT, IG_ERR_MEMORY for ENOMEM, IG_ERR_IO for any other errno. */
static inline ig_status ig_status_from_errno(int errnum)
{
    return errnum == ENOSPC || errnum == EDQUOT ? IG_ERR_SPACE
           : errnum == ENOMEM                   ? IG_ERR_MEMORY
                                                : IG_ERR_IO;
}

/** A short lower-case English name such as "no space left"; never NULL. */
const char *ig_status_text(ig_status status);

/** The process exit code: 0 done, 2 usage or configuration (also a mismatch), 4 output file
 *  trouble (I/O, space, format, lock), 75 stopped, 76 stopped without progress, 1 for what is left
 * (memory, MPI, numeric). */
int ig_status_exit_code(ig_status status);

#endif
