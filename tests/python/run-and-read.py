#!/usr/bin/env python3
"""Runs grids, merges them, and reads both files as a researcher does (arguments: configs)."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import support

def read(config, directory):
    """The exit code of the first reader that fails, or 0."""
    name = os.path.splitext(os.path.basename(config))[0]
    out, summary = (os.path.join(directory, name + end) for end in (".h5", "-summary.h5"))
    support.must(support.run(2, "run", config, "-o", out, "--quiet"))
    subprocess.run([support.MERGE, out, "-o", summary, "--quiet"], check=True)
    for script, path in (("read-files.py", out), ("read-summary.py", summary)):
        result = subprocess.run([sys.executable, os.path.join(HERE, script), path])
        if result.returncode:
            return result.returncode
    return 0


with support.scratch() as directory:
    for config in sys.argv[1:]:
        code = read(config, directory)
        if code:
            sys.exit(code)
