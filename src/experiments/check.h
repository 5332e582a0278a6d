/** What the two files that check an experiment share: check.c (names, keys, columns) and
 *  check-analyses.c (what the summary's analyses name must be there). */
#ifndef IMAGRID_EXPERIMENTS_CHECK_H
#define IMAGRID_EXPERIMENTS_CHECK_H

#include "experiments/plugins.h"

enum { IG_CHECK_COLUMNS_MAX = 1024 };

/** One line for people: titles and labels go to terminals, pages and pictures. */
bool ig_check_is_line(const char *text);
bool ig_check_is_line_or_null(const char *text);
/** Whether a NULL-terminated list has the text. */
bool ig_check_is_in(const char *const *list, const char *text);
/** Whether every result file, or every summary, has a dataset or dimension of this name. */
bool ig_check_is_reserved(const char *name);
/** Whether a dataset of the summary might stand in the way of one that has this name. */
bool ig_check_is_in_summary(const ig_experiment *e, const char *name);
/** A key by its path, NULL where there is none. */
const ig_key *ig_check_find_key(const ig_experiment *e, const char *path);
/** Whether the summary names the column. */
bool ig_check_is_summarised(const ig_experiment *e, const char *column);
/** The summary's columns and analyses, and what two of these cannot share. IG_ERR_USAGE. */
ig_status ig_check_summary(const ig_experiment *e, ig_error *error);

#endif
