/** What a run passes to a computation: which instruction set to use, and when to stop. */
#ifndef IMAGRID_COMPUTE_H
#define IMAGRID_COMPUTE_H

#include "imagrid/error.h"

/** The instruction set of the kernels: chosen once at start, recorded in the file, pinned by
 *  `--isa`. Results are byte-identical only for the same choice. */
typedef enum ig_isa {
    IG_ISA_AUTO = 0,
    IG_ISA_PORTABLE,
    IG_ISA_AVX2,
    IG_ISA_AVX512,
    IG_ISA_NEON,
    IG_ISA_SVE256, /**< vectors of exactly so many bits */
    IG_ISA_SVE512
} ig_isa;

/** The best path this machine can run; never IG_ISA_AUTO. */
ig_isa ig_isa_detect(void);
/** What this machine can run, one after the other: IG_ISA_PORTABLE first, the best last, and after
 *  it IG_ISA_AUTO. */
ig_isa ig_isa_next(ig_isa isa);
/** "auto", "portable", "avx2", "avx512", "neon", "sve256", "sve512". */
const char *ig_isa_name(ig_isa isa);
/** From a name. IG_ERR_USAGE for an unknown one. Whether this machine has it is another question.
 */
ig_status ig_isa_parse(const char *name, ig_isa *isa, ig_error *error);
/** IG_ERR_USAGE if this machine cannot run that path, with the best it has in the message. */
ig_status ig_isa_check(ig_isa isa, ig_error *error);

/** The hook that long computations call every few milliseconds. It lets the runner answer messages,
 *  look at signals and the clock while a task computes. `call` returns IG_OK to continue or
 *  IG_ERR_STOPPED to make the task clean up and return that status. A NULL `ig_yield *` means
 * nobody waits. */
typedef struct ig_yield {
    ig_status (*call)(void *context);
    void *context;
} ig_yield;

/** Call the hook if there is one. */
static inline ig_status ig_yield_now(const ig_yield *yield)
{
    return yield ? yield->call(yield->context) : IG_OK;
}

/** The same, and a stop is recorded in `error`. */
static inline ig_status ig_yield_or_stop(const ig_yield *yield, ig_error *error)
{
    const ig_status status = ig_yield_now(yield);
    return status ? ig_error_set(error, status, "stopped") : IG_OK;
}

/* How the score of a step is weighted in a policy gradient. */

/** (docs/protocol.md, Theorem 2.) */
typedef enum ig_discount_state {
    IG_DISCOUNT_PAPER, /**< G_t: discounted from t, as the paper's estimator */
    IG_DISCOUNT_EXACT  /**< gamma^t G_t: unbiased for grad J_H */
} ig_discount_state;

#endif
