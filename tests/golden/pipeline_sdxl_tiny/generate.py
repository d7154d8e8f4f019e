#!/usr/bin/env python3
"""Makes this folder: a tiny random SDXL pipeline and what diffusers computes with it. Run from anywhere, it overwrites the files beside it."""
import json
import os
import shutil
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")

import diffusers
import numpy as np
import torch
import transformers
from diffusers import AutoencoderKL, DDIMScheduler, LCMScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from diffusers.schedulers import scheduling_lcm
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

HERE = Path(__file__).resolve().parent
TOKENS = 16
PROMPTS = ["a cat riding a bike", "Two DOGS! 42 hats"]
HEIGHT, WIDTH, STEPS, GUIDANCE, LCM_STEPS = 16, 24, 5, 3.0, 4
FACTOR = 2  # of the autoencoder

torch.set_num_threads(1)
torch.set_grad_enabled(False)


def stream(name):
    return np.random.Generator(np.random.PCG64([2026, *name.encode()]))


def normal(g, shape, std=1.0, mean=0.0):
    return torch.from_numpy((g.standard_normal(tuple(shape)) * std + mean).astype(np.float32))


def randomise(model, name, gain=1.0):
    """No weight stays zero or one."""
    g = stream(name)
    for key, p in model.named_parameters():
        if key.endswith("bias"):
            p.copy_(normal(g, p.shape, 0.1))
        elif p.ndim == 1:
            p.copy_(normal(g, p.shape, 0.2, 1.0))
        elif "embeddings" in key:
            p.copy_(normal(g, p.shape, 0.5))
        else:
            p.copy_(normal(g, p.shape, gain / p[0].numel() ** 0.5))
    return model.eval()


