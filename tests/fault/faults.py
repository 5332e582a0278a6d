"""The faults of the campaign. Each is a function that gets a `Victim`, a run of one to four ranks
that has just been started, and does it harm.

A fault leaves no process of its run behind it.
"""
import os
import re
import signal
import subprocess
import time

import support

GRACE = 15  # seconds for mpirun after the last rank
# Whether mpirun hands on what the ranks ended with after a signal; MPICH's hydra says 0 now and then.
CERTAIN = support.library().startswith("Open MPI")
# What mpirun may return after SIGUSR1; when the run has just ended by itself, mpirun no longer
# catches the signal and dies of it.
WARNED = (0, 75, -signal.SIGUSR1)
FORWARDED = (signal.SIGUSR2, signal.SIGALRM, signal.SIGABRT)
SENT = (*FORWARDED, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU, signal.SIGPWR, signal.SIGPROF,
        signal.SIGVTALRM, signal.SIGRTMIN + 3)
SAID = "said.txt"  # what the last run printed, beside the configuration


class Victim:
    """A run under mpirun. `chance` is the campaign's source of random choices; `hit` tells that the
    run was alive when the fault came, `removed` that the fault took the result file away, `stuck`
    that mpirun did not end after its ranks."""

    def __init__(self, config, out, chance, env, launch=()):
        self.config, self.out, self.chance, self.env = config, out, chance, env
        self.ranks = chance.randint(1, 4)
        launch = launch or [support.MPIEXEC]
        command = [*launch, "-n", str(self.ranks), support.IMAGRID, "run", config, "-o", out,
                   "--quiet"]
        with open(os.path.join(os.path.dirname(config), SAID), "w", encoding="utf-8") as said:
            self.mpirun = subprocess.Popen(command, env=env, stdout=said, stderr=said,
                                           start_new_session=True)
        self.killed, self.hit, self.removed, self.stuck = [], False, False, False

    def let_run(self, low=0.05, high=1.0):
        time.sleep(self.chance.uniform(low, high))

    def processes(self):
        return support.ranks_of(self.mpirun.pid)

    def owner(self):
        """Process id in the lock file, 0 without one."""
        try:
            with open(self.out + ".lock", encoding="utf-8") as lock:
                found = re.search(r"^pid (\d+)$", lock.read(), re.MULTILINE)
        except OSError:
            return 0
        return int(found.group(1)) if found else 0

    def started(self):
        """Wait until the ranks are in their work; False if the run is over already."""
        end = time.monotonic() + 20
        while self.mpirun.poll() is None and time.monotonic() < end:
            if self.owner() in self.processes() and os.path.exists(self.out):
                self.let_run(0.2, 0.6)
                return self.mpirun.poll() is None
            time.sleep(0.01)
        return False

    def send(self, number, pids):
        for pid in pids:
            self.killed.append(pid)
            self.hit = self.hit or support.alive(pid)
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def end(self, seconds=60):
        """Wait for the ranks and mpirun; the exit code of mpirun. When ranks were killed, the mpirun of
        Open MPI 4.1 sometimes blocks itself at its own end (openpmix issue 1233 is of that kind):
        that is told apart from ranks that do not end."""
        if not self.hit and self.mpirun.poll() is None:
            self.mpirun.send_signal(signal.SIGUSR1)  # nothing was there to be hit, or to end it
        pids = self.processes() + [pid for pid in self.killed if pid != self.mpirun.pid]
        support.wait_until(lambda: not any(support.alive(pid) for pid in pids), seconds)
        try:
            return self.mpirun.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            self.stuck = True
            self.mpirun.kill()
            return self.mpirun.wait()


def kill_all_ranks(v):
    v.let_run()
    v.send(signal.SIGKILL, v.processes())
    v.end()


def kill_one_rank(v):
    v.let_run()
    pids = v.processes()
    v.send(signal.SIGKILL, [v.chance.choice(pids)] if pids else [])
    v.end()


def kill_mpirun(v):
    """The ranks notice that mpirun is gone and end themselves."""
    v.let_run()
    v.killed += v.processes()
    v.send(signal.SIGKILL, [v.mpirun.pid])
    v.end()


def kill_everything(v):
    """As a power cut does, except for the page cache."""
    v.let_run()
    v.send(signal.SIGKILL, [v.mpirun.pid] + v.processes())
    v.end()


def terminate(v):
    """SIGTERM to mpirun, or to the ranks as some job managers do."""
    v.let_run()
    v.send(signal.SIGTERM, [v.mpirun.pid] if v.chance.random() < 0.5 else v.processes())
    v.end()


