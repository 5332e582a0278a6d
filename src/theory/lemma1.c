#include "theory/theory.h"

#include <math.h>
#include <stdbool.h>

#include "base/try.h"

/** IG_OK where a number lies in [0, high]. */
static ig_status check(const char *name, double number, double high, ig_error *error)
{
    if (isfinite(number) && number >= 0 && number <= high) {
        return IG_OK;
    }
    return isinf(high)
               ? ig_error_set(error, IG_ERR_USAGE, "%s = %g, allowed: 0 or more, finite", name,
                              number)
               : ig_error_set(error, IG_ERR_USAGE, "%s = %g, allowed: 0 to %g", name, number, high);
}

static ig_status check_all(double gamma, const ig_lipschitz *l, ig_error *error)
{
    const double inf = (double)INFINITY;
    TRY(check("gamma", gamma, 1, error));
    TRY(check("L_f", l->dynamics, inf, error));
    TRY(check("L_r", l->reward, inf, error));
    TRY(check("L_pi", l->policy, inf, error));
    return IG_OK;
}

static ig_status check_finite(const ig_coefficients *c, ig_error *error)
{
    if (isfinite(c->reward) && isfinite(c->dynamics)) {
        return IG_OK;
    }
    return ig_error_set(error, IG_ERR_NUMERIC, "the bound is too large for a double");
}

ig_status ig_contraction(double gamma, const ig_lipschitz *lipschitz, double *kappa,
                         ig_error *error)
{
    TRY(check_all(gamma, lipschitz, error));
    *kappa = gamma * lipschitz->dynamics * (1 + lipschitz->policy);
    return IG_OK;
}

/** The domain of Lemma 1. */
static ig_status contract(double gamma, const ig_lipschitz *l, double *kappa, ig_error *error)
{
    double k = 0;
    TRY(ig_contraction(gamma, l, &k, error));
    if (gamma >= 1) {
        return ig_error_set(error, IG_ERR_USAGE, "gamma = %.17g, Lemma 1 needs gamma < 1", gamma);
    }
    if (!(k < 1)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "kappa = gamma L_f (1 + L_pi) = %.17g, Lemma 1 needs kappa < 1", k);
    }
    *kappa = k;
    return IG_OK;
}

ig_status ig_lemma1(double gamma, const ig_lipschitz *lipschitz, ig_coefficients *coefficients,
                    ig_error *error)
{
    return ig_lemma1_tail(gamma, lipschitz, 0, coefficients, error);
}

ig_status ig_lemma1_finite(double gamma, const ig_lipschitz *lipschitz, size_t steps,
                           ig_coefficients *coefficients, ig_error *error)
{
    TRY(check_all(gamma, lipschitz, error));
    const double p = 1 + lipschitz->policy, kappa = gamma * lipschitz->dynamics * p;
    ig_coefficients c = {0, 0};
    /* gamma^t and gamma^t sum_{k < t} Lambda^k; the latter by a recursion in kappa, as powers of
     * Lambda may overflow where those of kappa do not. */
    double weight = 1, growth = 0;
    for (size_t t = 0; t < steps; t++) {
        c.reward += weight;
        c.dynamics += growth;
        weight *= gamma;
        growth = weight + kappa * growth;
    }
    c.dynamics *= lipschitz->reward * p;
    TRY(check_finite(&c, error));
    *coefficients = c;
    return IG_OK;
}

/** gamma^H sum_{k < H} Lambda^k, with Lambda = kappa / gamma. */
static double weighted_growth(double gamma, double lambda, double steps)
{
    double weight = pow(gamma, steps), excess = lambda - 1;
    if (fabs(excess) * steps < 1e-9) {
        return weight * steps;
    }
    /* Lambda^H may overflow where kappa^H does not. */
    return lambda > 1 ? (pow(gamma * lambda, steps) - weight) / excess
                      : weight * expm1(steps * log(lambda)) / excess;
}

ig_status ig_lemma1_tail(double gamma, const ig_lipschitz *lipschitz, size_t steps,
                         ig_coefficients *coefficients, ig_error *error)
{
    double kappa = 0;
    TRY(contract(gamma, lipschitz, &kappa, error));
    /* From step H on a state error is G_H + Lambda^H G_j after j more steps, with
     * G_t = sum_{k < t} Lambda^k and sum_j gamma^j G_j = gamma / ((1 - gamma)(1 - kappa)). */
    const double p = 1 + lipschitz->policy, h = (double)steps;
    const double growth = weighted_growth(gamma, lipschitz->dynamics * p, h);
    ig_coefficients c = {
        .reward = pow(gamma, h) / (1 - gamma),
        .dynamics =
            lipschitz->reward * p * (growth + pow(kappa, h) * gamma / (1 - kappa)) / (1 - gamma),
    };
    TRY(check_finite(&c, error));
    *coefficients = c;
    return IG_OK;
}

ig_status ig_corollary1(double gamma, const ig_lipschitz *lipschitz, double *coefficient,
                        ig_lipschitz *slope, ig_error *error)
{
    double kappa = 0;
    ig_coefficients c = {0, 0};
    TRY(contract(gamma, lipschitz, &kappa, error));
    TRY(ig_lemma1(gamma, lipschitz, &c, error));
    const double p = 1 + lipschitz->policy, rest = (1 - gamma) * (1 - kappa);
    *coefficient = c.dynamics;
    *slope = (ig_lipschitz){
        .dynamics = c.dynamics * gamma * p / (1 - kappa),
        .reward = gamma * p / rest,
        .policy = gamma * lipschitz->reward / (rest * (1 - kappa)),
    };
    return IG_OK;
}

ig_status ig_bound_of(const ig_coefficients *coefficients, double eps_rew, double eps_dyn,
                      ig_bound *bound, ig_error *error)
{
    const double inf = (double)INFINITY;
    TRY(check("eps_rew", eps_rew, inf, error));
    TRY(check("eps_dyn", eps_dyn, inf, error));
    ig_bound b = {coefficients->reward * eps_rew, coefficients->dynamics * eps_dyn, 0};
    b.total = b.reward + b.dynamics;
    if (!isfinite(b.total)) {
        return ig_error_set(error, IG_ERR_NUMERIC, "the bound is too large for a double");
    }
    *bound = b;
    return IG_OK;
}
