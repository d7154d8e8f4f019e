"""Memory: the estimate before a run, limits that are obeyed or refused, and measurements that survive an interruption."""
import json
import unittest

from harness import MODELS, AppTest, events_of, run, train_arguments

GIB = 2**30


def estimate(*more):
    return run("train", "--preset", "compress-rlcm-h4", "--dry-run", "--json", *more)


class TestEstimate(AppTest):
    def test_dry_run_tells_costs_and_makes_nothing(self):
        done = estimate("--device", "cpu", "--threads", 1)
        self.assert_done(done)
        record = json.loads(done.stdout)
        self.assertEqual(record["images"], 2560)
        memory = record["memory"]
        self.assertEqual(memory["total_bytes"], memory["weights_bytes"] + memory["adapter_bytes"] + memory["activation_bytes"])
        self.assertLess(memory["row_bytes_with_checkpointing"], memory["row_bytes"])
        self.assertLess(memory["total_bytes"], GIB)
        text = run("train", "--preset", "compress-rlcm-h4", "--dry-run").stdout
        self.assertIn("memory:", text)

    def test_memory_option_fits_the_run_to_a_gpu(self):
        shown = json.loads(estimate("--memory", 12, "--device", "cuda:0").stdout)
        self.assertTrue(shown["memory"]["fits"])
        self.assertLess(shown["memory"]["total_bytes"], 12 * GIB)
        refused = estimate("--memory", 12, "--set", "model.path=/nowhere")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("/nowhere", refused.stderr)

    def test_workspace_is_wanted_for_a_real_run_only(self):
        done = run("train", "--preset", "compress-rlcm-h4")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--out", done.stderr)


class TestLimits(AppTest):
    def train(self, **changes):
        return run(*train_arguments(self.folder / "work", epochs=1, **changes))

    def test_impossible_limit_ends_the_run_with_the_reason(self):
        done = self.train(compute__memory_gib=0.0001)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("compute.memory_gib", done.stdout + done.stderr)

    def test_half_precision_on_the_cpu_is_refused(self):
        done = self.train(compute__dtype="fp16", compute__device="cpu")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("compute.dtype", done.stderr)
        self.assertIn("bf16", done.stderr)

    def test_checkpointing_trains(self):
        done = self.train(compute__gradient_checkpointing="on", compute__keep_graph="off")
        self.assert_done(done)
        self.assertTrue(any("gradient checkpointing" in str(event) for event in events_of(done.stdout)))


class TestBench(AppTest):
    def test_loading_says_speed_and_memory(self):
        out = self.folder / "bench.json"
        done = run("bench", "--shape", "load", "--model", MODELS / "emoji-lcm", "--dtype", "fp32,bf16", "--out", out, "--json")
        self.assert_done(done)
        loading = json.loads(done.stdout)["loading"]
        self.assertEqual([one["dtype"] for one in loading], ["fp32", "bf16"])
        self.assertGreater(loading[0]["loading"]["gb_per_s"], 0)
        self.assertEqual(json.loads(out.read_text()), json.loads(done.stdout))

    def test_loading_wants_a_model(self):
        done = run("bench", "--shape", "load")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--model", done.stderr)

    def test_a_round_is_compared_with_its_products_alone(self):
        done = run("bench", "--shape", "limit", "--images", 2, "--steps", 2, "--rounds", 2, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        limit = json.loads(done.stdout)["limits"][0]
        self.assertGreater(limit["seconds"], limit["limit_seconds"] * 0.5)  # of a busy machine: alone they are timed at another moment
        self.assertAlmostEqual(limit["share"], limit["limit_seconds"] / limit["seconds"], places=6)
        self.assertTrue(limit["low"] <= limit["share"] <= limit["high"])
        self.assertEqual(limit["pairs"], 2)
        self.assertAlmostEqual(sum(row["alone_ms"] for row in limit["rows"]), 1000 * limit["limit_seconds"], places=3)
        self.assertTrue({"aten::convolution", "aten::mm"} <= {row["name"] for row in limit["rows"]})

    def test_finished_cases_are_kept_when_a_later_one_fails(self):
        out = self.folder / "bench.json"
        done = run("bench", "--shape", "round", "--images", 2, "--steps", 2, "--rounds", 1, "--dtype", "fp32,fp16", "--out", out)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(json.loads(out.read_text())["rounds"]), 1)


if __name__ == "__main__":
    unittest.main()
