/* A plugin whose every text tries to get out of where it is put, and that tells when it is loaded.
 */
#include <stdio.h>
#include <stdlib.h>

#include "imagrid/plugin.h"

/* For gnuplot, shells, pages, TeX, printf and spreadsheets. */
#define HOSTILE                                                                                    \
    "'; system(\"touch pwned\") # `touch pwned` $(touch pwned) @x \"; !touch pwned "               \
    "</text></td><script>alert(1)</script>\" onload=\"alert(1) \\input{pwned} ^^5c %s%n & {}, x"

__attribute__((constructor)) static void tell(void)
{
    const char *path = getenv("IMAGRID_TEST_LOADED");
    FILE *file = path ? fopen(path, "ae") : NULL;
    if (file) {
        fputs("loaded\n", file);
        fclose(file);
    }
}

static const char *const kinds[] = {"good", "bad", NULL}, *const good[] = {"good", NULL};
static const ig_key keys[] = {
    {.path = "n",
     .column = "n",
     .type = IG_KEY_INTEGER,
     .low = 1,
     .high = 1e9,
     .units = HOSTILE,
     .long_name = HOSTILE},
    {.path = "kind",
     .column = "kind",
     .type = IG_KEY_CHOICE,
     .choices = kinds,
     .units = "1",
     .long_name = HOSTILE},
};

static const ig_column columns[] = {
    {.name = "half", .type = IG_F64, .units = HOSTILE, .long_name = HOSTILE},
};

static double cost(const ig_point *point)
{
    return (double)ig_point_integer(point, "n");
}

static ig_status run(const ig_task *task, const ig_row *row, ig_error *error)
{
    double n = (double)ig_point_integer(&task->point, "n");
    if (ig_point_choice(&task->point, "kind", NULL) == 1) {
        /* Not through ig_error_set, which would make it harmless. */
        error->status = IG_ERR_NUMERIC;
        snprintf(error->text, sizeof error->text,
                 "\033]0;pwned\a\033[2J\nfailed: no\xc2\x9b"
                 "31m \x9b 31m \xff %s",
                 HOSTILE);
        return IG_ERR_NUMERIC;
    }
    ig_row_set(row, "half", 0.5 / n);
    return IG_OK;
}

static const char *const summarised[] = {"half", NULL}, *const by[] = {"kind", NULL};
static const ig_fit fits[] = {
    {.column = "half", .axis = "n", .exponent = HOSTILE, .amplitude = HOSTILE},
};
static const ig_pool pools[] = {{.name = HOSTILE, .values = good, .drawn = true}};
static const ig_ratio ratios[] = {
    {.column = "half",
     .by = by,
     .pools = pools,
     .n_pools = 1,
     .figure = "ratios",
     .figure_title = HOSTILE,
     .x_label = HOSTILE,
     .y_label = HOSTILE},
};
static const ig_curve curves[] = {
    {.name = "curve",
     .title = HOSTILE,
     .x_label = HOSTILE,
     .y_label = HOSTILE,
     .x = "n",
     .lines = by,
     .measured = "half",
     .reference = "half",
     .reference_title = HOSTILE,
     .predicted = summarised},
};

static const ig_fits laws = {fits, 1, "fits", HOSTILE, HOSTILE, HOSTILE};
static const ig_analysis analyses[] = {IG_ANALYSE(RATIO, &ratios[0]), IG_ANALYSE(CURVE, &curves[0]),
                                       IG_ANALYSE(LAWS, &laws)};

static const ig_experiment experiment = {
    .schema = {"hostile", keys, sizeof keys / sizeof *keys},
    .title = HOSTILE,
    .columns = columns,
    .n_columns = 1,
    .cost = cost,
    .run = run,
    .summary = {summarised, analyses, 3},
};
static const ig_experiment *const experiments[] = {&experiment};

const ig_plugin ig_plugin_v2 = {IG_PLUGIN_HEADER, "hostile", "1", experiments, 1};
