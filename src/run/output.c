#include "run/output.h"

#include <errno.h>
#include <gsl/gsl_version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <yaml.h>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "config/inputs.h"
#include "h5/library.h"
#include "run/ranks.h"
#include "run/stop.h"

const char *ig_mpi_text(char text[IG_MPI_TEXT])
{
    char all[MPI_MAX_LIBRARY_VERSION_STRING] = "MPI";
    int length = 0;
    size_t used = 0;
    /* "Open MPI v4.1.4, package: ...", "MPICH Version:\t4.2.1\nMPICH Release date: ...": the first
     * part names the library. */
    MPI_Get_library_version(all, &length);
    all[strcspn(all, ",\n")] = '\0';
    text[0] = '\0';
    for (const char *word = strtok(all, " \t:"); word; word = strtok(NULL, " \t:")) {
        if (strcasecmp(word, "version") != 0 && used + strlen(word) + 2 <= IG_MPI_TEXT) {
            used +=
                (size_t)snprintf(text + used, IG_MPI_TEXT - used, "%s%s", used ? " " : "", word);
        }
    }
    return text;
}

const char *ig_libraries_text(char *text, size_t size)
{
    char mpi[IG_MPI_TEXT], hdf5[32], libc[32];
    /* The C library computes the sines and logarithms; only glibc tells its version. */
    if (confstr(_CS_GNU_LIBC_VERSION, libc, sizeof libc) <= 1) {
        memcpy(libc, "libc", sizeof "libc");
    }
    snprintf(text, size, "%s, HDF5 %s, libyaml %s, GSL %s, %s", ig_mpi_text(mpi),
             ig_h5_version(hdf5), yaml_get_version_string(), gsl_version, libc);
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

/** What identifies a grid point, beside the experiment: a hash of all keys that change results. */
typedef struct point_hash {
    XXH128_hash_t hash;
    size_t point;
} point_hash;

static int by_hash(const void *a, const void *b)
{
    return XXH128_cmp(&((const point_hash *)a)->hash, &((const point_hash *)b)->hash);
}

static point_hash hash_point(const ig_grid *grid, size_t point)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    point_hash id = {.point = point};
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (!schema->keys[k].annotation && !ig_key_is_file(&schema->keys[k])) {
            const char *path = schema->keys[k].path,
                       *text = ig_value_identity(ig_grid_value(grid, point, k));
            id.hash = XXH3_128bits_withSeed(path, strlen(path), id.hash.low64 ^ id.hash.high64);
            id.hash = XXH3_128bits_withSeed(text, strlen(text), id.hash.low64 ^ id.hash.high64);
        }
    }
    return id;
}

/** Grid points by hash; the caller's to free. */
static ig_status hash_points(const ig_grid *grid, point_hash **points, ig_error *error)
{
    const size_t n = ig_grid_n_points(grid);
    point_hash *all = NULL;
    TRY(IG_ALLOC(all, n, error));
    for (size_t p = 0; p < n; p++) {
        all[p] = hash_point(grid, p);
    }
    qsort(all, n, sizeof *all, by_hash);
    *points = all;
    return IG_OK;
}

/** Index of each seed of `grid` among the seeds of `old`, SIZE_MAX where it is not there; the
 *  caller's to free. */
static ig_status match_seeds(const ig_grid *grid, const ig_grid *old, size_t **seeds,
                             ig_error *error)
{
    const ig_config *here = ig_grid_config(grid), *there = ig_grid_config(old);
    const size_t n = ig_grid_n_seeds(grid), n_there = ig_config_n_seeds(there);
    size_t *match = NULL;
    TRY(IG_ALLOC(match, n, error));
    for (size_t i = 0; i < n; i++) {
        uint64_t seed = ig_config_seed(here, i);
        match[i] = SIZE_MAX;
        /* Most grids count their seeds from 0. */
        for (size_t k = 0, j = i; k < n_there && match[i] == SIZE_MAX; k++, j++) {
            if (ig_config_seed(there, j % n_there) == seed) {
                match[i] = j % n_there;
            }
        }
    }
    *seeds = match;
    return IG_OK;
}

/** One row from the old layout to the new one. False if it does not fit: a column that is missing,
 *  or a curve with more numbers than the new file has room for. */
