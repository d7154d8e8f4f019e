"""`rlcm study`: list, show, run, resume and report on the bundled models, very small."""
import contextlib
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import unittest

from harness import RESOURCES, SOURCE, TINY, AppTest, run, runs_of, start, wait_for

STUDY = {
    "title": "A tiny study",
    "question": "Two steps or three?",
    "preset": "compress-rlcm-h4",
    "seeds": 2,
    "settings": {**TINY, "evaluation.every": 1},
    "axes": [{"name": "steps", "values": [{"name": "two", "settings": {"sampling.steps": 2}}, {"name": "three", "settings": {"sampling.steps": 3}}]}],
    "budgets": [{"counter": "reward_queries", "value": 8}],
    "answers": [{"ask": "difference", "axis": "steps", "x": "two", "y": "three"}],
}


class TestStudy(AppTest):
    def setUp(self):
        super().setUp()
        self.write(STUDY)

    def write(self, study):
        self.study = self.folder / "tiny.json"
        self.study.write_text(json.dumps(study))

    def rlcm(self, action, *more, **options):
        return run("study", action, self.study, *more, **options)

    def test_shipped_studies_are_listed_and_shown(self):
        listed = {row["study"]: row for row in json.loads(run("study", "list", "--json").stdout)}
        for name in ("first-study", "reward-against-ddpo", "horizon", "unseen-prompts", "other-models", "few-steps-kept", "prompt-space", "learning-rates"):
            self.assertTrue(listed[name]["shipped"])
            self.assertGreater(listed[name]["runs"], 2)
        self.assertIn("horizon", run("study", "list").stdout)
        shown = run("study", "show", "horizon")
        self.assert_done(shown)
        for words in ("RLCM H16", "DDPO 50", "50 runs: 10 cells with 5 seeds each", "0 finished", "of work left"):
            self.assertIn(words, shown.stdout)
        changed = json.loads(run("study", "show", "horizon", "--seeds", 2, "--budget", "reward_queries=64", "--json").stdout)
        self.assertEqual((changed["runs"], changed["cells"][0]["epochs"], changed["cells"][0]["reward_queries"]), (20, 2, 64))
        models = json.loads(run("study", "show", "other-models", "--axis", "model=emoji-lcm,emoji-sd", "--json").stdout)
        self.assertEqual([cell["cell"] for cell in models["cells"]], ["emoji-lcm", "emoji-sd"])

    def test_a_study_is_run_once_and_reported(self):
        done = self.rlcm("run", "--out", self.workspace)
        self.assert_done(done)
        self.assertIn("tiny: 0 of 4 runs finished, about", done.stderr)
        self.assertIn("tiny: 4 of 4 runs finished\n", done.stderr)
        rows = runs_of(self.workspace)
        self.assertEqual({row["name"] for row in rows}, {f"{cell} \u00b7 tiny s{seed}" for cell in ("two", "three") for seed in (0, 1)})
        with contextlib.closing(sqlite3.connect(self.workspace / "workspace.sqlite")) as database:
            colours = database.execute("SELECT steps, COUNT(DISTINCT colour), MIN(colour) FROM run GROUP BY steps").fetchall()
        self.assertEqual(colours, [(2, 1, 0), (3, 1, 0)])  # one hue for one method; horizons are its shades
        again = self.rlcm("run", "--out", self.workspace)
        self.assert_done(again)
        self.assertNotIn("starting", again.stderr)
        self.assertEqual(len(runs_of(self.workspace)), 4)
        page = self.folder / "report.html"
        report = self.rlcm("report", "--out", self.workspace, "--file", page)
        self.assert_done(report)
        self.assertEqual(report.stdout.strip(), str(page))
        text = page.read_text()
        self.assertIn("At 8 reward queries two ", text)
        self.assertIn("2 pairs of seeds", text)
        self.assertIn("4 of 4 planned runs are finished", text)
        self.assertIsNone(re.search(r'(src|href)="(?!data:|#)', text))
        answers = json.loads(self.rlcm("report", "--out", self.workspace, "--json").stdout)["answers"]
        self.assertEqual((len(answers), answers[0]["pairs"], answers[0]["budget"]), (1, 2, 8))

    def test_runs_that_came_with_the_program_are_reported(self):
        own = self.folder / "data/rlcm-workbench/studies"
        own.mkdir(parents=True)
        shutil.copy(self.study, own / "mine.json")
        rows = json.loads(run("study", "list", "--json", env={"XDG_DATA_HOME": str(self.folder / "data")}).stdout)
        listed = {row["study"]: row["recorded"] for row in rows}
        self.assertTrue(listed["first-study"])
        self.assertFalse(listed["mine"])
        page = self.folder / "record.html"
        self.assert_done(run("study", "report", "first-study", "--file", page))
        self.assertIn("30 of 30 planned runs are finished", page.read_text())
        refused = self.rlcm("report")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("name the workspace of yours with --out", refused.stderr)

    def test_more_seeds_keep_those_that_are_there(self):
        self.assert_done(self.rlcm("run", "--out", self.workspace, "--seeds", 1))
        self.assertEqual(len(runs_of(self.workspace)), 2)
        done = self.rlcm("run", "--out", self.workspace, "--seeds", 2, "--threads", 1, "--json")
        self.assert_done(done)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([event["finished"] for event in events if event["event"] == "study"], [2, 3, 4])
        self.assertEqual(len(runs_of(self.workspace)), 4)

    def test_one_seed_gives_no_interval(self):
        done = self.rlcm("run", "--out", self.workspace, "--seeds", 1)
        self.assertIn("no interval", done.stderr)
        answers = json.loads(self.rlcm("report", "--out", self.workspace, "--seeds", 1, "--json").stdout)["answers"]
        self.assertEqual((answers[0]["verdict"], answers[0]["interval"]), ("no_interval", None))

    def test_an_interrupted_study_goes_on_where_it_was(self):
        self.write({**STUDY, "seeds": 1, "budgets": [{"counter": "reward_queries", "value": 160}]})
        process = start("study", "run", self.study, "--out", self.workspace, "--json", stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for(process, "epoch", 3)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        self.assertEqual(process.wait(), 3)
        self.assertIn("goes on where it was", process.stderr.read())
        first = {row["id"]: row for row in runs_of(self.workspace)}
        self.assertEqual(sorted(row["state"] for row in first.values()), ["queued", "stopped"])
        self.assert_done(self.rlcm("run", "--out", self.workspace))
        rows = {row["id"]: row for row in runs_of(self.workspace)}
        self.assertEqual((set(rows), {row["state"] for row in rows.values()}), (set(first), {"finished"}))

    def test_a_failed_run_is_told_and_tried_again_by_resume(self):
        study = json.loads(json.dumps(STUDY))
        study["seeds"] = 1
        judge = self.folder / "reward.py"
        judge.write_text("raise SystemExit(1)\n")
        study["axes"][0]["values"][1]["settings"].update({"reward.terms": "program", "reward.program": f"python3 {judge}"})
        self.write(study)
        failed = self.rlcm("run", "--out", self.workspace)
        self.assertEqual(failed.returncode, 1)
        self.assertIn("1 of 2 runs finished, 1 failed", failed.stderr)
        self.assertIn("`rlcm study resume` tries it again", self.rlcm("run", "--out", self.workspace).stderr)
        page = self.folder / "report.html"
        self.assert_done(self.rlcm("report", "--out", self.workspace, "--file", page))
        self.assertIn("1 of 2 planned runs are finished, 1 failed", page.read_text())
        judge.write_text("import json, sys\nfor line in sys.stdin:\n    request = json.loads(line)\n"
                         "    print(json.dumps({'request_id': request['request_id'], 'scores': [1.0 * i for i in range(len(request['items']))]}), flush=True)\n")
        resumed = self.rlcm("resume", "--out", self.workspace)
        self.assert_done(resumed)
        self.assertEqual({row["state"] for row in runs_of(self.workspace)}, {"finished"})

    def test_the_recorded_study_is_read_and_never_written(self):
        record = self.folder / "record"
        shutil.copytree(RESOURCES / "studies/results/first-study", record)
        before = sorted(file.name for file in record.iterdir())
        page = self.folder / "first.html"
        self.assert_done(run("study", "report", "first-study", "--out", record, "--file", page))
        self.assertIn("30 of 30 planned runs are finished", page.read_text())
        self.assert_refused(run("study", "run", "first-study", "--out", record, "--seeds", 4), 1, "is only read")
        self.assert_refused(run("time", "--out", record), 2, "is a record of finished runs")
        self.assertEqual(sorted(file.name for file in record.iterdir()), before)

    def test_a_workspace_becomes_a_record(self):
        self.assert_done(self.rlcm("run", "--out", self.workspace, "--seeds", 1))
        record = self.folder / "record"
        made = subprocess.run([sys.executable, "-B", SOURCE / "packaging/record_workspace.py", self.workspace, record], capture_output=True, text=True)
        self.assert_done(made)
        self.assertEqual(sorted(file.name for file in record.iterdir()), ["recorded", "runs", "workspace.sqlite"])
        self.assertFalse(list(record.rglob("checkpoints")))
        self.assertEqual([row["state"] for row in runs_of(record)], ["finished", "finished"])
        page = self.folder / "report.html"
        self.assert_done(self.rlcm("report", "--out", record, "--seeds", 1, "--file", page))
        self.assertIn("data:image/png;base64,", page.read_text())

    def test_a_record_can_be_lean_and_leaves_out_what_is_not_finished(self):
        self.assert_done(self.rlcm("run", "--out", self.workspace))
        with contextlib.closing(sqlite3.connect(self.workspace / "workspace.sqlite")) as database:
            database.execute("UPDATE run SET state = 'stopped' WHERE id = 4")
            database.commit()
        record = self.folder / "record"
        made = subprocess.run([sys.executable, "-B", SOURCE / "packaging/record_workspace.py", self.workspace, record, "--images", "1", "--ends", "--image-seeds", "1", "--lean"],
                              capture_output=True, text=True)
        self.assert_done(made)
        self.assertIn("1 runs are not finished and were left out", made.stdout)
        self.assertEqual(len(runs_of(record)), 3)
        with contextlib.closing(sqlite3.connect(record / "workspace.sqlite")) as database:
            self.assertEqual(database.execute("SELECT run_id, COUNT(*), COUNT(DISTINCT epoch) FROM sample GROUP BY run_id").fetchall(), [(1, 2, 2), (2, 2, 2)])
            names = {row[0] for row in database.execute("SELECT DISTINCT name FROM epoch_scalar JOIN metric ON metric.id = metric_id")}
            self.assertIn("reward_mean", names)
            self.assertNotIn("reward_p50", names)
            self.assertGreater(database.execute("SELECT COUNT(*) FROM evaluation_scalar").fetchone()[0], 20)
        self.assertEqual(len(list(record.rglob("*.png"))), 4)
        page = self.folder / "report.html"
        self.assert_done(self.rlcm("report", "--out", record, "--file", page))
        self.assertIn("3 of 4 planned runs are finished", page.read_text())

    def test_a_record_keeps_a_picture_once_that_several_runs_show(self):
        self.assert_done(self.rlcm("run", "--out", self.workspace))
        record = self.folder / "record"
        # Without zopflipng, so that the bytes stay the same.
        self.assert_done(subprocess.run([sys.executable, "-B", SOURCE / "packaging/record_workspace.py", self.workspace, record], capture_output=True, text=True, env={"PATH": ""}))
        pictures = []
        for folder in (self.workspace, record):
            with contextlib.closing(sqlite3.connect(folder / "workspace.sqlite")) as database:
                rows = database.execute("SELECT run_id, epoch, idx, file FROM sample ORDER BY run_id, epoch, idx").fetchall()
            pictures.append([(*place, (folder / name).read_bytes()) for *place, name in rows])
        self.assertEqual(*pictures)
        files = list(record.rglob("*.png"))
        self.assertEqual(len(files), len({file.read_bytes() for file in files}))
        self.assertLess(len(files), len(pictures[0]))  # seeds begin with the same noise and no training

    def test_bad_input_is_refused_with_a_reason(self):
        self.assert_refused(run("study", "show", "horizons"), 2, 'no study "horizons"', "did you mean horizon?")
        self.assert_refused(self.rlcm("show", "--budget", "queries=4"), 2, "unknown x axis")
        self.assert_refused(self.rlcm("show", "--axis", "step=2"), 2, "the study has steps")
        self.assert_refused(self.rlcm("resume", "--out", self.workspace), 1, "holds no workspace")
        self.write({**STUDY, "axis": []})
        self.assert_refused(self.rlcm("show"), 2, "tiny.json", 'unknown key "axis"', 'did you mean "axes"?')
        self.write({**STUDY, "settings": {**STUDY["settings"], "training.epochs": 1}})
        self.assert_refused(self.rlcm("run", "--out", self.workspace), 2, "the budget of 8 reward queries", "is not reached by", "leave training.epochs out")
        self.assertFalse(self.workspace.exists())


if __name__ == "__main__":
    unittest.main()
