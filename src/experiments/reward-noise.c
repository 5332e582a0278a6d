/** Experiment `reward_noise` (docs/protocol.md, Theorem 2 and Proposition 2): what noise and bias
 * of the observed rewards do to the policy gradient. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "base/try.h"
#include "experiments/noise.h"
#include "experiments/table.h"
#include "theory/theory.h"

/* path, column, default, range or choices, long name */
static const ig_key keys[] = {
    KEY_INTEGER("trajectories", "trajectories", "16", 1, 65536, "trajectories K of one gradient"),
    KEY_REAL("sigma", "sigma", "1", 0, 1e6, "standard deviation sigma of the reward noise"),
    KEY_CHOICE("bias", "bias", "none", ig_noisy_biases, "bias b(s, a) of the observed reward"),
    NOISE_RETURN_KEYS("none"),
    KEY_CHOICE("discount_state", "discount_state", "exact", ig_noisy_discounts,
               "weights of the scores: G_t (paper) or gamma^t G_t (exact)"),
    KEY_REAL("bias_size", "bias_size", "3", 0, 1e6,
             "the constant bias, and the most the state bias can be"),
    NOISE_TEACHER_KEYS,
    KEY_INTEGER("replicates", NULL, "2000", 10, 1e7, "gradients of a task"),
    KEY_INTEGER("reference", NULL, "16384", 2, 1e9,
                "trajectories of the reference gradients, at least"),
    KEY_REAL("confidence", NULL, "0.999999", 0.5, 0.999999999999,
             "confidence of the intervals and of every test"),
};

static const ig_column columns[] = {
    COLUMN("variance", "variance of the gradient with noise", "sum_p Var g_p"),
    COLUMN("variance_noise_free", "variance on the same trajectories without noise",
           "sum_p Var g_p, sigma = 0"),
    COLUMN("variance_bound", "bound on the variance", "variance_noise_free + bound, Eq. 5"),
    COLUMN("inflation", "variance that the noise adds", "variance - variance_noise_free"),
    COLUMN("inflation_error", "its standard error", "docs/protocol.md"),
    COLUMN("bound", "bound on it", "sigma^2 H W_H^2 / (K (1 - gamma)^2), Eq. 5"),
    COLUMN("share", "share of the bound that is used; 0 without noise", "inflation / bound"),
    COLUMN("share_low", "lower end of its interval", "share - z error"),
    COLUMN("share_high", "upper end of its interval", "share + z error"),
    COLUMN("w2", "W_H^2", "E max_t ||grad log pi(a_t|s_t)||^2"),
    COLUMN("w2_error", "its standard error", "docs/protocol.md"),
    COLUMN("added", "variance that the noise adds by theory, exactly",
           "sigma^2 / K sum_t E||grad log pi||^2 c_t, docs/protocol.md"),
    COLUMN("added_ratio", "measured over exact; 1 without noise", "inflation / added"),
    COLUMN("added_test", "evidence that they differ; above 1 at the confidence",
           "ln p / ln(1 - confidence)"),
    COLUMN("z_largest",
           "largest distance of a mean coordinate from grad J_H + grad B_H, in standard errors",
           "max_p |z_p|"),
    COLUMN("z_p", "its p, times the number of coordinates", "Bonferroni, Welch"),
    COLUMN("z_square", "mean square of the distances; 1 is expected", "mean_p z_p^2"),
    COLUMN("unbiased_test", "evidence against E g = grad J_H + grad B_H",
           "ln z_p / ln(1 - confidence), Eq. 6"),
    COLUMN("noise_z_largest", "largest mean coordinate of the noise part, in standard errors",
           "max_p |z_p|"),
    COLUMN("noise_z_p", "its p, times the number of coordinates", "Bonferroni"),
    COLUMN("noise_mean", "mean of the unit noise", "E eta"),
    COLUMN("noise_square", "mean square of the unit noise", "E eta^2"),
    COLUMN("noise_test", "evidence that the noise is not what the theorem asks for",
           "ln p / ln(1 - confidence)"),
    COLUMN("mse", "squared error against grad J_H", "E||g - grad J_H||^2, Eq. 7"),
    COLUMN("mse_error", "its standard error", "docs/protocol.md"),
    COLUMN("mse_predicted", "squared error by theory, for exact discounting",
           "variance + ||grad B_H||^2, Eq. 7"),
    COLUMN("floor", "squared norm of what the bias adds to the mean gradient",
           "||E g_bias||^2 of the replicates"),
    COLUMN("floor_error", "its standard error", "docs/protocol.md"),
    COLUMN("bias2", "squared norm of the gradient of the bias", "||grad B_H||^2 of the reference"),
    COLUMN("bias2_error", "its standard error", "docs/protocol.md"),
    COLUMN("floor_ratio", "floor over bias2; 0 where bias2 is below 5 standard errors",
           "floor / bias2"),
    COLUMN("floor_test", "evidence that floor and bias2 differ",
           "ln p / ln(1 - confidence), Eq. 7"),
    COLUMN("gradient2", "squared norm of the gradient", "||grad J_H||^2 of the reference"),
    COLUMN("exact_share", "share of the bound with weights gamma^t G_t", "inflation / bound"),
    COLUMN("exact_mse", "squared error with weights gamma^t G_t", "E||g - grad J_H||^2"),
    COLUMN("exact_offset2", "squared distance of the mean with weights gamma^t G_t",
           "||E g - grad J_H - grad B_H||^2"),
    COLUMN("paper_share", "share of the bound with weights G_t", "inflation / bound"),
    COLUMN("paper_mse", "squared error with weights G_t", "E||g - grad J_H||^2"),
    COLUMN("paper_offset2", "squared distance of the mean with weights G_t",
           "||E g - grad J_H - grad B_H||^2"),
};

