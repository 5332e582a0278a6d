#!/usr/bin/env python3
"""Every option once: what is accepted, what is refused and how; nothing is changed by a refusal."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

COMMANDS = ("run", "check", "list", "estimate", "status", "retry", "doctor")


class Options(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.config = self.tiny(2, 2)

    def call(self, code, program, *arguments, stdout=subprocess.PIPE):
        result = subprocess.run([program, *map(str, arguments)], text=True, stdout=stdout,
                                stderr=subprocess.PIPE, env=support.environment(self.directory))
        return support.must(result, code)

    def imagrid(self, code, *arguments, **more):
        return self.call(code, support.IMAGRID, *arguments, **more)

    def make(self):
        self.imagrid(0, "run", self.config, "-o", self.out, "--quiet")

    def test_versions_agree(self):
        version = self.imagrid(0, "--version").stdout.splitlines()[0]
        self.assertRegex(version, r"^imagrid \d+\.\d+\.\d+")
        for command in COMMANDS:
            for option in ("--version", "-V"):
                self.assertEqual(self.imagrid(0, command, option).stdout, version + "\n")
        for program in (support.MERGE, support.PLAN):
            self.assertIn(version.split()[1], self.call(0, program, "--version").stdout)

    def test_help_of_all(self):
        for word in ("--help", "-h", "help"):
            text = self.imagrid(0, word).stdout
            for command in COMMANDS:
                self.assertIn(command, text)

    def test_unknown_options(self):
        for command in COMMANDS:
            result = self.imagrid(2, command, "--no-such-option", self.config)
            self.assertIn("no-such-option", result.stderr)
            self.assertIn(f"imagrid {command} --help", result.stderr)
            self.assertEqual(result.stdout, "")
        for program in (support.MERGE, support.PLAN):
            self.assertIn("--help", self.call(2, program, "--no-such-option").stderr)

    def test_refused_values_of_run(self):
        for words, says in ((("--max-fails", "few"), "--max-fails expects a number"),
                            (("--max-fails", "-1"), "--max-fails expects a number"),
                            (("--reuse", "x.h5") * 65, "at most 64 files"),
                            (("--shard", "2/2"), "shard"),
                            (("--isa", "mmx"), "mmx"),
                            (("--time-limit", "soon"), "soon")):
            self.assertIn(says, self.imagrid(2, "run", self.config, "-o", self.out, *words).stderr)
            self.assertFalse(os.path.exists(self.out))

    def test_conditions_of_retry(self):
        self.make()
        many = [word for n in range(33) for word in ("--where", "anchor=40")]
        self.assertIn("at most 32", self.imagrid(2, "retry", self.out, *many).stderr)
        self.assertIn("0", self.imagrid(0, "retry", self.out, *many[:64]).stdout)

    def test_a_lock_of_another_host(self):
        """Held by nobody who can be asked: refused, unless the user knows better."""
        lock = self.write("out.h5.lock", "host elsewhere.example\npid 4711\nstart 1\n")
        result = self.imagrid(4, "run", self.config, "-o", self.out)
        self.assertIn("elsewhere.example", result.stderr)
        self.assertFalse(os.path.exists(self.out))
        self.imagrid(0, "run", self.config, "-o", self.out, "--steal-lock")
        self.assertFalse(os.path.exists(lock))
        self.assertIn("6 done", self.imagrid(0, "status", self.out).stdout)

    def test_reuse_of_another_experiment(self):
        """Nothing of it fits: refused before a file is made."""
        self.make()
        other = self.write("other.yaml", "experiment: calibration\nseeds: 1\narm: synthetic_generic\n"
                           "gamma: 0.5\nkappa: 0.5\ndims: {state: 2}\n")
        new = os.path.join(self.directory, "new.h5")
        result = self.imagrid(2, "run", other, "-o", new, "--reuse", self.out)
        self.assertIn("holds experiment scaling, not calibration", result.stderr)

    def test_reuse_of_shorter_curves_from_a_longer_file(self):
        """The old file's curves have room for 3 epochs; those of 2 end in filling, which is cut."""
        long = self.write("long.yaml", support.TINY.format(seeds=2, epochs="[2, 3]"))
        self.imagrid(0, "run", long, "-o", self.out)
        new, fresh = (os.path.join(self.directory, name) for name in ("new.h5", "fresh.h5"))
        text = self.imagrid(0, "run", self.config, "-o", new, "--reuse", self.out).stderr
        self.assertIn("6 finished tasks taken over", text)
        self.imagrid(0, "run", self.config, "-o", fresh)
        support.assert_same(support.results(new), support.results(fresh), "reused and computed")

    def test_resamples(self):
        self.make()
        for number in ("1", "10000001", "many", "1e3", ""):
            self.assertIn("--resamples", self.call(2, support.MERGE, self.out, "--resamples",
                                                   number).stderr)
        few = self.call(0, support.MERGE, self.out, "--resamples", "2").stdout
        self.assertNotEqual(few, self.call(0, support.MERGE, self.out).stdout)

    def test_long_grids_are_cut(self):
        anchors = ", ".join(str(40 + n) for n in range(60))
        config = self.write("long.yaml", support.TINY.format(seeds=1, epochs=1).replace(
            "[40, 80, 160]", f"[{anchors}]"))
        text = self.imagrid(0, "list", config).stdout
        self.assertIn("... and 10 more grid points", text)
        self.assertIn("anchors=89", text)
        self.assertNotIn("anchors=90", text)

    def test_output_that_cannot_be_written(self):
        """A full disk behind a redirection is not success."""
        self.make()
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.assertIn("standard output", self.imagrid(4, "list", self.config, stdout=full).stderr)
            self.assertIn("standard output",
                          self.call(4, support.MERGE, self.out, stdout=full).stderr)
            for program in (support.IMAGRID, support.MERGE, support.PLAN):
                for option in ("--help", "--version"):
                    self.assertIn("standard output", self.call(4, program, option, stdout=full).stderr)


unittest.main()
