#!/usr/bin/env python3
"""The same bytes for any number of ranks, order of tasks and interruption (argument: the config)."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support


def main(config, ranks):
    with support.scratch() as directory:
        reference = None
        for n in ranks:
            path = os.path.join(directory, f"{n}.h5")
            support.must(support.run(n, "run", config, "-o", path, "--quiet"))
            got = support.results(path)
            states = set(got["state"])
            if states != {1}:
                raise AssertionError(f"{n} ranks: states {states}")
            if reference is None:
                reference = got
            support.assert_same(reference, got, f"{ranks[0]} and {n} ranks")
            print(f"{n} ranks: {len(got)} datasets, {sum(map(len, got.values()))} bytes, equal")
        # The finished file started again: nothing to do, nothing changed.
        support.must(support.run(2, "run", config, "-o", path, "--quiet"))
        support.assert_same(reference, support.results(path), "started again")


main(sys.argv[1], [int(n) for n in sys.argv[2:]])
