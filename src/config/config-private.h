/** What a configuration holds; private to the config-*.c files. */
#ifndef CORE_CONFIG_PRIVATE_H
#define CORE_CONFIG_PRIVATE_H

#include "imagrid/config.h"

enum {
    IG_CONFIG_TASKS = 10000000, /**< largest grid */
    IG_CONFIG_VALUES = 30000,   /**< axis values and listed seeds in all, so that the resolved text
                                     stays within what a tree may hold */
    IG_HASH_TEXT = 33
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
    uint64_t *seeds;      /**< owned; NULL: 0 ... n_seeds - 1 */
    size_t n_seeds;
    bool common_random_numbers;
    int n_zip_groups;
    char *resolved;
    char hash[IG_HASH_TEXT];
};

/** Write `resolved` and `hash` from all the rest. IG_ERR_MEMORY. */
ig_status ig_config_resolve(ig_config *config);

/** One key's value or list of values as the resolved text has it. */
void ig_config_print_setting(FILE *stream, const ig_config *config, size_t key);
void ig_config_print_seeds(FILE *stream, const ig_config *config);
void ig_config_print_zip(FILE *stream, const ig_config *config);

#endif
