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
#include "theory/laws.h"
#include "theory/theory.h"

enum { IG_DYNAMICS, IG_REWARD, IG_KINDS };

/** "dynamics", "reward". */
extern const char *const ig_kind_names[IG_KINDS];
/** "transitions", "reward labels". */
extern const char *const ig_kind_samples[IG_KINDS];

/** What is a choice by itself unless an option says it. */
typedef enum ig_say { IG_SAY_NOTHING, IG_SAY_YES, IG_SAY_NO } ig_say;

/** Numbers that were not given are NaN, texts NULL. */
typedef struct ig_plan_options {
    const char *fits;  /**< summary.h5; else... */
    const char *curve; /**< ...a CSV file of measurements */
    const char *group; /**< of the fits */
    ig_law_choice law;
    ig_say root;    /**< the errors are mean squares: plan with their roots */
    double outputs; /**< of the dynamics, over which a mean was stored */
    ig_say shared;  /**< equal seeds at different N share random numbers */
    double cost_dyn, cost_rew;
    double budget, target; /**< one of them is given */
    double owned[IG_KINDS];
    bool labels_apart;    /**< labels need no transition of their own */
    bool labels_on_owned; /**< they do, which is so by itself, too */
    double gamma;
    bool by_lipschitz;     /**< else by sensitivities */
    double lipschitz[3];   /**< L_f, L_r, L_pi */
    double sensitivity[4]; /**< S_f from, to, S_r from, to; NaN: those of the summary */
    size_t draws;          /**< of the laws */
    ig_plugin_files plugins;
    bool json;
    const char *figures; /**< folder, or NULL */
} ig_plan_options;

enum { IG_CURVE_NAME = 64 };

/** What was measured of one kind. Arrays are owned. Start with {0}; clear in any case. */
typedef struct ig_measured {
    char name[IG_CURVE_NAME]; /**< column: "dynamics_mse" */
    size_t n;                 /**< different N */
    double *x;                /**< N, ascending */
    double *mean, *sem;       /**< NaN where only one was measured */
    size_t *count;            /**< measurements behind each mean */
    double *y;                /**< single measurements; NULL: only means are known */
    size_t *first;            /**< n + 1 indices into y */
    size_t *seed;             /**< of each y; NULL: not known */
    bool shared;              /**< by what the file says; needs `seed` */
    bool mean_square;         /**< by what the file says */
    /** By what the file says: change of the return per unit of the column, from ... to, at the
     *  largest N, over so many seeds (0: not known). */
    double sensitivity[2], sensitivity_at;
    size_t sensitivity_seeds;
    double outputs; /**< a mean over so many; NaN: not known */
    double in_file; /**< samples in the file of transitions that was learned from; NaN: not known */
} ig_measured;

/** Arrays for n different N and, unless it is 0, n_values measurements, with or without seeds;
 *  zeroed. IG_ERR_MEMORY. */
ig_status ig_measured_init(size_t n, size_t n_values, bool seeds, ig_measured *measured,
                           ig_error *error);
void ig_measured_clear(ig_measured *measured);

/** Make means, standard errors and counts of the single measurements. */
void ig_measured_describe(ig_measured *measured);
/** Whether every N has the same seeds, at least two. */
bool ig_measured_has_same_seeds(const ig_measured *measured);
/** Errors of mean squares: sqrt(outputs * y), and so for means. */
void ig_measured_take_root(ig_measured *measured, double outputs);
/** The same as the laws take it; it lives as long. */
ig_learning_data ig_measured_data(const ig_measured *measured);

/** Read a CSV file: a header line with the columns kind (dynamics or reward), n, error and
 *  optionally seed, in any order, others ignored; then one measurement a line. Empty lines and
 * lines that begin with # are skipped. All faults go to `diagnostics` with file, line and column
 * and give IG_ERR_CONFIG; IG_ERR_IO where the file cannot be read; IG_ERR_MEMORY. */
ig_status ig_measured_read_csv(const char *path, ig_measured measured[IG_KINDS],
                               ig_diagnostics *diagnostics, ig_error *error);

/** Read the tables of summary.h5: the fits named A_d and A_r of the group labelled `group`
 * ("policy=uniform"; NULL: the only one). IG_ERR_USAGE for a group that is not there or not named
 * where there are several; IG_ERR_NUMERIC where merge could not fit; IG_ERR_FORMAT for files that
 * are no summary or damaged; IG_ERR_IO; IG_ERR_MEMORY. */
