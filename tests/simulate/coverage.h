/** How often the 95 % intervals of learning laws hold the truth, on made data. */
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

#endif
