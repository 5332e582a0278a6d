/** The laws and curves that a configuration of `program` declares, and a profile for every column
 *  of several numbers. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "config/diagnostics.h"
#include "experiments/check.h"
#include "experiments/program-declare.h"
#include "experiments/table.h"

enum { NAME_BYTES = 120, AXES_MAX = 100, FROM_ONE_DECADE = 10 };

static const char *const kind_choices[] = {"dynamics", "reward", NULL};
static const char *const law_choices[] = {"auto", "power", "floor", NULL};

enum {
    FIT_COLUMN,
    FIT_AXIS,
    FIT_EXPONENT,
    FIT_AMPLITUDE,
    FIT_KIND,
    FIT_LAW,
    FIT_SENSITIVITY,
    FIT_PERTURBED,
    FIT_ONLY,
    N_FIT
};
static const ig_key fit_keys[N_FIT] = {
    [FIT_COLUMN] = KEY_TEXT("column", NULL, NULL, 1, NAME_BYTES, "column that falls"),
    [FIT_AXIS] = KEY_TEXT("axis", NULL, NULL, 1, NAME_BYTES, "axis that it falls along"),
    [FIT_EXPONENT] = KEY_TEXT("exponent", NULL, NULL, 1, NAME_BYTES, "name of the exponent"),
    [FIT_AMPLITUDE] = KEY_TEXT("amplitude", NULL, "A", 1, NAME_BYTES, "name of the amplitude"),
    [FIT_KIND] = KEY_CHOICE("kind", NULL, "dynamics", kind_choices, "what a plan takes it for"),
    [FIT_LAW] = KEY_CHOICE("law", NULL, "auto", law_choices, "the law"),
    [FIT_SENSITIVITY] = KEY_TEXT("sensitivity", NULL, "\"\"", 1, NAME_BYTES, "column"),
    [FIT_PERTURBED] = KEY_TEXT("sensitivity_perturbed", NULL, "\"\"", 1, NAME_BYTES, "column"),
    [FIT_ONLY] = KEY("only", NULL, IG_KEY_TREE, "{}", 0, 0, NULL, "grid points", false, false),
};

enum { CURVE_COLUMN, CURVE_AXIS, CURVE_LINES, CURVE_PANELS, CURVE_BEST, CURVE_LOG_Y, N_CURVE };
static const ig_key curve_keys[N_CURVE] = {
    [CURVE_COLUMN] = KEY_TEXT("column", NULL, NULL, 1, NAME_BYTES, "column drawn"),
    [CURVE_AXIS] = KEY_TEXT("axis", NULL, NULL, 1, NAME_BYTES, "axis that it is drawn against"),
    [CURVE_LINES] = KEY_TEXTS("lines", NULL, "[]", 0, AXES_MAX, "axes that tell lines apart"),
    [CURVE_PANELS] = KEY_TEXTS("panels", NULL, "[]", 0, AXES_MAX, "axes that tell panels apart"),
    [CURVE_BEST] = KEY_BOOLEAN("best", NULL, "false", "where the column is least"),
    [CURVE_LOG_Y] = KEY_BOOLEAN("log_y", NULL, "false", "vertical axis in logarithms"),
};

/** Report that a name is not one of a list. */
static void report_name(const ig_declaration *d, const ig_node *node, const char *path,
                        const char *member, const char *what, const char *name, const char *known,
                        const ig_suggestion *suggestion)
{
    char quoted[IG_QUOTE_TEXT], hint[IG_HINT_TEXT];
    ig_declare_report(d, node, path, member, "%s \"%s\"%s, allowed: %s", what,
                      ig_text_quote(name, quoted), ig_suggest_hint(suggestion, hint),
                      *known ? known : "none, as there is none");
}

/** The name of a declared column of single numbers, from the experiment's table; NULL where the
 *  member names another, which is reported, or is not given. */
static const char *column_named(const ig_declaration *d, const ig_member *member, const char *path,
                                const char *name)
{
    if (!member->node) {
        return NULL;
    }
    const char *wanted = member->value.string;
    const ig_column *column = ig_declare_column(d, wanted);
    if (column && !column->dimension) {
        return column->name;
    }
    char known[IG_FAULT_TEXT] = "";
    ig_suggestion suggestion = {.word = wanted};
    for (size_t c = 0; c < d->program->n_declared; c++) {
        const ig_column *other = &d->program->experiment.columns[c];
        if (!other->dimension) {
            ig_text_list(known, sizeof known, other->name);
            ig_suggest_offer(&suggestion, other->name);
        }
    }
    report_name(d, member->node, path, name, column ? "a column with a length" : "no column",
                wanted, known, &suggestion);
    return NULL;
}

