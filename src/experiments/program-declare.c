/** Experiment `program` (docs/program.md): anybody's own program as the task. Its keys, and the
 * axes that a configuration declares. */
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "config/diagnostics.h"
#include "experiments/check.h"
#include "experiments/program-declare.h"
#include "experiments/table.h"

enum {
    TEXTS_MAX = 1000,   /* arguments, input files, axes in `cost` */
    AXIS_TEXT = 200,    /* bytes of a text on an axis: it becomes part of every row's coordinates */
    TAIL_MAX = 1 << 16, /* of standard error */
    MEMBERS_MAX = 16
};

static const char *const annotations[] = {"units", "long_name", NULL};

#define OWN(path, type, text, low, high, choices, long_name, annotation)                           \
    KEY(path, NULL, type, text, low, high, choices, long_name, annotation, false)

/* The axes stand behind `inputs`. What changes no result is no part of the identity. */
static const ig_key keys[] = {
    OWN("command", IG_KEY_TEXTS, NULL, 1, TEXTS_MAX, NULL, "the program and its arguments", false),
    OWN("inputs", IG_KEY_FILES, "[]", 0, TEXTS_MAX, NULL,
        "files whose content belongs to the identity", false),
    OWN("columns", IG_KEY_TREE, NULL, 0, 0, annotations, "columns of the program's result", false),
    OWN("environment", IG_KEY_TREE, "{}", 0, 0, NULL, "variables of the program's environment",
        false),
    OWN("output_tail", IG_KEY_INTEGER, "1024", 0, TAIL_MAX, NULL,
        "bytes kept of the end of a failed task's standard error", false),
    OWN("cost", IG_KEY_TEXTS, "[]", 0, TEXTS_MAX, NULL,
        "axes whose product a task's time goes with", true),
    OWN("timeout", IG_KEY_TEXT, "none", 1, 40, NULL, "time a task may take, or none", true),
    OWN("grace", IG_KEY_TEXT, "10s", 1, 40, NULL, "time between SIGTERM and SIGKILL", true),
    OWN("retries", IG_KEY_INTEGER, "0", 0, 100, NULL, "times that a failed task is run again",
        true),
    OWN("gpus_per_node", IG_KEY_INTEGER, "0", 0, 1024, NULL, "GPUs that the ranks of a node share",
        true),
    OWN("cores_per_task", IG_KEY_INTEGER, "1", 1, 4096, NULL, "cores that a task should have",
        true),
    OWN("scratch", IG_KEY_TEXT, "\"\"", 0, IG_TEXT_BYTES, NULL,
        "folder to make scratch folders in; none: $TMPDIR or /tmp", true),
    OWN("keep_scratch", IG_KEY_BOOLEAN, "false", 0, 0, NULL, "scratch folders are kept", true),
    OWN("fits", IG_KEY_TREE, "[]", 0, 0, NULL, "laws to be fitted", true),
    OWN("curves", IG_KEY_TREE, "[]", 0, 0, NULL, "columns to be drawn against axes", true),
};
enum { N_KEYS = sizeof keys / sizeof *keys, KEYS_BEFORE_AXES = 2 };

/* Where no axis is given, the mapping itself is read. */
static const ig_key no_axes =
    OWN("axes", IG_KEY_TREE, "{}", 0, 0, NULL, "what varies: NAME: value or values", true);

const char *const ig_program_placeholders[] = {"seed",   "task",    "rank", "local_rank",
                                               "result", "scratch", NULL};

/* Reporting and finding. */

