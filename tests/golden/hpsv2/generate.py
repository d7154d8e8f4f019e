#!/usr/bin/env python3
"""Makes this folder: images of several shapes, prepared by the package hpsv2, and scores of the bundled emoji-clip on them."""
import importlib
import importlib.util
import json
import os
import sys
import types
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPModel, CLIPTokenizerFast
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

HERE = Path(__file__).resolve().parent
EMOJI_CLIP = HERE.parents[2] / "resources/models/emoji-clip"
CROP = 24
# name: (height, width, prompt). No longer side is one of the tower's 64: the package leaves such images without the black.
CASES = {
    "half": (37, 48, "dog"),  # 18.5 rows become 18
    "tall": (61, 43, "a dog on a beach"),
    "strip": (20, 150, "fish"),
    "enlarged": (11, 20, "zebra"),
    "square": (40, 40, "bird"),
    "same": (CROP, CROP, "frog"),
}


def whole(size):
    """The package's transform of evaluation images, from its own file; the rest of the package wants its command line's libraries."""
    folder = importlib.util.find_spec("hpsv2").submodule_search_locations[0]
    package = sys.modules.setdefault("hpsv2_transforms", types.ModuleType("hpsv2_transforms"))
    package.__path__ = [str(Path(folder) / "src/open_clip")]
    transform = importlib.import_module("hpsv2_transforms.transform")
    return transform.image_transform(size, is_train=False, resize_longest_max=True)


def picture(generator, height, width):
    """Coloured blocks with hard edges, where a bicubic filter overshoots, under a little noise."""
    blocks = generator.integers(0, 256, (height // 6 + 1, width // 6 + 1, 3)).repeat(6, 0).repeat(6, 1)[:height, :width]
    return np.clip(blocks + generator.integers(-20, 21, blocks.shape), 0, 255).astype(np.uint8)


def features(output):
    """Unit length."""
    rows = getattr(output, "pooler_output", output)
    return rows / rows.norm(dim=-1, keepdim=True)


@torch.no_grad()
def cosines(model, tokenizer, pixels, prompts):
    text = tokenizer(prompts, padding="max_length", max_length=16, truncation=True, return_tensors="pt")
    return (features(model.get_image_features(pixels)) * features(model.get_text_features(**text))).sum(1).double()


def main():
    torch.set_num_threads(1)
    generator = np.random.default_rng(2)
    images = {name: Image.fromarray(picture(generator, height, width)) for name, (height, width, _) in CASES.items()}
    tensors = {f"{name}.image": torch.from_numpy(np.array(image)) for name, image in images.items()}
    tensors |= {f"{name}.pixels": whole(CROP)(image) for name, image in images.items()}
    save_file(tensors, HERE / "io.safetensors")

    model, tokenizer = CLIPModel.from_pretrained(EMOJI_CLIP).eval(), CLIPTokenizerFast.from_pretrained(EMOJI_CLIP)
    cropped = CLIPImageProcessorPil.from_pretrained(EMOJI_CLIP)(images=list(images.values()), return_tensors="pt")["pixel_values"]
    uncropped = torch.stack([whole(cropped.shape[-1])(image) for image in images.values()])
    prompts = [prompt for _, _, prompt in CASES.values()]
    alignment = cosines(model, tokenizer, cropped, prompts)
    captions = cosines(model, tokenizer, cropped, ["A photo depicts " + prompt for prompt in prompts])
    scores = {
        "hpsv2": cosines(model, tokenizer, uncropped, prompts),
        "alignment": alignment,
        "clipscore": 2.5 * captions.clamp(min=0),
        "pickscore": model.logit_scale.exp().double().item() * alignment,
    }
    expected = {"crop": CROP, "cases": list(CASES), "prompts": prompts, "scores": {term: values.tolist() for term, values in scores.items()}}
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
