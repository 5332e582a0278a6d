#!/usr/bin/env python3
"""Every job script on a real Slurm: stopped in all the ways Slurm has, resumed until done.

Each ends with the bytes of an undisturbed run. The scripts run side by side; the log tells what
happened when.
"""
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
import cluster
import sandbox

sandbox.enter(*cluster.PROGRAMS)
import support

# More than the half minute that the shortest time limit of Slurm leaves one rank.
CPU_SECONDS = 40.0
GRID = """experiment: scaling
seeds: 100
anchors: [300, 400, 500]
dims: {{state: 8, action: 2, hidden: 32}}
train:
  epochs: {epochs}
  minibatch: 32
holdout: 100
"""
TASKS = 300
HOPELESS = """experiment: scaling
seeds: 2
anchors: [1000000]
train: {epochs: 1000}
"""
# Tasks that are programs; only those of the jobs take time, and none of a job must be told of MPI or of
# its step.
PROGRAM = """experiment: program
seeds: 8
command: [sh, train.sh, "{n}", "{seed}"]
inputs: [train.sh]
axes: {n: [10, 20]}
columns: {error: {}, told: {type: int32}}
timeout: 1min
"""
SCRIPT = """test -z "${STUBBORN:-}" || trap '' TERM
echo "$2 of $1" >> started
sleep ${PAUSE:-0}
test "${NESTED:-}$2" != yes3 || "$IMAGRID" run tiny.yaml -o nested-$1.h5 > nested-$1.txt || exit 1
echo '{"progress": 0.5}'
told=$(env | grep -c -E '^(OMPI_COMM_|PMIX_|PMI_|SLURM_(PROCID|LOCALID|STEP))')
echo "{\\"error\\": $1.$2, \\"told\\": $told}"
"""
PROGRAM_TASKS = 16
begin = time.monotonic()


def log(name, text):
    print(f"{time.monotonic() - begin:6.1f} s  {name:12} {text}", flush=True)


