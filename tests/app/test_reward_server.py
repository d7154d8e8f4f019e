"""Rewards from servers and programs in real runs: servers that go away, programs, the vision model server."""
import base64
import http.server
import json
import signal
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

from harness import AppTest, curve_of, events_of, of_kind, run, start, train_arguments, wait_for
from reward_servers import SCRIPTS, RewardServer, python_with_pillow

EPOCHS = 8
IMAGES = 8
EVALUATED = 3 * (EPOCHS // 2 + 1)


class RewardTest(AppTest):
    expected = None

    def serve(self, *arguments, name="memory", **more):
        server = RewardServer(self.folder / name, *arguments, **more)
        self.addCleanup(server.kill)
        return server

    def arguments(self, **changes):
        return train_arguments(self.workspace, epochs=EPOCHS, training__images_per_round=IMAGES, **changes)

    def train(self, **changes):
        done = run(*self.arguments(**changes))
        self.assert_done(done)
        return events_of(done.stdout)

    def start_train(self, **changes):
        process = start(*self.arguments(**changes))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def curve(self, run_id):
        return curve_of(self.workspace, run_id, self.folder)

    def undisturbed(self):
        """The curve of the run with the server's default scorer when nothing goes wrong."""
        if not RewardTest.expected:
            done = RewardTest("train")
            done.setUp()
            self.addCleanup(done.doCleanups)
            done.train(**done.serve().settings())
            RewardTest.expected = done.curve("r0001")
        return RewardTest.expected

    def resume(self, run_id):
        done = run("train", "--out", self.workspace, "--resume", run_id, "--json")
        self.assert_done(done)
        return events_of(done.stdout)


class TestServer(RewardTest):
    def test_server_gives_the_same_run_as_the_reward_itself(self):
        self.train(reward__terms="incompressibility")
        server = self.serve("--scorer", "jpeg-size", "--max-batch", 3)
        events = self.train(**server.settings())
        self.assertEqual(self.curve("r0002"), self.curve("r0001"))
        self.assertTrue(any("scores come from jpeg-size 1" in event["text"] for event in of_kind(events, "log")))
        # No image of training or evaluation came twice.
        self.assertEqual(set(server.scored().values()), {1})
        self.assertEqual(server.scored().total(), EPOCHS * IMAGES + EVALUATED)

    def test_killed_server_is_waited_for_and_nothing_is_lost(self):
        server = self.serve("--max-batch", 2)
        process = self.start_train(**server.settings())
        events = wait_for(process, "epoch", 3)
        server.kill()
        time.sleep(3)
        self.assertIsNone(process.poll(), "the run waits")
        server.start()
        events += events_of(process.stdout.read())
        self.assertEqual(process.wait(), 0)
        self.assertEqual(self.curve("r0001"), self.undisturbed())
        self.assertEqual(set(server.scored().values()), {1})
        self.assertEqual(server.scored().total(), EPOCHS * IMAGES + EVALUATED)
        lines = [event["text"] for event in of_kind(events, "log")]
        self.assertEqual(len([line for line in lines if "No scores since" in line]), 1, lines)
        self.assertEqual(len([line for line in lines if "answers again after" in line]), 1, lines)

    def test_run_that_waits_for_a_server_can_be_stopped_at_once_and_resumed(self):
        server = self.serve()
        process = self.start_train(**server.settings())
        wait_for(process, "epoch", 3)
        server.kill()
        time.sleep(1.5)
        stopped = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        self.assertEqual(process.wait(timeout=30), 3)
        self.assertLess(time.monotonic() - stopped, 20)  # it would wait for minutes
        server.start()
        self.resume("r0001")
        self.assertEqual(self.curve("r0001"), self.undisturbed())

    def test_end_of_patience_fails_the_run_and_keeps_the_checkpoint(self):
        server = self.serve()
        process = self.start_train(**server.settings(reward__server_patience=1))
        wait_for(process, "epoch", 3)
        server.kill()
        last = events_of(process.stdout.read())[-1]
        self.assertEqual(process.wait(), 1)
        self.assertEqual((last["event"], last["state"]), ("finished", "failed"))
        for words in (server.url, "no connection", "resume"):
            self.assertIn(words, last["error"])
        server.start()
        self.assertGreaterEqual(of_kind(self.resume("r0001"), "run_started")[0]["first_epoch"], 2)
        self.assertEqual(self.curve("r0001"), self.undisturbed())

    def test_server_that_is_not_there_is_said_at_once(self):
        server = self.serve()
        server.kill()
        done = run(*self.arguments(**server.settings()))
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not answer", events_of(done.stdout)[-1]["error"])
        self.assertIn("Start it", events_of(done.stdout)[-1]["error"])
        done = run(*self.arguments(reward__terms="server", reward__server_url="127.0.0.1:8085"))
        self.assertIn("http://", done.stdout + done.stderr)
        self.assertNotEqual(done.returncode, 0)

    def test_token_is_needed_where_it_is_set(self):
        server = self.serve(env={"RLCM_REWARD_TOKEN": "sesame"})
        refused = run(*self.arguments(**server.settings()))
        self.assertIn("RLCM_REWARD_TOKEN", events_of(refused.stdout)[-1]["error"])
        accepted = run(*self.arguments(**server.settings()), env={"RLCM_REWARD_TOKEN": "sesame"})
        self.assert_done(accepted)
        self.assertNotIn("sesame", accepted.stdout + accepted.stderr)
        self.assertFalse([file for file in self.workspace.rglob("*") if file.is_file() and b"sesame" in file.read_bytes()])


class TestProgram(RewardTest):
    def test_program_gives_the_same_run_as_a_server(self):
        self.train(reward__terms="program", reward__program=f"{python_with_pillow()} '{SCRIPTS / 'reference_program.py'}'")
        self.assertEqual(self.curve("r0001"), self.undisturbed())

    def test_program_that_fails_is_quoted(self):
        done = run(*self.arguments(reward__terms="program", reward__program="python3 -c 'import sys; sys.exit(\"no graphics card\")'"))
        self.assertEqual(done.returncode, 1)
        for words in ("exit code 1", "4 times", "no graphics card"):
            self.assertIn(words, events_of(done.stdout)[-1]["error"])


class FakeVisionModel(http.server.BaseHTTPRequestHandler):
    """A chat endpoint that sees the same in every image and remembers what it was asked."""

    asked = []
    answer = "The image shows a big cat."

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, question))
        body = json.dumps({"choices": [{"message": {"role": "assistant", "content": self.answer}}]}).encode()
        self.send_response(200 if self.answer is not None else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class TestVisionModel(RewardTest):
    def setUp(self):
        super().setUp()
        FakeVisionModel.asked, FakeVisionModel.answer = [], "The image shows a big cat."
        endpoint = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeVisionModel)
        threading.Thread(target=endpoint.serve_forever, daemon=True).start()
        self.addCleanup(endpoint.server_close)
        self.addCleanup(endpoint.shutdown)
        self.endpoint = f"http://127.0.0.1:{endpoint.server_address[1]}/v1"

    def serve_tokens(self):
        return self.serve("--endpoint", self.endpoint, "--model", "seer", "--scorer", "tokens", script="vision_model_server.py")

    def ask(self, server, prompts, name="x-1"):
        png = base64.b64encode(PIXEL).decode()
        items = [{"id": str(i), "prompt": prompt, "image_b64": png, "metadata": {}} for i, prompt in enumerate(prompts)]
        body = json.dumps({"protocol": "reward-http/1", "request_id": name, "items": items}).encode()
        request = urllib.request.Request(server.url + "/v1/score", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

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
        FakeVisionModel.answer = ""
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
        server = self.serve_tokens()
        FakeVisionModel.answer = None
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.ask(server, ["cat"])
        self.assertEqual(refused.exception.code, 500)
        self.assertIn("the vision model answered HTTP 503", json.load(refused.exception)["error"]["message"])
        FakeVisionModel.answer = "a cat"  # the failed request can be repeated
        self.assertEqual(len(self.ask(server, ["cat"])["scores"]), 1)

    def test_run_learns_from_it(self):
        events = self.train(**self.serve_tokens().settings(training__epochs=1))
        self.assertEqual(events[-1]["state"], "finished")
        self.assertGreater(len(FakeVisionModel.asked), IMAGES)

    def test_missing_package_is_said(self):
        done = subprocess.run([python_with_pillow(), "-c", "import sys; sys.modules['bert_score'] = None; sys.argv[1:] = "
                               "['--endpoint', 'http://127.0.0.1:1/v1', '--model', 'x']; import vision_model_server; vision_model_server.main()"],
                              cwd=SCRIPTS, capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("pip install bert-score", done.stderr)


# A PNG of one black pixel.
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC")

if __name__ == "__main__":
    unittest.main(verbosity=2)
