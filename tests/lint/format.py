#!/usr/bin/env python3
"""Every source file is as clang-format makes it with the .clang-format of the source root.

usage: format.py SOURCE_ROOT CLANG_FORMAT [--fix]
"""
import pathlib
import subprocess
import sys

FOLDERS = ("core", "ui", "app", "tests")


def main():
    root, program, fixes = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:] == ["--fix"]
    files = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*") if path.suffix in {".cpp", ".h"})
    done = subprocess.run([program, *(["-i"] if fixes else ["--dry-run", "--Werror"]), *map(str, files)], capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stderr, f"\nput it right with: {' '.join(sys.argv)} --fix")
    return done.returncode


sys.exit(main())
