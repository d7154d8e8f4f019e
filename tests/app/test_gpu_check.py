"""tests/gpu/check.sh, whole and small, on the stand-in GPU: every step that needs no other program runs and passes."""
import json
import os
import subprocess
import unittest

from harness import RLCM, SOURCE, AppTest


class TestCheck(AppTest):
    def test_every_step_passes_on_the_stand_in(self):
        out = self.folder / "check.json"
        done = subprocess.run([SOURCE / "tests" / "gpu" / "check.sh", RLCM, "--small", "--rounds", "1", "--dtypes", "fp32,fp16", "--minutes", "13", "--out", out], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=850, env={**os.environ, "LD_PRELOAD": os.environ["RLCM_FAKE_GPU"], "RLCM_FAKE_GPU_GIB": "8"})
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        report = json.loads(out.read_text())
        self.assertEqual(report, json.loads(done.stdout))
        self.assertTrue(report["passed"])
        for name in ("facts", "parity fp32", "parity fp16", "training", "lcm profile", "run in 6 GB", "sd15", "recorded", "rounds rlcm, record-calls on", "rounds ddpo, record-calls off"):
            self.assertTrue(report["steps"][name].get("ok"), name)
        self.assertIn("cuda:0", report["steps"]["facts"]["environment"]["torch"])
        self.assertGreater(report["steps"]["parity fp32"]["compared"], 300)
        self.assertIn("skipped", report["steps"]["run of the peer"])

    def test_a_step_that_fails_is_told_and_the_others_run(self):
        out = self.folder / "check.json"
        done = subprocess.run([SOURCE / "tests" / "gpu" / "check.sh", RLCM, "--small", "--rounds", "1", "--dtypes", "fp32", "--minutes", "0.5", "--device", "cuda:7", "--out", out],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 1)
        steps = json.loads(out.read_text())["steps"]
        self.assertFalse(steps["facts"]["ok"])
        self.assertIn("cuda:7", json.dumps(steps["facts"]["failed"]))
        self.assertTrue(any("skipped" in step for step in steps.values()))


if __name__ == "__main__":
    unittest.main()
