/** Everything that imagrid plan works out. */
#ifndef IMAGRID_PLAN_PROPOSAL_H
#define IMAGRID_PLAN_PROPOSAL_H

#include <stdio.h>

#include "imagrid/table.h"
#include "plan/options.h"
#include "plan/purchase.h"
#include "results/figure.h"

enum { IG_WARNINGS = 24, IG_WARNING_TEXT = 320 };

typedef struct ig_proposal {
    const ig_plan_options *options;
    ig_learning_curve curves[IG_KINDS];
    ig_order order;
    double kappa; /**< gamma L_f (1 + L_pi); NaN where sensitivities were given */
    ig_purchase purchase;
    char warnings[IG_WARNINGS][IG_WARNING_TEXT];
    size_t n_warnings;
} ig_proposal;

/** Read, fit, divide, and look for what a person should know. IG_ERR_CONFIG: `diagnostics` says
 *  what is wrong with the CSV file. Clear with ig_proposal_clear. */
ig_status ig_proposal_make(const ig_plan_options *options, ig_proposal *proposal,
                           ig_diagnostics *diagnostics, ig_error *error);
void ig_proposal_clear(ig_proposal *proposal);

/** Append the proposal's tables: laws, purchase, what to expect, with the warnings as notes.
 *  IG_ERR_MEMORY. */
ig_status ig_proposal_tables(const ig_proposal *proposal, ig_tables *tables, ig_error *error);
/** Append the figure `plan`: the bound along the budget line. IG_ERR_MEMORY. */
ig_status ig_proposal_figure(const ig_proposal *proposal, ig_figures *figures, ig_error *error);
/** Write one JSON object (RFC 8259, ASCII); numbers that are not finite are null. What the stream
 *  says is the caller's to ask. IG_ERR_MEMORY. */
ig_status ig_proposal_json(const ig_proposal *proposal, FILE *stream, ig_error *error);

#endif
