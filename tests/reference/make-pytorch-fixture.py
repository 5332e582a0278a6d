#!/usr/bin/env python3
"""Writes training-paper.bin, training-odd.bin and training-tanh.bin (head 0 ends in tanh): two heads trained by
PyTorch, step by step.

Needs python3-torch and python3-numpy; the test that reads the files needs neither. Little-endian:

    8 bytes    "IGTRAIN1"
    7 int32    inputs, hidden, outputs of head 0, outputs of head 1, samples, minibatch, epochs
    float32    parameters of head 0, then of head 1: W1 (hidden x inputs), b1, W2, b2
    float32    samples x (inputs + outputs of both heads)
    uint16     epochs x samples: the order in which an epoch visits the samples
    float32    updates x 2: minibatch loss of each head before each update
"""
import os
import struct

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))


def teacher(rng, x, hidden, outputs):
    """Targets from a frozen two-layer ReLU network with N(0, 1) weights (docs/protocol.md)."""
    first = rng.standard_normal((hidden, x.shape[1]))
    second = rng.standard_normal((outputs, hidden))
    return np.maximum(x @ first.T, 0) @ second.T


def make(name, inputs, hidden, outputs, samples, minibatch, epochs, seed, output=()):
    """Layer `output` ends head 0."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x = rng.uniform(-1, 1, (samples, inputs))
    targets = [np.tanh(teacher(rng, x, hidden, outputs[0])),
               teacher(rng, x, hidden, outputs[1]) / np.sqrt(hidden)]
    pool = np.hstack([x] + targets).astype("<f4")
    heads = [torch.nn.Sequential(torch.nn.Linear(inputs, hidden), torch.nn.ReLU(),
                                 torch.nn.Linear(hidden, out), *last)
             for out, last in zip(outputs, (output, ()))]
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
        out.write(b"IGTRAIN1")
        out.write(struct.pack("<7i", inputs, hidden, *outputs, samples, minibatch, epochs))
        for block in (*start, pool, np.array(orders), np.array(losses, dtype="<f4")):
            out.write(block.tobytes())
    print(name, "updates", len(losses), "last losses", losses[-1])


torch.set_num_threads(1)
make("training-paper.bin", 16, 64, (12, 1), samples=600, minibatch=256, epochs=70, seed=1)
make("training-odd.bin", 7, 33, (5, 1), samples=230, minibatch=50, epochs=45, seed=2)
make("training-tanh.bin", 9, 37, (12, 1), samples=330, minibatch=64, epochs=40, seed=3, output=[torch.nn.Tanh()])
