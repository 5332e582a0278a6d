#!/usr/bin/env python3
"""Time limits: whose they are, what fits into them, and what is left undone."""
import os
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support


class TimeLimits(support.FolderTest):
    def setUp(self):
        super().setUp()
        for name in ("SLURM_JOB_ID", "SLURM_JOB_END_TIME", "PATH"):
            self.addCleanup(self.environ, **{name: os.environ.get(name)})

    def environ(self, **variables):
        for name, value in variables.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value

    def scontrol(self, text):
        """Put a scontrol in front that says this."""
        tool = self.write("scontrol", f"#!/bin/sh\necho '{text}'\n")
        os.chmod(tool, 0o755)
        self.environ(PATH=self.directory + ":" + os.environ["PATH"])

    def run_it(self, config, *more, code=0, ranks=0):
        return support.must(support.run(ranks, "run", config, "-o", self.out, "-q", *more), code)

    def endless(self):
        return self.tiny(4000, 200)

    def test_the_option_does_not_replace_the_end_of_the_job(self):
        value = str(int(time.time()) + 32)
        self.environ(SLURM_JOB_ID="77", SLURM_JOB_END_TIME=value)
        begin = time.monotonic()
        result = self.run_it(self.endless(), "--time-limit", "10h", code=75)
        self.assertLess(time.monotonic() - begin, 10)
        self.assertIn(f"time limit, 30 s before the end of the Slurm job, SLURM_JOB_END_TIME={value}",
                      result.stderr)

    def test_the_end_of_the_job_does_not_replace_the_option(self):
        self.environ(SLURM_JOB_ID="77", SLURM_JOB_END_TIME=str(int(time.time()) + 36000))
        result = self.run_it(self.endless(), "--time-limit", "1s", code=75)
        self.assertIn("time limit, --time-limit of 1.0 s", result.stderr)

    def test_ends_that_cannot_be_are_ignored_with_a_word(self):
        config = self.tiny(1, 1)
        for job, value, why in (("77", "0", "seconds since 1970"), ("77", "-5", "seconds since 1970"),
                                ("77", "tomorrow", "seconds since 1970"), ("77", "1000000000", "over before"),
                                (None, str(int(time.time()) + 5), "SLURM_JOB_ID is not set")):
            self.environ(SLURM_JOB_ID=job, SLURM_JOB_END_TIME=value)
            result = self.run_it(config, ranks=2)
            self.assertIn("3 done", result.stdout)
            self.assertEqual(result.stderr.count(f"SLURM_JOB_END_TIME={value} is ignored"), 1, result.stderr)
            self.assertIn(why, result.stderr)
            os.remove(self.out)

    def test_slurm_is_asked_where_the_variable_cannot_be(self):
        end = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() + 32))
        self.scontrol(f"JobId=77 EndTime={end} Deadline=N/A")
        self.environ(SLURM_JOB_ID="77", SLURM_JOB_END_TIME="0")
        result = self.run_it(self.endless(), code=75)
        self.assertIn(f"EndTime={end} of scontrol show job 77", result.stderr)

    def scaling(self, seeds, anchors, epochs, holdout=500):
        return self.write("scaling.yaml", f"experiment: scaling\nseeds: {seeds}\nanchors: {anchors}\n"
                                          f"train: {{epochs: {epochs}}}\nholdout: {holdout}\n")

    def test_a_start_without_progress_has_a_code_of_its_own(self):
        """Each of these tasks takes minutes; the job script must not come back a thousand times."""
        config = self.scaling(3, [2000000], 300)
        for ranks in (0, 2):
            result = self.run_it(config, "--time-limit", "1s", code=76, ranks=ranks)
            self.assertRegex(result.stderr, r"--time-limit of 1\.0 s: no task finished in 1\.\d s; "
                                            r"the shortest that is left needs more than \d\.\d s")
            self.assertIn("more time", result.stdout)
        with support.h5py.File(self.out, "r") as file:
            self.assertEqual(list(file["provenance/exit_code"][:2]), [76, 76])

    def test_hopeless_tasks_do_not_keep_others_from_being_done(self):
        config = self.scaling(3, [200, 400, 2000000], 100)
        self.run_it(config, "--time-limit", "4s", code=75)
        text = support.must(support.run(0, "status", self.out)).stdout
        self.assertIn("6 done, 0 failed, 3 left", text)
        self.run_it(config, "--time-limit", "1s", code=76)

    def test_what_rows_say_is_not_tried_again(self):
        """Rows of an earlier start tell that a task takes longer than there is time; nothing is begun, and
        the number is named."""
        config = self.scaling(4, [20000], 150, 100)
        self.run_it(config, "--time-limit", "1h", "--shard", "0/4")
        with support.h5py.File(self.out, "r") as file:
            seconds = file["seconds"][0]
        for ranks in (0, 2):
            result = self.run_it(config, "--time-limit", f"{seconds / 3:.3f}s", code=76, ranks=ranks)
            found = re.search(r"no task was begun in .*; the shortest that is left needs about ([\d.]+) s",
                              result.stderr)
            self.assertTrue(found, result.stderr)
            self.assertAlmostEqual(float(found[1]), seconds, delta=0.1 * seconds + 0.1)

    def test_one_task_that_is_all_overhead_is_no_measure(self):
        """The whole grid takes a second or two, and twenty are allowed."""
        self.run_it(self.scaling(1, [1, 200000], 10, 1), "--time-limit", "20s")

    def test_a_hopeless_task_is_put_aside(self):
        """Every other task is endless, and nothing tells them apart: the others are done all the same."""
        plugin = os.path.join(os.environ["IMAGRID_PLUGINS"], "moody.so")
        config = self.write("moody.yaml", "experiment: half\nseeds: 16\nn: [3, 4]\n")
        for ranks in (0, 3):
            self.run_it(config, "--plugin", plugin, "--time-limit", "4s", ranks=ranks, code=75)
            text = support.must(support.run(0, "status", "--plugin", plugin, self.out)).stdout
            self.assertIn("16 done, 0 failed, 16 left", text)
            os.remove(self.out)

    def test_failures_are_progress(self):
        """Rows of failed tasks are written: the next start has less to do."""
        config = self.write("fail.yaml", support.TINY.format(seeds=5, epochs=1).replace("160]", "3000000]")
                            + "train.learning_rate: 1.0e+12\n")
        self.run_it(config, "--time-limit", "1s", code=75)

    def test_a_limit_that_the_start_uses_up(self):
        result = self.run_it(self.tiny(1, 1), "--time-limit", "0.001s", code=76)
        self.assertIn("the start alone took", result.stderr)

    def test_a_warning_before_the_first_row(self):
        """Slurm may warn as soon as a short job begins; no requeued job would fare better."""
        config = self.scaling(3, [2000000], 300)
        for job, code in (("77", 76), (None, 75)):
            end = str(int(time.time()) + 3600) if job else None
            self.environ(SLURM_JOB_ID=job, SLURM_JOB_END_TIME=end)
            process = subprocess.Popen(support.command(0, "run", config, "-o", self.out, "-q"), text=True,
                                       env=support.environment(self.directory), stderr=subprocess.PIPE)
            support.wait_until(lambda: os.path.exists(self.out))
            time.sleep(0.3)
            process.send_signal(signal.SIGUSR1)
            self.assertIn("stopped by signal 10", process.communicate(timeout=30)[1])
            self.assertEqual(process.returncode, code)


unittest.main()
