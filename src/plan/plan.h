/** imagrid plan: how errors fall with data, what to buy of it, and how sure that is.
 *
 *  Options -> measurements (CSV or a merged summary) -> learning curves -> purchase -> proposal. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "experiments/plugins.h"
#include "imagrid/config.h"
#include "imagrid/table.h"
#include "results/figure.h"
#include "results/statistics.h"
#include "theory/theory.h"

/** Numbers that were not given are NaN, texts NULL. */
typedef struct ig_plan_options {
    const char *fits;  /**< summary.h5; else... */
    const char *curve; /**< ...a CSV file of measurements */
    const char *group; /**< of the fits */
    double cost_dyn, cost_rew;
    double budget, target; /**< one of them is given */
    double gamma;
    bool by_lipschitz;     /**< else by sensitivities */
    double lipschitz[3];   /**< L_f, L_r, L_pi */
    double sensitivity[2]; /**< S_f, S_r */
    bool root;             /**< the errors are mean squares: plan with their roots */
    size_t resamples;
    ig_plugin_files plugins;
    bool json;
    const char *figures; /**< folder, or NULL */
} ig_plan_options;

enum { IG_CURVE_NAME = 64 };

/** error = amplitude * N^-exponent, with redraws. */
typedef struct ig_learning_curve {
    char name[IG_CURVE_NAME]; /**< what was measured: "dynamics_mse" */
    ig_power_law law;
    double tail; /**< exponent of the upper half of the anchors; NaN with fewer than four */
    double n_low, n_high; /**< smallest and largest N measured */
    ig_redraws method;
    ig_law_draws draws; /**< none for IG_REDRAW_NONE; owned */
} ig_learning_curve;

/** Fit the anchors by ordinary least squares of ln(mean) on ln(N), and redraw. IG_ERR_NUMERIC for
 *  fewer than two anchors or where the line is not finite; IG_ERR_MEMORY. Clear with
 *  ig_learning_curve_clear. */
ig_status ig_learning_curve_fit(const ig_anchors *anchors, const char *name, size_t draws,
                                ig_rng *rng, ig_learning_curve *curve, ig_error *error);
void ig_learning_curve_clear(ig_learning_curve *curve);

/** Make a curve of mean squares one of their roots: half the logarithms, exactly. */
void ig_learning_curve_take_root(ig_learning_curve *curve);

enum { IG_DYNAMICS, IG_REWARD, IG_KINDS };

/** "dynamics", "reward". */
extern const char *const ig_kind_names[IG_KINDS];

/** The anchors of both kinds and what was measured. Start with {0}; clear in any case. */
typedef struct ig_measured {
    ig_anchors anchors[IG_KINDS];
    char names[IG_KINDS][IG_CURVE_NAME]; /**< columns: "dynamics_mse" */
} ig_measured;

void ig_measured_clear(ig_measured *measured);

/** Read a CSV file: a header line with the columns kind (dynamics or reward), n, error and
 *  optionally seed, in any order, others ignored; then one measurement a line. Empty lines and
 * lines that begin with # are skipped. All faults go to `diagnostics` with file, line and column
 * and give IG_ERR_CONFIG; IG_ERR_IO where the file cannot be read; IG_ERR_MEMORY. */
ig_status ig_measured_read_csv(const char *path, ig_measured *measured, ig_diagnostics *diagnostics,
                               ig_error *error);

/** Read the tables of summary.h5: the fits named A_d and A_r of the group labelled `group`
 * ("policy=uniform"; NULL: the only one). IG_ERR_USAGE for a group that is not there or not named
 * where there are several; IG_ERR_NUMERIC where merge could not fit; IG_ERR_FORMAT for files that
 * are no summary or damaged; IG_ERR_IO; IG_ERR_MEMORY. */
ig_status ig_measured_read_summary(const char *path, const char *group, ig_measured *measured,
                                   ig_error *error);

/** What is asked for. */
typedef struct ig_order {
    double cost[IG_KINDS];   /**< of one sample */
    double weight[IG_KINDS]; /**< C_d, C_r or S_f, S_r */
    bool for_target;
    double limit; /**< the budget, or the target for the bound */
} ig_order;

/** The intervals of counts, shares and `spent` show where the best purchase lies under the redraws
 * of both laws; those of errors, bound and losses show what the purchase recommended gives there.
 * Ends are NaN where there is no interval, infinite where a redraw never reaches the target. */
typedef struct ig_purchase {
    ig_allocation best; /**< whole counts */
    ig_allocation
        even; /**< half of the same money each; NaN where that buys less than one sample */
    ig_estimate count[IG_KINDS], share[IG_KINDS], error[IG_KINDS];
    ig_estimate bound, spent;
    ig_estimate even_loss; /**< even.bound / best.bound - 1 */
    double regret;         /**< 97.5 % of the redraws have a best bound at most this part lower */
    size_t n_draws;        /**< pairs of redraws used */
    size_t flat[IG_KINDS]; /**< of these, redraws in which the error does not fall with N */
    size_t unreached;      /**< of these, redraws in which no budget reaches the target */
} ig_purchase;

/** The power laws and the order as Theorem 1 takes them. */
ig_allocation_problem ig_purchase_problem(const ig_learning_curve curves[IG_KINDS],
                                          const ig_order *order);

/** The same with redraw `k` of both curves, whose exponents may not be positive. */
ig_allocation_problem ig_purchase_redrawn(const ig_learning_curve curves[IG_KINDS],
                                          const ig_order *order, size_t k);

/** Redraws that both curves have. */
size_t ig_purchase_n_draws(const ig_learning_curve curves[IG_KINDS]);

/** IG_ERR_NUMERIC where an error does not fall with N or nothing finite is the best; IG_ERR_USAGE
 *  for a budget that buys nothing; IG_ERR_MEMORY. */
ig_status ig_purchase_make(const ig_learning_curve curves[IG_KINDS], const ig_order *order,
                           ig_purchase *purchase, ig_error *error);

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
