/** Experiment `program` (docs/program.md): a task is a run of somebody's own program. */
#include "experiments/program.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "program/child.h"
#include "program/executable.h"
#include "program/result.h"
#include "program/template.h"

/* Everything that libraries ask for a number of threads. */
static const char *const thread_variables[] = {
    "OMP_NUM_THREADS",     "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",  "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS",    "JULIA_NUM_THREADS"};
enum { N_THREAD_VARIABLES = sizeof thread_variables / sizeof *thread_variables };

/* A result file is read whole; a line of results has room for every number of a row. */
enum { RESULT_MAX = 1 << 26, LINE_LEAST = 1 << 16, NUMBER_TEXT = 32 };

/** What a rank keeps between its tasks. */
typedef struct rank {
    const ig_program *program;
    ig_keeper *keeper;
    int64_t retries;
    char cores[NUMBER_TEXT]; /**< of a task */
    bool keep_scratch;
    char *scratches;                  /**< folder in which scratch folders are made */
    int point_digits, seed_digits;    /**< in names of logs */
    bool log_failed;                  /**< which has been said */
    char *folder;                     /**< where programs run, absolute */
    char *executable;                 /**< of the command's first word */
    char *gpus;                       /**< CUDA_VISIBLE_DEVICES=...; NULL: as it is */
    bool scratch;                     /**< the command or its environment asks for a folder */
    bool result;                      /**< ... for a result file */
    bool threads[N_THREAD_VARIABLES]; /**< set by us, not by the user's environment */
} rank;

/* Ranks. */

static bool uses(const char *text, const char *placeholder)
{
    char name[IG_PLACEHOLDER];
    const char *fault;
    while (ig_template_next(&text, name, &fault) > 0) {
        if (strcmp(name, placeholder) == 0) {
            return true;
        }
    }
    return false;
}

bool ig_program_uses(const ig_config *config, const char *placeholder)
{
    const ig_program *p = ig_program_of(config);
    const ig_value *command = ig_config_value(config, ig_config_key(config, "command"), 0);
    bool found = false;
    for (size_t i = 0; i < command->n; i++) {
        found = found || uses(command->texts[i], placeholder);
    }
    for (size_t i = 0; i < p->n_environment; i++) {
        found = found || uses(p->environment_values[i], placeholder);
    }
    return found;
}

/** Where item `i` of a list separated by commas begins; NULL where it has none. */
static const char *item(const char *list, size_t i)
{
    while (list && i > 0) {
        list = strchr(list, ',');
        list = list ? list + 1 : NULL;
        i--;
    }
    return list && *list ? list : NULL;
}

/** This rank's share of the node's GPUs: of those that CUDA_VISIBLE_DEVICES lists where these are
 *  `gpus_per_node`, else 0, 1, ... A list of another length is somebody's choice already. */
static ig_status choose_gpus(rank *r, size_t n, const ig_site *site, ig_error *error)
{
    const size_t ranks = (size_t)site->local_ranks;
    const char *given = getenv("CUDA_VISIBLE_DEVICES");
    if (n == 0 || (given && (!item(given, n - 1) || item(given, n)))) {
        return IG_OK;
    }
    const size_t first = (size_t)site->local_rank * n / ranks;
    size_t last = ((size_t)site->local_rank + 1) * n / ranks;
    last = last > first ? last : first + 1;
    char *list = ig_strdup("CUDA_VISIBLE_DEVICES=", error);
    for (size_t i = first; list && i < last; i++) {
        const char *name = item(given, i), *comma = i > first ? "," : "";
        char *longer =
            name ? ig_asprintf(error, "%s%s%.*s", list, comma, (int)strcspn(name, ","), name)
                 : ig_asprintf(error, "%s%s%zu", list, comma, i);
        free(list);
        list = longer;
    }
    r->gpus = list;
    return list ? IG_OK : IG_ERR_MEMORY;
}

static void choose_threads(rank *r)
{
    for (size_t t = 0; t < N_THREAD_VARIABLES; t++) {
        r->threads[t] = true;
        for (size_t i = 0; i < r->program->n_environment; i++) {
            r->threads[t] =
                r->threads[t] && strcmp(r->program->environment_names[i], thread_variables[t]) != 0;
        }
    }
}

