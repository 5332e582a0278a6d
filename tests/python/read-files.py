#!/usr/bin/python3
"""read-files.py OUT.h5: does a result file read with the usual tools, without help?

Checks h5py, h5netcdf, netCDF4, xarray (both engines), pandas and ncdump against each other and
against docs/format.md, and whether plots label themselves. Exit status: 0 all is well, 1 a check failed, 77 a module is missing.
"""
import math
import pathlib
import re
import shutil
import subprocess
import sys

try:
    import h5py
    import h5netcdf
    import netCDF4
    import numpy as np
    import pandas as pd
    import xarray as xr
    from xarray.plot.utils import label_from_attrs
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

TEXTS = ["title", "experiment", "config", "config_hash", "imagrid_version", "revision",
         "compiler", "flags", "libraries", "isa", "row_columns"]
BOOKS = {"state": "int8", "crc": "uint32", "rank": "int32", "start": "float64",
         "seconds": "float64"}
ROW_ERROR = 256
CRC_ROWS = 50
# Numbers that count nothing and measure nothing have no units.
UNITLESS = ("state", "seal")
failures = []


def check(truth, what):
    if not truth:
        failures.append(what)
        print(f"FAILED: {what}")


def documented_row_crc():
    """The function row_crc of docs/format.md, as a reader would copy it."""
    page = pathlib.Path(__file__).resolve().parents[2] / "docs" / "format.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(next(block for block in blocks if "def row_crc" in block), names)
    return names["row_crc"]


