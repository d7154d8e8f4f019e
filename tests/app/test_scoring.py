"""`rlcm score`, training on the aesthetic reward, and rewards that stop being numbers."""
import json
import pathlib
import struct
import sys
import unittest

from harness import MODELS, SOURCE, AppTest, events_of, of_kind, read_safetensors_header, run, runs_of, train_arguments

PICTURES = SOURCE / "tests" / "core" / "models" / "pictures"
GOLDEN_HEADS = SOURCE / "tests" / "golden" / "aesthetic"

# Answers every request with small numbers until the file `turn` is there after `LIMIT` images, then with huge ones.
PROGRAM = """
import json, pathlib, sys
seen = 0
for line in sys.stdin:
    request = json.loads(line)
    count = len(request["items"])
    scores = [0.1 * ((seen + i) % 7) for i in range(count)]
    if seen >= LIMIT and not pathlib.Path(sys.argv[1]).exists():
        scores = [1e308] * count
    seen += count
    print(json.dumps({"request_id": request["request_id"], "scores": scores}), flush=True)
"""


def write_head(file, width):
    """One linear layer: weight i is (i % 5) - 2, bias 5."""
    header = json.dumps({"bias": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                         "weight": {"dtype": "F32", "shape": [1, width], "data_offsets": [4, 4 + 4 * width]}}).encode()
    values = struct.pack(f"<{1 + width}f", 5.0, *((i % 5) - 2 for i in range(width)))
    pathlib.Path(file).write_bytes(struct.pack("<Q", len(header)) + header + values)


def clip_width():
    return read_safetensors_header(MODELS / "emoji-clip" / "model.safetensors")["visual_projection.weight"]["shape"][0]


class TestScore(AppTest):
    def score(self, *arguments):
        done = run("score", "--threads", 1, *arguments)
        self.assert_done(done)
        return done.stdout

    def test_json_has_a_score_for_every_image_and_term(self):
        files = [PICTURES / "cat.png", PICTURES / "zebra.png"]
        text = self.score("--reward", "alignment + 2*incompressibility", "--images", *files, "--prompt", "a cat", "a zebra", "--json")
        result = json.loads(text)
        self.assertEqual([image["file"] for image in result["images"]], [str(file) for file in files])
        self.assertEqual([image["prompt"] for image in result["images"]], ["a cat", "a zebra"])
        for image in result["images"]:
            self.assertGreater(image["terms"]["alignment"], 0.6)
            self.assertAlmostEqual(image["total"], image["terms"]["alignment"] + 2 * image["terms"]["incompressibility"], places=12)
        self.assertGreater(result["milliseconds_per_image"], 0)

    def test_sanity_of_given_and_of_drawn_images(self):
        files = [PICTURES / "cat.png", PICTURES / "zebra.png"]
        result = json.loads(self.score("--reward", "incompressibility", "--sanity", "--images", *files, "--prompt", "a cat", "a zebra", "--json"))
        self.assertEqual([kind["kind"] for kind in result["kinds"]], ["white noise", "grey", "black", "inverted", "shuffled"])
        below = {kind["kind"]: kind["is_below"] for kind in result["kinds"]}
        self.assertTrue(below["grey"] and below["black"])
        self.assertFalse(below["white noise"] or below["shuffled"])
        self.assertGreater(result["noise_floor"], 0)
        text = self.score("--reward", "compressibility", "--sanity", "--model", "emoji-lcm", "--prompt", "a cat", "a dog", "a cat")
        for words in ("base images", "training may end here", "noise floor"):
            self.assertIn(words, text)

    def test_table_and_one_prompt_for_all(self):
        text = self.score("--reward", "clipscore", "--images", PICTURES / "cat.png", PICTURES / "bee.png", "--prompt", "a cat")
        for words in ("clipscore", "total", "cat.png", "bee.png", "ms per image"):
            self.assertIn(words, text)

    def test_aesthetic_reads_both_kinds_of_files(self):
        head = self.folder / "head.safetensors"
        write_head(head, clip_width())
        text = self.score("--reward", "aesthetic", "--set", "reward.aesthetic_model=emoji-clip", "--set", f"reward.aesthetic_head={head}",
                          "--images", PICTURES / "cat.png", "--prompt", "a cat", "--json")
        self.assertLess(abs(json.loads(text)["images"][0]["total"] - 5), 5)

    def test_what_is_missing_or_wrong_is_named(self):
        def refuse(code, *words, reward="alignment", images=(PICTURES / "cat.png",), prompts=("a cat",), settings=()):
            with self.subTest(reward=reward, settings=settings, images=images):
                more = [part for setting in settings for part in ("--set", setting)]
                self.assert_refused(run("score", "--reward", reward, *more, "--images", *images, "--prompt", *prompts), code, *words)

        aesthetic = "reward.aesthetic_model=emoji-clip"
        refuse(2, "reward.aesthetic_model", "reward.aesthetic_head", reward="aesthetic")
        refuse(2, "reward.aesthetic_head", "none.pth", reward="aesthetic", settings=(aesthetic, "reward.aesthetic_head=none.pth"))
        refuse(2, "24", "emoji-clip", reward="aesthetic", settings=(aesthetic, f"reward.aesthetic_head={GOLDEN_HEADS / 'head_small.pth'}"))
        for name, words in (("head_small_legacy.pth", "legacy"), ("refuse_function_call.pth", "print"), ("refuse_module.pth", "Linear")):
            refuse(1, name, words, reward="aesthetic", settings=(aesthetic, f"reward.aesthetic_head={GOLDEN_HEADS / name}"))
        refuse(2, "reward.pickscore_model", reward="pickscore")
        refuse(2, "emoji-clip", settings=("reward.clip_model=emoji-clib",))
        refuse(2, "compressibility", reward="compresibility")
        refuse(2, "training.epochs", settings=("training.epochs=3",))
        refuse(1, "absent.png", images=("absent.png",))
        refuse(1, "config.json", "neither a PNG nor a JPEG", images=(MODELS / "emoji-clip" / "config.json",))
        refuse(2, "2 prompts", "1 images", prompts=("a", "b"))