static void destroy(rank **own)
{
    rank *r = *own;
    if (r) {
        ig_keeper_stop(&r->keeper);
        free(r->folder);
        free(r->executable);
        free(r->scratches);
        free(r->gpus);
        free(r);
        *own = NULL;
    }
}

/** Folder of the scratch folders: a relative one lies in the folder of the configuration. */
static ig_status choose_scratch(rank *r, const char *given, ig_error *error)
{
    const char *usual = getenv("TMPDIR");
    usual = usual && *usual ? usual : "/tmp";
    r->scratches = *given == '/' ? ig_strdup(given, error)
                   : *given      ? ig_asprintf(error, "%s/%s", r->folder, given)
                                 : ig_strdup(usual, error);
    return r->scratches ? IG_OK : IG_ERR_MEMORY;
}

/** So that names of logs sort. */
static void choose_digits(rank *r, const ig_grid *grid)
{
    const ig_config *config = ig_grid_config(grid);
    uint64_t largest = 0;
    for (size_t i = 0; i < ig_config_n_seeds(config); i++) {
        const uint64_t seed = ig_config_seed(config, i);
        largest = seed > largest ? seed : largest;
    }
    r->point_digits = snprintf(NULL, 0, "%zu", ig_grid_n_points(grid) - 1);
    r->seed_digits = snprintf(NULL, 0, "%llu", (unsigned long long)largest);
}

/** What the configuration says once for all tasks. */
static ig_status read_keys(rank *r, const ig_grid *grid, const ig_site *site, ig_error *error)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_point any = {grid, 0};
    size_t n;
    r->retries = ig_point_integer(&any, "retries");
    r->keep_scratch = ig_point_boolean(&any, "keep_scratch");
    snprintf(r->cores, sizeof r->cores, "%lld",
             (long long)ig_point_integer(&any, "cores_per_task"));
    r->result = ig_program_uses(config, "result");
    r->scratch = r->result || ig_program_uses(config, "scratch");
    choose_threads(r);
    choose_digits(r, grid);
    TRY(choose_scratch(r, ig_point_text(&any, "scratch"), error));
    TRY(choose_gpus(r, (size_t)ig_point_integer(&any, "gpus_per_node"), site, error));
    return ig_executable_find(ig_point_texts(&any, "command", &n)[0], r->folder, &r->executable,
                              error);
}

ig_status ig_program_begin(const ig_grid *grid, const ig_site *site, void **own, ig_error *error)
{
    AUTO(destroy) rank *r = NULL;
    TRY(IG_ALLOC(r, 1, error));
    r->program = ig_program_of(ig_grid_config(grid));
    r->folder = realpath(r->program->folder, NULL);
    if (!r->folder) {
        const int number = errno;
        char reason[IG_ERRNO_TEXT];
        return ig_error_set(error, ig_status_from_errno(number), "%s: %s", r->program->folder,
                            ig_errno_text(number, reason));
    }
    TRY(read_keys(r, grid, site, error));
    TRY(ig_keeper_start(&r->keeper, error));
    *own = ig_take(&r);
    return IG_OK;
}

void ig_program_end(void *own)
{
    rank *r = own;
    destroy(&r);
}

/* Tasks. */

/** One task, or an attempt at it. */
typedef struct job {
    rank *rank;
    const ig_task *task;
    const ig_row *row;
    char *scratch, *result, *log; /**< owned; NULL: there is none */
    char **arguments, **set;      /**< owned, NULL-terminated */
    size_t n_set;
    char text[IG_NUMBER_TEXT]; /**< of the number that was asked for last */
} job;

static void free_texts(char **texts)
{
    for (size_t i = 0; texts && texts[i]; i++) {
        free(texts[i]);
    }
    free(texts);
}

static void clear_job(job *j)
{
    if (j->scratch && !j->rank->keep_scratch) {
        ig_error ignored = {0};
        ig_folder_remove(j->scratch, &ignored);
    }
    free(j->scratch);
    free(j->result);
    free(j->log);
    free_texts(j->arguments);
    free_texts(j->set);
}

