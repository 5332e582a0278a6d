/** Configuration: YAML text checked against one table of keys per experiment.
 *
 *  Keys are named by their dotted path ("train.learning_rate"). A key with a `column` is an axis
 *  key: it may be given a list of values, and the grid is the product of all lists, except that the
 *  keys of one `zip:` group advance together. Five keys belong to every experiment and are not in
 *  its table: `experiment`, `seeds`, `common_random_numbers`, `zip` and `parts`.
 *
 *  In the YAML a dotted path is a nested mapping (`train: {epochs: 3}`) or is written as it is
 *  (`train.epochs: 3`). An axis key takes one value, a list of different values, or, for numbers,
 *      {linspace: [a, b, n]}     n values evenly from a to b
 *      {logspace: [a, b, n]}     n values evenly in the logarithm from a to b, themselves and not
 *                                exponents, both above 0 (NumPy's geomspace)
 *      {range: [a, b, step]}     a, a + step, ... up to b, which is included where it is met
 *  whose values are rounded to 15 significant digits, for an integer key to the nearest integer.
 *
 *      experiment: scaling
 *      seeds: 100                          # 0 ... 99, or a list or range of whole numbers
 *      common_random_numbers: true         # whether grid points share a seed's random numbers
 *      anchors: {logspace: [1000, 100000, 5]}
 *      train: {epochs: [100, 200, 200], minibatch: [64, 64, 256]}
 *      zip: [[train.epochs, train.minibatch]]
 *
 *  `zip` is a list of groups, each a list of at least two axis keys by dotted path, or by the names
 *  of their coordinates (`column`), which do in `parts` as well. The keys of a
 *  group have equally many values and advance together: the example has 5 x 3 grid points. Within a
 *  group a key may repeat a value as long as no combination repeats.
 *
 *  `parts` makes the grid a union of products: a list of mappings of axis keys. Each part is the
 * grid the file would give with the part's keys in place of its own, and no combination may repeat:
 *      anchors: [1000, 2000]
 *      parts:
 *        - {policy: uniform, dims.state: [4, 8]}       2 x 2 grid points
 *        - {policy: [sinusoid, tanh_feedback]}         2 x 2 more, with the usual dims.state
 *  It stands for one zip group of all the parts' keys, and so does the resolved text say it.
 *
 *  A value that is a list itself (an interval, texts, sizes) is on an axis an item of a list of
 *  lists: `hidden: [256, 256]` is one value, `hidden: [[], [64], [256, 256]]` are three.
 *
 *  Seeds are whole numbers from 0 to 2^53 - 1. Axis values and listed seeds are at most 30 000 in
 *  all. Explicit tags (`!!int`), merge keys (`<<`) and numbers in quotes are errors.
 *  Texts and paths may be quoted. */
#ifndef IMAGRID_CONFIG_H
#define IMAGRID_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "imagrid/error.h"

typedef enum ig_key_type {
    IG_KEY_INTEGER,  /**< a whole number in [low, high]; 1e5 and 100_000 style is read too */
    IG_KEY_REAL,     /**< a finite number in [low, high] */
    IG_KEY_CHOICE,   /**< one of `choices`; "fixed=" stands for the mapping {fixed: INTEGER} */
    IG_KEY_INTERVAL, /**< a list of exactly two reals, low <= first <= second <= high */
    IG_KEY_BOOLEAN,  /**< true or false */
    IG_KEY_TEXT,     /**< a text of low to high bytes; "" as a default is an empty one */
    IG_KEY_TEXTS,    /**< a list of low to high texts that are not empty, as one value; a text alone
                          is a list of one */
    IG_KEY_SIZES, /**< a list of at most IG_SIZES_MAX whole numbers in [low, high], as one value */
    IG_KEY_FILE,  /**< the path of an input file, from the folder of the configuration unless it is
                        absolute; low 0: none ("") is allowed. What is in the file, not its path,
                        belongs to the identity of results. Never an axis */
    IG_KEY_FILES, /**< a list of low to high such paths, or one alone. Never an axis */
    IG_KEY_TREE   /**< any YAML, as one value. `choices` are names of members that mappings in it
                       may have and that, as annotations do, change no result; or NULL. Never an
                       axis */
} ig_key_type;

