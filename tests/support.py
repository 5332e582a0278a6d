"""What the tests that run the real programs have in common.

The programs' paths come from the environment (IMAGRID, its other names IMAGRID_MERGE and IMAGRID_PLAN,
and IMAGRID_SOURCE), which the build sets. Missing Python modules make a test skip itself (exit code 77),
as the build expects.
"""
import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import h5py
    import numpy as np
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

IMAGRID = os.environ["IMAGRID"]
MERGE = os.environ["IMAGRID_MERGE"]
PLAN = os.environ.get("IMAGRID_PLAN")
SOURCE = os.environ["IMAGRID_SOURCE"]
# The launcher of the MPI that the programs are built with.
MPIEXEC = os.environ.get("MPIEXEC", "mpiexec")

# Tests that were started under nohup, or in the background of a script, would hand on signals as ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
for _number in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(_number, signal.SIG_DFL)

# Columns that tell when and where a task ran, the only ones that may differ between two runs.
TIMING = ("rank", "start", "seconds", "progress")

TINY = """experiment: scaling
seeds: {seeds}
anchors: [40, 80, 160]
dims: {{state: 3, action: 2, hidden: 8}}
train:
  epochs: {epochs}
  minibatch: 32
holdout: 20
"""


def environment(directory):
    """For children: root and oversubscription allowed, Open MPI's segments in our own folder."""
    env = dict(os.environ)
    env.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
               OMPI_MCA_rmaps_base_oversubscribe="1",
               PRTE_MCA_rmaps_default_mapping_policy=":oversubscribe", OMPI_MCA_btl_vader_backing_directory=directory,
               OMPI_MCA_orte_tmpdir_base=directory, PRTE_MCA_prte_tmpdir_base=directory, OMP_NUM_THREADS="1", LC_ALL="C")
    # The MPI library itself leaks at exit; the unit tests look for leaks.
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    return env


def ours(names):
    """Names of files without those of the MPI library, which leaves some behind: Open MPI 5 a session folder of
    every run without mpirun."""
    return [name for name in names
            if not os.path.basename(name).startswith(("ompi", "pmix", "prte", "vader", "sm_segment"))]


def command(ranks, *arguments):
    """imagrid under its launcher; ranks 0: without one."""
    launcher = [MPIEXEC, "-n", str(ranks)] if ranks else []
    return launcher + [IMAGRID, *map(str, arguments)]


def run(ranks, *arguments, cwd=None, timeout=600, **more):
    directory = tempfile.mkdtemp(prefix="imagrid-mpi-")
    try:
        return subprocess.run(command(ranks, *arguments), env=environment(directory), cwd=cwd,
                              timeout=timeout, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def must(result, code=0):
    """The result, if the program ended as it should."""
    if result.returncode != code:
        raise AssertionError(f"{result.args} ended with {result.returncode}, wanted {code}\n"
                             f"{result.stdout}\n{result.stderr}")
    return result


def library():
    """"Open MPI v4.1.4" or "MPICH 4.2.1": the MPI that the programs run with."""
    return must(run(0, "--version")).stdout.splitlines()[1].split(", ")[0]


def alive(pid):
    """Whether a process is there and not just waiting to be waited for."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def ranks_of(launcher):
    """Process ids of the living ranks below a launcher, whose daemons may stand between."""
    parents, found = {}, []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            head, rest = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)
        except OSError:
            continue
        parents[int(pid)] = (int(rest.split()[1]), head.endswith("(imagrid"), rest.split()[0] not in "ZX")
    for pid, (parent, ours, lives) in parents.items():
        while ours and lives and parent in parents and parent != launcher and not parents[parent][1]:
            parent = parents[parent][0]
        if ours and lives and parent == launcher:
            found.append(pid)
    return sorted(found)


@contextlib.contextmanager
def scratch():
    """A folder of its own, gone afterwards."""
    directory = tempfile.mkdtemp(prefix="imagrid-test-")
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def enter_for_class(case):
    """A folder for all tests of a class, to be called from setUpClass."""
    context = scratch()
    case.addClassCleanup(context.__exit__, None, None, None)
    return context.__enter__()


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


class FolderTest(unittest.TestCase):
    """Tests with a folder of their own each, where `out` is to be the result file."""

    def setUp(self):
        context = scratch()
        self.directory = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.out = os.path.join(self.directory, "out.h5")

    def write(self, name, text):
        return write(os.path.join(self.directory, name), text)

    def tiny(self, seeds, epochs):
        """A configuration of three cheap grid points."""
        return self.write("tiny.yaml", TINY.format(seeds=seeds, epochs=epochs))

    def mount(self, options):
        """A small file system of its own, where that is allowed."""
        point = os.path.join(self.directory, "mnt")
        os.mkdir(point)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", point],
                              stderr=subprocess.DEVNULL)
        if done.returncode:
            self.skipTest("mounting a tmpfs is not allowed here")
        self.addCleanup(subprocess.run, ["umount", point])
        return point


def results(path):
    """Bytes of every dataset but the timing columns and the provenance of starts."""
    with h5py.File(path, "r") as file:
        return {name: file[name][()].tobytes() for name in file
                if isinstance(file[name], h5py.Dataset) and name not in TIMING}


def assert_same(one, other, what):
    different = [name for name in sorted(set(one) | set(other)) if one.get(name) != other.get(name)]
    if different:
        raise AssertionError(f"{what}: {', '.join(different)} differ")


def crc32c(columns):
    """CRC-32C of n messages at once: `columns` is uint8, message bytes x n."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0x82F63B78), table >> 1)
    crc = np.full(columns.shape[1], 0xFFFFFFFF, dtype=np.uint32)
    for byte in columns:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> np.uint32(8))
    return crc ^ np.uint32(0xFFFFFFFF)


def renew_footer(path):
    """Make the footer right again after a change of what its checksum covers (src/store/footer.c): it
    detects accidents, and is no secret."""
    xxhash = ctypes.CDLL("libxxhash.so.0")
    xxhash.XXH3_64bits.restype = ctypes.c_uint64
    xxhash.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]

    def digest(text):
        return struct.pack("<Q", xxhash.XXH3_64bits(text, len(text)))

    data = pathlib.Path(path).read_bytes()
    n = struct.unpack_from("<Q", data, len(data) - 48)[0]
    first = len(data) - 8 * (2 * n + 6)
    at, fixed = 0, b""
    for i in range(n):
        offset, length = struct.unpack_from("<QQ", data, first + 16 * i)
        fixed += data[at:offset]
        at = offset + length
    fixed += data[at:first]
    words = data[first:first + 8 * (2 * n + 2)] + digest(fixed)
    pathlib.Path(path).write_bytes(data[:first] + words + digest(words) + data[-16:])


def wait_until(condition, seconds=120.0):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited too long")
        time.sleep(0.01)
