#!/usr/bin/python3
"""Makes statistics.txt beside itself: inputs and expected results for tests/unit/report.

    python3 tests/reference/make-statistics-fixture.py

Lines:  statistics N mean sem median      followed by a line of N values
        power-law ANCHORS exponent amplitude r2     followed by one line an anchor: x N values
Means are exact sums (math.fsum), the line is solved from its normal equations in rational numbers
of the logarithms, so that nothing is shared with the code under test. Needs numpy for the draws.
"""
import math
import pathlib
from fractions import Fraction

import numpy as np

rng = np.random.default_rng(20260511)


def mean(values):
    return math.fsum(values) / len(values)


def statistics(values):
    m = mean(values)
    n = len(values)
    sem = math.sqrt(math.fsum((v - m) ** 2 for v in values) / (n - 1) / n) if n > 1 else math.nan
    return f"statistics {n} {m!r} {sem!r} {float(np.median(values))!r}\n" + numbers(values)


def numbers(values):
    return " ".join(repr(float(v)) for v in values) + "\n"


def power_law(x, groups):
    lx = [Fraction(math.log(v)) for v in x]
    ly = [Fraction(math.log(mean(g))) for g in groups]
    n = len(x)
    mx, my = sum(lx) / n, sum(ly) / n
    sxx = sum((a - mx) ** 2 for a in lx)
    sxy = sum((a - mx) * (b - my) for a, b in zip(lx, ly))
    syy = sum((b - my) ** 2 for b in ly)
    slope = sxy / sxx
    residual = sum((b - my - slope * (a - mx)) ** 2 for a, b in zip(lx, ly))
    r2 = float(1 - residual / syy) if n > 2 else math.nan
    head = f"power-law {n} {float(-slope)!r} {math.exp(float(my - slope * mx))!r} {r2!r}\n"
    return head + "".join(f"{a!r} {len(g)} " + numbers(g) for a, g in zip(x, groups))


def law(x, amplitude, exponent, spread, counts):
    return [amplitude * a**-exponent * np.exp(rng.normal(0, spread, n)) for a, n in zip(x, counts)]


anchors = [2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5]
parts = [
    statistics([0.25]),
    statistics([3.0, -1.0]),
    statistics([5.0, 1.0, 2.0]),
    statistics(rng.normal(0, 1, 10)),
    statistics(rng.lognormal(-3, 1, 101)),
    statistics(1e8 + rng.normal(0, 1e-3, 50)),
    power_law([1.0, 10.0], [[2.0, 4.0], [0.3]]),
    power_law([1e3, 1e4, 1e5], law([1e3, 1e4, 1e5], 2.0, 0.5, 0.0, [1, 2, 3])),
    power_law(anchors, law(anchors, 1.0, 0.1, 0.3, [20] * 7)),
    power_law(anchors, law(anchors, 60.0, 0.95, 0.2, [5, 20, 1, 7, 20, 3, 20])),
    power_law(anchors[::-1], law(anchors[::-1], 1e-3, -0.4, 0.2, [4] * 7)),
]
pathlib.Path(__file__).with_name("statistics.txt").write_text("".join(parts), encoding="ascii")
