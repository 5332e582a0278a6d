/** A plugin: experiments in a shared object that `--plugin FILE` names on the command line.
 *
 *  The shared object defines one symbol of this name, and calls the functions of these headers as
 * it likes; they are found in the program that loads it, so it is linked with no library of
 * imagrid's:
 *
 *      static const ig_experiment *const experiments[] = {&pendulum};
 *      const ig_plugin ig_plugin_v1 = {IG_PLUGIN_ABI, "pendulum", "1.0", experiments, 1};
 *
 *      cc -shared -fPIC pendulum.c -o libpendulum.so $(pkg-config --cflags imagrid)
 *
 *  docs/extending.md walks through a whole one. */
#ifndef IMAGRID_PLUGIN_H
#define IMAGRID_PLUGIN_H

#include "imagrid/env.h"
#include "imagrid/experiment.h"
#include "imagrid/nn.h"
#include "imagrid/policy-train.h"
#include "imagrid/worlds.h"

/** Goes up with every change of these headers that the sizes below do not show. */
enum { IG_PLUGIN_ABI_VERSION = 1, IG_PLUGIN_ABI_SIZES = 24, IG_PLUGIN_TEXT = 32 };

/** What plugin and program must have been compiled with alike. */
typedef struct ig_plugin_abi {
    uint32_t version;
    uint32_t sizes[IG_PLUGIN_ABI_SIZES]; /**< of the structs that cross the border */
} ig_plugin_abi;

#define IG_PLUGIN_ABI                                                                              \
    {                                                                                              \
        IG_PLUGIN_ABI_VERSION,                                                                     \
        {                                                                                          \
            sizeof(ig_plugin), sizeof(ig_experiment), sizeof(ig_key), sizeof(ig_dimension),        \
                sizeof(ig_column), sizeof(ig_fit), sizeof(ig_ratio), sizeof(ig_pool),              \
                sizeof(ig_agreement), sizeof(ig_agreement_group), sizeof(ig_task), sizeof(ig_row), \
                sizeof(ig_layout), sizeof(ig_value), sizeof(ig_rng), sizeof(ig_train_options),     \
                sizeof(ig_head), sizeof(ig_error), sizeof(ig_curve), sizeof(ig_world),             \
                sizeof(ig_gaussian), sizeof(ig_trajectories), sizeof(ig_policy_train_options),     \
                sizeof(ig_student)                                                                 \
        }                                                                                          \
    }

/** Strings and tables live as long as the shared object. */
typedef struct ig_plugin {
    ig_plugin_abi abi;
    const char *name;    /**< letters, digits and _ . + -, at most IG_PLUGIN_TEXT; so is version */
    const char *version; /**< of the results: a file is gone on with by the same version only */
    const ig_experiment *const *experiments;
    size_t n_experiments; /**< at least one */
} ig_plugin;

/** What the program looks for. */
extern const ig_plugin ig_plugin_v1;

#endif
