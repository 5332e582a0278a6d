"""A real Slurm on one machine: munged, slurmctld and a slurmd on each of four hosts of namespaces.

All state lies in one folder. Jobs' processes end with the sandbox.
"""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import sandbox

PROGRAMS = ("munged", "mungekey", "slurmctld", "slurmd", "sbatch", "scontrol", "mpirun")
NODES = ["node1", "node2", "node3", "node4"]

# cred_expire: how long a requeued job waits before it may start again, 120 s by default.
# TmpFS: PMIx keeps the sockets of a step there, under names that two hosts must not share.
# A job in `urgent` drives one in `spare` away, which is requeued.
CONF = """ClusterName=test
SlurmctldHost=control({network}.254)
SlurmctldPort=6817
SlurmdPort=6818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={d}/munge/socket,cred_expire=5
StateSaveLocation={d}/state
SlurmdSpoolDir={d}/spool/%n
TmpFS={d}/tmp/%n
SlurmctldPidFile={d}/run/slurmctld.pid
SlurmdPidFile={d}/run/slurmd.%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=pmix
ReturnToService=1
JobRequeue=1
KillWait=5
MinJobAge=3600
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=100000,batch_sched_delay=0
{nodes}
PartitionName=main Nodes=node[1-2] Default=YES MaxTime=INFINITE State=UP
PartitionName=spare Nodes=node[3-4] PriorityTier=1 MaxTime=INFINITE State=UP
PartitionName=urgent Nodes=node[3-4] PriorityTier=9 PreemptMode=off MaxTime=INFINITE State=UP
"""


class Cluster:
    """Up when made; `cpus` are what Slurm believes each node has."""

    def __init__(self, directory, cpus=4):
        self.directory = directory
        for name in ("munge", "state", "spool", "run", "log", "tmp"):
            os.makedirs(os.path.join(directory, name))
        os.chmod(directory, 0o755)
        os.chmod(os.path.join(directory, "munge"), 0o711)
        hosts = sandbox.hosts(NODES, directory)
        nodes = "\n".join(f"NodeName={h.name} NodeAddr={h.address} CPUs={cpus} RealMemory=8000"
                          for h in hosts)
        self.conf = os.path.join(directory, "slurm.conf")
        with open(self.conf, "w", encoding="utf-8") as out:
            out.write(CONF.format(d=directory, network=sandbox.NETWORK, nodes=nodes))
        os.environ["SLURM_CONF"] = self.conf
        self.daemons = []
        munge = os.path.join(directory, "munge")
        subprocess.run(["mungekey", "--create", f"--keyfile={munge}/key"], check=True)
        self.start("munged", subprocess.Popen,
                   ["munged", "--foreground", f"--key-file={munge}/key",
                    f"--socket={munge}/socket", f"--pid-file={munge}/pid",
                    f"--log-file={munge}/log", f"--seed-file={munge}/seed"])
        self.wait(lambda: os.path.exists(f"{munge}/socket"), "munged")
        self.start("slurmctld", subprocess.Popen, ["slurmctld", "-D", "-f", self.conf])
        for host in hosts:
            for name in ("spool", "tmp"):
                os.makedirs(os.path.join(directory, name, host.name))
            self.start(f"slurmd.{host.name}", host.spawn,
                       ["slurmd", "-D", "-N", host.name, "-f", self.conf])
        self.wait(lambda: self.ask("sinfo", "-h", "-N", "-p", "main,spare", "-o", "%t").split()
                  == ["idle"] * len(NODES), "the nodes")

    def start(self, name, spawn, command):
        log = open(os.path.join(self.directory, "log", name), "w", encoding="utf-8")
        self.daemons.append(spawn(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def wait(self, condition, what, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or any(d.poll() is not None for d in self.daemons):
                raise RuntimeError(f"Slurm does not start: {what}\n" + self.logs())
            time.sleep(0.1)

    def logs(self):
        texts = []
        folder = os.path.join(self.directory, "log")
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as log:
                texts.append(f"--- {name}\n" + "".join(log.readlines()[-30:]))
        return "\n".join(texts)

    def ask(self, *command):
        """What a Slurm command says; empty if it fails."""
        return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False).stdout

    def show(self, job):
        """The fields of a job (of `5` or `5_2`), or nothing."""
        words = self.ask("scontrol", "-o", "show", "job", str(job)).split()
        return dict(word.split("=", 1) for word in words if "=" in word)

    def stop(self):
        self.ask("scancel", "--state=PENDING", "--user=root")
        self.ask("scancel", "--user=root")
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in reversed(self.daemons):
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
