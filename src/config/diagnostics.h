/** "Did you mean ...?": the nearest of some known names. */
#ifndef CONFIG_DIAGNOSTICS_H
#define CONFIG_DIAGNOSTICS_H

#include <stddef.h>

#include "imagrid/config.h"

/** Start with `{.word = word}`, offer the candidates, then read `best`. */
typedef struct ig_suggestion {
    const char *word;
    const char *best; /**< nearest candidate that is near enough, or NULL */
    size_t distance;  /**< of `best` */
} ig_suggestion;

/** Edits (insert, delete, replace, swap neighbours) between two words, letter case aside; words
 *  are compared over their first 64 bytes. */
size_t ig_suggest_distance(const char *a, const char *b);

/** Offer a candidate, which must live as long as the suggestion. Dotted names are compared as a
 *  whole and, at the price of one edit, by their last parts: `epochs` finds `train.epochs`. */
void ig_suggest_offer(ig_suggestion *suggestion, const char *candidate);

enum { IG_HINT_TEXT = 256 };
/** ", did you mean NAME?", or "" where nothing is near. Returns `hint`. */
const char *ig_suggest_hint(const ig_suggestion *suggestion, char hint[IG_HINT_TEXT]);

#endif
