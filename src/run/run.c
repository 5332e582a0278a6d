#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run/agree.h"
#include "run/clock.h"
#include "run/deadline.h"
#include "run/load.h"
#include "run/output.h"
#include "run/provenance.h"
#include "run/reuse.h"
#include "run/share-file.h"
#include "run/worker.h"

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
    double deadline;  /**< monotonic clock of this host; INFINITY: none */
    ig_output output; /**< rank 0 only */
    int8_t *state;    /**< n_tasks, the same on all ranks */
    ig_schedule *schedule;
    ig_writer *writer;
    bool apart;             /**< this rank no longer is where the others believe it to be */
    ig_tally before, tally; /**< finished by earlier starts, and by this one; rank 0 only */
} run;

static void run_clear(run *r)
{
    ig_schedule_destroy(&r->schedule);
    free(r->state);
    ig_output_clear(&r->output);
    ig_layout_destroy(&r->layout);
    ig_grid_destroy(&r->grid);
    ig_config_destroy(&r->config);
    free(r->text);
    ig_plugins_unload(&r->plugins);
}

/** Collective: configuration, grid and layout on every rank; only rank 0 prints what is wrong. */
static ig_status configure(run *r, ig_error *error)
{
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    ig_status status =
        diagnostics ? IG_OK : ig_error_set(error, IG_ERR_MEMORY, "no memory to configure");
    status = ig_agree(r->comm, status, error);
    if (!status) {
        status = ig_share_file(r->comm, r->options->config, &r->text, &r->size, diagnostics, error);
    }
    if (!status) {
        ig_status mine = ig_experiment_configure(r->registry, r->text, r->size, r->options->config,
                                                 &r->config, diagnostics);
        if (mine) {
            /* The first fault is told with it: another rank's machine may see other faults. */
            size_t n = ig_diagnostics_count(diagnostics);
            if (mine == IG_ERR_MEMORY) {
                ig_error_set(error, mine, "no memory to configure");
            } else {
                ig_error_set(error, mine, "%zu fault%s in the configuration%s%s", n,
                             n == 1 ? "" : "s", n && r->rank ? ", the first: " : "",
                             n && r->rank ? ig_diagnostics_text(diagnostics, 0) : "");
            }
        }
        if (!mine) {
            mine = ig_grid_create(r->config, &r->grid, error);
        }
        if (!mine) {
            const ig_experiment *e = ig_experiment_of(r->config);
            mine = ig_layout_create(e->columns, e->n_columns, e->dimensions, e->n_dimensions,
                                    r->config, &r->layout, error);
        }
        status = ig_agree(r->comm, mine, error);
    }
    if (diagnostics && r->rank == 0) {
        ig_diagnostics_print(diagnostics, stderr);
    }
    ig_diagnostics_destroy(&diagnostics);
    return status;
}

/** Collective: the time that rank 0 sees left becomes a deadline on every rank's own clock. */
static ig_status share_deadline(run *r, ig_error *error)
{
    double left = r->rank == 0 ? ig_deadline_left(r->options->time_limit) : 0;
    ig_status status =
        ig_mpi_check(MPI_Bcast(&left, 1, MPI_DOUBLE, 0, r->comm), "MPI_Bcast", error);
    r->deadline = ig_clock_monotonic() + left;
    return status;
}

/** Collective: the instruction set that every rank has, unless the user pinned one. */
static ig_status choose_isa(run *r, ig_error *error)
{
    ig_isa pinned = r->options->isa;
    int mine = (int)(pinned == IG_ISA_AUTO ? ig_isa_detect() : pinned), all = 0;
    ig_status status = ig_isa_check(pinned, error);
    if (status) {
        ig_error_context(error, "rank %d", r->rank);
    }
    status = ig_agree(r->comm, status, error);
    if (!status) {
        status = ig_mpi_check(MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, r->comm),
                              "MPI_Allreduce", error);
    }
    r->isa = (ig_isa)all;
    return status;
}

