"""The real window on a screen of its own: numbers are the same whatever language the system speaks."""
import os
import shutil
import subprocess
import unittest

from harness import AppTest

WORKBENCH = os.environ.get("RLCM_WORKBENCH", "")


@unittest.skipUnless(WORKBENCH, "built without the window")
class TestWindow(AppTest):
    def picture(self, page, env):
        file = self.folder / "window.png"
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config"), **env}
        done = subprocess.run([WORKBENCH, "--workspace", str(self.workspace), "--theme", "light", "--size", "1280x800", "--page", page, "--screenshot", str(file)],
                              env=environment, capture_output=True, text=True, timeout=300)
        self.assert_done(done)
        return file.read_bytes()

    @unittest.skipUnless(shutil.which("localedef"), "no localedef")
    def test_german_numbers_look_like_all_others(self):
        self.train_tiny(epochs=4)
        locales = self.folder / "locales"
        locales.mkdir()
        subprocess.run(["localedef", "-c", "-i", "de_DE", "-f", "UTF-8", str(locales / "de_DE.UTF-8")], capture_output=True, check=False)
        if not (locales / "de_DE.UTF-8" / "LC_NUMERIC").exists():
            self.skipTest("no sources of locales")
        german = {"LOCPATH": str(locales), "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"}
        plain = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        for page in ("live", "compare"):
            self.assertTrue(self.picture(page, german) == self.picture(page, plain), f"the page {page} differs between languages")


if __name__ == "__main__":
    unittest.main(verbosity=2)
