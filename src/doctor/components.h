/** Which parts of Open MPI are at work in this process. */
#ifndef IMAGRID_DOCTOR_COMPONENTS_H
#define IMAGRID_DOCTOR_COMPONENTS_H

#include <stdbool.h>
#include <stddef.h>

/** Collect NAME of every "mca_FRAMEWORK_NAME.so" in text of the form of /proc/self/maps, separated
 *  by blanks, each once, cut to `size`. Empty where there is none: another MPI, or one whose
 *  components are built in. */
void ig_components_find(const char *maps, const char *framework, char *names, size_t size);

/** The same of this process. */
void ig_components_loaded(const char *framework, char *names, size_t size);

/** The MPI-IO component behind files that are open now: "ompio", "romio321", ..., or "" where that
 *  cannot be told. Open MPI's OMPIO brings its file-system components along when it opens a file.
 */
void ig_components_mpi_io(char *name, size_t size);

/** What OMPI_MCA_io has to be for ROMIO in this Open MPI, e.g. "romio321"; NULL for another MPI. */
const char *ig_components_romio(void);

#endif
