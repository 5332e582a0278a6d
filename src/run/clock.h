/** The two clocks of a run. */
#ifndef IMAGRID_RUNNER_CLOCK_H
#define IMAGRID_RUNNER_CLOCK_H

#include <time.h>

static inline double ig_clock_read(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/** Seconds that only ever grow: for durations. */
static inline double ig_clock_monotonic(void)
{
    return ig_clock_read(CLOCK_MONOTONIC);
}

/** Seconds since 1970-01-01 UTC: for the record only, it may be set back under us. */
static inline double ig_clock_utc(void)
{
    return ig_clock_read(CLOCK_REALTIME);
}

#endif
