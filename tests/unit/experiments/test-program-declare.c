/* What a configuration of `program` declares. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "experiments/program.h"

/* A configuration in pieces; a test puts others in their places. */
typedef struct pieces {
    const char *command, *axes, *columns, *more;
} pieces;

static const pieces usual = {
    .command = "[env, \"{n}\", \"{lr}\", \"{model}\", \"{seed}\"]",
    .axes = "{n: [1000, 3000], lr: [1.0e-3, 0.01], model: [mlp, transformer]}",
    .columns = "{error: {units: m, long_name: an error}, reward: {}, curve: {length: 20}}",
    .more = "",
};

static char *text_of(const pieces *p)
{
    char *text = NULL;
    assert_true(asprintf(&text, "experiment: program\nseeds: 2\ncommand: %s\n%s%s\ncolumns: %s\n%s",
                         p->command, *p->axes ? "axes: " : "", p->axes, p->columns, p->more) > 0);
    return text;
}

/** Read a text; NULL and the messages where something is wrong. */
static ig_config *read_text(const char *text, char messages[8192])
{
    ig_config *config = NULL;
    ig_diagnostics *d = ig_diagnostics_create();
    const ig_status status =
        ig_registry_parse(ig_experiments(), text, strlen(text), "dir/a.yaml", &config, d);
    *messages = '\0';
    for (size_t i = 0; i < ig_diagnostics_count(d); i++) {
        const size_t used = strlen(messages);
        snprintf(messages + used, 8192 - used, "%s\n", ig_diagnostics_text(d, i));
    }
    assert_int_equal(status, *messages ? IG_ERR_CONFIG : IG_OK);
    ig_diagnostics_destroy(&d);
    return config;
}

static ig_config *read_pieces(const pieces *p)
{
    char messages[8192];
    char *text = text_of(p);
    ig_config *config = read_text(text, messages);
    if (!config) {
        fail_msg("%s\n%s", text, messages);
    }
    free(text);
    return config;
}

static const ig_key *key_of(const ig_config *config, const char *path)
{
    return &ig_config_schema(config)->keys[ig_config_key(config, path)];
}

static int64_t integer_of(const ig_config *config, const char *path)
{
    return ig_config_value(config, ig_config_key(config, path), 0)->integer;
}

static void tables_are_declared(void **state)
{
    (void)state;
    pieces p = usual;
    p.more = "timeout: 30min\ngrace: 5s\nretries: 3\ngpus_per_node: 4\ncores_per_task: 2\n"
             "keep_scratch: true\nscratch: /tmp\nenvironment: {A: \"1\", B: \"{n}\"}\n"
             "output_tail: 100\ncost: [n]\n"
             "fits: [{column: error, axis: n, exponent: a, kind: dynamics}]\n"
             "curves: [{column: reward, axis: lr, lines: [model], best: true}]\n";
    ig_config *config = read_pieces(&p);
    const ig_program *made = ig_program_of(config);
    const ig_experiment *e = &made->experiment;
    assert_int_equal(made->n_axes, 3);
    assert_string_equal(made->axes[1].name, "lr");
    assert_string_equal(made->axes[1].path, "axes.lr");
    assert_int_equal(key_of(config, "axes.n")->type, IG_KEY_INTEGER);
    assert_int_equal(key_of(config, "axes.lr")->type, IG_KEY_REAL);
    assert_int_equal(key_of(config, "axes.model")->type, IG_KEY_TEXT);
    assert_int_equal(made->n_declared, 3);
    assert_int_equal(e->n_columns, 5);
    assert_string_equal(e->columns[0].units, "m");
    assert_string_equal(e->columns[0].long_name, "an error");
    assert_string_equal(e->columns[2].dimension, e->dimensions[0].name);
    assert_int_equal(ig_dimension_length(&e->dimensions[0], config), 20);
    assert_string_equal(e->columns[3].name, "retries");
    assert_string_equal(e->columns[4].name, "stderr");
    assert_int_equal(e->columns[4].type, IG_TEXT);
    assert_int_equal(e->columns[4].width, 100);
    assert_string_equal(e->summary.columns[1], "reward");
    assert_null(e->summary.columns[2]);
    assert_true(made->timeout == 1800 && made->grace == 5);
    assert_int_equal(integer_of(config, "retries"), 3);
    assert_int_equal(integer_of(config, "keep_scratch"), 1);
    const ig_needs needs = e->needs(config);
    assert_true(needs.cores == 2 && needs.gpus == 4 && needs.grace == 5);
    const ig_value *scratch = ig_config_value(config, ig_config_key(config, "scratch"), 0);
    assert_string_equal(ig_value_text(scratch), "/tmp");
    assert_string_equal(made->folder, "dir");
    assert_int_equal(made->n_environment, 2);
    assert_string_equal(made->environment_values[1], "{n}");
    assert_true(ig_program_uses(config, "n") && !ig_program_uses(config, "result"));
    const ig_fits *laws = ig_summary_analysis(&e->summary, IG_ANALYSIS_LAWS, 0);
    assert_string_equal(laws->fits[0].kind, "dynamics");
    assert_string_equal(laws->fits[0].axis, "axes.n");
    const ig_curve *curve = ig_summary_analysis(&e->summary, IG_ANALYSIS_CURVE, 0);
    assert_string_equal(curve->lines[0], "axes.model");
    assert_non_null(curve->predicted);
    assert_true(curve->log_x);
    assert_non_null(ig_summary_analysis(&e->summary, IG_ANALYSIS_PROFILE, 0));
    ig_grid *grid = NULL;
    assert_int_equal(ig_grid_create(config, &grid, NULL), IG_OK);
    char label[100];
    ig_grid_label(grid, 0, label, sizeof label);
    assert_string_equal(label, "n=1000 lr=0.001 model=mlp");
    assert_true(ig_program_cost(&(ig_point){grid, 7}) == 3000);
    ig_grid_destroy(&grid);
    ig_config_destroy(&config);
}

