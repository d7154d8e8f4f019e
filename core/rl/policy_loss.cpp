#include "core/rl/policy_loss.h"

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::rl {

PolicyLoss clippedPolicyLoss(const at::Tensor& logProb,
                             const at::Tensor& oldLogProb,
                             const at::Tensor& advantages,
                             double clipRangePerElement,
                             double advantageClip) {
    ensure(logProb.sizes() == oldLogProb.sizes() && logProb.sizes() == advantages.sizes(),
           "log-probabilities and advantages must have one entry per row");
    const at::Tensor advantage = advantages.clamp(-advantageClip, advantageClip);
    const at::Tensor change = logProb - oldLogProb;
    const at::Tensor ratio = change.exp();
    const at::Tensor clipped = ratio.clamp(1 - clipRangePerElement, 1 + clipRangePerElement);

    PolicyLoss result;
    result.loss = at::maximum(-advantage * ratio, -advantage * clipped).mean();

    const at::NoGradGuard noGrad;
    const at::Tensor deviation = (ratio - 1).abs();
    // One transfer for all three numbers: on a GPU each would wait for the device.
    const at::Tensor watched = at::stack({0.5 * change.square().mean(),
                                          (deviation > clipRangePerElement).to(change.scalar_type()).mean(),
                                          deviation.max()})
                                   .to(at::kCPU, at::kDouble);
    result.approxKl = watched[0].item<double>();
    result.clipFraction = watched[1].item<double>();
    result.ratioMaxDeviation = watched[2].item<double>();
    return result;
}

}  // namespace rlcm::rl
