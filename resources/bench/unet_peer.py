"""The same network in diffusers with a peft LoRA: forward, and forward + backward of an RLCM update at one timestep.

Reads a UNet config.json, makes the network with random weights, and prints one JSON object: seconds of each timed call.
Needs torch, diffusers and peft. Called by `rlcm bench --shape sd15 --peer FOLDER --python PYTHON`.
"""
import argparse
import json
import resource
import time

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
TARGETS = ["to_q", "to_k", "to_v", "to_out.0"]


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    parser.add_argument("--resolution", type=int, default=512)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--dtype", choices=DTYPES, default="fp32")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--gradient-checkpointing", action="store_true")
    return parser.parse_args()


def make_unet(options):
    with open(options.config, encoding="utf-8") as file:
        unet = UNet2DConditionModel.from_config(json.load(file))
    unet.requires_grad_(False)
    unet.to(options.device, DTYPES[options.dtype])
    unet.add_adapter(LoraConfig(r=options.rank, lora_alpha=2 * options.rank, init_lora_weights="gaussian", target_modules=TARGETS))
    for parameter in unet.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    if options.gradient_checkpointing:
        unet.enable_gradient_checkpointing()
        unet.train()
    return unet


def make_inputs(unet, options):
    side = options.resolution // 8
    like = {"device": options.device, "dtype": DTYPES[options.dtype]}
    config = unet.config
    inputs = {
        "sample": torch.randn(options.batch, config.in_channels, side, side, **like),
        "timestep": torch.tensor([639], device=options.device),
        "encoder_hidden_states": torch.randn(options.batch, 77, config.cross_attention_dim, **like),
    }
    if config.time_cond_proj_dim:
        inputs["timestep_cond"] = torch.randn(options.batch, config.time_cond_proj_dim, **like)
    if config.addition_embed_type:
        pooled = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim
        sizes = torch.tensor([[options.resolution, options.resolution, 0, 0, options.resolution, options.resolution]], **like)
        inputs["added_cond_kwargs"] = {"text_embeds": torch.randn(options.batch, pooled, **like), "time_ids": sizes.expand(options.batch, -1)}
    return inputs


def loss_of(output, sample, target):
    """A Gaussian log-probability of the next latent and the clipped policy loss, with the arithmetic of one LCM step in fp32."""
    x, eps = sample.float(), output.float()
    denoised = (x - 0.87 * eps) / 0.49
    mean, std = 0.97 * denoised, 0.26
    log_prob = (-((target - mean) ** 2) / (2 * std**2)).mean(dim=(1, 2, 3))
    ratio = torch.exp(log_prob - log_prob.detach())
    return torch.maximum(-ratio, -torch.clamp(ratio, 1 - 1e-4, 1 + 1e-4)).mean()


def timed(options, call):
    seconds, processor = [], []
    for index in range(options.repeats + 1):
        start, start_processor = time.perf_counter(), time.process_time()
        call()
        if options.device != "cpu":
            torch.cuda.synchronize()
        if index > 0:
            seconds.append(time.perf_counter() - start)
            processor.append(time.process_time() - start_processor)
    return {"all_seconds": seconds, "all_processor_seconds": processor}


def main():
    options = read_options()
    if options.device == "auto":
        options.device = "cuda:0" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    unet = make_unet(options)
    inputs = make_inputs(unet, options)
    target = torch.randn(inputs["sample"].shape, device=options.device)
    trained = [parameter for parameter in unet.parameters() if parameter.requires_grad]
    autocast = torch.autocast(options.device.split(":")[0], dtype=DTYPES[options.dtype], enabled=options.dtype != "fp32")

    def forward():
        with torch.no_grad(), autocast:
            unet(**inputs)

    def update():
        with autocast:
            output = unet(**inputs).sample
        loss_of(output, inputs["sample"], target).backward()
        for parameter in trained:
            parameter.grad = None

    result = {"versions": {"torch": torch.__version__}, "forward": timed(options, forward)}
    result["update"] = timed(options, update)
    result["peak_bytes"] = (torch.cuda.max_memory_allocated() if options.device != "cpu"
                            else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
