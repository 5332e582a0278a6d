#!/usr/bin/env python3
"""Writes policy-paper.bin and policy-linear.bin: steps of REINFORCE with Adam by PyTorch.

Needs python3-torch and python3-numpy; the test that reads the files needs neither. Little-endian:

    8 bytes    "IGPOLICY"
    6 int32    state, hidden, action, K trajectories, H steps, updates
    3 float32  std, gamma, learning rate
    float32    parameters of the mean: W1, b1, W2, b2 (or W, b)
    float32    states H x K x state, actions H x K x action, rewards H x K
    float32    updates x P: gradient of 1/K sum_k sum_t gamma^t G_t log pi(a_t|s_t) before each update
    float32    P: parameters after the last update

The trajectories stay the same through the updates: a - mu is then no longer the noise."""
import os
import struct

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))


def make(name, state, hidden, action, trajectories, steps, updates, seed):
    std, gamma, rate = 0.4, 0.95, 0.01
    torch.manual_seed(seed)
    if hidden:
        mean = torch.nn.Sequential(torch.nn.Linear(state, hidden), torch.nn.ReLU(),
                                   torch.nn.Linear(hidden, action))
    else:
        mean = torch.nn.Linear(state, action)
    flat = lambda: np.concatenate([p.detach().numpy().ravel() for p in mean.parameters()])
    start = flat()
    states = torch.randn(steps, trajectories, state)
    actions = (mean(states) + std * torch.randn(steps, trajectories, action)).detach()
    rewards = torch.randn(steps, trajectories)
    weights = torch.zeros(steps, trajectories, dtype=torch.float64)
    for t in range(steps):
        for later in range(t, steps):
            weights[t] += gamma ** later * rewards[later].double()
    optimizer = torch.optim.Adam(mean.parameters(), lr=rate, maximize=True)
    gradients = []
    for _ in range(updates):
        density = torch.distributions.Normal(mean(states), std).log_prob(actions).sum(dim=2)
        optimizer.zero_grad()
        ((weights.float() * density).sum() / trajectories).backward()
        gradients.append(np.concatenate([p.grad.numpy().ravel() for p in mean.parameters()]))
        optimizer.step()
    with open(os.path.join(HERE, name), "wb") as out:
        out.write(b"IGPOLICY")
        out.write(struct.pack("<6i", state, hidden, action, trajectories, steps, updates))
        out.write(struct.pack("<3f", std, gamma, rate))
        for block in (start, states.numpy(), actions.numpy(), rewards.numpy(), np.array(gradients),
                      flat()):
            out.write(block.astype("<f4").tobytes())
    print(name, "largest gradients", [float(abs(g).max()) for g in gradients])


torch.set_num_threads(1)
make("policy-paper.bin", 12, 64, 4, trajectories=20, steps=10, updates=5, seed=1)
make("policy-linear.bin", 5, 0, 3, trajectories=7, steps=9, updates=5, seed=2)
