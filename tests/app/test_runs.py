"""Runs on the command line: deleted ones left out of a sweep, restored or removed for good; names."""
import contextlib
import json
import shlex
import sqlite3
import unittest

from harness import AppTest, curve_of, events_of, of_kind, read_safetensors_header, run, runs_of, settings, start, wait_for


class TestRuns(AppTest):
    def deleted(self):
        return json.loads(run("runs", self.workspace, "--deleted", "--json").stdout)

    def test_run_deleted_while_a_sweep_goes_on_is_left_out(self):
        sweep = start("sweep", "--preset", "compress-rlcm-h4", "--out", self.workspace, "--epochs", 12, "--seeds", "0,1,2", "--json", *settings())
        self.addCleanup(sweep.stdout.close)
        self.addCleanup(sweep.kill)
        wait_for(sweep, "run_started")
        self.assert_done(run("runs", self.workspace, "--delete", "r0003"))
        events = events_of(sweep.stdout.read())
        self.assertEqual(sweep.wait(), 0, "a run that was left out has not failed")
        self.assertEqual([event["run"] for event in of_kind(events, "finished")], ["r0001", "r0002"])
        (row,) = self.deleted()
        self.assertEqual((row["id"], row["epoch"], row["state"]), ("r0003", 0, "queued"))

    def test_purged_while_it_waits_is_left_out_too(self):
        sweep = start("sweep", "--preset", "compress-rlcm-h4", "--out", self.workspace, "--epochs", 25, "--seeds", "0,1", "--json", *settings())
        self.addCleanup(sweep.stdout.close)
        self.addCleanup(sweep.kill)
        wait_for(sweep, "run_started")
        self.assert_done(run("runs", self.workspace, "--delete", "r0002"))
        self.assert_done(run("runs", self.workspace, "--purge", "r0002"))
        sweep.stdout.read()
        self.assertEqual(sweep.wait(), 0)

    def test_settings_make_the_run_again_and_show_where_runs_differ(self):
        self.train_tiny("--name", "it's mine")
        self.train_tiny("--seed", 5)
        one = json.loads(run("runs", self.workspace, "--settings", "r0001", "--json").stdout)
        values = {row["setting"]: row["values"] for row in one["settings"]}
        self.assertEqual(values["training.images_per_round"], ["4"])
        arguments = shlex.split(one["command"].replace("WORKSPACE", str(self.folder / "again")))
        self.assertEqual(arguments[:2], ["rlcm", "train"])
        self.assert_done(run(*arguments[1:]))
        self.assertEqual(curve_of(self.workspace, "r0001", self.folder), curve_of(self.folder / "again", "r0001", self.folder))
        both = json.loads(run("runs", self.workspace, "--settings", "r0001", "--settings", "r0002", "--json").stdout)
        self.assertEqual([row["setting"] for row in both["settings"]], ["name", "seed"])
        self.assert_refused(run("runs", self.workspace, "--settings", "r9"), 2, "r9")

    def test_compare_pairs_seeds_and_says_how_few_runs_there_are(self):
        for seed in (0, 1):
            for steps in (2, 4):
                self.train_tiny("--seed", seed, "--set", f"sampling.steps={steps}")
        sides = ("--x", "sampling.steps=2", "--y", "sampling.steps=4")
        self.assert_done(run("compare", self.workspace, *sides))
        report = json.loads(run("compare", self.workspace, *sides, "--json").stdout)
        self.assertEqual((report["x"]["runs"], report["y"]["runs"], report["pairs"]), (2, 2, 2))
        self.assertEqual(len(report["difference_interval"]), 2)
        alone = run("compare", self.workspace, "--x", "r0001", "--y", "r0002")
        self.assertIn("1 run: no interval", alone.stdout)
        none = run("compare", self.workspace, "--x", "seed=9", "--y", "r0002")
        self.assertEqual(none.returncode, 2)
        self.assertIn("a run on each side", none.stderr)
        self.train_tiny(compute__threads=2)
        seconds = run("compare", self.workspace, "--x", "r0001", "--y", "r0005", "--axis", "active_seconds")
        self.assert_done(seconds)
        self.assertIn("made on 2 machines", seconds.stderr)
        self.assertNotIn("machines", run("compare", self.workspace, "--x", "r0001", "--y", "r0005").stderr)

    def test_delete_restore_and_purge(self):
        self.train_tiny("--name", "mine")
        self.train_tiny()
        folder = self.workspace / "runs" / "r0001"
        self.assert_done(run("runs", self.workspace, "--delete", "mine"))
        self.assertEqual([row["id"] for row in runs_of(self.workspace)], ["r0002"])
        self.assertEqual([row["id"] for row in self.deleted()], ["r0001"])
        self.assert_refused(run("train", "--resume", "mine", "--out", self.workspace), 2, "mine")
        self.assert_done(run("runs", self.workspace, "--restore", "mine"))
        self.assertEqual(len(runs_of(self.workspace)), 2)
        self.assert_refused(run("runs", self.workspace, "--purge", "mine"), 2, "deleted")  # only what is deleted already
        self.assertTrue(folder.is_dir())
        self.assert_done(run("runs", self.workspace, "--delete", "mine"))
        purged = run("runs", self.workspace, "--purge", "all")
        self.assert_done(purged)
        self.assertIn("MB", purged.stdout)
        self.assertFalse(folder.exists())
        self.assertEqual(self.deleted(), [])
        self.assertEqual([row["id"] for row in runs_of(self.workspace)], ["r0002"])

    def test_sweep_takes_an_empty_value_as_train_does(self):
        done = run("sweep", "--preset", "compress-rlcm-h4", "--out", self.workspace, "--epochs", 1, *settings(), "--set", "evaluation.judge_model=")
        self.assert_done(done)

    def test_export_uses_the_name_that_the_run_has_now(self):
        self.train_tiny("--name", "old", epochs=1)
        with contextlib.closing(sqlite3.connect(self.workspace / "workspace.sqlite")) as database, database:
            database.execute("UPDATE run SET name = ?", ["new"])
        file = self.folder / "lora.safetensors"
        self.assert_done(run("export", "--workspace", self.workspace, "--run", "new", "--lora", "--out", file))
        self.assertEqual(read_safetensors_header(file)["__metadata__"]["modelspec.title"], "new")

    def test_control_characters_do_not_break_the_table(self):
        self.train_tiny(epochs=1)
        with contextlib.closing(sqlite3.connect(self.workspace / "workspace.sqlite")) as database, database:
            database.execute("UPDATE run SET name = ?", ["two\nlines\x1b[31m"])
        table = run("runs", self.workspace).stdout
        self.assertEqual(len(table.splitlines()), 3)
        self.assertNotIn("\x1b", table)


if __name__ == "__main__":
    unittest.main(verbosity=2)
