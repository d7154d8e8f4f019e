#!/usr/bin/env python3
"""Kills training runs with SIGKILL at random moments, resumes them, and compares every number with an uninterrupted run.

usage: RLCM_BIN=... kill_resume.py [--kills 20] [--epochs 40] [--seed 0]
"""
import argparse
import json
import pathlib
import random
import shutil
import tempfile
import threading
import time

from harness import curve_of, of_kind, run, runs_of, start, train_arguments


class Killed:
    """A process that was killed after `delay` seconds, or ended before."""

    def __init__(self, arguments, delay):
        process = start(*arguments)
        timer = threading.Timer(delay, process.kill)
        timer.start()
        self.events = []
        for line in process.stdout:  # a line cut short by the kill is no event
            if line.endswith("\n"):
                self.events.append(json.loads(line))
        self.code = process.wait()
        timer.cancel()
        process.stdout.close()

    def last_epoch(self):
        return max((event["epoch"] for event in of_kind(self.events, "epoch")), default=0)


def check(kills, epochs, seed):
    """Raises AssertionError when something is lost. Returns a line for people."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rlcm-kill-"))
    try:
        return check_in(folder, kills, epochs, random.Random(seed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_in(folder, kills, epochs, rng):
    began = time.monotonic()
    whole = run(*train_arguments(folder / "whole", epochs=epochs))
    assert whole.returncode == 0, whole.stderr
    duration = time.monotonic() - began
    expected = curve_of(folder / "whole", "r0001", folder)
    assert len(expected) == epochs + 1, f"{len(expected)} rows for {epochs} epochs"

    done, finished, lost = 0, 0, 0
    while done < kills or finished == 0:
        workspace = folder / f"killed{finished}"
        seen, code = 0, None
        while code != 0:
            has_run = workspace.exists() and run("runs", workspace).returncode == 0 and runs_of(workspace)
            arguments = ["train", "--out", workspace, "--resume", "r0001", "--json"] if has_run else train_arguments(workspace, epochs=epochs)
            delay = rng.uniform(0.05, duration * 0.6) if done < kills else 3600
            process = Killed(arguments, delay)
            code = process.code
            started = of_kind(process.events, "run_started")
            if started and seen:
                lost = max(lost, seen - started[0]["first_epoch"])
                assert started[0]["first_epoch"] >= seen - 1, f"epoch {seen} was reported, but the run went on after {started[0]['first_epoch']}"
            seen = max(seen, process.last_epoch())
            if code == -9:
                done += 1
                check_store(workspace, seen)
            else:
                assert code == 0, f"exit code {code}"
        assert curve_of(workspace, "r0001", folder) == expected, "the curve of a killed and resumed run differs"
        finished += 1
        shutil.rmtree(workspace)
    return f"{done} kills in {finished} runs of {epochs} epochs: every curve is bitwise that of an uninterrupted run; at most {lost} epochs were repeated"


def check_store(workspace, seen):
    """The store opens after a kill and shows no run as alive."""
    if not workspace.exists() or not any(workspace.iterdir()):
        return  # killed before it made the workspace
    listed = run("runs", workspace, "--json")
    if listed.returncode != 0:
        assert seen == 0, listed.stderr  # killed while it made the tables: nothing was promised yet
        return
    for row in json.loads(listed.stdout):
        assert row["state"] in ("queued", "interrupted", "finished"), row["state"]
        assert row["epoch"] >= seen, f"epoch {seen} was reported but the store has {row['epoch']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(check(arguments.kills, arguments.epochs, arguments.seed))


if __name__ == "__main__":
    main()
