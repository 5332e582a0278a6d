#!/usr/bin/env python3
"""Calls of the programs fail, one at a time; nothing may crash, hang or be lost.

    inject.py [--thorough] [--calls N] [--jobs N] [--case NAME]... [--kind KIND]... [--codes]

Places in the programs that call for memory, MPI, HDF5 or a file fail once, in each of two ranks.
After each the program must have ended by itself, with the right exit code and a message that names
the cause, and left nothing behind; the same command must then end as if nothing had happened.

The test suite tries every place of a run, and some of the other commands. --thorough tries all of
all commands, and also lets all calls after the first of a place fail; --calls takes N calls of each
place, spread over the run, instead of the first (0: every single one).
"""
import argparse
import collections
import concurrent.futures
import errno
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
import support
from cases import CASES, KINDS
from injection import Injection, launch
from verdict import Verdict, outputs


def spread(calls, most):
    """Of the calls from each place `most`, evenly spread; 0: all."""
    places = {}
    for call in calls:
        places.setdefault(call.site, []).append(call)
    for found in places.values():
        n = min(most or len(found), len(found))
        for i in range(n):
            yield found[i * (len(found) - 1) // max(n - 1, 1)]


class Subject:
    """A case, with the folder it starts from and what it gives undisturbed."""

    def __init__(self, case, directory):
        self.case = case
        self.folder = os.path.join(directory, case.name.replace(" ", "-"))
        os.mkdir(self.folder)
        case.set_up(self.folder)
        with self.copy() as folder:
            outcome = launch(case.arguments, folder, case.ranks)
            if outcome.code != case.good:
                raise AssertionError(f"{case.name}: {outcome}")
            self.reference = outputs(case, folder, outcome)
            self.names = sorted(os.listdir(folder))

    def copy(self):
        return Copy(self.folder)

    def injections(self, kind, most, thorough):
        """What to try of one kind."""
        for caller in ("own", "hdf5") if kind == "files" else ("own",):
            for rank in range(max(1, min(self.case.ranks, 2))):
                number = errno.ENOSPC if caller == "hdf5" else errno.ENOMEM if rank else errno.EIO
                trace = Injection(kind, caller, rank, number)
                with self.copy() as folder:
                    calls = launch(self.case.arguments, folder, self.case.ranks, trace).calls
                chosen = list(spread(calls, most))[::1 if thorough else self.case.every]
                for call in chosen:
                    yield trace._replace(call=call)
                for call in chosen if thorough else ():
                    if call.number == 0:
                        yield trace._replace(call=call, since=True, errno=errno.EDQUOT)

    def lock_after_failed_end(self):
        """Exit code, and whether the lock is there, after rank 0 has lost the others in the last
        agreement: its own rows are written, theirs may be on their way, so that it stays."""
        trace = Injection("mpi", "own")
        with self.copy() as folder:
            calls = launch(self.case.arguments, folder, self.case.ranks, trace).calls
        last = [call for call in calls if call.name == "MPI_Allreduce"][-1]
        with self.copy() as folder:
            outcome = launch(self.case.arguments, folder, self.case.ranks, trace._replace(call=last))
            return outcome.code, os.path.exists(os.path.join(folder, "out.h5.lock"))

    def try_one(self, injection):
        with self.copy() as folder:
            return Verdict(self, folder, injection)


class Copy:
    """A folder to spoil."""

    def __init__(self, original):
        self.original = original

    def __enter__(self):
        self.parent = tempfile.mkdtemp(prefix="imagrid-inject-")
        return shutil.copytree(self.original, os.path.join(self.parent, "work"))

    def __exit__(self, *_):
        shutil.rmtree(self.parent, ignore_errors=True)


class Table:
    """Figures by kind."""

    HEAD = ("kind", "calls failed", "hangs", "crashes", "wrong exit codes", "rows lost or wrong",
            "other faults")

    def __init__(self):
        self.lines = collections.defaultdict(collections.Counter)
        self.codes = collections.defaultdict(collections.Counter)
        self.bad = 0

    def note(self, subject, injection, verdict):
        line = self.lines["files in HDF5" if injection.caller == "hdf5" else injection.kind]
        line["calls failed"] += 1
        self.codes[injection.kind, injection.call.name][verdict.first.code] += 1
        for fault, text in verdict.faults:
            line[fault] += 1
            self.bad += 1
            call, since = injection.call, " and all after it" if injection.since else ""
            print(f"BAD: {subject.case.name}, rank {injection.rank}: {injection.kind}, "
                  f"{call.name} at {call.site}, {call.number}{since}: {fault}: {text}", flush=True)

    def show(self, seconds):
        total = sum(self.lines.values(), collections.Counter())
        print("| " + " | ".join(self.HEAD) + " |")
        print("| --- " * len(self.HEAD) + "|")
        for kind, line in [*self.lines.items(), ("all", total)]:
            print("| " + " | ".join([kind, *(str(line[name]) for name in self.HEAD[1:])]) + " |")
        print(f"{total['calls failed']} calls in {seconds:.0f} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--thorough", action="store_true")
    parser.add_argument("--calls", type=int, default=1)
    parser.add_argument("--codes", action="store_true")
    parser.add_argument("--jobs", type=int, default=2 * os.cpu_count())
    parser.add_argument("--case", action="append")
    parser.add_argument("--kind", action="append")
    options = parser.parse_args()
    kinds = [kind for kind in options.kind or KINDS if kind != os.environ.get("INJECT_SKIP")]
    if len(kinds) < len(options.kind or KINDS):
        print("skipped: memory, for which a sanitizer has allocators of its own")
    begin, table = time.monotonic(), Table()
    with support.scratch() as directory, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case in CASES:
            if case.name not in (options.case or [case.name]):
                continue
            if case.slow and not options.thorough:
                continue
            since = time.monotonic()
            subject = Subject(case, directory)
            tried = [(subject, item) for kind in case.kinds if kind in kinds
                     for item in subject.injections(kind, options.calls, options.thorough)]
            verdicts = pool.map(lambda item: item[0].try_one(item[1]), tried)
            for item, verdict in zip(tried, verdicts):
                table.note(*item, verdict)
            if case.name == "run on 2 ranks" and "mpi" in kinds and \
                    subject.lock_after_failed_end() != (1, True):
                table.bad += 1
                print(f"BAD: {case.name}: rank 0 gives the lock away while others may write")
            print(f"{case.name}: {len(tried)} in {time.monotonic() - since:.0f} s", flush=True)
    if options.codes:
        for (kind, name), codes in sorted(table.codes.items()):
            print(f"{kind} {name}: {dict(codes)}")
    table.show(time.monotonic() - begin)
    return bool(table.bad)


if __name__ == "__main__":
    sys.exit(main())
