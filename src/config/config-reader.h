/** The steps of reading a configuration; private to the config-*.c files.
 *
 *  Each step adds what it finds wrong to the diagnostics and goes on, so that a file's faults are
 *  all told at once; a status other than IG_OK means memory ran out. */
#ifndef CORE_CONFIG_READER_H
#define CORE_CONFIG_READER_H

#include "config/config-private.h"
#include "config/yaml-tree.h"

enum {
    IG_PATH_TEXT = 200,
    IG_ZIP_OF_PARTS = 1 << 24 /**< the parts' zip group until the groups are numbered */
};

/** A node found for a key, with the place of the key itself. */
typedef struct ig_found {
    const ig_node *key, *value;
} ig_found;

/** One entry of `parts`. */
typedef struct ig_part {
    const ig_node *node; /**< a mapping */
    ig_found *found;     /**< one per key of the schema, owned by the parse */
} ig_part;

typedef struct ig_reader {
    const char *file;
    ig_diagnostics *diagnostics;
    const ig_schema *schema; /**< NULL while the experiment is not known */
    ig_config *config;
    ig_found *found; /**< one per key of the schema, owned by the parse */
    bool *faulty;    /**< one per key: its values are incomplete */
    ig_found experiment, seeds, common_random_numbers, zip, parts;
    ig_part *part_list; /**< n_parts, owned by the parse */
    size_t n_parts;
    ig_part *part; /**< the part whose keys are being found, or NULL */
    const ig_node *root;
    size_t n_values; /**< so far, against IG_CONFIG_VALUES */
} ig_reader;

/** Find the nodes of the five common keys (first) or of the schema's keys (once that is known) in
 *  the document, reporting keys that are not known or stand twice. */
void ig_reader_find_common(ig_reader *reader);
void ig_reader_find_keys(ig_reader *reader);
/** The same for the keys of one part, which must be axis keys. */
void ig_reader_find_part_keys(ig_reader *reader, ig_part *part);

/** Read the value or values of every key, defaults included. */
ig_status ig_reader_read_keys(ig_reader *reader);
/** Read a node as the value or values of key k, which has none yet. */
ig_status ig_reader_read_key(ig_reader *reader, const ig_node *node, size_t k);
/** Find the keys of all parts, before the keys are read... */
ig_status ig_reader_find_parts(ig_reader *reader);
/** ... and make one zip group of all their combinations afterwards. */
ig_status ig_reader_read_parts(ig_reader *reader);
/** Whether a part gives key k. */
bool ig_reader_in_parts(const ig_reader *reader, size_t k);
void ig_reader_clear_parts(ig_reader *reader);
/** `seeds` and `common_random_numbers`. */
ig_status ig_reader_read_seeds(ig_reader *reader);
void ig_reader_read_common(ig_reader *reader);
/** The zip groups, after the keys and the parts. */
void ig_reader_read_zip(ig_reader *reader);
/** What takes all keys together: repeated values on an axis, and the size of the grid. */
ig_status ig_reader_check_repeats(ig_reader *reader);
void ig_reader_check_size(ig_reader *reader);

#endif
