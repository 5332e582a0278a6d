#include <stddef.h>

#include "cli/command.h"
#include "run/run.h"

static ig_status take_reuse(const char *text, void *value, ig_error *error)
{
    ig_run_options *options = value;
    if (options->n_reuse == IG_RUN_REUSE) {
        return ig_error_set(error, IG_ERR_USAGE, "at most %d files can be reused", IG_RUN_REUSE);
    }
    options->reuse[options->n_reuse++] = text;
    return IG_OK;
}

static ig_status take_shard(const char *text, void *value, ig_error *error)
{
    return ig_shard_parse(text, value, error);
}

static ig_status take_max_fails(const char *text, void *value, ig_error *error)
{
    return ig_parse_count(text, 0, INT64_MAX, value, error);
}

static ig_status take_fail_fast(const char *text, void *value, ig_error *error)
{
    (void)text;
    (void)error;
    *(size_t *)value = 0;
    return IG_OK;
}

static const ig_option known[] = {
    {"output", 'o', "OUT.h5", ig_take_text, offsetof(ig_run_options, output),
     "result file to create or to resume; required"},
    {"reuse", 0, "OLD.h5", take_reuse, 0,
     "take over the finished tasks of another result file of this experiment that are also in "
     "this grid; repeatable"},
    IG_OPTION_PLUGIN(ig_run_options, plugins),
    {"isa", 0, "NAME", ig_take_isa, offsetof(ig_run_options, isa),
     "auto, portable, avx2, avx512, neon, sve256 or sve512: instruction set to use [default: auto: "
     "that of the "
     "file to "
     "resume or to reuse, else the best that all ranks support]"},
    {"shard", 0, "I/N", take_shard, offsetof(ig_run_options, shard),
     "compute only the tasks whose number modulo N is I; `imagrid merge` combines the files of "
     "all shards"},
    {"time-limit", 0, "TIME", ig_take_duration, offsetof(ig_run_options, time_limit),
     "finish within TIME (90s, 15m, 2h, 1-12:00:00), or 30 s before the end of the Slurm job if "
     "that "
     "is earlier: tasks that would not fit are not started [default: the end of the job alone]"},
    {"max-fails", 0, "N", take_max_fails, offsetof(ig_run_options, max_fails),
     "stop when more than N tasks have failed [default: no limit]"},
    {"fail-fast", 0, NULL, take_fail_fast, offsetof(ig_run_options, max_fails),
     "stop at the first failed task, as --max-fails 0"},
    {"accept-changed-program", 0, NULL, ig_take_flag, offsetof(ig_run_options, accept_changed),
     "resume though an input file of the program has changed since OUT.h5 was made; the session "
     "notes what it was computed with"},
    {"logs", 0, "DIR", ig_take_text, offsetof(ig_run_options, logs),
     "folder, made where it is not there, for all that the programs of tasks print: "
     "DIR/POINT-SEED.log"},
    {"steal-lock", 0, NULL, ig_take_flag, offsetof(ig_run_options, steal_lock),
     "take over the lock of a run on another host that is known to be dead"},
    {"quiet", 'q', NULL, ig_take_flag, offsetof(ig_run_options, quiet), "no progress output"},
    IG_OPTIONS_END};

static ig_status check(const void *values, ig_error *error)
{
    const ig_run_options *o = values;
    return o->output && o->output[0]
               ? IG_OK
               : ig_error_set(error, IG_ERR_USAGE, "no output file: use -o OUT.h5");
}

static int run(int argc, char **argv)
{
    /* Every rank parses the same arguments before MPI starts; only the first one answers. */
    const bool silent = ig_launched_rank() > 0;
    ig_run_options options = {.shard = {0, 1}, .max_fails = SIZE_MAX};
    size_t n;
    const int code = ig_command_parse(&ig_command_run, argc, argv, silent, &options, &n);
    if (code >= 0) {
        return code;
    }
    options.config = argv[1];
    return ig_run(&options);
}

const ig_command ig_command_run = {
    .name = "run",
    .summary = "start or resume a grid, under mpirun or alone",
    .usage = "[mpirun -n RANKS] imagrid run CONFIG.yaml -o OUT.h5 [options]",
    .about = "Computes every task of the grid that OUT.h5 does not hold yet. Starting and "
             "resuming are the same command.",
    .operand = "configuration file",
    .operands_min = 1,
    .operands_max = 1,
    .options = known,
    .check = check,
    .examples = "imagrid run configs/quick/scaling.yaml -o quick.h5\n"
                "mpirun -n 8 imagrid run configs/paper/scaling.yaml -o scaling.h5\n"
                "mpirun -n 8 imagrid run configs/paper/scaling.yaml -o part-0.h5 --shard 0/4",
    .exit_codes = "0 done\n"
                  "1 any other failure, such as out of memory or MPI\n"
                  "2 invalid usage or configuration\n"
                  "3 some tasks failed (`imagrid status` shows why)\n"
                  "4 output file cannot be used or written\n"
                  "75 stopped by a signal or the time limit: run the same command again to resume\n"
                  "76 the time limit is too short: not one task was finished in it",
    .main = run,
};
