#include "cli/command.h"
#include "doctor/probes.h"
#include "run/run.h"

static const ig_option known[] = {IG_OPTIONS_END};

static int doctor(int argc, char **argv)
{
    const bool silent = ig_launched_rank() > 0;
    size_t n;
    const int code = ig_command_parse(&ig_command_doctor, argc, argv, silent, NULL, &n);
    return code >= 0 ? code : ig_doctor(n > 0 ? argv[1] : ".");
}

const ig_command ig_command_doctor = {
    .name = "doctor",
    .summary = "check whether a directory and the ranks are fit for runs",
    .usage = "imagrid doctor [DIR]\n"
             "mpirun -n RANKS imagrid doctor [DIR]",
    .about =
        "Checks whether DIR [default: the current directory] can hold result files: file "
        "system, free space, exclusive creation, locks, renaming, fsync, clock. Under mpirun "
        "also whether all ranks see it and can write one result file, and how long messages take "
        "between hosts: start it with the ranks and hosts of the job. Then prints the "
        "settings to put into the job script. Removes what it writes.",
    .operand = "directory",
    .operands_max = 1,
    .options = known,
    .examples = "imagrid doctor /scratch/results\n"
                "mpirun -n 8 imagrid doctor /scratch/results",
    .exit_codes = "0 fit\n"
                  "1 MPI failed\n"
                  "2 invalid usage\n"
                  "4 not fit, for the reasons printed",
    .main = doctor,
};
