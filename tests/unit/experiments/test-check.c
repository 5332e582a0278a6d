/* An experiment's struct with one fault at a time, and those of imagrid's own without any. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "experiments/plugins.h"

/** Everything an experiment can have, to be spoilt. */
typedef struct sample {
    ig_key keys[5];
    const char *choices[3];
    ig_dimension dimensions[1];
    ig_column columns[3];
    const char *summarised[3], *by[2], *only[2], *values[2], *beside[7];
    ig_fit fits[1];
    ig_fits laws;
    ig_pool pools[1];
    ig_ratio ratios[2];
    ig_agreement_group groups[1];
    ig_agreement agreement;
    ig_curve curves[2];
    ig_profile profile;
    ig_own_table table;
    ig_analysis analyses[8];
    ig_experiment experiment;
} sample;

static size_t length(const ig_config *config)
{
    (void)config;
    return 3;
}

static double cost(const ig_point *point)
{
    (void)point;
    return 1;
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    (void)task;
    (void)row;
    (void)error;
    return IG_OK;
}

static ig_status shared_bytes(const ig_grid *grid, size_t *bytes, ig_diagnostics *diagnostics,
                              ig_error *error)
{
    (void)grid;
    (void)bytes;
    (void)diagnostics;
    (void)error;
    return IG_OK;
}

static ig_status load(const ig_grid *grid, void *memory, size_t bytes, ig_error *error)
{
    (void)grid;
    (void)memory;
    (void)bytes;
    (void)error;
    return IG_OK;
}

static void make_tables(sample *s)
{
    s->choices[0] = "plain";
    s->choices[1] = "fixed=";
    s->keys[0] =
        (ig_key){.path = "data.n", .column = "n", .type = IG_KEY_INTEGER, .low = 1, .high = 9};
    s->keys[1] = (ig_key){
        .path = "rate", .column = "rate", .type = IG_KEY_REAL, .default_text = "0.5", .high = 1};
    s->keys[2] = (ig_key){.path = "kind",
                          .column = "kind",
                          .type = IG_KEY_CHOICE,
                          .default_text = "{fixed: 3}",
                          .choices = s->choices};
    s->keys[3] = (ig_key){.path = "published.value",
                          .type = IG_KEY_REAL,
                          .default_text = "1",
                          .high = 2,
                          .annotation = true};
    s->keys[4] = (ig_key){.path = "published.interval",
                          .type = IG_KEY_INTERVAL,
                          .default_text = "[0, 1]",
                          .high = 2,
                          .annotation = true};
    for (size_t k = 0; k < 5; k++) {
        s->keys[k].units = "1";
        s->keys[k].long_name = "a key";
    }
    s->dimensions[0] = (ig_dimension){"epoch", length, 1, "1", "epochs", 0};
    s->columns[0] = (ig_column){"error", IG_F64, NULL, "1", "an error", NULL, false, 0};
    s->columns[1] = (ig_column){"ratio", IG_I32, NULL, "1", "a ratio", "Eq. 1", false, 0};
    s->columns[2] = (ig_column){"curve", IG_F32, "epoch", "1", "a curve", NULL, true, 0};
}

static void make_summary(sample *s)
{
    s->summarised[0] = "error";
    s->summarised[1] = "ratio";
    s->by[0] = "kind";
    s->only[0] = s->values[0] = "plain";
    s->beside[0] = "error";
    s->fits[0] = (ig_fit){.column = "error",
                          .axis = "data.n",
                          .exponent = "alpha",
                          .amplitude = "A",
                          .published = "published.value",
                          .published_interval = "published.interval",
                          .only_key = "kind",
                          .only_value = "plain",
                          .sensitivity = "ratio",
                          .sensitivity_perturbed = "error"};
    s->pools[0] = (ig_pool){"all", s->values, "published.value", NULL, true};
    s->ratios[0] = (ig_ratio){.column = "ratio",
                              .checked = "error",
                              .by = s->by,
                              .only = s->only,
                              .attained = s->only,
                              .pools = s->pools,
                              .n_pools = 1,
                              .beside = s->beside,
                              .figure = "bound",
                              .figure_title = "t",
                              .x_label = "x",
                              .y_label = "y",
                              .against = "rate"};
    s->ratios[1] = s->ratios[0];
    s->ratios[1].column = "error";
    s->ratios[1].figure = NULL;
    s->groups[0] =
        (ig_agreement_group){"all", s->values, "plain", "points", "published.value", NULL};
    s->agreement = (ig_agreement){"error",   "ratio", "error", "ratio", {"kind", "kind"},
                                  s->groups, 1,       "t",     "x",     "y"};
}

