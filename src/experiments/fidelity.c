/** Experiment `fidelity` (docs/protocol.md, Corollary 2): which price to pay for the annotation of
 * a rollout. */
#include <math.h>

#include "base/try.h"
#include "experiments/noise.h"
#include "experiments/table.h"
#include "theory/theory.h"

/* In the order of ig_fidelity_family. */
static const char *const families[] = {"power", "bounded", "floor", NULL};

/* path, column, default, range or choices, long name */
static const ig_key keys[] = {
    KEY_CHOICE("curve", "curve", "power", families, "family of sigma^2(c)"),
    KEY_REAL("exponent", "exponent", "1", 1e-3, 10, "exponent p (power): sigma^2(c) = A c^-p"),
    KEY_REAL("noise", "noise", "30", 1e-6, 1e9, "sigma at the lowest price"),
    KEY_REAL("cost", "cost", "1", 1e-9, 1e9, "price c of the annotation of one rollout"),
    KEY_REAL("budget", "budget", "256", 1e-9, 1e15, "money B for one gradient"),
    NOISE_RETURN_KEYS("mean"),
    NOISE_TEACHER_KEYS,
    KEY_INTERVAL("prices", NULL, "[1, 64]", 1e-9, 1e9, "lowest and highest price there is"),
    KEY_REAL("floor_part", NULL, "0.1", 0, 1,
             "part of sigma^2 at the lowest price that no price removes (floor)"),
    KEY_INTEGER("replicates", NULL, "500", 10, 1e7, "gradients of a task"),
    KEY_INTEGER("pilot", NULL, "4096", 10, 1e7, "single trajectories for the predicted variance"),
    KEY_INTEGER("reference", NULL, "16384", 2, 1e9,
                "trajectories of the reference gradient, at least"),
    KEY_REAL("confidence", NULL, "0.999999", 0.5, 0.999999999999, "confidence of every test"),
};

static const ig_column columns[] = {
    COLUMN("trajectories", "trajectories bought", "K = B / c, rounded to the nearest, at least 1"),
    COLUMN("sigma2", "variance of the reward noise at this price", "sigma^2(c)"),
    COLUMN("mse", "squared error of the gradient at equal budget", "E||g - grad J_H||^2 K c / B"),
    COLUMN("mse_error", "its standard error", "docs/protocol.md"),
    COLUMN("mse_predicted", "squared error by theory", "c (v + h sigma^2(c)) / B"),
    COLUMN("added", "variance that the noise adds at equal budget",
           "(Var g - Var g[sigma = 0]) K c / B"),
    COLUMN("added_error", "its standard error", "docs/protocol.md"),
    COLUMN("added_predicted", "variance that the noise adds by theory", "h Phi(c) / B"),
    COLUMN("phi_measured", "Phi from the measured variance", "B added / h"),
    COLUMN("phi", "Phi", "c sigma^2(c), Corollary 2"),
    COLUMN("phi_test", "evidence that they differ; above 1 at the confidence",
           "ln p / ln(1 - confidence)"),
    COLUMN("mse_test", "evidence that measured and predicted squared error differ",
           "ln p / ln(1 - confidence)"),
    COLUMN("single_noise_free", "noise-free variance of one trajectory", "v"),
    COLUMN("single_added", "variance that unit noise adds to one trajectory", "h"),
    COLUMN("best_phi", "best price by Phi alone; the lowest price where all are as good",
           "Corollary 2"),
    COLUMN("best_total", "best price by Phi and the noise-free variance",
           "argmin c (v + h sigma^2(c))"),
};

/* Substreams of the pilot, far behind those of the reference. */
static const uint64_t pilot_first = (uint64_t)1 << 40;

/** The parameters of one task, read from the grid point once. */
typedef struct parameters {
    ig_noisy_options gradient;
    ig_fidelity curve;
    double cost, budget, low, high, confidence;
    size_t replicates, pilot, reference;
} parameters;

/** sigma^2(low) is the same for every family. A bounded curve is clean at low + high, so that the
 *  ends of the interval are as good as each other, as 0 and c_max are in Corollary 2. */
static ig_fidelity curve_of(const ig_point *p, double low, double high)
{
    const double noise = ig_point_real(p, "noise"), part = ig_point_real(p, "floor_part");
    ig_fidelity f = {
        .family = (ig_fidelity_family)ig_point_choice(p, "curve", NULL),
        .exponent = ig_point_real(p, "exponent"),
        .clean = low + high,
        .floor = part * noise * noise,
    };
    switch (f.family) {
    case IG_FIDELITY_POWER:
        f.scale = noise * noise * pow(low, f.exponent);
        break;
    case IG_FIDELITY_BOUNDED:
        f.scale = noise * noise / (1 - low / f.clean);
        break;
    case IG_FIDELITY_FLOOR:
        f.scale = noise * noise * (1 - part) * low;
        break;
    }
    return f;
}

