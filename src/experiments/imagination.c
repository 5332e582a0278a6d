/** Experiment `imagination` (docs/protocol.md, the paper's title): does the division of a budget
 * that Theorem 1 predicts train better policies? */
#include <math.h>
#include <stdint.h>

#include "base/process.h"
#include "env/world.h"
#include "experiments/imagination.h"
#include "experiments/table.h"

/* In the order of their enums. */
static const char *const environments[] = {"teacher", "lqg", "known_value", NULL};
static const char *const gains[] = {"paper", "scaled", NULL};
static const char *const students[] = {"network", "least_squares", NULL};
static const char *const gatherings[] = {"sinusoid", "uniform", "tanh_feedback", "ball", NULL};
static const char *const squashes[] = {"none", "tanh", NULL};
static const char *const discounts[] = {"paper", "exact", NULL};
static const char *const actions[] = {"sampled", "mean", NULL};
static const char *const baselines[] = {"none", "mean", "value", NULL};
static const char *const advantages[] = {"raw", "normalised", NULL};
static const char *const shapes[] = {"linear", "tanh", "sin", "quadratic", NULL};

static const ig_key keys[] = {
    KEY_CHOICE("environment", "environment", "teacher", environments,
               "the true MDP: a random teacher, a linear-quadratic system, or one of known value"),
    KEY_CHOICE("teacher_gain", "teacher_gain", "paper", gains,
               "the teacher's weights: N(0, 1), or divided by sqrt(fan_in)"),
    KEY_CHOICE("students", "students", "network", students,
               "how the MDP is learned: networks, or least squares (lqg)"),
    KEY_CHOICE("data", "data", "uniform", gatherings,
               "how data are gathered: episodes under a reference policy, or points in a ball"),
    KEY_REAL("split", "split", "0.5", 1e-6, 0.999999, "share of the budget that buys transitions"),
    KEY_REAL("budget", "budget", "10000", 1, 1e9, "money, in prices of a transition"),
    KEY_REAL("cost_ratio", "cost_ratio", "1", 1e-6, 1e6,
             "price of an exact reward label over that of a transition"),
    KEY_INTEGER("horizon", "horizon", "25", 2, 1e5, "steps H of a rollout"),
    KEY_REAL("label_noise", "label_noise", "0", 0, 1e6,
             "standard deviation of the noise on reward labels"),
    KEY_REAL("gamma", "gamma", "0.9", 0, 1, "discount gamma"),
    KEY_REAL("laws.A_d", "law_A_d", "1.988", 1e-12, 1e12,
             "amplitude A_d of the dynamics error (networks)"),
    KEY_REAL("laws.alpha", "law_alpha", "0.0495", 1e-6, 100,
             "exponent alpha of the dynamics error (networks)"),
    KEY_REAL("laws.A_r", "law_A_r", "8.769", 1e-12, 1e12,
             "amplitude A_r of the reward error (networks)"),
    KEY_REAL("laws.beta", "law_beta", "0.466", 1e-6, 100,
             "exponent beta of the reward error (networks)"),
    KEY_REAL("label_price.half", "label_price_half", "1", 1e-6, 1e6,
             "label noise at which a label costs 2^-power of an exact one"),
    KEY_REAL("label_price.power", "label_price_power", "1", 0, 100,
             "how fast the price falls with the noise; 0: not at all"),
    KEY_INTEGER("dims.state", "state_dim", "12", 1, 48, "state dimension d_s"),
    KEY_INTEGER("dims.action", "action_dim", "4", 1, 16, "action dimension d_a"),
    KEY_INTEGER("dims.hidden", "hidden_dim", "64", 1, 4096,
                "hidden width d_h of teacher and students"),
    KEY_CHOICE("squash", "squash", "tanh", squashes,
               "what enters a teacher when a policy acts: its action, or tanh of it"),
    KEY_INTEGER("train.epochs", NULL, "200", 1, 1e6, "passes over the bought data"),
    KEY_INTEGER("train.updates", NULL, "0", 0, 1e9,
                "least number of Adam updates of a student, by more epochs where needed"),
    KEY_INTEGER("train.minibatch", NULL, "256", 1, 1e6, "samples per Adam update"),
    KEY_REAL("train.learning_rate", NULL, "0.001", 1e-12, 1e12,
             "Adam learning rate of the students"),
    KEY_INTEGER("holdout", NULL, "2000", 1, 1e8, "held-out transitions"),
    KEY_INTEGER("episode_length", NULL, "100", 1, 1e6,
                "steps per episode of the policy that gathers data"),
    KEY_REAL("keep_fraction", NULL, "0.25", 1e-3, 1,
             "share of an episode's transitions that is kept"),
    KEY_REAL("ball_radius", NULL, "2", 1e-6, 1e6, "radius of the ball that data come from"),
    KEY_REAL("transition_noise", "transition_noise", "0", 0, 1e6,
             "standard deviation of the noise on observed next states"),
    KEY_INTEGER("policy.hidden", "policy_hidden", "32", 0, 4096,
                "hidden units of the policy's mean; 0: linear"),
    KEY_REAL("policy.std", "policy_std", "0.3", 1e-6, 1e3,
             "standard deviation of the policy's actions"),
    KEY_REAL("policy.start", "policy_start", "1", 0, 1e3,
             "the policy training begins with: a random network's parameters times this"),
    KEY_INTEGER("policy.iterations", "policy_iterations", "200", 1, 1e6, "updates of the policy"),
    KEY_INTEGER("policy.trajectories", "policy_trajectories", "64", 2, 1e6,
                "rollouts K of an update"),
    KEY_REAL("policy.learning_rate", "policy_learning_rate", "0.01", 1e-12, 1e6,
             "Adam learning rate of the policy"),
    KEY_CHOICE("policy.discount", NULL, "exact", discounts,
               "weight of step t: G_t as the paper, or gamma^t G_t"),
    KEY_CHOICE("policy.baseline", NULL, "value", baselines,
               "what is subtracted from returns: nothing, their mean, or a learned value"),
    KEY_CHOICE("policy.advantages", NULL, "normalised", advantages,
               "advantages as they are, or divided by their root mean square"),
    KEY_INTEGER("policy.value.hidden", NULL, "32", 0, 4096,
                "hidden units of the value network; 0: linear"),
    KEY_INTEGER("policy.value.epochs", NULL, "1", 1, 1e6, "its passes over a batch of rollouts"),
    KEY_INTEGER("policy.value.minibatch", NULL, "256", 1, 1e6, "its samples per Adam update"),
    KEY_REAL("policy.value.learning_rate", NULL, "0.003", 1e-12, 1e6, "its Adam learning rate"),
    KEY_REAL("lqg.gain", "lqg_gain", "0.9", 1e-3, 10, "spectral norm of A and of B (lqg)"),
    KEY_REAL("lqg.ridge", NULL, "1e-6", 1e-12, 1e6,
             "penalty on squared coefficients (least squares)"),
    KEY_CHOICE("known.shape", "known_shape", "tanh", shapes, "V(s) = phi(scale s) (known_value)"),
    KEY_REAL("known.slope", NULL, "0.9", -10, 10, "L_f of s' = L_f s + a"),
    KEY_REAL("known.scale", NULL, "1", 1e-6, 1e6, "scale of V(s) = phi(scale s)"),
    KEY_REAL("known.gain", NULL, "0.5", -10, 10, "the best action is -gain s"),
    KEY_REAL("known.weight", NULL, "1", 1e-6, 1e6, "penalty of actions that are not the best"),
    KEY_INTEGER("evaluation.trajectories", NULL, "256", 1, 1e7, "rollouts a return is the mean of"),
    KEY_CHOICE("evaluation.actions", NULL, "mean", actions,
               "policies are judged by their mean action, or by sampled ones"),
    KEY_REAL("sensitivity.step", NULL, "0.005", 1e-6, 1e3,
             "size of the perturbations S_f and S_r are measured with"),
    KEY_INTEGER("sensitivity.directions", NULL, "8", 1, 1e5, "perturbations they are means over"),
    KEY_INTEGER("sensitivity.trajectories", NULL, "64", 1, 1e7, "rollouts for each of them"),
};

