#include "doctor/probes.h"

#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "base/try.h"
#include "store/file.h"

/* Those of linux/magic.h that data lies on, and the parallel ones, which are not in it. */
static const struct {
    uint32_t magic;
    const char *name;
    bool shared;
} known[] = {
    {0x0BD00BD0, "lustre", true},   {0x47504653, "gpfs", true},     {0x19830326, "beegfs", true},
    {0x00006969, "nfs", true},      {0x00C36400, "ceph", true},     {0xAAD7AAEA, "panfs", true},
    {0x20030528, "orangefs", true}, {0x01161970, "gfs2", true},     {0x7461636F, "ocfs2", true},
    {0xFF534D42, "cifs", true},     {0xFE534D42, "smb2", true},     {0x5346414F, "afs", true},
    {0x01021997, "9p", true},       {0x65735546, "fuse", true},     {0x0000EF53, "ext4", false},
    {0x58465342, "xfs", false},     {0x9123683E, "btrfs", false},   {0x2FC12FC1, "zfs", false},
    {0xF2F52010, "f2fs", false},    {0x794C7630, "overlay", false}, {0x01021994, "tmpfs", false},
    {0x858458F6, "ramfs", false},
};

const char *ig_filesystem_name(uint32_t magic, bool *shared)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].magic == magic) {
            *shared = known[i].shared;
            return known[i].name;
        }
    }
    *shared = false;
    return NULL;
}

static bool is_above(const char *mount, const char *path)
{
    const size_t length = strlen(mount);
    return strncmp(mount, path, length) == 0 &&
           (length == 1 || path[length] == '/' || path[length] == '\0');
}

bool ig_filesystem_mount(FILE *mounts, const char *path, char type[IG_FILESYSTEM_TEXT],
                         char options[IG_FILESYSTEM_OPTIONS])
{
    char line[16384];
    struct mntent mount;
    size_t longest = 0;
    while (getmntent_r(mounts, &mount, line, sizeof line)) {
        const size_t length = strlen(mount.mnt_dir);
        if (length >= longest && length > 0 && is_above(mount.mnt_dir, path)) {
            longest = length;
            snprintf(type, IG_FILESYSTEM_TEXT, "%s", mount.mnt_type);
            snprintf(options, IG_FILESYSTEM_OPTIONS, "%s", mount.mnt_opts);
        }
    }
    return longest > 0;
}

/** Type and options from the kernel's table of mounts, if it can be read. */
static void look_at_mounts(const char *directory, ig_filesystem *fs)
{
    AUTO_FREE char *path = realpath(directory, NULL);
    FILE *mounts = path ? setmntent("/proc/self/mounts", "r") : NULL;
    if (mounts) {
        ig_filesystem_mount(mounts, path, fs->type, fs->options);
        endmntent(mounts);
    }
}

ig_status ig_filesystem_look(const char *directory, ig_filesystem *filesystem, ig_error *error)
{
    struct statfs fs;
    struct statvfs space;
    if (statfs(directory, &fs) != 0 || statvfs(directory, &space) != 0) {
        return ig_file_error(error, errno, "the file system cannot be examined");
    }
    ig_filesystem f = {0};
    const char *name = ig_filesystem_name((uint32_t)fs.f_type, &f.shared);
    look_at_mounts(directory, &f);
    /* The table of mounts tells nfs4 from nfs and names what lies behind fuse; where it does not
     * know, or a mount was hidden by another, f_type does. */
    if (!f.type[0] && name) {
        snprintf(f.type, sizeof f.type, "%s", name);
    } else if (!f.type[0]) {
        snprintf(f.type, sizeof f.type, "0x%lx", (unsigned long)fs.f_type);
    }
    f.needs_locks = name && (strcmp(name, "nfs") == 0 || strcmp(name, "cifs") == 0 ||
                             strcmp(name, "smb2") == 0);
    f.volatile_memory = strcmp(f.type, "tmpfs") == 0 || strcmp(f.type, "ramfs") == 0;
    f.free_bytes = (double)space.f_bavail * (double)space.f_frsize;
    f.total_bytes = (double)space.f_blocks * (double)space.f_frsize;
    f.free_files = space.f_files > 0 ? (double)space.f_favail : -1;
    *filesystem = f;
    return IG_OK;
}

bool ig_filesystem_has(const ig_filesystem *filesystem, const char *option)
{
    return hasmntopt(&(struct mntent){.mnt_opts = (char *)(uintptr_t)filesystem->options},
                     option) != NULL;
}

/** What is known about a file system, whatever the probes find. */
static void remark(const ig_filesystem *fs, ig_findings *findings)
{
    bool nfs = strncmp(fs->type, "nfs", 3) == 0;
    if (strcmp(fs->type, "lustre") == 0 && !ig_filesystem_has(fs, "flock")) {
        ig_findings_add(findings, IG_NOTE, "mount",
                        "Lustre without the option flock: file locks do not reach other hosts");
        ig_findings_set(findings, ig_setting_no_locks);
    }
    if (nfs && (ig_filesystem_has(fs, "nolock") || ig_filesystem_has(fs, "local_lock=all") ||
                ig_filesystem_has(fs, "local_lock=posix"))) {
        ig_findings_add(
            findings, IG_UNFIT, "mount",
            "NFS with locks of this host only: rows of ranks on two hosts would overwrite "
            "each other");
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

void ig_filesystem_probe(const ig_filesystem *fs, ig_findings *findings)
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
                        "%.0f more files can be created", fs->free_files);
    }
}
