/** Clocks in seconds. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <math.h>
#include <time.h>

/** Seconds on `clock`; NaN if the system has no such clock. */
static inline double ig_clock_read(clockid_t clock)
{
    struct timespec now;
    return clock_gettime(clock, &now) ? (double)NAN
                                      : (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/** Seconds that only ever grow: for durations. */
static inline double ig_clock_monotonic(void)
{
    return ig_clock_read(CLOCK_MONOTONIC);
}

/** Seconds since 1970-01-01 UTC: for the record only, it may be set back at any time. */
static inline double ig_clock_utc(void)
{
    return ig_clock_read(CLOCK_REALTIME);
}

#endif
