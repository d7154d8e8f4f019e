#include "core/diffusion/policy.h"

#include <cmath>
#include <numbers>

#include "core/tensor/torch.h"

namespace rlcm::diffusion {

at::Tensor logProbPerElement(const at::Tensor& y, const at::Tensor& mean, const at::Tensor& std) {
    static const double kHalfLogTwoPi = 0.5 * std::log(2 * std::numbers::pi);
    // The deviation is one number per row, so the mean over elements may be taken before dividing by it.
    const at::Tensor squared = (y - mean).square().flatten(1).mean(1);
    const at::Tensor deviation = std.reshape({-1});
    return -squared / (2 * deviation.square()) - deviation.log() - kHalfLogTwoPi;
}

at::Tensor klPerElement(const at::Tensor& mean, const at::Tensor& reference, const at::Tensor& std) {
    return (mean - reference).square().flatten(1).mean(1) / (2 * std.reshape({-1}).square());
}

}  // namespace rlcm::diffusion
