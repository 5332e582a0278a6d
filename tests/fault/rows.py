"""What a result file holds after a fault, against an undisturbed run."""
import os

import support
from support import h5py, np

DONE = 1
COLUMNS = ["dynamics_mse", "reward_mse", "dynamics_train_mse", "reward_train_mse",
           "dynamics_curve", "reward_curve"]
NOTHING = np.array([], dtype=int)


def load(path):
    """State, CRC and the bytes of every task as the CRC covers them."""
    with h5py.File(path, "r") as file:
        state, crc = file["state"][()], file["crc"][()]
        n = len(state)
        parts = [np.arange(n, dtype="<u8").view(np.uint8).reshape(n, 8)]
        for name in COLUMNS:
            data = np.ascontiguousarray(file[name][()])
            part = data.view(np.uint8).reshape(n, -1)
            parts.append(np.pad(part, ((0, 0), (0, -part.shape[1] % 8))))
        parts.append(state.view(np.uint8).reshape(n, 1))
        parts.append(np.ascontiguousarray(file["failure"][()]).view(np.uint8).reshape(n, -1))
    return state, crc, np.concatenate(parts, axis=1)


class Verdict:
    """After one fault: the finished tasks, and what is wrong, counted."""

    def __init__(self, path, reference, before):
        self.good, self.lost, self.wrong, self.torn, self.unreadable = NOTHING, 0, 0, 0, 0
        if not os.path.exists(path):
            self.lost = len(before)
            return
        try:
            state, crc, content = load(path)
        except (OSError, KeyError, ValueError) as error:
            print(f"{path}: {error}")
            self.unreadable, self.lost = 1, len(before)
            return
        marked = np.flatnonzero(state == DONE)
        self.good = marked[support.crc32c(content[marked].T) == crc[marked]]
        self.torn = len(marked) - len(self.good)
        self.lost = len(np.setdiff1d(before, self.good))
        self.wrong = int((content[self.good] != reference[self.good]).any(axis=1).sum())
