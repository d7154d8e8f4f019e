"""Wrong usage, broken files and broken disks: a clear message, the right exit code, nothing lost."""
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import unittest

from harness import MODELS, RLCM, AppTest, events_of, run, runs_of, settings, train_arguments, wait_for, write_latents


class TestUsage(AppTest):
    def refuse(self, code, *words, more=()):
        done = run("train", "--out", self.workspace, *more)
        self.assert_refused(done, code, *words)
        self.assertEqual(done.stdout, "")
        self.assertFalse(self.workspace.exists(), "a refused start must leave no workspace")

    def test_nothing_to_start_from(self):
        self.refuse(2, "--preset")

    def test_two_starting_points(self):
        self.refuse(2, more=["--preset", "compress-rlcm-h4", "--config", "x.json"])

    def test_unknown_option_and_command(self):
        self.assertEqual(run("train", "--no-such-option").returncode, 2)
        self.assertEqual(run("no-such-command").returncode, 2)
        self.assertEqual(run().returncode, 2)

    def test_version_and_help_are_no_errors(self):
        self.assertEqual(run("--version").returncode, 0)
        self.assertIn("rlcm", run("--version").stdout)
        self.assertEqual(run("train", "--help").returncode, 0)

    def test_unknown_preset_names_the_nearest(self):
        self.refuse(2, "compress-rlcm-h44", "compress-rlcm-h4", more=["--preset", "compress-rlcm-h44"])

    def test_settings(self):
        for setting, words in {
            "training.learning_rat=0.1": ["training.learning_rate"],
            "training.learning_rate=nan": ["training.learning_rate", "nan"],
            "training.learning_rate=-0.1": ["training.learning_rate", "-0.1"],
            "training.epochs=-3": ["training.epochs", "-3"],
            "training.epochs=many": ["training.epochs", "many"],
            "training.updates_per_round=5": ["updates", "32"],
            "sampling.steps=1": ["sampling.steps", "nothing to learn"],
            "algorithm.method=ppo": ["algorithm.method", "rlcm"],
            "reward.terms=compresibility": ["compressibility"],
            "training.learning_rate": ["key.path=value"],
        }.items():
            with self.subTest(setting):
                self.refuse(2, *words, more=["--preset", "compress-rlcm-h4", "--set", setting])

    def test_config_files(self):
        for name, text, words in [
            ("unknown key", '{"training": {"learning_rat": 0.1}}', ["learning_rate"]),
            ("wrong type", '{"training": {"epochs": "many"}}', ["epochs"]),
            ("twice the same key", '{"seed": 1, "seed": 2}', ["seed"]),
            ("broken", '{"seed": ', ["config.json"]),
        ]:
            with self.subTest(name):
                file = self.folder / "config.json"
                file.write_text(text)
                done = run("train", "--out", self.workspace, "--config", file)
                self.assertIn(done.returncode, (1, 2))
                for word in words:
                    self.assertIn(word, done.stderr)
                self.assertFalse(self.workspace.exists())
        self.assertNotEqual(run("train", "--out", self.workspace, "--config", self.folder / "none.json").returncode, 0)

    def test_resuming_what_is_not_there(self):
        self.assertNotEqual(run("train", "--out", self.workspace, "--resume", "r0001").returncode, 0)
        self.train_tiny(epochs=1)
        self.assert_refused(run("train", "--out", self.workspace, "--resume", "r0002"), 2, "r0002")
        (row,) = runs_of(self.workspace)
        self.assert_refused(run("train", "--out", self.workspace, "--resume", row["id"]), 2, "finished")


