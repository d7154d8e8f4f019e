#!/usr/bin/env python3
"""Makes a record of a workspace: what pages and reports need, to be looked at and never written.

Left out are checkpoints, logs, who ran what in which process, and runs that are deleted or not finished. RECORD must not exist. The file
`recorded` in it tells the programs that nothing is written there. With Debian's zopfli the images, pixel for pixel the same, take 3 % less.
"""
import argparse
import hashlib
import pathlib
import shutil
import sqlite3
import subprocess
import sys

CLEAN = """
DELETE FROM run WHERE is_deleted = 1 OR state <> 'finished';
DELETE FROM checkpoint;
DELETE FROM log;
UPDATE run SET owner_pid = NULL, owner_boot = NULL, owner_start = NULL, queue_position = NULL, heartbeat_at = 0, has_writer = 0;
"""
# Of each epoch: what reports, alarms and the usual charts read.
LEAN = ("reward_mean", "reward_std", "loss", "approx_kl", "kl_loss", "grad_norm", "clip_fraction", "ratio_max_deviation", "zero_std_ratio", "images_per_second", "seconds.total")


def few_images_of(database, run, images):
    """Leaves so many images of each evaluation of a run, spread over its prompts."""
    places = [row[0] for row in database.execute("SELECT DISTINCT idx FROM sample WHERE run_id = ? ORDER BY idx", (run,))]
    kept = {places[i * len(places) // images] for i in range(images)} if places else set()
    database.executemany("DELETE FROM sample WHERE run_id = ? AND idx = ?", [(run, place) for place in places if place not in kept])


def thin(database, options):
    if options.images is not None:
        database.execute("DELETE FROM training_images")
        for run, seed in database.execute("SELECT id, seed FROM run").fetchall():
            if options.ends:
                first, last = database.execute("SELECT MIN(epoch), MAX(epoch) FROM sample WHERE run_id = ?", (run,)).fetchone()
                database.execute("DELETE FROM sample WHERE run_id = ? AND epoch NOT IN (?, ?)", (run, first, last))
            few_images_of(database, run, options.images if seed < options.image_seeds else 0)
    if options.lean:
        database.execute(f"DELETE FROM epoch_scalar WHERE metric_id NOT IN (SELECT id FROM metric WHERE name IN ({','.join('?' * len(LEAN))}))", LEAN)


def share_images(database, workspace):
    """Where runs begin alike their images are: each picture is kept once, for all runs that show it."""
    first = {}
    for (name,) in database.execute("SELECT DISTINCT file FROM sample ORDER BY file").fetchall():
        kept = first.setdefault(hashlib.sha256((workspace / name).read_bytes()).digest(), name)
        if kept != name:
            database.execute("UPDATE sample SET file = ? WHERE file = ?", (kept, name))


def copy_database(options, target):
    reading = sqlite3.connect(f"file:{options.workspace / 'workspace.sqlite'}?mode=ro", uri=True)
    writing = sqlite3.connect(target)
    with reading, writing:
        reading.backup(writing)
    reading.close()
    writing.execute("PRAGMA foreign_keys = ON")
    left_out = writing.execute("SELECT COUNT(*) FROM run WHERE is_deleted = 0 AND state <> 'finished'").fetchone()[0]
    writing.executescript(CLEAN)
    thin(writing, options)
    share_images(writing, options.workspace)
    writing.commit()
    # No log beside the database: it can be read where nothing can be written.
    writing.execute("PRAGMA journal_mode = DELETE")
    writing.execute("VACUUM")
    files = [row[0] for row in writing.execute("SELECT DISTINCT file FROM sample")]
    writing.close()
    return files, left_out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=pathlib.Path)
    parser.add_argument("record", type=pathlib.Path)
    parser.add_argument("--images", type=int, help="so many images of each evaluation, and no training images; without it all")
    parser.add_argument("--ends", action="store_true", help="with --images: only of a run's first and last evaluation")
    parser.add_argument("--image-seeds", type=int, default=1 << 62, metavar="N", help="with --images: only of runs with seeds below N")
    parser.add_argument("--lean", action="store_true", help=f"of each epoch only {', '.join(LEAN)}; evaluations are kept whole")
    options = parser.parse_args()
    options.record.mkdir(parents=True)
    files, left_out = copy_database(options, options.record / "workspace.sqlite")
    for name in files:
        (options.record / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(options.workspace / name, options.record / name)
        if shutil.which("zopflipng"):
            subprocess.run(["zopflipng", "-y", options.record / name, options.record / name], check=True, stdout=subprocess.DEVNULL)
    if (options.workspace / "inference.json").exists():
        shutil.copyfile(options.workspace / "inference.json", options.record / "inference.json")
    (options.record / "recorded").write_text("A record of finished runs: the programs read it and write nothing here.\n")
    size = sum(file.stat().st_size for file in options.record.rglob("*") if file.is_file())
    print(f"{options.record}: {len(files)} images, {size / 1e6:.1f} MB" + (f"; {left_out} runs are not finished and were left out" if left_out else ""))


if __name__ == "__main__":
    sys.exit(main())