static void defaults_stand_in(void **state)
{
    (void)state;
    pieces p = usual;
    ig_config *config = read_pieces(&p);
    const ig_program *made = ig_program_of(config);
    const ig_experiment *e = &made->experiment;
    assert_true(isinf(made->timeout) && made->grace == 10);
    assert_int_equal(e->columns[e->n_columns - 1].width, 1024);
    ig_config_destroy(&config);
    p.more = "output_tail: 0\n";
    config = read_pieces(&p);
    e = ig_experiment_of(config);
    assert_string_equal(e->columns[e->n_columns - 1].name, "retries");
    ig_config_destroy(&config);
}

/** The resolved text gives the same configuration again, with the same types and hash: a result
 *  file is read by it. */
static void resolved_texts_read_back(void **state)
{
    (void)state;
    static const struct {
        const char *values;
        ig_key_type type;
    } cases[] = {
        {"[1, 2]", IG_KEY_INTEGER},
        {"7", IG_KEY_INTEGER},
        {"[1.0, 2.0]", IG_KEY_INTEGER},
        {"[1e5, 1e6]", IG_KEY_INTEGER},
        {"[1, 2.5]", IG_KEY_REAL},
        {"[1, 1e20]", IG_KEY_REAL},
        {"{logspace: [1000, 100000, 3]}", IG_KEY_INTEGER},
        {"{linspace: [1, 2, 3]}", IG_KEY_REAL},
        {"[true, false]", IG_KEY_BOOLEAN},
        {"[\"1\", \"2\"]", IG_KEY_TEXT},
        {"[\"true\", \"1e5\"]", IG_KEY_TEXT},
        {"[inf, \"nan\", \"-inf\", null]", IG_KEY_TEXT},
        {"[\"\", \"a, b: c\", 'it''s {x}']", IG_KEY_TEXT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char axes[200], messages[8192];
        snprintf(axes, sizeof axes, "{n: %s}", cases[i].values);
        pieces p = {"[env, \"{n}\"]", axes, "{a: {long_name: \"x, y: [z]\"}, b: }",
                    "inputs: [some/where.py]\nenvironment: {A: \"\"}\n"};
        ig_config *once = read_pieces(&p);
        ig_config *twice = read_text(ig_config_resolved(once), messages);
        assert_string_equal(messages, "");
        assert_int_equal(key_of(once, "axes.n")->type, cases[i].type);
        assert_int_equal(key_of(twice, "axes.n")->type, cases[i].type);
        assert_string_equal(ig_config_resolved(twice), ig_config_resolved(once));
        assert_string_equal(ig_config_hash(twice), ig_config_hash(once));
        ig_config_destroy(&once);
        ig_config_destroy(&twice);
    }
}

static void hash_of(const pieces *p, char hash[64])
{
    ig_config *config = read_pieces(p);
    snprintf(hash, 64, "%s", ig_config_hash(config));
    ig_config_destroy(&config);
}

static void identity_is_what_changes_results(void **state)
{
    (void)state;
    static const char *const same[] = {
        "cost: [n]\n",
        "timeout: 1h\n",
        "grace: 1s\n",
        "retries: 2\n",
        "gpus_per_node: 2\n",
        "cores_per_task: 4\n",
        "scratch: /var/tmp\n",
        "keep_scratch: true\n",
        "inputs: [a.py, b.py]\n",
        "fits: [{column: error, axis: n, exponent: a}]\n",
        "curves: [{column: error, axis: n}]\n",
    };
    static const char *const others[] = {"environment: {A: \"1\"}\n", "output_tail: 100\n"};
    char hash[64], other[64];
    pieces p = usual;
    hash_of(&p, hash);
    /* Files of this configuration are out there: its hash must not change. */
    assert_string_equal(hash, "57fcc37884867efa32b4ef5ae0356416");
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        p.more = same[i];
        hash_of(&p, other);
        assert_string_equal(other, hash);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        p.more = others[i];
        hash_of(&p, other);
        assert_string_not_equal(other, hash);
    }
    p.more = "";
    p.columns = "{error: {units: km}, reward: {long_name: other}, curve: {length: 20}}";
    hash_of(&p, other);
    assert_string_equal(other, hash);
    p.columns = "{error: {units: m, long_name: an error}, reward: {}, curve: {length: 21}}";
    hash_of(&p, other);
    assert_string_not_equal(other, hash);
}

