#!/usr/bin/env python3
"""Every broken configuration gets a message that says what is wrong where, exit code 2, no file."""
import glob
import os
import re
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import support


def expected(path):
    """The regular expression of a `# expect:` line, or of the .expect file beside it."""
    beside = path[:-len(".yaml")] + ".expect"
    with open(beside if os.path.exists(beside) else path, encoding="utf-8") as file:
        return re.search(r"^# expect: (.*)$", file.read(), re.MULTILINE).group(1)


class Broken(unittest.TestCase):
    def reject(self, path, pattern):
        for arguments in (["check", path], ["run", path, "-o", "out.h5"]):
            with support.scratch() as directory:
                result = support.run(0, *arguments, cwd=directory, timeout=60)
                self.assertEqual(result.returncode, 2, (path, result.stderr))
                self.assertRegex(result.stderr, pattern)
                self.assertTrue(result.stderr.isprintable() or "\n" in result.stderr)
                self.assertEqual(os.listdir(directory), [])

    def test_corpus(self):
        corpus = sorted(glob.glob(os.path.join(HERE, "broken-configs", "*.yaml")))
        self.assertGreaterEqual(len(corpus), 26)
        for path in corpus:
            with self.subTest(os.path.basename(path)):
                self.reject(path, expected(path))
        print(f"{len(corpus)} broken configurations rejected")

    def test_what_is_no_file(self):
        with support.scratch() as directory:
            self.reject(os.path.join(directory, "absent.yaml"), "absent.yaml: .*[Nn]o such file")
            self.reject(directory, "directory")
            fifo = os.path.join(directory, "fifo.yaml")
            os.mkfifo(fifo)
            self.reject(fifo, "pipe")

    def test_huge_scalar(self):
        with support.scratch() as directory:
            path = support.write(os.path.join(directory, "huge.yaml"), "experiment: scaling\nseeds: ")
            os.truncate(path, 1 << 30)
            self.reject(path, "huge.yaml.*(large|long|MiB|bytes)")

    def test_position_counts_from_one(self):
        with support.scratch() as directory:
            path = support.write(os.path.join(directory, "a.yaml"),
                                 "experiment: scaling\nseeds: 2\nanchors: [10, -5]\n")
            result = support.run(0, "check", path)
            self.assertRegex(result.stderr, r"a\.yaml:3:15: anchors: .*-5")

    def test_good_ones_pass(self):
        for path in glob.glob(os.path.join(support.SOURCE, "configs", "**", "*.yaml"),
                              recursive=True):
            with self.subTest(path):
                support.must(support.run(0, "check", path))


unittest.main()
