/** Edits of a configuration's text that know the lines of YAML and the keys of the experiments:
 *  most bytes changed at random only make a text that is no YAML. */
#ifndef FUZZ_CONFIG_TEXT_H
#define FUZZ_CONFIG_TEXT_H

#include <stddef.h>
#include <stdint.h>

/** Edit `size` bytes of text in place, as the seed says: a key inserted, a value or number
 *  replaced, lines dropped, repeated and moved, oddities of YAML. Returns the new size, at most
 *  `room`. */
size_t config_text_edit(char *text, size_t size, size_t room, uint64_t seed);

#endif
