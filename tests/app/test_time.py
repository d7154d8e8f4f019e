"""`rlcm time`: what an image of each horizon takes, kept in the workspace."""
import json
import unittest

from harness import AppTest, run, train_arguments


class TestTime(AppTest):
    def setUp(self):
        super().setUp()
        for steps in (2, 24):
            for seed in (0, 1):
                self.assert_done(run(*train_arguments(self.workspace, "--seed", seed, epochs=1, sampling__steps=steps)))

    def time(self, *more):
        return run("time", "--out", self.workspace, "--threads", 1, "--warmup", 1, "--samples", 5, *more)

    def kept(self):
        return json.loads((self.workspace / "inference.json").read_text())["times"]

    def test_each_horizon_once_and_more_steps_take_longer(self):
        done = self.time("--json")
        self.assert_done(done)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        progress = [event for event in events if event["type"] == "progress"]
        self.assertEqual([event["done"] for event in progress], list(range(1, 13)))
        self.assertEqual({event["total"] for event in progress}, {12})
        times = {time["key"]: time for time in self.kept()}
        self.assertEqual(sorted(times), ["emoji-lcm rlcm 2 x1 fp32", "emoji-lcm rlcm 24 x1 fp32"])
        few, many = (times[key] for key in sorted(times))
        self.assertLess(few["median_ms"], many["median_ms"])  # so far apart that a busy machine does not turn them round
        for time in (few, many):
            self.assertLessEqual(time["quarter_ms"], time["median_ms"])
            self.assertLessEqual(time["median_ms"], time["three_quarter_ms"])
            self.assertEqual((time["samples"], time["batch"], time["dtype"]), (5, 1, "fp32"))
            self.assertIn("1 thread", time["device"])

    def test_one_run_is_measured_again_and_the_rest_stays(self):
        self.assert_done(self.time())
        before = {time["key"]: time for time in self.kept()}
        done = self.time("--run", "r0001")
        self.assert_done(done)
        self.assertIn("emoji-lcm rlcm 2 x1 fp32: ", done.stdout)
        after = {time["key"]: time for time in self.kept()}
        self.assertEqual(after["emoji-lcm rlcm 24 x1 fp32"], before["emoji-lcm rlcm 24 x1 fp32"])
        self.assertNotEqual(after["emoji-lcm rlcm 2 x1 fp32"]["median_ms"], before["emoji-lcm rlcm 2 x1 fp32"]["median_ms"])

    def test_what_cannot_be_measured_is_named(self):
        done = self.time("--run", "r0009")
        self.assertEqual(done.returncode, 2)
        self.assertIn("r0009", done.stderr)
        (self.workspace / "inference.json").write_text("{}")
        done = self.time("--run", "r0001")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("inference.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
