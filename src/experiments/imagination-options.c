/** What the keys of `imagination` say at a grid point, and what the budget buys. */
#include <math.h>

#include "experiments/imagination.h"

static size_t count_of(const ig_point *p, const char *path)
{
    return (size_t)ig_point_integer(p, path);
}

static void read_policy(const ig_point *p, ig_imagination *q)
{
    q->policy_hidden = (int)ig_point_integer(p, "policy.hidden");
    q->std = ig_point_real(p, "policy.std");
    q->start = ig_point_real(p, "policy.start");
    q->improve = (ig_policy_train_options){
        .iterations = (int)ig_point_integer(p, "policy.iterations"),
        .trajectories = count_of(p, "policy.trajectories"),
        .steps = q->horizon,
        .discount = q->gamma,
        .discount_state = (ig_discount_state)ig_point_choice(p, "policy.discount", NULL),
        .learning_rate = (float)ig_point_real(p, "policy.learning_rate"),
        .baseline = (ig_baseline)ig_point_choice(p, "policy.baseline", NULL),
        .value = {.hidden = (int)ig_point_integer(p, "policy.value.hidden"),
                  .epochs = (int)ig_point_integer(p, "policy.value.epochs"),
                  .minibatch = (int)ig_point_integer(p, "policy.value.minibatch"),
                  .learning_rate = (float)ig_point_real(p, "policy.value.learning_rate")},
        .normalise = ig_point_choice(p, "policy.advantages", NULL) == 1,
    };
}

static void read_truth(const ig_point *p, ig_imagination *q)
{
    q->environment = (ig_environment)ig_point_choice(p, "environment", NULL);
    q->gain = (ig_teacher_gain)ig_point_choice(p, "teacher_gain", NULL);
    q->squash = (ig_squash)ig_point_choice(p, "squash", NULL);
    q->state = (int)ig_point_integer(p, "dims.state");
    q->action = (int)ig_point_integer(p, "dims.action");
    q->hidden = (int)ig_point_integer(p, "dims.hidden");
    q->gamma = ig_point_real(p, "gamma");
    q->horizon = count_of(p, "horizon");
    q->lqg_gain = ig_point_real(p, "lqg.gain");
    q->known = (ig_known_control){
        .shape = (ig_value_shape)ig_point_choice(p, "known.shape", NULL),
        .gamma = (float)q->gamma,
        .slope = (float)ig_point_real(p, "known.slope"),
        .scale = (float)ig_point_real(p, "known.scale"),
        .gain = (float)ig_point_real(p, "known.gain"),
        .weight = (float)ig_point_real(p, "known.weight"),
    };
}

static void read_students(const ig_point *p, ig_imagination *q)
{
    q->students = (ig_student_kind)ig_point_choice(p, "students", NULL);
    q->data = (ig_gathering)ig_point_choice(p, "data", NULL);
    q->holdout = count_of(p, "holdout");
    q->episode_length = (int)ig_point_integer(p, "episode_length");
    q->keep_fraction = ig_point_real(p, "keep_fraction");
    q->radius = ig_point_real(p, "ball_radius");
    q->transition_noise = ig_point_real(p, "transition_noise");
    q->ridge = ig_point_real(p, "lqg.ridge");
    q->updates = (double)ig_point_integer(p, "train.updates");
    q->train = (ig_train_options){
        .epochs = (int)ig_point_integer(p, "train.epochs"),
        .minibatch = (int)ig_point_integer(p, "train.minibatch"),
        .learning_rate = (float)ig_point_real(p, "train.learning_rate"),
    };
}

static void read_market(const ig_point *p, ig_imagination *q)
{
    q->split = ig_point_real(p, "split");
    q->budget = ig_point_real(p, "budget");
    q->cost_ratio = ig_point_real(p, "cost_ratio");
    q->label_noise = ig_point_real(p, "label_noise");
    q->half_price = ig_point_real(p, "label_price.half");
    q->price_power = ig_point_real(p, "label_price.power");
    q->purchased = ig_imagination_purchase(q);
    q->laws.dyn = (ig_allocation_kind){.amplitude = ig_point_real(p, "laws.A_d"),
                                       .exponent = ig_point_real(p, "laws.alpha")};
    q->laws.rew = (ig_allocation_kind){.amplitude = ig_point_real(p, "laws.A_r"),
                                       .exponent = ig_point_real(p, "laws.beta")};
}

ig_imagination ig_imagination_of(const ig_point *p)
{
    ig_imagination q = {
        .evaluations = count_of(p, "evaluation.trajectories"),
        .mean_action = ig_point_choice(p, "evaluation.actions", NULL) == 1,
        .step = ig_point_real(p, "sensitivity.step"),
        .directions = count_of(p, "sensitivity.directions"),
        .probes = count_of(p, "sensitivity.trajectories"),
    };
    read_truth(p, &q);
    read_students(p, &q);
    read_market(p, &q);
    read_policy(p, &q);
    return q;
}

/** Whole units that money buys, at least one: a quotient that misses a whole number by rounding
 *  alone counts as that number. */
static size_t bought(double money, double price)
{
    /* Noise may make labels so cheap that a double has 0 for it; so many fit in no memory. */
    if (price <= 0) {
        return (size_t)1e15;
    }
    double n = floor(money / price * (1 + 1e-12));
    return n < 1 ? 1 : n > 1e15 ? (size_t)1e15 : (size_t)n;
}

ig_purchased ig_imagination_purchase(const ig_imagination *q)
{
    const double noise = q->label_noise / q->half_price;
    ig_purchased b = {.label_cost = q->cost_ratio / pow(1 + noise * noise, q->price_power)};
    b.n_dyn = bought(q->split * q->budget, 1);
    b.n_rew = bought((1 - q->split) * q->budget, b.label_cost);
    b.spent = (double)b.n_dyn + (double)b.n_rew * b.label_cost;
    return b;
}

ig_allocation_problem ig_imagination_laws(const ig_imagination *q)
{
    const double n = q->state, m = q->action, least = 1e-6;
    ig_allocation_problem laws = q->laws;
    if (q->students == IG_STUDENT_LEAST_SQUARES) {
        const double coefficients = (n * (n + 1) + m * (m + 1)) / 2;
        laws.dyn = (ig_allocation_kind){
            .amplitude = fmax(q->transition_noise, least) * sqrt(n * (n + m)), .exponent = 0.5};
        laws.rew = (ig_allocation_kind){
            .amplitude = fmax(q->label_noise, least) * sqrt(coefficients), .exponent = 0.5};
    }
    laws.dyn.cost = 1;
    laws.rew.cost = q->purchased.label_cost;
    return laws;
}

size_t ig_imagination_stride(const ig_imagination *q)
{
    return ((size_t)(2 * q->state + q->action + 1) + 15) / 16 * 16;
}

double ig_imagination_epochs(const ig_imagination *q, size_t n)
{
    const double minibatches = ceil((double)n / q->train.minibatch);
    return fmax(q->train.epochs, ceil(q->updates / minibatches));
}
