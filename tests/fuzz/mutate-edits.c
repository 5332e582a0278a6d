/** How libFuzzer makes a list of edits from another: edit by edit, so that a byte more or less does
 *  not change the meaning of all that follows. */
#include <string.h>

#include "dice.h"
#include "edits.h"
#include "mutate.h"

/** A random edit; small numbers are the common ones. */
static void draw(dice *d, uint8_t *bytes)
{
    uint64_t word = dice_word(d);
    memcpy(bytes, &word, EDIT_BYTES);
    if (dice_below(d, 2)) {
        bytes[1] %= 40;
        bytes[3] = bytes[5] = bytes[6] = bytes[7] = 0;
    }
}

/** Change one of the numbers of an edit. */
static void vary(dice *d, uint8_t *bytes)
{
    size_t at = dice_below(d, EDIT_BYTES);
    switch (dice_below(d, 3)) {
    case 0:
        bytes[at] = (uint8_t)dice_below(d, 256);
        break;
    case 1:
        bytes[at] = (uint8_t)(bytes[at] + 1);
        break;
    default:
        bytes[at] ^= (uint8_t)(1 << dice_below(d, 8));
        break;
    }
}

/** Insert, drop, vary or swap edits; returns the new size. */
static size_t change(dice *d, uint8_t *data, size_t size, size_t max_size)
{
    size_t n = edits_count(data, size);
    uint8_t *edits = data + EDITS_HEAD, *at = edits + dice_below(d, n + 1) * EDIT_BYTES,
            *end = edits + n * EDIT_BYTES;
    size_t what = n == 0 ? 0 : dice_below(d, 6);
    if (what < 2 && size + EDIT_BYTES <= max_size) {
        memmove(at + EDIT_BYTES, at, (size_t)(end - at));
        draw(d, at);
        return EDITS_HEAD + (n + 1) * EDIT_BYTES;
    }
    if (at == end) {
        return EDITS_HEAD + n * EDIT_BYTES;
    }
    if (what == 2) {
        memmove(at, at + EDIT_BYTES, (size_t)(end - at) - EDIT_BYTES);
        n--;
    } else if (what == 3) {
        uint8_t *other = edits + dice_below(d, n) * EDIT_BYTES;
        memcpy(at, other, at == other ? 0 : EDIT_BYTES);
        vary(d, at);
    } else {
        vary(d, at);
    }
    return EDITS_HEAD + n * EDIT_BYTES;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    dice d = {seed};
    if (dice_below(&d, 8) == 0 || max_size < EDITS_HEAD + EDIT_BYTES) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    if (size < EDITS_HEAD) {
        memset(data, 0, EDITS_HEAD);
        size = EDITS_HEAD;
    }
    if (dice_below(&d, 8) == 0) {
        data[dice_below(&d, EDITS_HEAD)] = (uint8_t)dice_word(&d);
    }
    for (size_t i = 0, n = 1 + dice_below(&d, 3); i < n; i++) {
        size = change(&d, data, size, max_size);
    }
    return size;
}
