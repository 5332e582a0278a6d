/** What is wrong with a configuration of `program` that takes several of its keys: placeholders and
 *  costs; and what takes the file system: the program and its files, which are looked at before a
 *  run, and not when a result file is opened. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/try.h"
#include "config/diagnostics.h"
#include "config/inputs.h"
#include "experiments/check.h"
#include "experiments/program-declare.h"
#include "program/executable.h"
#include "program/template.h"

/* What the texts say. */

static void report_unknown(const ig_declaration *d, const ig_node *node, const char *path,
                           const char *member, const char *name)
{
    char quoted[IG_QUOTE_TEXT], hint[IG_HINT_TEXT], known[400] = "";
    ig_suggestion suggestion = {.word = name};
    for (size_t a = 0; a < d->n_axes; a++) {
        ig_suggest_offer(&suggestion, d->axes[a].text);
        ig_text_list(known, sizeof known, d->axes[a].text);
    }
    for (const char *const *own = ig_program_placeholders; *own; own++) {
        ig_suggest_offer(&suggestion, *own);
        ig_text_list(known, sizeof known, *own);
    }
    ig_declare_report(d, node, path, member, "unknown placeholder {%s}%s, allowed: %s",
                      ig_text_quote(name, quoted), ig_suggest_hint(&suggestion, hint), known);
}

/** Note the placeholders of a text. */
static void check_template(const ig_declaration *d, const ig_node *node, const char *path,
                           const char *member, bool *used)
{
    char name[IG_PLACEHOLDER], quoted[IG_QUOTE_TEXT];
    const char *fault = NULL, *at = node->text;
    int found;
    if (node->kind != IG_NODE_SCALAR) {
        return;
    }
    while ((found = ig_template_next(&at, name, &fault)) == 1) {
        const ig_program_axis_node *axis = ig_declare_axis(d, name);
        if (axis) {
            used[axis - d->axes] = true;
        } else if (!ig_check_is_in(ig_program_placeholders, name)) {
            report_unknown(d, node, path, member, name);
        }
    }
    if (found < 0) {
        ig_declare_report(d, node, path, member, "\"%s\": %s, allowed: {NAME} for a value",
                          ig_text_quote(node->text, quoted), fault);
    }
}

/** The program itself is the same for all tasks. */
static void check_first(const ig_declaration *d, const ig_node *node)
{
    char name[IG_PLACEHOLDER], quoted[IG_QUOTE_TEXT];
    const char *fault = NULL, *at = node->text;
    if (node->kind == IG_NODE_SCALAR && ig_template_next(&at, name, &fault) == 1) {
        ig_declare_report(d, node, "command", NULL,
                          "\"%s\": the program itself has a placeholder, allowed: the same program "
                          "for every task, such as [env, \"{%s}\"]",
                          ig_text_quote(node->text, quoted), name);
    }
}

static void check_templates(const ig_declaration *d, bool *used)
{
    const ig_node *command = ig_declare_find(d, "command");
    const ig_node *environment = ig_declare_find(d, "environment");
    if (command && command->kind == IG_NODE_SCALAR) {
        check_first(d, command);
        check_template(d, command, "command", NULL, used);
    }
    for (size_t i = 0; command && command->kind == IG_NODE_LIST && i < command->n_items; i++) {
        if (i == 0) {
            check_first(d, command->items[i]);
        }
        check_template(d, command->items[i], "command", NULL, used);
    }
    const bool variables = environment && environment->kind == IG_NODE_MAPPING;
    for (size_t i = 0; variables && i + 1 < environment->n_items; i += 2) {
        check_template(d, environment->items[i + 1], "environment", environment->items[i]->text,
                       used);
    }
    /* Without a command that can be read nothing is known to be missing. */
    for (size_t a = 0; command && a < d->n_axes; a++) {
        if (!used[a]) {
            ig_declare_report(d, d->axes[a].name, "axes", d->axes[a].text,
                              "no task gets its value, allowed: {%s} in the command or in the "
                              "environment",
                              d->axes[a].text);
        }
    }
}

static void check_cost(const ig_declaration *d, const ig_node *node)
{
    const ig_program_axis_node *axis = ig_declare_axis(d, node->text);
    char quoted[IG_QUOTE_TEXT], hint[IG_HINT_TEXT], known[400] = "";
    ig_suggestion suggestion = {.word = node->text};
    if (axis && (axis->type == IG_KEY_INTEGER || axis->type == IG_KEY_REAL) && axis->low > 0) {
        return;
    }
    for (size_t a = 0; a < d->n_axes; a++) {
        if (d->axes[a].low > 0 && d->axes[a].low <= d->axes[a].high) {
            ig_suggest_offer(&suggestion, d->axes[a].text);
            ig_text_list(known, sizeof known, d->axes[a].text);
        }
    }
    ig_declare_report(d, node, "cost", NULL, "%s \"%s\"%s, allowed: axes of positive numbers: %s",
                      axis ? "not of positive numbers:" : "no axis",
                      ig_text_quote(node->text, quoted), ig_suggest_hint(&suggestion, hint),
                      *known ? known : "there is none");
}

void ig_declare_check(const ig_declaration *d)
{
    const ig_node *cost = ig_declare_find(d, "cost");
    bool *used = ig_memory_pool_take(d->pool, d->n_axes, sizeof *used);
    if (!used) {
        return;
    }
    check_templates(d, used);
    if (cost && cost->kind == IG_NODE_SCALAR && !ig_node_is_empty(cost)) {
        check_cost(d, cost);
    }
    for (size_t i = 0; cost && cost->kind == IG_NODE_LIST && i < cost->n_items; i++) {
        if (cost->items[i]->kind == IG_NODE_SCALAR && !ig_node_is_empty(cost->items[i])) {
            check_cost(d, cost->items[i]);
        }
    }
}

