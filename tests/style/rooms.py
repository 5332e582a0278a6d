#!/usr/bin/env python3
"""Each directory of src/ includes only what the table below allows it; what lies there is built.

usage: rooms.py SOURCE
"""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])

# By directory what it may use, besides what these may use.
ALLOWED = {
    "base": "GSL xxHash",
    "config": "base libyaml",
    "theory": "base GSL",
    "nn": "config",
    "policy": "nn",
    "env": "policy theory",
    "h5": "base HDF5",
    "data": "config h5 GSL",
    "program": "config jansson",
    "experiments": "env data program",
    "store": "config h5",
    "run": "store experiments MPI GSL",
    "doctor": "run",
    "results": "store experiments GSL",
    "output": "results HDF5 jansson",
    "plan": "output theory",
    "cli": "doctor plan output data",
}
# Where a library's header may stand, whatever the table above hands on: the HDF5 file and MPI's ranks have
# one owner each.
ONLY = {"HDF5": {"h5", "store", "output", "data"}, "MPI": {"run", "doctor"}}
LIBRARIES = {"libyaml": r"yaml\.h", "xxHash": r"xxhash\.h", "GSL": r"gsl/.*", "jansson": r"jansson\.h", "HDF5": r"hdf5\.h",
             "MPI": r"mpi\.h"}
# Public headers by the directory that defines their functions; the others are config's.
OWNERS = {"error": "base", "rng": "base", "compute": "base",
          "nn": "nn", "policy": "policy", "env": "env",
          "plugin": "env", "table": "base"}


def closure():
    table = {room: set(names.split()) for room, names in ALLOWED.items()}
    for room in table:
        while more := {n for name in table[room] & set(table) for n in table[name]} - table[room]:
            table[room] |= more
    return table


def uses(file):
    """The directories and libraries that a file includes, and the private headers of others."""
    text = file.read_text(encoding="utf-8")
    headers = re.findall(r'#include "([\w/.-]+)"', text)
    found = {header.split("/")[0] for header in headers if header.split("/")[0] in ALLOWED}
    found |= {OWNERS.get(pathlib.Path(header).stem, "config") for header in headers if header.startswith("imagrid/")}
    for header in re.findall(r"#include <([^>]+)>", text):
        found |= {name for name, form in LIBRARIES.items() if re.fullmatch(form, header)}
    return found, [header for header in headers if re.search(r"(private|internal)\.h$", header)]


table = closure()
rooms = {folder.name for folder in (source / "src").iterdir() if folder.is_dir()}
wrong = [f"src/{room} is not in the table" for room in rooms ^ set(table)]
n = 0
for room in sorted(rooms & set(table)):
    for file in sorted((source / "src" / room).glob("*.[ch]")):
        n += 1
        name = file.relative_to(source)
        if file.suffix == ".c" and f"'{file.name}'" not in (file.parent / "meson.build").read_text():
            wrong.append(f"{name} is not built")
        used, private = uses(file)
        wrong += [f"{name} uses {other}" for other in sorted(used - {room} - table[room])]
        wrong += [f"{name} includes {library}" for library in sorted(used & set(ONLY)) if room not in ONLY[library]]
        wrong += [f"{name} includes {header}" for header in private if not header.startswith(room + "/")]
for file in sorted((source / "include" / "imagrid").glob("*.h")):
    owner = OWNERS.get(file.stem, "config")
    used, _ = uses(file)
    wrong += [f"{file.relative_to(source)}, of {owner}, uses {name}" for name in sorted(used - {owner} - table[owner])]
print("\n".join(wrong + [f"{n} files in {len(table)} directories, {len(wrong)} do not fit the table"]))
sys.exit(bool(wrong) or n < 100)
