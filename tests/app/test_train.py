"""`rlcm train`, `runs`, `presets`, `sweep` with real runs of a few seconds."""
import json
import math
import pathlib
import shutil
import unittest

from harness import AppTest, events_of, of_kind, run, runs_of, settings, train_arguments

COUNTERS = ("images", "reward_queries", "denoiser_evaluations", "optimizer_steps")
NUMBERS = ("reward_mean", "reward_std", "loss", "approx_kl", "clip_fraction", "grad_norm", "ratio_max_deviation")


class TestTrain(AppTest):
    def test_events_tell_the_whole_run(self):
        events = self.train_tiny(epochs=3)
        self.assertEqual(len(of_kind(events[:2], "run_started")), 1)
        self.assertEqual(len(of_kind(events, "run_started")), 1)
        self.assertEqual(events[-1]["event"], "finished")
        self.assertEqual(events[-1]["state"], "finished")
        self.assertEqual({event["run"] for event in events}, {events[0]["run"]})
        epochs = of_kind(events, "epoch")
        self.assertEqual([event["epoch"] for event in epochs], [1, 2, 3])
        for event in epochs:
            for key in NUMBERS:
                self.assertTrue(math.isfinite(event[key]), f"{key} of epoch {event['epoch']}")
            self.assertEqual(event["images"], 4 * event["epoch"])
            self.assertEqual(event["optimizer_steps"], 2 * event["epoch"])
            self.assertLessEqual({"sample", "decode", "reward", "update", "total"}, event["seconds"].keys())
            # The second update of a round scores with changed parameters, so its ratio is near 1, not at 1.
            self.assertLess(event["ratio_max_deviation"], 1e-2)
        self.assertEqual(epochs[0]["denoiser_evaluations"] * 3, epochs[2]["denoiser_evaluations"])

    def test_epoch_lines_carry_the_evaluation_of_their_state(self):
        events = self.train_tiny(epochs=4)
        before = of_kind(events, "evaluation")
        self.assertEqual([event["epoch"] for event in before], [0])
        self.assertTrue(math.isfinite(before[0]["eval_reward_mean"]))
        evaluated = [event["epoch"] for event in of_kind(events, "epoch") if "eval_reward_mean" in event]
        self.assertEqual(evaluated, [2, 4])
        last = of_kind(events, "epoch")[-1]
        self.assertEqual(last["eval_images"], 3)
        self.assertTrue(math.isfinite(last["eval_reward_std"]))

    def test_same_seed_same_curve_and_another_seed_another(self):
        def curve(seed):
            events = of_kind(self.train_tiny("--seed", seed), "epoch")
            return [[event[key] for key in (*COUNTERS, *NUMBERS)] for event in events]

        first, again, other = curve(1), curve(1), curve(2)
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_runs_lists_what_was_trained(self):
        self.train_tiny("--name", "a name")
        (row,) = runs_of(self.workspace)
        self.assertEqual((row["name"], row["state"], row["epoch"], row["epochs"]), ("a name", "finished", 2, 2))
        self.assertEqual(row["config"]["training"]["images_per_round"], 4)
        self.assertTrue(row["environment"])
        self.assertEqual(row["environment"]["device"], "cpu")
        if (pathlib.Path(__file__).parents[2] / ".git").exists() and shutil.which("git"):
            self.assertRegex(row["environment"]["commit"], r"^[0-9a-f]{12}(-dirty)?$")
        table = run("runs", self.workspace)
        self.assertIn("a name", table.stdout)

    def test_a_person_gets_a_line_per_epoch_and_no_output(self):
        arguments = [part for part in train_arguments(self.workspace) if part != "--json"]
        done = run(*arguments)
        self.assert_done(done)
        self.assertEqual(done.stdout, "")
        self.assertIn("epoch 2/2", done.stderr)

    def test_config_files_say_the_same_as_presets(self):
        file = self.folder / "config.json"
        file.write_text(run("presets", "compress-rlcm-h4").stdout)
        done = run("train", "--config", file, "--out", self.workspace, "--json", "--epochs", 1, *settings())
        self.assert_done(done)
        by_preset = of_kind(self.train_tiny(epochs=1), "epoch")[0]
        self.assertEqual(of_kind(events_of(done.stdout), "epoch")[0]["reward_mean"], by_preset["reward_mean"])

    def test_ddpo_trains_a_diffusion_model(self):
        events = self.train_tiny(preset="compress-ddpo-t20", epochs=1, sampling__steps=4)
        (epoch,) = of_kind(events, "epoch")
        self.assertTrue(math.isfinite(epoch["loss"]))
        self.assertEqual(events[-1]["state"], "finished")

    def test_help_lists_every_setting(self):
        text = run("train", "--help").stdout
        config = json.loads(run("presets", "compress-rlcm-h4").stdout)
        for section, value in config.items():
            for path in ([f"{section}.{key}" for key in value] if isinstance(value, dict) else [section]):
                self.assertIn(f"\n  {path}", text)

    def test_presets_have_names_by_the_rule(self):
        presets = json.loads(run("presets", "--json").stdout)
        names = [preset["name"] for preset in presets]
        self.assertEqual(names[0], "compress-gentle-rlcm-h4")
        self.assertIn("align-ddpo-t20", names)
        self.assertTrue(any(name.startswith("paper-") for name in names))
        self.assertTrue(all(preset["note"] for preset in presets))


class TestSweep(AppTest):
    def test_every_combination_is_trained(self):
        tiny = settings()
        at = tiny.index("sampling.steps=2")
        tiny[at] = "sampling.steps=2,3"
        done = run("sweep", "--preset", "compress-rlcm-h4", "--out", self.workspace, "--json", "--epochs", 1, "--seeds", "0,1", *tiny)
        self.assert_done(done)
        self.assertEqual(len({event["run"] for event in events_of(done.stdout)}), 4)
        rows = runs_of(self.workspace)
        self.assertEqual({(row["steps"], row["seed"], row["state"]) for row in rows},
                         {(steps, seed, "finished") for steps in (2, 3) for seed in (0, 1)})

    def test_one_bad_combination_starts_nothing(self):
        done = run("sweep", "--preset", "compress-rlcm-h4", "--out", self.workspace, *settings(), "--set", "training.learning_rate=0.001,-1")
        self.assert_refused(done, 2, "training.learning_rate")
        self.assertFalse(self.workspace.exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
