/** Texts with placeholders: "--n={n}" with n = 1000 is "--n=1000"; "{{" stands for "{", "}}" for
 * "}".
 */
#ifndef PROGRAM_TEMPLATE_H
#define PROGRAM_TEMPLATE_H

#include "imagrid/error.h"

/** A placeholder's value, NULL where there is none of this name (zero-terminated). */
typedef const char *ig_lookup(void *context, const char *name);

enum { IG_PLACEHOLDER = 64 /**< bytes of a name with its zero */ };

/** The next placeholder at or behind *text, which moves behind it. 1: there is one, `name` has it;
 *  0: there is none; -1: `fault` says what is wrong ("{ is not closed", ...). */
int ig_template_next(const char **text, char name[IG_PLACEHOLDER], const char **fault);

/** The text with every placeholder replaced; malloc'd. IG_ERR_USAGE names a placeholder without a
 *  value. */
ig_status ig_template_fill(const char *text, ig_lookup *lookup, void *context, char **filled,
                           ig_error *error);

#endif