static size_t iterations_length(const ig_config *config)
{
    return ig_key_largest(config, "policy.iterations");
}

static const ig_dimension dimensions[] = {
    {"iteration", iterations_length, 1, "1", "update of the policy", 0},
};

static const ig_column columns[] = {
    COLUMN_I64("n_dyn", "transitions bought", "N_dyn = x B / c_dyn"),
    COLUMN_I64("n_rew", "reward labels bought", "N_rew = (1 - x) B / c_rew"),
    COLUMN("label_cost", "price of a label, in prices of a transition",
           "c_rew / (1 + (sigma / half)^2)^power"),
    COLUMN("spent", "money spent, in prices of a transition", "c_dyn N_dyn + c_rew N_rew"),
    COLUMN("dynamics_error", "dynamics error on held-out data", "sqrt(mean ||f^ - f||^2)"),
    COLUMN("dynamics_error_own",
           "dynamics error on the true rollouts of the policy trained in imagination",
           "sqrt(mean ||f^ - f||^2)"),
    COLUMN("dynamics_error_most", "largest dynamics error on that policy's imagined rollouts",
           "max ||f^ - f||"),
    COLUMN("reward_error", "reward error on held-out data", "sqrt(mean (r^ - r)^2)"),
    COLUMN("reward_error_own", "reward error on the policy's true rollouts",
           "sqrt(mean (r^ - r)^2)"),
    COLUMN("reward_error_most", "largest reward error on its imagined rollouts", "max |r^ - r|"),
    COLUMN("reward_bias", "reward bias on the policy's true rollouts", "mean(r^ - r)"),
    COLUMN("reward_bias_imagined", "reward bias on its imagined rollouts", "mean(r^ - r)"),
    COLUMN("imagined_return", "return in imagination of the policy trained there", "J(pi^, M^)"),
    COLUMN("true_return", "its return in the true MDP", "J(pi^, M)"),
    COLUMN("gap", "how much better it looks in imagination", "J(pi^, M^) - J(pi^, M)"),
    COLUMN("gap_size", "size of the gap", "|J(pi^, M^) - J(pi^, M)|"),
    COLUMN("bound_log10", "log10 of the bound on it; at most 300",
           "Lemma 1 over H steps, errors those on its imagined rollouts"),
    COLUMN("L_f", "Lipschitz constant of the dynamics", "products of spectral norms, or exact"),
    COLUMN("L_r", "Lipschitz constant of the reward; lqg, known_value: where it goes",
           "products of spectral norms, or exact"),
    COLUMN("L_pi", "Lipschitz constant of the policy", "products of spectral norms"),
    COLUMN("trained_return", "return of the policy trained in the true MDP", "J(pi*, M)"),
    COLUMN("random_return", "return of the policy both trainings begin with", "J(pi_0, M)"),
    COLUMN("zero_return", "return of the policy that does nothing", "J(0, M)"),
    COLUMN("optimum_return",
           "best return where it is known (lqg: Riccati equation; known_value with quadratic V: of "
           "a = -gain s); elsewhere trained_return",
           "max J"),
    COLUMN_I32("optimum_known", "1 where optimum_return is an optimum, else 0", "max J"),
    COLUMN("regret", "what training in imagination loses", "J(pi*, M) - J(pi^, M)"),
    COLUMN("regret_normalised", "as a share of what training in the truth gains",
           "(J(pi*, M) - J(pi^, M)) / (J(pi*, M) - J(pi_0, M))"),
    COLUMN("regret_relative", "as a share of the return", "(J(pi*, M) - J(pi^, M)) / |J(pi*, M)|"),
    COLUMN("regret_optimum", "loss against optimum_return", "max J - J(pi^, M)"),
    COLUMN("S_f", "realized sensitivity to dynamics errors",
           "|J(f + h D, r) - J(f, r)| / h, Section 4.2"),
    COLUMN("S_r", "realized sensitivity to reward errors",
           "|J(f, r + h D) - J(f, r)| / h, Section 4.2"),
    COLUMN("step_check", "what half the step changes, as a part", "Section 4.2"),
    COLUMN("weight_ratio_log10", "log10 of the bound's weights C_d / C_r", "Lemma 1 over H steps"),
    COLUMN("split_bound", "best split by Theorem 1 with the bound's weights",
           "Eq. 4 with C_d / C_r"),
    COLUMN("split_realized", "best split by Theorem 1 with realized sensitivities",
           "Eq. 4 with S_f / S_r"),
    {"imagined_curve", IG_F32, "iteration", "1", "mean return of a batch in imagination",
     "J(pi^_i, M^)", true, 0},
    {"true_curve", IG_F32, "iteration", "1", "the same of the training in the true MDP",
     "J(pi*_i, M)", true, 0},
};

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
    /* A law needs an amplitude above 0: one far below any noise that matters. */
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

