#!/usr/bin/env python3
"""What a task costs that is a program: one that prints a number and ends, two at a time, under imagrid and under other
runners, each start included.

usage: bench-programs.py IMAGRID BENCH-PROGRAMS PRINT-ONE [TASKS [ROUNDS]]    GNU Parallel if it is on the
PATH, HyperQueue if this Python has it
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import hyperqueue as hq
    import hyperqueue.cluster  # noqa: F401
except ImportError:
    hq = None

imagrid, bench, program = sys.argv[1:4]
tasks = int(sys.argv[4]) if len(sys.argv) > 4 else 2000
rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 5
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
GRID = """experiment: program
seeds: {tasks}
command: [{program}]
columns: {{x: {{}}}}
"""


def two(verb):
    """bench-programs in two processes, half of the tasks each."""
    def start(directory):
        running = [subprocess.Popen([bench, verb, str(tasks // 2), program], **QUIET) for _ in range(2)]
        assert [process.wait() for process in running] == [0, 0]
    return start


def ours(directory):
    config, out = os.path.join(directory, "grid.yaml"), os.path.join(directory, "grid.h5")
    with open(config, "w", encoding="utf-8") as file:
        file.write(GRID.format(tasks=tasks, program=program))
    env = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
               OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_orte_tmpdir_base=directory,
               PRTE_MCA_rmaps_default_mapping_policy=":oversubscribe", PRTE_MCA_prte_tmpdir_base=directory)
    subprocess.run(["mpirun", "-n", "2", imagrid, "run", config, "-o", out, "-q"], env=env, check=True, **QUIET)
    os.remove(out)


def lines(*command):
    def start(directory):
        text = "\n".join(map(str, range(tasks))) + "\n"
        subprocess.run(command, input=text.encode(), check=True, **QUIET)
    return start


def hyperqueue(directory):
    """Through its Python interface."""
    with hq.LocalCluster() as cluster:
        cluster.start_worker(hq.cluster.WorkerConfig(cores=2))
        client, job = cluster.client(), hq.Job()
        for _ in range(tasks):
            job.program([program], stdout=None, stderr=None)
        client.wait_for_jobs([client.submit(job)])


runners = {"posix_spawn in a loop": two("spawn"), "a rank's keeper alone": two("child"), "imagrid, 2 ranks": ours,
           "xargs -P 2": lines("xargs", "-P", "2", "-n", "1", program)}
if shutil.which("parallel"):
    runners["GNU Parallel -j 2"] = lines("parallel", "-j", "2", program)
if hq:
    runners["HyperQueue, 2 cores"] = hyperqueue

seconds = {name: [] for name in runners}
with tempfile.TemporaryDirectory(prefix="imagrid-bench-") as directory:
    for _ in range(rounds):
        for name, run in runners.items():
            begin = time.monotonic()
            run(directory)
            seconds[name].append(time.monotonic() - begin)
base = seconds["posix_spawn in a loop"]
print(f"{tasks} tasks, two at a time, {rounds} rounds: median ms a task (least, most), and how often posix_spawn's")
for name, times in seconds.items():
    ratio = statistics.median(t / b for t, b in zip(times, base))
    ms = [1e3 * t / tasks for t in (statistics.median(times), min(times), max(times))]
    print(f"{name:24s} {ms[0]:8.3f} ({ms[1]:.3f}, {ms[2]:.3f}) {ratio:8.2f}")