static parameters parameters_of(const ig_point *p)
{
    double prices[2];
    ig_point_interval(p, "prices", prices);
    parameters q = {
        .gradient = ig_noisy_options_of(p),
        .curve = curve_of(p, prices[0], prices[1]),
        .cost = ig_point_real(p, "cost"),
        .budget = ig_point_real(p, "budget"),
        .low = prices[0],
        .high = prices[1],
        .confidence = ig_point_real(p, "confidence"),
        .replicates = (size_t)ig_point_integer(p, "replicates"),
        .pilot = (size_t)ig_point_integer(p, "pilot"),
        .reference = (size_t)ig_point_integer(p, "reference"),
    };
    q.gradient.trajectories = (size_t)fmax(1, fmin(1e9, round(q.budget / q.cost)));
    q.gradient.noise = q.gradient.wanted[IG_DISCOUNT_EXACT] = true;
    return q;
}

static double cost(const ig_point *point)
{
    parameters q = parameters_of(point);
    const double k = (double)q.gradient.trajectories;
    return ((double)q.replicates * k + (double)q.reference + (double)q.pilot) *
           (double)q.gradient.steps * ig_noisy_step_cost(&q.gradient);
}

static void check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    ig_place prices = {0, 0}, budget = {0, 0}, large = {0, 0}, part = {0, 0}, state = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const parameters q = parameters_of(&p);
        if (q.cost < q.low || q.cost > q.high || q.low == q.high) {
            ig_reject(&p, "cost", "prices", &prices, "a price in this interval of some length",
                      diagnostics);
        }
        if (q.cost > q.budget) {
            ig_reject(&p, "budget", "cost", &budget, "at least the price", diagnostics);
        }
        if (q.gradient.trajectories > IG_NOISE_STEPS_MAX / q.gradient.steps) {
            ig_reject(&p, "budget", "horizon", &large, "10 000 000 steps in a gradient",
                      diagnostics);
        }
        if (q.curve.family == IG_FIDELITY_FLOOR && !(q.curve.scale > 0)) {
            ig_reject(&p, "floor_part", "curve", &part, "less than 1", diagnostics);
        }
        ig_noisy_check(&p, &q.gradient, &state, diagnostics);
    }
}

/** What theory predicts, and from what. */
typedef struct prediction {
    double v, h, v_error, h_error; /**< variances of one trajectory, and their errors */
    double sigma2, phi;
    ig_best_cost by_phi, by_both;
} prediction;

static ig_status predict(const parameters *q, prediction *t, ig_error *error)
{
    TRY(ig_fidelity_variance(&q->curve, q->cost, &t->sigma2, error));
    TRY(ig_fidelity_phi(&q->curve, q->cost, &t->phi, error));
    TRY(ig_fidelity_best(&q->curve, q->low, q->high, 0, 1, &t->by_phi, error));
    return ig_fidelity_best(&q->curve, q->low, q->high, t->v, t->h, &t->by_both, error);
}

static void set_measured(const ig_row *row, const parameters *q, const prediction *t,
                         const ig_noise_record *r)
{
    const ig_noise_tally *tally = &r->tally[IG_DISCOUNT_EXACT];
    const double k = (double)q->gradient.trajectories;
    /* Unbiased gradients: everything falls as 1/K, so that this is exact. */
    const double equal = k * q->cost / q->budget;
    const double mse = equal * ig_noise_mse(r, IG_DISCOUNT_EXACT);
    const double mse_error = equal * ig_noise_mse_error(r, IG_DISCOUNT_EXACT);
    const double added =
        equal * (ig_moments_variance(&tally->noisy) - ig_moments_variance(&tally->clean));
    const double added_error = equal * ig_moment_error(&tally->inflation);
    const double predicted = q->cost / q->budget * (t->v + t->h * t->sigma2);
    const double predicted_added = t->h * t->phi / q->budget;
    const double off = q->cost / q->budget * hypot(t->v_error, t->h_error * t->sigma2);
    ig_row_set(row, "mse", mse);
    ig_row_set(row, "mse_error", mse_error);
    ig_row_set(row, "mse_predicted", predicted);
    ig_row_set(row, "mse_test",
               ig_evidence(ig_normal_p(mse - predicted, hypot(mse_error, off)), q->confidence));
    ig_row_set(row, "added", added);
    ig_row_set(row, "added_error", added_error);
    ig_row_set(row, "added_predicted", predicted_added);
    ig_row_set(row, "phi_measured", q->budget * added / t->h);
    ig_row_set(row, "phi_test",
               ig_evidence(ig_normal_p(added - predicted_added,
                                       hypot(added_error, t->h_error * t->phi / q->budget)),
                           q->confidence));
}

