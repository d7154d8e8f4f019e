"""The programs on a GPU: tests/support/fake_gpu stands in for one, whose memory nobody else may touch and whose arithmetic is the CPU's.

So results are the CPU's too, and a tensor that was left behind on the CPU is an error. What CUDA's own kernels give is not seen here.
"""
import json
import os
import subprocess
import sys
import unittest

from harness import MODELS, SOURCE, AppTest, events_of, of_kind, run, train_arguments
from reward_servers import python_with_pillow

GPU = {"LD_PRELOAD": os.environ.get("RLCM_FAKE_GPU", "")}


def on_gpu(*arguments, gib=4, **more):
    return run(*arguments, env={**GPU, "RLCM_FAKE_GPU_GIB": str(gib)}, **more)


def pixels(file):
    script = "import sys\nfrom PIL import Image\nsys.stdout.buffer.write(Image.open(sys.argv[1]).convert('RGB').tobytes())"
    return subprocess.run([python_with_pillow(), "-c", script, file], check=True, capture_output=True).stdout


def epochs_of(process):
    return of_kind(events_of(process.stdout), "epoch")


class TestNumbers(AppTest):
    def test_every_fixture_holds_on_the_gpu(self):
        done = on_gpu("parity", SOURCE / "tests" / "golden", "--device", "cuda")
        self.assert_done(done)
        self.assertIn("all within tolerance", done.stdout)

    def test_images_are_those_of_the_cpu(self):
        for model, steps in (("emoji-lcm", 4), ("emoji-sd", 5)):
            files = {}
            for device, program in (("cpu", run), ("cuda:0", on_gpu)):
                folder = self.folder / f"{model}-{device[:3]}"
                done = program("sample", "--model", MODELS / model, "--prompt", "a red apple", "--steps", steps, "--device", device, "--out", folder)
                self.assert_done(done)
                files[device] = sorted(folder.glob("*.png"))
            self.assertEqual(len(files["cpu"]), 1)
            ours, theirs = (pixels(files[device][0]) for device in ("cuda:0", "cpu"))
            self.assertLessEqual(max(abs(a - b) for a, b in zip(ours, theirs, strict=True)), 2)

    def test_half_precision_makes_nearly_the_same_image(self):
        sample = ["sample", "--model", MODELS / "emoji-lcm", "--prompt", "a red apple", "--out"]
        self.assert_done(run(*sample, self.folder / "full"))
        self.assert_done(on_gpu(*sample, self.folder / "half", "--dtype", "fp16", "--device", "cuda"))
        full, half = (pixels(self.folder / name / "000.png") for name in ("full", "half"))
        self.assertLess(sum(abs(a - b) for a, b in zip(full, half, strict=True)) / len(full), 2)
        self.assert_refused(run(*sample, self.folder / "x", "--dtype", "fp16", "--device", "cpu"), 2, "fp16", "bf16")

    def test_scores_are_those_of_the_cpu(self):
        images = sorted((SOURCE / "tests" / "golden").rglob("*.png"))[:3]
        scores = [json.loads(program("score", "--reward", "alignment", "--device", device, "--json", "--prompt", "a dog", "--set", f"reward.clip_model={MODELS / 'emoji-clip'}", "--images", *images).stdout)
                  for device, program in (("cpu", run), ("cuda:0", on_gpu))]
        for ours, theirs in zip(*(one["images"] for one in scores), strict=True):
            self.assertAlmostEqual(ours["total"], theirs["total"], places=4)


class TestTraining(AppTest):
    def train(self, program, device, **changes):
        done = program(*train_arguments(self.folder / f"{program.__name__}-{len(os.listdir(self.folder))}", compute__device=device, **changes))
        self.assert_done(done)
        return epochs_of(done)

    def given_reward(self):
        """A reward of the prompts alone: one that looks at pixels jumps when a pixel is rounded the other way, and with it the gradient."""
        script = self.folder / "reward.py"
        script.write_text("import json, sys\n"
                          "for line in sys.stdin:\n"
                          "    ask = json.loads(line)\n"
                          "    scores = [sum(map(ord, item['prompt'])) % 97 for item in ask['items']]\n"
                          "    print(json.dumps({'request_id': ask['request_id'], 'scores': scores}), flush=True)\n")
        return {"reward__terms": "program", "reward__program": f"{sys.executable} {script}"}

    def assert_same_run(self, ours, theirs, tolerance):
        """The first gradient within a share of it, from the same rewards in every epoch."""
        self.assertGreater(theirs[0]["grad_norm"], 0)
        self.assertAlmostEqual(ours[0]["grad_norm"] / theirs[0]["grad_norm"], 1, delta=tolerance)
        self.assertEqual([one["reward_mean"] for one in ours], [other["reward_mean"] for other in theirs])

    def test_both_methods_train_as_on_the_cpu(self):
        for preset, changes in (("compress-rlcm-h4", {}), ("compress-ddpo-t20", {"sampling__steps": 3})):
            changes = {"compute__dtype": "fp32", "compute__keep_graph": "off", **self.given_reward(), **changes}
            self.assert_same_run(self.train(on_gpu, "cuda:0", preset=preset, **changes), self.train(run, "cpu", preset=preset, **changes), 0.001)

    def test_half_precision_gives_the_gradient_of_full_precision(self):
        full = self.train(run, "cpu", epochs=1, compute__dtype="fp32", **self.given_reward())
        self.assert_same_run(self.train(on_gpu, "cuda", epochs=1, compute__dtype="fp16", **self.given_reward()), full, 0.05)

    def test_auto_takes_the_gpu_and_rewards_run_there(self):
        workspace = self.folder / "work"
        done = on_gpu(*train_arguments(workspace, epochs=1, compute__device="auto", reward__terms="alignment", reward__clip_model=MODELS / "emoji-clip"))
        self.assert_done(done)
        self.assertIn("cuda:0", json.dumps(events_of(done.stdout)))

    def test_used_up_memory_ends_the_run_with_what_to_do(self):
        workspace = self.folder / "work"
        done = on_gpu(*train_arguments(workspace, compute__device="cuda:0"), gib=0.02)
        self.assertNotEqual(done.returncode, 0)
        for words in ("memory is used up", "compute.chunk_images"):
            self.assertIn(words, done.stdout + done.stderr)
        self.assertNotIn("frame #", done.stdout + done.stderr)


class TestMeasuring(AppTest):
    def test_a_network_takes_the_memory_that_was_estimated(self):
        done = on_gpu("bench", "--shape", "lcm", "--dtype", "bf16", "--device", "cuda:0", "--resolution", 64, "--rounds", 1, "--json", gib=8)
        self.assert_done(done)
        case = json.loads(done.stdout)["shapes"][0]
        estimate = case["estimate"]
        used = case["update"]["peak_bytes"] - case["resting_bytes"]
        self.assertLess(used, estimate["adapter_bytes"] + estimate["update_row_bytes"])

    def test_what_is_not_there_is_named(self):
        self.assert_refused(on_gpu("sample", "--model", MODELS / "emoji-lcm", "--prompt", "x", "--device", "cuda:1", "--out", self.folder), 1, "cuda:1", "1 GPUs")


if __name__ == "__main__":
    unittest.main()
