"""Adds `kohya_whole` and `diffusers_peft_whole` to this folder: one LoRA over every kind of layer, its output made by peft's own layers.

usage: python whole.py   (torch, diffusers, peft, safetensors)
"""
import json
import pathlib

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).resolve().parent
RANK, ALPHA, SEED = 4, 8, 20
LAYERS = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out", "conv1", "conv2", "conv_shortcut", "time_emb_proj",
          "conv_in", "conv_out", "downsamplers.0.conv", "upsamplers.0.conv", "linear_1", "linear_2"]


def main():
    index = json.loads((HERE / "formats.json").read_text())
    io = load_file(HERE / "io.safetensors")
    unet = UNet2DConditionModel.from_pretrained(HERE.parent / index["base"]).eval()
    unet.add_adapter(LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=LAYERS, init_lora_weights=False))
    generator = torch.Generator().manual_seed(SEED)
    factors = {}
    with torch.no_grad():
        for name, value in sorted(unet.named_parameters()):
            if ".lora_" in name:
                value.copy_(torch.randn(value.shape, generator=generator) * (0.2 if ".lora_A." in name else 0.05))
                factors[name.replace(".default.", ".")] = value.clone().contiguous()
        io["noise_pred.whole"] = unet(io["sample"], io["timestep"], io["encoder_hidden_states"], timestep_cond=io.get("timestep_cond")).sample
        wide = unet.double()
        exact = wide(io["sample"].double(), io["timestep"], io["encoder_hidden_states"].double(),
                     timestep_cond=io["timestep_cond"].double() if "timestep_cond" in io else None).sample
    index["output_atol"]["whole"] = max(2e-5, 8 * (exact - io["noise_pred.whole"].double()).abs().max().item())
    kohya = {}
    for name, value in factors.items():
        path, factor = name.rsplit(".lora_", 1)
        stem = "lora_unet_" + path.replace(".", "_")
        kohya[f"{stem}.lora_{'down' if factor.startswith('A') else 'up'}.weight"] = value
        kohya[f"{stem}.alpha"] = torch.tensor(float(ALPHA))
    settings = {"unet.r": RANK, "unet.lora_alpha": ALPHA, "unet.target_modules": LAYERS, "unet.lora_dropout": 0.0, "unet.bias": "none"}
    for folder, file, tensors, metadata in (
            ("kohya_whole", "lora.safetensors", kohya, {"ss_network_dim": str(RANK), "ss_network_alpha": str(float(ALPHA))}),
            ("diffusers_peft_whole", "pytorch_lora_weights.safetensors", {f"unet.{name}": value for name, value in factors.items()},
             {"lora_adapter_metadata": json.dumps(settings, sort_keys=True)})):
        (HERE / folder).mkdir(exist_ok=True)
        save_file(tensors, HERE / folder / file, metadata=metadata)
        index["formats"][folder] = {"expected": "whole"}
    save_file(io, HERE / "io.safetensors")
    (HERE / "formats.json").write_text(json.dumps(index, indent=1) + "\n")
    print(f"{len(factors) // 2} layers, output_atol {index['output_atol']['whole']:.2g}, output {io['noise_pred.whole'].abs().max():.3g}")


if __name__ == "__main__":
    main()
