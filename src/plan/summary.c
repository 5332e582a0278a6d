/** The curves of a merged summary. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "imagrid/experiment.h"
#include "output/summary.h"
#include "plan/measured.h"
#include "results/rows.h"

/** Names that an experiment's fits give the two amplitudes. */
static const char *const amplitudes[IG_KINDS] = {"A_d", "A_r"};

enum { AMPLITUDE, COLUMN, AXIS, GROUP, PROBLEM, N_TEXTS };
static const char *const text_names[N_TEXTS] = {"amplitude_name", "fit_column", "fit_axis",
                                                "fit_group", "fit_problem"};

/** Everything of the file that the planner looks at. */
typedef struct source {
    const ig_registry *registry;
    const char *group; /**< asked for, or NULL */
    ig_summary_file *file;
    ig_config *config;
    ig_grid *grid;
    size_t n_fits;
    char *texts[N_TEXTS];
    size_t widths[N_TEXTS];
    double *exponent;
} source;

static void source_clear(source *s)
{
    for (int i = 0; i < N_TEXTS; i++) {
        free(s->texts[i]);
    }
    free(s->exponent);
    ig_grid_destroy(&s->grid);
    ig_config_destroy(&s->config);
    ig_summary_close(&s->file);
}

static const char *text_of(const source *s, int which, size_t fit)
{
    return s->texts[which] + fit * s->widths[which];
}

/** A summary of a plugin's experiment needs the plugin. */
static ig_status want_experiment(const source *s, ig_error *error)
{
    char *name = NULL, *origin = NULL;
    bool known = false;
    if (!ig_summary_has_fact(s->file, "plugin")) {
        return IG_OK;
    }
    ig_status status = ig_summary_fact(s->file, "experiment", &name, error);
    if (!status) {
        status = ig_summary_fact(s->file, "plugin", &origin, error);
    }
    for (size_t i = 0; !status && i < s->registry->n; i++) {
        known = known || strcmp(s->registry->experiments[i]->schema.experiment, name) == 0;
    }
    if (!status && !known) {
        status = ig_error_set(error, IG_ERR_USAGE,
                              "holds experiment %s of the plugin %s: name it with --plugin", name,
                              origin);
    }
    free(origin);
    free(name);
    return status;
}

/** The grid, from the configuration that the summary carries. No experiment's own check is made:
 * the planner need not have the memory that the runs had. */
static ig_status read_grid(source *s, ig_error *error)
{
    char *text = NULL;
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    ig_status status = ig_summary_fact(s->file, "config", &text, error);
    if (!status && !diagnostics) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for the configuration");
    }
    if (!status) {
        status = want_experiment(s, error);
    }
    if (!status) {
        status = ig_registry_parse(s->registry, text, strlen(text), "its configuration", &s->config,
                                   diagnostics);
        if (status == IG_ERR_MEMORY) {
            ig_error_set(error, status, "no memory for the configuration");
        } else if (status) {
            status = ig_error_set(error, IG_ERR_FORMAT, "%s",
                                  ig_diagnostics_count(diagnostics) > 0
                                      ? ig_diagnostics_text(diagnostics, 0)
                                      : "its configuration is not valid");
        }
    }
    if (!status) {
        status = ig_grid_create(s->config, &s->grid, error);
    }
    ig_diagnostics_destroy(&diagnostics);
    free(text);
    return status;
}

static ig_status read_fits(source *s, ig_error *error)
{
    ig_status status = IG_OK;
    if (!ig_summary_has(s->file, text_names[AMPLITUDE])) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "holds no fits of power laws, so there is nothing to plan with");
    }
    for (int i = 0; !status && i < N_TEXTS; i++) {
        status = ig_summary_texts(s->file, text_names[i], &s->n_fits, &s->widths[i], &s->texts[i],
                                  error);
    }
    if (!status) {
        status = ig_summary_numbers(s->file, "exponent", &s->n_fits, &s->exponent, error);
    }
    return status;
}

/** The fit of a kind in the group asked for. */
static ig_status find_fit(const source *s, int kind, size_t *fit, ig_error *error)
{
    size_t found = 0, groups = 0;
    char known[512] = "";
    for (size_t i = 0; i < s->n_fits; i++) {
        if (strcmp(text_of(s, AMPLITUDE, i), amplitudes[kind]) != 0) {
            continue;
        }
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s'%s'", used ? ", " : "",
                 text_of(s, GROUP, i));
        groups++;
        if (!s->group || strcmp(text_of(s, GROUP, i), s->group) == 0) {
            *fit = i;
            found++;
        }
    }
    if (groups == 0) {
        return ig_error_set(error, IG_ERR_USAGE, "holds no fit of the %s error (%s)",
                            ig_kind_names[kind], amplitudes[kind]);
    }
    if (found == 0 && groups == 1) {
        return ig_error_set(error, IG_ERR_USAGE, "holds one group of fits only: leave --group out");
    }
    if (found != 1) {
        return ig_error_set(error, IG_ERR_USAGE, "holds %s: choose one with --group from %s",
                            found ? "several groups of fits" : "no such group of fits", known);
    }
    if (text_of(s, PROBLEM, *fit)[0]) {
        return ig_error_set(error, IG_ERR_NUMERIC, "has no fit of the %s error: %s",
                            ig_kind_names[kind], text_of(s, PROBLEM, *fit));
    }
    return IG_OK;
}