/** Rank 0: a plugin that was built anew under its old version is believed to compute the same. */
static void note_changed(const run *r, const char *path, bool changed)
{
    char shown[IG_SANITIZED_TEXT];
    if (changed && !r->options->quiet) {
        fprintf(
            stderr,
            "imagrid: the plugin was built anew since %s was begun; its version is the same, so "
            "its rows are kept\n",
            ig_text_sanitized(path, shown));
    }
}

/** Rank 0: open the older files, then the output, then take over what they have. Nothing is created
 *  before everything that was named has been found good. */
static ig_status open_and_reuse(run *r, const ig_start *start, ig_error *error)
{
    const ig_experiment *experiment = ig_experiment_of(r->config);
    size_t n = r->options->n_reuse;
    ig_store *old[IG_RUN_REUSE] = {0};
    ig_status status = IG_OK;
    for (size_t i = 0; i < n && !status; i++) {
        bool changed = false;
        status = ig_reuse_open(r->registry, r->options->reuse[i], experiment, r->isa, &old[i],
                               &changed, error);
        note_changed(r, r->options->reuse[i], changed);
    }
    if (!status) {
        status = ig_output_open(r->registry, r->options->output, r->options->steal_lock, experiment,
                                r->grid, r->layout, r->isa, r->options->isa != IG_ISA_AUTO, start,
                                &r->output, error);
    }
    for (size_t i = 0; i < n && !status; i++) {
        size_t taken = 0;
        status = ig_reuse_rows(r->registry, old[i], r->options->output, r->grid, r->layout,
                               r->output.state, &taken, error);
        r->output.found.done += taken;
        if (!status && !r->options->quiet) {
            char shown[IG_SANITIZED_TEXT];
            fprintf(stderr, "imagrid: %zu finished tasks taken over from %s\n", taken,
                    ig_text_sanitized(r->options->reuse[i], shown));
        }
    }
    for (size_t i = 0; i < n; i++) {
        ig_store_close(&old[i]);
    }
    return status;
}

/** Collective: rank 0 creates the file or checks the one there is; everybody gets the states. */
static ig_status open_output(run *r, ig_error *error)
{
    size_t n = ig_grid_n_tasks(r->grid);
    ig_start start = {.begin = ig_clock_utc(),
                      .ranks = r->ranks,
                      .exit_code = -1,
                      .shard = (int32_t)r->options->shard.index,
                      .shards = (int32_t)r->options->shard.count};
    const char *job = getenv("SLURM_JOB_ID");
    const char *origin = ig_registry_origin(r->registry, ig_experiment_of(r->config));
    snprintf(start.job, sizeof start.job, "%s", job ? job : "");
    snprintf(start.plugin, sizeof start.plugin, "%s", origin ? origin : "");
    ig_status status = ig_hosts_collect(r->comm, start.hosts, sizeof start.hosts, error);
    if (!status && r->rank == 0) {
        status = open_and_reuse(r, &start, error);
        r->isa = r->output.isa;
    }
    r->state = malloc(n);
    if (!status && !r->state) {
        status = ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu tasks", n);
    }
    status = ig_agree(r->comm, status, error);
    if (status) {
        return status;
    }
    if (r->rank == 0) {
        memcpy(r->state, r->output.state, n);
    }
    int isa = (int)r->isa;
    status = ig_mpi_check(MPI_Bcast(&isa, 1, MPI_INT, 0, r->comm), "MPI_Bcast", error);
    r->isa = (ig_isa)isa;
    if (!status) {
        status =
            ig_mpi_check(MPI_Bcast(r->state, (int)n, MPI_BYTE, 0, r->comm), "MPI_Bcast", error);
    }
    return status;
}

/** What earlier starts finished of this run's shard. */
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

