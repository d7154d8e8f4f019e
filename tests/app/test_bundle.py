"""packaging/bundle/rlcm, which starts the programs of a bundle with the torch of the machine."""
import os
import pathlib
import shutil
import subprocess
import unittest

from harness import RLCM, SOURCE, AppTest

TORCH = pathlib.Path(os.environ["RLCM_TEST_TORCH"])


def series(torch):
    for line in (torch / "version.py").read_text().splitlines():
        if line.startswith("__version__"):
            return ".".join(line.split("'")[1].split(".")[:2])
    raise AssertionError("torch has no version")


class TestStart(AppTest):
    def setUp(self):
        super().setUp()
        self.bundle = self.folder / "a bundle"
        (self.bundle / "bin").mkdir(parents=True)
        shutil.copy(SOURCE / "packaging" / "bundle" / "rlcm", self.bundle)
        (self.bundle / "bin" / f"rlcm-torch{series(TORCH)}").symlink_to(RLCM)

    def start(self, *arguments, **environment):
        return subprocess.run([self.bundle / "rlcm", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **environment})

    def python_with(self, torch):
        """A program that answers as a Python does whose torch is there."""
        script = self.folder / "python-of-mine"
        script.write_text(f"#!/bin/sh\necho '{torch}'\n")
        script.chmod(0o755)
        return str(script)

    def test_torch_is_found_by_folder_and_by_python(self):
        for environment in ({"RLCM_TORCH_DIR": str(TORCH)}, {"RLCM_PYTHON": self.python_with(TORCH)}):
            done = self.start("presets", **environment)
            self.assert_done(done)
            self.assertIn("compress-gentle-rlcm-h4", done.stdout)

    def test_arguments_and_exit_codes_come_through(self):
        done = self.start("train", "--preset", "no such preset", "--out", str(self.folder / "w"), RLCM_TORCH_DIR=str(TORCH))
        self.assertEqual(done.returncode, 2)
        self.assertIn("no such preset", done.stderr)

    def test_a_folder_without_torch_is_named(self):
        done = self.start("presets", RLCM_TORCH_DIR=str(self.folder))
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.folder), done.stderr)
        self.assertIn("RLCM_TORCH_DIR", done.stderr)

    def test_a_python_without_torch_is_named(self):
        script = self.python_with("")
        done = self.start("presets", RLCM_PYTHON=script)
        self.assertEqual(done.returncode, 1)
        self.assertIn(script, done.stderr)

    def test_another_version_is_told_with_those_that_would_do(self):
        other = self.folder / "torch"
        (other / "lib").mkdir(parents=True)
        (other / "lib" / "libtorch_cpu.so").touch()
        (other / "version.py").write_text("__version__ = '9.7.0+cpu'\n")
        done = self.start("presets", RLCM_TORCH_DIR=str(other))
        self.assertEqual(done.returncode, 1)
        for words in ("torch 9.7", f"built for torch {series(TORCH)}", "packaging/bundle.sh"):
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
