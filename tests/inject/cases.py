"""The commands into which calls are injected, each on a grid of tasks that take a millisecond."""
import os

import support
from injection import launch

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
RUN = [support.IMAGRID, "run", "grid.yaml", "-o", "out.h5", "--quiet"]


class Case:
    """A command in a prepared folder. `good` is the exit code that it has undisturbed, `text` tells
    that its standard output is a result, `talks` that it says there what is wrong, `timed` that it
    calls more or less often by the clock, `slow` that it is left to thorough tests."""

    def __init__(self, name, arguments, ranks=0, prepare=(), good=0, text=False, talks=False,
                 timed=False, slow=False, kinds=None, grid=GRID):
        self.name, self.arguments, self.ranks, self.good = name, arguments, ranks, good
        self.prepare, self.text, self.grid = prepare, text, grid
        self.talks, self.timed, self.slow = talks, timed, slow
        self.kinds = kinds or ("memory", "mpi", "hdf5", "files")

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


MERGE = [support.MERGE, "out.h5", "-o", "summary.h5", "--csv", "tables", "--latex", "latex"]
PAGE = [support.MERGE, "out.h5", "--report", "page.html"]
PLAN = [support.PLAN, "--fits", "summary.h5", "--cost-dyn", "1", "--cost-rew", "10", "--budget",
        "1e6", "--gamma", "0.9", "--lipschitz", "0.5,1,0.5"]
HALF = [[*RUN, "--shard", "0/2"]]
OLD = [[support.IMAGRID, "run", "small.yaml", "-o", "old.h5", "--quiet"]]

CASES = [
    Case("run alone", RUN),
    Case("run on 2 ranks", RUN, 2),
    Case("run on 3 ranks", RUN, 3, kinds=("mpi",)),
    Case("resume alone", RUN, prepare=HALF),
    Case("resume on 2 ranks", RUN, 2, HALF),
    Case("reuse", [*RUN, "--reuse", "old.h5"], prepare=OLD),
    Case("reuse on 2 ranks", [*RUN, "--reuse", "old.h5"], 2, OLD, kinds=("mpi",)),
    Case("check", [support.IMAGRID, "check", "grid.yaml"], text=True),
    Case("list", [support.IMAGRID, "list", "grid.yaml"], text=True),
    Case("status", [support.IMAGRID, "status", "out.h5"], prepare=[RUN], text=True),
    Case("status of failures", [support.IMAGRID, "status", "out.h5"], prepare=[RUN], text=True,
         grid=FAILING),
    Case("retry", [support.IMAGRID, "retry", "out.h5"], prepare=[RUN], grid=FAILING),
    Case("estimate", [support.IMAGRID, "estimate", "grid.yaml", "--measure", "0.01"],
         timed=True),
    Case("doctor", [support.IMAGRID, "doctor", "."], talks=True, timed=True),
    Case("doctor on 2 ranks", [support.IMAGRID, "doctor", "."], 2, talks=True, timed=True,
         kinds=("memory", "mpi", "files")),
    Case("merge", MERGE, prepare=[RUN], text=True),
    Case("page", PAGE, prepare=[RUN], kinds=("memory", "files"), slow=True),
    Case("plan", PLAN, prepare=[RUN, MERGE], text=True),
]
