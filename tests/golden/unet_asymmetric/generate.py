#!/usr/bin/env python3
"""Makes this folder: tiny random UNets whose attentions differ in depth within a level, and what diffusers computes with them."""
import copy
import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
SIZES = [[1024, 1024, 0, 0, 1024, 1024], [512, 768, 16, 32, 1024, 832]]
XL = dict(addition_embed_type="text_time", addition_time_embed_dim=4, projection_class_embeddings_input_dim=32, use_linear_projection=True)
MODELS = {
    "ssd": dict(block_out_channels=[4, 4, 4], layers_per_block=2, attention_head_dim=[1, 2, 2], norm_num_groups=2, cross_attention_dim=12, sample_size=8,
                down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
                up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], mid_block_type="UNetMidBlock2D",
                transformer_layers_per_block=[0, [2, 1], [1, 2]], reverse_transformer_layers_per_block=[[1, 2, 3], [2, 1, 1], 1], **XL),
    "middle": dict(block_out_channels=[4, 4], layers_per_block=1, attention_head_dim=2, norm_num_groups=2, cross_attention_dim=12, sample_size=8,
                   down_block_types=["CrossAttnDownBlock2D", "CrossAttnDownBlock2D"], up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
                   transformer_layers_per_block=[1, [2]], reverse_transformer_layers_per_block=[[2, 1], [1, 2]], time_cond_proj_dim=16),
}


def normal(generator, shape, std=1.0, mean=0.0):
    return torch.from_numpy((generator.standard_normal(tuple(shape)) * std + mean).astype(np.float32))


def randomise(model, generator):
    """No weight stays zero or one."""
    for key, value in model.named_parameters():
        is_norm = value.ndim == 1 and not key.endswith("bias")
        value.copy_(normal(generator, value.shape, 0.2 if value.ndim == 1 else 0.5 / value[0].numel() ** 0.5, 1.0 if is_norm else 0.0))
    return model.eval()


def taps(model):
    """Outputs that help to find the first block that differs."""
    found = {}

    def keep(name):
        return lambda module, inputs, output: found.update({name: (output[0] if isinstance(output, tuple) else output).clone()})

    names = ["conv_in", "mid_block"] + [f"{side}_blocks.{i}" for side in ("down", "up") for i in range(len(model.down_blocks))]
    names += ["add_embedding"] if model.config.addition_embed_type else []
    return found, [model.get_submodule(name).register_forward_hook(keep(name)) for name in names]


def case_of(config, generator):
    case = {"sample": normal(generator, [2, 4, 8, 12]), "timestep": torch.tensor([981, 101]),
            "encoder_hidden_states": normal(generator, [2, 5, config["cross_attention_dim"]])}
    if "time_cond_proj_dim" in config:
        case["timestep_cond"] = normal(generator, [2, config["time_cond_proj_dim"]])
    if "addition_embed_type" in config:
        pooled = config["projection_class_embeddings_input_dim"] - 6 * config["addition_time_embed_dim"]
        case |= {"text_embeds": normal(generator, [2, pooled]), "time_ids": torch.tensor(SIZES, dtype=torch.float32)}
    return case


def run(model, case):
    dtype = model.dtype
    added = {"text_embeds": case["text_embeds"].to(dtype), "time_ids": case["time_ids"]} if "time_ids" in case else None
    guidance = case["timestep_cond"].to(dtype) if "timestep_cond" in case else None
    return model(case["sample"].to(dtype), case["timestep"], case["encoder_hidden_states"].to(dtype), timestep_cond=guidance, added_cond_kwargs=added).sample


def make(name, config):
    generator = np.random.Generator(np.random.PCG64([2026, *name.encode()]))
    model = randomise(UNet2DConditionModel(**config), generator)
    model.save_pretrained(HERE / name)
    case = case_of(config, generator)
    found, hooks = taps(model)
    output = run(model, case)
    for hook in hooks:
        hook.remove()
    exact = run(copy.deepcopy(model).double(), case)
    error = (exact - output.double()).abs().max().item()
    io = {f"case0.{key}": value for key, value in case.items()} | {f"case0.tap.{key}": value for key, value in found.items()}
    io |= {"case0.noise_pred": output, "case0.noise_pred_f64": exact}
    save_file({key: value.contiguous() for key, value in io.items()}, HERE / name / "io.safetensors", metadata={"format": "pt"})
    facts = {"tensors": len(model.state_dict()), "parameters": sum(value.numel() for value in model.parameters()), "cases": 1, "f32_vs_f64_max_abs": error,
             "output_max_abs": output.abs().max().item(), "atol": 1e-5}
    assert 8 * error < facts["atol"], facts
    (HERE / name / "expected.json").write_text(json.dumps(facts, indent=1) + "\n")
    for file in (HERE / name).iterdir():
        file.chmod(0o644)
    print(name, facts)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    for name, config in MODELS.items():
        make(name, config)
