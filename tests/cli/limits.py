#!/usr/bin/env python3
"""Limits that batch systems and administrators set: address space, files' sizes, descriptors, processes,
stack, and standard streams that are closed or full."""
import os
import resource
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

MEGABYTE = 1 << 20
PRETEND = os.environ["PRETEND_LIBRARY"]
PROCESSORS = 128
PLAN = ("--cost-dyn", "1", "--cost-rew", "10", "--budget", "1e6", "--gamma", "0.9", "--lipschitz", "0.5,1,0.5")


def sanitized(program):
    """Sanitizers reserve terabytes of address space."""
    with open(program, "rb") as file:
        content = file.read()
    return any(name in content for name in (b"__asan_init", b"__tsan_init", b"__msan_init"))


class Limited(support.FolderTest):
    def limited(self, limits, *words, timeout=60, **more):
        """A command under limits, a dict."""
        def lower():
            for name, value in limits.items():
                resource.setrlimit(name, (value, value))

        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        env = support.environment(self.directory)
        env.pop("OMP_NUM_THREADS")
        env.update(more.pop("env", {}))
        return subprocess.run(words, env=env, text=True, timeout=timeout, preexec_fn=lower, cwd=self.directory,
                              **{**streams, **more})

    def small(self):
        """A finished file, with its configuration in `config`."""
        self.config = self.tiny(4, 3)
        support.must(support.run(0, "run", self.config, "-o", self.out, "-q"))


@unittest.skipIf(sanitized(support.IMAGRID), "a sanitizer needs all of the address space")
class AddressSpace(Limited):
    """No library may take threads and buffers for every processor of the machine as soon as the program
    starts: on a pretended one of 128, in 400 MB, nothing hangs, and every command works."""

    def pretend(self, megabytes, *words, code=0):
        done = self.limited({resource.RLIMIT_AS: megabytes * MEGABYTE}, *words,
                            env={"LD_PRELOAD": PRETEND, "PRETEND_PROCESSORS": str(PROCESSORS)})
        self.assertEqual(done.returncode, code, f"{words}: {done.stderr}")
        return done

    def test_every_command(self):
        self.small()
        imagrid, summary = support.IMAGRID, os.path.join(self.directory, "summary.h5")
        for program in (imagrid, support.MERGE, support.PLAN):
            for option in ("--version", "--help"):
                self.pretend(200, program, option)
        for words in (("check", self.config), ("list", self.config), ("status", self.out),
                      ("merge", self.out, "-o", summary, "--figures", "figures", "--report", "page.html"),
                      ("plan", "--fits", summary, *PLAN), ("retry", self.out), ("doctor", "."),
                      ("estimate", self.config, "--measure", "0.05")):
            self.pretend(400, imagrid, *words)

    def test_linear_algebra(self):
        """Norms, solutions and least squares."""
        for name in ("curvature", "calibration", "allocation", "imagination"):
            config = os.path.join(support.SOURCE, "configs/quick", name + ".yaml")
            done = self.pretend(400, support.IMAGRID, "run", config, "-o", name + ".h5", "-q", "--shard", "3/40")
            self.assertIn(" 0 failed", done.stdout)

    def test_too_little(self):
        """Where there is no room for a task, rows or messages say so."""
        config = os.path.join(support.SOURCE, "configs/quick/curvature.yaml")
        for megabytes in (40, 60):
            done = self.limited({resource.RLIMIT_AS: megabytes * MEGABYTE}, support.IMAGRID, "run", config, "-o",
                                self.out, "-q", "--shard", "1/20")
            # Open MPI's loader crashes at some limits, as it cannot map its own plugins.
            self.assertTrue(done.returncode != -11 or "failed to map segment" in done.stderr, done.stderr)
            self.assertRegex(done.stdout + done.stderr, "memory|failed|cannot|0 failed")


