#pragma once
// Sizes of a model, read from the config.json files of its folder: enough to count its parameters and to foresee what memory a
// run takes, without loading it.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace rlcm::run {

struct UNetDims {
    std::int64_t inChannels = 4, outChannels = 4;
    std::int64_t latentSide = 64;                      ///< sample_size
    std::int64_t contextWidth = 768, contextTokens = 77;
    std::int64_t guidanceWidth = 0;                    ///< time_cond_proj_dim; 0: no consistency model
    std::int64_t additionWidth = 0;                    ///< projection_class_embeddings_input_dim of SDXL; 0: none
    std::vector<std::int64_t> channels{320, 640, 1280, 1280};
    /// Transformer blocks of the attention behind each resnet, by block and layer in forward order; 0: no attention.
    std::vector<std::vector<std::int64_t>> downDepths{{1, 1}, {1, 1}, {1, 1}, {0, 0}}, upDepths{{0, 0, 0}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
    std::optional<std::int64_t> midDepth = 1;          ///< 0: the middle block is one resnet; none: there is none

    std::int64_t levels() const { return static_cast<std::int64_t>(channels.size()); }
    std::int64_t parameters() const;
    /// Numbers in the attention projections to_q, to_k, to_v, to_out.0, which a LoRA may change.
    std::int64_t projectionElements() const;
    /// Numbers in the LoRA factors of all of them.
    std::int64_t loraElements(std::int64_t rank) const;
    /// Multiplications of one row's forward pass.
    double multiplications() const;
    /// Calls `visit` for each resnet with its attention, in forward order.
    struct Block {
        enum class Part { Down, Mid, Up } part = Part::Down;
        std::int64_t level = 0, in = 0, out = 0;
        std::int64_t skip = 0;     ///< channels of `in` that come over a skip connection
        std::int64_t depth = 0;    ///< transformer blocks behind the resnet; 0: no attention
        bool resizesAfter = false; ///< a change of size follows
    };
    void forEachBlock(const std::function<void(const Block&)>& visit) const;

    /// Missing keys take the class defaults of diffusers. throws: Format naming file and key for values that are not sizes.
    static UNetDims fromJson(const Json& config, std::string_view where);
};

struct VaeDims {
    std::int64_t latentChannels = 4, layers = 2;
    std::vector<std::int64_t> channels{128, 256, 512, 512};
    bool isUpcast = true;  ///< force_upcast: decodes in f32
    std::int64_t factor() const { return std::int64_t{1} << (channels.size() - 1); }
    std::int64_t parameters() const;
    static VaeDims fromJson(const Json& config, std::string_view where);
};

struct ModelDims {
    UNetDims unet;
    VaeDims vae;
    std::int64_t textParameters = 0;  ///< of all text encoders
    /// Side of a finished image.
    std::int64_t pixelSide() const { return unet.latentSide * vae.factor(); }
};

/// Reads a model folder in the diffusers layout. throws: Io, Format.
ModelDims readModelDims(const std::filesystem::path& folder);
/// The same for the value of model.path: a bundled name or a folder. None when it cannot be read.
std::optional<ModelDims> findModelDims(std::string_view nameOrFolder);

/// config.json of the UNet of a published model: "sd15", "lcm" (LCM_Dreamshaper_v7) or "sdxl"; sample_size as published.
/// throws: Config for another name.
Json publishedUNet(std::string_view shape);
/// Sizes of a published model: its UNet, VAE and text encoders.
ModelDims publishedModel(std::string_view shape);

}  // namespace rlcm::run