enum {
    IG_SIZES_MAX = 4,
    IG_TEXT_BYTES = 4095 /**< of any text in a configuration, a path too */
};

/** One row of an experiment's key table. All strings are literals. */
typedef struct ig_key {
    const char *path;   /**< dotted path in the YAML */
    const char *column; /**< coordinate variable of an axis key; NULL: a single value only */
    ig_key_type type;
    const char *default_text;   /**< default, as it would be written in YAML; NULL: required */
    double low, high;           /**< allowed range, both ends included; of a text's bytes, of the
                                     number of texts in a list */
    const char *const *choices; /**< NULL-terminated, for IG_KEY_CHOICE */
    const char *units;          /**< UDUNITS spelling; "1" for pure numbers */
    const char *long_name;      /**< one line: help texts, attributes, reference config */
    bool annotation;            /**< true: never changes a result (published figures); not hashed */
    bool later; /**< came after files without it: where it has its default, hash and scope of the
                     random numbers are what they were before; default_text is spelled as values
                     are (ig_value.text) */
} ig_key;

/** An experiment's name and its keys, all that reading a configuration needs of it. */
typedef struct ig_schema {
    const char *experiment;
    const ig_key *keys;
    size_t n_keys;
} ig_schema;

enum { IG_VALUE_TEXT = 64 };

/** One value of one key. Its canonical spelling (shortest that reads back to the same number;
 *  "fixed=3" for {fixed: 3}; "[256, 256]") is what hashes, scopes and text columns use:
 *  ig_value_text. Owned by the configuration, as what it points to. */
typedef struct ig_value {
    int64_t integer; /**< IG_KEY_INTEGER; IG_KEY_BOOLEAN: 0 or 1; the argument of a choice such as
                          {fixed: 3}, else -1 */
    double real;     /**< IG_KEY_REAL; also set for integers */
    double interval[2];       /**< IG_KEY_INTERVAL */
    int choice;               /**< IG_KEY_CHOICE: index into the key's choices */
    char text[IG_VALUE_TEXT]; /**< of texts, lists of texts and paths the beginning only */
    /* Since the types of keys from IG_KEY_BOOLEAN on. */
    const char *string; /**< the whole spelling where `text` may be too short for it, or NULL */
    const char *path;   /**< IG_KEY_FILE: what to open; "" where there is none */
    const char *const *texts;    /**< IG_KEY_TEXTS: n of them */
    size_t n;                    /**< of texts, or of sizes */
    int64_t sizes[IG_SIZES_MAX]; /**< IG_KEY_SIZES: n of them, then zeros */
    const char *const *paths;    /**< IG_KEY_FILES: what to open, n of them; `texts` as given */
    const char *identity; /**< IG_KEY_TREE: the spelling without what changes no result, or NULL */
} ig_value;

/** The canonical spelling; of a text the text itself. */
static inline const char *ig_value_text(const ig_value *value)
{
    return value->string ? value->string : value->text;
}

/** What of the spelling belongs to the identity of results. */
static inline const char *ig_value_identity(const ig_value *value)
{
    return value->identity ? value->identity : ig_value_text(value);
}

/** Whether a key names files: what is in them, not their paths, belongs to the identity. */
static inline bool ig_key_is_file(const ig_key *key)
{
    return key->type == IG_KEY_FILE || key->type == IG_KEY_FILES;
}

/** How labels name a key: by its path, but an axis that a configuration declares as its user named
 *  it (`axes.n`: n). */
const char *ig_key_name(const ig_key *key);

/** Whether a value is its key's default, spelled as that is. */
bool ig_value_is_default(const ig_key *key, const ig_value *value);

/** All that is wrong with a configuration, in order of appearance. */
typedef struct ig_diagnostics ig_diagnostics;
ig_diagnostics *ig_diagnostics_create(void); /**< NULL without memory */
void ig_diagnostics_destroy(ig_diagnostics **diagnostics);
/** Add `file:line:column: key: text` (line and column from 1; line 0 leaves the position out, a
 *  NULL or empty key leaves the key out). At most 100 are kept, the rest counted. */