/** The parameters of one task, read from the grid point once. */
typedef struct parameters {
    ig_noisy_options gradient;
    double sigma, confidence;
    size_t replicates, reference;
    ig_discount_state main;
} parameters;

static parameters parameters_of(const ig_point *p)
{
    parameters q = {
        .gradient = ig_noisy_options_of(p),
        .sigma = ig_point_real(p, "sigma"),
        .confidence = ig_point_real(p, "confidence"),
        .replicates = (size_t)ig_point_integer(p, "replicates"),
        .reference = (size_t)ig_point_integer(p, "reference"),
        .main = (ig_discount_state)ig_point_choice(p, "discount_state", NULL),
    };
    q.gradient.trajectories = (size_t)ig_point_integer(p, "trajectories");
    q.gradient.bias = (ig_reward_bias)ig_point_choice(p, "bias", NULL);
    q.gradient.bias_size = ig_point_real(p, "bias_size");
    q.gradient.noise = q.sigma > 0;
    q.gradient.wanted[IG_DISCOUNT_PAPER] = q.gradient.wanted[IG_DISCOUNT_EXACT] = true;
    return q;
}

static double cost(const ig_point *point)
{
    parameters q = parameters_of(point);
    const double k = (double)q.gradient.trajectories;
    return ((double)q.replicates * k + (double)q.reference) * (double)q.gradient.steps *
           ig_noisy_step_cost(&q.gradient);
}

static void check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    ig_place place = {0, 0}, state = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const parameters q = parameters_of(&p);
        if (q.gradient.trajectories * q.gradient.steps > IG_NOISE_STEPS_MAX) {
            ig_reject(&p, "trajectories", "horizon", &place, "10 000 000 steps in a gradient",
                      diagnostics);
        }
        ig_noisy_check(&p, &q.gradient, &state, diagnostics);
    }
}

/** How far the noise's moments, and its part of the gradient, are from what they should be. */
static double noise_p(const ig_noise_record *r, const ig_replicates *drawn)
{
    if (r->noise.n == 0) {
        return 1;
    }
    const double mean = ig_normal_p(drawn->noise_mean.mean, ig_moment_error(&drawn->noise_mean));
    const double square =
        ig_normal_p(drawn->noise_square.mean - 1, ig_moment_error(&drawn->noise_square));
    return fmin(1, 3 * fmin(ig_mean_test_of(&r->noise, NULL).p, fmin(mean, square)));
}

/** Share of the bound that the inflation uses, its error, and both ends of its interval. */
typedef struct share {
    double inflation, error, bound, value, low, high;
} share;

static ig_status find_share(const parameters *q, const ig_noise_record *r, size_t d, share *s,
                            ig_error *error)
{
    const ig_noise_tally *t = &r->tally[d];
    const ig_moment *w2 = &r->reference.largest;
    const double wide = gsl_cdf_ugaussian_Pinv((1 + q->confidence) / 2);
    s->inflation = ig_moments_variance(&t->noisy) - ig_moments_variance(&t->clean);
    s->error = ig_moment_error(&t->inflation);
    TRY(ig_theorem2_bound(q->sigma, q->gradient.steps, w2->mean, q->gradient.trajectories,
                          q->gradient.gamma, &s->bound, error));
    s->value = s->low = s->high = 0;
    if (s->bound > 0) {
        const double value = s->inflation / s->bound;
        const double off =
            wide * hypot(s->error / s->bound, value * ig_moment_error(w2) / w2->mean);
        s->value = value;
        s->low = value - off;
        s->high = value + off;
    }
    return IG_OK;
}

