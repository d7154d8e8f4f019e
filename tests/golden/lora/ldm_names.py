"""Makes `ldm_names.json` beside it: every linear layer and convolution of some UNets, name in the original layout (LDM) -> name in diffusers.

The LDM names are those of the network that `ldm_layers` spells out; what they are in diffusers, its two conversions say: that of single-file
checkpoints for every layer, and that of LoRA files, which must agree with it but for upsamplers behind blocks without attention: it takes
them for attentions.

usage: python ldm_names.py   (torch, diffusers)
"""
import json
import pathlib
import types

import torch
from diffusers import UNet2DConditionModel
from diffusers.loaders.lora_conversion_utils import _convert_non_diffusers_lora_to_diffusers, _maybe_map_sgm_blocks_to_diffusers
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint
from diffusers.utils.state_dict_utils import convert_unet_state_dict_to_peft

HERE = pathlib.Path(__file__).resolve().parent
PREFIX = "model.diffusion_model."


def blocks(levels, plain, attending):
    return [attending if has else plain for has in levels]


def config(channels, attends, layers, depth, **more):
    return dict(block_out_channels=channels, layers_per_block=layers, transformer_layers_per_block=depth,
                down_block_types=blocks(attends, "DownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=blocks(attends[::-1], "UpBlock2D", "CrossAttnUpBlock2D"), **more)


CONFIGS = {
    "sdxl": config([320, 640, 1280], [False, True, True], 2, [1, 2, 10], attention_head_dim=[5, 10, 20], cross_attention_dim=2048, use_linear_projection=True,
                   addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816),
    "three_layers": config([32, 64], [True, False], 3, [1, 1], attention_head_dim=2, cross_attention_dim=8),
    "one_layer": config([32, 32, 64, 64], [False, True, False, True], 1, [1, 1, 1, 1], attention_head_dim=2, cross_attention_dim=8),
}


def ldm_layers(c):
    """Paths of all layers with a matrix, in the order of the network."""
    depth, channels = c["transformer_layers_per_block"], c["block_out_channels"]
    attends = [name.startswith("Cross") for name in c["down_block_types"]]
    found = ["time_embed.0", "time_embed.2", "input_blocks.0.0", "out.2"]
    found += ["label_emb.0.0", "label_emb.0.2"] if c.get("addition_embed_type") else []

    def resnet(path, before, after):
        return [f"{path}.{layer}" for layer in ["in_layers.2", "emb_layers.1", "out_layers.3"] + ["skip_connection"] * (before != after)]

    def transformer(path, count):
        inner = [f"attn{i}.{layer}" for i in (1, 2) for layer in ("to_q", "to_k", "to_v", "to_out.0")] + ["ff.net.0.proj", "ff.net.2"]
        return [f"{path}.proj_in", f"{path}.proj_out"] + [f"{path}.transformer_blocks.{i}.{layer}" for i in range(count) for layer in inner]

    width, skips, number = channels[0], [channels[0]], 1
    for level, out in enumerate(channels):
        for _ in range(c["layers_per_block"]):
            found += resnet(f"input_blocks.{number}.0", width, out) + (transformer(f"input_blocks.{number}.1", depth[level]) if attends[level] else [])
            width, number = out, number + 1
            skips.append(out)
        if level + 1 < len(channels):
            found.append(f"input_blocks.{number}.0.op")
            number += 1
            skips.append(out)
    found += resnet("middle_block.0", width, width) + transformer("middle_block.1", depth[-1]) + resnet("middle_block.2", width, width)
    number = 0
    for level in reversed(range(len(channels))):
        for layer in range(c["layers_per_block"] + 1):
            found += resnet(f"output_blocks.{number}.0", width + skips.pop(), channels[level])
            found += transformer(f"output_blocks.{number}.1", depth[level]) if attends[level] else []
            if layer == c["layers_per_block"] and level > 0:
                found.append(f"output_blocks.{number}.{2 if attends[level] else 1}.conv")
            width, number = channels[level], number + 1
    return found


def from_checkpoint(names, c):
    marks = {f"{PREFIX}{name}.weight": object() for name in names}
    marks |= {f"{PREFIX}{name}.bias": None for name in names}  # the conversion takes some of them for granted
    back = {id(mark): key[len(PREFIX):-len(".weight")] for key, mark in marks.items() if mark}
    converted = convert_ldm_unet_checkpoint(dict(marks), c)
    return {back[id(mark)]: key.removesuffix(".weight") for key, mark in converted.items() if mark}


def from_lora(names, c):
    file, back = {}, {}
    for number, name in enumerate(names):
        stem = "lora_unet_" + name.replace(".", "_")
        file[f"{stem}.lora_down.weight"], file[f"{stem}.lora_up.weight"] = torch.tensor(number), torch.tensor(number)
        back[number] = name
    file = _maybe_map_sgm_blocks_to_diffusers(file, types.SimpleNamespace(**c))
    converted, _ = _convert_non_diffusers_lora_to_diffusers(file)
    peft = convert_unet_state_dict_to_peft({key.removeprefix("unet."): value for key, value in converted.items()})
    ending = ".lora_A.weight"
    return {back[int(value)]: key.removesuffix(ending) for key, value in peft.items() if key.endswith(ending)}


def main():
    tables = []
    for name, c in CONFIGS.items():
        with torch.device("meta"):
            network = UNet2DConditionModel(**c).state_dict()
        wanted = {key.removesuffix(".weight") for key, value in network.items() if key.endswith(".weight") and value.dim() > 1}
        table = from_checkpoint(ldm_layers(c), c)
        assert set(table.values()) == wanted and len(table) == len(wanted), set(table.values()) ^ wanted
        lora = from_lora(ldm_layers(c), c)
        differing = [key for key, path in table.items() if lora.get(key) != path]
        assert all(key.endswith(".1.conv") for key in differing), differing
        print(f"{name}: {len(table)} layers, read otherwise as a LoRA: {differing}")
        lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(path)}" for key, path in sorted(table.items()))
        tables.append(f'"{name}": {{"config": {json.dumps(c)}, "layers": {{\n{lines}}}}}')
    (HERE / "ldm_names.json").write_text("{" + ",\n".join(tables) + "}\n")


if __name__ == "__main__":
    main()
