#!/usr/bin/env python3
"""Input files: what is in them decides which rows may stand together, where they lie does not; the ranks of
a node share what is loaded of them."""
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py

PLUGIN = ("--plugin", os.path.join(os.environ["IMAGRID_PLUGINS"], "reader.so"))
CONFIG = """experiment: reader
seeds: 2
file: data.bin
n: [10, 1000]
hidden: [[], [64, 32]]
"""
SHARED = 40000000


def content(number, size=5000):
    return bytes((i * 31 + number) % 251 for i in range(5000)) * (size // 5000) + bytes(size % 5000)


class Reader(support.FolderTest):
    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.directory, "conf")
        os.mkdir(self.folder)
        self.config = self.write("conf/grid.yaml", CONFIG)
        self.data = os.path.join(self.folder, "data.bin")
        self.put(1)

    def put(self, number, size=5000):
        pathlib.Path(self.data).write_bytes(content(number, size))

    def command(self, *words, code=0, ranks=0, cwd=None, **more):
        return support.must(support.run(ranks, *words, *PLUGIN, cwd=cwd, **more), code)

    def run_it(self, *more, out=None, config=None, **options):
        return self.command("run", config or self.config, "-o", out or self.out, "-q", *more, **options)

    def files(self):
        """Bytes by name, of what a run may write."""
        return {path.name: path.read_bytes() for path in pathlib.Path(self.directory).iterdir()
                if path.suffix in (".h5", ".lock", ".partial")}

    def refused(self, *words, code=2, **more):
        """With this exit code and nothing written."""
        before = self.files()
        result = self.command(*words, code=code, **more)
        self.assertEqual(before, self.files())
        return result.stderr

    def new_run(self):
        return "run", self.config, "-o", os.path.join(self.directory, "new.h5")


class Inputs(Reader):
    def test_content_counts_and_path_does_not(self):
        self.run_it("--shard", "0/2")
        other = os.path.join(self.directory, "other.h5")
        self.run_it("--shard", "1/2", out=other)
        with h5py.File(self.out, "r") as file:
            noted = file.attrs["inputs"]
            session = file["provenance/inputs"][0].tobytes().rstrip(b"\0").decode()
            self.assertIn("file: data.bin\n", file.attrs["config"])
        self.assertRegex(noted, f"^file [0-9a-f]{{32}} 5000 {os.path.realpath(self.data)}$")
        self.assertEqual(session, noted[:255])
        self.assertIn(noted.split()[1], self.command("check", self.config).stdout)
        # Configuration and data travel together, and commands may run from anywhere.
        moved = os.path.join(self.directory, "moved")
        os.rename(self.folder, moved)
        self.config, self.data = (os.path.join(moved, name) for name in ("grid.yaml", "data.bin"))
        self.run_it("--shard", "1/2", cwd="/", ranks=2)
        self.run_it(out=os.path.join(self.directory, "reused.h5"), config="moved/grid.yaml",
                    cwd=self.directory)
        new, hashes = self.new_run(), [noted.split()[1]]
        # Another file under the same name.
        self.put(2)
        hashes += re.findall("XXH3-128 ([0-9a-f]{32})", self.command("check", self.config).stdout)
        self.assertNotEqual(*hashes)
        for arguments in (("run", self.config, "-o", self.out), (*new, "--reuse", self.out)):
            text = self.refused(*arguments)
            for word in ("out.h5", self.data, "data.bin, 5000 bytes", "new result file", *hashes):
                self.assertIn(word, text)
        self.run_it(out=new[-1])
        text = self.refused("merge", self.out, new[-1])
        for word in ("out.h5", "new.h5", *hashes):
            self.assertIn(word, text)
        # For what is there already the file need not be there.
        os.remove(self.data)
        self.assertIn("8 done", self.command("status", self.out).stdout)
        self.command("retry", self.out)
        self.command("merge", self.out, other, "-o", os.path.join(self.directory, "summary.h5"))
        self.assertIn("No such file", self.refused("run", self.config, "-o", self.out))

    def test_damaged_result_files(self):
        """What is in the inputs is known after a rescue, too."""
        self.run_it("--shard", "0/2")
        with h5py.File(self.out, "r") as file:
            noted = file.attrs["inputs"]
        bad, saved = (os.path.join(self.directory, name) for name in ("bad.h5", "saved.h5"))
        whole = pathlib.Path(self.out).read_bytes()
        # Without the footer; and without the attribute, whose session has it, too.
        for spoilt in (whole[:-40], whole.replace(noted.encode(), b"\0" * len(noted), 1)):
            pathlib.Path(bad).write_bytes(spoilt)
            self.command("salvage", bad, "-o", saved)
            with h5py.File(saved, "r") as file:
                self.assertEqual(file.attrs["inputs"], noted)
            self.run_it(out=saved)
            self.put(3)
            self.assertIn("another input file", self.refused("run", self.config, "-o", saved))
            self.put(1)
            os.remove(saved)
        pathlib.Path(bad).write_bytes(whole.replace(noted[5:9].encode(), b"cafe", 1))
        self.assertIn("attribute inputs is not what", self.refused("run", self.config, "-o", bad, code=4))

    def test_files_that_do_not_fit(self):
        """Exit code 2 and the place of the key, by every command and all ranks together."""
        here = f"{self.config}:3:7: file: "

        def instead(make, *arguments):
            os.remove(self.data)
            make(*arguments, self.data)

        for make, why in ((lambda: self.put(1, 13), here + "13 bytes bring bad luck"),
                          (lambda: self.put(1, 999), f"{self.config}:4:9: n: the file has 999 bytes, "
                                                     "allowed: at most so many"),
                          (lambda: instead(os.mkfifo), "data.bin: not a regular file, allowed: "),
                          (lambda: instead(os.symlink, "nothing"),
                           "No such file or directory"),
                          (lambda: instead(os.mkdir), "data.bin: a folder")):
            make()
            self.assertIn(why, self.command("check", self.config, code=2).stderr)
            self.assertIn(why, self.refused(*self.new_run()))
        for command in ("list", "estimate"):
            self.assertIn(why, self.command(command, self.config, code=2).stderr)
        os.rmdir(self.data)
        pathlib.Path(self.data).write_bytes(b"unfit" + content(1))
        self.assertIn(here + "byte 0 is not", self.refused(*self.new_run(), ranks=3))

    def test_memory_is_told(self):
        text = self.command("list", self.config).stdout
        self.assertIn("memory: 5 kB on each node, which all its ranks read\n"
                      "memory of a task: at most 1 MB, on each rank\n", text)
        self.assertIn("memory: 5 kB on each node", self.command("check", self.config).stdout)
        text = self.command("estimate", self.config, "--measure", "1").stdout
        self.assertIn("8 tasks", text)
        self.assertRegex(text, r"#SBATCH --mem-per-cpu=\d+M\n(.*\n)*# and for each node 1 MB more")


