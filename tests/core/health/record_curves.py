#!/usr/bin/env python3
"""Trains short runs on the bundled models, some so that they collapse in a way of their own, and writes what their alarms read.

usage: record_curves.py RLCM OUT.json [--jobs N]     makes tests/core/health/curves.json; about an hour of one core, needs numpy
       record_curves.py --reward KIND                one of the rewards, as a program of reward.program

Who says whether a run has collapsed is emoji-clip, which no alarm of these runs reads: they hear emoji-clip-judge.
"""
import base64
import concurrent.futures
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import zlib

import numpy

EPOCHS, EVERY = 20, 2
SETTINGS = {
    "training.epochs": EPOCHS, "training.images_per_round": 24, "training.advantage": "batch", "training.advantage_clip": 5, "evaluation.every": EVERY,
    "evaluation.train_prompts": 12, "evaluation.held_out_prompts": 4, "evaluation.seeds_per_prompt": 2, "evaluation.judges": "alignment",
    "evaluation.path_kl": "false", "compute.dtype": "fp32", "compute.threads": 1, "checkpoint.every": 1000, "sampling.steps": 2,
}
HARSH, GENTLE = 1e-2, 1e-3
# name, reward, learning rate
COLLAPSING = [
    ("blank", "compressibility", HARSH), ("blank, other seed", "compressibility", HARSH), ("noise", "incompressibility", HARSH),
    ("neon", "colourfulness", HARSH), ("dark", "program:dark", HARSH), ("one colour", "program:red", HARSH), ("one picture", "program:target", HARSH),
    ("checkerboard", "program:grid", HARSH), ("blur", "program:blur", HARSH), ("against the prompt", "program:stripes", HARSH),
    ("divergence", "compressibility", 5e-2), ("grey", "program:grey", HARSH),
]
HEALTHY = [
    ("compression", "compressibility", GENTLE), ("compression, other seed", "compressibility", GENTLE), ("compression, four steps", "compressibility", GENTLE),
    ("alignment", "alignment", GENTLE), ("detail", "incompressibility", 5e-4), ("colour", "colourfulness", 5e-4), ("chance", "program:chance", GENTLE),
    ("brightness", "program:bright", 5e-4), ("hardly a step", "compressibility", 1e-5), ("held near", "compressibility", 1.5e-3),
    ("groups", "compressibility", GENTLE), ("few levels", "compressibility", GENTLE),
]
MORE = {
    "compression, four steps": {"sampling.steps": 4},
    "held near": {"training.kl_weight": 10}, "groups": {"training.advantage": "group", "training.group_deviation": "round"},
    "few levels": {"transform.kind": "quantised", "transform.low": -3.5, "transform.high": -1.5},
}


def pixels(png):
    """[h, w, 3] of an 8-bit RGB PNG."""
    place, data, size = 8, b"", None
    while place < len(png):
        length, kind = int.from_bytes(png[place:place + 4], "big"), png[place + 4:place + 8]
        body = png[place + 8:place + 8 + length]
        size = (int.from_bytes(body[4:8], "big"), int.from_bytes(body[:4], "big")) if kind == b"IHDR" else size
        data += body if kind == b"IDAT" else b""
        place += length + 12
    height, width = size
    rows = numpy.frombuffer(zlib.decompress(data), numpy.uint8).reshape(height, 1 + 3 * width)
    result = numpy.zeros((height, width, 3), numpy.int64)
    for y in range(height):
        filter_kind, line = rows[y, 0], rows[y, 1:].reshape(width, 3).astype(numpy.int64)
        above = result[y - 1] if y else numpy.zeros((width, 3), numpy.int64)
        if filter_kind in (0, 2):
            result[y] = (line + (above if filter_kind == 2 else 0)) % 256
            continue
        left, corner = numpy.zeros(3, numpy.int64), numpy.zeros(3, numpy.int64)
        for x in range(width):
            if filter_kind == 1:
                guess = left
            elif filter_kind == 3:
                guess = (left + above[x]) // 2
            else:
                p = left + above[x] - corner
                a, b, c = abs(p - left), abs(p - above[x]), abs(p - corner)
                guess = numpy.where((a <= b) & (a <= c), left, numpy.where(b <= c, above[x], corner))
            corner = above[x]
            left = result[y, x] = (line[x] + guess) % 256
    return result


