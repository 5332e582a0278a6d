"""What a program did after a call had failed, and whether that was right."""
import errno
import os
import re

import support
from injection import launch
from support import h5py, np

DONE, FAILED = 1, 2
# Signs of a program that did not know what it did.
CRASH = re.compile(r"AddressSanitizer|runtime error:|\*\*\* |free\(\)|malloc\(\)|double free|"
                   r"corrupted|Segmentation|signal \d+ \(|stack smashing|imagrid: bug|gsl: |"
                   r"Assertion")
CAUSE = {
    "memory": r"(?i)memory|allocate",
    "mpi": r"MPI",
    "hdf5": r"imagrid\S*: .*\w",
    "files": r"imagrid\S*: .*\w|grid\.yaml: cannot be",
}
CODES = {"memory": (1,), "mpi": (1,), "hdf5": (4, 1), "files": (4,)}
# Without these a file cannot be removed, or not be known as ours.
REMOVING = ("fstat64", "lstat64", "open64", "opendir", "rmdir", "unlink", "unlinkat")


def may_be_ignored(kind, name):
    """Whether nothing depends on a call, or something else has to do without it."""
    if kind == "mpi":
        return name == "MPI_Get_library_version"
    return kind != "hdf5" or name.endswith("close")


def outputs(case, folder, outcome):
    """Everything a command makes, to be compared."""
    found = {"text": outcome.out} if case.text else {}
    for name in ("out.h5", "summary.h5"):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            found.update((f"{name}/{key}", value) for key, value in support.results(path).items())
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if name.endswith((".csv", ".tex", ".html")):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = file.read()
    return found


def rows(path):
    """State by task, and by dataset the rows."""
    if not os.path.exists(path):
        return np.zeros(0, dtype=int), {}
    with h5py.File(path, "r") as file:
        state = file["state"][()]
        return state, {name: file[name][()] for name in file
                       if isinstance(file[name], h5py.Dataset) and name not in support.TIMING
                       and len(file[name].shape) > 0 and len(file[name]) == len(state)}