def grid(directory):
    """A configuration that takes one rank CPU_SECONDS on this machine."""
    path, epochs = os.path.join(directory, "grid.yaml"), 8
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    support.write(path, GRID.format(epochs=epochs))
    trial = os.path.join(directory, "trial.h5")
    support.must(support.run(0, "run", path, "-o", trial, "-q"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    epochs = round(epochs * CPU_SECONDS / (after.ru_utime - before.ru_utime))
    return support.write(path, GRID.format(epochs=epochs))


class Jobs:
    """The jobs of one scenario, which share a result file."""

    def __init__(self, slurm, name, config, directory):
        self.slurm, self.name, self.directory, self.tasks = slurm, name, directory, TASKS
        self.out = os.path.join(directory, name + ".h5")
        self.env = dict(support.environment(directory), CONFIG=config, OUT=self.out,
                        IMAGRID=support.IMAGRID, IMAGRID_MERGE=support.MERGE)
        # Every host has a /dev/shm of its own; Slurm says how many ranks a node takes.
        for variable in ("btl_vader_backing_directory", "orte_tmpdir_base",
                         "rmaps_base_oversubscribe"):
            del self.env["OMPI_MCA_" + variable]
        del self.env["PRTE_MCA_rmaps_default_mapping_policy"], self.env["PRTE_MCA_prte_tmpdir_base"]

    def log(self, text):
        log(self.name, text)

    def submit(self, *arguments, **variables):
        command = ["sbatch", "--parsable", "-o", os.path.join(self.directory, "%x-%j.txt"),
                   *arguments]
        env = dict(self.env, **variables)
        done = subprocess.run(command, env=env, cwd=support.SOURCE, text=True,
                              stdout=subprocess.PIPE, check=True)
        job = done.stdout.strip()
        self.log(f"job {job}: sbatch " + " ".join(arguments) +
                 "".join(f" {k}='{v}'" for k, v in variables.items()))
        return job

    def wait(self, job, condition, seconds=150):
        """Wait until the job's fields meet the condition; its fields."""
        end = time.monotonic() + seconds
        while True:
            fields = self.slurm.show(job)
            if fields and condition(fields):
                return fields
            if time.monotonic() > end:
                raise AssertionError(f"{self.name}: job {job} keeps waiting: {fields}")
            time.sleep(0.3)

    def ended(self, job, code):
        """Wait for the end of the job, which must have this exit code."""
        states = ("COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "NODE_FAIL", "PREEMPTED")
        fields = self.wait(job, lambda f: f["JobState"] in states)
        self.log(f"job {job}: {fields['JobState']}, exit code {fields['ExitCode']}, after "
                 f"{fields['RunTime']} on {fields['NodeList']}, {fields['Restarts']} restarts; "
                 f"{self.done()} of {self.tasks} tasks done")
        if fields["ExitCode"] != f"{code}:0":
            raise AssertionError(f"{self.name}: exit code {fields['ExitCode']}, wanted {code}")
        return fields

    def warn(self, job):
        """What --signal=B:USR1 does, at a time of our choice."""
        subprocess.run(["scancel", "--batch", "--signal=USR1", job], check=True)

    def text(self, job):
        """What the job has printed."""
        for name in os.listdir(self.directory):
            if name.endswith(f"-{job}.txt"):
                with open(os.path.join(self.directory, name), encoding="utf-8") as out:
                    return out.read()
        return ""

    def done(self, path=None):
        """Tasks that the result file holds."""
        text = subprocess.run([support.IMAGRID, "status", path or self.out], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
        found = re.search(r"(\d+) done", text)
        return int(found.group(1)) if found else 0

    def wait_for_rows(self, more_than=0, path=None):
        end = time.monotonic() + 60
        while self.done(path) <= more_than:
            if time.monotonic() > end:
                raise AssertionError(f"{self.name}: nothing more than {more_than} tasks")
            time.sleep(0.3)


def single_node(jobs):
    """imagrid sees the job's time limit coming; the same command goes on, and so it does on another
    node after a job that was killed and could not give its lock back."""
    # The warning is one that nobody hears.
    first = jobs.submit("--ntasks-per-node=1", "--time=1", "--signal=B:URG@1",
                        "jobs/single-node.sbatch")
    fields = jobs.ended(first, 75)
    assert 0 < jobs.done() < TASKS, jobs.done()
    assert fields["RunTime"] < "00:00:50", fields["RunTime"]
    assert "time limit" in jobs.text(first), jobs.text(first)
    rows = jobs.done()
    killed = jobs.submit("--ntasks-per-node=1", "--time=5", "--nodelist=node1",
                         "jobs/single-node.sbatch")
    jobs.wait_for_rows(rows)
    with open(jobs.out + ".lock", encoding="utf-8") as lock:
        os.kill(int(re.search(r"^pid (\d+)$", lock.read(), re.MULTILINE).group(1)), signal.SIGKILL)
    jobs.ended(killed, 128 + signal.SIGKILL)
    assert os.path.exists(jobs.out + ".lock")
    jobs.ended(jobs.submit("--ntasks-per-node=2", "--time=5", "--nodelist=node2",
                           "jobs/single-node.sbatch"), 0)


def multi_node(jobs):
    """Slurm's warning reaches the ranks of two nodes, whoever launched them."""
    two = ("--nodes=2", "--ntasks-per-node=1")
    job = jobs.submit(*two, "--time=5", "jobs/multi-node.sbatch")
    jobs.wait_for_rows()
    jobs.warn(job)
    jobs.ended(job, 75)
    rows = jobs.done()
    assert 0 < rows < TASKS, rows
    job = jobs.submit(*two, "--time=5", "jobs/multi-node.sbatch", LAUNCH="srun --mpi=pmix")
    jobs.wait_for_rows(rows)
    jobs.warn(job)
    jobs.ended(job, 75)
    assert rows < jobs.done() < TASKS, (rows, jobs.done())
    jobs.ended(jobs.submit(*two, "--time=5", "jobs/multi-node.sbatch", OPTIONS="--quiet"), 0)


def preemptible(jobs):
    """Driven away, at its limit, its node lost: the job comes back each time."""
    job = jobs.submit("--ntasks-per-node=1", "--time=5", "--partition=spare",
                      "jobs/preemptible.sbatch")

    def restarted(count, why):
        fields = jobs.wait(job, lambda f: f["JobState"] == "RUNNING" and
                           int(f["Restarts"]) == count)
        jobs.log(f"job {job}: {why}, restarted on {fields['NodeList']}; {jobs.done()} tasks done")

    jobs.wait_for_rows()
    urgent = jobs.submit("--partition=urgent", "--nodes=2", "--exclusive", "--wrap", "sleep 1")
    jobs.wait(urgent, lambda f: f["JobState"] == "COMPLETED")
    restarted(1, "driven away by a job of higher priority")
    jobs.wait_for_rows(jobs.done())
    jobs.warn(job)
    restarted(2, "requeued itself after Slurm's warning")
    jobs.wait_for_rows(jobs.done())
    lost = jobs.slurm.show(job)["NodeList"]
    subprocess.run(["scontrol", "update", f"NodeName={lost}", "State=DOWN", "Reason=lost"],
                   check=True)
    restarted(3, "its node lost")
    fields = jobs.ended(job, 0)
    assert fields["NodeList"] != lost, fields


def array(jobs):
    """Four shards, each interrupted once; the merge waits for all of them."""
    job = jobs.submit("--array=0-3", "--ntasks-per-node=1", "--time=5", "jobs/array.sbatch")
    merge = jobs.submit(f"--dependency=afterany:{job}", "jobs/merge.sbatch")
    parts = [jobs.out[:-3] + f".shard-{i}-of-4.h5" for i in range(4)]
    for i, part in enumerate(parts):
        jobs.wait_for_rows(path=part)
        jobs.warn(f"{job}_{i}")
    for i, part in enumerate(parts):
        fields = jobs.wait(f"{job}_{i}", lambda f: f["JobState"] in ("COMPLETED", "FAILED"))
        jobs.log(f"job {job}_{i}: {fields['JobState']}, exit code {fields['ExitCode']}, "
                 f"{fields['Restarts']} restarts; {jobs.done(part)} tasks done")
        assert fields["ExitCode"] == "0:0" and int(fields["Restarts"]) == 1, fields
        assert jobs.done(part) == TASKS // 4
    fields = jobs.wait(merge, lambda f: f["JobState"] in ("COMPLETED", "FAILED"))
    jobs.log(f"job {merge}: merge {fields['JobState']}, exit code {fields['ExitCode']}")
    assert fields["ExitCode"] == "0:0", fields
    # A whole grid's results, put together from the parts.
    with support.h5py.File(jobs.out, "w") as whole:
        for name in support.results(parts[0]):
            columns = [support.h5py.File(part, "r")[name][()] for part in parts]
            column = columns[0].copy()
            if column.shape[:1] == (TASKS,):
                for i in range(4):
                    column[i::4] = columns[i][i::4]
            whole[name] = column
    return jobs.out[:-3] + ".summary.h5"


def hopeless(jobs):
    """Tasks that take longer than any of these jobs: none comes back, whoever ended it."""
    jobs.env["CONFIG"] = support.write(os.path.join(jobs.directory, "hopeless.yaml"), HOPELESS)
    part = jobs.out[:-3] + ".shard-0-of-1.h5"
    warned = jobs.submit("--array=0-0", "--ntasks-per-node=1", "--time=5", "jobs/array.sbatch")
    limited = jobs.submit("--ntasks-per-node=1", "--time=1", "--signal=B:URG@1", "jobs/preemptible.sbatch")
    support.wait_until(lambda: os.path.exists(part))
    time.sleep(1)
    jobs.warn(f"{warned}_0")
    for job in (f"{warned}_0", limited):
        fields = jobs.ended(job, 76)
        assert int(fields["Restarts"]) == 0, fields
    text = jobs.text(limited)
    assert re.search("end of the Slurm job, .*: no task finished in .* needs more than", text), text


def programs(jobs):
    """Tasks that are programs: ended with their job, none left behind, and done when it has come back."""
    folder = os.path.join(jobs.directory, "programs")
    os.mkdir(folder)
    config = support.write(os.path.join(folder, "program.yaml"), PROGRAM)
    support.write(os.path.join(folder, "train.sh"), SCRIPT)
    started = os.path.join(folder, "started")
    whole = os.path.join(folder, "whole.h5")
    support.must(support.run(2, "run", config, "-o", whole, "-q"))
    os.remove(started)
    jobs.tasks = PROGRAM_TASKS

    def begun():
        with open(started, encoding="utf-8") as lines:
            return len(lines.readlines())

    def running():
        return subprocess.run(["pgrep", "-f", "train.sh [12]0"], stdout=subprocess.DEVNULL, check=False).returncode == 0

    job = jobs.submit("--ntasks-per-node=2", "--time=5", "jobs/preemptible.sbatch", CONFIG=config, PAUSE="0.6")
    jobs.wait_for_rows(1)
    jobs.warn(job)
    jobs.wait(job, lambda f: f["JobState"] == "PENDING")
    rows, first = jobs.done(), begun()
    assert 0 < rows < PROGRAM_TASKS and rows <= first <= rows + 2, (rows, first)
    assert not running()
    fields = jobs.ended(job, 0)
    assert fields["Restarts"] == "1" and begun() == first + PROGRAM_TASKS - rows, (fields, rows, first, begun())
    support.assert_same(support.results(whole), support.results(jobs.out), jobs.name)
    with support.h5py.File(jobs.out, "r") as file:
        assert not file["told"][()].any(), file["told"][()]
    jobs.log("the same bytes as an undisturbed run")

    # Under srun, a program that uses MPI itself is alone.
    support.write(os.path.join(folder, "tiny.yaml"), support.TINY.format(seeds=1, epochs=1))
    step = jobs.out[:-3] + ".step.h5"
    jobs.ended(jobs.submit("--nodes=2", "--ntasks-per-node=1", "--time=5", "jobs/multi-node.sbatch", CONFIG=config,
                           OUT=step, LAUNCH="srun --mpi=pmix", NESTED="yes"), 0)
    support.assert_same(support.results(whole), support.results(step), "under srun")
    for n in (10, 20):
        with open(os.path.join(folder, f"nested-{n}.txt"), encoding="utf-8") as said:
            assert re.search("3 done, .* on 1 rank$", said.read(), re.MULTILINE)

    os.remove(started)
    job = jobs.submit("--ntasks-per-node=2", "--time=5", "jobs/single-node.sbatch", CONFIG=config, PAUSE="1000",
                      OUT=jobs.out[:-3] + ".cancelled.h5", STUBBORN="1")
    support.wait_until(lambda: os.path.exists(started) and begun() == 2)
    assert running()
    subprocess.run(["scancel", job], check=True)
    support.wait_until(lambda: not running(), 20)
    jobs.log(f"job {job}: cancelled, and its programs, which ignore SIGTERM, are gone")


def scenario(function, jobs, reference, summary, problems):
    try:
        merged = function(jobs)
        if function in (hopeless, programs):
            return
        support.assert_same(reference, support.results(jobs.out), jobs.name)
        if merged:
            support.assert_same(summary, support.results(merged), "the summary")
        jobs.log("the same bytes as an undisturbed run")
    except Exception:
        problems.append(f"{jobs.name}\n{traceback.format_exc()}")
        jobs.log("FAILED")


def main():
    with support.scratch() as directory:
        os.chmod(directory, 0o711)  # munge wants its socket within everybody's reach
        slurm = cluster.Cluster(os.path.join(directory, "slurm"))
        log("", "Slurm is up: " + slurm.ask("sinfo", "--version").strip() +
            ", nodes " + " ".join(cluster.NODES))
        config = grid(directory)
        log("", f"a grid of {TASKS} tasks that takes one rank {CPU_SECONDS:.0f} s")
        whole, summary = (os.path.join(directory, name) for name in ("whole.h5", "summary.h5"))
        support.must(support.run(2, "run", config, "-o", whole, "-q"))
        subprocess.run([support.MERGE, "-q", whole, "-o", summary], check=True)
        reference, summary = support.results(whole), support.results(summary)
        log("", "the undisturbed run is done")
        problems, threads = [], []
        for function in (single_node, multi_node, preemptible, array, hopeless, programs):
            jobs = Jobs(slurm, function.__name__.replace("_", "-"), config, directory)
            threads.append(threading.Thread(
                target=scenario, args=(function, jobs, reference, summary, problems)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if problems:
            for name in sorted(os.listdir(directory)):
                if name.endswith(".txt"):
                    with open(os.path.join(directory, name), encoding="utf-8") as text:
                        print(f"--- {name}\n{text.read()}")
            print(slurm.logs())
            print("\n".join(problems))
        slurm.stop()
        log("", "FAILED" if problems else "all job scripts do what they promise")
        return bool(problems)


sys.exit(main())
