#pragma once
// UNet2DConditionModel of diffusers: SD 1.5, LCM and SDXL shaped, any block list.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/base/json.h"
#include "core/models/lora_weights.h"
#include "core/nn/lora.h"
#include "core/nn/weights.h"

namespace rlcm::models {

/// Config with the class defaults of diffusers. Values that we do not implement are refused by name.
struct UNetConfig {
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
    /// throws: Format naming file, key and value for anything not supported.
    static UNetConfig fromJson(const Json& json, std::string_view where);
};

/// What the resnets need of a timestep (SDXL: and of a picture's added condition): frozen, so computed once and kept.
struct TimeFeatures {
    std::vector<at::Tensor> perResnet;  ///< each [n, C_out], in the order in which resnets run; n = 1, B or (guidance with an added condition) k*B
    /// Row i of the result is row index[i]; index [B] i64.
    TimeFeatures select(const at::Tensor& index) const;
};

class UNet {
public:
    /// `folder` holds config.json and diffusion_pytorch_model[.fp16].safetensors; `change` is merged into the weights. throws: Io, Format.
    static UNet load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change = {});
    /// The network of a config with weights from any source. throws: Format when the source is a file that does not fit.
    static UNet build(const UNetConfig& config, nn::Weights& weights);
    /// Every linear layer and convolution of the network that `folder`/config.json describes, attention projections among them: meta
    /// tensors, without values. throws: Io, Format.
    static std::vector<nn::Projection> layers(const std::filesystem::path& folder);
    ~UNet();
    UNet(UNet&&) noexcept;
    UNet& operator=(UNet&&) noexcept;

    const UNetConfig& config() const;
    std::int64_t parameterCount() const;
    /// Embedding of timesteps [n] (i64 or float) with the guidance embedding [n or 1, timeCondProjDim] f32 of consistency models, else
    /// undefined: [n, time width] in the network's dtype. Sinusoids in f32. No gradient is recorded, here and in the next two.
    at::Tensor timeEmbedding(const at::Tensor& timesteps, const at::Tensor& guidanceEmbedding) const;
    /// What `addition` networks add to the time embedding: pooled text [n,P] and size numbers [n or 1, 6] (original height and width,
    /// crop top and left, target height and width, in pixels) -> [n, time width].
    at::Tensor addedEmbedding(const at::Tensor& pooled, const at::Tensor& sizes) const;
    /// Features of an embedding [n, time width]: timeEmbedding, plus addedEmbedding where there is one.
    TimeFeatures timeFeatures(const at::Tensor& embedding) const;
    /// Linear projections of all attention layers in forward order (to_q, to_k, to_v, to_out.0 of attn1, then attn2).
    const std::vector<nn::Projection>& projections() const;
    /// From now on the backward graph keeps only the inputs of each resnet with its attention and computes them again on the way
    /// back: the same gradient to the bit for about a third more time. Not while forward() runs.
    void setCheckpointing(bool isOn);

    /// The network's prediction.
    /// shapes: latents [B,inC,h,w], context [k*B,T,X] with k = 1 or 2, projections as LoraAdapter::merged(); returns
    /// [k*B,outC,h,w] in the network's dtype. With k = 2 (classifier-free guidance: all unconditional rows first, then all conditional rows) the layers before
    /// the first cross-attention run once for both halves, unless `time` has k*B rows because the halves differ there.
    /// thread: any number at a time; the object is not changed. Records gradient for the leaves of `projections` when grad mode is on.
    at::Tensor forward(const at::Tensor& latents, const TimeFeatures& time, const at::Tensor& context,
                       std::span<const nn::MergedProjection> projections) const;
    /// Called with a name ("conv_in", "down_blocks.0", "mid_block", "up_blocks.1", "conv_norm_out") and the activation there, for parity only.
    using Tap = std::function<void(std::string_view, const at::Tensor&)>;
    at::Tensor forward(const at::Tensor& latents, const TimeFeatures& time, const at::Tensor& context,
                       std::span<const nn::MergedProjection> projections, const Tap& tap) const;

private:
    struct Impl;
    explicit UNet(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::models
