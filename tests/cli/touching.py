#!/usr/bin/env python3
"""What other programs, transfers and broken disks do to files. Harmless: every command goes on working.
Damage: refused, with what can be saved; salvage saves that, byte for byte, and the damaged file stays as
it is. Something else: the message says what it is."""
import gzip
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py, np

PLAN = ("--cost-dyn", "1", "--cost-rew", "50", "--budget", "1e5", "--sensitivity", "1,1",
        "--resamples", "100")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def save(path, data):
    with open(path, "wb") as file:
        file.write(data)


def program(*words):
    """Call a program on the file; skipped where it is missing. NEW becomes the file."""
    def touch(path):
        if not shutil.which(words[0]):
            raise unittest.SkipTest(words[0] + " is missing")
        new = path + ".new"
        names = {"FILE": path, "NEW": new}
        subprocess.run([names.get(word, word) for word in words], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if os.path.exists(new):
            os.replace(new, path)
    return touch


def in_h5py(change, mode="r+", **how):
    def touch(path):
        with h5py.File(path, mode, **how) as file:
            change(file)
    return touch


def in_bytes(change):
    return lambda path: save(path, change(read(path)))


def killed(path):
    """A program that dies with the file open for writing."""
    subprocess.run([sys.executable, "-c", "import h5py, os, sys\n"
                    "file = h5py.File(sys.argv[1], 'r+')\nos._exit(0)", path], check=True,
                   env=dict(os.environ, HDF5_USE_FILE_LOCKING="FALSE"))


def link(function):
    def touch(path):
        os.rename(path, path + ".kept")
        function(path + ".kept", path)
    return touch


def hole(begin, size=4096):
    return in_bytes(lambda data: data[:begin] + bytes(len(data[begin:begin + size]))
                    + data[begin + size:])


def header(name):
    """Zeros over the header of a dataset, which stands before its values."""
    def touch(path):
        with h5py.File(path, "r") as file:
            place = file[name].id.get_offset()
        hole(read(path).rfind(b"OHDR", 0, place), 64)(path)
    return touch


HARMLESS = {
    "opened for writing": in_h5py(lambda file: None, "a"),
    "opened, killed": killed,
    "attribute": in_h5py(lambda file: file.attrs.__setitem__("note", "mine")),
    "dataset": in_h5py(lambda file: file.__setitem__("mine", [1, 2, 3])),
    "group and link": in_h5py(lambda file: file.__setitem__("mine/link", h5py.SoftLink("/state"))),
    "latest format": in_h5py(lambda file: file.__setitem__("mine", [1.5]), libver="latest"),
    "deleted again": in_h5py(lambda file: (file.__setitem__("a", 1), file.__delitem__("a"))),
    "large attribute": in_h5py(lambda file: file.attrs.__setitem__("note", "x" * 60000)),
    "h5repack": program("h5repack", "FILE", "NEW"),
    "h5repack -L": program("h5repack", "-L", "FILE", "NEW"),
    "h5clear": program("h5clear", "-s", "FILE"),
    "h5dump": program("h5dump", "-H", "FILE"),
    "nccopy": program("nccopy", "FILE", "NEW"),
    "ncks": program("ncks", "-O", "FILE", "NEW"),
    "zeros behind": in_bytes(lambda data: data + bytes(5000)),
    "garbage behind": in_bytes(lambda data: data + b"imagrid\n" * 300),
    "packed and unpacked": in_bytes(lambda data: gzip.decompress(gzip.compress(data))),
    "symbolic link": link(os.symlink),
    "hard link": link(os.link),
    "another time": lambda path: os.utime(path, (0, 0)),
}

# Of result files only: netCDF's tools cannot open a summary for writing.
HARMLESS_ROWS = {
    "attribute of a column": in_h5py(lambda file: file["seed"].attrs.__setitem__("note", "mine")),
    "ncatted": program("ncatted", "-h", "-a", "note,global,c,c,mine", "FILE"),
}

PACKED = {
    "compressed": program("h5repack", "-f", "GZIP=4", "FILE", "NEW"),
    "in chunks": program("h5repack", "-l", "CHUNK=4", "FILE", "NEW"),
}

# What the message says, and how many of the six rows are left.
DAMAGED = {
    "half": (in_bytes(lambda data: data[:len(data) // 2]), "cut off after [0-9]+ of [0-9]+ bytes", 6),
    "the end": (in_bytes(lambda data: data[:-1]), "cut off after", 6),
    "superblock": (hole(24, 40), "HDF5 cannot open it", 6),
    "signature": (hole(0, 8), "not an HDF5 file", 6),
    "root group": (hole(96, 64), "HDF5 cannot open it|root group", 6),
    "header": (header("anchor"), "anchor", 6),
    "coordinates": (lambda path: in_h5py(lambda file: file["anchor"].__setitem__(3, 41))(path),
                    "anchor holds other values than the configuration", 6),
    "sessions' list": (header("provenance/hosts"), "no dataset", 6),
    "an attribute": (in_bytes(lambda data: data.replace(b"anchors: [40, 80, 160]",
                                                        b"anchors: [40, 80, 161]")),
                     "configuration", None),
}


def reuse_block(path):
    """A page of zeros over the states: checksums prove rows done that are not marked any more."""
    with h5py.File(path, "r") as file:
        place = file["state"].id.get_offset()
    save(path, read(path)[:-1])
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(bytes(12))


DAMAGED["states"] = (reuse_block, "cut off after", 6)

NOTHING_OF_OURS = {
    "empty": (in_bytes(lambda data: b""), "empty"),
    "gzip": (in_bytes(gzip.compress), "gunzip"),
    "zeros": (in_bytes(lambda data: bytes(len(data))), "zeros"),
    "text mode": (in_bytes(lambda data: data.replace(b"\n", b"\r\n")), "text mode"),
    "configuration": (in_bytes(lambda data: support.TINY.format(seeds=4, epochs=3).encode()),
                      "configuration.*imagrid run"),
    "CSV": (in_bytes(lambda data: b"kind,n,error\ndynamics,1,2\n" * 9), "CSV.*--curve"),
    "HTML": (in_bytes(lambda data: b"<!doctype html>" * 9), "HTML"),
    "netCDF-3": (in_bytes(lambda data: b"CDF\x01" + bytes(200)), "netCDF.*classic"),
    "NumPy": (in_bytes(lambda data: b"\x93NUMPY" + bytes(200)), "NumPy"),
    "Git LFS": (in_bytes(lambda data: b"version https://git-lfs.github.com/spec/v1\noid"), "git lfs"),
    "offline data": (in_h5py(lambda file: file.__setitem__("observations", [[1.0]]), "w"),
                     "HDF5 file of another program"),
    "directory": (lambda path: (os.unlink(path), os.mkdir(path)), "directory"),
}


class Touching(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = support.enter_for_class(cls)
        cls.config = support.write(cls.path("tiny.yaml"), support.TINY.format(seeds=4, epochs=3))
        cls.call("run", cls.config, "-o", cls.path("whole.h5"), "-q")
        cls.call("run", cls.config, "-o", cls.path("half.h5"), "-q", "--shard", "0/2")
        cls.call("merge", cls.path("whole.h5"), "-q", "-o", cls.path("sum.h5"), "--resamples", "50")
        cls.whole = support.results(cls.path("whole.h5"))
        cls.plan = cls.call("plan", "--fits", cls.path("sum.h5"), *PLAN).stdout

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory, name)

    @classmethod
    def call(cls, *arguments, code=0):
        """One command, without mpirun."""
        result = subprocess.run([support.IMAGRID, *arguments], text=True, errors="replace",
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                                env=dict(support.environment(cls.directory),
                                         HDF5_USE_FILE_LOCKING="FALSE"))
        return support.must(result, code)

    def touched(self, of, touch):
        """A copy in a folder of its own, touched; skips where the program for it is missing."""
        folder = self.path("work")
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        path = os.path.join(folder, "x.h5")
        shutil.copy(self.path(of), path)
        touch(path)
        return path

    def each(self, table, of, check):
        for name, entry in table.items():
            with self.subTest(f"{of}: {name}"):
                touch, *rest = entry if isinstance(entry, tuple) else (entry,)
                check(self.touched(of, touch), *rest)

    def is_whole(self, path):
        found = support.results(path)
        # netCDF has a way of its own for dimensions without values.
        names = [name for name in self.whole if not name.startswith("string")]
        support.assert_same({name: self.whole[name] for name in names},
                            {name: found.get(name) for name in names}, path)

    def saves(self, bad, rows, resume=False):
        """Salvage of half.h5's copy: what is saved, and that a run goes on from there."""
        before = read(bad)
        new = bad + ".saved.h5"
        result = self.call("salvage", bad, "-o", new)
        self.assertIn(f"{rows} done and 0 failed rows of 12 tasks, {12 - rows} left", result.stdout)
        with h5py.File(new, "r") as saved, h5py.File(self.path("half.h5"), "r") as half:
            kept = saved["state"][()] == 1
            self.assertEqual(kept.sum(), rows)
            for name in [*self.whole, *support.TIMING]:
                if name in half and half[name].shape and half[name].shape[0] == 12:
                    self.assertEqual(saved[name][()][kept].tobytes(),
                                     half[name][()][kept].tobytes(), name)
        if resume:
            self.call("run", self.config, "-o", new, "-q")
            self.is_whole(new)
        self.assertEqual(read(bad), before)
        self.assertEqual(sorted(os.listdir(os.path.dirname(bad))), ["x.h5", "x.h5.saved.h5"])

    def test_harmless_to_result_files(self):
        def check(path):
            self.assertIn("6 done, 0 failed, 6 left", self.call("status", path).stdout)
            self.call("run", self.config, "-o", path, "-q")
            self.is_whole(path)
        self.each({**HARMLESS, **HARMLESS_ROWS}, "half.h5", check)

    def test_harmless_to_summaries(self):
        def check(path):
            plan = self.call("plan", "--fits", path, *PLAN).stdout
            self.assertEqual(plan.replace(path, ""), self.plan.replace(self.path("sum.h5"), ""))
            if not os.path.islink(path):
                self.call("merge", self.path("whole.h5"), "-q", "-o", path, "--resamples", "50")
                self.assertEqual(read(path), read(self.path("sum.h5")))
        self.each(HARMLESS, "sum.h5", check)

    def test_packed(self):
        """Compressed or in chunks: read by all, written by none, and salvage makes a file of it."""
        def check(path):
            self.assertIn("6 done, 0 failed, 6 left", self.call("status", path).stdout)
            before = read(path)
            self.assertIn("salvage", self.call("run", self.config, "-o", path, code=4).stderr)
            self.assertEqual(read(path), before)
            self.saves(path, 6, resume=True)
        self.each(PACKED, "half.h5", check)
        self.each(PACKED, "sum.h5", lambda path: self.call("plan", "--fits", path, *PLAN))

    def test_damaged(self):
        def check(path, pattern, rows):
            before = read(path)
            first = pattern == "cut off after [0-9]+ of [0-9]+ bytes"
            for arguments in (("status", path), ("merge" if first else "retry", path)):
                result = self.call(*arguments, code=4)
                self.assertRegex(result.stderr, "damaged: .*(" + pattern + ")")
                self.assertIn("imagrid salvage", result.stderr)
                self.assertEqual(read(path), before)
                if rows is not None:
                    self.assertIn(f"{rows} of 12 rows can be saved", result.stderr)
                    if arguments[0] == "status":
                        self.assertIn(f"can be saved: {rows} done", result.stdout)
            if first:
                self.assertIn("salvage",
                              self.call("run", self.config, "-o", path, "-q", code=4).stderr)
            if rows is not None:
                self.saves(path, rows, resume=first)
        self.each(DAMAGED, "half.h5", check)

    def test_damaged_summary(self):
        for name, touch in {"half": DAMAGED["half"][0], "hole": hole(60000),
                            "value": in_h5py(lambda file: file["exponent"].__setitem__(0, 0.5))}.items():
            with self.subTest(name):
                path = self.touched("sum.h5", touch)
                before = read(path)
                result = self.call("plan", "--fits", path, *PLAN, code=4)
                self.assertRegex(result.stderr, "damaged.*imagrid merge -o")
                self.call("merge", self.path("whole.h5"), "-q", "-o", path, code=2)
                self.assertEqual(read(path), before)

    def test_header_gone(self):
        """Without its first page a file is known by its footer, its configuration from the user."""
        path = self.touched("half.h5", hole(0))
        self.assertIn("--config", self.call("status", path, code=4).stderr)
        self.call("salvage", path, "-o", path + ".n", code=2)
        result = self.call("salvage", path, "-o", path + ".n", "--config", self.config)
        self.assertIn("6 done and 0 failed rows of 12 tasks, 6 left", result.stdout)
        self.assertIn("confirms that", result.stdout)
        self.call("run", self.config, "-o", path + ".n", "-q")
        self.is_whole(path + ".n")

    def test_another_configuration(self):
        """The file's hash decides against a configuration that would fit."""
        other = support.write(self.path("other.yaml"), support.TINY.format(seeds=4, epochs=3).replace(
            "minibatch: 32", "minibatch: 31"))
        path = self.touched("half.h5", DAMAGED["half"][0])
        self.assertIn("another configuration",
                      self.call("salvage", path, "-o", path + ".n", "--config", other, code=2).stderr)
        self.assertFalse(os.path.exists(path + ".n"))

    def test_rows_lost_with_their_page(self):
        """A page of zeros over results: rows outside of it survive, no other does."""
        def touch(path):
            with h5py.File(path, "r") as file:
                place = file["dynamics_mse"].id.get_offset()
            hole(place + 8, 16)(path)
            save(path, read(path)[:-1])
        path = self.touched("half.h5", touch)
        self.saves(path, 5, resume=True)

    def test_reuse_of_a_damaged_file(self):
        path = self.touched("half.h5", DAMAGED["half"][0])
        result = self.call("run", self.config, "-o", path + ".n", "--reuse", path)
        self.assertIn("6 finished tasks taken over", result.stderr)
        self.is_whole(path + ".n")

    def test_files_of_earlier_versions(self):
        """They lack datasets. With an attribute added they are used as ever; cut off before the footer
        their datasets stand where those versions put them."""
        folder = os.path.join(support.SOURCE, "tests", "compatibility")
        for name in sorted(name for name in os.listdir(folder) if name.endswith("-half.h5.gz")):
            with self.subTest(name), gzip.open(os.path.join(folder, name)) as file:
                path = self.path(name[:-len(".gz")])
                save(path, file.read())
                with h5py.File(path, "r") as whole:
                    rows, tasks = (whole["state"][()] == 1).sum(), len(whole["state"])
                cut = read(path)[:-1]
                HARMLESS["attribute"](path)
                self.assertIn(f"{rows} done", self.call("status", path).stdout)
                save(path, cut)
                self.assertIn(f"{rows} of {tasks} rows can be saved",
                              self.call("status", path, code=4).stderr)

    def test_salvage_writes_new_files_only(self):
        path = self.touched("half.h5", DAMAGED["half"][0])
        for target in (path, self.config):
            before = read(target)
            self.assertIn("already exists", self.call("salvage", path, "-o", target, code=2).stderr)
            self.assertEqual(read(target), before)
        self.assertIn("does not exist",
                      self.call("salvage", path, "-o", self.path("no/n.h5"), code=4).stderr)
        self.assertEqual(os.listdir(os.path.dirname(path)), ["x.h5"])

    def test_something_else(self):
        def check(path, pattern):
            for arguments in (("status", path), ("plan", "--fits", path, *PLAN),
                              ("salvage", path, "-o", path + ".n")):
                result = self.call(*arguments, code=4)
                if arguments[0] != "salvage":
                    self.assertRegex(result.stderr, pattern)
                    self.assertNotIn("salvage", result.stderr)
                self.assertFalse(os.path.exists(path + ".n"))
        self.each(NOTHING_OF_OURS, "half.h5", check)

    def test_mixed_up(self):
        result, summary = self.path("half.h5"), self.path("sum.h5")
        for arguments in (("status", summary), ("retry", summary), ("merge", summary),
                          ("run", self.config, "-o", summary),
                          ("run", self.config, "-o", self.path("n.h5"), "--reuse", summary),
                          ("salvage", summary, "-o", self.path("n.h5"))):
            self.assertIn("is a summary", self.call(*arguments, code=4).stderr)
        self.assertFalse(os.path.exists(self.path("n.h5")))
        self.assertRegex(self.call("plan", "--fits", result, *PLAN, code=4).stderr,
                         "is a result file.*imagrid merge -o")
        self.assertRegex(self.call("merge", result, "-q", "-o", result, code=2).stderr,
                         "not a summary.*is a result file")
        self.assertIn("an HDF5 file, not a configuration", self.call("check", result, code=2).stderr)
        with gzip.open(self.path("tiny.yaml.gz"), "wb") as file:
            file.write(read(self.config))
        self.assertIn("gunzip", self.call("check", self.path("tiny.yaml.gz"), code=2).stderr)

    def test_places_that_cannot_be_written(self):
        for name, pattern in (("absent/x.h5", "absent/x.h5: its directory does not exist"),
                              ("tiny.yaml/x.h5", "tiny.yaml/x.h5: a part of its path is a file")):
            for arguments in (("run", self.config, "-q"), ("merge", self.path("half.h5"), "-q")):
                result = self.call(*arguments, "-o", self.path(name), code=4)
                self.assertIn(pattern, result.stderr)
                self.assertNotIn("lock", result.stderr)

    def test_a_copy_taken_during_a_run(self):
        """Its beginning is older than its end: a row is there as a whole or counts as left."""
        path = self.touched("half.h5", lambda path: None)
        old, new = read(path), read(self.path("whole.h5"))
        with h5py.File(path, "r") as file:
            places = sorted(file[name].id.get_offset() for name in ("reward_mse", "reward_curve", "crc"))
        for place in places:
            save(path, old[:place] + new[place:])
            self.call("status", path)
            self.call("run", self.config, "-o", path, "-q")
            self.is_whole(path)

    def test_an_older_copy_comes_back(self):
        """Restored under a newer lock file of a dead run, with another inode."""
        path = self.touched("half.h5", lambda path: None)
        support.write(path + ".lock", "host elsewhere\npid 1\nstart 1\n")
        self.assertIn("--steal-lock", self.call("run", self.config, "-o", path, "-q", code=4).stderr)
        self.call("run", self.config, "-o", path, "-q", "--steal-lock")
        self.is_whole(path)

    def test_hostile(self):
        """Lengths and places that lie: nothing is saved that no checksum proves, and all ends."""
        data = read(self.touched("half.h5", DAMAGED["half"][0]))
        heap = data.find(b"GCOL")
        whole = read(self.path("half.h5"))
        huge = b"\xff" * 8
        for changed in (data[:heap + 8] + huge + data[heap + 16:],
                        data[:heap + 24] + huge + data[heap + 32:],
                        data[:heap + 24] + bytes(8) + data[heap + 32:],
                        b"GCOL" * 100000, b"GCOL\1\0\0\0" + huge + b"\1\0" + bytes(6) + huge,
                        data + b"imagrid\n" * 100000,
                        whole[:-48] + huge + whole[-40:], whole[:-16] + b"\1" + bytes(7) + whole[-8:-1],
                        bytes(100000) + (1).to_bytes(8, "little") + b"imagrid\n"):
            path = self.touched("half.h5", in_bytes(lambda _, changed=changed: changed))
            for config in ((), ("--config", self.config))[changed[:4] == b"GCOL":]:
                result = subprocess.run([support.IMAGRID, "salvage", path, "-o", path + ".n", *config],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
                self.assertIn(result.returncode, (0, 2, 4), result.stderr)
                self.assertEqual(os.path.exists(path + ".n"), result.returncode == 0)
                if result.returncode == 0:
                    with h5py.File(path + ".n", "r") as saved:
                        kept = saved["state"][()] == 1
                        mse = np.frombuffer(self.whole["reward_mse"])
                        self.assertEqual(saved["reward_mse"][kept].tobytes(), mse[kept].tobytes())
                    os.unlink(path + ".n")


unittest.main()
