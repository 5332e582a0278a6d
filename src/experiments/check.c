#include "experiments/check.h"

enum { LONGEST_EXPERIMENT = 48 };

ig_status ig_check_experiment(const ig_experiment *e, ig_error *error)
{
    const char *name = e->schema.experiment;
    if (!ig_check_is_word(name, "_-", LONGEST_EXPERIMENT)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "an experiment's name is made of letters, digits, _ and -");
    }
    ig_status status = IG_OK;
    if (!ig_check_is_line(e->title)) {
        status = ig_error_set(error, IG_ERR_USAGE, "it has no title");
    } else if (!e->cost || !e->run) {
        status = ig_error_set(error, IG_ERR_USAGE, "cost and run must be there");
    }
    if (!status) {
        status = ig_check_keys(&e->schema, error);
    }
    if (!status) {
        status = ig_check_columns(e, error);
    }
    if (!status) {
        status = ig_check_summary(e, error);
    }
    if (status) {
        ig_error_context(error, "experiment %s", name);
    }
    return status;
}
