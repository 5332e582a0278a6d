/** How the score of a step is weighted in a policy gradient. */
#ifndef IMAGRID_DISCOUNT_H
#define IMAGRID_DISCOUNT_H

/** (docs/protocol.md, Theorem 2.) */
typedef enum ig_discount_state {
    IG_DISCOUNT_PAPER, /**< G_t: discounted from t, as the paper's estimator */
    IG_DISCOUNT_EXACT  /**< gamma^t G_t: unbiased for grad J_H */
} ig_discount_state;

#endif
