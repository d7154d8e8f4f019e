#include "core/run/model_dims.h"

#include <algorithm>
#include <string>

#include "core/base/error.h"
#include "core/run/model_registry.h"

namespace rlcm::run {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargest = 1 << 20;  // keeps products of sizes from a file inside 64 bits
constexpr std::int64_t kMostLayers = 64;    // of one block
using Depths = std::vector<std::vector<std::int64_t>>;

/// Reads sizes out of one config.json.
struct Sizes {
    const Json& config;
    std::string_view where;

    [[noreturn]] void refuse(const char* key) const {
        throw Error(ErrorKind::Format, std::string(where) + ": " + key + " is " + config.at(key).dump() + ", not a size or a list of sizes");
    }
    bool has(const char* key) const { return config.contains(key) && !config.at(key).is_null(); }
    std::int64_t checked(const char* key, const Json& value) const {
        if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::int64_t>() > kLargest) {
            refuse(key);
        }
        return value.get<std::int64_t>();
    }
    std::int64_t one(const char* key, std::int64_t fallback) const {
        if (!has(key)) {
            return fallback;
        }
        const Json& value = config.at(key);
        return checked(key, value.is_array() && !value.empty() ? value.front() : value);
    }
    /// A list, or one number for all `count` levels (0: as many as the list has).
    std::vector<std::int64_t> list(const char* key, std::vector<std::int64_t> fallback, std::size_t count = 0) const {
        if (!has(key)) {
            return fallback;
        }
        const Json& value = config.at(key);
        std::vector<std::int64_t> sizes;
        for (const Json& item : value.is_array() ? value : Json::array({value})) {
            sizes.push_back(checked(key, item));
        }
        if (sizes.size() == 1 && count > 1) {
            sizes.resize(count, sizes.front());
        }
        if (sizes.empty() || sizes.size() > 16 || (count > 0 && sizes.size() != count)) {
            refuse(key);
        }
        return sizes;
    }
    /// By block and layer: one number for all, or an entry for each block, which may be a list with a number for each of its `layers`.
    Depths depths(const char* key, const std::vector<std::int64_t>& layers) const {
        const Json whole = has(key) ? config.at(key) : Json(1);
        if (whole.is_array() && whole.size() != layers.size()) {
            refuse(key);
        }
        Depths rows;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const auto count = static_cast<std::size_t>(layers[i]);
            const Json& entry = whole.is_array() ? whole[i] : whole;
            if (entry.is_array() && entry.size() != count) {
                refuse(key);
            }
            std::vector<std::int64_t>& row = rows.emplace_back();
            for (std::size_t j = 0; j < count; ++j) {
                row.push_back(checked(key, entry.is_array() ? entry[j] : entry));
            }
        }
        return rows;
    }
    std::vector<bool> attends(const char* key, std::vector<bool> fallback, std::size_t count) const {
        if (has(key)) {
            fallback.clear();
            for (const Json& name : config.at(key)) {
                fallback.push_back(name.is_string() && name.get<std::string>().starts_with("CrossAttn"));
            }
        }
        if (fallback.size() != count) {
            throw Error(ErrorKind::Format, std::string(where) + ": " + key + " and block_out_channels differ in length");
        }
        return fallback;
    }
};

std::int64_t convParameters(std::int64_t in, std::int64_t out, std::int64_t kernel = 3) {
    return in * out * kernel * kernel + out;
}

std::int64_t resnetParameters(std::int64_t in, std::int64_t out, std::int64_t timeWidth) {
    const std::int64_t shortcut = in == out ? 0 : convParameters(in, out, 1);
    const std::int64_t time = timeWidth > 0 ? timeWidth * out + out : 0;
    return 2 * in + 2 * out + convParameters(in, out) + convParameters(out, out) + shortcut + time;
}

std::int64_t projectionsOf(std::int64_t channels, std::int64_t contextWidth) {
    return 6 * channels * channels + 2 * contextWidth * channels;
}

std::int64_t attentionParameters(std::int64_t channels, std::int64_t contextWidth, std::int64_t depth) {
    const std::int64_t feedForward = 12 * channels * channels + 9 * channels;
    const std::int64_t block = projectionsOf(channels, contextWidth) + 2 * channels + 6 * channels + feedForward;
    return 2 * channels + 2 * (channels * channels + channels) + depth * block;
}

std::int64_t textTowerParameters(const fs::path& file) {
    const Json config = readPythonJsonFile(file);
    const Sizes sizes{config, file.native()};
    const std::int64_t width = sizes.one("hidden_size", 512), inner = sizes.one("intermediate_size", 2048);
    const std::int64_t layer = 4 * (width * width + width) + 2 * width * inner + inner + width + 4 * width;
    return (sizes.one("vocab_size", 49408) + sizes.one("max_position_embeddings", 77)) * width + sizes.one("num_hidden_layers", 12) * layer + 2 * width;
}

/// A block without attention may have a depth in the file.
void keepAttending(Depths& depths, const std::vector<bool>& attends) {
    for (std::size_t i = 0; i < depths.size(); ++i) {
        if (!attends[i]) {
            depths[i].assign(depths[i].size(), 0);
        }
    }
}

