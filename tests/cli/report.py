#!/usr/bin/python3
"""imagrid-merge's options, and what it refuses: shards, comparisons, pages, tables."""
import csv
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import support
from support import h5py, np


def merge(*arguments, **more):
    return subprocess.run([support.MERGE, *map(str, arguments)], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, **more)


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def row_crc(file, task):
    """CRC-32C of a row as docs/format.md has it."""
    table = list(range(256))
    for _ in range(8):
        table = [c >> 1 ^ (0x82F63B78 if c & 1 else 0) for c in table]
    parts = [file[name][task].tobytes() for name in file.attrs["row_columns"].split()]
    data = task.to_bytes(8, "little") + b"".join(part + bytes(-len(part) % 8) for part in parts)
    data += file["state"][task].tobytes() + file["failure"][task].tobytes()
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = support.enter_for_class(cls)
        config = cls.path("tiny.yaml")
        support.write(config, support.TINY.format(seeds=6, epochs=3))
        for shard in range(2):
            support.must(support.run(0, "run", config, "-o", cls.path(f"part-{shard}.h5"),
                                     "--shard", f"{shard}/2", "--quiet"))
        cls.parts = [cls.path("part-0.h5"), cls.path("part-1.h5")]
        support.write(cls.path("other.yaml"), support.TINY.format(seeds=6, epochs=4))
        support.must(support.run(0, "run", cls.path("other.yaml"), "-o", cls.path("other.h5"),
                                 "--shard", "1/2", "--quiet"))

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory, name)

    def test_a_note_on_sessions_without_an_end(self):
        """It explains a word of the table, and stands only where the table has that word."""
        page = self.path("sessions.html")
        for code, noted in ((0, False), (-1, True)):
            open_end = self.path("open.h5")
            shutil.copy(self.parts[0], open_end)
            with h5py.File(open_end, "r+", locking=False) as file:
                file["provenance/exit_code"][0] = code
            result = merge("-q", open_end, "--report", page)
            self.assertIn(result.returncode, (3, 4), result.stderr)  # 4: without gnuplot
            with open(page, encoding="utf-8") as file:
                self.assertEqual("no end noted: the run goes on" in file.read(), noted)

    def test_shards_of_another_configuration_are_refused(self):
        result = support.must(merge(self.parts[0], self.path("other.h5"), "--csv",
                                    self.path("refused")), 2)
        self.assertIn("different configuration", result.stderr)
        self.assertIn("train.epochs", result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertFalse(os.path.exists(self.path("refused")))

    def test_rows_that_differ_are_refused(self):
        changed = shutil.copy(self.parts[0], self.path("changed.h5"))
        with h5py.File(changed, "r+", locking=False) as file:
            file["reward_mse"][0] *= 2
        # Without its checksum the row is damaged, and does not count.
        result = support.must(merge(*self.parts, changed))
        self.assertIn("damaged: 1 rows", result.stdout)
        # With it, somebody else has computed other numbers.
        with h5py.File(changed, "r+", locking=False) as file:
            file["crc"][0] = row_crc(file, 0)
        support.must(merge(self.parts[0], self.parts[0], self.parts[1]))
        result = support.must(merge(self.parts[0], changed), 2)
        self.assertIn("has other results than in", result.stderr)

    def test_intervals(self):
        for kind in ("percentile", "bca"):
            support.must(merge("-q", *self.parts, "--csv", self.path(kind), "--interval", kind,
                               "-o", self.path(kind + ".h5")))
        support.must(merge("-q", *self.parts, "--csv", self.path("default")))
        one, other = read_csv(self.path("percentile/statistics.csv")), \
            read_csv(self.path("bca/statistics.csv"))
        self.assertEqual(read_csv(self.path("default/statistics.csv")), one)
        for a, b in zip(one, other):
            for name in ("n", "failed", "missing", "mean", "sem", "median", "iqm"):
                self.assertEqual(a[name], b[name])
        self.assertNotEqual([a["mean_low"] for a in one], [b["mean_low"] for b in other])
        with h5py.File(self.path("bca.h5"), "r") as file:
            self.assertEqual(file.attrs["interval"], "bca")
            self.assertIn("reward_mse_iqm_low", file)
            self.assertTrue(np.isfinite(file["whole_exponent_low"]).all())
            self.assertEqual(list(file["n_whole_seeds"]), [6, 6])

    def test_single_measurements(self):
        """A plan needs them, and whether seeds are shared: the rows themselves, digit by digit."""
        support.must(merge("-q", *self.parts, "-o", self.path("s.h5"), "--law", "floor"))
        with h5py.File(self.parts[0], "r") as a, h5py.File(self.parts[1], "r") as b:
            values = [np.where(a["state"][()] == 1, a[name], b[name]) for name in ("dynamics_mse", "reward_mse")]
        with h5py.File(self.path("s.h5"), "r") as file:
            single = file["fit_measurements"]
            np.testing.assert_array_equal(single["value"], np.concatenate(values))
            self.assertEqual(list(single["fit"]), [0] * 18 + [1] * 18)
            self.assertEqual(list(single["seed"]), list(range(6)) * 6)
            self.assertEqual(list(single["x"][:18]), [40] * 6 + [80] * 6 + [160] * 6)
            self.assertEqual(list(file["fit_shared"]), [1, 1])
            self.assertEqual(file["fit_law"][()].tobytes().count(b"floor"), 2)
            self.assertEqual(list(file["fit_hindcasts/without"]), [1, 1])

    def test_comparison(self):
        support.must(merge("-q", *self.parts, "--csv", self.path("d"), "--compare", "anchors=40",
                           "-o", self.path("d.h5")))
        with h5py.File(self.parts[0], "r") as a, h5py.File(self.parts[1], "r") as b:
            done = a["state"][()] == 1
            values = np.where(done, a["reward_mse"], b["reward_mse"]).reshape(3, 6)
        for row in read_csv(self.path("d/differences.csv")):
            if row["column"] == "reward_mse":
                difference = values[{"80": 1, "160": 2}[row["anchor"]]] - values[0]
                self.assertEqual(float(row["median"]), np.median(difference))
                self.assertAlmostEqual(float(row["mean"]), difference.mean(), 12)
                self.assertEqual((row["n"], row["lost"]), ("6", "0"))
                self.assertEqual(int(row["above"]), (difference > 0).sum())
        with h5py.File(self.path("d.h5"), "r") as file:
            self.assertEqual(file.attrs["baseline"], "anchors=40")
            self.assertEqual(list(file["reward_mse_difference_n"]), [0, 6, 6])
        self.assertIn("--compare", support.must(merge(*self.parts, "--compare", "x=1"), 2).stderr)

    def test_the_same_bytes(self):
        names = ["--csv", "--latex", "--figures"]
        if not shutil.which("gnuplot"):
            names.pop()
        for turn in ("one", "two"):
            targets = [x for n in names for x in (n, self.path(turn) + n)]
            support.must(merge("-q", *(self.parts if turn == "one" else self.parts[::-1]), *targets))
        for name in names:
            one, other = pathlib.Path(self.path("one") + name), pathlib.Path(self.path("two") + name)
            files = sorted(p.name for p in one.iterdir())
            self.assertEqual(files, sorted(p.name for p in other.iterdir()))
            for file in files:
                self.assertEqual((one / file).read_bytes(), (other / file).read_bytes(), file)

    def test_usage(self):
        help_text = support.must(merge("--help")).stdout
        for option in ("--report", "--latex", "--compare", "--interval", "--law"):
            self.assertIn(option, help_text)
        self.assertLessEqual(max(map(len, help_text.splitlines())), 100)
        for wrong in (["--interval", "t"], ["--law", "line"], ["--resamples", "1"], ["--csv"], ["--what"]):
            self.assertEqual(merge(*self.parts, *wrong).returncode, 2)
        self.assertEqual(merge().returncode, 2)
        self.assertTrue(support.must(merge("--version")).stdout.startswith("imagrid "))
        # A page is no place for results.
        before = pathlib.Path(self.parts[0]).read_bytes()
        result = support.must(merge("-q", *self.parts, "--report", self.parts[0]), 2)
        self.assertIn("not overwritten", result.stderr)
        self.assertEqual(pathlib.Path(self.parts[0]).read_bytes(), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
