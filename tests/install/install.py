#!/usr/bin/env python3
"""An installed imagrid, with the build and the source out of sight: what docs/extending.md walks
through, a kill in the middle, and the other programs.

usage: install.py MESON BUILD

The installation was staged (DESTDIR) and then moved, so nothing in it lies where it was configured to.
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py

MESON, BUILD = sys.argv[1:3]
EXPECTED = """bin/imagrid bin/imagrid-merge bin/imagrid-plan include/imagrid/plugin.h
include/imagrid/rng.h share/pkgconfig/imagrid.pc share/man/man1/imagrid.1 share/man/man1/imagrid-merge.1
share/man/man1/imagrid-plan.1 share/bash-completion/completions/imagrid
share/bash-completion/completions/imagrid-merge share/bash-completion/completions/imagrid-plan
share/doc/imagrid/README.md share/doc/imagrid/configs/quick/curvature.yaml
share/doc/imagrid/configs/paper/scaling.yaml share/doc/imagrid/jobs/array.sbatch
share/doc/imagrid/docs/format.md share/doc/imagrid/docs/extending.md
share/doc/imagrid/docs/examples/pendulum/pendulum.c""".split()


def install(directory):
    """The folder under which everything now lies, as the prefix would."""
    env = dict(os.environ, DESTDIR=directory)
    support.must(subprocess.run([MESON, "install", "-C", BUILD, "--no-rebuild", "--quiet"], env=env,
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    program, = glob.glob(directory + "/**/bin/imagrid", recursive=True)
    return os.path.dirname(os.path.dirname(program))


def hiding():
    """The command before a command that sees neither build nor source; empty where not allowed."""
    script = "".join(f"mount -t tmpfs none '{path}' && " for path in (BUILD, support.SOURCE))
    unshare = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    before = unshare + ["sh", "-c", script + 'exec "$@"', "sh"]
    try:
        works = subprocess.run(before + ["true"], stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        works = False
    if not works:
        print("namespaces are not allowed here: build and source stay in sight")
    return before if works else []


def walk():
    """The commands of the page, and its lines of C."""
    with open(os.path.join(support.SOURCE, "docs", "extending.md"), encoding="utf-8") as page:
        text = page.read()
    commands = re.findall(r"(?m)^    \$ (.*)$", text)
    code = [line.strip() for line in re.findall(r"(?m)^        (\S?.*)$", text)]
    return commands, [line for line in code if line]


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = support.enter_for_class(cls)
        cls.staged = install(os.path.join(cls.directory, "dest"))
        cls.prefix = os.path.join(cls.directory, "moved")
        shutil.copytree(cls.staged, cls.prefix, symlinks=True)
        cls.doc = os.path.join(cls.prefix, "share", "doc", "imagrid")
        cls.env = support.environment(cls.directory)
        cls.env.update(PATH=cls.prefix + "/bin:" + cls.env["PATH"],
                       PKG_CONFIG_PATH=cls.prefix + "/share/pkgconfig")
        cls.hide = hiding()

    def work(self, name):
        path = os.path.join(self.directory, name)
        os.mkdir(path)
        return path

    def shell(self, script, cwd, code=0):
        return support.must(subprocess.run([*self.hide, "bash", "-ec", script], cwd=cwd, env=self.env,
                                           text=True, stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE), code)

    def test_everything_has_its_place(self):
        for pattern in EXPECTED:
            self.assertTrue(glob.glob(os.path.join(self.prefix, pattern)), pattern)
        for name in ("imagrid-merge", "imagrid-plan"):
            self.assertEqual(os.readlink(os.path.join(self.prefix, "bin", name)), "imagrid")
        headers = os.listdir(os.path.join(self.prefix, "include", "imagrid"))
        self.assertFalse({"store.h", "report.h"} & set(headers), "the programs do not export these")

    def test_a_plugin_is_built_from_a_staged_tree(self):
        script = f"""export PATH={self.staged}/bin:$PATH PKG_CONFIG_PATH={self.staged}/share/pkgconfig
            cp "$(pkg-config --variable=docdir imagrid)"/docs/examples/pendulum/* .
            cc -O2 -Wall -shared -fPIC pendulum.c -o pendulum.so $(pkg-config --cflags imagrid) -lm
            imagrid check --plugin pendulum.so pendulum.yaml"""
        self.assertIn(self.staged, self.shell("set -x\n" + script, self.work("staged")).stderr)

    def test_libraries_are_found_beside_the_program(self):
        """Those of the same tree before the system's, and the tree may lie anywhere."""
        program = os.path.join(self.prefix, "bin", "imagrid")
        before = self.shell(f"ldd {program}", self.directory).stdout
        path = re.search(r"libyaml\S* => (\S+)", before)
        if not path:
            self.skipTest("linked with a static libyaml")
        folder = os.path.join(self.prefix, "lib")
        os.makedirs(folder, exist_ok=True)
        copy = shutil.copy(path.group(1), folder)
        self.addCleanup(os.remove, copy)
        name = os.path.basename(copy)
        after = self.shell(f"ldd {program}; {program} --version", self.directory).stdout
        self.assertRegex(after, rf"{re.escape(name)} => {re.escape(self.prefix)}/\S*{re.escape(name)}")

    def test_no_text_leads_back(self):
        """Nothing that is read later may name the place where it was built."""
        texts = [os.path.join(folder, name) for part in ("share", "include", "lib")
                 for folder, _, names in os.walk(os.path.join(self.prefix, part)) for name in names]
        self.assertGreater(len(texts), 30)
        for path in texts:
            with open(path, "rb") as file:
                content = file.read()
            for place in (BUILD, support.SOURCE):
                self.assertNotIn(place.encode(), content, path)
        with open(os.path.join(self.doc, "jobs", "array.sbatch"), encoding="utf-8") as job:
            self.assertIn("IMAGRID:-imagrid}", job.read())

    def test_the_page_walks_through(self):
        """docs/extending.md, command by command; then the same with a kill in the middle."""
        commands, code = walk()
        self.assertGreater(len(commands), 7)
        with open(os.path.join(self.doc, "docs/examples/pendulum/pendulum.c"), encoding="utf-8") as c:
            lines = [line.strip() for line in c]
        self.assertLess(len(lines), 180)
        for line in code:
            self.assertTrue(any(line in known for known in lines), line)
        work = self.work("walk")
        result = self.shell("\n".join(commands), work)
        self.assertIn("80 done, 0 failed, 0 left", result.stdout)
        self.assertRegex(result.stdout, r"alpha +dynamics_mse +damping=\S+ +40 +0 +0 +[12]\.\d+")
        self.assertRegex(result.stdout, r"reward labels +\d+ +\[")
        self.assertEqual(result.stderr.count("warning"), 0, result.stderr)
        mine = os.path.join(work, "my-pendulum")
        for name, size in (("tables/statistics.csv", 1000), ("tables/fits.csv", 200),
                           ("figures/pendulum.png", 10000), ("figures/pendulum.svg", 10000),
                           ("summary.h5", 1000)):
            self.assertGreater(os.path.getsize(os.path.join(mine, name)), size)
        with h5py.File(os.path.join(mine, "pendulum.h5"), "r") as file:
            self.assertEqual(file["dynamics_mse"].attrs["units"], "s-2")
            self.assertIn("pendulum 1.0 ", file.attrs["plugin"])
        self.kill_and_resume(mine, [c for c in commands if " run " in c][0])

    def kill_and_resume(self, mine, command):
        """More seeds, so that there is a middle; then the bytes of a run that nobody disturbed."""
        path = os.path.join(mine, "pendulum.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        support.write(path, text.replace("seeds: 8", "seeds: 120"))
        command = command.replace("pendulum.h5", "killed.h5")
        out = os.path.join(mine, "killed.h5")
        process = subprocess.Popen([*self.hide, "bash", "-c", "exec " + command], cwd=mine,
                                   env=self.env, start_new_session=True, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)

        def some_done():
            try:
                with h5py.File(out, "r", locking=False) as file:
                    return (file["state"][()] == 1).any()
            except OSError:
                return False

        support.wait_until(some_done)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        status = "imagrid status --plugin pendulum.so killed.h5"
        text = self.shell(status, mine).stdout
        self.assertRegex(text, r"killed.h5: [1-9]\d* done, 0 failed, [1-9]\d* left of 1200")
        # mpirun's death reaches its ranks a moment later.
        support.wait_until(lambda: subprocess.run([*self.hide, "bash", "-c", command], cwd=mine,
                                                  env=self.env, stdout=subprocess.DEVNULL,
                                                  stderr=subprocess.DEVNULL).returncode == 0)
        self.assertIn("1200 done, 0 failed, 0 left", self.shell(status, mine).stdout)
        self.shell("imagrid run -q --plugin pendulum.so pendulum.yaml -o whole.h5", mine)
        support.assert_same(support.results(os.path.join(mine, "whole.h5")), support.results(out),
                            "a killed run and a whole one")

    def test_the_programs_find_what_they_need(self):
        work = self.work("programs")
        self.curve(work)
        result = self.shell(
            f"""imagrid --version
            imagrid doctor .
            imagrid run -q {self.doc}/configs/quick/curvature.yaml -o curvature.h5
            imagrid-merge curvature.h5 -o summary.h5 --csv tables --figures figures
            imagrid-plan --curve curve.csv --cost-dyn 1 --cost-rew 2 --budget 1e5 --sensitivity 1,1 \
                --figures plan""", work)
        self.assertIn("holds on", result.stdout)
        if self.hide:
            self.shell(f"! test -e '{BUILD}/src' && ! test -e '{support.SOURCE}/src'", work)
        for name in ("figures/curvature.png", "figures/curvature.svg", "plan/plan.png"):
            self.assertGreater(os.path.getsize(os.path.join(work, name)), 10000)

    @staticmethod
    def curve(work):
        rows = [f"{kind},{n},{2 * n ** -slope}" for kind, slope in (("dynamics", 0.3), ("reward", 0.5))
                for n in (100, 1000, 10000)]
        return support.write(os.path.join(work, "curve.csv"), "kind,n,error\n" + "\n".join(rows) + "\n")


if not shutil.which("pkg-config") or not shutil.which("cc"):
    print("skipped: no pkg-config or no compiler named cc")
    sys.exit(77)
unittest.main(argv=sys.argv[:1])