static void make_curves(sample *s)
{
    s->curves[0] = (ig_curve){.name = "curve",
                              .title = "t",
                              .x_label = "x",
                              .y_label = "y",
                              .x = "rate",
                              .panels = s->by,
                              .lines = s->by,
                              .only_key = "kind",
                              .only_value = "plain",
                              .measured = "error",
                              .reference = "ratio",
                              .reference_title = "theory",
                              .predicted = s->beside};
    s->curves[1] = s->curves[0];
    s->curves[1].name = "other";
    s->profile = (ig_profile){.name = "profile",
                              .title = "t",
                              .x_label = "x",
                              .y_label = "y",
                              .column = "curve",
                              .only_key = "kind",
                              .only_value = "plain",
                              .largest = "data.n"};
}

static ig_status make_table(const ig_rows *rows, ig_tables *tables, ig_error *error)
{
    (void)rows;
    (void)tables;
    (void)error;
    return IG_OK;
}

static void make(sample *s)
{
    memset(s, 0, sizeof *s);
    make_tables(s);
    make_summary(s);
    s->experiment = (ig_experiment){.schema = {"probe", s->keys, 5},
                                    .title = "A probe",
                                    .dimensions = s->dimensions,
                                    .n_dimensions = 1,
                                    .columns = s->columns,
                                    .n_columns = 3,
                                    .cost = cost,
                                    .run = run,
                                    .summary = {s->summarised, s->analyses, 8}};
    s->laws = (ig_fits){s->fits, 1, "fits", "t", "x", "y"};
    s->table = (ig_own_table){make_table};
    make_curves(s);
    const ig_analysis analyses[] = {
        IG_ANALYSE(LAWS, &s->laws),       IG_ANALYSE(RATIO, &s->ratios[0]),
        IG_ANALYSE(RATIO, &s->ratios[1]), IG_ANALYSE(AGREEMENT, &s->agreement),
        IG_ANALYSE(CURVE, &s->curves[0]), IG_ANALYSE(CURVE, &s->curves[1]),
        IG_ANALYSE(TABLE, &s->table),     IG_ANALYSE(PROFILE, &s->profile)};
    memcpy(s->analyses, analyses, sizeof analyses);
}

static void a_whole_one_passes(void **state)
{
    (void)state;
    sample s;
    ig_error error = {0};
    make(&s);
    if (ig_check_experiment(&s.experiment, &error)) {
        fail_msg("%s", error.text);
    }
}

static void ours_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < ig_experiments()->n; i++) {
        ig_error error = {0};
        if (ig_check_experiment(ig_experiments()->experiments[i], &error)) {
            fail_msg("%s", error.text);
        }
    }
}

static void rejected(const sample *s, const char *why)
{
    ig_error error = {0};
    ig_status status = ig_check_experiment(&s->experiment, &error);
    if (status != IG_ERR_USAGE || !strstr(error.text, why)) {
        fail_msg("wanted '%s', got status %d and '%s'", why, (int)status, error.text);
    }
}

/* Spoil one thing of a fresh sample `s` and see what is said. */
#define REJECTED(spoil, why)                                                                       \
    do {                                                                                           \
        sample s;                                                                                  \
        make(&s);                                                                                  \
        spoil;                                                                                     \
        rejected(&s, why);                                                                         \
    } while (0)

/** Titles and labels are made of names where they are left out. */
static void labels_may_be_left_out(void **state)
{
    (void)state;
    sample s;
    ig_error error = {0};
    make(&s);
    s.laws.figure = s.laws.figure_title = s.laws.x_label = s.laws.y_label = NULL;
    s.ratios[0].figure_title = s.ratios[0].x_label = s.ratios[0].y_label = NULL;
    s.agreement.figure_title = s.agreement.x_label = s.agreement.y_label = NULL;
    s.curves[0].title = s.curves[0].x_label = s.curves[0].y_label = NULL;
    s.curves[0].reference_title = NULL;
    if (ig_check_experiment(&s.experiment, &error)) {
        fail_msg("%s", error.text);
    }
}

