/** What is wrong with a configuration of `program` that takes the values of its keys, or the file
 *  system: placeholders, costs, files. Asked before a run, never of a result file. */
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
#include "experiments/program.h"
#include "program/executable.h"
#include "program/template.h"

/** A configuration being checked. */
typedef struct checking {
    const ig_config *config;
    const ig_program *program;
    const ig_value *command;
    ig_diagnostics *diagnostics;
    bool *used; /**< by axis; owned */
    bool seed;  /**< {seed} is used */
} checking;

static const ig_value *value_of(const checking *c, const char *path)
{
    return ig_config_value(c->config, ig_config_key(c->config, path), 0);
}

/** Report at the value of a key. */
#define REPORT(c, path, name, ...)                                                                 \
    do {                                                                                           \
        size_t line, column;                                                                       \
        ig_config_position((c)->config, ig_config_key((c)->config, (path)), 0, &line, &column);    \
        ig_diagnostics_add((c)->diagnostics, ig_config_file((c)->config), line, column, (name),    \
                           __VA_ARGS__);                                                           \
    } while (0)

#define WARN(c, path, ...)                                                                         \
    do {                                                                                           \
        size_t line, column;                                                                       \
        ig_config_position((c)->config, ig_config_key((c)->config, (path)), 0, &line, &column);    \
        ig_diagnostics_warn((c)->diagnostics, ig_config_file((c)->config), line, column, (path),   \
                            __VA_ARGS__);                                                          \
    } while (0)

/* Placeholders. */

static void report_unknown(checking *c, const char *key, const char *shown, const char *name)
{
    char quoted[IG_QUOTE_TEXT], hint[IG_HINT_TEXT], known[400] = "";
    ig_suggestion suggestion = {.word = name};
    for (size_t a = 0; a < c->program->n_axes; a++) {
        ig_suggest_offer(&suggestion, c->program->axes[a].name);
        ig_text_list(known, sizeof known, c->program->axes[a].name);
    }
    for (const char *const *own = ig_program_placeholders; *own; own++) {
        ig_suggest_offer(&suggestion, *own);
        ig_text_list(known, sizeof known, *own);
    }
    REPORT(c, key, shown, "unknown placeholder {%s}%s, allowed: %s", ig_text_quote(name, quoted),
           ig_suggest_hint(&suggestion, hint), known);
}

/** Note the placeholders of a text; `shown` names it in messages. */
static void check_template(checking *c, const char *key, const char *shown, const char *text)
{
    char name[IG_PLACEHOLDER], quoted[IG_QUOTE_TEXT];
    const char *fault = NULL;
    int found;
    for (const char *at = text; (found = ig_template_next(&at, name, &fault)) == 1;) {
        bool known = ig_check_is_in(ig_program_placeholders, name);
        c->seed = c->seed || strcmp(name, ig_program_placeholders[0]) == 0;
        for (size_t a = 0; a < c->program->n_axes; a++) {
            const bool axis = strcmp(c->program->axes[a].name, name) == 0;
            c->used[a] = c->used[a] || axis;
            known = known || axis;
        }
        if (!known) {
            report_unknown(c, key, shown, name);
        }
    }
    if (found < 0) {
        REPORT(c, key, shown, "\"%s\": %s", ig_text_quote(text, quoted), fault);
    }
}

static void check_templates(checking *c)
{
    char quoted[IG_QUOTE_TEXT], shown[IG_QUOTE_TEXT + 16];
    for (size_t i = 0; i < c->command->n; i++) {
        check_template(c, "command", "command", c->command->texts[i]);
    }
    for (size_t i = 0; i < c->program->n_environment; i++) {
        snprintf(shown, sizeof shown, "environment.%s",
                 ig_text_quote(c->program->environment_names[i], quoted));
        check_template(c, "environment", shown, c->program->environment_values[i]);
    }
    for (size_t a = 0; a < c->program->n_axes; a++) {
        const ig_program_axis *axis = &c->program->axes[a];
        if (!c->used[a]) {
            REPORT(c, axis->path, axis->path,
                   "an axis that no task is told of, allowed: {%s} in the command or in the "
                   "environment",
                   axis->name);
        }
    }
    if (!c->seed && ig_config_n_seeds(c->config) > 1) {
        WARN(c, "command",
             "no {seed} in it or in the environment: the tasks of a grid point are all alike, "
             "unless the program reads the variable IMAGRID_SEED");
    }
}

