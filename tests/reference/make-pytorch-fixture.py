#!/usr/bin/env python3
"""Writes training-paper.bin, training-odd.bin, training-tanh.bin (head 0 ends in tanh) and training-deep-*.bin (several
hidden layers): two heads trained by PyTorch, step by step.

    make-pytorch-fixture.py [NAME ...]      (all of them without names)

Needs python3-torch and python3-numpy; the test that reads the files needs neither. Little-endian:

    8 bytes    "IGTRAIN1", or "IGTRAIN2" of deep ones
    7 int32    inputs, hidden, outputs of head 0, outputs of head 1, samples, minibatch, epochs
               where deep: hidden is the number of hidden layers, and there follow
    6 int32    units of hidden layers 1 to 4, activation (1 tanh, 2 ReLU, 3 SiLU), output of head 0 (0 none, 1 tanh)
    float32    parameters of head 0, then of head 1: W1 (hidden x inputs), b1, W2, b2 ...
    float32    samples x (inputs + outputs of both heads)
    uint16     epochs x samples: the order in which an epoch visits the samples
    float32    updates x 2: minibatch loss of each head before each update
"""
import os
import struct
import sys

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
ACTIVATIONS = (None, torch.nn.Tanh, torch.nn.ReLU, torch.nn.SiLU)  # numbered as ig_activation


def teacher(rng, x, hidden, outputs):
    """Targets from a frozen two-layer ReLU network with N(0, 1) weights (docs/protocol.md)."""
    first = rng.standard_normal((hidden, x.shape[1]))
    second = rng.standard_normal((outputs, hidden))
    return np.maximum(x @ first.T, 0) @ second.T


def network(inputs, hidden, outputs, activation, output):
    layers = []
    for before, after in zip((inputs, *hidden), hidden):
        layers += [torch.nn.Linear(before, after), ACTIVATIONS[activation]()]
    return torch.nn.Sequential(*layers, torch.nn.Linear((inputs, *hidden)[-1], outputs),
                               *([ACTIVATIONS[output]()] if output else []))


def make(name, inputs, hidden, outputs, samples, minibatch, epochs, seed, output=0, activation=2):
    """`hidden`: the units of one hidden layer, or a tuple; `output` ends head 0."""
    if sys.argv[1:] and name not in sys.argv[1:]:
        return
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    deep = isinstance(hidden, tuple)
    layers, units = (hidden, max(hidden)) if deep else ((hidden,), hidden)
    x = rng.uniform(-1, 1, (samples, inputs))
    targets = [np.tanh(teacher(rng, x, units, outputs[0])),
               teacher(rng, x, units, outputs[1]) / np.sqrt(units)]
    pool = np.hstack([x] + targets).astype("<f4")
    heads = [network(inputs, layers, out, activation, last) for out, last in zip(outputs, (output, 0))]
    start = [np.concatenate([p.detach().numpy().ravel() for p in head.parameters()]).astype("<f4")
             for head in heads]
    optimizers = [torch.optim.Adam(head.parameters(), lr=1e-3) for head in heads]
    data = torch.from_numpy(pool)
    columns = [slice(inputs, inputs + outputs[0]), slice(inputs + outputs[0], None)]
    orders, losses = [], []
    for _ in range(epochs):
        order = rng.permutation(samples)
        orders.append(order.astype("<u2"))
        for first in range(0, samples, minibatch):
            batch = data[torch.from_numpy(order[first:first + minibatch])]
            row = []
            for head, optimizer, column in zip(heads, optimizers, columns):
                loss = torch.nn.functional.mse_loss(head(batch[:, :inputs]), batch[:, column])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                row.append(loss.item())
            losses.append(row)
    with open(os.path.join(HERE, name), "wb") as out:
        out.write(b"IGTRAIN2" if deep else b"IGTRAIN1")
        out.write(struct.pack("<7i", inputs, len(layers) if deep else hidden, *outputs, samples, minibatch, epochs))
        if deep:
            out.write(struct.pack("<6i", *(layers + 4 * (0,))[:4], activation, output))
        for block in (*start, pool, np.array(orders), np.array(losses, dtype="<f4")):
            out.write(block.tobytes())
    print(name, "updates", len(losses), "last losses", losses[-1])


torch.set_num_threads(1)
make("training-paper.bin", 16, 64, (12, 1), samples=600, minibatch=256, epochs=70, seed=1)
make("training-odd.bin", 7, 33, (5, 1), samples=230, minibatch=50, epochs=45, seed=2)
make("training-tanh.bin", 9, 37, (12, 1), samples=330, minibatch=64, epochs=40, seed=3, output=1)
make("training-deep-relu.bin", 7, (33, 21, 18), (5, 1), samples=200, minibatch=40, epochs=40, seed=4)
make("training-deep-tanh.bin", 6, (19, 16, 13, 10), (3, 1), samples=200, minibatch=40, epochs=40, seed=5, activation=1,
     output=1)
make("training-deep-silu.bin", 9, (40, 33), (8, 1), samples=200, minibatch=40, epochs=40, seed=6, activation=3)
