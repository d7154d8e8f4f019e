"""The reward protocol v1 for servers and programs, and the protocols of two public trainers, so that a reward of your own is one function:

    from reward_protocol import serve

    def score(items):                      # item.prompt: str, item.image: PIL.Image in RGB
        return [my_model(item.image, item.prompt) for item in items]

    serve(score, name="my-reward", version="1", port=8085)

Python's standard library and Pillow only. README.md beside this file describes the protocol.
"""
import base64
import binascii
import collections
import contextlib
import hashlib
import hmac
import http.server
import io
import json
import math
import os
import re
import sys
import threading

from PIL import Image

MOST_BYTES = 256 << 20  # of one request
REMEMBERED = 4096       # answers kept for repeats
TOKEN = os.environ.get("RLCM_REWARD_TOKEN", "")


class BadRequest(Exception):
    """What the client must change; `item` is the number of the image that is wrong, if one is."""

    def __init__(self, status, message, item=None):
        super().__init__(message)
        self.status = status
        self.item = item

    def as_json(self):
        error = {"message": str(self)}
        return {"error": error if self.item is None else {"item": self.item, **error}, "detail": str(self)}


class Item:
    """One image to score."""

    def __init__(self, prompt, metadata, data, index):
        self.prompt = prompt
        self.metadata = metadata
        self.data = data  # the PNG or JPEG itself
        try:
            self.image = Image.open(io.BytesIO(data)).convert("RGB")
        except Exception as problem:
            raise BadRequest(422, f"the image cannot be read: {problem}", index) from None


def parts_of(content_type, body):
    """The named parts of multipart/form-data, as bytes."""
    match = re.search(r'boundary="?([^";]+)"?', content_type)
    if not match:
        raise BadRequest(400, "multipart/form-data without a boundary")
    parts = {}
    for piece in (b"\r\n" + body).split(b"\r\n--" + match.group(1).encode())[1:-1]:
        head, _, data = piece.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if name:
            parts[name.group(1).decode()] = data
    return parts


def request_of(content_type, body):
    """The JSON of a request and its binary parts, if it has any."""
    parts = parts_of(content_type, body) if content_type.startswith("multipart/form-data") else {"request": body}
    try:
        request = json.loads(parts["request"])
        request["request_id"] + ""
        [item["prompt"] + "" for item in request["items"]]
    except (KeyError, TypeError, ValueError) as problem:
        raise BadRequest(400, f"the request is not as the protocol says: {problem!r}") from None
    return request, parts


def items_of(request, parts):
    items = []
    for index, item in enumerate(request["items"]):
        try:
            data = base64.b64decode(item["image_b64"]) if "image_b64" in item else parts[item["image"]]
        except (KeyError, binascii.Error):
            raise BadRequest(422, "the image is missing", index) from None
        items.append(Item(item["prompt"], item.get("metadata", {}), data, index))
    return items


def answer_of(request, parts, score):
    """The answer to a request. `score` gives a number for each item, or None, or a text that says why there is none."""
    items = items_of(request, parts)
    scores, errors = [], []
    for value in score(items):
        is_number = isinstance(value, (int, float)) and math.isfinite(value)
        scores.append(float(value) if is_number else None)
        errors.append(None if is_number else str(value))
    if len(scores) != len(items):
        raise RuntimeError(f"{len(scores)} scores for {len(items)} images")
    answer = {"request_id": request["request_id"], "scores": scores}
    return {**answer, "errors": errors} if any(errors) else answer


