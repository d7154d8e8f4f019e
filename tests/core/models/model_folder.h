#pragma once
// Model folders of real size that take no room: weight files with a true header and a hole for the numbers.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/base/files.h"
#include "core/base/json.h"

namespace rlcm::test {

namespace fs = std::filesystem;
using Shapes = std::map<std::string, std::vector<std::int64_t>>;

/// A manifest of golden/keys.
inline Shapes manifest(const char* name) {
    return readJsonFile(fs::path(RLCM_SOURCE_DIR) / "tests/golden/keys" / name).get<Shapes>();
}

inline void writeText(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

/// A safetensors file with the tensors of `shapes`; their bytes are a hole.
inline void writeHollow(const fs::path& file, const Shapes& shapes, const std::string& dtype = "F32") {
    Json header = Json::object();
    std::uint64_t end = 0;
    for (const auto& [name, shape] : shapes) {
        const std::uint64_t begin = end;
        std::uint64_t bytes = dtype == "F32" ? 4 : 2;
        for (const std::int64_t size : shape) {
            bytes *= static_cast<std::uint64_t>(size);
        }
        end += bytes;
        header[name] = {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {begin, end}}};
    }
    const std::string text = header.dump();
    std::string length(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        length[i] = static_cast<char>(text.size() >> (8 * i) & 0xff);
    }
    writeText(file, length + text);
    fs::resize_file(file, 8 + text.size() + end);
}

inline void clipLayers(Shapes& shapes, const std::string& prefix, std::int64_t layers, std::int64_t width) {
    for (std::int64_t i = 0; i < layers; ++i) {
        const std::string path = prefix + "encoder.layers." + std::to_string(i) + ".";
        for (const char* part : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj"}) {
            shapes[path + part + ".weight"] = {width, width};
            shapes[path + part + ".bias"] = {width};
        }
        shapes[path + "mlp.fc1.weight"] = {4 * width, width};
        shapes[path + "mlp.fc1.bias"] = {4 * width};
        shapes[path + "mlp.fc2.weight"] = {width, 4 * width};
        shapes[path + "mlp.fc2.bias"] = {width};
        for (const char* part : {"layer_norm1", "layer_norm2"}) {
            shapes[path + part + ".weight"] = {width};
            shapes[path + part + ".bias"] = {width};
        }
    }
}

/// Text tower of CLIP. source: formats.md, appendix B.
inline Shapes clipText(std::int64_t layers, std::int64_t width) {
    Shapes shapes{{"text_model.embeddings.token_embedding.weight", {49408, width}},
                  {"text_model.embeddings.position_embedding.weight", {77, width}},
                  {"text_model.final_layer_norm.weight", {width}},
                  {"text_model.final_layer_norm.bias", {width}}};
    clipLayers(shapes, "text_model.", layers, width);
    return shapes;
}

/// A whole CLIPModel.
inline Shapes clipModel(std::int64_t textLayers, std::int64_t textWidth, std::int64_t visionLayers, std::int64_t visionWidth, std::int64_t projection) {
    Shapes shapes = clipText(textLayers, textWidth);
    clipLayers(shapes, "vision_model.", visionLayers, visionWidth);
    shapes["vision_model.embeddings.class_embedding"] = {visionWidth};
    shapes["vision_model.embeddings.patch_embedding.weight"] = {visionWidth, 3, 14, 14};
    shapes["vision_model.embeddings.position_embedding.weight"] = {257, visionWidth};
    for (const char* norm : {"pre_layrnorm", "post_layernorm"}) {
        shapes[std::string("vision_model.") + norm + ".weight"] = {visionWidth};
        shapes[std::string("vision_model.") + norm + ".bias"] = {visionWidth};
    }
    shapes["text_projection.weight"] = {projection, textWidth};
    shapes["visual_projection.weight"] = {projection, visionWidth};
    shapes["logit_scale"] = {};
    return shapes;
}

inline void copyTokenizer(const fs::path& folder) {
    fs::create_directories(folder);
    for (const auto& entry : fs::directory_iterator(fs::path(RLCM_SOURCE_DIR) / "tests/tokenizer/clip")) {
        fs::copy_file(entry.path(), folder / entry.path().filename());
    }
}

/// LCM_Dreamshaper_v7 as published: 860 M parameters in the UNet, 768 px.
inline void writeDreamshaper(const fs::path& folder, const std::string& dtype = "F32") {
    writeText(folder / "model_index.json", R"({"_class_name": "LatentConsistencyModelPipeline", "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"], "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "LCMScheduler"], "safety_checker": [null, null]})");
    writeText(folder / "scheduler/scheduler_config.json", R"({"_class_name": "LCMScheduler", "beta_schedule": "scaled_linear"})");
    writeText(folder / "unet/config.json", R"({"_class_name": "UNet2DConditionModel", "block_out_channels": [320, 640, 1280, 1280], "attention_head_dim": 8,
        "cross_attention_dim": 768, "sample_size": 96, "time_cond_proj_dim": 256, "layers_per_block": 2, "norm_num_groups": 32})");
    writeText(folder / "vae/config.json", R"({"_class_name": "AutoencoderKL", "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2,
        "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"],
        "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D"], "sample_size": 768})");
    writeText(folder / "text_encoder/config.json", R"({"model_type": "clip_text_model", "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
        "num_attention_heads": 12, "vocab_size": 49408, "max_position_embeddings": 77, "projection_dim": 768, "eos_token_id": 2, "hidden_act": "quick_gelu"})");
    writeHollow(folder / "unet/diffusion_pytorch_model.safetensors", manifest("lcm_unet_keys.json"), dtype);
    writeHollow(folder / "vae/diffusion_pytorch_model.safetensors", manifest("vae_keys.json"), dtype);
    writeHollow(folder / "text_encoder/model.safetensors", clipText(12, 768), dtype);
    copyTokenizer(folder / "tokenizer");
}

}  // namespace rlcm::test