/* Costs. */

static void check_cost(checking *c)
{
    const ig_value *names = value_of(c, "cost");
    for (size_t i = 0; i < names->n; i++) {
        const char *name = names->texts[i];
        char quoted[IG_QUOTE_TEXT], hint[IG_HINT_TEXT], known[400] = "", path[64];
        ig_suggestion suggestion = {.word = name};
        bool found = false;
        for (size_t a = 0; a < c->program->n_axes; a++) {
            ig_suggest_offer(&suggestion, c->program->axes[a].name);
            ig_text_list(known, sizeof known, c->program->axes[a].name);
            found = found || strcmp(c->program->axes[a].name, name) == 0;
        }
        if (!found) {
            REPORT(c, "cost", "cost", "no axis \"%s\"%s, allowed: %s", ig_text_quote(name, quoted),
                   ig_suggest_hint(&suggestion, hint), *known ? known : "[], as there is no axis");
            continue;
        }
        snprintf(path, sizeof path, "axes.%s", name);
        const size_t key = ig_config_key(c->config, path);
        const ig_key_type type = ig_config_schema(c->config)->keys[key].type;
        for (size_t v = 0; v < ig_config_count(c->config, key); v++) {
            const ig_value *value = ig_config_value(c->config, key, v);
            if ((type != IG_KEY_INTEGER && type != IG_KEY_REAL) || !(value->real > 0)) {
                REPORT(c, "cost", "cost", "%s has the value %s, allowed: axes of positive numbers",
                       name, ig_text_quote(ig_value_text(value), quoted));
                break;
            }
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
    char whole[PATH_MAX], quoted[IG_QUOTE_TEXT], name[IG_PLACEHOLDER];
    const char *fault = NULL, *at = program;
    if (strpbrk(program, "{}")) {
        if (ig_template_next(&at, name, &fault) == 1) {
            REPORT(c, "command", "command",
                   "\"%s\": the program itself has a placeholder, allowed: the same program for "
                   "every task, such as [env, \"{%s}\"]",
                   ig_text_quote(program, quoted), name);
        }
        return;
    }
    AUTO_FREE char *found = NULL;
    ig_error reason = {0};
    if (ig_executable_find(program, c->program->folder, &found, &reason)) {
        /* What lies beside the configuration needs its slash. */
        path_from(c, program, whole);
        const bool here = !strchr(program, '/') && access(whole, X_OK) == 0;
        REPORT(c, "command", "command", "%s, allowed: %s%s", reason.text,
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
    const ig_value *inputs = value_of(c, "inputs");
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
            WARN(c, "command",
                 "%s is a file, and not among `inputs`: that it was changed would go unnoticed",
                 ig_text_quote(text, quoted));
        }
    }
}

/** Every input that is not there; what else can go wrong is told when they are read. */
static void check_inputs(checking *c)
{
    ig_error error = {0};
    (void)ig_inputs_read(c->config, false, NULL, c->diagnostics, &error);
}

void ig_program_check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    checking c = {.config = ig_grid_config(grid), .diagnostics = diagnostics};
    c.program = ig_program_of(c.config);
    c.command = value_of(&c, "command");
    AUTO_FREE bool *used = calloc(c.program->n_axes + 1, sizeof *used);
    c.used = used;
    if (!used) {
        ig_diagnostics_add(diagnostics, ig_config_file(c.config), 0, 0, NULL, "out of memory");
        return;
    }
    check_templates(&c);
    check_cost(&c);
    check_program(&c);
    check_arguments(&c);
    check_inputs(&c);
}

ig_needs ig_program_needs(const ig_config *config)
{
    const ig_program *p = ig_program_of(config);
    ig_needs needs = {(size_t)p->cores_per_task, (size_t)p->gpus_per_node, p->grace};
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
