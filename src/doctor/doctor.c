#include "doctor/probes.h"

#include <stdarg.h>
#include <string.h>

#include "base/process.h"
#include "base/text.h"
#include "run/ranks.h"
#include "run/run.h"

const char ig_setting_no_locks[] =
    "export HDF5_USE_FILE_LOCKING=FALSE   # for h5py, xarray and ncdump; imagrid itself never uses "
    "HDF5's locks";

void ig_findings_add(ig_findings *findings, ig_grade grade, const char *subject, const char *format,
                     ...)
{
    static const char *const names[] = {"ok", "note", "UNFIT"};
    findings->count[grade]++;
    if (!findings->out) {
        return;
    }
    char text[1024], shown[IG_SANITIZED_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ig_text_sanitize(text);
    fprintf(findings->out, "%-6s%s: %s\n", names[grade], ig_text_sanitized(subject, shown), text);
    fflush(findings->out);
}

void ig_findings_set(ig_findings *findings, const char *line)
{
    for (size_t i = 0; i < findings->n_settings; i++) {
        if (strcmp(findings->settings[i], line) == 0) {
            return;
        }
    }
    if (findings->n_settings < IG_SETTINGS) {
        snprintf(findings->settings[findings->n_settings++], IG_SETTING_TEXT, "%s", line);
    }
}

int ig_findings_conclude(const ig_findings *findings, const char *directory)
{
    const size_t unfit = findings->count[IG_UNFIT];
    char shown[IG_SANITIZED_TEXT];
    if (findings->out) {
        if (findings->n_settings > 0 || !unfit) {
            fprintf(findings->out, "\n%s\n",
                    findings->n_settings > 0 ? "for the job script:"
                                             : "the job script needs no settings");
        }
        for (size_t i = 0; i < findings->n_settings; i++) {
            fprintf(findings->out, "%s\n", findings->settings[i]);
        }
        fprintf(findings->out, "\n%s is %s for result files: %zu passed, %zu note%s, %zu failed\n",
                ig_text_sanitized(directory, shown), unfit ? "NOT fit" : "fit",
                findings->count[IG_GOOD], findings->count[IG_NOTE],
                findings->count[IG_NOTE] == 1 ? "" : "s", unfit);
        fflush(findings->out);
    }
    return unfit ? 4 : 0;
}

/** What rank 0 does alone. */
static ig_status examine(const char *directory, ig_filesystem *filesystem, ig_scratch *scratch,
                         ig_error *error, ig_findings *findings)
{
    TRY(ig_filesystem_look(directory, filesystem, error));
    ig_filesystem_probe(filesystem, findings);
    TRY(ig_scratch_create(directory, scratch, error));
    ig_scratch_watch(120, "one process writes small files",
                     "the file system does not answer: ask its administrators\n");
    ig_probe_directory(scratch, filesystem, findings);
    ig_scratch_watch(0, "", "");
    return IG_OK;
}

/** Collective: what the ranks find out together. Returns only where MPI works. */
static void examine_together(bool possible, const ig_filesystem *filesystem, ig_scratch *scratch,
                             ig_findings *findings, MPI_Comm *comm)
{
    ig_error error = {0};
    ig_status status = ig_mpi_start(comm, &error);
    if (!status) {
        status = ig_probe_ranks(*comm, possible, filesystem, scratch, findings, &error);
    }
    if (status) {
        ig_error ignored = {0};
        ig_scratch_remove(scratch, &ignored);
        ig_mpi_abort(MPI_COMM_WORLD, &error);
    }
}

int ig_doctor(const char *directory)
{
    const int rank = ig_launched_rank();
    const bool alone = rank < 0, first = rank <= 0;
    ig_findings findings = {.out = first ? stdout : NULL};
    ig_filesystem filesystem = {0};
    ig_scratch scratch = {""};
    ig_error error = {0};
    MPI_Comm comm = MPI_COMM_NULL;
    bool possible = false;
    if (first) {
        char shown[IG_SANITIZED_TEXT];
        printf("%s, %s\n", ig_version_text(), ig_text_sanitized(directory, shown));
        possible = examine(directory, &filesystem, &scratch, &error, &findings) == IG_OK;
        if (!possible) {
            ig_findings_add(&findings, IG_UNFIT, directory, "%s", error.text);
        }
    }
    if (!alone) {
        examine_together(possible, &filesystem, &scratch, &findings, &comm);
    }
    if (ig_scratch_remove(&scratch, &error)) {
        ig_findings_add(&findings, IG_NOTE, "cleanup", "%s", error.text);
    }
    if (alone && possible) {
        ig_findings_add(&findings, IG_NOTE, "ranks",
                        "not tested: start this under mpirun with the job's hosts");
    }
    const int code = first ? ig_findings_conclude(&findings, directory) : 0;
    return alone ? code : ig_mpi_end(&comm, code);
}
