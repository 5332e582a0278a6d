"""Running a program of imagrid with a call that fails, under a watchdog.

The library that lets it fail comes from the build (INJECT_LIBRARY); inject.h tells what it reads.
"""
import collections
import errno
import os
import shutil
import signal
import subprocess
import tempfile

import support

LIBRARY = os.environ["INJECT_LIBRARY"]
# A run takes less than a second; on a machine with other work it may take many.
WATCHDOG = 60

Injection = collections.namedtuple("Injection", "kind caller rank errno call since")
Injection.__new__.__defaults__ = (0, errno.EIO, None, False)
Outcome = collections.namedtuple("Outcome", "code out said hung calls")
# The number counts the calls from one place in the program.
Call = collections.namedtuple("Call", "name site number")


def variables(injection, report):
    """What the library is told; without a call it notes them all."""
    told = {"INJECT_KIND": injection.kind, "INJECT_CALLER": injection.caller,
            "INJECT_RANK": injection.rank, "INJECT_ERRNO": injection.errno,
            "INJECT_REPORT": report}
    if injection.call:
        told.update(INJECT_SITE=injection.call.site, INJECT_AT=injection.call.number)
    if injection.since:
        told["INJECT_SINCE"] = 1
    return {name: str(value) for name, value in told.items()}


def calls(report):
    """What the library wrote down."""
    if not os.path.exists(report):
        return []
    found, seen = [], collections.Counter()
    with open(report, encoding="ascii") as lines:
        for name, site in map(str.split, lines):
            found.append(Call(name, site, seen[site]))
            seen[site] += 1
    return found


def end(process):
    """Kill a process and all it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    return process.communicate()


def launch(arguments, folder, ranks=0, injection=None, seconds=WATCHDOG):
    """Run a program in a folder; ranks 0: without mpirun. The outcome, with the calls that were
    reported. What does not end in time is killed and has hung."""
    hidden = tempfile.mkdtemp(prefix="imagrid-inject-")
    try:
        report = os.path.join(hidden, "report")
        env = support.environment(hidden)
        # Memory is never zero by accident; one rank alone needs no daemon of Open MPI.
        env.update(MALLOC_PERTURB_="165", OMPI_MCA_ess_singleton_isolated="1",
                   TMPDIR=os.path.join(folder, "tmp"))
        command = [support.MPIEXEC, "-n", str(ranks)] if ranks else []
        if injection:
            env.update(variables(injection, report))
            command += ["env", f"LD_PRELOAD={LIBRARY}"]
            env["ASAN_OPTIONS"] += ":verify_asan_link_order=0"
        process = subprocess.Popen([*command, *arguments], cwd=folder, env=env, text=True,
                                   errors="replace", stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True)
        try:
            (out, said), hung = process.communicate(timeout=seconds), False
        except subprocess.TimeoutExpired:
            (out, said), hung = end(process), True
        return Outcome(process.returncode, out, said, hung, calls(report))
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
