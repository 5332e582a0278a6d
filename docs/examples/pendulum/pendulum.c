/* A damped pendulum whose motion and reward networks learn: how fast do the errors fall with data? */
#include <math.h>
#include <stdlib.h>

#include <imagrid/plugin.h>

enum { INPUTS = 4, OUTPUTS = 2, STRIDE = INPUTS + OUTPUTS + 1, NEW = 1000, STARTS = 32 };
static const double dt = 0.05;

static const ig_key keys[] = {
    {.path = "transitions", .column = "transitions", .type = IG_KEY_INTEGER, .low = 10,
     .high = 1e7, .units = "1", .long_name = "transitions the network learns from"},
    {.path = "damping", .column = "damping", .type = IG_KEY_REAL, .default_text = "0.1", .low = 0,
     .high = 10, .units = "s-1", .long_name = "friction of the pendulum"},
    {.path = "hidden", .type = IG_KEY_INTEGER, .default_text = "32", .low = 1, .high = 4096,
     .units = "1", .long_name = "hidden units"},
    {.path = "epochs", .type = IG_KEY_INTEGER, .default_text = "200", .low = 1, .high = 1e6,
     .units = "1", .long_name = "passes over the transitions"},
    {.path = "horizon", .type = IG_KEY_INTEGER, .default_text = "40", .low = 1, .high = 1e6,
     .units = "1", .long_name = "steps imagined"},
};

static const ig_column columns[] = {
    {.name = "dynamics_mse", .type = IG_F64, .units = "s-2", .long_name = "error of the dynamics",
     .equation = "mean over 1000 new transitions of (learned - true rate of change)^2"},
    {.name = "reward_mse", .type = IG_F64, .units = "1", .long_name = "error of the reward",
     .equation = "mean over 1000 new transitions of (learned - true reward)^2"},
    {.name = "angle_error", .type = IG_F64, .units = "rad", .long_name = "error after the horizon",
     .equation = "mean over 32 starts of |imagined - true angle| after `horizon` steps"},
};

/* One step of theta'' = -sin(theta) - damping theta' + torque; s is angle and velocity. */
static void swing(double damping, double torque, double s[2])
{
    s[1] += dt * (torque - sin(s[0]) - damping * s[1]);
    s[0] += dt * s[1];
}

/* What keeps it hanging down with little torque. */
static double reward(double torque, const double s[2])
{
    return cos(s[0]) - 0.1 * s[1] * s[1] - 0.01 * torque * torque;
}

static void observe(const double s[2], double torque, float x[INPUTS])
{
    x[0] = (float)cos(s[0]);
    x[1] = (float)sin(s[0]);
    x[2] = (float)s[1];
    x[3] = (float)torque;
}

static double between(ig_rng *rng, double low, double high)
{
    return low + (high - low) * ig_rng_uniform(rng);
}

/* n transitions: what is observed, then the rates of change of angle and velocity, the reward. */
static void gather(double damping, ig_rng rng, size_t n, float *row)
{
    for (size_t i = 0; i < n; i++, row += STRIDE) {
        double s[2] = {between(&rng, -M_PI, M_PI), between(&rng, -3, 3)};
        double torque = between(&rng, -1, 1), next[2] = {s[0], s[1]};
        swing(damping, torque, next);
        observe(s, torque, row);
        row[INPUTS] = (float)((next[0] - s[0]) / dt);
        row[INPUTS + 1] = (float)((next[1] - s[1]) / dt);
        row[INPUTS + 2] = (float)reward(torque, s);
    }
}

/* The same starts and torques in the pendulum and in the network's imagination. */
static ig_status imagine(const ig_task *task, ig_mlp *network, double *error)
{
    double damping = ig_point_real(&task->point, "damping"), sum = 0;
    int64_t horizon = ig_point_integer(&task->point, "horizon");
    ig_rng rng = ig_rng_start(task->key, IG_STREAM_NOISE, 0);
    for (int i = 0; i < STARTS; i++) {
        double real[2] = {between(&rng, -M_PI, M_PI), between(&rng, -1, 1)};
        double dream[2] = {real[0], real[1]};
        for (int64_t t = 0; t < horizon; t++) {
            double torque = between(&rng, -1, 1);
            float x[INPUTS], rate[OUTPUTS];
            swing(damping, torque, real);
            observe(dream, torque, x);
            ig_mlp_forward(network, x, 1, INPUTS, rate, OUTPUTS);
            dream[0] += dt * (double)rate[0];
            dream[1] += dt * (double)rate[1];
        }
        sum += fabs(dream[0] - real[0]);
        if (ig_yield_now(task->yield)) {
            return IG_ERR_STOPPED;
        }
    }
    *error = sum / STARTS;
    return IG_OK;
}