static void faults_of_the_whole(void **state)
{
    (void)state;
    REJECTED(s.experiment.schema.experiment = NULL, "name");
    REJECTED(s.experiment.schema.experiment = "", "name");
    REJECTED(s.experiment.schema.experiment = "a b", "name");
    REJECTED(s.experiment.schema.experiment = "a\nb", "name");
    REJECTED(s.experiment.title = NULL, "title");
    REJECTED(s.experiment.title = "two\nlines", "title");
    REJECTED(s.experiment.cost = NULL, "cost");
    REJECTED(s.experiment.run = NULL, "run");
}

static void faults_of_keys(void **state)
{
    (void)state;
    REJECTED(s.experiment.schema.keys = NULL, "table");
    REJECTED(s.experiment.schema.n_keys = 1u << 20, "too many");
    REJECTED(s.keys[1].path = NULL, "key 1");
    REJECTED(s.keys[1].path = "", "key 1");
    REJECTED(s.keys[1].path = ".rate", "key 1");
    REJECTED(s.keys[1].path = "rate.", "key 1");
    REJECTED(s.keys[1].path = "a..b", "key 1");
    REJECTED(s.keys[1].path = "a: b", "key 1");
    REJECTED(s.keys[1].path = "seeds", "every experiment");
    REJECTED(s.keys[1].path = "zip.a", "every experiment");
    REJECTED(s.keys[1].path = "data.n", "cannot both be");
    REJECTED(s.keys[1].path = "data", "cannot both be");
    REJECTED(s.keys[1].path = "data.n.more", "cannot both be");
    REJECTED(s.keys[1].units = NULL, "units");
    REJECTED(s.keys[1].long_name = "", "long_name");
    REJECTED(s.keys[3].column = "published", "annotation");
    REJECTED(s.keys[1].type = (ig_key_type)17, "type");
    REJECTED(s.keys[1].low = 2, "range");
    REJECTED(s.keys[1].high = (double)NAN, "range");
    REJECTED(s.keys[0].high = 1e17, "range");
    REJECTED(s.keys[1].default_text = "2", "too large");
    REJECTED(s.keys[1].default_text = "much", "default 'much'");
    REJECTED(s.keys[1].default_text = "0.5\nmore: 1", "unknown key");
    REJECTED(s.keys[4].default_text = "[1, 0]", "reversed");
    REJECTED(s.keys[2].default_text = "none", "unknown choice");
    REJECTED(s.keys[2].choices = NULL, "choices");
    REJECTED((s.keys[1].later = true, s.keys[1].default_text = NULL), "has a default");
    REJECTED((s.keys[1].later = true, s.keys[1].default_text = "0.50"), "spelled '0.5'");
    REJECTED(s.choices[0] = NULL, "choices");
    REJECTED((s.keys[1].type = IG_KEY_TEXT, s.keys[1].high = 1e6), "range");
    REJECTED((s.keys[1].type = IG_KEY_TEXT, s.keys[1].low = 1, s.keys[1].default_text = "''"),
             "an empty text");
    REJECTED((s.keys[1].type = IG_KEY_TEXT, s.keys[1].high = 9, s.keys[1].later = true,
              s.keys[1].default_text = "'a'"),
             "spelled 'a'");
    REJECTED((s.keys[1].type = IG_KEY_TEXTS, s.keys[1].low = -1), "range");
    REJECTED((s.keys[1].type = IG_KEY_SIZES, s.keys[1].high = 1e12), "range");
    REJECTED((s.keys[1].type = IG_KEY_SIZES, s.keys[1].default_text = "3"), "not a list");
    REJECTED((s.keys[1].type = IG_KEY_BOOLEAN), "not a boolean");
    REJECTED((s.keys[1].type = IG_KEY_FILE), "cannot be an axis");
    REJECTED((s.keys[3].type = IG_KEY_FILE), "no annotation");
    REJECTED((s.experiment.shared_bytes = shared_bytes), "both hooks");
    REJECTED((s.experiment.load = load), "both hooks");
    REJECTED(s.choices[0] = "fixed=", "two choices");
    REJECTED(s.choices[0] = "a b", "a choice");
    REJECTED(s.choices[0] = "a=b", "a choice");
}

