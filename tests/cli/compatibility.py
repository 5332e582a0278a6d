#!/usr/bin/env python3
"""Files of an earlier version are read, merged and resumed.

tests/compatibility/ holds, for every experiment, a finished file and one that has only the tasks of shard
0/2, both made by imagrid 0.1.0 before sessions recorded who computed them.
"""
import glob
import gzip
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py, np

FOLDER = os.path.join(support.SOURCE, "tests", "compatibility")
# The others' last digits are of the LAPACK that linear algebra was taken from when the old files were made.
EXACT = ("fidelity", "reward_noise", "scaling")
EXPERIMENTS = sorted(os.path.basename(path)[:-5] for path in glob.glob(os.path.join(FOLDER, "*.yaml")))


def numbers(path):
    """Columns of rows, and the experiment."""
    with h5py.File(path, "r") as file:
        names = file.attrs["row_columns"].split() + ["state", "failure"]
        return {name: file[name][()] for name in names}, file.attrs["experiment"]


class Compatibility(support.FolderTest):
    def old(self, name):
        """A copy of an old file."""
        path = os.path.join(self.directory, name + ".h5")
        with gzip.open(os.path.join(FOLDER, name + ".h5.gz")) as packed, open(path, "wb") as file:
            file.write(packed.read())
        return path

    def config(self, name):
        return os.path.join(FOLDER, name + ".yaml")

    def assert_as(self, wanted, path):
        """The same rows as in `wanted`, byte for byte where no linear algebra is in them."""
        (one, experiment), (other, _) = numbers(wanted), numbers(path)
        self.assertEqual(sorted(one), sorted(other))
        self.assertTrue((other["state"] == 1).all())
        for name, values in one.items():
            if experiment in EXACT:
                self.assertEqual(values.tobytes(), other[name].tobytes(), name)
            elif values.dtype.kind in "fi":
                np.testing.assert_allclose(values, other[name], rtol=1e-3, err_msg=name)

    def run_it(self, name, *arguments):
        return support.must(support.run(0, "run", self.config(name), "--isa", "portable", *arguments))

    def test_each_experiment_is_there(self):
        self.assertEqual(EXPERIMENTS, ["allocation", "calibration", "curvature", "fidelity",
                                       "imagination", "reward_noise", "scaling"])

    def test_read(self):
        for name in EXPERIMENTS:
            with self.subTest(name):
                text = support.must(support.run(0, "status", self.old(name))).stdout
                self.assertIn("done", text)
                support.must(support.run(0, "merge", self.old(name)))
                result = support.run(0, "merge", self.old(name + "-half"))
                self.assertIn(result.returncode, (0, 3), result.stderr)

    def test_numbers_are_the_same(self):
        """What this program computes now is what the earlier one did."""
        for name in EXPERIMENTS:
            with self.subTest(name):
                new = os.path.join(self.directory, f"new-{name}.h5")
                self.run_it(name, "-o", new, "-q")
                self.assert_as(self.old(name), new)

    def test_resume(self):
        for name in EXPERIMENTS:
            with self.subTest(name):
                half = self.old(name + "-half")
                before = os.path.getsize(half)
                # The file decides the instruction set where nobody asks for one.
                support.must(support.run(0, "run", self.config(name), "-o", half))
                self.assert_as(self.old(name), half)
                self.assertEqual(os.path.getsize(half), before)
                with h5py.File(half, "r") as file:
                    self.assertEqual(int(np.isfinite(file["provenance/begin"][()]).sum()), 2)
                    self.assertNotIn("version", file["provenance"])

    def test_merge_with_a_new_shard(self):
        for name in EXPERIMENTS:
            with self.subTest(name):
                half, rest = self.old(name + "-half"), os.path.join(self.directory, f"rest-{name}.h5")
                self.run_it(name, "-o", rest, "-q", "--shard", "1/2")
                tables = []
                for files in ([self.old(name)], [half, rest]):
                    folder = os.path.join(self.directory, f"{name}-{len(files)}")
                    support.must(support.run(0, "merge", *files, "--csv", folder, "-q"))
                    with open(os.path.join(folder, "statistics.csv"), encoding="utf-8") as file:
                        tables.append(file.read())
                if name in EXACT:
                    self.assertEqual(*tables)

    def test_reuse(self):
        for name in ("scaling", "curvature"):
            with self.subTest(name):
                new = os.path.join(self.directory, f"reused-{name}.h5")
                result = support.must(support.run(0, "run", self.config(name), "-o", new, "--reuse",
                                                  self.old(name + "-half")))
                self.assertRegex(result.stderr, "[1-9] finished tasks taken over")
                self.assert_as(self.old(name), new)


if __name__ == "__main__":
    unittest.main()
