#!/usr/bin/env python3
"""What is missing is said at once with its packages, and the documents have the same table.

usage: packages.py SOURCE
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv[1])
TABLE = (SOURCE / "tools/packages").read_text(encoding="utf-8")


class Packages(unittest.TestCase):
    def test_the_documents_have_the_table(self):
        page = (SOURCE / "docs/install.md").read_text(encoding="utf-8")
        self.assertIn("".join("    " + line for line in TABLE.splitlines(True)), page)

    def test_build_user_says_all_that_is_missing(self):
        """On a machine that has nothing but the commands of a system without compilers."""
        with tempfile.TemporaryDirectory() as folder:
            commands = os.path.join(folder, "bin")
            os.mkdir(commands)
            for name in ("sh", "dirname", "mkdir", "getconf", "grep"):
                os.symlink(shutil.which(name), os.path.join(commands, name))
            result = subprocess.run([SOURCE / "tools/build-user", os.path.join(folder, "own")], text=True, check=False,
                                    env={"PATH": commands}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(result.returncode, 1)
        self.assertIn("lacks a C compiler, make, Python 3.7 or later, ninja or a C++ compiler, MPI, HDF5.", result.stdout)
        for name in ("MPI", "HDF5"):
            line, = [line for line in TABLE.splitlines() if line.startswith(name)]
            self.assertIn(line, result.stdout)


unittest.main(argv=sys.argv[:1])