/* Only ratios of costs matter: the most expensive tasks start first. */
static double cost(const ig_point *p)
{
    return (double)ig_point_integer(p, "transitions") * (double)ig_point_integer(p, "epochs") *
           (double)ig_point_integer(p, "hidden") * 6 * STRIDE;
}

/* Train both networks on n transitions and see how well they do; `weights` holds their parameters. */
static ig_status learn(const ig_task *task, size_t n, const float *rows, float *weights,
                       const ig_row *row, ig_error *error)
{
    int hidden = (int)ig_point_integer(&task->point, "hidden");
    ig_mlp_shape dynamics = {INPUTS, hidden, OUTPUTS}, value = {INPUTS, hidden, 1};
    ig_train_options adam = {(int)ig_point_integer(&task->point, "epochs"), 64, 1e-2f, task->isa};
    ig_head heads[] = {
        {.hidden = hidden, .outputs = OUTPUTS, .parameters = weights},
        {.hidden = hidden, .outputs = 1, .parameters = weights + ig_mlp_size(dynamics)}};
    ig_samples train = {rows, n, STRIDE}, holdout = {rows + n * STRIDE, NEW, STRIDE};
    ig_rng rng = ig_rng_start(task->key, IG_STREAM_INIT, 0);
    ig_mlp_init_linear(dynamics, &rng, heads[0].parameters);
    ig_mlp_init_linear(value, &rng, heads[1].parameters);
    ig_status status = ig_train(&adam, INPUTS, &train, &holdout, heads, 2, task->key, task->yield,
                                error);
    ig_mlp *network = NULL;
    double angle_error = 0;
    if (!status) {
        status = ig_mlp_create(task->isa, dynamics, weights, &network, error);
    }
    if (!status) {
        status = imagine(task, network, &angle_error);
    }
    ig_row_set(row, "dynamics_mse", heads[0].holdout_mse);
    ig_row_set(row, "reward_mse", heads[1].holdout_mse);
    ig_row_set(row, "angle_error", angle_error);
    ig_mlp_destroy(&network);
    return status;
}

/* One task. Everything random comes from task->key, so that the same seed gives the same bytes. */
static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    size_t n = (size_t)ig_point_integer(&task->point, "transitions");
    double damping = ig_point_real(&task->point, "damping");
    int hidden = (int)ig_point_integer(&task->point, "hidden");
    size_t parameters = ig_mlp_size((ig_mlp_shape){INPUTS, hidden, OUTPUTS}) +
                        ig_mlp_size((ig_mlp_shape){INPUTS, hidden, 1});
    float *rows = malloc((n + NEW) * STRIDE * sizeof *rows);
    float *weights = malloc(parameters * sizeof *weights);
    ig_status status;
    if (rows && weights) {
        gather(damping, ig_rng_start(task->key, IG_STREAM_DATA, 0), n, rows);
        gather(damping, ig_rng_start(task->key, IG_STREAM_HOLDOUT, 0), NEW, rows + n * STRIDE);
        status = learn(task, n, rows, weights, row, error);
    } else {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu transitions", n);
    }
    free(weights);
    free(rows);
    return status;
}

/* The names A_d and A_r tell imagrid plan which law is the dynamics' and which the reward's. */
static const char *const summarised[] = {"dynamics_mse", "reward_mse", "angle_error", NULL};
static const ig_fit fits[] = {{"dynamics_mse", "transitions", "alpha", "A_d", NULL, NULL},
                              {"reward_mse", "transitions", "beta", "A_r", NULL, NULL},
                              {"angle_error", "transitions", "delta", "A_angle", NULL, NULL}};
static const ig_fits laws = {.fits = fits, .n_fits = 3, .figure = "pendulum"};
static const ig_analysis analyses[] = {IG_ANALYSE(LAWS, &laws)};

static const ig_experiment pendulum = {
    .schema = {"pendulum", keys, sizeof keys / sizeof *keys},
    .title = "A pendulum with learned dynamics and reward: errors against transitions",
    .columns = columns, .n_columns = sizeof columns / sizeof *columns, .cost = cost, .run = run,
    .summary = {summarised, analyses, 1},
};

static const ig_experiment *const experiments[] = {&pendulum};
const ig_plugin ig_plugin_v2 = {IG_PLUGIN_HEADER, "pendulum", "1.0", experiments, 1};
