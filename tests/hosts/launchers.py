#!/usr/bin/env python3
"""What a launcher makes of the ways a run can end: a column of the table "What launchers return" of docs/cluster.md.

usage: launchers.py [TIMES]     each case so many times [default: 3]

The programs and the launcher come from the environment, as in other tests (IMAGRID, MPIEXEC). For each case: what the
launcher returned, and in parentheses what `imagrid status --complete` says of the file afterwards.
"""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support

TIMES = int(sys.argv[1]) if len(sys.argv) > 1 else 3
LONG = support.TINY.replace("[40, 80, 160]", "[2000]").format(seeds=1000, epochs=60)


class Case:
    def __init__(self, directory, number):
        self.directory, self.out = directory, os.path.join(directory, f"{number}.h5")
        self.mpi = os.path.join(directory, f"{number}-mpi")
        os.mkdir(self.mpi)

    def run(self, text, *options, strike=None):
        """Start two ranks, let `strike` do its harm once there are rows, and say how both ended."""
        config = support.write(os.path.join(self.directory, "config.yaml"), text)
        process = subprocess.Popen(support.command(2, "run", config, "-o", self.out, "-q", *options),
                                   env=support.environment(self.mpi), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, start_new_session=True)
        if strike:
            support.wait_until(lambda: os.path.exists(self.out), 30)
            time.sleep(0.5)
            strike(process)
        try:
            code = process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            code = "does not end"
        support.wait_until(lambda: not support.ranks_of(process.pid), 30)
        complete = support.run(0, "status", "--complete", self.out).returncode
        return f"{code if isinstance(code, str) or code >= 0 else 128 - code} ({complete})"


def sends(number):
    return lambda process: process.send_signal(number)


def one_rank(number):
    return lambda process: os.kill(support.ranks_of(process.pid)[-1], number)


def every_rank(number):
    return lambda process: [os.kill(pid, number) for pid in support.ranks_of(process.pid)]


FINISHED = support.TINY.format(seeds=4, epochs=2)
CASES = [
    ("finished", FINISHED, (), None),
    ("some tasks failed", FINISHED.replace("minibatch: 32", "minibatch: 32\n  learning_rate: 1.0e+12"), (), None),
    ("invalid configuration", FINISHED.replace("seeds", "seedz"), (), None),
    ("time limit", LONG, ("--time-limit", "2s"), None),
    ("SIGUSR1 to the launcher", LONG, (), sends(signal.SIGUSR1)),
    ("SIGTERM to the launcher", LONG, (), sends(signal.SIGTERM)),
    ("SIGINT to the launcher", LONG, (), sends(signal.SIGINT)),
    ("SIGUSR1 to every rank", LONG, (), every_rank(signal.SIGUSR1)),
    ("SIGTERM to every rank", LONG, (), every_rank(signal.SIGTERM)),
    ("SIGKILL of a rank", LONG, (), one_rank(signal.SIGKILL)),
    ("SIGKILL of the launcher", LONG, (), sends(signal.SIGKILL)),
]


def main():
    print(f"| how the run ends | {support.library()} |\n|---|---|")
    with support.scratch() as directory:
        for row, (name, text, options, strike) in enumerate(CASES):
            found = [Case(directory, f"{row}-{i}").run(text, *options, strike=strike) for i in range(TIMES)]
            print(f"| {name} | {', '.join(sorted(set(found)))} |", flush=True)


main()
