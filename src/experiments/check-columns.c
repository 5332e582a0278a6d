/** Columns and dimensions: every one becomes a dataset of the file, under a name of its own. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/check.h"

enum { MOST_COLUMNS = 1024, MOST_DIMENSIONS = 64 };

/* Datasets that every result file or the table of grid points of a summary has (docs/format.md,
 * docs/merge.md). */
static const char *const reserved[] = {
    "task",       "seed",  "state", "crc",    "failure", "rank",   "start", "seconds",
    "provenance", "point", "done",  "failed", "missing", "string", NULL,
};

/* What names of a summary's other tables begin with. */
static const char *const of_fits[] = {"fit", "exponent",  "amplitude",     "whole_", "published",
                                      "r2",  "n_anchors", "n_whole_seeds", NULL};
static const char *const of_ratios[] = {"claim", NULL};
static const char *const of_agreement[] = {
    "agreement", "residual_", "rows", "above", "excluded", "spearman", "sign_p", "published", NULL};
static const char *const of_curves[] = {"curve_", "optimum", NULL};

static bool begins_with_one(const char *name, const char *const *beginnings)
{
    for (; *beginnings; beginnings++) {
        if (strncmp(name, *beginnings, strlen(*beginnings)) == 0) {
            return true;
        }
    }
    return false;
}

/** Whether a dataset of the summary might stand in the way of one that has this name. */
static bool is_in_summary(const ig_experiment *e, const char *name)
{
    const ig_summary *s = &e->summary;
    return (s->n_fits > 0 && begins_with_one(name, of_fits)) ||
           (s->n_ratios > 0 && begins_with_one(name, of_ratios)) ||
           (s->agreement && begins_with_one(name, of_agreement)) ||
           (s->n_curves > 0 && begins_with_one(name, of_curves));
}

/** Axis columns go to the summary as they are, summarised ones with their statistics behind. */
static ig_status check_summary_names(const ig_experiment *e, ig_error *error)
{
    for (size_t k = 0; k < e->schema.n_keys; k++) {
        const char *name = e->schema.keys[k].column;
        if (name && is_in_summary(e, name)) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "axis column '%s': the summary has datasets that begin so", name);
        }
    }
    for (size_t c = 0; c < e->n_columns; c++) {
        char behind[64];
        snprintf(behind, sizeof behind, "%s_", e->columns[c].name);
        if (!e->columns[c].dimension && ig_check_is_summarised(e, e->columns[c].name) &&
            is_in_summary(e, behind)) {
            return ig_error_set(error, IG_ERR_USAGE,
                                "column '%s': the summary has datasets that begin so",
                                e->columns[c].name);
        }
    }
    return IG_OK;
}

/** "string8" is the dimension of texts of 8 bytes. */
static bool is_text_dimension(const char *name)
{
    size_t n = strlen("string");
    return strncmp(name, "string", n) == 0 && isdigit((unsigned char)name[n]);
}

/** Names as they are taken, one after the other. */
typedef struct names {
    const char **taken;
    size_t n;
} names;

static ig_status take(names *all, const char *what, const char *name, ig_error *error)
{
    if (!ig_check_is_name(name)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "%s '%.48s': a name is a letter, then letters, digits and _", what,
                            name ? name : "");
    }
    if (ig_check_is_in(reserved, name) || is_text_dimension(name)) {
        return ig_error_set(error, IG_ERR_USAGE, "%s '%s': the file has a dataset of that name",
                            what, name);
    }
    for (size_t i = 0; i < all->n; i++) {
        if (strcmp(all->taken[i], name) == 0) {
            return ig_error_set(error, IG_ERR_USAGE, "%s '%s': there are two of that name", what,
                                name);
        }
    }
    all->taken[all->n++] = name;
    return IG_OK;
}

static ig_status take_all(names *all, const ig_experiment *e, ig_error *error)
{
    ig_status status = IG_OK;
    for (size_t k = 0; k < e->schema.n_keys && !status; k++) {
        if (e->schema.keys[k].column) {
            status = take(all, "axis column", e->schema.keys[k].column, error);
        }
    }
    for (size_t d = 0; d < e->n_dimensions && !status; d++) {
        status = take(all, "dimension", e->dimensions[d].name, error);
    }
    for (size_t c = 0; c < e->n_columns && !status; c++) {
        status = take(all, "column", e->columns[c].name, error);
    }
    return status;
}

static ig_status check_dimension(const ig_dimension *d, ig_error *error)
{
    if (!d->length || !ig_check_is_line(d->units) || !ig_check_is_line(d->long_name)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "dimension %s: length, units and long_name must be there", d->name);
    }
    return IG_OK;
}

static ig_status check_column(const ig_experiment *e, const ig_column *c, ig_error *error)
{
    const char *fault = NULL;
    bool known = !c->dimension;
    for (size_t d = 0; d < e->n_dimensions && !known; d++) {
        known = strcmp(e->dimensions[d].name, c->dimension) == 0;
    }
    if (c->type != IG_F32 && c->type != IG_F64 && c->type != IG_I32 && c->type != IG_I64) {
        fault = "its type is none";
    } else if (!ig_check_is_line(c->units) || !ig_check_is_line(c->long_name) ||
               (c->equation && !ig_check_is_line(c->equation))) {
        fault = "units and long_name must say something (units \"1\" for numbers)";
    } else if (!known) {
        fault = "its dimension is not in the table";
    } else if (c->dimension && c->type != IG_F32) {
        fault = "a column with a dimension is IG_F32";
    } else if (c->ragged && !c->dimension) {
        fault = "a single number cannot be ragged";
    }
    return fault ? ig_error_set(error, IG_ERR_USAGE, "column %s: %s", c->name, fault) : IG_OK;
}

ig_status ig_check_columns(const ig_experiment *e, ig_error *error)
{
    if (e->n_columns == 0 || !e->columns) {
        return ig_error_set(error, IG_ERR_USAGE, "there are no columns for results");
    }
    if (e->n_columns > MOST_COLUMNS || e->n_dimensions > MOST_DIMENSIONS ||
        (e->n_dimensions > 0 && !e->dimensions)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "%zu columns of %zu dimensions: at most %d of %d, and no missing table",
                            e->n_columns, e->n_dimensions, MOST_COLUMNS, MOST_DIMENSIONS);
    }
    names all = {calloc(e->schema.n_keys + e->n_dimensions + e->n_columns, sizeof *all.taken), 0};
    ig_status status = all.taken ? take_all(&all, e, error)
                                 : ig_error_set(error, IG_ERR_MEMORY, "no memory for names");
    free(all.taken);
    if (!status) {
        status = check_summary_names(e, error);
    }
    for (size_t d = 0; d < e->n_dimensions && !status; d++) {
        status = check_dimension(&e->dimensions[d], error);
    }
    for (size_t c = 0; c < e->n_columns && !status; c++) {
        status = check_column(e, &e->columns[c], error);
    }
    return status;
}
