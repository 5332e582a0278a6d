#include "run/provenance.h"

#include <gnu/libc-version.h>
#include <gsl/gsl_version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/linear.h"
#include "base/process.h"
#include "base/try.h"
#include "run/ranks.h"
#include "store/store.h"

const char *ig_libraries_text(char *text, size_t size)
{
    char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = "MPI", linear[128], hdf5[32];
    int length = 0;
    MPI_Get_library_version(mpi, &length);
    /* "Open MPI v4.1.4, package: ..., ident: ...": the first part names the library. */
    mpi[strcspn(mpi, ",\n")] = '\0';
    /* The C library computes the sines and logarithms. */
    snprintf(text, size, "%s, HDF5 %s, libyaml %s, GSL %s, %s, glibc %s", mpi, ig_h5_version(hdf5),
             yaml_get_version_string(), gsl_version, ig_lapack_version(linear, sizeof linear),
             gnu_get_libc_version());
    return text;
}

ig_provenance ig_provenance_collect(ig_isa isa, char *libraries)
{
    const ig_build build = ig_build_info();
    return (ig_provenance){
        .version = build.version,
        .revision = build.revision,
        .compiler = build.compiler,
        .flags = build.flags,
        .libraries = ig_libraries_text(libraries, IG_LIBRARIES_TEXT),
        .isa = ig_isa_name(isa),
    };
}

/** Add "name:count" for every run of hosts[first...] not counted yet; counted names are emptied. */
static void describe(ig_host_name *hosts, int ranks, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int r = 0; r < ranks; r++) {
        if (!hosts[r][0]) {
            continue;
        }
        int count = 1;
        for (int q = r + 1; q < ranks; q++) {
            if (strcmp(hosts[q], hosts[r]) == 0) {
                hosts[q][0] = '\0';
                count++;
            }
        }
        int length =
            snprintf(text + used, size - used, "%s%s:%d", used ? " " : "", hosts[r], count);
        if (length < 0 || (size_t)length + sizeof " ..." > size - used) {
            snprintf(text + used, size - used, " ...");
            return;
        }
        used += (size_t)length;
    }
}

ig_status ig_hosts_collect(MPI_Comm comm, char *text, size_t size, ig_error *error)
{
    int ranks = 0;
    AUTO_FREE ig_host_name *hosts = NULL;
    TRY_MPI(MPI_Comm_size(comm, &ranks), error);
    TRY(ig_hosts_gather(comm, &hosts, error));
    describe(hosts, ranks, text, size);
    return IG_OK;
}
