#include "curve-experiment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "make-file.h"

static const char *const noises[] = {"none", "some", "much", NULL};
static const ig_key keys[] = {
    {.path = "gamma",
     .column = "gamma",
     .type = IG_KEY_REAL,
     .default_text = "0.9",
     .low = 0,
     .high = 1,
     .units = "1",
     .long_name = "discount"},
    {.path = "noise",
     .column = "noise",
     .type = IG_KEY_CHOICE,
     .default_text = "none",
     .choices = noises,
     .units = "1",
     .long_name = "noise"},
    {.path = "depth",
     .column = "depth",
     .type = IG_KEY_REAL,
     .low = 0,
     .high = 1e6,
     .units = "1",
     .long_name = "depth"},
    {.path = "width",
     .column = "width",
     .type = IG_KEY_INTEGER,
     .default_text = "8",
     .low = 1,
     .high = 1e6,
     .units = "1",
     .long_name = "a key that no curve names"},
};

static const ig_column columns[] = {
    {.name = "regret", .type = IG_F64, .units = "1", .long_name = "regret", .equation = "Eq. 1"},
    {.name = "bound", .type = IG_F64, .units = "1", .long_name = "its bound", .equation = "Eq. 2"},
    {.name = "guess", .type = IG_F64, .units = "1", .long_name = "predicted depth"},
    {.name = "other", .type = IG_F64, .units = "1", .long_name = "another prediction"},
};

static const char *const summarised[] = {"regret", "bound", "guess", "other", NULL};
static const char *const gamma_key[] = {"gamma", NULL}, *const noise_key[] = {"noise", NULL};
static const char *const guesses[] = {"guess", "other", NULL}, *const no_guess[] = {NULL};
static const ig_curve curves[] = {
    {.name = "depth",
     .title = "Regret against depth",
     .x_label = "depth (steps)",
     .y_label = "regret (reward)",
     .x = "depth",
     .log_x = true,
     .panels = gamma_key,
     .lines = noise_key,
     .measured = "regret",
     .reference = "bound",
     .reference_title = "the bound",
     .predicted = guesses,
     .tolerance = 0.05},
    {.name = "calm",
     .title = "Bound without noise",
     .x_label = "depth (steps)",
     .y_label = "bound (reward)",
     .x = "depth",
     .log_y = true,
     .lines = gamma_key,
     .only_key = "noise",
     .only_value = "none",
     .measured = "bound"},
    {.name = "plain",
     .title = "Regret",
     .x_label = "depth (steps)",
     .y_label = "regret (reward)",
     .x = "depth",
     .measured = "regret",
     .predicted = no_guess,
     .tolerance = 0.05},
};

static void check(const ig_grid *grid, ig_diagnostics *diagnostics)
{
    (void)grid;
    (void)diagnostics;
}

static double cost(const ig_point *point)
{
    (void)point;
    return 1;
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    (void)task;
    (void)row;
    (void)error;
    return IG_OK;
}

static const ig_analysis analyses[] = {IG_ANALYSE(CURVE, &curves[0]), IG_ANALYSE(CURVE, &curves[1]),
                                       IG_ANALYSE(CURVE, &curves[2])};

static const ig_experiment experiment = {
    .schema = {"diver", keys, sizeof keys / sizeof *keys},
    .title = "How deep to dive",
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .check = check,
    .cost = cost,
    .run = run,
    .summary = {summarised, analyses, sizeof analyses / sizeof *analyses},
};
static const ig_experiment *const table[] = {&experiment};

static const ig_registry registry = {table, NULL, sizeof table / sizeof *table};

const ig_registry *ig_experiments(void)
{
    return &registry;
}

static int8_t set(size_t task, const ig_row *row, void *context)
{
    const curve_row *r = (const curve_row *)context + task;
    ig_row_set(row, "regret", r->regret);
    ig_row_set(row, "bound", r->bound);
    ig_row_set(row, "guess", r->guess);
    ig_row_set(row, "other", r->other);
    return r->state;
}

void make_curve_file(const char *yaml, curve_row *rows, char path[512])
{
    snprintf(path, 512, "%s/curves.h5", folder);
    remove(path);
    make_any_file(path, yaml, set, rows);
}
