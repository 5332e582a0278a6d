#!/usr/bin/env python3
"""Instructions in the inner loops of the kernels, from their disassembly.

usage: count-instructions.py BUILD [OBJDUMP]    a release build; `aarch64-linux-gnu-objdump` for one of ARM

A loop goes from the target of a jump back to that jump; a function's is the innermost one with the most multiply-adds
or else other arithmetic. Loads are the instructions that read memory, so a pair of vectors (ARM's ldp) is one, as is an operand in
memory (x86). "per element" divides by the multiply-adds of a matrix product and by the numbers that are written otherwise.
"""
import glob
import os
import re
import subprocess
import sys

LANES = {"avx512": 16, "avx2": 8, "neon": 4, "portable": 4, "sve256": 8, "sve512": 16}
WIDE = ("tile_6x4", "tile_12x2", "tile_12x1")
TILES = {"avx512": WIDE, "avx2": ("tile_6x2", "tile_12x1"), "neon": WIDE, "portable": ("tile_6x2", "tile_12x1"),
         "sve256": WIDE, "sve512": WIDE}
# Stores for each vector of results; 0: a vector of results is a multiply-add.
STORES = {"dot": 0, "back_single": 0, "tanh_all": 1, "adam": 3, "multiply": 1, "standardise": 1}
MULTIPLY_ADD = re.compile(r"v?fn?m(?:add|sub)\w*|fml[as]|fnml[as]|fn?m(?:ad|sb)")
ARITHMETIC = re.compile(MULTIPLY_ADD.pattern + r"|v?(?:add|sub|mul|div|sqrt|max)ps|f(?:add|sub|mul|div|sqrt|max)")
JUMP = re.compile(r"(?:j\w+|b\.\w+|cbn?z|tbn?z)$")


class Instruction:
    def __init__(self, line):
        at, text = line.split(":", 1)
        words = re.sub(r"<.*|//.*|#.*", "", text).split(None, 1) + ["", ""]
        self.at, self.name, self.operands = int(at, 16), words[0], words[1].strip()
        last = self.operands.rsplit(",", 1)[-1] if not self.operands.endswith(")") else self.operands[
            self.operands.rfind(",", 0, self.operands.rfind("(")) + 1:]
        memory = "(" in self.operands and not self.name.startswith(("lea", "nop", "prefetch"))
        self.stores = self.name.startswith("st") if not memory else "(" in last and "mov" in self.name
        self.loads = self.name.startswith("ld") if not memory else not self.stores
        self.target = None
        if JUMP.match(self.name):
            found = re.search(r"\b([0-9a-f]+)$", self.operands)
            self.target = int(found.group(1), 16) if found else None


def functions(library, objdump):
    text = subprocess.run([objdump, "-d", "--no-show-raw-insn", library], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    for part in re.split(r"\n(?=[0-9a-f]+ <)", text)[1:]:
        name = re.search(r"<(.*?)(?:\.\w+\.\d+)?>:", part).group(1)
        yield name, [Instruction(line) for line in part.splitlines()[1:] if re.match(r" *[0-9a-f]+:\t", line)]


def inner_loop(code):
    """The instructions of a function's most arithmetical innermost loop."""
    loops = [(i.target, i.at) for i in code if i.target is not None and i.target <= i.at and i.target >= code[0].at]
    inner = [loop for loop in loops
             if not any(loop != other and loop[0] <= other[0] and other[1] <= loop[1] for other in loops)]
    bodies = [[i for i in code if first <= i.at <= last] for first, last in inner]
    return max(bodies, default=[], key=lambda body: (sum(bool(MULTIPLY_ADD.fullmatch(i.name)) for i in body),
                                                     sum(bool(ARITHMETIC.fullmatch(i.name)) for i in body)))


def main(build, objdump="objdump"):
    print("instruction set | loop | instructions | multiply-adds | loads | stores | instructions per element")
    for library in sorted(glob.glob(os.path.join(build, "src", "nn", "libkernels-*.a"))):
        isa = re.search(r"kernels-(\w+)", library).group(1)
        code = dict(functions(library, objdump))
        for name in (*TILES[isa], *STORES):
            body = inner_loop(code[name])
            fused = sum(bool(MULTIPLY_ADD.fullmatch(i.name)) for i in body)
            loads, stores = sum(i.loads for i in body), sum(i.stores for i in body)
            tile = re.fullmatch(r"tile_(\d+)x(\d+)", name)
            vectors = int(tile[1]) * int(tile[2]) if tile else fused
            if not tile and STORES[name]:
                # Stores of anything else would make it a guess.
                vectors = 0 if stores % STORES[name] else stores // STORES[name]
            each = f"{len(body) / vectors / LANES[isa]:.3f}" if vectors else "-"
            print(f"{isa} | {name} | {len(body)} | {fused} | {loads} | {stores} | {each}")


main(*sys.argv[1:])
