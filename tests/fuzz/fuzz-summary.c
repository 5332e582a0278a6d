/** The planner's reader of summaries, and the planner behind it. An input is a list of edits of a
 *  real summary: one with any byte changed is refused, one that holds something else under a right
 * footer that is right is understood or rejected. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

#include "output/output.h"
#include "plan/plan.h"
#include "scratch.h"
#include "summary-edit.h"
#include "target.h"

enum { FILES = 16, DRAWS = 100 };

typedef struct base {
    uint8_t *bytes;
    size_t size;
    ig_status status; /**< of reading it */
    ig_measured measured[IG_KINDS];
} base;

static base bases[FILES];
static size_t n_bases;
static uint8_t *bytes; /**< of the summary being edited */
static FILE *nowhere;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *variable = getenv("IMAGRID_FUZZ_SUMMARY");
    char *list = strdup(variable ? variable : ""), *rest = list;
    size_t longest = 0;
    ig_error error = {0};
    for (char *path; list && (path = strsep(&rest, ":")) && n_bases < FILES; n_bases++) {
        base *b = &bases[n_bases];
        b->bytes = scratch_load(path, &b->size);
        longest = b->size > longest ? b->size : longest;
        b->status = ig_measured_read_summary(path, NULL, b->measured, &error);
    }
    free(list);
    bytes = malloc(longest + 1);
    nowhere = fopen("/dev/null", "w");
    if (!bytes || !nowhere || n_bases == 0) {
        exit(1);
    }
    return 0;
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

static void plan(const char *group, bool root)
{
    /* A small budget: with a large one the search for whole counts takes most of the time. */
    ig_plan_options options = {.fits = scratch_name(),
                               .group = group,
                               .cost_dyn = 1,
                               .cost_rew = 10,
                               .budget = 100,
                               .target = (double)NAN,
                               .gamma = 0.9,
                               .by_lipschitz = root,
                               .lipschitz = {0.5, 1, 0.5},
                               .sensitivity = {2, 2, 3, 3},
                               .root = root ? IG_SAY_YES : IG_SAY_NO,
                               .outputs = (double)NAN,
                               .draws = DRAWS};
    ig_proposal proposal = {0};
    ig_error error = {0};
    ig_status status = ig_proposal_make(&options, &proposal, NULL, &error);
    if (!status) {
        show(&proposal);
    } else if (!error.text[0]) {
        abort();
    }
    ig_proposal_clear(&proposal);
}

/** Whether two sets of measurements are the same to the last bit. */
static bool same(const ig_measured a[IG_KINDS], const ig_measured b[IG_KINDS])
{
    for (int k = 0; k < IG_KINDS; k++) {
        const ig_measured *x = &a[k], *y = &b[k];
        if (x->n != y->n || memcmp(x->x, y->x, x->n * sizeof *x->x) != 0 ||
            memcmp(x->mean, y->mean, x->n * sizeof *x->mean) != 0 ||
            memcmp(x->sem, y->sem, x->n * sizeof *x->sem) != 0) {
            return false;
        }
    }
    return true;
}

/** Bytes changed as they are: refused, or the numbers are what they were. */
static void damage(const base *b, const uint8_t *data, size_t size)
{
    ig_measured measured[IG_KINDS] = {0};
    ig_error error = {0};
    size_t length = b->size;
    memcpy(bytes, b->bytes, b->size);
    for (size_t i = 0; i < edits_count(data, size); i++) {
        edit e = edits_at(data, i);
        if (e.kind % 4 == 0) {
            length = e.place % (b->size + 1);
        } else {
            bytes[(e.kind % 4 == 1 ? b->size - 1 - e.place % 200 : e.place) % b->size] ^= e.value;
        }
    }
    scratch_fill(bytes, length);
    ig_status status = ig_measured_read_summary(scratch_name(), NULL, measured, &error);
    bool changed = length != b->size || memcmp(bytes, b->bytes, b->size) != 0;
    const bool harmless = status == b->status && (status || same(measured, b->measured));
    if (changed ? status != IG_ERR_FORMAT && !harmless : !harmless) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    ig_measured_clear(&measured[IG_DYNAMICS]);
    ig_measured_clear(&measured[IG_REWARD]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const groups[] = {NULL, NULL, "policy=uniform", "train.epochs=1", "", "?"};
    const base *b = &bases[edits_head(data, size, 0) % n_bases];
    uint8_t way = edits_head(data, size, 1);
    if (way % 8 == 0) {
        damage(b, data, size);
    } else {
        scratch_fill(b->bytes, b->size);
        if (!summary_edit(scratch_name(), data, size)) {
            abort();
        }
        plan(groups[way / 16 % 6], way / 8 % 2);
    }
    if (H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) != 0) {
        abort();
    }
    return 0;
}
