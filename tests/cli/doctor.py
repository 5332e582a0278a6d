#!/usr/bin/env python3
"""`imagrid doctor`: on this machine's file systems, alone and on several ranks."""
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import support


class Doctor(support.FolderTest):
    def doctor(self, *arguments, ranks=0, code=0):
        """Its output; the directory is as empty as before."""
        result = support.must(support.run(ranks, "doctor", *(arguments or [self.directory])), code)
        self.assertEqual([name for name in os.listdir(self.directory) if "doctor" in name], [])
        return result.stdout

    def test_help_and_usage(self):
        text = support.must(support.run(0, "doctor", "--help")).stdout
        self.assertRegex(text, r"usage: .*imagrid doctor")
        self.assertIn("example", text)
        for arguments in (["a", "b"], ["--wrong"]):
            result = support.run(0, "doctor", *arguments)
            self.assertEqual(result.returncode, 2)
            self.assertTrue(result.stderr)

    def test_one_rank_answers(self):
        """By whichever launcher: only its first process prints what is wrong with the command line."""
        launchers = [{name: "{}"} for name in ("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                               "MV2_COMM_WORLD_RANK")]
        launchers.append({"SLURM_PROCID": "{}", "SLURM_STEP_NUM_TASKS": "4"})
        for command in (["run", "--wrong"], ["doctor", "--wrong"], ["doctor", "a", "b"]):
            for launcher in launchers:
                for rank, code in ((0, 2), (3, 0)):
                    env = {**support.environment(self.directory),
                           **{name: value.format(rank) for name, value in launcher.items()}}
                    result = subprocess.run([support.IMAGRID, *command], env=env, text=True,
                                            capture_output=True)
                    self.assertEqual((result.returncode, bool(result.stderr)), (code, rank == 0),
                                     (command, launcher))

    def test_a_batch_script_is_no_launcher(self):
        """Slurm numbers its process, too, as that of a shell of srun --pty."""
        for variables in ({"SLURM_PROCID": "0"},
                          {"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1"}):
            env = {**support.environment(self.directory), **variables}
            result = subprocess.run([support.IMAGRID, "doctor", self.directory], env=env, text=True,
                                    capture_output=True)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("not tested: start this under mpirun", result.stdout)

    def test_alone(self):
        text = self.doctor()
        for subject in ("file system", "space", "creation", "rename", "flock", "fcntl locks",
                        "fsync", "writing", "allocation", "clock"):
            self.assertRegex(text, f"(?m)^(ok|note) +{subject}: ")
        self.assertIn("is fit for result files", text)
        self.assertRegex(text, "(?m)^(for the job script:|the job script needs no settings)$")

    def test_current_directory(self):
        result = support.must(support.run(0, "doctor", cwd=self.directory))
        self.assertIn("fit for result files", result.stdout)
        self.assertEqual(os.listdir(self.directory), [])

    def test_ranks(self):
        for ranks in (1, 2, 5):
            text = self.doctor(ranks=ranks)
            self.assertIn(f"seen by all {ranks} ranks", text)
            self.assertRegex(text, f"(?m)^ok +result file: {ranks} ranks? wrote 64 rows each")
            self.assertEqual("messages: " in text, ranks > 1)
            self.assertEqual(text.count("is fit for result files"), 1)

    def test_not_a_directory(self):
        path = support.write(os.path.join(self.directory, "file"), "x")
        for wrong in (path, os.path.join(self.directory, "absent")):
            for ranks in (0, 2):
                text = self.doctor(wrong, ranks=ranks, code=4)
                self.assertIn("NOT fit", text)

    def test_read_only(self):
        point = self.mount("ro,size=1m")
        for ranks in (0, 2):
            self.assertRegex(self.doctor(point, ranks=ranks, code=4), "UNFIT.*Read-only")

    def test_full(self):
        point = self.mount("size=256k")
        with open(os.path.join(point, "ballast"), "wb") as ballast:
            ballast.write(bytes(200 * 1024))
        self.assertRegex(self.doctor(point, code=4), "UNFIT (space|writing|fsync)")
        self.assertEqual(os.listdir(point), ["ballast"])

    def test_few_files_left(self):
        point = self.mount("size=64m,nr_inodes=3")
        self.assertRegex(self.doctor(point, code=4), "UNFIT space: .* files")

    def test_memory_is_told(self):
        point = self.mount("size=64m")
        self.assertRegex(self.doctor(point, ranks=2), "note +lifetime: .*memory")

    def test_killed_leaves_nothing(self):
        """Stopped at any moment."""
        for number in (signal.SIGTERM, signal.SIGINT):
            for _ in range(10):
                process = subprocess.Popen(support.command(0, "doctor", self.directory),
                                           stdout=subprocess.PIPE, text=True)
                process.stdout.readline()
                process.stdout.readline()
                process.stdout.readline()
                process.send_signal(number)
                process.communicate(timeout=30)
                self.assertIn(process.returncode, (0, 128 + number, -number))
                self.assertEqual(os.listdir(self.directory), [])


unittest.main()
