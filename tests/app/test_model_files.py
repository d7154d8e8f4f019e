"""Model, prompt and image files as other programs write them: what is read is honoured, or refused by name."""
import json
import pathlib
import shutil
import sqlite3
import struct
import unittest
import zlib

from harness import MODELS, SOURCE, AppTest, run, train_arguments

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 9080824\n"


def read_tensors(file):
    data = pathlib.Path(file).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {name: (entry["dtype"], entry["shape"], data[8 + length:][slice(*entry["data_offsets"])]) for name, entry in header.items()}


def write_tensors(file, tensors, **more):
    header, body = dict(more), b""
    for name, (dtype, shape, data) in sorted(tensors.items(), key=lambda item: -len(item[1][2])):
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    pathlib.Path(file).write_bytes(struct.pack("<Q", len(text)) + text + body)


def pixels_of(file):
    """The compressed pixels of a PNG, without its texts."""
    data, at, found = pathlib.Path(file).read_bytes(), 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        found += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return zlib.decompress(found)


def edit_json(file, **changes):
    file = pathlib.Path(file)
    values = json.loads(file.read_text())
    values.update(changes)
    file.write_text(json.dumps(values))


class TestModelFiles(AppTest):
    def copy_of(self, name):
        folder = self.folder / name
        shutil.copytree(MODELS / name, folder)
        return folder

    def sample(self, model, *more, prompt="a cat on grass", steps=2):
        out = self.folder / f"out{len(list(self.folder.glob('out*')))}"
        done = run("sample", "--model", model, "--steps", steps, "--prompt", prompt, "--threads", 1, "--device", "cpu", "--out", out, *more)
        return done, out / "000.png"

    def test_an_added_token_stands_for_its_own_embedding(self):
        model = self.copy_of("emoji-lcm")
        words = json.loads((model / "tokenizer" / "vocab.json").read_text())
        (model / "tokenizer" / "added_tokens.json").write_text(json.dumps({"<my-pet>": len(words)}))
        done, _ = self.sample(model)
        self.assert_refused(done, 1, f"ids up to {len(words)}", "embedding table")
        weights = model / "text_encoder" / "model.safetensors"
        tensors = read_tensors(weights)
        table = next(name for name in tensors if name.endswith("token_embedding.weight"))
        dtype, shape, data = tensors[table]
        row = len(data) // shape[0]
        fox = words["fox</w>"]
        tensors[table] = (dtype, [shape[0] + 1, shape[1]], data + data[fox * row:(fox + 1) * row])
        write_tensors(weights, tensors)
        edit_json(model / "text_encoder" / "config.json", vocab_size=len(words) + 1)
        pictures = []
        for prompt in ("a fox riding a bike on grass", "a <my-pet> riding a bike on grass", "a <MY-PET> riding a bike on grass"):
            done, picture = self.sample(model, prompt=prompt)
            self.assert_done(done)
            pictures.append(pixels_of(picture))
        self.assertEqual(pictures[0], pictures[1])
        self.assertEqual(pictures[0], pictures[2])  # a token that is not special is found in any case

    def test_a_model_whose_scheduler_skips_steps_is_no_model_for_ddpo(self):
        model = self.copy_of("emoji-sd")
        shutil.copy(MODELS / "emoji-lcm" / "scheduler" / "scheduler_config.json", model / "scheduler")
        self.assert_refused(self.sample(model)[0], 1, "write the same class in both", "LCMScheduler")
        edit_json(model / "model_index.json", scheduler=["diffusers", "LCMScheduler"])
        facts = json.loads(run("models", "inspect", model, "--json").stdout)
        self.assertEqual(facts["problems"], [])
        self.assertEqual({use["what"]: use["possible"] for use in facts["uses"]}, {"RLCM": False, "DDPO": False, "Sampling": True})
        done = run(*train_arguments(self.workspace, epochs=1, preset="compress-ddpo-t20", model__path=model, sampling__steps=4))
        self.assert_refused(done, 1, "LCMScheduler", "DDPO")

    def test_a_step_without_noise_is_refused_before_training(self):
        model = self.folder / "sdxl"
        shutil.copytree(SOURCE / "tests" / "golden" / "pipeline_sdxl_tiny", model)
        edit_json(model / "scheduler" / "scheduler_config.json", steps_offset=0)
        more = {"model__path": model, "sampling__steps": 4, "training__skip_last_steps": 0, "evaluation__judge_model": ""}
        done = run(*train_arguments(self.workspace, epochs=1, preset="compress-ddpo-t20", **more))
        self.assert_refused(done, 1, "timestep 0", "training.skip_last_steps 1", "steps_offset")

    def test_a_clip_folder_of_transformers_5_scores_as_before(self):
        model = self.copy_of("emoji-clip")
        picture = SOURCE / "tests" / "golden" / "jpeg_sizes" / "photo_64.png"

        def score():
            done = run("score", "--reward", "alignment", "--set", f"reward.clip_model={model}", "--images", picture, "--prompt", "a cat", "--threads", 1, "--device", "cpu", "--json")
            self.assert_done(done)
            return json.loads(done.stdout)["images"][0]["total"]

        before = score()
        preparation = model / "preprocessor_config.json"
        (model / "processor_config.json").write_text(json.dumps({"image_processor": json.loads(preparation.read_text()), "processor_class": "CLIPProcessor"}))
        preparation.unlink()
        self.assertEqual(score(), before)
        self.assertEqual(json.loads(run("models", "inspect", model, "--json").stdout)["problems"], [])

    def test_git_lfs_is_named_whatever_file_its_pointer_stands_for(self):
        for name in ("unet/diffusion_pytorch_model.safetensors", "unet/config.json", "scheduler/scheduler_config.json", "tokenizer/vocab.json", "tokenizer/merges.txt"):
            with self.subTest(name):
                model = self.copy_of("emoji-lcm")
                (model / name).write_text(POINTER)
                done, _ = self.sample(model)
                self.assert_refused(done, 1, "git-lfs", name)
                shutil.rmtree(model)
        for ending in ("safetensors", "pth"):
            head = self.folder / f"head.{ending}"
            head.write_text(POINTER)
            self.assertIn("git-lfs", json.loads(run("models", "inspect", head, "--json").stdout)["problems"][0]["what"])
        lora = self.folder / "lora.safetensors"
        lora.write_text(POINTER)
        self.assert_refused(self.sample("emoji-lcm", "--lora", lora)[0], 1, "git-lfs")
        picture = self.folder / "picture.png"
        picture.write_text(POINTER)
        done = run("score", "--reward", "incompressibility", "--images", picture, "--prompt", "x", "--threads", 1, "--device", "cpu")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("git-lfs", done.stderr)

    def test_prompt_files_say_what_was_made_of_them(self):
        prompts = self.folder / "prompts.txt"
        long = "a cat and " * 20 + "a dog"
        prompts.write_bytes(f"a cat\ra cat\r# a comment\r#1 dog\r\u200b\r{long}\r".encode())
        done = run(*train_arguments(self.workspace, epochs=1, prompts__train=prompts, evaluation__train_prompts=50, evaluation__held_out_prompts=0, evaluation__judge_model=""))
        self.assert_done(done)
        said = " ".join(json.loads(line).get("text", "") for line in done.stdout.splitlines())
        for words in ("4 prompts", "1 line repeats a prompt", "taken for a comment", "only looks empty", "longer than the 16 tokens"):
            self.assertIn(words, said)
        with sqlite3.connect(self.workspace / "workspace.sqlite") as database:
            self.assertEqual({row[0] for row in database.execute("select text from prompt")}, {"a cat", "#1 dog", long})
        done, _ = self.sample("emoji-lcm", prompt=long)
        self.assert_done(done)
        self.assertIn("longer than the 16 tokens", done.stderr)
        self.assertNotIn("longer than", self.sample("emoji-lcm")[0].stderr)

    def test_headers_that_the_reference_library_reads_are_read(self):
        model = self.copy_of("emoji-lcm")
        weights = model / "vae" / "diffusion_pytorch_model.safetensors"
        data = weights.read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        header = {name: dict(entry, note="x") for name, entry in json.loads(data[8:8 + length]).items() if name != "__metadata__"}
        text = json.dumps(dict(header, __metadata__=None)).encode()
        weights.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length:])
        done, picture = self.sample(model)
        self.assert_done(done)
        self.assertEqual(pixels_of(picture), pixels_of(self.sample("emoji-lcm")[1]))


if __name__ == "__main__":
    unittest.main()
