/** What `reward_noise` and `fidelity` share: keys, and moments and tests of replicates. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/try.h"
#include "experiments/noise.h"

const char *const ig_noisy_discounts[] = {"paper", "exact", NULL};
const char *const ig_noisy_biases[] = {"none", "constant", "state", NULL};
const char *const ig_noisy_baselines[] = {"none", "mean", "value", NULL};
const char *const ig_noisy_gains[] = {"paper", "scaled", NULL};

ig_noisy_options ig_noisy_options_of(const ig_point *point)
{
    return (ig_noisy_options){
        .state = (int)ig_point_integer(point, "dims.state"),
        .action = (int)ig_point_integer(point, "dims.action"),
        .hidden = (int)ig_point_integer(point, "dims.hidden"),
        .policy_hidden = (int)ig_point_integer(point, "dims.policy"),
        .gain = (ig_teacher_gain)ig_point_choice(point, "teacher_gain", NULL),
        .std = ig_point_real(point, "std"),
        .gamma = ig_point_real(point, "gamma"),
        .steps = (size_t)ig_point_integer(point, "horizon"),
        .baseline = (ig_noisy_baseline)ig_point_choice(point, "baseline", NULL),
    };
}

void ig_noisy_check(const ig_point *point, const ig_noisy_options *options, ig_place *place,
                    ig_diagnostics *diagnostics)
{
    const size_t batch = ig_noisy_batch(options->trajectories);
    if (options->baseline == IG_NOISY_BASELINE_VALUE && (size_t)options->state + 1 > batch) {
        char allowed[80];
        snprintf(allowed, sizeof allowed, "below the %zu trajectories of a batch", batch);
        ig_reject(point, "dims.state", "baseline", place, allowed, diagnostics);
    }
}

double ig_noisy_step_cost(const ig_noisy_options *options)
{
    const double s = options->state, a = options->action, h = options->hidden;
    const double policy = options->policy_hidden > 0 ? options->policy_hidden * (s + a) : s * a;
    const double gradients = (options->wanted[0] ? 1 : 0) + (options->wanted[1] ? 1 : 0);
    const double parts =
        1 + (options->noise ? 1 : 0) + (options->bias != IG_REWARD_BIAS_NONE ? 1 : 0);
    /* Networks, normal numbers, and for each gradient a pass through the policy. */
    return 2 * h * (2 * s + 2 * a + 1) + 30 * (a + 1) + gradients * parts * (60 + 6 * policy);
}

static ig_status record_init(size_t size, ig_noise_record *record, ig_error *error)
{
    TRY(ig_moments_init(size, &record->noise, error));
    TRY(ig_moments_init(size, &record->bias, error));
    for (int d = 0; d < IG_DISCOUNTS; d++) {
        TRY(ig_moments_init(size, &record->tally[d].noisy, error));
        TRY(ig_moments_init(size, &record->tally[d].clean, error));
    }
    TRY(IG_ALLOC(record->clean, size, error));
    return IG_ALLOC(record->noisy, size, error);
}

void ig_noise_record_clear(ig_noise_record *record)
{
    ig_moments_clear(&record->noise);
    ig_moments_clear(&record->bias);
    for (int d = 0; d < IG_DISCOUNTS; d++) {
        ig_moments_clear(&record->tally[d].noisy);
        ig_moments_clear(&record->tally[d].clean);
    }
    ig_reference_clear(&record->reference);
    free(record->clean);
    free(record->noisy);
    memset(record, 0, sizeof *record);
}

/** r->clean and r->noisy of a replicate, into the moments of one way of discounting. */
static void tally(ig_noise_record *r, ig_noise_tally *to, const double *const part[IG_PARTS])
{
    const double *truth = r->reference.reward.mean;
    double inflation = 0, error = 0;
    for (size_t p = 0; p < to->clean.size; p++) {
        const double bias = part[IG_PART_BIAS] ? part[IG_PART_BIAS][p] : 0;
        const double noise = part[IG_PART_NOISE] ? r->sigma * part[IG_PART_NOISE][p] : 0;
        r->clean[p] = part[IG_PART_REWARD][p] + bias;
        r->noisy[p] = r->clean[p] + noise;
        const double off = to->clean.n > 0 ? r->clean[p] - to->clean.mean[p] : 0;
        inflation += noise * (noise + 2 * off);
        error += (r->noisy[p] - truth[p]) * (r->noisy[p] - truth[p]);
    }
    ig_moment_add(&to->inflation, inflation);
    ig_moment_add(&to->error, error);
    ig_moments_add(&to->clean, r->clean);
    ig_moments_add(&to->noisy, r->noisy);
}

