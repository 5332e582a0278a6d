#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const modes[] = {"slow", "quick", "fixed=", NULL};

static const ig_key sample_keys[] = {
    {.path = "n", .column = "n", .type = IG_KEY_INTEGER, .low = 1, .high = 1e9},
    {.path = "mode",
     .column = "mode",
     .type = IG_KEY_CHOICE,
     .default_text = "slow",
     .choices = modes},
    {.path = "train.epochs",
     .column = "epochs",
     .type = IG_KEY_INTEGER,
     .default_text = "200",
     .low = 1,
     .high = 1e6},
    {.path = "train.rate",
     .column = "rate",
     .type = IG_KEY_REAL,
     .default_text = "0.001",
     .low = -10,
     .high = 1e3},
    {.path = "holdout", .type = IG_KEY_INTEGER, .default_text = "5_000", .low = 0, .high = 1e8},
    {.path = "train.inner.size", .type = IG_KEY_INTEGER, .default_text = "3", .low = 1, .high = 9},
    {.path = "window",
     .column = "window",
     .type = IG_KEY_INTERVAL,
     .default_text = "[0, 1]",
     .low = -5,
     .high = 5},
    {.path = "note.alpha",
     .type = IG_KEY_REAL,
     .default_text = "0.11",
     .low = -1,
     .high = 1,
     .annotation = true},
};

static const ig_schema sample_schema = {"sample", sample_keys,
                                        sizeof sample_keys / sizeof *sample_keys};
static const ig_key other_keys[] = {
    {.path = "m", .type = IG_KEY_INTEGER, .default_text = "1", .low = 1, .high = 2},
    {.path = "late.mode",
     .column = "mode",
     .type = IG_KEY_CHOICE,
     .default_text = "slow",
     .choices = modes,
     .later = true}};
static const ig_schema other_schema = {"other", other_keys, sizeof other_keys / sizeof *other_keys};
static const ig_key typed_keys[] = {
    {.path = "file", .type = IG_KEY_FILE, .low = 1},
    {.path = "more.file", .type = IG_KEY_FILE, .default_text = "\"\""},
    {.path = "names",
     .column = "names",
     .type = IG_KEY_TEXTS,
     .default_text = "[]",
     .low = 0,
     .high = 4},
    {.path = "model",
     .column = "model",
     .type = IG_KEY_TEXT,
     .default_text = "mlp",
     .low = 1,
     .high = 100},
    {.path = "comment",
     .type = IG_KEY_TEXT,
     .default_text = "\"\"",
     .low = 0,
     .high = 4095,
     .later = true},
    {.path = "hidden",
     .column = "hidden",
     .type = IG_KEY_SIZES,
     .default_text = "[256, 256]",
     .low = 1,
     .high = 2147483647},
    {.path = "standardise",
     .column = "standardise",
     .type = IG_KEY_BOOLEAN,
     .default_text = "true"},
    {.path = "names_only", .type = IG_KEY_TEXTS, .default_text = "[a, b c]", .low = 1, .high = 3},
};
static const ig_schema typed_schema = {"typed", typed_keys, sizeof typed_keys / sizeof *typed_keys};
const ig_schema *const sample_schemas[SAMPLE_SCHEMAS] = {&other_schema, &sample_schema,
                                                         &typed_schema};

const char sample_rich[] = "experiment: sample\n"
                           "seeds: [7, 3, 9007199254740991]\n"
                           "common_random_numbers: false\n"
                           "n: {logspace: [1000, 100000, 3]}\n"
                           "mode: [quick, {fixed: 3}, slow]\n"
                           "train:\n"
                           "  epochs: &e [10, 20, 20]\n"
                           "  rate: {linspace: [0.1, 0.3, 3]}\n"
                           "  inner: {size: 4}\n"
                           "holdout: 2e4\n"
                           "window: [[0, 1], [-0.5, 2.5e-3]]\n"
                           "note: {alpha: -0.0}\n"
                           "zip: [[train.rate, train.epochs], [n, mode]]\n";

const char sample_parted[] = "experiment: sample\n"
                             "seeds: 3\n"
                             "n: &n [1, 2]\n"
                             "window: [[0, 1], [1, 2]]\n"
                             "parts:\n"
                             "  - {n: 7, mode: [quick, {fixed: 3}]}\n"
                             "  - mode: slow\n"
                             "    train: {epochs: {range: [1, 5, 2]}}\n"
                             "  - {train.rate: [0.5, 0.25], n: *n, mode: quick}\n"
                             "zip: []\n";

const char sample_typed[] = "experiment: typed\n"
                            "seeds: 2\n"
                            "file: 'data/my \"hopper\".hdf5'\n"
                            "names: [[], [achieved_goal, qpos], [qpos, \"a, b\", '1']]\n"
                            "model: [mlp, 1e3, big one, \"true\", caf\xc3\xa9, back\\slash]\n"
                            "hidden: &h [[], [64], [256, 2147483647, 1, 2_000]]\n"
                            "standardise: [false, true]\n"
                            "names_only: one\n"
                            "zip: [[names, hidden]]\n";

sample sample_parse(const char *text)
{
    sample s = {.diagnostics = ig_diagnostics_create()};
    assert_non_null(s.diagnostics);
    s.status = ig_config_parse(text, strlen(text), "a.yaml", sample_schemas, SAMPLE_SCHEMAS,
                               &s.config, s.diagnostics);
    return s;
}

sample sample_good(const char *text)
{
    sample s = sample_parse(text);
    if (s.status) {
        ig_diagnostics_print(s.diagnostics, stderr);
    }
    assert_int_equal(s.status, IG_OK);
    assert_int_equal(ig_diagnostics_count(s.diagnostics), 0);
    return s;
}

void sample_clear(sample *s)
{
    ig_config_destroy(&s->config);
    ig_diagnostics_destroy(&s->diagnostics);
}

char *sample_faults(const char *text)
{
    sample s = sample_parse(text);
    assert_int_equal(s.status, IG_ERR_CONFIG);
    assert_null(s.config);
    char *faults = NULL;
    size_t size;
    FILE *stream = open_memstream(&faults, &size);
    assert_non_null(stream);
    ig_diagnostics_print(s.diagnostics, stream);
    assert_int_equal(fclose(stream), 0);
    sample_clear(&s);
    return faults;
}
