#include "core/models/vae.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/models/component.h"
#include "core/nn/attention.h"
#include "core/nn/layers.h"
#include "core/nn/resnet_block.h"
#include "core/nn/upsample.h"
#include "core/shapes/config_reader.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

constexpr double kNormEps = 1e-6;
constexpr std::int64_t kLargestWhole = 1024;          // pixels a side; above, the middle attention and the last level need too much memory
constexpr std::int64_t kLargestTogether = 768 * 768;  // pixels of an image from which a batch gains nothing and costs memory
constexpr std::int64_t kSmallestTile = 4;             // latent pixels

/// Attention of the middle block: one head over all pixels.
struct PixelAttention {
    nn::GroupNorm norm;
    nn::Linear query, key, value, out;

    static PixelAttention take(nn::Weights& weights, const std::string& path, std::int64_t channels, std::int64_t groups) {
        return {nn::GroupNorm::take(weights, path + ".group_norm", channels, groups, kNormEps), nn::Linear::take(weights, path + ".to_q", channels, channels),
                nn::Linear::take(weights, path + ".to_k", channels, channels), nn::Linear::take(weights, path + ".to_v", channels, channels),
                nn::Linear::take(weights, path + ".to_out.0", channels, channels)};
    }
    at::Tensor operator()(const at::Tensor& x) const {
        const at::Tensor pixels = norm(x).permute({0, 2, 3, 1}).flatten(1, 2);
        const at::Tensor mixed = out(nn::attention(query(pixels), key(pixels), value(pixels), 1));
        return x + mixed.view({x.size(0), x.size(2), x.size(3), x.size(1)}).permute({0, 3, 1, 2});
    }
};

struct Middle {
    nn::ResnetBlock first, second;
    std::optional<PixelAttention> attention;

    static Middle take(nn::Weights& weights, const std::string& path, const shapes::VaeShape& config) {
        const std::int64_t channels = config.blockOutChannels.back();
        const nn::ResnetBlock::Shape shape{channels, channels, config.normGroups, kNormEps, 0};
        Middle middle{nn::ResnetBlock::take(weights, path + ".resnets.0", shape), nn::ResnetBlock::take(weights, path + ".resnets.1", shape), {}};
        if (config.hasMidAttention) {
            middle.attention = PixelAttention::take(weights, path + ".attentions.0", channels, config.normGroups);
        }
        return middle;
    }
    at::Tensor operator()(at::Tensor x) const {
        x = first(std::move(x));
        return second(attention ? (*attention)(x) : std::move(x));
    }
};

/// One level of the encoder or the decoder.
struct Level {
    std::vector<nn::ResnetBlock> resnets;
    std::optional<nn::Conv> halve;
    std::optional<nn::Upsample> twice;
};

struct Half {
    nn::Conv convIn, convOut;
    Middle middle;
    std::vector<Level> levels;
    nn::GroupNorm normOut;
};

struct LevelSizes {
    std::int64_t in, out, layers;
};

Level takeLevel(nn::Weights& weights, const std::string& path, const shapes::VaeShape& config, const LevelSizes& sizes) {
    Level level;
    for (std::int64_t j = 0; j < sizes.layers; ++j) {
        level.resnets.push_back(
            nn::ResnetBlock::take(weights, path + ".resnets." + std::to_string(j), {j == 0 ? sizes.in : sizes.out, sizes.out, config.normGroups, kNormEps, 0}));
    }
    return level;
}

Half takeEncoder(nn::Weights& weights, const shapes::VaeShape& config) {
    const auto& channels = config.blockOutChannels;
    Half half;
    half.convIn = nn::Conv::take(weights, "encoder.conv_in", config.inChannels, channels[0], 3);
    for (std::size_t i = 0; i < channels.size(); ++i) {
        const std::string path = "encoder.down_blocks." + std::to_string(i);
        Level level = takeLevel(weights, path, config, {channels[i == 0 ? 0 : i - 1], channels[i], config.layersPerBlock});
        if (i + 1 < channels.size()) {
            level.halve = nn::Conv::takeHalving(weights, path + ".downsamplers.0.conv", channels[i]);
            level.halve->padding = 0;
        }
        half.levels.push_back(std::move(level));
    }
    half.middle = Middle::take(weights, "encoder.mid_block", config);
    half.normOut = nn::GroupNorm::take(weights, "encoder.conv_norm_out", channels.back(), config.normGroups, kNormEps);
    half.convOut = nn::Conv::take(weights, "encoder.conv_out", channels.back(), 2 * config.latentChannels, 3);
    return half;
}

