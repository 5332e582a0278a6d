#!/usr/bin/env python3
"""imagrid-plan as a person meets it: plans from a summary and from own measurements, and faults."""
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py

PRICES = ("--cost-dyn", "1", "--cost-rew", "10")
BUDGET = ("--budget", "1e6")
SENSITIVITY = ("--sensitivity", "7,3")
ALL = PRICES + BUDGET + SENSITIVITY


def power_law(amplitude, exponent, kind, seeds=0):
    """Lines of a CSV file that lie on a power law; with seeds 10 % to either side of it."""
    lines = []
    for n in (100, 1000, 10000, 100000):
        for seed in range(max(1, seeds)):
            factor = 1 + 0.1 * (-1) ** (seed + n // 100 % 3) if seeds else 1
            lines.append(f"{kind},{n},{amplitude * n ** -exponent * factor!r},{seed}\n")
    return "".join(lines)


class Plan(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = support.enter_for_class(cls)
        cls.csv = cls.write("own.csv", "kind,n,error,seed\n" + power_law(2, 0.3, "dynamics", 6)
                            + power_law(5, 0.7, "reward", 6))

    @classmethod
    def write(cls, name, text):
        return support.write(os.path.join(cls.directory, name), text)

    def plan(self, *arguments, code=0, cwd=None):
        if "--resamples" not in arguments and len(arguments) > 1:
            arguments += ("--resamples", "1000")
        result = subprocess.run([support.PLAN, *arguments], text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, cwd=cwd,
                                env=support.environment(self.directory))
        return support.must(result, code)

    def json(self, *arguments):
        return json.loads(self.plan("--json", *arguments).stdout)

    def summary(self, name, config):
        """A merged summary of a small grid."""
        out, summary = (os.path.join(self.directory, name + end) for end in (".h5", "-summary.h5"))
        config = self.write(name + ".yaml", config)
        support.must(support.run(0, "run", config, "-o", out, "-q"))
        support.must(subprocess.run([support.MERGE, "-q", out, "-o", summary], text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    env=support.environment(self.directory)))
        return summary

    def test_help_and_version(self):
        text = self.plan("--help").stdout
        for part in ("usage: imagrid plan", "examples:", "exit codes:", "--lipschitz"):
            self.assertIn(part, text)
        self.assertTrue(all(len(line) <= 100 for line in text.splitlines()))
        self.assertRegex(self.plan("--version").stdout, r"^imagrid \d+\.\d+\.\d+.*\n$")

    def check_intervals(self, data):
        """No interval without the number that it belongs to."""
        buy = data["purchase"]
        for name in ("transitions", "reward_labels", "share_dynamics", "share_reward", "cost", "dynamics_error",
                     "reward_error", "bound", "floor"):
            self.assertLessEqual(buy[name]["low"], buy[name]["value"], name)
            self.assertGreaterEqual(buy[name]["high"], buy[name]["value"], name)

    def test_the_optimum_satisfies_theorem_1(self):
        data = self.json("--curve", self.csv, *ALL, "--law", "power")
        buy, laws = data["purchase"], data["laws"]
        alpha, beta = (laws[kind]["exponent"]["value"] for kind in ("dynamics", "reward"))
        n_dyn, n_rew = (buy[name]["value"] for name in ("transitions", "reward_labels"))
        self.assertLessEqual(n_dyn + 10 * n_rew, 1e6)
        self.assertEqual((n_dyn, n_rew), (int(n_dyn), int(n_rew)))
        eps_dyn = laws["dynamics"]["amplitude"] * n_dyn ** -alpha
        eps_rew = laws["reward"]["amplitude"] * n_rew ** -beta
        self.assertAlmostEqual(buy["bound"]["value"] / (7 * eps_dyn + 3 * eps_rew), 1, places=2)
        ratio = alpha / beta * 7 / 3 * 10 / 1 * eps_dyn / eps_rew
        self.assertAlmostEqual(n_dyn / n_rew / ratio, 1, places=1)
        self.assertAlmostEqual(buy["share_dynamics"]["value"] + buy["share_reward"]["value"], 1)
        even = (7 * laws["dynamics"]["amplitude"] * 5e5 ** -alpha
                + 3 * laws["reward"]["amplitude"] * 5e4 ** -beta)
        self.assertAlmostEqual(data["even_split"]["loss"]["value"],
                               even / buy["bound"]["value"] - 1, places=2)
        self.check_intervals(data)
        self.assertLess(buy["one_training"]["bound"]["low"], buy["bound"]["low"])
        self.assertGreater(buy["one_training"]["bound"]["high"], buy["bound"]["high"])

    def test_floors(self):
        """eps_dyn = 0.1 + 10 N^-1/2 and eps_rew = 4 N^-0.8: no power law promises errors below the floor."""
        path = self.write("floors.csv", "kind,n,error,seed\n" + "".join(
            f"{kind},{n},{error(n) * math.exp(0.03 * math.sin(7 * n + 13 * seed))!r},{seed + 10 * i}\n"
            for kind, error in (("dynamics", lambda n: 0.1 + 10 * n ** -0.5), ("reward", lambda n: 4 * n ** -0.8))
            for i, n in enumerate((1000, 3000, 10000, 30000, 100000)) for seed in range(5)))
        arguments = ("--curve", path, "--cost-dyn", "1", "--cost-rew", "50", "--sensitivity", "12,9.5")
        data = self.json(*arguments, "--budget", "1e6")
        self.check_intervals(data)
        buy, dynamics = data["purchase"], data["laws"]["dynamics"]
        self.assertEqual((dynamics["law"], data["laws"]["reward"]["floor_law"]["exponent"]["value"] > 0.7),
                         ("floor", True))
        true = (12 * (0.1 + 10 * buy["transitions"]["value"] ** -0.5)
                + 9.5 * 4 * buy["reward_labels"]["value"] ** -0.8)
        self.assertLess(buy["bound"]["low"], true)
        self.assertGreater(buy["bound"]["high"], true)
        self.assertLess(buy["floor"]["low"], 1.2)
        self.assertGreater(buy["floor"]["high"], 1.2)
        self.assertEqual(len(dynamics["hindcast"]), 2)
        # The pure power law is refuted by the data, and the plan that is asked for it says so.
        power = self.json(*arguments, "--budget", "1e6", "--law", "power")
        self.assertLess(power["purchase"]["bound"]["high"], true)
        self.assertIn("levels off", "\n".join(power["warnings"]))
        self.assertLess(power["laws"]["dynamics"]["power_law"]["lack_of_fit_p"], 1e-6)
        result = self.plan(*arguments, "--target", "1", code=2)
        self.assertRegex(result.stderr, r"a bound of 1 is unreachable at any price: the floors alone give 1\.\d+ \[")
        self.assertEqual(result.stdout, "")
        reached = self.json(*arguments, "--target", "1.4")["purchase"]
        self.assertLessEqual(reached["bound"]["value"], 1.4)
        near = self.json(*arguments, "--target", repr(1.005 * buy["floor"]["value"]))
        self.assertRegex("\n".join(near["warnings"]), r"in \d+ % of the draws the floors alone are above the target")
        self.assertIsNone(near["purchase"]["cost"]["high"])

    def test_verdict_and_rivals(self):
        text = self.plan("--curve", self.csv, *ALL).stdout
        self.assertIn("This division beats half of the money for each kind", text)
        data = self.json("--curve", self.csv, *PRICES, *BUDGET, "--sensitivity", "1:50,1:50")
        self.assertIn("Within the uncertainty half of the money for each kind is as good", data["verdict"])
        self.assertLess(data["even_split"]["loss"]["low"], 0)
        self.assertEqual(data["all_transitions"]["reward_labels"], 1)
        self.assertGreater(data["all_transitions"]["bound"], data["purchase"]["bound"]["value"])
        self.assertTrue(data["all_labels"]["label_each"])

    def test_ranges_of_sensitivities(self):
        point = self.json("--curve", self.csv, *PRICES, *BUDGET, "--sensitivity", "20,2")["purchase"]
        arguments = ("--curve", self.csv, *PRICES, *BUDGET, "--sensitivity", "10:40,2")
        data = self.json(*arguments)
        self.assertEqual(point["transitions"]["value"], data["purchase"]["transitions"]["value"])
        self.assertAlmostEqual(data["inputs"]["weight_dynamics"], 20)
        self.assertEqual(data["inputs"]["S_f"], [10, 40])
        self.assertGreater(data["purchase"]["bound"]["high"], 1.5 * point["bound"]["high"])
        self.assertIn("log-uniformly", self.plan(*arguments).stdout)

    def test_what_is_owned_and_labels(self):
        arguments = ("--curve", self.csv, *PRICES, *SENSITIVITY)
        new = self.json(*arguments, *BUDGET)
        data = self.json(*arguments, *BUDGET, "--have-dyn", "200000", "--have-rew", "5e3")
        self.assertLess(data["purchase"]["bound"]["value"], new["purchase"]["bound"]["value"])
        self.assertLess(data["purchase"]["bound"]["value"], data["purchase"]["owned_bound"])
        self.assertIsNone(new["purchase"]["owned_bound"])
        enough = self.json(*arguments, "--target", "3", "--have-dyn", "1e9", "--have-rew", "1e9")
        self.assertEqual((enough["purchase"]["cost"]["value"], enough["purchase"]["transitions"]["value"]), (0, 0))
        self.assertIn("buy nothing", enough["verdict"])
        cheap = ("--curve", self.csv, "--cost-dyn", "1", "--cost-rew", "1e-4", *BUDGET, "--sensitivity", "1,1000")
        apart, within = self.json(*cheap, "--labels-apart")["purchase"], self.json(*cheap)["purchase"]
        self.assertGreater(apart["reward_labels"]["value"], apart["transitions"]["value"])
        self.assertLessEqual(within["reward_labels"]["value"], within["transitions"]["value"])
        result = self.plan(*arguments, *BUDGET, "--have-rew", "5", code=2)
        self.assertRegex(result.stderr, "--have-rew is more than --have-dyn.*--labels-apart")

    def test_free_kinds(self):
        rest = ("--curve", self.csv, *BUDGET, *SENSITIVITY)
        data = self.json(*rest, "--cost-dyn", "0", "--cost-rew", "10")
        self.assertIsNone(data["purchase"]["transitions"]["value"])
        self.assertEqual(data["purchase"]["reward_labels"]["value"], 1e5)
        self.assertIn("transitions are free", "\n".join(data["warnings"]))
        self.assertIn("no end", self.plan(*rest, "--cost-dyn", "0", "--cost-rew", "10").stdout)
        data = self.json(*rest, "--cost-dyn", "10", "--cost-rew", "0")
        self.assertEqual([data["purchase"][n]["value"] for n in ("transitions", "reward_labels")], [1e5, 1e5])
        self.plan(*rest, "--cost-dyn", "0", "--cost-rew", "0", code=2)
        self.plan(*rest, "--cost-dyn", "0", "--cost-rew", "1", "--figures", self.directory, code=2)

    def test_shared_seeds(self):
        """The luck of a seed is the same at every N: taken as wholes they say more, and --seeds apart says they are
        not."""
        lines = "kind,n,error,seed\n" + "".join(
            f"{kind},{n},{n ** -0.5 * (1 + 0.4 * math.sin(5 * seed)) * (1 + 0.01 * math.sin(3 * n + seed))!r},{seed}\n"
            for kind in ("dynamics", "reward") for n in (100, 300, 1000, 3000, 10000) for seed in range(6))
        path = self.write("shared.csv", lines)
        widths = {}
        for how in ((), ("--seeds", "apart"), ("--seeds", "shared")):
            law = self.json("--curve", path, *ALL, *how)["laws"]["dynamics"]
            self.assertEqual(law["seeds_shared"], how != ("--seeds", "apart"))
            interval = law["power_law"]["exponent"]
            widths[how[1:]] = interval["high"] - interval["low"]
        self.assertEqual(widths[()], widths[("shared",)])
        self.assertLess(widths[()], 0.3 * widths[("apart",)])
        path = self.write("unknown.csv", re.sub(r",\d+$", "", lines.replace(",seed", ""), flags=re.MULTILINE))
        self.assertIn("--seeds shared", self.plan("--curve", path, *ALL, "--seeds", "shared", code=2).stderr)

    def test_the_example_of_the_document(self):
        """docs/plan.md shows what the program prints, but for digits that depend on the processor."""
        number = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"

        def same(a, b):
            numbers = [[float(n) for n in re.findall(number, line)] for line in (a, b)]
            text = [re.sub(number, "#", " ".join(line.split())) for line in (a, b)]
            return text[0] == text[1] and all(math.isclose(x, y, rel_tol=0.05, abs_tol=0.02)
                                              for x, y in zip(*numbers))

        path = os.path.join(support.SOURCE, "docs", "plan.md")
        with open(path, encoding="utf-8") as file:
            blocks = re.findall(r"(?:^(?:    .*)?\n)+", file.read(), flags=re.MULTILINE)
        blocks = [re.sub("^    ", "", block, flags=re.MULTILINE) for block in blocks]
        csv = next(block.strip() for block in blocks if block.strip().startswith("kind,n,error"))
        example = next(block.strip() for block in blocks if block.strip().startswith("$ imagrid plan --curve"))
        self.write("my-errors.csv", csv + "\n")
        command, *lines = example.splitlines()
        result = self.plan(*command.split()[3:], "--resamples", "10000", cwd=self.directory)
        printed = result.stdout.splitlines()
        self.assertGreater(len(lines), 15)
        for line in filter(None, lines):
            self.assertTrue(any(same(line, other) for other in printed), line)

    def test_what_to_measure_next(self):
        data = self.json("--curve", self.csv, *ALL)
        self.assertTrue(data["measure_next"])
        for new in data["measure_next"]:
            self.assertGreaterEqual(new["narrower"], 0.1)
            self.assertLessEqual(new["price"], 1e5)
        self.assertIn("measure next", self.plan("--curve", self.csv, *ALL).stdout)

    def test_target_is_the_inverse_of_budget(self):
        bound = self.json("--curve", self.csv, *ALL)["purchase"]["bound"]["value"]
        data = self.json("--curve", self.csv, *PRICES, *SENSITIVITY, "--target", repr(bound))
        self.assertLessEqual(data["purchase"]["bound"]["value"], bound)
        self.assertAlmostEqual(data["purchase"]["cost"]["value"] / 1e6, 1, places=3)
        self.assertIsNone(data["inputs"]["budget"])

    def test_lipschitz_constants(self):
        data = self.json("--curve", self.csv, *PRICES, *BUDGET, "--gamma", "0.9", "--lipschitz",
                         "0.5,1,0.5")
        self.assertAlmostEqual(data["inputs"]["kappa"], 0.675)
        self.assertAlmostEqual(data["inputs"]["weight_dynamics"], 0.9 * 1.5 / (0.1 * 0.325))
        self.assertAlmostEqual(data["inputs"]["weight_reward"], 10)
        result = self.plan("--curve", self.csv, *PRICES, *BUDGET, "--gamma", "0.9", "--lipschitz",
                           "1,1,0.5", code=2)
        self.assertRegex(result.stderr, "kappa.* 1.35 .*--sensitivity")

    def test_root_halves_the_exponents(self):
        plain, root, norm = (self.json("--curve", self.csv, *ALL, "--law", "power", *more)
                             for more in ((), ("--root",), ("--root", "--outputs", "12")))
        for kind in ("dynamics", "reward"):
            one, other = plain["laws"][kind], root["laws"][kind]
            self.assertAlmostEqual(one["exponent"]["value"], 2 * other["exponent"]["value"], places=3)
            self.assertAlmostEqual(one["amplitude"] / other["amplitude"] ** 2, 1, places=2)
        # A mean over 12 outputs is a twelfth of the squared norm; a reward has one output.
        self.assertAlmostEqual(norm["laws"]["dynamics"]["amplitude"] / root["laws"]["dynamics"]["amplitude"],
                               math.sqrt(12), places=3)
        self.assertEqual(norm["laws"]["reward"]["amplitude"], root["laws"]["reward"]["amplitude"])
        self.assertIn("--outputs N", "\n".join(root["warnings"]))

    def test_text(self):
        result = self.plan("--curve", self.csv, *ALL)
        for part in ("transitions", "reward labels", "money for", "bound on the return's error", "95 %", "half of the money",
                     "Hindcast", "one new training", "warning:", "extrapolated"):
            self.assertIn(part, result.stdout)
        self.assertEqual(result.stderr, "")
        self.assertNotIn("-0 ", result.stdout)
        for line in result.stdout.splitlines():
            self.assertLessEqual(len(line), 110 + len(self.csv), line)

    def test_same_command_same_digits(self):
        first, second = (self.plan("--curve", self.csv, *ALL).stdout for _ in range(2))
        self.assertEqual(first, second)

    def test_no_warning_without_reason(self):
        data = self.json("--curve", self.csv, *PRICES, *SENSITIVITY, "--budget", "1e5")
        self.assertEqual(data["warnings"], [])

    def test_poor_measurements_are_pointed_out(self):
        def warnings(text):
            path = self.write("poor.csv", "kind,n,error\n" + text)
            return "\n".join(self.json("--curve", path, *ALL)["warnings"])

        good = "".join(f"reward,{n},{1 / n}\n" for n in (100, 1000, 10000, 100000))
        flat = "".join(f"dynamics,{n},{0.1 + 10 / n}\n" for n in (100, 1000, 10000, 100000))
        path = self.write("flat.csv", "kind,n,error\n" + good + flat)
        power = self.json("--curve", path, *ALL, "--law", "power")
        self.assertIn("does not follow a law well", "\n".join(power["warnings"]))
        scattered = "dynamics,100,1\ndynamics,200,3\ndynamics,400,0.5\ndynamics,800,1.5\n"
        self.assertRegex(warnings(good + scattered), "does not follow a law well: R2 = 0")
        self.assertIn("may not fall with N at all", warnings(good + scattered))
        text = warnings(good + "dynamics,100,1\ndynamics,200,0.5\n")
        self.assertIn("5 % were assumed", text)
        self.assertIn("2 different N only", text)

    def test_sensitivity_beyond_the_horizon(self):
        data = self.json("--curve", self.csv, *ALL, "--gamma", "0.5")
        self.assertIn("1/(1 - gamma)", "\n".join(data["warnings"]))

    def test_figure(self):
        folder = os.path.join(self.directory, "figures")
        result = self.plan("--curve", self.csv, *ALL, "--figures", folder)
        self.assertEqual(result.stderr, "")
        self.assertEqual(sorted(os.listdir(folder)),
                         ["plan.dat", "plan.gp", "plan.pdf", "plan.png", "plan.svg"])
        for name in ("plan.png", "plan.svg"):
            self.assertGreater(os.path.getsize(os.path.join(folder, name)), 10000)
        result = self.plan("--curve", self.csv, *ALL, "--figures", self.csv, code=4)
        self.assertIn("own.csv", result.stderr)

    def test_drawn_later_the_same_bytes(self):
        """PDF included, into which Cairo writes the second."""
        drawn = []
        for name in ("first", "second"):
            folder = pathlib.Path(self.directory, name)
            self.plan("--curve", self.csv, *ALL, "--figures", str(folder))
            drawn.append({path.name: path.read_bytes() for path in folder.iterdir()})
            time.sleep(1.1)
        self.assertEqual(len(drawn[0]), 5)
        self.assertEqual([name for name in drawn[0] if drawn[0][name] != drawn[1][name]], [])
        self.assertIn(b"/CreationDate (D:20000101000000", drawn[0]["plan.pdf"])

    def test_bad_usage(self):
        for arguments in ([], ["--curve", self.csv], ["--curve", self.csv, *PRICES],
                          ["--curve", self.csv, *PRICES, *BUDGET],
                          ["--curve", self.csv, "--fits", self.csv, *ALL],
                          ["--curve", self.csv, *ALL, "--target", "1"],
                          ["--curve", self.csv, *ALL, "--lipschitz", "1,1,1", "--gamma", "0.1"],
                          ["--curve", self.csv, *PRICES, *BUDGET, "--lipschitz", "1,1,1"],
                          ["--curve", self.csv, *ALL, "--group", "a=b"],
                          ["--curve", self.csv, *ALL, "stray"],
                          ["--curve", self.csv, *ALL, "--wrong"],
                          ["--curve", self.csv, *ALL, "--gamma", "1"],
                          ["--curve", self.csv, *ALL, "--gamma", "0"],
                          ["--curve", self.csv, *ALL, "--cost-rew", "-1"],
                          ["--curve", self.csv, *ALL, "--cost-rew", "nan"],
                          ["--curve", self.csv, *ALL, "--budget", "many"],
                          ["--curve", self.csv, *ALL, "--resamples", "1.5e2x"],
                          ["--curve", self.csv, *ALL, "--resamples", "100.5"],
                          ["--curve", self.csv, *ALL, "--resamples", "99"],
                          ["--curve", self.csv, *PRICES, *BUDGET, "--sensitivity", "1"],
                          ["--curve", self.csv, *PRICES, *BUDGET, "--sensitivity", "1,2,3"],
                          ["--curve", self.csv, *PRICES, *BUDGET, "--sensitivity", "1,0"],
                          ["--curve", self.csv, *PRICES, *BUDGET, "--sensitivity", "3:1,2"],
                          ["--curve", self.csv, *PRICES, *BUDGET, "--sensitivity", "1:x,2"],
                          ["--curve", self.csv, *ALL, "--law", "linear"],
                          ["--curve", self.csv, *ALL, "--seeds", "some"],
                          ["--curve", self.csv, *ALL, "--have-dyn", "1.5"],
                          ["--curve", self.csv, *ALL, "--have-dyn", "-1"],
                          ["--curve", self.csv, *ALL, "--outputs", "0"],
                          ["--curve", self.csv, *PRICES, *BUDGET, "--gamma", ".9", "--lipschitz",
                           "0.1,0,0"]):
            result = self.plan(*arguments, code=2)
            self.assertIn("imagrid-plan", result.stderr, arguments)
            self.assertEqual(result.stdout, "", arguments)

    def test_bad_measurements(self):
        path = self.write("bad.csv", "kind,n,error\ndynamics,x,1\nrewards,10,1\ndynamics,10\n")
        result = self.plan("--curve", path, *ALL, code=2)
        self.assertEqual(result.stderr.splitlines(), [
            path + ":2:10: n: a positive number, not 'x'",
            path + ":3:1: kind: dynamics or reward, not 'rewards'",
            path + ":4:1: 2 fields where the header has 3"])
        path = self.write("rising.csv", "kind,n,error\ndynamics,10,1\ndynamics,20,2\n"
                          "reward,10,1\nreward,20,0.5\n")
        self.assertIn("does not fall", self.plan("--curve", path, *ALL, code=2).stderr)
        self.assertIn("does not buy", self.plan("--curve", self.csv, *PRICES, *SENSITIVITY,
                                                "--budget", "5", code=2).stderr)

    def test_file_trouble(self):
        missing = os.path.join(self.directory, "missing")
        for arguments in (["--curve", missing], ["--fits", missing], ["--fits", self.csv],
                          ["--curve", self.directory], ["--fits", self.directory]):
            result = self.plan(*arguments, *ALL, code=4)
            self.assertIn(arguments[1], result.stderr)
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([support.PLAN, "--curve", self.csv, *ALL], stdout=full,
                                    stderr=subprocess.PIPE, text=True,
                                    env=support.environment(self.directory))
        self.assertEqual(result.returncode, 4)
        self.assertIn("standard output", result.stderr)

    def test_other_formats(self):
        for start, said in ((b"\x89HDF\r\n\x1a\n\0\0", "HDF5.*--fits"), (b"\x1f\x8b\x08\0", "gunzip")):
            path = self.write("other.csv", "")
            with open(path, "wb") as file:
                file.write(start)
            errors = self.plan("--curve", path, *ALL, code=2).stderr
            self.assertRegex(errors, said)
            self.assertEqual(errors.count("\n"), 1, errors)

    def test_strange_names_in_json(self):
        name = os.path.join(self.directory, 'a"\\\n\x01 b.csv')
        shutil.copy(self.csv, name)
        self.assertEqual(self.json("--curve", name, *ALL)["inputs"]["curve"], name)

    def test_summary(self):
        path = self.summary("one", support.TINY.format(seeds=6, epochs=40))
        data = self.json("--fits", path, *ALL, "--no-root", "--law", "power")
        with h5py.File(path, "r") as file:
            for fit, kind in enumerate(("dynamics", "reward")):
                law = data["laws"][kind]["power_law"]
                for name, number in (("exponent", law["least_squares"]["exponent"]),
                                     ("amplitude", law["least_squares"]["amplitude"]), ("r2", law["r2"])):
                    self.assertTrue(math.isclose(file[name][fit], number, rel_tol=1e-9), name)
                self.assertEqual((data["laws"][kind]["n_low"], data["laws"][kind]["n_high"]), (40, 160))
        self.assertIn("mean squared errors", "\n".join(data["warnings"]))
        # Mean squares become errors by themselves: half the exponent, and the norm of all outputs.
        root = self.json("--fits", path, *ALL, "--law", "power")
        self.assertEqual([root["laws"][kind]["outputs"] for kind in ("dynamics", "reward")], [3, 1])
        self.assertTrue(root["laws"]["dynamics"]["seeds_shared"])
        one = self.json("--fits", path, *ALL, "--law", "power", "--outputs", "1")["laws"]
        self.assertAlmostEqual(root["laws"]["dynamics"]["amplitude"] / one["dynamics"]["amplitude"],
                               math.sqrt(3), places=6)
        self.assertFalse(self.json("--fits", path, *ALL, "--seeds", "apart")["laws"]["reward"]["seeds_shared"])
        for kind in ("dynamics", "reward"):
            self.assertTrue(root["laws"][kind]["root"])
            self.assertAlmostEqual(root["laws"][kind]["exponent"]["value"],
                                   data["laws"][kind]["exponent"]["value"] / 2, delta=0.1)
        self.assertIn("root mean square errors", "\n".join(root["warnings"]))
        self.assertIn("leave --group out",
                      self.plan("--fits", path, "--group", "x", *ALL, code=2).stderr)
        result = self.plan("--fits", path.replace("-summary", ""), *ALL, code=4)
        self.assertIn("imagrid merge -o", result.stderr)
        # A number changed by hand no longer fits the rest.
        with h5py.File(path, "r+") as file:
            file["exponent"][0] *= 1.01
        self.assertIn("edited by another program", self.plan("--fits", path, *ALL, code=4).stderr)

    def test_groups_of_a_summary(self):
        path = self.summary("groups", support.TINY.format(seeds=4, epochs=40)
                            + "policy: [sinusoid, uniform]\n")
        result = self.plan("--fits", path, *ALL, code=2)
        self.assertIn("'policy=sinusoid', 'policy=uniform'", result.stderr)
        plans = [self.json("--fits", path, "--group", "policy=" + policy, *ALL, "--no-root")["laws"]
                 for policy in ("sinusoid", "uniform")]
        self.assertNotEqual(*plans)
        with h5py.File(path, "r") as file:
            self.assertAlmostEqual(plans[1]["dynamics"]["power_law"]["least_squares"]["exponent"],
                                   file["exponent"][1])
        self.plan("--fits", path, "--group", "policy=other", *ALL, code=2)

    def test_a_summary_cut_short(self):
        path = self.summary("cut", support.TINY.format(seeds=2, epochs=2))
        with open(path, "rb") as file:
            whole = file.read()
        for part in (0, 100, len(whole) // 2, len(whole) - 1):
            with open(path, "wb") as out:
                out.write(whole[:part])
            result = self.plan("--fits", path, *ALL, code=4)
            self.assertIn(path, result.stderr)


unittest.main()
