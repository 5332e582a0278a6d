#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"
#include "doctor/parallel.h"
#include "doctor/probe.h"
#include "run/ranks.h"
#include "run/run.h"

/** What rank 0 does alone, before MPI starts: its second processes are forked. */
static ig_status examine(const char *directory, ig_filesystem *filesystem, ig_scratch *scratch,
                         ig_findings *findings)
{
    ig_error error = {0};
    struct stat info;
    ig_status status = ig_filesystem_look(directory, filesystem, &error);
    if (!status && stat(directory, &info) == 0 && !S_ISDIR(info.st_mode)) {
        status = ig_error_set(&error, IG_ERR_IO, "is not a directory");
    }
    if (!status) {
        ig_probe_filesystem(filesystem, findings);
        status = ig_scratch_create(directory, scratch, &error);
    }
    if (status) {
        ig_findings_add(findings, IG_UNFIT, directory, "%s", error.text);
        return status;
    }
    ig_scratch_watch(120, "one process writes small files",
                     "the file system does not answer: ask its administrators\n", 4);
    ig_probe_directory(scratch, filesystem, findings);
    ig_scratch_watch(0, "", "", 0);
    return IG_OK;
}

/** Collective: everything the ranks do together. */
static ig_status examine_together(MPI_Comm comm, const ig_filesystem *filesystem,
                                  ig_scratch *scratch, ig_findings *findings, ig_error *error)
{
    ig_ranks ranks;
    bool seen = false;
    ig_status status = ig_ranks_init(comm, &ranks, error);
    if (status) {
        return status;
    }
    status = ig_parallel_share(&ranks, scratch, &seen, findings, error);
    if (!status && seen) {
        status = ig_parallel_locks(&ranks, scratch, filesystem, findings, error);
    }
    if (!status && seen) {
        status = ig_parallel_file(&ranks, scratch, findings, error);
    }
    if (!status && ranks.ranks > 1) {
        status = ig_parallel_messages(&ranks, findings, error);
    }
    /* Last, as nothing depends on it. */
    if (!status && seen) {
        status = ig_parallel_mpi_io(&ranks, scratch, findings, error);
    }
    ig_ranks_clear(&ranks);
    return status;
}

/** Collective: start MPI, and go on only where rank 0 found a directory to work in. */
static void start_mpi_and_examine(bool possible, const ig_filesystem *filesystem,
                                  ig_scratch *scratch, ig_findings *findings, MPI_Comm *comm)
{
    ig_error error = {0};
    int go_on = possible;
    ig_status status = ig_mpi_start(comm, &error);
    if (!status) {
        status = ig_mpi_check(MPI_Bcast(&go_on, 1, MPI_INT, 0, *comm), "MPI_Bcast", &error);
    }
    if (!status && go_on) {
        status = examine_together(*comm, filesystem, scratch, findings, &error);
    }
    if (status) {
        ig_error ignored = {0};
        ig_scratch_remove(findings->out ? scratch : &(ig_scratch){""}, &ignored);
        ig_mpi_abort(MPI_COMM_WORLD, &error);
    }
}

/** Rank 0: tidy up and sum up; the exit code. */
static int conclude(const char *directory, bool alone, bool possible, ig_scratch *scratch,
                    ig_findings *findings)
{
    ig_error error = {0};
    if (ig_scratch_remove(scratch, &error)) {
        ig_findings_add(findings, IG_NOTE, "tidying", "%s", error.text);
    }
    if (alone && possible) {
        ig_findings_add(findings, IG_NOTE, "ranks",
                        "not looked at: start this under mpirun with the job's hosts");
    }
    return ig_findings_conclude(findings, directory);
}

static int examine_all(const char *directory, int rank)
{
    ig_findings findings = {.out = rank <= 0 ? stdout : NULL};
    ig_filesystem filesystem = {0};
    ig_scratch scratch = {""};
    MPI_Comm comm = MPI_COMM_NULL;
    bool alone = rank < 0, first = rank <= 0, possible = false;
    if (first) {
        char shown[IG_SANITIZED_TEXT];
        printf("%s, %s\n", ig_version_text(), ig_text_sanitized(directory, shown));
        possible = examine(directory, &filesystem, &scratch, &findings) == IG_OK;
    }
    if (!alone) {
        start_mpi_and_examine(possible, &filesystem, &scratch, &findings, &comm);
    }
    int code = first ? conclude(directory, alone, possible, &scratch, &findings) : 0;
    return alone ? code : ig_mpi_end(&comm, code);
}

static const ig_option known[] = {IG_OPTIONS_END};

static int doctor(int argc, char **argv)
{
    const int rank = ig_launched_rank();
    size_t n;
    const int code = ig_command_parse(&ig_command_doctor, argc, argv, rank > 0, NULL, &n);
    return code >= 0 ? code : examine_all(n > 0 ? argv[1] : ".", rank);
}

const ig_command ig_command_doctor = {
    .name = "doctor",
    .summary = "check whether a directory and the ranks are fit for runs",
    .usage = "imagrid doctor [DIR]\n"
             "mpirun -n RANKS imagrid doctor [DIR]",
    .about = "Checks whether DIR [default: the current directory] can hold result files: file "
             "system, free space, exclusive creation, locks, renaming, fsync, clock. Under mpirun "
             "also whether all ranks see it and can write one result file, how long messages take "
             "between hosts, and which MPI-IO other programs would use: start it with the ranks "
             "and hosts of the job. Then prints the settings to put into the job script. Removes "
             "what it writes.",
    .operand = "directory",
    .operands_max = 1,
    .options = known,
    .examples = "imagrid doctor /scratch/results\n"
                "mpirun -n 8 imagrid doctor /scratch/results",
    .exit_codes = "0 fit\n"
                  "1 MPI cannot be used\n"
                  "2 invalid usage\n"
                  "4 not fit, for the reasons printed",
    .main = doctor,
};