void ig_declare_report(const ig_declaration *d, const ig_node *node, const char *path,
                       const char *member, const char *format, ...)
{
    char key[IG_FAULT_TEXT], quoted[IG_QUOTE_TEXT], text[2 * IG_FAULT_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(key, sizeof key, "%.150s%s%s", path, member ? "." : "",
             member ? ig_text_quote(member, quoted) : "");
    ig_diagnostics_add(d->diagnostics, d->file, node->line, node->column, key, "%s", text);
}

const ig_node *ig_declare_find(const ig_declaration *d, const char *key)
{
    const ig_node *root = d->document;
    for (size_t i = 0; i + 1 < root->n_items; i += 2) {
        if (strcmp(root->items[i]->text, key) == 0) {
            return root->items[i + 1];
        }
    }
    return NULL;
}

const ig_program_axis_node *ig_declare_axis(const ig_declaration *d, const char *name)
{
    for (size_t a = 0; a < d->n_axes; a++) {
        if (strcmp(d->axes[a].text, name) == 0) {
            return &d->axes[a];
        }
    }
    return NULL;
}

const ig_column *ig_declare_column(const ig_declaration *d, const char *name)
{
    const ig_experiment *e = &d->program->experiment;
    for (size_t c = 0; c < d->program->n_declared; c++) {
        if (strcmp(e->columns[c].name, name) == 0) {
            return &e->columns[c];
        }
    }
    return NULL;
}

bool ig_declare_name(const ig_declaration *d, const ig_node *node, const char *path)
{
    static const char *const own[] = {"retries", "stderr", "progress", NULL};
    const char *name = node->text;
    char quoted[IG_QUOTE_TEXT];
    if (!ig_check_is_word(name, "_", IG_PROGRAM_NAME) || !isalpha((unsigned char)*name)) {
        ig_declare_report(
            d, node, path, NULL,
            "\"%s\" is no name, allowed: a letter, then letters, digits and _, at most "
            "%d in all",
            ig_text_quote(name, quoted), IG_PROGRAM_NAME);
        return false;
    }
    if (ig_check_is_reserved(name) || ig_check_is_in(own, name)) {
        ig_declare_report(d, node, path, NULL,
                          "the result file has a dataset %s of its own, allowed: another name",
                          name);
        return false;
    }
    return true;
}

/* Members of mappings. */

static void report_unknown(const ig_declaration *d, const ig_node *name, const char *path,
                           const ig_key *known, size_t n)
{
    char list[IG_FAULT_TEXT] = "";
    ig_suggestion suggestion = {.word = name->text};
    for (size_t k = 0; k < n; k++) {
        ig_suggest_offer(&suggestion, known[k].path);
        ig_text_list(list, sizeof list, known[k].path);
    }
    if (suggestion.best) {
        ig_declare_report(d, name, path, name->text, "unknown key, did you mean %s?",
                          suggestion.best);
    } else {
        ig_declare_report(d, name, path, name->text, "unknown key, allowed: %s", list);
    }
}

/** Read the value of a member; false where it is wrong. */
static bool read_member(const ig_declaration *d, const ig_node *node, const char *path,
                        const ig_key *key, ig_member *member)
{
    char fault[IG_FAULT_TEXT] = "", allowed[IG_FAULT_TEXT];
    if (ig_value_read(key, node, d->pool, &member->value, fault)) {
        member->node = node;
        return true;
    }
    if (*fault) {
        ig_declare_report(d, node, path, key->path, "%s, allowed: %s", fault,
                          ig_value_allowed(key, allowed));
    }
    return false;
}

bool ig_declare_members(const ig_declaration *d, const ig_node *mapping, const char *path,
                        const ig_key *known, size_t n, ig_member *members)
{
    bool good = true, given[MEMBERS_MAX] = {false};
    memset(members, 0, n * sizeof *members);
    /* What is empty has no members. */
    if (mapping->kind != IG_NODE_MAPPING && !ig_node_is_empty(mapping)) {
        if (mapping->kind != IG_NODE_BROKEN) {
            char list[IG_FAULT_TEXT] = "";
            for (size_t k = 0; k < n; k++) {
                ig_text_list(list, sizeof list, known[k].path);
            }
            ig_declare_report(d, mapping, path, NULL,
                              "%s where a mapping is expected, allowed: {KEY: VALUE, ...} with the "
                              "keys %s",
                              mapping->kind == IG_NODE_LIST ? "a list" : "a single value", list);
        }
        return false;
    }
    for (size_t i = 0; i + 1 < mapping->n_items; i += 2) {
        size_t k = 0;
        while (k < n && strcmp(known[k].path, mapping->items[i]->text) != 0) {
            k++;
        }
        if (k == n) {
            report_unknown(d, mapping->items[i], path, known, n);
            good = false;
        } else {
            given[k] = true;
            good = read_member(d, mapping->items[i + 1], path, &known[k], &members[k]) && good;
        }
    }
    for (size_t k = 0; k < n; k++) {
        if (!known[k].default_text && !given[k]) {
            char allowed[IG_FAULT_TEXT];
            ig_declare_report(d, mapping, path, known[k].path, "this key is missing, allowed: %s",
                              ig_value_allowed(&known[k], allowed));
            good = false;
        }
    }
    return good;
}

/* Axes. */

/** What the values of an axis are. */
typedef struct kinds {
    const ig_node *number, *fraction, *boolean, *text; /**< the first of each, or NULL */
    double low, high;
} kinds;

static void take_number(kinds *seen, const ig_node *node, double number, bool whole)
{
    seen->number = seen->number ? seen->number : node;
    if (!whole) {
        seen->fraction = seen->fraction ? seen->fraction : node;
    }
    seen->low = fmin(seen->low, number);
    seen->high = fmax(seen->high, number);
}

static void look_at_scalar(kinds *seen, const ig_node *node)
{
    ig_number number;
    const ig_number_kind kind = ig_number_parse(node->text, &number);
    const bool is_number = kind != IG_NUMBER_NONE && kind != IG_NUMBER_INFINITE;
    if (node->plain && is_number) {
        const bool known = kind == IG_NUMBER_WHOLE || kind == IG_NUMBER_FINITE;
        take_number(seen, node, known ? number.real : 1,
                    kind == IG_NUMBER_WHOLE && fabs(number.real) <= IG_LARGEST_EXACT);
    } else if (node->plain &&
               (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0)) {
        seen->boolean = seen->boolean ? seen->boolean : node;
    } else if (!ig_node_is_empty(node)) {
        seen->text = seen->text ? seen->text : node;
    }
}

static void look_at_series(kinds *seen, const ig_node *node)
{
    static const ig_key real = {
        .path = "axes", .type = IG_KEY_REAL, .low = -DBL_MAX, .high = DBL_MAX};
    char fault[IG_FAULT_TEXT];
    ig_series series;
    ig_value value;
    seen->number = seen->number ? seen->number : node;
    for (size_t i = 0; ig_series_read(node, &series, fault) && i < series.n; i++) {
        if (ig_series_value(&real, &series, i, &value, fault)) {
            take_number(seen, node, value.real,
                        value.real == trunc(value.real) && fabs(value.real) <= IG_LARGEST_EXACT);
        }
    }
}

static void look_at(kinds *seen, const ig_node *node)
{
    if (node->kind == IG_NODE_MAPPING) {
        look_at_series(seen, node);
    } else if (node->kind == IG_NODE_SCALAR) {
        look_at_scalar(seen, node);
    }
    for (size_t i = 0; node->kind == IG_NODE_LIST && i < node->n_items; i++) {
        if (node->items[i]->kind == IG_NODE_SCALAR) {
            look_at_scalar(seen, node->items[i]);
        }
    }
}

/** A value or values of an axis in the document. */
typedef struct place {
    const ig_node *name, *value;
    const char *axis;
} place;

typedef struct places {
    place *list; /**< owned */
    size_t n;
} places;

static void add_place(ig_declaration *d, places *p, place one)
{
    if (IG_GROW(p->list, p->n + 1, NULL)) {
        d->pool->failed = true;
        return;
    }
    p->list[p->n++] = one;
}

/** In the document; what parts have the configuration's reader judges. */
static void check_is_mapping(ig_declaration *d, const ig_node *mapping, const ig_node *axes)
{
    if (mapping == d->document && axes->kind != IG_NODE_MAPPING && axes->kind != IG_NODE_BROKEN &&
        !ig_node_is_empty(axes)) {
        ig_declare_report(d, axes, "axes", NULL,
                          "%s where a mapping is expected, allowed: NAME: value or values",
                          axes->kind == IG_NODE_LIST ? "a list" : "a single value");
    }
}

/** What a mapping, the document or a part, has as `axes: {NAME: ...}` or as `axes.NAME`. */
static void find_in(ig_declaration *d, const ig_node *mapping, places *p)
{
    for (size_t i = 0; mapping->kind == IG_NODE_MAPPING && i + 1 < mapping->n_items; i += 2) {
        const ig_node *name = mapping->items[i], *value = mapping->items[i + 1];
        if (!value) {
            continue; /* for analysers: every key has one */
        }
        if (strcmp(name->text, "axes") == 0) {
            check_is_mapping(d, mapping, value);
            for (size_t k = 0; value->kind == IG_NODE_MAPPING && k + 1 < value->n_items; k += 2) {
                add_place(d, p,
                          (place){value->items[k], value->items[k + 1], value->items[k]->text});
            }
        } else if (strncmp(name->text, "axes.", 5) == 0) {
            add_place(d, p, (place){name, value, name->text + 5});
        }
    }
}

/** What a part has under the bare name of an axis. */
static void find_bare(ig_declaration *d, const ig_node *part, places *p)
{
    for (size_t i = 0; part->kind == IG_NODE_MAPPING && i + 1 < part->n_items; i += 2) {
        if (ig_declare_axis(d, part->items[i]->text)) {
            add_place(d, p, (place){part->items[i], part->items[i + 1], part->items[i]->text});
        }
    }
}

static void choose_type(ig_declaration *d, const places *p, ig_program_axis_node *axis)
{
    kinds seen = {.low = (double)INFINITY, .high = -(double)INFINITY};
    const kinds *s = &seen;
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->list[i].axis, axis->text) == 0) {
            look_at(&seen, p->list[i].value);
        }
    }
    const ig_node *odd = s->text && s->number    ? s->number
                         : s->text && s->boolean ? s->boolean
                         : s->boolean            ? s->number
                                                 : NULL;
    if (odd) {
        char quoted[IG_QUOTE_TEXT];
        const bool series = odd->kind != IG_NODE_SCALAR;
        ig_declare_report(d, odd, "axes", axis->text,
                          "%s%s among %s, allowed: values of one kind; where all are texts, this "
                          "one in quotes",
                          odd == s->boolean ? "the boolean " : "the number ",
                          series ? "series" : ig_text_quote(odd->text, quoted),
                          s->text ? "texts" : "booleans");
    }
    axis->low = s->low;
    axis->high = s->high;
    axis->type = s->text      ? IG_KEY_TEXT
                 : s->number  ? s->fraction || !(s->low <= s->high) ? IG_KEY_REAL : IG_KEY_INTEGER
                 : s->boolean ? IG_KEY_BOOLEAN
                              : IG_KEY_TEXT;
}

