/** Whether an experiment's struct holds together: what imagrid's own tests see to for its own
 *  experiments, a plugin's must prove when it is loaded. */
#ifndef IMAGRID_PLUGIN_CHECK_H
#define IMAGRID_PLUGIN_CHECK_H

#include "imagrid/experiment.h"

/** IG_ERR_USAGE with the first fault; IG_ERR_MEMORY. */
ig_status ig_check_experiment(const ig_experiment *experiment, ig_error *error);

/** The parts of it. */
ig_status ig_check_keys(const ig_schema *schema, ig_error *error);
ig_status ig_check_columns(const ig_experiment *experiment, ig_error *error);
ig_status ig_check_summary(const ig_experiment *experiment, ig_error *error);
ig_status ig_check_ratio(const ig_experiment *experiment, const ig_ratio *ratio, ig_error *error);
ig_status ig_check_curve(const ig_experiment *experiment, const ig_curve *curve, ig_error *error);
ig_status ig_check_agreement(const ig_experiment *experiment, ig_error *error);

/** A name of a dataset: a letter, then letters, digits and underscores, at most 48 in all. */
bool ig_check_is_name(const char *text);
/** Letters, digits and the characters of `more`; 1 to `longest` of them. */
bool ig_check_is_word(const char *text, const char *more, size_t longest);
/** One line for people: there, not empty, no control characters. */
bool ig_check_is_line(const char *text);
/** Whether a NULL-terminated list has the text. */
bool ig_check_is_in(const char *const *list, const char *text);
/** Whether the summary has the column. */
bool ig_check_is_summarised(const ig_experiment *experiment, const char *column);
/** A key by its path, NULL where there is none. */
const ig_key *ig_check_key(const ig_experiment *experiment, const char *path);
/** NULL, or the path of a key of this type. */
bool ig_check_is_published(const ig_experiment *experiment, const char *path, ig_key_type type);

#endif
