/** Systems that several tests make. */
#ifndef TEST_ENV_SYSTEMS_H
#define TEST_ENV_SYSTEMS_H

#include "env/system.h"

typedef ig_status create_function(const ig_system_options *, ig_rng_key, ig_system **, ig_error *);

/** Options with usual ranges for everything else. */
ig_system_options options_of(size_t state, size_t action, double gamma, double kappa);
/** A system whose contraction is as wanted; fails the test otherwise. The caller destroys it. */
ig_system *make(create_function *create, const ig_system_options *options, uint64_t seed);
/** Fails the test where the relative difference is larger. */
void check_close(double value, double expected, double relative);

#endif
