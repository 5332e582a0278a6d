#!/usr/bin/python3
"""The report page in a real browser: it renders, loads nothing, and fits a phone.

Skipped (exit code 77) where no Chromium is installed.
"""
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import support

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ("--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync",
         "--disable-extensions", "--disable-background-networking", "--disable-component-update",
         "--disable-default-apps", "--metrics-recording-only", "--no-pings")
# What the page measures of itself; its own policy forbids scripts, so a copy without it does.
MEASURE = """<script>
const wide = [...document.querySelectorAll('body *')].filter(e => !e.closest('.box, pre') &&
  e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.tagName + '.' + e.className);
const boxes = [...document.querySelectorAll('.box')];
document.documentElement.setAttribute('data-measured', JSON.stringify({
  inner: innerWidth, scroll: document.documentElement.scrollWidth, wide: wide,
  tables: document.querySelectorAll('table').length,
  scrolled: boxes.filter(b => b.scrollWidth > b.clientWidth).length,
  pictures: [...document.images].map(i => i.naturalWidth),
  ink: getComputedStyle(document.body).color, paper: getComputedStyle(document.body).backgroundColor,
}));
</script>"""


def browse(directory, *arguments):
    command = [BROWSER, *QUIET, f"--user-data-dir={directory}/profile"]
    if os.geteuid() == 0:
        command.append("--no-sandbox")
    return support.must(subprocess.run([*command, *arguments], stdout=subprocess.PIPE, text=True,
                                       stderr=subprocess.PIPE, timeout=120))


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = support.enter_for_class(cls)
        config = support.write(os.path.join(cls.directory, "tiny.yaml"),
                               support.TINY.format(seeds=4, epochs=3))
        cls.out = os.path.join(cls.directory, "out.h5")
        cls.page = os.path.join(cls.directory, "report.html")
        support.must(support.run(0, "run", config, "-o", cls.out, "--quiet"))
        support.must(subprocess.run(
            [support.MERGE, "-q", cls.out, "--report", cls.page, "--compare", "anchors=40"],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        with open(cls.page, encoding="utf-8") as file:
            cls.text = file.read()

    def measure(self, width, *arguments):
        """The page's own measurements in a window of this width."""
        copy = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", self.text)
        self.assertNotEqual(copy, self.text)
        path = support.write(os.path.join(self.directory, f"copy-{width}.html"),
                             copy.replace("</body>", MEASURE + "</body>"))
        # A window has a least width of its own; a frame has the one that is asked for.
        frame = support.write(
            os.path.join(self.directory, f"frame-{width}.html"),
            f"<!doctype html><iframe style='width:{width}px;height:800px;border:0' "
            f"srcdoc=\"{html.escape(pathlib.Path(path).read_text(encoding='utf-8'))}\"></iframe>"
            "<script>onload = () => document.documentElement.setAttribute('data-measured', "
            "frames[0].document.documentElement.getAttribute('data-measured'));</script>")
        dom = browse(self.directory, "--dump-dom", "--virtual-time-budget=5000",
                     "--window-size=1400,1000", *arguments, "file://" + frame).stdout
        found = re.search(r"^<html[^>]* data-measured=\"([^\"]*)\"", dom, re.M)
        if not found:
            found = re.search(r"data-measured=\"([^\"]*)\"", dom)
        return json.loads(html.unescape(found.group(1)))

    def test_dom(self):
        dom = browse(self.directory, "--dump-dom", "file://" + self.page).stdout
        for part in ("Power laws", "tasks done", "Sessions", "common_random_numbers: true",
                     "differences from anchors=40", "alpha"):
            self.assertIn(part, dom)
        self.assertEqual(dom.count("<table>"), dom.count("</table>"))
        self.assertEqual(dom.count("<section"), 5)

    def test_fits_every_width(self):
        for width in (390, 1280):
            m = self.measure(width)
            self.assertEqual(m["inner"], width)
            self.assertLessEqual(m["scroll"], width, m)
            self.assertEqual(m["wide"], [])
            self.assertGreaterEqual(m["tables"], 7)
            self.assertTrue(m["pictures"] and all(w > 100 for w in m["pictures"]), m)
            # On a phone the tables scroll in their boxes.
            self.assertEqual(m["scrolled"] > 4, width == 390, m)

    def test_dark(self):
        light = self.measure(1280)
        dark = self.measure(1280, "--blink-settings=preferredColorScheme=0")
        self.assertEqual(light["paper"], "rgb(255, 255, 255)")
        self.assertNotEqual(dark["paper"], light["paper"])
        self.assertNotEqual(dark["ink"], light["ink"])

    def test_screenshots(self):
        blank = support.write(os.path.join(self.directory, "blank.html"), "<!doctype html>")
        sizes = {}
        for name, url in (("blank", blank), ("page", self.page)):
            for window in ("1280,1600", "390,1600"):
                picture = os.path.join(self.directory, "picture.png")
                browse(self.directory, f"--screenshot={picture}", f"--window-size={window}",
                       "file://" + url)
                with open(picture, "rb") as file:
                    data = file.read()
                self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
                sizes[name, window] = len(data)
        for window in ("1280,1600", "390,1600"):
            self.assertGreater(sizes["page", window], 5 * sizes["blank", window], sizes)

    def test_prints(self):
        paper = os.path.join(self.directory, "paper.pdf")
        browse(self.directory, f"--print-to-pdf={paper}", "file://" + self.page)
        with open(paper, "rb") as file:
            data = file.read()
        self.assertTrue(data.startswith(b"%PDF") and len(data) > 20000)

    def test_loads_nothing(self):
        for word in ("http:", "https:", "<script", "<link", "@import", "url("):
            self.assertNotIn(word, self.text)
        for source in re.findall(r"(?:src|href)=\"([^\"]{0,30})", self.text):
            self.assertRegex(source, r"^(data:image/svg\+xml;base64,|#[a-z]+$)")
        log = os.path.join(self.directory, "net.json")
        browse(self.directory, f"--log-net-log={log}", "--dump-dom", "file://" + self.page)
        with open(log, encoding="utf-8") as file:
            asked = set(re.findall(r"\"url\":\"(https?://[^\"]*)", file.read()))
        # A browser has errands of its own.
        self.assertEqual({u for u in asked if "google" not in u and "gvt1" not in u}, set())


if __name__ == "__main__":
    if not BROWSER or not shutil.which("gnuplot"):
        print("skipped: needs Chromium (Debian package chromium) and gnuplot")
        sys.exit(77)
    unittest.main(verbosity=2)