def byte_symbols():
    """The printable stand-ins of the 256 bytes, in the order of the CLIP vocabulary."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in kept]
    return [chr(b) for b in kept] + [chr(256 + i) for i in range(len(rest))]


def tokenizer(pad):
    symbols = byte_symbols()
    merges = [("c", "a"), ("ca", "t</w>"), ("d", "o"), ("do", "g"), ("dog", "s</w>"), ("i", "n"), ("in", "g</w>")]
    words = symbols + [s + "</w>" for s in symbols] + ["".join(m) for m in merges] + ["<|startoftext|>", "<|endoftext|>"]
    made = CLIPTokenizer(vocab={w: i for i, w in enumerate(words)}, merges=merges, unk_token="<|endoftext|>", bos_token="<|startoftext|>",
                         eos_token="<|endoftext|>", pad_token=pad, model_max_length=TOKENS)
    return made, words, merges


def text_config(words, **more):
    return CLIPTextConfig(vocab_size=len(words), num_attention_heads=2, num_hidden_layers=3, max_position_embeddings=TOKENS, bos_token_id=0,
                          eos_token_id=2, pad_token_id=1, **more)


def unet(**more):
    made = UNet2DConditionModel(sample_size=8, block_out_channels=(8, 16), layers_per_block=1, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                                up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(2, 4), transformer_layers_per_block=(1, 2),
                                cross_attention_dim=40, use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8,
                                projection_class_embeddings_input_dim=12 + 48, norm_num_groups=4, **more)
    # Strong adding and cross-attention, so that a wrong text, size or pooled vector shows in the pictures.
    randomise(made, "unet" + "".join(sorted(more)))
    for key, p in made.named_parameters():
        if key.startswith("add_embedding.linear_1.weight") or ".attn2.to_v" in key or ".attn2.to_q" in key:
            p.mul_(2.0)
    return made


class GivenNoise:
    """Stands in for the random draws of LCMScheduler.step."""

    def __init__(self, noise):
        self.noise, self.next = noise, 0

    def __call__(self, shape, **_):
        self.next += 1
        return self.noise[:, self.next - 1]


def run(pipe, latents, **more):
    out = pipe(prompt=list(PROMPTS), height=HEIGHT, width=WIDTH, latents=latents.clone(), output_type="latent", **more).images
    return out, pipe.vae.decode(out / pipe.vae.config.scaling_factor, return_dict=False)[0]


def u8(image):
    return (image / 2 + 0.5).clamp(0, 1).mul(255).round().to(torch.uint8)


def main():
    for old in HERE.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    first, words, merges = tokenizer("<|endoftext|>")
    second, _, _ = tokenizer("!")
    pipe = StableDiffusionXLPipeline(
        vae=randomise(AutoencoderKL(block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, sample_size=16, scaling_factor=0.13025,
                                    down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2), "vae"),
        text_encoder=randomise(CLIPTextModel(text_config(words, hidden_size=16, intermediate_size=32, hidden_act="quick_gelu")), "text1"),
        text_encoder_2=randomise(CLIPTextModelWithProjection(text_config(words, hidden_size=24, intermediate_size=48, hidden_act="gelu", projection_dim=12)), "text2"),
        tokenizer=first, tokenizer_2=second, unet=unet(),
        scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1),
        force_zeros_for_empty_prompt=True, add_watermarker=False)
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(HERE)
    # The layouts of the published models: text_model. prefix in the second encoder, vocab.json and merges.txt in its tokenizer.
    weights = HERE / "text_encoder_2" / "model.safetensors"
    tensors = {k if k.startswith(("text_model.", "text_projection")) else "text_model." + k: v for k, v in load_file(weights).items()}
    save_file(tensors, weights, {"format": "pt"})
    folder = HERE / "tokenizer_2"
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps({w: i for i, w in enumerate(words)}, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>",
                                                              "pad_token": "!", "model_max_length": TOKENS, "tokenizer_class": "CLIPTokenizer"}))
    lcm_unet = unet(time_cond_proj_dim=32)
    lcm_unet.save_pretrained(HERE / "unet_lcm")
    for stray in HERE.rglob(".gitignore"):
        stray.unlink()

    g = stream("inputs")
    io, facts = {}, {"prompts": PROMPTS, "steps": STEPS, "guidance": GUIDANCE, "lcm_steps": LCM_STEPS, "atol": 2e-5}
    for name, made in (("ids_1", first), ("ids_2", second)):
        io[name] = made(PROMPTS + [""], padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt").input_ids
    context, none, pooled, none_pooled = pipe.encode_prompt(PROMPTS, do_classifier_free_guidance=True, device="cpu", num_images_per_prompt=1)
    io |= {"context": context, "pooled": pooled, "none.context": none[:1], "none.pooled": none_pooled[:1]}
    _, empty, _, empty_pooled = pipe.encode_prompt(PROMPTS[:1], negative_prompt="", do_classifier_free_guidance=True, device="cpu", num_images_per_prompt=1)
    io |= {"empty.context": empty, "empty.pooled": empty_pooled}

    latents = normal(g, (len(PROMPTS), 4, HEIGHT // FACTOR, WIDTH // FACTOR))
    noise = normal(g, (len(PROMPTS), max(STEPS, LCM_STEPS), 4, HEIGHT // FACTOR, WIDTH // FACTOR))
    pictures = {}
    for name, zeros in (("base", True), ("empty", False)):
        pipe.register_to_config(force_zeros_for_empty_prompt=zeros)
        pictures[name] = run(pipe, latents, num_inference_steps=STEPS, guidance_scale=GUIDANCE)
    sized = run(pipe, latents, num_inference_steps=STEPS, guidance_scale=GUIDANCE, target_size=(WIDTH, HEIGHT), original_size=(WIDTH, HEIGHT))
    pipe.unet, pipe.scheduler = lcm_unet, LCMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    scheduling_lcm.randn_tensor = GivenNoise(noise)
    pictures["lcm"] = run(pipe, latents, num_inference_steps=LCM_STEPS, guidance_scale=GUIDANCE)
    for name, (final, image) in pictures.items():
        io |= {f"{name}.final": final, f"{name}.image": image, f"{name}.u8": u8(image)}
    facts["levels_of_difference"] = {"empty prompt instead of zeros": int((u8(pictures["base"][1]).int() - u8(pictures["empty"][1]).int()).abs().max()),
                                     "width and height exchanged": int((u8(sized[1]).int() - u8(pictures["empty"][1]).int()).abs().max())}

    vae = pipe.vae
    big = normal(g, (2, 4, 13, 22), 2.0)
    io["tiled.latent"], io["tiled.whole"] = big, vae.decode(big, return_dict=False)[0]
    vae.enable_tiling()
    io["tiled.image"] = vae.decode(big, return_dict=False)[0]
    save_file({k: v.contiguous() for k, v in io.items()}, HERE / "io.safetensors")
    save_file({"latents": latents, "noise": noise}, HERE / "latents.safetensors")
    facts["made_with"] = {"torch": torch.__version__, "diffusers": diffusers.__version__, "transformers": transformers.__version__, "numpy": np.__version__}
    (HERE / "expected.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(json.dumps(facts, indent=2))
    for name in ("base", "empty", "lcm"):
        print(name, pictures[name][1].min().item(), pictures[name][1].max().item(), pictures[name][1].std().item())
    print("tiling changes", (io["tiled.image"] - io["tiled.whole"]).abs().max().item(), sum(f.stat().st_size for f in HERE.rglob("*") if f.is_file()))


if __name__ == "__main__":
    main()
