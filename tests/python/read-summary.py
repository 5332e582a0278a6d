#!/usr/bin/env python3
"""Reads a summary file with h5py, xarray and pandas (argument: the file)."""
import re
import sys

try:
    import h5py
    import numpy as np
    import xarray
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

def check_scaling(data):
    points = data.sizes["point"]
    for statistic in ("n", "mean", "sem", "median", "median_low", "median_high"):
        column = data["dynamics_mse_" + statistic]
        assert column.dims == ("point",) and column.attrs["long_name"], statistic
    low, middle, high = (data["dynamics_mse_median" + end].values for end in ("_low", "", "_high"))
    assert (low <= middle).all() and (middle <= high).all()
    assert set(data["anchor"].values) == {50, 300, 2000}
    assert np.isfinite(data["exponent"]).all()
    frame = data[["dynamics_mse_mean", "anchor"]].to_dataframe()
    assert len(frame) == points


def check_labels(data):
    """Axes of plots name themselves."""
    for name, variable in data.variables.items():
        about = variable.attrs["long_name"]
        assert variable.dtype.kind == "O" or variable.attrs["units"], name
        assert not re.search("(^|, )its|end of its", about), f"{name}: '{about}' does not stand alone"


path = sys.argv[1]
with h5py.File(path, "r") as file:
    for name, dataset in file.items():
        if isinstance(dataset, h5py.Dataset) and not h5py.h5ds.is_scale(dataset.id):
            for axis, dimension in enumerate(dataset.dims):
                assert len(dimension) == 1, f"{name}: axis {axis} has no scale"
engines = [e for e in ("netcdf4", "h5netcdf") if e in xarray.backends.list_engines()]
assert engines, "xarray has no engine for netCDF-4"
for engine in engines:
    with xarray.open_dataset(path, engine=engine) as data:
        check_labels(data)
        if data.attrs["experiment"] == "scaling":
            check_scaling(data)
        print(f"{engine}: {data.attrs['experiment']}, {dict(data.sizes)}")
