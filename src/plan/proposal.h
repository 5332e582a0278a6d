/** Everything imagrid-plan works out, for the files that print, write and draw it. */
#ifndef IMAGRID_PLAN_PROPOSAL_H
#define IMAGRID_PLAN_PROPOSAL_H

#include <stdio.h>

#include "plan/options.h"
#include "plan/purchase.h"

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
ig_status ig_proposal_make(const ig_registry *registry, const ig_plan_options *options,
                           ig_proposal *proposal, ig_diagnostics *diagnostics, ig_error *error);
void ig_proposal_clear(ig_proposal *proposal);

/** Fill the warnings: extrapolation, poor fits, errors that are no worst-case errors. */
void ig_proposal_warn(ig_proposal *proposal);

/** Tables for people, at most 100 columns wide. */
void ig_proposal_print(const ig_proposal *proposal, FILE *stream);
/** One JSON object (RFC 8259); numbers that are not finite are null. */
void ig_proposal_write_json(const ig_proposal *proposal, FILE *stream);
/** DIRECTORY/plan.png and .svg: the bound along the budget line, with its data and script. */
ig_status ig_proposal_draw(const ig_proposal *proposal, const char *directory, ig_error *error);

#endif
