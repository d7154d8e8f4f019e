"""Models by name: adding, inspecting, checking and removing them, and using the name in a run."""
import json
import os
import shutil
import struct
import unittest

from harness import MODELS, AppTest, events_of, of_kind, run, train_arguments


class TestModels(AppTest):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"
        self.mine = self.folder / "mine"
        shutil.copytree(MODELS / "emoji-lcm", self.mine)

    def rlcm(self, *arguments, **more):
        return run(*arguments, env={"XDG_DATA_HOME": str(self.data)}, **more)

    def models(self, *arguments, code=0):
        done = self.rlcm("models", *arguments, "--json")
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def test_bundled_models_are_listed_and_sound(self):
        rows = {row["name"]: row for row in self.models("list")}
        self.assertEqual({name: row["kind"] for name, row in rows.items()},
                         {"emoji-lcm": "consistency", "emoji-sd": "diffusion", "emoji-clip": "clip", "emoji-clip-judge": "clip"})
        for row in rows.values():
            self.assertEqual(row["problems"], [])
            self.assertTrue(row["bundled"])
        self.assertEqual(rows["emoji-lcm"]["resolution"], 64)
        self.assertGreater(rows["emoji-lcm"]["parameters"], 1_000_000)
        self.assertFalse(self.data.exists(), "looking must write nothing")
        text = self.rlcm("models", "list")
        self.assert_done(text)
        self.assertIn("emoji-clip-judge", text.stdout)

    def test_an_added_model_trains_by_its_name_and_stays_where_it_is(self):
        added = self.models("add", self.mine, "--name", "my-lcm")
        self.assertEqual((added["name"], added["folder"], added["copy"]), ("my-lcm", str(self.mine), False))
        self.assertEqual({use["what"]: use["possible"] for use in added["uses"]}, {"RLCM": True, "DDPO": False, "Sampling": True})
        arguments = train_arguments(self.workspace, epochs=1, model__path="my-lcm")
        done = self.rlcm(*arguments)
        self.assert_done(done)
        self.assertTrue(of_kind(events_of(done.stdout), "epoch"))
        self.models("remove", "my-lcm")
        self.assertTrue((self.mine / "model_index.json").exists())
        self.assert_refused(self.rlcm(*arguments), 1, "my-lcm", "neither a known model nor a folder")

    def test_a_copy_stands_alone(self):
        added = self.models("add", self.mine, "--copy")
        shutil.rmtree(self.mine)
        self.assertEqual(self.models("check", "mine")["problems"], [])
        self.models("remove", "mine")
        self.assertFalse(os.path.exists(added["folder"]))

    def test_check_fails_for_a_damaged_model_and_says_how_to_repair_it(self):
        weights = self.mine / "unet" / "diffusion_pytorch_model.safetensors"
        data = weights.read_bytes()
        weights.write_bytes(data[:-100])
        facts = self.models("check", self.mine, code=1)
        self.assertEqual(len(facts["problems"]), 1, facts["problems"])
        self.assertIn("cut off", facts["problems"][0]["what"])
        self.assertIn("again", facts["problems"][0]["fix"])
        self.assertFalse(any(use["possible"] for use in facts["uses"]))
        self.models("inspect", self.mine)  # says the same, and is no check
        weights.rename(weights.with_suffix(".bin"))
        self.assertIn("save_pretrained", self.models("check", self.mine, code=1)["problems"][0]["fix"])
        text = self.rlcm("models", "check", self.mine)
        self.assertEqual(text.returncode, 1)
        self.assertIn("problem:", text.stdout)
        self.assertIn("fix:", text.stdout)

    def test_a_key_that_does_not_fit_is_named(self):
        weights = self.mine / "vae" / "diffusion_pytorch_model.safetensors"
        data = weights.read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + length])
        header["surprise.weight"] = header.pop("decoder.conv_in.weight")
        text = json.dumps(header).encode()
        weights.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length:])
        what = self.models("check", self.mine, code=1)["problems"][0]["what"]
        self.assertIn("1 missing: decoder.conv_in.weight", what)
        self.assertIn("1 unexpected: surprise.weight", what)

    def test_wrong_usage(self):
        self.assert_refused(self.rlcm("models"), 2)
        self.assert_refused(self.rlcm("models", "add", self.folder / "gone"), 2, "there is no folder")
        self.assert_refused(self.rlcm("models", "add", self.mine, "--name", "emoji-sd"), 2, "emoji-sd", "another name")
        self.assert_refused(self.rlcm("models", "add", self.mine, "--name", "../x"), 2, "../x", "cannot be used")
        self.assert_refused(self.rlcm("models", "remove", "emoji-sd"), 2, "bundled")
        self.assert_refused(self.rlcm("models", "inspect", "emoji-lmc"), 2, "did you mean emoji-lcm?")
        (self.folder / "empty").mkdir()
        self.assert_refused(self.rlcm("models", "add", self.folder / "empty"), 1, "holds no model")

    def test_a_broken_list_is_named_and_bundled_models_still_work(self):
        (self.data / "rlcm-workbench").mkdir(parents=True)
        (self.data / "rlcm-workbench" / "models.json").write_text("{")
        self.assert_refused(self.rlcm("models", "list"), 1, "models.json")
        self.assertEqual(self.models("inspect", "emoji-lcm")["problems"], [])


if __name__ == "__main__":
    unittest.main()
