#!/usr/bin/env python3
"""The programs give plugins the functions of the installed headers, all of them and no others.

usage: exported.py LIST PROGRAM...
"""
import re
import shutil
import subprocess
import sys

if not shutil.which("nm"):
    print("skipped: nm (binutils) is missing")
    sys.exit(77)
with open(sys.argv[1], encoding="utf-8") as file:
    wanted = set(re.findall(r"^    (\w+);$", file.read(), re.M))
bad = 0 if len(wanted) > 60 and {"ig_rng_u64", "ig_train", "ig_row_set"} <= wanted else 1
if bad:
    print("the list of public functions is not what it should be:", sorted(wanted))
for program in sys.argv[2:]:
    text = subprocess.run(["nm", "-D", "--defined-only", program], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    # Copies of the C library's variables, and what sanitizers bring, have other names.
    given = {name for name in re.findall(r"^\S+ \S (\w+)", text, re.M) if name.startswith("ig_")}
    for what, names in (("does not export", wanted - given), ("exports too much:", given - wanted)):
        if names:
            print(program, what, *sorted(names))
            bad = 1
sys.exit(bad)
