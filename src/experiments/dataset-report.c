/** Tables of `dataset`: what the data are, how good the models are, and whether the controls say
 *  that the errors can be trusted. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/try.h"
#include "experiments/dataset.h"

/** Values of a column at the finished seeds of a grid point. */
typedef struct sample {
    double mean, low, high; /**< 95 % interval of the mean by Student's t; NaN for one seed */
    double p;               /**< of a mean of 0, two-sided; NaN likewise */
    double least, most;
    size_t n;
} sample;

static sample sample_of(const ig_rows *rows, size_t point, const char *column)
{
    const double *values = ig_rows_values(rows, column);
    const size_t n_seeds = ig_rows_n_seeds(rows), first = point * n_seeds;
    sample s = {.least = (double)INFINITY, .most = -(double)INFINITY};
    double squares = 0;
    for (size_t t = first; values && t < first + n_seeds; t++) {
        if (ig_rows_done(rows, t)) {
            s.mean += values[t];
            s.least = fmin(s.least, values[t]);
            s.most = fmax(s.most, values[t]);
            s.n++;
        }
    }
    if (s.n == 0) {
        const double nan = (double)NAN;
        return (sample){nan, nan, nan, nan, nan, nan, 0};
    }
    s.mean /= (double)s.n;
    for (size_t t = first; t < first + n_seeds; t++) {
        const double off = ig_rows_done(rows, t) ? values[t] - s.mean : 0;
        squares += off * off;
    }
    const double n = (double)s.n, se = s.n > 1 ? sqrt(squares / (n - 1) / n) : (double)NAN;
    const double half = s.n > 1 ? gsl_cdf_tdist_Pinv(0.975, n - 1) * se : (double)NAN;
    s.p = se > 0 ? 2 * gsl_cdf_tdist_Q(fabs(s.mean) / se, n - 1) : (double)NAN;
    s.low = s.mean - half;
    s.high = s.mean + half;
    return s;
}

/** A grid point that has rows, SIZE_MAX without. What is said of the file is the same at all. */
static size_t finished_point(const ig_rows *rows)
{
    for (size_t p = 0; p < ig_rows_n_points(rows); p++) {
        if (sample_of(rows, p, "file_episodes").n > 0) {
            return p;
        }
    }
    return SIZE_MAX;
}

static void put_fact(ig_table *t, const char *what, double value)
{
    ig_table_text(t, "%s", what);
    ig_table_text(t, "%.6g", value);
}

/** A number that differs between seeds. */
static void put_span(ig_table *t, const char *what, const sample *s)
{
    ig_table_text(t, "%s", what);
    if (s->least < s->most) {
        ig_table_text(t, "%.6g to %.6g", s->least, s->most);
    } else {
        ig_table_text(t, "%.6g", s->least);
    }
}

static void note_data(const ig_rows *rows, size_t p, ig_table *t)
{
    const sample repeated = sample_of(rows, p, "holdout_repeated");
    const sample held = sample_of(rows, p, "holdout_episodes");
    if (!(sample_of(rows, p, "reward_sd").mean > 0)) {
        ig_table_note(t, "All rewards are equal: there is nothing to predict, variance explained "
                         "counts as 0, and labels are worth nothing.");
    }
    if (repeated.most > 0) {
        ig_table_note(t,
                      "Warning: up to %.3g %% of the held-out rows equal rows that are trained on: "
                      "the held-out errors are too good. (Copies of whole episodes are kept on one "
                      "side.)",
                      100 * repeated.most);
    }
    if (held.least < 10) {
        ig_table_note(t,
                      "Warning: with only %.6g held-out episodes errors are good to some %.0f %%.",
                      held.least, 100 / sqrt(2 * held.least));
    }
    ig_table_note(
        t, "A transition is a row whose next state is known. Whole episodes are held out, for "
           "each seed others; models never see them.");
}

