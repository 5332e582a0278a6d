#!/usr/bin/env python3
"""What each signal does to a program: batch systems, their tools, launchers, power supplies and people
send many. docs/cluster.md has the same table."""
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

# Tasks enough for a minute.
LONG = support.TINY.format(seeds=20000, epochs=200)
STOPPED = 75
NAMES = ("TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "ALRM", "VTALRM", "PROF", "XCPU", "PWR", "STKFLT",
         "ABRT")
STOPS = [getattr(signal, "SIG" + name) for name in NAMES] + [signal.SIGRTMIN, signal.SIGRTMIN + 3,
                                                            signal.SIGRTMAX]
IGNORED = [signal.SIGPIPE, signal.SIGXFSZ, signal.SIGIO, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH,
           signal.SIGCHLD]
# What mpirun passes on by itself, and whether it ends as its ranks do then: MPICH's says 0 now and then.
CERTAIN = support.library().startswith("Open MPI")
FORWARDED = [signal.SIGUSR1, signal.SIGALRM] + [signal.SIGUSR2, signal.SIGABRT] * CERTAIN


class Signals(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.config = self.write("long.yaml", LONG)
        self.env = support.environment(self.directory)

    def start(self, number, ranks=0, before=None):
        """A run on a file of its own."""
        out = os.path.join(self.directory, f"{int(number)}.h5")
        run = subprocess.Popen(support.command(ranks, "run", self.config, "-o", out, "-q"), env=self.env,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True, preexec_fn=before)
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        return run, out

    def wait_for_row(self, out):
        support.wait_until(lambda: os.path.exists(out))

    def judge(self, number, run, out, codes=(STOPPED,)):
        said, _ = run.communicate(timeout=60)
        with self.subTest(signal.strsignal(number)):
            self.assertIn(run.returncode, codes, said)
            self.assertIn(f"stopped by signal {int(number)} ", said)
            self.assertFalse(os.path.exists(out + ".lock"))
            self.assertFalse(os.path.exists(out + ".partial"))

    def test_stops(self):
        """All at once, which takes no longer than one."""
        runs = [(number, *self.start(number)) for number in STOPS]
        for number, run, out in runs:
            self.wait_for_row(out)
            run.send_signal(number)
        for number, run, out in runs:
            self.judge(number, run, out)
        again = support.run(0, "run", self.config, "-o", runs[0][2], "--time-limit", "1s")
        self.assertIn("resuming", again.stderr)

    def test_ignored(self):
        run, out = self.start(0)
        self.wait_for_row(out)
        for number in IGNORED:
            run.send_signal(number)
        run.send_signal(signal.SIGTSTP)
        time.sleep(0.2)
        run.send_signal(signal.SIGCONT)
        time.sleep(0.2)
        self.assertIsNone(run.poll())
        run.send_signal(signal.SIGTERM)
        self.judge(signal.SIGTERM, run, out)

    def test_disposition_of_the_parent(self):
        """nohup is obeyed; the job scripts ignore USR1 until mpirun is ready for it, and shells SIGINT in
        the background, which a run must not inherit."""
        def ignore(number):
            return lambda: signal.signal(number, signal.SIG_IGN)

        runs = [(n, *self.start(n, before=ignore(n))) for n in (signal.SIGHUP, signal.SIGUSR1, signal.SIGINT)]
        for number, run, out in runs:
            self.wait_for_row(out)
            run.send_signal(number)
        for number, run, out in runs[1:]:
            self.judge(number, run, out)
        number, run, out = runs[0]
        self.assertIsNone(run.poll())
        run.send_signal(signal.SIGTERM)
        self.judge(signal.SIGTERM, run, out)

    def test_repeated(self):
        """A launcher that passes on what reaches the whole process group sends everything twice; a person
        who insists ends even a run that hangs."""
        run, out = self.start(1)
        self.wait_for_row(out)
        for _ in range(20):
            run.send_signal(signal.SIGTERM)
            time.sleep(0.001)
        self.judge(signal.SIGTERM, run, out)
        run, out = self.start(2)
        self.wait_for_row(out)
        # Stopped, it can do nothing about the first.
        for _ in range(2):
            run.send_signal(signal.SIGSTOP)
            run.send_signal(signal.SIGTERM)
            time.sleep(1.1)
            run.send_signal(signal.SIGCONT)
            time.sleep(0.01)
        self.assertIn(run.wait(timeout=60), (STOPPED, -signal.SIGTERM))

    def test_mpirun(self):
        runs = [(number, *self.start(number, 2)) for number in FORWARDED]
        for number, run, out in runs:
            self.wait_for_row(out)
            time.sleep(0.3)
            run.send_signal(number)
        for number, run, out in runs:
            self.judge(number, run, out, (STOPPED,) if CERTAIN else (STOPPED, 0))

    def test_processor_time(self):
        """`ulimit -t` sets both limits, where the kernel kills without SIGXCPU."""
        import resource
        run, out = self.start(3, before=lambda: resource.setrlimit(resource.RLIMIT_CPU, (2, 2)))
        self.judge(signal.SIGXCPU, run, out)


class Temporary(support.FolderTest):
    """What a program that is no run has begun to write when a signal ends it."""

    def setUp(self):
        super().setUp()
        support.must(support.run(0, "run", self.tiny(2, 2), "-o", self.out, "-q"))
        self.tmp = os.path.join(self.directory, "tmp")
        os.mkdir(self.tmp)
        self.env = dict(support.environment(self.directory), TMPDIR=self.tmp)

    def end(self, number, ready, *words, **env):
        before = set(os.listdir(self.directory))
        program = subprocess.Popen(words, env=dict(self.env, **env), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True, cwd=self.directory)
        self.addCleanup(program.stderr.close)
        support.wait_until(lambda: ready() or program.poll() is not None)
        program.send_signal(number)
        self.assertEqual(program.wait(timeout=30), -number, program.stderr.read())
        return set(os.listdir(self.directory)) - before

    def test_figures(self):
        """gnuplot draws in a folder of its own, and goes with the program it draws for."""
        pid = os.path.join(self.directory, "pid")
        self.write("gnuplot", f"#!/bin/sh\necho x > half.png\necho $$ > {pid}.new\nmv {pid}.new {pid}\n"
                              "exec sleep 60\n")
        os.chmod(os.path.join(self.directory, "gnuplot"), 0o755)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2, signal.SIGXCPU):
            left = self.end(number, lambda: os.path.exists(pid), support.MERGE, self.out, "-q", "--figures",
                            "figures", PATH=self.directory + ":/usr/bin:/bin")
            self.assertEqual(left - {"figures", "pid"}, set())
            self.assertEqual(os.listdir(self.tmp), [])
            with open(pid, encoding="ascii") as file:
                self.assertFalse(os.path.exists(f"/proc/{file.read().strip()}"))
            self.assertEqual([name for name in os.listdir(os.path.join(self.directory, "figures"))], [])
            os.remove(pid)

    def slow(self):
        """A disk that takes its time, so that a signal comes before it is done."""
        # The address sanitizer wants to be the first library, and does without.
        options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return {"LD_PRELOAD": os.environ["PRETEND_LIBRARY"], "PRETEND_FSYNC": "20", "ASAN_OPTIONS": options}

    def here(self, name):
        return lambda: os.path.exists(os.path.join(self.directory, name))

    def test_summary(self):
        left = self.end(signal.SIGTERM, self.here("summary.h5.partial"), support.MERGE, self.out, "-q", "-o",
                        "summary.h5", **self.slow())
        self.assertEqual(left, set())

    def test_retry(self):
        """Nobody else writes, so that the lock may go."""
        config = self.write("bad.yaml", support.TINY.format(seeds=2, epochs=2) + "train.learning_rate: 1.0e+12\n")
        support.must(support.run(0, "run", config, "-o", self.out + "2", "-q"), 3)
        left = self.end(signal.SIGHUP, self.here("out.h52.lock"), support.IMAGRID, "retry", self.out + "2",
                        **self.slow())
        self.assertEqual(left, set())
        support.must(support.run(0, "retry", self.out + "2"))

    def test_insisting_at_the_start(self):
        """A run that is stopped while it creates its file, by somebody who cannot wait for that."""
        def ready():
            if not self.here("new.h5.partial")():
                return False
            program.send_signal(signal.SIGTERM)
            time.sleep(1.2)
            return True

        program = subprocess.Popen([support.IMAGRID, "run", "tiny.yaml", "-o", "new.h5", "-q"], cwd=self.directory,
                                   env=dict(self.env, **self.slow()))
        support.wait_until(ready)
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(timeout=15), -signal.SIGTERM)
        self.assertFalse(self.here("new.h5.partial")())
        again = support.must(support.run(0, "run", "tiny.yaml", "-o", "new.h5", "-q", cwd=self.directory))
        self.assertIn("6 done", again.stdout)


if __name__ == "__main__":
    unittest.main()
