"""Rewards from servers and programs in real runs: servers that go away, programs that fail."""
import signal
import time
import unittest

from harness import events_of, of_kind, run, wait_for
from reward_servers import EPOCHS, EVALUATED, IMAGES, SCRIPTS, RewardTest, python_with_pillow


class TestServer(RewardTest):
    def test_server_gives_the_same_run_as_the_reward_itself(self):
        self.train(reward__terms="incompressibility")
        server = self.serve("--scorer", "jpeg-size", "--max-batch", 3)
        events = self.train(**server.settings())
        self.assertEqual(self.curve("r0002"), self.curve("r0001"))
        self.assertTrue(any("scores come from jpeg-size 1" in event["text"] for event in of_kind(events, "log")))
        # No image of training or evaluation came twice.
        self.assertEqual(set(server.scored().values()), {1})
        self.assertEqual(server.scored().total(), EPOCHS * IMAGES + EVALUATED)

    def test_killed_server_is_waited_for_and_nothing_is_lost(self):
        server = self.serve("--max-batch", 2)
        process = self.start_train(**server.settings())
        events = wait_for(process, "epoch", 3)
        server.kill()
        time.sleep(3)
        self.assertIsNone(process.poll(), "the run waits")
        server.start()
        events += events_of(process.stdout.read())
        self.assertEqual(process.wait(), 0)
        self.assertEqual(self.curve("r0001"), self.undisturbed())
        self.assertEqual(set(server.scored().values()), {1})
        self.assertEqual(server.scored().total(), EPOCHS * IMAGES + EVALUATED)
        lines = [event["text"] for event in of_kind(events, "log")]
        self.assertEqual(len([line for line in lines if "No scores since" in line]), 1, lines)
        self.assertEqual(len([line for line in lines if "answers again after" in line]), 1, lines)

    def test_run_that_waits_for_a_server_can_be_stopped_at_once_and_resumed(self):
        server = self.serve()
        process = self.start_train(**server.settings())
        wait_for(process, "epoch", 3)
        server.kill()
        time.sleep(1.5)
        stopped = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        self.assertEqual(process.wait(timeout=30), 3)
        self.assertLess(time.monotonic() - stopped, 20)  # it would wait for minutes
        server.start()
        self.resume("r0001")
        self.assertEqual(self.curve("r0001"), self.undisturbed())

    def test_end_of_patience_fails_the_run_and_keeps_the_checkpoint(self):
        server = self.serve()
        process = self.start_train(**server.settings(reward__server_patience=1))
        wait_for(process, "epoch", 3)
        server.kill()
        last = events_of(process.stdout.read())[-1]
        self.assertEqual(process.wait(), 1)
        self.assertEqual((last["event"], last["state"]), ("finished", "failed"))
        for words in (server.url, "no connection", "resume"):
            self.assertIn(words, last["error"])
        server.start()
        self.assertGreaterEqual(of_kind(self.resume("r0001"), "run_started")[0]["first_epoch"], 2)
        self.assertEqual(self.curve("r0001"), self.undisturbed())

    def test_server_that_is_not_there_is_said_at_once(self):
        server = self.serve()
        server.kill()
        done = run(*self.arguments(**server.settings()))
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not answer", events_of(done.stdout)[-1]["error"])
        self.assertIn("Start it", events_of(done.stdout)[-1]["error"])
        done = run(*self.arguments(reward__terms="server", reward__server_url="127.0.0.1:8085"))
        self.assertIn("http://", done.stdout + done.stderr)
        self.assertNotEqual(done.returncode, 0)

    def test_token_is_needed_where_it_is_set(self):
        server = self.serve(env={"RLCM_REWARD_TOKEN": "sesame"})
        refused = run(*self.arguments(**server.settings()))
        self.assertIn("RLCM_REWARD_TOKEN", events_of(refused.stdout)[-1]["error"])
        accepted = run(*self.arguments(**server.settings()), env={"RLCM_REWARD_TOKEN": "sesame"})
        self.assert_done(accepted)
        self.assertNotIn("sesame", accepted.stdout + accepted.stderr)
        self.assertFalse([file for file in self.workspace.rglob("*") if file.is_file() and b"sesame" in file.read_bytes()])


class TestProgram(RewardTest):
    def test_program_gives_the_same_run_as_a_server(self):
        self.train(reward__terms="program", reward__program=f"{python_with_pillow()} '{SCRIPTS / 'reference_program.py'}'")
        self.assertEqual(self.curve("r0001"), self.undisturbed())

    def test_program_that_fails_is_quoted(self):
        done = run(*self.arguments(reward__terms="program", reward__program="python3 -c 'import sys; sys.exit(\"no graphics card\")'"))
        self.assertEqual(done.returncode, 1)
        for words in ("exit code 1", "4 times", "no graphics card"):
            self.assertIn(words, events_of(done.stdout)[-1]["error"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
