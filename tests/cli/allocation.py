#!/usr/bin/env python3
"""The paper's grid of `allocation`, run and merged: what its table must show."""
import csv
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py


class Allocation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = support.enter_for_class(cls)
        cls.out, cls.summary, cls.figures = (os.path.join(cls.directory, name)
                                             for name in ("out.h5", "summary.h5", "figures"))
        config = os.path.join(support.SOURCE, "configs", "paper", "allocation.yaml")
        support.must(support.run(2, "run", config, "-o", cls.out, "-q"))
        result = subprocess.run([support.MERGE, cls.out, "-o", cls.summary, "--csv", cls.directory,
                                 "--figures", cls.figures], text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=support.environment(cls.directory))
        cls.text = support.must(result).stdout
        with open(os.path.join(cls.directory, "agreement.csv"), newline="",
                  encoding="utf-8") as file:
            cls.groups = {row.pop("group"): {name: float(value) for name, value in row.items()}
                          for row in csv.DictReader(file)}

    def test_linear_vanishes_to_rounding(self):
        group = self.groups["linear"]
        self.assertEqual((group["rows"], group["excluded"]), (30, 0))
        self.assertLess(group["residual_largest"], 1e-6)

    def test_tanh_and_sin_are_near(self):
        for name in ("tanh", "sin"):
            self.assertEqual(self.groups[name]["rows"], 9)
            self.assertLess(self.groups[name]["residual_median_size"], 0.1)
        self.assertEqual(self.groups["tanh and sin"]["rows"], 18)
        self.assertEqual(self.groups["tanh and sin"]["published_residual_median"], 0.054)

    def test_sup_norm_is_far_worse(self):
        realized, sup = self.groups["quadratic"], self.groups["quadratic (sup norm)"]
        self.assertEqual((realized["rows"], sup["rows"]), (9, 9))
        self.assertGreater(sup["residual_median_size"], 5 * realized["residual_median_size"])

    def test_lqg_overshoots_always(self):
        group = self.groups["lqg (Lemma 1)"]
        self.assertEqual((group["rows"], group["above"], group["excluded"]), (30, 30, 0))
        self.assertAlmostEqual(group["sign_p"] / 0.5 ** 30, 1, places=9)
        self.assertLess(self.groups["lqg (realized)"]["residual_median_size"], 0.1)

    def test_columns(self):
        with h5py.File(self.out, "r") as file:
            kappa, lqg = file["kappa"][()], file["gamma"][()] == 0.8
            self.assertEqual(lqg.sum(), 60)
            self.assertTrue(((kappa[lqg] >= 0.224) & (kappa[lqg] <= 0.228)).all())
            self.assertTrue((abs(file["alpha_d"][lqg] - 0.5) < 0.05).all())
            self.assertTrue((file["R2_r"][lqg] > 0.95).all())
            self.assertTrue((file["step_check"][()] < 0.01).all())
            # Both kinds of weights meet the same systems and the same realized optimum.
            realized = file["realized_ratio"][lqg].reshape(2, 30)
            self.assertEqual(list(realized[0]), list(realized[1]))
            self.assertEqual(len(set(realized[0])), 30)

    def test_outputs(self):
        for part in ("linear", "tanh and sin", "lqg (Lemma 1)", "30/30", "9.313e-10", "0.054"):
            self.assertIn(part, self.text)
        for name in ("figure2", "figure4"):
            for kind in (".png", ".svg", ".pdf"):
                path = os.path.join(self.figures, name + kind)
                self.assertGreater(os.path.getsize(path), 5000)
        with h5py.File(self.summary, "r") as file:
            names = [bytes(b"".join(row)).rstrip(b"\0").decode()
                     for row in file["agreement_group"][()]]
            self.assertEqual(names, list(self.groups))
            self.assertEqual(file["above"][names.index("lqg (Lemma 1)")], 30)


unittest.main()
