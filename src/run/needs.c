#include "run/needs.h"

#include <string.h>

#include "run/output.h"

ig_needs ig_needs_of(const ig_config *config)
{
    const ig_experiment *e = ig_experiment_of(config);
    return e->needs ? e->needs(config) : (ig_needs){.cores = 1};
}

const char *ig_needs_mpirun(const ig_needs *needs, char text[IG_NEEDS_TEXT])
{
    char mpi[IG_MPI_TEXT];
    text[0] = '\0';
    if (needs->cores > 1 && strstr(ig_mpi_text(mpi), "Open MPI")) {
        snprintf(text, IG_NEEDS_TEXT, "--map-by slot:PE=%zu --bind-to core", needs->cores);
    } else if (needs->cores > 1) {
        snprintf(text, IG_NEEDS_TEXT, "-bind-to core:%zu", needs->cores);
    }
    return text;
}

void ig_needs_print(const ig_needs *needs, FILE *stream)
{
    char options[IG_NEEDS_TEXT];
    if (needs->cores <= 1 && needs->gpus == 0) {
        return;
    }
    fprintf(stream, "each rank needs %zu core%s", needs->cores, needs->cores == 1 ? "" : "s");
    if (needs->gpus > 0) {
        fprintf(stream, ", and the ranks of a node share %zu GPU%s", needs->gpus,
                needs->gpus == 1 ? "" : "s");
    }
    fputs(":\n", stream);
    if (needs->cores > 1) {
        fprintf(stream, "  mpirun -n RANKS %s imagrid run ...\n", ig_needs_mpirun(needs, options));
    }
    fprintf(stream, "  srun --ntasks=RANKS --cpus-per-task=%zu --cpu-bind=cores", needs->cores);
    if (needs->gpus > 0) {
        fprintf(stream, " --gpus-per-node=%zu --gpu-bind=none", needs->gpus);
    }
    fputs(" imagrid run ...\n", stream);
}