/** ig_replicates.add with a record as context. */
static void record_add(void *record, const ig_replicate *replicate)
{
    ig_noise_record *r = record;
    const double *bias = replicate->part[r->main][IG_PART_BIAS];
    const double *noise = replicate->part[r->main][IG_PART_NOISE];
    for (int d = 0; d < IG_DISCOUNTS; d++) {
        if (replicate->part[d][IG_PART_REWARD]) {
            tally(r, &r->tally[d], replicate->part[d]);
        }
    }
    if (noise) {
        ig_moments_add(&r->noise, noise);
    }
    if (bias) {
        double projection = 0;
        for (size_t p = 0; p < r->bias.size; p++) {
            projection += bias[p] * r->reference.bias.mean[p];
        }
        ig_moments_add(&r->bias, bias);
        ig_moment_add(&r->projection, projection);
    }
}

ig_status ig_noise_sample(const ig_task *task, const ig_noisy_options *options, ig_stream stream,
                          uint64_t first, size_t n, size_t trajectories, ig_noise_record *record,
                          ig_replicates *drawn, ig_error *error)
{
    AUTO(ig_noisy_destroy) ig_noisy *gradient = NULL;
    *drawn = (ig_replicates){.add = record_add, .context = record};
    TRY(ig_noisy_create(options, task->key, &gradient, error));
    TRY(ig_noisy_refer(gradient, trajectories, &record->reference, task->yield, error));
    TRY(record_init(ig_noisy_size(gradient), record, error));
    return ig_noisy_sample(gradient, stream, first, n, drawn, task->yield, error);
}

ig_mean_test ig_mean_test_of(const ig_moments *moments, const ig_moments *truth)
{
    const double n = moments->n, m = truth ? truth->n : 0;
    ig_mean_test test = {.p = 1, .square = 1};
    double coordinates = 0, sum = 0;
    if (n < 2) {
        return test;
    }
    for (size_t p = 0; p < moments->size; p++) {
        const double mine = moments->squares[p] / (n * (n - 1));
        const double its = truth ? truth->squares[p] / (m * (m - 1)) : 0, both = mine + its;
        const double distance = moments->mean[p] - (truth ? truth->mean[p] : 0);
        if (!(both > 0)) {
            continue;
        }
        const double z = fabs(distance) / sqrt(both);
        const double freedom =
            both * both / (mine * mine / (n - 1) + (truth ? its * its / (m - 1) : 0));
        test.p = fmin(test.p, 2 * gsl_cdf_tdist_Q(z, freedom));
        test.z = fmax(test.z, z);
        sum += z * z;
        coordinates += 1;
    }
    if (coordinates > 0) {
        test.p = fmin(1, coordinates * test.p);
        test.square = sum / coordinates;
    }
    return test;
}

double ig_normal_p(double distance, double error)
{
    return error > 0 ? 2 * gsl_cdf_ugaussian_Q(fabs(distance) / error) : distance == 0 ? 1 : 0;
}

double ig_evidence(double p, double confidence)
{
    return fabs(log(fmax(p, DBL_MIN)) / log(1 - confidence));
}

/** What the noise of the reference adds to a squared distance from it. */
static double blur(const ig_noise_record *record)
{
    const ig_moments *truth = &record->reference.reward;
    return ig_moments_variance(truth) / truth->n;
}

double ig_noise_mse(const ig_noise_record *record, size_t discount)
{
    return record->tally[discount].error.mean - blur(record);
}

double ig_noise_mse_error(const ig_noise_record *record, size_t discount)
{
    const ig_reference *reference = &record->reference;
    const ig_moments *truth = &reference->reward, *of = &record->tally[discount].noisy;
    ig_moment along = {0}; /* the reference, along the mean's distance from it */
    for (size_t b = 0; b < (size_t)truth->n; b++) {
        double sum = 0;
        for (size_t p = 0; p < of->size; p++) {
            sum += (of->mean[p] - truth->mean[p]) * reference->rewards[b * of->size + p];
        }
        ig_moment_add(&along, sum);
    }
    return hypot(hypot(ig_moment_error(&record->tally[discount].error), blur(record)),
                 2 * ig_moment_error(&along));
}
