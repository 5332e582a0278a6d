/** What a folder is and can do: its file system, and the calls that a run relies on. */
#include "doctor/probes.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <mntent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/signals.h"
#include "base/try.h"
#include "run/stop.h"
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

static const char *const file_names[IG_SCRATCH_FILES] = {
    "exclusive",    "rename-from", "rename-to",        "lock", "writing", "shared-flock",
    "shared-fcntl", "shared.h5",   "shared.h5.partial"};

/* What a signal handler needs to know; it has no other way to learn it. The folder itself is held
 * open: in a directory that others can write to, its name may lead to another one by then. */
static char litter[IG_SCRATCH_FOLDER];
static int litter_fd = -1;
static pthread_t maker; /**< the thread that made the folder */
static const char *volatile activity = "working";
static const char *volatile hint = "";

/** Remove the folder with its files. 0 or an errno. Another rank may still be creating a file when
 * a signal ends this one: then it is tried again for a second. */
static int discard(const char *folder)
{
    enum { TRIES = 1000 };
    const struct timespec pause = {0, 1000000};
    int failed = ENOTEMPTY;
    for (int i = 0; i < TRIES && (failed == ENOTEMPTY || failed == EEXIST); i++) {
        if (i > 0) {
            nanosleep(&pause, NULL);
        }
        for (size_t f = 0; f < IG_SCRATCH_FILES; f++) {
            unlinkat(litter_fd, file_names[f], 0);
        }
        failed = rmdir(folder) == 0 || errno == ENOENT ? 0 : errno;
    }
    return failed;
}

static void say(const char *text)
{
    const ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* nobody is left to hear of a failure */
}

static void leave(int signal_number)
{
    /* A library's thread does not share the mask of the thread that makes the folder. */
    if (!pthread_equal(pthread_self(), maker)) {
        pthread_kill(maker, signal_number);
        return;
    }
    if (signal_number == SIGALRM) {
        say("imagrid doctor: no progress while ");
        say(activity);
        say("\n");
        say(hint);
    }
    if (litter[0]) {
        discard(litter);
    }
    _exit(signal_number == SIGALRM ? 4 : 128 + signal_number);
}

/** Make the folder `path` ends in, and open it: what goes by the descriptor stays in this folder.
 *  The signal handler knows of it from the moment it is there. */
static ig_status make_folder(char *path, ig_error *error)
{
    if (!mkdtemp(path)) {
        return ig_file_error(error, errno, "cannot create a directory");
    }
    litter_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (litter_fd < 0) {
        const int errnum = errno;
        rmdir(path);
        return ig_file_error(error, errnum, "the new directory cannot be opened");
    }
    memcpy(litter, path, strlen(path) + 1);
    /* sigprocmask is declared to call nothing of ours, so that the copy could be put off beyond it;
     * the handler that runs within it reads it. */
    atomic_signal_fence(memory_order_seq_cst);
    return IG_OK;
}

ig_status ig_scratch_create(const char *directory, ig_scratch *scratch, ig_error *error)
{
    ig_scratch s;
    const int length = snprintf(s.folder, sizeof s.folder, "%s/.imagrid-doctor-XXXXXX", directory);
    if (length < 0 || (size_t)length >= sizeof s.folder) {
        return ig_error_set(error, IG_ERR_USAGE, "the path of the directory is too long");
    }
    maker = pthread_self();
    TRY(ig_signals_handle(leave, true, error));
    /* No signal between the folder and our knowledge of it. */
    ig_signals_hold();
    const ig_status status = make_folder(s.folder, error);
    ig_signals_release();
    if (!status) {
        *scratch = s;
    }
    return status;
}

ig_status ig_scratch_remove(ig_scratch *scratch, ig_error *error)
{
    const int failed = scratch->folder[0] ? discard(scratch->folder) : 0;
    atomic_signal_fence(memory_order_seq_cst);
    litter[0] = '\0';
    if (litter_fd >= 0) {
        close(litter_fd);
        litter_fd = -1;
    }
    if (failed) {
        ig_file_error(error, failed, "cannot be removed");
        return ig_error_context(error, "%s", scratch->folder);
    }
    scratch->folder[0] = '\0';
    return IG_OK;
}

const char *ig_scratch_path(const ig_scratch *scratch, ig_scratch_file file,
                            char path[IG_SCRATCH_NAME])
{
    /* By the folder that is held open, while it is this one: see above. */
    if (litter_fd >= 0 && strcmp(litter, scratch->folder) == 0) {
        snprintf(path, IG_SCRATCH_NAME, "/proc/self/fd/%d/%s", litter_fd, file_names[file]);
    } else {
        snprintf(path, IG_SCRATCH_NAME, "%s/%s", scratch->folder, file_names[file]);
    }
    return path;
}

void ig_scratch_watch(unsigned seconds, const char *doing, const char *advice)
{
    alarm(0);
    activity = doing;
    hint = advice;
    alarm(seconds);
}

