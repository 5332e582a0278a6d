/* What the doctor concludes from what the system tells it, file systems we do not have included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "doctor/probes.h"

static void names_of_file_systems(void **state)
{
    (void)state;
    bool shared;
    assert_string_equal(ig_filesystem_name(0x0BD00BD0, &shared), "lustre");
    assert_true(shared);
    assert_string_equal(ig_filesystem_name(0x6969, &shared), "nfs");
    assert_true(shared);
    assert_string_equal(ig_filesystem_name(0x01021994, &shared), "tmpfs");
    assert_false(shared);
    assert_null(ig_filesystem_name(0x12345678, &shared));
}

static const char mounts[] = "overlay / overlay rw,relatime,lowerdir=/a 0 0\n"
                             "mds@tcp:/fs /scratch lustre rw,noatime,flock,lazystatfs 0 0\n"
                             "server:/old /scratch/old nfs4 rw,vers=4.2,local_lock=none 0 0\n"
                             "/dev/sda1 /with\\040blank ext4 rw 0 0\n"
                             "server:/a /home nfs rw,nolock 0 0\n"
                             "/dev/sdb /home xfs rw,relatime,attr2 0 0\n"
                             "cut short";

static bool find_mount(const char *text, const char *path, char type[IG_FILESYSTEM_TEXT],
                       char options[IG_FILESYSTEM_OPTIONS])
{
    FILE *file = fmemopen((char *)(uintptr_t)text, strlen(text), "r");
    assert_non_null(file);
    const bool found = ig_filesystem_mount(file, path, type, options);
    fclose(file);
    return found;
}

static void mounts_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *path, *type, *options;
    } cases[] = {
        {"/", "overlay", "rw,relatime,lowerdir=/a"},
        {"/scratch", "lustre", "rw,noatime,flock,lazystatfs"},
        {"/scratch/me/runs", "lustre", "rw,noatime,flock,lazystatfs"},
        {"/scratch/old/x", "nfs4", "rw,vers=4.2,local_lock=none"},
        {"/scratch/older", "lustre", "rw,noatime,flock,lazystatfs"},
        {"/with blank/x", "ext4", "rw"},
        {"/with", "overlay", "rw,relatime,lowerdir=/a"},
        {"/home/me", "xfs", "rw,relatime,attr2"}, /* mounted over the other */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char type[IG_FILESYSTEM_TEXT] = "", options[IG_FILESYSTEM_OPTIONS] = "";
        assert_true(find_mount(mounts, cases[i].path, type, options));
        assert_string_equal(type, cases[i].type);
        assert_string_equal(options, cases[i].options);
    }
    char type[IG_FILESYSTEM_TEXT], options[IG_FILESYSTEM_OPTIONS];
    assert_false(find_mount("\n\n x \n", "/", type, options));
}

/** Options and paths longer than there is room for. */
static void long_mounts_are_cut(void **state)
{
    (void)state;
    char line[20000] = "x / ", type[IG_FILESYSTEM_TEXT], options[IG_FILESYSTEM_OPTIONS];
    memset(line + strlen(line), 't', 3000);
    strcat(line, " ");
    memset(line + strlen(line), 'o', 3000);
    strcat(line, " 0 0\ny /");
    memset(line + strlen(line), 'p', 6000);
    strcat(line, " ext4 rw 0 0\n");
    assert_true(find_mount(line, "/x", type, options));
    assert_int_equal(strlen(type), sizeof type - 1);
    assert_int_equal(strlen(options), sizeof options - 1);
}

static void options_are_words(void **state)
{
    (void)state;
    ig_filesystem fs = {.options = "rw,localflock,vers=4.2,flocker"};
    assert_true(ig_filesystem_has(&fs, "rw"));
    assert_true(ig_filesystem_has(&fs, "localflock"));
    assert_true(ig_filesystem_has(&fs, "vers"));
    assert_true(ig_filesystem_has(&fs, "vers=4.2"));
    assert_false(ig_filesystem_has(&fs, "flock"));
    fs = (ig_filesystem){.options = "localflock,flock"};
    assert_true(ig_filesystem_has(&fs, "flock"));
}

/** What is said of a file system, and the settings; `text` gets both. */
static ig_findings examine(const ig_filesystem *fs, char *text, size_t size, int *code)
{
    ig_findings findings = {.out = fmemopen(text, size, "w")};
    assert_non_null(findings.out);
    ig_filesystem_probe(fs, &findings);
    *code = ig_findings_conclude(&findings, "/dir");
    fclose(findings.out);
    return findings;
}

static void lustre_without_flock(void **state)
{
    (void)state;
    char text[4096];
    int code;
    ig_filesystem fs = {.type = "lustre",
                        .options = "rw,flock",
                        .shared = true,
                        .free_bytes = 1e12,
                        .free_files = -1};
    ig_findings f = examine(&fs, text, sizeof text, &code);
    assert_int_equal(code, 0);
    assert_int_equal(f.n_settings, 0);
    strcpy(fs.options, "rw,localflock");
    f = examine(&fs, text, sizeof text, &code);
    assert_int_equal(code, 0);
    assert_int_equal(f.n_settings, 1);
    assert_non_null(strstr(text, "export HDF5_USE_FILE_LOCKING=FALSE"));
}

