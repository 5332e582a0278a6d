#!/usr/bin/env python3
"""Programs as tasks, under all that can happen to them and to those who keep them: no process, zombie or folder is left,
no row is wrong, and the next run goes on.

usage: programs.py [MEGABYTES]    of standard output that one of the programs writes [default: 100]
"""
import os
import signal
import subprocess
import sys
import time
from concurrent import futures

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import support
from support import h5py

MEGABYTES = int(sys.argv[1]) if len(sys.argv) > 1 else 100
# Room for a busy machine, and for what the flood takes.
TIMEOUT = 3 + MEGABYTES // 500

# What a task does, by name; `ok` where its row is done, else a part of the reason.
CHILD = r'''#!/usr/bin/env python3
import json, os, resource, shutil, signal, subprocess, sys, time
how, seed, scratch, megabytes = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
result = json.dumps({"x": seed + 0.5})
def say(text, end="\n"):
    sys.stdout.write(text + end)
    sys.stdout.flush()
if how == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
elif how == "stopped":
    os.kill(os.getpid(), signal.SIGSTOP)
elif how == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for _ in range(3):
        if os.fork() == 0:
            break
    time.sleep(600)
elif how == "flood":
    block = b"x" * 999999 + b"\n"
    for _ in range(megabytes):
        os.write(1, block)
    say(result)
elif how == "closes":
    os.close(1)
elif how == "twice":
    say(json.dumps({"x": -1}))
    say(result)
elif how == "half":
    say(result[:-3])
elif how == "nothing":
    pass
elif how == "unscratched":
    open(os.path.join(scratch, "file"), "w").write("x")
    shutil.rmtree(scratch)
    say(result)
elif how == "descriptors":
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    held = []
    while True:
        held.append(open("/dev/null"))
elif how == "daemon":
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    say(result)
elif how == "three":
    sys.stderr.write("what went wrong\n")
    sys.exit(3)
elif how == "garbage":
    os.write(2, b"\xff\xfe\0 bytes\n")
    os.write(1, b"\xff\xfe\0\n")
elif how == "sleeps":
    open(os.path.join(scratch, "file"), "w").write("x")
    time.sleep(0.6)
    say(result)
'''
EXPECTED = {
    "killed": "ended by signal 9", "stopped": f"time-out of {TIMEOUT} s", "deaf": f"time-out of {TIMEOUT} s", "flood": "ok",
    "closes": "printed no result", "twice": "ok", "half": "is not a JSON object", "nothing": "printed no result",
    "unscratched": "ok", "descriptors": "exit status 1: OSError: [Errno 24] Too many open files", "daemon": "ok",
    "three": "exit status 3: what went wrong", "garbage": "is not a JSON object",
}
GRID = """experiment: program
seeds: {seeds}
command: [python3, child.py, "{{how}}", "{{seed}}", "{{scratch}}", "{megabytes}"]
inputs: [child.py]
axes: {{how: [{how}]}}
columns: {{x: {{}}}}
timeout: {timeout}
grace: 0.2s
scratch: {scratch}
"""


def marked(mark, word=""):
    """Process ids of all that came from a scene, by the environment, with this word on the command line. (Zombies have
    neither; they cannot outlive the keeper, which is their parent.)"""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ, open(f"/proc/{pid}/cmdline", "rb") as line:
                if mark.encode() in environ.read().split(b"\0") and word.encode() in line.read():
                    found.append(int(pid))
        except OSError:
            pass
    return found


class Scene:
    """A grid, its files, and all processes that come of it."""

    def __init__(self, directory, name, how, seeds=1, timeout=f"{TIMEOUT}s"):
        self.name, self.scratch = name, os.path.join(directory, name + "-scratch")
        self.mpi = os.path.join(directory, name + "-mpi")
        os.mkdir(self.scratch)
        os.mkdir(self.mpi)
        self.out = os.path.join(directory, name + ".h5")
        self.mark = f"IMAGRID_TEST_MARK={os.getpid()}-{name}"
        self.config = support.write(os.path.join(directory, name + ".yaml"), GRID.format(
            seeds=seeds, how=", ".join(how), timeout=timeout, scratch=self.scratch, megabytes=MEGABYTES))

    def marked(self, word=""):
        return marked(self.mark, word)

    def start(self):
        env = dict([self.mark.split("=")], **support.environment(self.mpi))
        return subprocess.Popen(support.command(2, "run", self.config, "-o", self.out, "-q"), env=env,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self, code):
        ended = self.start().wait(timeout=120 + 4 * TIMEOUT)
        assert ended == code, (self.name, ended)

    def nothing_left(self):
        support.wait_until(lambda: not self.marked(), 10)
        left = os.listdir(self.scratch)
        assert not left, f"{self.name}: {left} is left of scratch folders"

    def finish(self):
        """Run to the end, and compare every row with what its program must print."""
        self.run(0)
        with h5py.File(self.out, "r") as file:
            assert (file["state"][()] == 1).all() and (file["x"][()] == file["seed"][()] + 0.5).all()
        self.nothing_left()


def behaviour(directory):
    scene = Scene(directory, "behaviour", EXPECTED)
    scene.run(3)
    with h5py.File(scene.out, "r") as file:
        rows = zip(file["how"][()], file["state"][()], file["x"][()], file["failure"][()], file["stderr"][()])
        for name, state, x, failure, stderr in rows:
            name, failure, stderr = (text.tobytes().rstrip(b"\0").decode() for text in (name, failure, stderr))
            if EXPECTED[name] == "ok":
                assert state == 1 and x == 0.5, (name, state, x, failure)
            else:
                assert state == 2 and EXPECTED[name] in failure, (name, state, failure)
            assert ("what went wrong" in stderr) == (name == "three"), (name, stderr)
            assert name != "garbage" or "bytes" in stderr, (name, stderr)
    scene.nothing_left()
    print(f"{len(EXPECTED)} kinds of programs: every row right or failed with its reason, nothing left")


WORDS = {"rank": support.IMAGRID + "\0run", "keeper": "imagrid-keeper", "program": "child.py"}


def strike(directory, kind):
    """kill -9 in the middle of a run."""
    scene = Scene(directory, kind, ["sleeps"], seeds=6, timeout="1min")
    process = scene.start()
    support.wait_until(lambda: len(scene.marked("child.py")) >= 2, 20)
    time.sleep(0.2)
    os.kill(process.pid if kind == "mpirun" else scene.marked(WORDS[kind])[-1], signal.SIGKILL)
    code = process.wait(timeout=60)
    scene.nothing_left()
    if kind in ("keeper", "program"):
        # The run goes on; the task is a failed row.
        assert code == 3, (kind, code)
        with h5py.File(scene.out, "r") as file:
            reasons = [row.tobytes().rstrip(b"\0").decode() for row in file["failure"][()][file["state"][()] == 2]]
        wanted = "signal 9" if kind == "program" else "was killed"
        assert len(reasons) == 1 and wanted in reasons[0], reasons
        support.must(support.run(0, "retry", scene.out))
    else:
        assert code != 0, (kind, code)
    scene.finish()
    print(f"kill -9 of a {kind}: mpirun ended with {code}, nothing left, the next run finished the grid")


def main():
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    with support.scratch() as directory:
        support.write(os.path.join(directory, "child.py"), CHILD)
        with futures.ThreadPoolExecutor() as scenes:
            running = [scenes.submit(behaviour, directory)]
            running += [scenes.submit(strike, directory, kind) for kind in ("rank", "mpirun", "keeper", "program")]
            for one in running:
                one.result()


main()