class FileSize(Limited):
    """`ulimit -f`: SIGXFSZ would kill, with partial files and the lock left behind."""

    def judge(self, limit, *words, said="File too large: files are limited to {} bytes \\(ulimit -f\\)"):
        before = set(os.listdir(self.directory))
        done = self.limited({resource.RLIMIT_FSIZE: limit}, support.IMAGRID, *words)
        if "MPI_Init" in done.stderr:
            self.skipTest("this MPI does not start under such a limit")
        self.assertEqual(done.returncode, 4, f"{words}: {done.stderr}")
        self.assertRegex(done.stderr, said.format(limit))
        left = set(os.listdir(self.directory)) - before
        self.assertFalse([name for name in left if name.endswith((".partial", ".lock", ".h5"))])

    def test_run(self):
        config = self.tiny(40, 3)
        self.judge(20000, "run", config, "-o", self.out, "-q",
                   said="needs 0.* MB, files are limited to 0.02 MB")
        support.must(support.run(0, "run", config, "-o", self.out, "-q", "--shard", "0/2"))
        self.judge(20000, "run", config, "-o", self.out, "-q")
        support.must(support.run(0, "run", config, "-o", self.out, "-q"))

    def test_outputs(self):
        self.small()
        self.judge(100, "merge", self.out, "-q", "-o", "summary.h5", said="summary.h5: write failed: File too")
        self.judge(100, "merge", self.out, "-q", "--csv", "tables")
        self.judge(100, "merge", self.out, "-q", "--json", "tables.json")
        self.judge(100, "merge", self.out, "-q", "--figures", "figures")
        # gnuplot's pictures are longer than its data: half a picture is none.
        self.judge(1 << 16, "merge", self.out, "-q", "--figures", "figures", said="gnuplot failed")
        self.assertEqual([name for name in os.listdir(os.path.join(self.directory, "figures"))
                          if name.endswith(("png", "pdf", "svg", "partial"))], [])
        for words in (("list", self.config), ("status", self.out), ("merge", self.out)):
            with open(os.path.join(self.directory, "said"), "w", encoding="utf-8") as file:
                done = self.limited({resource.RLIMIT_FSIZE: 100}, support.IMAGRID, *words, stdout=file)
            self.assertEqual(done.returncode, 4)
            self.assertIn("File too large", done.stderr)


class Others(Limited):
    def test_descriptors(self):
        """As many as there are go for a run; with fewer it says so and leaves nothing."""
        self.small()
        for n in (20, 64):
            done = self.limited({resource.RLIMIT_NOFILE: n}, support.IMAGRID, "run", self.config, "-o", f"{n}.h5",
                                "-q")
            self.assertEqual(done.returncode, 0, done.stderr)
        # Open MPI 4 itself comes through with 11, Open MPI 5 with 14, which leaves none for the configuration; MPICH
        # ends the process itself.
        done = self.limited({resource.RLIMIT_NOFILE: 14}, support.IMAGRID, "run", self.config, "-o", "14.h5", "-q")
        if "MPI_Init" not in done.stderr:
            self.assertIn(done.returncode, (1, 2, 4))
            self.assertIn("oo many open files", done.stderr)
        self.assertEqual([name for name in os.listdir(self.directory) if name.startswith("14.h5")], [])
        done = self.limited({resource.RLIMIT_NOFILE: 5}, support.IMAGRID, "merge", self.out, "-q", "--figures", "f")
        self.assertEqual(done.returncode, 4)
        self.assertIn("open files are limited to 5 (ulimit -n)", done.stderr)
        for command in ("status", "retry"):
            done = self.limited({resource.RLIMIT_NOFILE: 8}, support.IMAGRID, command, self.out)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_stack(self):
        self.small()
        for words in (("run", self.config, "-o", "new.h5", "-q"), ("merge", self.out, "-q", "--csv", "tables"),
                      ("status", self.out)):
            done = self.limited({resource.RLIMIT_STACK: 256 << 10}, support.IMAGRID, *words)
            self.assertEqual(done.returncode, 0, done.stderr)


class Streams(Limited):
    """Standard streams that are closed, full, or read by nobody."""

    def shell(self, command):
        env = dict(support.environment(self.directory), I=support.IMAGRID, OUT=self.out, CONFIG=self.config)
        return subprocess.run(["bash", "-c", command], env=env, cwd=self.directory, timeout=60, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_closed(self):
        self.small()
        for i, closed in enumerate(("<&-", ">&-", "2>&-", "<&- >&- 2>&-")):
            done = self.shell(f"$I run $CONFIG -o closed-{i}.h5 -q {closed}")
            self.assertIn(done.returncode, (0, 4), done.stderr)
            support.assert_same(support.results(self.out),
                                support.results(os.path.join(self.directory, f"closed-{i}.h5")), closed)
            self.assertFalse(os.path.exists(os.path.join(self.directory, f"closed-{i}.h5.lock")))

    def test_full(self):
        """What goes to files is written all the same, and the exit code says that something is missing."""
        self.small()
        for i, what in enumerate(("> /dev/full", "| true")):
            done = self.shell(f"set -o pipefail; $I merge $OUT -o {i}.h5 --csv {i} {what}")
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertIn("standard output", done.stderr)
            self.assertTrue(os.path.exists(os.path.join(self.directory, f"{i}.h5")))
            self.assertTrue(os.listdir(os.path.join(self.directory, str(i))))
            done = self.shell(f"set -o pipefail; $I run $CONFIG -o run{i}.h5 {what}")
            self.assertEqual(done.returncode, 4, done.stderr)
            support.assert_same(support.results(self.out),
                                support.results(os.path.join(self.directory, f"run{i}.h5")), what)
        for words in ("list $CONFIG", "status $OUT", "check $CONFIG", "--version", "--help"):
            self.assertEqual(self.shell(f"$I {words} > /dev/full").returncode, 4, words)


if __name__ == "__main__":
    unittest.main()
