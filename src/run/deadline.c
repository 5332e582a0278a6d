#include "run/deadline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/clock.h"
#include "run/slurm.h"

/* For the task in flight to notice, the ranks to close and the file to be read back. */
static const double margin = 30;

/** Seconds since 1970 at which the job ends, NAN if nobody knows. */
static double slurm_end(void)
{
    const char *given = getenv("SLURM_JOB_END_TIME"), *job = getenv("SLURM_JOB_ID");
    char *end;
    if (given && *given) {
        double when = strtod(given, &end);
        return *end == '\0' ? when : (double)NAN;
    }
    if (!job || !*job) {
        return (double)NAN;
    }
    char text[8192];
    ig_slurm_show(job, text, sizeof text);
    const char *found = strstr(text, "EndTime=");
    struct tm local = {.tm_isdst = -1};
    if (!found || !strptime(found + strlen("EndTime="), "%Y-%m-%dT%H:%M:%S", &local)) {
        return (double)NAN;
    }
    return (double)mktime(&local);
}

double ig_deadline_left(double time_limit)
{
    if (time_limit > 0) {
        return time_limit;
    }
    double end = slurm_end();
    return isnan(end) ? (double)INFINITY : fmax(0, end - margin - ig_clock_utc());
}
