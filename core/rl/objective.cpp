#include "core/rl/objective.h"

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::rl {

at::Tensor ClippedObjective::loss(const Scored& rows, double share, run::Measures& measures) const {
    ensure(rows.logProb.sizes() == rows.oldLogProb.sizes() && rows.logProb.sizes() == rows.advantage.sizes(),
           "log-probabilities and advantages must have one entry per row");
    const double range = m_clip.rangePerElement;
    const at::Tensor advantage = rows.advantage.clamp(-m_clip.advantage, m_clip.advantage);
    const at::Tensor change = rows.logProb - rows.oldLogProb;
    const at::Tensor ratio = change.exp();
    const at::Tensor clipped = ratio.clamp(1 - range, 1 + range);
    at::Tensor loss = at::maximum(-advantage * ratio, -advantage * clipped).mean();

    const at::NoGradGuard noGrad;
    const at::Tensor off = ratio - 1, deviation = off.abs();
    const auto shareOf = [&](const at::Tensor& is) { return is.to(change.scalar_type()).mean(); };
    // One transfer for all numbers: on a GPU each would wait for the device.
    const at::Tensor watched =
        at::stack({loss.detach(), 0.5 * change.square().mean(), shareOf(deviation > range), shareOf(off > range), shareOf(off < -range), off.mean(),
                   off.std(false),  // of the population
                   deviation.max()})
            .to(at::kCPU, at::kDouble);
    measures.add(run::measure::kLoss, watched[0].item<double>(), share);
    measures.add(run::measure::kApproxKl, watched[1].item<double>(), share);
    measures.add(run::measure::kClipFraction, watched[2].item<double>(), share);
    measures.add(run::measure::kClipFractionHigher, watched[3].item<double>(), share);
    measures.add(run::measure::kClipFractionLower, watched[4].item<double>(), share);
    measures.add(run::measure::kRatioMean, 1 + watched[5].item<double>(), share);  // close to 1: its digits are in the distance
    measures.add(run::measure::kRatioStd, watched[6].item<double>(), share);
    measures.add(run::measure::kRatioMaxDeviation, watched[7].item<double>(), share);
    return loss;
}

std::unique_ptr<Objective> makeObjective(const run::TrainingConfig& training) {
    return std::make_unique<ClippedObjective>(ClipOptions{.rangePerElement = training.clipRangePerElement, .advantage = training.advantageClip});
}

}  // namespace rlcm::rl