static bool is_number(const ig_program_axis_node *axis)
{
    return axis->type == IG_KEY_INTEGER || axis->type == IG_KEY_REAL;
}

/** The path of an axis, with `numbers` one of numbers; NULL where there is none of this name, which
 *  is reported. */
static const char *axis_named(const ig_declaration *d, const ig_node *node, const char *text,
                              bool numbers, const char *path, const char *name)
{
    const ig_program_axis_node *axis = ig_declare_axis(d, text);
    if (axis && (!numbers || is_number(axis))) {
        return d->program->axes[axis - d->axes].path;
    }
    char known[IG_FAULT_TEXT] = "";
    ig_suggestion suggestion = {.word = text};
    for (size_t a = 0; a < d->n_axes; a++) {
        if (!numbers || is_number(&d->axes[a])) {
            ig_text_list(known, sizeof known, d->axes[a].text);
            ig_suggest_offer(&suggestion, d->axes[a].text);
        }
    }
    report_name(d, node, path, name, axis ? "an axis without numbers" : "no axis", text, known,
                &suggestion);
    return NULL;
}

static const char *axis_member(const ig_declaration *d, const ig_member *member, const char *path,
                               const char *name)
{
    return member->node ? axis_named(d, member->node, member->value.string, true, path, name)
                        : NULL;
}

/* Fits. */

/** The name of an exponent or amplitude, which goes to tables; NULL where it is none. */
static const char *law_name(const ig_declaration *d, const ig_member *member, const char *path,
                            const char *name)
{
    char quoted[IG_QUOTE_TEXT];
    if (!member->node || ig_check_is_word(member->value.string, "_", IG_PROGRAM_NAME)) {
        return member->node ? member->value.string : NULL;
    }
    ig_declare_report(d, member->node, path, name,
                      "\"%s\" is no name, allowed: letters, digits and _, at most %d in all",
                      ig_text_quote(member->value.string, quoted), IG_PROGRAM_NAME);
    return NULL;
}

/** `only: {axis: value}`. */
static void read_only(const ig_declaration *d, const ig_node *node, const char *path, ig_fit *fit)
{
    char fault[IG_FAULT_TEXT] = "", allowed[IG_FAULT_TEXT];
    if (node->kind != IG_NODE_MAPPING || node->n_items != 2) {
        ig_declare_report(d, node, path, "only", "not a single pair, allowed: {AXIS: VALUE}");
        return;
    }
    const char *name = node->items[0]->text;
    const char *axis = axis_named(d, node->items[0], name, false, path, "only");
    const ig_schema *schema = &d->program->experiment.schema;
    for (size_t k = 0; axis && k < schema->n_keys; k++) {
        ig_value value;
        if (strcmp(schema->keys[k].path, axis) != 0) {
            continue;
        }
        if (ig_value_read(&schema->keys[k], node->items[1], d->pool, &value, fault)) {
            fit->only_key = axis;
            fit->only_value = ig_memory_pool_text(d->pool, "%s", ig_value_text(&value));
        } else if (*fault) {
            ig_declare_report(d, node->items[1], path, "only", "%s, allowed: %s", fault,
                              ig_value_allowed(&schema->keys[k], allowed));
        }
    }
}

/** Read one entry of `fits`; false where it is wrong. */
static bool read_fit(const ig_declaration *d, const ig_node *node, const char *path, ig_fit *fit,
                     ig_member m[N_FIT])
{
    const bool good = ig_declare_members(d, node, path, fit_keys, N_FIT, m);
    *fit = (ig_fit){
        .column = column_named(d, &m[FIT_COLUMN], path, "column"),
        .axis = axis_member(d, &m[FIT_AXIS], path, "axis"),
        .exponent = law_name(d, &m[FIT_EXPONENT], path, "exponent"),
        .amplitude =
            m[FIT_AMPLITUDE].node ? law_name(d, &m[FIT_AMPLITUDE], path, "amplitude") : "A",
        .law = m[FIT_LAW].node ? law_choices[m[FIT_LAW].value.choice] : NULL,
        .sensitivity = column_named(d, &m[FIT_SENSITIVITY], path, "sensitivity"),
        .sensitivity_perturbed = column_named(d, &m[FIT_PERTURBED], path, "sensitivity_perturbed"),
        .kind = m[FIT_KIND].node ? kind_choices[m[FIT_KIND].value.choice] : "",
    };
    if (m[FIT_ONLY].node) {
        read_only(d, m[FIT_ONLY].node, path, fit);
    }
    const ig_program_axis_node *axis =
        fit->axis ? ig_declare_axis(d, fit->axis + strlen("axes.")) : NULL;
    if (axis && axis->low <= 0) {
        ig_declare_report(d, m[FIT_AXIS].node, path, "axis",
                          "%s has a value of %g, allowed: an axis of positive numbers", axis->text,
                          axis->low);
        return false;
    }
    return good && fit->column && fit->axis && fit->exponent && fit->amplitude;
}