static void set_inflation(const ig_row *row, const parameters *q, const ig_noise_record *r,
                          const share *s)
{
    const ig_noise_tally *t = &r->tally[q->main];
    const ig_moment *unit = &r->reference.added[q->main], *w2 = &r->reference.largest;
    const double scale = q->sigma * q->sigma / (double)q->gradient.trajectories;
    const double added = scale * unit->mean;
    ig_row_set(row, "variance", ig_moments_variance(&t->noisy));
    ig_row_set(row, "variance_noise_free", ig_moments_variance(&t->clean));
    ig_row_set(row, "variance_bound", ig_moments_variance(&t->clean) + s->bound);
    ig_row_set(row, "inflation", s->inflation);
    ig_row_set(row, "inflation_error", s->error);
    ig_row_set(row, "bound", s->bound);
    ig_row_set(row, "share", s->value);
    ig_row_set(row, "share_low", s->low);
    ig_row_set(row, "share_high", s->high);
    ig_row_set(row, "w2", w2->mean);
    ig_row_set(row, "w2_error", ig_moment_error(w2));
    ig_row_set(row, "added", added);
    ig_row_set(row, "added_ratio", added > 0 ? s->inflation / added : 1);
    ig_row_set(row, "added_test",
               ig_evidence(ig_normal_p(s->inflation - added,
                                       hypot(s->error, scale * ig_moment_error(unit))),
                           q->confidence));
}

static void set_means(const ig_row *row, const parameters *q, const ig_noise_record *r,
                      const ig_replicates *drawn)
{
    const ig_mean_test mean = ig_mean_test_of(&r->tally[q->main].noisy, &r->reference.both);
    const ig_mean_test noise = ig_mean_test_of(&r->noise, NULL);
    const bool noisy = r->noise.n > 0;
    ig_row_set(row, "z_largest", mean.z);
    ig_row_set(row, "z_p", mean.p);
    ig_row_set(row, "z_square", mean.square);
    ig_row_set(row, "unbiased_test", ig_evidence(mean.p, q->confidence));
    ig_row_set(row, "noise_z_largest", noisy ? noise.z : 0);
    ig_row_set(row, "noise_z_p", noisy ? noise.p : 1);
    ig_row_set(row, "noise_mean", drawn->noise_mean.mean);
    ig_row_set(row, "noise_square", noisy ? drawn->noise_square.mean : 1);
    ig_row_set(row, "noise_test", ig_evidence(noise_p(r, drawn), q->confidence));
}

/** Squared distance of the mean of `of` from the reference's, less what their noises add to it. */
static double offset2(const ig_moments *of, const ig_moments *from)
{
    double sum = 0;
    for (size_t p = 0; p < of->size; p++) {
        sum += (of->mean[p] - from->mean[p]) * (of->mean[p] - from->mean[p]);
    }
    return sum - ig_moments_variance(of) / of->n - ig_moments_variance(from) / from->n;
}

static ig_status set_errors(const ig_row *row, const parameters *q, const ig_noise_record *r,
                            ig_error *error)
{
    const size_t d = q->main, k = q->gradient.trajectories;
    const ig_moments *truth = &r->reference.reward;
    const bool biased = r->bias.n > 0;
    const double floor = biased ? ig_moments_norm2_unbiased(&r->bias) : 0;
    const double own = biased ? ig_moments_variance(&r->bias) / r->bias.n : 0;
    const double floor_error =
        biased ? hypot(2 * ig_moment_error(&r->projection), M_SQRT2 * own) : 0;
    const double norm2 = r->reference.bias_norm2, norm2_error = r->reference.bias_norm2_error;
    double predicted = 0;
    TRY(ig_proposition2_mse(ig_moments_variance(&r->tally[d].noisy) * (double)k, k, fmax(0, norm2),
                            &predicted, error));
    ig_row_set(row, "mse", ig_noise_mse(r, d));
    ig_row_set(row, "mse_error", ig_noise_mse_error(r, d));
    ig_row_set(row, "mse_predicted", predicted);
    ig_row_set(row, "floor", floor);
    ig_row_set(row, "floor_error", floor_error);
    ig_row_set(row, "bias2", norm2);
    ig_row_set(row, "bias2_error", norm2_error);
    ig_row_set(row, "floor_ratio", norm2 > 5 * norm2_error ? floor / norm2 : 0);
    ig_row_set(
        row, "floor_test",
        ig_evidence(ig_normal_p(floor - norm2, hypot(floor_error, norm2_error)), q->confidence));
    ig_row_set(row, "gradient2", ig_moments_norm2_unbiased(truth));
    return IG_OK;
}

