#!/usr/bin/env python3
"""The example programs of docs/examples, on fewer seeds: rows are what the scripts print when they are called by hand,
and merge and plan end as their page says. PyTorch's where it is installed, else its twin alone."""
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import support
from support import h5py, np

# The examples' `python3` is the one that has what they import, as this script has.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
EXAMPLES = os.path.join(support.SOURCE, "docs", "examples")


def has_torch():
    return subprocess.run(["python3", "-c", "import torch"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


def run(directory, name, more="", **replaced):
    """Run an example with some of its lines replaced and more of them; the configuration and the result file."""
    path, out = os.path.join(directory, name + ".yaml"), os.path.join(directory, os.path.basename(name) + ".h5")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for key, value in replaced.items():
        text, n = re.subn(rf"(?m)^( *){key}: .*$", rf"\g<1>{key}: {value}", text)
        assert n == 1, (key, n)
    support.write(path, text + more)
    support.must(support.run(0, "check", path))
    support.must(support.run(2, "run", path, "-o", out, "-q"))
    return path, out


def by_hand(folder, *command):
    """What a script prints as its last line, on one thread as under imagrid: BLAS adds up in another order on two."""
    env = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    done = subprocess.run(command, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def power_law(directory):
    # Without a column for standard error.
    _, out = run(directory, "program/power-law", "output_tail: 0\n")
    with h5py.File(out, "r") as file:
        n, seed, error = (file[name][()] for name in ("n", "seed", "error"))
        assert (file["state"][()] == 1).all()
    # Of awk's random numbers the factor is known to lie between 1 and e^0.1, and to be that of the seed.
    factor = error * np.sqrt(n)
    assert ((factor >= 0.999) & (factor <= 1.106)).all(), factor
    first = factor[n == 100]
    for other in (1000, 10000):
        assert np.allclose(factor[n == other], first, rtol=1e-4)
    assert (seed[n == 100] == np.arange(20)).all()


def ridge(directory):
    path, out = run(directory, "program/ridge", seeds=2, n="[50, 200]", penalty="[0.1, 10]")
    with h5py.File(out, "r") as file:
        row = {name: file[name][()] for name in ("n", "penalty", "seed", "error", "path", "state")}
    assert (row["state"] == 1).all() and row["path"].shape == (8, 20)
    hand = by_hand(os.path.dirname(path), "python3", "ridge.py", "--n", "200", "--penalty", "10", "--seed", "1")
    task = np.flatnonzero((row["n"] == 200) & (row["penalty"] == 10) & (row["seed"] == 1))
    assert row["error"][task] == hand["error"] and (row["path"][task] == hand["path"]).all()
    text = support.must(support.run(0, "merge", out)).stdout
    assert "alpha" in text and "path" in text, text


def models(directory, name, n):
    path, out = run(directory, "pytorch/" + name, seeds=3, axes="{n: [%s]}" % n)
    with h5py.File(out, "r") as file:
        row = {column: file[column][()] for column in ("n", "seed", "dynamics_error", "reward_error", "progress")}
    hand = by_hand(os.path.dirname(path), "python3", name + ".py", "--file", "../dataset/pendulum.hdf5",
                   "--n", "1000", "--seed", "1")
    task = np.flatnonzero((row["n"] == 1000) & (row["seed"] == 1))
    for column, value in hand.items():
        assert np.allclose(row[column][task], value, rtol=1e-6), (column, row[column][task], value)
    assert (row["progress"] > 0).all()
    summary = os.path.join(directory, "summary.h5")
    text = support.must(support.run(0, "merge", out, "-o", summary)).stdout
    assert "alpha" in text and "beta" in text, text
    plan = support.must(subprocess.run(
        [support.PLAN, "--fits", summary, "--budget", "20000", "--cost-dyn", "1", "--cost-rew", "20",
         "--sensitivity", "1,1"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)).stdout
    assert re.search(r"(?m)^transitions +\d+", plan) and re.search(r"(?m)^reward labels +\d+", plan), plan


def main():
    with support.scratch() as directory:
        for folder in ("program", "pytorch", "dataset"):
            shutil.copytree(os.path.join(EXAMPLES, folder), os.path.join(directory, folder))
        power_law(directory)
        ridge(directory)
        models(directory, "twin", "250, 1000, 4000")
        if has_torch():
            models(directory, "models", "250, 1000, 4000")
        print("PyTorch's models", "were trained, too" if has_torch() else "not tried: no torch")


main()