static void difference(const pieces *a, const pieces *b, char text[1024])
{
    ig_config *there = read_pieces(a), *here = read_pieces(b);
    ig_config_difference(there, here, text, 1024);
    ig_config_destroy(&there);
    ig_config_destroy(&here);
}

/** Other axes stand at other places of other tables. */
static void differences_name_axes(void **state)
{
    (void)state;
    char text[1024];
    pieces a = usual, b = usual;
    a.command = b.command = "[env, \"{n}\"]";
    a.axes = "{n: [1, 2]}";
    b.axes = "{n: [1, 2, 3]}";
    difference(&a, &b, text);
    assert_string_equal(text, "axes.n: [1, 2] there, [1, 2, 3] here");
    b.axes = "{k: 1, n: [1, 2]}";
    b.command = "[env, \"{n}\", \"{k}\"]";
    difference(&a, &b, text);
    assert_string_equal(text, "command: [env, \"{n}\"] there, [env, \"{n}\", \"{k}\"] here; "
                              "axes.k: nothing there, 1 here");
    difference(&b, &a, text);
    assert_non_null(strstr(text, "axes.k: 1 there, nothing here"));
    b = a;
    b.columns = "{error: {units: kg, long_name: other}, reward: {}, curve: {length: 20}}";
    difference(&a, &b, text);
    assert_string_equal(text, "");
}

static void short_names_do(void **state)
{
    (void)state;
    pieces p = usual, q = usual;
    p.more = "zip: [[n, lr]]\n";
    q.more = "zip: [[axes.lr, axes.n]]\n";
    char a[64], b[64];
    hash_of(&p, a);
    hash_of(&q, b);
    assert_string_equal(a, b);
    p.more = "parts: [{n: 5, lr: 0.5}, {n: [6, 7]}]\n";
    q.more = "parts: [{axes.n: 5, axes.lr: 0.5}, {axes: {n: [6, 7]}}]\n";
    hash_of(&p, a);
    hash_of(&q, b);
    assert_string_equal(a, b);
    ig_config *config = read_pieces(&p);
    ig_grid *grid = NULL;
    assert_int_equal(ig_grid_create(config, &grid, NULL), IG_OK);
    assert_int_equal(ig_grid_n_points(grid), 2 * (1 + 2 * 2));
    ig_grid_destroy(&grid);
    ig_config_destroy(&config);
    /* A part's values decide on the type as well: 6.5 is no whole number. */
    p.more = "parts: [{n: 5}, {n: 6.5}]\n";
    config = read_pieces(&p);
    assert_int_equal(key_of(config, "axes.n")->type, IG_KEY_REAL);
    ig_config_destroy(&config);
}

