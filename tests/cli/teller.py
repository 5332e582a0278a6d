#!/usr/bin/env python3
"""What experiments may do beside arithmetic: keep something on each rank, leave texts behind, tell how far
a task is; with a plugin that does."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py, np

PLUGIN = ("--plugin", os.path.join(os.environ["IMAGRID_PLUGINS"], "teller.so"))
CONFIG = "experiment: teller\nseeds: 2\nn: [1, 2, 3]\n"


def said(task, word):
    """The last 24 bytes, from the beginning of a character."""
    text = f"task {task} <b>\n".encode() + "ää".encode() + b"?\x1b[31mlast " + word.encode()
    while len(text) > 24 or text[0] & 0xC0 == 0x80:
        text = text[1:]
    return text


def column(path, name):
    with h5py.File(path, "r") as file:
        return file[name][()]


class Teller(support.FolderTest):
    def grid(self, more=""):
        return self.write("teller.yaml", CONFIG + more)

    def run_it(self, *more, config=None, ranks=0, code=0):
        return support.must(support.run(ranks, "run", *PLUGIN, config or self.grid(), "-o", self.out, *more),
                            code)

    def test_begin_and_end(self):
        """On every rank, once, with its place on the node; in `estimate`, too; not where nothing is left."""
        err = self.run_it("--logs", os.path.join(self.directory, "logs"), ranks=2).stderr
        self.assertEqual(sorted(re.findall(r"began (\d): (\d) of (\d), logs (\S+)", err)),
                         [(r, r, "2", os.path.join(self.directory, "logs")) for r in "01"])
        self.assertEqual(sum(int(n) for n in re.findall(r"ended \d after (\d+)", err)), 6)
        self.assertEqual(len(re.findall("ended", err)), 2)
        self.assertTrue(os.path.isdir(os.path.join(self.directory, "logs")))
        self.assertNotIn("began", self.run_it().stderr)
        err = support.must(support.run(0, "estimate", *PLUGIN, self.grid(), "--measure", "0.1s")).stderr
        self.assertIn("began 0: 0 of 1, logs nowhere", err)
        self.assertIn("ended 0", err)

    def test_what_cannot_begin(self):
        """Ends the run, with the rank that cannot, and the next run finishes the file."""
        err = self.run_it(config=self.grid("refuse: 1\n"), ranks=2, code=4).stderr
        self.assertIn("rank 1: nothing is begun here", err)
        self.assertIn("ended 0 after 0", err)
        self.assertIn("6 done, 0 failed, 0 left", self.run_it().stdout)

    def test_logs_that_cannot_be(self):
        """Are refused before there is a file."""
        blocker = self.write("file", "")
        err = self.run_it("--logs", os.path.join(blocker, "logs"), code=4).stderr
        self.assertIn("for logs cannot be used: Not a directory", err)
        self.assertFalse(os.path.exists(self.out))

    def test_texts(self):
        """In the file, in failed rows too, whose numbers are none; the same with any ranks, through retry,
        reuse and salvage; read by other programs."""
        failing = self.grid("fail: 2\n")
        self.run_it(config=failing, ranks=2, code=3)
        number, words = column(self.out, "number"), column(self.out, "said")
        self.assertEqual(np.isnan(number).tolist(), [False, False, True, True, False, False])
        self.assertTrue(np.isnan(column(self.out, "half")[2:4]).all())
        for task in range(6):
            self.assertEqual(words[task].tobytes().rstrip(b"\0"), said(task, "even" if task in (2, 3) else "odd"))
        first = support.results(self.out)
        support.must(support.run(0, "status", *PLUGIN, self.out))  # checks every checksum
        os.rename(self.out, self.out + ".two")
        self.run_it(config=failing, code=3)
        support.assert_same(first, support.results(self.out), "1 and 2 ranks")
        # A text belongs to its row: one bit of it, and the row is not as it was written.
        with h5py.File(self.out, "r") as file:
            at = file["said"].id.get_offset()
        damaged = os.path.join(self.directory, "damaged.h5")
        data = bytearray(pathlib.Path(self.out).read_bytes())
        data[at + 24 * 2] ^= 1
        with open(damaged, "wb") as file:
            file.write(data)
        self.assertIn("1 damaged rows (task 2 first)",
                      support.must(support.run(0, "status", *PLUGIN, damaged)).stdout)
        data[100] ^= 1
        with open(damaged, "wb") as file:
            file.write(data)
        saved = os.path.join(self.directory, "saved.h5")
        support.must(support.run(0, "salvage", *PLUGIN, damaged, "-o", saved))
        self.assertEqual(column(saved, "said")[3].tobytes(), words[3].tobytes())
        support.must(support.run(0, "retry", *PLUGIN, self.out))
        older = self.out + ".older"
        os.rename(self.out, older)
        self.assertIn("4 finished tasks taken over", self.run_it("--reuse", older).stderr)
        self.assertTrue((column(self.out, "said") == words).all())
        self.assertTrue((column(self.out, "number") == np.arange(6)).all())
        if shutil.which("ncdump"):
            text = subprocess.run(["ncdump", "-v", "said", self.out], stdout=subprocess.PIPE, check=True).stdout
            self.assertIn(b"char said(task, string24)", text)
            self.assertIn(b"last even", text)
        try:
            import xarray
        except ImportError:
            return
        with xarray.open_dataset(self.out) as data:
            value = data["said"].values[2]
            self.assertEqual(value.encode() if isinstance(value, str) else value, said(2, "even"))

    def test_texts_are_shown(self):
        """Below the reason; nothing reaches a terminal or a browser that is not text."""
        self.run_it(config=self.grid("fail: 2\n"), code=3)
        text = support.must(support.run(0, "status", *PLUGIN, self.out)).stdout
        self.assertIn("failed: n=2 seed=0: it was told to fail\n    ", text)
        self.assertIn("[31mlast even\n", text)
        self.assertNotIn("\x1b", text)
        page = os.path.join(self.directory, "page.html")
        support.must(support.run(0, "merge", *PLUGIN, self.out, "--report", page), 3)
        html = pathlib.Path(page).read_text("utf-8")
        self.assertIn("<details><summary>n=2, seed 1</summary>", html)
        self.assertIn("[31mlast even</pre>", html)
        self.assertNotIn("\x1b", html)

    def test_progress(self):
        """While tasks run `status` says which and how far; when they ended, or were killed, it does not."""
        config = self.grid("milliseconds: 50\n")
        text = pathlib.Path(config).read_text().replace("n: [1, 2, 3]", "n: 200")
        self.write("teller.yaml", text)
        with support.scratch() as folder:
            run = subprocess.Popen(support.command(0, "run", *PLUGIN, config, "-o", self.out, "-q"),
                                   env=support.environment(folder), stderr=subprocess.DEVNULL)
            try:
                def shown():
                    if not os.path.exists(self.out):
                        return None
                    out = support.must(support.run(0, "status", *PLUGIN, self.out)).stdout
                    return re.search(r"under way: all seed=0: \d+ %, for [0-9.]+ s on rank 0\n", out)
                support.wait_until(shown)
                watch = subprocess.Popen(support.command(0, "status", *PLUGIN, self.out, "--watch", "0.2"),
                                         env=support.environment(folder), stdout=subprocess.PIPE, text=True)
                self.assertIn("0/2 tasks", watch.stdout.readline())
                self.assertIn("under way: all seed=0: ", watch.stdout.readline())
                watch.terminate()
                watch.communicate()
                self.assertTrue(np.isnan(column(self.out, "progress")[1]))
                self.assertEqual(column(self.out, "state").tolist(), [0, 0])
            finally:
                run.kill()
                run.wait()
        self.assertNotIn("under way", support.must(support.run(0, "status", *PLUGIN, self.out)).stdout)
        self.assertFalse(np.isnan(column(self.out, "progress")[0]))
        # The next run forgets what was noted; and short tasks are not noted.
        self.write("teller.yaml", text.replace("milliseconds: 50", "milliseconds: 0"))
        self.run_it("--shard", "1/2", config=config)
        self.assertTrue(np.isnan(column(self.out, "progress")[0]))
        self.assertNotIn("under way", support.must(support.run(0, "status", *PLUGIN, self.out)).stdout)

    def test_cores(self):
        """What ranks need is said by check, list and estimate in options that give it; a run without them
        says so once, one with them does not."""
        config = self.grid("cores: 2\n")
        openmpi = support.library().startswith("Open MPI")
        options = "--map-by slot:PE=2 --bind-to core" if openmpi else "-bind-to core:2"
        for command in ("check", "list"):
            text = support.must(support.run(0, command, *PLUGIN, config)).stdout
            self.assertIn(f"  mpirun -n RANKS {options} imagrid run", text)
            self.assertIn("--cpus-per-task=2 --cpu-bind=cores --gpus-per-node=2 --gpu-bind=none imagrid run", text)
            self.assertNotIn("mpirun", support.must(support.run(0, command, *PLUGIN, self.grid())).stdout)
            config = self.grid("cores: 2\n")
        text = support.must(support.run(0, "estimate", *PLUGIN, config, "--measure", "0.1s")).stdout
        self.assertIn("#SBATCH --cpus-per-task=2\n#SBATCH --gpus-per-node=2\n", text)
        err = subprocess.run(["taskset", "-c", "0", support.IMAGRID, "run", *PLUGIN, config, "-o", self.out],
                             stderr=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL).stderr
        self.assertEqual(err.count("tasks are to have 2 cores, and rank 0 may run on 1: start with mpirun "
                                   + options), 1)
        os.remove(self.out)
        if os.cpu_count() < 2:
            return
        with support.scratch() as folder:
            env = support.environment(folder)
            narrow = ["--map-by", "core", "--bind-to", "core"] if openmpi else ["-bind-to", "core"]
            for launch, told in ((["-n", "2", *narrow], True),
                                 (["-n", "1", *options.split()], False)):
                command = [support.MPIEXEC, *launch, support.IMAGRID, "run", *PLUGIN, config, "-o", self.out]
                result = subprocess.run(command,
                                        env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
                support.must(result)
                self.assertEqual("tasks are to have" in result.stderr, told, result.stderr)
                os.remove(self.out)

    def test_what_took_long_is_not_thrown_away(self):
        """Of tasks that are more than arithmetic, one that takes forty times what the others do is not begun
        anew, unless it used up much of the time left. (Others are, after ten times.)"""
        config = self.write("teller.yaml",
                            "experiment: teller\nseeds: 6\nn: [5, 6]\nmilliseconds: 5\nlate: 3\n")
        err = self.run_it("--time-limit", "12s", config=config).stderr
        self.assertIn("ended 0 after 12\n", err)

    def test_an_idle_rank(self):
        """Takes no core from those that compute: 16 % of one where it looks for messages all the time."""
        config = self.write("teller.yaml", "experiment: teller\nseeds: 1\nn: 30\nmilliseconds: 60\n")
        with support.scratch() as folder:
            run = subprocess.Popen(support.command(2, "run", *PLUGIN, config, "-o", self.out, "-q"),
                                   env=support.environment(folder), stderr=subprocess.DEVNULL)
            support.wait_until(lambda: os.path.exists(self.out))
            time.sleep(0.4)
            ranks = support.ranks_of(run.pid)

            def used():
                return [sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().split()[13:15]))
                        for pid in ranks]
            before = used()
            time.sleep(1)
            self.assertEqual(len(before), 2)
            self.assertLess(max(b - a for a, b in zip(before, used())), 0.08 * os.sysconf("SC_CLK_TCK"))
            self.assertEqual(run.wait(), 0)

    def test_time_limits_leave_grace(self):
        """A task that may take 2 s to end is told earlier: here by a fifth of the limit."""
        config = self.write("teller.yaml", "experiment: teller\nseeds: 1\nn: 1000\nmilliseconds: 5\ncores: 2\n")
        began = time.monotonic()
        self.assertIn("--time-limit of 2", self.run_it("--time-limit", "2s", config=config, code=76).stderr)
        self.assertLess(column(self.out, "provenance/end")[0] - column(self.out, "provenance/begin")[0], 1.95)
        self.assertGreater(time.monotonic() - began, 1)

    def test_changed_program(self):
        """A file of the program that changed refuses to resume, unless it is said to be fine; then status
        and merge say so, and the session notes the new one first, though a session's text is cut."""
        names = [f"part-{i}-{'x' * 40}.py" for i in range(8)]
        for name in names:
            self.write(name, name)
        config = self.grid("fail: 3\nprogram: [" + ", ".join(names) + "]\n")
        self.run_it("--shard", "0/2", config=config, code=3)
        before = pathlib.Path(self.out).read_bytes()
        self.write(names[6], "another")
        err = self.run_it(config=config, code=2).stderr
        self.assertIn(names[6], err)
        self.assertIn("--accept-changed-program", err)
        self.assertEqual(pathlib.Path(self.out).read_bytes(), before)
        for command in ("status", "merge"):
            self.assertNotIn("different versions", support.run(0, command, *PLUGIN, self.out).stdout)
        for _ in range(2):  # again: the file opens, and goes on
            self.run_it("--accept-changed-program", config=config, code=3)
        noted = b"".join(column(self.out, "provenance/inputs")[1]).decode()
        self.assertIn(names[6], noted.split(";")[0])
        page = os.path.join(self.directory, "page.html")
        for command, more in (("status", ()), ("merge", ("--report", page))):
            self.assertIn("rows come from different versions of the program: 2 sessions had",
                          support.run(0, command, *PLUGIN, self.out, *more).stdout)
        self.assertIn("rows come from different versions", pathlib.Path(page).read_text("utf-8"))
        # Rows of mixed origin are no one's in a new file.
        older = self.out + ".older"
        os.rename(self.out, older)
        self.assertIn("another input file", self.run_it("--reuse", older, "--accept-changed-program",
                                                        config=config, code=2).stderr)
        self.write(names[6], names[6])
        self.assertIn("rows of different versions", self.run_it("--reuse", older, config=config, code=2).stderr)
        self.assertFalse(os.path.exists(self.out))
        tiny = self.tiny(1, 1)
        self.assertIn("runs no program of yours", support.must(
            support.run(0, "run", tiny, "-o", self.out, "--accept-changed-program"), 2).stderr)

    def test_a_stopped_task_is_not_under_way(self):
        """A mutation that keeps the progress of a dropped task shows it to whoever looks next."""
        config = self.grid("milliseconds: 50\n")
        self.write("teller.yaml", pathlib.Path(config).read_text().replace("n: [1, 2, 3]", "n: 200"))
        self.run_it("--time-limit", "2s", config=config, code=76)
        self.assertTrue(np.isnan(column(self.out, "progress")).all())
        self.assertFalse(np.isnan(column(self.out, "start")[0]))


if __name__ == "__main__":
    unittest.main()
