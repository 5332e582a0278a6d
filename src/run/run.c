#include "run/run.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "base/signals.h"
#include "base/text.h"
#include "program/child.h"
#include "run/limit.h"
#include "run/needs.h"
#include "run/output.h"
#include "run/shared.h"
#include "run/stop.h"
#include "run/worker.h"

enum { LOGS_MODE = 0775 };

/** Everything one rank holds during a run. */
typedef struct run {
    const ig_run_options *options;
    MPI_Comm comm;
    int rank, ranks;
    ig_plugins *plugins;
    const ig_registry *registry; /**< of the plugins */
    char *text;                  /**< the configuration's bytes, the same on all ranks */
    size_t size;
    ig_config *config;
    ig_grid *grid;
    ig_layout *layout;
    ig_isa isa;
    ig_shared shared;
    ig_limit limit;   /**< rank 0 only */
    ig_output output; /**< rank 0 only */
    int8_t *state;    /**< n_tasks, the same on all ranks */
    ig_schedule *schedule;
    ig_server *server; /**< rank 0 only */
    ig_site site;
    bool begun; /**< `begin` of the experiment was called here */
    ig_work work;
    ig_writer *writer;
    bool writing;           /**< other ranks may be */
    ig_tally before, tally; /**< finished by earlier sessions, and by this one; rank 0 only */
} run;

static void run_clear(run *r)
{
    ig_work_clear(&r->work);
    ig_server_destroy(&r->server);
    ig_schedule_destroy(&r->schedule);
    free(r->state);
    ig_output_clear(&r->output);
    ig_shared_clear(&r->shared);
    ig_layout_destroy(&r->layout);
    ig_grid_destroy(&r->grid);
    ig_config_destroy(&r->config);
    free(r->text);
    ig_plugins_unload(&r->plugins);
}

/** Collective: rank 0 reads the configuration file, and its bytes reach everybody. */
static ig_status bcast_file(run *r, ig_diagnostics *diagnostics, ig_error *error)
{
    ig_status mine = IG_OK;
    if (r->rank == 0) {
        mine = ig_config_read_file(r->options->config, &r->text, &r->size, diagnostics);
        if (mine) {
            ig_error_set(error, mine, "%s",
                         mine == IG_ERR_MEMORY ? "out of memory"
                                               : "the configuration cannot be read");
        }
    }
    unsigned long long length = r->size;
    TRY(ig_agree(r->comm, mine, error));
    TRY_MPI(MPI_Bcast(&length, 1, MPI_UNSIGNED_LONG_LONG, 0, r->comm), error);
    r->size = (size_t)length;
    if (r->rank != 0) {
        mine = IG_ALLOC(r->text, r->size + 1, error);
    }
    TRY(ig_agree(r->comm, mine, error));
    TRY_MPI(MPI_Bcast(r->text, (int)r->size, MPI_BYTE, 0, r->comm), error);
    r->text[r->size] = '\0';
    return IG_OK;
}

/** Collective: a path may lead to another file on another host. */
static ig_status check_same_plugins(const run *r, ig_error *error)
{
    char mine[IG_PLUGINS][IG_PLUGIN_HASH], first[IG_PLUGINS][IG_PLUGIN_HASH];
    ig_plugins_hashes(r->plugins, mine);
    memcpy(first, mine, sizeof first);
    TRY_MPI(MPI_Bcast(first, sizeof first, MPI_CHAR, 0, r->comm), error);
    ig_status status = IG_OK;
    if (memcmp(mine, first, sizeof first) != 0) {
        char host[MPI_MAX_PROCESSOR_NAME] = "its host";
        int length = 0;
        MPI_Get_processor_name(host, &length);
        status = ig_error_set(error, IG_ERR_USAGE,
                              "rank %d on %s finds a different plugin file than rank 0 at the same "
                              "path: use one that all hosts share",
                              r->rank, host);
    }
    return ig_agree(r->comm, status, error);
}

/** Collective: the same plugins on every rank. */
static ig_status load_plugins(run *r, ig_error *error)
{
    const ig_status mine = ig_plugins_load(&r->options->plugins, &r->plugins, error);
    if (mine && r->rank > 0) {
        ig_error_context(error, "rank %d", r->rank);
    }
    TRY(ig_agree(r->comm, mine, error));
    TRY(check_same_plugins(r, error));
    r->registry = ig_plugins_registry(r->plugins);
    return IG_OK;
}

