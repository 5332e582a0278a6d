/** Experiment `curvature` (docs/protocol.md, Proposition 1): how much of the bound on the curvature
 * loss do latent rollouts use? */
#include "env/system.h"
#include "experiments/table.h"
#include "theory/theory.h"

#include "base/try.h"

/* In the order of ig_velocity_kind. */
static const char *const fields[] = {"tanh", "planar", NULL};

/* path, column, default, range or choices, long name */
static const ig_key keys[] = {
    KEY_CHOICE("field", "field", "tanh", fields,
               "velocity field: random tanh, or the planar construction"),
    KEY_REAL("eps", "eps", "0.5", 1e-4, 0.999999, "Lipschitz constant eps of the velocity field"),
    KEY_INTEGER("dims.state", "state_dim", "2", 1, 1024, "dimension of the latent state z"),
    KEY_INTEGER("dims.hidden", "hidden_dim", "64", 1, 4096, "hidden width of the tanh field"),
    KEY_INTEGER("steps", NULL, "100", 2, 1e4, "velocities a rollout visits"),
};

static const ig_column columns[] = {
    COLUMN("curvature", "largest curvature loss of the rollout",
           "max_t 1 - cos(v(z_t), v(z_{t+1})), Definition 1 of arXiv 2605.06732"),
    COLUMN("curvature_mean", "mean curvature loss of the rollout",
           "Definition 1 of arXiv 2605.06732"),
    COLUMN("bound", "the bound", "eps^2 / (2 (1 - eps)), Eq. 2 of arXiv 2605.06732"),
    COLUMN("ratio", "share of the bound that the largest loss uses",
           "curvature / (eps^2 / (2 (1 - eps))), Eq. 2 of arXiv 2605.06732"),
    COLUMN("supremum", "largest loss any eps-Lipschitz field can have", "1 - sqrt(1 - eps^2)"),
    COLUMN("supremum_ratio", "share of that supremum that the largest loss uses",
           "curvature / (1 - sqrt(1 - eps^2))"),
    COLUMN("visited_lipschitz", "Lipschitz constant over the visited states",
           "max ||v(z) - v(z')|| / ||z - z'||"),
    COLUMN("visited_ratio", "share of the bound at the visited states' own constant",
           "curvature / bound(visited_lipschitz), Eq. 2 of arXiv 2605.06732"),
    COLUMN_I64("steps", "velocities visited", "Definition 1 of arXiv 2605.06732"),
};

static ig_velocity_options options_of(const ig_point *p)
{
    return (ig_velocity_options){
        .kind = (ig_velocity_kind)ig_point_choice(p, "field", NULL),
        .eps = ig_point_real(p, "eps"),
        .dimension = (size_t)ig_point_integer(p, "dims.state"),
        .hidden = (size_t)ig_point_integer(p, "dims.hidden"),
        .steps = (size_t)ig_point_integer(p, "steps"),
    };
}

static double cost(const ig_point *point)
{
    ig_velocity_options o = options_of(point);
    double n = (double)o.dimension, h = (double)o.hidden, steps = (double)o.steps;
    double matrices = o.kind == IG_VELOCITY_TANH ? 40 * n * h * (n < h ? n : h) : 0;
    return steps * (4 * n * h + 30 * h) + 3 * n * steps * steps + matrices + 1000;
}

static void check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    ig_place place = {0, 0};
    for (size_t i = 0; i < ig_grid_n_points(grid); i++) {
        const ig_point p = {grid, i};
        const ig_velocity_options o = options_of(&p);
        if (o.kind == IG_VELOCITY_PLANAR && o.dimension != 2) {
            ig_reject(&p, "dims.state", "field", &place, "2", diagnostics);
        }
    }
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    ig_velocity_options options = options_of(&task->point);
    ig_bend bend = {0};
    double bound = 0, supremum = 0, visited = 0;
    TRY(ig_velocity_rollout(&options, task->key, task->yield, &bend, error));
    TRY(ig_curvature_bound(options.eps, &bound, error));
    TRY(ig_curvature_supremum(options.eps, &supremum, error));
    TRY(ig_curvature_bound(bend.lipschitz, &visited, error));
    ig_row_set(row, "curvature", bend.largest);
    ig_row_set(row, "curvature_mean", bend.mean);
    ig_row_set(row, "bound", bound);
    ig_row_set(row, "ratio", bend.largest / bound);
    ig_row_set(row, "supremum", supremum);
    ig_row_set(row, "supremum_ratio", bend.largest / supremum);
    ig_row_set(row, "visited_lipschitz", bend.lipschitz);
    ig_row_set(row, "visited_ratio", bend.largest / visited);
    ig_row_set(row, "steps", (double)bend.steps);
    return IG_OK;
}

static const char *const summarised[] = {"ratio", "supremum_ratio", "visited_ratio",
                                         "visited_lipschitz", NULL};
static const char *const by[] = {"field", "dims.state", NULL};
static const char *const planar[] = {"planar", NULL};
static const ig_ratio ratios[] = {
    {.column = "ratio",
     .slack = 1e-10,
     .by = by,
     .figure = "curvature",
     .figure_title = "How much of Proposition 1's bound is used",
     .x_label = "Lipschitz constant eps of the velocity field",
     .y_label = "largest curvature loss / bound",
     .against = "eps"},
    {.column = "supremum_ratio", .slack = 1e-10, .by = by, .attained = planar},
    {.column = "visited_ratio", .slack = 1e-10, .by = by},
};
static const ig_analysis analyses[] = {
    IG_ANALYSE(RATIO, &ratios[0]),
    IG_ANALYSE(RATIO, &ratios[1]),
    IG_ANALYSE(RATIO, &ratios[2]),
};

const ig_experiment ig_experiment_curvature = {
    .schema = {"curvature", keys, sizeof keys / sizeof *keys},
    .title = "Proposition 1: the curvature loss of latent rollouts against its bound",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = check,
    .cost = cost,
    .run = run,
    .results_version = 1,
    .summary = {summarised, analyses, sizeof analyses / sizeof *analyses},
};
