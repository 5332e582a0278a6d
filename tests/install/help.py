#!/usr/bin/env python3
"""Help texts, parsing, manual pages and completions say the same.

usage: help.py BUILD-DOCS     the folder with the pages and completions
"""
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

MADE = sys.argv[1]
COMMANDS = ("run", "check", "list", "estimate", "doctor", "status", "retry", "salvage", "merge", "plan", "data")
PROGRAMS = {"imagrid-merge": support.MERGE, "imagrid-plan": support.PLAN}
COMPLETE = """
source "$1"; function=$2; shift 2
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
$function
printf '%s\\n' "${COMPREPLY[@]}"
"""


def call(name, *arguments):
    command = [PROGRAMS[name]] if name in PROGRAMS else [support.IMAGRID, name]
    return subprocess.run([*command, *arguments], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


def help_of(name):
    return support.must(call(name, "--help")).stdout


def options_of(name):
    """Option -> its argument or "", from the lines of --help that describe one."""
    found = re.findall(r"(?m)^ +(?:-\w, )?--([\w-]+)( \S+)?(?:  |$)", help_of(name))
    return {option: argument.strip() for option, argument in found}


def complete(*words, cwd=None):
    """What bash would offer for the last word."""
    function = "_" + words[0].replace("-", "_") + "_complete"
    script = os.path.join(MADE, words[0])
    result = subprocess.run(["bash", "--norc", "-c", COMPLETE, "bash", script, function, *words],
                            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd)
    if result.stderr:
        raise AssertionError(result.stderr)
    return [word for word in result.stdout.split("\n") if word]


class Help(unittest.TestCase):
    def test_help_tells_which_options_take_an_argument(self):
        for name in (*COMMANDS, *PROGRAMS):
            options = options_of(name)
            self.assertLessEqual({"help", "version"}, set(options))
            for option, argument in options.items():
                if argument.startswith("["):
                    continue
                words = [f"--{option}"] if argument else [f"--{option}=x"]
                says = f"--{option} " + ("needs an argument" if argument else "takes no argument")
                result = support.must(call(name, *words), 2)
                self.assertIn(says, result.stderr, name)
                self.assertEqual(result.stdout, "", name)

    def test_help_fits_a_terminal(self):
        for name in COMMANDS:
            text = help_of(name)
            self.assertLess(max(map(len, text.splitlines())), 81, name)
            for part in ("usage: ", "\nexamples:\n", "\nexit codes:\n  0   "):
                self.assertIn(part, text, name)
        for name in PROGRAMS:
            self.assertEqual(help_of(name), help_of(name.removeprefix("imagrid-")))

    def test_every_option_is_in_manual_and_completion(self):
        for name in (*COMMANDS, *PROGRAMS):
            program = name if name in PROGRAMS else "imagrid"
            with open(os.path.join(MADE, program + ".1"), encoding="utf-8") as file:
                page = file.read().replace("\\", "")
            before = [] if name in PROGRAMS else [name]
            offered = complete(program, *before, "--")
            for option in options_of(name):
                self.assertIn(f"fB--{option}fR", page, name)
                self.assertIn("--" + option, offered, name)

    def test_the_manual_is_well_formed(self):
        tools = [tool for tool in (["mandoc", "-T", "lint", "-W", "warning"], ["man", "--warnings", "-l"])
                 if shutil.which(tool[0])]
        if not tools:
            self.skipTest("neither mandoc nor man")
        for page in ("imagrid.1", "imagrid-merge.1", "imagrid-plan.1"):
            for tool in tools:
                result = subprocess.run([*tool, os.path.join(MADE, page)], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="80"))
                complaints = result.stdout if tool[0] == "mandoc" else result.stderr
                self.assertEqual((result.returncode, complaints), (0, ""), page)

    def test_commands_are_completed(self):
        commands = complete("imagrid", "")
        self.assertEqual(set(commands), {*COMMANDS, "--help", "--version"})
        self.assertEqual(complete("imagrid", "st"), ["status"])
        self.assertEqual(complete("imagrid", "run", "--isa", ""), ["auto", "portable", "avx2", "avx512", "neon", "sve256", "sve512"])
        self.assertEqual(complete("imagrid", "run", "--isa", "=", "avx2"), ["avx2"])
        self.assertEqual(complete("imagrid", "run", "--isa", "="), ["auto", "portable", "avx2", "avx512", "neon", "sve256", "sve512"])
        self.assertEqual(complete("imagrid", "run", "--steal"), ["--steal-lock"])
        self.assertEqual(complete("imagrid", "run", "--time-limit", ""), [])
        self.assertEqual(complete("imagrid", "nothing", ""), [])

    def test_files_are_completed(self):
        with support.scratch() as directory:
            for name in ("grid.yaml", "two words.yaml", "out.h5", "mine.so", "curve.csv", "hopper.hdf5"):
                support.write(os.path.join(directory, name), "")
            os.mkdir(os.path.join(directory, "folder"))
            for words, wanted in (
                    (("imagrid", "run", ""), {"grid.yaml", "two words.yaml", "folder"}),
                    (("imagrid", "check", "gr"), {"grid.yaml"}),
                    (("imagrid", "status", ""), {"out.h5", "folder"}),
                    (("imagrid", "retry", ""), {"out.h5", "folder"}),
                    (("imagrid", "doctor", ""), {"folder"}),
                    (("imagrid", "run", "--plugin", ""), {"mine.so", "folder"}),
                    (("imagrid", "run", "--plugin", "=", "m"), {"mine.so"}),
                    (("imagrid", "run", "--reuse", ""), {"out.h5", "folder"}),
                    (("imagrid", "merge", ""), {"out.h5", "folder"}),
                    (("imagrid", "merge", "--report", "g"), set()),
                    (("imagrid", "plan", "--fits", ""), {"out.h5", "folder"}),
                    (("imagrid", "plan", ""), set()),
                    (("imagrid", "data", "h"), {"hopper.hdf5"}),
                    (("imagrid-merge", ""), {"out.h5", "folder"}),
                    (("imagrid-merge", "--figures", ""), {"folder"}),
                    (("imagrid-merge", "-o", "o"), {"out.h5"}),
                    (("imagrid-plan", "--curve", "c"), {"curve.csv"}),
                    (("imagrid-plan", "--figures", ""), {"folder"})):
                with self.subTest(words):
                    self.assertEqual(set(complete(*words, cwd=directory)), wanted)

    def test_bash_completion_finds_it(self):
        loader = "/usr/share/bash-completion/bash_completion"
        if not os.path.exists(loader):
            self.skipTest("the package bash-completion is missing")
        with support.scratch() as directory:
            os.makedirs(directory + "/bash-completion/completions")
            for name in ("imagrid", "imagrid-merge"):
                shutil.copy(os.path.join(MADE, name), directory + "/bash-completion/completions")
            script = f"source {loader}; _completion_loader imagrid-merge; complete -p imagrid-merge"
            result = subprocess.run(["bash", "--norc", "-c", script], text=True,
                                    stdout=subprocess.PIPE, env=dict(os.environ, XDG_DATA_DIRS=directory))
            self.assertIn("-F _imagrid_merge_complete imagrid-merge", result.stdout)


unittest.main(argv=sys.argv[:1])