/// Layers of all blocks and the transformers behind them; the way up mirrors the way down unless it has its own list.
void readLayers(const Sizes& sizes, UNetDims& dims) {
    const std::size_t levels = dims.channels.size();
    const std::vector<std::int64_t> layers = sizes.list("layers_per_block", std::vector<std::int64_t>(levels, 2), levels);
    std::vector<std::int64_t> upLayers;
    for (auto count = layers.rbegin(); count != layers.rend(); ++count) {
        if (*count < 1 || *count > kMostLayers) {
            sizes.refuse("layers_per_block");
        }
        upLayers.push_back(*count + 1);
    }
    Depths& down = dims.downDepths;
    down = sizes.depths("transformer_layers_per_block", layers);
    dims.upDepths = sizes.depths("reverse_transformer_layers_per_block", upLayers);
    for (std::size_t i = 0; i < levels && !sizes.has("reverse_transformer_layers_per_block"); ++i) {
        dims.upDepths[i].assign(dims.upDepths[i].size(), down[levels - 1 - i].front());
    }
    if (sizes.config.contains("mid_block_type") && !sizes.has("mid_block_type")) {
        dims.midDepth.reset();
    } else {
        dims.midDepth = sizes.has("mid_block_type") && sizes.config.at("mid_block_type") == "UNetMidBlock2D" ? 0 : down.back().front();
    }
    keepAttending(down, sizes.attends("down_block_types", {true, true, true, false}, levels));
    keepAttending(dims.upDepths, sizes.attends("up_block_types", {false, true, true, true}, levels));
}

Json publishedSdUNet(std::int64_t sampleSize) {
    return {{"_class_name", "UNet2DConditionModel"}, {"in_channels", 4}, {"out_channels", 4}, {"sample_size", sampleSize}, {"cross_attention_dim", 768},
            {"block_out_channels", {320, 640, 1280, 1280}}, {"layers_per_block", 2}, {"attention_head_dim", 8},
            {"down_block_types", {"CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"}},
            {"up_block_types", {"UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"}}};
}

Json publishedSdxlUNet() {
    return {{"_class_name", "UNet2DConditionModel"}, {"in_channels", 4}, {"out_channels", 4}, {"sample_size", 128}, {"cross_attention_dim", 2048},
            {"block_out_channels", {320, 640, 1280}}, {"layers_per_block", 2}, {"attention_head_dim", {5, 10, 20}},
            {"transformer_layers_per_block", {1, 2, 10}}, {"use_linear_projection", true}, {"addition_embed_type", "text_time"},
            {"addition_time_embed_dim", 256}, {"projection_class_embeddings_input_dim", 2816},
            {"down_block_types", {"DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"}},
            {"up_block_types", {"CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"}}};
}

}  // namespace

void UNetDims::forEachBlock(const std::function<void(const Block&)>& visit) const {
    const std::int64_t last = levels() - 1;
    const auto at = [](const auto& list, std::int64_t i) -> const auto& { return list[static_cast<std::size_t>(i)]; };
    std::int64_t before = channels.front();
    std::vector<std::int64_t> skips{before};
    for (std::int64_t level = 0; level <= last; ++level) {
        const std::int64_t out = at(channels, level);
        const std::vector<std::int64_t>& depths = at(downDepths, level);
        for (std::size_t j = 0; j < depths.size(); ++j) {
            visit({Block::Part::Down, level, before, out, 0, depths[j], j + 1 == depths.size() && level < last});
            before = out;
            skips.push_back(out);
        }
        if (level < last) {
            skips.push_back(out);
        }
    }
    if (midDepth) {
        visit({Block::Part::Mid, last, before, before, 0, *midDepth, false});
    }
    if (midDepth.value_or(0) > 0) {
        visit({Block::Part::Mid, last, before, before, 0, 0, false});
    }
    for (std::int64_t level = last; level >= 0; --level) {
        const std::int64_t out = at(channels, level);
        const std::vector<std::int64_t>& depths = at(upDepths, last - level);
        for (std::size_t j = 0; j < depths.size(); ++j) {
            visit({Block::Part::Up, level, before + skips.back(), out, skips.back(), depths[j], j + 1 == depths.size() && level > 0});
            before = out;
            skips.pop_back();
        }
    }
}

std::int64_t UNetDims::parameters() const {
    const std::int64_t first = channels.front(), timeWidth = 4 * first;
    std::int64_t total = convParameters(inChannels, first) + convParameters(first, outChannels) + 2 * first;
    total += first * timeWidth + timeWidth + timeWidth * timeWidth + timeWidth + guidanceWidth * first;
    total += additionWidth > 0 ? additionWidth * timeWidth + timeWidth + timeWidth * timeWidth + timeWidth : 0;
    forEachBlock([&](const Block& block) {
        total += resnetParameters(block.in, block.out, timeWidth);
        total += block.depth > 0 ? attentionParameters(block.out, contextWidth, block.depth) : 0;
        total += block.resizesAfter ? convParameters(block.out, block.out) : 0;
    });
    return total;
}

