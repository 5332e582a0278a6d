#!/usr/bin/env python3
"""Modes of every file that the programs make, while they run and when they are gone: the umask is
respected, and nobody but owner and group may write, whatever it allows."""
import os
import stat
import threading
import time
import unittest

import common
import support

MASKS = (0o077, 0o027, 0o022, 0o002, 0)


class Watcher(threading.Thread):
    """Looks at a folder again and again, and notes the modes of what is there for a moment only."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.seen, self.ended = folder, {}, False

    def look(self, folder):
        try:
            entries = list(os.scandir(folder))
        except OSError:
            return
        for entry in entries:
            try:
                mode = entry.stat(follow_symlinks=False).st_mode
            except OSError:
                continue
            path = os.path.relpath(entry.path, self.folder)
            self.seen.setdefault(path, set()).add(mode)
            if stat.S_ISDIR(mode):
                self.look(entry.path)

    def run(self):
        while not self.ended:
            self.look(self.folder)
            time.sleep(0.0005)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.join()
        self.look(self.folder)


class Modes(unittest.TestCase):
    def files_of_everything(self, folder, mask):
        """Run every program that makes files; returns all modes seen below `folder`."""
        def path(name):
            return os.path.join(folder, name)

        os.chmod(folder, 0o755)
        support.write(path("tiny.yaml"), support.TINY.format(seeds=3, epochs=40).replace(
            "160]", "160, 3000]"))
        support.write(path("own.csv"), common.CURVE)
        for name in ("tiny.yaml", "own.csv"):
            os.chmod(path(name), 0o600)
        os.mkdir(path("tmp"), 0o700)
        env = dict(os.environ, TMPDIR=path("tmp"))
        with Watcher(folder) as watcher:
            common.program(support.IMAGRID, "doctor", folder, umask=mask)
            common.program(support.IMAGRID, "run", path("tiny.yaml"), "-o", path("out.h5"),
                           umask=mask, env=support.environment(path("tmp")))
            figures = ["--figures", path("figures/deep")] if common.GNUPLOT else []
            page = ["--report", path("page.html")] if common.GNUPLOT else []
            common.program(support.MERGE, "-q", path("out.h5"), "-o", path("summary.h5"), "--csv",
                           path("csv"), "--latex", path("tex"), *figures, *page, umask=mask, env=env)
            if common.GNUPLOT:
                common.program(support.PLAN, "--curve", path("own.csv"), *common.PURCHASE,
                               "--figures", path("plan"), umask=mask, env=env)
            common.program(support.IMAGRID, "retry", path("out.h5"), umask=mask)
        return watcher.seen

    def test_all(self):
        for mask in MASKS:
            with self.subTest(umask=oct(mask)), support.scratch() as folder:
                seen = self.files_of_everything(folder, mask)
                for name in ("out.h5", "out.h5.lock", "summary.h5", "csv", "csv/statistics.csv",
                             "tex/fits.tex") + (("figures/deep/figure1.gp", "plan/plan.svg",
                                                 "figures/deep/figure1.png", "page.html")
                                                if common.GNUPLOT else ()):
                    self.assertIn(name, seen)
                self.assertTrue(any("imagrid-doctor" in name and "/" in name for name in seen))
                for name, modes in seen.items():
                    if name in ("tiny.yaml", "own.csv", "tmp") or (
                            name.startswith("tmp/") and not support.ours([name.split("/")[1]])):
                        continue
                    for mode in modes:
                        self.check(name, mode, mask)

    def check(self, name, mode, mask):
        private = "imagrid-doctor" in name or name.startswith("tmp/imagrid-")
        bits = stat.S_IMODE(mode)
        if stat.S_ISDIR(mode):
            wanted = 0o700 if private else 0o775 & ~mask
        elif private:
            # Nobody else gets that far.
            wanted = bits
        else:
            wanted = (0o644 if name.endswith(".lock") else 0o664) & ~mask
        self.assertEqual(oct(bits), oct(wanted), name)
        if not private:
            self.assertFalse(bits & stat.S_IWOTH, name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
