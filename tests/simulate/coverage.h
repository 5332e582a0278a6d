/** How often the 95 % intervals of learning laws, and of plans made with them, hold the truth, on
 *  made data. */
#ifndef SIMULATE_COVERAGE_H
#define SIMULATE_COVERAGE_H

#include "theory/laws.h"

enum { DESIGN_MAX = 7, SEEDS_MAX = 20 };

typedef struct design {
    const char *name;
    size_t n, seeds;
    double x[DESIGN_MAX];
} design;
enum { DESIGNS = 4 };
extern const design designs[DESIGNS];

/** True laws: 10 N^-a with a even over 0.2 ... 0.9 in each replicate, and a floor. */
typedef struct truth {
    const char *name;
    double floor; /**< over the part that falls at the largest N */
} truth;
enum { TRUTHS = 3 };
extern const truth truths[TRUTHS];

/** One cell of the table. Scatters are standard deviations of logarithms. */
typedef struct coverage_case {
    const design *design;
    const truth *truth;
    double scatter; /**< of single trainings */
    bool shared;    /**< seeds share random numbers: */
    double level;   /**< scatter of the seeds' levels */
    double slope;   /**< and of their exponents */
} coverage_case;

/** Errors of a true law, as they would be measured. */
typedef struct coverage_sample {
    double y[DESIGN_MAX * SEEDS_MAX];
    size_t seed[DESIGN_MAX * SEEDS_MAX], first[DESIGN_MAX + 1];
    ig_learning_law law;
} coverage_sample;

void coverage_measure(const coverage_case *c, ig_rng *rng, coverage_sample *sample);
/** The sample as ig_learning_draw and its like take it; it must outlive the result. */
ig_learning_data coverage_data(const coverage_case *c, const coverage_sample *sample);

enum { EXPONENT, FLOOR, AT_3, AT_30, TRAINING, HINDCAST, COVERED };
extern const char *const covered_names[COVERED];

typedef struct coverage {
    size_t replicates;
    size_t inside[COVERED];
    double width[COVERED]; /**< mean of high - low, of errors ln(high / low) */
    size_t verdict[3];     /**< by ig_law_choice */
    size_t right, wrong;   /**< the verdict named the true law, or the other one */
} coverage;

/** Simulate `replicates`; n_draws of each posterior. The same numbers every time. */
ig_status coverage_run(const coverage_case *c, size_t replicates, size_t n_draws, coverage *result,
                       ig_error *error);

enum { PLAN_BOUND, PLAN_SHARE, PLAN_EVEN, PLAN_ONE, PLAN_FLOOR, PLAN_COVERED };
extern const char *const plan_covered_names[PLAN_COVERED];

typedef struct plan_coverage {
    size_t replicates;
    size_t inside[PLAN_COVERED];
    double width;   /**< mean of the best share's interval */
    size_t ordered; /**< "beats half and half" was said */
    size_t wrong;   /**< and half and half is better: the worst that can be said */
} plan_coverage;

/** The same of plans (plan-coverage.c): two laws of the kind, with exponents of their own, measured
 *  and planned with, labels at ten times the price of transitions. */
ig_status plan_coverage_run(const coverage_case *c, size_t replicates, size_t n_draws,
                            plan_coverage *result, ig_error *error);

#endif
