#include "run/take-lock.h"

#include "run/slurm.h"

ig_status ig_lock_take(const char *path, bool steal, ig_lock **lock, ig_error *error)
{
    char job[IG_STORE_JOB], text[65536];
    ig_status status = ig_lock_acquire(path, steal, lock, error);
    if (status != IG_ERR_LOCKED || !ig_lock_job(path, job)) {
        return status;
    }
    ig_slurm_show(job, text, sizeof text);
    return ig_slurm_text_over(text) ? ig_lock_succeed(path, job, lock, error) : status;
}
