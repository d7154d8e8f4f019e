"""Models of a published shape with random weights: what they take in time and memory is what the published ones take."""
import json
import pathlib
import shutil

SOURCE = pathlib.Path(__file__).resolve().parents[2]


class MissingLibrary(Exception):
    """Something that is not there and is not needed: the step is left out."""


def write_lcm(folder, small=False):
    """A folder with the shape of LCM_Dreamshaper_v7 (512 px), or the bundled small model in its place."""
    if small:
        folder.symlink_to(SOURCE / "resources" / "models" / "emoji-lcm", target_is_directory=True)
        return
    try:
        import torch
        from diffusers import AutoencoderKL, LCMScheduler, UNet2DConditionModel
        from transformers import CLIPTextConfig, CLIPTextModel
    except ImportError as missing:
        raise MissingLibrary(f"random weights are made with diffusers and transformers: {missing}") from missing
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float16)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with torch.device(device):
        UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8, time_cond_proj_dim=256).save_pretrained(folder / "unet")
        AutoencoderKL(block_out_channels=(128, 256, 512, 512), down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4,
                      layers_per_block=2, latent_channels=4, sample_size=512, scaling_factor=0.18215).save_pretrained(folder / "vae")
        CLIPTextModel(CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, projection_dim=768)).save_pretrained(folder / "text_encoder")
    LCMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear").save_pretrained(folder / "scheduler")
    (folder / "tokenizer").mkdir()
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(SOURCE / "tests" / "tokenizer" / "clip" / name, folder / "tokenizer")
    (folder / "tokenizer" / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "bos_token": "<|startoftext|>",
                                                                           "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}))
    (folder / "tokenizer" / "special_tokens_map.json").write_text(json.dumps({"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}))
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "LatentConsistencyModelPipeline", "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
                                                         "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"], "scheduler": ["diffusers", "LCMScheduler"]}))
