/** Whether an experiment's tables hold together: what imagrid's own tests see to for its own
 *  experiments, a plugin's must prove when it is loaded. */
#ifndef EXPERIMENTS_CHECK_H
#define EXPERIMENTS_CHECK_H

#include "imagrid/experiment.h"

/** IG_ERR_USAGE with the first fault; IG_ERR_MEMORY. */
ig_status ig_check_experiment(const ig_experiment *experiment, ig_error *error);
/** The part of it that says whether the arrays have sensible lengths and may be read. */
ig_status ig_check_counts(const ig_experiment *experiment, ig_error *error);
/** Letters, digits and the characters of `more`; 1 to `length_max` of them. */
bool ig_check_is_word(const char *text, const char *more, size_t length_max);

#endif
