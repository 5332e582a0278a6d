#!/usr/bin/env python3
"""Programs as tasks, under all that can happen to them and to those who keep them: no process or folder is left, no row
is wrong, and the next run goes on.

usage: programs.py [MEGABYTES [STRIKES]]

MEGABYTES of standard output that one of the programs writes [default: 100]; then so many STRIKES at random moments of
short tasks [default: none].
"""
import os
import random
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
STRIKES = int(sys.argv[2]) if len(sys.argv) > 2 else 0
OWN_MOUNTS = "IMAGRID_TEST_MOUNTS"
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
    "killed": "ended by signal 9", "stopped": f"time-out of {TIMEOUT} s", "deaf": f"time-out of {TIMEOUT} s",
    "flood": "ok", "closes": "printed no result", "twice": "ok", "half": "is not a JSON object",
    "nothing": "printed no result",
    "unscratched": "ok", "descriptors": "exit status 1: OSError: [Errno 24] Too many open files", "daemon": "ok",
    "three": "exit status 3: what went wrong", "garbage": "is not a JSON object",
}
# The same for programs that write their result to a file.
WRITER = r'''
import json, os, shutil, sys
how, seed, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
folder, result = os.path.dirname(path), json.dumps({"x": seed + 0.5})
def write(text, mode="w"):
    with open(path, mode) as file:
        file.write(text)
if how not in ("none", "folder", "pipe"):
    write(result)
if how == "appends":
    write(result, "a")
elif how == "again":
    write("{}")
    write(result)
elif how == "cut":
    os.truncate(path, len(result) - 2)
elif how == "empty":
    write("")
elif how == "mute":
    os.close(1)
    os.close(2)
elif how == "unscratched":
    shutil.rmtree(folder)
elif how == "folder":
    os.mkdir(path)
elif how == "pipe":
    os.mkfifo(path)
elif how == "huge":
    os.truncate(path, 1 << 27)
elif how == "shut":
    os.mkdir(folder + "/shut")
    open(folder + "/shut/file", "w").close()
    os.chmod(folder + "/shut", 0)
    os.chmod(folder, 0o500)
elif how == "full":
    write("x" * (1 << 23))
'''
WRITTEN = {
    "appends": "is not a JSON object", "again": "ok", "cut": "is not a JSON object", "empty": "is empty",
    "none": "wrote no result file",
    "mute": "ok", "unscratched": "wrote no result file", "folder": "not a plain file", "pipe": "not a plain file",
    "huge": "bytes, more than", "shut": "ok",
}
# A short task with files and a process that stays behind.
SHORT = r"""i=0
while [ $i -lt 150 ]; do : > $3/f$i; i=$((i+1)); done
(trap '' TERM; setsid sleep 100 > /dev/null 2>&1 &)
echo "{\"x\": $2.5}"
"""
GRID = """experiment: program
seeds: {seeds}
command: [{words}]
inputs: [{script}]
axes: {{how: [{how}]}}
columns: {{x: {{}}}}
timeout: {timeout}
grace: 0.2s
scratch: {scratch}
"""


COMMANDS = {
    "child.py": f'python3, child.py, "{{how}}", "{{seed}}", "{{scratch}}", "{MEGABYTES}"',
    "writer.py": 'python3, writer.py, "{how}", "{seed}", "{result}"',
    "short.sh": 'sh, short.sh, "{how}", "{seed}", "{scratch}"',
}


def marked(mark, word=""):
    """Process ids of all that came from a scene, by the environment, with this word on the command line. (Zombies,
    which have neither, cannot outlive the keeper, their parent.)"""
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

    def __init__(self, directory, name, how, seeds=1, timeout=f"{TIMEOUT}s", script="child.py"):
        self.name, self.scratch = name, os.path.join(directory, name + "-scratch")
        self.mpi = os.path.join(directory, name + "-mpi")
        os.mkdir(self.scratch)
        os.mkdir(self.mpi)
        self.out = os.path.join(directory, name + ".h5")
        self.mark = f"IMAGRID_TEST_MARK={os.getpid()}-{name}"
        self.config = support.write(os.path.join(directory, name + ".yaml"), GRID.format(
            seeds=seeds, how=", ".join(how), timeout=timeout, scratch=self.scratch, script=script,
            words=COMMANDS[script]))

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