Half takeDecoder(nn::Weights& weights, const shapes::VaeShape& config) {
    const std::vector<std::int64_t> channels(config.blockOutChannels.rbegin(), config.blockOutChannels.rend());
    Half half;
    half.convIn = nn::Conv::take(weights, "decoder.conv_in", config.latentChannels, channels[0], 3);
    half.middle = Middle::take(weights, "decoder.mid_block", config);
    for (std::size_t i = 0; i < channels.size(); ++i) {
        const std::string path = "decoder.up_blocks." + std::to_string(i);
        Level level = takeLevel(weights, path, config, {channels[i == 0 ? 0 : i - 1], channels[i], config.layersPerBlock + 1});
        if (i + 1 < channels.size()) {
            level.twice = nn::Upsample::take(weights, path + ".upsamplers.0.conv", channels[i], channels[i]);
        }
        half.levels.push_back(std::move(level));
    }
    half.normOut = nn::GroupNorm::take(weights, "decoder.conv_norm_out", channels.back(), config.normGroups, kNormEps);
    half.convOut = nn::Conv::take(weights, "decoder.conv_out", channels.back(), config.outChannels, 3);
    return half;
}

/// Old files call the middle attention's layers query, key, value, proj_attn, and may store them as 1x1 convolutions.
std::map<std::string, nn::StoredTensor> withCurrentNames(std::map<std::string, nn::StoredTensor> tensors) {
    for (const char* side : {"encoder", "decoder"}) {
        const std::string path = std::string(side) + ".mid_block.attentions.0.";
        for (const auto& [before, now] :
             {std::pair("query", "to_q"), std::pair("key", "to_k"), std::pair("value", "to_v"), std::pair("proj_attn", "to_out.0")}) {
            for (const char* part : {".weight", ".bias"}) {
                if (auto node = tensors.extract(path + before + part); !node.empty()) {
                    node.key() = path + now + part;
                    tensors.insert(std::move(node));
                }
            }
            const auto found = tensors.find(path + now + ".weight");
            if (found != tensors.end() && found->second.shape.size() == 4 && found->second.shape[2] == 1 && found->second.shape[3] == 1) {
                found->second.shape.resize(2);
                found->second.read = [read = found->second.read] { return read().flatten(1); };
            }
        }
    }
    return tensors;
}

/// Fades the first `extent` rows (axis 2) or columns (axis 3) of a tile in over the last ones of the tile before it.
void blend(const at::Tensor& before, at::Tensor& tile, std::int64_t axis, std::int64_t extent) {
    const std::int64_t length = std::min({extent, before.size(axis), tile.size(axis)});
    std::vector<std::int64_t> shape{1, 1, 1, 1};
    shape[static_cast<std::size_t>(axis)] = length;
    const at::Tensor share = (at::arange(length, tile.options().dtype(at::kFloat)) / static_cast<double>(length)).reshape(shape);
    at::Tensor edge = tile.narrow(axis, 0, length);
    edge.copy_(before.narrow(axis, before.size(axis) - length, length) * (1.0 - share) + edge * share);
}

}  // namespace

struct Vae::Impl {
    shapes::VaeShape config;
    Half encoder, decoder;
    std::optional<nn::Conv> quant, postQuant;
};

Vae::Vae(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Vae::~Vae() = default;
Vae::Vae(Vae&&) noexcept = default;
Vae& Vae::operator=(Vae&&) noexcept = default;

const shapes::VaeShape& Vae::config() const {
    return m_impl->config;
}

Vae Vae::load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device) {
    const shapes::VaeShape config = shapes::VaeShape::fromJson(readConfig(folder), (folder / "config.json").string());
    const std::filesystem::path file = findWeightFile(folder, kDiffusersStem);
    nn::StoredWeights weights(file.string(), withCurrentNames(listTensors(file)), dtype, device);
    return build(config, weights);
}