static bool convert(const ig_layout *from, const unsigned char *old, const ig_row *row)
{
    ig_row_clear(row);
    for (size_t c = 0; c < row->layout->n_columns; c++) {
        const ig_column *column = &row->layout->columns[c];
        size_t o = 0;
        while (o < from->n_columns && strcmp(from->columns[o].name, column->name) != 0) {
            o++;
        }
        if (o == from->n_columns || from->columns[o].type != column->type) {
            return false;
        }
        size_t size = ig_type_size(column->type), there = from->counts[o],
               here = row->layout->counts[c], both = there < here ? there : here;
        if (there != here && !column->ragged) {
            return false;
        }
        const unsigned char *bytes = old + from->offsets[o];
        memcpy(row->bytes + row->layout->offsets[c], bytes, both * size);
        for (size_t i = both; i < there; i++) {
            /* What is cut off must be the filling behind a shorter curve: NaN, all bits but one. */
            float number;
            memcpy(&number, bytes + i * size, sizeof number);
            if (column->type != IG_F32 || number == number) {
                return false;
            }
        }
    }
    return true;
}

/** The old file's rows as they are copied. */
typedef struct source {
    ig_store *store;
    int8_t *state;
    double *rank, *start, *seconds;
    unsigned char *bytes;
} source;

static void source_clear(source *s)
{
    free(s->state);
    free(s->rank);
    free(s->start);
    free(s->seconds);
    free(s->bytes);
}

static ig_status source_init(source *s, ig_store *store, ig_error *error)
{
    const size_t n = ig_grid_n_tasks(ig_store_grid(store));
    ig_store_scan scan;
    s->store = store;
    TRY(IG_ALLOC(s->state, n, error));
    TRY(IG_ALLOC(s->rank, n, error));
    TRY(IG_ALLOC(s->start, n, error));
    TRY(IG_ALLOC(s->seconds, n, error));
    TRY(IG_ALLOC(s->bytes, ig_store_layout(store)->row_size, error));
    TRY(ig_store_check(store, s->state, &scan, error));
    TRY(ig_store_read(store, IG_STORE_RANK, s->rank, error));
    TRY(ig_store_read(store, IG_STORE_START, s->start, error));
    return ig_store_read(store, IG_STORE_SECONDS, s->seconds, error);
}

/** Take over task `there` of the source as task `here`, if its row fits. */
static ig_status copy_row(source *s, size_t there, ig_writer *writer, const ig_row *row,
                          size_t here, int8_t *state, size_t *taken, ig_error *error)
{
    TRY(ig_store_row(s->store, there, s->bytes, error));
    if (!convert(ig_store_layout(s->store), s->bytes, row)) {
        return IG_OK;
    }
    ig_outcome outcome = {.task = here,
                          .state = IG_STATE_DONE,
                          .bytes = row->bytes,
                          .failure = "",
                          .rank = (int32_t)s->rank[there],
                          .start = s->start[there],
                          .seconds = s->seconds[there]};
    TRY(ig_writer_put(writer, &outcome, error));
    state[here] = IG_STATE_DONE;
    ++*taken;
    return IG_OK;
}

static ig_status copy_rows(source *s, ig_writer *writer, const ig_grid *grid, const ig_row *row,
                           int8_t *state, size_t *taken, ig_error *error)
{
    const ig_grid *old = ig_store_grid(s->store);
    const size_t n_seeds = ig_grid_n_seeds(grid), n_old = ig_grid_n_seeds(old);
    AUTO_FREE point_hash *points = NULL;
    AUTO_FREE size_t *seeds = NULL;
    TRY(hash_points(old, &points, error));
    TRY(match_seeds(grid, old, &seeds, error));
    for (size_t p = 0; p < ig_grid_n_points(grid); p++) {
        const point_hash wanted = hash_point(grid, p);
        const point_hash *found =
            bsearch(&wanted, points, ig_grid_n_points(old), sizeof *points, by_hash);
        for (size_t i = 0; found && i < n_seeds; i++) {
            if (seeds[i] == SIZE_MAX) {
                continue;
            }
            const size_t here = p * n_seeds + i, there = found->point * n_old + seeds[i];
            if (state[here] != IG_STATE_DONE && s->state[there] == IG_STATE_DONE) {
                TRY(copy_row(s, there, writer, row, here, state, taken, error));
            }
        }
    }
    return IG_OK;
}

static void drop_writer(ig_writer **writer)
{
    ig_writer_close(writer, NULL);
}

/** Copy into the file `path` every done row of `old` whose task stands in `grid` too and is not
 *  done there yet, if the identities allow it. `state` (n_tasks of the grid) is updated, `*taken`
 *  counts. */
