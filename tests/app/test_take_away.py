"""`rlcm sample`, `export`, `parity`, `bench` and `doctor` on real models."""
import json
import os
import shutil
import stat
import subprocess
import unittest

from harness import MODELS, SOURCE, AppTest, png_size, read_safetensors_header, run, train_arguments, write_latents


class TestSample(AppTest):
    def sample(self, folder, *more, model="emoji-lcm"):
        out = self.folder / folder
        done = run("sample", "--model", model, "--prompt", "a cat", "--prompt", "a dog", "--steps", 2, "--guidance", 6, "--seed", 3, "--out", out, *more)
        self.assert_done(done)
        return out, done

    def test_one_image_per_prompt(self):
        out, done = self.sample("images")
        self.assertEqual(done.stdout.splitlines(), [str(out / "000.png"), str(out / "001.png")])
        for name in ("000.png", "001.png"):
            self.assertEqual(png_size(out / name), (64, 64))
        self.assertNotEqual((out / "000.png").read_bytes(), (out / "001.png").read_bytes())
        record = json.loads((out / "sample.json").read_text())
        self.assertEqual([image["prompt"] for image in record["images"]], ["a cat", "a dog"])

    def test_same_seed_same_images(self):
        first, _ = self.sample("first")
        second, done = self.sample("second", "--json")
        self.assertEqual((first / "000.png").read_bytes(), (second / "000.png").read_bytes())
        self.assertEqual(json.loads(done.stdout)["seed"], 3)

    def test_given_latents_replace_the_seed(self):
        latents = self.folder / "latents.safetensors"
        write_latents(latents, (2, 4, 16, 16), 0.5)
        given, _ = self.sample("given", "--latents", latents)
        drawn, _ = self.sample("drawn")
        self.assertEqual(png_size(given / "001.png"), (64, 64))
        self.assertNotEqual((given / "001.png").read_bytes(), (drawn / "001.png").read_bytes())

    def test_diffusion_models_too(self):
        out, _ = self.sample("images", model="emoji-sd")
        self.assertEqual(png_size(out / "000.png"), (64, 64))