ig_status ig_measured_read_summary(const char *path, const char *group,
                                   ig_measured measured[IG_KINDS], ig_error *error);

/** Median and 95 % interval of n values, which are sorted; NaN for n = 0. Values of 1e290 and more
 *  stand for infinity. */
ig_estimate ig_plan_estimate(double *values, size_t n);

/** Intervals of a law's numbers; values are medians of the draws. */
typedef struct ig_law_numbers {
    ig_estimate exponent, amplitude, floor;
} ig_law_numbers;

/** error = floor + amplitude * N^-exponent, with draws of the laws that the data allow. */
typedef struct ig_learning_curve {
    char name[IG_CURVE_NAME]; /**< what was measured: "dynamics_mse" */
    bool rooted;              /**< errors are roots of it */
    double outputs;           /**< of `outputs` times it; 1: of it */
    bool shared;
    size_t n_anchors, count_low, count_high; /**< different N, measurements at one of them */
    double n_low, n_high;                    /**< smallest and largest N measured */
    ig_law_fits fits;
    ig_law_choice asked, used;       /**< used: what the data say, or what was asked for */
    char reason[IG_LAW_REASON_TEXT]; /**< empty where a law was asked for */
    ig_law_numbers power, floor;     /**< either law by itself */
    ig_law_numbers all;              /**< the law asked for, which the plan uses */
    ig_hindcast hindcasts[IG_HINDCASTS];
    size_t n_hindcasts;
    ig_learning_draws draws; /**< of the law asked for; owned */
} ig_learning_curve;

/** Fit both laws and draw. IG_ERR_NUMERIC where nothing finite comes out; IG_ERR_USAGE for fewer
 *  than two N; IG_ERR_MEMORY. Clear with ig_learning_curve_clear. */
ig_status ig_learning_curve_fit(const ig_measured *measured, ig_law_choice law, size_t draws,
                                ig_rng *rng, ig_learning_curve *curve, ig_error *error);
void ig_learning_curve_clear(ig_learning_curve *curve);

/** What is asked for. */
typedef struct ig_order {
    double cost[IG_KINDS];   /**< of one sample; one may be 0 */
    double weight[IG_KINDS]; /**< C_d, C_r or S_f, S_r; of ranges the geometric mean */
    double range[IG_KINDS];  /**< the upper end of the weight's range over its middle; 1: none */
    double owned[IG_KINDS];  /**< samples that are there already */
    bool labels_within;      /**< a label belongs to a transition */
    bool for_target;
    double limit; /**< the budget, or the target for the bound */
} ig_order;

/** Divisions to compare a purchase with: half of the money each, all of it for one kind. */
typedef enum ig_rival { IG_EVEN, IG_ALL_DYNAMICS, IG_ALL_REWARD, IG_RIVALS } ig_rival;

typedef struct ig_comparison {
    ig_allocation split; /**< the nearest division that is possible, real counts; bound NaN: none */
    bool moved;          /**< it is not the one that was meant */
    ig_estimate bound;   /**< value: median of the draws */
    ig_estimate loss;    /**< bound over that of the purchase, less 1 */
} ig_comparison;

/** Two sets of intervals. Those of counts, shares and `spent` show where the best purchase lies
 *  under the draws of both laws; those of errors, bound and losses show what the purchase
 *  recommended gives there. Values of the latter are medians of the draws. Ends are infinite where
 *  a draw never reaches the target. */
typedef struct ig_purchase {
    ig_allocation best; /**< whole counts; errors and bound are medians of the draws */
    ig_estimate count[IG_KINDS], share[IG_KINDS], error[IG_KINDS];
    ig_estimate bound, spent;
    ig_estimate one_error[IG_KINDS], one_bound; /**< of one new training of each */
    ig_estimate floor;                          /**< what no money goes below */
    ig_comparison rivals[IG_RIVALS];
    double owned_bound; /**< without buying anything; infinite where a kind is not owned */
    double regret;      /**< 97.5 % of the draws have a best bound at most this part lower */
    size_t n_draws;     /**< pairs of draws used */
    size_t unreached;   /**< of these, draws in which no money reaches the target */
} ig_purchase;

/** The laws of draw `k` and the order as Theorem 1 takes them; weights are the middle of their
 *  ranges. */
ig_allocation_problem ig_purchase_drawn(const ig_learning_curve curves[IG_KINDS],
                                        const ig_order *order, size_t k);

