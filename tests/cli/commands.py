#!/usr/bin/env python3
"""The commands as a user meets them: help, listing, running, stopping, retrying, merging."""
import os
import pty
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py


class Commands(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.config = self.tiny(4, 3)

    def run_it(self, *more, config=None, ranks=0, code=0):
        return support.must(support.run(ranks, "run", config or self.config, "-o", self.out, *more),
                            code)

    def merge(self, *arguments, code=0):
        result = subprocess.run([support.MERGE, *arguments], text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=support.environment(self.directory))
        return support.must(result, code)

    def start(self, *more, seeds=4000, epochs=50):
        """A run that lasts, in the background."""
        config = self.write("long.yaml", support.TINY.format(seeds=seeds, epochs=epochs))
        process = subprocess.Popen(support.command(0, "run", config, "-o", self.out, *more),
                                   env=support.environment(self.directory), text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        def holds_the_file():
            try:
                with open(self.out + ".lock", encoding="utf-8") as lock:
                    return str(process.pid) in lock.read() and os.path.exists(self.out)
            except FileNotFoundError:
                return False

        support.wait_until(holds_the_file)
        return config, process

    def test_help_and_version(self):
        for name in ("run", "check", "list", "status", "retry"):
            text = support.must(support.run(0, name, "--help")).stdout
            self.assertRegex(text, r"usage: .*imagrid " + name)
            self.assertIn("example", text)
        self.assertIn("example", self.merge("--help").stdout)
        version = support.must(support.run(0, "--version")).stdout
        for library in ("imagrid", "HDF5", support.library().split()[0], "libyaml", "GSL"):
            self.assertIn(library, version)

    def test_bad_usage(self):
        for arguments in ([], ["fly"], ["run"], ["run", self.config], ["run", "-o", self.out],
                          ["run", self.config, "-o", self.out, "--isa", "abacus"],
                          ["run", self.config, "-o", self.out, "--wrong"],
                          ["run", self.config, "-o", self.out, "--shard", "4/4"],
                          ["run", self.config, "-o", self.out, "--shard"],
                          ["check"], ["list", "a", "b"], ["status"], ["retry"]):
            result = support.run(0, *arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertTrue(result.stderr)
        self.merge(code=2)
        self.assertFalse(os.path.exists(self.out))

    def test_list_shows_the_grid(self):
        text = support.must(support.run(0, "list", self.config)).stdout
        for part in ("anchors=40", "anchors=160", "12", "learning_rate", "hash"):
            self.assertIn(part, text)

    def test_run_status_merge(self):
        result = self.run_it()
        self.assertRegex(result.stderr, r"12[ /].*tasks")
        text = support.must(support.run(0, "status", self.out)).stdout
        self.assertIn("12 done, 0 failed, 0 left of 12", text)
        summary, tables = (os.path.join(self.directory, name) for name in ("summary.h5", "csv"))
        figures = os.path.join(self.directory, "figures")
        text = self.merge(self.out, "-o", summary, "--csv", tables, "--figures", figures).stdout
        for part in ("alpha", "beta", "0.11", "0.96", "median"):
            self.assertIn(part, text)
        with h5py.File(summary, "r") as file:
            self.assertEqual(file["dynamics_mse_median"].shape, (3,))
        self.assertEqual(sorted(os.listdir(tables)), ["exponent_ratios.csv", "fits.csv", "hindcasts.csv",
                                                      "slopes.csv", "statistics.csv"])
        for name in ("figure1.png", "figure1.svg"):
            self.assertGreater(os.path.getsize(os.path.join(figures, name)), 10000)

    def test_complete(self):
        """Whether a grid is whole, of a shard what is its own."""
        def complete(code):
            return support.must(support.run(0, "status", "--complete", self.out), code).stdout
        complete(4)
        support.must(support.run(0, "run", self.config, "-o", self.out, "-q", "--shard", "1/4"))
        self.assertIn("complete: 3 done", complete(0))
        support.must(support.run(0, "run", self.config, "-o", self.out, "-q", "--max-fails", "0"))
        self.assertIn("complete: 12 done", complete(0))
        with open(self.out, "r+b") as file, h5py.File(self.out, "r") as rows:
            file.seek(rows["state"].id.get_offset() + 5)
            file.write(b"\0")
        self.assertIn("not complete: 11 done, 0 failed, 1 left", complete(75))

    def test_job_script_asks_the_file(self):
        """A launcher that hides how the run ended, as mpirun of Open MPI 5 does when it has lost a node, must
        not make a job with missing rows a success."""
        script = os.path.join(support.SOURCE, "jobs", "multi-node.sbatch")
        for hidden, code in ((["--shard", "0/2"], 0), (["--time-limit", "0.001"], 75), ([], 0)):
            launcher = self.write("launcher", '#!/bin/sh\n"$@" ' + " ".join(hidden) + "\nexit 0\n")
            env = dict(support.environment(self.directory), LAUNCH="sh " + launcher, CONFIG=self.config,
                       OUT=self.out, IMAGRID=support.IMAGRID, OPTIONS="-q")
            support.must(subprocess.run(["bash", script], env=env, text=True, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, timeout=60), code)

    def test_failures_and_retry(self):
        config = self.write("fail.yaml", support.TINY.format(seeds=2, epochs=3)
                            + "train.learning_rate: [0.001, 1.0e+12]\n")
        result = self.run_it(config=config, code=3)
        self.assertRegex(result.stderr, "6 .*failed")
        text = support.must(support.run(0, "status", self.out)).stdout
        self.assertIn("6 done, 6 failed, 0 left", text)
        self.assertRegex(text, r"failed: .*learning_rate=.*dynamics_mse is infinite")
        support.must(support.run(0, "status", "--complete", self.out), 3)
        before = support.results(self.out)
        self.run_it(config=config, code=3)
        support.assert_same(before, support.results(self.out), "failed rows are not done again")
        text = support.must(support.run(0, "retry", self.out)).stdout
        self.assertIn("6 failed rows cleared", text)
        self.assertIn("6 left", support.must(support.run(0, "status", self.out)).stdout)
        self.merge(self.out, code=3)
        self.run_it(config=config, code=3)
        support.assert_same(before, support.results(self.out), "the same failures again")

    def test_fail_fast(self):
        config = self.write("fail.yaml", support.TINY.format(seeds=500, epochs=3)
                            + "train.learning_rate: 1.0e+12\n")
        self.run_it("--fail-fast", config=config, ranks=2, code=3)
        text = support.must(support.run(0, "status", self.out)).stdout
        failed, left = map(int, re.search(r"(\d+) failed, (\d+) left", text).groups())
        self.assertGreaterEqual(failed, 1)
        self.assertGreater(left, 1000)

    def test_signals_stop_and_resume(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            config, process = self.start()
            time.sleep(0.5)
            process.send_signal(number)
            output, errors = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 75, errors)
            self.assertIn(f"stopped by signal {int(number)}", errors)
            self.assertIn("same command", output)
            self.assertFalse(os.path.exists(self.out + ".lock"))
        text = support.must(support.run(0, "status", self.out)).stdout
        self.assertRegex(text, r"[1-9]\d* done, 0 failed, [1-9]\d* left")
        with h5py.File(self.out, "r") as file:
            self.assertEqual(list(file["provenance/exit_code"][:3]), [75, 75, 75])

    def test_time_limit(self):
        config = self.write("long.yaml", support.TINY.format(seeds=2000, epochs=500).replace(
            "anchors: [", "anchors: [4000000, "))
        for ranks in (0, 3):
            begin = time.monotonic()
            result = self.run_it("--time-limit", "3s", config=config, ranks=ranks, code=75)
            self.assertLess(time.monotonic() - begin, 20)
            self.assertRegex(result.stderr, "stopped by the time limit")
        # The most expensive tasks did not fit, so cheaper ones were done instead.
        text = support.must(support.run(0, "status", self.out)).stdout
        self.assertRegex(text, r"anchors=4000000 +0 +0 +2000")
        self.assertRegex(text, r"anchors=\d+ +[1-9]\d* +0")
        result = support.run(0, "run", config, "-o", self.out, "--time-limit", "soon")
        self.assertEqual(result.returncode, 2)
        self.assertIn("soon", result.stderr)

    def test_max_fails(self):
        config = self.write("fail.yaml", support.TINY.format(seeds=500, epochs=3)
                            + "train.learning_rate: 1.0e+12\n")
        result = self.run_it("--max-fails", "20", config=config, ranks=2, code=3)
        self.assertRegex(result.stderr, "tasks have failed, 20 are allowed")
        text = support.must(support.run(0, "status", self.out)).stdout
        failed = int(re.search(r"(\d+) failed", text).group(1))
        self.assertGreater(failed, 20)
        self.assertLess(failed, 1400)

    def test_a_grid_grows(self):
        """Finished rows come over by what they are, not by where they stand."""
        old, older = (os.path.join(self.directory, name) for name in ("old.h5", "older.h5"))
        small = support.TINY.format(seeds="[7, 1, 3]", epochs=3)
        support.must(support.run(0, "run", self.write("s.yaml", small), "-o", old, "-q"))
        other = small.replace("[40, 80, 160]", "[20, 40]").replace("[7, 1, 3]", "[0, 5]")
        support.must(support.run(0, "run", self.write("o.yaml", other), "-o", older, "-q"))
        big = self.write("b.yaml", support.TINY.format(seeds=8, epochs="[5, 3]").replace(
            "[40, 80, 160]", "[160, 20, 40]"))
        result = self.run_it("--reuse", old, "--reuse", older, "--reuse", old, config=big, ranks=2)
        taken = [int(n) for n in re.findall(r"(\d+) finished tasks taken over", result.stderr)]
        self.assertEqual(taken, [6, 4, 0])
        grown = support.results(self.out)
        os.remove(self.out)
        self.run_it(config=big)
        support.assert_same(support.results(self.out), grown, "reused and computed")
        # Another network is another task; another experiment or file is rejected.
        os.remove(self.out)
        wider = self.write("w.yaml", small.replace("hidden: 8", "hidden: 9"))
        result = self.run_it("--reuse", old, config=wider)
        self.assertIn(" 0 finished tasks taken over", result.stderr)
        os.remove(self.out)
        self.run_it("--reuse", self.config, code=4)
        self.run_it("--reuse", old, "--isa", "portable", code=2)
        self.assertFalse(os.path.exists(self.out))

    def test_retry_where(self):
        config = self.write("fail.yaml", support.TINY.format(seeds=2, epochs=3)
                            + "train.learning_rate: [0.001, 1.0e+12]\n")
        self.run_it("-q", config=config, code=3)
        text = support.must(support.run(0, "retry", self.out, "--where", "anchor=80")).stdout
        self.assertIn("2 failed rows cleared", text)
        text = support.must(support.run(0, "retry", self.out, "--where", "anchors=160", "--where",
                                        "learning_rate=0.001")).stdout
        self.assertIn("0 failed rows cleared", text)
        for where in ("anchor=81", "anchor", "colour=red"):
            result = support.run(0, "retry", self.out, "--where", where)
            self.assertEqual(result.returncode, 2, where)
            self.assertIn(where.split("=")[0], result.stderr)
        text = support.must(support.run(0, "status", self.out)).stdout
        self.assertIn("6 done, 4 failed, 2 left", text)

    def test_second_run_is_locked_out(self):
        # Long enough for other programs to start meanwhile, however busy the machine is.
        config, process = self.start(epochs=5000)
        result = support.run(2, "run", config, "-o", self.out)
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertRegex(result.stderr, f"(?s)lock.*{process.pid}")
        result = support.run(0, "retry", self.out)
        self.assertEqual(result.returncode, 4, result.stderr)
        text = support.must(support.run(0, "status", self.out)).stdout
        self.assertIn("0 failed", text)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=30), 75)

    def test_lock_of_a_killed_run_is_taken_over(self):
        config, process = self.start()
        process.kill()
        process.communicate()
        self.assertTrue(os.path.exists(self.out + ".lock"))
        _, process = self.start()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 75)

    def test_progress_on_a_terminal_and_off(self):
        result = self.run_it()
        self.assertNotIn("\r", result.stderr)
        os.remove(self.out)
        main, child = pty.openpty()
        process = subprocess.Popen(support.command(0, "run", self.config, "-o", self.out),
                                   env=support.environment(self.directory), stderr=child)
        os.close(child)
        shown = b""
        while True:
            try:
                part = os.read(main, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        self.assertEqual(process.wait(), 0)
        os.close(main)
        self.assertRegex(shown.decode(), r"\r.*[\[|].*12/12")
        self.assertEqual(self.run_it("--quiet").stderr, "")

    def test_shards_merge_to_the_whole(self):
        self.run_it("-q")
        whole = os.path.join(self.directory, "whole.h5")
        text = self.merge(self.out, "-o", whole).stdout
        parts = [os.path.join(self.directory, f"part-{i}.h5") for i in range(4)]
        for i, part in enumerate(parts):
            self.merge(*parts[:i], code=3) if i else None
            result = support.must(support.run(i % 3, "run", self.config, "-o", part,
                                              "--shard", f"{i}/4"))
            self.assertIn(f"3 done, 0 failed, 9 left, 0 of them in shard {i}/4", result.stdout)
            self.assertIn("100.0 % of work, 3/3 tasks", result.stderr)
            with h5py.File(part, "r") as file:
                self.assertEqual(list(file["state"][()].nonzero()[0]), [i, i + 4, i + 8])
                self.assertEqual((file["provenance/shard"][0], file["provenance/shards"][0]), (i, 4))
        merged = os.path.join(self.directory, "merged.h5")
        parted = self.merge(*parts, "-o", merged).stdout
        tables = [re.search(r"(?s)\n\n(.*)\n[^\n]*core-hours", t).group(1) for t in (text, parted)]
        self.assertEqual(*tables)
        support.assert_same(support.results(whole), support.results(merged), "summaries")

        # Again is nothing new; another shard resumes the same file, and so does the whole grid.
        before = support.results(parts[0])
        support.must(support.run(0, "run", self.config, "-o", parts[0], "--shard", "0/4"))
        support.assert_same(before, support.results(parts[0]), "a finished shard")
        support.must(support.run(0, "run", self.config, "-o", parts[0], "--shard", "1/4"))
        result = support.must(support.run(2, "run", self.config, "-o", parts[0]))
        self.assertIn("12 done, 0 failed, 0 left in", result.stdout)
        support.assert_same(support.results(self.out), support.results(parts[0]), "shards then all")

    def test_a_shard_may_be_empty(self):
        result = self.run_it("--shard", "50/100")
        self.assertIn("0 done, 0 failed, 12 left, 0 of them in shard 50/100", result.stdout)

    def test_axes_multiply_and_zip(self):
        config = self.write("zip.yaml", support.TINY.format(seeds=2, epochs="[2, 3]").replace(
            "minibatch: 32", "minibatch: [16, 32]") + "zip: [[train.epochs, train.minibatch]]\n")
        self.run_it(config=config)
        with h5py.File(self.out, "r") as file:
            pairs = set(zip(file["epochs"][()], file["minibatch"][()]))
            self.assertEqual(file["state"].shape, (12,))
            self.assertEqual(pairs, {(2, 16), (3, 32)})

    def test_reference_configurations_run(self):
        folder = os.path.join(support.SOURCE, "configs", "reference")
        for name in sorted(os.listdir(folder)):
            with self.subTest(name):
                self.run_it("-q", config=os.path.join(folder, name), ranks=2)
                self.merge("-q", self.out)
                os.remove(self.out)

    def test_calibration_bounds_are_checked(self):
        """Every claim holds, in the table and in the files, and the figure is drawn."""
        config = os.path.join(support.SOURCE, "configs", "quick", "calibration.yaml")
        self.run_it("-q", config=config, ranks=2)
        summary, tables, figures = (os.path.join(self.directory, name)
                                    for name in ("summary.h5", "csv", "figures"))
        text = self.merge(self.out, "-o", summary, "--csv", tables, "--figures", figures).stdout
        self.assertIn("R <= 1 holds on 140 of 140 rows", text)
        self.assertIn("R = 1, where theory says so, holds on 50 of 50 rows", text)
        self.assertIn("unshared_low <= 1 holds on 40 of 40 rows", text)
        self.assertRegex(text, r"synthetic and lqg .* 0\.015 +3\.64\n")
        self.assertEqual(sorted(os.listdir(tables)), ["ratios.csv", "statistics.csv"])
        self.assertGreater(os.path.getsize(os.path.join(figures, "figure3.png")), 10000)
        with h5py.File(summary, "r") as file:
            names = [b"".join(name).decode() for name in file["claim_group"][()]]
            self.assertLess(file["claim_maximum"][names.index("lqg")], 1)

    def test_a_rollout_that_leaves_its_domain_fails(self):
        config = self.write("lqg.yaml", "experiment: calibration\nseeds: 40\narm: lqg\n"
                            "gamma: 0.5\nkappa: 0.99\ndims: {state: 2}\n")
        self.run_it(config=config, code=3)
        text = support.must(support.run(0, "status", self.out)).stdout
        self.assertRegex(text, r"failed: .*rollout leaves the operating ball at step \d+")
        self.assertRegex(self.merge(self.out, code=3).stdout, r"[1-9]\d* failed, 0 missing")

    def test_keys_that_do_not_go_together(self):
        config = self.write("bad.yaml", "experiment: calibration\nseeds: 1\nkappa: [0.5, 1.5]\n"
                            "arm: [synthetic_aligned, expansive_generic]\n")
        text = support.run(0, "check", config).stderr
        self.assertIn("bad.yaml:3:14: kappa: 1.5 is incompatible with arm synthetic_aligned", text)
        self.assertIn("bad.yaml:3:9: kappa: 0.5 is incompatible with arm expansive_generic", text)
        self.assertIn("dims.state: 4 is incompatible with arm synthetic_aligned, allowed: 1", text)

    def test_fixed_teacher(self):
        """Seed 3 has the teacher that {fixed: 3} fixes; for seed 4 that is another one."""
        errors = {}
        for teacher in ("per_seed", "{fixed: 3}"):
            config = self.write("t.yaml", support.TINY.format(seeds="[3, 4]", epochs=2)
                                + f"teacher: {teacher}\n")
            self.run_it(config=config)
            with h5py.File(self.out, "r") as file:
                errors[teacher] = file["dynamics_mse"][()].reshape(3, 2)
            os.remove(self.out)
        one, other = errors.values()
        self.assertEqual(list(one[:, 0]), list(other[:, 0]))
        self.assertTrue((one[:, 1] != other[:, 1]).all())


unittest.main()