/** Value of a placeholder (ig_lookup). */
static const char *lookup(void *context, const char *name)
{
    job *j = context;
    const ig_program *p = j->rank->program;
    const ig_point *point = &j->task->point;
    for (size_t a = 0; a < p->n_axes; a++) {
        if (strcmp(p->axes[a].name, name) == 0) {
            const size_t key = ig_config_key(ig_grid_config(point->grid), p->axes[a].path);
            return ig_value_text(ig_grid_value(point->grid, point->index, key));
        }
    }
    if (strcmp(name, "result") == 0 || strcmp(name, "scratch") == 0) {
        return *name == 'r' ? j->result : j->scratch;
    }
    const struct {
        const char *name;
        uint64_t number;
    } numbers[] = {{"seed", j->task->seed},
                   {"task", j->task->number},
                   {"rank", (uint64_t)j->task->site->rank},
                   {"local_rank", (uint64_t)j->task->site->local_rank}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(numbers[i].name, name) == 0) {
            snprintf(j->text, sizeof j->text, "%llu", (unsigned long long)numbers[i].number);
            return j->text;
        }
    }
    return NULL;
}

static ig_status make_arguments(job *j, ig_error *error)
{
    size_t n;
    const char *const *command = ig_point_texts(&j->task->point, "command", &n);
    TRY(IG_ALLOC(j->arguments, n + 1, error));
    j->arguments[0] = ig_strdup(j->rank->executable, error);
    TRY(j->arguments[0] ? IG_OK : IG_ERR_MEMORY);
    for (size_t i = 1; i < n; i++) {
        TRY(ig_template_fill(command[i], lookup, j, &j->arguments[i], error));
    }
    return IG_OK;
}

/** NAME=VALUE for the program's environment. */
static ig_status set(job *j, const char *name, const char *value, ig_error *error)
{
    j->set[j->n_set] = ig_asprintf(error, "%s=%s", name, value);
    return j->set[j->n_set++] ? IG_OK : IG_ERR_MEMORY;
}

static ig_status make_environment(job *j, ig_error *error)
{
    static const char *const told[][2] = {
        {"IMAGRID_TASK", "task"},     {"IMAGRID_SEED", "seed"},
        {"IMAGRID_RANK", "rank"},     {"IMAGRID_LOCAL_RANK", "local_rank"},
        {"IMAGRID_RESULT", "result"}, {"IMAGRID_SCRATCH", "scratch"}};
    enum { N_TOLD = sizeof told / sizeof *told };
    const rank *r = j->rank;
    const ig_program *p = r->program;
    TRY(IG_ALLOC(j->set, N_TOLD + N_THREAD_VARIABLES + p->n_environment + 2, error));
    for (size_t i = 0; i < N_TOLD; i++) {
        const char *value = lookup(j, told[i][1]);
        if (value) {
            TRY(set(j, told[i][0], value, error));
        }
    }
    for (size_t t = 0; t < N_THREAD_VARIABLES; t++) {
        if (r->threads[t]) {
            TRY(set(j, thread_variables[t], r->cores, error));
        }
    }
    if (r->gpus) {
        j->set[j->n_set] = ig_strdup(r->gpus, error);
        TRY(j->set[j->n_set++] ? IG_OK : IG_ERR_MEMORY);
    }
    for (size_t i = 0; i < p->n_environment; i++) {
        AUTO_FREE char *value = NULL;
        TRY(ig_template_fill(p->environment_values[i], lookup, j, &value, error));
        TRY(set(j, p->environment_names[i], value, error));
    }
    return IG_OK;
}