/** This rank's configuration, grid and layout; the faults go to `diagnostics`. */
static ig_status configure_rank(run *r, ig_diagnostics *diagnostics, ig_error *error)
{
    const ig_status status = ig_experiment_configure(r->registry, r->text, r->size,
                                                     r->options->config, &r->config, diagnostics);
    if (status == IG_ERR_MEMORY) {
        return ig_error_set(error, status, "out of memory");
    }
    if (status) {
        /* With the first fault: rank 0 prints all it sees, but another rank may see others. */
        const size_t n = ig_diagnostics_count(diagnostics);
        return ig_error_set(error, status, "%zu error%s in the configuration%s%s", n,
                            n == 1 ? "" : "s", n && r->rank ? ", the first: " : "",
                            n && r->rank ? ig_diagnostics_text(diagnostics, 0) : "");
    }
    TRY(ig_grid_create(r->config, &r->grid, error));
    const ig_experiment *e = ig_experiment_of(r->config);
    return ig_layout_create(e->columns, e->n_columns, e->dimensions, e->n_dimensions, r->config,
                            &r->layout, error);
}

/** Collective: the same configuration, grid and layout on every rank. */
static ig_status configure_all(run *r, ig_diagnostics *diagnostics, ig_error *error)
{
    const ig_status created =
        diagnostics ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    TRY(ig_agree(r->comm, created, error));
    TRY(bcast_file(r, diagnostics, error));
    return ig_agree(r->comm, configure_rank(r, diagnostics, error), error);
}

/** Collective: as configure_all; rank 0 prints what is wrong. */
static ig_status configure(run *r, ig_error *error)
{
    AUTO(ig_diagnostics_destroy) ig_diagnostics *diagnostics = ig_diagnostics_create();
    const ig_status status = configure_all(r, diagnostics, error);
    if (diagnostics && r->rank == 0) {
        ig_diagnostics_print(diagnostics, stderr);
    }
    return status;
}

/** Collective: the best instruction set that every rank has, unless the user pinned one. */
static ig_status choose_isa(run *r, ig_error *error)
{
    const ig_isa pinned = r->options->isa;
    unsigned mine = 0, all = 0; /* bit i: set i */
    const ig_status status = ig_isa_check(pinned, error);
    if (status) {
        ig_error_context(error, "rank %d", r->rank);
    }
    TRY(ig_agree(r->comm, status, error));
    for (ig_isa isa = IG_ISA_PORTABLE; isa != IG_ISA_AUTO; isa = ig_isa_next(isa)) {
        mine |= pinned == IG_ISA_AUTO || pinned == isa ? 1U << isa : 0;
    }
    TRY_MPI(MPI_Allreduce(&mine, &all, 1, MPI_UNSIGNED, MPI_BAND, r->comm), error);
    if (all == 0) {
        return ig_error_set(error, IG_ERR_USAGE, "--isa is not the same on all ranks");
    }
    for (r->isa = IG_ISA_AUTO; all > 1; all >>= 1) {
        r->isa++;
    }
    return IG_OK;
}

/** Rank 0: say where memory is not shared. */
static void tell_copies(const run *r)
{
    const ig_shared *s = &r->shared;
    if (r->rank == 0 && s->copies > 0 && !r->options->quiet) {
        fprintf(stderr,
                "imagrid: %d of %d ranks have a copy of their own of the input (%.3g MB each), as "
                "memory cannot be shared there: %s\n",
                s->copies, r->ranks, (double)s->memory.bytes / 1e6, s->why.text);
    }
}

/** Collective: input files and the memory that tasks share; rank 0 prints what is wrong. */
static ig_status find_inputs(run *r, ig_error *error)
{
    AUTO(ig_diagnostics_destroy) ig_diagnostics *diagnostics = ig_diagnostics_create();
    TRY(ig_agree(r->comm, diagnostics ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "out of memory"),
                 error));
    const ig_status status = ig_shared_open(r->comm, r->grid, &r->shared, diagnostics, error);
    if (r->rank == 0) {
        ig_diagnostics_print(diagnostics, stderr);
    }
    TRY(status);
    tell_copies(r);
    return IG_OK;
}

