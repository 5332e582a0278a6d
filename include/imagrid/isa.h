/** The instruction set the kernels use: chosen once at start, recorded in the file, pinned by
 *  `--isa`. Results are byte-identical only for the same choice. */
#ifndef IMAGRID_ISA_H
#define IMAGRID_ISA_H

#include "imagrid/error.h"

typedef enum ig_isa { IG_ISA_AUTO = 0, IG_ISA_PORTABLE, IG_ISA_AVX2, IG_ISA_AVX512 } ig_isa;

/** The best path this machine can run; never IG_ISA_AUTO. */
ig_isa ig_isa_detect(void);
/** "auto", "portable", "avx2", "avx512". */
const char *ig_isa_name(ig_isa isa);
/** From a name. IG_ERR_USAGE for an unknown one. Whether this machine has it is another question.
 */
ig_status ig_isa_parse(const char *name, ig_isa *isa, ig_error *error);
/** IG_ERR_USAGE if this machine cannot run that path, with the best it has in the message. */
ig_status ig_isa_check(ig_isa isa, ig_error *error);

#endif
