#include "core/shapes/vae_shape.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/shapes/config_reader.h"
#include "core/shapes/unet_shape.h"

namespace rlcm::shapes {

VaeShape VaeShape::fromJson(const Json& json, std::string_view where) {
    const ConfigReader reader(json, where);
    reader.only("_class_name", {"AutoencoderKL"});
    reader.only("act_fn", {"silu", "swish"});
    for (const char* key : {"shift_factor", "latents_mean", "latents_std"}) {
        reader.only(key, {});
    }
    VaeShape config;
    config.inChannels = reader.integer("in_channels", config.inChannels);
    config.outChannels = reader.integer("out_channels", config.outChannels);
    config.latentChannels = reader.integer("latent_channels", config.latentChannels);
    config.layersPerBlock = reader.integer("layers_per_block", config.layersPerBlock, 1, 64);
    config.normGroups = reader.integer("norm_num_groups", config.normGroups);
    config.sampleSize = reader.square("sample_size", config.sampleSize);
    config.blockOutChannels = reader.integers("block_out_channels", config.blockOutChannels);
    config.scalingFactor = reader.number("scaling_factor", config.scalingFactor);
    config.hasQuantConv = reader.boolean("use_quant_conv", config.hasQuantConv);
    config.hasPostQuantConv = reader.boolean("use_post_quant_conv", config.hasPostQuantConv);
    config.hasMidAttention = reader.boolean("mid_block_add_attention", config.hasMidAttention);
    config.forceUpcast = reader.boolean("force_upcast", config.forceUpcast);
    if (config.scalingFactor == 0.0) {
        reader.refuse("scaling_factor", "latents are divided by it");
    }
    for (const auto& [key, name] : {std::pair("down_block_types", "DownEncoderBlock2D"), std::pair("up_block_types", "UpDecoderBlock2D")}) {
        const std::vector<std::string> blocks = reader.texts(key, {name});
        if (blocks != std::vector<std::string>(config.blockOutChannels.size(), name)) {
            reader.refuse(key, std::string("one ") + name + " for each entry of block_out_channels is wanted");
        }
    }
    for (const std::int64_t channels : config.blockOutChannels) {
        if (channels % config.normGroups != 0) {
            reader.refuse("norm_num_groups", "it must divide every entry of block_out_channels, and " + std::to_string(channels) + " is one");
        }
    }
    return config;
}

std::int64_t VaeShape::downFactor() const {
    return std::int64_t{1} << (blockOutChannels.size() - 1);
}

std::int64_t VaeShape::parameters() const {
    const std::int64_t deepest = blockOutChannels.back(), attention = 2 * deepest + 4 * (deepest * deepest + deepest);
    const std::int64_t middle = 2 * resnetParameters(deepest, deepest, 0) + attention;
    std::int64_t total = 2 * middle + convParameters(3, blockOutChannels.front()) + convParameters(deepest, 2 * latentChannels) + 2 * deepest;
    total += convParameters(latentChannels, deepest) + convParameters(blockOutChannels.front(), 3) + 2 * blockOutChannels.front();
    total += convParameters(2 * latentChannels, 2 * latentChannels, 1) + convParameters(latentChannels, latentChannels, 1);
    for (std::size_t level = 0; level < blockOutChannels.size(); ++level) {
        const std::int64_t out = blockOutChannels[level];
        const std::int64_t above = blockOutChannels[level == 0 ? 0 : level - 1], below = blockOutChannels[std::min(level + 1, blockOutChannels.size() - 1)];
        const bool isLast = level + 1 == blockOutChannels.size();
        total += resnetParameters(above, out, 0) + (layersPerBlock - 1) * resnetParameters(out, out, 0) + (isLast ? 0 : convParameters(out, out));
        total += resnetParameters(below, out, 0) + layersPerBlock * resnetParameters(out, out, 0) + (level == 0 ? 0 : convParameters(out, out));
    }
    return total;
}

}  // namespace rlcm::shapes
