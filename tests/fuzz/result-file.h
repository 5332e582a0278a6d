/** A real result file and edits of it that know its parts. */
#ifndef FUZZ_RESULT_FILE_H
#define FUZZ_RESULT_FILE_H

#include <stdbool.h>

#include "edits.h"
#include "store/store.h"

enum { RESULT_TEXTS = 512 };

/** Where a text lies that HDF5 keeps apart from its own bytes: an attribute's. */
typedef struct result_text {
    size_t offset, size;
} result_text;

typedef struct result_file {
    char *path;       /**< of the file, which stays as it is */
    ig_store *store;  /**< the same, open */
    uint8_t *base;    /**< its bytes */
    uint8_t *bytes;   /**< a copy to be edited */
    size_t full_size; /**< of both */
    result_text texts[RESULT_TEXTS];
    size_t n_texts, config, hash; /**< all texts, and which are the configuration and its hash */
    bool *mend;                   /**< tasks whose checksum is to be made right */

    /* What the edits did. */
    size_t size;   /**< of the file now */
    bool cut;      /**< shorter than it was: must be rejected */
    bool stale;    /**< bytes that the footer covers differ that HDF5 does not read itself */
    bool anything; /**< bytes that HDF5 keeps for itself may differ: never given a new footer, as
                      its parser is not safe on them */
} result_file;

/** Read a file; false, with the reason on stderr, where it is no result file. */
bool result_open(const char *path, result_file *file);

/** Bring the copy back to what the file has. */
void result_restore(result_file *file);
void result_edit(result_file *file, const edit *e);
/** Make what edits left open right again: checksums of rows, the hash of the configuration (where
 *  `hash` says so), the footer. */
void result_mend(result_file *file, bool hash);

#endif
