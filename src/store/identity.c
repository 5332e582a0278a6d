#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"
#include "config/inputs.h"

enum { ORIGIN_TEXT = 32 }; /* of a plugin's name and version, as of their hash in hexadecimal */

typedef struct origin {
    char name[ORIGIN_TEXT + 1], version[ORIGIN_TEXT + 1], hash[ORIGIN_TEXT + 1];
} origin;

/** "NAME VERSION HASH PATH"; all empty for NULL. */
static origin split(const char *text)
{
    origin o = {"", "", ""};
    _Static_assert(ORIGIN_TEXT == 32, "the widths below");
    if (text && sscanf(text, "%32s %32s %32s", o.name, o.version, o.hash) != 3) {
        o = (origin){"?", "?", "?"};
    }
    return o;
}

/** "plugin NAME VERSION"; returns `text`. */
static const char *describe(const origin *o, char text[96])
{
    snprintf(text, 96, o->name[0] ? "plugin %s %s" : "imagrid itself", o->name, o->version);
    return text;
}

int64_t ig_results_version(const ig_config *config)
{
    const ig_experiment *e = ig_experiment_of(config);
    const uint32_t version =
        e->results_version_of ? e->results_version_of(config) : e->results_version;
    return version ? (int64_t)version : 1;
}

ig_identity ig_identity_of_run(const ig_registry *registry, const ig_config *config, ig_isa isa,
                               const char *inputs)
{
    const ig_experiment *experiment = ig_experiment_of(config);
    return (ig_identity){.name = "this run",
                         .config = config,
                         .origin = ig_registry_origin(registry, experiment),
                         .results_version = ig_results_version(config),
                         .isa = ig_isa_name(isa),
                         .inputs = inputs};
}

static ig_status match_config(const ig_identity *there, const ig_identity *here,
                              ig_identity_use use, ig_error *error)
{
    const char *a = ig_config_schema(there->config)->experiment,
               *b = ig_config_schema(here->config)->experiment;
    if (strcmp(a, b) != 0) {
        return ig_error_set(error, IG_ERR_MISMATCH, "%s holds experiment %s, %s holds %s",
                            there->name, a, here->name, b);
    }
    if (use == IG_IDENTITY_ROWS ||
        strcmp(ig_config_hash(there->config), ig_config_hash(here->config)) == 0) {
        return IG_OK;
    }
    char difference[1024];
    ig_config_difference(there->config, here->config, difference, sizeof difference);
    return ig_error_set(
        error, IG_ERR_MISMATCH,
        "%s has a different configuration than %s (there, here): %s; a run into a new "
        "file takes over the tasks they share with --reuse",
        there->name, here->name, difference);
}

static ig_status match_origin(const ig_identity *there, const ig_identity *here, bool *rebuilt,
                              ig_error *error)
{
    const origin a = split(there->origin), b = split(here->origin);
    char text_a[96], text_b[96];
    *rebuilt = strcmp(a.hash, b.hash) != 0;
    return strcmp(a.name, b.name) == 0 && strcmp(a.version, b.version) == 0
               ? IG_OK
               : ig_error_set(error, IG_ERR_MISMATCH,
                              "%s has rows of %s, %s of %s: load the version that computed the "
                              "rows, or compute them again in a new file",
                              there->name, describe(&a, text_a), here->name, describe(&b, text_b));
}

static ig_status match_inputs(const ig_identity *there, const ig_identity *here,
                              ig_identity_use use, ig_error *error)
{
    const bool accepts =
        ig_experiment_of(here->config)->accepts_changed_inputs && use == IG_IDENTITY_TASKS;
    return ig_inputs_match(
        ig_config_schema(here->config), there->inputs, there->name, here->inputs, here->name,
        accepts ? "compute the rows again in a new result file, or keep them and go on with "
                  "--accept-changed-program"
                : "name the file that the rows are of, or compute them again in a new result file",
        error);
}

ig_status ig_identity_match(const ig_identity *there, const ig_identity *here, ig_identity_use use,
                            bool *rebuilt, ig_error *error)
{
    bool changed = false;
    TRY(match_config(there, here, use, error));
    TRY(match_origin(there, here, &changed, error));
    if (there->results_version != here->results_version) {
        return ig_error_set(
            error, IG_ERR_MISMATCH,
            "%s has a different results version of %s than %s: %" PRId64 ", not %" PRId64
            "; the numbers changed in between: compute the rows again in a new file, or use the "
            "version of imagrid that computed them",
            there->name, ig_config_schema(here->config)->experiment, here->name,
            there->results_version, here->results_version);
    }
    if (strcmp(there->isa, here->isa) != 0) {
        return ig_error_set(
            error, IG_ERR_MISMATCH,
            "%s has a different instruction set than %s: %s, not %s; results differ in "
            "their last digits: use the same --isa for both",
            there->name, here->name, there->isa, here->isa);
    }
    /* Rows of an older file come without the sessions that tell of what they were computed with. */
    if (!here->accept_changed || use != IG_IDENTITY_TASKS) {
        TRY(match_inputs(there, here, use, error));
    }
    if (rebuilt) {
        *rebuilt = changed;
    }
    return IG_OK;
}
