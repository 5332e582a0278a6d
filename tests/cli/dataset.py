#!/usr/bin/env python3
"""Experiment dataset, from somebody's file to a purchase: layouts, controls, leaks, and what real data have."""
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py, np

MAKER = os.path.join(support.SOURCE, "docs/examples/dataset/make-pendulum.py")
_spec = importlib.util.spec_from_file_location("make_pendulum", MAKER)
pendulum = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pendulum)

CONFIG = """experiment: dataset
file: {file}
seeds: {seeds}
anchors: {anchors}
holdout: {{episodes: {holdout}}}
hidden: [12]
train: {{updates: {updates}, minibatch: 64, validations: 2, learning_rate: 0.01}}
open_loop: {{steps: 6, starts: 20}}
policy: {{hidden: [8], updates: 30}}
horizon: 6
sensitivity: {{directions: 2, trajectories: 8}}
{more}
"""
FLAT = """format: flat
observations: state
actions: action
rewards: reward
next_observations: next_state
terminals: terminal"""


class Dataset(support.FolderTest):
    def path(self, name):
        return os.path.join(self.directory, name)

    def config(self, file="file.hdf5", seeds=2, anchors="[100, 300]", holdout=0.3, updates=60, more=""):
        return self.write("config.yaml", CONFIG.format(file=file, seeds=seeds, anchors=anchors, holdout=holdout,
                                                       updates=updates, more=more))

    def put(self, rows=900, name="file.hdf5", layout="d4rl", made=None):
        made = made or pendulum.episodes(rows, 3)
        with h5py.File(self.path(name), "w") as file:
            pendulum.WRITERS[layout](file, made)
        return made

    def run_all(self, config, ranks=0):
        """Columns of a run, all of whose rows are done."""
        result = support.must(support.run(ranks, "run", config, "-o", self.out, "--quiet"))
        with h5py.File(self.out, "r") as file:
            columns = {name: file[name][()] for name in file if isinstance(file[name], h5py.Dataset)}
        self.assertEqual(set(columns["state"]), {1})
        return columns, result

    def merge(self, *words):
        result = subprocess.run([support.MERGE, self.out, "-o", self.path("summary.h5"), *words], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return support.must(result).stdout

    def plan(self, *words, code=0):
        result = subprocess.run([support.PLAN, "--fits", self.path("summary.h5"), "--cost-dyn", "1", "--cost-rew",
                                 "20", "--budget", "5e4", "--resamples", "500", *words],
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return support.must(result, code)

    def test_four_layouts(self):
        """The same transitions give the same bytes in every result column."""
        made, reference = pendulum.episodes(900, 3), None
        for layout in pendulum.WRITERS:
            self.put(made=made, layout=layout)
            self.run_all(self.config(more=FLAT if layout == "flat" else ""))
            got = support.results(self.out)
            reference = reference or got
            support.assert_same(reference, got, layout)
            os.unlink(self.out)

    def test_n_larger_than_the_file(self):
        """Every N that is too large is named, with the largest that is possible; nothing is made."""
        self.put(rows=400)
        config = self.config(anchors="[100, 2000, 3000]")
        for words in (("check", config), ("run", config, "-o", self.out)):
            result = support.must(support.run(0, *words), 2)
            self.assertEqual(result.stderr.count("anchors: "), 2, result.stderr)
            self.assertIn("config.yaml:4:16: anchors: 2000 is more than the file has", result.stderr)
            largest = int(re.search("at most ([0-9]+)", result.stderr)[1])
            self.assertFalse(os.path.exists(self.out))
        support.must(support.run(0, "check", self.config(anchors=f"[100, {largest}]")))
        support.must(support.run(0, "check", self.config(anchors=f"[100, {largest + 1}]")), 2)

    def test_small_holdout(self):
        """A warning with the number, and the run goes on."""
        self.put(rows=600)
        columns, result = self.run_all(self.config(holdout=0.01, seeds=1, anchors="[100]"))
        self.assertRegex(result.stderr, r"warning: .*holdout.episodes: with seed 0 only 1 episode with \d+ "
                                        r"transitions .* some 71 %")
        self.assertEqual(set(columns["holdout_episodes"]), {1})

    def test_copies_of_held_out_episodes(self):
        """Copies of whole episodes stay on one side; rows that are there twice in other ways are counted.
        Mutation: the split does not look at contents."""
        made = pendulum.episodes(700, 3)
        self.put(made=made + made)
        columns, _ = self.run_all(self.config())
        self.assertEqual(set(columns["holdout_repeated"]), {0})
        self.assertEqual(len(made) * 2, columns["file_episodes"][0])
        self.assertEqual(set(columns["holdout_episodes"] % 2), {0})
        os.unlink(self.out)
        # The same episodes again, each cut in two: no episode equals another, most of their rows do.
        half = [(s[a:b + 1], x[a:b], r[a:b], u and b == len(x)) for s, x, r, u in made if len(x) > 1
                for a, b in ((0, len(x) // 2), (len(x) // 2, len(x)))]
        self.put(made=made + half)
        columns, _ = self.run_all(self.config())
        self.assertGreater(columns["holdout_repeated"].min(), 0.3)
        self.assertIn("equal rows that are trained on", self.merge())

    def test_too_few_without_copies(self):
        """What copies leave is known when the file is read, and nothing is made before."""
        made = pendulum.episodes(400, 3)
        self.put(made=made + made[:1] * 30)
        info = support.must(support.run(0, "run", self.config(anchors="[2000]"), "-o", self.out), 2)
        self.assertIn("at most", info.stderr)
        self.assertFalse(os.path.exists(self.out))

    def test_controls(self):
        """Labels that are all zero, or shuffled, explain nothing; given ones do."""
        self.put(rows=1500)
        more = "labels: [given, zero, shuffled]"
        columns, _ = self.run_all(self.config(seeds=10, anchors="[600]", more=more))
        texts = columns["labels"].view(f"S{columns['labels'].shape[1]}").ravel()
        given, zero, shuffled = (np.flatnonzero(texts == name) for name in (b"given", b"zero", b"shuffled"))
        self.assertEqual([len(given), len(zero), len(shuffled)], [10, 10, 10])
        self.assertGreater(columns["reward_explained"][given].min(), 0.3)
        # Nothing but 0 can be learned of zeros.
        np.testing.assert_allclose(columns["reward_rmse"][zero], columns["reward_constant"][zero])
        self.assertLessEqual(columns["reward_explained"][zero].max(), 0)
        self.assertEqual(set(columns["reward_correlation"][zero]), {0})
        self.assertEqual(set(columns["reward_train_rmse"][zero]), {0})
        for name in ("reward_correlation", "reward_explained"):
            values = columns[name][shuffled]
            error = values.std(ddof=1) / np.sqrt(len(values))
            self.assertLess(values.mean(), 4 * error + 0.02, name)
        # What is learned of transitions does not depend on labels.
        np.testing.assert_array_equal(columns["dynamics_rmse"][given], columns["dynamics_rmse"][shuffled])
        np.testing.assert_array_equal(columns["holdout_labels"][given], columns["holdout_labels"][zero])
        text = self.merge()
        self.assertIn("Controls: labels that say nothing", text)
        self.assertNotIn("SOMETHING", text)

    def test_all_rewards_zero(self):
        """Nothing to explain counts as 0; a plan says that there is nothing to weigh."""
        self.put(made=[(s, a, 0 * r, u) for s, a, r, u in pendulum.episodes(900, 3)])
        columns, _ = self.run_all(self.config())
        for name in ("reward_rmse", "reward_explained", "reward_correlation", "reward_sd", "sensitivity_reward"):
            self.assertEqual(set(columns[name]), {0}, name)
        self.assertGreater(columns["dynamics_explained"].min(), 0.3)
        self.assertIn("All rewards are equal", self.merge("--report", self.path("report.html")))
        self.assertRegex(self.plan(code=2).stderr, "no fit of the reward error")

    def test_what_real_data_have(self):
        """Constant numbers, clocks, episodes of one step, actions and numbers of any size, no next observations.
        Mutation: what is only rounding in the differences of a clock counts as much as every other number."""
        made = pendulum.episodes(900, 3)
        wide = [(np.c_[s, np.full(len(s), 3.1), 1e-2 * s[:, :1] + 70, 50 + 0.01 * np.arange(len(s))], a * 20, r * 1e6, u)
                for s, a, r, u in made]
        wide += [(s[:2], a[:1], r[:1], u) for s, a, r, u in wide[:9]]
        self.put(made=wide, layout="minari")
        columns, _ = self.run_all(self.config())
        self.assertEqual(set(columns["state_dim"]), {6})
        self.assertEqual(set(columns["outputs"]), {4})
        for constant in (3, 5):
            self.assertEqual(set(columns["component_rmse"][:, constant]), {0})
        self.assertTrue(np.isnan(columns["component_rmse"][:, 6:]).all())
        self.assertLess(columns["reward_rmse"].max(), 1)
        os.unlink(self.out)
        values = pendulum.joined(made)
        with h5py.File(self.path("file.hdf5"), "w") as file:
            for name in ("observations", "actions", "rewards", "terminals", "timeouts"):
                file[name] = values[name]
        columns, _ = self.run_all(self.config())
        self.assertEqual(columns["file_labels"][0] - columns["file_transitions"][0], columns["file_episodes"][0])

    def test_choices(self):
        """Actions that are numbers of choices."""
        made = [(s, (a > 0).astype("i8") + 2 * (a > 0.7), r, u) for s, a, r, u in pendulum.episodes(900, 3)]
        self.put(made=[(s, a.ravel(), r, u) for s, a, r, u in made])
        columns, _ = self.run_all(self.config())
        self.assertEqual(set(columns["action_dim"]), {4})

    def test_same_samples(self):
        """A larger N begins with the samples of the smaller, and the same episodes are held out."""
        self.put()
        columns, _ = self.run_all(self.config(more="standardise: [true, false]"))
        rows = columns["holdout_transitions"].reshape(-1, 2)
        self.assertTrue((rows == rows[0]).all())
        self.assertNotEqual(*rows[0])

    def test_to_the_plan(self):
        """Sensitivities go through the summary; options override them; a report has all figures."""
        self.put(rows=1500)
        columns, _ = self.run_all(self.config(seeds=4, anchors="[60, 200, 600]", updates=150))
        text = self.merge("--json", self.path("all.json"), "--report", self.path("report.html"),
                          "--figures", self.path("figures"))
        self.assertIn("What errors do to the return", text)
        self.assertNotRegex(text, "published|ours/pub")     # nobody has published laws of this file
        with open(self.path("figures/components.gp"), encoding="utf-8") as script:
            self.assertIn("bars: 95 %", script.read())     # between two numbers of the state there is nothing to shade
        with h5py.File(self.path("summary.h5"), "r") as file:
            low, high = file["fit_sensitivity_low"][()], file["fit_sensitivity_high"][()]
            seeds, steps = file["fit_sensitivity_seeds"][()], file["profile_x"][()]
            medians = file["profile_median"][()]
        last = columns["anchor"] == 600
        for fit, kind in enumerate(("dynamics", "reward")):
            both = np.r_[columns[f"sensitivity_{kind}"][last], columns[f"sensitivity_{kind}_perturbed"][last]]
            self.assertEqual([low[fit], high[fit], seeds[fit]], [both.min(), both.max(), 4])
        np.testing.assert_array_equal(steps[:6], np.arange(1, 7))
        np.testing.assert_allclose(medians[:6], np.median(columns["open_loop"][columns["anchor"] == 60], axis=0))
        planned = self.plan("--have-dyn", "50000").stdout
        self.assertIn("over 4 seeds, and models off by their own errors, at N = 600", planned)
        labels = columns["file_labels"][0]
        self.assertIn(f"as if you had no reward labels; the file that was learned from has {labels:.15g}: where "
                      f"they are yours, say --have-rew {labels:.15g}", " ".join(planned.split()))
        self.assertNotIn("as if you had no transitions", " ".join(planned.split()))
        owned = self.plan("--have-dyn", "50000", "--have-rew", f"{labels:.15g}").stdout
        self.assertNotIn("as if you had", " ".join(owned.split()))
        self.assertRegex(owned, r"What is owned gives a bound of [0-9.]+: this purchase takes [0-9.]+ % off it\.")
        inputs = json.loads(self.plan("--json", "--have-dyn", "50000", "--labels-on-owned").stdout)["inputs"]
        np.testing.assert_allclose([inputs["S_f"], inputs["S_r"]], np.c_[low, high])
        other = json.loads(self.plan("--json", "--sensitivity", "3:5,2").stdout)["inputs"]
        self.assertEqual([other["S_f"], other["S_r"], other["sensitivity_seeds"]], [[3, 5], [2, 2], 0])
        self.plan("--labels-on-owned", "--labels-apart", code=2)
        warned = json.loads(self.plan("--json", "--gamma", "0.9", "--lipschitz", "0.5,1,0", "--outputs", "3").stdout)
        self.assertTrue(any("in a unit of its own" in text for text in warned["warnings"]), warned["warnings"])
        self.assertTrue(any("--outputs changes nothing" in text for text in warned["warnings"]))
        with open(self.path("report.html"), encoding="utf-8") as page:
            report = page.read()
        self.assertIn("What the data are", report)
        self.assertIn("What errors do to the return", report)
        self.assertNotIn("What to buy", report)
        text = self.merge("--budget", "5e4", "--cost-dyn", "1", "--cost-rew", "20", "--have-dyn", "50000",
                          "--report", self.path("report.html"))
        self.assertIn("reward labels", text[text.index("What to buy"):])
        with open(self.path("report.html"), encoding="utf-8") as page:
            self.assertIn("What to buy", page.read())

    def test_killed_and_resumed(self):
        """kill -9, then another number of ranks: the same bytes."""
        self.put(rows=1500)
        config = self.config(seeds=6, updates=600)
        self.run_all(config)
        reference = support.results(self.out)
        os.unlink(self.out)
        run = subprocess.Popen(support.command(0, "run", config, "-o", self.out, "--quiet"),
                               env=support.environment(self.directory))
        done = 0
        while done < 2 and run.poll() is None:
            time.sleep(0.02)
            if os.path.exists(self.out):
                with h5py.File(self.out, "r") as file:
                    done = (file["state"][()] == 1).sum()
        run.kill()
        run.wait()
        self.run_all(config, ranks=2)
        support.assert_same(reference, support.results(self.out), "killed and resumed")


if __name__ == "__main__":
    unittest.main()