def mapped(pid):
    """Proportional bytes of the shared block in a process, and whether it may write there."""
    total, writable, inside = 0, False, False
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if re.match("[0-9a-f]+-[0-9a-f]+ ", line):
                inside = "/memfd:imagrid" in line
                writable |= inside and line.split()[1][1] == "w"
            elif inside and line.startswith("Pss:"):
                total += 1024 * int(line.split()[1])
    return total, writable


class Memory(Reader):
    def setUp(self):
        super().setUp()
        self.write("conf/grid.yaml", "{experiment: reader, seeds: 12, file: data.bin, n: 10, slow: true}")
        self.put(1, SHARED)

    def start(self):
        environment = support.environment(self.directory)
        run = subprocess.Popen(support.command(4, "run", self.config, "-o", self.out, "-q", *PLUGIN),
                               env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        support.wait_until(lambda: os.path.exists(self.out))
        for pid in self.ranks():
            os.kill(pid, signal.SIGSTOP)
        return run

    def ranks(self):
        """Their process numbers."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as line:
                    words = line.read().split(b"\0")
            except OSError:
                continue
            if words[0] == support.IMAGRID.encode() and self.out.encode() in words:
                found.append(int(pid))
        return found

    def test_once_on_a_node_and_kill(self):
        """The memory of four ranks is that of one; after kill -9 another number of ranks goes on."""
        whole = os.path.join(self.directory, "whole.h5")
        run = self.start()
        sizes = [mapped(pid) for pid in self.ranks()]
        for pid in self.ranks():
            os.kill(pid, signal.SIGKILL)
        run.wait()
        self.assertEqual(len(sizes), 4)
        self.assertFalse(any(writable for _, writable in sizes))
        total = sum(size for size, _ in sizes)
        self.assertLess(abs(total - SHARED), SHARED / 10, sizes)
        support.wait_until(lambda: not self.ranks())
        self.run_it(ranks=3)
        self.run_it(out=whole)
        support.assert_same(support.results(whole), support.results(self.out), "after kill -9")

    def test_copies_where_memory_cannot_be_shared(self):
        """`ulimit -f` holds for memory with a descriptor, too."""
        self.write("conf/grid.yaml", CONFIG)
        whole = os.path.join(self.directory, "whole.h5")
        self.run_it(out=whole)
        limit = 20 << 20
        result = self.command("run", self.config, "-o", self.out, ranks=2, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (limit, limit)))
        self.assertIn("1 of 2 ranks have a copy of their own of the input (40 MB each)", result.stderr)
        support.assert_same(support.results(whole), support.results(self.out), "copies")

if __name__ == "__main__":
    unittest.main()
