#!/usr/bin/env python3
"""Make a small file of episodes of a pendulum, in the layout of D4RL, Minari, robomimic or under plain names.

    make-pendulum.py OUT.hdf5 [--layout d4rl|minari|robomimic|flat] [--rows N] [--seed K]

A pendulum with a motor that is too weak to lift it at once. In every other episode the motor's torque is
random, otherwise a feedback swings the pendulum up, with noise. An episode ends as the pendulum stands upright
(terminal), or after 200 steps (time-out). All layouts hold the same transitions, and a seed gives the same
numbers on every machine: what sines and cosines may differ in is rounded off.
"""
import argparse
import math

import h5py
import numpy as np

STEP, TORQUE, LIMIT = 0.05, 1.5, 200
PACKED = {"compression": "gzip", "shuffle": True}


def observe(angle, speed):
    return [round(math.cos(angle), 6), round(math.sin(angle), 6), speed]


def feedback(angle, speed):
    """Pump energy until the pendulum is nearly up, then hold it there."""
    if math.cos(angle) > 0.9:
        return -12 * math.sin(angle) - 3 * speed
    return TORQUE * (1 if speed * (10 - speed * speed / 2 - 10 * math.cos(angle)) > 0 else -1)


def roll(random, number):
    """One episode: states (one more than steps), actions, rewards, whether it ends upright."""
    angle, speed = (random.random() * 2 - 1) * math.pi, random.random() * 2 - 1
    states, actions, rewards = [observe(angle, speed)], [], []
    upright = False
    while not upright and len(actions) < LIMIT:
        noise = random.random() * 2 - 1
        torque = TORQUE * noise if number % 2 else feedback(angle, speed) + 0.3 * noise
        torque = round(max(-TORQUE, min(TORQUE, torque)), 6)
        rewards.append(round(math.cos(angle) - 0.1 * speed * speed - 0.01 * torque * torque, 6))
        speed = round(speed + STEP * (10 * math.sin(angle) + 3 * torque - 0.1 * speed), 6)
        angle = round(angle + STEP * speed, 6)
        actions.append([torque])
        states.append(observe(angle, speed))
        upright = math.cos(angle) > 0.98 and abs(speed) < 0.5
    return (*(np.array(numbers, np.float32) for numbers in (states, actions, rewards)), upright)


def episodes(rows, seed):
    random = np.random.Generator(np.random.Philox(seed))
    made = []
    while rows > 0:
        made.append(roll(random, len(made)))
        rows -= len(made[-1][1])
    return made


def joined(made):
    """The episodes below each other, with the states that follow and the marks of their ends."""
    ends = [np.arange(len(a)) == len(a) - 1 for _, a, _, _ in made]
    return {
        "observations": np.concatenate([s[:-1] for s, _, _, _ in made]),
        "next_observations": np.concatenate([s[1:] for s, _, _, _ in made]),
        "actions": np.concatenate([a for _, a, _, _ in made]),
        "rewards": np.concatenate([r for _, _, r, _ in made]),
        "terminals": np.concatenate([end & up for end, (_, _, _, up) in zip(ends, made)]),
        "timeouts": np.concatenate([end & (not up) for end, (_, _, _, up) in zip(ends, made)]),
    }


def write_d4rl(file, made):
    for name, values in joined(made).items():
        file.create_dataset(name, data=values, **PACKED)


def write_minari(file, made):
    for k, (states, actions, rewards, upright) in enumerate(made):
        last = np.arange(len(actions)) == len(actions) - 1
        for name, values in (("observations", states), ("actions", actions), ("rewards", rewards),
                             ("terminations", last & upright), ("truncations", last & (not upright))):
            file.create_dataset(f"episode_{k}/{name}", data=values, **PACKED)


def write_robomimic(file, made):
    for k, (states, actions, rewards, upright) in enumerate(made):
        group = file.create_group(f"data/demo_{k}")
        group.attrs["num_samples"] = len(actions)
        dones = (np.arange(len(actions)) == len(actions) - 1) & upright
        for name, values in (("obs/pole", states[:-1, :2]), ("obs/speed", states[:-1, 2:]),
                             ("next_obs/pole", states[1:, :2]), ("next_obs/speed", states[1:, 2:]),
                             ("actions", actions), ("rewards", rewards), ("dones", dones.astype(np.int64))):
            group.create_dataset(name, data=values, **PACKED)
    names = [f"demo_{k}" for k in range(len(made))]
    file["mask/train"] = np.array(names[::2] + names[1::4], "S")
    file["mask/valid"] = np.array(names[3::4], "S")


def write_flat(file, made):
    values = joined(made)
    lengths = np.array([len(actions) for _, actions, _, _ in made])
    file["state"], file["next_state"] = values["observations"], values["next_observations"]
    file["action"], file["reward"] = values["actions"], values["rewards"]
    file["terminal"], file["timeout"] = values["terminals"], values["timeouts"]
    file["ep_len"], file["ep_offset"] = lengths, np.cumsum(lengths) - lengths


WRITERS = {"d4rl": write_d4rl, "minari": write_minari, "robomimic": write_robomimic, "flat": write_flat}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--layout", choices=WRITERS, default="d4rl")
    parser.add_argument("--rows", type=int, default=20000, help="at least so many steps")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with h5py.File(arguments.out, "w") as out:
        WRITERS[arguments.layout](out, episodes(arguments.rows, arguments.seed))