/** Nothing varies, or an axis is given by its path, or by a part alone. */
static void axes_may_stand_elsewhere(void **state)
{
    (void)state;
    pieces p = {"[env]", "", "{a: {}}", ""};
    ig_config *config = read_pieces(&p);
    assert_int_equal(ig_program_of(config)->n_axes, 0);
    ig_config_destroy(&config);
    p.axes = "{}";
    config = read_pieces(&p);
    ig_config_destroy(&config);
    p = (pieces){"[env, \"{n}\", \"{k}\"]", "", "{a: {}}",
                 "axes.n: [1, 2]\nparts: [{axes.k: 1}, {axes.k: 2}]\n"};
    config = read_pieces(&p);
    assert_int_equal(ig_program_of(config)->n_axes, 2);
    ig_config_destroy(&config);
}

/* What is wrong. */

typedef struct fault {
    pieces pieces; /* NULL: as usual */
    const char *wanted;
} fault;

static const fault faults[] = {
    {{.command = "[env, \"{n}\", \"{lr}\", \"{modle}\", \"{model}\"]"},
     "a.yaml:3:31: command: unknown placeholder {modle}, did you mean model?"},
    {{.command = "[env, \"{n}{lr}{model}\", \"{n\"]"}, "a.yaml:3:34: command: \"{n\": "},
    {{.command = "[env, \"{n}{lr}{model}\", {n}]"},
     "command: {n} is a mapping unless it stands in quotes"},
    {{.command = "[\"{model}\", \"{n}{lr}\"]"}, "the program itself has a placeholder"},
    {{.command = "[env, \"{n}{lr}\"]"},
     "a.yaml:4:45: axes.model: no task gets its value, allowed: {model} in the command"},
    {{.command = "[]"}, "command: a list of 0, allowed: a list of 1 to 1000 texts"},
    {{.axes = "{n: 1, lr: 1, model: [mlp, 3]}"},
     "axes.model: the number 3 among texts, allowed: values of one kind"},
    {{.axes = "{n: 1, lr: 1, model: [true, 3]}"}, "axes.model: the number 3 among booleans"},
    {{.axes = "{n: 1, lr: 1, model: [true, x]}"}, "axes.model: the boolean true among texts"},
    {{.axes = "{n: 1, lr: 1, model: 1, 2b: 1}"}, "axes: \"2b\" is no name"},
    {{.axes = "{n: 1, lr: 1, model: 1, seed: 1}"}, "axes.seed: {seed} is a placeholder of every"},
    {{.axes = "{n: 1, lr: 1, model: 1, crc: 1}"}, "axes: the result file has a dataset crc of its"},
    {{.axes = "{n: 1, lr: 1, model: 1, stderr: 1}"}, "axes: the result file has a dataset stderr"},
    {{.axes = "[n]"}, "a.yaml:4:7: axes: a list where a mapping is expected"},
    {{.axes = "{n: 1, lr: 1, model: []}"}, "axes.model: an empty list"},
    {{.axes = "{n: 1, lr: 1, model: [[a]]}"}, "axes.model: a list is not a text"},
    {{.columns = "{}"}, "columns: no columns, allowed: {NAME: {}, ...}"},
    {{.columns = "[a]"}, "columns: a list, allowed: {NAME: {}, ...}"},
    {{.columns = "{n: {}}"}, "columns.n: an axis has this name"},
    {{.columns = "{state: {}}"}, "columns: the result file has a dataset state of its own"},
    {{.columns = "{retries: {}}"}, "columns: the result file has a dataset retries of its own"},
    {{.columns = "{a-b: {}}"}, "columns: \"a-b\" is no name"},
    {{.columns = "{a: {}, a: {}}"}, "a: duplicate key"},
    {{.columns = "{a: {length: 2}, a_index: {}}"}, "the places of another column have this name"},
    {{.columns = "{a: {unit: m}}"}, "columns.a.unit: unknown key, did you mean units?"},
    {{.columns = "{a: {length: 0}}"}, "columns.a.length: 0 is too small"},
    {{.columns = "{a: {type: float}}"}, "columns.a.type: unknown choice \"float\""},
    {{.columns = "{a: {ragged: true}}"}, "columns.a.ragged: true without a length"},
    {{.columns = "{a: 3}"}, "columns.a: a single value where a mapping is expected"},
    {{.more = "fits: [{column: eror, axis: n, exponent: a}]"},
     "fits[1].column: no column \"eror\", did you mean error?"},
    {{.more = "fits: [{column: curve, axis: n, exponent: a}]"},
     "fits[1].column: a column with a length \"curve\""},
    {{.more = "fits: [{column: error, axis: model, exponent: a}]"},
     "fits[1].axis: an axis without numbers \"model\", allowed: n, lr"},
    {{.axes = "{n: [0, 1], lr: 1, model: 1}",
      .more = "fits: [{column: error, axis: n, exponent: a}]"},
     "fits[1].axis: n has a value of 0, allowed: an axis of positive numbers"},
    {{.more = "fits: [{column: error, axis: n}]"}, "fits[1].exponent: this key is missing"},
    {{.more =
          "fits: [{column: error, axis: n, exponent: a}, {column: reward, axis: n, exponent: a}]"},
     "fits[2].exponent: a names the exponent of another fit"},
    {{.more = "fits: [{column: error, axis: n, exponent: a, kind: reward}, "
              "{column: reward, axis: n, exponent: b, kind: reward}]"},
     "fits[2].kind: reward is the kind of another fit"},
    {{.more = "fits: [{column: error, axis: n, exponent: a, kind: dynamic}]"},
     "fits[1].kind: unknown choice \"dynamic\", did you mean dynamics?"},
    {{.more = "fits: [{column: error, axis: n, exponent: a, only: {modl: mlp}}]"},
     "fits[1].only: no axis \"modl\", did you mean model?"},
    {{.more = "fits: {column: error}"}, "fits: a mapping where a list is expected"},
    {{.columns = "{fit: {}}", .more = "fits: [{column: fit, axis: n, exponent: a}]"},
     "columns.fit: the summary has datasets that begin so"},
    {{.more = "curves: [{column: error, axis: m}]"}, "curves[1].axis: no axis \"m\""},
    {{.more = "curves: [{column: error, axis: n, lines: [m]}]"}, "curves[1].lines: no axis \"m\""},
    {{.more = "curves: [{column: error, axis: n}, {column: error, axis: n}]"},
     "curves[2]: another curve has this column and axis"},
    {{.more = "cost: [m]"}, "cost: no axis \"m\""},
    {{.more = "cost: [model]"}, "cost: not of positive numbers: \"model\""},
    {{.more = "timeout: 0"}, "timeout: '0' is an invalid duration"},
    {{.more = "timeout: soon"}, "timeout: 'soon' is an invalid duration"},
    {{.more = "grace: none"}, "grace: 'none' is an invalid duration"},
    {{.more = "retries: -1"}, "retries: -1 is too small"},
    {{.more = "environment: [A]"}, "environment: a list where a mapping is expected"},
    {{.more = "environment: {A: {n}}"},
     "environment.A: {n} is a mapping unless it stands in quotes"},
    {{.more = "environment: {A: \"{m}\"}"}, "environment.A: unknown placeholder {m}"},
    {{.more = "environment: {\"A=B\": x}"}, "environment.A=B: no name of a variable"},
    {{.more = "common_random_numbers: false"}, "common_random_numbers: false has no effect"},
    {{.more = "zip: [[n, lrr]]"}, "zip: unknown key \"lrr\", did you mean axes.lr?"},
};

