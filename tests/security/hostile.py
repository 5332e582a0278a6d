#!/usr/bin/env python3
"""Hostile texts - of a plugin, a result file, a configuration, paths - taken through everything that
shows them: nothing of them becomes markup, a command or a terminal's control sequence."""
import csv
import html.parser
import json
import os
import re
import subprocess
import unittest
import xml.etree.ElementTree

import common
import support
from support import h5py, np

# As in hostile.c.
TEXT = ("'; system(\"touch pwned\") # `touch pwned` $(touch pwned) @x \"; !touch pwned "
        "</text></td><script>alert(1)</script>\" onload=\"alert(1) \\input{pwned} ^^5c %s%n & {}, x")
CONFIG = "experiment: hostile\nseeds: 3\nn: [1, 2, 4]\nkind: [good, bad]\n"
PATH = "'; system(\"touch pwned\") # `touch pwned` $(touch pwned) \x1b[31m\x9b\n<img src=x onerror=y>"

TAGS = set("html head meta title style body header h1 h2 p span nav a dl div dt dd main section "
           "figure figcaption img table thead tbody tr th td ul li pre".split())
ATTRIBUTES = set("lang charset name content http-equiv class id href role tabindex aria-label "
                 "aria-labelledby alt src scope".split())
EMPTY = {"meta", "img"}


class Page(html.parser.HTMLParser):
    """What a browser would see: elements, their attributes, and texts."""

    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.values, self.elements = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, attrs))
        self.values += [value for _, value in attrs if value]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise AssertionError(f"</{tag}> ends nothing")

    def handle_data(self, data):
        self.texts.append(data)


