#include <string>

#include "core/base/error.h"
#include "core/shapes/model_shape.h"

namespace rlcm::shapes {
namespace {

Json publishedSdUNet(std::int64_t sampleSize) {
    return {{"_class_name", "UNet2DConditionModel"},
            {"in_channels", 4},
            {"out_channels", 4},
            {"sample_size", sampleSize},
            {"cross_attention_dim", 768},
            {"block_out_channels", {320, 640, 1280, 1280}},
            {"layers_per_block", 2},
            {"attention_head_dim", 8},
            {"down_block_types", {"CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"}},
            {"up_block_types", {"UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"}}};
}

Json publishedSdxlUNet() {
    return {{"_class_name", "UNet2DConditionModel"},
            {"in_channels", 4},
            {"out_channels", 4},
            {"sample_size", 128},
            {"cross_attention_dim", 2048},
            {"block_out_channels", {320, 640, 1280}},
            {"layers_per_block", 2},
            {"attention_head_dim", {5, 10, 20}},
            {"transformer_layers_per_block", {1, 2, 10}},
            {"use_linear_projection", true},
            {"addition_embed_type", "text_time"},
            {"addition_time_embed_dim", 256},
            {"projection_class_embeddings_input_dim", 2816},
            {"down_block_types", {"DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"}},
            {"up_block_types", {"CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"}}};
}

}  // namespace

Json publishedUNet(std::string_view shape) {
    if (shape == "sd15") {
        return publishedSdUNet(64);
    }
    if (shape == "lcm") {
        Json config = publishedSdUNet(96);
        config["time_cond_proj_dim"] = 256;
        return config;
    }
    if (shape == "sdxl") {
        return publishedSdxlUNet();
    }
    throw Error(ErrorKind::Config, "there is no published shape \"" + std::string(shape) + "\"; use sd15, lcm or sdxl");
}

ModelShape publishedModel(std::string_view shape) {
    constexpr std::int64_t kClipL = 123'060'480, kClipG = 694'659'840;  // text towers with their embeddings, text_projection included
    VaeShape vae;
    vae.layersPerBlock = 2;
    vae.blockOutChannels = {128, 256, 512, 512};
    return {UNetShape::fromJson(publishedUNet(shape), shape), vae, shape == "sdxl" ? kClipL + kClipG : kClipL};
}

}  // namespace rlcm::shapes
