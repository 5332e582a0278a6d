/** Curves of a summary. */
#include <string.h>

#include "experiments/check.h"

enum { LONGEST_FIGURE = 64 };

static bool are_axes(const ig_experiment *e, const char *const *paths)
{
    for (; paths && *paths; paths++) {
        const ig_key *key = ig_check_key(e, *paths);
        if (!key || !key->column) {
            return false;
        }
    }
    return true;
}

static bool is_numeric_axis(const ig_key *key)
{
    return key && key->column && (key->type == IG_KEY_REAL || key->type == IG_KEY_INTEGER);
}

/** Both NULL, or a CHOICE key and one of its values. */
static bool is_choice(const ig_experiment *e, const char *path, const char *value)
{
    const ig_key *key = ig_check_key(e, path);
    if (!path || !value) {
        return !path && !value;
    }
    return key && key->type == IG_KEY_CHOICE &&
           (ig_check_is_in(key->choices, value) || strchr(value, '='));
}

static bool are_summarised(const ig_experiment *e, const char *const *columns)
{
    for (; columns && *columns; columns++) {
        if (!ig_check_is_summarised(e, *columns)) {
            return false;
        }
    }
    return true;
}

ig_status ig_check_curve(const ig_experiment *e, const ig_curve *c, ig_error *error)
{
    const char *fault = NULL;
    if (!ig_check_is_word(c->name, "_-", LONGEST_FIGURE)) {
        return ig_error_set(error, IG_ERR_USAGE, "curve: its name is no name for a file");
    }
    if (!ig_check_is_line(c->title) || !ig_check_is_line(c->x_label) ||
        !ig_check_is_line(c->y_label)) {
        fault = "it needs a title and labels";
    } else if (!is_numeric_axis(ig_check_key(e, c->x))) {
        fault = "x is not the path of an axis key of numbers";
    } else if (!are_axes(e, c->panels) || !are_axes(e, c->lines)) {
        fault = "panels and lines are not paths of axis keys";
    } else if (!is_choice(e, c->only_key, c->only_value)) {
        fault = "only_key and only_value are not a CHOICE key and its value";
    } else if (!ig_check_is_summarised(e, c->measured)) {
        fault = "the measured column is not summarised";
    } else if (c->reference && (!ig_check_is_summarised(e, c->reference) ||
                                !ig_check_is_line(c->reference_title))) {
        fault = "the reference is not a summarised column with a title";
    } else if (!are_summarised(e, c->predicted)) {
        fault = "a column of `predicted` is not summarised";
    } else if (!(c->tolerance >= 0)) {
        fault = "tolerance is not from 0";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "curve %s: %s", c->name, fault) : IG_OK;
}
