/* An experiment's struct with one fault at a time, and those of imagrid's own without any. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "experiments/check.h"

/** Everything an experiment can have, to be spoilt. */
typedef struct sample {
    ig_key keys[5];
    const char *choices[3];
    ig_dimension dimensions[1];
    ig_column columns[3];
    const char *summarised[3], *by[2], *only[2], *values[2], *beside[7];
    ig_fit fits[1];
    ig_pool pools[1];
    ig_ratio ratios[2];
    ig_agreement_group groups[1];
    ig_agreement agreement;
    ig_curve curves[2];
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
    s->dimensions[0] = (ig_dimension){"epoch", length, 1, "1", "epochs"};
    s->columns[0] = (ig_column){"error", IG_F64, NULL, "1", "an error", NULL, false};
    s->columns[1] = (ig_column){"ratio", IG_I32, NULL, "1", "a ratio", "Eq. 1", false};
    s->columns[2] = (ig_column){"curve", IG_F32, "epoch", "1", "a curve", NULL, true};
}

static void make_summary(sample *s)
{
    s->summarised[0] = "error";
    s->summarised[1] = "ratio";
    s->by[0] = "kind";
    s->only[0] = s->values[0] = "plain";
    s->beside[0] = "error";
    s->fits[0] = (ig_fit){"error", "data.n", "alpha", "A", "published.value", "published.interval"};
    s->pools[0] = (ig_pool){"all", s->values, "published.value", NULL, true};
    s->ratios[0] = (ig_ratio){.column = "ratio",
                              .judged = "error",
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
    s->experiment.summary.curves = s->curves;
    s->experiment.summary.n_curves = 2;
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
                                    .summary = {.columns = s->summarised,
                                                .fits = s->fits,
                                                .n_fits = 1,
                                                .figure = "fits",
                                                .figure_title = "t",
                                                .x_label = "x",
                                                .y_label = "y",
                                                .ratios = s->ratios,
                                                .n_ratios = 2,
                                                .agreement = &s->agreement}};
    make_curves(s);
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

static void refused(const sample *s, const char *why)
{
    ig_error error = {0};
    ig_status status = ig_check_experiment(&s->experiment, &error);
    if (status != IG_ERR_USAGE || !strstr(error.text, why)) {
        fail_msg("wanted '%s', got status %d and '%s'", why, (int)status, error.text);
    }
}

/* Spoil one thing of a fresh sample `s` and see what is said. */
#define REFUSED(spoil, why)                                                                        \
    do {                                                                                           \
        sample s;                                                                                  \
        make(&s);                                                                                  \
        spoil;                                                                                     \
        refused(&s, why);                                                                          \
    } while (0)

static void faults_of_the_whole(void **state)
{
    (void)state;
    REFUSED(s.experiment.schema.experiment = NULL, "name");
    REFUSED(s.experiment.schema.experiment = "", "name");
    REFUSED(s.experiment.schema.experiment = "a b", "name");
    REFUSED(s.experiment.schema.experiment = "a\nb", "name");
    REFUSED(s.experiment.title = NULL, "title");
    REFUSED(s.experiment.title = "two\nlines", "title");
    REFUSED(s.experiment.cost = NULL, "cost");
    REFUSED(s.experiment.run = NULL, "run");
}

static void faults_of_keys(void **state)
{
    (void)state;
    REFUSED(s.experiment.schema.keys = NULL, "table");
    REFUSED(s.experiment.schema.n_keys = 1u << 20, "too many");
    REFUSED(s.keys[1].path = NULL, "key 1");
    REFUSED(s.keys[1].path = "", "key 1");
    REFUSED(s.keys[1].path = ".rate", "key 1");
    REFUSED(s.keys[1].path = "rate.", "key 1");
    REFUSED(s.keys[1].path = "a..b", "key 1");
    REFUSED(s.keys[1].path = "a: b", "key 1");
    REFUSED(s.keys[1].path = "seeds", "every experiment");
    REFUSED(s.keys[1].path = "zip.a", "every experiment");
    REFUSED(s.keys[1].path = "data.n", "cannot both be");
    REFUSED(s.keys[1].path = "data", "cannot both be");
    REFUSED(s.keys[1].path = "data.n.more", "cannot both be");
    REFUSED(s.keys[1].units = NULL, "units");
    REFUSED(s.keys[1].long_name = "", "long_name");
    REFUSED(s.keys[3].column = "published", "annotation");
    REFUSED(s.keys[1].type = (ig_key_type)17, "type");
    REFUSED(s.keys[1].low = 2, "range");
    REFUSED(s.keys[1].high = (double)NAN, "range");
    REFUSED(s.keys[0].high = 1e17, "range");
    REFUSED(s.keys[1].default_text = "2", "too large");
    REFUSED(s.keys[1].default_text = "much", "default 'much'");
    REFUSED(s.keys[1].default_text = "0.5\nmore: 1", "unknown key");
    REFUSED(s.keys[4].default_text = "[1, 0]", "reversed");
    REFUSED(s.keys[2].default_text = "none", "unknown choice");
    REFUSED(s.keys[2].choices = NULL, "choices");
    REFUSED(s.choices[0] = NULL, "choices");
    REFUSED(s.choices[0] = "fixed=", "two choices");
    REFUSED(s.choices[0] = "a b", "a choice");
    REFUSED(s.choices[0] = "a=b", "a choice");
}

static void faults_of_columns(void **state)
{
    (void)state;
    REFUSED(s.experiment.n_columns = 0, "no columns");
    REFUSED(s.experiment.columns = NULL, "no columns");
    REFUSED(s.experiment.n_columns = 1u << 20, "at most");
    REFUSED(s.experiment.dimensions = NULL, "missing table");
    REFUSED(s.columns[0].name = NULL, "a name");
    REFUSED(s.columns[0].name = "a/b", "a name");
    REFUSED(s.columns[0].name = "9a", "a name");
    REFUSED(s.columns[0].name = "ratio", "two of that name");
    REFUSED(s.columns[0].name = "n", "two of that name");
    REFUSED(s.columns[0].name = "epoch", "two of that name");
    REFUSED(s.columns[0].name = "state", "dataset of that name");
    REFUSED(s.columns[0].name = "string64", "dataset of that name");
    REFUSED(s.dimensions[0].name = "task", "dataset of that name");
    REFUSED(s.keys[0].column = "seed", "dataset of that name");
    REFUSED(s.keys[0].column = "rate", "two of that name");
    REFUSED(s.keys[0].column = "exponent", "the summary has");
    REFUSED(s.keys[0].column = "claim_n", "the summary has");
    REFUSED(s.keys[0].column = "spearman", "the summary has");
    REFUSED(s.keys[0].column = "curve_point", "the summary has");
    REFUSED(s.summarised[0] = s.columns[0].name = "curve_2", "the summary has");
    REFUSED(s.columns[0].type = (ig_type)-1, "type");
    REFUSED(s.columns[0].units = NULL, "units");
    REFUSED(s.columns[0].long_name = NULL, "long_name");
    REFUSED(s.columns[0].equation = "a\tb", "units");
    REFUSED(s.columns[2].dimension = "step", "dimension");
    REFUSED(s.columns[2].type = IG_F64, "IG_F32");
    REFUSED(s.columns[0].ragged = true, "ragged");
    REFUSED(s.dimensions[0].length = NULL, "length");
}

static void faults_of_summaries(void **state)
{
    (void)state;
    REFUSED(s.experiment.summary.columns = NULL, "names no column");
    REFUSED(s.summarised[0] = NULL, "names no column");
    REFUSED(s.summarised[0] = "nothing", "'nothing'");
    REFUSED(s.summarised[0] = "curve", "single numbers");
    REFUSED(s.summarised[0] = "ratio", "twice");
    REFUSED(s.experiment.summary.fits = NULL, "fits");
    REFUSED(s.fits[0].column = "curve", "'curve'");
    REFUSED(s.fits[0].axis = "n", "axis");
    REFUSED(s.fits[0].axis = "kind", "axis");
    REFUSED(s.fits[0].axis = "published.value", "axis");
    REFUSED(s.fits[0].exponent = NULL, "exponent");
    REFUSED(s.fits[0].published = "rate", "published");
    REFUSED(s.fits[0].published = "nowhere", "published");
    REFUSED(s.fits[0].published_interval = "published.value", "published");
    REFUSED(s.experiment.summary.figure = NULL, "figure");
    REFUSED(s.experiment.summary.figure = "../figure", "figure");
    REFUSED(s.experiment.summary.y_label = NULL, "labels");
}

static void faults_of_ratios(void **state)
{
    (void)state;
    REFUSED(s.experiment.summary.ratios = NULL, "ratios");
    REFUSED(s.ratios[1].column = NULL, "summarised");
    REFUSED(s.ratios[0].judged = "curve", "judged");
    REFUSED(s.ratios[0].slack = (double)NAN, "slack");
    REFUSED(s.ratios[0].by = NULL, "`by`");
    REFUSED(s.by[0] = "published.value", "`by`");
    REFUSED(s.only[0] = "nobody", "`only`");
    REFUSED(s.beside[0] = "curve", "beside");
    REFUSED(s.beside[1] = s.beside[2] = s.beside[3] = s.beside[4] = "error", "beside");
    REFUSED(s.ratios[1].column = "ratio", "two ratios");
    REFUSED(s.ratios[0].pools = NULL, "pools");
    REFUSED(s.pools[0].name = NULL, "pool");
    REFUSED(s.pools[0].values = NULL, "pool");
    REFUSED(s.pools[0].published_maximum = "nowhere", "pool");
    REFUSED(s.ratios[0].figure = "a b", "figure");
    REFUSED(s.ratios[0].figure = "fits", "two figures");
    REFUSED(s.ratios[1].figure = "bound", "two figures");
    REFUSED(s.ratios[0].x_label = NULL, "labels");
    REFUSED(s.ratios[0].against = "data.n", "`against`");
    REFUSED(s.agreement.residual = NULL, "agreement");
    REFUSED(s.agreement.by[1] = "rate", "CHOICE");
    REFUSED(s.agreement.n_groups = 0, "groups");
    REFUSED(s.agreement.n_groups = 65, "groups");
    REFUSED(s.groups[0].name = "a, b", "commas");
    REFUSED(s.groups[0].second = "nobody", "values");
    REFUSED(s.groups[0].first = NULL, "values");
    REFUSED(s.groups[0].figure = "", "figures");
    REFUSED(s.groups[0].figure = "fits", "two figures");
    REFUSED(s.groups[0].figure = "other", "two figures");
    REFUSED(s.groups[0].published_p = "kind", "published");
}

static void faults_of_curves(void **state)
{
    (void)state;
    REFUSED(s.experiment.summary.curves = NULL, "curves");
    REFUSED(s.curves[0].name = "a/b", "name for a file");
    REFUSED(s.curves[1].name = "curve", "two figures");
    REFUSED(s.curves[1].name = "fits", "two figures");
    REFUSED(s.curves[1].name = "bound", "two figures");
    REFUSED(s.curves[0].x = "kind", "x is not");
    REFUSED(s.curves[0].x = NULL, "x is not");
    REFUSED(s.curves[0].title = NULL, "title");
    REFUSED(s.curves[0].only_value = NULL, "only_key");
    REFUSED(s.curves[0].only_value = "nobody", "only_key");
    REFUSED(s.curves[0].only_key = "rate", "only_key");
    REFUSED(s.curves[0].measured = "curve", "measured");
    REFUSED(s.curves[0].reference = "curve", "reference");
    REFUSED(s.curves[0].reference_title = NULL, "reference");
    REFUSED(s.curves[0].tolerance = -1, "tolerance");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_one_passes),  cmocka_unit_test(ours_pass),
        cmocka_unit_test(faults_of_the_whole), cmocka_unit_test(faults_of_keys),
        cmocka_unit_test(faults_of_columns),   cmocka_unit_test(faults_of_summaries),
        cmocka_unit_test(faults_of_ratios),    cmocka_unit_test(faults_of_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
