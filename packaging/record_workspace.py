#!/usr/bin/env python3
"""Makes a record of a workspace: what pages and reports need, to be looked at and never written.

usage: record_workspace.py WORKSPACE RECORD [IMAGES]

IMAGES keeps so many images of each run's first and last evaluation, spread over its prompts, and no training images. Left out are checkpoints,
logs, who ran what in which process, and runs that are deleted. RECORD must not exist. The file `recorded` in it tells the programs that nothing is
written there.
"""
import pathlib
import shutil
import sqlite3
import sys

CLEAN = """
DELETE FROM run WHERE is_deleted = 1;
DELETE FROM checkpoint;
DELETE FROM log;
UPDATE run SET owner_pid = NULL, owner_boot = NULL, owner_start = NULL, queue_position = NULL, heartbeat_at = 0, has_writer = 0;
"""


def keep_few_images(database, images):
    database.execute("DELETE FROM training_images")
    for run, first, last in database.execute("SELECT run_id, MIN(epoch), MAX(epoch) FROM sample GROUP BY run_id").fetchall():
        database.execute("DELETE FROM sample WHERE run_id = ? AND epoch NOT IN (?, ?)", (run, first, last))
        places = [row[0] for row in database.execute("SELECT idx FROM sample WHERE run_id = ? AND epoch = ? ORDER BY idx", (run, first))]
        kept = {places[i * len(places) // images] for i in range(images)}
        database.executemany("DELETE FROM sample WHERE run_id = ? AND idx = ?", [(run, place) for place in places if place not in kept])


def copy_database(source, target, images):
    reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    writing = sqlite3.connect(target)
    with reading, writing:
        reading.backup(writing)
    reading.close()
    writing.execute("PRAGMA foreign_keys = ON")
    writing.executescript(CLEAN)
    if images is not None:
        keep_few_images(writing, images)
    writing.commit()
    unfinished = writing.execute("SELECT id, state FROM run WHERE state <> 'finished'").fetchall()
    # No log beside the database: it can be read where nothing can be written.
    writing.execute("PRAGMA journal_mode = DELETE")
    writing.execute("VACUUM")
    files = [row[0] for row in writing.execute("SELECT file FROM sample")]
    writing.close()
    return files, unfinished


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    workspace, record = map(pathlib.Path, sys.argv[1:3])
    images = int(sys.argv[3]) if len(sys.argv) == 4 else None
    record.mkdir(parents=True)
    files, unfinished = copy_database(workspace / "workspace.sqlite", record / "workspace.sqlite", images)
    for number, state in unfinished:
        print(f"run {number} is {state}, not finished", file=sys.stderr)
    for name in files:
        (record / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(workspace / name, record / name)
    if (workspace / "inference.json").exists():
        shutil.copyfile(workspace / "inference.json", record / "inference.json")
    (record / "recorded").write_text("A record of finished runs: the programs read it and write nothing here.\n")
    size = sum(file.stat().st_size for file in record.rglob("*") if file.is_file())
    print(f"{record}: {len(files)} images, {size / 1e6:.1f} MB")
    return 1 if unfinished else 0


if __name__ == "__main__":
    sys.exit(main())
