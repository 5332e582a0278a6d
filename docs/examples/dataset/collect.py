#!/usr/bin/env python3
"""Transitions of a simulator from gymnasium, as Minari saves them and in D4RL's layout.

usage: collect.py ENVIRONMENT TRANSITIONS FOLDER

    python3 -m venv venv && venv/bin/pip install "gymnasium[mujoco]" "minari[create]" h5py
    venv/bin/python collect.py HalfCheetah-v5 100000 cheetah
    venv/bin/python collect.py InvertedPendulum-v5 100000 pendulum

FOLDER/minari.hdf5 and FOLDER/d4rl.hdf5 hold the same transitions. Episodes take turns: random actions; a policy
that has learned for a while, with noise; the same policy when it had learned for half as long, with less. The
policy is a matrix times standardised observations, found by random search (Mania, Guy, Recht 2018).
"""
import argparse
import os
import pathlib
import shutil
import tempfile
import warnings

import gymnasium
import h5py
import numpy as np

ITERATIONS, DIRECTIONS, STEPS = 40, 8, 300
STEP_SIZE, PERTURBATION = 0.05, 0.05
BEHAVIOURS = 3


class Scale:
    """Running mean and standard deviation of observations."""

    def __init__(self, size):
        self.n, self.mean, self.squares = 0, np.zeros(size), np.zeros(size)

    def add(self, observation):
        self.n += 1
        before = observation - self.mean
        self.mean = self.mean + before / self.n
        self.squares = self.squares + before * (observation - self.mean)

    def __call__(self, observation):
        return (observation - self.mean) / np.sqrt(self.squares / max(self.n, 1) + 1e-8)


def episode_return(env, policy, scale, seed):
    observation, _ = env.reset(seed=seed)
    total = 0.0
    for _ in range(STEPS):
        scale.add(observation)
        action = np.clip(policy @ scale(observation), env.action_space.low, env.action_space.high)
        observation, reward, terminated, truncated, _ = env.step(action.astype(env.action_space.dtype))
        total += reward
        if terminated or truncated:
            break
    return total


def search(name, rng):
    """The policy half-way and at the end, and the scale of observations."""
    env = gymnasium.make(name)
    size = env.action_space.shape[0], env.observation_space.shape[0]
    policy, scale, kept = np.zeros(size), Scale(size[1]), []
    for iteration in range(ITERATIONS):
        directions = rng.standard_normal((DIRECTIONS, *size))
        returns = np.array([[episode_return(env, policy + sign * PERTURBATION * d, scale, iteration)
                             for sign in (1, -1)] for d in directions])
        gain = (returns[:, 0] - returns[:, 1]) / (returns.std() + 1e-8)
        policy = policy + STEP_SIZE / DIRECTIONS * np.tensordot(gain, directions, 1)
        if iteration + 1 in (ITERATIONS // 2, ITERATIONS):
            print(f"{iteration + 1} iterations: return {returns.mean():.1f} in {STEPS} steps")
            kept.append(policy)
    env.close()
    return kept, scale


def collect(name, n, folder, rng):
    """n transitions through Minari's collector; its file."""
    # Of what only matters to those who publish a dataset.
    warnings.filterwarnings("ignore", module="minari")
    os.environ["MINARI_DATASETS_PATH"] = str(folder.resolve() / "minari")
    import minari
    (half, whole), scale = search(name, rng)
    env = minari.DataCollector(gymnasium.make(name), data_format="hdf5")
    low, high = env.action_space.low, env.action_space.high
    env.action_space.seed(1)
    taken = episode = 0
    while taken < n:
        observation, _ = env.reset(seed=1000 + episode)
        over = False
        while not over and taken < n:
            if episode % BEHAVIOURS == 0:
                action = env.action_space.sample()
            else:
                policy, noise = ((whole, 0.3), (half, 0.1))[episode % BEHAVIOURS - 1]
                action = policy @ scale(observation) + noise * rng.standard_normal(len(low))
            action = np.clip(action, low, high).astype(env.action_space.dtype)
            observation, _, terminated, truncated, _ = env.step(action)
            taken += 1
            over = terminated or truncated
        episode += 1
    env.create_dataset(dataset_id="collected/mixed-v0", algorithm_name="random search and random actions")
    env.close()
    return next((folder / "minari").rglob("main_data.hdf5"))


def to_d4rl(minari_file, path):
    """The same transitions one after the other; `next_observations` keeps the last of each episode."""
    with h5py.File(minari_file) as source, h5py.File(path, "w") as out:
        episodes = [source[name] for name in sorted(source, key=lambda name: int(name.split("_")[1]))]
        parts = {"observations": [e["observations"][:-1] for e in episodes],
                 "next_observations": [e["observations"][1:] for e in episodes],
                 "actions": [e["actions"][()] for e in episodes],
                 "rewards": [e["rewards"][()] for e in episodes],
                 "terminals": [e["terminations"][()] for e in episodes],
                 "timeouts": [e["truncations"][()] for e in episodes]}
        for name, values in parts.items():
            out.create_dataset(name, data=np.concatenate(values), compression="gzip")
        print(f"{len(out['rewards'])} transitions in {len(episodes)} episodes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("environment")
    parser.add_argument("transitions", type=int)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        made = collect(arguments.environment, arguments.transitions, pathlib.Path(scratch),
                       np.random.default_rng(0))
        shutil.move(made, arguments.folder / "minari.hdf5")
    to_d4rl(arguments.folder / "minari.hdf5", arguments.folder / "d4rl.hdf5")


main()