double ig_program_cost(const ig_point *point)
{
    const ig_config *config = ig_grid_config(point->grid);
    const ig_value *names = ig_config_value(config, ig_config_key(config, "cost"), 0);
    const ig_program *program = ig_program_of(config);
    double cost = 1;
    for (size_t i = 0; i < names->n; i++) {
        for (size_t a = 0; a < program->n_axes; a++) {
            if (strcmp(program->axes[a].name, names->texts[i]) == 0) {
                const size_t key = ig_config_key(config, program->axes[a].path);
                const double value = ig_grid_value(point->grid, point->index, key)->real;
                cost *= value > 0 ? value : 1;
            }
        }
    }
    /* Products of a hundred axes still are costs: finite, and above 0. */
    return cost < 1e-100 ? 1e-100 : cost > 1e100 ? 1e100 : cost;
}

/* Files. */

/** A configuration being checked. */
typedef struct checking {
    const ig_config *config;
    const ig_program *program;
    const ig_value *command;
    ig_diagnostics *diagnostics;
    size_t line, column; /**< of the command */
} checking;

#define REPORT(c, ...)                                                                             \
    ig_diagnostics_add((c)->diagnostics, ig_config_file((c)->config), (c)->line, (c)->column,      \
                       "command", __VA_ARGS__)
#define WARN(c, ...)                                                                               \
    ig_diagnostics_warn((c)->diagnostics, ig_config_file((c)->config), (c)->line, (c)->column,     \
                        "command", __VA_ARGS__)

/** A path from the folder of the configuration. */
static void path_from(const checking *c, const char *path, char whole[PATH_MAX])
{
    if (*path == '/') {
        snprintf(whole, PATH_MAX, "%s", path);
    } else {
        snprintf(whole, PATH_MAX, "%s/%s", c->program->folder, path);
    }
}

static void check_program(checking *c)
{
    const char *program = c->command->texts[0];
    char whole[PATH_MAX], quoted[IG_QUOTE_TEXT];
    AUTO_FREE char *found = NULL;
    ig_error reason = {0};
    if (ig_executable_find(program, c->program->folder, &found, &reason)) {
        /* What lies beside the configuration needs its slash. */
        path_from(c, program, whole);
        const bool here = !strchr(program, '/') && access(whole, X_OK) == 0;
        REPORT(c, "%s, allowed: %s%s", reason.text,
               here ? "./" : "a program in $PATH, or the path of an executable file",
               here ? ig_text_quote(program, quoted) : "");
    }
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/** Warn of arguments that are files of the configuration's folder, and no inputs. */
static void check_arguments(checking *c)
{
    const ig_value *inputs = ig_config_value(c->config, ig_config_key(c->config, "inputs"), 0);
    for (size_t i = 0; i < c->command->n; i++) {
        const char *text = c->command->texts[i];
        char whole[PATH_MAX], quoted[IG_QUOTE_TEXT];
        struct stat info;
        bool known = *text == '/' || (i == 0 && !strchr(text, '/'));
        path_from(c, text, whole);
        if (known || stat(whole, &info) != 0 || !S_ISREG(info.st_mode)) {
            continue;
        }
        for (size_t k = 0; k < inputs->n; k++) {
            known = known || is_same_file(inputs->paths[k], whole);
        }
        if (!known) {
            WARN(c, "%s is a file, and not among `inputs`: that it was changed would go unnoticed",
                 ig_text_quote(text, quoted));
        }
    }
}

/** Every input that is not there; other faults are reported when they are read. */
static void check_inputs(const checking *c)
{
    ig_error error = {0};
    (void)ig_inputs_read(c->config, false, NULL, c->diagnostics, &error);
}

void ig_program_check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    checking c = {.config = ig_grid_config(grid), .diagnostics = diagnostics};
    c.program = ig_program_of(c.config);
    const size_t command = ig_config_key(c.config, "command");
    c.command = ig_config_value(c.config, command, 0);
    ig_config_position(c.config, command, 0, &c.line, &c.column);
    if (ig_config_n_seeds(c.config) > 1 && !ig_program_uses(c.config, "seed")) {
        WARN(&c, "no {seed} in it or in the environment: the tasks of a grid point are all alike, "
                 "unless the program reads the variable IMAGRID_SEED");
    }
    check_program(&c);
    check_arguments(&c);
    check_inputs(&c);
}

ig_needs ig_program_needs(const ig_config *config)
{
    const ig_program *p = ig_program_of(config);
    const ig_value *cores = ig_config_value(config, ig_config_key(config, "cores_per_task"), 0),
                   *gpus = ig_config_value(config, ig_config_key(config, "gpus_per_node"), 0);
    ig_needs needs = {(size_t)cores->integer, (size_t)gpus->integer, p->grace};
    for (size_t i = 0; i < p->n_environment; i++) {
        ig_number threads;
        if (strcmp(p->environment_names[i], "OMP_NUM_THREADS") == 0 &&
            ig_number_parse(p->environment_values[i], &threads) == IG_NUMBER_WHOLE &&
            threads.integer > (int64_t)needs.cores) {
            needs.cores = (size_t)threads.integer;
        }
    }
    return needs;
}
