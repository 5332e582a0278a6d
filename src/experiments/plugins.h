/** The plugins that the command line names, and the experiments there are with them. */
#ifndef IMAGRID_PLUGIN_PLUGINS_H
#define IMAGRID_PLUGIN_PLUGINS_H

#include "imagrid/experiment.h"

enum { IG_PLUGINS = 16, IG_PLUGIN_HASH = 33 };

/** Files as they stand on the command line; start with {0}. */
typedef struct ig_plugin_files {
    const char *paths[IG_PLUGINS];
    size_t n;
} ig_plugin_files;

/** One more. IG_ERR_USAGE when there are too many. */
ig_status ig_plugin_files_add(ig_plugin_files *files, const char *path, ig_error *error);

typedef struct ig_plugins ig_plugins;

/** Load every file and check what it gives. A path is one of the file system, relative to the
 *  current folder: nothing is ever searched for. IG_ERR_USAGE with the reason; IG_ERR_MEMORY. */
ig_status ig_plugins_load(const ig_plugin_files *files, ig_plugins **plugins, ig_error *error);
/** Nothing of the registry, no config, store or report made with it, may be in use any more. */
void ig_plugins_unload(ig_plugins **plugins);

/** The program's own experiments and the plugins'. An origin is "NAME VERSION HASH PATH": HASH is
 *  the XXH3-128 of the file in 32 hexadecimal digits, PATH absolute. */
const ig_registry *ig_plugins_registry(const ig_plugins *plugins);
/** The files' hashes in the order of the command line, the rest zero. */
void ig_plugins_hashes(const ig_plugins *plugins, char hashes[IG_PLUGINS][IG_PLUGIN_HASH]);

/* Whether an experiment's tables hold together: what imagrid's own tests see to for its own
 *  experiments, a plugin's must prove when it is loaded. */

/** IG_ERR_USAGE with the first fault; IG_ERR_MEMORY. */
ig_status ig_check_experiment(const ig_experiment *experiment, ig_error *error);
/** The part of it that says whether the arrays have sensible lengths and may be read. */
ig_status ig_check_counts(const ig_experiment *experiment, ig_error *error);
/** Letters, digits and the characters of `more`; 1 to `length_max` of them. */
bool ig_check_is_word(const char *text, const char *more, size_t length_max);

/** What is to know of a kind of analysis before any row is read; a new kind is one more entry. */
typedef struct ig_kind {
    const char *name;            /**< of its struct, for messages */
    size_t size;                 /**< of its struct; 0: there is no such kind */
    const char *const *prefixes; /**< what its datasets in a summary begin with; or NULL */
    bool single;                 /**< an experiment has at most one of it */
    bool after_points;           /**< people first read the statistics of the grid points */
    ig_status (*check)(const ig_experiment *experiment, const void *spec, ig_error *error);
    bool (*draws)(const void *spec, const char *figure); /**< whether it draws that; or NULL */
    /** The array that the struct points to; name NULL: none. */
    struct {
        const char *name;
        size_t pointer, count; /**< offsets in the struct */
        size_t size;           /**< of an element */
        int which;             /**< IG_SIZE_..., its size in the plugin */
    } array;
} ig_kind;

/** NULL for a kind that this program does not know. */
const ig_kind *ig_kind_of(ig_analysis_kind kind);

#endif