/** Report what two fits may not share. */
static void compare_fits(const ig_declaration *d, const ig_fit *fits, size_t i, const char *path,
                         const ig_member m[N_FIT])
{
    for (size_t j = 0; j < i; j++) {
        if (fits[i].exponent && fits[j].exponent &&
            strcmp(fits[i].exponent, fits[j].exponent) == 0) {
            ig_declare_report(d, m[FIT_EXPONENT].node, path, "exponent",
                              "%s names the exponent of another fit, allowed: each name once",
                              fits[i].exponent);
        }
        if (*fits[i].kind && strcmp(fits[i].kind, fits[j].kind) == 0) {
            ig_declare_report(d, m[FIT_KIND].node, path, "kind",
                              "%s is the kind of another fit, allowed: each kind once, as a plan "
                              "takes one fit of each",
                              fits[i].kind);
        }
    }
}

/** The list of a key, NULL where there is none; what is no list is reported. */
static const ig_node *list_of(const ig_declaration *d, const char *key, const char *form)
{
    const ig_node *node = ig_declare_find(d, key);
    if (!node || node->kind == IG_NODE_BROKEN || ig_node_is_empty(node)) {
        return NULL;
    }
    if (node->kind != IG_NODE_LIST) {
        ig_declare_report(d, node, key, NULL, "%s where a list is expected, allowed: %s",
                          node->kind == IG_NODE_MAPPING ? "a mapping" : "a single value", form);
        return NULL;
    }
    return node;
}

static void add_fits(ig_declaration *d, ig_analysis *analyses)
{
    const ig_node *list =
        list_of(d, "fits", "[{column: NAME, axis: NAME, exponent: NAME, kind: dynamics}, ...]");
    const size_t n = list ? list->n_items : 0;
    ig_fit *fits = ig_memory_pool_take(d->pool, n, sizeof *fits);
    ig_fits *laws = ig_memory_pool_take(d->pool, 1, sizeof *laws);
    bool good = n > 0, alike = true;
    for (size_t i = 0; fits && i < n && !d->pool->failed; i++) {
        char path[64];
        ig_member m[N_FIT];
        snprintf(path, sizeof path, "fits[%zu]", i + 1);
        good = read_fit(d, list->items[i], path, &fits[i], m) && good;
        compare_fits(d, fits, i, path, m);
        alike = alike && fits[i].axis == fits[0].axis;
    }
    if (good && laws) {
        /* One figure has one horizontal axis. */
        *laws = (ig_fits){.fits = fits,
                          .n_fits = n,
                          .figure = alike ? "power-laws" : NULL,
                          .figure_title = "Fitted laws"};
        analyses[d->program->experiment.summary.n_analyses++] = (ig_analysis)IG_ANALYSE(LAWS, laws);
    }
}

/* Curves. */

/** Paths of the axes that a member lists, NULL-terminated; NULL where it lists none. */
static const char *const *axes_listed(const ig_declaration *d, const ig_member *member,
                                      const char *path, const char *name, bool *good)
{
    if (!member->node || member->value.n == 0) {
        return NULL;
    }
    const char **paths = ig_memory_pool_take(d->pool, member->value.n + 1, sizeof *paths);
    for (size_t i = 0; paths && i < member->value.n; i++) {
        const ig_node *node =
            member->node->kind == IG_NODE_LIST ? member->node->items[i] : member->node;
        paths[i] = axis_named(d, node, member->value.texts[i], false, path, name);
        *good = *good && paths[i];
    }
    return paths;
}

/** Whether an axis spans a decade, so that its logarithm is drawn. */
static bool spans_decade(const ig_declaration *d, const char *path)
{
    const ig_program_axis_node *axis = ig_declare_axis(d, path + strlen("axes."));
    return axis->low > 0 && axis->high / axis->low >= FROM_ONE_DECADE;
}

