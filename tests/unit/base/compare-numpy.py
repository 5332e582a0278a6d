"""Replay streams with numpy.random.Philox as include/imagrid/rng.h says; 77 skips without NumPy."""

import subprocess
import sys

try:
    import numpy
except ImportError:
    print("NumPy is not there")
    sys.exit(77)

N = 11
output = subprocess.run([sys.argv[1]], check=True, stdout=subprocess.PIPE, text=True).stdout
lines = output.splitlines()
if len(lines) != 12:
    sys.exit(f"{len(lines)} lines instead of 12")
for line in lines:
    fields = line.split()
    scope, seed, substream, stream = map(int, fields[:4])
    words = [int(word) for word in fields[4 : 4 + N]]
    uniforms = [float(number) for number in fields[4 + N :]]
    where = {"key": numpy.array([scope, seed], dtype=numpy.uint64),
             "counter": numpy.array([0, 0, substream, stream], dtype=numpy.uint64)}
    theirs = [int(word) for word in numpy.random.Philox(**where).random_raw(N)]
    if words != theirs:
        sys.exit(f"words differ for {line}\nNumPy has {theirs}")
    theirs = numpy.random.Generator(numpy.random.Philox(**where)).random(N)
    if uniforms != list(theirs):
        sys.exit(f"uniforms differ for {line}\nNumPy has {theirs}")
print(f"{len(lines)} streams agree with NumPy {numpy.__version__}")