static void check_axis_name(const ig_declaration *d, const ig_program_axis_node *axis)
{
    const ig_node shown = {.kind = IG_NODE_SCALAR,
                           .line = axis->name->line,
                           .column = axis->name->column,
                           .text = (char *)(uintptr_t)axis->text};
    if (ig_check_is_in(ig_program_placeholders, axis->text)) {
        ig_declare_report(d, axis->name, "axes", axis->text,
                          "{%s} is a placeholder of every program, allowed: another name",
                          axis->text);
    } else {
        ig_declare_name(d, &shown, "axes");
    }
}

static void read_axes(ig_declaration *d)
{
    places p = {0};
    find_in(d, d->document, &p);
    const ig_node *parts = ig_declare_find(d, "parts");
    const size_t n_parts = parts && parts->kind == IG_NODE_LIST ? parts->n_items : 0;
    for (size_t i = 0; i < n_parts; i++) {
        find_in(d, parts->items[i], &p);
    }
    d->axes = ig_memory_pool_take(d->pool, p.n, sizeof *d->axes);
    for (size_t i = 0; d->axes && i < p.n; i++) {
        if (!ig_declare_axis(d, p.list[i].axis)) {
            d->axes[d->n_axes++] =
                (ig_program_axis_node){.name = p.list[i].name, .text = p.list[i].axis};
        }
    }
    for (size_t i = 0; i < n_parts; i++) {
        find_bare(d, parts->items[i], &p);
    }
    for (size_t a = 0; a < d->n_axes; a++) {
        check_axis_name(d, &d->axes[a]);
        choose_type(d, &p, &d->axes[a]);
    }
    free(p.list);
}

