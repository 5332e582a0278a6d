/** The doctor's findings and the probes that make them. Inside src/doctor only. */
#ifndef DOCTOR_PROBES_H
#define DOCTOR_PROBES_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "imagrid/error.h"

/* Findings (doctor.c): printed as they are made, with the settings they lead to. */

typedef enum ig_grade {
    IG_GOOD,
    IG_NOTE, /**< worth knowing, or a setting answers it */
    IG_UNFIT /**< result files must not be kept here */
} ig_grade;

enum { IG_SETTINGS = 16, IG_SETTING_TEXT = 512 };

typedef struct ig_findings {
    FILE *out;       /**< where findings are printed; NULL: nowhere */
    size_t count[3]; /**< findings by grade */
    size_t n_settings;
    char settings[IG_SETTINGS]
                 [IG_SETTING_TEXT]; /**< lines for the job script, reasons as comments */
} ig_findings;

/** Print "grade  subject: text" at once: what comes next may hang. */
void ig_findings_add(ig_findings *findings, ig_grade grade, const char *subject, const char *format,
                     ...) __attribute__((format(printf, 4, 5)));
/** Keep a line for the job script, once. */
void ig_findings_set(ig_findings *findings, const char *line);
/** Print the settings, or that none is needed, and the verdict; returns the exit code, 0 or 4. */
int ig_findings_conclude(const ig_findings *findings, const char *directory);

/** The setting where file locks cannot be relied on. */
extern const char ig_setting_no_locks[];

/* File system. */

enum { IG_FILESYSTEM_TEXT = 64, IG_FILESYSTEM_OPTIONS = 512 };

typedef struct ig_filesystem {
    char type[IG_FILESYSTEM_TEXT];       /**< "lustre", "nfs4", "ext4", ... or "0x1234" */
    char options[IG_FILESYSTEM_OPTIONS]; /**< mount options, cut; empty where unknown */
    bool shared;                         /**< made to be used by several hosts */
    bool
        needs_locks; /**< rows are written under fcntl locks there: its clients cache whole pages */
    bool volatile_memory;           /**< gone when the machine restarts */
    double free_bytes, total_bytes; /**< free: for us, not for root */
    double free_files;              /**< -1: not limited */
} ig_filesystem;

/** Name of statfs's f_type, NULL for one that is not known here; `*shared` as above. */
const char *ig_filesystem_name(uint32_t magic, bool *shared);
/** Find the mount of the absolute path `path` in a file of the form of /proc/self/mounts: the last
 *  of the longest mount points above it. `type` and `options`, unchanged where there is none, are
 *  cut to their sizes. */
bool ig_filesystem_mount(FILE *mounts, const char *path, char type[IG_FILESYSTEM_TEXT],
                         char options[IG_FILESYSTEM_OPTIONS]);
/** `directory` must exist. IG_ERR_IO, IG_ERR_MEMORY. */
ig_status ig_filesystem_look(const char *directory, ig_filesystem *filesystem, ig_error *error);
/** Whether a word such as "localflock" is among the mount options. */
bool ig_filesystem_has(const ig_filesystem *filesystem, const char *option);
/** Findings: type, mount options, known faults, space. */
void ig_filesystem_probe(const ig_filesystem *fs, ig_findings *findings);

/* A folder of the doctor's own inside the directory (local-probes.c). */

enum { IG_SCRATCH_FOLDER = 4096, IG_SCRATCH_NAME = 4096 + 32 };

/** The files that may be in it: what a signal handler removes. */
typedef enum ig_scratch_file {
    IG_SCRATCH_EXCLUSIVE,
    IG_SCRATCH_FROM,
    IG_SCRATCH_TO,
    IG_SCRATCH_LOCK,
    IG_SCRATCH_WRITING,
    IG_SCRATCH_FLOCK,
    IG_SCRATCH_FCNTL,
    IG_SCRATCH_RESULT,
    IG_SCRATCH_PARTIAL, /**< of the result file, while it is created */
    IG_SCRATCH_FILES
} ig_scratch_file;

typedef struct ig_scratch {
    char folder[IG_SCRATCH_FOLDER]; /**< "DIR/.imagrid-doctor-RANDOM", or empty */
} ig_scratch;

/** Make the folder in `directory`. From now on SIGINT, SIGTERM, SIGHUP and an alarm remove it and
 *  end the process; one scratch at a time. IG_ERR_IO, IG_ERR_SPACE, IG_ERR_USAGE (path too long).
 */
ig_status ig_scratch_create(const char *directory, ig_scratch *scratch, ig_error *error);
/** Remove the files and the folder. IG_ERR_IO where something stays. */
ig_status ig_scratch_remove(ig_scratch *scratch, ig_error *error);
/** Path of a file in the folder; in the process that made the folder it leads into that one,
 *  whatever has its name by now. Returns `path`. */
const char *ig_scratch_path(const ig_scratch *scratch, ig_scratch_file file,
                            char path[IG_SCRATCH_NAME]);
/** In `seconds` without another call the process says that it hangs while `doing` this (a literal),
 *  then `advice` (a literal too), removes its folder and ends with code 4. 0 seconds: never. */
void ig_scratch_watch(unsigned seconds, const char *doing, const char *advice);

/* What one process finds out (local-probes.c). */

/** The two kinds of file locks. */
typedef enum ig_lock_kind { IG_FLOCK, IG_FCNTL, IG_LOCK_KINDS } ig_lock_kind;
const char *ig_lock_kind_name(ig_lock_kind kind);
/** Try to take an exclusive lock on the whole file without waiting; 0 or an errno, EAGAIN where
 *  another open file description has it, be it of this process or of another. */
int ig_lock_try(ig_lock_kind kind, int fd);

/** Creation with O_EXCL, rename, locks, writing, fsync, allocation of space, and the file system's
 *  clock. Nothing returns an error, all become findings. */
void ig_probe_directory(const ig_scratch *scratch, const ig_filesystem *filesystem,
                        ig_findings *findings);

/* What the ranks find out together (rank-probes.c). */

/** Collective over `comm`, which returns its errors: whether all see the directory, its locks and
 *  one result file, and how long messages take. `possible`, `filesystem` and the scratch folder are
 *  rank 0's; where nothing is possible the ranks only learn so. The other ranks give an empty
 *  scratch. IG_ERR_MPI or IG_ERR_MEMORY where the ranks cannot go on together. */
ig_status ig_probe_ranks(MPI_Comm comm, bool possible, const ig_filesystem *filesystem,
                         const ig_scratch *scratch, ig_findings *findings, ig_error *error);

/* Can a run use this directory, with these ranks? */

/** Probe `directory`, by this process alone or, under a launcher, by all ranks, each of which calls
 *  this: it starts and ends MPI there. Rank 0 prints what is found and the settings for the job
 *  script on stdout. What is written is removed, also when a signal ends the process. Returns the
 *  exit code: 0 fit, 4 not, 1 where MPI failed; 0 on ranks above 0. */
int ig_doctor(const char *directory);

#endif
