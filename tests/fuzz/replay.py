#!/usr/bin/env python3
"""Run a fuzz target on its corpus, with the result files and summaries of bases/ made by the programs.

    replay.py TARGET [ARGUMENTS...]
"""
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import support


def make_files(directory):
    """One of every base: result files, and the summaries of those that a purchase is planned from
    (of another, too)."""
    results, summaries = [], []
    for config in sorted(glob.glob(os.path.join(HERE, "bases", "*.yaml"))):
        name = os.path.join(directory, os.path.basename(config)[:-len(".yaml")])
        results.append(name + ".h5")
        support.must(support.run(0, "run", config, "-o", results[-1], "--quiet"))
        if not os.path.basename(name).startswith(("scaling", "curvature")):
            continue
        summaries.append(name + "-summary.h5")
        subprocess.run([support.MERGE, results[-1], "-o", summaries[-1], "--resamples", "10",
                        "--quiet"], check=True)
    return {"IMAGRID_FUZZ_RESULT": ":".join(results), "IMAGRID_FUZZ_SUMMARY": ":".join(summaries)}


with support.scratch() as directory:
    env = dict(os.environ, IMAGRID_FUZZ_SCRATCH=os.path.join(directory, "scratch"))
    if os.path.basename(sys.argv[1]) in ("fuzz-result", "fuzz-summary"):
        env.update(make_files(directory))
    sys.exit(subprocess.run(sys.argv[1:], env=env, check=False).returncode)
