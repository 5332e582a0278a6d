/** Who holds a lock: the text of the lock file. For lock.c and its test. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <stdbool.h>
#include <stddef.h>

enum { IG_OWNER_HOST = 256, IG_OWNER_BOOT = 64, IG_OWNER_JOB = 64, IG_OWNER_TEXT = 512 };

typedef struct ig_lock_owner {
    char host[IG_OWNER_HOST];
    char boot[IG_OWNER_BOOT]; /**< the kernel's boot id: process numbers start again with each */
    long pid;
    unsigned long long start; /**< when the process began, clock ticks since boot; 0 unknown */
    char job[IG_OWNER_JOB];   /**< Slurm job id, or empty */
    long restart;             /**< how often Slurm had requeued that job */
} ig_lock_owner;

/** This process. */
void ig_lock_owner_self(ig_lock_owner *owner);
/** One "key value" per line. */
void ig_lock_owner_print(const ig_lock_owner *owner, char text[IG_OWNER_TEXT]);
/** Read such text (zero-terminated); false where host or pid is missing. */
bool ig_lock_owner_parse(const char *text, ig_lock_owner *owner);
/** Whether the owner is a process of this host that no longer runs, or an earlier session of
 *  the Slurm job we are in: Slurm ends a job on all its nodes before it starts it again elsewhere.
 */
bool ig_lock_owner_dead(const ig_lock_owner *owner);
/** Whether the owner is a process of this host that runs. */
bool ig_lock_owner_here(const ig_lock_owner *owner);

#endif
