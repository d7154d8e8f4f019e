"""Signals, and runs that were killed: what is kept, and that a resumed curve is bit for bit that of an uninterrupted run."""
import signal
import unittest

import kill_resume
from harness import AppTest, curve_of, events_of, of_kind, run, runs_of, start, train_arguments, wait_for


class TestStop(AppTest):
    def stop(self, number):
        process = self.start_long()
        wait_for(process, "checkpoint", 3)
        process.send_signal(number)
        rest = events_of(process.stdout.read())
        self.assertEqual(process.wait(), 3)
        self.assertEqual(rest[-1]["event"], "finished")
        self.assertEqual(rest[-1]["state"], "stopped")
        (row,) = runs_of(self.workspace)
        self.assertEqual(row["state"], "stopped")
        return row

    def test_interrupt_stops_after_the_epoch(self):
        self.assertGreaterEqual(self.stop(signal.SIGINT)["epoch"], 2)

    def test_termination_stops_too(self):
        self.stop(signal.SIGTERM)

    def test_a_lost_terminal_stops_too(self):
        self.stop(signal.SIGHUP)

    def test_finished_epochs_outlast_a_termination_between_checkpoints(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            workspace = self.folder / str(number)
            process = start(*train_arguments(workspace, epochs=100000, checkpoint__every=1000))
            self.addCleanup(process.stdout.close)
            wait_for(process, "epoch", 3)
            process.send_signal(number)
            rest = events_of(process.stdout.read())
            self.assertEqual(process.wait(), 3)
            saved = of_kind(rest, "checkpoint")[-1]["epoch"]
            self.assertEqual(saved, rest[-1]["epoch"])
            self.assertGreaterEqual(saved, 3)

    def test_nohup_goes_on_without_its_terminal(self):
        process = start(*train_arguments(self.workspace, epochs=6), preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.addCleanup(process.stdout.close)
        wait_for(process, "epoch")
        process.send_signal(signal.SIGHUP)
        self.assertEqual(events_of(process.stdout.read())[-1]["state"], "finished")
        self.assertEqual(process.wait(), 0)

    def test_second_signal_ends_at_once_and_the_run_can_be_resumed(self):
        process = self.start_long()
        wait_for(process, "checkpoint", 2)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGHUP)  # another number: two equal ones may be delivered as one
        rest = events_of(process.stdout.read())
        self.assertIn(process.wait(timeout=30), (128 + signal.SIGHUP, 128 + signal.SIGTERM))  # the kernel chooses the order
        self.assertNotIn("finished", [event["event"] for event in rest])
        (row,) = runs_of(self.workspace)
        self.assertEqual(row["state"], "interrupted")

    def test_reader_that_goes_away_stops_the_run(self):
        process = self.start_long()
        wait_for(process, "epoch")
        process.stdout.close()
        self.assertEqual(process.wait(timeout=60), 3)


class TestResume(AppTest):
    def test_stopped_run_goes_on_as_if_never_stopped(self):
        whole = self.train_tiny(epochs=24)
        expected = curve_of(self.workspace, whole[0]["run"], self.folder)
        process = self.start_of(24)
        run_id = wait_for(process, "checkpoint", 3)[0]["run"]
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        self.assertEqual(process.wait(), 3)
        resumed = run("train", "--out", self.workspace, "--resume", run_id, "--json")
        self.assert_done(resumed)
        self.assertGreaterEqual(of_kind(events_of(resumed.stdout), "run_started")[0]["first_epoch"], 2)
        self.assertEqual(curve_of(self.workspace, run_id, self.folder), expected)

    def start_of(self, epochs):
        process = start(*train_arguments(self.workspace, epochs=epochs))
        self.addCleanup(process.stdout.close)
        return process

    def test_killed_runs_lose_at_most_an_epoch_and_no_bit(self):
        kill_resume.check(kills=3, epochs=12, seed=1)

    def test_resume_refuses_other_settings(self):
        self.train_tiny(epochs=1)
        self.assert_refused(run("train", "--out", self.workspace, "--resume", "r0001", "--set", "seed=5"), 2, "--set")


if __name__ == "__main__":
    unittest.main(verbosity=2)
