"""What the tests of a shared cluster have in common."""
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import support

HOSTILE = os.environ["IMAGRID_HOSTILE"]
GNUPLOT = shutil.which("gnuplot")

CURVE = "kind,n,error,seed\n" + "".join(
    f"{kind},{n},{a * n ** -b * (1 + 0.1 * (-1) ** seed)!r},{seed}\n"
    for kind, a, b in (("dynamics", 2, 0.3), ("reward", 5, 0.7))
    for n in (100, 1000, 10000) for seed in range(4))
PURCHASE = ("--cost-dyn", "1", "--cost-rew", "10", "--budget", "1e6", "--sensitivity", "7,3")


def program(*arguments, code=0, env=None, **more):
    """Run one of the programs alone; its output is bytes, as a terminal would get it."""
    result = subprocess.run([os.fspath(a) for a in arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=300, env=env, **more)
    if code is not None and result.returncode != code:
        raise AssertionError(f"{result.args} ended with {result.returncode}, wanted {code}\n"
                             f"{result.stdout}\n{result.stderr}")
    return result


def assert_tame(result):
    """Nothing in the output does anything to a terminal but show (and carriage returns of the bar,
    which is drawn on terminals only)."""
    for stream in (result.stdout, result.stderr):
        text = stream.decode("utf-8")
        found = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", text)
        if found:
            raise AssertionError(f"{found.group()!r} near "
                                 f"{text[max(0, found.start() - 60):found.end() + 60]!r}")


def append_footer(path):
    """A footer behind a whole file, as summaries have one."""
    data = pathlib.Path(path).read_bytes()
    version, magic = struct.pack("<Q", 1), b"imagrid\n"
    pathlib.Path(path).write_bytes(data + struct.pack("<QQ", 0, len(data) + 48) + bytes(16)
                                   + version + magic)
    support.renew_footer(path)
