#include "doctor/filesystem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

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

/** Copy the next word of `*text` (to a blank or the end of the line), cut to `size`; steps over it.
 *  Octal escapes such as \040 for a blank become their characters. */
static void next_word(const char **text, char *word, size_t size)
{
    size_t n = 0;
    while (**text == ' ') {
        ++*text;
    }
    while (**text && !strchr(" \n", **text)) {
        char c = *(*text)++;
        if (c == '\\' && strspn(*text, "01234567") >= 3) {
            c = (char)(((*text)[0] - '0') * 64 + ((*text)[1] - '0') * 8 + ((*text)[2] - '0'));
            *text += 3;
        }
        if (n + 1 < size) {
            word[n++] = c;
        }
    }
    word[n] = '\0';
}

static bool is_above(const char *mount, size_t length, const char *path)
{
    return strncmp(mount, path, length) == 0 &&
           (length == 1 || path[length] == '/' || path[length] == '\0');
}

bool ig_filesystem_mount(const char *mountinfo, const char *path, char type[IG_FILESYSTEM_TEXT],
                         char options[IG_FILESYSTEM_OPTIONS])
{
    size_t longest = 0;
    for (const char *line = mountinfo; *line;) {
        /* id parent major:minor root MOUNT options [tags...] - TYPE source SUPER-OPTIONS */
        char skipped[8], mount[4096], more[IG_FILESYSTEM_OPTIONS], kind[IG_FILESYSTEM_TEXT];
        for (int i = 0; i < 4; i++) {
            next_word(&line, skipped, sizeof skipped);
        }
        next_word(&line, mount, sizeof mount);
        next_word(&line, more, sizeof more);
        do {
            next_word(&line, skipped, sizeof skipped);
        } while (skipped[0] && strcmp(skipped, "-") != 0);
        next_word(&line, kind, sizeof kind);
        next_word(&line, skipped, sizeof skipped);
        size_t length = strlen(mount), used = strlen(more);
        if (used + 1 < sizeof more) {
            more[used++] = ',';
            next_word(&line, more + used, sizeof more - used);
        }
        if (length >= longest && length > 0 && is_above(mount, length, path)) {
            longest = length;
            memcpy(type, kind, sizeof kind);
            memcpy(options, more, sizeof more);
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return longest > 0;
}

/** Type and options from the kernel's table of mounts, if it can be read. */
static void look_at_mounts(const char *directory, ig_filesystem *fs)
{
    char *path = realpath(directory, NULL), *text = NULL;
    size_t size = 0;
    FILE *file = path ? fopen("/proc/self/mountinfo", "r") : NULL;
    /* No byte of the table is zero: this reads the whole. */
    if (file && getdelim(&text, &size, '\0', file) > 0) {
        char type[IG_FILESYSTEM_TEXT];
        if (ig_filesystem_mount(text, path, type, fs->options)) {
            memcpy(fs->type, type, sizeof type);
        }
    }
    if (file) {
        fclose(file);
    }
    free(text);
    free(path);
}

ig_status ig_filesystem_look(const char *directory, ig_filesystem *filesystem, ig_error *error)
{
    struct statfs fs;
    struct statvfs space;
    if (statfs(directory, &fs) != 0 || statvfs(directory, &space) != 0) {
        return ig_file_error(error, errno, "the file system cannot be looked at");
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
    size_t length = strlen(option);
    const char *at = filesystem->options;
    while ((at = strstr(at, option))) {
        bool begins = at == filesystem->options || at[-1] == ',';
        if (begins && (at[length] == ',' || at[length] == '\0' || at[length] == '=')) {
            return true;
        }
        at += length;
    }
    return false;
}
