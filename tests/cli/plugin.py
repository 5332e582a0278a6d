#!/usr/bin/env python3
"""Plugins: what is refused and how, and what becomes of a file when its plugin changes."""
import json
import os
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py

PLUGINS = os.environ["IMAGRID_PLUGINS"]
CONFIG = "experiment: half\nseeds: 3\nn: [3, 6, 12]\n"


def plugin(name):
    return os.path.join(PLUGINS, name + ".so")


def text_of(chars):
    return b"".join(chars).rstrip(b"\0").decode()


class Plugins(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.config = self.write("half.yaml", CONFIG)

    def run_it(self, name, *more, ranks=0, code=0, config=None):
        path = name if os.sep in name else plugin(name)
        return support.must(support.run(ranks, "run", "--plugin", path, config or self.config, "-o",
                                        self.out, *more), code)

    def tool(self, program, *arguments, code=0):
        return support.must(subprocess.run([program, *arguments], text=True, stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE, cwd=self.directory,
                                           env=support.environment(self.directory)), code)

    def test_every_command_takes_one(self):
        none = ("--plugin", plugin("none"))
        for command in ("check", "list"):
            support.must(support.run(0, command, self.config, *none))
            self.assertIn("unknown experiment", support.must(
                support.run(0, command, self.config), 2).stderr)
        text = support.must(support.run(0, "estimate", self.config, "--measure", "1s", *none)).stdout
        self.assertIn("9 tasks", text)
        self.assertIn("9 done", self.run_it("none", ranks=2).stdout)
        self.assertIn("9 done", support.must(support.run(0, "status", self.out, *none)).stdout)
        self.assertIn("0 failed rows", support.must(support.run(0, "retry", self.out, *none)).stdout)
        summary = os.path.join(self.directory, "summary.h5")
        self.assertIn("alpha", self.tool(support.MERGE, self.out, *none, "-o", summary).stdout)
        # It has fits, only not those of a purchase.
        plan = ("--fits", summary, "--cost-dyn", "1", "--cost-rew", "1", "--budget", "9",
                "--sensitivity", "1,1")
        self.assertIn("A_d", self.tool(support.PLAN, *plan, *none, code=2).stderr)
        # A summary says everything itself.
        self.assertIn("A_d", self.tool(support.PLAN, *plan, code=2).stderr)

    def test_what_is_wrong_is_refused(self):
        """With exit code 2 and the reason, before anything is written; by all ranks together."""
        for name, why in (("abi-version", "version 3 of the plugin interface, this is version 2"),
                          ("later", "uses members of ig_experiment that this imagrid does not know"),
                          ("no-symbol", "no symbol ig_plugin_v2"),
                          ("missing-function", "ig_there_is_no_such_function"),
                          ("no-name", "name and version"),
                          ("no-experiments", "brings 0 experiments"),
                          ("missing-experiment", "experiment 0 is missing"),
                          ("taken-name", "another experiment scaling, from imagrid itself"),
                          ("no-columns", "no columns"),
                          ("two-columns", "'half': there are two"),
                          ("bad-path", "fit of half: its axis"),
                          ("bad-cost", "predicts a cost of -1 for n=3"),
                          ("no-length", "dimension step the length 0")):
            with self.subTest(name):
                result = support.run(0, "check", "--plugin", plugin(name), self.config)
                self.assertIn(why, support.must(result, 2).stderr)
                # Starting ranks takes a while: those faults that are found at different places.
                for ranks in (0, 2) if name in ("later", "no-columns", "bad-cost") else ():
                    result = self.run_it(name, ranks=ranks, code=2)
                    self.assertEqual(result.stderr.count(why), 1)
                    self.assertEqual(result.stdout, "")
        self.assertEqual(os.listdir(self.directory), ["half.yaml"])

    def test_earlier_headers_serve(self):
        """What a plugin compiled with shorter structs does not have is zero: here the analyses."""
        self.assertIn("9 done", self.run_it("earlier").stdout)
        text = self.tool(support.MERGE, self.out, "--plugin", plugin("earlier")).stdout
        self.assertIn("mean", text)
        self.assertNotIn("alpha", text)

    def test_a_table_of_its_own(self):
        """Goes to every format like any other."""
        self.run_it("own-table")
        summary, folder, json_file = (os.path.join(self.directory, name)
                                      for name in ("summary.h5", "tables", "tables.json"))
        text = self.tool(support.MERGE, self.out, "--plugin", plugin("own-table"), "-o", summary, "--csv",
                         folder, "--latex", folder, "--json", json_file).stdout
        self.assertIn("Sums of halves", text)
        self.assertIn("A table of the plugin's own.", text)
        with open(os.path.join(folder, "sums.csv"), encoding="utf-8") as file:
            self.assertEqual(file.read().split(), ["n,rows,sum", "3,3,4.5", "6,3,9", "12,3,18"])
        with h5py.File(summary, "r") as file:
            self.assertEqual(list(file["sums_sum"]), [4.5, 9, 18])
        with open(json_file, encoding="utf-8") as file:
            tables = json.load(file)
        self.assertEqual(tables["sums"]["sum"], [4.5, 9, 18])
        # The axis is called n, as is the number of seeds.
        self.assertEqual((tables["statistics"]["n"], tables["statistics"]["n.1"]), ([3, 6, 12], [3, 3, 3]))
        self.assertIn("sums.tex", os.listdir(folder))

    def test_what_is_no_plugin_is_refused(self):
        os.mkfifo(os.path.join(self.directory, "pipe"))
        half = os.path.join(self.directory, "half.so")
        with open(plugin("none"), "rb") as whole, open(half, "wb") as out:
            out.write(whole.read()[:5000])
        for path, why in ((self.config, "not a shared object"), (self.directory, "regular file"),
                          (os.path.join(self.directory, "pipe"), "regular file"),
                          ("./nowhere.so", "No such file"), (support.IMAGRID, "cannot be loaded"),
                          (half, "cut short"), ("/lib/x86_64-linux-gnu/libm.so.6", "symbol")):
            with self.subTest(path):
                if os.path.exists(path) or path.startswith("."):
                    self.assertIn(why, self.run_it(path, code=2).stderr)
        result = support.run(0, "check", self.config, "--plugin")
        self.assertEqual(result.returncode, 2)
        support.must(support.run(0, "check", self.config, "--plugin", ""), 2)
        many = ["--plugin", plugin("none")] * 17
        self.assertIn("at most 16", support.must(support.run(0, "check", self.config, *many), 2).stderr)
        twice = ["--plugin", plugin("none")] * 2
        self.assertIn("another experiment half, from faulty 1",
                      support.must(support.run(0, "check", self.config, *twice), 2).stderr)

    def test_ranks_agree(self):
        """A path may be another file, or none, where another rank runs."""
        here, there = (os.path.join(self.directory, name) for name in ("here", "there"))
        for folder in (here, there):
            os.mkdir(folder)
        shutil.copy(plugin("none"), os.path.join(here, "mine.so"))
        # Not by "A : B", on which mpirun of Debian 13 (Open MPI 5.0.7) crashes.
        apart = ["sh", "-c", 'test ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} = 0 && cd here || cd there; exec "$@"', "sh"]
        for name, why in (("changed", "rank 1 on .* finds a different plugin file"),
                          (None, "rank 1: plugin mine.so: cannot be opened: No such file")):
            target = os.path.join(there, "mine.so")
            shutil.copy(plugin(name), target) if name else os.remove(target)
            result = self.tool(support.MPIEXEC, "-n", "2", *apart, support.IMAGRID, "run", "--plugin",
                               "mine.so", self.config, "-o", self.out, code=2)
            self.assertRegex(result.stderr, why)
        self.assertFalse(os.path.exists(self.out))

    def test_a_name_is_a_path_of_this_folder(self):
        """Never one that the loader would search for."""
        elsewhere = os.path.join(self.directory, "elsewhere")
        os.mkdir(elsewhere)
        shutil.copy(plugin("none"), os.path.join(elsewhere, "mine.so"))
        check = [support.IMAGRID, "check", self.config, "--plugin", "mine.so"]
        env = dict(support.environment(self.directory), LD_LIBRARY_PATH=elsewhere)
        code = subprocess.run(check, cwd=self.directory, env=env, stderr=subprocess.PIPE).returncode
        self.assertEqual(code, 2)
        support.must(subprocess.run(check, cwd=elsewhere, env=env, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE))

    def test_a_config_cannot_name_one(self):
        config = support.write(os.path.join(self.directory, "own.yaml"),
                               CONFIG + f"plugin: {plugin('none')}\n")
        self.assertIn("plugin: unknown key", self.run_it("none", config=config, code=2).stderr)

    def test_the_file_says_where_it_comes_from(self):
        self.run_it("none")
        with h5py.File(self.out, "r") as file:
            name, version, digest, path = file.attrs["plugin"].split(" ", 3)
            self.assertEqual((name, version, path), ("faulty", "1", os.path.realpath(plugin("none"))))
            self.assertRegex(digest, "^[0-9a-f]{32}$")
            self.assertEqual(text_of(file["provenance/plugin"][0]), file.attrs["plugin"][:256])
        for result in (support.run(0, "status", self.out), support.run(0, "retry", self.out)):
            self.assertIn("faulty 1 " + digest, support.must(result, 2).stderr)
            self.assertIn("--plugin", result.stderr)
        self.assertIn("--plugin", self.tool(support.MERGE, self.out, code=2).stderr)
        self.assertEqual(sorted(os.listdir(self.directory)), ["half.yaml", "out.h5"])
        # imagrid's own experiments need and record none, also where one is loaded.
        config = support.write(os.path.join(self.directory, "t.yaml"),
                               support.TINY.format(seeds=1, epochs=1))
        os.remove(self.out)
        self.run_it("none", config=config)
        with h5py.File(self.out, "r") as file:
            self.assertNotIn("plugin", file.attrs)
            self.assertNotIn("plugin", file["provenance"])
        support.must(support.run(0, "status", self.out))

    def test_another_build_is_noted(self):
        self.run_it("none", "--shard", "0/2")
        result = self.run_it("none", "--shard", "0/2")
        self.assertNotIn("rebuilt", result.stderr)
        result = self.run_it("changed", ranks=2)
        self.assertIn("rebuilt", result.stderr)
        with h5py.File(self.out, "r") as file:
            texts = [text_of(row) for row in file["provenance/plugin"][:3]]
            self.assertEqual(texts[0], texts[1])
            self.assertNotEqual(texts[0].split()[2], texts[2].split()[2])
            self.assertTrue((file["state"][()] == 1).all())

    def test_another_version_is_refused(self):
        self.run_it("none", "--shard", "0/2")
        before = support.results(self.out)
        for more in ((), ("--reuse", self.out)):
            kept, self.out = self.out, os.path.join(self.directory, "new.h5") if more else self.out
            result = self.run_it("version-2", *more, code=2)
            self.assertIn("rows of plugin faulty 1, this run of plugin faulty 2", result.stderr)
            self.out = kept
        support.assert_same(before, support.results(self.out), "a refused run")
        other = os.path.join(self.directory, "other.h5")
        support.must(support.run(0, "run", "--plugin", plugin("version-2"), self.config, "-o", other,
                                 "--shard", "1/2"))
        result = self.tool(support.MERGE, "--plugin", plugin("none"), self.out, other, code=2)
        self.assertIn("faulty 1", result.stderr)
        self.assertIn("faulty 2", result.stderr)

    def test_other_keys_or_columns_are_refused(self):
        self.run_it("none")
        before = support.results(self.out)
        self.assertIn("other: 0.5 there, 0.25 here", self.run_it("other-keys", code=2).stderr)
        for code, command in ((4, "status"), (4, "retry")):
            result = support.run(0, command, self.out, "--plugin", plugin("fewer-columns"))
            self.assertIn("additional columns: third", support.must(result, code).stderr)
        self.run_it("fewer-columns", code=4)
        support.assert_same(before, support.results(self.out), "refused runs")

    def test_stops_and_resumes(self):
        arguments = support.command(2, "run", "--plugin", plugin("slow"), self.config, "-o", self.out)
        process = subprocess.Popen(arguments, env=support.environment(self.directory),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        support.wait_until(lambda: os.path.exists(self.out))
        time.sleep(0.7)
        process.kill()
        process.communicate()
        support.wait_until(lambda: support.run(0, "retry", "--plugin", plugin("slow"),
                                               self.out).returncode == 0)
        self.assertIn("9 done", self.run_it("slow", ranks=2).stdout)


unittest.main()