static ig_status reuse_rows(const ig_registry *registry, ig_store *old, const char *path,
                            const ig_grid *grid, const ig_layout *layout, int8_t *state,
                            size_t *taken, ig_error *error)
{
    AUTO(source_clear) source s = {0};
    AUTO_FREE unsigned char *bytes = NULL;
    AUTO_FREE uint64_t *places = NULL;
    AUTO(drop_writer) ig_writer *writer = NULL;
    const ig_identity rows = ig_store_identity(old);
    *taken = 0;
    TRY(IG_ALLOC(places, ig_places_words(layout), error));
    TRY(ig_places_find(registry, path, layout, &rows, IG_IDENTITY_ROWS, places, error));
    if (ig_config_common_random_numbers(ig_store_config(old)) !=
        ig_config_common_random_numbers(ig_grid_config(grid))) {
        return IG_OK;
    }
    TRY(source_init(&s, old, error));
    TRY(IG_ALLOC(bytes, layout->row_size, error));
    TRY(ig_writer_open(path, layout, places, &writer, error));
    const ig_row row = {layout, bytes};
    TRY(copy_rows(&s, writer, grid, &row, state, taken, error));
    return ig_writer_close(&writer, error);
}

/** The older files, open. */
typedef struct older {
    ig_store **stores;
    size_t n;
} older;

static void older_clear(older *o)
{
    for (size_t i = 0; i < o->n; i++) {
        ig_store_close(&o->stores[i]);
    }
    free(o->stores);
}

/** A file, or what is left of a damaged one: every row that is taken over proves itself. */
static ig_status open_older(const ig_output_request *q, const char *path, ig_store **store,
                            ig_error *error)
{
    ig_error damage = {0}, ignored = {0};
    const ig_status status = ig_store_open(q->registry, path, false, store, &damage);
    if (status == IG_ERR_FORMAT &&
        ig_store_rescue(q->registry, path, NULL, store, &ignored) == IG_OK) {
        fprintf(stderr, "imagrid: %s\n", damage.text);
        return IG_OK;
    }
    return status ? ig_error_set(error, status, "%s", damage.text) : IG_OK;
}

static ig_status older_open(const ig_output_request *q, older *o, ig_error *error)
{
    TRY(IG_ALLOC(o->stores, q->n_reuse, error));
    for (; o->n < q->n_reuse; o->n++) {
        TRY(open_older(q, q->reuse[o->n], &o->stores[o->n], error));
    }
    return IG_OK;
}

/** Compute with the instruction set that a file's rows have, unless the user asked for one. */
static ig_status adopt_isa(const ig_output_request *q, const ig_store *store, ig_isa *isa,
                           ig_error *error)
{
    const char *recorded = ig_store_identity(store).isa;
    ig_isa theirs = IG_ISA_AUTO;
    if (q->pinned) {
        return IG_OK;
    }
    if (ig_isa_parse(recorded, &theirs, error) || ig_isa_check(theirs, error)) {
        ig_error_context(error, "%s was computed with instruction set '%s'", ig_store_path(store),
                         recorded);
        error->status = IG_ERR_MISMATCH;
        return IG_ERR_MISMATCH;
    }
    if (theirs == IG_ISA_AUTO || theirs > q->isa) {
        return ig_error_set(error, IG_ERR_MISMATCH,
                            "%s was computed with instruction set %s, which not every rank has",
                            ig_store_path(store), recorded);
    }
    *isa = theirs;
    return IG_OK;
}

/** Whether the rows of a file may stand with this run's; what the user should know of it. */
static ig_status match(const ig_output_request *q, const ig_store *store, ig_isa isa,
                       ig_identity_use use, ig_error *error)
{
    const ig_identity there = ig_store_identity(store);
    ig_identity here = ig_identity_of_run(q->registry, q->config, isa, q->inputs);
    here.accept_changed = q->accept_changed;
    const ig_build build = ig_build_info();
    const char *version = ig_store_attribute(store, "imagrid_version");
    bool rebuilt = false;
    char shown[IG_SANITIZED_TEXT], by[IG_SANITIZED_TEXT];
    TRY(ig_identity_match(&there, &here, use, &rebuilt, error));
    if (rebuilt && !q->quiet) {
        fprintf(stderr,
                "imagrid: the plugin was rebuilt since %s was created; its version is the same, so "
                "its rows are kept\n",
                ig_text_sanitized(there.name, shown));
    }
    if (strcmp(version, build.version) != 0 && !q->quiet) {
        fprintf(stderr,
                "imagrid: %s was created by imagrid %s, this is %s; the results version is the "
                "same, so its rows are kept\n",
                ig_text_sanitized(there.name, shown), ig_text_sanitized(version, by),
                build.version);
    }
    return IG_OK;
}

