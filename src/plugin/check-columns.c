/** Columns and dimensions: every one becomes a dataset of the file, under a name of its own. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/check.h"

enum { MOST_COLUMNS = 1024, MOST_DIMENSIONS = 64 };

/* Datasets that every result file or every summary has (docs/format.md, docs/merge.md). */
static const char *const reserved[] = {
    "task",  "seed", "state", "crc",  "failure", "rank",    "start",     "seconds", "provenance",
    "point", "fit",  "claim", "done", "failed",  "missing", "agreement", "string",  NULL,
};

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
    for (size_t d = 0; d < e->n_dimensions && !status; d++) {
        status = check_dimension(&e->dimensions[d], error);
    }
    for (size_t c = 0; c < e->n_columns && !status; c++) {
        status = check_column(e, &e->columns[c], error);
    }
    return status;
}