static void faults_of_columns(void **state)
{
    (void)state;
    REJECTED(s.experiment.n_columns = 0, "no columns");
    REJECTED(s.experiment.columns = NULL, "no columns");
    REJECTED(s.experiment.n_columns = 1u << 20, "at most");
    REJECTED(s.experiment.dimensions = NULL, "missing table");
    REJECTED(s.columns[0].name = NULL, "a name");
    REJECTED(s.columns[0].name = "a/b", "a name");
    REJECTED(s.columns[0].name = "9a", "a name");
    REJECTED(s.columns[0].name = "ratio", "two of that name");
    REJECTED(s.columns[0].name = "n", "two of that name");
    REJECTED(s.columns[0].name = "epoch", "two of that name");
    REJECTED(s.columns[0].name = "state", "dataset of that name");
    REJECTED(s.columns[0].name = "string64", "dataset of that name");
    REJECTED(s.dimensions[0].name = "task", "dataset of that name");
    REJECTED(s.keys[0].column = "seed", "dataset of that name");
    REJECTED(s.keys[0].column = "rate", "two of that name");
    REJECTED(s.keys[0].column = "exponent", "the summary has");
    REJECTED(s.keys[0].column = "claim_n", "the summary has");
    REJECTED(s.keys[0].column = "spearman", "the summary has");
    REJECTED(s.keys[0].column = "curve_point", "the summary has");
    REJECTED(s.summarised[0] = s.columns[0].name = "curve_2", "the summary has");
    REJECTED(s.columns[0].type = (ig_type)-1, "type");
    REJECTED(s.columns[0].units = NULL, "units");
    REJECTED(s.columns[0].long_name = NULL, "long_name");
    REJECTED(s.columns[0].equation = "a\tb", "units");
    REJECTED(s.columns[2].dimension = "step", "dimension");
    REJECTED(s.columns[2].type = IG_F64, "IG_F32");
    REJECTED(s.columns[0].ragged = true, "ragged");
    REJECTED(s.dimensions[0].length = NULL, "length");
}

static void faults_of_summaries(void **state)
{
    (void)state;
    REJECTED(s.experiment.summary.columns = NULL, "names no column");
    REJECTED(s.summarised[0] = NULL, "names no column");
    REJECTED(s.summarised[0] = "nothing", "'nothing'");
    REJECTED(s.summarised[0] = "curve", "single numbers");
    REJECTED(s.summarised[0] = "ratio", "twice");
    REJECTED(s.experiment.summary.analyses = NULL, "analyses");
    REJECTED(s.experiment.summary.n_analyses = 1000, "analyses");
    REJECTED(s.analyses[0].spec = NULL, "without its struct");
    REJECTED(s.analyses[0].kind = (ig_analysis_kind)17, "unknown kind");
    REJECTED(s.analyses[4] = s.analyses[0], "twice");
    REJECTED(s.analyses[4] = s.analyses[3], "twice");
    REJECTED(s.table.make = NULL, "without its function");
    REJECTED(s.laws.fits = NULL, "fits");
    REJECTED(s.fits[0].column = "curve", "'curve'");
    REJECTED(s.fits[0].axis = "n", "axis");
    REJECTED(s.fits[0].axis = "kind", "axis");
    REJECTED(s.fits[0].axis = "published.value", "axis");
    REJECTED(s.fits[0].exponent = NULL, "exponent");
    REJECTED(s.fits[0].law = "linear", "law");
    REJECTED(s.fits[0].outputs = "rate", "outputs");
    REJECTED(s.fits[0].outputs = "nowhere", "outputs");
    REJECTED(s.fits[0].only_value = NULL, "only_key");
    REJECTED(s.fits[0].only_value = "nothing", "only_key");
    REJECTED(s.fits[0].sensitivity = "curve", "sensitivity");
    REJECTED(s.fits[0].sensitivity_perturbed = "nowhere", "sensitivity");
    REJECTED(s.fits[0].published = "rate", "published");
    REJECTED(s.fits[0].published = "nowhere", "published");
    REJECTED(s.fits[0].published_interval = "published.value", "published");
    REJECTED(s.laws.figure = "../figure", "figure");
    REJECTED(s.laws.y_label = "a\tb", "labels");
}