/** Multiply the middle weights of a problem: log-uniform within their ranges. */
void ig_order_draw_weights(const ig_order *order, ig_rng *rng, ig_allocation_problem *problem);

/** Draws that both curves have. */
size_t ig_purchase_n_draws(const ig_learning_curve curves[IG_KINDS]);

/** The purchase that loses least on average over the draws, each draw's loss relative to its own
 *  best bound; for a target the cheapest such whose median bound keeps it. Ranges of weights are
 *  drawn from log-uniformly, stream of `rng`. IG_ERR_NUMERIC where the target is below the floors
 *  of half of the draws, and where nothing finite is the best; IG_ERR_USAGE for a budget that buys
 *  nothing; IG_ERR_MEMORY. */
ig_status ig_purchase_make(const ig_learning_curve curves[IG_KINDS], const ig_order *order,
                           ig_rng *rng, ig_purchase *purchase, ig_error *error);

/** New trainings that would narrow the interval of the best share. */
typedef struct ig_next {
    int kind;
    double n;
    size_t trainings;
    double price;    /**< of their samples */
    double narrower; /**< the expected interval is so much shorter, 0 ... 1 */
} ig_next;

enum { IG_NEXT = 3 };

/** The best of what a tenth of the money spent can measure: first that which narrows the interval
 *  most for its price, then what narrows it more. Expected by the draws: m new trainings at N take
 *  the part r^2 v / (v + s^2 / m) of the variance of the share away, r its (rank) correlation with
 *  the law's ln error at N, v the variance of that, s the scatter of one training. `*n_next` 0:
 * nothing helps much. `at_price` says what else there would be for more money (n 0: nothing).
 * IG_ERR_MEMORY. */
ig_status ig_next_find(const ig_learning_curve curves[IG_KINDS], const ig_order *order,
                       const ig_purchase *purchase, ig_next next[IG_NEXT], size_t *n_next,
                       ig_next *at_price, ig_error *error);

enum { IG_WARNINGS = 24, IG_WARNING_TEXT = 400 };

typedef struct ig_proposal {
    const ig_plan_options *options;
    ig_learning_curve curves[IG_KINDS];
    ig_order order;
    double kappa;             /**< gamma L_f (1 + L_pi); NaN where there are sensitivities */
    double sensitivity[4];    /**< S_f from, to, S_r from, to; NaN with Lipschitz constants */
    size_t sensitivity_seeds; /**< they come from the summary, from so many seeds; 0: options */
    double sensitivity_at;    /**< at this N */
    ig_purchase purchase;
    ig_next next[IG_NEXT], dearer;
    size_t n_next;
    char verdict[IG_WARNING_TEXT]; /**< a sentence: is it better than half and half? */
    char warnings[IG_WARNINGS][IG_WARNING_TEXT];
    size_t n_warnings;
} ig_proposal;

/** Nothing given. */
ig_plan_options ig_plan_options_none(void);

/** Append the tables of a plan that is made with a summary, as "plan-NAME", and its figure; where
 * no plan can be made, a table that says why. IG_ERR_MEMORY. */
ig_status ig_plan_append(const ig_plan_options *options, ig_tables *tables, ig_figures *figures,
                         ig_error *error);

/** Read, fit, divide, and look for what a person should know. IG_ERR_CONFIG: `diagnostics` says
 *  what is wrong with the CSV file. Clear with ig_proposal_clear. */
ig_status ig_proposal_make(const ig_plan_options *options, ig_proposal *proposal,
                           ig_diagnostics *diagnostics, ig_error *error);
void ig_proposal_clear(ig_proposal *proposal);

/** What a person should know before the money is spent (warnings.c). */
void ig_proposal_warn(ig_proposal *proposal, const ig_measured measured[IG_KINDS]);

/** Append the proposal's tables: laws, hindcasts, purchase, what to expect, with the warnings as
 *  notes. IG_ERR_MEMORY. */
ig_status ig_proposal_tables(const ig_proposal *proposal, ig_tables *tables, ig_error *error);
/** Append the figure `plan`: the bound along the budget line; none where nothing is bought.
 *  IG_ERR_MEMORY. */
ig_status ig_proposal_figure(const ig_proposal *proposal, ig_figures *figures, ig_error *error);
/** Write one JSON object (RFC 8259, ASCII); numbers that are not finite are null. What the stream
 *  says is the caller's to ask. IG_ERR_MEMORY. */
ig_status ig_proposal_json(const ig_proposal *proposal, FILE *stream, ig_error *error);

#endif
