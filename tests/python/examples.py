#!/usr/bin/env python3
"""Runs every example of docs/python.md and docs/format.md, each in a Python of its own, on real small files.

The checks below compare what an example leaves in its variables with the rows read by h5py alone.
A block without a check, or a check without its block, fails. usage: examples.py
"""
import csv
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import support
from support import h5py, np

try:
    import h5netcdf  # noqa: F401
    import matplotlib
    import netCDF4  # noqa: F401
    import pandas  # noqa: F401
    import xarray  # noqa: F401
    import yaml  # noqa: F401
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

GRID = """experiment: scaling
seeds: 4
policy: [sinusoid, uniform]
dims: {state: 5, action: 3, hidden: 20}
train: {epochs: 12, minibatch: 64}
holdout: 200
parts:
  - anchors: [50, 300, 2000]
  - {anchors: 50, train.learning_rate: 1.0e+12}    # these diverge: failed rows
"""
SYSTEMS = """experiment: calibration
seeds: 3
arm: synthetic_generic
gamma: [0.8, 0.9]
"""
LONG = """experiment: scaling
seeds: 500
anchors: [2000, 5000]
"""
DONE, FAILED, ANCHORS, SEEDS = 24, 8, (50, 300, 2000), 4


def rows():
    """The datasets of scaling.h5 over tasks, texts decoded."""
    with h5py.File("scaling.h5", "r") as file:
        n_tasks = len(file["task"])
        found = {name: file[name][()] for name in file
                 if isinstance(file[name], h5py.Dataset) and len(file[name]) == n_tasks}
    return {name: np.array([row.tobytes().rstrip(b"\0").decode() for row in value])
            if value.dtype.kind == "S" else value for name, value in found.items()}


def column_by_policy(name, anchor, policy, r):
    """Values of finished rows at a grid point, in the order of the seeds."""
    return r[name][(r["state"] == 1) & (r["anchor"] == anchor) & (r["policy"] == policy)]


def check_open(n, r):
    assert (n["data"].dynamics_mse.values[r["state"] == 1] == r["dynamics_mse"][r["state"] == 1]).all()
    assert n["data"].sizes["task"] == DONE + FAILED


def check_h5py(n, r):
    assert len(n["errors"]) == DONE and list(n["policies"]) == list(r["policy"])


def check_finished(n, r):
    assert (n["frame"].reward_mse.values == r["reward_mse"][r["state"] == 1]).all()
    assert len(n["frame"]) == DONE and n["good"].anchor.dtype == np.int64


def check_medians(n, r):
    assert n["axes"] == ["anchor", "policy"], n["axes"]
    for anchor, policy in n["medians"].index:
        found = n["medians"].loc[(anchor, policy)]
        values = column_by_policy("reward_mse", anchor, policy, r)
        assert found["reward_mse", "median"] == np.median(values)
        assert found["reward_mse", "count"] == len(values) == SEEDS
    assert len(n["medians"]) == 2 * len(ANCHORS)


def check_grid(n, r):
    assert dict(n["grid"].sizes) == {"policy": 2, "anchor": 3, "seed": SEEDS, "epoch": 12}
    for anchor in ANCHORS:
        difference = [column_by_policy("dynamics_mse", anchor, p, r) for p in ("uniform", "sinusoid")]
        assert (n["difference"].sel(anchor=anchor).values == difference[0] - difference[1]).all()


def check_curves(n, r):
    for anchor in ANCHORS:
        rows_there = r["dynamics_curve"][(r["state"] == 1) & (r["anchor"] == anchor)]
        assert (n["curves"].sel(anchor=anchor).values == np.median(rows_there, axis=0)).all()
    axes = n["plt"].gca()
    assert axes.get_xlabel() == "training epochs finished [1]", axes.get_xlabel()
    assert "validation MSE of the dynamics" in axes.get_ylabel().replace("\n", " ")
    legend = axes.get_legend().get_title().get_text().replace("\n", " ")
    assert legend == "number of training transitions N [1]", legend
    assert os.path.getsize("curves.png") > 1000


def check_labels(n, r):
    assert n["axes"].get_xlabel() == "number of training transitions N"
    assert n["axes"].get_ylabel() == "validation MSE of the reward student after the last epoch"
    assert len(n["axes"].lines[0].get_ydata()) == DONE


def check_files(n, r):
    assert len(n["rows"]) == DONE
    assert (n["rows"].dynamics_mse.values == r["dynamics_mse"][r["state"] == 1]).all()
    assert (n["rows"].crc.values == r["crc"][r["state"] == 1]).all()


def check_summary(n, r):
    for point in n["points"].itertuples():
        values = column_by_policy("dynamics_mse", point.anchor, "sinusoid", r)
        assert abs(point.dynamics_mse_mean / values.mean() - 1) < 1e-12
    assert len(n["points"]) == len(ANCHORS) < len(n["fits"]) and set(n["fits"].exponent_name) == {"alpha", "beta"}
    assert n["plt"].gca().get_ylabel().startswith("mean over the finished seeds")


