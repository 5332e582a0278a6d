/** Where an experiment comes from, compared between a file and a run. */
#include <stdio.h>
#include <string.h>

#include "experiments/plugins.h"
#include "imagrid/plugin.h"

typedef struct origin {
    char name[IG_PLUGIN_TEXT + 1], version[IG_PLUGIN_TEXT + 1], hash[33];
} origin;

/** "NAME VERSION HASH PATH"; all empty for NULL. */
static origin split(const char *text)
{
    origin o = {"", "", ""};
    _Static_assert(IG_PLUGIN_TEXT == 32, "the widths below");
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

ig_status ig_origin_match(const char *there, const char *here, bool *changed, ig_error *error)
{
    const origin a = split(there), b = split(here);
    *changed = strcmp(a.hash, b.hash) != 0;
    if (strcmp(a.name, b.name) == 0 && strcmp(a.version, b.version) == 0) {
        return IG_OK;
    }
    char theirs[96], ours[96];
    return ig_error_set(error, IG_ERR_MISMATCH, "its rows were computed by %s, this run has %s",
                        describe(&a, theirs), describe(&b, ours));
}
