/** Input files: what is in the files that a configuration names belongs to the identity of its
 *  results, where they lie does not. */
#ifndef CONFIG_INPUTS_H
#define CONFIG_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "imagrid/config.h"

/** How many input files the configuration names. */
size_t ig_inputs_count(const ig_config *config);

/** Look at every input file, and with `hashed` read it. `*text` (malloc'd; untouched without
 *  `hashed`) gets a line for each: "KEY HASH BYTES PATH", the XXH3-128 of its content and its
 *  absolute path; "" where there is no file. A file that is not there, or no regular file, goes to
 *  `diagnostics` at the position of its key, and gives IG_ERR_CONFIG; else as ig_hash_file. */
ig_status ig_inputs_read(const ig_config *config, bool hashed, char **text,
                         ig_diagnostics *diagnostics, ig_error *error);

/** One line of such a text; key and path point into it. */
typedef struct ig_input {
    const char *key, *path;
    int key_length, path_length;
    uint64_t bytes;
    char hash[IG_HASH_TEXT];
} ig_input;
/** Read the line at *text, which moves behind it; false at the end, or where it is no such line. */
bool ig_inputs_next(const char **text, ig_input *input);

/** Whether such a text tells of every file that the configuration names. */
bool ig_inputs_told(const ig_config *config, const char *text);

/** Whether two such texts, of configurations with the keys of `schema`, tell of the same contents:
 *  of a key that names one file its path may differ, of one that names several only the folders,
 *  and their order; NULL is as good as "". IG_ERR_MISMATCH names the first key of which they do
 * not, both sides by their names, with hashes, lengths and paths, and ends in ": ADVICE". */
ig_status ig_inputs_match(const ig_schema *schema, const char *there, const char *there_name,
                          const char *here, const char *here_name, const char *advice,
                          ig_error *error);

/** Whether such a text, whose end may have been cut off, tells of other contents than another. */
bool ig_inputs_differ(const ig_schema *schema, const char *there, const char *here);
/** The lines of `here`, malloc'd, those first that tell of other contents than `there`: what is cut
 *  off is then the same in both, where there is room. */
ig_status ig_inputs_changed_first(const ig_schema *schema, const char *there, const char *here,
                                  char **text, ig_error *error);

/** Whether the files are those that were read a moment ago: `stamp` is what ig_inputs_stamp gave
 *  before. IG_ERR_IO names the first that was changed or replaced. */
typedef struct ig_input_stamp {
    uint64_t device, inode, bytes;
    int64_t seconds, nanoseconds; /**< of the last change */
} ig_input_stamp;
/** ig_inputs_count stamps, of zeros where there is no such file; the caller's array. */
void ig_inputs_stamp(const ig_config *config, ig_input_stamp *stamps);
ig_status ig_inputs_unchanged(const ig_config *config, const ig_input_stamp *stamps,
                              ig_error *error);

#endif
