"""What the end-to-end tests share: the programs, a tiny run, reading events."""
import csv
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

RLCM = os.environ.get("RLCM_BIN", "")
SOURCE = pathlib.Path(__file__).resolve().parents[2]
RESOURCES = pathlib.Path(os.environ.get("RLCM_RESOURCES", SOURCE / "resources"))
MODELS = RESOURCES / "models"

TINY = {
    "sampling.steps": 2,
    "training.images_per_round": 4,
    "training.updates_per_round": 2,
    "training.advantage": "batch",
    "evaluation.every": 2,
    "evaluation.train_prompts": 2,
    "evaluation.held_out_prompts": 1,
    "lora.rank": 2,
    "lora.alpha": 2,
    "compute.threads": 1,
}
MACHINE_COLUMNS = ("seconds", "per_second", "disk_free")


def settings(**changes):
    """--set arguments of the tiny run; changes are written with __ for the dot, as training__epochs=3."""
    values = dict(TINY, **{key.replace("__", "."): value for key, value in changes.items()})
    return [part for key, value in values.items() for part in ("--set", f"{key}={value}")]


def run(*arguments, timeout=240, env=None, **more):
    """Runs rlcm to its end; returns the finished process with text output."""
    return subprocess.run([RLCM, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
                          env={**os.environ, **(env or {})}, **more)


def start(*arguments, **more):
    """Starts rlcm; its standard output can be read line by line."""
    return subprocess.Popen([RLCM, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, **more)


def train_arguments(workspace, *more, epochs=2, preset="compress-rlcm-h4", **changes):
    return ["train", "--preset", preset, "--out", workspace, "--json", "--epochs", epochs, *settings(**changes), *more]


def events_of(text):
    return [json.loads(line) for line in text.splitlines()]


def of_kind(events, kind):
    return [event for event in events if event["event"] == kind]


def wait_for(process, kind, count=1):
    """Reads events until `count` of a kind have come; returns all that were read."""
    events = []
    for line in process.stdout:
        events.append(json.loads(line))
        if len(of_kind(events, kind)) >= count:
            return events
    raise AssertionError(f"the run ended before {count} {kind} events came; read {[e['event'] for e in events]}")


def runs_of(workspace):
    return json.loads(run("runs", workspace, "--json").stdout)


def curve_of(workspace, run_id, folder):
    """Every number of a run that must not depend on time or machine: rows of text, exactly as written."""
    file = pathlib.Path(folder) / f"{run_id}.csv"
    done = run("export", "--workspace", workspace, "--run", run_id, "--csv", "--out", file)
    assert done.returncode == 0, done.stderr
    with open(file, newline="") as lines:
        return [{key: value for key, value in row.items() if not any(word in key for word in MACHINE_COLUMNS)} for row in csv.DictReader(lines)]


def read_safetensors_header(file):
    data = pathlib.Path(file).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + length])


def write_latents(file, shape, value=0.0):
    count = 1
    for side in shape:
        count *= side
    header = json.dumps({"latents": {"dtype": "F32", "shape": list(shape), "data_offsets": [0, 4 * count]}}).encode()
    pathlib.Path(file).write_bytes(struct.pack("<Q", len(header)) + header + struct.pack("<f", value) * count)


def png_size(file):
    data = pathlib.Path(file).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", f"{file} is no PNG"
    return struct.unpack(">II", data[16:24])


class AppTest(unittest.TestCase):
    """A test with a folder of its own in self.folder and a workspace path in self.workspace."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rlcm-app-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.workspace = self.folder / "workspace"

    def assert_done(self, process):
        self.assertEqual(process.returncode, 0, process.stderr)

    def assert_refused(self, process, code, *words):
        """The exit code, and a message for people that holds every word, and no half-finished output."""
        self.assertEqual(process.returncode, code, process.stderr)
        for word in words:
            self.assertIn(word, process.stderr)
        self.assertNotIn("internal error", process.stderr)

    def train_tiny(self, *more, **changes):
        done = run(*train_arguments(self.workspace, *more, **changes))
        self.assert_done(done)
        return events_of(done.stdout)

    def start_long(self, *more, **changes):
        process = start(*train_arguments(self.workspace, *more, epochs=100000, **changes))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process
