#!/usr/bin/env python3
"""`imagrid estimate`: its table, its advice, and whether real runs agree with it."""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py, np

SIMULATE_FILE = os.environ["IMAGRID_SIMULATE_FILE"]

LINE = re.compile(r"^ *(\d+) .*? ([\d.e+-]+) +([\d.e+-]+) +([\d.]+) % +([\d.e+-]+)  (\S.*)$", re.M)


class Estimate(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.config = self.tiny(40, 200)

    def estimate(self, *more, config=None):
        return support.must(support.run(0, "estimate", config or self.config, *more)).stdout

    def table(self, text):
        """ranks -> (seconds, lower bound, efficiency in %, core-hours, limit)"""
        return {int(line[1]): (*map(float, line.groups()[1:5]), line[6])
                for line in LINE.finditer(text)}

    def test_help(self):
        text = support.must(support.run(0, "estimate", "--help")).stdout
        self.assertRegex(text, r"usage: .*imagrid estimate")
        self.assertIn("example", text)

    def test_bad_usage(self):
        for arguments in ([], ["a", "b"], [self.config, "--wrong"], ["absent.yaml"],
                          *([self.config, *more] for more in (
                              ["--ranks", "0"], ["--ranks", ""], ["--ranks", "1,"],
                              ["--ranks", "1,,2"], ["--ranks", "100001"], ["--ranks", "-3"],
                              ["--ranks", "2x"], ["--ranks", ",".join("1" * 65)],
                              ["--walltime", "soon"], ["--walltime", "0"], ["--measure", "0"],
                              ["--measure", "-1"], ["--startup", "x"], ["--isa", "abacus"]))):
            result = support.run(0, "estimate", *arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertTrue(result.stderr)
            self.assertNotIn("#SBATCH", result.stdout)

    def test_table(self):
        text = self.estimate("--ranks", "1,7,1000", "--startup", "0")
        table = self.table(text)
        self.assertEqual(sorted(table), [1, 7, 1000])
        for ranks, (seconds, bound, efficiency, hours, _) in table.items():
            self.assertGreaterEqual(seconds, 0.999 * bound)
            self.assertAlmostEqual(hours, ranks * seconds / 3600, delta=0.01 * hours)
            self.assertLessEqual(efficiency, 100)
        self.assertGreater(table[1][2], 90)
        self.assertLess(table[1000][2], 20)
        self.assertIn(table[1000][4], ("longest task", "answers of rank 0"))
        self.assertIn("3 of 3 cost classes", text)
        self.assertIn("#SBATCH --cpus-per-task=1", text)
        self.assertRegex(text, r"#SBATCH --ntasks=\d+\n")
        self.assertRegex(text, r"#SBATCH --time=00:0[12]:00\n")
        self.assertEqual(os.listdir(self.directory), ["tiny.yaml"])

    def test_startup_counts(self):
        text = self.estimate("--ranks", "4", "--startup", "10m")
        seconds, _, efficiency, _, _ = self.table(text)[4]
        self.assertGreaterEqual(seconds, 600)
        self.assertLess(efficiency, 1)
        self.assertRegex(text, r"efficient .* 1 rank,")

    def test_walltime(self):
        """A hundred hours of work or more: some ranks for two hours, thousands for two minutes."""
        config = self.write("large.yaml", "experiment: scaling\nseeds: 200000\n"
                                          "anchors: [200, 20000]\nholdout: 100\n"
                                          "train: {epochs: 1000}\n")
        text = self.estimate("--walltime", "2h", "--measure", "2", config=config)
        ranks = int(re.search(r"#SBATCH --ntasks=(\d+)", text)[1])
        asked = re.search(r"#SBATCH --time=(\d\d):(\d\d):(\d\d)", text)
        self.assertGreater(ranks, 1)
        self.assertLessEqual(60 * int(asked[1]) + int(asked[2]), 120)
        self.assertGreaterEqual(60 * int(asked[1]) + int(asked[2]), 100)
        text = self.estimate("--walltime", "150s", "--measure", "2", config=config)
        # Slurm would make three minutes of it, which the queue does not take.
        self.assertIn("#SBATCH --time=00:02:00\n", text)

    def test_no_job_is_long_enough(self):
        """No request that cannot work: each of the long tasks alone takes longer than the longest job."""
        config = self.write("long.yaml", "experiment: scaling\nseeds: 2\nanchors: [200, 20000]\n"
                                         "train: {epochs: 150}\nholdout: 500\n")
        for walltime, more in (("1s", ()), ("59s", ()), ("61s", ()), ("10m", ("--startup", "9m"))):
            result = support.run(0, "estimate", config, "--walltime", walltime, "--measure", "2", *more)
            self.assertEqual(result.returncode, 3, walltime)
            self.assertNotIn("#SBATCH", result.stdout)
            self.assertRegex(result.stdout, r"no job of .* is long enough.*--time=00:\d\d:00 ")
        result = support.run(0, "estimate", config, "--walltime", "2m", "--measure", "2")
        self.assertRegex(support.must(result).stdout, r"#SBATCH (--mem-per-cpu=\d+M\n#SBATCH )?--time=00:02:00\n")

    def test_measuring_keeps_to_its_limit(self):
        """The dear tasks take minutes: they are extrapolated, and that is said."""
        config = self.write("long.yaml", support.TINY.format(seeds=2, epochs=20).replace(
            "160]", "1000000]").replace("hidden: 8", "hidden: 64"))
        text = self.estimate("--measure", "1", "--ranks", "1", config=config)
        self.assertIn("not timed", text)
        self.assertIn("extrapolated", text)
        self.assertLess(float(re.search(r"in ([\d.]+) s;", text)[1]), 1.6)
        config = self.write("never.yaml", support.TINY.format(seeds=2, epochs=1000).replace(
            "40, 80, 160", "5000000"))
        result = support.run(0, "estimate", config, "--measure", "0.5")
        self.assertEqual(result.returncode, 2)
        self.assertIn("measure", result.stderr)

    def test_failing_tasks_are_told(self):
        config = self.write("fail.yaml", support.TINY.format(seeds=2, epochs=3)
                            + "train.learning_rate: 1.0e+12\n")
        self.assertRegex(self.estimate(config=config), "failed.*infinite")

    def test_spread_is_repeatable_and_keeps_the_work(self):
        for text in (self.estimate("--ranks", "2", "--spread"),
                     self.estimate("--ranks", "2", "--spread", "--isa", "portable")):
            self.assertIn(2, self.table(text))

    def test_a_million_tasks_on_many_ranks(self):
        config = self.write("many.yaml", "experiment: scaling\nseeds: 100000\n"
                                         "anchors: {linspace: [100, 1000, 10]}\n"
                                         "train: {epochs: 2}\n")
        table = self.table(self.estimate("--ranks", "1,100000", "--measure", "1", config=config))
        self.assertLess(table[100000][0], table[1][0])

    def test_simulated_as_it_ran(self):
        """The durations that a run recorded, put back into the simulator, give its makespan. A
        busy machine may stop a rank between two tasks, so one good run in five is enough."""
        config = self.write("unequal.yaml", support.TINY.format(seeds=12, epochs=400).replace(
            "160]", "2500]"))
        out = os.path.join(self.directory, "out.h5")
        for ranks in (1, 2):
            ratios = []
            while len(ratios) < 5 and not any(0.9 < ratio < 1.1 for ratio in ratios):
                support.must(support.run(ranks, "run", config, "-o", out, "-q"))
                with h5py.File(out, "r") as file:
                    start, seconds = file["start"][()], file["seconds"][()]
                real = np.max(start + seconds) - np.min(start)
                simulated = subprocess.run([SIMULATE_FILE, out, str(ranks)], text=True, check=True,
                                           stdout=subprocess.PIPE).stdout
                ratios.append(float(simulated) / real)
                os.remove(out)
            print(f"{ranks} ranks: simulated / real = {ratios}", file=sys.stderr)
            self.assertTrue(any(0.9 < ratio < 1.1 for ratio in ratios), ratios)


unittest.main()