def score(kind, png):
    if kind == "chance":
        return zlib.crc32(png) / 2**32
    picture = pixels(png).astype(float) / 255
    grey = picture @ [0.299, 0.587, 0.114]
    y, x = numpy.mgrid[:grey.shape[0], :grey.shape[1]]
    if kind == "dark":
        return -picture.mean()
    if kind == "bright":
        return picture.mean()
    if kind == "grey":
        return -((picture - 0.5) ** 2).mean()
    if kind == "red":
        return -((picture - [0.8, 0.1, 0.1]) ** 2).mean()
    if kind == "target":
        disc = ((x - 32) ** 2 + (y - 32) ** 2 < 400)[..., None]
        return -((picture - numpy.where(disc, [0.2, 0.3, 0.8], [0.9, 0.9, 0.6])) ** 2).mean()
    if kind == "stripes":
        return float(((grey - 0.5) * numpy.where(x // 8 % 2 == 0, 1, -1)).mean())
    if kind == "grid":
        phases = [grey[a::4, b::4].mean() for a in range(4) for b in range(4)]
        return float(numpy.var(phases)) * 100
    if kind == "blur":
        return -float(abs(numpy.diff(grey, axis=0)).mean() + abs(numpy.diff(grey, axis=1)).mean())
    raise SystemExit(f"no reward {kind}")


def serve(kind):
    for line in sys.stdin:
        request = json.loads(line)
        scores = [float(score(kind, base64.b64decode(item["image_b64"]))) for item in request["items"]]
        print(json.dumps({"request_id": request["request_id"], "scores": scores}), flush=True)


def numbers(row, wanted):
    return {name: float(row[name]) for name in row if row[name] not in ("", None) and wanted(name)}


def record(rlcm, folder, number, name, reward, rate):
    workspace = pathlib.Path(folder) / f"w{number}"
    settings = dict(SETTINGS, **{"training.learning_rate": rate, "seed": number, "name": name}, **MORE.get(name, {}))
    if reward.startswith("program:"):
        settings |= {"reward.terms": "program", "reward.program": f'{sys.executable} "{pathlib.Path(__file__).resolve()}" --reward {reward[8:]}'}
    else:
        settings["reward.terms"] = reward
    arguments = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    done = subprocess.run([rlcm, "train", "--preset", "compress-rlcm-h4", "--out", workspace, *arguments], capture_output=True, text=True, check=False)
    table = pathlib.Path(folder) / f"{number}.csv"
    subprocess.run([rlcm, "export", "--workspace", workspace, "--run", "r0001", "--csv", "--out", table], check=True, capture_output=True)
    with open(table, encoding="utf-8", newline="") as rows:
        rows = list(csv.DictReader(rows))
    label = ("eval_judge.alignment", "eval_judge_std.alignment")
    run = {"name": name, "failed": done.returncode != 0, "epochs": [], "evaluations": []}
    for row in rows:
        at = {"epoch": int(row["epoch"]), "updates": int(row["optimizer_steps"])}
        epoch = numbers(row, lambda key: key in ("loss", "approx_kl", "grad_norm", "clip_fraction", "zero_std_ratio", "group_std_mean", "ratio_max_deviation"))
        seen = numbers(row, lambda key: key.startswith("eval_") and key not in label)
        if epoch:
            run["epochs"].append(at | {"scalars": epoch})
        if seen:
            run["evaluations"].append(at | {"scalars": seen, "judge": float(row[label[0]]), "spread": float(row[label[1]])})
    print(f"{name}: {len(run['evaluations'])} evaluations, reward {run['evaluations'][0]['scalars']['eval_reward_mean']:.3g} to "
          f"{run['evaluations'][-1]['scalars']['eval_reward_mean']:.3g}, judge {run['evaluations'][0]['judge']:.3f} to {run['evaluations'][-1]['judge']:.3f}",
          file=sys.stderr, flush=True)
    return run


def short(value):
    if isinstance(value, dict):
        return {key: short(part) for key, part in value.items()}
    if isinstance(value, list):
        return [short(part) for part in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def main():
    if sys.argv[1] == "--reward":
        return serve(sys.argv[2])
    rlcm, out = sys.argv[1:3]
    jobs = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        made = [pool.submit(record, rlcm, folder, number, *one) for number, one in enumerate(COLLAPSING + HEALTHY)]
        runs = [short(one.result()) for one in made]
    for number, run in enumerate(runs):
        run["meant"] = "collapse" if number < len(COLLAPSING) else "healthy"
    with open(out, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(run, separators=(",", ":")) for run in runs) + "\n]\n")
    return None


if __name__ == "__main__":
    main()