/* Keys. */

static ig_key axis_key(const ig_declaration *d, const ig_program_axis_node *axis)
{
    ig_key key = {.path = ig_memory_pool_text(d->pool, "axes.%s", axis->text),
                  .column = axis->text,
                  .type = axis->type,
                  .units = "1",
                  .long_name = axis->text};
    if (axis->type == IG_KEY_INTEGER) {
        key.low = -IG_LARGEST_EXACT;
        key.high = IG_LARGEST_EXACT;
    } else if (axis->type == IG_KEY_REAL) {
        key.low = -DBL_MAX;
        key.high = DBL_MAX;
    } else {
        key.high = AXIS_TEXT;
    }
    return key;
}

/** The table of keys, with those of the axes, whose names must live as long as it. */
static void make_keys(ig_declaration *d)
{
    const size_t n = d->n_axes ? d->n_axes : 1;
    ig_key *table = ig_memory_pool_take(d->pool, N_KEYS + n, sizeof *table);
    ig_program_axis *axes = ig_memory_pool_take(d->pool, n, sizeof *axes);
    for (size_t a = 0; a < d->n_axes && !d->pool->failed; a++) {
        d->axes[a].text = ig_memory_pool_text(d->pool, "%s", d->axes[a].text);
    }
    if (d->pool->failed) {
        return;
    }
    memcpy(table, keys, KEYS_BEFORE_AXES * sizeof *keys);
    memcpy(table + KEYS_BEFORE_AXES + n, keys + KEYS_BEFORE_AXES,
           (N_KEYS - KEYS_BEFORE_AXES) * sizeof *keys);
    table[KEYS_BEFORE_AXES] = no_axes;
    for (size_t a = 0; a < d->n_axes; a++) {
        table[KEYS_BEFORE_AXES + a] = axis_key(d, &d->axes[a]);
        axes[a] = (ig_program_axis){d->axes[a].text, table[KEYS_BEFORE_AXES + a].path};
    }
    d->program->experiment.schema.keys = table;
    d->program->experiment.schema.n_keys = N_KEYS + n;
    d->program->axes = axes;
    d->program->n_axes = d->n_axes;
}

