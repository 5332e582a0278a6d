/** The reader of a person's own measurements, and the planner that goes on with them: what is
 *  accepted is in order, reads back the same when it is written out, and gives a purchase or a
 *  reason. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "dice.h"
#include "output/output.h"
#include "plan/plan.h"
#include "scratch.h"
#include "target.h"

enum { DRAWS = 100 };

static FILE *nowhere;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    nowhere = fopen("/dev/null", "w");
    if (!nowhere) {
        exit(1);
    }
    return 0;
}

/** IG_OK and measurements, or messages, or another status with its reason. */
static ig_status read_csv(const void *bytes, size_t size, ig_measured measured[IG_KINDS])
{
    ig_error error = {0};
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    if (!diagnostics) {
        return IG_ERR_MEMORY;
    }
    scratch_fill(bytes, size);
    ig_status status = ig_measured_read_csv(scratch_name(), measured, diagnostics, &error);
    if ((status == IG_ERR_CONFIG) != (ig_diagnostics_count(diagnostics) > 0) ||
        (status && !error.text[0])) {
        abort();
    }
    ig_diagnostics_print(diagnostics, nowhere);
    ig_diagnostics_destroy(&diagnostics);
    return status;
}

static void clear(ig_measured measured[IG_KINDS])
{
    ig_measured_clear(&measured[IG_DYNAMICS]);
    ig_measured_clear(&measured[IG_REWARD]);
}

/** What a law needs. */
static void check_measured(const ig_measured *a)
{
    if (a->n < 2 || a->first[0] != 0) {
        abort();
    }
    for (size_t i = 0; i < a->n; i++) {
        if (!(a->x[i] >= 1) || !isfinite(a->x[i]) || (i > 0 && a->x[i] <= a->x[i - 1]) ||
            a->first[i + 1] <= a->first[i] || !(a->mean[i] > 0) || !isfinite(a->mean[i])) {
            abort();
        }
    }
}

static void check_same(const ig_measured *a, const ig_measured *b)
{
    if (a->n != b->n || memcmp(a->first, b->first, (a->n + 1) * sizeof *a->first) != 0 ||
        memcmp(a->x, b->x, a->n * sizeof *a->x) != 0 ||
        memcmp(a->y, b->y, a->first[a->n] * sizeof *a->y) != 0) {
        abort();
    }
}

/** Write the measurements as another program would, and read them. */
static void read_again(const ig_measured measured[IG_KINDS])
{
    char *text = NULL;
    size_t size = 0;
    ig_measured again[IG_KINDS] = {0};
    FILE *stream = open_memstream(&text, &size);
    if (!stream) {
        return;
    }
    fputs("error,n,kind\n", stream);
    for (int kind = 0; kind < IG_KINDS; kind++) {
        const ig_measured *a = &measured[kind];
        for (size_t i = 0; i < a->n; i++) {
            for (size_t k = a->first[i]; k < a->first[i + 1]; k++) {
                fprintf(stream, "%.17g,%.17g,%s\n", a->y[k], a->x[i], ig_kind_names[kind]);
            }
        }
    }
    if (fclose(stream) == 0) {
        if (read_csv(text, size, again) != IG_OK) {
            abort();
        }
        for (int kind = 0; kind < IG_KINDS; kind++) {
            check_same(&measured[kind], &again[kind]);
        }
    }
    clear(again);
    free(text);
}

/** Every form in which people get it. */
static void show(const ig_proposal *proposal)
{
    ig_tables tables = {0};
    ig_figures figures = {0};
    ig_error error = {0};
    if (ig_proposal_tables(proposal, &tables, &error) || ig_output_text(&tables, nowhere, &error) ||
        ig_proposal_figure(proposal, &figures, &error) ||
        ig_proposal_json(proposal, nowhere, &error)) {
        abort();
    }
    ig_tables_clear(&tables);
    ig_figures_clear(&figures);
}

/** A purchase with prices and limits that the measurements' bytes choose. */
static void plan(dice *d, bool for_target, bool root)
{
    static const double prices[] = {1, 10, 0.01, 1e-300, 1e300}, budgets[] = {1e5, 12, 1e12, 1e300},
                        targets[] = {0.1, 1e-3, 100, 1e-300};
    const double nan = (double)NAN;
    ig_plan_options options = {.curve = scratch_name(),
                               .cost_dyn = prices[dice_below(d, 3)],
                               .cost_rew = prices[dice_below(d, 5)],
                               .budget = for_target ? nan : budgets[dice_below(d, 4)],
                               .target = for_target ? targets[dice_below(d, 4)] : nan,
                               .gamma = 0.9,
                               .by_lipschitz = root,
                               .lipschitz = {0.5, 1, 0.5},
                               .sensitivity = {2, for_target ? 20 : 2, 3, 3},
                               .root = root ? IG_SAY_YES : IG_SAY_NOTHING,
                               .outputs = nan,
                               .labels_apart = !root,
                               .owned = {root ? 100 : 0, root ? 10 : 0},
                               .draws = DRAWS};
    ig_proposal proposal = {0};
    ig_error error = {0};
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    if (!diagnostics) {
        return;
    }
    ig_status status = ig_proposal_make(&options, &proposal, diagnostics, &error);
    if (!status) {
        show(&proposal);
    } else if (!error.text[0] || ig_diagnostics_count(diagnostics) > 0) {
        abort();
    }
    ig_proposal_clear(&proposal);
    ig_diagnostics_destroy(&diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ig_measured measured[IG_KINDS] = {0};
    if (read_csv(data, size, measured) == IG_OK) {
        if (memchr(data, 0, size)) {
            abort();
        }
        for (int kind = 0; kind < IG_KINDS; kind++) {
            check_measured(&measured[kind]);
        }
        dice d = {XXH3_64bits(data, size)};
        read_again(measured);
        scratch_fill(data, size);
        plan(&d, false, false);
        plan(&d, true, true);
    }
    clear(measured);
    return 0;
}