static void set_predicted(const ig_row *row, const parameters *q, const prediction *t)
{
    ig_row_set(row, "trajectories", (double)q->gradient.trajectories);
    ig_row_set(row, "sigma2", t->sigma2);
    ig_row_set(row, "phi", t->phi);
    ig_row_set(row, "single_noise_free", t->v);
    ig_row_set(row, "single_added", t->h);
    ig_row_set(row, "best_phi", t->by_phi.cost);
    ig_row_set(row, "best_total", t->by_both.cost);
}

/** v and h of a single trajectory, from trajectories of their own. */
static ig_status find_single(const ig_task *task, const parameters *q, prediction *t,
                             ig_error *error)
{
    ig_noisy_options options = q->gradient;
    AUTO(ig_noise_record_clear) ig_noise_record record = {.main = IG_DISCOUNT_EXACT};
    ig_replicates drawn;
    options.trajectories = 1;
    options.noise = false;
    TRY(ig_noise_sample(task, &options, IG_STREAM_HOLDOUT, pilot_first, q->pilot, q->reference,
                        &record, &drawn, error));
    t->v = ig_noise_mse(&record, IG_DISCOUNT_EXACT);
    t->v_error = ig_noise_mse_error(&record, IG_DISCOUNT_EXACT);
    t->h = record.reference.added[IG_DISCOUNT_EXACT].mean;
    t->h_error = ig_moment_error(&record.reference.added[IG_DISCOUNT_EXACT]);
    return IG_OK;
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    parameters q = parameters_of(&task->point);
    AUTO(ig_noise_record_clear) ig_noise_record record = {.main = IG_DISCOUNT_EXACT};
    ig_replicates drawn;
    prediction t = {0};
    q.gradient.isa = task->isa;
    TRY(find_single(task, &q, &t, error));
    TRY(predict(&q, &t, error));
    record.sigma = sqrt(t.sigma2);
    TRY(ig_noise_sample(task, &q.gradient, IG_STREAM_DATA, 0, q.replicates, q.reference, &record,
                        &drawn, error));
    set_predicted(row, &q, &t);
    set_measured(row, &q, &t, &record);
    return IG_OK;
}

static const char *const summarised[] = {
    "trajectories",      "sigma2",       "mse",      "mse_predicted", "added",
    "added_predicted",   "phi_measured", "phi",      "phi_test",      "mse_test",
    "single_noise_free", "single_added", "best_phi", "best_total",    NULL};

static const char *const by[] = {"curve", "exponent", NULL};
static const ig_ratio ratios[] = {
    {.column = "phi_test", .by = by},
    {.column = "mse_test", .by = by},
};

static const char *const panels[] = {"curve", "exponent", NULL};
static const char *const lines[] = {"noise", NULL};
static const char *const best_phi[] = {"best_phi", NULL};
static const char *const best_both[] = {"best_phi", "best_total", NULL};
static const ig_curve curves[] = {
    {.name = "figure5",
     .title = "Variance that the noise adds at equal budget, and Phi(c)",
     .x_label = "price c of a rollout's annotation",
     .y_label = "Phi(c) = c sigma^2(c)",
     .x = "cost",
     .log_x = true,
     .log_y = true,
     .panels = panels,
     .lines = lines,
     .measured = "phi_measured",
     .reference = "phi",
     .reference_title = "Phi(c)",
     .predicted = best_phi,
     .tolerance = 0.05},
    {.name = "fidelity_mse",
     .title = "Squared error of the gradient at equal budget",
     .x_label = "price c of a rollout's annotation",
     .y_label = "squared error against grad J_H",
     .x = "cost",
     .log_x = true,
     .log_y = true,
     .panels = panels,
     .lines = lines,
     .measured = "mse",
     .reference = "mse_predicted",
     .reference_title = "c (v + h sigma^2(c)) / B",
     .predicted = best_both,
     .tolerance = 0.05},
};
static const ig_analysis analyses[] = {
    IG_ANALYSE(RATIO, &ratios[0]),
    IG_ANALYSE(RATIO, &ratios[1]),
    IG_ANALYSE(CURVE, &curves[0]),
    IG_ANALYSE(CURVE, &curves[1]),
};

const ig_experiment ig_experiment_fidelity = {
    .schema = {"fidelity", keys, sizeof keys / sizeof *keys},
    .title = "Corollary 2: the price of an annotation and the error of the policy gradient",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = check,
    .cost = cost,
    .run = run,
    .results_version = 1,
    .summary = {summarised, analyses, sizeof analyses / sizeof *analyses},
};
