#!/usr/bin/env python3
"""A folder that another user can write to as well: whatever that user plants under the names that
the programs are going to use, nothing outside of the folder is touched, and no script of theirs is
run. Planted by another user where the tests run as root, and in folders without the sticky bit, so
that it is not the kernel's own protection (fs.protected_symlinks) that is tested."""
import os
import stat
import subprocess
import unittest

import common
import support

NOBODY = 65534
PICTURES = [f"figure1.{kind}" for kind in ("svg", "png", "pdf")]
FIGURES = ["figure1.gp", "figure1.dat"] + PICTURES
TABLES = ["statistics.csv", "fits.csv"]
TEX = ["fits.tex", "amplitudes.tex", "statistics-reward_mse.tex"]


class Links(unittest.TestCase):
    def setUp(self):
        context = support.scratch()
        self.directory = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        os.chmod(self.directory, 0o755)
        self.shared = os.path.join(self.directory, "shared")
        os.mkdir(self.shared)
        os.chmod(self.shared, 0o777)
        self.config = support.write(os.path.join(self.directory, "tiny.yaml"),
                                    support.TINY.format(seeds=3, epochs=2))
        self.victim = support.write(os.path.join(self.directory, "victim"), "precious\n" * 1000)
        os.chmod(self.victim, 0o640)
        self.before = self.look()
        self.absent = os.path.join(self.directory, "absent")
        self.temporary = os.path.join(self.directory, "tmp")
        os.mkdir(self.temporary)
        self.env = dict(support.environment(self.directory), TMPDIR=self.temporary)
        os.mkdir(os.path.join(self.directory, "mpi"))

    def look(self):
        info = os.stat(self.victim)
        with open(self.victim, encoding="utf-8") as file:
            return info.st_mode, info.st_mtime_ns, info.st_ino, file.read()

    def path(self, name):
        return os.path.join(self.shared, name)

    def plant(self, name, target=None):
        """A link as another user would make it; targets are the victim's file, or one that is not
        there and must not come to be."""
        path = self.path(name)
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            os.mkdir(folder)
            os.chmod(folder, 0o777)
        os.symlink(target or self.victim, path)
        if os.getuid() == 0:
            os.lchown(path, NOBODY, NOBODY)

    def untouched(self):
        self.assertEqual(self.look(), self.before)
        self.assertFalse(os.path.lexists(self.absent))

    def is_file(self, name):
        info = os.lstat(self.path(name))
        self.assertTrue(stat.S_ISREG(info.st_mode) and info.st_size > 0 and info.st_nlink == 1, name)
        self.assertEqual(info.st_uid, os.getuid())

    def run_it(self, code=0, out="out.h5"):
        return common.program(support.IMAGRID, "run", self.config, "-o", self.path(out), code=code,
                              env=self.env)

    def merge(self, *options, code=0):
        return common.program(support.MERGE, "-q", self.path("out.h5"), *options, code=code,
                              env=self.env)

    def test_run(self):
        for target in (self.victim, self.absent):
            self.plant("out.h5.partial", target)
            self.run_it()
            self.untouched()
            self.is_file("out.h5")
            os.remove(self.path("out.h5"))
            # A lock that is a link is somebody's mischief, and a person's to look at.
            self.plant("out.h5.lock", target)
            self.assertIn(b"out.h5.lock", self.run_it(4).stderr)
            self.untouched()
            os.remove(self.path("out.h5.lock"))
            self.plant("out.h5", target)
            self.run_it(4)
            self.untouched()
            os.remove(self.path("out.h5"))

    def test_a_second_name_of_a_file(self):
        """As where fs.protected_hardlinks is off."""
        os.link(self.victim, self.path("out.h5.lock"))
        self.run_it()
        self.assertEqual(self.look()[2:], self.before[2:])
        self.is_file("out.h5")

    def test_summary_and_page(self):
        self.run_it()
        for target in (self.victim, self.absent):
            for name, option in (("s.h5", "-o"), ("t.json", "--json"), ("p.html", "--report")):
                if option == "--report" and not common.GNUPLOT:
                    continue
                self.plant(name + ".partial", target)
                self.merge(option, self.path(name))
                self.untouched()
                self.is_file(name)
                os.remove(self.path(name))
                self.plant(name, target)
                self.assertIn(b"not overwritten", self.merge(option, self.path(name), code=2).stderr)
                self.untouched()
                os.remove(self.path(name))

    def test_tables(self):
        self.run_it()
        for folder, names, option in (("csv", TABLES, "--csv"), ("tex", TEX, "--latex")):
            for suffix in ("", ".partial"):
                for target in (self.victim, self.absent):
                    for name in names:
                        self.plant(f"{folder}/{name}{suffix}", target)
                    self.merge(option, self.path(folder))
                    self.untouched()
                    for name in names:
                        self.is_file(f"{folder}/{name}")
                        os.remove(self.path(f"{folder}/{name}"))

    @unittest.skipUnless(common.GNUPLOT, "needs gnuplot")
    def test_figures(self):
        self.run_it()
        for suffix in ("", ".partial"):
            for target in (self.victim, self.absent):
                for name in FIGURES:
                    self.plant(f"figures/{name}{suffix}", target)
                self.merge("--figures", self.path("figures"))
                self.untouched()
                for name in FIGURES:
                    self.is_file(f"figures/{name}")
                    os.remove(self.path(f"figures/{name}"))
        self.assertEqual(support.ours(os.listdir(self.temporary)), [])

    @unittest.skipUnless(common.GNUPLOT, "needs gnuplot")
    def test_plan(self):
        csv = support.write(os.path.join(self.directory, "own.csv"), common.CURVE)
        names = ["plan.gp", "plan.dat", "plan.svg", "plan.png", "plan.pdf"]
        for suffix in ("", ".partial"):
            for name in names:
                self.plant(f"plan/{name}{suffix}")
            common.program(support.PLAN, "--curve", csv, *common.PURCHASE, "--figures",
                           self.path("plan"), env=self.env)
            self.untouched()
            for name in names:
                self.is_file(f"plan/{name}")
                os.remove(self.path(f"plan/{name}"))

    def test_scripts_cannot_be_exchanged(self):
        """gnuplot runs what a script says: it gets one from a folder that nobody else can enter."""
        self.run_it()
        tools = os.path.join(self.directory, "tools")
        os.mkdir(tools)
        report = os.path.join(self.directory, "report")
        fake = support.write(os.path.join(tools, "gnuplot"),
                             f"#!/bin/sh\nstat -c '%a %u' . >> {report}\npwd >> {report}\n")
        os.chmod(fake, 0o755)
        env = dict(self.env, PATH=tools + ":" + os.environ["PATH"])
        os.mkdir(self.path("figures"))
        os.chmod(self.path("figures"), 0o777)
        for option, name in (("--figures", "figures"), ("--report", "page.html")):
            # The fake draws nothing, which a page minds.
            common.program(support.MERGE, "-q", self.path("out.h5"), option, self.path(name), env=env,
                           code=None)
            with open(report, encoding="utf-8") as file:
                mode, folder = file.read().splitlines()[:2]
            self.assertEqual(mode, f"700 {os.getuid()}")
            self.assertTrue(folder.startswith(self.temporary + "/"), folder)
            os.remove(report)
        self.assertEqual(support.ours(os.listdir(self.temporary)), [])

    def test_doctor(self):
        """In a folder that somebody else watches, exchanging the doctor's own folder for a link."""
        home = os.path.join(self.directory, "home")
        os.mkdir(home)
        names = ("lock", "writing", "exclusive", "rename-from", "rename-to", "litter", "out.h5")
        for name in names:
            support.write(os.path.join(home, name), "precious\n")
        exchanged = 0
        for _ in range(10):
            process = subprocess.Popen([support.IMAGRID, "doctor", self.shared], env=self.env,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            while process.poll() is None:
                for name in os.listdir(self.shared):
                    if name.startswith(".imagrid-doctor-"):
                        os.rename(self.path(name), self.path(f"moved-{exchanged}"))
                        os.symlink(home, self.path(name))
                        exchanged += 1
                        break
                else:
                    continue
                break
            process.communicate(timeout=60)
            for name in os.listdir(self.shared):
                if os.path.islink(self.path(name)):
                    os.remove(self.path(name))
        self.assertGreater(exchanged, 0)
        for name in names:
            with open(os.path.join(home, name), encoding="utf-8") as file:
                self.assertEqual(file.read(), "precious\n", name)
        self.assertEqual(sorted(os.listdir(home)), sorted(names))

    @unittest.skipUnless(os.getuid() == 0, "needs a second user")
    def test_in_a_sticky_folder(self):
        """What belongs to another user cannot be moved out of the way there, and is left alone: the
        program says so and ends with 4."""
        os.chmod(self.shared, 0o1777)
        os.chmod(self.directory, 0o755)
        os.chown(self.temporary, NOBODY, NOBODY)
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        mpi = os.path.join(self.directory, "mpi")
        os.chown(mpi, NOBODY, NOBODY)
        self.env.update(support.environment(mpi), TMPDIR=self.temporary)
        out = self.path("out.h5")
        open(out + ".partial", "w", encoding="utf-8").close()
        result = common.program(support.IMAGRID, "run", self.config, "-o", out, code=4,
                                env=self.env, **as_nobody)
        self.assertIn(b"cannot be removed", result.stderr)
        os.remove(out + ".partial")
        common.program(support.IMAGRID, "run", self.config, "-o", out, env=self.env, **as_nobody)
        os.mkdir(self.path("csv"))
        os.chmod(self.path("csv"), 0o1777)
        os.symlink(self.victim, self.path("csv/statistics.csv"))
        result = common.program(support.MERGE, "-q", out, "--csv", self.path("csv"), code=4,
                                env=self.env, **as_nobody)
        self.assertIn(b"statistics.csv", result.stderr)
        self.assertEqual(os.listdir(self.path("csv")), ["statistics.csv"])
        self.untouched()


if __name__ == "__main__":
    unittest.main(verbosity=2)
