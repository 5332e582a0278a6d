/** A plugin: experiments in a shared object that `--plugin FILE` names on the command line.
 *
 *  The shared object defines one symbol of this name, and calls the functions of these headers as
 * it likes; they are found in the program that loads it, so it is linked with no library of
 * imagrid's:
 *
 *      static const ig_experiment *const experiments[] = {&pendulum};
 *      const ig_plugin ig_plugin_v2 = {IG_PLUGIN_HEADER, "pendulum", "1.0", experiments, 1};
 *
 *      cc -shared -fPIC pendulum.c -o libpendulum.so $(pkg-config --cflags imagrid)
 *
 *  docs/extending.md has a complete example. */
#ifndef IMAGRID_PLUGIN_H
#define IMAGRID_PLUGIN_H

#include "imagrid/env.h"
#include "imagrid/experiment.h"
#include "imagrid/nn.h"
#include "imagrid/policy.h"

/** The interface's number. It goes up where the meaning of a function or one of the structs changes
 *  that a plugin hands to functions or gets from them (the unit test `plugin-abi` lists these).
 *  Structs of tables need no new number when they get members at their end: every plugin says how
 *  large they were when it was compiled, and what it does not have is zero. */
enum { IG_PLUGIN_ABI = 2, IG_PLUGIN_TEXT = 32 };

/** Structs that may grow. */
enum {
    IG_SIZE_PLUGIN,
    IG_SIZE_EXPERIMENT,
    IG_SIZE_KEY,
    IG_SIZE_DIMENSION,
    IG_SIZE_COLUMN,
    IG_SIZE_FIT,
    IG_SIZE_POOL,
    IG_SIZE_GROUP,
    IG_PLUGIN_SIZES
};

typedef struct ig_plugin_header {
    uint32_t abi;                    /**< IG_PLUGIN_ABI */
    uint32_t sizes[IG_PLUGIN_SIZES]; /**< bytes */
} ig_plugin_header;

#define IG_PLUGIN_HEADER                                                                           \
    {                                                                                              \
        IG_PLUGIN_ABI,                                                                             \
        {                                                                                          \
            sizeof(ig_plugin), sizeof(ig_experiment), sizeof(ig_key), sizeof(ig_dimension),        \
                sizeof(ig_column), sizeof(ig_fit), sizeof(ig_pool), sizeof(ig_agreement_group)     \
        }                                                                                          \
    }

/** Strings and tables live as long as the shared object. */
typedef struct ig_plugin {
    ig_plugin_header header;
    const char *name;    /**< letters, digits and _ . + -, at most IG_PLUGIN_TEXT; so is version */
    const char *version; /**< of the results: only the same version may resume a file */
    const ig_experiment *const *experiments;
    size_t n_experiments; /**< at least one */
} ig_plugin;

/** What the program looks for. */
extern const ig_plugin ig_plugin_v2;

#endif