/** One message each, however often the grid repeats it. */
typedef struct places {
    ig_place data, students, state, action, budget, holdout, evaluations, trajectories;
} places;

static void check_environment(const ig_point *p, const ig_imagination *q, places *at,
                              ig_diagnostics *d)
{
    const bool teacher = q->environment == IG_ENVIRONMENT_TEACHER;
    const bool known = q->environment == IG_ENVIRONMENT_KNOWN_VALUE;
    const int state_max = known ? 1 : teacher ? IG_PERTURBED_STATE : IG_LQG_STATE;
    const int action_max = known ? 1 : teacher ? IG_PERTURBED_ACTION : IG_LQG_ACTION;
    const char *const allowed = known ? "1" : teacher ? "at most 48" : "at most 16";
    if (teacher && q->data == IG_GATHER_BALL) {
        ig_reject(p, "data", "environment", &at->data, "sinusoid, uniform, tanh_feedback", d);
    }
    if (!teacher && q->data != IG_GATHER_BALL && q->data != IG_GATHER_UNIFORM) {
        ig_reject(p, "data", "environment", &at->data, "uniform, ball", d);
    }
    if (q->students == IG_STUDENT_LEAST_SQUARES && q->environment != IG_ENVIRONMENT_LQG) {
        ig_reject(p, "students", "environment", &at->students, "network", d);
    }
    if (q->state > state_max) {
        ig_reject(p, "dims.state", "environment", &at->state, allowed, d);
    }
    if (q->action > action_max) {
        ig_reject(p, "dims.action", "environment", &at->action, known ? "1" : "at most 16", d);
    }
}