/** Collective: rank 0 creates the file or checks the one there is; everybody gets the states. */
static ig_status open_output(run *r, ig_error *error)
{
    size_t n = ig_grid_n_tasks(r->grid);
    ig_output_request request = {.registry = r->registry,
                                 .path = r->options->output,
                                 .steal_lock = r->options->steal_lock,
                                 .config = r->config,
                                 .grid = r->grid,
                                 .layout = r->layout,
                                 .isa = r->isa,
                                 .pinned = r->options->isa != IG_ISA_AUTO,
                                 .inputs = r->shared.inputs,
                                 .reuse = r->options->reuse,
                                 .n_reuse = r->options->n_reuse,
                                 .session = {.begin = ig_clock_utc(),
                                             .ranks = r->ranks,
                                             .shard = (int32_t)r->options->shard.index,
                                             .shards = (int32_t)r->options->shard.count},
                                 .accept_changed = r->options->accept_changed,
                                 .seconds = ig_limit_exists(&r->limit),
                                 .quiet = r->options->quiet};
    ig_session_record *session = &request.session;
    const char *job = getenv("SLURM_JOB_ID");
    snprintf(session->job, sizeof session->job, "%s", job ? job : "");
    TRY(ig_hosts_collect(r->comm, session->hosts, sizeof session->hosts, error));
    ig_status status = IG_ALLOC(r->state, n, error);
    if (!status && r->rank == 0) {
        status = ig_output_open(&request, &r->output, error);
    }
    TRY(ig_agree(r->comm, status, error));
    if (r->rank == 0) {
        r->isa = r->output.isa;
        memcpy(r->state, r->output.state, n);
    }
    int isa = (int)r->isa;
    TRY_MPI(MPI_Bcast(&isa, 1, MPI_INT, 0, r->comm), error);
    r->isa = (ig_isa)isa;
    TRY_MPI(MPI_Bcast(r->state, (int)n, MPI_BYTE, 0, r->comm), error);
    return IG_OK;
}

/** What earlier sessions finished of this run's shard. */
static ig_tally finished_before(const run *r)
{
    ig_tally before = {.work = r->schedule->total - r->schedule->left};
    for (size_t t = 0; t < ig_grid_n_tasks(r->grid); t++) {
        bool ours = ig_shard_holds(r->options->shard, t);
        before.done += ours && r->state[t] == IG_STATE_DONE;
        before.failed += ours && r->state[t] == IG_STATE_FAILED;
    }
    return before;
}

/** Tasks of other shards that were empty when this run began. */
static size_t left_elsewhere(const run *r)
{
    size_t left = 0;
    for (size_t t = 0; t < ig_grid_n_tasks(r->grid); t++) {
        left += r->state[t] == IG_STATE_EMPTY && !ig_shard_holds(r->options->shard, t);
    }
    return left;
}

/** Rank 0: print what was found before the work starts. */
static void announce(run *r)
{
    const ig_store_scan *found = &r->output.found;
    char shown[IG_SANITIZED_TEXT];
    r->before = finished_before(r);
    if (found->damaged) {
        fprintf(stderr, "imagrid: %zu damaged rows (task %zu first) count as not done\n",
                found->damaged, found->first_damaged);
    }
    if (r->output.resumed && !r->options->quiet) {
        fprintf(stderr, "imagrid: resuming %s: %zu done, %zu failed, %zu left\n",
                ig_text_sanitized(r->options->output, shown), r->before.done, r->before.failed,
                r->schedule->n);
    }
}

/** Rank 0: how long the tasks took whose rows the file holds already. */
static void learn_from_rows(run *r)
{
    const size_t n_seeds = ig_grid_n_seeds(r->grid);
    for (size_t t = 0; r->output.seconds && t < ig_grid_n_tasks(r->grid); t++) {
        if (r->state[t] == IG_STATE_DONE) {
            const ig_point point = {r->grid, t / n_seeds};
            ig_server_learn(r->server, ig_experiment_of(r->config)->cost(&point),
                            r->output.seconds[t]);
        }
    }
}

/** This rank's part in the work, allocated before any of it begins. */
static ig_status create_work(run *r, ig_error *error)
{
    const ig_experiment *experiment = ig_experiment_of(r->config);
    TRY(ig_schedule_create(experiment, r->grid, r->state, r->options->shard, &r->schedule, error));
    r->work = (ig_work){.with = {.experiment = experiment,
                                 .grid = r->grid,
                                 .isa = r->isa,
                                 .memory = &r->shared.memory,
                                 .site = &r->site},
                        .schedule = r->schedule,
                        .rank = r->rank};
    TRY(ig_work_init(&r->work, r->layout, error));
    if (r->rank == 0) {
        TRY(ig_server_create(r->comm, r->schedule, &r->limit, &r->server, error));
        learn_from_rows(r);
    }
    return IG_OK;
}