/** Index of the key at dotted path `path`; n_keys where there is none. */
static size_t key_at(const ig_schema *schema, const char *path)
{
    size_t key = 0;
    while (key < schema->n_keys && strcmp(schema->keys[key].path, path) != 0) {
        key++;
    }
    return key;
}

/** A column's statistic at all grid points. */
static ig_status read_statistic(const source *s, const char *column, const char *statistic,
                                double **numbers, ig_error *error)
{
    char name[256];
    size_t n = ig_grid_n_points(s->grid);
    snprintf(name, sizeof name, "%s_%s", column, statistic);
    return ig_summary_numbers(s->file, name, &n, numbers, error);
}

/** Insert one anchor; they are few, and the grid has them in the order of the configuration. */
static void insert(ig_anchors *a, double x, double mean, double sem)
{
    size_t i = a->n++;
    for (; i > 0 && a->x[i - 1] > x; i--) {
        a->x[i] = a->x[i - 1];
        a->mean[i] = a->mean[i - 1];
        a->sem[i] = a->sem[i - 1];
    }
    a->x[i] = x;
    a->mean[i] = mean;
    a->sem[i] = sem;
}

/** The keys that tell fits over the axis apart, malloc'd. */
static ig_status find_apart(const source *s, size_t axis, bool **apart, ig_error *error)
{
    *apart = calloc(ig_config_schema(s->config)->n_keys, sizeof **apart);
    return *apart ? ig_keys_apart(s->config, axis, *apart, error)
                  : ig_error_set(error, IG_ERR_MEMORY, "no memory for the keys");
}

/** Means and standard errors of the fit's grid points. */
static ig_status gather(const source *s, size_t fit, ig_anchors *anchors, ig_error *error)
{
    const char *column = text_of(s, COLUMN, fit);
    const size_t n_points = ig_grid_n_points(s->grid);
    size_t axis = key_at(ig_config_schema(s->config), text_of(s, AXIS, fit));
    double *mean = NULL, *sem = NULL;
    bool *apart = NULL;
    ig_status status = IG_OK;
    if (axis == ig_config_schema(s->config)->n_keys) {
        return ig_error_set(error, IG_ERR_FORMAT, "has a fit over an unknown axis");
    }
    status = ig_anchors_init(n_points, 0, anchors, error);
    if (!status) {
        status = read_statistic(s, column, "mean", &mean, error);
    }
    if (!status) {
        status = read_statistic(s, column, "sem", &sem, error);
    }
    if (!status) {
        status = find_apart(s, axis, &apart, error);
    }
    anchors->n = 0;
    for (size_t p = 0; !status && p < n_points; p++) {
        char label[256];
        ig_keys_label(s->grid, apart, p, label, sizeof label);
        if (strcmp(label, text_of(s, GROUP, fit)) != 0 || isnan(mean[p])) {
            continue;
        }
        if (!(mean[p] > 0) || !isfinite(mean[p])) {
            status = ig_error_set(error, IG_ERR_FORMAT, "has a mean of %g in %s", mean[p], column);
            break;
        }
        insert(anchors, ig_grid_value(s->grid, p, axis)->real, mean[p], sem[p]);
    }
    free(apart);
    free(mean);
    free(sem);
    return status;
}

static ig_status read_kind(const source *s, int kind, ig_measured *measured, ig_error *error)
{
    size_t fit = 0;
    ig_status status = find_fit(s, kind, &fit, error);
    if (!status) {
        snprintf(measured->names[kind], IG_CURVE_NAME, "%s", text_of(s, COLUMN, fit));
        status = gather(s, fit, &measured->anchors[kind], error);
    }
    if (status) {
        return status;
    }
    /* The line through the means is the fit: if not, something of the file is not what it seems. */
    ig_learning_curve curve = {0};
    ig_rng rng = ig_rng_start(ig_rng_key_make("imagrid-plan", 0), IG_STREAM_BOOTSTRAP, 0);
    status = ig_learning_curve_fit(&measured->anchors[kind], measured->names[kind], 2, &rng, &curve,
                                   error);
    if (!status && fabs(curve.exponent - s->exponent[fit]) > 1e-9 * (1 + fabs(curve.exponent))) {
        status = ig_error_set(error, IG_ERR_FORMAT,
                              "says that the exponent of %s is %.6g, but its means give %.6g",
                              measured->names[kind], s->exponent[fit], curve.exponent);
    }
    ig_learning_curve_clear(&curve);
    return status;
}

ig_status ig_measured_read_summary(const ig_registry *registry, const char *path, const char *group,
                                   ig_measured *measured, ig_error *error)
{
    source s = {.registry = registry, .group = group};
    ig_status status = ig_summary_open(path, &s.file, error);
    if (!status) {
        status = read_grid(&s, error);
    }
    if (!status) {
        status = read_fits(&s, error);
    }
    for (int kind = 0; !status && kind < IG_KINDS; kind++) {
        status = read_kind(&s, kind, measured, error);
    }
    source_clear(&s);
    if (status) {
        ig_error_context(error, "%s", path);
    }
    return status;
}
