/** What a report prints. */
#ifndef TEST_REPORT_PRINTED_H
#define TEST_REPORT_PRINTED_H

#include <stdbool.h>

#include "results/report.h"

/** The tables for people, malloc'd. */
char *printed(const ig_report *report);
/** Fails the test unless the text has the part, or (`wanted` false) has it not. */
void expect(const char *text, const char *part, bool wanted);
/** Fails the test if a line is longer than 120. */
void expect_narrow(const char *text);

#endif