void ig_declare_value(const ig_declaration *d, const char *path, ig_value *value)
{
    char fault[IG_FAULT_TEXT];
    size_t k = 0;
    while (strcmp(keys[k].path, path) != 0) {
        k++;
    }
    const ig_node *node = ig_declare_find(d, path);
    const ig_node standard = {
        .kind = IG_NODE_SCALAR, .plain = true, .text = (char *)(uintptr_t)keys[k].default_text};
    if (!node || !ig_value_read(&keys[k], node, d->pool, value, fault)) {
        (void)ig_value_read(&keys[k], &standard, d->pool, value, fault);
    }
}

static void read_duration(const ig_declaration *d, const char *path, bool none, double *to)
{
    ig_value value = {0};
    ig_error error = {0};
    ig_declare_value(d, path, &value);
    if (!value.string) {
        return;
    }
    if (none && strcmp(value.string, "none") == 0) {
        *to = (double)INFINITY;
    } else if (ig_duration_parse(value.string, to, &error)) {
        ig_declare_report(d, ig_declare_find(d, path), path, NULL, "%s%s", error.text,
                          none ? ", or none" : "");
    }
}

static void read_environment(ig_declaration *d)
{
    const ig_node *node = ig_declare_find(d, "environment");
    static const ig_key text = {.path = "environment", .type = IG_KEY_TEXT, .high = IG_TEXT_BYTES};
    if (!node || node->kind == IG_NODE_BROKEN || ig_node_is_empty(node)) {
        return;
    }
    if (node->kind != IG_NODE_MAPPING) {
        ig_declare_report(d, node, "environment", NULL,
                          "%s where a mapping is expected, allowed: {NAME: TEXT, ...}",
                          node->kind == IG_NODE_LIST ? "a list" : "a single value");
        return;
    }
    const char **names = ig_memory_pool_take(d->pool, node->n_items / 2, sizeof *names);
    const char **values = ig_memory_pool_take(d->pool, node->n_items / 2, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i + 1 < node->n_items && !d->pool->failed; i += 2) {
        char fault[IG_FAULT_TEXT] = "";
        const ig_node *name = node->items[i];
        ig_value value;
        if (!*name->text || strpbrk(name->text, "= ") || !ig_check_is_line(name->text)) {
            ig_declare_report(
                d, name, "environment", name->text,
                "no name of a variable, allowed: printable text without = and spaces");
        } else if (ig_value_read(&text, node->items[i + 1], d->pool, &value, fault)) {
            names[n] = ig_memory_pool_text(d->pool, "%s", name->text);
            values[n++] = value.string;
        } else if (*fault) {
            ig_declare_report(d, node->items[i + 1], "environment", name->text,
                              "%s, allowed: a text", fault);
        }
    }
    d->program->environment_names = names;
    d->program->environment_values = values;
    d->program->n_environment = n;
}

