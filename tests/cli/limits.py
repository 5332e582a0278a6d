#!/usr/bin/env python3
"""Batch systems limit a job's address space; no library may take threads and buffers for every
processor of the machine as soon as the program starts."""
import os
import resource
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

MEGABYTE = 1 << 20


def sanitized(program):
    """Sanitizers reserve terabytes of address space."""
    with open(program, "rb") as file:
        content = file.read()
    return any(name in content for name in (b"__asan_init", b"__tsan_init", b"__msan_init"))


@unittest.skipIf(sanitized(support.IMAGRID), "a sanitizer needs all of the address space")
class Limits(support.FolderTest):
    def limited(self, megabytes, *words):
        limit = megabytes * MEGABYTE
        done = subprocess.run(words, env=dict(support.environment(self.directory), OPENBLAS_NUM_THREADS="64"),
                              capture_output=True, text=True, timeout=60,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_every_program_starts(self):
        for program in (support.IMAGRID, support.MERGE, support.PLAN):
            for option in ("--version", "--help"):
                self.limited(200, program, option)
        self.limited(200, support.IMAGRID, "check", self.tiny(4, 3))

    def test_linear_algebra(self):
        """The bounds of this experiment are norms and solutions by LAPACK."""
        self.limited(500, support.IMAGRID, "run", os.path.join(support.SOURCE, "configs/quick/curvature.yaml"),
                     "-o", self.out, "-q")


if __name__ == "__main__":
    unittest.main()
