/** An input as a list of edits of a real file: a head of two bytes, then edits of eight. */
#ifndef FUZZ_EDITS_H
#define FUZZ_EDITS_H

#include <stddef.h>
#include <stdint.h>

enum { EDITS_HEAD = 2, EDIT_BYTES = 8 };

/** What to do, where, with what; every target reads its own meaning into the numbers. */
typedef struct edit {
    uint8_t kind, value;
    uint16_t which;
    uint32_t place;
} edit;

/** The head, 0 where the input is shorter. */
uint8_t edits_head(const uint8_t *data, size_t size, size_t i);
size_t edits_count(const uint8_t *data, size_t size);
edit edits_at(const uint8_t *data, size_t i);
/** A number of eight bytes for `value`: those at which arithmetic breaks, and common ones. */
double edits_number(uint8_t value);

#endif
