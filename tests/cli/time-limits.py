#!/usr/bin/env python3
"""Time limits: whose they are, what fits into them, and what is left undone."""
import os
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
            for ranks in (0, 2):
                result = self.run_it(config, ranks=ranks)
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


unittest.main()
