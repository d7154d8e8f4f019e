"""The vision model server: what it asks, how it measures (words, and BERTScore with a stand-in for the package), what goes wrong."""
import base64
import json
import os
import subprocess
import unittest
import urllib.error
import urllib.request

from fake_vision_model import PIXEL, CutVisionModel, FakeVisionModel, VisionTest
from harness import events_of, run
from reward_servers import IMAGES, SCRIPTS, python_with_pillow

# Stands in for the package: tells how it was called, and fails as the real one with a tokenizer that names no limit.
BERT_SCORE = """
import json, os

class Tokenizer:
    model_max_length = int(1e30)

class Recalls(list):
    def tolist(self):
        return list(self)

def tell(**call):
    with open(os.environ["BERT_CALLS"], "a") as file:
        file.write(json.dumps(call) + "\\n")

class BERTScorer:
    def __init__(self, **arguments):
        if arguments["model_type"] == "absent":
            raise OSError("absent is no folder")
        if arguments["model_type"] == "strange" and arguments["num_layers"] is None:
            raise KeyError("strange")
        tell(**arguments)
        self._tokenizer = Tokenizer()

    def score(self, candidates, references):
        if self._tokenizer.model_max_length >= 1 << 31:
            raise OverflowError("int too big to convert")
        tell(candidates=candidates, references=references)
        return None, Recalls(len(c) / len(r) for c, r in zip(candidates, references)), None
"""


class TestVisionModel(VisionTest):
    def test_scores_are_the_recall_of_the_sentence_about_the_prompt(self):
        server = self.serve_tokens()
        # Of "The image contains cat" the answer has the, image, cat; of "... a dog" the, image, a; of "... cat cat" one cat.
        self.assertEqual(self.ask(server, ["cat", "a dog", "cat cat"])["scores"], [3 / 4, 3 / 5, 3 / 5])
        path, question = FakeVisionModel.asked[0]
        self.assertEqual((path, question["model"], question["temperature"]), ("/v1/chat/completions", "seer", 0))
        picture, text = question["messages"][0]["content"]
        self.assertEqual(text["text"], "Answer concisely: what is going on in this image?")
        self.assertEqual(base64.b64decode(picture["image_url"]["url"].removeprefix("data:image/png;base64,")), PIXEL)

    def test_model_that_says_nothing_scores_zero(self):
        self.fake(answer="")
        self.assertEqual(self.ask(self.serve_tokens(), ["cat"])["scores"], [0.0])

    def test_repeats_are_answered_from_memory_and_mixed_up_ids_refused(self):
        server = self.serve_tokens()
        first = self.ask(server, ["cat"])
        server.kill()
        server.start()
        self.assertEqual(self.ask(server, ["cat"]), first)
        self.assertEqual(len(FakeVisionModel.asked), 1)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.ask(server, ["dog"])
        self.assertEqual(refused.exception.code, 409)

    def test_broken_endpoint_is_named(self):
        server = self.serve_tokens("--timeout", 0.5)
        for changes, words in (({"status": 503}, "the vision model answered HTTP 503"), ({"status": 429}, "HTTP 429"),
                               ({"body": b"<html>"}, "gave no answer"), ({"body": b'{"choices": []}'}, "gave no answer"),
                               ({"seconds": 1}, "timed out")):
            with self.subTest(**changes):
                self.fake(**changes)
                self.assert_refuses(server, 500, words)
                self.fake(status=200, body=None, seconds=0)
        self.assertEqual(len(self.ask(server, ["cat"])["scores"]), 1)  # the failed request can be repeated

    def test_endpoint_that_is_gone_or_ends_too_early_is_named(self):
        self.assert_refuses(self.serve_tokens(endpoint=self.open_endpoint(CutVisionModel)), 500, "the vision model at", "IncompleteRead")
        self.assert_refuses(self.serve_tokens(endpoint="http://127.0.0.1:1/v1"), 500, "the vision model at", "refused")

    def test_run_learns_from_it(self):
        events = self.train(**self.serve_tokens().settings(training__epochs=1))
        self.assertEqual(events[-1]["state"], "finished")
        self.assertGreater(len(FakeVisionModel.asked), IMAGES)

    def test_wrong_key_or_name_ends_the_run_at_once(self):
        self.fake(status=401, body=b"no such key")
        done = run(*self.arguments(**self.serve_tokens().settings()))
        self.assertEqual(done.returncode, 1)
        self.assertIn("the vision model answered HTTP 401: no such key", events_of(done.stdout)[-1]["error"])


class TestBertScore(VisionTest):
    def setUp(self):
        super().setUp()
        (self.folder / "bert_score.py").write_text(BERT_SCORE)
        self.told = self.folder / "calls"
        self.env = {"PYTHONPATH": str(self.folder), "BERT_CALLS": str(self.told)}

    def calls(self):
        return [json.loads(line) for line in self.told.read_text().splitlines()]

    def command(self, *more):
        return ["--endpoint", self.endpoint, "--model", "seer", *more]

    def test_a_batch_is_one_call_of_a_model_loaded_once(self):
        server = self.serve(*self.command(), script="vision_model_server.py", env=self.env)
        self.fake(answer="  a cat ")
        self.assertEqual(self.ask(server, ["dog", "two"])["scores"], [5 / 22, 5 / 22])
        self.fake(answer=" \n")  # nothing: 0, and the package is not asked
        self.assertEqual(self.ask(server, ["dog"], "x-2")["scores"], [0.0])
        loaded, scored = self.calls()
        self.assertEqual((loaded["model_type"], loaded["num_layers"]), ("microsoft/deberta-xlarge-mnli", None))
        self.assertFalse(loaded["rescale_with_baseline"])
        self.assertEqual(scored, {"candidates": ["a cat"] * 2, "references": ["The image contains dog", "The image contains two"]})

    def test_another_model_has_another_name(self):
        server = self.serve(*self.command("--bert-model", "strange", "--bert-layer", 7), script="vision_model_server.py", env=self.env)
        with urllib.request.urlopen(server.url + "/v1/info") as reply:
            self.assertEqual(json.load(reply)["name"], "seer+bertscore:strange")
        self.assertEqual((self.calls()[0]["model_type"], self.calls()[0]["num_layers"]), ("strange", 7))

    def start_fails(self, *more, env=None):
        done = subprocess.run([python_with_pillow(), SCRIPTS / "vision_model_server.py", *self.command(*more)], env={**os.environ, **(env or self.env)},
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("Traceback", done.stderr)
        return done.stderr

    def test_missing_package_or_model_is_said(self):
        (self.folder / "absent").mkdir()
        (self.folder / "absent/bert_score.py").write_text("raise ImportError('no package')")
        self.assertIn("pip install bert-score", self.start_fails(env={"PYTHONPATH": str(self.folder / "absent")}))
        self.assertIn("absent is no folder", self.start_fails("--bert-model", "absent"))
        self.assertIn("--bert-layer", self.start_fails("--bert-model", "strange"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
