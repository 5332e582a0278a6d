"""Every header, public or private, compiles alone: it includes what it uses.

usage: headers.py SOURCE BUILD
The flags are those with which a file that includes the header (else one of the same folder) is
compiled, so that MPI, HDF5 and generated headers are found, and warnings count.
"""
import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import sys

source, build = (pathlib.Path(folder).resolve() for folder in sys.argv[1:3])
commands = {}
for entry in json.loads((build / "compile_commands.json").read_text()):
    file = (build / entry["file"]).resolve()
    if source in file.parents:
        commands[file] = shlex.split(entry["command"])
texts = {file: file.read_text() for file in commands}


def flags(header, name):
    """The command of the file that tells best how `header` is compiled, without input and output."""
    line = re.compile('#include "' + re.escape(name) + '"')
    users = [file for file in commands if line.search(texts[file])]
    file = min(users or commands, key=lambda f: (header.parent != f.parent, "src" not in f.parts, f))
    command = commands[file]
    end = next(i for i, word in enumerate(command) if word in ("-MD", "-MQ", "-MF", "-o"))
    return command[:end]


def fault(header):
    """What the compiler says of `header` alone; empty where it is content."""
    root = source / ("include" if "include" in header.relative_to(source).parts else "src")
    name = header.relative_to(root).as_posix()
    command = flags(header, name) + ["-I" + str(source / "src"), "-fsyntax-only", "-Werror", "-Wno-unused-function", "-x", "c", "-"]
    done = subprocess.run(command, cwd=build, input=f'#include "{name}"\n', capture_output=True, text=True)
    return f"{name} does not compile alone:\n{done.stderr}" if done.returncode else ""


headers = sorted((source / "include").rglob("*.h")) + sorted((source / "src").rglob("*.h"))
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    faults = [text for text in pool.map(fault, headers) if text]
print("".join(faults) + f"{len(headers)} headers, {len(faults)} do not compile alone")
sys.exit(bool(faults) or not headers)
