#!/usr/bin/env python3
"""Runs a grid, merges it, and reads both files as a researcher does (argument: the config)."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import support

with support.scratch() as directory:
    out, summary = (os.path.join(directory, name) for name in ("out.h5", "summary.h5"))
    support.must(support.run(2, "run", sys.argv[1], "-o", out, "--quiet"))
    subprocess.run([support.MERGE, out, "-o", summary, "--quiet"], check=True)
    for script, path in (("read-files.py", out), ("read-summary.py", summary)):
        result = subprocess.run([sys.executable, os.path.join(HERE, script), path])
        if result.returncode:
            sys.exit(result.returncode)
