"""Transitions of a pendulum, in standard deviations, and the frame that both models.py and twin.py share."""
import argparse
import json

import h5py
import numpy as np

HELD_OUT = 0.2  # share of the episodes


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", required=True)
    parser.add_argument("--n", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    return parser.parse_args()


def scaled(values, reference):
    return (values - reference.mean(0)) / reference.std(0)


def load(path, n, seed):
    """n training samples and all that are held out: inputs [s, a], targets s' - s and r."""
    with h5py.File(path, "r") as file:
        states, actions, rewards = (np.asarray(file[name], np.float64)
                                    for name in ("observations", "actions", "rewards"))
        ends = np.asarray(file["terminals"], bool) | np.asarray(file["timeouts"], bool)
    inputs = np.hstack([states, actions])
    change = np.roll(states, -1, axis=0) - states
    episode = np.concatenate([[0], np.cumsum(ends)[:-1]])
    usable = ~ends  # of an episode's last row the next state is not known
    rng = np.random.default_rng(seed)
    order = rng.permutation(episode[-1] + 1)
    held = np.isin(episode, order[:round(HELD_OUT * len(order))])
    train = rng.permutation(np.flatnonzero(usable & ~held))[:n]
    if len(train) < n:
        raise SystemExit(f"{path} has {len(train)} samples for training, --n {n} are wanted")
    test = np.flatnonzero(usable & held)
    x, d, r = (scaled(values, values[train]) for values in (inputs, change, rewards[:, None]))
    return {"train": (x[train], d[train], r[train]), "test": (x[test], d[test], r[test])}


def progress(share):
    print(json.dumps({"progress": share}), flush=True)


def finish(predict_change, predict_reward, data):
    """The result: held-out errors, 1 being those of a constant prediction."""
    x, d, r = data["test"]
    print(json.dumps({
        "dynamics_error": float(np.sqrt(np.mean((predict_change(x) - d) ** 2))),
        "reward_error": float(np.sqrt(np.mean((predict_reward(x) - r) ** 2))),
    }))
