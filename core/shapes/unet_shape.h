#pragma once
// What config.json says of a UNet2DConditionModel, and what follows from it: parameters, projections, arithmetic.
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/shapes/latent_shape.h"

namespace rlcm::shapes {

/// Config with the class defaults of diffusers. Values that we do not implement are refused by name.
struct UNetShape {
    std::int64_t inChannels = 4, outChannels = 4, sampleSize = 64;
    std::vector<std::int64_t> blockOutChannels{320, 640, 1280, 1280};
    /// Transformer blocks of the attention behind each resnet, by block and layer in the order of their paths; 0: no attention.
    std::vector<std::vector<std::int64_t>> downDepths{{1, 1}, {1, 1}, {1, 1}, {0, 0}}, upDepths{{0, 0, 0}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
    /// The same of the middle block; 0: it is one resnet. None: there is no middle block.
    std::optional<std::int64_t> midDepth = 1;
    std::vector<std::int64_t> heads{8, 8, 8, 8};  ///< per level; attention_head_dim of the file: it means the number of heads
    std::int64_t crossAttentionDim = 1280, normGroups = 32;
    double normEps = 1e-5;
    bool flipSinToCos = true;
    std::int64_t freqShift = 0;
    std::optional<std::int64_t> timeCondProjDim;
    /// addition_embed_type "text_time": pooled text and six size numbers, each a sinusoid of `sinusoidWidth`, enter the time embedding.
    struct Addition {
        std::int64_t sinusoidWidth = 256, pooledWidth = 1280;
        static constexpr std::int64_t kSizes = 6;
    };
    std::optional<Addition> addition;
    bool useLinearProjection = false;
    std::int64_t contextTokens = 77;  ///< as many as the text encoder gives; the file does not say

    LatentShape latent() const { return {inChannels, sampleSize, sampleSize}; }  // the one place that takes latents for squares
    std::int64_t parameters() const;
    /// Numbers in the attention projections to_q, to_k, to_v, to_out.0, which a LoRA may change.
    std::int64_t projectionElements() const;
    /// Numbers in the LoRA factors of all of them.
    std::int64_t loraElements(std::int64_t rank) const;
    /// Multiplications of one row's forward pass.
    double multiplications() const;

    /// A resnet with the attention behind it.
    struct Block {
        enum class Part { Down, Mid, Up } part = Part::Down;
        std::int64_t level = 0, in = 0, out = 0;
        std::int64_t skip = 0;      ///< channels of `in` that come over a skip connection
        std::int64_t depth = 0;     ///< transformer blocks behind the resnet; 0: no attention
        bool resizesAfter = false;  ///< a change of size follows
    };
    /// Calls `visit` for each resnet with its attention, in forward order.
    void forEachBlock(const std::function<void(const Block&)>& visit) const;

    /// throws: Format naming file, key and value for anything not supported.
    static UNetShape fromJson(const Json& json, std::string_view where);
};

/// Numbers in a convolution with its bias.
std::int64_t convParameters(std::int64_t in, std::int64_t out, std::int64_t kernel = 3);
/// Numbers in a residual block; `timeWidth` 0: one that takes no time features.
std::int64_t resnetParameters(std::int64_t in, std::int64_t out, std::int64_t timeWidth);

}  // namespace rlcm::shapes
