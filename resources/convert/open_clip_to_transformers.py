#!/usr/bin/env python3
"""Turns a checkpoint of open_clip (HPS_v2.1_compressed.pt, open_clip_pytorch_model.bin) into a CLIPModel folder, as the
rewards hpsv2, clipscore and alignment read it. Needs torch and safetensors.

    python open_clip_to_transformers.py HPS_v2.1_compressed.pt HPSv2.1 --like CLIP-ViT-H-14-laion2B-s32B-b79K

--like is a CLIPModel folder of the same architecture. Only its small files are taken: config.json, the tokenizer and
preprocessor_config.json; for HPSv2 those of laion/CLIP-ViT-H-14-laion2B-s32B-b79K. The checkpoint does not say which
activation it was trained with: hidden_act must be quick_gelu for OpenAI's weights and open_clip's "-quickgelu" models,
gelu for the others.

The numbers are then open_clip's, and those of hpsv2 the package hpsv2's on a CPU with torchvision >= 0.17 (to 1e-6), but for texts in
which open_clip repairs something first: &amp;, curly quotes, ligatures.
"""
import argparse
import json
import pathlib
import pickle
import shutil
import sys

import torch
from safetensors.torch import load_file, save_file

SMALL_FILES = ["config.json", "preprocessor_config.json", "tokenizer_config.json", "vocab.json", "merges.txt", "tokenizer.json",
               "special_tokens_map.json"]
NEEDED_FILES = ["config.json", "preprocessor_config.json", "tokenizer_config.json"]
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}

# open_clip's name: (name in transformers, whether the matrix stands the other way round)
SINGLE = {
    "logit_scale": ("logit_scale", False),
    "text_projection": ("text_projection.weight", True),
    "token_embedding.weight": ("text_model.embeddings.token_embedding.weight", False),
    "positional_embedding": ("text_model.embeddings.position_embedding.weight", False),
    "ln_final.weight": ("text_model.final_layer_norm.weight", False),
    "ln_final.bias": ("text_model.final_layer_norm.bias", False),
    "visual.class_embedding": ("vision_model.embeddings.class_embedding", False),
    "visual.positional_embedding": ("vision_model.embeddings.position_embedding.weight", False),
    "visual.conv1.weight": ("vision_model.embeddings.patch_embedding.weight", False),
    "visual.ln_pre.weight": ("vision_model.pre_layrnorm.weight", False),  # spelt so in transformers
    "visual.ln_pre.bias": ("vision_model.pre_layrnorm.bias", False),
    "visual.ln_post.weight": ("vision_model.post_layernorm.weight", False),
    "visual.ln_post.bias": ("vision_model.post_layernorm.bias", False),
    "visual.proj": ("visual_projection.weight", True),
}
IN_LAYER = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2", "attn.out_proj": "self_attn.out_proj"}


def load_pickle(file):
    """What a .pt or .bin holds. Only tensors and plain values are read: a pickle with code in it is refused."""
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError) as problem:
        if "TorchScript" in str(problem):
            sys.exit(f"{file} is a TorchScript archive, as OpenAI's; openai/clip-vit-large-patch14 has the same weights and needs no conversion")
        sys.exit(f"{file} is damaged, or no checkpoint of tensors and plain values (nothing else is read: a pickle can run any code)")


def read_checkpoint(file):
    if not file.is_file():
        sys.exit(f"there is no file {file}")
    state = load_file(file) if file.suffix == ".safetensors" else load_pickle(file)
    state = state.get("state_dict", state) if isinstance(state, dict) else {}
    tensors = {name.removeprefix("module."): tensor for name, tensor in state.items() if isinstance(tensor, torch.Tensor)}
    if not tensors:
        sys.exit(f"{file} holds no weights")
    return tensors


def convert_layer(name, tensor, tower):
    """(name, tensor) pairs of one weight "N.rest" of a residual block."""
    number, rest = name.split(".", 1)
    layer = f"{tower}.encoder.layers.{number}."
    if rest.startswith("attn.in_proj_"):
        kind = rest.removeprefix("attn.in_proj_")
        return [(f"{layer}self_attn.{part}_proj.{kind}", piece) for part, piece in zip("qkv", tensor.chunk(3))]
    module, _, kind = rest.rpartition(".")
    if module not in IN_LAYER:
        sys.exit(f"the weight {name} is not known; this is no plain CLIP of open_clip")
    return [(f"{layer}{IN_LAYER[module]}.{kind}", tensor)]


def convert(state):
    result = {}
    for name, tensor in state.items():
        if name == "attn_mask":
            continue
        if name in SINGLE:
            target, is_turned = SINGLE[name]
            result[target] = tensor.t() if is_turned else tensor.reshape(()) if name == "logit_scale" else tensor
        elif name.startswith("visual.transformer.resblocks."):
            result.update(convert_layer(name.removeprefix("visual.transformer.resblocks."), tensor, "vision_model"))
        elif name.startswith("transformer.resblocks."):
            result.update(convert_layer(name.removeprefix("transformer.resblocks."), tensor, "text_model"))
        else:
            sys.exit(f"the weight {name} is not known; this is no plain CLIP of open_clip")
    missing = sorted(target for target, _ in SINGLE.values() if target not in result)
    if missing:
        sys.exit("the checkpoint lacks what becomes " + ", ".join(missing))
    return result


def check_architecture(tensors, config, like):
    text, vision = config["text_config"], config["vision_config"]
    layers = lambda tower: len({name.split(".")[3] for name in tensors if name.startswith(f"{tower}.encoder.layers.")})
    for what, ours, theirs in [
        ("width of the image tower", tensors["vision_model.post_layernorm.weight"].numel(), vision["hidden_size"]),
        ("layers of the image tower", layers("vision_model"), vision["num_hidden_layers"]),
        ("width of the text tower", tensors["text_model.final_layer_norm.weight"].numel(), text["hidden_size"]),
        ("layers of the text tower", layers("text_model"), text["num_hidden_layers"]),
        ("width of the embeddings", tensors["visual_projection.weight"].shape[0], config["projection_dim"]),
    ]:
        if ours != theirs:
            sys.exit(f"{what}: {ours} in the checkpoint, {theirs} in {like}; --like must be of the same architecture")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--like", type=pathlib.Path, required=True)
    parser.add_argument("--dtype", choices=DTYPES, help="of the weights written (default: as in the checkpoint)")
    arguments = parser.parse_args()
    for name in NEEDED_FILES:
        if not (arguments.like / name).exists():
            sys.exit(f"{arguments.like} lacks {name}")
    tensors = convert(read_checkpoint(arguments.checkpoint))
    check_architecture(tensors, json.loads((arguments.like / "config.json").read_text()), arguments.like)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in SMALL_FILES:
        if (arguments.like / name).exists():
            shutil.copy(arguments.like / name, arguments.out / name)
    tensors = {name: tensor.to(DTYPES.get(arguments.dtype, tensor.dtype)).contiguous().clone() for name, tensor in tensors.items()}
    save_file(tensors, arguments.out / "model.safetensors", metadata={"format": "pt"})
    print(f"{len(tensors)} tensors written to {arguments.out}")


if __name__ == "__main__":
    main()
