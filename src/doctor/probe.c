#include "doctor/probe.h"

#include <stdlib.h>
#include <string.h>

#include "doctor/components.h"

const char ig_probe_locking_off[] =
    "export HDF5_USE_FILE_LOCKING=FALSE   # for h5py, xarray and ncdump; imagrid itself never uses "
    "HDF5's locks";

/** Open MPI's default for MPI-IO against Lustre. */
static void remark_lustre(const ig_filesystem *fs, ig_findings *findings)
{
    const char *romio = ig_components_romio(), *chosen = getenv("OMPI_MCA_io");
    char line[IG_SETTING_TEXT];
    if (romio && !(chosen && strncmp(chosen, "romio", 5) == 0)) {
        ig_findings_add(
            findings, IG_NOTE, "MPI-IO",
            "Open MPI's default on Lustre, OMPIO, was seen to hang in collective writes "
            "(ompi issues 9479, 11182) where ROMIO did not; imagrid writes without "
            "MPI-IO");
        snprintf(line, sizeof line,
                 "export OMPI_MCA_io=%s   # for other programs' MPI-IO; imagrid uses none", romio);
        ig_findings_set(findings, line);
    }
    if (!ig_filesystem_has(fs, "flock")) {
        ig_findings_add(findings, IG_NOTE, "mount",
                        "Lustre without the option flock: file locks do not reach other hosts");
        ig_findings_set(findings, ig_probe_locking_off);
    }
}

/** What is known about a file system, whatever the probes find. */
static void remark(const ig_filesystem *fs, ig_findings *findings)
{
    bool nfs = strncmp(fs->type, "nfs", 3) == 0;
    if (strcmp(fs->type, "lustre") == 0) {
        remark_lustre(fs, findings);
    }
    if (nfs && (ig_filesystem_has(fs, "nolock") || ig_filesystem_has(fs, "local_lock=all") ||
                ig_filesystem_has(fs, "local_lock=posix"))) {
        ig_findings_add(findings, IG_UNFIT, "mount",
                        "NFS with locks that other hosts do not meet: rows of ranks on two hosts "
                        "would overwrite each other");
    } else if (nfs) {
        ig_findings_add(findings, IG_NOTE, "mount",
                        "NFS: every row is written under a lock; for short tasks on many ranks a "
                        "parallel file system is better");
    }
    if (fs->volatile_memory || strcmp(fs->type, "overlay") == 0) {
        ig_findings_add(findings, IG_NOTE, "lifetime", "%s",
                        fs->volatile_memory ? "this is memory: gone when the machine restarts"
                                            : "a container's own layer: gone with the container");
    }
}

void ig_probe_filesystem(const ig_filesystem *fs, ig_findings *findings)
{
    ig_findings_add(findings, IG_GOOD, "file system", "%s, %s%s%s", fs->type,
                    fs->shared ? "shared between hosts" : "of this host",
                    fs->options[0] ? ", " : "", fs->options);
    remark(fs, findings);
    double gigabytes = fs->free_bytes / 1e9;
    ig_grade grade = fs->free_bytes < 1e6 ? IG_UNFIT : gigabytes < 1 ? IG_NOTE : IG_GOOD;
    ig_findings_add(findings, grade, "space", "%.4g GB of %.4g GB free (quotas are not seen)",
                    gigabytes, fs->total_bytes / 1e9);
    if (fs->free_files >= 0 && fs->free_files < 100) {
        ig_findings_add(findings, fs->free_files < 4 ? IG_UNFIT : IG_NOTE, "space",
                        "%.0f more files can be made", fs->free_files);
    }
}

void ig_probe_directory(const ig_scratch *scratch, const ig_filesystem *filesystem,
                        ig_findings *findings)
{
    ig_probe_names(scratch, findings);
    ig_probe_locks(scratch, filesystem->needs_locks, findings);
    ig_probe_writing(scratch, findings);
}
