"""The real window on a screen of its own: the first start, and numbers that are the same whatever language the system speaks."""
import os
import shutil
import subprocess
import unittest

from harness import RESOURCES, AppTest, run, train_arguments

WORKBENCH = os.environ.get("RLCM_WORKBENCH", "")


@unittest.skipUnless(WORKBENCH, "built without the window")
class TestWindow(AppTest):
    def picture(self, page, env, *more):
        file = self.folder / "window.png"
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config"),
                       "XDG_DATA_HOME": str(self.folder / "data"), **env}
        done = subprocess.run([WORKBENCH, "--theme", "light", "--size", "1280x800", "--page", page, "--screenshot", str(file), *more],
                              env=environment, capture_output=True, text=True, timeout=300)
        self.assert_done(done)
        return file.read_bytes()

    def test_the_first_start_shows_recorded_runs_and_leaves_them_as_they_are(self):
        record = RESOURCES / "studies/results/first-study"
        before = sorted(file.name for file in record.iterdir())
        first = self.picture("compare", {})
        self.assertEqual(sorted(file.name for file in record.iterdir()), before)
        self.assertFalse((self.folder / "data/rlcm-workbench/workspace").exists(), "nothing was asked for yet")
        self.assertTrue(first == self.picture("compare", {}, "--workspace", str(record)), "these are the recorded runs")
        own = self.folder / "data/rlcm-workbench/workspace"
        self.assert_done(run(*train_arguments(own)))
        self.assertFalse(first == self.picture("compare", {}), "runs of one's own go before them")

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
            at = ["--workspace", str(self.workspace)]
            self.assertTrue(self.picture(page, german, *at) == self.picture(page, plain, *at), f"the page {page} differs between languages")


if __name__ == "__main__":
    unittest.main(verbosity=2)
