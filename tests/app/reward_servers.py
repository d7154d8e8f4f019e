"""Reward servers as child processes, for tests: started, killed, started again at the same port."""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

from harness import RESOURCES, AppTest, curve_of, events_of, run, start, train_arguments

SCRIPTS = RESOURCES / "reward_servers"
EPOCHS = 8
IMAGES = 8
EVALUATED = 3 * (EPOCHS // 2 + 1)


def python_with_pillow():
    """The interpreter that the scripts run in: this one if it has Pillow, else the system's (packaging/install.sh installs it)."""
    for python in (sys.executable, shutil.which("python3", path=os.defpath), shutil.which("python3")):
        if python and subprocess.run([python, "-c", "import PIL"], capture_output=True).returncode == 0:
            return python
    raise AssertionError("no python3 here has Pillow; packaging/install.sh installs it (python3-pil)")


class RewardServer:
    """A script of resources/reward_servers with its answers kept in `memory`."""

    def __init__(self, memory, *arguments, script="reference_server.py", env=None):
        self.memory = pathlib.Path(memory)
        self.command = [python_with_pillow(), SCRIPTS / script, *arguments, "--memory", self.memory]
        self.env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
        self.port = 0
        self.start()

    def start(self):
        self.process = subprocess.Popen([*map(str, self.command), "--port", str(self.port)], stderr=subprocess.PIPE, text=True, env=self.env)
        line = self.process.stderr.readline()
        match = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if not match:
            self.process.kill()
            raise AssertionError(f"the server did not start: {line}{self.process.communicate()[1]}")
        self.port = int(match.group(1))
        threading.Thread(target=self.drain, args=[self.process.stderr], daemon=True).start()

    @staticmethod
    def drain(pipe):
        """Reads to the end: a full pipe would stop the server."""
        with pipe:
            pipe.read()

    def kill(self):
        self.process.kill()
        self.process.wait()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def settings(self, **changes):
        return {"reward__terms": "server", "reward__server_url": self.url, **changes}

    def scored(self):
        """How often each image was scored, by its hash."""
        lines = [json.loads(line) for line in self.memory.read_text().splitlines()]
        return collections.Counter(image for line in lines for image in line["images"])


class RewardTest(AppTest):
    """A test with reward servers and runs that learn from them."""

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
