#!/usr/bin/env python3
"""What the runner itself costs: tasks of about a microsecond, beside GNU Parallel and xargs on `true`.

usage: bench-tiny-tasks.py IMAGRID_NULL [TASKS]
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

program = sys.argv[1]
tasks = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
ours = {}


def timed(command, env=None, **more):
    begin = time.monotonic()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, **more)
    return time.monotonic() - begin


def report(what, count, seconds):
    print(f"{what:44s} {count:9d} tasks {count / seconds:12.0f} tasks/s "
          f"{1e3 * seconds / count:10.5f} ms a task", flush=True)
    return seconds / count


with tempfile.TemporaryDirectory(prefix="imagrid-bench-") as directory:
    env = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
               OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_orte_tmpdir_base=directory,
               PRTE_MCA_rmaps_default_mapping_policy=":oversubscribe", PRTE_MCA_prte_tmpdir_base=directory)
    config = os.path.join(directory, "null.yaml")
    # Half the tasks twice as long as the others: about 0.7 and 1.4 microseconds of arithmetic.
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"experiment: 'null'\nseeds: {tasks // 2}\nn: [500, 1000]\n")
    for ranks in (1, 2, 4):
        out = os.path.join(directory, f"{ranks}.h5")
        command = ["mpirun", "-n", str(ranks), program, "run", config, "-o", out, "-q"]
        seconds = timed(command, env)
        # Started again on the finished file: MPI, opening and checking every row, without tasks.
        again = timed(command, env)
        ours[ranks] = report(f"imagrid, {ranks} ranks, all", tasks, seconds)
        report(f"imagrid, {ranks} ranks, without start and checks", tasks, max(seconds - again, 1e-9))
        os.remove(out)

peers = {"xargs": ["xargs", "-P", "2", "-n", "1", "true"],
         "parallel": ["parallel", "-j", "2", "true"]}
for name, command in peers.items():
    if shutil.which(name) is None:
        print(f"{name} is not installed")
        continue
    count = 2000
    text = "\n".join(map(str, range(count))) + "\n"
    cost = report(f"{name}, 2 jobs at a time", count, timed(command, input=text.encode()))
    print(f"  {cost / ours[2]:.0f} times imagrid on 2 ranks")
