#!/usr/bin/env python3
"""Milliseconds for one Adam update of the dynamics and the reward network (17 + 6 inputs, 17 and 1 outputs, minibatches
of 256), beside PyTorch or JAX on the same core.

    python3 -m venv V && V/bin/pip install torch numpy      (or: jax)
    V/bin/python bench-deep.py BENCH-DEEP pytorch           (or: jax)

PyTorch: nn.Sequential and torch.optim.Adam, both as they are and with the optimiser's `foreach` and, where there is one,
fused kernels. JAX: one compiled program, vmap over seeds of a scan over the minibatches of an epoch, in float32, time to
compile left out. The best of these counts. Everything runs on one core, alternating with ours, and is processor time, as
other programs may share the machine; the quotient is the median over the pairs, with the smallest and the largest.
Exits with 77 where the library is missing."""
import math
import os
import statistics
import subprocess
import sys
import time

# OPENBLAS_CORETYPE would hold PyTorch to the kernels of an older processor.
os.environ.pop("OPENBLAS_CORETYPE", None)
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

BENCH, LIBRARY = sys.argv[1:3]
INPUTS, OUTPUTS, MINIBATCH, UPDATES, PAIRS = 23, (17, 1), 256, 80, 5
N = MINIBATCH * UPDATES
CASES = (("relu", (64,)), ("relu", (64, 64)), ("relu", (256, 256)), ("tanh", (256, 256)), ("silu", (256, 256)))


def seconds(epoch):
    begin = time.process_time()
    epoch()
    return (time.process_time() - begin) / UPDATES


def pytorch_epochs(activation, hidden):
    kind = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "silu": torch.nn.SiLU}[activation]
    x, y = torch.randn(N, INPUTS), [torch.randn(N, n) for n in OUTPUTS]

    def epoch_of(**options):
        nets = []
        for outputs in OUTPUTS:
            layers = []
            for before, after in zip((INPUTS, *hidden), hidden):
                layers += [torch.nn.Linear(before, after), kind()]
            nets.append(torch.nn.Sequential(*layers, torch.nn.Linear(hidden[-1], outputs)))
        optimizer = torch.optim.Adam([p for net in nets for p in net.parameters()], lr=1e-3, **options)

        def epoch():
            for index in torch.randperm(N).split(MINIBATCH):
                now = x[index]
                # Their sum: its gradients are each network's own.
                loss = sum(torch.nn.functional.mse_loss(net(now), target[index]) for net, target in zip(nets, y))
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
        return epoch

    yield "plain loop", epoch_of(), 1
    yield "Adam foreach", epoch_of(foreach=True), 1
    try:
        yield "Adam fused", epoch_of(fused=True), 1
    except RuntimeError:
        pass


def jax_epochs(activation, hidden):
    act = {"relu": jax.nn.relu, "tanh": jnp.tanh, "silu": jax.nn.silu}[activation]

    def net(layers, x):
        for w, b in layers[:-1]:
            x = act(x @ w + b)
        return x @ layers[-1][0] + layers[-1][1]

    def loss(nets, x, y):
        return sum(jnp.mean((net(layers, x) - target) ** 2)
                   for layers, target in zip(nets, (y[:, :OUTPUTS[0]], y[:, OUTPUTS[0]:])))

    def update(x, y, state, index):
        nets, first, second, t = state
        gradient = jax.grad(loss)(nets, x[index], y[index])
        t = t + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        step, unbias = 1e-3 / (1 - 0.9 ** t), 1 / jnp.sqrt(1 - 0.999 ** t)
        nets = jax.tree.map(lambda p, m, v: p - step * m / (jnp.sqrt(v) * unbias + 1e-8), nets, first, second)
        return (nets, first, second, t), None

    def one_seed(key, x, y, state):
        order = jax.random.permutation(key, N).reshape(UPDATES, MINIBATCH)
        return jax.lax.scan(lambda s, index: update(x, y, s, index), state, order)[0]

    def start(key, outputs):
        sizes, layers = (INPUTS, *hidden, outputs), []
        for before, after in zip(sizes, sizes[1:]):
            key, here = jax.random.split(key)
            limit = 1 / math.sqrt(before)
            layers.append((jax.random.uniform(here, (before, after), minval=-limit, maxval=limit), jnp.zeros(after)))
        return layers

    for seeds in (1, 4, 8):
        keys = jax.random.split(jax.random.key(0), seeds)
        x = jax.random.normal(jax.random.key(1), (seeds, N, INPUTS))
        y = jax.random.normal(jax.random.key(2), (seeds, N, sum(OUTPUTS)))
        nets = jax.vmap(lambda key: [start(key, n) for n in OUTPUTS])(keys)
        zeros = jax.tree.map(jnp.zeros_like, nets)
        state = [(nets, zeros, zeros, jnp.zeros(seeds))]
        program = jax.jit(jax.vmap(one_seed))

        def epoch(program=program, keys=keys, x=x, y=y, state=state):
            state[0] = jax.block_until_ready(program(keys, x, y, state[0]))
        yield f"vmap of {seeds}", epoch, seeds


try:
    if LIBRARY == "jax":
        import jax
        import jax.numpy as jnp
        name, epochs = f"JAX {jax.__version__}", jax_epochs
    else:
        import torch
        torch.set_num_threads(1)
        name, epochs = f"PyTorch {torch.__version__}", pytorch_epochs
except ImportError:
    print(f"skipped: no {LIBRARY} in this Python")
    sys.exit(77)

print(f"{name}, one core, milliseconds of processor time an update of both networks, medians of {PAIRS} pairs")
for activation, hidden in CASES:
    ways = []
    for way, epoch, seeds in epochs(activation, hidden):
        epoch()  # compiles
        ways.append((seconds(epoch) / seeds, way, epoch, seeds))
    _, way, epoch, seeds = min(ways, key=lambda w: w[0])
    command = [BENCH, "--update", activation, *map(str, hidden)]
    ours, theirs = [], []
    for _ in range(PAIRS):
        ours.append(float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
        theirs.append(1e3 * min(seconds(epoch) for _ in range(2)) / seeds)
    quotients = sorted(b / a for a, b in zip(ours, theirs))
    layers = " x ".join(map(str, hidden))
    print(f"{activation} {layers:10} {way:14} {statistics.median(theirs):7.3f}   imagrid {statistics.median(ours):7.3f}   "
          f"{statistics.median(quotients):5.2f} times ({quotients[0]:.2f} to {quotients[-1]:.2f})", flush=True)
