#include "run/load.h"

#include <string.h>

#include "run/agree.h"

/** Collective: a path may lead to another file on another host. */
static ig_status same_everywhere(MPI_Comm comm, int rank, const ig_plugins *plugins,
                                 ig_error *error)
{
    char mine[IG_PLUGINS][IG_PLUGIN_HASH], first[IG_PLUGINS][IG_PLUGIN_HASH];
    ig_plugins_hashes(plugins, mine);
    memcpy(first, mine, sizeof first);
    ig_status status =
        ig_mpi_check(MPI_Bcast(first, sizeof first, MPI_CHAR, 0, comm), "MPI_Bcast", error);
    if (!status && memcmp(mine, first, sizeof first) != 0) {
        char host[MPI_MAX_PROCESSOR_NAME] = "its host";
        int length = 0;
        MPI_Get_processor_name(host, &length);
        status = ig_error_set(error, IG_ERR_USAGE,
                              "rank %d on %s finds another plugin file than rank 0 under the same "
                              "path: give one that all hosts share",
                              rank, host);
    }
    return ig_agree(comm, status, error);
}

ig_status ig_load_together(MPI_Comm comm, const ig_plugin_files *files, ig_plugins **plugins,
                           ig_error *error)
{
    int rank = 0;
    ig_plugins *loaded = NULL;
    ig_status status = ig_mpi_check(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank", error);
    if (!status) {
        status = ig_plugins_load(files, &loaded, error);
        if (status && rank > 0) {
            ig_error_context(error, "rank %d", rank);
        }
    }
    status = ig_agree(comm, status, error);
    if (!status) {
        status = same_everywhere(comm, rank, loaded, error);
    }
    if (status) {
        ig_plugins_unload(&loaded);
        return status;
    }
    *plugins = loaded;
    return IG_OK;
}
