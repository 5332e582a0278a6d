#!/usr/bin/env python3
"""kill -9 at random moments, of one rank or all, then resume with another number of ranks.

After each kill the file opens in h5py; every row marked done has the right CRC and the values of an
undisturbed run; no row that was done before is missing. `kill.py 20` is what the test suite runs,
`kill.py 150` the long form.
"""
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py, np

DONE = 1


def ranks_of(mpirun):
    """Process ids of the ranks under an mpirun."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                name, rest = stat.read().rsplit(")", 1)
        except OSError:
            continue
        if name.endswith("(imagrid") and int(rest.split()[1]) == mpirun:
            found.append(int(pid))
    return sorted(found)


def rows(path, columns):
    """State, CRC and the bytes of every task as the CRC covers them."""
    with h5py.File(path, "r") as file:
        state, crc = file["state"][()], file["crc"][()]
        n = len(state)
        parts = [np.arange(n, dtype="<u8").view(np.uint8).reshape(n, 8)]
        for name in columns:
            data = np.ascontiguousarray(file[name][()])
            part = data.view(np.uint8).reshape(n, -1)
            parts.append(np.pad(part, ((0, 0), (0, -part.shape[1] % 8))))
        parts.append(state.view(np.uint8).reshape(n, 1))
        parts.append(np.ascontiguousarray(file["failure"][()]).view(np.uint8).reshape(n, -1))
    return state, crc, np.concatenate(parts, axis=1)


def check(path, columns, reference, before):
    """Tasks that are done now."""
    if not os.path.exists(path):
        if len(before):
            raise AssertionError("the file is gone")
        return before
    state, crc, content = rows(path, columns)
    marked = np.flatnonzero(state == DONE)
    good = marked[support.crc32c(content[marked].T) == crc[marked]]
    lost = np.setdiff1d(before, good)
    if len(lost):
        raise AssertionError(f"{len(lost)} finished rows lost, first {lost[0]}")
    if not np.array_equal(content[good], reference[good]):
        raise AssertionError("a row with a right CRC has wrong values")
    torn = len(marked) - len(good)
    if torn:
        print(f"    {torn} torn rows, none trusted")
    return good


def strike(config, path, chance, environment):
    """Start a run with 1 to 4 ranks and kill it somewhere; True if it was still running."""
    n = chance.randint(1, 4)
    mpirun = subprocess.Popen(support.command(n, "run", config, "-o", path, "--quiet"),
                              env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(chance.uniform(0.05, 1.2))
    victims = ranks_of(mpirun.pid)
    one = chance.random() < 0.5
    alive = mpirun.poll() is None and bool(victims)
    for pid in [chance.choice(victims)] if one and victims else victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            alive = False
    if mpirun.wait(timeout=60) == 0:
        alive = False
    return alive, f"{'one' if one else 'all'} of {n} ranks"


def main(kills):
    # So many tasks that no run of a second or two finishes them.
    columns = ["dynamics_mse", "reward_mse", "dynamics_train_mse", "reward_train_mse",
               "dynamics_curve", "reward_curve"]
    chance = random.Random(20260504)
    with support.scratch() as directory:
        config = support.write(os.path.join(directory, "tiny.yaml"),
                               support.TINY.format(seeds=4000, epochs=4))
        whole = os.path.join(directory, "whole.h5")
        support.must(support.run(2, "run", config, "-o", whole, "--quiet"))
        state, _, reference = rows(whole, columns)
        assert set(state) == {DONE}
        environment = support.environment(directory)
        struck, files, path = 0, 0, os.path.join(directory, "0.h5")
        done = np.array([], dtype=int)
        while struck < kills:
            alive, what = strike(config, path, chance, environment)
            done = check(path, columns, reference, done)
            struck += alive
            print(f"{struck:4d}: {what}, {len(done)} of {len(state)} rows done, all good")
            if len(done) == len(state):
                files += 1
                os.remove(path)
                path, done = os.path.join(directory, f"{files}.h5"), np.array([], dtype=int)
        support.must(support.run(3, "run", config, "-o", path, "--quiet"))
        support.assert_same(support.results(whole), support.results(path), "after the kills")
        print(f"{struck} kills over {files + 1} files: nothing lost, every file whole in the end")


main(int(sys.argv[1]))
