"""A chat endpoint that plays a vision model, and tests that put the vision model server before it."""
import base64
import http.server
import json
import threading
import time
import urllib.error
import urllib.request

from reward_servers import RewardTest

# A PNG of one black pixel.
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC")


class FakeVisionModel(http.server.BaseHTTPRequestHandler):
    """A chat endpoint that sees the same in every image and remembers what it was asked."""

    asked = []
    answer, status, body, seconds = "", 200, None, 0

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, question))
        time.sleep(self.seconds)
        body = self.body or json.dumps({"choices": [{"message": {"role": "assistant", "content": self.answer}}]}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class CutVisionModel(FakeVisionModel):
    """Ends in the middle of its answer."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"{")


class VisionTest(RewardTest):
    def setUp(self):
        super().setUp()
        self.fake(asked=[], answer="The image shows a big cat.", status=200, body=None, seconds=0)
        self.endpoint = self.open_endpoint(FakeVisionModel)

    def fake(self, **changes):
        for name, value in changes.items():
            setattr(FakeVisionModel, name, value)

    def open_endpoint(self, handler):
        endpoint = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        endpoint.handle_error = lambda *_: None  # the client may be gone
        threading.Thread(target=endpoint.serve_forever, daemon=True).start()
        self.addCleanup(endpoint.server_close)
        self.addCleanup(endpoint.shutdown)
        return f"http://127.0.0.1:{endpoint.server_address[1]}/v1"

    def serve_tokens(self, *more, endpoint=None):
        return self.serve("--endpoint", endpoint or self.endpoint, "--model", "seer", "--scorer", "tokens", *more, script="vision_model_server.py")

    def ask(self, server, prompts, name="x-1"):
        png = base64.b64encode(PIXEL).decode()
        items = [{"id": str(i), "prompt": prompt, "image_b64": png, "metadata": {}} for i, prompt in enumerate(prompts)]
        body = json.dumps({"protocol": "reward-http/1", "request_id": name, "items": items}).encode()
        request = urllib.request.Request(server.url + "/v1/score", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def assert_refuses(self, server, code, *words):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.ask(server, ["cat"])
        self.assertEqual(refused.exception.code, code)
        message = json.load(refused.exception)["error"]["message"]
        for word in words:
            self.assertIn(word, message)