class TestTraining(AppTest):
    def test_aesthetic_reward_trains(self):
        head = self.folder / "head.safetensors"
        write_head(head, clip_width())
        events = self.train_tiny(epochs=2, reward__terms="aesthetic", reward__aesthetic_model="emoji-clip", reward__aesthetic_head=head)
        epochs = of_kind(events, "epoch")
        self.assertEqual([event["epoch"] for event in epochs], [1, 2])
        for event in epochs:
            self.assertLess(abs(event["reward_mean"] - 5), 5)
            self.assertGreater(event["grad_norm"], 0)

    def test_weights_that_are_too_large_are_named_at_once(self):
        done = run(*train_arguments(self.workspace, reward__terms="1.5e308*compressibility"))
        self.assertEqual(done.returncode, 1, done.stderr)
        message = events_of(done.stdout)[-1]["error"]
        for words in ("reward.terms", "inf", "prompt", "weights smaller"):
            self.assertIn(words, message)
        self.assertEqual([row["state"] for row in runs_of(self.workspace)], ["failed"])

    def test_reward_that_stops_being_finite_ends_the_run_and_keeps_its_checkpoint(self):
        program, turn = self.folder / "program.py", self.folder / "turn"
        program.write_text(PROGRAM.replace("LIMIT", "14"))
        command = f"'{sys.executable}' '{program}' '{turn}'"
        done = run(*train_arguments(self.workspace, epochs=5, reward__terms="10*program", reward__program=command))
        self.assertEqual(done.returncode, 1, done.stderr)
        events = events_of(done.stdout)
        for words in ("reward.terms", "inf", "prompt"):
            self.assertIn(words, events[-1]["error"])
        kept = of_kind(events, "checkpoint")[-1]["epoch"]
        self.assertGreaterEqual(kept, 1)
        (row,) = runs_of(self.workspace)
        self.assertEqual(row["state"], "failed")

        turn.write_text("")
        resumed = run("train", "--out", self.workspace, "--resume", row["id"], "--json")  # the turn is a file of the program
        self.assert_done(resumed)
        epochs = [event["epoch"] for event in of_kind(events_of(resumed.stdout), "epoch")]
        self.assertEqual(epochs, list(range(kept + 1, 6)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
