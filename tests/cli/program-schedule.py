#!/usr/bin/env python3
"""Tasks that are programs, under everything that schedules tasks: shards, merge, reuse, retry, limits of
failures and of time, estimate."""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py

CONFIG = """experiment: program
seeds: 2
command: [sh, task.sh, "{n}", "{seed}"]
axes: {n: [10, 20, 30]}
columns: {error: {}}
inputs: [task.sh]
environment: {MARK: "%s"}
grace: 0.5
"""
# Fails for n 20 unless there is a file `mended`; sleeps for n 30 where there is a file `slow`.
SCRIPT = """echo "$1 $2" >> begun
test $1 != 30 || test ! -e slow || { trap '' TERM; sleep 1000; sleep 1000; }
test $1 != 20 || test -e mended || { echo "no file mended" >&2; exit 3; }
echo "{\\"error\\": 0.$1$2}"
"""


class Schedule(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.write("task.sh", SCRIPT)
        self.mark = os.path.basename(self.directory)
        self.config = self.grid()

    def grid(self, n="[10, 20, 30]"):
        return self.write("grid.yaml", (CONFIG % self.mark).replace("[10, 20, 30]", n))

    def touch(self, name):
        self.write(name, "")

    def run_it(self, *more, code=0, out=None):
        return support.must(support.run(0, "run", self.config, "-o", out or self.out, *more), code)

    def begun(self):
        """Tasks begun since the last call, in order."""
        path = os.path.join(self.directory, "begun")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as lines:
            tasks = sorted(line.strip() for line in lines)
        os.remove(path)
        return tasks

    def assert_nobody_left(self):
        """No process has this test's mark in its environment."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    self.assertNotIn(b"MARK=" + self.mark.encode(), file.read(), pid)
            except (OSError, ProcessLookupError):
                pass

    def test_shards_and_merge(self):
        self.touch("mended")
        whole = os.path.join(self.directory, "whole.h5")
        self.run_it(out=whole)
        tasks = self.begun()
        self.assertEqual(len(tasks), 6)
        parts = [os.path.join(self.directory, f"part{i}.h5") for i in range(2)]
        done = []
        for i, part in enumerate(parts):
            self.run_it("--shard", f"{i}/2", out=part)
            done.append(self.begun())
        self.assertEqual([len(d) for d in done], [3, 3])
        self.assertEqual(sorted(done[0] + done[1]), tasks)
        summaries = []
        for files in (parts, [whole]):
            summaries.append(os.path.join(self.directory, f"summary{len(files)}.h5"))
            subprocess.run([support.MERGE, "-q", *files, "-o", summaries[-1]], check=True)
        support.assert_same(*map(support.results, summaries), "the summary")

    def test_reuse_runs_what_is_new(self):
        self.touch("mended")
        self.run_it()
        self.begun()
        self.config = self.grid("[10, 20, 25, 30]")
        self.run_it("--reuse", self.out, out=os.path.join(self.directory, "more.h5"))
        self.assertEqual([task.split()[0] for task in self.begun()], ["25", "25"])

    def test_failures_and_retry(self):
        """A failed program is a row with its reason and what it said; --max-fails counts it; after `retry`
        these alone run again."""
        self.run_it("--max-fails", "0", code=3)
        self.assertIn("20 ", " ".join(self.begun()))
        self.run_it(code=3)
        text = support.must(support.run(0, "status", self.out)).stdout
        self.assertIn("4 done, 2 failed, 0 left", text)
        self.assertIn("exit status 3", text)
        self.assertIn("no file mended", text)
        self.begun()
        self.run_it(code=3)
        self.assertEqual(self.begun(), [])
        self.touch("mended")
        support.must(support.run(0, "retry", self.out))
        self.run_it()
        self.assertEqual([task.split()[0] for task in self.begun()], ["20", "20"])
        with h5py.File(self.out, "r") as file:
            self.assertTrue((file["error"][()] > 0).all())

    def test_time_limit_ends_programs(self):
        """Even one that ignores SIGTERM, after its `grace`; the next run does what is left, and no more."""
        self.touch("mended")
        self.touch("slow")
        result = self.run_it("--time-limit", "1s", code=75)
        self.assert_nobody_left()
        with h5py.File(self.out, "r") as file:
            spent = file["provenance/end"][0] - file["provenance/begin"][0]
        self.assertGreater(spent, 0.5)
        self.assertLess(spent, 10)
        left = int(re.search(r"(\d) left", result.stdout)[1])
        self.assertGreaterEqual(left, 2)
        os.remove(os.path.join(self.directory, "slow"))
        self.begun()
        self.run_it()
        self.assertEqual(len(self.begun()), left)

    def test_estimate_times_programs(self):
        self.touch("mended")
        # Libraries of MPI may take 0.2 s to begin, in the programs' keeper as well.
        text = support.must(support.run(0, "estimate", self.config, "--measure", "1s")).stdout
        self.assertGreaterEqual(len(self.begun()), 2)
        self.assertRegex(text, re.compile(r"^#SBATCH --cpus-per-task=1$", re.MULTILINE))
        self.touch("slow")
        support.must(support.run(0, "estimate", self.config, "--measure", "0.3s"))
        self.assert_nobody_left()


unittest.main()
