/** A small experiment of every key type, and reading a text for it, shared by the tests. */
#ifndef TESTS_CORE_SAMPLE_H
#define TESTS_CORE_SAMPLE_H

#include "imagrid/config.h"

/** `other`, which has a later key, `sample`, and `typed`, whose keys are texts, files and lists. */
enum { SAMPLE_SCHEMAS = 3 };
extern const ig_schema *const sample_schemas[SAMPLE_SCHEMAS];

/** The result of reading a text; clear with sample_clear. */
typedef struct sample {
    ig_status status;
    ig_config *config; /**< NULL unless status is IG_OK */
    ig_diagnostics *diagnostics;
} sample;

sample sample_parse(const char *text);
/** As above, but the test fails unless the text is good. */
sample sample_good(const char *text);
void sample_clear(sample *s);

/** Every fault of the text as lines joined by newlines; to be freed. */
char *sample_faults(const char *text);

/** A text that uses every feature. */
extern const char sample_rich[];
/** One with parts. */
extern const char sample_parted[];
/** One of `typed`. */
extern const char sample_typed[];

#endif