static ig_status set_kinds(const ig_row *row, const parameters *q, const ig_noise_record *r,
                           ig_error *error)
{
    static const char *const names[IG_DISCOUNTS][3] = {
        {"paper_share", "paper_mse", "paper_offset2"},
        {"exact_share", "exact_mse", "exact_offset2"}};
    for (size_t d = 0; d < IG_DISCOUNTS; d++) {
        share s;
        TRY(find_share(q, r, d, &s, error));
        ig_row_set(row, names[d][0], s.value);
        ig_row_set(row, names[d][1], ig_noise_mse(r, d));
        ig_row_set(row, names[d][2], offset2(&r->tally[d].noisy, &r->reference.both));
        if (d == (size_t)q->main) {
            set_inflation(row, q, r, &s);
        }
    }
    return IG_OK;
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    parameters q = parameters_of(&task->point);
    AUTO(ig_noise_record_clear) ig_noise_record record = {.sigma = q.sigma, .main = q.main};
    ig_replicates drawn;
    q.gradient.isa = task->isa;
    TRY(ig_noise_sample(task, &q.gradient, IG_STREAM_DATA, 0, q.replicates, q.reference, &record,
                        &drawn, error));
    TRY(set_kinds(row, &q, &record, error));
    set_means(row, &q, &record, &drawn);
    return set_errors(row, &q, &record, error);
}

static const char *const summarised[] = {"variance",
                                         "variance_noise_free",
                                         "variance_bound",
                                         "inflation",
                                         "bound",
                                         "share",
                                         "share_low",
                                         "added_ratio",
                                         "added_test",
                                         "unbiased_test",
                                         "noise_test",
                                         "mse",
                                         "mse_predicted",
                                         "floor",
                                         "bias2",
                                         "floor_ratio",
                                         "floor_test",
                                         "gradient2",
                                         "exact_share",
                                         "exact_mse",
                                         "exact_offset2",
                                         "paper_share",
                                         "paper_mse",
                                         "paper_offset2",
                                         NULL};

static const char *const by_share[] = {"discount_state", "gamma", "horizon", NULL};
static const char *const by_bias[] = {"bias", NULL};
static const char *const by_discount[] = {"discount_state", "bias", NULL};
static const char *const exact[] = {"exact", NULL};
static const char *const beside_share[] = {"added_ratio", NULL};
static const char *const beside_floor[] = {"floor_ratio", NULL};
static const ig_ratio ratios[] = {
    {.column = "share", .checked = "share_low", .by = by_share, .beside = beside_share},
    {.column = "added_test", .by = by_bias},
    {.column = "noise_test", .by = by_bias},
    /* With the paper's weights the mean is another vector than grad J_H: nothing is claimed. */
    {.column = "unbiased_test", .by = by_discount, .only = exact},
    {.column = "floor_test", .by = by_discount, .only = exact, .beside = beside_floor},
};

static const char *const panels[] = {"gamma", "horizon", NULL};
static const char *const lines[] = {"sigma", NULL};
static const ig_curve curves[] = {
    {.name = "reward_noise_variance",
     .title = "Variance of the policy gradient, and Theorem 2's bound",
     .x_label = "trajectories K",
     .y_label = "variance of the gradient",
     .x = "trajectories",
     .log_x = true,
     .log_y = true,
     .panels = panels,
     .lines = lines,
     .only_key = "bias",
     .only_value = "none",
     .measured = "variance",
     .reference = "variance_bound",
     .reference_title = "noise-free variance + bound"},
    {.name = "reward_noise_mse",
     .title = "Squared error of the policy gradient under a biased reward",
     .x_label = "trajectories K",
     .y_label = "squared error against grad J_H",
     .x = "trajectories",
     .log_x = true,
     .log_y = true,
     .panels = panels,
     .lines = lines,
     .only_key = "bias",
     .only_value = "state",
     .measured = "mse",
     .reference = "bias2",
     .reference_title = "floor: squared norm of grad B_H"},
};
static const ig_analysis analyses[] = {
    IG_ANALYSE(RATIO, &ratios[0]), IG_ANALYSE(RATIO, &ratios[1]), IG_ANALYSE(RATIO, &ratios[2]),
    IG_ANALYSE(RATIO, &ratios[3]), IG_ANALYSE(RATIO, &ratios[4]), IG_ANALYSE(CURVE, &curves[0]),
    IG_ANALYSE(CURVE, &curves[1]),
};

const ig_experiment ig_experiment_reward_noise = {
    .schema = {"reward_noise", keys, sizeof keys / sizeof *keys},
    .title = "Theorem 2 and Proposition 2: policy gradients under noisy and biased rewards",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = check,
    .cost = cost,
    .run = run,
    .results_version = 1,
    .summary = {summarised, analyses, sizeof analyses / sizeof *analyses},
};
