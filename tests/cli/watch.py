#!/usr/bin/python3
"""imagrid status --watch: follows a run without touching it, and ends when it should."""
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import support


def status(*arguments, **more):
    return subprocess.run([support.IMAGRID, "status", *map(str, arguments)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, **more)


class Watch(support.FolderTest):
    def start(self, seeds=200, epochs=500):
        """A run that takes some seconds, and whose file is there."""
        env = support.environment(self.directory)
        run = subprocess.Popen(support.command(0, "run", self.tiny(seeds, epochs), "-o", self.out,
                                               "--quiet"), env=env, stdout=subprocess.DEVNULL)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        support.wait_until(lambda: os.path.exists(self.out))
        return run

    def test_follows_a_run_to_its_end(self):
        run = self.start(seeds=60, epochs=200)
        result = support.must(status(self.out, "--watch", "0.1"))
        self.assertEqual(run.wait(), 0)
        lines = result.stdout.splitlines()
        watched = [line for line in lines if " % of work, " in line]
        self.assertRegex(watched[0], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ +[\d.]+ % of work, \d+/180 ")
        self.assertTrue(watched[-1].endswith("180/180 tasks, 0 failed, 0 left; finished"))
        self.assertIn("180 done, 0 failed, 0 left of 180 tasks", result.stdout)
        # The run was not disturbed: every row is whole.
        self.assertNotIn("damaged", result.stdout)

    def test_never_writes(self):
        support.must(support.run(0, "run", self.tiny(2, 2), "-o", self.out, "--quiet"))
        os.chmod(self.out, 0o444)
        before = os.stat(self.out)
        support.must(status("--watch=1", self.out))
        after = os.stat(self.out)
        self.assertEqual((before.st_mtime_ns, before.st_size), (after.st_mtime_ns, after.st_size))
        self.assertEqual(sorted(os.listdir(self.directory)), ["out.h5", "tiny.yaml"])

    def test_ctrl_c(self):
        self.start()
        watch = subprocess.Popen([support.IMAGRID, "status", "--watch", "60", self.out], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn(" left; ", watch.stdout.readline())
        begin = time.monotonic()
        watch.send_signal(signal.SIGINT)
        rest, errors = watch.communicate(timeout=30)
        self.assertEqual((watch.returncode, rest, errors), (0, "", ""))
        self.assertLess(time.monotonic() - begin, 20)

    def test_a_run_that_is_over(self):
        run = self.start()
        support.wait_until(lambda: " tasks/s, ETA " in self.look())
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(timeout=60), 75)
        line = self.look()
        self.assertIn("; not running", line)
        self.assertNotIn(" 0 left", line)

    def look(self):
        """The first line of a watch."""
        watch = subprocess.Popen([support.IMAGRID, "status", "--watch", "60", self.out], text=True,
                                 stdout=subprocess.PIPE)
        line = watch.stdout.readline()
        watch.terminate()
        watch.communicate(timeout=30)
        return line

    def test_terminal(self):
        """On a terminal the picture is drawn over itself, within the window."""
        run = self.start()
        master, slave = pty.openpty()
        os.system(f"stty rows 6 cols 60 < {os.ttyname(slave)}")
        watch = subprocess.Popen([support.IMAGRID, "status", "--watch", "0.1", self.out],
                                 stdout=slave, stderr=subprocess.DEVNULL)
        os.close(slave)
        text = b""
        end = time.monotonic() + 60
        while text.count(b"\x1b[J") < 3 and time.monotonic() < end:
            if select.select([master], [], [], 1)[0]:
                text += os.read(master, 65536)
        watch.send_signal(signal.SIGINT)
        self.assertEqual(watch.wait(timeout=30), 0)
        os.close(master)
        run.kill()
        pictures = text.decode().split("\x1b[J")
        self.assertGreaterEqual(len(pictures), 4)
        self.assertTrue(pictures[1].startswith("\x1b[5A"), pictures[1])
        for picture in pictures[:3]:
            lines = picture.replace("\x1b[5A", "").replace("\x1b[K", "").splitlines()
            self.assertEqual(len(lines), 5, picture)
            self.assertLess(max(map(len, lines)), 60)
            self.assertIn("... 2 more grid points", lines[-1])

    def test_wrong_arguments(self):
        self.assertEqual(status("--watch", "0", self.out).returncode, 2)
        self.assertEqual(status("--watch=1e9", self.out).returncode, 2)
        self.assertEqual(status("--watch").returncode, 2)
        self.assertEqual(status("--watch", "2", "3", "4").returncode, 2)
        result = status(self.out, "--watch")
        self.assertEqual(result.returncode, 4)
        self.assertIn("out.h5", result.stderr)
        self.assertIn("--watch [SECONDS]", status("--help").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