Vae Vae::build(const shapes::VaeShape& config, nn::Weights& weights) {
    auto impl = std::make_unique<Impl>();
    impl->config = config;
    impl->encoder = takeEncoder(weights, config);
    impl->decoder = takeDecoder(weights, config);
    if (config.hasQuantConv) {
        impl->quant = nn::Conv::take(weights, "quant_conv", 2 * config.latentChannels, 2 * config.latentChannels, 1);
    }
    if (config.hasPostQuantConv) {
        impl->postQuant = nn::Conv::take(weights, "post_quant_conv", config.latentChannels, config.latentChannels, 1);
    }
    weights.finish();
    return Vae(std::move(impl));
}

at::Tensor Vae::decode(const at::Tensor& latent) const {
    const std::int64_t factor = m_impl->config.downFactor();
    const std::int64_t height = latent.size(2) * factor, width = latent.size(3) * factor;
    if (latent.size(0) > 1 && height * width >= kLargestTogether) {
        std::vector<at::Tensor> images;
        for (const at::Tensor& one : latent.split(1)) {
            images.push_back(decode(one));
        }
        return at::cat(images);
    }
    return std::max(height, width) > kLargestWhole ? decodeTiled(latent) : decodeWhole(latent);
}

at::Tensor Vae::decodeTiled(const at::Tensor& latent) const {
    const std::int64_t factor = m_impl->config.downFactor();
    const std::int64_t side = std::max(kSmallestTile, m_impl->config.sampleSize / factor);
    const std::int64_t step = side * 3 / 4;
    const std::int64_t kept = step * factor, overlap = (side - step) * factor;
    std::vector<at::Tensor> above, bands;
    for (std::int64_t y = 0; y < latent.size(2); y += step) {
        const at::Tensor rows = latent.narrow(2, y, std::min(side, latent.size(2) - y));
        std::vector<at::Tensor> tiles, pieces;
        for (std::int64_t x = 0; x < latent.size(3); x += step) {
            at::Tensor tile = decodeWhole(rows.narrow(3, x, std::min(side, latent.size(3) - x)));
            if (y > 0) {
                blend(above[tiles.size()], tile, 2, overlap);
            }
            if (x > 0) {
                blend(tiles.back(), tile, 3, overlap);
            }
            pieces.push_back(tile.narrow(2, 0, std::min(kept, tile.size(2))).narrow(3, 0, std::min(kept, tile.size(3))));
            tiles.push_back(std::move(tile));
        }
        bands.push_back(at::cat(pieces, 3));
        above = std::move(tiles);
    }
    return at::cat(bands, 2);
}

at::Tensor Vae::decodeWhole(const at::Tensor& latent) const {
    const Half& half = m_impl->decoder;
    at::Tensor x = latent.to(half.convIn.weight.options());
    x = half.middle(half.convIn(m_impl->postQuant ? (*m_impl->postQuant)(x) : x));
    for (const Level& level : half.levels) {
        for (const nn::ResnetBlock& resnet : level.resnets) {
            x = resnet(std::move(x));
        }
        if (level.twice) {
            x = (*level.twice)(x, 2 * x.size(2), 2 * x.size(3));
        }
    }
    return half.convOut(half.normOut.silu(std::move(x)));
}

at::Tensor Vae::decodeScaled(const at::Tensor& latent) const {
    return decode(latent / m_impl->config.scalingFactor);
}

at::Tensor Vae::encodeMoments(const at::Tensor& image) const {
    const Half& half = m_impl->encoder;
    at::Tensor x = half.convIn(image.to(half.convIn.weight.options()));
    for (const Level& level : half.levels) {
        for (const nn::ResnetBlock& resnet : level.resnets) {
            x = resnet(std::move(x));
        }
        if (level.halve) {
            // Zeros only on the right and at the bottom.
            x = (*level.halve)(at::constant_pad_nd(x, {0, 1, 0, 1}));
        }
    }
    const at::Tensor moments = half.convOut(half.normOut.silu(half.middle(std::move(x))));
    return m_impl->quant ? (*m_impl->quant)(moments) : moments;
}

}  // namespace rlcm::models
