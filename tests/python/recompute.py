#!/usr/bin/python3
"""recompute.py OUT.h5 SUMMARY.h5: are the numbers of a summary those that docs/merge.md describes?

Computes statistics, power laws and bootstrap intervals anew from the rows of one result file of
`scaling`, with NumPy alone: its Philox numbered as the page says, its quantiles, a line fit written
out. Nothing of imagrid is used but the two files. Exit status 0: every number agrees to 1e-12
(relative); 1: some do not, and are named; 77: a module is missing.
"""
import os
import sys

try:
    import h5py
    import numpy as np
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import replay

TOLERANCE = 1e-12
FITTED = {"alpha": "dynamics_mse", "beta": "reward_mse"}  # in this order
ENDS = (0.025, 0.975)


def texts(array):
    return [row.tobytes().rstrip(b"\0").decode() for row in array]


def read_rows(path):
    """Values of each summarised column, one row per grid point and one column per seed, NaN where a
    task is not done; and the values of each axis key by grid point."""
    with h5py.File(path, "r") as file:
        axes = file["state"].attrs["coordinates"].split()
        n_seeds = len(np.unique(file["seed"][:]))
        done = file["state"][:] == 1
        columns = {name: np.where(done, file[name][:], np.nan).reshape(-1, n_seeds)
                   for name in FITTED.values()}
        axes.remove("seed")
        keys = {name: file[name][::n_seeds] for name in axes}
    return columns, {k: texts(v) if v.dtype.kind == "S" else v.tolist() for k, v in keys.items()}


def statistics(values, resamples, words):
    """The statistics of one column at one grid point, from the finished seeds' values."""
    n = len(values)
    if n == 0:
        return {}
    ordered = np.sort(values)
    drawn = ordered[replay.indices(words.random_raw(resamples * n), n)].reshape(resamples, n)
    means, medians = drawn.mean(axis=1), np.median(drawn, axis=1)
    found = {"n": n, "mean": values.mean(), "median": np.median(values),
             "sem": values.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan}
    for name, resampled in (("mean", means), ("median", medians)):
        found[name + "_low"], found[name + "_high"] = np.quantile(resampled, ENDS)
    return found


def line(log_x, log_y):
    """Exponent and ln(amplitude) of the least-squares line, for one row of log_y or for many."""
    x = log_x - log_x.mean()
    slope = log_y @ x / (x @ x)
    return -slope, log_y.mean(axis=-1) - slope * log_x.mean()


def power_law(x, samples, resamples, words):
    """The fit through the means of `samples` (an array of values for each x)."""
    if len(x) < 2:
        return {"exponent": np.nan, "amplitude": np.nan, "exponent_low": np.nan, "n_anchors": len(x)}
    log_x = np.log(x)
    counts = np.array([len(s) for s in samples])
    log_mean = np.log([s.mean() for s in samples])
    exponent, log_a = line(log_x, log_mean)
    residuals = log_mean - (log_a - exponent * log_x)
    around = log_mean - log_mean.mean()
    first = np.concatenate(([0], np.cumsum(counts)))
    drawn = words.random_raw(resamples * first[-1]).reshape(resamples, first[-1])
    where = replay.indices(drawn, np.repeat(counts, counts)) + np.repeat(first[:-1], counts)
    values = np.concatenate(samples)[where]
    means = np.add.reduceat(values, first[:-1], axis=1) / counts
    exponents, logs = line(log_x, np.log(means))
    found = {"exponent": exponent, "amplitude": np.exp(log_a), "n_anchors": len(x),
             "r2": 1 - residuals @ residuals / (around @ around) if len(x) > 2 else np.nan}
    for name, resampled in (("exponent", exponents), ("amplitude", np.exp(logs))):
        found[name + "_se"] = resampled.std(ddof=1)
        found[name + "_low"], found[name + "_high"] = np.quantile(resampled, ENDS)
    return found


def groups(keys):
    """Grid points that share all keys but the fitted axis, in the order of their first ones."""
    others = [values for name, values in keys.items() if name != "anchor"]
    found = {}
    for point, label in enumerate(zip(*others)):
        found.setdefault(label, []).append(point)
    return list(found.values())


class Comparison:
    def __init__(self, summary):
        self.summary, self.compared, self.wrong, self.worst = summary, 0, 0, 0.0

    def number(self, name, index, ours):
        theirs = float(self.summary[name][index])
        self.compared += 1
        if np.isnan(ours) and np.isnan(theirs):
            return
        distance = abs(ours - theirs) / max(abs(theirs), np.finfo(float).tiny)
        self.worst = max(self.worst, distance)
        if not distance <= TOLERANCE:
            self.wrong += 1
            print(f"FAILED: {name}[{index}]: {theirs!r} in the summary, {ours!r} recomputed")


def check_statistics(check, columns, resamples):
    n_points = len(next(iter(columns.values())))
    for c, (name, table) in enumerate(columns.items()):
        for point, row in enumerate(table):
            words = replay.stream("scaling", 0, replay.STREAM_BOOTSTRAP, c * n_points + point)
            found = statistics(row[~np.isnan(row)], resamples, words)
            for statistic, value in found.items():
                check.number(f"{name}_{statistic}", point, value)


def check_fits(check, columns, keys, resamples):
    n_points = len(next(iter(columns.values())))
    number = 0
    for exponent, column in FITTED.items():
        for points in groups(keys):
            rows = [columns[column][p][~np.isnan(columns[column][p])] for p in points]
            x = np.array([keys["anchor"][p] for p, row in zip(points, rows) if len(row)], float)
            words = replay.stream("scaling", 0, replay.STREAM_BOOTSTRAP,
                                  len(columns) * n_points + number)
            found = power_law(x, [row for row in rows if len(row)], resamples, words)
            if texts(check.summary["exponent_name"][number:number + 1]) != [exponent]:
                raise AssertionError(f"fit {number} is not one of {exponent}")
            for name, value in found.items():
                check.number(name, number, value)
            number += 1
    if number != check.summary["exponent"].shape[0]:
        raise AssertionError(f"{number} fits recomputed, the summary has another number")


def main():
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    columns, keys = read_rows(sys.argv[1])
    with h5py.File(sys.argv[2], "r") as summary:
        check = Comparison(summary)
        resamples = int(summary.attrs["resamples"][0])
        check_statistics(check, columns, resamples)
        check_fits(check, columns, keys, resamples)
    print(f"{check.compared} numbers recomputed, {check.wrong} differ by more than {TOLERANCE}; "
          f"largest relative difference {check.worst:.2g}")
    return 1 if check.wrong or not check.compared else 0


if __name__ == "__main__":
    sys.exit(main())
