#include "run/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "base/try.h"

/** The key that names an input file, n_keys where there is none. */
static size_t file_key(const ig_config *config)
{
    const ig_schema *schema = ig_config_schema(config);
    size_t k = 0;
    while (k < schema->n_keys && schema->keys[k].type != IG_KEY_FILE) {
        k++;
    }
    return k;
}

/** Report something at the key that names the input file. */
static void report(const ig_config *config, const char *text, ig_diagnostics *diagnostics)
{
    const ig_schema *schema = ig_config_schema(config);
    const size_t k = file_key(config);
    size_t line = 0, column = 0;
    if (k < schema->n_keys) {
        ig_config_position(config, k, 0, &line, &column);
    }
    ig_diagnostics_add(diagnostics, ig_config_file(config), line, column,
                       k < schema->n_keys ? schema->keys[k].path : NULL, "%s", text);
}

/** What became of a hook: a file that is not fit is a fault of the configuration that names it. */
static ig_status take(const ig_config *config, ig_status status, const ig_error *reason,
                      size_t faults_before, ig_diagnostics *diagnostics, ig_error *error)
{
    const bool unfit = status == IG_ERR_CONFIG || status == IG_ERR_FORMAT ||
                       status == IG_ERR_USAGE || status == IG_ERR_MISMATCH;
    if (unfit && ig_diagnostics_count(diagnostics) == faults_before) {
        report(config, reason->text[0] ? reason->text : "not fit", diagnostics);
    }
    if (unfit || (!status && ig_diagnostics_count(diagnostics) > faults_before)) {
        return ig_error_set(error, IG_ERR_CONFIG, "the input file does not fit the configuration");
    }
    return status ? ig_error_set(error, status, "%s",
                                 reason->text[0] ? reason->text : "the input file cannot be read")
                  : IG_OK;
}

ig_status ig_memory_need(const ig_grid *grid, size_t *bytes, ig_diagnostics *diagnostics,
                         ig_error *error)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_experiment *e = ig_experiment_of(config);
    const size_t before = ig_diagnostics_count(diagnostics);
    const double there = ig_physical_memory();
    ig_error reason = {0};
    size_t need = 0;
    if (e->shared_bytes) {
        const ig_status status = e->shared_bytes(grid, &need, diagnostics, &reason);
        TRY(take(config, status, &reason, before, diagnostics, error));
    }
    if ((double)need > there) {
        char text[160];
        snprintf(text, sizeof text,
                 "%.3g GB of memory are needed on every node, this machine has %.3g GB",
                 (double)need / 1e9, there / 1e9);
        report(config, text, diagnostics);
        return ig_error_set(error, IG_ERR_CONFIG, "there is not enough memory");
    }
    *bytes = need;
    return IG_OK;
}

double ig_memory_of_task(const ig_grid *grid)
{
    const ig_experiment *e = ig_experiment_of(ig_grid_config(grid));
    double most = 0;
    for (size_t p = 0; e->task_bytes && p < ig_grid_n_points(grid); p++) {
        const double need = e->task_bytes(&(ig_point){grid, p});
        most = need > most ? need : most;
    }
    return most;
}

/** Whole pages of zeros that others can find, or else this process alone; NULL without memory. */
static void *reserve(size_t bytes, bool shared, int *fd)
{
    void *at = MAP_FAILED;
    *fd = shared ? memfd_create("imagrid", MFD_CLOEXEC) : -1;
    /* A limit of the size of files, or of open files, holds for it, too. */
    if (*fd >= 0 && ftruncate(*fd, (off_t)bytes) == 0) {
        at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    }
    if (at == MAP_FAILED) {
        if (*fd >= 0) {
            close(*fd);
        }
        *fd = -1;
        at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    return at == MAP_FAILED ? NULL : at;
}

/** Let the experiment fill memory of its own, which nobody can write to afterwards. */
static ig_status fill(const ig_grid *grid, bool shared, ig_memory *m, ig_diagnostics *diagnostics,
                      ig_error *error)
{
    const ig_config *config = ig_grid_config(grid);
    const size_t before = ig_diagnostics_count(diagnostics);
    ig_error reason = {0};
    m->at = reserve(m->bytes, shared, &m->fd);
    if (!m->at) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory (%zu bytes of input)", m->bytes);
    }
    const ig_status status = ig_experiment_of(config)->load(grid, m->at, m->bytes, &reason);
    TRY(take(config, status, &reason, before, diagnostics, error));
    /* A task that writes there is a bug, which ends it. */
    return mprotect(m->at, m->bytes, PROT_READ) == 0
               ? IG_OK
               : ig_error_set(error, IG_ERR_MEMORY, "memory cannot be protected");
}

ig_status ig_memory_load(const ig_grid *grid, size_t bytes, bool shared, ig_memory *memory,
                         ig_diagnostics *diagnostics, ig_error *error)
{
    ig_memory m = {NULL, bytes, -1};
    const ig_status status = bytes > 0 ? fill(grid, shared, &m, diagnostics, error) : IG_OK;
    if (status) {
        ig_memory_clear(&m);
        return status;
    }
    *memory = m;
    return IG_OK;
}

ig_memory_place ig_memory_place_of(const ig_memory *memory)
{
    struct stat info;
    if (memory->fd < 0 || fstat(memory->fd, &info) != 0) {
        return (ig_memory_place){.fd = -1};
    }
    return (ig_memory_place){getpid(), info.st_dev, info.st_ino, memory->bytes, memory->fd};
}

ig_status ig_memory_join(const ig_memory_place *place, ig_memory *memory, ig_error *error)
{
    char path[64], reason[IG_ERRNO_TEXT];
    struct stat info;
    if (place->fd < 0) {
        return ig_error_set(error, IG_ERR_IO, "the system gives no memory to share");
    }
    snprintf(path, sizeof path, "/proc/%" PRId64 "/fd/%d", place->pid, (int)place->fd);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return ig_error_set(error, IG_ERR_IO, "%s cannot be opened: %s", path,
                            ig_errno_text(errno, reason));
    }
    /* In a container of its own a rank may see another process under this number. */
    if (fstat(fd, &info) != 0 || info.st_dev != place->device || info.st_ino != place->inode ||
        (uint64_t)info.st_size != place->bytes) {
        close(fd);
        return ig_error_set(error, IG_ERR_IO, "%s is of another process", path);
    }
    void *at = mmap(NULL, (size_t)place->bytes, PROT_READ, MAP_SHARED, fd, 0);
    const int failed = errno;
    close(fd);
    if (at == MAP_FAILED) {
        return ig_error_set(error, IG_ERR_MEMORY, "%s cannot be mapped: %s", path,
                            ig_errno_text(failed, reason));
    }
    *memory = (ig_memory){at, (size_t)place->bytes, -1};
    return IG_OK;
}

void ig_memory_seal(ig_memory *memory)
{
    if (memory->fd >= 0) {
        close(memory->fd);
        memory->fd = -1;
    }
}

void ig_memory_clear(ig_memory *memory)
{
    ig_memory_seal(memory);
    if (memory->at) {
        munmap(memory->at, memory->bytes);
    }
    *memory = IG_NO_MEMORY;
}
