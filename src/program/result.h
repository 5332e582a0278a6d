/** A program's result: one JSON object, column -> number or list of numbers. */
#ifndef PROGRAM_RESULT_H
#define PROGRAM_RESULT_H

#include "imagrid/row.h"

/** Read `size` bytes of JSON into the columns `first` ... `first + n - 1` of a row. Every way it
 * can be wrong is IG_ERR_NUMERIC with a reason that a person understands: no JSON (with the place),
 * no object, a column that is missing, not declared or given twice, not a number, null, not whole
 * for an integer column, beyond its type, a list where a number is expected and the other way
 * round, a list of another length (shorter is right for ragged columns), anything behind the
 * object. NaN and Infinity, which are no JSON but what Python's json writes, are named as what they
 * are. `where` names the source in messages: "the result file", "the last line of standard output".
 */
ig_status ig_result_read(const char *bytes, size_t size, const char *where, const ig_row *row,
                         size_t first, size_t n, ig_error *error);

/** {"progress": 0.4}: true, with the share, for a line that is such an object and nothing else. */
bool ig_result_progress(const char *line, double *share);

#endif
