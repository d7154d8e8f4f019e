#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <ATen/core/Tensor.h>

#include "core/nn/layers.h"

namespace rlcm::nn {

class ResnetPass;

/// ResnetBlock2D of diffusers ("default" time shift): norm1, SiLU, conv1, + time, norm2, SiLU, conv2, + shortcut.
struct ResnetBlock {
    GroupNorm norm1, norm2;
    Conv conv1, conv2;
    std::optional<Conv> shortcut;          ///< 1x1, only where the channel counts differ
    std::optional<Linear> timeProjection;  ///< only in a UNet
    /// The layers in one, of x and of x beside a skip; null: one by one.
    std::shared_ptr<const ResnetPass> pass, skipPass;

    struct Shape {
        std::int64_t in = 0, out = 0, groups = 32;
        double eps = 1e-5;
        std::int64_t timeWidth = 0;  ///< width of the time embedding, 0: none
        std::int64_t skip = 0;       ///< how many of the channels that come in are a skip's
    };
    static ResnetBlock take(Weights& weights, const std::string& path, const Shape& shape);
    /// x [B,in,H,W], moved in where it is not wanted any more: its memory may become the result's; time [1 or b, out] with b dividing B (timeProjection of SiLU(embedding)), undefined in a VAE.
    at::Tensor operator()(at::Tensor x, const at::Tensor& time = {}) const;
    /// The same of x [B,in-skip,H,W] and a skip [B,skip,H,W], whose channels follow those of x; on the CPU without joining them in memory.
    at::Tensor withSkip(const at::Tensor& x, const at::Tensor& skip, const at::Tensor& time) const;
};

}  // namespace rlcm::nn