def check_rows(scene, expected):
    scene.run(3)
    with h5py.File(scene.out, "r") as file:
        rows = zip(*(file[name][()] for name in ("how", "state", "x", "failure", "stderr")))
        for name, state, x, failure, stderr in rows:
            name, failure, stderr = (text.tobytes().rstrip(b"\0").decode() for text in (name, failure, stderr))
            if expected[name] == "ok":
                assert state == 1 and x == 0.5, (name, state, x, failure)
            else:
                assert state == 2 and expected[name] in failure, (name, state, failure)
            assert ("what went wrong" in stderr) == (name == "three"), (name, stderr)
            assert name != "garbage" or "bytes" in stderr, (name, stderr)
    scene.nothing_left()
    print(f"{len(expected)} kinds of programs: every row right or failed with its reason, nothing left")


def behaviour(directory):
    check_rows(Scene(directory, "behaviour", EXPECTED), EXPECTED)


def writers(directory):
    """With a small disk for scratch, where mounting one is allowed; it goes with the name space of `main`."""
    expected = dict(WRITTEN, full="No space left on device")
    scene = Scene(directory, "writers", expected, script="writer.py")
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", scene.scratch]
    if not os.environ.get(OWN_MOUNTS) or subprocess.run(mount, check=False).returncode:
        expected = WRITTEN
        scene = Scene(directory, "writers-no-disk", expected, script="writer.py")
    check_rows(scene, expected)


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


def strike_at_random(scene, chance):
    """One of the ways to end a run, at any moment of it; what it was, and whether mpirun had to be killed then."""
    kind = chance.choice(("rank", "ranks", "mpirun", "everything", "keeper", "program", "stopped program"))
    process = scene.start()
    support.wait_until(lambda: scene.marked("short.sh") or process.poll() is not None, 20)
    time.sleep(chance.uniform(0, 0.5))
    ranks = [pid for pid in scene.marked(WORDS["rank"]) if pid != process.pid]
    word = {"keeper": WORDS["keeper"], "program": "short.sh", "stopped program": "short.sh"}.get(kind)
    one = scene.marked(word)[:1] if word else ranks[:1]
    victims = {"mpirun": [process.pid], "ranks": ranks, "everything": [process.pid, *ranks]}.get(kind, one)
    struck = 0
    for pid in victims:
        try:
            os.kill(pid, signal.SIGSTOP if kind == "stopped program" else signal.SIGKILL)
            struck += 1
        except ProcessLookupError:
            pass
    kind = kind if struck else "nobody"
    if word:
        # The run goes on; end it with the stopped program in it, or with a new keeper.
        time.sleep(0.2)
        process.send_signal(signal.SIGUSR1)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        # The mpirun of Open MPI 4.1 sometimes blocks itself at its end, which is not the ranks' fault.
        assert not [pid for pid in scene.marked(WORDS["rank"]) if pid != process.pid], kind
        process.kill()
        process.wait()
        return kind, True
    return kind, False


def campaign(directory):
    """Strikes at random moments of short tasks, each on the same file until its grid is whole."""
    chance, table, blocked = random.Random(20261201), {}, 0
    scene = Scene(directory, "campaign", ["short"], seeds=3000, script="short.sh")
    for _ in range(STRIKES):
        kind, hung = strike_at_random(scene, chance)
        blocked += hung
        table[kind] = table.get(kind, 0) + 1
        scene.nothing_left()
        with h5py.File(scene.out, "r") as file:
            state = file["state"][()]
            good = state == 1
            assert (file["x"][()][good] == file["seed"][()][good] + 0.5).all()
            reasons = {row.tobytes().rstrip(b"\0").decode() for row in file["failure"][()][state == 2]}
        assert reasons <= {"the process that kept it was killed", "ended by signal 9 (Killed)"}, reasons
        if (state != 0).all():
            os.remove(scene.out)
    print(f"{STRIKES} strikes, nothing left, no row wrong, mpirun blocked at its end {blocked} times:",
          ", ".join(f"{kind} {n}" for kind, n in sorted(table.items())))


def main():
    mounts = ["unshare", "--mount"]
    if not os.environ.get(OWN_MOUNTS) and subprocess.run([*mounts, "true"], stderr=subprocess.DEVNULL,
                                                         check=False).returncode == 0:
        os.environ[OWN_MOUNTS] = "1"
        os.execvp(mounts[0], [*mounts, sys.executable, *sys.argv])
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    with support.scratch() as directory:
        for name, text in (("child.py", CHILD), ("writer.py", WRITER), ("short.sh", SHORT)):
            support.write(os.path.join(directory, name), text)
        with futures.ThreadPoolExecutor() as scenes:
            running = [scenes.submit(scene, directory) for scene in (behaviour, writers)]
            running += [scenes.submit(strike, directory, kind) for kind in ("rank", "mpirun", "keeper", "program")]
            for one in running:
                one.result()
        if STRIKES:
            campaign(directory)


main()
