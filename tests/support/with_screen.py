#!/usr/bin/env python3
"""Runs a program on a screen of its own with a window manager, so that focus, frames and full screen are real.

usage: with_screen.py PROGRAM [ARGUMENT...]
Ends with the program's exit status, or 77 (skipped) where Xvfb or openbox is not installed.
"""
import os
import shutil
import subprocess
import sys
import tempfile

SCREEN = "1366x768x24"
SKIPPED = 77


def start_screen():
    """An Xvfb on the first free display; returns its process and the display's name."""
    read, write = os.pipe()
    screen = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"],
                              pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()  # written when it is ready; empty when it has ended
    if not number:
        sys.exit("Xvfb could not be started")
    return screen, ":" + number


def end(process):
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()


def main():
    missing = [name for name in ("Xvfb", "openbox") if shutil.which(name) is None]
    if missing:
        print("skipped: not installed:", ", ".join(missing))
        return SKIPPED
    screen, display = start_screen()
    with tempfile.TemporaryDirectory() as home:
        environment = dict(os.environ, DISPLAY=display, HOME=home, XDG_CONFIG_HOME=home, XDG_RUNTIME_DIR=home, QT_QPA_PLATFORM="xcb")
        environment.pop("WAYLAND_DISPLAY", None)
        manager = subprocess.Popen(["openbox", "--sm-disable"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return subprocess.run(sys.argv[1:], env=environment).returncode
        finally:
            end(manager)
            end(screen)


if __name__ == "__main__":
    sys.exit(main())
