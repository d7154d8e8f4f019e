"""`rlcm vote` and `rlcm runs` on two short runs, and the figure of over-optimisation."""
import csv
import json
import os
import sys
import tempfile
import unittest

from harness import AppTest, run, train_arguments


class TestVote(AppTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.runs = os.path.join(cls.shared.name, "w")
        for seed in (0, 1):
            done = run(*train_arguments(cls.runs, "--set", f"seed={seed}", "--set", f"name=run {seed}", checkpoint__best="reward"))
            assert done.returncode == 0, done.stderr

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()

    def vote(self, answers, *more):
        file = os.path.join(self.shared.name, "answers")
        with open(file, "w", encoding="utf-8") as out:
            out.write(answers)
        return run("vote", "--workspace", self.runs, "--a", "run 0", "--b", "run 1", "--answers", file, *more)

    def test_votes_are_counted_by_side_and_written(self):
        table = os.path.join(self.shared.name, "votes.csv")
        done = self.vote("l\nr\nt\n", "--out", table, "--json", "--seed", 3)
        self.assert_done(done)
        result = json.loads(done.stdout)
        with open(table, encoding="utf-8", newline="") as rows:
            votes = list(csv.DictReader(rows))
        self.assertEqual(result["pairs"], 3)
        self.assertEqual([vote["number"] for vote in votes], ["1", "2", "3"])
        expected = ["a" if votes[0]["left"] == "a" else "b", "b" if votes[1]["left"] == "a" else "a", "tie"]
        self.assertEqual([vote["vote"] for vote in votes], expected)
        self.assertEqual(result["a"]["votes"], expected.count("a"))
        self.assertEqual(result["b"]["votes"], expected.count("b"))
        self.assertEqual(result["ties"], 1)
        self.assertEqual(len({vote["prompt"] for vote in votes}), 3)
        self.assertTrue(0 <= result["interval"][0] < result["interval"][1] <= 1)
        self.assertEqual(votes[0]["a"], "r0001@2")

    def test_a_vote_may_end_early_and_be_read(self):
        done = self.vote("rq")
        self.assert_done(done)
        self.assertIn("0 ties", done.stdout)
        self.assertIn("Wilson", done.stdout)
        nothing = self.vote("q")
        self.assertIn("no vote decides anything", nothing.stdout)

    def test_the_same_images_are_no_choice(self):
        done = run("vote", "--workspace", self.runs, "--a", "run 0", "--b", "run 0", "--answers", os.devnull)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--epoch-a", done.stderr)
        answers = os.path.join(self.shared.name, "left")
        with open(answers, "w", encoding="utf-8") as out:
            out.write("l")
        one = run("vote", "--workspace", self.runs, "--a", "run 0", "--epoch-a", 0, "--b", "run 0", "--answers", answers, "--json")
        self.assert_done(one)
        self.assertEqual(json.loads(one.stdout)["a"]["epoch"], 0)

    def test_keys_need_a_terminal(self):
        done = run("vote", "--workspace", self.runs, "--a", "run 0", "--b", "run 1")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--answers", done.stderr)

    def test_runs_name_the_best_checkpoint_and_it_is_on_disk(self):
        done = run("runs", self.runs, "--json")
        self.assert_done(done)
        for row in json.loads(done.stdout):
            best = row["best"]
            self.assertEqual(best["rule"], "reward")
            self.assertGreaterEqual(best["reward"], row["last_reward"])
            self.assertIn(f"e{best['epoch']:05d}", os.listdir(os.path.join(self.runs, "runs", row["id"], "checkpoints")))
            file = os.path.join(self.shared.name, row["id"] + ".safetensors")
            self.assert_done(run("export", "--workspace", self.runs, "--run", row["id"], "--lora", "--best", "--out", file))
            self.assertTrue(os.path.exists(file))
        self.assertIn("(reward, epoch ", run("runs", self.runs).stdout)

    def test_gain_is_drawn_over_the_distance(self):
        file = os.path.join(self.shared.name, "gain.svg")
        self.assert_done(run("export", "--workspace", self.runs, "--run", "run 0", "--run", "run 1", "--over-optimisation", "--out", file))
        with open(file, encoding="utf-8") as svg:
            self.assertIn("Distance from the base model", svg.read())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
