/** Reading a configuration: from a bounded tree of YAML nodes to the values of keys. */
#ifndef CONFIG_PRIVATE_H
#define CONFIG_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/hash.h"
#include "config/tree.h"
#include "imagrid/config.h"

enum {
    IG_TREE_BYTES = 1 << 20,
    IG_TREE_DEPTH = 32,     /**< nested lists and mappings, aliases followed */
    IG_TREE_NODES = 100000, /**< scalars, lists and mappings, aliases followed */
    IG_TREE_ANCHORS = 1000
};

typedef struct ig_tree ig_tree;

/** Read one document. Faults that leave the rest readable (a key given twice, an unknown anchor)
 *  are added to `diagnostics` and the tree is made without them; others give IG_ERR_CONFIG.
 *  IG_ERR_MEMORY. On failure *tree is untouched. */
ig_status ig_tree_parse(const char *bytes, size_t size, const char *file, ig_tree **tree,
                        ig_diagnostics *diagnostics);
void ig_tree_destroy(ig_tree **tree);
/** The document's node, owned by the tree as all nodes are. */
const ig_node *ig_tree_root(const ig_tree *tree);

/* YAML nodes as the values of keys. */

/** texts.c: ig_value_read for booleans... */
bool ig_boolean_read(const ig_node *node, ig_value *value, char fault[IG_FAULT_TEXT]);
/** ... texts and paths... */
bool ig_text_read(const ig_key *key, const ig_node *node, ig_memory_pool *pool, ig_value *value,
                  char fault[IG_FAULT_TEXT]);
/** ... lists of texts or paths... */
bool ig_texts_read(const ig_key *key, const ig_node *node, ig_memory_pool *pool, ig_value *value,
                   char fault[IG_FAULT_TEXT]);
/** ... and whole trees. */
bool ig_tree_read(const ig_key *key, const ig_node *node, ig_memory_pool *pool, ig_value *value,
                  char fault[IG_FAULT_TEXT]);
/** Print a text as YAML that reads as that text: as it is where it is a word, else in quotes. */
void ig_text_spell(FILE *stream, const char *text);
/** Whether values of a key are lists themselves. */
bool ig_key_is_list(const ig_key *key);

/* What a configuration holds, and the steps of reading one. */

enum {
    IG_CONFIG_TASKS = 10000000, /**< largest grid */
    IG_CONFIG_VALUES = 30000,   /**< axis values and listed seeds in all, so that the resolved text
                                     stays within what a tree may hold */
    IG_PATH_TEXT = 200,
    IG_ZIP_OF_PARTS = 1 << 24 /**< the parts' zip group until the groups are numbered */
};

typedef struct ig_placed {
    ig_value value;
    size_t line, column; /**< 0, 0 for a default */
} ig_placed;

/** What one key of the schema is set to. */
typedef struct ig_setting {
    ig_placed *values; /**< owned, n of them */
    size_t n;
    bool given;
    int zip_group; /**< or -1 */
} ig_setting;

struct ig_config {
    const ig_schema *schema;
    char *file;
    ig_setting *settings; /**< one per key of the schema */
    ig_memory_pool pool;  /**< of all values, and of a declared experiment */
    uint64_t *seeds;      /**< owned; NULL: 0 ... n_seeds - 1 */
    size_t n_seeds;
    bool common_random_numbers;
    int n_zip_groups;
    char *resolved;
    char hash[IG_HASH_TEXT];
};

/** Write `resolved` and `hash` from all the rest. IG_ERR_MEMORY. */
ig_status ig_config_resolve(ig_config *config);

/** A node found for a key, with the place of the key itself. */
typedef struct ig_found {
    const ig_node *key, *value;
} ig_found;

/** One entry of `parts`. */
typedef struct ig_part {
    const ig_node *node; /**< a mapping */
    ig_found *found;     /**< one per key of the schema, owned by the reader */
} ig_part;

/** A configuration being read. Each step adds what it finds wrong to the diagnostics and goes on,
 *  so that all faults of a file are reported at once; a status other than IG_OK means that memory
 *  ran out. */
typedef struct ig_reader {
    const char *file;
    ig_diagnostics *diagnostics;
    const ig_schema *schema; /**< NULL while the experiment is not known */
    ig_config *config;
    ig_found *found; /**< one per key of the schema, owned */
    bool *faulty;    /**< one per key, owned: its values are incomplete */
    ig_found experiment, seeds, common_random_numbers, zip, parts;
    ig_part *part_list; /**< n_parts, owned */
    size_t n_parts;
    ig_part *part; /**< the part whose keys are being found, or NULL */
    const ig_node *root;
    size_t n_values; /**< so far, against IG_CONFIG_VALUES */
} ig_reader;

/** Report a fault of `key` (or NULL) at a node. */
#define IG_REPORT(reader, node, key, ...)                                                          \
    ig_diagnostics_add((reader)->diagnostics, (reader)->file, (node)->line, (node)->column, (key), \
                       __VA_ARGS__)

/** parse.c: index of a key by its path, or with `coordinates` by the name of its axis; n_keys where
 *  there is none... */
size_t ig_reader_find(const ig_schema *schema, const char *path, bool coordinates);
/** ... find the keys of a mapping, the document's or (with reader->part) a part's. */
void ig_reader_find_keys(ig_reader *reader, const ig_node *mapping);

/** values.c: read the value or values of every key, defaults included... */
ig_status ig_reader_read_keys(ig_reader *reader);
/** ... a node as the value or values of key k, which has none yet... */
ig_status ig_reader_read_key(ig_reader *reader, const ig_node *node, size_t k);
/** ... `seeds` and `common_random_numbers`. */
ig_status ig_reader_read_seeds(ig_reader *reader);
void ig_reader_read_common(ig_reader *reader);

/** combine.c: find the keys of all parts, before the keys are read... */
ig_status ig_reader_find_parts(ig_reader *reader);
/** ... make one zip group of all their combinations afterwards... */
ig_status ig_reader_read_parts(ig_reader *reader);
/** ... the zip groups, after the keys and the parts... */
void ig_reader_read_zip(ig_reader *reader);
/** ... and what takes all keys together: repeated values on an axis, and the size of the grid. */
ig_status ig_reader_check_repeats(ig_reader *reader);
void ig_reader_check_size(ig_reader *reader);
/** Whether a part gives key k. */
bool ig_reader_in_parts(const ig_reader *reader, size_t k);
void ig_reader_clear_parts(ig_reader *reader);

#endif