/** Bytes that learning takes at once, for `n` samples of each kind. */
static double learning_memory(const ig_imagination *q, double n_dyn, double n_rew)
{
    const double n = q->state, m = q->action;
    const double pools = (n_dyn + n_rew) * (double)ig_imagination_stride(q) * sizeof(float);
    if (q->students != IG_STUDENT_LEAST_SQUARES) {
        return pools;
    }
    const double numbers_dyn = (n_dyn + n + m) * (2 * n + m);
    const double features = (n * (n + 1) + m * (m + 1)) / 2;
    const double numbers_rew = (n_rew + features) * (features + 1);
    /* BLAS counts them in 32 bits. */
    return fmax(numbers_dyn, numbers_rew) > INT32_MAX
               ? (double)INFINITY
               : pools + fmax(numbers_dyn, numbers_rew) * sizeof(double);
}

/** Bytes of a batch of rollouts. */
static double rollout_memory(const ig_imagination *q, size_t trajectories)
{
    const double numbers = 2 * (double)q->state + 2 * (double)q->action + 2;
    return (double)trajectories * (double)(q->horizon + 1) * numbers * sizeof(float);
}

static void check_memory(const ig_point *p, const ig_imagination *q, double memory, places *at,
                         ig_diagnostics *d)
{
    const ig_purchased *b = &q->purchased;
    const double rows = (double)(b->n_dyn > b->n_rew ? b->n_dyn : b->n_rew);
    if (rows > 4e9 || learning_memory(q, (double)b->n_dyn, (double)b->n_rew) > memory) {
        ig_reject(p, "budget", "split", &at->budget, "a budget whose data fit in memory", d);
    }
    if ((double)q->holdout * (double)ig_imagination_stride(q) * sizeof(float) > memory) {
        ig_reject(p, "holdout", "environment", &at->holdout, "transitions that fit in memory", d);
    }
    if (rollout_memory(q, q->evaluations) > memory) {
        ig_reject(p, "evaluation.trajectories", "horizon", &at->evaluations,
                  "rollouts that fit in memory", d);
    }
    if (rollout_memory(q, q->improve.trajectories) > memory) {
        ig_reject(p, "policy.trajectories", "horizon", &at->trajectories,
                  "rollouts that fit in memory", d);
    }
}