static void faults_of_ratios(void **state)
{
    (void)state;
    REJECTED(s.ratios[1].column = NULL, "summarised");
    REJECTED(s.ratios[0].checked = "curve", "checked");
    REJECTED(s.ratios[0].slack = (double)NAN, "slack");
    REJECTED(s.ratios[0].by = NULL, "`by`");
    REJECTED(s.by[0] = "published.value", "`by`");
    REJECTED(s.only[0] = "nobody", "`only`");
    REJECTED(s.beside[0] = "curve", "beside");
    REJECTED(s.beside[1] = s.beside[2] = s.beside[3] = s.beside[4] = "error", "beside");
    REJECTED(s.ratios[1].column = "ratio", "two ratios");
    REJECTED(s.ratios[0].pools = NULL, "pools");
    REJECTED(s.pools[0].name = NULL, "pool");
    REJECTED(s.pools[0].values = NULL, "pool");
    REJECTED(s.pools[0].published_maximum = "nowhere", "pool");
    REJECTED(s.ratios[0].figure = "a b", "figure");
    REJECTED(s.ratios[0].figure = "fits", "two figures");
    REJECTED(s.ratios[1].figure = "bound", "two figures");
    REJECTED(s.ratios[0].x_label = "", "labels");
    REJECTED(s.ratios[0].against = "data.n", "`against`");
    REJECTED(s.agreement.residual = NULL, "agreement");
    REJECTED(s.agreement.by[1] = "rate", "CHOICE");
    REJECTED(s.agreement.n_groups = 0, "groups");
    REJECTED(s.agreement.n_groups = 65, "groups");
    REJECTED(s.groups[0].name = "a, b", "commas");
    REJECTED(s.groups[0].second = "nobody", "values");
    REJECTED(s.groups[0].first = NULL, "values");
    REJECTED(s.groups[0].figure = "", "figure");
    REJECTED(s.groups[0].figure = "fits", "two figures");
    REJECTED(s.groups[0].figure = "other", "two figures");
    REJECTED(s.groups[0].published_p = "kind", "published");
}

static void faults_of_curves(void **state)
{
    (void)state;
    REJECTED(s.curves[0].name = "a/b", "for a file");
    REJECTED(s.curves[1].name = "curve", "two figures");
    REJECTED(s.profile.name = "fits", "two figures");
    REJECTED(s.profile.name = "a/b", "name");
    REJECTED(s.profile.column = "error", "dimension");
    REJECTED(s.profile.only_value = "nothing", "only_key");
    REJECTED(s.profile.largest = "kind", "largest");
    REJECTED(s.curves[1].name = "fits", "two figures");
    REJECTED(s.curves[1].name = "bound", "two figures");
    REJECTED(s.curves[0].x = "kind", "x is not");
    REJECTED(s.curves[0].x = NULL, "x is not");
    REJECTED(s.curves[0].title = "", "labels");
    REJECTED(s.curves[0].only_value = NULL, "only_key");
    REJECTED(s.curves[0].only_value = "nobody", "only_key");
    REJECTED(s.curves[0].only_key = "rate", "only_key");
    REJECTED(s.curves[0].measured = "curve", "measured");
    REJECTED(s.curves[0].reference = "curve", "reference");
    REJECTED(s.curves[0].reference_title = "", "reference");
    REJECTED(s.curves[0].tolerance = -1, "tolerance");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_one_passes),     cmocka_unit_test(ours_pass),
        cmocka_unit_test(labels_may_be_left_out), cmocka_unit_test(faults_of_the_whole),
        cmocka_unit_test(faults_of_keys),         cmocka_unit_test(faults_of_columns),
        cmocka_unit_test(faults_of_summaries),    cmocka_unit_test(faults_of_ratios),
        cmocka_unit_test(faults_of_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
