/** One task of `reward_noise`: replicates of a policy gradient, with and without noise. */
#include "experiments/reward-noise.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "experiments/noise-record.h"
#include "experiments/noisy-keys.h"
#include "experiments/refuse.h"
#include "theory/reinforce.h"

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

double ig_reward_noise_cost(const ig_point *point)
{
    parameters q = parameters_of(point);
    const double k = (double)q.gradient.trajectories;
    return ((double)q.replicates * k + (double)q.reference) * (double)q.gradient.steps *
           ig_noisy_step_cost(&q.gradient);
}

void ig_reward_noise_check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    ig_place place = {0, 0}, state = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const parameters q = parameters_of(&p);
        if (q.gradient.trajectories * q.gradient.steps > 10000000) {
            ig_refuse(&p, "trajectories", "horizon", &place, "10 000 000 steps in a gradient",
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
    const ig_moment *w2 = &r->reference->largest;
    const double wide = gsl_cdf_ugaussian_Pinv((1 + q->confidence) / 2);
    s->inflation = ig_moments_variance(&t->noisy) - ig_moments_variance(&t->clean);
    s->error = ig_moment_error(&t->inflation);
    ig_status status =
        ig_theorem2_bound(q->sigma, q->gradient.steps, w2->mean, q->gradient.trajectories,
                          q->gradient.gamma, &s->bound, error);
    s->value = s->low = s->high = 0;
    if (!status && s->bound > 0) {
        const double value = s->inflation / s->bound;
        const double off =
            wide * hypot(s->error / s->bound, value * ig_moment_error(w2) / w2->mean);
        s->value = value;
        s->low = value - off;
        s->high = value + off;
    }
    return status;
}

static void set_inflation(const ig_row *row, const parameters *q, const ig_noise_record *r,
                          const share *s)
{
    const ig_noise_tally *t = &r->tally[q->main];
    const ig_moment *unit = &r->reference->added[q->main], *w2 = &r->reference->largest;
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
    const ig_mean_test mean = ig_mean_test_of(&r->tally[q->main].noisy, &r->reference->both);
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
    const ig_moments *truth = &r->reference->reward;
    const bool biased = r->bias.n > 0;
    const double floor = biased ? ig_moments_norm2_unbiased(&r->bias) : 0;
    const double own = biased ? ig_moments_variance(&r->bias) / r->bias.n : 0;
    const double floor_error =
        biased ? hypot(2 * ig_moment_error(&r->projection), M_SQRT2 * own) : 0;
    const double norm2 = r->reference->bias_norm2, norm2_error = r->reference->bias_norm2_error;
    double predicted = 0;
    ig_status status = ig_proposition2_mse(ig_moments_variance(&r->tally[d].noisy) * (double)k, k,
                                           fmax(0, norm2), &predicted, error);
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
    return status;
}

static ig_status set_kinds(const ig_row *row, const parameters *q, const ig_noise_record *r,
                           ig_error *error)
{
    static const char *const names[IG_DISCOUNTS][3] = {
        {"paper_share", "paper_mse", "paper_offset2"},
        {"exact_share", "exact_mse", "exact_offset2"}};
    ig_status status = IG_OK;
    for (size_t d = 0; d < IG_DISCOUNTS && !status; d++) {
        share s;
        status = find_share(q, r, d, &s, error);
        if (!status) {
            ig_row_set(row, names[d][0], s.value);
            ig_row_set(row, names[d][1], ig_noise_mse(r, d));
            ig_row_set(row, names[d][2], offset2(&r->tally[d].noisy, &r->reference->both));
            if (d == (size_t)q->main) {
                set_inflation(row, q, r, &s);
            }
        }
    }
    return status;
}

ig_status ig_reward_noise_run(const ig_task *task, const ig_row *row, ig_error *error)
{
    parameters q = parameters_of(&task->point);
    ig_noisy *gradient = NULL;
    ig_reference reference = {0};
    ig_noise_record record = {.sigma = q.sigma, .main = q.main, .reference = &reference};
    ig_replicates replicates = {.add = ig_noise_record_add, .context = &record};
    q.gradient.isa = task->isa;
    ig_status status = ig_noisy_create(&q.gradient, task->key, &gradient, error);
    if (!status) {
        status = ig_noisy_refer(gradient, q.reference, &reference, task->yield, error);
    }
    if (!status) {
        status = ig_noise_record_init(ig_noisy_size(gradient), &record, error);
    }
    if (!status) {
        status = ig_noisy_sample(gradient, IG_STREAM_DATA, 0, q.replicates, &replicates,
                                 task->yield, error);
    }
    if (!status) {
        status = set_kinds(row, &q, &record, error);
    }
    if (!status) {
        set_means(row, &q, &record, &replicates);
        status = set_errors(row, &q, &record, error);
    }
    ig_noise_record_clear(&record);
    ig_reference_clear(&reference);
    ig_noisy_destroy(&gradient);
    return status;
}