/** A folder of the task's own, with a name that nobody else has. */
static ig_status make_scratch(job *j, ig_error *error)
{
    const char *parent = j->rank->scratches;
    j->scratch = ig_asprintf(error, "%s/imagrid-task%zu-XXXXXX", parent, j->task->number);
    if (!j->scratch) {
        return IG_ERR_MEMORY;
    }
    if (!mkdtemp(j->scratch)) {
        const int number = errno;
        char reason[IG_ERRNO_TEXT];
        ig_error_set(error, ig_status_from_errno(number), "no scratch folder can be made in %s: %s",
                     parent, ig_errno_text(number, reason));
        free(ig_take(&j->scratch));
        return error ? error->status : IG_ERR_IO;
    }
    j->result = ig_asprintf(error, "%s/result.json", j->scratch);
    return j->result ? IG_OK : IG_ERR_MEMORY;
}

/** LOGS/POINT-SEED.log, emptied before the first attempt. */
static ig_status make_log(job *j, int64_t attempt, ig_error *error)
{
    j->log =
        ig_asprintf(error, "%s/%0*zu-%0*llu.log", j->task->site->logs, j->rank->point_digits,
                    j->task->point.index, j->rank->seed_digits, (unsigned long long)j->task->seed);
    if (!j->log) {
        return IG_ERR_MEMORY;
    }
    const int fd =
        open(j->log, O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | (attempt ? 0 : O_TRUNC), 0666);
    if (fd < 0 || (attempt && dprintf(fd, "imagrid: attempt %lld\n", (long long)attempt + 1) < 0)) {
        const int number = errno;
        char reason[IG_ERRNO_TEXT];
        if (fd >= 0) {
            close(fd);
        }
        return ig_error_set(error, ig_status_from_errno(number), "%s: %s", j->log,
                            ig_errno_text(number, reason));
    }
    close(fd);
    return IG_OK;
}

static void hear(void *context, const char *line)
{
    const ig_task *task = context;
    double share;
    if (ig_result_progress(line, &share)) {
        task->listener->progress(task->listener->context, share);
    }
}

/** Once a rank: its logs are not all that was printed. */
static void check_log(job *j, const ig_ended *ended)
{
    char reason[IG_ERRNO_TEXT];
    if (ended->log_errno && !j->rank->log_failed) {
        j->rank->log_failed = true;
        fprintf(stderr, "imagrid: %s: %s: logs are not whole\n", j->log,
                ig_errno_text(ended->log_errno, reason));
    }
}

/** Room for a line with every number of the row and its name. */
static size_t line_max(const ig_layout *layout)
{
    size_t size = LINE_LEAST;
    for (size_t c = 0; c < layout->n_columns; c++) {
        size += layout->counts[c] * NUMBER_TEXT;
    }
    return size;
}

static ig_status read_result_file(const job *j, ig_error *error)
{
    AUTO_FREE char *bytes = NULL;
    struct stat info;
    size_t used = 0;
    AUTO_CLOSE const int fd = open(j->result, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "the program ended without an error but wrote no result file");
    }
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "the result file is not a plain file that can be read");
    }
    if (info.st_size > RESULT_MAX) {
        return ig_error_set(error, IG_ERR_NUMERIC, "the result file has %lld bytes, more than %d",
                            (long long)info.st_size, RESULT_MAX);
    }
    TRY(IG_ALLOC(bytes, (size_t)info.st_size + 1, error));
    for (ssize_t got = 1; got > 0 && used < (size_t)info.st_size; used += (size_t)got) {
        got = read(fd, bytes + used, (size_t)info.st_size - used);
        if (got < 0) {
            char reason[IG_ERRNO_TEXT];
            return ig_error_set(error, IG_ERR_NUMERIC, "the result file cannot be read: %s",
                                ig_errno_text(errno, reason));
        }
    }
    return ig_result_read(bytes, used, "the result file", j->row, 0, j->rank->program->n_declared,
                          error);
}

static ig_status read_result(const job *j, const ig_ended *ended, ig_error *error)
{
    if (j->rank->result) {
        return read_result_file(j, error);
    }
    if (ended->line_long) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "the last line of standard output has more than %zu bytes: write the "
                            "result to the file {result}",
                            line_max(j->row->layout));
    }
    if (!*ended->line) {
        return ig_error_set(error, IG_ERR_NUMERIC,
                            "the program ended without an error but printed no result");
    }
    return ig_result_read(ended->line, strlen(ended->line), "the last line of standard output",
                          j->row, 0, j->rank->program->n_declared, error);
}

