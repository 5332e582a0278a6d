#!/usr/bin/env python3
"""Many faults at random moments, one after the other; after each the file is read row by row.

    campaign.py FAULTS [SEED]

Only faults that meet a living run count. After every fault the file opens in h5py, every row marked done has the right CRC and the values of
an undisturbed run, and no row that was done before is missing. Runs have 1 to 4 ranks and go on in
the same file until the grid is whole, then in a new one.
"""
import os
import random
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, ".."), os.path.join(HERE, "..", "slurm")]
import sandbox

if not sandbox.obstacle():
    sandbox.enter()
import cluster
import faults
import support
from rows import DONE, NOTHING, Verdict, load

SIZES = dict(seeds=4000, epochs=64)  # so many tasks that no run of a second finishes them
FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1"  # the loader knows what LIB is
MISSES = 100
COUNTS = ("lost", "wrong", "torn", "unreadable", "stuck")


class Campaign:
    def __init__(self, directory, seed):
        self.directory, self.chance = directory, random.Random(seed)
        self.inside = bool(os.environ.get(sandbox.INSIDE))
        self.slurm, self.job = None, ""
        self.kinds = {fault.__name__: self.plain(fault, "file.h5") for fault in faults.ALWAYS}
        self.kinds.update({fault.__name__: self.plain(fault, "gone.h5")
                           for fault in faults.DESTRUCTIVE})
        if self.inside:
            os.chmod(directory, 0o711)
            self.start_slurm()
            self.mount_disk()
        if not sandbox.missing("faketime"):
            self.kinds["set_the_clock_back"] = self.set_the_clock_back
        self.env = support.environment(directory)
        self.config = support.write(os.path.join(directory, "tiny.yaml"),
                                    support.TINY.format(**SIZES))
        self.whole = os.path.join(directory, "whole.h5")
        support.must(support.run(2, "run", self.config, "-o", self.whole, "--quiet"))
        state, _, self.reference = load(self.whole)
        assert set(state) == {DONE}
        self.finished, self.files = {}, 1
        self.table = {}

    def start_slurm(self):
        if sandbox.missing(*cluster.PROGRAMS, "salloc"):
            sandbox.hosts([], self.directory)
            return
        self.slurm = cluster.Cluster(os.path.join(self.directory, "slurm"))
        text = subprocess.run(["salloc", "--no-shell", "-N1", "-n4", "-w", cluster.NODES[0]],
                              text=True, stderr=subprocess.PIPE, check=True).stderr
        self.job = text.split("job allocation")[1].split()[0]
        self.kinds["kill_the_slurm_step"] = self.kill_the_slurm_step

    def mount_disk(self):
        """A small disk of its own, for the faults that fill it."""
        self.disk = os.path.join(self.directory, "disk")
        os.mkdir(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", self.disk], check=True)
        self.kinds["fill_the_disk"] = self.fill_the_disk

    def plain(self, fault, name):
        return lambda: self.judge(fault, name)

    def fill_the_disk(self):
        return self.judge(faults.fill_the_disk, "disk/full.h5")

    def set_the_clock_back(self):
        """The clock of the run is set back by hours under it; then it is stopped or killed."""
        clock = support.write(os.path.join(self.directory, "clock"), "+0")
        env = dict(self.env, LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=clock,
                   FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")

        def fault(v):
            v.started()
            support.write(clock, "-5h")
            v.let_run(0.1, 0.4)
            v.send(self.chance.choice([faults.signal.SIGUSR1, faults.signal.SIGKILL]),
                   v.processes())
            v.end()

        return self.judge(fault, "file.h5", env=env)

    def kill_the_slurm_step(self):
        """Slurm kills the ranks of a job step, wherever they are."""
        def fault(v):
            v.let_run(0.2, 1.2)
            steps = self.slurm.ask("squeue", "-s", "-h", "-j", self.job, "-o", "%i").split()
            number = [step for step in steps if step.split(".")[1].isdigit()]
            v.hit = bool(number) and v.mpirun.poll() is None
            for step in number:
                subprocess.run(["scancel", "--signal=KILL", step], check=False)
            v.end()

        env = {key: value for key, value in self.env.items() if not key.startswith("OMPI_MCA")}
        return self.judge(fault, "slurm.h5", env=env, launch=["srun", f"--jobid={self.job}",
                                                              "--mpi=pmix"])

    def judge(self, fault, name, env=None, **more):
        """Do it to a run on the file of this name, then look what is there; None for a miss."""
        out = os.path.join(self.directory, name)
        before = self.finished.get(name, NOTHING)
        victim = faults.Victim(self.config, out, self.chance, env or self.env, **more)
        fault(victim)
        verdict = Verdict(out, self.reference, NOTHING if victim.removed else before)
        verdict.hit, verdict.stuck = victim.hit, int(victim.stuck)
        self.finished[name] = verdict.good
        if len(verdict.good) == len(self.reference) and os.path.exists(out):
            os.remove(out)
            self.finished[name] = NOTHING
            self.files += 1
        return verdict

    def inject(self, number):
        """One fault: every kind in turn, each round in another order."""
        if not number % len(self.kinds):
            self.order = self.chance.sample(sorted(self.kinds), len(self.kinds))
        name = self.order[number % len(self.kinds)]
        for _ in range(MISSES):
            verdict = self.kinds[name]()
            if verdict.hit:
                break
            self.note(name, verdict)  # it came too early or too late
        else:
            self.explain()
            raise AssertionError(f"{name} meets no run")
        self.note(name, verdict)
        print(f"{number + 1:5d}  {name:20}  {len(verdict.good)} rows done" +
              (f", {verdict.torn} torn, not trusted" if verdict.torn else "") +
              (", mpirun stuck" if verdict.stuck else ""), flush=True)

    def explain(self):
        """What a run says that does not start, who holds the locks, and who is still there."""
        for name in (faults.SAID, "file.h5.lock", "slurm.h5.lock"):
            path = os.path.join(self.directory, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as text:
                    print(f"--- {name}\n{text.read()}")
        subprocess.run(["ps", "-eo", "pid,ppid,stat,etime,args"], check=False)

    def note(self, name, verdict):
        line = self.table.setdefault(name, dict.fromkeys(("times", *COUNTS), 0))
        line["times"] += verdict.hit
        for count in COUNTS:
            line[count] += getattr(verdict, count) if count != "stuck" or verdict.hit else 0
        if verdict.lost or verdict.wrong or verdict.unreadable:
            print(f"BAD: {name}: {vars(verdict)}")

    def finish(self):
        """Every file that is left can be finished, to the bytes of the undisturbed run."""
        for name in list(self.finished):
            out = os.path.join(self.directory, name)
            support.must(support.run(3, "run", self.config, "-o", out, "--quiet", "--steal-lock"))
            support.assert_same(support.results(self.whole), support.results(out), name)
        if self.slurm:
            self.slurm.stop()

    def summary(self, seconds):
        lines = [f"| fault | injected | rows lost | rows wrong | files unreadable | torn rows, none "
                 "trusted |", "| --- | --- | --- | --- | --- | --- |"]
        total = dict.fromkeys(("times", *COUNTS), 0)
        for name, line in [*sorted(self.table.items()), ("all", total)]:
            if line is not total:
                for key in total:
                    total[key] += line[key]
            lines.append(f"| {name.replace('_', ' ')} | {line['times']} | {line['lost']} | "
                         f"{line['wrong']} | {line['unreadable']} | {line['torn']} |")
        print("\n".join(lines))
        print(f"{total['times']} faults in {seconds:.0f} s over {self.files} files; mpirun itself "
              f"had to be killed {total['stuck']} times after its ranks were gone")
        return total["lost"] or total["wrong"] or total["unreadable"]


def main(injections, seed):
    begin = time.monotonic()
    with support.scratch() as directory:
        campaign = Campaign(directory, seed)
        try:
            for number in range(injections):
                campaign.inject(number)
            campaign.finish()
        finally:
            bad = campaign.summary(time.monotonic() - begin)
        if campaign.inside:
            subprocess.run(["umount", campaign.disk], check=False)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20260504))
