#!/usr/bin/env python3
"""Runs a grid of `scaling`, merges it and computes its summary anew (argument: the config)."""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import support


def recompute(out, summary):
    return subprocess.run([sys.executable, os.path.join(HERE, "recompute.py"), out, summary],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def nudged(summary, name):
    """A copy of the summary of which one number is off in its eleventh digit."""
    copy = summary + "-" + name
    shutil.copy(summary, copy)
    with support.h5py.File(copy, "r+") as file:
        file[name][0] *= 1 + 1e-11
    return copy


with support.scratch() as directory:
    out, summary = (os.path.join(directory, name) for name in ("out.h5", "summary.h5"))
    support.must(support.run(2, "run", sys.argv[1], "-o", out, "--quiet"))
    subprocess.run([support.MERGE, out, "-o", summary, "--quiet"], check=True)
    print(support.must(recompute(out, summary)).stdout, end="")
    for name in ("reward_mse_median_high", "exponent_low"):
        result = support.must(recompute(out, nudged(summary, name)), code=1)
        if f"FAILED: {name}[0]" not in result.stdout:
            sys.exit(f"recompute.py did not name {name}:\n{result.stdout}")