/** A new file tells of one version of a program only. */
static ig_status refuse_mixed(ig_store *store, ig_error *error)
{
    size_t changed = 0;
    TRY(ig_store_changed_inputs(store, &changed, error));
    return changed == 0 ? IG_OK
                        : ig_error_set(error, IG_ERR_MISMATCH,
                                       "%s has rows of different versions of the program, which "
                                       "--reuse cannot tell apart",
                                       ig_store_path(store));
}

/** Lines joined by "; ", cut to `size`. */
static void join_lines(const char *lines, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (const char *c = lines ? lines : ""; *c && used + 3 <= size; c++) {
        if (*c == '\n') {
            text[used++] = ';';
            text[used++] = ' ';
        } else {
            text[used++] = *c;
        }
        text[used] = '\0';
    }
}

/** Record this session, with what computes its rows. */
static ig_status begin_session(const ig_output_request *q, ig_store *store, ig_isa isa,
                               size_t *slot, ig_error *error)
{
    const ig_identity identity = ig_identity_of_run(q->registry, q->config, isa, q->inputs);
    const ig_build build = ig_build_info();
    ig_session_record session = q->session;
    session.results_version = (int32_t)identity.results_version;
    snprintf(session.version, sizeof session.version, "%s (%s)", build.version, build.revision);
    snprintf(session.isa, sizeof session.isa, "%s", identity.isa);
    snprintf(session.plugin, sizeof session.plugin, "%s", identity.origin ? identity.origin : "");
    const char *made_with = ig_store_identity(store).inputs;
    AUTO_FREE char *inputs = NULL;
    if (made_with && q->inputs) {
        TRY(ig_inputs_changed_first(ig_config_schema(q->config), made_with, q->inputs, &inputs,
                                    error));
    }
    join_lines(inputs ? inputs : q->inputs, session.inputs, sizeof session.inputs);
    return ig_store_session_begin(store, &session, slot, error);
}

/** The file as it is at PATH, NULL where there is none; it decides the instruction set. */
static ig_status open_there(const ig_output_request *q, ig_output *o, ig_store **store,
                            ig_error *error)
{
    struct stat info;
    o->isa = q->isa;
    o->resumed = lstat(q->path, &info) == 0 || errno != ENOENT;
    if (!o->resumed) {
        return IG_OK;
    }
    TRY(ig_store_open(q->registry, q->path, true, store, error));
    TRY(adopt_isa(q, *store, &o->isa, error));
    return match(q, *store, o->isa, IG_IDENTITY_TASKS, error);
}

static ig_status create(const ig_output_request *q, const ig_output *o, ig_store **store,
                        ig_error *error)
{
    char libraries[IG_LIBRARIES_TEXT];
    const ig_experiment *experiment = ig_experiment_of(q->config);
    ig_provenance provenance = ig_provenance_collect(o->isa, libraries);
    provenance.plugin = ig_registry_origin(q->registry, experiment);
    provenance.inputs = q->inputs && *q->inputs ? q->inputs : NULL;
    TRY(ig_store_create(q->path, experiment, q->grid, q->layout, &provenance, error));
    return ig_store_open(q->registry, q->path, true, store, error);
}

static ig_status reuse_all(const ig_output_request *q, const older *old, ig_output *o,
                           ig_error *error)
{
    for (size_t i = 0; i < old->n; i++) {
        size_t taken = 0;
        char shown[IG_SANITIZED_TEXT];
        TRY(reuse_rows(q->registry, old->stores[i], q->path, q->grid, q->layout, o->state, &taken,
                       error));
        o->found.done += taken;
        if (!q->quiet) {
            fprintf(stderr, "imagrid: %zu finished tasks taken over from %s\n", taken,
                    ig_text_sanitized(q->reuse[i], shown));
        }
    }
    return IG_OK;
}