/** Why a program failed, with the last thing it said. */
static ig_status report(const job *j, const ig_ended *ended, ig_error *error)
{
    const char *last = strrchr(ended->tail, '\n');
    char reason[IG_ERRNO_TEXT], why[IG_SANITIZED_TEXT];
    last = last ? last + 1 : ended->tail;
    switch (ended->end) {
    case IG_END_EXIT:
        snprintf(why, sizeof why, "exit status %d", ended->code);
        break;
    case IG_END_SIGNAL:
        snprintf(why, sizeof why, "ended by signal %d (%s)", ended->code, strsignal(ended->code));
        break;
    case IG_END_TIMEOUT:
        snprintf(why, sizeof why, "ended after its time-out of %g s", j->rank->program->timeout);
        break;
    case IG_END_NO_START:
        snprintf(why, sizeof why, "%s cannot be started: %s", j->rank->executable,
                 ig_errno_text(ended->code, reason));
        break;
    case IG_END_NO_FOLDER:
        snprintf(why, sizeof why, "its folder %s cannot be entered: %s", j->rank->folder,
                 ig_errno_text(ended->code, reason));
        break;
    case IG_END_LOST:
        snprintf(why, sizeof why, "the process that kept it was killed");
        break;
    }
    return ig_error_set(error, IG_ERR_NUMERIC, "%s%s%s", why, *last ? ": " : "", last);
}

/** Bytes of the column for the end of standard error; 0: there is none. */
static size_t tail_max(const ig_layout *layout)
{
    const ig_column *last = &layout->columns[layout->n_columns - 1];
    return last->type == IG_TEXT ? last->width : 0;
}

static ig_status run_child(job *j, ig_ended *ended, ig_error *error)
{
    const ig_program *p = j->rank->program;
    const ig_layout *layout = j->row->layout;
    AUTO_FREE char **environment = NULL;
    TRY(make_arguments(j, error));
    TRY(make_environment(j, error));
    TRY(ig_child_environment(j->set, &environment, error));
    const ig_child child = {
        .arguments = j->arguments,
        .environment = environment,
        .folder = j->rank->folder,
        .scratch = j->rank->keep_scratch ? NULL : j->scratch,
        .log = j->log,
        .timeout = p->timeout,
        .grace = p->grace,
        .line_max = line_max(layout),
        .tail_max = tail_max(layout),
        .line = j->task->listener ? hear : NULL,
        .context = (void *)(size_t)j->task,
    };
    return ig_child_run(j->rank->keeper, &child, j->task->yield, ended, error);
}

static ig_status attempt(const ig_task *task, int64_t number, const ig_row *row, ig_error *error)
{
    rank *r = task->own;
    AUTO(clear_job) job j = {.rank = r, .task = task, .row = row};
    AUTO(ig_ended_clear) ig_ended ended = {0};
    ig_row_clear(row);
    if (r->scratch) {
        TRY(make_scratch(&j, error));
    }
    if (task->site->logs) {
        TRY(make_log(&j, number, error));
    }
    TRY(run_child(&j, &ended, error));
    check_log(&j, &ended);
    const ig_status status = ended.end != IG_END_EXIT || ended.code != 0
                                 ? report(&j, &ended, error)
                                 : read_result(&j, &ended, error);
    if (!status) {
        ig_row_set(row, "retries", (double)number);
    } else if (tail_max(row->layout) > 0) {
        ig_row_set_text(row, "stderr", ended.tail);
    }
    return status;
}

ig_status ig_program_run(const ig_task *task, const ig_row *row, ig_error *error)
{
    const rank *r = task->own;
    const int64_t retries = r->retries;
    ig_status status = IG_ERR_NUMERIC;
    for (int64_t i = 0; i <= retries && status == IG_ERR_NUMERIC; i++) {
        status = attempt(task, i, row, error);
    }
    if (status == IG_ERR_NUMERIC && retries > 0) {
        ig_error_context(error, "%lld attempts, the last", (long long)retries + 1);
    }
    return status;
}