static void faults_are_told(void **state)
{
    size_t wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const pieces *f = &faults[i].pieces;
        const pieces p = {f->command ? f->command : usual.command, f->axes ? f->axes : usual.axes,
                          f->columns ? f->columns : usual.columns, f->more ? f->more : usual.more};
        char messages[8192], *text = text_of(&p);
        ig_config *config = read_text(text, messages);
        if (config || !strstr(messages, faults[i].wanted)) {
            print_error("%s\nwanted: %s\nsaid:\n%s", text, faults[i].wanted, messages);
            wrong++;
        }
        free(text);
    }
    assert_int_equal(wrong, 0);
}

/** Everything that is wrong with a text is told at once, each at its place. */
static void faults_come_together(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "a.yaml:3:", "a.yaml:4:", "a.yaml:5:", "a.yaml:6:", "a.yaml:7:", "a.yaml:8:", "a.yaml:9:"};
    const pieces p = {"[env, \"{m}\"]", "{n: [1, x]}", "{n: {}}",
                      "cost: [k]\ntimeout: 0\nfits: [{}]\nretries: many\n"};
    char messages[8192], *text = text_of(&p);
    assert_null(read_text(text, messages));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        assert_non_null(strstr(messages, wanted[i]));
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_declared),
        cmocka_unit_test(defaults_stand_in),
        cmocka_unit_test(resolved_texts_read_back),
        cmocka_unit_test(identity_is_what_changes_results),
        cmocka_unit_test(differences_name_axes),
        cmocka_unit_test(short_names_do),
        cmocka_unit_test(axes_may_stand_elsewhere),
        cmocka_unit_test(faults_are_told),
        cmocka_unit_test(faults_come_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
