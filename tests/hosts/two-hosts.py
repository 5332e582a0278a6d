#!/usr/bin/env python3
"""Two hosts joined by a cable, two ranks on each, TCP between them, one shared folder.

The grid runs and gives the bytes of a run on one host; a long task on rank 0 keeps nobody waiting;
a pulled cable ends the run within seconds, and the next start goes on.
"""
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import sandbox

sandbox.enter("mpirun")
import support
from support import h5py, np

if not support.library().startswith("Open MPI"):
    sandbox.skip("the settings are those of Open MPI")

# A connection that is silent for 2 s is probed every second, and given up after 3 probes without an
# answer: as in jobs/multi-node.sbatch, but sooner. The defaults add up to eight minutes.
KEEPALIVE = {"oob_tcp_keepalive_time": 2, "oob_tcp_keepalive_intvl": 1,
             "oob_tcp_keepalive_probes": 3}
LONG = 500000
WAIT_MS = 5.0
TASKS = 600


class Pair:
    """The two hosts and how to run on them."""

    def __init__(self, directory):
        self.directory = directory
        self.hosts = sandbox.hosts(["hosta", "hostb"], directory)
        self.agent = support.write(os.path.join(directory, "agent"), "#!/bin/sh\n"
                                   "host=$1\nshift\ncase $host in\n" + "".join(
                                       f"{h.name}) exec {' '.join(h.enter())} sh -c \"$*\" ;;\n"
                                       for h in self.hosts) + "esac\nexit 1\n")
        os.chmod(self.agent, 0o755)

    def command(self, *arguments, slots="hosta:2,hostb:2"):
        return [support.MPIEXEC, "--host", slots, support.IMAGRID, "run", *map(str, arguments), "--quiet"]

    def settings(self):
        """For Open MPI 4, and for 5, whose launcher reads variables of its own."""
        network = sandbox.NETWORK + ".0/24"
        ours = dict(KEEPALIVE, oob_tcp_if_include=network, plm_rsh_agent=self.agent, btl="tcp,self",
                    btl_tcp_if_include=network)
        launcher = dict(KEEPALIVE, plm_ssh_agent=self.agent, prte_if_include=network)
        return {**{f"OMPI_MCA_{name}": str(value) for name, value in ours.items()},
                **{f"PRTE_MCA_{name}": str(value) for name, value in launcher.items()}}

    def start(self, *arguments, stderr=None, **more):
        env = support.environment(self.directory)
        del env["OMPI_MCA_btl_vader_backing_directory"]
        env.update(self.settings())
        # It would put all ranks on the first host.
        del env["PRTE_MCA_rmaps_default_mapping_policy"]
        # Each host has its own.
        env["OMPI_MCA_orte_tmpdir_base"] = env["PRTE_MCA_prte_tmpdir_base"] = "/dev/shm"
        return self.hosts[0].spawn(self.command(*arguments, **more), env=env, stderr=stderr, text=True)

    def run(self, *arguments, **more):
        process = self.start(*arguments, **more)
        if process.wait(timeout=120):
            raise AssertionError(f"{process.args} ended with {process.returncode}")


def ranks():
    """Process ids of all ranks of imagrid; the dead that nobody waits for have no command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as line:
                if line.read().startswith(support.IMAGRID.encode()):
                    found.append(int(pid))
        except OSError:
            pass
    return found


def done(path):
    try:
        with h5py.File(path, "r") as file:
            return int((file["state"][()] == 1).sum())
    except OSError:
        return 0


def same_bytes(pair, config):
    whole, out = (os.path.join(pair.directory, name) for name in ("whole.h5", "pair.h5"))
    support.must(support.run(2, "run", config, "-o", whole, "-q"))
    pair.run(config, "-o", out)
    support.assert_same(support.results(whole), support.results(out), "two hosts")
    with h5py.File(out, "r") as file:
        hosts = file["provenance/hosts"][0].tobytes().decode().rstrip("\0")
        by_rank = np.bincount(file["rank"][()], minlength=4)
    assert hosts == "hosta:2 hostb:2", hosts
    assert (by_rank > 0).all(), by_rank
    print(f"2 + 2 ranks over TCP: the bytes of one host; {hosts}, tasks by rank {by_rank}")


def waits(path):
    """Seconds from the end of a task to the start of the next one of the same rank, ranks 1 to 3,
    while rank 0 is in its long task; and how long that took."""
    with h5py.File(path, "r") as file:
        rank, start, seconds = (file[name][()] for name in ("rank", "start", "seconds"))
        long = int(np.argmax(file["anchor"][()]))
    assert rank[long] == 0, rank[long]
    begin, end = start[long], start[long] + seconds[long]
    gaps = []
    for r in range(1, 4):
        mine = np.flatnonzero(rank == r)
        mine = mine[np.argsort(start[mine])]
        mine = mine[(start[mine] > begin) & (start[mine] + seconds[mine] < end)]
        gaps.append(start[mine][1:] - (start[mine] + seconds[mine])[:-1])
    return np.concatenate(gaps), seconds[long]


def nobody_waits(pair):
    """One task takes seconds, rank 0 gets it as it is the most expensive; the others are short, but
    so long that each is a chunk of its own: before every one of them a rank hears from rank 0."""
    anchors = ", ".join(map(str, [LONG, *range(2000, 2600)]))
    config = support.write(os.path.join(pair.directory, "long.yaml"), f"""experiment: scaling
