#!/usr/bin/env python3
"""The sources compile with another C library than glibc: with the headers of musl, which has what POSIX
and Linux have and little more. Nothing is linked.

usage: musl.py SOURCE BUILD
"""
import concurrent.futures
import itertools
import json
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

source, build = (pathlib.Path(folder).resolve() for folder in sys.argv[1:3])
if not shutil.which("musl-gcc"):
    print("skipped: no musl-gcc (Debian package musl-tools)")
    sys.exit(77)
# What stands beside glibc's headers and is none of them; MPI and HDF5 have folders of their own.
OTHERS = ("asm", "asm-generic", "linux", "gsl", "jansson.h", "jansson_config.h", "xxhash.h", "yaml.h")
# What differs from one compiler to another, or from one run to another.
LEFT_OUT = ("-c", "-MD", "-Werror", "-I/usr/include")
# musl has it since 1.2.5; Debian 12 has an older one.
LATER = """#include <stdio.h>
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
int renameat2(int, const char *, int, const char *, unsigned);
#endif
"""


def headers(folder):
    """Fill a folder with links to the headers of the libraries, and with LATER."""
    (folder / "later.h").write_text(LATER)
    places = [pathlib.Path("/usr/include"), *pathlib.Path("/usr/include").glob("*-linux-gnu")]
    for name in OTHERS:
        for place in places:
            if (place / name).exists() and not (folder / name).exists():
                (folder / name).symlink_to(place / name)


def options(command):
    """The options of a command, without compiler and output."""
    words = itertools.dropwhile(lambda word: not word.startswith("-"), command)
    for word in words:
        if word in ("-o", "-MF", "-MQ"):
            next(words)
        elif word not in LEFT_OUT and not (word.startswith("-I/usr/include/") and word.endswith("-linux-gnu")):
            yield word


def fault(entry, folder):
    """What the compiler says of a file; empty where it is content."""
    command = ["musl-gcc", "-fsyntax-only", "-w", "-Werror=implicit-function-declaration", "-Werror=int-conversion",
               "-isystem", str(folder), "-include", "later.h", *options(shlex.split(entry["command"]))]
    done = subprocess.run(command, cwd=build, capture_output=True, text=True)
    return done.stderr if done.returncode else ""


entries = [entry for entry in json.loads((build / "compile_commands.json").read_text())
           if source / "src" in (build / entry["file"]).resolve().parents]
with tempfile.TemporaryDirectory() as folder:
    headers(pathlib.Path(folder))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults = [text for text in pool.map(lambda entry: fault(entry, folder), entries) if text]
print("".join(faults) + f"{len(entries)} files, {len(faults)} do not compile with musl's headers")
sys.exit(bool(faults) or len(entries) < 100)
