#!/usr/bin/env python3
"""Trains with the Python peer and with `rlcm`, same weights, prompts and settings, and says whether their reward curves agree.

usage: peer_curves.py PEER_FOLDER [--rlcm FILE] [--python FILE] [--method rlcm|ddpo] [--seeds 5] [--rounds 40] [--images 32] [--rate R] [--threads 1] [--device cpu] [--jobs 1]

PEER_FOLDER has rlcm_peer.py and ddpo_peer.py; --python has the libraries that they want. --jobs trains so many seeds at the same time. The random numbers of the two programs differ, so what can
agree is the distribution: at five budgets the mean reward of the rounds just before, over the seeds, with its 95 % t-interval. Ends with 1 when the
intervals of a budget do not overlap.
"""
import argparse
import concurrent.futures
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
T_95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}  # two-sided, by degrees of freedom
BUDGETS = 5
METHODS = {
    # of both programs: what the published trainers use
    "rlcm": {"model": "emoji-lcm", "steps": 4, "guidance": 8, "rank": 16, "alpha": 32, "rate": 1e-3, "norm": 5, "clip": 10, "updates": 1},
    "ddpo": {"model": "emoji-sd", "steps": 20, "guidance": 5, "rank": 4, "alpha": 4, "rate": 3e-3, "norm": 1, "clip": 5, "updates": 2},
}


def peer_curve(options, method, prompts, seed, folder):
    out = folder / "peer.jsonl"
    out.unlink(missing_ok=True)
    command = [options.python, options.peer / f"{options.method}_peer.py", "--model", ROOT / "resources/models" / method["model"], "--prompts", prompts,
               "--out", out, "--steps", method["steps"], "--guidance", method["guidance"], "--images-per-round", options.images, "--rounds", options.rounds,
               "--warmup", 0, "--threads", options.threads, "--rank", method["rank"], "--alpha", method["alpha"], "--lr", options.rate, "--seed", seed, "--device", options.device]
    if options.method == "rlcm":  # a rate that does not fall
        command += ["--sample-batch", options.images, "--train-batch", 8, "--timesteps-per-batch", method["steps"], "--planned-epochs", 10**9]
    else:
        command += ["--sample-batch", options.images, "--train-batch", 4, "--accum", options.images // method["updates"] // 4]
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return [row["reward_mean"] for row in map(json.loads, out.read_text().splitlines()) if "reward_mean" in row]


def own_curve(options, method, prompts, seed, folder):
    settings = {"algorithm.method": options.method, "model.path": method["model"], "sampling.steps": method["steps"],
                "sampling.guidance": method["guidance"], "prompts.train": prompts, "prompts.held_out": "objects", "training.epochs": options.rounds,
                "training.images_per_round": options.images, "training.updates_per_round": method["updates"], "training.rounds_per_epoch": 1,
                "training.learning_rate": options.rate, "training.optimizer": "adam" if options.method == "rlcm" else "adamw",
                "training.weight_decay": 0 if options.method == "rlcm" else 1e-4, "training.max_grad_norm": method["norm"],
                "training.advantage": "per_prompt", "training.advantage_clip": method["clip"], "lora.rank": method["rank"], "lora.alpha": method["alpha"],
                "reward.terms": "compressibility", "compute.dtype": "fp32", "compute.threads": options.threads, "compute.device": options.device, "seed": seed,
                "evaluation.every": options.rounds, "evaluation.train_prompts": 1, "evaluation.held_out_prompts": 1}
    (folder / "settings.json").write_text("{}")  # the defaults are those of the published trainer
    command = [options.rlcm, "train", "--json", "--out", folder / "workspace", "--config", folder / "settings.json"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    done = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [event["reward_mean"] for event in events if event["event"] == "epoch"]


def curves_of(options, method, prompts, seed, folder):
    """The peer's curve and ours."""
    folder = folder / f"seed{seed}"
    folder.mkdir()
    theirs, ours = peer_curve(options, method, prompts, seed, folder), own_curve(options, method, prompts, seed, folder)
    print(f"seed {seed}: peer {theirs[0]:.3f} -> {theirs[-1]:.3f}, rlcm {ours[0]:.3f} -> {ours[-1]:.3f}", file=sys.stderr, flush=True)
    return theirs, ours


def interval(values):
    half = T_95[len(values) - 1] * statistics.stdev(values) / math.sqrt(len(values))
    return statistics.mean(values), half


def compare(ours, theirs, options):
    agrees = True
    width = max(1, options.rounds // (2 * BUDGETS))
    print(f"{'queries':>8}  {'peer':>18}  {'rlcm':>18}  apart")
    for budget in range(1, BUDGETS + 1):
        end = budget * options.rounds // BUDGETS
        at = [interval([statistics.mean(curve[end - width:end]) for curve in curves]) for curves in (theirs, ours)]
        isNear = abs(at[0][0] - at[1][0]) <= at[0][1] + at[1][1]
        agrees = agrees and isNear
        cells = [f"{mean:.3f} +- {half:.3f}" for mean, half in at]
        print(f"{end * options.images:>8}  {cells[0]:>18}  {cells[1]:>18}  {at[1][0] - at[0][0]:+.3f}{'' if isNear else '  THE INTERVALS DO NOT OVERLAP'}")
    return agrees


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", type=pathlib.Path)
    parser.add_argument("--rlcm", type=pathlib.Path, default=ROOT / "build/release/bin/rlcm")
    parser.add_argument("--python", default="python3")
    parser.add_argument("--method", choices=METHODS, default="rlcm")
    parser.add_argument("--seeds", type=int, choices=range(2, 11), default=5)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--rate", type=float, help="learning rate")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="of both programs; cuda is the first GPU")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    method = METHODS[options.method]
    options.rate = options.rate or method["rate"]
    os.environ.setdefault("RLCM_RESOURCES", str(ROOT / "resources"))
    with tempfile.TemporaryDirectory(prefix="rlcm-peer-curves-") as name:
        folder = pathlib.Path(name)
        prompts = folder / "prompts.txt"  # the peer takes a remark for a prompt
        lines = (ROOT / "resources/prompts/simple-animals.txt").read_text().splitlines()
        prompts.write_text("".join(line + "\n" for line in lines if line and not line.startswith("#")))
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            curves = list(pool.map(lambda seed: curves_of(options, method, prompts, seed, folder), range(options.seeds)))
    theirs, ours = zip(*curves)
    return 0 if compare(ours, theirs, options) else 1


if __name__ == "__main__":
    sys.exit(main())