static void nfs_needs_its_locks(void **state)
{
    (void)state;
    char text[4096];
    int code;
    ig_filesystem fs = {
        .type = "nfs4", .options = "rw,hard", .shared = true, .free_bytes = 1e12, .free_files = -1};
    examine(&fs, text, sizeof text, &code);
    assert_int_equal(code, 0);
    assert_non_null(strstr(text, "under a lock"));
    strcpy(fs.options, "rw,nolock");
    examine(&fs, text, sizeof text, &code);
    assert_int_equal(code, 4);
    assert_non_null(strstr(text, "NOT fit"));
}

static void no_space_is_unfit(void **state)
{
    (void)state;
    char text[4096];
    int code;
    ig_filesystem fs = {.type = "ext4", .free_bytes = 1000, .free_files = -1};
    examine(&fs, text, sizeof text, &code);
    assert_int_equal(code, 4);
    fs = (ig_filesystem){.type = "ext4", .free_bytes = 1e12, .free_files = 2};
    examine(&fs, text, sizeof text, &code);
    assert_int_equal(code, 4);
    fs.free_files = 1e6;
    examine(&fs, text, sizeof text, &code);
    assert_int_equal(code, 0);
}

static void settings_are_kept_once(void **state)
{
    (void)state;
    ig_findings f = {0};
    for (int i = 0; i < 3; i++) {
        ig_findings_set(&f, "one");
    }
    assert_int_equal(f.n_settings, 1);
    for (int i = 0; i < 2 * IG_SETTINGS; i++) {
        char line[32];
        snprintf(line, sizeof line, "line %d", i);
        ig_findings_set(&f, line);
    }
    assert_int_equal(f.n_settings, IG_SETTINGS);
    ig_findings_add(&f, IG_UNFIT, "x", "%s", "nothing is printed");
    assert_int_equal(ig_findings_conclude(&f, "/dir"), 4);
}

/** The probes in a real folder, and nothing left of it. */
static void a_real_directory(void **state)
{
    (void)state;
    char folder[] = "/tmp/imagrid-test-XXXXXX", path[IG_SCRATCH_NAME];
    ig_error error = {0};
    ig_scratch scratch;
    ig_findings f = {0};
    struct stat info;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(ig_scratch_create(folder, &scratch, &error), IG_OK);
    ig_probe_directory(&scratch, &(ig_filesystem){.needs_locks = true}, &f);
    assert_int_equal(f.count[IG_UNFIT], 0);
    assert_true(f.count[IG_GOOD] >= 6);
    FILE *litter = fopen(ig_scratch_path(&scratch, IG_SCRATCH_RESULT, path), "w");
    assert_non_null(litter);
    fclose(litter);
    assert_int_equal(ig_scratch_remove(&scratch, &error), IG_OK);
    assert_int_equal(scratch.folder[0], '\0');
    assert_int_not_equal(stat(path, &info), 0);
    assert_int_equal(rmdir(folder), 0); /* empty */
    assert_int_equal(ig_scratch_create(folder, &scratch, &error), IG_ERR_IO);
    /* A folder that vanishes under the probes makes findings, not a crash. */
    ig_findings lost = {0};
    scratch = (ig_scratch){"/tmp/imagrid-test-absent"};
    ig_probe_directory(&scratch, &(ig_filesystem){0}, &lost);
    assert_true(lost.count[IG_UNFIT] >= 3);
}

/** In a directory that others can write to, somebody puts another folder in the place of ours. */
static void a_folder_that_was_exchanged(void **state)
{
    (void)state;
    char folder[] = "/tmp/imagrid-test-XXXXXX", path[IG_SCRATCH_NAME], moved[64], victim[64],
         notes[128];
    ig_error error = {0};
    ig_scratch scratch;
    ig_findings f = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(moved, sizeof moved, "%s/moved", folder);
    snprintf(victim, sizeof victim, "%s/victim", folder);
    snprintf(notes, sizeof notes, "%s/writing", victim);
    assert_int_equal(mkdir(victim, 0700), 0);
    FILE *file = fopen(notes, "w");
    assert_non_null(file);
    fputs("notes", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(ig_scratch_create(folder, &scratch, &error), IG_OK);
    file = fopen(ig_scratch_path(&scratch, IG_SCRATCH_RESULT, path), "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(rename(scratch.folder, moved), 0);
    assert_int_equal(symlink(victim, scratch.folder), 0);
    ig_probe_directory(&scratch, &(ig_filesystem){.needs_locks = true}, &f);
    assert_int_equal(f.count[IG_UNFIT], 0);
    snprintf(path, sizeof path, "%s", scratch.folder);
    assert_int_equal(ig_scratch_remove(&scratch, &error), IG_ERR_IO);
    struct stat info;
    assert_int_equal(stat(notes, &info), 0);
    assert_int_equal(info.st_size, 5);
    /* What was ours is empty, wherever it is. */
    assert_int_equal(rmdir(moved), 0);
    assert_int_equal(unlink(notes), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(victim), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_file_systems), cmocka_unit_test(mounts_are_found),
        cmocka_unit_test(long_mounts_are_cut),   cmocka_unit_test(options_are_words),
        cmocka_unit_test(lustre_without_flock),  cmocka_unit_test(nfs_needs_its_locks),
        cmocka_unit_test(no_space_is_unfit),     cmocka_unit_test(settings_are_kept_once),
        cmocka_unit_test(a_real_directory),      cmocka_unit_test(a_folder_that_was_exchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