static bool read_curve(const ig_declaration *d, const ig_node *node, const char *path,
                       ig_curve *curve)
{
    static const char *const none[] = {NULL};
    ig_member m[N_CURVE];
    bool good = ig_declare_members(d, node, path, curve_keys, N_CURVE, m);
    *curve = (ig_curve){
        .measured = column_named(d, &m[CURVE_COLUMN], path, "column"),
        .x = axis_member(d, &m[CURVE_AXIS], path, "axis"),
        .lines = axes_listed(d, &m[CURVE_LINES], path, "lines", &good),
        .panels = axes_listed(d, &m[CURVE_PANELS], path, "panels", &good),
        .predicted = m[CURVE_BEST].node && m[CURVE_BEST].value.integer ? none : NULL,
        .log_y = m[CURVE_LOG_Y].node && m[CURVE_LOG_Y].value.integer,
    };
    if (!good || !curve->measured || !curve->x) {
        return false;
    }
    curve->log_x = spans_decade(d, curve->x);
    curve->name =
        ig_memory_pool_text(d->pool, "curve-%s-%s", curve->measured, curve->x + strlen("axes."));
    curve->title =
        ig_memory_pool_text(d->pool, "%s against %s", curve->measured, curve->x + strlen("axes."));
    return curve->name && curve->title;
}

static void add_curves(ig_declaration *d, const ig_node *list, ig_analysis *analyses)
{
    const size_t n = list ? list->n_items : 0;
    ig_curve *curves = ig_memory_pool_take(d->pool, n, sizeof *curves);
    for (size_t i = 0; curves && i < n && !d->pool->failed; i++) {
        char path[64];
        bool twice = false;
        snprintf(path, sizeof path, "curves[%zu]", i + 1);
        if (!read_curve(d, list->items[i], path, &curves[i])) {
            continue;
        }
        for (size_t j = 0; j < i; j++) {
            twice = twice || (curves[j].name && strcmp(curves[j].name, curves[i].name) == 0);
        }
        if (twice) {
            ig_declare_report(d, list->items[i], path, NULL,
                              "another curve has this column and axis, allowed: each pair once");
        } else {
            analyses[d->program->experiment.summary.n_analyses++] =
                (ig_analysis)IG_ANALYSE(CURVE, &curves[i]);
        }
    }
}

/* Profiles. */

static void add_profiles(ig_declaration *d, ig_analysis *analyses)
{
    enum { LONG = 20 };
    ig_experiment *e = &d->program->experiment;
    ig_profile *profiles = ig_memory_pool_take(d->pool, e->n_dimensions, sizeof *profiles);
    size_t n = 0;
    for (size_t c = 0; profiles && c < d->program->n_declared; c++) {
        const ig_column *column = &e->columns[c];
        if (column->dimension) {
            profiles[n] = (ig_profile){.name = column->name,
                                       .title = column->long_name,
                                       .column = column->name,
                                       .log_x = e->dimensions[n].fixed >= LONG};
            analyses[e->summary.n_analyses++] = (ig_analysis)IG_ANALYSE(PROFILE, &profiles[n]);
            n++;
        }
    }
}

/** Names that would stand in the way of the summary's other tables. */
static void check_summary_names(const ig_declaration *d)
{
    static const char allowed[] = "the summary has datasets that begin so, allowed: another name";
    const ig_experiment *e = &d->program->experiment;
    for (size_t a = 0; a < d->n_axes; a++) {
        if (ig_check_is_in_summary(e, d->axes[a].text)) {
            ig_declare_report(d, d->axes[a].name, "axes", d->axes[a].text, "%s", allowed);
        }
    }
    for (size_t c = 0; c < d->program->n_declared; c++) {
        char behind[IG_PROGRAM_NAME + 2];
        snprintf(behind, sizeof behind, "%s_", e->columns[c].name);
        if (!e->columns[c].dimension && ig_check_is_in_summary(e, behind)) {
            ig_declare_report(d, d->column_names[c], "columns", e->columns[c].name, "%s", allowed);
        }
    }
}

void ig_declare_analyses(ig_declaration *d)
{
    ig_experiment *e = &d->program->experiment;
    const ig_node *curves = list_of(d, "curves", "[{column: NAME, axis: NAME}, ...]");
    ig_analysis *analyses = ig_memory_pool_take(
        d->pool, 1 + (curves ? curves->n_items : 0) + e->n_dimensions, sizeof *analyses);
    if (!analyses) {
        return;
    }
    e->summary.analyses = analyses;
    add_fits(d, analyses);
    add_curves(d, curves, analyses);
    add_profiles(d, analyses);
    check_summary_names(d);
}
