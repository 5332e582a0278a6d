#include "run/limit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "run/run.h"
#include "run/stop.h"

/* For the task in flight to notice (milliseconds), the ranks to close (a second on many nodes) and
 * the file to be read back: 3 GB at the 100 MB/s of a slow file system. With 15 s, the check of
 * such a file is cut off by Slurm, which loses no row but the exit code; with 60 s, all ranks give
 * away half a minute more of every job. */
static const double margin = 30;
/* Of a --time-limit that is short beside the time that a task takes to end, this much is for that:
 * few need all of it. */
static const double grace_share = 0.2;

ig_instant ig_instant_now(void)
{
    return (ig_instant){ig_clock_monotonic(), ig_clock_utc()};
}

const char *ig_limit_refuse(const char *value, bool in_job, double utc, double *end)
{
    char *rest = NULL;
    if (!in_job) {
        return "there is no Slurm job (SLURM_JOB_ID is not set)";
    }
    const double when = strtod(value, &rest);
    if (value[strspn(value, "0123456789")] || rest == value || !(when > 0) || isinf(when)) {
        return "it is no number of seconds since 1970";
    }
    if (when <= utc) {
        return "it was over before this run began";
    }
    *end = when;
    return NULL;
}

/** The end that Slurm itself gives for a job; INFINITY where it gives none. */
static double ask_slurm(const char *job, char source[IG_LIMIT_TEXT])
{
    static const char field[] = "EndTime=";
    char text[8192];
    ig_slurm_show(job, text, sizeof text);
    const char *found = strstr(text, field);
    struct tm local = {.tm_isdst = -1};
    if (!found || !strptime(found + strlen(field), "%Y-%m-%dT%H:%M:%S", &local)) {
        return (double)INFINITY;
    }
    snprintf(source, IG_LIMIT_TEXT, "%.*s of scontrol show job %.24s", (int)strcspn(found, " \n"),
             found, job);
    const double end = (double)mktime(&local);
    if (end <= ig_clock_utc()) {
        fprintf(stderr, "imagrid: %s is ignored: it was over before this run began\n", source);
        return (double)INFINITY;
    }
    return end;
}

/** When the job ends (UTC), INFINITY if nobody knows. */
static double find_job_end(char source[IG_LIMIT_TEXT])
{
    static const char name[] = "SLURM_JOB_END_TIME";
    const char *given = getenv(name), *job = getenv("SLURM_JOB_ID");
    const bool in_job = job && *job;
    double end = (double)INFINITY;
    if (given && *given) {
        char shown[IG_SANITIZED_TEXT];
        const char *wrong = ig_limit_refuse(given, in_job, ig_clock_utc(), &end);
        if (!wrong) {
            snprintf(source, IG_LIMIT_TEXT, "%s=%.40s", name, given);
            return end;
        }
        fprintf(stderr, "imagrid: %s=%.40s is ignored: %s\n", name, ig_text_sanitized(given, shown),
                wrong);
    }
    return in_job ? ask_slurm(job, source) : end;
}

ig_limit ig_limit_find(double option, double begin, double grace)
{
    ig_limit limit = {
        .begin = begin, .option = option > 0 ? option : (double)INFINITY, .grace = grace};
    limit.job = find_job_end(limit.source) - margin - grace;
    return limit;
}

bool ig_limit_exists(const ig_limit *limit)
{
    return isfinite(limit->option) || isfinite(limit->job);
}

static double left_of_option(const ig_limit *limit, ig_instant now)
{
    return limit->option - fmin(limit->grace, grace_share * limit->option) -
           (now.monotonic - limit->begin);
}

double ig_limit_left(const ig_limit *limit, ig_instant now)
{
    return fmin(left_of_option(limit, now), limit->job - now.utc);
}

const char *ig_limit_name(const ig_limit *limit, ig_instant now, char text[2 * IG_LIMIT_TEXT])
{
    char duration[32];
    if (left_of_option(limit, now) <= limit->job - now.utc) {
        snprintf(text, (size_t)2 * IG_LIMIT_TEXT, "--time-limit of %s",
                 ig_duration(limit->option, duration, sizeof duration));
    } else {
        snprintf(text, (size_t)2 * IG_LIMIT_TEXT, "%.0f s before the end of the Slurm job, %s",
                 margin + limit->grace, limit->source);
    }
    return text;
}