class Verdict:
    """Of one injection; `faults` is a list of (heading, text)."""

    def __init__(self, subject, folder, injection):
        self.subject, self.folder, self.case = subject, folder, subject.case
        self.injection, self.call, self.faults = injection, injection.call, []
        self.first = launch(self.case.arguments, folder, self.case.ranks, injection)
        self.judge_end()
        if self.case.runs or self.case.name == "retry":
            self.judge_rows()
        self.judge_leavings()
        if self.first.code != self.case.good and not self.first.hung:
            self.judge_again()

    def blame(self, heading, text):
        self.faults.append((heading, text))

    def judge_end(self):
        first, kind = self.first, self.injection.kind
        if first.hung:
            self.blame("hangs", first.said)
            return
        if first.code < 0 or first.code > 127 or CRASH.search(first.said):
            self.blame("crashes", f"{first.code}: {first.said}")
            return
        # Ranks that wait for each other look more or less often.
        if not first.calls and not self.case.timed and not (self.case.ranks and self.call.number):
            self.blame("other faults", "the call was not reached")
        if first.code == self.case.good:
            if outputs(self.case, self.folder, first) != self.subject.reference:
                self.blame("rows lost or wrong", "all seemed well")
            if first.calls and not may_be_ignored(kind, self.call.name) and not self.rescued():
                self.blame("wrong exit codes", "the failure was ignored")
            return
        if first.code == 3 and kind == "memory" and self.case.runs:
            return
        # Every rank can still close its file.
        if kind == "files" and "MPI_ABORT was invoked" in first.said:
            self.blame("other faults", f"all ranks were ended: {first.said}")
        if first.code not in self.right_codes():
            self.blame("wrong exit codes", f"{first.code}: {first.said}")
        elif not re.search(self.cause(), first.said + first.out * self.case.talks):
            self.blame("other faults", f"no cause is named: {first.said}")

    def rescued(self):
        """Whether rows came without HDF5: of an older file, which was named then, or by another of the
        layouts that salvage tries."""
        return self.injection.kind == "hdf5" and (self.case.name == "salvage" or
                                                  re.search(r"imagrid: old\.h5\b", self.first.said))

    def cause(self):
        """What the message must contain."""
        if self.case.talks and self.first.code == 4:
            return "NOT fit|standard output"
        return CAUSE[self.injection.kind]

    def right_codes(self):
        """A configuration, a plugin or an input file that cannot be read is a wrong one; texts are put
        together in memory by the calls for files."""
        said = self.first.said
        if self.case.talks:  # it is not fit for a run, whatever the reason
            return (4, 1)
        in_memory = self.call.name == "fclose" or self.injection.since
        right = CODES[self.injection.kind] + ((1,) if in_memory and "memory" in said else ())
        if self.injection.kind == "files" and self.injection.errno == errno.ENOMEM:
            right += (1,)
        wrong = r"grid\.yaml: cannot be|grid\.yaml:\d+:\d+: file: |: plugin "
        if self.injection.kind == "files" and re.search(wrong, said):
            # Where all files fail, so may standard output.
            right = (2, 1, 4) if self.injection.since else (2, *right[1:])
        return right

    def judge_rows(self):
        """Nothing finished is lost, and what is marked done is right."""
        try:
            before, _ = rows(os.path.join(self.subject.folder, "out.h5"))
            state, columns = rows(os.path.join(self.folder, "out.h5"))
        except (OSError, KeyError) as error:
            self.blame("rows lost or wrong", str(error))
            return
        if len(before) and not (len(state) and (state[before == DONE] == DONE).all()):
            self.blame("rows lost or wrong", "finished rows are gone")
        if self.first.code == 3 and self.injection.kind == "memory":
            for reason in columns["failure"][state == FAILED]:
                if b"memory" not in reason.tobytes():
                    self.blame("other faults", f"failed because of {reason.tobytes()}")
        for name, values in columns.items():
            right = np.frombuffer(self.subject.reference[f"out.h5/{name}"],
                                  values.dtype).reshape(values.shape)
            done = state == DONE
            if values[done].tobytes() != right[done].tobytes():
                self.blame("rows lost or wrong", f"{name} is wrong")

    def judge_leavings(self):
        extra = set(os.listdir(self.folder)) - set(self.subject.names)
        extra |= {f"tmp/{name}" for name in support.ours(os.listdir(os.path.join(self.folder, "tmp")))}
        helpless = self.injection.kind == "files" and (self.injection.since or
                                                       self.call.name in REMOVING)
        # Rank 0 was killed when another rank gave up, or left others that may still have written
        # when MPI failed: either lock is taken over by the next run.
        given_up = self.first.code == 1 and (self.injection.rank > 0 or (
            self.injection.kind == "mpi" and self.case.ranks > 1))
        if extra and not helpless and not (given_up and extra == {"out.h5.lock"}):
            self.blame("other faults", f"left behind: {' '.join(sorted(extra))}")

    def judge_again(self):
        """The same command, undisturbed, on one rank: the results are those of any number."""
        if self.case.talks:
            return
        if self.case.name == "salvage" and os.path.exists(os.path.join(self.folder, "out.h5")):
            os.remove(os.path.join(self.folder, "out.h5"))  # whole, but standard output failed; salvage replaces none
        again = launch(self.case.arguments, self.folder)
        if again.code == 3 and self.case.runs and self.case.good == 0:
            launch([support.IMAGRID, "retry", "out.h5"], self.folder)
            again = launch(self.case.arguments, self.folder)
        if again.code != self.case.good:
            self.blame("rows lost or wrong", f"again: {again.code}: {again.said}")
        elif outputs(self.case, self.folder, again) != self.subject.reference:
            self.blame("rows lost or wrong", "the same command does not give the same")
        elif os.path.exists(os.path.join(self.folder, "out.h5.lock")):
            self.blame("other faults", "left behind even by an undisturbed run")
