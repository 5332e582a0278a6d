#!/usr/bin/env python3
"""Every option once: what is accepted, what is rejected and how; a rejection changes nothing."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

COMMANDS = ("run", "check", "list", "estimate", "status", "retry", "doctor", "merge", "plan", "data")


class Options(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.config = self.tiny(2, 2)

    def call(self, code, program, *arguments, stdout=subprocess.PIPE, **env):
        result = subprocess.run([program, *map(str, arguments)], text=True, stdout=stdout,
                                stderr=subprocess.PIPE, cwd=self.directory,
                                env=dict(support.environment(self.directory), **env))
        return support.must(result, code)

    def imagrid(self, code, *arguments, **more):
        return self.call(code, support.IMAGRID, *arguments, **more)

    def make(self):
        self.imagrid(0, "run", self.config, "-o", self.out, "--quiet")

    def test_versions_agree(self):
        version = self.imagrid(0, "--version").stdout.splitlines()[0]
        self.assertRegex(version, r"^imagrid \d+\.\d+\.\d+")
        for command in COMMANDS:
            for option in ("--version", "-V"):
                self.assertEqual(self.imagrid(0, command, option).stdout, version + "\n")
        for program in (support.MERGE, support.PLAN):
            self.assertIn(version.split()[1], self.call(0, program, "--version").stdout)

    def test_help_of_all(self):
        for word in ("--help", "-h", "help"):
            text = self.imagrid(0, word).stdout
            for command in COMMANDS:
                self.assertRegex(text, rf"(?m)^  {command} +\S")

    def test_unknown_options(self):
        for command in COMMANDS:
            result = self.imagrid(2, command, "--no-such-option", self.config)
            self.assertIn("no-such-option", result.stderr)
            self.assertIn(f"imagrid {command} --help", result.stderr)
            self.assertEqual(result.stdout, "")
            self.assertIn("'-Z'", self.imagrid(2, command, "-Z").stderr)
        for program in (support.MERGE, support.PLAN):
            result = self.call(2, program, "--no-such-option")
            self.assertIn("--no-such-option", result.stderr)
            self.assertIn(os.path.basename(program) + " --help", result.stderr)
        for wrong, right in (("--outptu", "--output"), ("--time-limt", "--time-limit")):
            self.assertIn(f"did you mean {right}?", self.imagrid(2, "run", wrong, "x").stderr)
        self.assertIn("did you mean check?", self.imagrid(2, "chek").stderr)

    def test_first_rank_answers_for_all(self):
        for words, code in ((("chek",), 2), ((), 2), (("--help",), 0), (("--version",), 0)):
            first = self.imagrid(code, *words, OMPI_COMM_WORLD_RANK="0")
            self.assertNotEqual(first.stdout + first.stderr, "")
            other = self.imagrid(0, *words, OMPI_COMM_WORLD_RANK="1")
            self.assertEqual(other.stdout + other.stderr, "")

    def test_other_names_are_the_same_commands(self):
        self.make()
        purchase = ("--curve", self.write("own.csv", "kind,n,error\n" + "".join(
            f"{kind},{n},{n ** -0.5}\n" for kind in ("dynamics", "reward") for n in (10, 100, 1000))),
            "--cost-dyn", 1, "--cost-rew", 2, "--budget", "1e4", "--sensitivity", "1,1")
        for program, command, words in ((support.MERGE, "merge", (self.out,)), (support.PLAN, "plan", purchase)):
            for arguments in (words, ("--help",), ("--version",)):
                self.assertEqual(self.call(0, program, *arguments).stdout,
                                 self.imagrid(0, command, *arguments).stdout)
            for name, *before in ((program,), (support.IMAGRID, command)):
                says = " ".join([os.path.basename(name), *before]) + ": "
                result = self.call(2, name, *before)
                self.assertTrue(result.stderr.startswith(says), result.stderr)

    def test_no_operands(self):
        for command, missing in (("run", "configuration file"), ("check", "configuration file"),
                                 ("list", "configuration file"), ("estimate", "configuration file"),
                                 ("status", "result file"), ("retry", "result file"), ("merge", "input files")):
            self.assertIn(f"no {missing} given", self.imagrid(2, command).stderr)
        self.assertIn("'two'", self.imagrid(2, "doctor", "one", "two").stderr)
        self.assertIn("'one'", self.imagrid(2, "plan", "one").stderr)

    def test_options_may_stand_anywhere(self):
        """Before, between and after operands, also where POSIX would have them first only."""
        for env in ({}, {"POSIXLY_CORRECT": "1"}):
            self.imagrid(0, "run", self.config, "-o", self.out, "--quiet", **env)
            os.remove(self.out)
            self.imagrid(0, "run", "-qo", self.out, self.config, **env)
            os.remove(self.out)
            self.imagrid(0, "run", f"--out={self.out}", self.config, "--max-fails=3", "--qui", **env)
            self.imagrid(0, "merge", self.out, "--resamples", 2, self.out, "-q", **env)
            self.call(0, support.MERGE, self.out, "--resamples", 2, "-q", self.out, **env)
            self.assertIn("ambiguous", self.imagrid(2, "merge", self.out, "--re", "x", **env).stderr)
            os.remove(self.out)
        # Behind "--" nothing is an option.
        named = os.path.join(self.directory, "--quiet")
        os.rename(self.config, named)
        self.imagrid(0, "check", "--", "--quiet")
        self.imagrid(2, "check", "--quiet")

    def test_rejected_values_of_run(self):
        for words, says in ((("--max-fails", "few"), "--max-fails: 'few'"),
                            (("--max-fails", "-1"), "--max-fails: '-1'"),
                            (("--reuse", "x.h5") * 65, "--reuse: at most 64 files"),
                            (("--plugin", "x.so") * 17, "--plugin: at most 16"),
                            (("--shard", "2/2"), "--shard: "),
                            (("--isa", "mmx"), "--isa: 'mmx'"),
                            (("--time-limit", "soon"), "--time-limit: 'soon'"),
                            (("--quiet=1",), "--quiet takes no argument"),
                            (("--shard",), "--shard needs an argument")):
            self.assertIn(says, self.imagrid(2, "run", self.config, "-o", self.out, *words).stderr)
            self.assertFalse(os.path.exists(self.out))

    def test_rejected_values_of_others(self):
        for command, words, says in (
                ("merge", ("--interval", "wide"), "--interval: 'wide'"),
                ("plan", ("--cost-dyn", "-1"), "--cost-dyn: '-1'"),
                ("plan", ("--gamma", "1"), "--gamma: '1'"),
                ("plan", ("--lipschitz", "1,2"), "--lipschitz: expected 3 numbers"),
                ("plan", ("--sensitivity", "1,x"), "--sensitivity: 'x'"),
                ("plan", ("--resamples", "99"), "--resamples: '99'"),
                ("estimate", ("--ranks", "4,"), "--ranks: "),
                ("estimate", ("--walltime", "0"), "--walltime: '0'"),
                ("status", ("--watch=never",), "--watch: 'never'")):
            self.assertIn(says, self.imagrid(2, command, *words, "x").stderr)

    def test_only_run_starts_mpi(self):
        """Where MPI_Init fails, everything else still works: on login nodes, in notebooks."""
        self.make()
        broken = {"OMPI_MCA_pml": "none", "PMI_PORT": "localhost:1"}
        for words in (("check", self.config), ("list", self.config), ("status", self.out),
                      ("retry", self.out), ("merge", "-q", self.out), ("doctor",),
                      ("estimate", self.config, "--measure", "0.1")):
            self.imagrid(0, *words, **broken)
        other = os.path.join(self.directory, "other.h5")
        # Open MPI 5 and MPICH end the process themselves, with codes of their own.
        with self.assertRaisesRegex(AssertionError, "ended with (1|14|15), wanted 0"):
            self.imagrid(0, "run", self.config, "-o", other, **broken)
        self.assertFalse(os.path.exists(other))

    def test_only_the_first_rank_answers(self):
        for command in ("run", "doctor"):
            for words, code in ((("--help",), 0), (("--no-such-option",), 2)):
                result = support.must(support.run(3, command, *words), code)
                text = result.stdout + result.stderr
                self.assertEqual(text.count("usage: ") + text.count("unknown option"), 1, text)

    def test_conditions_of_retry(self):
        self.make()
        many = [word for n in range(33) for word in ("--where", "anchor=40")]
        self.assertIn("at most 32", self.imagrid(2, "retry", self.out, *many).stderr)
        self.assertIn("0", self.imagrid(0, "retry", self.out, *many[:64]).stdout)

    def test_a_lock_of_another_host(self):
        """Held by nobody who can be asked: rejected, unless the user knows better."""
        lock = self.write("out.h5.lock", "host elsewhere.example\npid 4711\nstart 1\n")
        result = self.imagrid(4, "run", self.config, "-o", self.out)
        self.assertIn("elsewhere.example", result.stderr)
        self.assertFalse(os.path.exists(self.out))
        self.imagrid(0, "run", self.config, "-o", self.out, "--steal-lock")
        self.assertFalse(os.path.exists(lock))
        self.assertIn("6 done", self.imagrid(0, "status", self.out).stdout)

    def test_reuse_of_another_experiment(self):
        """Nothing of it fits: rejected before a file is made."""
        self.make()
        other = self.write("other.yaml", "experiment: calibration\nseeds: 1\narm: synthetic_generic\n"
                           "gamma: 0.5\nkappa: 0.5\ndims: {state: 2}\n")
        new = os.path.join(self.directory, "new.h5")
        result = self.imagrid(2, "run", other, "-o", new, "--reuse", self.out)
        self.assertIn("holds experiment scaling, this run holds calibration", result.stderr)

    def test_reuse_of_shorter_curves_from_a_longer_file(self):
        """The old file's curves have room for 3 epochs; those of 2 end in filling, which is cut."""
        long = self.write("long.yaml", support.TINY.format(seeds=2, epochs="[2, 3]"))
        self.imagrid(0, "run", long, "-o", self.out)
        new, fresh = (os.path.join(self.directory, name) for name in ("new.h5", "fresh.h5"))
        text = self.imagrid(0, "run", self.config, "-o", new, "--reuse", self.out).stderr
        self.assertIn("6 finished tasks taken over", text)
        self.imagrid(0, "run", self.config, "-o", fresh)
        support.assert_same(support.results(new), support.results(fresh), "reused and computed")

    def test_resamples(self):
        self.make()
        for number in ("1", "10000001", "many", "2.5", "1e9", ""):
            self.assertIn("--resamples", self.call(2, support.MERGE, self.out, "--resamples",
                                                   number).stderr)
        few = self.call(0, support.MERGE, self.out, "--resamples", "2").stdout
        self.assertEqual(self.call(0, support.MERGE, self.out, "--resamples", "1e2").stdout,
                         self.call(0, support.MERGE, self.out, "--resamples", "100").stdout)
        self.assertNotEqual(few, self.call(0, support.MERGE, self.out).stdout)

    def test_long_grids_are_cut(self):
        anchors = ", ".join(str(40 + n) for n in range(60))
        config = self.write("long.yaml", support.TINY.format(seeds=1, epochs=1).replace(
            "[40, 80, 160]", f"[{anchors}]"))
        text = self.imagrid(0, "list", config).stdout
        self.assertIn("... and 10 more grid points", text)
        self.assertIn("anchors=89", text)
        self.assertNotIn("anchors=90", text)

    def test_output_that_cannot_be_written(self):
        """A full disk behind a redirection is not success."""
        self.make()
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.assertIn("standard output", self.imagrid(4, "list", self.config, stdout=full).stderr)
            self.assertIn("standard output",
                          self.call(4, support.MERGE, self.out, stdout=full).stderr)
            for program in (support.IMAGRID, support.MERGE, support.PLAN):
                for option in ("--help", "--version"):
                    self.assertIn("standard output", self.call(4, program, option, stdout=full).stderr)


unittest.main()
