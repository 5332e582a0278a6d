/** What a fuzz target gives: libFuzzer's two functions. replay.c runs them on a corpus where there
 *  is no libFuzzer, so that every compiler can. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/** Ends the program where it cannot work: libFuzzer does not look at what is returned. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
