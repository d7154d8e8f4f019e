"""The conversion of open_clip checkpoints. Stand-ins for torch and safetensors: only names, shapes and order are at stake."""
import json
import os
import subprocess
import sys
import unittest

from harness import MODELS, RESOURCES, AppTest, read_safetensors_header

SCRIPT = RESOURCES / "convert" / "open_clip_to_transformers.py"
LIKE = MODELS / "emoji-clip"

TORCH = """
import json

class Tensor:
    def __init__(self, shape, history=()):
        self.shape, self.history, self.dtype = list(shape), list(history), "f32"
    def then(self, shape, *what):
        return Tensor(shape, [*self.history, *what])
    def t(self):
        return self.then(self.shape[::-1], "turned")
    def chunk(self, count):
        return [self.then([self.shape[0] // count, *self.shape[1:]], i) for i in range(count)]
    def reshape(self, shape):
        return self.then(shape)
    def numel(self):
        return self.shape[0]
    def to(self, dtype):
        return self
    contiguous = clone = lambda self: self

float32, float16, bfloat16 = "f32", "f16", "bf16"

def load(file, map_location, weights_only):
    assert weights_only
    with open(file) as text:
        try:
            state = json.load(text)
        except ValueError:
            raise RuntimeError("no pickle") from None
    as_tensors = lambda part: {name: as_tensors(value) if isinstance(value, dict) else Tensor(value) if isinstance(value, list) else value
                               for name, value in part.items()}
    return as_tensors(state)
"""
SAFETENSORS = """
import json

def load_file(file):
    raise AssertionError("not asked for here")

def save_file(tensors, file, metadata):
    with open(file, "w") as text:
        json.dump({name: [tensor.shape, tensor.history] for name, tensor in tensors.items()}, text)
"""


def tower(prefix, width, layers):
    """Names and shapes of the residual blocks, as open_clip writes them."""
    shapes = {"attn.in_proj_weight": [3 * width, width], "attn.in_proj_bias": [3 * width], "attn.out_proj.weight": [width, width],
              "attn.out_proj.bias": [width], "mlp.c_fc.weight": [4 * width, width], "mlp.c_fc.bias": [4 * width],
              "mlp.c_proj.weight": [width, 4 * width], "mlp.c_proj.bias": [width],
              **{f"ln_{i}.{kind}": [width] for i in (1, 2) for kind in ("weight", "bias")}}
    return {f"{prefix}transformer.resblocks.{i}.{name}": shape for i in range(layers) for name, shape in shapes.items()}


def checkpoint():
    """A checkpoint of the bundled model's architecture."""
    config = json.loads((LIKE / "config.json").read_text())
    text, vision = config["text_config"], config["vision_config"]
    t, v, patch = text["hidden_size"], vision["hidden_size"], vision["patch_size"]
    places = (vision["image_size"] // patch) ** 2 + 1
    return {
        "logit_scale": [1], "text_projection": [t, config["projection_dim"]], "visual.proj": [v, config["projection_dim"]],
        "token_embedding.weight": [text["vocab_size"], t], "positional_embedding": [text["max_position_embeddings"], t],
        "visual.class_embedding": [v], "visual.positional_embedding": [places, v], "visual.conv1.weight": [v, 3, patch, patch],
        **{f"{norm}.{kind}": [t if norm == "ln_final" else v] for norm in ("ln_final", "visual.ln_pre", "visual.ln_post") for kind in ("weight", "bias")},
        **tower("", t, text["num_hidden_layers"]), **tower("visual.", v, vision["num_hidden_layers"]),
    }


class TestConversion(AppTest):
    def setUp(self):
        super().setUp()
        (self.folder / "safetensors").mkdir()
        (self.folder / "torch.py").write_text(TORCH)
        (self.folder / "safetensors" / "__init__.py").write_text("")
        (self.folder / "safetensors" / "torch.py").write_text(SAFETENSORS)
        self.out = self.folder / "out"

    def convert(self, content, like=LIKE, name="epoch_1.pt"):
        if content is not None:
            (self.folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
        return subprocess.run([sys.executable, SCRIPT, self.folder / name, self.out, "--like", like], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"})

    def test_result_has_the_names_and_shapes_of_a_clip_model(self):
        state = {f"module.{name}": shape for name, shape in checkpoint().items()}
        self.assert_done(self.convert({"epoch": 1, "name": "x", "state_dict": state}))
        result = json.loads((self.out / "model.safetensors").read_text())
        wanted = {name: entry["shape"] for name, entry in read_safetensors_header(LIKE / "model.safetensors").items() if name != "__metadata__"}
        self.assertEqual({name: shape for name, (shape, _) in result.items()}, wanted)
        turned = {name for name, (_, history) in result.items() if "turned" in history}
        self.assertEqual(turned, {"text_projection.weight", "visual_projection.weight"})
        for part, letter in enumerate("qkv"):
            self.assertEqual(result[f"vision_model.encoder.layers.1.self_attn.{letter}_proj.bias"][1], [part])
        for file in ("config.json", "vocab.json", "merges.txt", "tokenizer_config.json", "preprocessor_config.json"):
            self.assertEqual((self.out / file).read_bytes(), (LIKE / file).read_bytes())

    def test_what_cannot_be_converted_is_named(self):
        def refuse(content, *words, **more):
            with self.subTest(words=words):
                done = self.convert(content, **more)
                self.assert_refused(done, 1, *words)
                self.assertNotIn("Traceback", done.stderr)
                self.assertFalse(self.out.exists())

        whole = checkpoint()
        refuse({**whole, "logit_bias": []}, "logit_bias")
        refuse({**whole, "visual.transformer.resblocks.0.ls_1.gamma": [1]}, "ls_1")
        refuse({name: shape for name, shape in whole.items() if name != "visual.proj"}, "lacks", "visual_projection.weight")
        refuse({**whole, **tower("visual.", whole["visual.class_embedding"][0], 5)}, "layers of the image tower", "5")
        refuse({"epoch": 1}, "holds no weights")
        refuse("garbage", "epoch_1.pt", "damaged")
        refuse(None, "there is no file", name="absent.pt")
        refuse(whole, "lacks config.json", like=self.folder)


if __name__ == "__main__":
    unittest.main(verbosity=2)