/** Tasks that were empty at the start and are no business of this run's. */
static size_t left_elsewhere(const run *r)
{
    size_t left = 0;
    for (size_t t = 0; t < ig_grid_n_tasks(r->grid); t++) {
        left += r->state[t] == IG_STATE_EMPTY && !ig_shard_holds(r->options->shard, t);
    }
    return left;
}

/** Rank 0: tell what was found before the work starts. */
static void announce(run *r)
{
    const ig_store_scan *found = &r->output.found;
    char shown[IG_SANITIZED_TEXT];
    r->before = finished_before(r);
    note_changed(r, r->options->output, r->output.plugin_changed);
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

/** Collective: compute everything that is left. Rank 0 gets the run's status, the others how their
 *  own part ended. */
static ig_status work_all(run *r, ig_error *error)
{
    const ig_experiment *experiment = ig_experiment_of(r->config);
    ig_work work = {.experiment = experiment,
                    .grid = r->grid,
                    .isa = r->isa,
                    .deadline = r->deadline,
                    .rank = r->rank};
    ig_status status =
        ig_schedule_create(experiment, r->grid, r->state, r->options->shard, &r->schedule, error);
    if (!status) {
        status = ig_work_init(&work, r->layout, error);
    }
    status = ig_agree(r->comm, status, error);
    if (!status) {
        status =
            ig_writer_open(r->registry, r->options->output, r->comm, r->layout, &r->writer, error);
    }
    if (status) {
        ig_work_clear(&work);
        return status;
    }
    work.schedule = r->schedule;
    work.writer = r->writer;
    if (r->rank == 0) {
        announce(r);
        ig_progress progress =
            ig_progress_start(r->schedule->all, r->schedule->total, r->before, r->options->quiet);
        status = ig_serve(&work, r->comm, r->options->max_fails, &progress, &r->tally, error);
        ig_progress_finish(&progress, &r->tally);
    } else {
        status = ig_worker_run(&work, r->comm, error);
    }
    ig_work_clear(&work);
    /* A rank without memory for its part has not played it: the others may wait for it. */
    r->apart = status == IG_ERR_MEMORY;
    if (status == IG_ERR_MPI || r->apart) {
        return status;
    }
    ig_error trouble = {0};
    ig_status closed = ig_writer_close(&r->writer, &trouble);
    if (!status && closed) {
        *error = trouble;
        status = closed;
    }
    return status;
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
                "imagrid: %zu finished rows are not in %s: do all ranks see the same one?\n",
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
        printf("failed rows say why: imagrid status %s; imagrid retry %s clears them\n", output,
               output);
    }
    if (code == 75) {
        printf("the same command goes on from here\n");
    }
    return code;
}

/** Collective: everything before the work. */
static ig_status prepare(run *r, ig_error *error)
{
    ig_status status = ig_mpi_check(MPI_Comm_rank(r->comm, &r->rank), "MPI_Comm_rank", error);
    if (!status) {
        status = ig_mpi_check(MPI_Comm_size(r->comm, &r->ranks), "MPI_Comm_size", error);
    }
    if (!status) {
        status = share_deadline(r, error);
    }
    if (!status) {
        status = ig_load_together(r->comm, &r->options->plugins, &r->plugins, error);
    }
    if (!status) {
        r->registry = ig_plugins_registry(r->plugins);
        status = configure(r, error);
    }
    if (!status) {
        status = choose_isa(r, error);
    }
    return status ? status : open_output(r, error);
}

int ig_run(const ig_run_options *options, MPI_Comm comm)
{
    run r = {.options = options, .comm = comm};
    ig_error error = {0};
    double begin = ig_clock_monotonic();
    int code = 0;
    ig_status status = prepare(&r, &error);
    bool prepared = !status;
    if (prepared) {
        status = work_all(&r, &error);
    }
    if (status == IG_ERR_MPI || r.apart) {
        /* Nothing collective can be done any more. The lock goes first, it is nobody's now. */
        run_clear(&r);
        ig_mpi_abort(comm, -1, &error);
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
