#!/usr/bin/env python3
"""Which results are the same bytes with two builds of imagrid, and by how much the others differ: the table of
docs/reliability.md.

usage: builds.py run IMAGRID FOLDER [ISA]    every grid of configs/quick with that program, into FOLDER
       builds.py compare ONE OTHER...        the columns of the files in folder ONE with those in each other one
"""
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# They measure programs and files of somebody's own, and when and where tasks ran.
LEFT_OUT = ("program",)
TIMING = ("rank", "start", "seconds", "progress")


def run(imagrid, folder, isa="avx2"):
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for config in sorted((SOURCE / "configs/quick").glob("*.yaml")):
        if config.stem not in LEFT_OUT:
            subprocess.run([os.path.abspath(imagrid), "run", config, "-o", folder / f"{config.stem}.h5", "--isa", isa],
                           check=True, cwd=SOURCE)


def difference(one, other):
    """0.0 where the bytes are the same, else the largest difference in units of the larger number; NaN where they
    are no numbers."""
    if one.tobytes() == other.tobytes():
        return 0.0
    if one.dtype.kind not in "fiu" or one.shape != other.shape:
        return np.nan
    one, other = one.astype(float), other.astype(float)
    if (np.isfinite(one) != np.isfinite(other)).any():
        return np.inf
    scale = np.maximum(np.maximum(abs(one), abs(other)), np.finfo(float).tiny)
    return float(np.nanmax(abs(one - other) / scale))


def compare(one, other):
    print(f"{one} and {other}")
    for path in sorted(pathlib.Path(one).glob("*.h5")):
        with h5py.File(path, "r", locking=False) as a, h5py.File(pathlib.Path(other) / path.name, "r", locking=False) as b:
            if a.attrs["isa"] != b.attrs["isa"] or a.attrs["config_hash"] != b.attrs["config_hash"]:
                raise SystemExit(f"{path.name}: another instruction set or configuration")
            names = [name for name in a.attrs["row_columns"].split() if name not in TIMING]
            found = {name: difference(a[name][()], b[name][()]) for name in names}
        same = sum(value == 0 for value in found.values())
        most = sorted(((value, name) for name, value in found.items() if value != 0), reverse=True)[:3]
        rest = "".join(f", {name} {value:.1g}" for value, name in most)
        print(f"    {path.stem}: {same} of {len(found)} columns are the same bytes{rest}")


if sys.argv[1:2] == ["run"] and len(sys.argv) in (4, 5):
    run(*sys.argv[2:])
elif sys.argv[1:2] == ["compare"] and len(sys.argv) > 3:
    import h5py
    import numpy as np
    for folder in sys.argv[3:]:
        compare(sys.argv[2], folder)
else:
    sys.exit(__doc__)
