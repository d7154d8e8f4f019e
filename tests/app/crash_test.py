#!/usr/bin/env python3
"""Kills a training run, fails its disk, or takes its power away at every change that it makes in its workspace; then resumes it and compares every
number with an uninterrupted run.

usage: RLCM_BIN=... RLCM_FAULT_DISK=...librlcm_fault_disk.so crash_test.py [kill|error|power|delete ...] [--points 300] [--epochs 2] [--seed 0]

kill    SIGKILL at a change: making, writing, cutting, syncing, renaming or removing a file or folder
error   the change fails with EIO
power   what was not synced is lost, wholly or in part (see power_loss.py)
delete  kill, while a deleted run is removed for good

Points are spread over checkpoint.keep = 1, 2 and 3, and evenly over all changes of a run.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile

import power_loss
from harness import curve_of, of_kind, run, runs_of, train_arguments

FAULT_DISK = os.environ.get("RLCM_FAULT_DISK", "")
KEEPS = (1, 2, 3)


def faulty(root, fault="", at=0, log=""):
    return {"LD_PRELOAD": FAULT_DISK, "RLCM_FAULT_ROOT": str(root), "RLCM_FAULT": fault, "RLCM_FAULT_AT": str(at), "RLCM_FAULT_LOG": str(log)}


def parsed(text):
    events = []
    for line in text.splitlines():
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            pass  # cut short by the kill
    return events


class Study:
    """One small run for each keep, whole, and how many changes it takes."""

    def __init__(self, folder, epochs):
        self.folder, self.epochs = folder, epochs
        self.logs, self.counts, self.expected = {}, {}, None
        for keep in KEEPS:
            workspace, log = folder / f"whole{keep}" / "w", folder / f"whole{keep}.log"
            workspace.parent.mkdir()
            done = run(*self.arguments(workspace, keep), env=faulty(workspace, "record", 0, log))
            assert done.returncode == 0, done.stderr
            self.logs[keep] = log
            self.counts[keep] = sum(1 for _ in power_loss.records(log))
            curve = curve_of(workspace, "r0001", folder)
            assert self.expected in (None, curve), "two uninterrupted runs differ"
            self.expected = curve

    def arguments(self, workspace, keep):
        return train_arguments(workspace, epochs=self.epochs, checkpoint__keep=keep)

    def finish(self, workspace, seen, what):
        """Resumes what is left in a workspace and compares it; a run of which nothing was promised may begin anew."""
        listed = run("runs", workspace, "--json") if workspace.exists() else None
        rows = json.loads(listed.stdout) if listed is not None and listed.returncode == 0 else []
        assert rows or seen < 0, f"{what}: the run is lost: {listed.stderr if listed else 'no workspace'}"
        if rows and rows[0]["state"] == "finished":
            run_id = rows[0]["id"]
        elif rows:
            run_id = rows[0]["id"]
            done = run("train", "--out", workspace, "--resume", run_id, "--json")
            assert done.returncode == 0, f"{what}: resuming failed: {done.stderr}"
            first = of_kind(parsed(done.stdout), "run_started")[0]["first_epoch"]
            assert first >= seen - 1, f"{what}: epoch {seen} was reported, but the run went on after {first}"
        else:
            done = run(*self.arguments(workspace, 2))
            assert done.returncode == 0, f"{what}: starting anew failed: {done.stderr}"
            run_id = runs_of(workspace)[0]["id"]
        assert curve_of(workspace, run_id, workspace.parent) == self.expected, f"{what}: the curve differs"

    def kill(self, keep, at):
        return self.fault(keep, at, "kill", lambda code: code in (0, -9))

    def error(self, keep, at):
        return self.fault(keep, at, "error", lambda code: 0 <= code < 10)

    def fault(self, keep, at, kind, accepts):
        what = f"{kind} at change {at} of {self.counts[keep]}, keep {keep}"
        place = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        workspace = place / "w"
        process = run(*self.arguments(workspace, keep), env=faulty(workspace, kind, at))
        assert accepts(process.returncode), f"{what}: exit code {process.returncode}: {process.stderr}"
        if kind == "error" and process.returncode != 0:
            assert "rlcm" in process.stderr or "error" in process.stdout, f"{what}: nothing said"
        seen = max((event["epoch"] for event in of_kind(parsed(process.stdout), "epoch")), default=-1)
        self.finish(workspace, seen, what)
        shutil.rmtree(place)

    def power(self, keep, at, rng):
        what = f"power lost at change {at} of {self.counts[keep]}, keep {keep}"
        place = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        seen = power_loss.rebuild(self.logs[keep], self.folder / f"whole{keep}", place, at, rng)
        self.finish(place / "w", seen, what)
        shutil.rmtree(place)

    def deletion_changes(self):
        """How many changes it takes to remove a deleted run for good."""
        log = self.folder / "removal.log"
        self.delete(0, log)
        return sum(1 for _ in power_loss.records(log))

    def delete(self, at, log=""):
        """Whatever of a deleted run is left, it is not listed and the removal can be done again."""
        what = f"kill at change {at} of a removal"
        place = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        shutil.copytree(self.folder / "whole2" / "w", place / "w")
        assert run("runs", place / "w", "--delete", "r0001").returncode == 0
        process = run("runs", place / "w", "--purge", "all", env=faulty(place / "w", "kill", at, log))
        assert process.returncode == (-9 if at else 0), f"{what}: {process.stderr}"
        again = run("runs", place / "w", "--purge", "all")
        assert again.returncode == 0, f"{what}: {again.stderr}"
        assert runs_of(place / "w") == [] and not (place / "w" / "runs" / "r0001").exists(), what
        shutil.rmtree(place)


def spread(count, points, rng):
    """`points` of 1..count, one in each of as many equal parts."""
    points = min(points, count)
    return [rng.randint(1 + i * count // points, (i + 1) * count // points) for i in range(points)]


def check(kinds, points, epochs, seed, jobs=1):
    """Raises AssertionError when something is lost. Returns lines for people."""
    assert FAULT_DISK, "RLCM_FAULT_DISK is not set"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rlcm-crash-"))
    rng = random.Random(seed)
    lines = []
    try:
        study = Study(folder, epochs)
        for kind in kinds:
            with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
                tasks = []
                if kind == "delete":
                    tasks = [pool.submit(study.delete, at) for at in spread(study.deletion_changes(), points, rng)]
                for i, keep in enumerate(KEEPS if kind != "delete" else ()):
                    share = points // len(KEEPS) + (1 if i < points % len(KEEPS) else 0)
                    for at in spread(study.counts[keep], share, rng):
                        extra = (random.Random(rng.random()),) if kind == "power" else ()
                        tasks.append(pool.submit(getattr(study, kind), keep, at, *extra))
                for number, task in enumerate(tasks, 1):
                    task.exception()  # waits for it
                    if number % 25 == 0:
                        print(f"{kind}: {number} of {len(tasks)} points", file=sys.stderr, flush=True)
                faults = [str(task.exception()) for task in tasks if task.exception() is not None]
            assert not faults, f"{len(faults)} of {len(tasks)} {kind} points:\n" + "\n".join(faults[:20])
            lines.append(f"{kind}: {len(tasks)} points, nothing lost" + ("" if kind == "delete" else f"; runs of {study.counts} changes (by keep), every curve bitwise that of an uninterrupted run"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", default=["kill", "error", "power", "delete"])
    parser.add_argument("--points", type=int, default=300)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    print(check(arguments.kinds, arguments.points, arguments.epochs, arguments.seed, arguments.jobs))


if __name__ == "__main__":
    sys.exit(main())