static void check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    const double memory = ig_physical_memory();
    places at = {0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const ig_imagination q = ig_imagination_of(&p);
        check_environment(&p, &q, &at, diagnostics);
        check_memory(&p, &q, memory, &at, diagnostics);
    }
}

/** Multiply-adds of a forward pass. */
static double forward(double inputs, double hidden, double outputs)
{
    return hidden > 0 ? hidden * (inputs + outputs) : inputs * outputs;
}

/** Multiply-adds of one step in both worlds, mean of the true and the learned one. */
static double step_work(const ig_imagination *q)
{
    const double n = q->state, m = q->action, in = n + m;
    const double network = forward(in, q->hidden, n) + forward(in, q->hidden, 1);
    const double quadratic = 2 * n * in + m * m;
    const bool true_network = q->environment == IG_ENVIRONMENT_TEACHER;
    const bool learned_network = q->students == IG_STUDENT_NETWORK;
    return ((true_network ? network : quadratic) + (learned_network ? network : quadratic)) / 2;
}

/** Multiply-adds of learning from what is bought. */
static double learning_work(const ig_imagination *q)
{
    const double n_dyn = (double)q->purchased.n_dyn, n_rew = (double)q->purchased.n_rew;
    const double n = q->state, m = q->action, in = n + m, h = q->hidden;
    if (q->students == IG_STUDENT_LEAST_SQUARES) {
        const double features = (n * (n + 1) + m * (m + 1)) / 2;
        return 2 * (n_dyn * in * in + n_rew * features * features);
    }
    return n_dyn * ig_imagination_epochs(q, q->purchased.n_dyn) * (2 * in * h + 3 * h * n) +
           n_rew * ig_imagination_epochs(q, q->purchased.n_rew) * (2 * in * h + 3 * h);
}

static double cost(const ig_point *point)
{
    const ig_imagination q = ig_imagination_of(point);
    const double n = q.state, m = q.action, horizon = (double)q.horizon;
    const double act = forward(n, q.policy_hidden, m) + 30 * m, step = step_work(&q);
    const double value =
        q.improve.baseline == IG_BASELINE_VALUE
            ? (1 + 3 * q.improve.value.epochs) * forward(n + 1, q.improve.value.hidden, 1)
            : 0;
    const double trained = 2 * horizon * q.improve.iterations * (double)q.improve.trajectories;
    const double evaluated =
        5 * horizon * (double)q.evaluations + 4 * horizon * (double)q.directions * (double)q.probes;
    return 2 * (learning_work(&q) + trained * (4 * act + step + value) + evaluated * (act + step)) +
           1000;
}

