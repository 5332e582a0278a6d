/** Which file system a directory lies on. */
#ifndef IMAGRID_DOCTOR_FILESYSTEM_H
#define IMAGRID_DOCTOR_FILESYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "imagrid/error.h"

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

/** Find the mount of the absolute path `path` in text of the form of /proc/self/mountinfo: the last
 *  of the longest mount points above it. `type` and `options` are cut to their sizes. */
bool ig_filesystem_mount(const char *mountinfo, const char *path, char type[IG_FILESYSTEM_TEXT],
                         char options[IG_FILESYSTEM_OPTIONS]);

/** `directory` must exist. IG_ERR_IO, IG_ERR_MEMORY. */
ig_status ig_filesystem_look(const char *directory, ig_filesystem *filesystem, ig_error *error);

/** Whether a word such as "localflock" is among the mount options. */
bool ig_filesystem_has(const ig_filesystem *filesystem, const char *option);

#endif