def check_csv(n, r):
    with h5py.File("summary.h5", "r") as summary:
        assert np.array_equal(n["fits"].exponent.values, summary["exponent"][:], equal_nan=True)
    assert set(n["statistics"].column) == {"dynamics_mse", "reward_mse"}


def check_json(n, r):
    """Every table of the JSON object is that of the CSV file, to the last digit."""
    tables = {os.path.splitext(name)[0] for name in os.listdir("tables")}
    assert set(n["tables"]) - {"kind", "provenance", "columns"} == tables == set(n["tables"]["columns"])
    for name in tables:
        with open(f"tables/{name}.csv", newline="", encoding="utf-8") as file:
            header, *lines = csv.reader(file)
        assert list(n["tables"][name]) == list(n["tables"]["columns"][name]) == header
        for column, cells in zip(header, zip(*lines)):
            found = n["tables"][name][column]
            for cell, value in zip(cells, found):
                same = cell == ("nan" if value is None else value) if not isinstance(value, (int, float)) \
                    else float(cell) == value
                assert same, (name, column, cell, value)
    assert n["fits"].exponent_low.dtype == float and len(n["fits"]) > 1
    assert n["tables"]["provenance"]["resamples"] == 10000


def check_provenance(n, r):
    assert n["config"]["train"]["epochs"] == 12 and n["config"]["seeds"] == 4
    assert len(n["sessions"]) == 1 and n["sessions"].ranks[0] == 1 and n["sessions"].exit_code[0] == 3
    assert n["slowest"].sel(anchor=2000) == r["seconds"][r["anchor"] == 2000].max()


def check_failed(n, r):
    assert len(n["failed"]) == FAILED == n["reasons"].sum()
    assert all("infinite" in why or "not a number" in why for why in n["reasons"].index)


def check_running(n, r):
    assert n["done"].sum() > 0 and (n["state"] == 0).any() == (os.path.basename(os.getcwd()) == "running")


def check_locking(n, r):
    assert (n["left"] > 0) == (os.path.basename(os.getcwd()) == "running")


def check_replay(n, r):
    assert len(np.unique(n["data"].seed)) > 1
    page = open(os.path.join(support.SOURCE, "docs", "python.md"), encoding="utf-8").read()
    sys.path.insert(0, HERE)
    import replay
    table = re.findall(r"^\| `(\w+)` \| (0x\w+) \|$", page, re.MULTILINE)
    assert len(table) == 3 and all(replay.xxh3_64(scope) == int(digest, 16) for scope, digest in table)


def check_checksum(n, r):
    with h5py.File("scaling.h5", "r") as file:
        for task in (0, DONE + FAILED - 1):
            assert n["row_crc"](file, task) == r["crc"][task] != 0


STATES, ACTIONS = np.arange(24.0).reshape(12, 2), np.linspace(-1, 1, 12)[:, None]
ENDS = [3, 7, 11]      # rows in which an episode ends


def told(name):
    """What `imagrid data` says of a file: the one row of a table, and the rows of that of episodes."""
    support.must(subprocess.run([support.IMAGRID, "data", name, "--json", name + ".json"], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True))
    with open(name + ".json", encoding="utf-8") as file:
        tables = json.load(file)
    return {key: column[0] for key, column in tables["file"].items()}, tables["episodes"]


def check_mbrl(n, r):
    file, episodes = told("mbrl.hdf5")
    assert file["transitions"] == file["rows"] == 12
    assert episodes["end"] == ["terminal", "time-out", "all"] and episodes["episodes"] == [1, 2, 3]


def check_ogbench(n, r):
    file, episodes = told("ogbench.hdf5")
    assert file["transitions"] == file["rows"] == 12 - len(ENDS)
    assert episodes["end"] == ["time-out", "all"] and episodes["longest"] == [3, 3]
    with h5py.File("ogbench.hdf5") as file:
        assert (file["next_observations"][()] == file["observations"][()] + 2).all()


def check_lerobot(n, r):
    file, episodes = told("lerobot.hdf5")
    assert (file["rows"], file["transitions"]) == (12, 12 - len(ENDS))
    assert episodes["end"] == ["terminal", "time-out", "all"] and episodes["episodes"] == [1, 2, 3]
    with h5py.File("lerobot.hdf5") as file:
        assert (file["observations"][()] == STATES).all() and (file["rewards"][()] == ACTIONS[:, 0]).all()


# Heading and number of the block under it.
CHECKS = {
    ("Open a result file", 0): check_open,
    ("Open a result file", 1): check_h5py,
    ("Finished rows only", 0): check_finished,
    ("Medians over seeds, by grid point", 0): check_medians,
    ("As a grid, for paired comparisons", 0): check_grid,
    ("Learning curves", 0): check_curves,
    ("A plot with labels from the attributes", 0): check_labels,
    ("Several files", 0): check_files,
    ("A summary", 0): check_summary,
    ("A summary", 1): check_csv,
    ("A summary", 2): check_json,
    ("Configuration and provenance", 0): check_provenance,
    ("Failed rows, and why", 0): check_failed,
    ("While a run is writing", 0): check_running,
    ("While a run is writing", 1): check_locking,
    ("Replay a random stream", 0): check_replay,
    ("Episodes from other formats", 0): check_mbrl,
    ("Episodes from other formats", 1): check_ogbench,
    ("Episodes from other formats", 2): check_lerobot,
    ("Reading it", 0): check_open,
    ("The checksum of a row", 0): check_checksum,
}


