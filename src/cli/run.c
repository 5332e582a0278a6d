#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/process.h"
#include "cli/command.h"
#include "run/run.h"

static const char help[] =
    "usage: [mpirun -n RANKS] imagrid run CONFIG.yaml -o OUT.h5 [options]\n"
    "\n"
    "Computes every task of the grid that OUT.h5 does not hold yet. Starting and resuming\n"
    "are the same command.\n"
    "\n"
    "  -o, --output FILE   the result file\n"
    "      --reuse OLD.h5  take over the finished tasks of another file of this experiment that\n"
    "                      are in this grid too; may be given several times\n"
    "      --plugin FILE   load experiments from a shared object, here and nowhere else named;\n"
    "                      may be given several times\n"
    "      --isa NAME      auto, portable, avx2 or avx512 [auto: the best all ranks have]\n"
    "      --shard I/N     only the tasks whose number modulo N is I; imagrid-merge takes the\n"
    "                      files of all shards together\n"
    "      --time-limit T  be over after T (90s, 15m, 2h, 1-12:00:00): tasks that would not fit\n"
    "                      are not started [the end of the Slurm job, less 30 s]\n"
    "      --max-fails N   stop when more than N tasks have failed [never]\n"
    "      --fail-fast     stop at the first failed task, --max-fails 0\n"
    "      --steal-lock    take over the lock of a run on another host that is surely dead\n"
    "  -q, --quiet         no progress\n"
    "  -h, --help\n"
    "\n"
    "examples:\n"
    "  imagrid run configs/quick/scaling.yaml -o quick.h5\n"
    "  mpirun -n 8 imagrid run configs/paper/scaling.yaml -o scaling.h5\n"
    "  mpirun -n 8 imagrid run configs/paper/scaling.yaml -o part-0.h5 --shard 0/4\n"
    "\n"
    "exit codes: 0 done; 2 bad usage or configuration; 3 some tasks failed (rows say why);\n"
    "4 trouble with the output file; 75 stopped by a signal or the time limit, the same command\n"
    "goes on\n";

static int complain(bool aloud, const char *text)
{
    return aloud ? ig_usage_error("run", "%s", text) : 2;
}

static bool parse_count(const char *text, size_t *count)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    *count = (size_t)number;
    return *text >= '0' && *text <= '9' && *end == '\0' && !errno;
}

enum { ISA = 256, FAIL_FAST, MAX_FAILS, REUSE, SHARD, STEAL_LOCK, TIME_LIMIT };

/** One option with its argument in `optarg`. */
static ig_status take(int option, ig_run_options *options, ig_error *error)
{
    switch (option) {
    case 'o':
        options->output = optarg;
        break;
    case ISA:
        return ig_isa_parse(optarg, &options->isa, error);
    case SHARD:
        return ig_shard_parse(optarg, &options->shard, error);
    case FAIL_FAST:
        options->max_fails = 0;
        break;
    case MAX_FAILS:
        if (!parse_count(optarg, &options->max_fails)) {
            return ig_error_set(error, IG_ERR_USAGE, "--max-fails expects a number of tasks");
        }
        break;
    case REUSE:
        if (options->n_reuse == IG_RUN_REUSE) {
            return ig_error_set(error, IG_ERR_USAGE, "at most %d files can be reused",
                                IG_RUN_REUSE);
        }
        options->reuse[options->n_reuse++] = optarg;
        break;
    case TIME_LIMIT:
        return ig_duration_parse(optarg, &options->time_limit, error);
    case IG_OPTION_PLUGIN:
        return ig_plugin_files_add(&options->plugins, optarg, error);
    case STEAL_LOCK:
        options->steal_lock = true;
        break;
    case 'q':
        options->quiet = true;
        break;
    default:
        return ig_error_set(error, IG_ERR_USAGE, "unknown option or missing argument");
    }
    return IG_OK;
}

/** Returns -1 to go on, else the exit code; prints only if `aloud`. */
static int parse(int argc, char **argv, ig_run_options *options, bool aloud)
{
    static const struct option names[] = {{"output", required_argument, NULL, 'o'},
                                          {"isa", required_argument, NULL, ISA},
                                          {"plugin", required_argument, NULL, IG_OPTION_PLUGIN},
                                          {"fail-fast", no_argument, NULL, FAIL_FAST},
                                          {"shard", required_argument, NULL, SHARD},
                                          {"steal-lock", no_argument, NULL, STEAL_LOCK},
                                          {"max-fails", required_argument, NULL, MAX_FAILS},
                                          {"reuse", required_argument, NULL, REUSE},
                                          {"time-limit", required_argument, NULL, TIME_LIMIT},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    ig_error error = {0};
    int option;
    opterr = aloud;
    while ((option = getopt_long(argc, argv, "o:qhV", names, NULL)) != -1) {
        if (option == 'h' || option == 'V') {
            fputs(!aloud ? "" : option == 'h' ? help : ig_version_text(), stdout);
            fputs(aloud && option == 'V' ? "\n" : "", stdout);
            return 0;
        }
        if (take(option, options, &error)) {
            return complain(aloud, error.text);
        }
    }
    if (argc - optind != 1) {
        return complain(aloud, "expected exactly one configuration file");
    }
    if (!options->output || !options->output[0]) {
        return complain(aloud, "no output file: -o OUT.h5");
    }
    options->config = argv[optind];
    return -1;
}

int ig_command_run(int argc, char **argv)
{
    /* Every rank reads the same arguments before MPI starts; only the first should answer. */
    const bool first = ig_launched_rank() <= 0;
    ig_run_options options = {.shard = {0, 1}, .max_fails = SIZE_MAX};
    const int code = parse(argc, argv, &options, first);
    return code < 0 ? ig_run(&options) : first ? code : 0;
}