@contextlib.contextmanager
def as_a_bad_request():
    """A request that is not as its protocol says is the client's fault."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError) as problem:
        raise BadRequest(422, f"the request is not as the protocol says: {problem!r}") from None


class Memory:
    """Answers by request id: a repeat is answered from here and never scored again, also while the first is under way.

    With a file they outlive the server. One line of JSON each, with the images' SHA-256.
    """

    def __init__(self, file=None):
        self.lock = threading.Condition()
        self.answers = collections.OrderedDict()  # id: (digest of the request, answer or None while under way)
        self.file = None
        if file:
            self.load(file)
            self.file = open(file, "a", encoding="utf-8")

    def load(self, file):
        if os.path.exists(file):
            with open(file, encoding="utf-8") as lines:
                for line in lines:
                    if line.endswith("\n"):  # the last one may have been cut off by a kill
                        entry = json.loads(line)
                        self.answers[entry["answer"]["request_id"]] = (entry["request"], entry["answer"])
            with open(file, "rb+") as whole:
                data = whole.read()
                whole.truncate(data.rfind(b"\n") + 1)

    def answer(self, request, parts, body, score):
        name, digest = request["request_id"], hashlib.sha256(body).hexdigest()
        with self.lock:
            while name in self.answers:
                earlier, answer = self.answers[name]
                if earlier != digest:
                    raise BadRequest(409, f"request {name} came before with other contents")
                if answer is not None:
                    return answer
                self.lock.wait()
            self.answers[name] = (digest, None)
        answer = None
        try:
            answer = answer_of(request, parts, score)
        finally:
            with self.lock:
                self.keep(name, digest, answer, parts)
                self.lock.notify_all()
        return answer

    def keep(self, name, digest, answer, parts):
        if answer is None:
            del self.answers[name]
            return
        self.answers[name] = (digest, answer)
        while len(self.answers) > REMEMBERED:
            self.answers.popitem(last=False)
        if self.file:
            images = [hashlib.sha256(data).hexdigest() for part, data in parts.items() if part != "request"]
            self.file.write(json.dumps({"request": digest, "answer": answer, "images": images}) + "\n")
            self.file.flush()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open between requests
    disable_nagle_algorithm = True
    wbufsize = -1                  # head and body of an answer leave together
    info = memory = score = None   # set by serve()

    def do_GET(self):
        pages = {"/v1/info": self.info, "/health": {"status": "ok"}, "/rewards": {"rewards": [self.info["name"]]}}
        self.reply(lambda body: pages.get(self.path) or self.unknown())

    def do_POST(self):
        pages = {"/v1/score": self.scores, "/score": self.scores_of_unirl, "/compute": self.scores_of_flow_factory}
        self.reply(pages.get(self.path, lambda body: self.unknown()))

    def unknown(self):
        raise BadRequest(404, f"there is no {self.path}")

    def scores(self, body):
        request, parts = request_of(self.headers.get("Content-Type", ""), body)
        if len(request["items"]) > self.info["max_batch"]:
            raise BadRequest(413, f"{len(request['items'])} images; at most {self.info['max_batch']} at a time")
        return self.memory.answer(request, parts, body, self.score)

    def scores_of_unirl(self, body):
        """As UniRL's RewardService: each request names its rewards, and has the image in its last turn."""
        name = self.info["name"]
        with as_a_bad_request():
            requests = json.loads(body)["requests"]
            turns = [request["history"][-1] for request in requests]
            unknown = [reward for request in requests for reward in request["required_rewards"] if reward != name]
            items = [Item(turn["text"], request.get("metadata"), base64.b64decode(turn["image_b64"]), index)
                     for index, (request, turn) in enumerate(zip(requests, turns))]
        if unknown:
            raise BadRequest(400, f"unknown reward: {unknown[0]}")
        values = list(self.score(items))
        good = [isinstance(value, (int, float)) and math.isfinite(value) for value in values]
        return {"results": [{name: {name: float(value)}} if ok else {} for value, ok in zip(values, good)],
                "errors": [{} if ok else {name: str(value)} for value, ok in zip(values, good)]}

    def scores_of_flow_factory(self, body):
        """As the reward server of Flow-Factory: prompts and images side by side."""
        with as_a_bad_request():
            request = json.loads(body)
            items = [Item(prompt, None, base64.b64decode(image), index) for index, (prompt, image) in enumerate(zip(request["prompt"], request["image"], strict=True))]
        return {"rewards": [float(value) for value in self.score(items)]}

    def reply(self, make):
        status = 200
        try:
            length = int(self.headers.get("Content-Length", 0))
            if length > MOST_BYTES:
                self.close_connection = True
                raise BadRequest(413, f"a request of {length} bytes")
            body = self.rfile.read(length)  # all of it, also when the answer is an error
            if TOKEN and not hmac.compare_digest(self.headers.get("Authorization", "").encode(), f"Bearer {TOKEN}".encode()):
                raise BadRequest(401, "a bearer token is needed")
            answer = make(body)
        except BadRequest as problem:
            status, answer = problem.status, problem.as_json()
        except Exception as problem:
            print(f"{type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
            status, answer = 500, {"error": {"message": f"{type(problem).__name__}: {problem}"}}
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass  # a line for every request is too much


def serve(score, name, version, port, needs=("image", "prompt"), max_batch=16, host="127.0.0.1", memory=None):
    """Answers until interrupted. `score(items)` is called by one thread at a time."""
    one_at_a_time = threading.Lock()

    def guarded(_, items):
        with one_at_a_time:
            return score(items)

    handler = type("ScoreHandler", (Handler,), {
        "info": {"name": name, "version": version, "max_batch": max_batch, "needs": list(needs)},
        "memory": Memory(memory),
        "score": guarded,
    })
    server = http.server.ThreadingHTTPServer((host, port), handler)
    print(f"{name} {version} answers at http://{host}:{server.server_address[1]}", file=sys.stderr, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


def serve_lines(score):
    """Answers requests on standard input with lines on standard output until the input ends."""
    out, sys.stdout = sys.stdout, sys.stderr  # a print() in `score` must not mix with the answers
    for line in sys.stdin:
        request, parts = request_of("application/json", line)
        print(json.dumps(answer_of(request, parts, score)), file=out, flush=True)
