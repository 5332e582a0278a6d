"""The commands into which calls are injected, each on a grid of tasks that take a millisecond."""
import os
import sys

import support
from injection import launch

KINDS = ("memory", "mpi", "hdf5", "files")
GRID = """experiment: scaling
seeds: {seeds}
anchors: [40, 80]
dims: {{state: 3, action: 2, hidden: 8}}
train:
  epochs: 2
  minibatch: 32
holdout: 20
"""
# Half of its tasks fail.
FAILING = GRID + "train.learning_rate: [0.001, 1.0e+12]\n"
HALVES = "experiment: half\nseeds: {seeds}\nn: [3, 6]\n"
BYTES = "experiment: reader\nseeds: {seeds}\nfile: data.bin\nn: [3, 6]\n"
# GSL at work.
ALLOCATION = """experiment: allocation
seeds: 1
parts:
  - {{group: tanh}}
  - {{group: lqg, weights: realized, gamma: 0.8, system: 0}}
lqg: {{samples: [100, 2000], anchors: 4, replicates: 2}}
"""
RUN = [support.IMAGRID, "run", "grid.yaml", "-o", "out.h5", "--quiet"]


class Case:
    """A command in a prepared folder. `good` is the exit code that it has undisturbed, `text` tells
    that its standard output is a result, `talks` that it says there what is wrong, `timed` that it
    calls more or less often by the clock, `slow` that it is left to thorough tests; others try one
    place in `every`."""

    def __init__(self, name, arguments, ranks=0, prepare=(), good=0, text=False, talks=False,
                 timed=False, slow=False, every=1, kinds=None, grid=GRID):
        self.name, self.arguments, self.ranks, self.good = name, arguments, ranks, good
        self.prepare, self.text, self.grid = prepare, text, grid
        self.talks, self.timed, self.slow, self.every = talks, timed, slow, every
        self.kinds = kinds or KINDS

    @property
    def runs(self):
        return self.arguments[:2] == RUN[:2]

    def set_up(self, folder):
        os.mkdir(os.path.join(folder, "tmp"))
        support.write(os.path.join(folder, "grid.yaml"), self.grid.format(seeds=3))
        support.write(os.path.join(folder, "small.yaml"), self.grid.format(seeds=2))
        for arguments in self.prepare:
            outcome = launch(arguments, folder)
            if outcome.code not in (0, 3):
                raise AssertionError(f"{arguments}: {outcome}")


DATA = [support.IMAGRID, "data", "file.hdf5"]
MAKE_DATA = [[sys.executable, os.path.join(support.SOURCE, "docs/examples/dataset/make-pendulum.py"), "file.hdf5",
              "--rows", "300", "--layout", "robomimic"]]
PLUGIN = [*RUN, "--plugin", os.path.join(os.environ["IMAGRID_PLUGINS"], "none.so")]
READER = [*RUN, "--plugin", os.path.join(os.environ["IMAGRID_PLUGINS"], "reader.so")]
REUSE = [*RUN, "--reuse", "old.h5"]
STATUS = [support.IMAGRID, "status", "out.h5"]
RETRY = [support.IMAGRID, "retry", "out.h5"]
ESTIMATE = [support.IMAGRID, "estimate", "grid.yaml", "--measure", "0.05"]
DOCTOR = [support.IMAGRID, "doctor", "."]
MERGE = [support.MERGE, "out.h5", "-o", "summary.h5", "--csv", "tables", "--latex", "latex"]
PAGE = [support.MERGE, "out.h5", "--report", "page.html"]
PLAN = [support.PLAN, "--fits", "summary.h5", "--cost-dyn", "1", "--cost-rew", "10", "--budget",
        "1e6", "--gamma", "0.9", "--lipschitz", "0.5,1,0.5"]
HALF = [[*RUN, "--shard", "0/2"]]
OLD = [[support.IMAGRID, "run", "small.yaml", "-o", "old.h5", "--quiet"]]
SALVAGE = [support.IMAGRID, "salvage", "bad.h5", "-o", "out.h5"]
# Without its footer, whose places salvage then finds by itself.
BAD = [[support.IMAGRID, "run", "grid.yaml", "-o", "bad.h5", "--quiet"], ["truncate", "-s", "-40", "bad.h5"]]

CASES = [
    Case("run alone", RUN),
    Case("run of another experiment", RUN, grid=ALLOCATION, kinds=("memory",), every=4),
    # A rank that errs while the others wait in a collective call.
    Case("run on 2 ranks", RUN, 2, kinds=("mpi",)),
    Case("run on 2 ranks, no memory", RUN, 2, kinds=("memory", "files"), every=9),
    Case("run on 3 ranks", RUN, 3, kinds=("mpi",), every=8),
    Case("resume alone", RUN, prepare=HALF, every=8),
    Case("resume on 2 ranks", RUN, 2, HALF, kinds=("mpi", "memory", "files"), slow=True),
    Case("reuse", REUSE, prepare=OLD, every=8),
    Case("reuse on 2 ranks", REUSE, 2, OLD, kinds=("mpi",), every=8),
    Case("run with a plugin on 2 ranks", PLUGIN, 2, grid=HALVES, kinds=("memory", "mpi", "files"),
         every=20),
    Case("run on an input file on 2 ranks", READER, 2, [["cp", "grid.yaml", "data.bin"]], grid=BYTES,
         kinds=("memory", "mpi", "files"), every=20),
    Case("data", [*DATA, "--filter", "train"], prepare=MAKE_DATA, text=True, every=20),
    Case("check", [support.IMAGRID, "check", "grid.yaml"], text=True),
    Case("list", [support.IMAGRID, "list", "grid.yaml"], text=True, every=3),
    Case("status", STATUS, prepare=[RUN], text=True, every=3),
    Case("status of failures", STATUS, prepare=[RUN], text=True, grid=FAILING, every=6),
    Case("retry", RETRY, prepare=[RUN], grid=FAILING, every=2),
    Case("salvage", SALVAGE, prepare=BAD, text=True, every=8),
    Case("estimate", ESTIMATE, timed=True, every=3),
    Case("doctor", DOCTOR, talks=True, timed=True, every=2),
    Case("doctor on 2 ranks", DOCTOR, 2, talks=True, timed=True, kinds=("mpi",), every=8),
    Case("doctor on 2 ranks, no files", DOCTOR, 2, talks=True, timed=True,
         kinds=("memory", "files"), slow=True),
    Case("merge", MERGE, prepare=[RUN], text=True, every=6),
    Case("page", PAGE, prepare=[RUN], kinds=("memory", "files"), slow=True),
    Case("page of failures", PAGE, prepare=[RUN], grid=FAILING, good=3, kinds=("memory",),
         slow=True),
    Case("plan", PLAN, prepare=[RUN, MERGE], text=True, every=2),
]