def interrupt_twice(v):
    v.let_run()
    victims = [v.mpirun.pid] if v.chance.random() < 0.5 else v.processes()
    v.send(signal.SIGINT, victims)
    time.sleep(v.chance.choice([0, 0.1, 1.1]))
    v.send(signal.SIGINT, victims)
    v.end()


def warn(v):
    """SIGUSR1 through mpirun: exit code 75, nothing in flight is kept."""
    running = v.started()
    v.send(signal.SIGUSR1, [v.mpirun.pid])
    code = v.end()
    if running and not v.stuck and code not in WARNED:
        raise AssertionError(f"SIGUSR1 ended a run with {code}")


def signal_of_a_batch_system(v):
    """Whatever else batch systems and their tools send, through mpirun if that passes it on, or to all
    ranks at once; sent twice, as where a whole process group gets it."""
    running = v.started()
    number = v.chance.choice(SENT)
    victims = [v.mpirun.pid] if number in FORWARDED and v.chance.random() < 0.5 else v.processes()
    for _ in range(2):
        v.send(number, victims)
    code = v.end()
    if running and not v.stuck and code not in (*WARNED, -number):
        raise AssertionError(f"{signal.strsignal(number)} ended a run with {code}")


def stop_for_a_while(v):
    """One rank or all are stopped, go on, and the run is then ended cleanly."""
    running = v.started()
    pids = v.processes()
    pids = [v.chance.choice(pids)] if pids and v.chance.random() < 0.5 else pids
    v.send(signal.SIGSTOP, pids)
    time.sleep(0.3)
    v.send(signal.SIGCONT, pids)
    time.sleep(0.1)
    v.send(signal.SIGUSR1, [v.mpirun.pid])
    code = v.end()
    if running and not v.stuck and code not in WARNED:
        raise AssertionError(f"a run that was stopped for a while ended with {code}")


def fill_the_disk(v):
    """The disk fills up under the run (or before it begins), which is then killed."""
    if v.chance.random() < 0.7:
        v.started()
    ballast = os.path.join(os.path.dirname(v.out), "ballast")
    try:
        with open(ballast, "wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 20))
    except OSError:
        pass
    time.sleep(0.2)
    v.send(signal.SIGUSR1 if v.chance.random() < 0.5 else signal.SIGKILL, v.processes())
    v.end()
    os.remove(ballast)


def remove_the_file(v):
    """What was in the file is gone with it, but the run ends in order and a new one starts anew."""
    running = v.started()
    if os.path.exists(v.out):
        os.remove(v.out)
    v.send(signal.SIGUSR1, [v.mpirun.pid])
    code = v.end()
    if running and not v.stuck and code not in (4, -signal.SIGUSR1) and (CERTAIN or code):
        raise AssertionError(f"the result file vanished and the run ended with {code}")
    v.removed = True


def truncate_the_file(v):
    """A file cut short is refused from then on."""
    running = v.started()
    if os.path.exists(v.out):
        os.truncate(v.out, v.chance.randrange(os.path.getsize(v.out)))
    v.send(signal.SIGUSR1, [v.mpirun.pid])
    code = v.end()
    if running and not v.stuck and code not in (4, -signal.SIGUSR1) and (CERTAIN or code):
        raise AssertionError(f"the result file was cut and the run ended with {code}")
    if os.path.exists(v.out):
        again = support.run(0, "run", v.config, "-o", v.out, "-q")
        if again.returncode != 4:
            raise AssertionError(f"a file cut short was taken: {again.returncode}")
        os.remove(v.out)
    v.removed = True


def start_twice(v):
    """Two runs at once: one gets the file, the other is told who has it. The other needs no mpirun, and is faster
    to begin with."""
    v.let_run(0, 1.0)
    options = ["--quiet", "--steal-lock"][: 1 + (v.chance.random() < 0.2)]
    other = subprocess.Popen([support.IMAGRID, "run", v.config, "-o", v.out, *options], env=v.env,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True)
    v.let_run(0.5, 1.0)
    v.send(signal.SIGKILL, v.processes())
    v.end()
    other.send_signal(signal.SIGTERM)
    other.wait(timeout=60)


def remove_the_lock(v):
    """Somebody removes the lock of a living run and starts another: both write the same rows."""
    v.started()
    try:
        os.remove(v.out + ".lock")
    except FileNotFoundError:
        pass
    start_twice(v)


ALWAYS = [kill_all_ranks, kill_one_rank, kill_mpirun, kill_everything, terminate, interrupt_twice,
          warn, signal_of_a_batch_system, stop_for_a_while, start_twice, remove_the_lock]
# Each begins a file of its own and leaves none.
DESTRUCTIVE = [remove_the_file, truncate_the_file]
