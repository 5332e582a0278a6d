#!/usr/bin/env python3
"""The rooms of src/ include what the table in docs/architecture.md allows them, and nothing else; what
lies in a room is built.

usage: rooms.py SOURCE
"""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
LIBRARIES = {"libyaml": r"yaml\.h", "LAPACK": r"lapacke\.h|cblas\.h", "Random123": r"Random123/.*",
             "xxHash": r"xxhash\.h", "ISA-L": r"isa-l/.*", "GSL": r"gsl/.*", "HDF5": r"hdf5(_hl)?\.h",
             "MPI": r"mpi\.h"}
# Public headers whose functions a room above core defines; the others are core's.
OWNERS = {"nn": "nn", "policy": "policy", "policy-train": "policy", "env": "env", "worlds": "env",
          "plugin": "env", "store": "store", "report": "analysis"}


def allowances():
    """By room the rooms and libraries it may use, those of the rooms it may use included."""
    text = (source / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = {room: set(re.sub("`", "", cell).split(", "))
             for room, cell in re.findall(r"(?m)^\| `(\w+)` \|.*\| ([^|]+) \|$", text)
             if (source / "src" / room).is_dir()}
    for room in table:
        while more := {further for name in table[room] & set(table) for further in table[name]} - table[room]:
            table[room] |= more
    return table


def uses(file, rooms):
    """The rooms and libraries that a file includes."""
    text = file.read_text(encoding="utf-8")
    found = set(re.findall(r'#include "(\w+)/', text)) & rooms
    found |= {OWNERS.get(name, "core") for name in re.findall(r'#include "imagrid/([\w-]+)\.h"', text)}
    for header in re.findall(r"#include <([^>]+)>", text):
        found |= {name for name, form in LIBRARIES.items() if re.fullmatch(form, header)}
    return found


table = allowances()
rooms = {folder.name for folder in (source / "src").iterdir() if folder.is_dir()}
wrong = [f"src/{room} is not in the table" for room in rooms - set(table)]
wrong += [f"{room} may use itself" for room in table if room in table[room]]
n = 0
for room in sorted(table):
    for file in sorted((source / "src" / room).glob("*.[ch]")):
        n += 1
        if file.suffix == ".c" and f"'{file.name}'" not in (file.parent / "meson.build").read_text():
            wrong.append(f"{file.relative_to(source)} is not built")
        used = uses(file, rooms) - {room}
        wrong += [f"{file.relative_to(source)} uses {name}" for name in sorted(used - table[room])]
for file in sorted((source / "include" / "imagrid").glob("*.h")):
    owner = OWNERS.get(file.stem, "core")
    used = uses(file, rooms) - {owner}
    wrong += [f"{file.relative_to(source)}, of {owner}, uses {name}" for name in sorted(used - table[owner])]
print("\n".join(wrong + [f"{n} files in {len(table)} rooms, {len(wrong)} do not fit the table"]))
sys.exit(bool(wrong) or n < 100)