static void find_folder(ig_declaration *d)
{
    const char *slash = strrchr(d->file, '/');
    d->program->folder =
        !slash             ? "."
        : slash == d->file ? "/"
                           : ig_memory_pool_text(d->pool, "%.*s", (int)(slash - d->file), d->file);
}

static void check_common(const ig_declaration *d)
{
    const ig_node *node = ig_declare_find(d, "common_random_numbers");
    if (node && node->kind == IG_NODE_SCALAR && strcmp(node->text, "false") == 0) {
        ig_declare_report(d, node, "common_random_numbers", NULL,
                          "false has no effect on a program, allowed: true; {task} is a number of "
                          "its own for every grid point and seed");
    }
}

ig_status ig_program_declare(const ig_experiment *self, const ig_node *document, const char *file,
                             ig_memory_pool *memory, const ig_experiment **made,
                             ig_diagnostics *diagnostics)
{
    ig_program *program = ig_memory_pool_take(memory, 1, sizeof *program);
    if (!program) {
        return IG_ERR_MEMORY;
    }
    ig_declaration d = {.file = file,
                        .document = document,
                        .pool = memory,
                        .diagnostics = diagnostics,
                        .program = program};
    program->experiment = *self;
    check_common(&d);
    read_axes(&d);
    make_keys(&d);
    read_duration(&d, "timeout", true, &program->timeout);
    read_duration(&d, "grace", false, &program->grace);
    find_folder(&d);
    read_environment(&d);
    if (!memory->failed) {
        ig_declare_columns(&d);
    }
    if (!memory->failed) {
        ig_declare_analyses(&d);
        ig_declare_check(&d);
    }
    if (memory->failed) {
        return IG_ERR_MEMORY;
    }
    *made = &program->experiment;
    return IG_OK;
}

/* What there is before anything is declared. */
static const ig_column columns[] = {
    {"retries", IG_I32, NULL, "1", "times that the task was run again", NULL, false, 0},
};
static const char *const summarised[] = {"retries", NULL};

const ig_experiment ig_experiment_program = {
    .schema = {"program", keys, N_KEYS},
    .title = "Your own program as the task",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = ig_program_check,
    .cost = ig_program_cost,
    .run = ig_program_run,
    .results_version = 1,
    .summary = {summarised, NULL, 0},
    .begin = ig_program_begin,
    .end = ig_program_end,
    .reports_progress = true,
    .accepts_changed_inputs = true,
    .needs = ig_program_needs,
    .declare = ig_program_declare,
    .cost_unit = "cost",
};
