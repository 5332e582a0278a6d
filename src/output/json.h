/** JSON on its way out. */
#ifndef OUTPUT_JSON_H
#define OUTPUT_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "imagrid/error.h"

/** Write JSON and a line feed in ASCII without control characters, whatever texts it holds, with
 *  every digit of its numbers; `flags` are further ones of jansson, such as JSON_INDENT. Whether
 * the stream took it is the caller's to ask. IG_ERR_MEMORY, also for NULL. */
ig_status ig_json_write(const json_t *json, size_t flags, FILE *stream, ig_error *error);

#endif