/** Everything that is named is opened and matched before anything is made. */
static ig_status open_all(const ig_output_request *q, ig_output *o, ig_error *error)
{
    AUTO(older_clear) older old = {0};
    AUTO(ig_store_close) ig_store *store = NULL;
    struct stat info;
    TRY(ig_lock_take(q->path, q->steal_lock, &o->lock, error));
    TRY(IG_ALLOC(o->state, ig_grid_n_tasks(q->grid), error));
    TRY(open_there(q, o, &store, error));
    TRY(older_open(q, &old, error));
    if (!store && old.n > 0) {
        TRY(adopt_isa(q, old.stores[0], &o->isa, error));
    }
    for (size_t i = 0; i < old.n; i++) {
        TRY(match(q, old.stores[i], o->isa, IG_IDENTITY_ROWS, error));
        TRY(refuse_mixed(old.stores[i], error));
    }
    if (store) {
        TRY(ig_store_check(store, o->state, &o->found, error));
        TRY(ig_store_forget_progress(store, error));
    } else {
        TRY(create(q, o, &store, error));
    }
    TRY(begin_session(q, store, o->isa, &o->slot, error));
    if (stat(q->path, &info) == 0) {
        o->device = info.st_dev;
        o->inode = info.st_ino;
    }
    TRY(reuse_all(q, &old, o, error));
    if (q->seconds) {
        TRY(IG_ALLOC(o->seconds, ig_grid_n_tasks(q->grid), error));
        TRY(ig_store_read(store, IG_STORE_SECONDS, o->seconds, error));
    }
    return IG_OK;
}

ig_status ig_output_open(const ig_output_request *request, ig_output *output, ig_error *error)
{
    ig_output o = {.registry = request->registry, .path = request->path};
    ig_status status = open_all(request, &o, error);
    if (status) {
        ig_output_clear(&o);
        return status;
    }
    *output = o;
    return IG_OK;
}

/** Rank 0's places reach everybody. */
static ig_status share_places(const ig_registry *registry, const char *path, MPI_Comm comm,
                              const ig_layout *layout, const ig_identity *rows, uint64_t *places,
                              ig_error *error)
{
    int rank = 0;
    TRY_MPI(MPI_Comm_rank(comm, &rank), error);
    const ig_status found =
        rank == 0 ? ig_places_find(registry, path, layout, rows, IG_IDENTITY_TASKS, places, error)
                  : IG_OK;
    TRY(ig_agree(comm, found, error));
    TRY_MPI(MPI_Bcast(places, (int)(ig_places_words(layout) * sizeof *places), MPI_BYTE, 0, comm),
            error);
    return IG_OK;
}

ig_status ig_output_writer(const ig_registry *registry, const char *path, MPI_Comm comm,
                           const ig_layout *layout, const ig_identity *rows, ig_writer **writer,
                           ig_error *error)
{
    AUTO_FREE uint64_t *places = NULL;
    ig_writer *w = NULL;
    TRY(ig_agree(comm, IG_ALLOC(places, ig_places_words(layout), error), error));
    TRY(share_places(registry, path, comm, layout, rows, places, error));
    const ig_status status = ig_agree(comm, ig_writer_open(path, layout, places, &w, error), error);
    if (status) {
        ig_writer_close(&w, NULL);
        return status;
    }
    *writer = w;
    return IG_OK;
}

ig_status ig_output_writer_close(MPI_Comm comm, ig_writer **writer, ig_error *error)
{
    return *writer ? ig_agree(comm, ig_writer_close(writer, error), error) : IG_OK;
}

/** Whether the path still leads to the file this run has written. */
static ig_status same_file(const ig_output *output, ig_error *error)
{
    struct stat info;
    return stat(output->path, &info) == 0 && info.st_dev == output->device &&
                   info.st_ino == output->inode
               ? IG_OK
               : ig_error_set(error, IG_ERR_IO,
                              "%s was removed or replaced during the run; its rows are lost",
                              output->path);
}

static ig_status check_all(ig_output *output, ig_store **store, ig_store_scan *scan,
                           ig_error *error)
{
    TRY(same_file(output, error));
    TRY(ig_store_open(output->registry, output->path, true, store, error));
    TRY(ig_store_check(*store, output->state, scan, error));
    return scan->damaged == 0
               ? IG_OK
               : ig_error_set(error, IG_ERR_FORMAT,
                              "%s: %zu rows do not read back as they were written, task %zu first; "
                              "run again to compute them again",
                              output->path, scan->damaged, scan->first_damaged);
}

ig_status ig_output_finish(ig_output *output, int exit_code, ig_store_scan *scan, ig_error *error)
{
    AUTO(ig_store_close) ig_store *store = NULL;
    ig_status status = check_all(output, &store, scan, error);
    if (store) {
        ig_error trouble = {0};
        ig_status recorded =
            ig_store_session_end(store, output->slot, ig_clock_utc(),
                                 status ? ig_status_exit_code(status) : exit_code, &trouble);
        if (!status && recorded) {
            *error = trouble;
            status = recorded;
        }
    }
    ig_output_clear(output);
    return status;
}

void ig_output_clear(ig_output *output)
{
    free(output->state);
    free(output->seconds);
    output->state = NULL;
    output->seconds = NULL;
    ig_lock_release(&output->lock);
}
