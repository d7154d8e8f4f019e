"""Runs a program on a GPU in steps, the most telling first, and writes what each gave into one JSON document.

A step that fails or finds no time left is told and the next one runs; the document is written after every step, so that a machine that is
taken away leaves what it has shown.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

from random_models import MissingLibrary, write_lcm

SOURCE = pathlib.Path(__file__).resolve().parents[2]

GIVEN_REWARD = """import json, sys
for line in sys.stdin:
    ask = json.loads(line)
    scores = [sum(map(ord, item['prompt'])) % 97 for item in ask['items']]
    print(json.dumps({'request_id': ask['request_id'], 'scores': scores}), flush=True)
"""
TINY = ["--set", "training.images_per_round=4", "--set", "training.updates_per_round=2", "--set", "training.advantage=batch", "--set", "evaluation.every=2",
        "--set", "evaluation.train_prompts=2", "--set", "evaluation.held_out_prompts=1", "--set", "lora.rank=2", "--set", "lora.alpha=2"]


def used_gib():
    """Memory of the first card that is taken, by anyone; None where nobody knows."""
    try:
        text = subprocess.run(["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"], capture_output=True, text=True, check=True).stdout
        return float(text.split()[0]) / 1024
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return None


GRADIENT_TOLERANCE = {"fp32": 2e-3, "bf16": 0.2, "fp16": 0.05}


class Peak:
    """The most memory of the card that was taken beyond what was before, while the block ran; looked at ten times a second."""

    def __enter__(self):
        self.before, self.gib, self.is_over = used_gib(), None, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        if self.before is not None:
            self.gib = 0.0
            self.thread.start()
        return self

    def watch(self):
        while not self.is_over.wait(0.1):
            self.gib = max(self.gib, (used_gib() or self.before) - self.before)

    def __exit__(self, *_):
        self.is_over.set()
        if self.before is not None:
            self.thread.join()


class Check:
    def __init__(self, options):
        self.options = options
        self.end = time.monotonic() + 60 * options.minutes
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rlcm-gpu-check-"))
        self.report = {"steps": {}, "passed": False}
        self.reward = self.folder / "reward.py"
        self.reward.write_text(GIVEN_REWARD)

    def left(self):
        return self.end - time.monotonic()

    def program(self, *arguments, allowed=(0,)):
        """Standard output of the program; an error has its last words."""
        done = subprocess.run([self.options.program, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=max(1.0, self.left()))
        if done.returncode not in allowed:
            raise RuntimeError(f"rlcm {arguments[0]} ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-600:]}")
        return done.stdout

    def step(self, name, action, seconds):
        """Runs `action` if it was asked for and `seconds`, about what it takes, are left."""
        if not re.search(self.options.only, name):
            return
        if self.left() < seconds:
            self.report["steps"][name] = {"skipped": f"{self.left():.0f} s were left, it takes about {seconds}"}
            return
        begin = time.monotonic()
        try:
            outcome = action()
            result = {"ok": outcome.pop("ok", True), **outcome}
        except MissingLibrary as missing:
            result = {"skipped": str(missing)}
        except (RuntimeError, subprocess.TimeoutExpired, ValueError, KeyError, IndexError, OSError) as problem:
            result = {"ok": False, "error": str(problem)}
        result["step_seconds"] = round(time.monotonic() - begin, 1)
        self.report["steps"][name] = result
        print(f"{name}: {json.dumps(result)[:300]}", file=sys.stderr, flush=True)
        self.write()

    def write(self):
        steps = self.report["steps"].values()
        self.report["passed"] = bool(steps) and all(step.get("ok", True) for step in steps)
        text = json.dumps(self.report, indent=1)
        if self.options.out:
            part = self.options.out.with_suffix(".part")
            part.write_text(text + "\n")
            os.replace(part, self.options.out)
        return text

    # --- what is run --------------------------------------------------------------------------------------------
    def facts(self):
        checks = json.loads(self.program("doctor", "--json", "--device", self.options.device, "--workspace", self.folder / "none", allowed=(0, 1)))
        try:
            card = subprocess.run(["nvidia-smi", "--query-gpu=name,memory.total,driver_version,clocks.sm", "--format=csv,noheader"], capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            card = "nvidia-smi is not there"
        return {"ok": checks["ok"], "card": card, "environment": checks["environment"], "failed": [one for one in checks["checks"] if one["status"] == "fail"]}

    def parity(self, dtype):
        text = self.program("parity", SOURCE / "tests" / "golden", "--device", self.options.device, "--dtype", dtype, "--json", allowed=(0, 1))
        reports = json.loads(text)["reports"]
        failed = [f"{report['kind']}.{quantity['name']}: {quantity['max_abs']:.3g}, relative {quantity['max_rel']:.3g}, allowed {quantity['tolerance']:.3g} {quantity['note']}" for report in reports
                  for quantity in report["quantities"] if not quantity["passed"]] + [report["error"] for report in reports if "error" in report]
        return {"ok": not failed, "compared": sum(len(report["quantities"]) for report in reports), "failed": failed[:20]}

    def train(self, device, preset, *more, epochs=2):
        text = self.program("train", "--preset", preset, "--out", self.folder / "runs", "--json", "--epochs", epochs, "--set", f"compute.device={device}",
                            "--set", "reward.terms=program", "--set", f"reward.program={sys.executable} {self.reward}", *more)
        return [event for event in map(json.loads, text.splitlines()) if event["event"] == "epoch"]

    def training(self):
        """The first gradients of a run with a reward of the prompts alone, against the CPU's in full precision; over two steps, because over
        more the trajectories of two precisions part."""
        result, ok = {}, True
        for preset, more in (("compress-rlcm-h4", ["--set", "sampling.steps=2"]), ("compress-ddpo-t20", ["--set", "sampling.steps=3"])):
            common = [*TINY, *more, "--set", "compute.keep_graph=off"]
            truth = self.train("cpu", preset, *common, "--set", "compute.dtype=fp32")
            for dtype in self.options.dtypes:
                ours = self.train(self.options.device, preset, *common, "--set", f"compute.dtype={dtype}")
                again = self.train(self.options.device, preset, *common, "--set", f"compute.dtype={dtype}")
                ratio = ours[0]["grad_norm"] / truth[0]["grad_norm"]
                repeats = [one["grad_norm"] for one in ours] == [one["grad_norm"] for one in again]
                result[f"{preset} {dtype}"] = {"gradient_against_cpu": ratio, "same_again": repeats}
                ok = ok and abs(ratio - 1) < GRADIENT_TOLERANCE[dtype]
        return {"ok": ok, **result}

    def recorded(self):
        """Calls that are recorded and replayed train as those that are made one by one, digit for digit."""
        result, ok = {}, True
        for dtype in self.options.dtypes[:1 if self.options.small else None]:
            for preset, steps in (("compress-rlcm-h4", 4), ("compress-ddpo-t20", 5)):
                common = [*TINY, "--set", f"sampling.steps={steps}", "--set", f"compute.dtype={dtype}"]
                curves = [[epoch["grad_norm"] for epoch in self.train(self.options.device, preset, *common, "--set", f"compute.record_calls={choice}", epochs=4)] for choice in ("on", "off")]
                result[f"{preset} {dtype}"] = {"same": curves[0] == curves[1], "grad_norms": curves}
                ok = ok and curves[0] == curves[1]
        return {"ok": ok, **result}

    def bench(self, *arguments):
        return json.loads(self.program("bench", "--device", self.options.device, "--json", *arguments))

    def rounds(self, method, steps, images, choice):
        result = self.bench("--shape", "round", "--method", method, "--steps", steps, "--images", images, "--dtype", ",".join(self.options.dtypes), "--rounds", self.options.rounds, "--record-calls", choice)
        return {one["case"]: {"images_per_s": one["images_per_s"], "seconds": one["seconds"], "plan": one["plan"]} for one in result["rounds"]}

    @property
    def dtype(self):
        """Of steps with one: the usual one, where it is asked for."""
        return "bf16" if "bf16" in self.options.dtypes else self.options.dtypes[0]

    def profile(self, method, steps, images):
        return self.bench("--shape", "round", "--profile", "--method", method, "--steps", steps, "--images", images, "--dtype", self.dtype, "--rounds", 2)["profiles"][0]

    def peer(self, method, steps, images, flags):
        self.need_peer()
        result = self.bench("--shape", "round", "--method", method, "--steps", steps, "--images", images, "--dtype", self.dtype, "--rounds", 2,
                            "--pairs", self.options.pairs, "--peer", self.options.peer, "--python", sys.executable, "--peer-flags", flags)["peer"][0]
        return {"ratio": result["ratio"], "ours_images_per_s": result["ours_images_per_s"], "peer_images_per_s": result["peer_images_per_s"]}

    def shape(self, name, resolution, batch, *more):
        result = self.bench("--shape", name, "--resolution", resolution, "--batch", batch, "--dtype", self.dtype, "--rounds", 3, *more)["shapes"][0]
        return {key: result.get(key) for key in ("forward", "update", "merge", "resting_bytes", "estimate", "ratio", "peer", "profile")}

    def shape_against_peer(self, name, resolution, batch):
        self.need_peer()
        return self.shape(name, resolution, batch, "--peer", SOURCE / "tests" / "gpu", "--python", sys.executable, "--pairs", self.options.pairs)

    def need_peer(self):
        if not self.options.peer:
            raise MissingLibrary("no --peer was given")

    def model(self):
        folder = self.folder / "lcm"
        if not folder.exists():
            write_lcm(folder, small=self.options.small)
        return folder

    def real_run(self, memory):
        """A run of a network of the published shape at 512 px: how fast its last epoch was, and what it held at most against what it was told to fit in."""
        images, steps = (2, 2) if self.options.small else (8, 8)
        settings = {"model.path": self.model(), "sampling.steps": steps, "training.images_per_round": images, "training.advantage": "batch", "reward.terms": "compressibility", "evaluation.every": 100,
                    "evaluation.train_prompts": 1, "evaluation.held_out_prompts": 0, "compute.device": self.options.device}
        with Peak() as peak:
            text = self.program("train", "--preset", "compress-rlcm-h8", "--out", self.folder / "real", "--epochs", 3, "--memory", memory, "--json",
                                *[part for key, value in settings.items() for part in ("--set", f"{key}={value}")])
        last = [event for event in map(json.loads, text.splitlines()) if event["event"] == "epoch"][-1]
        return {"ok": last["epoch"] == 3 and (peak.gib is None or peak.gib <= memory), "held_gib": peak.gib, "plan_gib": memory, "images_per_s": images / last["seconds"]["total"],
                "seconds": last["seconds"]}

    def peer_run(self):
        """The same with the Python peer, at the batch sizes of the published trainer."""
        self.need_peer()
        images, steps = (2, 2) if self.options.small else (8, 8)
        prompts, out = self.folder / "prompts.txt", self.folder / "peer.jsonl"
        prompts.write_text("".join(f"a {animal}\n" for animal in ("cat", "dog", "horse", "zebra")))
        with Peak() as peak:
            done = subprocess.run([sys.executable, self.options.peer / "rlcm_peer.py", "--model", self.model(), "--prompts", prompts, "--steps", str(steps), "--guidance", "8", "--images-per-round", str(images),
                                   "--sample-batch", "2" if self.options.small else "4", "--train-batch", "2", "--rounds", "3", "--warmup", "1", "--reward", "compress", "--dtype", "bf16", "--device",
                                   "cpu" if self.options.small else "cuda", "--out", out], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=max(1.0, self.left()))
        if done.returncode != 0:
            raise RuntimeError(f"the peer ended with {done.returncode}: {done.stderr.strip()[-600:]}")
        end = [record for record in map(json.loads, out.read_text().splitlines()) if record.get("event") == "end"][-1]
        return {"images_per_s": end["median_images_per_s"], "held_gib": peak.gib}

    def run(self):
        small = self.options.small
        images = 4 if small else 16
        pixels, rows = (64, 1) if small else (512, 4)
        self.step("facts", self.facts, 20)
        for dtype in self.options.dtypes:
            self.step(f"parity {dtype}", lambda dtype=dtype: self.parity(dtype), 20)
        self.step("training", self.training, 60)
        self.step("recorded", self.recorded, 60)
        self.step("lcm", lambda: self.shape_against_peer("lcm", pixels, rows), 60)
        self.step("lcm profile", lambda: self.shape("lcm", pixels, rows, "--profile"), 10)
        for memory in (4, 6, 12, 24):
            self.step(f"run in {memory} GB", lambda: self.real_run(memory), 30)
        self.step("run of the peer", self.peer_run, 40)
        if not small:
            self.step("sdxl", lambda: self.shape_against_peer("sdxl", 1024, 2), 60)
        self.step("sd15", lambda: self.shape("sd15", pixels, rows), 20)
        for method, steps in (("rlcm", 2 if small else 4), ("ddpo", 2 if small else 20)):
            for choice in ("on", "off"):
                self.step(f"rounds {method}, record-calls {choice}", lambda choice=choice: self.rounds(method, steps, images, choice), 30)
            self.step(f"profile {method}", lambda: self.profile(method, steps, images), 20)
            for flags in ("default", "best"):
                self.step(f"peer {method} {flags}", lambda: self.peer(method, steps, images, flags), 60)
        print(self.write())
        return 0 if self.report["passed"] else 1


def main():
    parser = argparse.ArgumentParser(prog="check.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=pathlib.Path, help="folder that packaging/bundle.sh made, or a program rlcm")
    parser.add_argument("--minutes", type=float, default=6, help="steps that would take longer are left out")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--only", default="", help="regular expression: the steps whose names it finds")
    parser.add_argument("--dtypes", default="fp32,bf16,fp16", type=lambda text: text.split(","))
    parser.add_argument("--rounds", type=int, default=6, help="timed rounds of a case")
    parser.add_argument("--pairs", type=int, default=2, help="times that ours and the peer alternate")
    parser.add_argument("--peer", type=pathlib.Path, help="folder with rlcm_peer.py and ddpo_peer.py; this Python has diffusers and peft")
    parser.add_argument("--small", action="store_true", help="small sizes, for a stand-in GPU")
    parser.add_argument("--out", type=pathlib.Path, help="also write the document here, after every step")
    options = parser.parse_args()
    options.program = options.bundle / "rlcm" if options.bundle.is_dir() else options.bundle
    return Check(options).run()


if __name__ == "__main__":
    sys.exit(main())
