#!/usr/bin/env python3
"""What a program finds around it: variables, folders and programs that are not what they should be."""
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

NONSENSE = ("exit 1", "kill -9 $$", "head -c 100000 /dev/urandom", "yes EndTime=", "echo EndTime=Unknown",
            "echo EndTime=2038-13-41T00:00:00", "echo EndTime=1999-01-01T00:00:00")
NEVER = ("sleep 60", "echo EndTime=2030-01-01T00:00:00; exec sleep 60")


class Environment(support.FolderTest):
    def imagrid(self, *words, code=0, **variables):
        env = dict(support.environment(self.directory), **variables)
        done = subprocess.run([support.IMAGRID, *words], env=env, cwd=self.directory, text=True, timeout=60,
                              errors="replace", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def ask(self, number, script):
        """A run in a Slurm job whose scontrol is this."""
        folder = os.path.join(self.directory, f"bin{number}")
        os.mkdir(folder)
        support.write(os.path.join(folder, "scontrol"), f"#!/bin/sh\n{script}\n")
        os.chmod(os.path.join(folder, "scontrol"), 0o755)
        return self.imagrid("run", self.config, "-o", f"{number}.h5", "-q", SLURM_JOB_ID="4711",
                            PATH=f"{folder}:/usr/bin:/bin")

    def test_scontrol(self):
        """None ends a run or keeps it waiting."""
        self.config = self.tiny(2, 2)
        for number, script in enumerate(NONSENSE):
            self.ask(number, script)
        for number, script in enumerate(NEVER[-1:], len(NONSENSE)):
            begin = time.monotonic()
            self.assertIn("scontrol show job 4711 gives no answer within 5 s", self.ask(number, script).stderr)
            self.assertLess(time.monotonic() - begin, 30)
        os.mkdir(os.path.join(self.directory, "scontrol"))
        for path in (self.directory, "/nowhere"):
            self.imagrid("run", self.config, "-o", "none.h5", "-q", SLURM_JOB_ID="4711", PATH=path)

    def test_tmpdir(self):
        """One that cannot be used is replaced, with one warning."""
        self.imagrid("run", self.tiny(2, 2), "-o", self.out, "-q")
        file = self.write("file", "")
        # A page draws them once more.
        for number, (value, more) in enumerate(((file, ("--report", "page.html")), ("/proc", ()))):
            done = self.imagrid("merge", self.out, "-q", "--figures", str(number), *more, TMPDIR=value)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(f"TMPDIR: {value}: ", done.stderr)
            self.assertTrue(any(name.endswith(".png")
                                for name in os.listdir(os.path.join(self.directory, str(number)))))

    def test_read_only(self):
        """What is wrong is the file system, and not an older file that is not there."""
        config = self.tiny(2, 2)
        self.imagrid("run", config, "-o", self.out, "-q")
        place = self.mount("size=1m")
        support.must(subprocess.run(["mount", "-o", "remount,ro", place], check=False))
        for words in (("run", config, "-q", "-o", place + "/new.h5"), ("merge", self.out, "-q", "-o", place + "/s.h5"),
                      ("merge", self.out, "-q", "--csv", place), ("merge", self.out, "-q", "--json", place + "/s.json"),
                      ("merge", self.out, "-q", "--report", place + "/s.html"),
                      ("merge", self.out, "-q", "--figures", place), ("doctor", place)):
            done = self.imagrid(*words, code=4)
            self.assertIn("Read-only file system", done.stderr + done.stdout)
            self.assertNotIn("removed", done.stderr)

    def test_options_after_operands(self):
        self.imagrid("run", self.tiny(2, 2), "-o", self.out, "-q", POSIXLY_CORRECT="1")
        self.imagrid("merge", self.out, "-q", POSIXLY_CORRECT="1")


if __name__ == "__main__":
    unittest.main()