std::int64_t UNetDims::projectionElements() const {
    std::int64_t total = 0;
    forEachBlock([&](const Block& block) { total += block.depth * projectionsOf(block.out, contextWidth); });
    return total;
}

std::int64_t UNetDims::loraElements(std::int64_t rank) const {
    std::int64_t total = 0;
    forEachBlock([&](const Block& block) { total += block.depth * rank * (14 * block.out + 2 * contextWidth); });
    return total;
}

double UNetDims::multiplications() const {
    double total = 0;
    forEachBlock([&](const Block& block) {
        const std::int64_t side = std::max<std::int64_t>(1, latentSide >> block.level), pixels = side * side;
        // Every weight meets every pixel once; attention meets every pair, twice.
        const std::int64_t weights = resnetParameters(block.in, block.out, 0) + (block.depth > 0 ? attentionParameters(block.out, contextWidth, block.depth) : 0);
        const std::int64_t attended = 2 * block.depth * block.out * (pixels + contextTokens);
        const std::int64_t resized = block.resizesAfter ? (block.part == Block::Part::Up ? 16 : 9) * block.out * block.out : 0;
        const double after = block.part == Block::Part::Up ? 1.0 : 0.25;
        total += static_cast<double>(pixels) * (static_cast<double>(weights + attended) + after * static_cast<double>(resized));
    });
    return total;
}

UNetDims UNetDims::fromJson(const Json& config, std::string_view where) {
    const Sizes sizes{config, where};
    UNetDims dims;
    dims.inChannels = sizes.one("in_channels", 4);
    dims.outChannels = sizes.one("out_channels", 4);
    dims.latentSide = sizes.one("sample_size", 64);
    dims.contextWidth = sizes.one("cross_attention_dim", 1280);
    dims.guidanceWidth = sizes.one("time_cond_proj_dim", 0);
    dims.additionWidth = sizes.has("addition_embed_type") ? sizes.one("projection_class_embeddings_input_dim", 0) : 0;
    dims.channels = sizes.list("block_out_channels", dims.channels);
    readLayers(sizes, dims);
    return dims;
}

std::int64_t VaeDims::parameters() const {
    const std::int64_t deepest = channels.back(), attention = 2 * deepest + 4 * (deepest * deepest + deepest);
    const std::int64_t middle = 2 * resnetParameters(deepest, deepest, 0) + attention;
    std::int64_t total = 2 * middle + convParameters(3, channels.front()) + convParameters(deepest, 2 * latentChannels) + 2 * deepest;
    total += convParameters(latentChannels, deepest) + convParameters(channels.front(), 3) + 2 * channels.front();
    total += convParameters(2 * latentChannels, 2 * latentChannels, 1) + convParameters(latentChannels, latentChannels, 1);
    for (std::size_t level = 0; level < channels.size(); ++level) {
        const std::int64_t out = channels[level];
        const std::int64_t above = channels[level == 0 ? 0 : level - 1], below = channels[std::min(level + 1, channels.size() - 1)];
        const bool isLast = level + 1 == channels.size();
        total += resnetParameters(above, out, 0) + (layers - 1) * resnetParameters(out, out, 0) + (isLast ? 0 : convParameters(out, out));
        total += resnetParameters(below, out, 0) + layers * resnetParameters(out, out, 0) + (level == 0 ? 0 : convParameters(out, out));
    }
    return total;
}

VaeDims VaeDims::fromJson(const Json& config, std::string_view where) {
    const Sizes sizes{config, where};
    VaeDims dims;
    dims.latentChannels = sizes.one("latent_channels", 4);
    dims.layers = sizes.one("layers_per_block", 1);
    dims.channels = sizes.list("block_out_channels", {64});
    dims.isUpcast = !sizes.has("force_upcast") || config.at("force_upcast") == true;
    return dims;
}

ModelDims readModelDims(const fs::path& folder) {
    const fs::path unet = folder / "unet" / "config.json", vae = folder / "vae" / "config.json";
    ModelDims dims{UNetDims::fromJson(readPythonJsonFile(unet), unet.native()), VaeDims::fromJson(readPythonJsonFile(vae), vae.native()), 0};
    for (const char* name : {"text_encoder", "text_encoder_2"}) {
        const fs::path file = folder / name / "config.json";
        if (fs::exists(file)) {
            dims.textParameters += textTowerParameters(file);
            const Json config = readPythonJsonFile(file);
            dims.unet.contextTokens = Sizes{config, file.native()}.one("max_position_embeddings", 77);
        }
    }
    return dims;
}

std::optional<ModelDims> findModelDims(std::string_view nameOrFolder) {
    try {
        return readModelDims(modelFolder(nameOrFolder));
    } catch (const Error&) {
        return {};  // the model is looked at in earnest, with its message, when the run starts
    }
}

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

ModelDims publishedModel(std::string_view shape) {
    constexpr std::int64_t kClipL = 123'060'480, kClipG = 694'659'840;  // text towers with their embeddings, text_projection included
    return {UNetDims::fromJson(publishedUNet(shape), shape), VaeDims{}, shape == "sdxl" ? kClipL + kClipG : kClipL};
}

}  // namespace rlcm::run
