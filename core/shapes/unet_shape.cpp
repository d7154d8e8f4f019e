#include "core/shapes/unet_shape.h"

#include <algorithm>
#include <utility>

#include "core/shapes/config_reader.h"

namespace rlcm::shapes {
namespace {

constexpr std::int64_t kMostLayers = 64;
constexpr const char* kDepths = "transformer_layers_per_block";
constexpr const char* kUpDepths = "reverse_transformer_layers_per_block";
using Depths = std::vector<std::vector<std::int64_t>>;

/// What blocks of one direction are called, without and with cross-attention.
struct BlockNames {
    std::string plain, attending;
};

/// Whether each of `levels` blocks has cross-attention, from the block names.
std::vector<bool> readBlocks(const ConfigReader& reader, const char* key, std::vector<std::string> fallback, std::size_t levels, const BlockNames& names) {
    std::vector<bool> hasAttention;
    for (const std::string& name : reader.texts(key, std::move(fallback))) {
        if (name != names.plain && name != names.attending) {
            reader.refuseUnsupported(key, "only " + names.plain + " and " + names.attending + " are supported");
        }
        hasAttention.push_back(name == names.attending);
    }
    if (hasAttention.size() != levels) {
        reader.refuse(key, "as many names as in block_out_channels are wanted, " + std::to_string(levels));
    }
    return hasAttention;
}

/// Keys of architectures that we do not implement, with the only values that leave them out.
void refuseOtherArchitectures(const ConfigReader& reader) {
    reader.only("_class_name", {"UNet2DConditionModel"});
    reader.only("addition_embed_type", {"text_time"});
    if (!reader.has("addition_embed_type")) {
        reader.only("addition_time_embed_dim", {});
        reader.only("projection_class_embeddings_input_dim", {});
    }
    for (const char* key : {"class_embed_type", "cross_attention_norm", "encoder_hid_dim", "encoder_hid_dim_type", "num_attention_heads", "num_class_embeds",
                            "time_embedding_act_fn", "time_embedding_dim", "timestep_post_act"}) {
        reader.only(key, {});
    }
    for (const char* key : {"center_input_sample", "class_embeddings_concat", "dual_cross_attention", "mid_block_only_cross_attention", "only_cross_attention",
                            "resnet_skip_time_act", "upcast_attention"}) {
        reader.only(key, {false});
    }
    reader.only("act_fn", {"silu", "swish"});
    reader.only("attention_type", {"default"});
    reader.only("conv_in_kernel", {3});
    reader.only("conv_out_kernel", {3});
    reader.only("downsample_padding", {1});
    reader.only("dropout", {0.0});
    reader.only("mid_block_scale_factor", {1});
    reader.only("resnet_out_scale_factor", {1.0});
    reader.only("resnet_time_scale_shift", {"default"});
    reader.only("time_embedding_type", {"positional"});
}

/// The way up mirrors the way down unless the file gives its own list, in its own order.
Depths readUpDepths(const ConfigReader& reader, const Depths& down) {
    std::vector<std::int64_t> layers;
    Depths mirrored;
    for (auto level = down.rbegin(); level != down.rend(); ++level) {
        layers.push_back(static_cast<std::int64_t>(level->size()) + 1);
        mirrored.emplace_back(level->size() + 1, level->front());
    }
    if (reader.has(kUpDepths)) {
        return reader.perLayer(kUpDepths, 1, layers, kMostLayers);
    }
    if (reader.hasNested(kDepths)) {
        reader.refuse(kDepths, std::string("a list inside the list wants ") + kUpDepths + " for the way up");
    }
    return mirrored;
}

/// The depth of the middle block, which goes by the first of the last level, whether that level attends or not.
std::optional<std::int64_t> readMidDepth(const Json& json, const ConfigReader& reader, std::int64_t lastDepth) {
    if (json.contains("mid_block_type") && json["mid_block_type"].is_null()) {
        return std::nullopt;  // here null is a value of its own
    }
    reader.only("mid_block_type", {"UNetMidBlock2DCrossAttn", "UNetMidBlock2D"});
    if (reader.text("mid_block_type", "") == "UNetMidBlock2D") {
        return 0;
    }
    if (lastDepth == 0) {
        reader.refuse(kDepths, "its last entry is the middle block's too, which needs at least one transformer layer");
    }
    return lastDepth;
}

/// Sets the depth of blocks without attention, which the file may give, to 0.
void keepAttending(const ConfigReader& reader, const char* key, Depths& depths, const std::vector<bool>& attends) {
    for (std::size_t i = 0; i < depths.size(); ++i) {
        for (std::int64_t& depth : depths[i]) {
            if (attends[i] && depth == 0) {
                reader.refuse(key, "a block with attention needs at least one transformer layer");
            }
            depth = attends[i] ? depth : 0;
        }
    }
}

/// Layers of every block and the transformers behind them.
void readLayers(const Json& json, const ConfigReader& reader, UNetShape& config) {
    const std::size_t levels = config.blockOutChannels.size();
    const std::vector<bool> downAttends =
        readBlocks(reader, "down_block_types", {"CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"}, levels,
                   {"DownBlock2D", "CrossAttnDownBlock2D"});
    const std::vector<bool> upAttends = readBlocks(reader, "up_block_types", {"UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"},
                                                   levels, {"UpBlock2D", "CrossAttnUpBlock2D"});
    const std::vector<std::int64_t> layers = reader.perLevel("layers_per_block", 2, levels);
    if (std::any_of(layers.begin(), layers.end(), [](std::int64_t count) { return count > kMostLayers; })) {
        reader.refuseUnsupported("layers_per_block", "at most " + std::to_string(kMostLayers) + " layers are supported");
    }
    config.downDepths = reader.perLayer(kDepths, 1, layers, kMostLayers);
    config.upDepths = readUpDepths(reader, config.downDepths);
    config.midDepth = readMidDepth(json, reader, config.downDepths.back().front());
    keepAttending(reader, kDepths, config.downDepths, downAttends);
    keepAttending(reader, reader.has(kUpDepths) ? kUpDepths : kDepths, config.upDepths, upAttends);
}

std::optional<UNetShape::Addition> readAddition(const ConfigReader& reader) {
    if (!reader.has("addition_embed_type")) {
        return std::nullopt;
    }
    for (const char* key : {"addition_time_embed_dim", "projection_class_embeddings_input_dim"}) {
        if (!reader.has(key)) {
            reader.refuse(key, "addition_embed_type \"text_time\" needs it");
        }
    }
    UNetShape::Addition addition;
    addition.sinusoidWidth = reader.integer("addition_time_embed_dim", 0, 2);
    const std::int64_t input = reader.integer("projection_class_embeddings_input_dim", 0);
    addition.pooledWidth = input - UNetShape::Addition::kSizes * addition.sinusoidWidth;
    if (addition.pooledWidth <= 0) {
        reader.refuse("projection_class_embeddings_input_dim",
                      "it must be larger than six times addition_time_embed_dim, " + std::to_string(UNetShape::Addition::kSizes * addition.sinusoidWidth));
    }
    return addition;
}

void checkDivisibility(const ConfigReader& reader, const UNetShape& config) {
    const std::size_t levels = config.blockOutChannels.size();
    for (std::size_t i = 0; i < levels; ++i) {
        const std::int64_t channels = config.blockOutChannels[i];
        if (channels % config.normGroups != 0) {
            reader.refuse("norm_num_groups", "it must divide every entry of block_out_channels, and " + std::to_string(channels) + " is one");
        }
        const bool isAttending =
            config.downDepths[i].front() > 0 || config.upDepths[levels - 1 - i].front() > 0 || (i + 1 == levels && config.midDepth.value_or(0) > 0);
        if (isAttending && channels % config.heads[i] != 0) {
            reader.refuse("attention_head_dim", "it means the number of heads and must divide the channels of its block, " + std::to_string(channels));
        }
    }
    if (config.blockOutChannels[0] / 2 <= config.freqShift) {
        reader.refuse("freq_shift", "it must be smaller than half of the first entry of block_out_channels");
    }
    if (config.addition && config.addition->sinusoidWidth / 2 <= config.freqShift) {
        reader.refuse("addition_time_embed_dim", "half of it must be larger than freq_shift");
    }
}

}  // namespace

UNetShape UNetShape::fromJson(const Json& json, std::string_view where) {
    const ConfigReader reader(json, where);
    refuseOtherArchitectures(reader);
    UNetShape config;
    config.inChannels = reader.integer("in_channels", config.inChannels);
    config.outChannels = reader.integer("out_channels", config.outChannels);
    config.sampleSize = reader.square("sample_size", config.sampleSize);
    config.blockOutChannels = reader.integers("block_out_channels", config.blockOutChannels);
    const std::size_t levels = config.blockOutChannels.size();
    readLayers(json, reader, config);
    config.heads = reader.perLevel("attention_head_dim", 8, levels);
    // A list of equal widths is the same as one number.
    config.crossAttentionDim = reader.perLevel("cross_attention_dim", 1280, levels)[0];
    for (const std::int64_t width : reader.perLevel("cross_attention_dim", 1280, levels)) {
        if (width != config.crossAttentionDim) {
            reader.refuse("cross_attention_dim", "one width for all blocks is wanted");
        }
    }
    if (json.contains("norm_num_groups") && json["norm_num_groups"].is_null()) {
        reader.refuseUnsupported("norm_num_groups", "a network without norms is not supported");
    }
    config.normGroups = reader.integer("norm_num_groups", config.normGroups);
    config.normEps = reader.number("norm_eps", config.normEps);
    config.flipSinToCos = reader.boolean("flip_sin_to_cos", config.flipSinToCos);
    config.freqShift = reader.integer("freq_shift", config.freqShift, 0);
    config.timeCondProjDim = reader.optionalInteger("time_cond_proj_dim");
    config.addition = readAddition(reader);
    config.useLinearProjection = reader.boolean("use_linear_projection", config.useLinearProjection);
    checkDivisibility(reader, config);
    return config;
}

}  // namespace rlcm::shapes