class TestOutput(AppTest):
    """Standard output that cannot be written, and names that would break its lines."""

    COMMANDS = (["presets"], ["presets", "--json"], ["--help"], ["--version"], ["train", "--help"], ["models", "list"], ["models", "list", "--json"])

    def with_output(self, target, *arguments):
        with open(target, "w") as output:
            return subprocess.run([RLCM, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, text=True, timeout=240)

    def test_a_full_disk_is_an_error_of_every_command(self):
        self.train_tiny(epochs=1)
        commands = [*self.COMMANDS, ["runs", self.workspace], ["runs", self.workspace, "--json"],
                    ["export", "--workspace", self.workspace, "--run", "r0001", "--csv", "--json", "--out", self.folder / "numbers.csv"],
                    ["train", "--preset", "compress-rlcm-h4", "--dry-run"]]
        for command in commands:
            with self.subTest(command):
                self.assertTrue(run(*command).stdout)
                done = self.with_output("/dev/full", *command)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("cannot write to standard output: No space left on device", done.stderr)

    def test_a_closed_output_is_an_error_and_no_file_takes_its_place(self):
        self.train_tiny(epochs=1)
        done = subprocess.run(["sh", "-c", 'exec "$0" "$@" >&-', RLCM, "runs", str(self.workspace)], stderr=subprocess.PIPE, text=True, timeout=240)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("cannot write to standard output", done.stderr)
        self.assertEqual(len(runs_of(self.workspace)), 1)

    def test_a_reader_that_goes_away_stops_the_run_with_its_last_epoch(self):
        reader, writer = os.pipe()
        process = subprocess.Popen([RLCM, *map(str, train_arguments(self.workspace, epochs=100000, checkpoint__every=1000))], stdin=subprocess.DEVNULL,
                                   stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        with os.fdopen(reader) as events:
            for line in events:
                if json.loads(line)["event"] == "epoch" and json.loads(line)["epoch"] >= 2:
                    break
        _, errors = process.communicate(timeout=240)  # its reader has gone away
        self.assertEqual(process.returncode, 3, errors)
        (row,) = runs_of(self.workspace)
        self.assertEqual(row["state"], "stopped")
        self.assertGreaterEqual(row["epoch"], 2)

    def test_events_on_a_full_disk_stop_the_run_and_say_so(self):
        done = self.with_output("/dev/full", *train_arguments(self.workspace, epochs=100000))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("cannot write to standard output: No space left on device", done.stderr)
        self.assertIn("stopping the run", done.stderr)
        (row,) = runs_of(self.workspace)
        self.assertEqual(row["state"], "stopped")

    def test_control_characters_in_a_name_keep_to_their_cell(self):
        """Such a name is refused at the start; a workspace from elsewhere may hold it."""
        self.train_tiny(epochs=1)
        with sqlite3.connect(self.workspace / "workspace.sqlite") as connection:
            connection.execute("UPDATE run SET name = ?", ["two\nlines\tand \x1b[31mred\x7f \u009b2J"])
        connection.close()
        table = run("runs", self.workspace).stdout
        self.assertEqual(len(table.splitlines()), 3, table)
        self.assertFalse([c for c in table if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)], table)

    def test_sweep_takes_an_empty_value_as_train_does(self):
        arguments = ["--set", "evaluation.judge_model=", "--out", self.workspace, "--preset", "compress-rlcm-h4", *settings(), "--epochs", 1]
        self.assert_done(run("sweep", *arguments))
        self.assertEqual([row["config"]["evaluation"]["judge_model"] for row in runs_of(self.workspace)], [""])
        self.assert_refused(run("sweep", *arguments, "--set", "training.learning_rate="), 2, "training.learning_rate")
        self.assert_refused(run("sweep", *arguments, "--seeds", "1,,2"), 2, "empty value")


class TestModels(AppTest):
    def copy_model(self, name="emoji-lcm"):
        target = self.folder / "model"
        shutil.copytree(MODELS / name, target)
        return target

    def refuse(self, model, *words, preset="compress-rlcm-h4"):
        done = run(*train_arguments(self.workspace, "--set", f"model.path={model}", preset=preset))
        self.assertIn(done.returncode, (1, 2), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("internal error", done.stderr)
        sampled = run("sample", "--model", model, "--prompt", "a cat", "--out", self.folder / "images")
        self.assertIn(sampled.returncode, (0, 1, 2))
        return sampled

    def test_missing_model_names_the_nearest(self):
        self.refuse("emoji-lmc", "emoji-lcm")
        self.refuse(self.folder / "none", "none")

    def test_missing_component(self):
        model = self.copy_model()
        shutil.rmtree(model / "vae")
        self.assertNotEqual(self.refuse(model, "vae").returncode, 0)

    def test_truncated_weights(self):
        model = self.copy_model()
        weights = model / "unet" / "diffusion_pytorch_model.fp16.safetensors"
        if not weights.exists():
            weights = model / "unet" / "diffusion_pytorch_model.safetensors"
        data = weights.read_bytes()
        for keep in (0, 7, 100, len(data) // 2, len(data) - 1):
            with self.subTest(f"{keep} bytes"):
                weights.write_bytes(data[:keep])
                self.assertNotEqual(self.refuse(model, weights.name).returncode, 0)

    def test_header_that_asks_for_the_moon(self):
        model = self.copy_model()
        weights = next((model / "unet").glob("*.safetensors"))
        weights.write_bytes(b"\xff" * 8 + b"{}")
        self.assertNotEqual(self.refuse(model, weights.name).returncode, 0)

    def test_consistency_weights_with_a_diffusion_config_and_the_reverse(self):
        for ours, other in (("emoji-lcm", "emoji-sd"), ("emoji-sd", "emoji-lcm")):
            with self.subTest(ours):
                model = self.copy_model(ours)
                shutil.copy(MODELS / other / "unet" / "config.json", model / "unet" / "config.json")
                sampled = self.refuse(model, preset="compress-rlcm-h4" if ours == "emoji-lcm" else "compress-ddpo-t20")
                self.assertNotEqual(sampled.returncode, 0)
                self.assertNotIn("internal error", sampled.stderr)
                shutil.rmtree(model)

    def test_algorithm_that_does_not_fit_the_model(self):
        done = run(*train_arguments(self.workspace, "--set", "model.path=emoji-sd"))
        self.assertIn(done.returncode, (1, 2))
        self.assertIn("emoji-sd", done.stderr)

    def test_config_without_a_needed_key(self):
        model = self.copy_model()
        for component, key in (("unet", "cross_attention_dim"), ("text_encoder", "hidden_size"), ("vae", "block_out_channels")):
            with self.subTest(key):
                file = model / component / "config.json"
                text = file.read_text()
                config = json.loads(text)
                del config[key]
                file.write_text(json.dumps(config))
                self.assertNotEqual(self.refuse(model).returncode, 0)
                file.write_text(text)

    def test_wrong_latents(self):
        latents = self.folder / "latents.safetensors"
        for shape in ((1, 3, 16, 16), (2, 4, 16, 16), (4, 16, 16)):
            with self.subTest(shape):
                write_latents(latents, shape)
                done = run("sample", "--model", "emoji-lcm", "--prompt", "a cat", "--latents", latents, "--out", self.folder / "images")
                self.assertIn(done.returncode, (1, 2))
                self.assertIn("latents", done.stderr)
                self.assertNotIn("internal error", done.stderr)


class TestWorkspaces(AppTest):
    def test_workspace_that_cannot_be_made(self):
        blocker = self.folder / "file"
        blocker.write_text("")
        done = run(*train_arguments(blocker / "workspace"))
        self.assert_refused(done, 1, "workspace")

    def test_workspace_of_a_newer_version(self):
        self.train_tiny(epochs=1)
        database = next(path for path in self.workspace.iterdir() if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3")
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA user_version = 4711")
        connection.close()
        self.assert_refused(run("runs", self.workspace), 1, "4711")
        self.assert_refused(run(*train_arguments(self.workspace)), 1, "4711")

    def test_no_workspace_to_list(self):
        self.assert_refused(run("runs", self.folder), 1)

    def test_two_writers_of_one_run(self):
        first = self.start_long()
        run_id = wait_for(first, "checkpoint")[0]["run"]
        second = run("train", "--out", self.workspace, "--resume", run_id)
        self.assert_refused(second, 1, str(first.pid))
        before = wait_for(first, "epoch", 2)[-1]["epoch"]
        self.assertGreater(wait_for(first, "epoch", 2)[-1]["epoch"], before)

    def test_two_runs_in_one_workspace_at_once(self):
        first = self.start_long()
        wait_for(first, "epoch")
        self.train_tiny(epochs=3)
        wait_for(first, "epoch", 2)
        first.terminate()
        first.stdout.read()
        self.assertEqual(first.wait(), 3)
        self.assertEqual(sorted(row["state"] for row in runs_of(self.workspace)), ["finished", "stopped"])

    def test_full_disk_ends_the_run_with_its_reason(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

        # SIGXFSZ stays ignored, as Python has it, so that a write beyond the limit fails like one on a full disk.
        command = [str(part) for part in [RLCM, *train_arguments(self.workspace, epochs=2000)]]
        process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240,
                                 preexec_fn=limit, restore_signals=False)
        self.assertEqual(process.returncode, 1, process.stderr[-2000:])
        self.assertNotIn("internal error", process.stderr)
        end = events_of(process.stdout)[-1]
        self.assertEqual((end["event"], end["state"]), ("finished", "failed"))
        self.assertIn("File too large", end["error"])
        (row,) = runs_of(self.workspace)
        self.assertNotEqual(row["state"], "finished")


if __name__ == "__main__":
    unittest.main(verbosity=2)