def tex_faults(text, columns):
    """What is wrong with a table, seen as TeX would: commands other than ours, loose specials."""
    faults = []
    for line in text.splitlines():
        if line.startswith("%"):
            continue
        line = re.sub(r"\\text(backslash|asciitilde|asciicircum|less|greater|bar|quotedbl)\{\}", "x", line)
        line = re.sub(r"\\[{}$&#_%]", "x", line)
        line = re.sub(r"\$(-|\\times 10\^\{-?\d+\})\$", "x", line)
        line = re.sub(r"^\\(begin|end)\{tabular\}(\{[lr]+\})?$|^\\(top|mid|bottom)rule$", "", line)
        line = re.sub(r" \\\\$", "", line)
        line = line.replace("{}", "")
        if re.search(r"[\\{}$#_^~%]", line) or line and line.count("&") != columns - 1:
            faults.append(line)
    return faults


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        context = support.scratch()
        cls.directory = context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)
        cls.plugin = ("--plugin", common.HOSTILE)
        cls.temporary = cls.path("tmp")
        os.mkdir(cls.temporary)
        cls.env = dict(support.environment(cls.temporary), TMPDIR=cls.temporary)
        cls.config = support.write(cls.path("hostile.yaml"), CONFIG)
        cls.out = cls.path("out.h5")
        cls.call(support.IMAGRID, "run", cls.config, "-o", cls.out, *cls.plugin, code=3)
        tiny = support.write(cls.path("tiny.yaml"), support.TINY.format(seeds=3, epochs=2))
        cls.tiny = cls.path("tiny.h5")
        cls.call(support.IMAGRID, "run", tiny, "-o", cls.tiny)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory, name)

    @classmethod
    def call(cls, *arguments, code=0, **env):
        """Run, and look at what a terminal would get, and whether anything was commanded."""
        result = common.program(*arguments, code=code, env=dict(cls.env, **env), cwd=cls.directory)
        common.assert_tame(result)
        for folder, _, files in os.walk(cls.directory):
            if "pwned" in files:
                raise AssertionError(f"{arguments}: a command ran in {folder}")
        return result

    def page(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            page = Page(file.read())
        self.assertEqual(page.open, [])
        for tag, attributes in page.elements:
            self.assertIn(tag, TAGS)
            for attribute, value in attributes:
                self.assertIn(attribute, ATTRIBUTES, tag)
                if attribute == "href":
                    self.assertRegex(value, "^#[a-z]+$")
                elif attribute == "src":
                    self.assertRegex(value, "^data:image/svg[+]xml;base64,[A-Za-z0-9+/=]+$")
                elif attribute in ("id", "aria-labelledby"):
                    self.assertRegex(value, "^[A-Za-z0-9_-]+$")
        return page

    def test_plugin_on_the_terminal(self):
        for command in ("check", "list", "estimate"):
            self.call(support.IMAGRID, command, self.config, *self.plugin)
        self.call(support.IMAGRID, "status", self.out, "--watch", *self.plugin)
        text = self.call(support.IMAGRID, "status", self.out, *self.plugin).stdout.decode()
        # One line a failed row, whatever line feeds its reason holds.
        self.assertEqual(len(re.findall(r"(?m)^failed: n=\d kind=bad seed=\d: \?]0;pwned", text)), 9)
        self.assertNotIn("\nfailed: no", text)
        text = self.call(support.MERGE, self.out, *self.plugin, code=3).stdout.decode()
        self.assertIn(TEXT, text)
        self.assertNotIn("(null)", text)

    @unittest.skipUnless(common.GNUPLOT, "needs gnuplot")
    def test_plugin_in_a_page(self):
        self.call(support.MERGE, "-q", self.out, "--report", self.path("page.html"), *self.plugin, code=3)
        page = self.page("page.html")
        self.assertIn(TEXT, page.texts)
        self.assertTrue(any(TEXT in text and "failed: no" in text for text in page.texts))
        self.assertIn(TEXT, page.values)

    @unittest.skipUnless(common.GNUPLOT, "needs gnuplot")
    def test_plugin_in_figures(self):
        self.call(support.MERGE, "-q", self.out, "--figures", self.path("figures"), *self.plugin, code=3)
        names = sorted(os.listdir(self.path("figures")))
        self.assertEqual([n for n in names if n.endswith(".svg")],
                         ["curve.svg", "fits.svg", "ratios.svg"])
        for name in names:
            if name.endswith(".svg"):
                tree = xml.etree.ElementTree.parse(self.path(f"figures/{name}"))
                for element in tree.iter():
                    self.assertNotIn("script", element.tag)
                    self.assertFalse([a for a in element.attrib if a.lower().startswith("on")])
                texts = ["".join(e.itertext()) for e in tree.iter() if e.tag.endswith("}text")]
                self.assertTrue(any("<script>alert(1)</script>" in text for text in texts), texts)
            elif name.endswith(".gp"):
                # As a person does it, with what gnuplot reads by itself.
                subprocess.run(["gnuplot", name], cwd=self.path("figures"), check=True,
                               stderr=subprocess.PIPE)
        self.assertFalse(os.path.exists(self.path("figures/pwned")))

    def test_plugin_in_tables(self):
        self.call(support.MERGE, "-q", self.out, "--csv", self.path("csv"), "--latex",
                  self.path("tex"), "-o", self.path("s.h5"), "--json", self.path("t.json"),
                  *self.plugin, code=3)
        with open(self.path("t.json"), encoding="ascii") as file:
            self.assertEqual(json.load(file)["fits"]["exponent_name"], [TEXT, TEXT])
        for name in os.listdir(self.path("csv")):
            with open(self.path(f"csv/{name}"), newline="", encoding="utf-8") as file:
                rows = list(csv.reader(file, strict=True))
            self.assertEqual({len(row) for row in rows}, {len(rows[0])}, name)
            if name == "fits.csv":
                self.assertEqual([row[0] for row in rows[1:]], [TEXT, TEXT])
            # No cell begins as a formula does, but numbers.
            for cell in (cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell):
                float(cell)
        for name in os.listdir(self.path("tex")):
            with open(self.path(f"tex/{name}"), encoding="utf-8") as file:
                text = file.read()
            columns = len(re.search(r"\\begin\{tabular\}\{([lr]+)\}", text).group(1))
            self.assertEqual(tex_faults(text, columns), [], name)
        self.assertIn("\\textbackslash{}input\\{pwned\\}", text if "fits" in name else
                      open(self.path("tex/fits.tex"), encoding="utf-8").read())

    def edit(self, name, attributes):
        """A copy of the result file whose texts are others of the same length, with a right footer."""
        path = self.path(name)
        with h5py.File(self.tiny, "r") as file:
            old = {a: file.attrs[a].encode() for a in attributes}
        with open(self.tiny, "rb") as file:
            data = file.read()
        for a, text in attributes.items():
            # Before a text of an attribute HDF5 writes its length; a session's version has none.
            length = len(old[a]).to_bytes(8, "little")
            there = length + old[a]
            new = length + (text.encode() + b" " * len(old[a]))[:len(old[a])]
            self.assertEqual(data.count(there), 1, a)
            data = data.replace(there, new)
        with open(path, "wb") as file:
            file.write(data)
        support.renew_footer(path)
        return path

    @unittest.skipUnless(common.GNUPLOT, "needs gnuplot")
    def test_result_file(self):
        path = self.edit("edited.h5", {"libraries": TEXT, "compiler": "<b>`touch pwned`</b>\x1b[2J",
                                       "flags": "\"><script>\x1b]0;x\x07", "imagrid_version": "'`<\x1b`"})
        with h5py.File(path, "r+", locking=False) as file:
            for name, text in (("hosts", TEXT + "\x1b[2J\n\x9b"), ("job", "\x1b[2J<b>'`x`\"\n"),
                               ("version", "\x1b[2J<b>'`x`\"\n"), ("isa", "\x1b[2J<b>\n")):
                column = file["provenance"][name]
                row = np.frombuffer(text.encode().ljust(column.shape[1], b"\0")[:column.shape[1]], "S1")
                column[0] = row
            # A text that ends nowhere.
            file["provenance"]["job"][0] = np.full(file["provenance"]["job"].shape[1], b"\x1b")
        self.call(support.IMAGRID, "status", path)
        self.call(support.IMAGRID, "status", path, "--watch")
        self.call(support.MERGE, path, "--report", self.path("edited.html"), "--figures",
                  self.path("edited"), "--csv", self.path("edited"), "--latex", self.path("edited"))
        page = self.page("edited.html")
        self.assertTrue(any(TEXT[:40] in text for text in page.texts))
        self.assertTrue(os.path.exists(self.path("edited/figure1.svg")))
        # Another reader of the file: a run that goes on.
        self.call(support.IMAGRID, "run", self.path("tiny.yaml"), "-o", path)

    def test_configuration(self):
        for number, text in enumerate((
                "experiment: \"\\e[31m\\x9b<b>'; system('touch pwned')\"\n",
                CONFIG + "\"\\e[2J\\n`touch pwned`\": 1\n",
                CONFIG + "kind: \"\\e]0;x\\a\\u202e\"\n", CONFIG + "n: \"`touch pwned`\"\n",
                CONFIG.replace("n:", "? \"\\x1b[31m\"\n:"), CONFIG + "*\x1b[31m: 1\n",
                "experiment: hostile\nplugin: $(touch pwned)\n", "%TAG ! \x1b[31m\n---\n",
                "!!\x1b[2J x: &\x1b[2J y\n")):
            path = support.write(self.path(f"config-{number}.yaml"), text)
            for command in ("check", "list"):
                self.call(support.IMAGRID, command, path, *self.plugin, code=2)
            self.call(support.IMAGRID, "run", path, "-o", self.path("none.h5"), code=2)

    def test_paths(self):
        folder = os.fsencode(self.path("paths"))
        os.mkdir(folder)
        base = os.path.join(folder, PATH.replace("/", "").encode("latin-1"))
        config, out, page = (base + end for end in (b".yaml", b".h5", b".html"))
        with open(config, "w", encoding="utf-8") as file:
            file.write(support.TINY.format(seeds=3, epochs=2))
        self.call(support.IMAGRID, "check", config)
        self.call(support.IMAGRID, "check", out, code=2)
        self.call(support.IMAGRID, "status", out, code=4)
        self.call(support.IMAGRID, "run", config, "-o", out)
        self.call(support.IMAGRID, "run", config, "-o", out)
        self.call(support.IMAGRID, "run", config, "-o", base + b"-2.h5", "--reuse", out)
        self.call(support.IMAGRID, "status", out)
        self.call(support.IMAGRID, "retry", out)
        self.call(support.IMAGRID, "doctor", folder)
        self.call(support.IMAGRID, base, code=2)
        self.call(support.IMAGRID, "check", "--plugin", base, config, code=2)
        self.call(support.MERGE, config, code=4)
        targets = (b"--csv", base + b"-csv", b"--latex", base + b"-tex", b"-o", base + b"-s.h5")
        if common.GNUPLOT:
            targets += (b"--report", page, b"--figures", base + b"-figures")
        self.call(support.MERGE, out, *targets)
        if common.GNUPLOT:
            shown = self.page(os.path.relpath(os.fsdecode(page), self.directory))
            self.assertTrue(any("<img src=x onerror=y>" in text for text in shown.texts))

    def test_plan(self):
        folder = self.path("plans")
        os.mkdir(folder)
        name = PATH.replace("/", "").replace("\x9b", "")
        good, bad = (os.path.join(folder, n + name + ".csv") for n in ("good", "bad"))
        support.write(good, common.CURVE)
        support.write(bad, common.CURVE.replace("reward,100,", "\x1b[31m`touch pwned`,100,", 1))
        figures = ("--figures", self.path("plans/figures")) if common.GNUPLOT else ()
        self.call(support.PLAN, "--curve", good, *common.PURCHASE, *figures)
        # Names that only JSON must keep.
        name = os.path.join(folder, "\x1b\x7f\x9b\u202e\u20ac\\\".csv")
        support.write(name, common.CURVE)
        text = self.call(support.PLAN, "--curve", name, *common.PURCHASE, "--json").stdout
        self.assertEqual(json.loads(text)["inputs"]["curve"], name)
        self.call(support.PLAN, "--curve", bad, *common.PURCHASE, code=2)
        self.call(support.PLAN, "--fits", good, *common.PURCHASE, code=4)
        if figures:
            with open(os.path.join(figures[1], "plan.gp"), encoding="utf-8") as file:
                self.assertIn("good\u2019; system(\"touch pwned\")", file.read())
            self.assertTrue(os.path.exists(os.path.join(figures[1], "plan.svg")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
