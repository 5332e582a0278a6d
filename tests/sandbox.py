"""Several hosts on one machine, in namespaces of Linux, that leave nothing behind.

A script that calls `enter()` first runs anew in namespaces of its own: processes, mounts, network,
names. When it ends, however it ends, the kernel ends every process in there; nothing is seen from
outside but the files. Needs root; without it the script is skipped (exit code 77).

A `Host` is a further set of namespaces: a host name, a network interface on a common bridge, a
/dev/shm. The file system is shared, as on a cluster.
"""
import os
import shutil
import subprocess
import sys

UNSHARE = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--net",
           "--ipc", "--uts"]
INSIDE = "IMAGRID_SANDBOX"
NETWORK = "10.77.0"


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def shell(text):
    subprocess.run(["sh", "-ec", text], check=True, stdin=subprocess.DEVNULL)


def missing(*programs):
    """The first of the programs that is not there, else nothing."""
    if "/usr/sbin" not in os.environ["PATH"].split(":"):
        os.environ["PATH"] += ":/usr/sbin:/sbin"
    return next((name for name in programs if not shutil.which(name)), "")


def obstacle():
    """Why there can be no sandbox here, or nothing."""
    if os.geteuid() != 0:
        return "only root may make hosts of namespaces"
    name = missing("unshare", "nsenter", "ip", "mount")
    if name:
        return f"{name} is missing"
    attempt = subprocess.run(UNSHARE + ["sh", "-ec",
                                        "mount -t tmpfs none /dev/shm; ip link set lo up;"
                                        "ip link add bridge type bridge"],
                             capture_output=True, text=True, check=False)
    return "namespaces are not allowed here: " + attempt.stderr.strip() if attempt.returncode else ""


def enter(*programs):
    """Go on inside; skip where that is not allowed or a program is missing."""
    if os.environ.get(INSIDE):
        return
    why = obstacle()
    if not why and missing(*programs):
        why = missing(*programs) + " is missing"
    if why:
        skip(why)
    os.environ[INSIDE] = "1"
    os.execvp("unshare", UNSHARE + [sys.executable, *sys.argv])


class Host:
    """Host number `number`, named `name`, whose processes are started by `run` and `spawn`."""

    def __init__(self, name, number, hosts_file):
        self.name, self.address = name, f"{NETWORK}.{number}"
        self.port = f"port{number}"
        script = (f"hostname {name}; mount --bind {hosts_file} /etc/hosts;"
                  "mount -t tmpfs none /dev/shm; echo ready; exec sleep infinity")
        self.keeper = subprocess.Popen(["unshare", "--net", "--uts", "--mount", "--ipc", "sh",
                                        "-ec", script], stdout=subprocess.PIPE, text=True)
        if self.keeper.stdout.readline() != "ready\n":
            raise RuntimeError(f"host {name} does not start")
        shell(f"ip link add {self.port} type veth peer name eth0 netns {self.keeper.pid};"
              f"ip link set {self.port} master bridge up")
        self.run(["sh", "-ec", f"ip addr add {self.address}/24 dev eth0;"
                               "ip link set lo up; ip link set eth0 up"], check=True)

    def enter(self):
        """The command before a command that puts it on this host."""
        return ["nsenter", "-t", str(self.keeper.pid), "--net", "--uts", "--mount", "--ipc"]

    def run(self, command, **more):
        return subprocess.run(self.enter() + command, **more)

    def spawn(self, command, **more):
        return subprocess.Popen(self.enter() + command, **more)

    def pull_cable(self):
        """From now on packets vanish without an error."""
        shell(f"ip link set {self.port} nomaster; ip link set {self.port} down")

    def plug_cable(self):
        shell(f"ip link set {self.port} master bridge up")


def hosts(names, directory, here="control"):
    """Hosts of these names, number 1 onwards; this script itself is host `here`, number 254."""
    table = os.path.join(directory, "hosts")
    with open(table, "w", encoding="utf-8") as out:
        out.write(f"127.0.0.1 localhost\n{NETWORK}.254 {here}\n")
        out.writelines(f"{NETWORK}.{i} {name}\n" for i, name in enumerate(names, 1))
    shell(f"mount -t tmpfs none /dev/shm; hostname {here}; mount --bind {table} /etc/hosts;"
          "ip link set lo up; ip link add bridge type bridge;"
          f"ip addr add {NETWORK}.254/24 dev bridge; ip link set bridge up")
    return [Host(name, i, table) for i, name in enumerate(names, 1)]
