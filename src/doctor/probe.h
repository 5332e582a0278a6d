/** What one process can find out about a directory. No MPI here. */
#ifndef IMAGRID_DOCTOR_PROBE_H
#define IMAGRID_DOCTOR_PROBE_H

#include "doctor/filesystem.h"
#include "doctor/findings.h"
#include "doctor/scratch.h"

/** Type, mount options and space. */
void ig_probe_filesystem(const ig_filesystem *fs, ig_findings *findings);

/** All probes below, in the scratch folder; none of them returns an error, all become findings. */
void ig_probe_directory(const ig_scratch *scratch, const ig_filesystem *filesystem,
                        ig_findings *findings);

/** O_EXCL creation, and a new name that replaces nothing. */
void ig_probe_names(const ig_scratch *scratch, ig_findings *findings);
/** Whether flock and fcntl locks work and a second process meets them; `needed`: without fcntl
 * locks rows cannot be written. */
void ig_probe_locks(const ig_scratch *scratch, bool needed, ig_findings *findings);
/** fsync, bandwidth, allocation of space, and the file system's clock. */
void ig_probe_writing(const ig_scratch *scratch, ig_findings *findings);

/** The setting where file locks cannot be relied on. */
extern const char ig_probe_locking_off[];

/** The two kinds of file locks. */
typedef enum ig_lock_kind { IG_FLOCK, IG_FCNTL, IG_LOCK_KINDS } ig_lock_kind;
const char *ig_lock_kind_name(ig_lock_kind kind);
/** Try to take an exclusive lock on the whole file without waiting; 0 or an errno, EAGAIN where
 *  somebody else has it. */
int ig_lock_try(ig_lock_kind kind, int fd);

#endif