void ig_diagnostics_add(ig_diagnostics *diagnostics, const char *file, size_t line, size_t column,
                        const char *key, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/** What is no fault but should be known: printed as "warning: ...", and not counted. */
void ig_diagnostics_warn(ig_diagnostics *diagnostics, const char *file, size_t line, size_t column,
                         const char *key, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
size_t ig_diagnostics_count(const ig_diagnostics *diagnostics);
/** Message i in the form above, without a newline; i < min(count, 100). */
const char *ig_diagnostics_text(const ig_diagnostics *diagnostics, size_t i);
void ig_diagnostics_print(const ig_diagnostics *diagnostics, FILE *stream);

typedef struct ig_config ig_config;

/** Read a whole file of at most 1 MiB, regular files only. `*bytes` is malloc'd, zero-terminated
 * and the caller's. What is wrong goes to `diagnostics`; IG_ERR_CONFIG or IG_ERR_MEMORY. */
ig_status ig_config_read_file(const char *path, char **bytes, size_t *size,
                              ig_diagnostics *diagnostics);

/** Parse and check `size` bytes of YAML named `file` (for messages). The `experiment` key chooses
 *  among the `n_schemas` schemas, which must outlive the result. Every fault of the text is
 *  reported, not the first only. Bounded: depth 32, 100 000 nodes after alias expansion, grids of
 *  10 000 000 tasks. Returns IG_OK and a config to be destroyed by the caller, or IG_ERR_CONFIG
 *  (diagnostics say why) or IG_ERR_MEMORY, with *config untouched. */
ig_status ig_config_parse(const char *bytes, size_t size, const char *file,
                          const ig_schema *const *schemas, size_t n_schemas, ig_config **config,
                          ig_diagnostics *diagnostics);
void ig_config_destroy(ig_config **config);

const ig_schema *ig_config_schema(const ig_config *config);
/** The name the text was read from. */
const char *ig_config_file(const ig_config *config);
/** Index of a key in the schema's table; a path that is not there is a bug and aborts. */
size_t ig_config_key(const ig_config *config, const char *path);
/** Number of values of key `key` (1 unless it is used as an axis), and value i of it. */
size_t ig_config_count(const ig_config *config, size_t key);
const ig_value *ig_config_value(const ig_config *config, size_t key, size_t i);
/** What to open for an IG_KEY_FILE key, by its dotted path: the path that was given, from the
 * folder of the configuration's file unless it is absolute; "" where there is none. Owned by the
 * config.
 */
const char *ig_config_path(const ig_config *config, const char *key);
/** Whether the text gave the key (false: the default stands in). */
bool ig_config_given(const ig_config *config, size_t key);
/** Where value i of a key stands, for diagnostics of later checks; 0, 0 for defaults. */
void ig_config_position(const ig_config *config, size_t key, size_t i, size_t *line,
                        size_t *column);
/** Seeds in the order given; at least one, all different. */
size_t ig_config_n_seeds(const ig_config *config);
uint64_t ig_config_seed(const ig_config *config, size_t i);
/** Whether all grid points of a seed share its random numbers (default true). */
bool ig_config_common_random_numbers(const ig_config *config);
/** The zip group (from 0) a key belongs to, or -1. */
int ig_config_zip_group(const ig_config *config, size_t key);

/** The configuration with all defaults filled in, as YAML that parses back to an equal one; keys in
 *  table order, seeds as a count where they are 0 ... n-1. Owned by the config. */
const char *ig_config_resolved(const ig_config *config);
/** 32 hex digits: XXH3-128 of the resolved text without the annotation keys and without the later
 *  keys that have their default. Owned by the config. */
const char *ig_config_hash(const ig_config *config);
/** Describe how two configurations differ in what the hash covers, as "key: a there, b here" joined
 *  by "; ", cut to `size`. Empty text where they agree. */
void ig_config_difference(const ig_config *there, const ig_config *here, char *text, size_t size);

#endif
