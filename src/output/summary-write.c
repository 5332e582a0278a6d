/** summary.h5: the tables in an HDF5 file, put in place in one step. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/try.h"
#include "output/outputs.h"
#include "output/summary-tables.h"
#include "output/summary.h"
#include "store/file.h"
#include "store/footer.h"
#include "store/h5.h"

enum { GROWTH = 1 << 20 }; /* bytes by which a file in memory grows */

typedef ig_status fill_function(const ig_report *report, ig_table *table, ig_error *error);

static ig_status write_table(const ig_report *report, hid_t file, fill_function *fill,
                             ig_error *error)
{
    ig_table table;
    ig_status status = fill(report, &table, error);
    if (!status) {
        status = ig_table_write(file, &table, error);
        ig_table_clear(&table);
    }
    return status;
}

/** The input files' names, one a line, malloc'd. */
static char *source_files(const ig_report *report)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    for (size_t i = 0; stream && i < report->rows.n_paths; i++) {
        fprintf(stream, "%s%s", i ? "\n" : "", report->rows.paths[i]);
    }
    if (!stream || fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/** "KEY=VALUE" of the comparison, malloc'd; empty without one. */
static char *baseline_of(const ig_report *report)
{
    const ig_report_differences *d = &report->differences;
    char *text = NULL;
    if (!d->asked) {
        return strdup("");
    }
    return asprintf(&text, "%s=%s", report->rows.experiment->schema.keys[d->key].path,
                    d->value->text) < 0
               ? NULL
               : text;
}

static ig_status write_attributes(const ig_report *report, hid_t file, ig_error *error)
{
    char *sources = source_files(report), *baseline = baseline_of(report);
    const struct {
        const char *name, *text;
    } texts[] = {
        {"Conventions", "CF-1.8"},
        {"kind", IG_SUMMARY_KIND},
        {"title", report->rows.experiment->title},
        {"experiment", report->rows.experiment->schema.experiment},
        {"config", ig_config_resolved(report->rows.config)},
        {"config_hash", ig_config_hash(report->rows.config)},
        {"isa", ig_store_attribute(report->rows.store, "isa")},
        {"source_files", sources},
        {"interval", report->rows.how.interval == IG_INTERVAL_BCA ? "bca" : "percentile"},
        {"baseline", baseline},
        {"plugin", ig_store_attribute(report->rows.store, "plugin")},
    };
    const int64_t resamples = (int64_t)report->rows.how.resamples;
    ig_status status = sources && baseline
                           ? IG_OK
                           : ig_error_set(error, IG_ERR_MEMORY, "no memory for the file names");
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !status; i++) {
        if (texts[i].text) {
            status = ig_h5_set_text(file, texts[i].name, texts[i].text, error);
        }
    }
    if (!status) {
        status = ig_h5_set_numbers(file, "resamples", H5T_STD_I64LE, 1, &resamples, error);
    }
    free(baseline);
    free(sources);
    return status;
}

/** The whole file in memory: a full disk then never meets HDF5, whose files cannot be closed after
 *  a failed write. */
static hid_t create_in_memory(const char *name)
{
    hid_t creation = ig_h5_properties(H5P_FILE_CREATE), access = ig_h5_access(), file = -1;
    if (creation >= 0 && access >= 0 && H5Pset_fapl_core(access, GROWTH, false) >= 0) {
        file = H5Fcreate(name, H5F_ACC_EXCL, creation, access);
    }
    if (access >= 0) {
        H5Pclose(access);
    }
    if (creation >= 0) {
        H5Pclose(creation);
    }
    return file;
}

/** The bytes of the open file, malloc'd. */
static ig_status copy_image(hid_t file, void **bytes, size_t *size, ig_error *error)
{
    ssize_t length = H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(file, NULL, 0);
    if (length <= 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "cannot be made");
    }
    void *copy = malloc((size_t)length);
    if (!copy || H5Fget_file_image(file, copy, (size_t)length) != length) {
        free(copy);
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the summary");
    }
    *bytes = copy;
    *size = (size_t)length;
    return IG_OK;
}

