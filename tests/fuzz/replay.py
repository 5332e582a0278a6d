#!/usr/bin/env python3
"""Run a fuzz target on its corpus, with a result file and a summary made by the programs.

    replay.py TARGET [ARGUMENTS...]
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

with support.scratch() as directory:
    env = dict(os.environ, IMAGRID_FUZZ_SCRATCH=os.path.join(directory, "scratch"))
    if sys.argv[1].endswith(("config", "csv")):
        sys.exit(subprocess.run(sys.argv[1:], env=env, check=False).returncode)
    config = support.write(os.path.join(directory, "tiny.yaml"),
                           support.TINY.format(seeds=3, epochs=2))
    result, summary = (os.path.join(directory, name) for name in ("result.h5", "summary.h5"))
    support.must(support.run(0, "run", config, "-o", result, "--quiet"))
    subprocess.run([support.MERGE, result, "-o", summary, "--resamples", "10", "--quiet"], check=True)
    env.update(IMAGRID_FUZZ_RESULT=result, IMAGRID_FUZZ_SUMMARY=summary)
    sys.exit(subprocess.run(sys.argv[1:], env=env, check=False).returncode)
