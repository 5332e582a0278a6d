/** A file of some bytes that readers can open by name. */
#ifndef FUZZ_SCRATCH_H
#define FUZZ_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

/** The name of the one scratch file, from the environment. */
const char *scratch_name(void);
/** Replace its contents; aborts where that fails. */
void scratch_fill(const uint8_t *bytes, size_t size);
/** A whole file, malloc'd; ends the program where there is none (or NULL is its name). */
uint8_t *scratch_load(const char *path, size_t *size);

#endif