/** Everything the summary holds, as the bytes of its file, malloc'd. */
static ig_status make_image(const ig_report *report, const char *name, void **bytes, size_t *size,
                            ig_error *error)
{
    hid_t file = create_in_memory(name);
    if (file < 0) {
        return ig_h5_error(error, IG_ERR_MEMORY, "cannot be made");
    }
    ig_status status = write_attributes(report, file, error);
    if (!status) {
        status = write_table(report, file, ig_summary_points, error);
    }
    if (!status && report->laws.n > 0) {
        status = write_table(report, file, ig_summary_fits, error);
    }
    if (!status && ig_ratio_n_lines(report) > 0) {
        status = write_table(report, file, ig_summary_ratios, error);
    }
    if (!status && report->rows.experiment->summary.agreement) {
        status = write_table(report, file, ig_agreement_table, error);
    }
    if (!status && ig_curves_n_points(report) > 0) {
        status = write_table(report, file, ig_curves_point_table, error);
    }
    if (!status && ig_curves_n_optima(report) > 0) {
        status = write_table(report, file, ig_curves_optimum_table, error);
    }
    if (!status) {
        status = copy_image(file, bytes, size, error);
    }
    H5Fclose(file);
    return status;
}

/** A new file with these bytes, durable; none on failure. */
static ig_status write_new(const char *path, const void *bytes, size_t size, ig_error *error)
{
    int fd = -1;
    ig_status status = ig_file_new(AT_FDCWD, path, &fd, error);
    if (status) {
        return status;
    }
    status = ig_file_write(fd, 0, bytes, size, error);
    if (!status) {
        status = ig_footer_append(fd, error);
    }
    if (!status && fsync(fd) != 0) {
        status = ig_file_error(error, errno, "cannot be made durable");
    }
    /* Network file systems may find out only now that a quota is used up. */
    if (close(fd) != 0 && !status) {
        status = ig_file_error(error, errno, "cannot be closed");
    }
    if (status) {
        unlink(path);
    }
    return status;
}

/** Whether the file at `path` is a summary; a damaged one may be overwritten by nobody but a person
 *  who removes it. */
static bool is_summary(const char *path)
{
    ig_summary_file *file = NULL;
    ig_error ignored = {0};
    bool summary = ig_summary_open(path, &file, &ignored) == IG_OK;
    ig_summary_close(&file);
    return summary;
}

/** Results of hours of computing must not vanish under a mistyped -o. */
static ig_status check_target(const char *path, ig_error *error)
{
    struct stat info;
    if (lstat(path, &info) != 0) {
        return errno == ENOENT ? IG_OK : ig_file_error(error, errno, "cannot be used");
    }
    if (!S_ISREG(info.st_mode) || !is_summary(path)) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "already exists and is not a summary, so it is not overwritten");
    }
    return IG_OK;
}

static ig_status write_and_place(const ig_report *report, const char *path, const char *partial,
                                 ig_error *error)
{
    void *bytes = NULL;
    size_t size = 0;
    ig_status status = check_target(path, error);
    if (!status) {
        status = make_image(report, path, &bytes, &size, error);
    }
    if (!status) {
        status = write_new(partial, bytes, size, error);
    }
    if (!status) {
        status = ig_file_replace(partial, path, error);
        if (status) {
            unlink(partial);
        }
    }
    free(bytes);
    return status;
}

ig_status ig_report_write(const ig_report *report, const char *path, ig_error *error)
{
    ig_h5_report muted = ig_h5_mute();
    char *partial = ig_asprintf(error, "%s.partial", path);
    ig_status status = partial ? write_and_place(report, path, partial, error) : IG_ERR_MEMORY;
    if (status) {
        ig_error_context(error, "%s", path);
    }
    free(partial);
    ig_h5_restore(muted);
    return status;
}
