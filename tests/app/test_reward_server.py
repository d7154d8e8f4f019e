"""Rewards from servers and programs in real runs: servers that go away, programs that fail."""
import os
import shutil
import signal
import socket
import time
import unittest

from harness import events_of, of_kind, run, start, wait_for
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

    def test_servers_of_public_trainers_give_the_same_run(self):
        self.train(reward__terms="incompressibility")
        server = self.serve("--scorer", "jpeg-size")
        self.train(**server.settings(reward__server_protocol="unirl", reward__server_reward="jpeg-size"))
        self.assertEqual(self.curve("r0002"), self.curve("r0001"))
        self.train(**server.settings(reward__server_protocol="flow_factory"))
        self.assertEqual(self.curve("r0003"), self.curve("r0001"))
        done = run(*self.arguments(**server.settings(reward__server_protocol="unirl", reward__server_reward="beauty")))
        self.assertEqual(done.returncode, 1)
        self.assertIn("reward.server_reward to one that it has: jpeg-size", events_of(done.stdout)[-1]["error"])

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

    def test_a_stop_reaches_the_first_contact(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:  # connects, and never says a word
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            for number in (signal.SIGTERM, signal.SIGHUP):
                process = self.start_train(reward__terms="server", reward__server_url=url)
                silent, _ = listener.accept()
                self.addCleanup(silent.close)
                silent.recv(1)
                stopped = time.monotonic()
                process.send_signal(number)
                last = events_of(process.stdout.read())[-1]
                self.assertEqual((process.wait(timeout=30), last["state"]), (3, "stopped"))
                self.assertLess(time.monotonic() - stopped, 8)  # the server would be waited for until 10 s

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

    def test_scores_that_have_no_spread_are_named(self):
        """Each score is a number, but their mean or spread is not: nothing can be learned from it."""
        script = self.folder / "huge.py"
        script.write_text("import json, sys\nfor line in sys.stdin:\n    r = json.loads(line)\n"
                          "    print(json.dumps({'request_id': r['request_id'], 'scores': [(-1) ** i * 1e308 for i in range(len(r['items']))]}), flush=True)\n")
        done = run(*self.arguments(reward__terms="program", reward__program=f"python3 '{script}'"))
        self.assertEqual(done.returncode, 1, done.stderr)
        message = events_of(done.stdout)[-1]["error"]
        for words in ("reward", "finite"):
            self.assertIn(words, message)


class TestTrust(RewardTest):
    """A workspace from elsewhere must not start what it names."""

    def setUp(self):
        super().setUp()
        self.mine, self.other = ({"XDG_DATA_HOME": str(self.folder / name)} for name in ("mine", "other"))
        self.started = self.folder / "started"
        script = self.folder / "score.py"
        script.write_text(f"import json, sys\nopen({str(self.started)!r}, 'a').write('x')\nfor line in sys.stdin:\n    r = json.loads(line)\n"
                          "    print(json.dumps({'request_id': r['request_id'], 'scores': [len(i['image_b64']) for i in r['items']]}), flush=True)\n")
        self.program = f"python3 '{script}'"

    def stopped_run(self, **changes):
        process = start(*self.arguments(**changes), env={**os.environ, **self.mine})
        self.addCleanup(process.stdout.close)
        wait_for(process, "epoch", 2)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        self.assertEqual(process.wait(timeout=60), 3)
        self.started.unlink(missing_ok=True)

    def resumed(self, *more, env):
        return run("train", "--out", self.workspace, "--resume", "r0001", "--json", *more, env=env)

    def test_a_program_of_another_users_workspace_is_shown_and_not_started(self):
        self.stopped_run(reward__terms="program", reward__program=self.program)
        before = run("runs", self.workspace, "--json").stdout
        for _ in range(2):
            self.assert_refused(self.resumed(env=self.other), 2, self.program, "r0001", "--trust-program")
            self.assertFalse(self.started.exists())
        self.assertEqual(run("runs", self.workspace, "--json").stdout, before)
        self.assert_done(self.resumed("--trust-program", env=self.other))
        self.assertTrue(self.started.exists())

    def test_a_run_of_ones_own_goes_on_unasked_and_a_copied_workspace_does_not(self):
        self.stopped_run(reward__terms="program", reward__program=self.program)
        shutil.copytree(self.workspace, self.folder / "copy")
        self.assert_done(self.resumed(env=self.mine))
        self.workspace = self.folder / "copy"
        self.assert_refused(self.resumed(env=self.mine), 2, self.program)

    def test_a_server_is_asked_for_too(self):
        server = self.serve()
        self.stopped_run(**server.settings())
        asked = server.scored().total()
        self.assert_refused(self.resumed(env=self.other), 2, server.url, "--trust-program")
        self.assertEqual(server.scored().total(), asked)
        self.assert_done(self.resumed("--trust-program", env=self.other))

    def test_the_flag_is_for_a_resume(self):
        self.assert_refused(run(*self.arguments(), "--trust-program"), 2, "--resume")


if __name__ == "__main__":
    unittest.main(verbosity=2)