static const char *const summarised[] = {"regret",
                                         "regret_normalised",
                                         "regret_relative",
                                         "regret_optimum",
                                         "gap_size",
                                         "gap",
                                         "bound_log10",
                                         "dynamics_error",
                                         "dynamics_error_own",
                                         "reward_error",
                                         "reward_error_own",
                                         "reward_bias",
                                         "trained_return",
                                         "true_return",
                                         "random_return",
                                         "zero_return",
                                         "S_f",
                                         "S_r",
                                         "split_bound",
                                         "split_realized",
                                         NULL};

static const char *const panels[] = {"budget", "cost_ratio", NULL};
static const char *const lines[] = {"teacher_gain", "students", "horizon", "label_noise", NULL};
static const char *const predicted[] = {"split_bound", "split_realized", NULL};
static const char split[] = "share of the budget that buys transitions";
static const char regret[] = "regret";
static const char gap[] = "|imagined return - true return|";

static const ig_curve curves[] = {
    {.name = "regret_teacher",
     .title = "Random teachers: regret against the division of the budget",
     .x_label = split,
     .y_label = "regret / what training in the truth gains",
     .x = "split",
     .panels = panels,
     .lines = lines,
     .only_key = "environment",
     .only_value = "teacher",
     .measured = "regret_normalised",
     .predicted = predicted,
     .tolerance = 0.1},
    {.name = "gap_teacher",
     .title = "Random teachers: gap of the returns against the division of the budget",
     .x_label = split,
     .y_label = gap,
     .x = "split",
     .log_y = true,
     .panels = panels,
     .lines = lines,
     .only_key = "environment",
     .only_value = "teacher",
     .measured = "gap_size",
     .predicted = predicted,
     .tolerance = 0.1},
    {.name = "regret_lqg",
     .title = "Linear-quadratic systems: regret against the division of the budget",
     .x_label = split,
     .y_label = regret,
     .x = "split",
     .panels = panels,
     .lines = lines,
     .only_key = "environment",
     .only_value = "lqg",
     .measured = "regret",
     .predicted = predicted,
     .tolerance = 0.1},
    {.name = "gap_lqg",
     .title = "Linear-quadratic systems: gap of the returns against the division of the budget",
     .x_label = split,
     .y_label = gap,
     .x = "split",
     .log_y = true,
     .panels = panels,
     .lines = lines,
     .only_key = "environment",
     .only_value = "lqg",
     .measured = "gap_size",
     .predicted = predicted,
     .tolerance = 0.1},
    {.name = "regret_known_value",
     .title = "Known value: regret against the division of the budget",
     .x_label = split,
     .y_label = regret,
     .x = "split",
     .panels = panels,
     .lines = lines,
     .only_key = "environment",
     .only_value = "known_value",
     .measured = "regret",
     .predicted = predicted,
     .tolerance = 0.1},
};
static const ig_analysis analyses[] = {
    IG_ANALYSE(CURVE, &curves[0]), IG_ANALYSE(CURVE, &curves[1]), IG_ANALYSE(CURVE, &curves[2]),
    IG_ANALYSE(CURVE, &curves[3]), IG_ANALYSE(CURVE, &curves[4]),
};

static uint32_t results_version(const ig_config *config)
{
    return ig_version_of_gathering(config, "data");
}

const ig_experiment ig_experiment_imagination = {
    .schema = {"imagination", keys, sizeof keys / sizeof *keys},
    .title = "Policies trained in imagination: which division of the budget trains the best",
    .dimensions = dimensions,
    .n_dimensions = sizeof dimensions / sizeof *dimensions,
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = check,
    .cost = cost,
    .run = ig_imagination_run,
    .summary = {summarised, analyses, sizeof analyses / sizeof *analyses},
    .results_version_of = results_version,
};
