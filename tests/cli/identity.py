#!/usr/bin/env python3
"""Rows that may not stand together never do: instruction sets, results versions, versions of imagrid.

Which instruction sets a machine has differs; the tests use the portable one and the best there is.
"""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py


def text(file, name, row):
    return file["provenance/" + name][row].tobytes().rstrip(b"\0").decode()


class Identity(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.small = self.tiny(2, 2)
        self.bigger = self.write("bigger.yaml", support.TINY.format(seeds=4, epochs=2))
        self.old = os.path.join(self.directory, "old.h5")
        self.run_it(self.small, self.old)
        self.best = self.isa(self.old)
        if self.best == "portable":
            self.skipTest("there is one instruction set only")

    def run_it(self, config, out, *arguments, code=0, ranks=0):
        return support.must(support.run(ranks, "run", config, "-o", out, *arguments), code)

    def isa(self, path):
        """The file's instruction set, which every session has had."""
        with h5py.File(path, "r") as file:
            isa = file.attrs["isa"]
            n = int((file["provenance/ranks"][()] > 0).sum())
            self.assertGreater(n, 0)
            for row in range(n):
                self.assertEqual(text(file, "isa", row), isa)
            return isa

    def portable(self):
        path = os.path.join(self.directory, "portable.h5")
        self.run_it(self.small, path, "--isa", "portable", "-q")
        return path

    def test_reuse_never_mixes_instruction_sets(self):
        """The new file is portable already, so rows of another instruction set stay out."""
        self.run_it(self.bigger, self.out, "--isa", "portable", "--shard", "1/2", "-q")
        before = support.results(self.out)
        result = self.run_it(self.bigger, self.out, "--reuse", self.old, code=2)
        for word in ("old.h5", "instruction set", self.best, "portable", "--isa"):
            self.assertIn(word, result.stderr)
        support.assert_same(before, support.results(self.out), "a rejected run")

    def test_reuse_follows_the_file_that_is_there(self):
        """The inverse: both files are portable, though this machine could do better."""
        self.run_it(self.bigger, self.out, "--isa", "portable", "--shard", "1/2", "-q")
        result = self.run_it(self.bigger, self.out, "--reuse", self.portable(), ranks=2)
        self.assertRegex(result.stderr, "[1-9] finished tasks taken over")
        self.assertEqual(self.isa(self.out), "portable")
        computed = os.path.join(self.directory, "computed.h5")
        self.run_it(self.bigger, computed, "--isa", "portable", "-q")
        support.assert_same(support.results(computed), support.results(self.out), "reused, computed")

    def test_a_new_file_follows_the_one_it_reuses(self):
        portable = self.portable()
        result = self.run_it(self.bigger, self.out, "--reuse", portable)
        self.assertIn("6 finished tasks taken over", result.stderr)
        self.assertEqual(self.isa(self.out), "portable")
        os.remove(self.out)
        self.assertIn(self.best, self.run_it(self.bigger, self.out, "--reuse", portable, "--isa",
                                             self.best, code=2).stderr)
        self.assertFalse(os.path.exists(self.out))
        self.run_it(self.bigger, self.out, "--reuse", portable, "--reuse", self.old, code=2)
        self.assertFalse(os.path.exists(self.out))
        self.assertNotIn("out.h5.lock", os.listdir(self.directory))

    def test_shards_of_different_instruction_sets_are_not_merged(self):
        parts = [os.path.join(self.directory, f"part-{i}.h5") for i in range(2)]
        for i, isa in enumerate(("portable", self.best)):
            self.run_it(self.bigger, parts[i], "--shard", f"{i}/2", "--isa", isa, "-q")
        for files in (parts, parts[::-1]):
            result = support.must(subprocess.run([support.MERGE, *files], text=True,
                                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE), 2)
            for word in ("part-0.h5", "part-1.h5", "instruction set", self.best, "portable"):
                self.assertIn(word, result.stderr)

    def test_sessions_say_who_computed(self):
        self.run_it(self.bigger, self.out, "--shard", "0/2", "-q")
        self.run_it(self.bigger, self.out, "-q")
        with h5py.File(self.out, "r") as file:
            version = f"{file.attrs['imagrid_version']} ({file.attrs['revision']})"
            self.assertEqual(file.attrs["results_version"], 1)
            for row in range(2):
                self.assertEqual(text(file, "version", row), version)
                self.assertEqual(file["provenance/results_version"][row], 1)
            self.assertTrue((file["provenance/results_version"][2:] < 0).all())
        self.isa(self.out)

    def test_another_version_is_noted(self):
        """What counts is the results version; that another program goes on is said and recorded."""
        self.run_it(self.bigger, self.out, "--shard", "0/2", "-q")
        with open(self.out, "r+b") as file:
            data = file.read()
            with h5py.File(self.out, "r") as made:
                version = made.attrs["imagrid_version"].encode()
            self.assertEqual(data.count(version + b"\0"), 1)
            file.seek(data.index(version + b"\0"))
            file.write(b"9" * len(version))
        support.renew_footer(self.out)
        result = self.run_it(self.bigger, self.out)
        self.assertIn("created by imagrid " + "9" * len(version), result.stderr)
        with h5py.File(self.out, "r") as file:
            self.assertEqual(text(file, "version", 1).split()[0], version.decode())
            self.assertTrue((file["state"][()] == 1).all())

    def test_another_results_version_is_rejected(self):
        """Resuming, reusing and merging."""
        self.run_it(self.bigger, self.out, "--shard", "0/2", "-q")
        with h5py.File(self.out, "r+", locking=False) as file:
            file.attrs.modify("results_version", 2)
        support.renew_footer(self.out)
        other = os.path.join(self.directory, "other.h5")
        for arguments in ((self.bigger, self.out), (self.bigger, other, "--reuse", self.out)):
            result = self.run_it(*arguments, code=2)
            self.assertIn("results version", result.stderr)
        self.assertFalse(os.path.exists(other))
        self.run_it(self.bigger, other, "--shard", "1/2", "-q")
        result = support.must(support.run(0, "merge", self.out, other), 2)
        self.assertIn("results version", result.stderr)

    def test_only_changed_numbers_have_another_results_version(self):
        """The tanh of tanh_feedback is another than in results version 1; other policies have none."""
        for policy, version in (("[sinusoid, uniform]", 1), ("[uniform, tanh_feedback]", 2)):
            config = self.write("policy.yaml", support.TINY.format(seeds=1, epochs=1) + f"policy: {policy}\n")
            out = os.path.join(self.directory, f"version-{version}.h5")
            self.run_it(config, out, "--shard", "0/2", "-q")
            with h5py.File(out, "r+", locking=False) as file:
                self.assertEqual(file.attrs["results_version"], version)
                self.assertEqual(file["provenance/results_version"][0], version)
                file.attrs.modify("results_version", 1)
            support.renew_footer(out)
            result = self.run_it(config, out, "-q", code=0 if version == 1 else 2)
            self.assertEqual("results version" in result.stderr, version == 2)


if __name__ == "__main__":
    unittest.main()
