#!/usr/bin/env python3
"""imagrid data: the four layouts of the same episodes, what h5py can write, and what is refused and how."""
import importlib.util
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support
from support import h5py, np

MAKER = os.path.join(support.SOURCE, "docs/examples/dataset/make-pendulum.py")
_spec = importlib.util.spec_from_file_location("make_pendulum", MAKER)
pendulum = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pendulum)

FLAT = ("--observations", "state", "--actions", "action", "--rewards", "reward", "--terminals", "terminal",
        "--next-observations", "next_state")
N = 6
GOOD = {"observations": np.arange(2 * N, dtype="f4").reshape(N, 2), "actions": np.linspace(-1, 1, N)[:, None],
        "rewards": np.arange(N, dtype=">f8"), "terminals": np.arange(N) == 2, "timeouts": np.arange(N) == 4}


class Data(support.FolderTest):
    def path(self, name="file.hdf5"):
        return os.path.join(self.directory, name)

    def data(self, *words, code=0):
        result = subprocess.run([support.IMAGRID, "data", *map(str, words)], text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, cwd=self.directory)
        return support.must(result, code)

    def tables(self, *words):
        self.data(*words, "--json", "tables.json")
        with open(self.path("tables.json"), encoding="utf-8") as file:
            return json.load(file)

    def put(self, change=None, **instead):
        """A file in D4RL's layout, with other datasets in place of some, or (None) without them."""
        with h5py.File(self.path(), "w") as file:
            for name, values in {**GOOD, **instead}.items():
                if values is not None:
                    file[name] = values
            if change:
                change(file)
        return self.path()

    def refused(self, *says, words=(), code=2):
        result = self.data(self.path(), *words, code=code)
        self.assertEqual(result.stdout, "")
        self.assertTrue(result.stderr.startswith(f"imagrid: {self.path()}: "), result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1)
        for text in says:
            self.assertIn(text, result.stderr)

    def test_four_layouts(self):
        """The same rows come out of all four, in all figures that are printed."""
        made = pendulum.episodes(400, 1)
        values = pendulum.joined(made)
        found = {}
        for layout, write in pendulum.WRITERS.items():
            with h5py.File(self.path(layout + ".hdf5"), "w") as file:
                write(file, made)
            found[layout] = self.tables(layout + ".hdf5", *(FLAT if layout == "flat" else ()))
        for layout, tables in found.items():
            one = {name: column[0] for name, column in tables["file"].items()}
            self.assertEqual((one["layout"], one["episodes"], one["rows"], one["transitions"], one["state"]),
                             (layout, len(made), len(values["actions"]), len(values["actions"]), 3))
            for key in ("min", "mean", "sd", "max"):
                self.assertEqual(tables["ranges"][key], found["d4rl"]["ranges"][key])
            self.assertEqual(tables["rewards"], found["d4rl"]["rewards"])
        ends = found["minari"]["episodes"]
        self.assertEqual(ends["episodes"][0], int(values["terminals"].sum()))
        self.assertEqual(ends["episodes"][1], int(values["timeouts"].sum()))
        columns = found["d4rl"]["ranges"]
        np.testing.assert_allclose(columns["mean"][:3], values["observations"].mean(0, dtype="f8"), rtol=1e-12)
        np.testing.assert_allclose(columns["sd"][3], values["actions"].std(dtype="f8", ddof=1), rtol=1e-12)
        self.assertEqual(columns["column"], ["observations[0]", "observations[1]", "observations[2]", "actions"])

    def test_the_file_in_the_tree_is_what_the_script_makes(self):
        made = pendulum.joined(pendulum.episodes(20000, 0))
        with h5py.File(os.path.join(os.path.dirname(MAKER), "pendulum.hdf5"), "r") as file:
            self.assertEqual(set(file), set(made))
            for name, values in made.items():
                self.assertEqual(file[name][()].tobytes(), values.tobytes(), name)

    def test_every_type(self):
        """What is in a file and not the type it is stored in decides: floats, integers, both ends first."""
        wanted = None
        for kind in ("<f4", ">f4", "<f8", ">f8", "<f2", "i1", "<i2", ">i4", "<i8", "u1", ">u8"):
            for packed in ({}, {"chunks": (4, 1), "compression": "gzip", "shuffle": True, "fletcher32": True}):
                with h5py.File(self.path(), "w") as file:
                    for name, values in GOOD.items():
                        values = np.abs(values).reshape(N, -1).astype(kind if name != "actions" else ">f8")
                        file.create_dataset(name, data=values, **packed)
                tables = self.tables(self.path())
                wanted = wanted or tables
                self.assertEqual(tables["ranges"], wanted["ranges"], kind)
                self.assertEqual(tables["rewards"], wanted["rewards"], kind)
                name = np.dtype(kind).name + (", big-endian" if kind[0] == ">" else "")
                self.assertEqual(tables["datasets"]["type"][0], name)

    def test_regularities(self):
        """One-step episodes, constant columns, repeated rows, rewards always 0, wide actions."""
        same = {"observations": np.ones((N, 2)), "rewards": np.zeros(N), "actions": np.full((N, 1), -7.0),
                "terminals": np.ones(N)}
        result = self.data(self.put(**same))
        for text in ("constant: observations[0], observations[1], actions", "from -7 to 0", "all rewards are 0",
                     "5 rows (83.3 %) repeat", "no row gives a transition", "6 episodes are few"):
            self.assertIn(text, result.stdout.replace("\n", " "))
        self.put(terminals=np.zeros(N), timeouts=np.zeros(N))
        self.assertIn("one episode cannot be held out", self.data(self.path()).stdout)
        self.put(timeouts=None)
        self.assertIn("time-outs are not marked", self.data(self.path()).stdout)
        tables = self.tables(self.path(), "--episode-length", 2)
        self.assertNotIn("time-outs are not marked", "".join(tables["warnings"]["warning"]))
        self.assertEqual(tables["episodes"]["episodes"], [1, 2, 1, 4])

    def test_wrong_rows(self):
        self.put(actions=GOOD["actions"][:-1])
        self.refused("actions has 5 rows, but observations has 6")
        self.put(rewards=GOOD["observations"])
        self.refused("rewards", "6 x 2", "other than one number a row")
        self.put(terminals=np.zeros(N), timeouts=None)
        self.refused("episodes cannot be told apart", "episode_length")
        self.put(terminals=None, timeouts=None)
        self.refused("no timeouts and no terminals", "episode_length")
        self.put(terminals=np.full(N, 2))
        self.refused("terminals, row 0: 2 is not a whole number from 0 to 1")
        self.put(**{name: values[:0] for name, values in GOOD.items()})
        self.refused("there are no episodes")
        self.put(next_observations=np.zeros((N, 3)))
        self.refused("next observations have 3 columns, observations 2")

    def test_not_finite(self):
        states = GOOD["observations"].astype("f8")
        for number, says in ((np.nan, "NaN"), (np.inf, "infinite"), (1e300, "too large for a float32")):
            states[4, 1] = number
            self.put(observations=states)
            self.refused("observations, episode 1, row 1, column 1: ", says)
        self.put(rewards=np.where(np.arange(N) == 5, np.nan, 0))
        self.refused("rewards, episode 2, row 0, column 0: is not a number")
        self.put(terminals=np.where(np.arange(N) == 5, np.nan, 0))
        self.refused("terminals, row 5: ", "nan")

    def test_not_numbers(self):
        self.put(actions=np.array([b"left"] * N))
        self.refused("actions holds text, not numbers")
        self.put(actions=np.zeros(N, [("x", "f4"), ("y", "f4")]))
        self.refused("actions holds records of several fields")
        self.put(lambda file: file.create_dataset("actions", (N,), h5py.vlen_dtype("f4")), actions=None)
        self.refused("actions holds lists of varying length")
        self.put(actions=1.0)
        self.refused("actions has 0 axes, not a row a step")
        self.put(lambda file: file.create_group("actions"), actions=None)
        self.refused("actions is a group, not a dataset")
        self.put(observations=np.zeros((N, 8, 8, 3), "u1"))
        self.refused("observations (uint8, 6 x 8 x 8 x 3) are images", "store features")
        self.put(observations=np.zeros((N, 5000), "f4"))
        self.refused("observations (float32, 6 x 5000) must have 1 to 4096 numbers a row")
        self.put(actions=np.arange(N) - 1)
        self.refused("actions, row 0: -1 is not a whole number from 0 to 1023", words=("--actions-discrete", "yes"))

    def test_elsewhere(self):
        """Nothing outside of the file is opened, and no filter loaded."""
        with h5py.File(self.path("other.hdf5"), "w") as other:
            other["actions"] = GOOD["actions"]
        for link in (h5py.ExternalLink("other.hdf5", "actions"), h5py.SoftLink("/rewards")):
            self.put(lambda file, to=link: file.__setitem__("actions", to), actions=None)
            self.refused("actions is a link to elsewhere")

        def external(file):
            file.create_dataset("actions", (N, 1), "f8", external=[("numbers.bin", 0, 8 * N)])

        def virtual(file):
            layout = h5py.VirtualLayout((N, 1), "f8")
            layout[:] = h5py.VirtualSource("other.hdf5", "actions", (N, 1))
            file.create_virtual_dataset("actions", layout)

        for change in (external, virtual):
            self.put(change, actions=None)
            self.refused("actions has its numbers in other files")
        self.put(lambda file: file.create_dataset("actions", data=GOOD["actions"], compression="lzf"), actions=None)
        self.refused("actions is compressed with lzf (filter 32000)", 'compression="gzip"')

    def test_layouts_that_are_none(self):
        self.put(observations=None, actions=None)
        self.refused("is neither a file of D4RL", "it has rewards, terminals, timeouts", "`format: flat`")
        self.put(lambda file: file.create_group("episode_0"))
        self.refused("more than one layout", "d4rl, minari")
        self.put(ep_len=[N])
        self.refused("more than one layout", "d4rl, flat")
        self.put()
        self.refused("there are no episodes: no group episode_NUMBER", words=("--format", "minari"))
        self.refused("there are no episodes: no group data/demo_NUMBER", words=("--format", "robomimic"))
        self.refused("`filter` is for `format: robomimic`, but this is d4rl", words=("--filter", "train"))
        self.refused("there is no dataset acts", words=("--actions", "acts"))
        self.refused("`format: flat`", words=("--format", "d4rl", "--actions", "acts"))
        self.refused("`observations`", words=("--observations", "a,b"))
        for words in (("--format", "zarr"), ("--observations", ""), ("--episode-length", "0")):
            self.assertIn(words[0], self.data(self.path(), *words, code=2).stderr)

    def test_flat_episodes(self):
        flat = ("--format", "flat")
        for given, says in (
                ({"ep_len": [3, 2]}, "ep_len adds up to 5 rows, but observations has 6"),
                ({"ep_len": [3, 0, 3]}, "ep_len, row 1: 0 is not a whole number from 1 to 6"),
                ({"ep_len": [3, 4]}, "ep_len: episode 1 ends behind row 7, but observations has 6"),
                ({"ep_len": [3, 3], "ep_offset": [0, 2]}, "episode 1 has row 2, as another episode does"),
                ({"ep_len": [3, 3], "ep_offset": [0]}, "ep_offset has 1 rows, but ep_len has 2"),
                ({"episode_ends": [3, 3]}, "episode_ends, row 1: 3 is not behind the end before, 3"),
                ({"episode_ends": [3, 5]}, "episode_ends ends at row 5, but observations has 6")):
            self.put(terminals=None, timeouts=None, **given)
            self.refused(says, words=flat)

    def minari(self, change=lambda file: None):
        made = pendulum.episodes(30, 3)
        with h5py.File(self.path(), "w") as file:
            pendulum.write_minari(file, made)
            change(file)

    def test_minari(self):
        def replace(name, values):
            def change(file):
                del file[name]
                if values is not None:
                    file[name] = values
            return change

        def dictionary(file):
            for k in range(len(file)):
                states = file[f"episode_{k}/observations"][()]
                del file[f"episode_{k}/observations"]
                file[f"episode_{k}/observations/state"] = states
                file[f"episode_{k}/observations/camera"] = np.zeros((len(states), 4, 4, 3), "u1")
                file[f"episode_{k}/observations/mission"] = ["go"] * len(states)

        self.minari()
        self.assertEqual(self.tables(self.path())["file"]["layout"], ["minari"])
        for change, says in (
                (replace("episode_0/observations", np.zeros((5, 3))), "episode_0/observations has 5 rows, but for"),
                (replace("episode_0/rewards", None), "there is no dataset episode_0/rewards"),
                (replace("episode_0/terminations", np.zeros(2)), "episode_0/terminations has 2 rows, but actions"),
                (replace("episode_0/actions", np.zeros((0, 1))), "episode_0 has no steps"),
                (lambda file: file.copy("episode_0", "episode_00"), "episode_0 and episode_00 have the same number"),
                (lambda file: file.__setitem__("episode_77", h5py.SoftLink("/episode_0")), "episode_77 is no group"),
                (dictionary, "episode_0/observations/camera (uint8")):
            self.minari(change)
            self.refused(says)
        self.refused("observations: [state]")
        self.assertEqual(self.tables(self.path(), "--observations", "state")["file"]["state"], [3])
        self.refused("has no key pose, but state", words=("--observations", "pose"))

    def test_robomimic(self):
        with h5py.File(self.path(), "w") as file:
            pendulum.write_robomimic(file, pendulum.episodes(900, 3))
            n = {name: len(file["mask"][name]) for name in ("train", "valid")}
            file["mask/words"] = ["demo_0", "demo_1"]
            file["mask/lost"] = [b"demo_0", b"demo_999"]
        for name, episodes in {**n, "words": 2}.items():
            self.assertEqual(self.tables(self.path(), "--filter", name)["file"]["episodes"], [episodes])
        self.refused("mask/lost lists demo_999, which is not there", words=("--filter", "lost"))
        self.refused("there is no filter mask/other", words=("--filter", "other"))
        with h5py.File(self.path(), "a") as file:
            file["data/demo_1"].attrs["num_samples"] = 3
        self.refused("data/demo_1: its attribute num_samples is 3")

    def test_not_a_file_of_numbers(self):
        for content, says, code in ((b"", "is empty", 4), (b"PK\3\4 a zip", "is no HDF5 file", 4),
                                    (b"experiment: scaling\n", "is no HDF5 file, but", 4),
                                    (b"\x89HDF\r\n\x1a\n" + bytes(100), "damaged", 4)):
            with open(self.path(), "wb") as file:
                file.write(content)
            self.refused(says, code=code)
        os.remove(self.path())
        self.refused("cannot be opened: No such file", code=4)
        os.mkdir(self.path())
        self.refused("cannot be", code=4)

    def test_names_do_not_reach_the_terminal(self):
        with h5py.File(self.path(), "w") as file:
            file["\x1b[31mred"] = 1
        result = self.data(self.path(), code=2)
        self.assertNotIn("\x1b", result.stderr)
        self.put(lambda file: file.create_dataset("a\x1b[31m", data=np.ones((N, 1))))
        result = self.data(self.path(), "--format", "flat", "--observations", "a\x1b[31m")
        self.assertNotIn("\x1b", result.stdout)

    def test_files_for_other_programs(self):
        self.data(self.put(), "--csv", "tables")
        self.assertEqual(sorted(os.listdir(self.path("tables"))),
                         ["datasets.csv", "episodes.csv", "file.csv", "ranges.csv", "rewards.csv", "warnings.csv"])
        self.assertEqual(self.tables(self.path())["rewards"]["zeros"], [1 / N])


if __name__ == "__main__":
    unittest.main()
