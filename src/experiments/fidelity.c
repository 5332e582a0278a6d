/** One task of `fidelity`: the policy gradient that a budget buys at one price. */
#include "theory/fidelity.h"

#include <math.h>

#include "experiments/fidelity.h"
#include "experiments/noise-record.h"
#include "experiments/noisy-keys.h"
#include "experiments/refuse.h"

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

double ig_fidelity_cost(const ig_point *point)
{
    parameters q = parameters_of(point);
    const double k = (double)q.gradient.trajectories;
    return ((double)q.replicates * k + (double)q.reference + (double)q.pilot) *
           (double)q.gradient.steps * ig_noisy_step_cost(&q.gradient);
}

void ig_fidelity_check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    ig_place prices = {0, 0}, budget = {0, 0}, large = {0, 0}, part = {0, 0}, state = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const parameters q = parameters_of(&p);
        if (q.cost < q.low || q.cost > q.high || q.low == q.high) {
            ig_refuse(&p, "cost", "prices", &prices, "a price in this interval of some length",
                      diagnostics);
        }
        if (q.cost > q.budget) {
            ig_refuse(&p, "budget", "cost", &budget, "at least the price", diagnostics);
        }
        if (q.gradient.trajectories > 10000000 / q.gradient.steps) {
            ig_refuse(&p, "budget", "horizon", &large, "10 000 000 steps in a gradient",
                      diagnostics);
        }
        if (q.curve.family == IG_FIDELITY_FLOOR && !(q.curve.scale > 0)) {
            ig_refuse(&p, "floor_part", "curve", &part, "less than 1", diagnostics);
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
    ig_status status = ig_fidelity_variance(&q->curve, q->cost, &t->sigma2, error);
    if (!status) {
        status = ig_fidelity_phi(&q->curve, q->cost, &t->phi, error);
    }
    if (!status) {
        status = ig_fidelity_best(&q->curve, q->low, q->high, 0, 1, &t->by_phi, error);
    }
    if (!status) {
        status = ig_fidelity_best(&q->curve, q->low, q->high, t->v, t->h, &t->by_both, error);
    }
    return status;
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

/** Sample replicates of a gradient made for `options` into a record, against its own reference. */
static ig_status sample(const ig_task *task, const ig_noisy_options *options, ig_stream stream,
                        uint64_t first, size_t n, size_t trajectories, ig_reference *reference,
                        ig_noise_record *record, ig_error *error)
{
    ig_noisy *gradient = NULL;
    ig_replicates replicates = {.add = ig_noise_record_add, .context = record};
    ig_status status = ig_noisy_create(options, task->key, &gradient, error);
    if (!status) {
        status = ig_noisy_refer(gradient, trajectories, reference, task->yield, error);
    }
    if (!status) {
        status = ig_noise_record_init(ig_noisy_size(gradient), record, error);
    }
    if (!status) {
        status = ig_noisy_sample(gradient, stream, first, n, &replicates, task->yield, error);
    }
    ig_noisy_destroy(&gradient);
    return status;
}

/** v and h of a single trajectory, from trajectories of their own. */
static ig_status find_single(const ig_task *task, const parameters *q, prediction *t,
                             ig_error *error)
{
    ig_noisy_options options = q->gradient;
    ig_reference reference = {0};
    ig_noise_record record = {.main = IG_DISCOUNT_EXACT, .reference = &reference};
    options.trajectories = 1;
    options.noise = false;
    ig_status status = sample(task, &options, IG_STREAM_HOLDOUT, pilot_first, q->pilot,
                              q->reference, &reference, &record, error);
    if (!status) {
        t->v = ig_noise_mse(&record, IG_DISCOUNT_EXACT);
        t->v_error = ig_noise_mse_error(&record, IG_DISCOUNT_EXACT);
        t->h = reference.added[IG_DISCOUNT_EXACT].mean;
        t->h_error = ig_moment_error(&reference.added[IG_DISCOUNT_EXACT]);
    }
    ig_noise_record_clear(&record);
    ig_reference_clear(&reference);
    return status;
}

ig_status ig_fidelity_run(const ig_task *task, const ig_row *row, ig_error *error)
{
    parameters q = parameters_of(&task->point);
    ig_reference reference = {0};
    ig_noise_record record = {.main = IG_DISCOUNT_EXACT, .reference = &reference};
    prediction t = {0};
    q.gradient.isa = task->isa;
    ig_status status = find_single(task, &q, &t, error);
    if (!status) {
        status = predict(&q, &t, error);
    }
    if (!status) {
        record.sigma = sqrt(t.sigma2);
        status = sample(task, &q.gradient, IG_STREAM_DATA, 0, q.replicates, q.reference, &reference,
                        &record, error);
    }
    if (!status) {
        set_predicted(row, &q, &t);
        set_measured(row, &q, &t, &record);
    }
    ig_noise_record_clear(&record);
    ig_reference_clear(&reference);
    return status;
}