/** Collective: rank 0 says where ranks may not run on as many cores as their tasks are to have. */
static ig_status check_cores(const run *r, ig_error *error)
{
    const ig_needs needs = ig_needs_of(r->config);
    const int cores = ig_child_cores();
    int first = (size_t)cores < needs.cores ? r->rank : r->ranks, fewest = cores, all = 0;
    char options[IG_NEEDS_TEXT];
    TRY_MPI(MPI_Allreduce(&first, &all, 1, MPI_INT, MPI_MIN, r->comm), error);
    if (all == r->ranks) {
        return IG_OK;
    }
    TRY_MPI(MPI_Bcast(&fewest, 1, MPI_INT, all, r->comm), error);
    if (r->rank == 0) {
        fprintf(
            stderr,
            "imagrid: tasks are to have %zu cores, and rank %d may run on %d: start with mpirun "
            "%s, or srun --cpus-per-task=%zu --cpu-bind=cores\n",
            needs.cores, all, fewest, ig_needs_mpirun(&needs, options), needs.cores);
    }
    return IG_OK;
}

/** Collective: what this rank keeps between its tasks; nothing where there are none. */
static ig_status begin_tasks(run *r, ig_error *error)
{
    const ig_experiment *experiment = ig_experiment_of(r->config);
    ig_status mine = IG_OK;
    r->site = (ig_site){.rank = r->rank, .local_ranks = 1, .logs = r->options->logs};
    if (!experiment->begin || r->schedule->n == 0) {
        return IG_OK;
    }
    TRY(check_cores(r, error));
    TRY(ig_ranks_on_node(r->comm, &r->site.local_rank, &r->site.local_ranks, error));
    mine = experiment->begin(r->grid, &r->site, &r->work.with.own, error);
    r->begun = !mine;
    if (mine) {
        ig_error_context(error, "rank %d", r->rank);
    }
    return ig_agree(r->comm, mine, error);
}

static void end_tasks(run *r)
{
    if (r->begun) {
        ig_experiment_of(r->config)->end(r->work.with.own);
        r->begun = false;
    }
}

/** Compute what is left, after begin_tasks. */
static ig_status work_here(run *r, ig_error *error)
{
    if (r->rank > 0) {
        return ig_worker_run(&r->work, r->comm, error);
    }
    ig_progress progress =
        ig_progress_start(r->schedule->all, r->schedule->total, r->before, r->options->quiet);
    const ig_status status =
        ig_serve(r->server, &r->work, r->options->max_fails, &progress, &r->tally, error);
    ig_progress_finish(&progress, &r->tally);
    return status;
}

/** Collective: compute everything that is left. Rank 0 gets the run's status, the others how their
 *  own part ended. */
static ig_status work_all(run *r, ig_error *error)
{
    ig_identity rows = ig_identity_of_run(r->registry, r->config, r->isa, r->shared.inputs);
    rows.accept_changed = r->options->accept_changed;
    TRY(ig_agree(r->comm, create_work(r, error), error));
    TRY(ig_output_writer(r->registry, r->options->output, r->comm, r->layout, &rows, &r->writer,
                         error));
    r->work.writer = r->writer;
    r->writing = true;
    if (r->rank == 0) {
        announce(r);
    }
    ig_status status = begin_tasks(r, error);
    if (!status) {
        status = work_here(r, error);
    }
    end_tasks(r);
    if (status == IG_ERR_MPI) {
        return status;
    }
    ig_error close_error = {0};
    const ig_status closed = ig_output_writer_close(r->comm, &r->writer, &close_error);
    if (!status && closed) {
        *error = close_error;
    }
    return status ? status : closed;
}

/** Rank 0: read everything back, say how it ended, and return the exit code. */
static int conclude(run *r, double begin, ig_status status, ig_error *error)
{
    bool failures = r->before.failed + r->tally.failed > 0;
    char shown[IG_SANITIZED_TEXT];
    const char *output = ig_text_sanitized(r->options->output, shown);
    int code = status == IG_ERR_NUMERIC || (!status && failures) ? 3 : ig_status_exit_code(status);
    ig_store_scan scan = {0};
    ig_error trouble = {0};
    ig_status finished = ig_output_finish(&r->output, code, &scan, &trouble);
    if (status) {
        fprintf(stderr, "imagrid: %s\n", error->text);
    }
    if (finished) {
        fprintf(stderr, "imagrid: %s\n", trouble.text);
        return ig_status_exit_code(finished);
    }
    size_t elsewhere = left_elsewhere(r);
    if (!status && scan.empty > elsewhere) {
        fprintf(stderr,
                "imagrid: %zu finished rows are not in %s: do all ranks see the same file?\n",
                scan.empty - elsewhere, output);
        return ig_status_exit_code(IG_ERR_IO);
    }
    char duration[32], ours[80] = "";
    if (r->options->shard.count > 1 && r->schedule) {
        snprintf(ours, sizeof ours, ", %zu of them in shard %zu/%zu,",
                 r->schedule->n - r->tally.done - r->tally.failed, r->options->shard.index,
                 r->options->shard.count);
    }
    printf("%s: %zu done, %zu failed, %zu left%s in %s on %d rank%s\n", output, scan.done,
           scan.failed, scan.empty, ours,
           ig_duration(ig_clock_monotonic() - begin, duration, sizeof duration), r->ranks,
           r->ranks == 1 ? "" : "s");
    if (scan.failed > 0) {
        printf("imagrid status %s shows why tasks failed; imagrid retry %s clears them\n", output,
               output);
    }
    if (code == 75) {
        printf("run the same command again to resume\n");
    } else if (code == 76) {
        printf("the same command would end the same way: give it more time\n");
    }
    return code;
}