def blocks():
    """{(heading, number): code} of both pages."""
    found = {}
    for name in ("python.md", "format.md"):
        with open(os.path.join(support.SOURCE, "docs", name), encoding="utf-8") as page:
            sections = re.split(r"^## (.*)\n", page.read(), flags=re.MULTILINE)
        for heading, text in zip(sections[1::2], sections[2::2]):
            for i, code in enumerate(re.findall(r"```python\n(.*?)```", text, re.DOTALL)):
                found[heading, i] = code
    return found


def run_block(key):
    """One example in this process, and its check."""
    matplotlib.use("Agg")
    warnings.simplefilter("error", FutureWarning)
    names = {}
    if importlib.util.find_spec("pyarrow") is None:
        pandas.read_parquet = pandas.read_pickle       # as make_episodes has written them
    code = blocks()[key]
    exec(compile(code, f"example: {key[0]}", "exec"), names)
    CHECKS[key](names, rows())


def make_episodes():
    """The same three episodes in the formats that are converted: the first ends, two are cut short."""
    done, last = np.arange(12) == ENDS[0], np.isin(np.arange(12), ENDS)
    np.savez("replay_buffer.npz", obs=STATES + 100 * np.cumsum(last)[:, None] - 100 * last[:, None],
             next_obs=STATES + 2 + 100 * np.cumsum(last)[:, None] - 100 * last[:, None], action=ACTIONS,
             reward=ACTIONS[:, 0], done=done)
    np.savez("scene-play-v0.npz", observations=STATES, actions=ACTIONS, terminals=last)
    frames = pandas.DataFrame({"observation.state": list(STATES), "action": list(ACTIONS),
                               "next.reward": ACTIONS[:, 0], "next.done": done,
                               "episode_index": np.cumsum(last) - last, "frame_index": np.arange(12)})
    os.makedirs("data/chunk-000")
    for i, part in enumerate((frames[6:], frames[:6])):
        name = f"data/chunk-000/file-00{i}.parquet"
        part.to_pickle(name) if importlib.util.find_spec("pyarrow") is None else part.to_parquet(name)


def make_files():
    make_episodes()
    support.write("grid.yaml", GRID)
    support.must(support.run(0, "run", "grid.yaml", "-o", "scaling.h5", "-q"), code=3)
    for shard in range(2):
        support.must(support.run(0, "run", "grid.yaml", "-o", f"shard-{shard}.h5", "-q", "--shard",
                                 f"{shard}/2"), code=3)
    merge = [support.MERGE, "scaling.h5", "-o", "summary.h5", "--csv", "tables", "--json", "tables.json", "-q"]
    support.must(subprocess.run(merge, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True), code=3)
    support.write("systems.yaml", SYSTEMS)
    support.must(support.run(0, "run", "systems.yaml", "-o", "calibration.h5", "-q"))


def try_block(number, folder):
    """The example in a Python of its own; what it said if it failed."""
    done = subprocess.run([sys.executable, os.path.abspath(__file__), str(number)], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout if done.returncode else None


def while_running(numbers):
    """The blocks on a file that a run is writing, in the folder `running`."""
    os.mkdir("running")
    support.write("running/grid.yaml", LONG)
    run = subprocess.Popen([support.IMAGRID, "run", "grid.yaml", "-o", "scaling.h5", "-q"],
                           cwd="running", env=support.environment(os.getcwd()))
    try:
        support.wait_until(lambda: os.path.exists("running/scaling.h5"))
        time.sleep(1)
        said = [try_block(number, "running") for number in numbers]
        if run.poll() is not None:
            raise AssertionError(f"the run ended with {run.returncode} before it was read")
    finally:
        run.terminate()
        run.wait()
    return said


def main():
    found = list(blocks())
    if set(found) != set(CHECKS):
        sys.exit(f"examples and checks differ: {set(found) ^ set(CHECKS)}")
    if len(sys.argv) > 1:
        return run_block(found[int(sys.argv[1])])
    bad = 0
    with support.scratch() as directory:
        os.chdir(directory)
        make_files()
        live = [i for i, key in enumerate(found) if key[0] == "While a run is writing"]
        for what, numbers, said in (("", range(len(found)), [try_block(i, ".") for i in range(len(found))]),
                                    (" (running)", live, while_running(live))):
            for number, output in zip(numbers, said):
                print("FAILED" if output else "ok", ": ".join(map(str, found[number])) + what)
                bad += output is not None
                print(output or "", end="")
        os.chdir("/")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
