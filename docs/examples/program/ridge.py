"""One training for imagrid: ridge regression on n noisy samples. Its result is the last line it prints."""
import argparse
import json

import numpy as np

INPUTS, NOISE, HELD_OUT = 40, 0.5, 2000

parser = argparse.ArgumentParser()
parser.add_argument("--n", type=int, required=True)
parser.add_argument("--penalty", type=float, required=True)
parser.add_argument("--seed", type=int, required=True)
options = parser.parse_args()

rng = np.random.default_rng(options.seed)
truth = rng.normal(size=INPUTS)
held_out = rng.normal(size=(HELD_OUT, INPUTS))
x = rng.normal(size=(options.n, INPUTS))
y = x @ truth + NOISE * rng.normal(size=options.n)


def error(samples):
    """Held-out RMSE of the model of the first so many samples."""
    a, b = x[:samples], y[:samples]
    model = np.linalg.solve(a.T @ a + options.penalty * np.eye(INPUTS), a.T @ b)
    return float(np.sqrt(np.mean((held_out @ (model - truth)) ** 2)))


path = [error(max(1, options.n * (k + 1) // 20)) for k in range(20)]
print(json.dumps({"error": path[-1], "path": path}))
