#!/usr/bin/env python3
"""Seconds for 200 epochs of both students: PyTorch's plain loop, PyTorch with many seeds batched, and
the compiled trainer, all on one thread with the paper's shapes, N = 20 000 and minibatches of 256.

    bench-pytorch.py BENCH-TRAINING     (runs under whatever Python starts it)

All three train the two networks with Adam, shuffle every epoch and validate after each on 5000
samples. PyTorch runs a few epochs, of which the best is scaled to 200. All of
it is processor time, which other programs on the machine disturb least. Exits with 77 without
PyTorch."""
import math
import os
import subprocess
import sys
import time

# It would hold PyTorch's OpenBLAS to the kernels of an older processor.
os.environ.pop('OPENBLAS_CORETYPE', None)
try:
    import torch
except ImportError:
    print('skipped: no PyTorch in this Python')
    sys.exit(77)

INPUTS, HIDDEN, OUTPUTS = 16, 64, (12, 1)
N, HOLDOUT, MINIBATCH, EPOCHS = 20000, 5000, 256, 200
SEEDS = (8, 32)


def make_data(seeds, n):
    """Samples of a random teacher: what is learned has no influence on the time it takes."""
    x = torch.rand(seeds, n, INPUTS) * 2 - 1
    hidden = torch.relu(x @ torch.randn(seeds, INPUTS, HIDDEN))
    return x, [torch.tanh(hidden @ torch.randn(seeds, HIDDEN, OUTPUTS[0])),
               hidden @ torch.randn(seeds, HIDDEN, 1) / math.sqrt(HIDDEN)]


def best_epoch(epoch, times):
    epoch()
    best = math.inf
    for _ in range(times):
        begin = time.process_time()
        epoch()
        best = min(best, time.process_time() - begin)
    return best


def plain():
    """One seed: nn.Sequential, torch.optim.Adam, mse_loss; minibatches by index."""
    nets = [torch.nn.Sequential(torch.nn.Linear(INPUTS, HIDDEN), torch.nn.ReLU(),
                                torch.nn.Linear(HIDDEN, outputs)) for outputs in OUTPUTS]
    optimizers = [torch.optim.Adam(net.parameters(), lr=1e-3) for net in nets]
    (x, y), (x_held, y_held) = make_data(1, N), make_data(1, HOLDOUT)
    x, y, x_held, y_held = x[0], [t[0] for t in y], x_held[0], [t[0] for t in y_held]

    def epoch():
        for index in torch.randperm(N).split(MINIBATCH):
            x_now = x[index]
            for net, optimizer, target in zip(nets, optimizers, y):
                loss = torch.nn.functional.mse_loss(net(x_now), target[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            return [torch.nn.functional.mse_loss(net(x_held), target).item()
                    for net, target in zip(nets, y_held)]

    return best_epoch(epoch, 5)


def batched_net(seeds, outputs):
    """Parameters of `seeds` networks stacked: W1, b1, W2, b2."""
    parameters = []
    for fan_in, fan_out in ((INPUTS, HIDDEN), (HIDDEN, outputs)):
        for shape in ((seeds, fan_in, fan_out), (seeds, 1, fan_out)):
            values = (torch.rand(shape) * 2 - 1) / math.sqrt(fan_in)
            parameters.append(values.requires_grad_())
    return parameters


def quickest_adam(parameters):
    """One for both heads, for fewer calls."""
    try:
        return torch.optim.Adam(parameters, lr=1e-3, fused=True)
    except (RuntimeError, TypeError):
        return torch.optim.Adam(parameters, lr=1e-3, foreach=True)


def batched_forward(net, x):
    w1, b1, w2, b2 = net
    return torch.baddbmm(b2, torch.relu(torch.baddbmm(b1, x, w1)), w2)


def batched(seeds):
    """All seeds at once, each with samples, order and parameters of its own."""
    nets = [batched_net(seeds, outputs) for outputs in OUTPUTS]
    optimizer = quickest_adam([p for net in nets for p in net])
    (x, y), (x_held, y_held) = make_data(seeds, N), make_data(seeds, HOLDOUT)
    pool = torch.cat([x, *y], dim=2).reshape(seeds * N, -1)
    first = torch.arange(seeds)[:, None] * N
    widths = (INPUTS, *OUTPUTS)

    def epoch():
        order = torch.stack([torch.randperm(N) for _ in range(seeds)]) + first
        for index in order.split(MINIBATCH, dim=1):
            rows = pool.index_select(0, index.reshape(-1)).view(seeds, index.shape[1], -1)
            x_now, *targets = rows.split(widths, dim=2)
            # The sum over seeds and heads: its gradients are each network's own.
            loss = sum((batched_forward(net, x_now) - target).square().mean(dim=(1, 2)).sum()
                       for net, target in zip(nets, targets))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            return [(batched_forward(net, x_held) - target).square().mean(dim=(1, 2))
                    for net, target in zip(nets, y_held)]

    return best_epoch(epoch, 2) / seeds


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ours = float(subprocess.run([sys.argv[1], '--seconds', str(N)], check=True,
                                stdout=subprocess.PIPE).stdout)
    print(f'PyTorch {torch.__version__}, one thread, N = {N}, seconds per seed for {EPOCHS} epochs of '
          f'both heads (scaled from the best of a few)')
    print(f'{"ours":24}{ours:9.3f} s')
    rows = [('PyTorch, plain loop', plain)]
    rows += [(f'PyTorch, {seeds} seeds batched', lambda s=seeds: batched(s)) for seeds in SEEDS]
    for name, run in rows:
        seconds = run() * EPOCHS
        print(f'{name:24}{seconds:9.3f} s   ours is {seconds / ours:6.1f} times faster', flush=True)


main()