class TestExport(AppTest):
    def setUp(self):
        super().setUp()
        self.run_id = self.train_tiny("--set", "training.learning_rate=0.01")[0]["run"]

    def export(self, name, *more):
        file = self.folder / name
        done = run("export", "--workspace", self.workspace, "--run", self.run_id, "--out", file, *more)
        self.assert_done(done)
        self.assertEqual(done.stdout.strip(), str(file))
        return file

    def test_grids(self):
        width, height = png_size(self.export("grid.png", "--grid"))
        self.assertGreater(width, 2 * 192)
        self.assertTrue(self.export("grid.jpg", "--grid", "--epoch", 0).read_bytes().startswith(b"\xff\xd8\xff"))

    def test_curves(self):
        for name, start in (("curve.pdf", b"%PDF"), ("curve.svg", b"<?xml"), ("curve.png", b"\x89PNG")):
            self.assertTrue(self.export(name, "--curve", "--x-axis", "images").read_bytes().startswith(start))

    def test_a_figure_is_drawn_from_its_specification(self):
        spec = self.folder / "figure.json"
        spec.write_text(json.dumps({"axis": "images", "title": "One run", "series": [{"measure": "reward_mean", "runs": [self.run_id]}]}))
        base = ["export", "--workspace", self.workspace, "--spec", spec, "--out"]
        self.assert_done(run(*base, self.folder / "figure.svg"))
        svg = (self.folder / "figure.svg").read_text()
        for words in (">One run<", ">Training images<", ">Training reward (mean), "):
            self.assertIn(words, svg)
        self.assert_done(run(*base, self.folder / "figure.csv"))
        self.assertEqual((self.folder / "figure.csv").read_text().splitlines()[0], "series,x,raw,smoothed,low,high,runs")
        spec.write_text('{"axes": "images"}')
        self.assert_refused(run(*base, self.folder / "no.svg"), 2, "figure.json", "did you mean axis?")
        self.assert_refused(run("export", "--workspace", self.workspace, "--curve", "--out", self.folder / "no.svg"), 2, "--run is required")

    def test_what_cannot_be_written_or_read_is_refused(self):
        base = ["export", "--workspace", self.workspace, "--run", self.run_id, "--out"]
        self.assert_refused(run(*base, "/dev/full", "--csv"), 1, "/dev/full", "No space left on device")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/full").st_mode))
        self.assert_refused(run(*base, self.folder / "small.png", "--curve", "--width", 120, "--height", 100), 2, "2 lines", "larger figure")
        self.assertFalse((self.folder / "small.png").exists())

    def test_cell_sizes_below_the_images_are_honoured(self):
        sizes = [png_size(self.export(f"{cell}.png", "--grid", "--no-labels", "--columns", 1, "--cell", cell))[0] for cell in (20, 40, 64)]
        self.assertEqual([size - sizes[0] for size in sizes], [0, 20, 44])

    def test_table(self):
        lines = self.export("run.csv", "--csv").read_text().splitlines()
        self.assertTrue(lines[0].startswith("epoch,"))
        self.assertEqual(len(lines), 1 + 3)  # before training and two epochs

    def test_numbers_for_tensorboard(self):
        boards = self.folder / "boards"
        done = run("export", "--workspace", self.workspace, "--run", self.run_id, "--tensorboard", "--out", boards, "--json")
        self.assert_done(done)
        files = [file for file in boards.rglob("*") if file.is_file()]
        self.assertEqual(json.loads(done.stdout)["bytes"], sum(file.stat().st_size for file in files))
        self.assertEqual(len(files), 1)
        self.assertTrue(files[0].name.startswith("events.out.tfevents."))
        data, lengths = files[0].read_bytes(), []
        while data:
            lengths.append(int.from_bytes(data[:8], "little"))
            data = data[8 + 4 + lengths[-1] + 4:]
        self.assertEqual(len(lengths), 1 + 3)  # the version, before training, and two epochs
        self.assertIn(b"eval_reward_mean", files[0].read_bytes())

    def test_lora_changes_the_images_of_the_model(self):
        kohya, peft = self.export("run.safetensors", "--lora"), self.export("run.peft.safetensors", "--lora")
        self.assertTrue(any(key.startswith("lora_unet_") and key.endswith(".alpha") for key in read_safetensors_header(kohya)))
        self.assertTrue(any(key.endswith(".lora_A.weight") for key in read_safetensors_header(peft)))
        images = {}
        for name, lora in (("none", []), ("kohya", ["--lora", kohya]), ("peft", ["--lora", peft])):
            done = run("sample", "--model", "emoji-lcm", "--prompt", "a cat", "--steps", 2, "--out", self.folder / name, *lora)
            self.assert_done(done)
            images[name] = (self.folder / name / "000.png").read_bytes()
        pixels = [data[data.index(b"IDAT"):] for data in images.values()]
        self.assertNotEqual(pixels[0], pixels[1])
        self.assertEqual(pixels[1], pixels[2])

    def test_lora_formats_state_where_they_come_from(self):
        for name, style, key in (("k.safetensors", "kohya", "lora_unet_"), ("p.safetensors", "peft", "unet."), ("unet", "merged", "")):
            place = self.export(name, "--lora", "--format", style)
            header = read_safetensors_header(place / "diffusion_pytorch_model.safetensors" if style == "merged" else place)
            about = header.pop("__metadata__")
            self.assertTrue(all(entry.startswith(key) for entry in header), style)
            self.assertEqual({word: about["rlcm." + word] for word in ("base_model", "method", "steps", "reward", "run", "epoch")},
                             {"base_model": "emoji-lcm", "method": "rlcm", "steps": "2", "reward": "compressibility", "run": self.run_id, "epoch": "2"})
            self.assertTrue(about["rlcm.program"].startswith("rlcm-workbench "))
        self.assertEqual(json.loads((self.folder / "unet" / "config.json").read_text())["_class_name"], "UNet2DConditionModel")

    def test_merged_folder_replaces_the_unet_of_the_model(self):
        model = self.folder / "model"
        shutil.copytree(MODELS / "emoji-lcm", model, ignore=lambda folder, names: ["unet"] if folder.endswith("emoji-lcm") else [])
        self.export("model/unet", "--lora", "--format", "merged")
        kohya = self.export("k.safetensors", "--lora")
        images = []
        for arguments in (["--model", model], ["--model", "emoji-lcm", "--lora", kohya]):
            out = self.folder / f"images{len(images)}"
            self.assert_done(run("sample", "--prompt", "a cat", "--steps", 2, "--out", out, *arguments))
            data = (out / "000.png").read_bytes()
            images.append(data[data.index(b"IDAT"):])
        self.assertEqual(*images)

    def test_lora_of_another_model_and_wrong_options(self):
        foreign = SOURCE / "tests" / "golden" / "lora"
        sample = ["sample", "--model", "emoji-lcm", "--prompt", "a cat", "--steps", 1, "--out", self.folder / "images", "--lora"]
        self.assert_refused(run(*sample, foreign / "kohya" / "lora.safetensors"), 1, "lora_unet_", "another base model")
        kohya = self.export("k.safetensors", "--lora")
        self.assert_refused(run(*sample, kohya, "--lora-alpha", 4), 2, "states its alpha")
        self.assert_refused(run(*sample, self.folder / "absent"), 1, "absent")
        self.assert_refused(run(*sample, kohya, "--lora-scale", "nan"), 2, "finite")
        base = ["export", "--workspace", self.workspace, "--run", self.run_id, "--out"]
        self.assert_refused(run(*base, self.folder / "k.bin", "--lora"), 2, ".safetensors")
        self.assert_refused(run(*base, self.folder / "x.png", "--grid", "--format", "peft"), 2)
        self.assert_refused(run(*base, kohya, "--lora", "--format", "merged"), 2, "is there already")

    def test_training_starts_from_a_lora(self):
        kohya = self.export("k.safetensors", "--lora")
        events = self.train_tiny("--set", f"lora.start={kohya}", epochs=1)
        self.assertTrue(any("training starts from the LoRA" in event.get("text", "") for event in events), events)
        refused = run(*train_arguments(self.workspace, "--set", f"lora.start={kohya}", epochs=1, lora__rank=4))
        self.assertEqual(refused.returncode, 1)
        self.assertIn("set lora.rank to 2", refused.stderr + refused.stdout)

    def test_bad_requests(self):
        base = ["export", "--workspace", self.workspace, "--run", self.run_id, "--out"]
        self.assert_refused(run(*base, self.folder / "grid.gif", "--grid"), 2, ".png")
        self.assert_refused(run(*base, self.folder / "x.png"), 2)
        self.assert_refused(run(*base, self.folder / "x.png", "--grid", "--csv"), 2)
        self.assert_refused(run(*base, self.folder / "x.safetensors", "--lora", "--epoch", 99), 2, "99")
        self.assert_refused(run("export", "--workspace", self.workspace, "--run", "r00O1", "--csv", "--out", self.folder / "x.csv"), 2, "r0001")