def check_h5py(path):
    row_crc = documented_row_crc()
    with h5py.File(path, "r") as f:
        n = f["task"].shape[0]
        check((f["task"][:] == np.arange(n)).all(), "task counts from 0")
        for name, dtype in BOOKS.items():
            check(f[name].dtype == dtype and f[name].shape == (n,), f"{name}: {dtype} over task")
        check(f["failure"].shape == (n, ROW_ERROR) and f["failure"].dtype == "S1",
              "failure: S1 over task and characters")
        state = f["state"][:]
        check(list(f["state"].attrs["flag_values"]) == [0, 1, 2], "flag_values of state")
        check(f["state"].attrs["flag_meanings"] == "empty done failed", "flag_meanings of state")
        marked = np.flatnonzero(state)
        check(len(marked) > 0, "the file holds rows")
        for task in marked[:: max(1, len(marked) // CRC_ROWS)]:
            check(row_crc(f, int(task)) == f["crc"][task], f"crc of task {task}")
        check((f["crc"][:][state == 0] == 0).all(), "empty rows have no crc")
        for name in TEXTS:
            check(isinstance(f.attrs[name], (str, h5py.Empty)), f"attribute {name} is text")
        check(f.attrs["Conventions"] == "CF-1.8", "Conventions")
        check(int(f.attrs["format_version"][0]) == 1, "format_version")
        for group in (f, f["provenance"]):
            for name, dataset in group.items():
                if not isinstance(dataset, h5py.Dataset):
                    continue
                check(dataset.chunks is None, f"{name} is contiguous")
                scale = dataset.attrs.get("CLASS") == b"DIMENSION_SCALE"
                check(scale or all(len(d) == 1 for d in dataset.dims),
                      f"{name}: a scale on every axis")


def axis_names(f):
    return f["state"].attrs["coordinates"].split()


def check_xarray(path, engine, expected):
    with xr.open_dataset(path, engine=engine) as d:
        check(d["task"].dims == ("task",), f"{engine}: dimension task")
        for name in axis_names_of(path) + ["task"]:
            check(name in d.coords, f"{engine}: {name} is a coordinate")
            check(d[name].dims == ("task",), f"{engine}: {name} is over task")
        check(set(expected) - set(d.variables) == set(), f"{engine}: every variable is there")
        check(d["state"].dtype == np.int8, f"{engine}: state keeps its type")
        check(d["failure"].dims == ("task",), f"{engine}: failures are texts")
        reasons = [str(r) for r in d["failure"].values[d["state"].values == 2]]
        check(all(reasons), f"{engine}: failed rows say why")
        check(not any(str(r) for r in d["failure"].values[d["state"].values != 2]),
              f"{engine}: others say nothing")
        check(np.issubdtype(d["start"].dtype, np.datetime64), f"{engine}: start is a time")
        check(bool(d["start"].isnull().values[d["state"].values == 0].all()),
              f"{engine}: rows never run have no time")
        check(bool(d["seconds"].isnull().values[d["state"].values == 0].all()),
              f"{engine}: rows never run are missing")
        check(d.attrs["Conventions"] == "CF-1.8", f"{engine}: Conventions")
        check(len(d.to_dataframe()) > 0, f"{engine}: becomes a data frame")
    with xr.open_dataset(path, engine=engine, group="provenance") as p:
        check(int(p["begin"].notnull().sum()) >= 1, f"{engine}: a start is noted")
        check(str(p["hosts"].values[0]) != "", f"{engine}: hosts are noted")


def axis_names_of(path):
    with h5py.File(path, "r") as f:
        return axis_names(f)


def check_netcdf(path):
    with netCDF4.Dataset(path) as d:
        check("task" in d.dimensions and not d.dimensions["task"].isunlimited(),
              "netCDF4: dimension task")
        check(all(not name.startswith("phony") for name in d.dimensions),
              "netCDF4: every dimension has its name")
        for name, variable in d.variables.items():
            variable.set_auto_maskandscale(False)
            check(variable[:].shape[0] == variable.shape[0], f"netCDF4: {name} reads")
            if "_FillValue" in variable.ncattrs():
                fill = variable.getncattr("_FillValue")
                check(np.asarray(fill).dtype == variable.dtype, f"netCDF4: _FillValue of {name}")
                check(not variable.dtype.kind == "f" or math.isnan(fill), f"{name} fills with NaN")
        for name in TEXTS:
            check(isinstance(d.getncattr(name), str), f"netCDF4: attribute {name}")
        return list(d.variables)


def check_same_values(path):
    """Every number over tasks, alike in four readers."""
    with h5py.File(path, "r") as f, h5netcdf.File(path, "r") as h, netCDF4.Dataset(path) as n, \
            xr.open_dataset(path, mask_and_scale=False, decode_times=False) as x:
        names = [name for name, d in f.items() if isinstance(d, h5py.Dataset)
                 and d.shape == f["task"].shape and d.dtype.kind in "iuf"
                 and d.attrs.get("CLASS") != b"DIMENSION_SCALE"]
        frame = x[names].to_dataframe()
        check(len(names) > 5 and isinstance(frame, pd.DataFrame), "numbers over tasks")
        for name in names:
            bits = f[name][:].tobytes()
            n[name].set_auto_maskandscale(False)
            for reader, values in (("h5netcdf", h[name][:]), ("netCDF4", n[name][:]),
                                   ("pandas", frame[name].to_numpy())):
                check(np.asarray(values).tobytes() == bits, f"{reader}: {name} is what h5py reads")


def check_labels(path):
    """Enough attributes for axes of plots: a long_name everywhere, units for what has them."""
    for group in ("/", "provenance"):
        with xr.open_dataset(path, group=group, decode_times=False) as d:
            for name, variable in d.variables.items():
                about = variable.attrs.get("long_name", "")
                check(about and about[0] != " " and about != name, f"long_name of {name}")
                if variable.dtype.kind in "iuf" and name not in UNITLESS:
                    label = " ".join(label_from_attrs(d[name]).split())
                    check(label == f"{about} [{variable.attrs.get('units')}]", f"label of {name}: {label}")


def check_ncdump(path):
    tool = shutil.which("ncdump")
    if not tool:
        print("ncdump is missing: not checked")
        return
    done = subprocess.run([tool, "-h", path], capture_output=True, text=True, check=False)
    check(done.returncode == 0 and "state:flag_values" in done.stdout, "ncdump -h")


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    path = sys.argv[1]
    check_h5py(path)
    expected = check_netcdf(path)
    for engine in (None, "netcdf4", "h5netcdf"):
        check_xarray(path, engine, expected)
    check_same_values(path)
    check_labels(path)
    check_ncdump(path)
    print(f"{len(failures)} checks failed" if failures else "all checks passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
