#!/usr/bin/env python3
"""Output files in trouble: not ours, cut short, another configuration, no space, no permission."""
import os
import platform
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Trouble(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.config = self.tiny(4, 3)

    def reject(self, code, pattern, config=None, out=None, ranks=(0, 2)):
        """The run ends with `code` and a message; the folder and the file are as before."""
        out = out or self.out
        before = read(out) if os.path.isfile(out) else None
        folder = sorted(os.listdir(os.path.dirname(out))) if os.path.isdir(
            os.path.dirname(out)) else None
        for n in ranks:
            result = support.run(n, "run", config or self.config, "-o", out, timeout=60)
            self.assertEqual(result.returncode, code, result.stderr)
            self.assertRegex(result.stderr, pattern)
            self.assertEqual(read(out) if os.path.isfile(out) else None, before)
            if folder is not None:
                self.assertEqual(sorted(os.listdir(os.path.dirname(out))), folder)

    def test_not_ours(self):
        self.write("out.h5", "important notes\n" * 1000)
        self.reject(4, "out.h5.*(not|HDF5)")
        with h5py.File(self.out, "w") as file:
            file["other"] = [1, 2, 3]
        self.reject(4, "out.h5")
        self.write("out.h5", "")
        self.reject(4, "out.h5")
        for command in ("status", "retry"):
            result = support.run(0, command, self.out)
            self.assertEqual(result.returncode, 4)
        result = subprocess.run([support.MERGE, self.out], stderr=subprocess.PIPE)
        self.assertEqual(result.returncode, 4)

    def test_truncated(self):
        support.must(support.run(0, "run", self.config, "-o", self.out, "-q"))
        size = os.path.getsize(self.out)
        for left in (size - 1, size // 2, 3000, 100, 1):
            os.truncate(self.out, left)
            self.reject(4, "out.h5", ranks=(0,))
        self.reject(4, "out.h5", ranks=(2,))

    def test_damaged_rows_are_done_again(self):
        support.must(support.run(0, "run", self.config, "-o", self.out, "-q"))
        good = support.results(self.out)
        with h5py.File(self.out, "r") as file:
            place = file["reward_mse"].id.get_offset() + 8 * 7
        with open(self.out, "r+b") as file:
            file.seek(place)
            file.write(b"\x55" * 8)
        status = support.must(support.run(0, "status", self.out)).stdout
        self.assertIn("11 done, 0 failed, 1 left", status)
        self.assertRegex(status, "1 damaged rows? .*task 7")
        result = support.must(support.run(2, "run", self.config, "-o", self.out))
        self.assertIn("damaged", result.stderr)
        support.assert_same(good, support.results(self.out), "repaired")

    def test_changed_configuration(self):
        support.must(support.run(0, "run", self.config, "-o", self.out, "-q"))
        other = self.write("other.yaml", support.TINY.format(seeds=5, epochs=3).replace(
            "minibatch: 32", "minibatch: 33"))
        self.reject(2, "(?s)minibatch.*32.*33", config=other)
        self.reject(2, "(?s)seeds.*4.*5", config=other)
        # Published figures may be corrected afterwards: they change no result.
        noted = self.write("noted.yaml", support.TINY.format(seeds=4, epochs=3)
                           + "published: {alpha: 0.5}\n")
        support.must(support.run(0, "run", noted, "-o", self.out, "-q"))

    def test_another_instruction_set(self):
        support.must(support.run(0, "run", self.config, "-o", self.out, "-q", "--isa", "portable"))
        with h5py.File(self.out, "r") as file:
            self.assertEqual(file.attrs["isa"], "portable")
        support.must(support.run(0, "run", self.config, "-o", self.out, "-q"))
        result = support.run(0, "run", self.config, "-o", self.out, "--isa", "avx2")
        self.assertEqual(result.returncode, 2)
        self.assertIn("avx2", result.stderr)

    def test_an_instruction_set_of_other_machines(self):
        lacking = "avx2" if platform.machine() == "aarch64" else "neon"
        result = support.must(support.run(0, "run", self.config, "-o", self.out, "--isa", lacking), 2)
        self.assertRegex(result.stderr, f"does not support {lacking}, its best instruction set is [a-z0-9]+")
        self.assertFalse(os.path.exists(self.out))

    def test_the_mark_of_an_open_file_is_no_damage(self):
        """Another program opened the file for writing and died, or has it open still."""
        support.must(support.run(0, "run", self.config, "-o", self.out, "-q", "--shard", "0/2"))
        whole = support.results(self.out)
        subprocess.run([sys.executable, "-c", "import h5py, os, sys\n"
                        "file = h5py.File(sys.argv[1], 'r+')\nos._exit(0)", self.out], check=True,
                       env=dict(os.environ, HDF5_USE_FILE_LOCKING="FALSE"))
        with open(self.out, "rb") as file:
            self.assertEqual(file.read(21)[20], 1)
        support.must(support.run(0, "status", self.out))
        support.assert_same(whole, support.results(self.out), "an opened file")
        support.must(support.run(0, "run", self.config, "-o", self.out, "-q"))
        with h5py.File(self.out, "r") as file:
            self.assertTrue((file["state"][()] == 1).all())

    def test_no_such_folder(self):
        self.reject(4, "No such file or directory",
                    out=os.path.join(self.directory, "absent", "out.h5"))

    def test_output_is_a_folder(self):
        os.mkdir(self.out)
        self.reject(4, "out.h5.*(directory|regular)")

    def test_unwritable_folder(self):
        point = self.mount("ro,size=1m")
        self.reject(4, "(Read-only|Permission)", out=os.path.join(point, "out.h5"))

    def test_full_disk(self):
        point = self.mount("size=256k")
        config = self.write("big.yaml", support.TINY.format(seeds=2000, epochs=50))
        self.reject(4, "(space|free)", config=config, out=os.path.join(point, "out.h5"))

    def test_disk_fills_up_after_creation(self):
        """Every block was allocated at creation: a full disk does not touch a run."""
        point = self.mount("size=4m")
        out = os.path.join(point, "out.h5")
        config = self.write("some.yaml", support.TINY.format(seeds=1000, epochs=40))
        process = subprocess.Popen(support.command(0, "run", config, "-o", out, "-q"),
                                   env=support.environment(self.directory))
        support.wait_until(lambda: os.path.exists(out))
        with open(os.path.join(point, "ballast"), "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(65536))
            except OSError:
                pass
        self.assertEqual(process.wait(timeout=120), 0)
        self.assertIn("3000 done, 0 failed, 0 left",
                      support.must(support.run(0, "status", out)).stdout)


unittest.main()