/** Create a file that must not exist; 0 or an errno. */
static int create_new(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno;
    }
    close(fd);
    return 0;
}

static void probe_creation(const ig_scratch *scratch, ig_findings *findings)
{
    char path[IG_SCRATCH_NAME];
    ig_scratch_path(scratch, IG_SCRATCH_EXCLUSIVE, path);
    const int first = create_new(path), second = create_new(path);
    unlink(path);
    if (first != 0) {
        ig_findings_add(findings, IG_UNFIT, "creation", "no file can be created: %s",
                        strerror(first));
    } else if (second != EEXIST) {
        ig_findings_add(findings, IG_UNFIT, "creation",
                        "O_EXCL lets a file be created twice: two runs could use one result file");
    } else {
        ig_findings_add(findings, IG_GOOD, "creation", "O_EXCL lets a file be created only once");
    }
}

/** As result files get their name: by rename, else by a second link. */
static void probe_rename(const ig_scratch *scratch, ig_findings *findings)
{
    char from[IG_SCRATCH_NAME], to[IG_SCRATCH_NAME];
    ig_scratch_path(scratch, IG_SCRATCH_FROM, from);
    ig_scratch_path(scratch, IG_SCRATCH_TO, to);
    int made = create_new(from) == 0 && create_new(to) == 0 ? 0 : EIO;
    int taken = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
    unlink(to);
    int moved = 0;
    if (taken == EEXIST) {
        moved = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
    }
    if (made == 0 && taken == EEXIST && moved == 0) {
        ig_findings_add(findings, IG_GOOD, "rename", "with RENAME_NOREPLACE replaces nothing");
    } else if (taken == 0 || made != 0) {
        ig_findings_add(findings, IG_UNFIT, "rename",
                        "replaces a file in spite of RENAME_NOREPLACE");
    } else if (link(from, to) == 0) {
        ig_findings_add(findings, IG_GOOD, "rename",
                        "RENAME_NOREPLACE is not supported; hard links are used instead");
    } else {
        ig_findings_add(findings, IG_UNFIT, "rename",
                        "neither RENAME_NOREPLACE (%s) nor link (%s) works",
                        strerror(taken == EEXIST ? moved : taken), strerror(errno));
    }
    unlink(from);
    unlink(to);
}

const char *ig_lock_kind_name(ig_lock_kind kind)
{
    return kind == IG_FLOCK ? "flock" : "fcntl locks";
}

int ig_lock_try(ig_lock_kind kind, int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    const int failed =
        kind == IG_FLOCK ? flock(fd, LOCK_EX | LOCK_NB) : fcntl(fd, F_OFD_SETLK, &whole);
    /* POSIX lets fcntl say either. */
    return failed == 0 ? 0 : errno == EACCES ? EAGAIN : errno;
}

static void add_unavailable(ig_findings *findings, const char *name, bool needed, int errnum)
{
    ig_findings_add(findings, needed ? IG_UNFIT : IG_NOTE, name, "not available (%s); %s",
                    strerror(errnum),
                    needed ? "rows cannot be written without them on this file system"
                           : "imagrid needs none: its own lock is a file created with O_EXCL");
    ig_findings_set(findings, ig_setting_no_locks);
}

