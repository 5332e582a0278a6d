#!/usr/bin/env python3
"""Seconds for one iteration of policy training inside the students, as bench-imagination measures it,
beside the same loop in PyTorch on one thread: K = 256 trajectories of H = 50 steps, states of 12 and
actions of 4 numbers, 64 hidden units everywhere.

    bench-imagination-pytorch.py BENCH-IMAGINATION     (runs under whatever Python starts it)

An iteration: the rollout (under no_grad), returns, advantages with the value network, Adam on the
policy's surrogate loss sum w log pi, one pass of value regression in minibatches of 256. All of it is
processor time, which other programs on the machine disturb least. Exits with 77 without PyTorch."""
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

STATE, ACTION, HIDDEN, K, H, STD, GAMMA, MINIBATCH = 12, 4, 64, 256, 50, 0.3, 0.99, 256


def network(inputs, outputs):
    return torch.nn.Sequential(torch.nn.Linear(inputs, HIDDEN), torch.nn.ReLU(),
                               torch.nn.Linear(HIDDEN, outputs))


class Loop:
    def __init__(self, with_value):
        self.dynamics, self.reward = network(STATE + ACTION, STATE), network(STATE + ACTION, 1)
        self.policy, self.value = network(STATE, ACTION), network(STATE + 1, 1)
        self.with_value = with_value
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=1e-3)
        self.value_optimizer = torch.optim.Adam(self.value.parameters(), lr=1e-3)
        time_of = (torch.arange(H) / H)[:, None, None].expand(H, K, 1)
        self.time_of = time_of.reshape(H * K, 1)

    @torch.no_grad()
    def rollout(self):
        s = torch.rand(K, STATE) * 2 - 1
        noise = torch.randn(H, K, ACTION)
        states, actions, rewards = [], [], []
        for t in range(H):
            a = self.policy(s) + STD * noise[t]
            x = torch.cat([s, a], dim=1)
            states.append(s)
            actions.append(a)
            rewards.append(self.reward(x).squeeze(1))
            s = self.dynamics(x)
        returns = torch.empty(H, K)
        rest = torch.zeros(K)
        for t in reversed(range(H)):
            rest = rewards[t] + GAMMA * rest
            returns[t] = rest
        return torch.cat(states), torch.cat(actions), returns.reshape(-1)

    def iteration(self):
        states, actions, returns = self.rollout()
        weights = returns
        inputs = torch.cat([states, self.time_of], dim=1)
        if self.with_value:
            with torch.no_grad():
                weights = returns - self.value(inputs).squeeze(1)
        difference = actions - self.policy(states)
        loss = (weights * difference.square().sum(dim=1)).sum() / (2 * STD * STD * K)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        if self.with_value:
            for index in torch.randperm(H * K).split(MINIBATCH):
                loss = torch.nn.functional.mse_loss(self.value(inputs[index]).squeeze(1),
                                                    returns[index])
                self.value_optimizer.zero_grad(set_to_none=True)
                loss.backward()
                self.value_optimizer.step()


def best_seconds(loop, times=10):
    loop.iteration()
    best = math.inf
    for _ in range(times):
        begin = time.process_time()
        loop.iteration()
        best = min(best, time.process_time() - begin)
    return best


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f'PyTorch {torch.__version__}, one thread, one iteration of K = {K}, H = {H}')
    for name, option, with_value in (('no baseline', 'none', False), ('value baseline', 'value', True)):
        ours = float(subprocess.run([sys.argv[1], '--seconds', option], check=True,
                                    stdout=subprocess.PIPE).stdout)
        theirs = best_seconds(Loop(with_value))
        print(f'{name:16}ours {1e3 * ours:8.3f} ms   PyTorch {1e3 * theirs:8.3f} ms   ours is '
              f'{theirs / ours:6.1f} times faster', flush=True)


main()
