/** What is merged, and what its tables show. */
#ifndef TEST_OUTPUT_SHOWN_H
#define TEST_OUTPUT_SHOWN_H

#include "base/try.h"
#include "results/analyses.h"

/** Merge one file, percentile intervals; fails the test where that fails. */
ig_merged merge_file(const char *path, size_t resamples);
/** The tables for people, malloc'd. */
char *shown(const ig_tables *tables);
/** The same with the lines before and after them. */
char *shown_all(const ig_merged *merged);
/** Series number i of this kind in a panel that has data; NULL where there is none. */
const ig_figure_series *series_of(const ig_panel *panel, ig_series_kind kind, size_t i);
/** Fails the test unless the text has the part, or (`wanted` false) has it not. */
void expect(const char *text, const char *part, bool wanted);
/** Fails the test if a line is longer than 120. */
void expect_narrow(const char *text);

#endif
