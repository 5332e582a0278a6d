#!/usr/bin/env python3
"""Code runs only when it was named: plugins, filters of HDF5, shells. The plugin of this test writes
a file as soon as it is loaded."""
import os
import shutil
import subprocess
import unittest

import common
import support
from support import h5py

CONFIG = "experiment: hostile\nseeds: 2\nn: [1, 2, 4]\nkind: good\n"
FILTER = 32123

# What runs a shell, or a program that PATH or the environment chooses beyond posix_spawnp of
# scontrol and execvp of gnuplot; and names of temporary files that can be foreseen. (execve is there for a configuration's own
# program, whose path is found and checked before the run.)
FORBIDDEN = {"system", "popen", "execl", "execlp", "execle", "execv", "execvpe",
             "wordexp", "tmpnam", "tempnam", "mktemp", "tmpnam_r"}


class Loading(unittest.TestCase):
    def setUp(self):
        context = support.scratch()
        self.directory = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.loaded = os.path.join(self.directory, "loaded")
        self.env = dict(support.environment(self.directory), IMAGRID_TEST_LOADED=self.loaded)
        self.config = self.write("hostile.yaml", CONFIG)
        self.out = os.path.join(self.directory, "out.h5")

    def write(self, name, text):
        return support.write(os.path.join(self.directory, name), text)

    def call(self, *arguments, code=0, **env):
        return common.program(*arguments, code=code, env=dict(self.env, **env), cwd=self.directory)

    def was_loaded(self):
        """Whether it was; forgets it."""
        there = os.path.exists(self.loaded)
        if there:
            os.remove(self.loaded)
        return there

    def every_command(self, config, out, code, **env):
        for arguments in (("check", config), ("list", config), ("estimate", config),
                          ("run", config, "-o", "new.h5"), ("status", out), ("retry", out),
                          ("status", "--watch", out)):
            self.call(support.IMAGRID, *arguments, code=code, **env)
            self.assertFalse(self.was_loaded(), arguments)
        self.call(support.MERGE, out, "-o", "s.h5", code=code, **env)
        self.call(support.PLAN, "--fits", out, *common.PURCHASE, code=None, **env)
        self.assertFalse(self.was_loaded())

    def test_only_when_named(self):
        self.call(support.IMAGRID, "run", self.config, "-o", self.out, "--plugin", common.HOSTILE)
        self.assertTrue(self.was_loaded(), "the test itself shows nothing")
        with h5py.File(self.out, "r") as file:
            self.assertIn(common.HOSTILE, file.attrs["plugin"])
        # The result file and the configuration say which; that is not enough.
        self.every_command(self.config, self.out, 2)
        # Nor are the places where a loader would look, or the name without a path.
        places = os.path.join(self.directory, "lib")
        os.mkdir(places)
        for name in ("hostile.so", "hostile", "libhostile.so"):
            shutil.copy(common.HOSTILE, os.path.join(places, name))
            self.call(support.IMAGRID, "check", self.config, "--plugin", name, code=2,
                      LD_LIBRARY_PATH=places)
            self.assertFalse(self.was_loaded(), name)
            shutil.copy(common.HOSTILE, os.path.join(self.directory, name))
        self.every_command(self.config, self.out, 2, LD_LIBRARY_PATH=places)

    def test_what_everybody_can_write(self):
        mine = shutil.copy(common.HOSTILE, os.path.join(self.directory, "mine.so"))
        for mode, code in ((0o777, 2), (0o602, 2), (0o775, 0), (0o500, 0)):
            os.chmod(mine, mode)
            result = self.call(support.IMAGRID, "check", self.config, "--plugin", mine, code=code)
            self.assertEqual(self.was_loaded(), code == 0, oct(mode))
            self.assertEqual(b"chmod o-w" in result.stderr, code == 2)

    def test_filters_of_hdf5(self):
        """A summary whose column says that it needs a filter, which a folder has on offer."""
        tiny = self.write("tiny.yaml", support.TINY.format(seeds=3, epochs=2))
        summary = os.path.join(self.directory, "s.h5")
        self.call(support.IMAGRID, "run", tiny, "-o", self.out)
        self.call(support.MERGE, "-q", self.out, "-o", summary)
        with h5py.File(summary, "r+", locking=False) as file:
            name = "exponent"
            values = file[name][()]
            del file[name]
            properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            properties.set_chunk(values.shape)
            properties.set_filter(FILTER, h5py.h5z.FLAG_OPTIONAL)
            space = h5py.h5s.create_simple(values.shape)
            dataset = h5py.h5d.create(file.id, name.encode(), h5py.h5t.IEEE_F64LE, space, properties)
            # Mask 0: the filter was applied, so whoever reads must undo it.
            dataset.write_direct_chunk((0,), values.tobytes(), 0)
        common.append_footer(summary)
        filters = os.path.join(self.directory, "filters")
        os.mkdir(filters)
        shutil.copy(common.HOSTILE, os.path.join(filters, "libhostile.so"))
        env = {"HDF5_PLUGIN_PATH": filters}
        # That HDF5 would have loaded it, in a program that does not mind.
        code = f"import h5py; h5py.File({summary!r}, 'r', locking=False)['{name}'][()]"
        subprocess.run(["/usr/bin/python3", "-c", code], env=dict(self.env, **env),
                       stderr=subprocess.DEVNULL, check=False)
        self.assertTrue(self.was_loaded(), "the test itself shows nothing")
        result = self.call(support.PLAN, "--fits", summary, *common.PURCHASE, code=4, **env)
        self.assertIn(f"column {name} is damaged".encode(), result.stderr)
        self.assertFalse(self.was_loaded())

    def test_other_files(self):
        """A summary that sends its reader to the numbers of another file."""
        tiny = self.write("tiny.yaml", support.TINY.format(seeds=3, epochs=2))
        summary, other = (os.path.join(self.directory, n) for n in ("s.h5", "other.h5"))
        self.call(support.IMAGRID, "run", tiny, "-o", self.out)
        self.call(support.MERGE, "-q", self.out, "-o", other)
        for kind in ("link", "numbers"):
            shutil.copy(other, summary)
            with h5py.File(summary, "r+", locking=False) as file:
                shape = file["exponent"].shape
                del file["exponent"]
                if kind == "link":
                    file["exponent"] = h5py.ExternalLink(other, "exponent")
                else:
                    secret = self.write("secret", "8 bytes " * 100)
                    file.create_dataset("exponent", shape, "<f8", external=[(secret, 0, 8 * shape[0])])
                self.assertEqual(len(file["exponent"][()]), shape[0])
            common.append_footer(summary)
            result = self.call(support.PLAN, "--fits", summary, *common.PURCHASE, code=4)
            self.assertIn(b"has no column exponent", result.stderr)

    def test_no_shells(self):
        for program in (support.IMAGRID, support.MERGE, support.PLAN):
            text = subprocess.run(["nm", "-D", "--undefined-only", program], check=True, text=True,
                                  stdout=subprocess.PIPE).stdout
            names = {line.split()[-1].split("@")[0] for line in text.splitlines()}
            self.assertLessEqual({"posix_spawnp", "execvp"}, names)
            self.assertEqual(names & FORBIDDEN, set(), program)


if __name__ == "__main__":
    unittest.main(verbosity=2)