seeds: 1
anchors: [{anchors}]
train:
  epochs: 30
""")
    out = os.path.join(pair.directory, "long.h5")
    pair.run(config, "-o", out)
    gaps, seconds = waits(out)
    print(f"rank 0 in one task for {seconds:.1f} s: the others start {len(gaps)} tasks meanwhile, "
          f"each {1e3 * gaps.mean():.2f} ms after the last on average "
          f"(median {1e3 * np.median(gaps):.2f}, worst {1e3 * gaps.max():.1f})")
    assert len(gaps) >= 30, len(gaps)
    assert 1e3 * gaps.mean() < WAIT_MS, gaps.mean()


def input_files(pair):
    """A file that is another one on the second host ends all ranks before anything is written; one that
    is the same is read once by each host and shared by its ranks."""
    data, other = (os.path.join(pair.directory, name) for name in ("data.bin", "other.bin"))
    support.write(data, "a" * 1000000)
    support.write(other, "a" * 999999 + "b")
    config = support.write(os.path.join(pair.directory, "reader.yaml"), f"""experiment: reader
seeds: 10
file: data.bin
n: 1000
slow: true
""")
    plugin = ("--plugin", os.path.join(os.environ["IMAGRID_PLUGINS"], "reader.so"))
    out = os.path.join(pair.directory, "reader.h5")
    far = pair.hosts[1]
    far.run(["mount", "--bind", other, data], check=True)
    process = pair.start(config, "-o", out, *plugin, stderr=subprocess.PIPE)
    text = process.communicate(timeout=120)[1]
    far.run(["umount", data], check=True)
    assert process.returncode == 2, (process.returncode, text)
    assert "rank 2 on hostb has another input file (file) than rank 0" in text, text
    assert not os.path.exists(out), "a file was made"
    process = pair.start(config, "-o", out, *plugin)
    support.wait_until(lambda: done(out) > 0)
    blocks = []
    for pid in ranks():
        with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
            blocks += [line.split()[4] for line in maps if "/memfd:imagrid" in line]
    assert process.wait(timeout=120) == 0
    assert len(blocks) == 4 and len(set(blocks)) == 2, blocks
    print("another input file on the other host is refused; the same one is there once for each host")


def cable_pulled(pair):
    # Long enough that one host cannot finish it before the loss of the other is noticed.
    config = support.write(os.path.join(pair.directory, "cut.yaml"), support.TINY.format(
        seeds=200, epochs=9000))
    whole = os.path.join(pair.directory, "cut-whole.h5")
    support.must(support.run(2, "run", config, "-o", whole, "-q"))
    out = os.path.join(pair.directory, "cut.h5")
    process = pair.start(config, "-o", out)
    support.wait_until(lambda: done(out) > 20)
    far = pair.hosts[1]
    far.pull_cable()
    cut = time.monotonic()
    code = process.wait(timeout=60)
    ended = time.monotonic() - cut
    support.wait_until(lambda: not ranks(), 60)
    # mpirun of Open MPI 5 ends with 0; the file tells what is missing.
    support.must(support.run(0, "status", "--complete", out), 75)
    print(f"cable pulled: mpirun ended with {code} after {ended:.1f} s, the last rank on the other "
          f"side after {time.monotonic() - cut:.1f} s; {done(out)} tasks are safe")
    before = done(out)
    assert 20 < before < TASKS, before
    pair.run(config, "-o", out, slots="hosta:2")
    support.assert_same(support.results(whole), support.results(out), "after the cut")
    far.plug_cable()
    print("the next start, on the host that is left, finished it: the bytes of one host")


def main():
    with support.scratch() as directory:
        pair = Pair(directory)
        config = support.write(os.path.join(directory, "grid.yaml"), support.TINY.format(
            seeds=200, epochs=400))
        same_bytes(pair, config)
        nobody_waits(pair)
        input_files(pair)
        cable_pulled(pair)


main()
