"""The same calls with diffusers and peft: a forward pass without gradient and an RLCM update at one timestep as far as the gradient of the LoRA.

`rlcm bench --shape lcm --peer` starts it, alternating with its own; one JSON document on standard output.
"""
import argparse
import json
import time

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def timed(device, repeats, call):
    """Seconds by the clock and by the processor of each call after one that warms up, and the most memory."""
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    clock, processor = [], []
    for repeat in range(repeats + 1):
        if repeat == 1 and device.type == "cuda":
            torch.cuda.reset_peak_memory_stats()
        wait()
        begin, used = time.perf_counter(), time.process_time()
        call()
        wait()
        if repeat > 0:
            clock.append(time.perf_counter() - begin)
            processor.append(time.process_time() - used)
    peak = torch.cuda.max_memory_allocated() if device.type == "cuda" else None
    return {"all_seconds": clock, "all_processor_seconds": processor, "peak_bytes": peak}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    for name, value in (("--rank", 16), ("--repeats", 3), ("--resolution", 512), ("--batch", 1), ("--threads", 1)):
        parser.add_argument(name, type=int, default=value)
    parser.add_argument("--dtype", choices=DTYPES, default="fp32")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--gradient-checkpointing", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    device, dtype = torch.device("cuda" if options.device.startswith("cuda") else "cpu"), DTYPES[options.dtype]
    with open(options.config) as file:
        config = {key: value for key, value in json.load(file).items() if not key.startswith("_")}
    with device:
        unet = UNet2DConditionModel(**config).to(dtype).requires_grad_(False)
    unet.add_adapter(LoraConfig(r=options.rank, lora_alpha=options.rank, init_lora_weights="gaussian", target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
    for parameter in unet.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    if options.gradient_checkpointing:
        unet.enable_gradient_checkpointing()
        unet.train()
    rows, side = options.batch, options.resolution // 8
    noise = lambda *shape: torch.randn(*shape, device=device, dtype=dtype)  # noqa: E731
    cross = config["cross_attention_dim"]
    sample, context = noise(rows, 4, side, side), noise(rows, 77, cross)
    timestep = torch.full((rows,), 499, device=device)
    arguments = {"timestep_cond": noise(rows, config["time_cond_proj_dim"])} if config.get("time_cond_proj_dim") else {}
    if config.get("addition_embed_type") == "text_time":
        arguments["added_cond_kwargs"] = {"text_embeds": noise(rows, 1280), "time_ids": noise(rows, 6)}
    following = torch.randn(rows, 4, side, side, device=device)
    advantages = torch.randn(rows, device=device)

    def predict():
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            return unet(sample, timestep, context, return_dict=False, **arguments)[0]

    def forward():
        with torch.no_grad():
            predict()

    def update():
        mean = 0.5 * sample.float() + 0.5 * predict().float()
        log_probability = -((following - mean) ** 2).mean(dim=(1, 2, 3))
        ratio = torch.exp(log_probability - log_probability.detach())
        (-advantages * ratio).mean().backward()
        for parameter in unet.parameters():
            parameter.grad = None

    result = {"versions": {"torch": torch.__version__}, "forward": timed(device, options.repeats, forward), "update": timed(device, options.repeats, update)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