static ig_status make_data(const ig_rows *rows, ig_tables *tables, ig_error *error)
{
    static const ig_table_column columns[] = {{.heading = "the data", .type = IG_CELL_TEXT},
                                              {.heading = "", .type = IG_CELL_TEXT}};
    static const struct {
        const char *column, *what;
    } facts[] = {{"file_episodes", "episodes"},
                 {"file_transitions", "transitions"},
                 {"file_labels", "reward labels"},
                 {"state_dim", "numbers in a state"},
                 {"outputs", "of which change"},
                 {"action_dim", "numbers in an action"},
                 {"reward_mean", "mean reward"},
                 {"reward_sd", "their sd"},
                 {"holdout_episodes", "episodes held out"},
                 {"holdout_transitions", "transitions held out"},
                 {"train_transitions", "largest possible N"}};
    const size_t p = finished_point(rows);
    if (p == SIZE_MAX) {
        return IG_OK;
    }
    const ig_point point = ig_rows_point(rows, p);
    ig_table *t = ig_tables_add(tables, "data", "What the data are");
    ig_table_columns(t, columns, 2);
    ig_table_text(t, "file");
    const size_t key = ig_config_key(ig_grid_config(point.grid), "file");
    ig_table_text(t, "%s", ig_value_text(ig_grid_value(point.grid, p, key)));
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const sample s = sample_of(rows, p, facts[i].column);
        put_span(t, facts[i].what, &s);
    }
    put_fact(t, "share held out", ig_point_real(&point, "holdout.episodes"));
    note_data(rows, p, t);
    return ig_tables_status(tables, error);
}

static bool has_given_labels(const ig_point *point)
{
    return ig_point_choice(point, "labels", NULL) == IG_LABELS_GIVEN;
}

static void put_sample(ig_table *t, const sample *s)
{
    ig_table_reals(t, 3, s->mean, s->low, s->high);
}

static ig_status make_models(const ig_rows *rows, ig_tables *tables, ig_error *error)
{
    static const ig_table_column columns[] = {
        {.heading = "grid point", .type = IG_CELL_TEXT},
        {.heading = "seeds", .type = IG_CELL_COUNT},
        {.heading = "dynamics error [95 %]", .show = IG_SHOW_ESTIMATE},
        {0},
        {0},
        {.heading = "in training"},
        {.heading = "explained"},
        {.heading = "reward error [95 %]", .show = IG_SHOW_ESTIMATE},
        {0},
        {0},
        {.heading = "in training"},
        {.heading = "explained"},
        {.heading = "in its own units"},
    };
    ig_table *t = ig_tables_add(tables, "models", "How good the models are");
    ig_table_columns(t, columns, sizeof columns / sizeof *columns);
    for (size_t p = 0; p < ig_rows_n_points(rows); p++) {
        const ig_point point = ig_rows_point(rows, p);
        const sample dynamics = sample_of(rows, p, "dynamics_rmse");
        const sample reward = sample_of(rows, p, "reward_rmse");
        char label[256];
        if (dynamics.n == 0 || !has_given_labels(&point)) {
            continue;
        }
        ig_grid_label(point.grid, p, label, sizeof label);
        ig_table_text(t, "%s", label);
        ig_table_count(t, dynamics.n);
        put_sample(t, &dynamics);
        ig_table_reals(t, 2, sample_of(rows, p, "dynamics_train_rmse").mean,
                       sample_of(rows, p, "dynamics_explained").mean);
        put_sample(t, &reward);
        ig_table_reals(t, 3, sample_of(rows, p, "reward_train_rmse").mean,
                       sample_of(rows, p, "reward_explained").mean,
                       sample_of(rows, p, "reward_rmse_own").mean);
    }
    ig_table_note(t, "Errors: root mean squares on held-out episodes, means over the seeds, in "
                     "standard deviations of what is predicted: about 1 for a constant prediction. "
                     "Much smaller errors in training: more samples will help.");
    return ig_tables_status(tables, error);
}

/* What half the step may change of a sensitivity that is one. */
static const double UNSTEADY = 0.2;

static void note_returns(double unsteady, double outside, ig_table *t)
{
    ig_table_note(t,
                  "From held-out rows, over the steps of `horizon` or to the end of the episode: "
                  "recorded, and by the policy cloned from the data in the models. outside: share "
                  "of the imagined states outside of the file's range; policy: share of the "
                  "variance of actions it explains; half the step: what that changes of the "
                  "sensitivity to dynamics errors.");
    if (unsteady > UNSTEADY) {
        ig_table_note(
            t,
            "Warning: half the step changes the sensitivity to dynamics errors by up to "
            "%.2g %%: the return reacts chaotically over so many steps; a smaller horizon "
            "or sensitivity.step may help.",
            100 * unsteady);
    }
    if (outside > UNSTEADY) {
        ig_table_note(t,
                      "Warning: up to %.2g %% of the imagined states lie where there are no data.",
                      100 * outside);
    }
}