/** The same on all ranks. */
static ig_status check_options(const run *r, ig_error *error)
{
    const ig_experiment *experiment = ig_experiment_of(r->config);
    return r->options->accept_changed && !experiment->accepts_changed_inputs
               ? ig_error_set(error, IG_ERR_USAGE,
                              "--accept-changed-program: experiment %s runs no program of yours",
                              experiment->schema.experiment)
               : IG_OK;
}

/** Collective: every rank can write to the folder for what tasks print, which is made. */
static ig_status make_logs(const run *r, ig_error *error)
{
    const char *logs = r->options->logs;
    char reason[IG_ERRNO_TEXT], shown[IG_SANITIZED_TEXT];
    ig_status mine = IG_OK;
    if (logs &&
        ((mkdir(logs, LOGS_MODE) != 0 && errno != EEXIST) || access(logs, W_OK | X_OK) != 0)) {
        mine = ig_error_set(error, IG_ERR_IO, "folder %s for logs cannot be used: %s",
                            ig_text_sanitized(logs, shown), ig_errno_text(errno, reason));
    }
    if (mine && r->rank > 0) {
        ig_error_context(error, "rank %d", r->rank);
    }
    return ig_agree(r->comm, mine, error);
}

/** Collective: everything before the work. */
static ig_status prepare(run *r, double begin, ig_error *error)
{
    TRY_MPI(MPI_Comm_rank(r->comm, &r->rank), error);
    TRY_MPI(MPI_Comm_size(r->comm, &r->ranks), error);
    TRY(load_plugins(r, error));
    TRY(configure(r, error));
    TRY(check_options(r, error));
    if (r->rank == 0) {
        r->limit = ig_limit_find(r->options->time_limit, begin, ig_needs_of(r->config).grace);
    }
    TRY(choose_isa(r, error));
    TRY(find_inputs(r, error));
    TRY(make_logs(r, error));
    return open_output(r, error);
}

/** Collective: returns the exit code, or ends every rank where MPI failed. */
static int run_session(const ig_run_options *options, double begin, MPI_Comm comm)
{
    run r = {.options = options, .comm = comm, .shared = {.memory = IG_NO_MEMORY}};
    ig_error error = {0};
    int code = 0;
    ig_status status = prepare(&r, begin, &error);
    const bool prepared = !status;
    if (prepared) {
        status = work_all(&r, &error);
    }
    if (status == IG_ERR_MPI) {
        /* Nothing collective can be done any more. While other ranks may still be writing the lock
         * stays, for the next run to find that its owner is dead. */
        if (r.ranks == 1 || !r.writing) {
            run_clear(&r);
        }
        ig_mpi_abort(comm, &error);
    }
    if (r.rank == 0 && prepared) {
        code = conclude(&r, begin, status, &error);
    } else if (r.rank == 0) {
        fprintf(stderr, "imagrid: %s\n", error.text);
        code = ig_status_exit_code(status);
    }
    run_clear(&r);
    return code;
}

int ig_run(const ig_run_options *options)
{
    ig_error error = {0};
    MPI_Comm comm = MPI_COMM_NULL;
    const double begin = ig_clock_monotonic();
    /* Before MPI starts, which takes a while: a signal must never find us unprepared. */
    if (ig_signals_install(&error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
        return 1;
    }
    if (ig_mpi_start(&comm, &error)) {
        ig_mpi_abort(MPI_COMM_WORLD, &error);
    }
    const int code = run_session(options, begin, comm);
    return ig_mpi_end(&comm, code);
}
