#pragma once
// AutoencoderKL of diffusers.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/base/json.h"
#include "core/nn/weights.h"
#include "core/shapes/vae_shape.h"

namespace rlcm::models {

class Vae {
public:
    /// Old attention names (query, key, value, proj_attn) are accepted. throws: Io, Format.
    static Vae load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device);
    /// The network of a config with weights from any source, under the current names. throws: as nn::Weights::finish.
    static Vae build(const shapes::VaeShape& config, nn::Weights& weights);
    ~Vae();
    Vae(Vae&&) noexcept;
    Vae& operator=(Vae&&) noexcept;

    const shapes::VaeShape& config() const;
    /// Plain decode, no scaling, no clamp: latent [B,4,h,w] -> image [B,3,h*f,w*f] around [-1,1], in the network's dtype. To bound
    /// memory, large images go one by one, and those above 1024 pixels a side in tiles.
    at::Tensor decode(const at::Tensor& latent) const;
    /// Decodes in tiles of the config's sample_size that overlap by a quarter and are blended there: an approximation, because norms and
    /// attention see one tile. shapes as decode(). source: diffusers tiled_decode.
    at::Tensor decodeTiled(const at::Tensor& latent) const;
    /// Divides by the scaling factor, then decodes.
    at::Tensor decodeScaled(const at::Tensor& latent) const;
    /// Output of quant_conv before the split: image [B,3,H,W] in [-1,1] -> [B,8,h,w] (mean, logvar not clamped).
    at::Tensor encodeMoments(const at::Tensor& image) const;

private:
    at::Tensor decodeWhole(const at::Tensor& latent) const;

    struct Impl;
    explicit Vae(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::models