static ig_status make_returns(const ig_rows *rows, ig_tables *tables, ig_error *error)
{
    static const ig_table_column columns[] = {
        {.heading = "grid point", .type = IG_CELL_TEXT},
        {.heading = "seeds", .type = IG_CELL_COUNT},
        {.heading = "recorded return"},
        {.heading = "imagined return [95 %]", .show = IG_SHOW_ESTIMATE},
        {0},
        {0},
        {.heading = "outside"},
        {.heading = "policy"},
        {.heading = "half the step"},
    };
    double unsteady = 0, outside = 0;
    ig_table *t = ig_tables_add(tables, "returns", "What is imagined");
    ig_table_columns(t, columns, sizeof columns / sizeof *columns);
    for (size_t p = 0; p < ig_rows_n_points(rows); p++) {
        const ig_point point = ig_rows_point(rows, p);
        const sample imagined = sample_of(rows, p, "imagined_return");
        const double check = sample_of(rows, p, "sensitivity_check").mean;
        const double out = sample_of(rows, p, "imagined_outside").mean;
        char label[256];
        if (imagined.n == 0 || !has_given_labels(&point)) {
            continue;
        }
        ig_grid_label(point.grid, p, label, sizeof label);
        ig_table_text(t, "%s", label);
        ig_table_count(t, imagined.n);
        ig_table_real(t, sample_of(rows, p, "recorded_return").mean);
        put_sample(t, &imagined);
        ig_table_reals(t, 3, out, sample_of(rows, p, "policy_explained").mean, check);
        unsteady = fmax(unsteady, check);
        outside = fmax(outside, out);
    }
    note_returns(unsteady, outside, t);
    return ig_tables_status(tables, error);
}

/* There is a control for every N, and those of a seed resemble each other: chance must be rarer
 * than that. */
static const double CHANCE = 0.001;

/** Do shuffled labels predict nothing? */
static const char *verdict(int labels, const sample *correlation)
{
    if (labels != IG_LABELS_SHUFFLED || isnan(correlation->p)) {
        return "-";
    }
    return correlation->p < CHANCE && correlation->mean > 0 ? "SOMETHING: is there a leak?"
                                                            : "nothing, as it must be";
}

static ig_status make_controls(const ig_rows *rows, ig_tables *tables, ig_error *error)
{
    static const ig_table_column columns[] = {
        {.heading = "grid point", .type = IG_CELL_TEXT},
        {.heading = "seeds", .type = IG_CELL_COUNT},
        {.heading = "reward error [95 %]", .show = IG_SHOW_ESTIMATE},
        {0},
        {0},
        {.heading = "explained [95 %]", .show = IG_SHOW_ESTIMATE},
        {0},
        {0},
        {.heading = "correlation [95 %]", .show = IG_SHOW_ESTIMATE},
        {0},
        {0},
        {.heading = "they predict", .type = IG_CELL_TEXT},
    };
    ig_table *t = NULL;
    for (size_t p = 0; p < ig_rows_n_points(rows); p++) {
        const ig_point point = ig_rows_point(rows, p);
        const sample error_of = sample_of(rows, p, "reward_rmse");
        const sample explained = sample_of(rows, p, "reward_explained");
        const sample correlation = sample_of(rows, p, "reward_correlation");
        char label[256];
        if (error_of.n == 0 || has_given_labels(&point)) {
            continue;
        }
        if (!t) {
            t = ig_tables_add(tables, "controls", "Controls: labels that say nothing");
            ig_table_columns(t, columns, sizeof columns / sizeof *columns);
        }
        ig_grid_label(point.grid, p, label, sizeof label);
        ig_table_text(t, "%s", label);
        ig_table_count(t, error_of.n);
        put_sample(t, &error_of);
        put_sample(t, &explained);
        put_sample(t, &correlation);
        ig_table_text(t, "%s", verdict(ig_point_choice(&point, "labels", NULL), &correlation));
    }
    if (t) {
        ig_table_note(t,
                      "A model that learns shuffled labels by heart is worse than a constant, so "
                      "the variance it explains is below 0; its correlation with the true ones "
                      "is 0 within its uncertainty, unless held-out labels have leaked.");
        ig_table_note(t,
                      "95 %% intervals: Student's t over the seeds; something: a correlation above "
                      "0 with p < %g.",
                      CHANCE);
    }
    return ig_tables_status(tables, error);
}

const ig_own_table ig_dataset_data_table = {make_data};
const ig_own_table ig_dataset_models_table = {make_models};
const ig_own_table ig_dataset_returns_table = {make_returns};
const ig_own_table ig_dataset_controls_table = {make_controls};