/** Two descriptors stand for two processes: both kinds of locks belong to an open file. */
static void probe_lock(ig_lock_kind kind, const char *path, bool needed, ig_findings *findings)
{
    const char *name = ig_lock_kind_name(kind);
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    const int other = fd < 0 ? -1 : open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    const int errnum = errno;
    const int mine = other < 0 ? 0 : ig_lock_try(kind, fd);
    const int held = other < 0 ? 0 : ig_lock_try(kind, other);
    if (other < 0) {
        ig_findings_add(findings, IG_UNFIT, name, "no file can be created: %s", strerror(errnum));
    } else if (mine != 0) {
        add_unavailable(findings, name, needed, mine);
    } else if (held == EAGAIN) {
        ig_findings_add(findings, IG_GOOD, name, "a second one on the same file is denied");
    } else if (held == 0) {
        ig_findings_add(findings, needed ? IG_UNFIT : IG_NOTE, name,
                        "do not work: a second one on the same file is granted");
    } else {
        add_unavailable(findings, name, needed, held);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (other >= 0) {
        close(other);
    }
    unlink(path);
}

static void probe_locks(const ig_scratch *scratch, bool needed, ig_findings *findings)
{
    char path[IG_SCRATCH_NAME];
    ig_scratch_path(scratch, IG_SCRATCH_LOCK, path);
    probe_lock(IG_FLOCK, path, false, findings);
    probe_lock(IG_FCNTL, path, needed, findings);
}

enum { SYNCS = 11, PAGE = 4096, BULK = 16 << 20, ALLOCATED = 4 << 20 };
/* Worth a note: several times slower than a single disk, which syncs in 20 ms and writes 100 MB/s;
 * a clock that is off by more than the resolution of any file time. */
static const double slow_sync = 0.1, slow_rate = 20e6, clock_limit = 2;

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void failed(ig_findings *findings, const char *what, const ig_error *error)
{
    ig_findings_add(findings, IG_UNFIT, what, "%s", error->text);
}

/** Small writes, each with an fsync. */
static void probe_sync(int fd, const unsigned char *bytes, ig_findings *findings)
{
    double seconds[SYNCS];
    ig_error error = {0};
    for (size_t i = 0; i < SYNCS; i++) {
        double begin = ig_clock_monotonic();
        if (ig_file_write(fd, i * PAGE, bytes, PAGE, &error)) {
            failed(findings, "fsync", &error);
            return;
        }
        if (fsync(fd) != 0) {
            ig_file_error(&error, errno, "fsync");
            failed(findings, "fsync", &error);
            return;
        }
        seconds[i] = ig_clock_monotonic() - begin;
    }
    qsort(seconds, SYNCS, sizeof *seconds, ascending);
    double median = seconds[SYNCS / 2];
    ig_findings_add(findings, median > slow_sync ? IG_NOTE : IG_GOOD, "fsync",
                    "median %.2g ms over %d small writes, worst %.2g ms%s", 1e3 * median, SYNCS,
                    1e3 * seconds[SYNCS - 1],
                    median > slow_sync ? "; a run needs it only at its start and end" : "");
}

static void probe_bandwidth(int fd, const unsigned char *bytes, ig_findings *findings)
{
    ig_error error = {0};
    const double begin = ig_clock_monotonic();
    ig_status status = ig_file_write(fd, 0, bytes, BULK, &error);
    if (!status && fsync(fd) != 0) {
        status = ig_file_error(&error, errno, "fsync");
    }
    double rate = BULK / fmax(ig_clock_monotonic() - begin, 1e-9);
    if (status) {
        failed(findings, "writing", &error);
    } else {
        ig_findings_add(findings, rate < slow_rate ? IG_NOTE : IG_GOOD, "writing",
                        "%d MB at %.3g MB/s, fsync included", BULK >> 20, rate / 1e6);
    }
}

/** Space must be allocated when a result file is created, not when a row is written into it. */
static void probe_allocation(int fd, ig_findings *findings)
{
    struct stat info;
    if (ftruncate(fd, 0) != 0 || fallocate(fd, 0, 0, ALLOCATED) != 0) {
        ig_findings_add(
            findings, errno == ENOSPC ? IG_UNFIT : IG_GOOD, "allocation",
            "not in advance (%s); result files are written in full when they are created",
            strerror(errno));
    } else if (fstat(fd, &info) == 0 && info.st_blocks * 512 < ALLOCATED) {
        ig_findings_add(
            findings, IG_NOTE, "allocation",
            "of %d MB only %lld bytes were allocated: the disk may fill up during a run",
            ALLOCATED >> 20, (long long)info.st_blocks * 512);
    } else {
        ig_findings_add(findings, IG_GOOD, "allocation", "space can be allocated in advance");
    }
}

/** The time of a file just written against our own clock. */
static void probe_clock(int fd, const unsigned char *bytes, ig_findings *findings)
{
    struct stat info;
    ig_error error = {0};
    double before = ig_clock_utc();
    if (ig_file_write(fd, 0, bytes, PAGE, &error) || fsync(fd) != 0 || fstat(fd, &info) != 0) {
        ig_findings_add(findings, IG_NOTE, "clock", "the time of a file cannot be read");
        return;
    }
    double after = ig_clock_utc();
    double stamp = (double)info.st_mtim.tv_sec + 1e-9 * (double)info.st_mtim.tv_nsec;
    double offset = stamp < before ? stamp - before : stamp > after ? stamp - after : 0;
    ig_findings_add(findings, fabs(offset) > clock_limit ? IG_NOTE : IG_GOOD, "clock",
                    "file times are within %.2g s of this host's%s", fabs(offset),
                    fabs(offset) > clock_limit ? ": times in provenance and of files differ" : "");
}

static void probe_writing(const ig_scratch *scratch, ig_findings *findings)
{
    char path[IG_SCRATCH_NAME];
    unsigned char *bytes = malloc(BULK);
    int fd = open(ig_scratch_path(scratch, IG_SCRATCH_WRITING, path),
                  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || !bytes) {
        ig_findings_add(findings, IG_UNFIT, "writing", "%s", strerror(fd < 0 ? errno : ENOMEM));
    } else {
        memset(bytes, 0x5A, BULK);
        probe_sync(fd, bytes, findings);
        probe_bandwidth(fd, bytes, findings);
        probe_allocation(fd, findings);
        probe_clock(fd, bytes, findings);
    }
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    free(bytes);
}

void ig_probe_directory(const ig_scratch *scratch, const ig_filesystem *filesystem,
                        ig_findings *findings)
{
    probe_creation(scratch, findings);
    probe_rename(scratch, findings);
    probe_locks(scratch, filesystem->needs_locks, findings);
    probe_writing(scratch, findings);
}
