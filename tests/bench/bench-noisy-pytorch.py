#!/usr/bin/env python3
"""Trajectories a second of the policy gradient under noisy and biased rewards: PyTorch beside the
compiled sampler, both on one thread, K = 16 trajectories a gradient.

    bench-noisy-pytorch.py BENCH-NOISY     (runs under whatever Python starts it)

Both roll a teacher under a linear Gaussian policy and make three gradients of each 16 trajectories:
what rewards, noise and bias contribute. PyTorch does so in two ways: by autograd, one backward pass
for each gradient of one replicate after the other, and by hand, with the scores of all trajectories
in one tensor and a product for all weights. The best of several batch sizes counts. Processor time.
Exits with 77 without PyTorch."""
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

K, COUNTS, GAMMA, STD = 16, (8, 64, 256), 0.9, 0.5
SHAPES = {'small': (4, 2, 16, 10), 'paper': (12, 4, 64, 50)}


class Sampler:
    def __init__(self, state, action, hidden, steps):
        self.steps, self.hidden = steps, hidden
        self.state, self.inputs = state, state + action
        self.dynamics = torch.randn(self.inputs, hidden), torch.randn(hidden, state)
        self.reward = torch.randn(self.inputs, hidden), torch.randn(hidden, 1)
        self.direction = torch.randn(self.inputs + 1)
        self.policy = torch.nn.Linear(state, action)

    def roll(self, n):
        """States (H, n, S), actions and their noise (H, n, A), and what is observed (3, H, n)."""
        with torch.no_grad():
            s = torch.rand(n, self.state) * 2 - 1
            states, actions, noises, rewards = [], [], [], []
            for _ in range(self.steps):
                noise = torch.randn(n, self.inputs - self.state)
                a = self.policy(s) + STD * noise
                x = torch.cat([s, a], dim=1)
                states.append(s)
                actions.append(a)
                noises.append(noise)
                hidden = torch.relu(x @ self.reward[0]) @ self.reward[1] / math.sqrt(self.hidden)
                bias = torch.tanh(x @ self.direction[:-1] + self.direction[-1])
                rewards.append(torch.stack([hidden[:, 0], torch.randn(n), bias]))
                s = torch.tanh(torch.relu(x @ self.dynamics[0]) @ self.dynamics[1])
            return (torch.stack(states), torch.stack(actions), torch.stack(noises),
                    torch.stack(rewards, dim=1))

    def weights(self, observed):
        """gamma^t G_t for each of the three."""
        factor = GAMMA ** torch.arange(self.steps)[:, None]
        return (observed * factor).flip(1).cumsum(1).flip(1)

    def by_autograd(self, replicates):
        states, actions, _, observed = self.roll(replicates * K)
        weights = self.weights(observed) / K
        for first in range(0, replicates * K, K):
            mine = slice(first, first + K)
            off = actions[:, mine] - self.policy(states[:, mine])
            log_pi = -(off ** 2).sum(2) / (2 * STD ** 2)
            for part in range(3):
                torch.autograd.grad((weights[part, :, mine] * log_pi).sum(),
                                    self.policy.parameters(), retain_graph=part < 2)

    def by_hand(self, replicates):
        states, _, noises, observed = self.roll(replicates * K)
        weights = self.weights(observed) / K
        features = torch.cat([states, torch.ones(*states.shape[:2], 1)], dim=2)
        scores = (noises[..., None] / STD * features[:, :, None, :]).flatten(2)
        scores = scores.view(self.steps, replicates, K, -1).permute(1, 0, 2, 3)
        weights = weights.view(3, self.steps, replicates, K).permute(2, 0, 1, 3)
        return weights.flatten(2) @ scores.flatten(1, 2)


def rate(run, replicates, times):
    run(replicates)
    best = math.inf
    for _ in range(times):
        begin = time.process_time()
        run(replicates)
        best = min(best, time.process_time() - begin)
    return replicates * K / best


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f'PyTorch {torch.__version__}, one thread, trajectories a second, K = {K}')
    for name, shape in SHAPES.items():
        ours = float(subprocess.run([sys.argv[1], '--rate', name], check=True,
                                    stdout=subprocess.PIPE).stdout)
        print(f'd_s, d_a, d_h, H = {shape}')
        print(f'  {"ours":24}{ours:12.0f}')
        sampler = Sampler(*shape)
        for how, run in (('PyTorch, autograd', sampler.by_autograd),
                         ('PyTorch, by hand', sampler.by_hand)):
            its = max(rate(run, replicates, 5) for replicates in COUNTS)
            print(f'  {how:24}{its:12.0f}   ours is {ours / its:6.1f} times faster', flush=True)


main()