class TestParity(AppTest):
    def test_a_fixture_passes_and_a_changed_one_does_not(self):
        golden = SOURCE / "tests" / "golden"
        done = run("parity", golden / "stat_tracker", golden / "scalars", "--json")
        self.assert_done(done)
        report = json.loads(done.stdout)
        self.assertTrue(report["passed"])
        self.assertEqual([one["kind"] for one in report["reports"]], ["stat_tracker", "scalars"])
        changed = self.folder / "resize"
        shutil.copytree(golden / "resize", changed)
        shutil.copy(changed / "37x53_to_32_crop.png", changed / "53x37_to_32_crop.png")
        wrong = run("parity", changed)
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("FAILED", wrong.stdout)

    def test_a_folder_of_no_kind_is_wrong_usage(self):
        self.assert_refused(run("parity", self.folder), 2, "unet_lcm")


class TestBenchAndDoctor(AppTest):
    def test_bench_measures_a_round_and_the_store(self):
        done = run("bench", "--shape", "round", "--steps", 2, "--images", 4, "--rounds", 2, "--json")
        self.assert_done(done)
        (round_,) = json.loads(done.stdout)["rounds"]
        self.assertGreater(round_["images_per_s"], 0)
        done = run("bench", "--shape", "store", "--json")
        self.assert_done(done)
        self.assertGreater(json.loads(done.stdout)["store"]["epoch_with_16_images_ms"], 0)

    def test_doctor_finds_nothing_wrong_here(self):
        done = run("doctor", "--workspace", self.workspace, "--json")
        report = json.loads(done.stdout)
        self.assertEqual([check for check in report["checks"] if check["status"] == "fail"], [])
        self.assertEqual(done.returncode, 0)

    def test_doctor_names_missing_models(self):
        done = run("doctor", "--workspace", self.workspace, env={"RLCM_RESOURCES": str(self.folder)})
        self.assertEqual(done.returncode, 1)
        self.assertIn("emoji-lcm", done.stdout)


class TestWindow(AppTest):
    @unittest.skipUnless(os.environ.get("RLCM_WORKBENCH"), "built without the window")
    def test_screenshot_shows_the_window_without_a_display(self):
        self.train_tiny()
        picture = self.folder / "window.png"
        done = subprocess.run([os.environ["RLCM_WORKBENCH"], "--workspace", str(self.workspace), "--screenshot", str(picture)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
        self.assertEqual(done.returncode, 0, done.stderr)
        width, height = png_size(picture)
        self.assertGreaterEqual(width, 1000)
        self.assertGreaterEqual(height, 600)


if __name__ == "__main__":
    unittest.main(verbosity=2)
