"""Kills, failing disks and lost power at some changes of a run's workspace; crash_test.py does it at hundreds."""
import unittest

import crash_test


class TestCrash(unittest.TestCase):
    def test_nothing_is_lost(self):
        print(crash_test.check(["kill", "error", "power", "delete"], points=9, epochs=2, seed=1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
