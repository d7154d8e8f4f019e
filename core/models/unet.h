#pragma once
// UNet2DConditionModel of diffusers: SD 1.5, LCM and SDXL shaped, any block list.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/models/network.h"
#include "core/nn/weights.h"
#include "core/shapes/unet_shape.h"

namespace rlcm::models {

class UNet final : public Network {
public:
    /// `folder` holds config.json and diffusion_pytorch_model[.fp16].safetensors; `change` is merged into the weights. throws: Io, Format.
    static UNet load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device, const LoraChange& change = {});
    /// The network of a config with weights from any source. throws: Format when the source is a file that does not fit.
    static UNet build(const shapes::UNetShape& config, nn::Weights& weights);
    ~UNet() override;
    UNet(UNet&&) noexcept;
    UNet& operator=(UNet&&) noexcept;

    const shapes::UNetShape& config() const;
    const NetworkDims& dims() const override;
    std::int64_t parameterCount() const override;
    /// to_q, to_k, to_v, to_out.0 of attn1, then attn2, of each attention.
    const std::vector<nn::Projection>& projections() const override;
    at::Tensor timeEmbedding(const at::Tensor& timesteps, const at::Tensor& guidanceEmbedding) const override;
    at::Tensor addedEmbedding(const at::Tensor& pooled, const at::Tensor& sizes) const override;
    TimeFeatures timeFeatures(const at::Tensor& embedding) const override;
    /// By block: each resnet with its attention.
    void setCheckpointing(bool isOn) override;
    /// With k = 2 the layers before the first cross-attention run once for both halves, unless `time` has k*B rows because the halves differ there.
    at::Tensor forward(const at::Tensor& latents, const TimeFeatures& time, const at::Tensor& context,
                       std::span<const nn::MergedProjection> projections) const override;
    /// Called with a name ("conv_in", "down_blocks.0", "mid_block", "up_blocks.1", "conv_norm_out") and the activation there, for parity only.
    using Tap = std::function<void(std::string_view, const at::Tensor&)>;
    at::Tensor forward(const at::Tensor& latents, const TimeFeatures& time, const at::Tensor& context, std::span<const nn::MergedProjection> projections,
                       const Tap& tap) const;

private:
    struct Impl;
    explicit UNet(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::models
